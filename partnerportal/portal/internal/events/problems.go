package events

import (
	"net/http"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	contract "github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
)

// invalid refuses the content of a request.
func invalid(fields ...partnerportal.FieldError) error {
	e := problem.New(http.StatusUnprocessableEntity, partnerportal.ErrValidation, fields[0].Message)
	e.Fields = fields
	return e
}

// invalidState refuses an action that the endpoint's state does not allow, and says which ones it does.
func invalidState(c *call.Call, e *endpoint, action contract.EndpointAction) error {
	refusal := problem.New(http.StatusConflict, partnerportal.ErrInvalidState,
		"The webhook endpoint is "+e.Status+", and in this state there is no "+string(action)+".")
	if e.ChallengeAt != 0 {
		refusal.Detail = "The webhook endpoint has not answered its challenge, and until then there is no " + string(action) + "."
	}
	refusal.CurrentState, refusal.AllowedActions = e.Status, []string{}
	for _, a := range allowed(e, c.Caller) {
		refusal.AllowedActions = append(refusal.AllowedActions, string(a))
	}
	return refusal
}

// matches checks an If-Match header against the revision that the endpoint has.
func matches(ifMatch string, revision int64) error {
	if problem.Matches(ifMatch, revision) {
		return nil
	}
	e := problem.New(http.StatusPreconditionFailed, "revision_mismatch", "The webhook endpoint has changed since you read it. Read it again and decide anew.")
	return problem.With(e, "current_revision", revision)
}

func notAllowed(rule error) error {
	e := problem.New(http.StatusUnprocessableEntity, contract.ErrEndpointNotAllowed, "The url "+rule.Error()+".")
	e.Fields = []partnerportal.FieldError{problem.Field("/url", "not_permitted", e.Detail)}
	return e
}

func coolingDown(wait time.Duration) error {
	e := problem.New(http.StatusTooManyRequests, contract.ErrEndpointCoolingDown,
		"The portal has just disabled the endpoint. Mend what is behind it, and enable it in some minutes.")
	e.RetryAfter = wait
	return e
}
