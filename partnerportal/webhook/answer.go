package webhook

import (
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// answer sends one answer. When a handler runs out of time, another goroutine sends it while the handler's own still works: so the
// sender hears in time, the handler's end is still recorded, and a server that shuts down waits for it.
type answer struct {
	mu   sync.Mutex
	w    http.ResponseWriter
	sent bool
}

// send answers with a status and a JSON body, unless that was done.
func (a *answer) send(status int, body []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.write(status, body, nil)
}

// fail answers with an error's code, which is all that a stranger may know; it returns whether this was the answer.
func (a *answer) fail(e *Error) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.write(e.Status, []byte(`{"code":"`+string(e.Code)+`"}`), e)
}

// late answers for a handler that still runs.
func (a *answer) late(e *Error) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.write(e.Status, []byte(`{"code":"`+string(e.Code)+`"}`), e) {
		return false
	}
	_ = http.NewResponseController(a.w).Flush() // without it, the answer waits for the handler after all
	return true
}

func (a *answer) write(status int, body []byte, e *Error) bool {
	if a.sent {
		return false
	}
	a.sent = true
	h := a.w.Header()
	if e != nil && e.Code == ErrMethod {
		h.Set("Allow", http.MethodPost)
	}
	if d := retryAfter(e); d > 0 {
		h.Set("Retry-After", strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10))
	}
	if len(body) > 0 {
		h.Set("Content-Type", "application/json")
		h.Set("Content-Length", strconv.Itoa(len(body)))
	}
	a.w.WriteHeader(status)
	if len(body) > 0 {
		_, _ = a.w.Write(body) //nolint:gosec // JSON by our own hand; and a sender that is gone tries again
	}
	return true
}

// close keeps a late answer off the ResponseWriter, which is not ours any more.
func (a *answer) close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.sent, a.w = true, nil
}

// retryAfter is how long the sender should wait, 0 for its own schedule.
func retryAfter(e *Error) time.Duration {
	if e == nil {
		return 0
	}
	if retry, ok := errors.AsType[*retryError](e.Err); ok {
		return max(retry.after, time.Second)
	}
	if e.Code == ErrInFlight {
		return leaseSlack
	}
	return 0
}
