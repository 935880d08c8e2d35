package webhook

import (
	"fmt"
	"net/http"
	"time"
)

// Code says in one word why a delivery or a key was refused. It is an error itself, so each constant serves twice: as the
// word for logs and metrics, and as the target of errors.Is(err, webhook.ErrTimestampTooOld).
type Code string

// Why a delivery is refused. The comment gives the HTTP status that a receiver answers with.
const (
	ErrMissingHeader     Code = "missing_header"      // 400: webhook-id, webhook-timestamp or webhook-signature is absent or empty
	ErrMalformedHeader   Code = "malformed_header"    // 400: one of them is given twice, too long, or not written as the standard says
	ErrTimestampTooOld   Code = "timestamp_too_old"   // 401: signed too long ago, or a clock is wrong; see Error.Skew
	ErrTimestampTooNew   Code = "timestamp_too_new"   // 401: signed in the future; see Error.Skew
	ErrNoSupportedScheme Code = "no_supported_scheme" // 401: no signature is of a scheme (v1, v1a) that the configured keys can check
	ErrSignatureMismatch Code = "signature_mismatch"  // 401: no key matches: wrong key, or the body is not the one that was signed
	ErrKeysUnavailable   Code = "keys_unavailable"    // 503: the KeySource has no keys now, such as a JWKS that never loaded
	ErrMethod            Code = "method_not_allowed"  // 405: deliveries are POSTed
	ErrUnsupportedMedia  Code = "unsupported_media"   // 415: the Content-Type is not JSON, or the body is compressed
	ErrBodyTooLarge      Code = "body_too_large"      // 413
	ErrBodyRead          Code = "body_read"           // 400, or 408 when it did not arrive in time
	ErrInvalidEnvelope   Code = "invalid_envelope"    // 400: signed, but not the JSON of an event
	ErrInvalidData       Code = "invalid_data"        // 500: a known type whose data does not decode; retried, so a deploy can repair it
	ErrInFlight          Code = "in_flight"           // 409: the same event is being handled right now
	ErrStore             Code = "store_unavailable"   // 503: the inbox store failed
	ErrHandler           Code = "handler_failed"      // 500
	ErrHandlerTimeout    Code = "handler_timeout"     // 503
	ErrHandlerPanic      Code = "handler_panic"       // 500
	ErrInvalidKey        Code = "invalid_key"         // never sent: a key is refused when it is parsed or configured
)

// Error returns the code with the package's name before it.
func (c Code) Error() string { return "webhook: " + string(c) }

// status is the answer that makes a sender do the right thing: 4xx and 5xx are both retried by schedule, but 401 and 413
// alert the owner of the endpoint, and 503 slows the sender down.
func (c Code) status() int {
	switch c {
	case ErrMissingHeader, ErrMalformedHeader, ErrBodyRead, ErrInvalidEnvelope:
		return http.StatusBadRequest
	case ErrTimestampTooOld, ErrTimestampTooNew, ErrNoSupportedScheme, ErrSignatureMismatch:
		return http.StatusUnauthorized
	case ErrMethod:
		return http.StatusMethodNotAllowed
	case ErrUnsupportedMedia:
		return http.StatusUnsupportedMediaType
	case ErrBodyTooLarge:
		return http.StatusRequestEntityTooLarge
	case ErrInFlight:
		return http.StatusConflict
	case ErrKeysUnavailable, ErrStore, ErrHandlerTimeout:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// Error is the one error type of the package, always as *Error. Its text may be logged: no part of a key, of a signature or
// of a body is ever in it.
type Error struct {
	Code   Code          // what is wrong; errors.Is compares it
	Status int           // the HTTP status to answer with
	Skew   time.Duration // how far the sender's clock is ahead of ours (negative: behind), set when the timestamp is refused
	Err    error         // the particulars, or the cause
}

func fail(code Code, err error) *Error { return &Error{Code: code, Status: code.status(), Err: err} }

// Error describes the refusal in one line.
func (e *Error) Error() string {
	text := e.Code.Error()
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	if e.Skew != 0 {
		text += fmt.Sprintf(" (sender's clock is %+.0f s from ours)", e.Skew.Seconds())
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is the error's [Code].
func (e *Error) Is(target error) bool { return target == e.Code }
