package leads

import (
	"net/http"
	"slices"

	"github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
)

// invalidState refuses an action that the state of the lead, as the caller sees it, does not allow.
func invalidState(c *call.Call, seen *leads.Lead, action leads.Action) error {
	return problem.Untimely("lead", seen.Status, action, allowed(seen, c.Caller, c.Now))
}

func taken() error {
	return problem.New(http.StatusConflict, leads.ErrTaken, "Another partner was faster.")
}

func offerExpired() error {
	return problem.New(http.StatusConflict, leads.ErrOfferExpired, "The time to answer the offer is over.")
}

func notAssigned() error {
	return problem.New(http.StatusForbidden, leads.ErrNotAssigned, "The lead is not, or no longer, assigned to you.")
}

func consentMissing(status int) error {
	e := problem.New(status, leads.ErrConsentMissing, "The contact has not agreed to be approached.")
	e.Fields = []partnerportal.FieldError{{Pointer: "/consent/may_contact", Code: "invalid_value", Message: "Obtain the contact's consent first."}}
	return e
}

// invalid refuses the content of a request.
func invalid(fields ...partnerportal.FieldError) error {
	e := problem.New(http.StatusUnprocessableEntity, partnerportal.ErrValidation, fields[0].Message)
	e.Fields = fields
	return e
}

// distinct says that no value comes twice.
func distinct[T comparable](values []T) bool {
	seen := slices.Clone(values)
	for i, v := range seen {
		if slices.Contains(seen[:i], v) {
			return false
		}
	}
	return true
}
