// Package problem makes the refusals that all rooms answer with.
package problem

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// New refuses a request.
func New(status int, code partnerportal.ErrorCode, detail string) *partnerportal.Error {
	return &partnerportal.Error{Status: status, Code: code, Detail: detail}
}

// With adds a member of its own to a problem.
func With(e *partnerportal.Error, name string, value any) *partnerportal.Error {
	if raw, err := json.Marshal(value); err == nil {
		if e.Extensions == nil {
			e.Extensions = map[string]json.RawMessage{}
		}
		e.Extensions[name] = raw
	}
	return e
}

// Field is one rule that one field breaks.
func Field(pointer, code, message string) partnerportal.FieldError {
	return partnerportal.FieldError{Pointer: pointer, Code: code, Message: message}
}

// BadQuery refuses a query parameter; pointer is "?" and its name.
func BadQuery(pointer, code, message string) error {
	e := New(http.StatusBadRequest, partnerportal.ErrValidation, message)
	e.Fields = []partnerportal.FieldError{Field(pointer, code, message)}
	return e
}

// WrongSide refuses what is never for the side to do.
func WrongSide(side partnerportal.Side) error {
	return New(http.StatusForbidden, "forbidden", "This is for the other side to do, not for the "+string(side)+".")
}

// Matches says whether an If-Match header, if there is one, names the revision.
func Matches(ifMatch string, revision int64) bool {
	if ifMatch == "" {
		return true
	}
	for tag := range strings.SplitSeq(ifMatch, ",") {
		if tag = strings.TrimSpace(tag); tag == "*" || tag == partnerportal.ETag(revision) {
			return true
		}
	}
	return false
}

// Unchanged refuses, with [Stale], to act on another revision than the one that an If-Match header, if there is one, names.
func Unchanged(subject, ifMatch string, revision int64) error {
	if Matches(ifMatch, revision) {
		return nil
	}
	return Stale(subject, revision)
}

// Stale is the refusal for a caller that has read an older revision; the subject begins its sentence, as "The deal" does.
func Stale(subject string, revision int64) *partnerportal.Error {
	e := New(http.StatusPreconditionFailed, "revision_mismatch", subject+" has changed since you read it. Read it again and decide anew.")
	return With(e, "current_revision", revision)
}

// InvalidState refuses what a state does not allow, and says which actions it does.
func InvalidState[S, A ~string](detail string, status S, allowed []A) *partnerportal.Error {
	e := New(http.StatusConflict, partnerportal.ErrInvalidState, detail)
	e.CurrentState, e.AllowedActions = string(status), texts(allowed)
	return e
}

// Untimely is [InvalidState] for an action that one does to the thing, as "approve" is.
func Untimely[S, A ~string](what string, status S, action A, allowed []A) *partnerportal.Error {
	return InvalidState("The "+what+" is "+Words(string(status))+": this is no time to "+Words(string(action))+" it.", status, allowed)
}

// Words writes a code, such as a status, as people read it.
func Words(code string) string { return strings.ReplaceAll(code, "_", " ") }
