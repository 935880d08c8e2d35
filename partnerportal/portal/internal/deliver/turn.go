package deliver

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

const (
	fanOutBatch = 100 // events that become deliveries in one turn
	maxKeys     = 4   // that sign one delivery
)

// turn is what one transaction does for an endpoint: it records what came of attempts, claims what is due, and makes deliveries of new
// events. All in one, so that a stream of events costs one transaction for several of them.
type turn struct {
	line  *line
	lane  lane
	done  []outcome // to be recorded
	room  int       // how many deliveries may be claimed
	alone bool      // the relay has nothing else under way to the endpoint
	plain bool      // no events are read

	claimed []job
	more    bool // another turn would find something to do
	stuck   bool // so would one, but only later
	closed  bool // the owner is sent nothing
	full    bool // too much waits for more to be made
	told    bool // the feed has news
	err     error
}

// job is a delivery that this process has claimed.
type job struct {
	line     *line
	lane     lane
	delivery store.WebhookDelivery
	url      string
	keys     []webhook.Key
}

// outcome is what came of an attempt.
type outcome struct {
	job
	Attempt

	interrupted bool // at our own end, which is not the endpoint's fault
}

// work is a turn in its transaction.
type work struct {
	*Sender
	*turn

	tx       *store.Tx
	endpoint store.WebhookEndpoint
	now      time.Time

	failed bool // an attempt did
	news   []news
}

// take makes the turn.
func (s *Sender) take(ctx context.Context, t *turn) error {
	before := *t
	err := s.Store.Write(ctx, func(tx *store.Tx) error {
		*t = before // the transaction may run more than once
		if err := Lock(ctx, tx, t.line.id); err != nil {
			return err
		}
		e, err := tx.Endpoint(ctx, t.line.id)
		if errors.Is(err, store.ErrNotFound) {
			return nil // it was deleted, and its deliveries with it
		}
		if err != nil {
			return err
		}
		w := &work{Sender: s, turn: t, tx: tx, endpoint: e, now: s.Now()}
		if err := w.record(ctx); err != nil {
			return err
		}
		if w.room > 0 {
			if err := w.supply(ctx); err != nil {
				return err
			}
		}
		return w.publish(ctx)
	})
	if err != nil {
		*t = before // what it had claimed is not ours: whoever claims it now would send it a second time
	}
	return err
}

// supply claims what is due, and when that is not enough makes more of what the feed has.
func (w *work) supply(ctx context.Context) error {
	if active, err := w.Source.Active(ctx, w.tx, w.endpoint.Owner); err != nil || !active {
		w.closed = true
		return err
	}
	if err := w.claim(ctx, 1); err != nil || w.endpoint.Status != enabled {
		return err
	}
	if err := w.claim(ctx, 0); err != nil {
		return err
	}
	if len(w.claimed) < w.room {
		if err := w.fanOut(ctx); err != nil {
			return err
		}
		if err := w.claim(ctx, 0); err != nil {
			return err
		}
	}
	if len(w.claimed) == 0 && w.alone { // what could have shown that the endpoint is well again was tried
		return w.lose(ctx)
	}
	return nil
}

// claim takes deliveries that are due, as many as there is room for.
func (w *work) claim(ctx context.Context, direct int64) error {
	most := w.room - len(w.claimed)
	if most == 0 {
		return nil
	}
	due, err := w.tx.DueDeliveries(ctx, store.DueDeliveriesParams{EndpointID: w.endpoint.ID, Direct: direct, Now: store.Micros(w.now), Most: int64(most)})
	if err != nil || len(due) == 0 {
		return err
	}
	keys, err := w.keys()
	if err != nil {
		return err
	}
	mark, until := rand.Text(), store.Micros(w.now.Add(lease))
	for _, d := range due {
		if d.Claim != "" { // whoever was at it came to its end without a word
			d.Log = appendLog(d.Log, entry{At: store.Time(d.NextAt).Add(-lease), Failure: FailureInterrupted})
		}
		d.Claim = mark
		if err := w.tx.ClaimDelivery(ctx, store.ClaimDeliveryParams{ID: d.ID, Claim: mark, Until: until, Log: d.Log}); err != nil {
			return err
		}
		w.claimed = append(w.claimed, job{line: w.line, lane: w.lane, delivery: d, url: w.endpoint.Url, keys: keys})
	}
	return nil
}

// keys are the ones that sign now: those that were rotated away while a delivery waited do not.
func (w *work) keys() ([]webhook.Key, error) {
	all, err := OpenKeys(w.tx, w.endpoint.ID, w.endpoint.Keys)
	if err != nil {
		return nil, err
	}
	var live []webhook.Key
	for _, k := range all {
		if k.LiveAt(w.now) && len(live) < maxKeys {
			live = append(live, k.Key)
		}
	}
	if len(live) == 0 {
		return nil, errors.New("the endpoint has no key that is live")
	}
	return live, nil
}

// fanOut makes deliveries of the events behind the endpoint's position and moves it. Both commit together, so no event is missed or doubled.
func (w *work) fanOut(ctx context.Context) error {
	head, err := w.tx.FeedHead(ctx)
	if err != nil || head <= w.endpoint.Position {
		return err
	}
	if w.plain {
		w.stuck = true
		return nil
	}
	count, err := w.tx.WaitingUpTo(ctx, store.WaitingUpToParams{EndpointID: w.endpoint.ID, Most: int64(w.MostWaiting)})
	if err != nil {
		return err
	}
	if int(count) == w.MostWaiting {
		w.stuck, w.full = true, true
		return nil
	}
	found, position, more, err := w.Source.Next(ctx, w.tx, w.endpoint, fanOutBatch)
	if err != nil {
		return err
	}
	taken := map[string]bool{} // queues in which a delivery waits
	for _, o := range found {
		if err := w.insert(ctx, o, taken); err != nil {
			return err
		}
	}
	w.more = more
	if position == w.endpoint.Position {
		return nil
	}
	w.endpoint.Position = position
	return w.tx.MoveEndpoint(ctx, store.MoveEndpointParams{ID: w.endpoint.ID, Position: position})
}

func (w *work) insert(ctx context.Context, o Outgoing, taken map[string]bool) error {
	d := newDelivery(w.endpoint.ID, w.now, o)
	d.Queue = cmp.Or(d.Queue, d.ID)
	waits, known := taken[d.Queue]
	if !known {
		var err error
		if waits, err = w.tx.QueueWaits(ctx, store.QueueWaitsParams{EndpointID: d.EndpointID, Queue: d.Queue}); err != nil {
			return err
		}
	}
	if !waits {
		d.NextAt = store.Micros(w.now)
	}
	taken[d.Queue] = true
	return w.tx.InsertDelivery(ctx, d)
}
