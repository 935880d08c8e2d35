package partnerportal

import (
	"net/http"
	"strconv"
	"strings"
)

// ErrorStatus is an error that matches every [Error] with that HTTP status.
type ErrorStatus int

// Error returns the status and its standard text, such as "404 not found".
func (s ErrorStatus) Error() string {
	return strings.TrimSpace(strconv.Itoa(int(s)) + " " + strings.ToLower(http.StatusText(int(s))))
}

// Sentinels for errors.Is that go by the status of the answer.
const (
	// ErrNotModified says that the resource still is as the caller has it (If-None-Match).
	ErrNotModified = ErrorStatus(http.StatusNotModified)
	// ErrUnauthorized says that the credentials are not, or no longer, accepted.
	ErrUnauthorized = ErrorStatus(http.StatusUnauthorized)
	// ErrForbidden says that the caller may not do this: a scope is missing, or the side is the wrong one.
	ErrForbidden = ErrorStatus(http.StatusForbidden)
	// ErrNotFound says that there is no such resource, or none that this caller may know of.
	ErrNotFound = ErrorStatus(http.StatusNotFound)
	// ErrStale says that the resource has changed since the revision given with [IfMatch]: read it again and decide anew.
	ErrStale = ErrorStatus(http.StatusPreconditionFailed)
	// ErrPreconditionRequired says that the operation needs [IfMatch].
	ErrPreconditionRequired = ErrorStatus(http.StatusPreconditionRequired)
	// ErrRateLimited says that the portal asks to slow down; RetryAfter of the [Error] says for how long.
	ErrRateLimited = ErrorStatus(http.StatusTooManyRequests)
)

// ErrorCode is an error that matches every [Error] with that code. It is a constant, so that a domain package declares its own:
//
//	const ErrConflict = partnerportal.ErrorCode("conflict_blocked")
type ErrorCode string

// Error returns the code.
func (c ErrorCode) Error() string { return string(c) }

// Sentinels for errors.Is that go by the code which a portal gives.
const (
	// ErrValidation says that the content of the request is refused; Fields of the [Error] say where and why. It matches every
	// 400 and 422 whose code does not say something more special.
	ErrValidation = ErrorCode("validation_failed")
	// ErrInvalidState says that the resource's state does not allow the action; CurrentState and AllowedActions say what does.
	ErrInvalidState = ErrorCode("invalid_state")
	// ErrIdempotencyKeyReused says that the idempotency key was used before with other content.
	ErrIdempotencyKeyReused = ErrorCode("idempotency_key_reused")
	// ErrIdempotencyInProgress says that the first request with this idempotency key has not ended yet.
	ErrIdempotencyInProgress = ErrorCode("idempotency_in_progress")
	// ErrCursorExpired says that the portal no longer knows the place in the list: start again from the beginning.
	ErrCursorExpired = ErrorCode("cursor_expired")
)

// Sentinels for errors.Is that the SDK itself raises.
const (
	// ErrInvalidArgument says that the call was refused before anything was sent: an argument or option is not usable.
	ErrInvalidArgument = ErrorCode("invalid_argument")
	// ErrUnavailable says that the portal could not be reached or failed to answer (5xx).
	ErrUnavailable = ErrorCode("unavailable")
	// ErrOutcomeUnknown says that a write may have been carried out although the call failed. With the key from
	// [Error.IdempotencyKey] the same call can be made again safely; without one, read the resource before writing again.
	ErrOutcomeUnknown = ErrorCode("outcome_unknown")
	// ErrUnexpectedContent says that the answer is not what the contract has: a page of HTML, broken JSON, more than the limit.
	ErrUnexpectedContent = ErrorCode("unexpected_content")
	// ErrRedirected says that the portal answered with a redirect. It is not followed, as that would carry credentials along.
	ErrRedirected = ErrorCode("redirected")
	// ErrTLS says that no trusted connection could be made: the certificate or the protocol is refused.
	ErrTLS = ErrorCode("tls_failed")
	// ErrNoToken says that no access token could be had. The cause says why.
	ErrNoToken = ErrorCode("no_access_token")
	// ErrCursorLoop says that the portal led a list back to a page that it gave before.
	ErrCursorLoop = ErrorCode("cursor_loop")
	// ErrNoProgress says that the portal gave too many empty pages in a row.
	ErrNoProgress = ErrorCode("no_progress")
)
