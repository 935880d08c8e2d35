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
	return problem.InvalidState("The "+what+" is "+problem.Words(string(status))+", and in this state there is no "+problem.Words(string(action))+".", status, allowed)
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
