package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"time"
)

// defaultKeep reaches behind the oldest event that Backfill can bring: pushes do not move its checkpoint.
const defaultKeep = 31 * 24 * time.Hour

// leaseSlack is how much longer than a handler a claim lasts: time to answer, to commit, and for clocks to differ.
const leaseSlack = 5 * time.Second

// Dispatch handles an event that is authentic already, such as one from a queue or a bus: the same handlers, the same order and the
// same memory of what was handled as for deliveries, so that an event which comes both ways is handled once. nil means that the
// event may be forgotten; the error is an *[Error] otherwise, with [ErrInFlight] when the event is being handled right now.
func (r *Receiver) Dispatch(ctx context.Context, body []byte) error {
	env, err := parseEnvelope(body)
	if err == nil && !validID(env.ID) {
		err = errBadID
	}
	if err != nil {
		return fail(ErrInvalidEnvelope, err)
	}
	return r.dispatch(ctx, &env, body)
}

func (r *Receiver) dispatch(ctx context.Context, env *envelope, body []byte) error {
	failed := r.deliver(ctx, env, body, nil)
	if failed == nil {
		return nil
	}
	if !env.backfill || failed.Code != ErrInFlight { // which a backfill waits for
		r.tell(ctx, failed, env.Header)
	}
	if failed.Status < http.StatusMultipleChoices {
		return nil // parked
	}
	return failed
}

// deliver takes an authentic event to its handler and returns nil when it is settled. A status of 202 in the error says that it was
// parked. a, unless nil, is answered as soon as the time is up, though the handler may go on.
func (r *Receiver) deliver(ctx context.Context, env *envelope, body []byte, a *answer) *Error {
	h := r.handlers[env.Type]
	switch {
	case env.Type == pingType, r.liveOnly && !env.Live:
		return nil
	case h == nil:
		r.showUnknown(ctx, env)
		return nil
	}
	limited, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	if a != nil {
		// Armed until the claim is settled: a store that hangs does not keep the sender waiting either.
		timer := time.AfterFunc(r.timeout, func() {
			if e := fail(ErrHandlerTimeout, nil); a.late(e) {
				r.tell(ctx, e, env.Header)
			}
		})
		defer timer.Stop()
	}
	at := &attempt{Context: limited, claim: r.claim(env.ID)}
	state, err := r.store.Claim(at, at.claim)
	switch {
	case err != nil:
		return fail(ErrStore, err)
	case state == Done:
		return nil
	case state == InFlight:
		return fail(ErrInFlight, nil)
	}
	if v := env.Subject.Version; h.order != nil && v > 0 && env.Subject.ID != "" {
		at.order, at.version = h.order, v
		at.subject = r.source + ":" + env.Subject.Type + "/" + env.Subject.ID
	}
	failed := r.attempt(at, h, env)
	if failed != nil && r.parks(failed) {
		failed = r.parked(at, body, failed)
	}
	return r.settle(ctx, at, failed)
}

// attempt runs the handler, if the event is news to it.
func (r *Receiver) attempt(at *attempt, h *handler, env *envelope) *Error {
	news, err := at.advance(at)
	if err != nil {
		return fail(ErrStore, err)
	}
	if !news {
		return nil
	}
	env.handled = true
	err = contain(func() error { return h.run(at, env) })
	var panicked *panicError
	switch {
	case err == nil, errors.Is(err, errStale):
		return nil
	case errors.As(err, &panicked):
		return fail(ErrHandlerPanic, err)
	case errors.Is(err, ErrInvalidData):
		return asError(err)
	case errors.Is(at.Err(), context.DeadlineExceeded):
		return fail(ErrHandlerTimeout, err)
	}
	failed := fail(ErrHandler, err)
	if _, later := errors.AsType[*retryError](err); later {
		failed.Status = http.StatusServiceUnavailable
	}
	return failed
}

// parked keeps the event aside and returns the error as one that is settled; or as it was, if that did not work.
func (r *Receiver) parked(ctx context.Context, body []byte, failed *Error) *Error {
	if r.park != nil {
		if err := contain(func() error { return r.park(ctx, append([]byte(nil), body...), failed.Err) }); err != nil {
			return fail(failed.Code, errors.Join(failed.Err, fmt.Errorf("parking: %w", err)))
		}
	}
	accepted := *failed
	accepted.Status = http.StatusAccepted
	return &accepted
}

// settle ends the claim: for good when the event was handled or parked, otherwise so that the next delivery finds it fresh.
func (r *Receiver) settle(ctx context.Context, at *attempt, failed *Error) *Error {
	if at.committed {
		return failed
	}
	if _, instant := r.store.(*MemoryStore); !instant {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), leaseSlack)
		defer cancel()
	}
	if failed == nil || failed.Status == http.StatusAccepted {
		err := r.store.Commit(ctx, at.claim)
		if err == nil {
			return failed
		}
		failed = fail(ErrStore, err)
	}
	_ = r.store.Release(ctx, at.claim) // if it fails, the lease ends by itself
	return failed
}

// showUnknown lets the user see an event that no handler wants. Whatever comes of it, the event is acknowledged: an endpoint that
// answers with errors to what it does not know gets disabled by its sender.
func (r *Receiver) showUnknown(ctx context.Context, env *envelope) {
	if r.unknown == nil {
		return
	}
	ev := Event[json.RawMessage]{Header: env.Header, Data: append([]byte(nil), env.data...), Backfill: env.backfill}
	err := contain(func() error {
		r.unknown(ctx, ev)
		return nil
	})
	if err != nil {
		failed := fail(ErrHandlerPanic, err)
		failed.Status = http.StatusNoContent
		r.tell(ctx, failed, env.Header)
	}
}

type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v\n%s", e.value, e.stack) }

// contain turns a panic of the user's code into an error.
func contain(fn func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &panicError{v, debug.Stack()}
		}
	}()
	return fn()
}
