package webhook

import (
	"context"
	"encoding/json"
	"reflect"
)

// pingType is the type of the event by which a sender asks whether somebody listens. A [Receiver] answers it by itself.
const pingType = "webhook.ping"

// handler is what On registers, with the type of the data taken away.
type handler struct {
	run   func(ctx context.Context, env *envelope) error
	order SequenceStore // nil: in whatever order the events come
}

// HandlerOption changes how the events of one [On] are handled.
type HandlerOption func(*handler)

// On lets fn handle the events of a type, such as deals.EventApproved, whose data is a T; a T of json.RawMessage takes the data as
// it is. Everything is registered before the first delivery. A second handler for a type panics: it is a slip in the program.
//
// When fn returns nil the delivery is acknowledged and its event never comes to fn again. An error, a panic or running out of time
// makes the sender try again later; see [Permanent] and [RetryAfter] for other ends. The context ends with the time for handlers
// ([WithHandlerTimeout]), not with the sender's connection. fn is called from many goroutines.
func On[T any](r *Receiver, eventType string, fn func(ctx context.Context, ev Event[T]) error, opts ...HandlerOption) {
	switch {
	case fn == nil:
		panic("webhook: On without a handler for " + eventType)
	case eventType == "" || eventType == pingType:
		panic("webhook: On cannot handle the type " + quote(eventType))
	case r.handlers[eventType] != nil:
		panic("webhook: On was called twice for " + eventType)
	}
	read := decoders{}.of(reflect.TypeFor[T]())
	h := &handler{run: func(ctx context.Context, env *envelope) error {
		ev := Event[T]{Header: env.Header, Backfill: env.backfill}
		if err := decode(read, env.data, &ev.Data); err != nil {
			return fail(ErrInvalidData, err)
		}
		return fn(ctx, ev)
	}}
	for _, opt := range opts {
		opt(h)
	}
	r.handlers[eventType] = h
}

func quote(s string) string {
	b, _ := json.Marshal(s) //nolint:errchkjson // a string always marshals
	return string(b)
}
