package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// EventLister reads the change feed of a portal: the events of GET /events, each as it would be delivered.
type EventLister interface {
	// ListEvents returns up to limit events that come after a cursor, in their order; "" is the beginning of what the feed keeps.
	// No events is the end: a lister that leaves some out goes on looking by itself. next is the place behind all that it has
	// looked at, at the end too, so that a checkpoint moves on although nothing matches; it may be another text for the same
	// place, or "" when there is none yet. An error that Is [ErrCursorExpired] says that the feed no longer reaches back to the
	// cursor.
	ListEvents(ctx context.Context, after string, limit int) (events []json.RawMessage, next string, err error)
}

// Checkpoint keeps the place in the change feed up to which everything is handled. [FileCheckpoint] and [SQLStore.Checkpoint] are some.
type Checkpoint interface {
	Load(ctx context.Context) (cursor string, err error) // "" when nothing was saved yet
	Save(ctx context.Context, cursor string) error
}

// ErrCursorExpired says that the feed forgot the events after the checkpoint. What happened in between is lost to the feed, not to the
// portal: read the resources themselves, then Save the cursor of the feed's present end, taken before reading them.
const ErrCursorExpired Code = "cursor_expired"

const (
	backfillPage = 100
	backfillWait = 250 * time.Millisecond // between looks at an event that a delivery is handling
)

// Backfill gives the events since the checkpoint to the same handlers as deliveries, with the same memory of what was handled: what was
// pushed is not handled again, what was missed is. Run it when the program starts, and again every hour or day, as nothing else moves the
// checkpoint, and one that is older than what the feed keeps has expired; deliveries may come meanwhile. It returns how many events it handled, when it has reached the end of the feed or met an error: of the feed,
// of the checkpoint, or an *[Error] of an event. Run again, it goes on with that event.
func Backfill(ctx context.Context, r *Receiver, l EventLister, c Checkpoint) (handled int, err error) {
	after, err := c.Load(ctx)
	if err != nil {
		return 0, fmt.Errorf("webhook: loading the checkpoint: %w", err)
	}
	for {
		events, next, err := l.ListEvents(ctx, after, backfillPage)
		if err != nil {
			return handled, fmt.Errorf("webhook: listing events: %w", err)
		}
		for _, body := range events {
			ran, err := r.backfill(ctx, body)
			if err != nil {
				return handled, err
			}
			if ran {
				handled++
			}
		}
		moved := next != after && next != ""
		if len(events) > 0 && !moved {
			return handled, errors.New("webhook: the feed returned events and no cursor behind them")
		}
		if moved {
			if err := c.Save(ctx, next); err != nil {
				return handled, fmt.Errorf("webhook: saving the checkpoint: %w", err)
			}
			after = next
		}
		if len(events) == 0 {
			return handled, nil
		}
	}
}

// backfill dispatches one event and says whether its handler ran and succeeded. It waits for a delivery of the same event to end: if that
// fails, the event is ours after all, and the checkpoint must not pass it before that is known.
func (r *Receiver) backfill(ctx context.Context, body []byte) (ran bool, err error) {
	env, err := parseEnvelope(body)
	if err == nil && !validID(env.ID) {
		err = errBadID
	}
	if err != nil {
		return false, fail(ErrInvalidEnvelope, err)
	}
	env.backfill = true
	for {
		err = r.dispatch(ctx, &env, body)
		if !errors.Is(err, ErrInFlight) {
			return env.handled && err == nil, err
		}
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-time.After(backfillWait):
		}
	}
}
