// Package events reads a portal's change feed: everything that happens to the caller's deals and leads, in the order in which
// it was committed. A program that follows the feed needs no public address and loses nothing, whether it was up or not.
//
//	err := events.Follow(ctx, events.New(pp), events.FileCursor("events.cursor"), func(ctx context.Context, e events.Event) error {
//		switch e.Type {
//		case deals.EventApproved:
//			deal, err := registry.Get(ctx, e.Subject.ID) // the event tells little; read the rest
//			…
//		}
//		return nil // unknown types are none of our business
//	})
//
// [Follow] runs until its context ends. It remembers in a [CursorStore] what the handler has done, so the next start goes on
// there; an event is handled at least once, and after a crash perhaps once more, with the same ID.
//
// # Starting from what there is
//
// The feed tells of changes. Who needs a copy of everything takes a cursor first and the lists second; what changes while the
// lists are read is told again behind the cursor, so nothing is missed:
//
//	cursor, err := events.New(pp).Now(ctx)
//	for deal, err := range deals.New(pp).All(ctx, deals.ListParams{}) { … }
//	for lead, err := range leads.New(pp).All(ctx, leads.ListParams{}) { … }
//	err = store.Save(ctx, cursor)
//	err = events.Follow(ctx, events.New(pp), store, handle)
//
// The same is the way back after [ErrCursorExpired]. A resource whose Revision is not smaller than the event's Subject.Version
// has the event's change already.
package events

import (
	"context"

	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// ErrCursorExpired says that the portal no longer keeps all events behind the cursor. Starting over is told in the package's
// comment; it is never done silently, as changes would be missed.
const ErrCursorExpired = partnerportal.ErrCursorExpired

// FromHere is the cursor of the end of the feed, as [ListParams] takes it.
const FromHere = "now"

// Now returns a cursor behind which everything is that happens from now on.
func (c *Client) Now(ctx context.Context, opts ...partnerportal.RequestOption) (string, error) {
	page, err := c.List(ctx, ListParams{Cursor: FromHere, Limit: 1}, opts...)
	if err != nil {
		return "", err
	}
	return page.Cursor, nil
}
