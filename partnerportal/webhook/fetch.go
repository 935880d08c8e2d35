package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// Fetch makes a handler for [On] of one that wants the resource itself: events tell little, so get reads the event's subject, and
// fn is given what it is now, which may be newer than the event. Get is a method of a client, such as that of package deals:
//
//	registry := deals.New(pp)
//	webhook.On(r, deals.EventApproved, webhook.Fetch(registry.Get, func(ctx context.Context, ev webhook.Event[deals.Deal]) error {
//		return crm.Won(ctx, ev.Data.Number, ev.Data.Protection.ExpiresAt)
//	}))
//
// Both run in the time for handlers. An error of get is one of the handler: the sender tries again. But a resource that is not
// found any more (an error whose method NotFound() bool returns true, as errors of this SDK have) will not come back: that error is
// [Permanent], and fn is not called. So is an event without a subject.
func Fetch[T, O any](
	get func(ctx context.Context, id string, opts ...O) (*T, error), fn func(ctx context.Context, ev Event[T]) error,
) func(ctx context.Context, ev Event[json.RawMessage]) error {
	if get == nil || fn == nil {
		panic("webhook: Fetch without a function")
	}
	return func(ctx context.Context, ev Event[json.RawMessage]) error {
		if ev.Subject.ID == "" {
			return Permanent(errors.New("the event has no subject that could be fetched"))
		}
		resource, err := get(ctx, ev.Subject.ID)
		switch {
		case isGone(err):
			return Permanent(fmt.Errorf("fetching the subject: %w", err))
		case err != nil:
			return fmt.Errorf("fetching the subject: %w", err)
		case resource == nil:
			return errors.New("fetching the subject: neither a resource nor an error")
		}
		return fn(ctx, Event[T]{Header: ev.Header, Data: *resource, Backfill: ev.Backfill})
	}
}

// isGone says that a resource is not there any more, or not for this reader.
func isGone(err error) bool {
	answer, ok := errors.AsType[interface {
		error
		NotFound() bool
	}](err)
	return ok && answer.NotFound()
}
