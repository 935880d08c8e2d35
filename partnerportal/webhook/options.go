package webhook

import (
	"context"
	"encoding/json"
	"time"
)

// ReceiverOption changes a [Receiver].
type ReceiverOption func(*Receiver)

// WithMaxBody limits the size of a body in bytes; larger ones are refused with 413. The default is 1 MiB.
func WithMaxBody(n int64) ReceiverOption {
	return func(r *Receiver) { r.maxBody = positive("WithMaxBody", n) }
}

// WithReadTimeout limits the time in which a body must arrive; slower ones are refused with 408. The default is 10 s. It needs a
// server whose ResponseWriter has SetReadDeadline, as net/http's own has; with another, set the server's own timeout.
func WithReadTimeout(d time.Duration) ReceiverOption {
	return func(r *Receiver) { r.readTimeout = positive("WithReadTimeout", d) }
}

// WithHandlerTimeout limits the time for a handler, after which its context ends and the sender gets 503. The default is 10 s: senders
// wait for 15 s to 30 s. A handler that goes on is not stopped; no other delivery of its event runs for 5 s more.
func WithHandlerTimeout(d time.Duration) ReceiverOption {
	return func(r *Receiver) { r.timeout = positive("WithHandlerTimeout", d) }
}

// WithDedupe makes s remember which events were handled, each for keep; 0 is the default of 31 days, which is longer than any sender
// tries again (75 h) and than a change feed reaches back (30 days). Who never uses [Backfill] does with a week. Without this option a
// [MemoryStore] does it.
func WithDedupe(s DedupeStore, keep time.Duration) ReceiverOption {
	if s == nil {
		panic("webhook: WithDedupe without a store")
	}
	return func(r *Receiver) {
		r.store = s
		if keep != 0 {
			r.keep = positive("WithDedupe", keep)
		}
	}
}

// WithSource names the sender, so that receivers for several senders can share stores: equal ids of two sources are two events.
func WithSource(name string) ReceiverOption { return func(r *Receiver) { r.source = name } }

// WithLiveOnly acknowledges events whose live member is not true without handling them, so that tests of the endpoint in production
// touch no real data.
func WithLiveOnly() ReceiverOption { return func(r *Receiver) { r.liveOnly = true } }

// WithUnknown lets fn see events that no handler was registered for. They are acknowledged whatever fn does, and come again only
// when the sender repeats them.
func WithUnknown(fn func(ctx context.Context, ev Event[json.RawMessage])) ReceiverOption {
	return func(r *Receiver) { r.unknown = fn }
}

// WithPark lets fn keep the body of an event that its handler refused for good ([Permanent]) or whose data could not be decoded, with
// the reason. The delivery is then acknowledged with 202; when fn fails it is not, and the event comes again.
func WithPark(fn func(ctx context.Context, body []byte, reason error) error) ReceiverOption {
	return func(r *Receiver) { r.park = fn }
}

// WithErrorHook lets fn see everything that was not acknowledged with 204, for logs and metrics: a refused delivery, of which at most
// the ID of the header is known and not authenticated, or an event whose handler failed, with the cause in Err. Never the secret.
func WithErrorHook(fn func(ctx context.Context, err *Error, ev Header)) ReceiverOption {
	return func(r *Receiver) { r.hook = fn }
}

func positive[T int64 | time.Duration](option string, v T) T {
	if v <= 0 {
		panic("webhook: " + option + " takes more than 0")
	}
	return v
}
