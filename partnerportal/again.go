package partnerportal

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"time"
)

// check is called by the loop after the headers of an answer and again after handle, and after a failed attempt once. It
// classes the failure and decides whether there is another attempt. The context and the error it is given add nothing.
func (k *call) check(ctx context.Context, _ *http.Response, err error) (bool, error) {
	if errors.Is(err, errSameToken) {
		k.waiting = false // the 401 stands
		return false, nil
	}
	if !k.handled {
		if err == nil {
			return false, nil // handle reads the answer first
		}
		k.failTransport(err)
	}
	if k.cancel != nil {
		k.cancel()
		k.cancel = nil
	}
	if k.failure == nil {
		k.client.budget.succeed()
	} else {
		k.waiting = k.again()
	}
	k.log(ctx)
	return k.waiting, nil
}

// again decides whether another attempt follows the failure of this one, and sets the wait before it.
func (k *call) again() bool {
	e := k.failure
	switch {
	case k.outcome == permanent, k.outcome == unknown && !k.repeatable:
		return false
	case !k.stream.rest():
		e.stopped = errSpent.Error()
		return false
	case e.Status == http.StatusUnauthorized:
		return k.reauthenticate()
	case k.attempts >= k.retry.MaxAttempts:
		return false
	case e.RetryAfter > k.retry.MaxRetryAfter:
		e.stopped = "asked to stay away for too long"
		return false
	case e.RetryAfter > 0:
		k.wait = e.RetryAfter + rand.N(e.RetryAfter/10+1) // never earlier than asked
	default:
		k.wait = k.retry.backoff(k.attempts+1, e.Status)
	}
	if k.wait >= time.Until(k.deadline) {
		e.stopped = "no time left for another attempt"
		return false
	}
	if !k.client.budget.take(k.cost) {
		e.stopped = "retry budget empty"
		return false
	}
	return true
}

// reauthenticate gives up the token that was refused. With a source for another one, the call is sent again at once, and once.
func (k *call) reauthenticate() bool {
	source := k.client.auth.source
	if source == nil || k.bearer == nil {
		return false
	}
	source.invalidate(k.bearer)
	if k.rejected != nil || k.attempts >= k.retry.MaxAttempts {
		return false
	}
	k.rejected, k.wait = k.bearer, 0
	return true
}

// log tells about the attempt. What it shows is chosen item by item, so that nothing secret slips in with the rest.
func (k *call) log(ctx context.Context) {
	logger := k.client.logger
	if logger == nil || !logger.Enabled(ctx, slog.LevelDebug) {
		return
	}
	attrs := []slog.Attr{
		slog.String("operation", k.op.ID),
		slog.String("method", k.op.Method),
		slog.String("path", k.op.Path), // the template: arguments may identify people
		slog.Int("attempt", k.attempts),
		slog.Duration("took", time.Since(k.started)),
	}
	if k.status != 0 {
		attrs = append(attrs, slog.Int("status", k.status), slog.String("request_id", word(k.header.Get("X-Request-Id"))))
	}
	if e := k.failure; e != nil {
		if e.Code != "" {
			attrs = append(attrs, slog.String("code", word(string(e.Code))))
		}
		if e.Err != nil {
			attrs = append(attrs, slog.String("cause", clip(e.Err.Error(), 256)))
		}
		if k.waiting {
			attrs = append(attrs, slog.Duration("again_in", k.wait))
		}
	}
	logger.LogAttrs(ctx, slog.LevelDebug, "partnerportal call", attrs...)
}
