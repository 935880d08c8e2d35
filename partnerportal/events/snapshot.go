package events

import (
	"context"
	"errors"
)

// Snapshot lets load read everything anew, and saves in store the place in the feed from which the copy is kept current: the cursor is
// taken before load begins, so that what changes while it reads is told again and nothing is missed. What load returns is
// returned, and nothing saved then.
//
// It is the way back after [ErrCursorExpired] and webhook.ErrCursorExpired: a [webhook.Checkpoint] is a store as well. [WithSnapshot]
// lets [Follow] do it.
func Snapshot(ctx context.Context, c *Client, store CursorStore, load func(ctx context.Context) error) error {
	cursor, err := c.Now(ctx)
	if err != nil {
		return err
	}
	if err := load(ctx); err != nil {
		return err
	}
	return saveIn(ctx, store, cursor)
}

// WithSnapshot makes [Follow] call load to read everything anew, before the first event of the first start of all, and when the
// portal no longer keeps the events behind the cursor, instead of ending with [ErrCursorExpired]. No event is handled meanwhile.
// When load fails it is called again, after 1 s, 2 s and so on up to a minute.
//
// Load replaces what the program had: what is not in the lists any more was deleted while nobody listened, and no event tells so. What
// changes while load reads is told again by the events that follow.
func WithSnapshot(load func(ctx context.Context) error) FollowOption {
	return func(f *follower) error {
		if load == nil {
			return errors.New("WithSnapshot: the function is nil")
		}
		f.load = load
		return nil
	}
}

// snapshot reads everything anew, however long that takes, and goes on behind it.
func (f *follower) snapshot(ctx context.Context) error {
	for wait := firstWait; ; wait = min(2*wait, longestWait) {
		here, err := f.list(ctx, ListParams{Cursor: FromHere, Limit: 1})
		if err != nil {
			return err
		}
		if err = f.load(ctx); err == nil {
			f.params.Cursor, f.anew = here.Cursor, true
			return f.save(ctx, here.Cursor)
		}
		if err := f.pause(ctx, wait, "events: the snapshot failed, trying again", "error", err); err != nil {
			return err
		}
	}
}
