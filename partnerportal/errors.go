package partnerportal

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Error is the one error type of the SDK, always as *Error, and of both ends: a client's call returns it, and the
// implementation of a portal returns it to be answered as problem details (RFC 9457).
//
// Ask what went wrong with errors.Is and the sentinels of this package ([ErrNotFound], [ErrRateLimited], …) or of a domain
// package, and for the particulars with errors.As.
type Error struct {
	// Operation is the ID of the operation that failed, such as deals.get.
	Operation string
	// Status is the HTTP status of the answer; 0 when there was none.
	Status int
	// Code says what is wrong in a word that programs can decide on, such as conflict_blocked.
	Code ErrorCode
	// Type is the URI that identifies the kind of problem, if the portal gives one. It is not meant to be fetched.
	Type string
	// Title names the problem in a few words, for people.
	Title string
	// Detail explains this occurrence, for people. It is the portal's text; show it, do not parse it.
	Detail string
	// Fields say which fields of the request are wrong.
	Fields []FieldError
	// RequestID identifies the exchange in the portal's records.
	RequestID string
	// CurrentState and AllowedActions come with [ErrInvalidState]: where the resource stands, and what this caller may do there.
	CurrentState   string
	AllowedActions []string
	// RetryAfter is how long the portal asks to wait before the call is made again; 0 when it does not say.
	RetryAfter time.Duration
	// Attempts is the number of times the SDK sent the request. net/http may send one that can be repeated once more beneath it.
	Attempts int
	// Ambiguous says that the write may have been carried out although the call failed: no attempt was answered for certain,
	// or the refusal may be the trace of an earlier attempt's success (a stale revision, a deletion that finds nothing).
	// It is the same as errors.Is(err, ErrOutcomeUnknown).
	Ambiguous bool
	// Extensions are the members of the problem beyond those above, as they were sent. See [Error.Extension].
	Extensions map[string]json.RawMessage
	// Err is the cause when the failure is not an answer of the portal: a broken connection, an ended context.
	Err error

	key     Secret // the idempotency key that was sent
	stopped string // why no further attempt was made, when that is not plain from the failure
}

// IdempotencyKey returns the key that the failed call was sent with, "" if it had none. Calling again with
// [WithIdempotencyKey] and the same content settles an unknown outcome: the portal repeats what it did, or does it now.
func (e *Error) IdempotencyKey() string { return e.key.Reveal() }

// Extension decodes the member name of the problem into v. It reports whether there is one.
func (e *Error) Extension(name string, v any) (bool, error) {
	raw, ok := e.Extensions[name]
	if !ok {
		return false, nil
	}
	if err := json.Unmarshal(raw, v); err != nil {
		return true, fmt.Errorf("problem member %q: %w", name, err)
	}
	return true, nil
}

// ExtensionOf returns the member name of the problem that err is. It reports whether err is a portal's problem with such a member: one of
// another shape counts as absent, as an error's particulars must not become an error of their own.
func ExtensionOf[T any](err error, name string) (T, bool) {
	var member, none T
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return none, false
	}
	if found, err := e.Extension(name, &member); !found || err != nil {
		return none, false
	}
	return member, true
}

// NotFound reports that a portal says that there is no such resource, for packages that ask any error for it and do not know this one.
// The 404 of a gateway before the portal has no Code, and says nothing of the resource.
func (e *Error) NotFound() bool {
	return e.Code != "" && (e.Status == http.StatusNotFound || e.Status == http.StatusGone)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is a sentinel that describes e.
func (e *Error) Is(target error) bool {
	switch t := target.(type) {
	case ErrorStatus:
		return e.Status == int(t)
	case ErrorCode:
		switch t {
		case ErrOutcomeUnknown:
			return e.Ambiguous
		case ErrUnavailable:
			return e.Status >= 500 || e.Code == ErrUnavailable
		case ErrValidation:
			return e.Code == t || e.isValidation()
		}
		return e.Code == t
	}
	return false
}

// isValidation holds for a refusal of the request's content that says nothing more special in its code.
func (e *Error) isValidation() bool {
	return (e.Status == 400 || e.Status == 422) && e.Code != ErrIdempotencyKeyReused && e.Code != ErrCursorExpired
}

// Error describes the failure in one line: operation, status, code, fields, request ID and attempts. It shows no query, header,
// body, token or key; Title and Detail are the portal's words and left to the caller.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Operation != "" {
		b.WriteString(e.Operation + ": ")
	}
	b.WriteString(e.summary())
	for i, f := range e.Fields {
		if i == 3 {
			b.WriteString(", …")
			break
		}
		b.WriteString([]string{": ", ", "}[min(i, 1)] + word(f.Pointer) + " " + word(f.Code))
	}
	if e.Err != nil {
		b.WriteString(": " + clip(e.Err.Error(), 256))
	}
	var notes []string
	if e.RequestID != "" {
		notes = append(notes, "request "+word(e.RequestID))
	}
	if e.Attempts > 1 {
		notes = append(notes, strconv.Itoa(e.Attempts)+" attempts")
	}
	if e.stopped != "" {
		notes = append(notes, e.stopped)
	}
	if e.RetryAfter > 0 {
		notes = append(notes, "retry after "+e.RetryAfter.String())
	}
	if e.Ambiguous {
		notes = append(notes, "outcome unknown")
	}
	if notes != nil {
		b.WriteString(" (" + strings.Join(notes, ", ") + ")")
	}
	return b.String()
}

func (e *Error) summary() string {
	switch {
	case e.Status != 0 && e.Code != "":
		return strconv.Itoa(e.Status) + " " + word(string(e.Code))
	case e.Status != 0:
		return ErrorStatus(e.Status).Error()
	case e.Code != "":
		return word(string(e.Code))
	case e.Err != nil:
		return "failed"
	}
	return "unknown error"
}

// LogValue groups what [Error.Error] says, for structured logs.
func (e *Error) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("operation", e.Operation)}
	if e.Status != 0 {
		attrs = append(attrs, slog.Int("status", e.Status))
	}
	if e.Code != "" {
		attrs = append(attrs, slog.String("code", word(string(e.Code))))
	}
	if e.RequestID != "" {
		attrs = append(attrs, slog.String("request_id", word(e.RequestID)))
	}
	if e.Attempts > 0 {
		attrs = append(attrs, slog.Int("attempts", e.Attempts))
	}
	if e.RetryAfter > 0 {
		attrs = append(attrs, slog.Duration("retry_after", e.RetryAfter))
	}
	if e.Ambiguous {
		attrs = append(attrs, slog.Bool("outcome_unknown", true))
	}
	if e.Err != nil {
		attrs = append(attrs, slog.String("cause", clip(e.Err.Error(), 256)))
	}
	return slog.GroupValue(attrs...)
}

// word cleans a text of the portal that stands where a single word is expected, so that it cannot forge a line.
func word(s string) string {
	return clip(strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' {
			return '?'
		}
		return r
	}, s), 128)
}

// clip shortens s to at most n bytes and replaces what could break a line or a terminal.
func clip(s string, n int) string {
	if len(s) > n {
		s = strings.ToValidUTF8(s[:n], "") + "…"
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0) {
			return ' '
		}
		return r
	}, s)
}
