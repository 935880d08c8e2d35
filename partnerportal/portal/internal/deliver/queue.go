package deliver

import (
	"context"
	"crypto/rand"
	"fmt"
	"math"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// What an endpoint is sent that is no event of the feed.
const (
	PingType = "webhook.ping" // asks for a challenge to be given back
	TestType = "webhook.test"
)

// How the deliveries of an endpoint stand, in its queues: all that wait have status waiting, and of those that have a queue in common
// only the first has a time at which it is due. When it is done with, the next one gets one. That is order per subject, and no subject
// waits for another.

// The states of a delivery.
const (
	waiting   = "waiting"
	delivered = "delivered"
	failed    = "failed"
)

// Lock makes the transaction the only one that changes the endpoint's deliveries, until it ends. Whoever inserts, finishes, revives or
// deletes some takes it first: two at once could both see the other's as the one that goes first, and leave a queue in which none does.
func Lock(ctx context.Context, tx *store.Tx, endpointID string) error {
	return tx.Lock(ctx, "webhooks "+endpointID)
}

// Challenge sends the endpoint a ping, whatever its status. When it gives the challenge back and is pending still, it is enabled. Pings that
// wait or are under way are void, and so is all else that goes out of turn: it was meant for another URL, or for one that answered.
func Challenge(ctx context.Context, tx *store.Tx, endpointID string, now time.Time, body func(eventID, challenge string) ([]byte, error)) error {
	if err := Lock(ctx, tx, endpointID); err != nil {
		return err
	}
	if err := tx.VoidDeliveries(ctx, endpointID); err != nil {
		return err
	}
	eventID := ids.New(ids.Event, now)
	text, err := body(eventID, rand.Text())
	if err != nil {
		return fmt.Errorf("the body of a ping: %w", err)
	}
	_, err = Enqueue(ctx, tx, endpointID, now, Outgoing{EventID: eventID, EventType: PingType, Body: text, OccurredAt: now})
	return err
}

// Enqueue sends the endpoint one event out of turn, though it is paused or pending: a test, or what was sent before. It returns the
// delivery's id.
func Enqueue(ctx context.Context, tx *store.Tx, endpointID string, now time.Time, o Outgoing) (deliveryID string, err error) {
	d := newDelivery(endpointID, now, o)
	d.Queue, d.Sequence, d.Direct, d.NextAt = d.ID, 0, 1, store.Micros(now)
	return d.ID, tx.InsertDelivery(ctx, d)
}

// Recover sends again, in order, what was given up of the events that happened in a time, and says how many. A zero until is no end.
func Recover(ctx context.Context, tx *store.Tx, endpointID string, since, until, now time.Time) (int64, error) {
	if err := Lock(ctx, tx, endpointID); err != nil {
		return 0, err
	}
	end := store.Micros(until)
	if until.IsZero() {
		end = math.MaxInt64
	}
	revived, err := tx.ReviveDeliveries(ctx, store.ReviveDeliveriesParams{EndpointID: endpointID, Since: store.Micros(since), Until: end})
	if err != nil || revived == 0 {
		return 0, err
	}
	return revived, tx.StartQueues(ctx, store.StartQueuesParams{EndpointID: endpointID, Now: store.Micros(now)})
}

func newDelivery(endpointID string, now time.Time, o Outgoing) store.InsertDeliveryParams {
	id := ids.New(ids.Delivery, now)
	return store.InsertDeliveryParams{
		ID: id, EndpointID: endpointID, EventID: o.EventID, EventType: o.EventType, Subject: string(o.Subject), Queue: o.SubjectID,
		Sequence: o.Sequence, Body: string(o.Body), OccurredAt: store.Micros(o.OccurredAt), CreatedAt: store.Micros(now), Bucket: store.Bucket(id),
	}
}
