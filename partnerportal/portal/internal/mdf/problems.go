package mdf

import (
	"fmt"
	"net/http"
	"strconv"

	contract "github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
)

// invalid refuses the content of a request.
func invalid(fields ...partnerportal.FieldError) error {
	e := problem.New(http.StatusUnprocessableEntity, partnerportal.ErrValidation, "Some fields are missing or not acceptable.")
	if len(fields) == 1 {
		e.Detail = fields[0].Message
	}
	e.Fields = fields
	return e
}

// invalidState refuses an action that a state does not allow, and says which ones it does.
func invalidState[S, A ~string](what string, status S, action A, allowed []A) error {
	e := problem.New(http.StatusConflict, partnerportal.ErrInvalidState,
		"The "+what+" is "+problem.Words(string(status))+", and in this state there is no "+problem.Words(string(action))+".")
	e.CurrentState, e.AllowedActions = string(status), []string{}
	for _, a := range allowed {
		e.AllowedActions = append(e.AllowedActions, string(a))
	}
	return e
}

// matches checks an If-Match header against a revision.
func matches(ifMatch string, revision int64) error {
	if problem.Matches(ifMatch, revision) {
		return nil
	}
	e := problem.New(http.StatusPreconditionFailed, "revision_mismatch", "It has changed since you read it. Read it again and decide anew.")
	return problem.With(e, "current_revision", revision)
}

func refuse(code partnerportal.ErrorCode, format string, args ...any) *partnerportal.Error {
	return problem.New(http.StatusConflict, code, fmt.Sprintf(format, args...))
}

// insufficient refuses to take more than there is.
func insufficient(available, wanted partnerportal.Money) error {
	shortfall, err := wanted.Sub(available)
	if err != nil {
		return err
	}
	e := refuse(contract.ErrInsufficientFunds, "%v are available, which is %v too little.", available, shortfall)
	return problem.With(problem.With(e, "available", available), "shortfall", shortfall)
}

// at points to an item of a list.
func at(list string, i int) string { return list + "/" + strconv.Itoa(i) }
