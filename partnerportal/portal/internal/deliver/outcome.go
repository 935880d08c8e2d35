package deliver

import (
	"context"
	"encoding/json"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// The states of an endpoint that make a difference here.
const (
	enabled  = "enabled"
	pending  = "pending"
	disabled = "disabled"
)

// outage is how long an endpoint must have failed before its return makes everything due that waits for it: nobody wants to wait for a day
// then. After less, the schedule is soon enough.
const outage = 5 * time.Minute

// hastenFor is how old a delivery may be for that: as old as the schedule makes it, jitter and all.
const hastenFor = 96 * time.Hour

// news is something that the portal publishes of an endpoint.
type news struct {
	eventType string
	facts     map[string]any
}

// record writes down what came of attempts.
func (w *work) record(ctx context.Context) error {
	before := w.endpoint
	for _, o := range w.done {
		if err := w.finish(ctx, o); err != nil {
			return err
		}
	}
	if w.failed {
		if err := w.lose(ctx); err != nil {
			return err
		}
	}
	e := w.endpoint
	if e.LastSuccessAt == before.LastSuccessAt && e.FailingSince == before.FailingSince {
		return nil
	}
	return w.saveHealth(ctx)
}

// finish records one attempt. When its lease was lost and somebody else is at the delivery, or when it was withdrawn, nothing is.
func (w *work) finish(ctx context.Context, o outcome) error {
	d, now := o.delivery, store.Micros(w.now)
	f := store.FinishDeliveryParams{
		ID: d.ID, Claim: d.Claim, Status: waiting, Attempts: d.Attempts + 1, Failure: o.Failure, HttpStatus: int64(o.Status),
		Log: appendLog(d.Log, entry{At: o.At, DurationMS: o.Took.Milliseconds(), Status: o.Status, Failure: o.Failure, Fingerprints: o.Fingerprints}),
	}
	switch {
	case o.interrupted:
		f.Attempts, f.NextAt = d.Attempts, now
	case o.Failure == "":
		f.Status, f.DeliveredAt = delivered, now
	default:
		short := d.EventType == PingType || d.EventType == TestType
		if delay, more := Next(int(f.Attempts), o.Attempt, short, w.Random); more {
			f.NextAt = store.Micros(w.now.Add(delay))
		} else {
			f.Status = failed
		}
	}
	ours, err := w.tx.FinishDelivery(ctx, f)
	if err != nil || ours == 0 {
		return err
	}
	if f.Status != waiting {
		if err := w.tx.AdvanceQueue(ctx, store.AdvanceQueueParams{EndpointID: d.EndpointID, Queue: d.Queue, Now: now}); err != nil {
			return err
		}
	}
	if o.interrupted || o.url != w.endpoint.Url { // it says nothing of the endpoint as it is now
		return nil
	}
	return w.learn(ctx, o)
}

// learn draws conclusions from an attempt for the endpoint.
func (w *work) learn(ctx context.Context, o outcome) error {
	e, now := &w.endpoint, store.Micros(w.now)
	ping := o.delivery.EventType == PingType
	switch {
	case o.Failure == "" && ping && e.Status == pending:
		return w.enable(ctx)
	case o.Failure == "":
		down := w.now.Sub(store.Time(e.FailingSince))
		long := e.FailingSince > 0 && down > outage
		e.LastSuccessAt, e.FailingSince, e.Warned = now, 0, 0
		if long {
			return w.hasten(ctx)
		}
	case ping:
		return w.tx.ChallengeFailed(ctx, store.ChallengeFailedParams{ID: e.ID, Failure: o.Failure, HttpStatus: int64(o.Status)})
	case o.Failure == FailureGone:
		return w.disable(ctx, ReasonGone)
	case e.Status == enabled:
		w.failed = true
		if e.FailingSince == 0 {
			e.FailingSince = now
		}
	}
	return nil
}

// enable lets an endpoint that gave its challenge back be sent what happens, and what has waited for it.
func (w *work) enable(ctx context.Context) error {
	e, now := &w.endpoint, store.Micros(w.now)
	if _, err := w.tx.EnableEndpoint(ctx, store.EnableEndpointParams{ID: e.ID, At: now}); err != nil {
		return err
	}
	e.Status, e.LastSuccessAt, e.FailingSince, e.Warned = enabled, now, 0, 0
	w.news = append(w.news, news{TypeEnabled, nil})
	return w.hasten(ctx)
}

// hasten makes what waits for its next attempt due now. That attempt comes on top of the schedule: a delivery that alone is refused, while
// others are taken now and then, would else come to its end within the hour. But none is hastened for longer than the schedule lasts.
func (w *work) hasten(ctx context.Context) error {
	return w.tx.HastenDeliveries(ctx, store.HastenDeliveriesParams{
		EndpointID: w.endpoint.ID, Now: store.Micros(w.now), Since: store.Micros(w.now.Add(-hastenFor)),
	})
}

// disable ends what is sent to an endpoint, until its owner enables it again.
func (w *work) disable(ctx context.Context, reason string) error {
	e := &w.endpoint
	if e.Status != enabled {
		return nil
	}
	if _, err := w.tx.DisableEndpoint(ctx, store.DisableEndpointParams{ID: e.ID, At: store.Micros(w.now), Reason: reason}); err != nil {
		return err
	}
	if err := w.tx.VoidDeliveries(ctx, e.ID); err != nil { // they would go out all the same
		return err
	}
	e.Status = disabled
	w.news = append(w.news, news{TypeDisabled, map[string]any{"reason": reason}})
	return nil
}

// lose warns the owner of an endpoint that fails, and disables it in the end.
func (w *work) lose(ctx context.Context) error {
	e := &w.endpoint
	if e.Status != enabled || e.FailingSince == 0 {
		return nil
	}
	since, warnings := store.Time(e.FailingSince), int64(0)
	switch down := w.now.Sub(since); {
	case down >= DisableAfter:
		return w.disable(ctx, ReasonFailing)
	case down >= WarnAgainAfter:
		warnings = 2
	case down >= WarnAfter:
		warnings = 1
	}
	if e.Warned >= warnings {
		return nil
	}
	e.Warned = warnings
	w.news = append(w.news, news{TypeDisabling, map[string]any{"failing_since": since, "disables_at": since.Add(DisableAfter)}})
	return w.saveHealth(ctx)
}

func (w *work) saveHealth(ctx context.Context) error {
	e := w.endpoint
	return w.tx.EndpointHealth(ctx, store.EndpointHealthParams{ID: e.ID, LastSuccessAt: e.LastSuccessAt, FailingSince: e.FailingSince, Warned: e.Warned})
}

// publish tells the news. It comes last: the feed's counter orders all writers from then on.
func (w *work) publish(ctx context.Context) error {
	if len(w.news) == 0 {
		return nil
	}
	w.told = true
	e, err := w.tx.Endpoint(ctx, w.endpoint.ID)
	if err != nil {
		return err
	}
	for _, n := range w.news {
		if err := w.Source.Tell(ctx, w.tx, e, n.eventType, n.facts); err != nil {
			return err
		}
	}
	return nil
}

// entry is an attempt in a delivery's log, as the contract shows it.
type entry struct {
	At           time.Time `json:"at"`
	DurationMS   int64     `json:"duration_ms"`
	Status       int       `json:"status,omitzero"`
	Failure      string    `json:"failure,omitzero"`
	Fingerprints []string  `json:"key_fingerprints,omitzero"`
}

// longestLog is how many attempts the contract shows. More than the schedule's there are only where a portal goes down again and again.
const longestLog = 100

func appendLog(log string, e entry) string {
	var entries []json.RawMessage
	_ = json.Unmarshal([]byte(log), &entries) // a log that is damaged starts anew
	text, _ := json.Marshal(e)                //nolint:errchkjson // an instant of our clock always encodes
	entries = append(entries, text)
	all, _ := json.Marshal(entries[max(0, len(entries)-longestLog):]) //nolint:errchkjson // what was decoded does too
	return string(all)
}

// givesBack says whether an answer holds the challenge of a ping.
func givesBack(answer []byte, ping string) bool {
	var asked struct {
		Data struct {
			Challenge string `json:"challenge"`
		} `json:"data"`
	}
	var given struct {
		Challenge string `json:"challenge"`
	}
	return json.Unmarshal([]byte(ping), &asked) == nil && json.Unmarshal(answer, &given) == nil &&
		asked.Data.Challenge != "" && given.Challenge == asked.Data.Challenge
}
