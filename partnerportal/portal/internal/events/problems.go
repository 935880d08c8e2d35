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
	detail := "The webhook endpoint is " + e.Status + ", and in this state there is no " + string(action) + "."
	if e.ChallengeAt != 0 {
		detail = "The webhook endpoint has not answered its challenge, and until then there is no " + string(action) + "."
	}
	return problem.InvalidState(detail, e.Status, allowed(e, c.Caller))
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
