package leads

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
)

func refused(status int, code partnerportal.ErrorCode, detail string) *partnerportal.Error {
	return &partnerportal.Error{Status: status, Code: code, Detail: detail}
}

// invalidState refuses an action that the state of the lead, as the caller sees it, does not allow.
func invalidState(c *call.Call, seen *leads.Lead, action leads.Action) error {
	e := refused(http.StatusConflict, partnerportal.ErrInvalidState,
		"The lead is "+words(string(seen.Status))+": this is no time to "+words(string(action))+" it.")
	e.CurrentState, e.AllowedActions = string(seen.Status), []string{}
	for _, a := range allowed(seen, c.Caller, c.Now) {
		e.AllowedActions = append(e.AllowedActions, string(a))
	}
	return e
}

func words(code string) string { return strings.ReplaceAll(code, "_", " ") }

func taken() error {
	return refused(http.StatusConflict, leads.ErrTaken, "Another partner was faster.")
}

func offerExpired() error {
	return refused(http.StatusConflict, leads.ErrOfferExpired, "The time to answer the offer is over.")
}

func notAssigned() error {
	return refused(http.StatusForbidden, leads.ErrNotAssigned, "The lead is not, or no longer, assigned to you.")
}

func consentMissing(status int) error {
	e := refused(status, leads.ErrConsentMissing, "The contact has not agreed to be approached.")
	e.Fields = []partnerportal.FieldError{{Pointer: "/consent/may_contact", Code: "invalid_value", Message: "Obtain the contact's consent first."}}
	return e
}

// wrongSide refuses what is never the caller's to do, before anything is looked up.
func wrongSide(side partnerportal.Side) error {
	return refused(http.StatusForbidden, "forbidden", "This is for the other side to do, not for the "+string(side)+".")
}

// invalid refuses the content of a request.
func invalid(fields ...partnerportal.FieldError) error {
	e := refused(http.StatusUnprocessableEntity, partnerportal.ErrValidation, fields[0].Message)
	e.Fields = fields
	return e
}

func field(pointer, code, message string) partnerportal.FieldError {
	return partnerportal.FieldError{Pointer: pointer, Code: code, Message: message}
}

// matches checks an If-Match header against the revision that the lead has.
func matches(ifMatch string, revision int64) error {
	if ifMatch == "" {
		return nil
	}
	for tag := range strings.SplitSeq(ifMatch, ",") {
		if tag = strings.TrimSpace(tag); tag == "*" || tag == partnerportal.ETag(revision) {
			return nil
		}
	}
	e := refused(http.StatusPreconditionFailed, "revision_mismatch", "The lead has changed since you read it. Read it again and decide anew.")
	return with(e, "current_revision", revision)
}

// with adds a member of its own to a problem.
func with(e *partnerportal.Error, name string, value any) *partnerportal.Error {
	if raw, err := json.Marshal(value); err == nil {
		e.Extensions = map[string]json.RawMessage{name: raw}
	}
	return e
}

func duplicateRef(existingID string) error {
	return with(refused(http.StatusConflict, leads.ErrDuplicateRef, "You have given this reference to another lead."), "existing_id", existingID)
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
