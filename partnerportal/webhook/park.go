package webhook

import (
	"errors"
	"time"
)

type permanentError struct{ err error }

func (e *permanentError) Error() string { return e.err.Error() }
func (e *permanentError) Unwrap() error { return e.err }

// Permanent marks an error of a handler as one that trying again cannot mend. The delivery is acknowledged with 202, the event is
// given to the function of [WithPark], and it does not come again. Permanent(nil) is nil.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return &permanentError{err}
}

type retryError struct {
	err   error
	after time.Duration
}

func (e *retryError) Error() string { return e.err.Error() }
func (e *retryError) Unwrap() error { return e.err }

// RetryAfter makes an error of a handler ask the sender to come back after d, with 503 and Retry-After in whole seconds rounded up.
// Senders may clamp it to their schedule. RetryAfter(nil, d) is nil.
func RetryAfter(err error, d time.Duration) error {
	if err == nil {
		return nil
	}
	return &retryError{err, d}
}

// parks says whether the event should be kept aside instead of tried again: the handler said so, or its data is not what the
// handler understands and there is somewhere to put it.
func (r *Receiver) parks(err error) bool {
	if _, ok := errors.AsType[*permanentError](err); ok {
		return true
	}
	return r.park != nil && errors.Is(err, ErrInvalidData)
}
