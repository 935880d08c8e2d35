package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

// watch runs a receiver and says what it does.
type watch struct {
	receiver *receiver
	out      io.Writer
	seen     func(ev webhook.Header) // is told of every event that was handled, too; nil when nobody asks

	mu    sync.Mutex
	count int
}

// run receives until ctx ends. It calls ready when the receiver has caught up.
func (w *watch) run(ctx context.Context, ready func()) error {
	told, err := told(ctx, w.receiver.client)
	if err != nil {
		return err
	}
	w.showAgain()
	w.receiver.handled = w.handled
	started := time.Now()
	return w.receiver.run(ctx, func(caughtUp int) {
		w.say("Caught up: %d events were missed, and read from the feed in %s.\n", caughtUp, time.Since(started).Round(time.Millisecond))
		if total, err := w.receiver.audit(ctx, told); err != nil {
			w.say("What was handled cannot be counted: %v\n", err)
		} else {
			w.say("%v\n", total)
		}
		w.say("The portal pushes to %s from now on.\n", w.receiver.at)
		w.showAgain()
		ready()
	})
}

// showAgain shows the next events one by one.
func (w *watch) showAgain() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.count = 0
}

func (w *watch) say(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	fmt.Fprintf(w.out, format, args...)
}

// handled shows the first events one by one, and of many only how many they are.
func (w *watch) handled(ev webhook.Header, backfill bool) {
	from := "pushed"
	if backfill {
		from = "read from the feed"
	}
	w.mu.Lock()
	w.count++
	switch n := w.count; {
	case n <= 5:
		fmt.Fprintf(w.out, "  %-14s of %s, version %d, %s\n", ev.Type, ev.Subject.ID, ev.Subject.Version, from)
	case n%250 == 0:
		fmt.Fprintf(w.out, "  … %d handled, the last one %s\n", n, from)
	}
	w.mu.Unlock()
	if w.seen != nil {
		w.seen(ev)
	}
}

// told returns the ids of all events that the feed has and the receiver wants.
func told(ctx context.Context, client *partnerportal.Client) (ids []string, err error) {
	for params := (events.ListParams{Type: wanted, Limit: 1000}); ; {
		page, err := events.New(client).List(ctx, params)
		if err != nil {
			return nil, err
		}
		for _, e := range page.Items {
			ids = append(ids, e.ID)
		}
		if params.Cursor = page.Cursor; !page.HasMore {
			return ids, nil
		}
	}
}

// total is what became of events.
type total struct{ handled, lost, twice, pushed int }

func (t total) String() string {
	return fmt.Sprintf("handled=%d lost=%d twice=%d (%d pushed, %d read from the feed)", t.handled, t.lost, t.twice, t.pushed, t.handled-t.pushed)
}

// audit compares the work that was done with what the feed told.
func (r *receiver) audit(ctx context.Context, told []string) (t total, err error) {
	rows, err := r.db.QueryContext(ctx, `SELECT event_id, pushed FROM work`)
	if err != nil {
		return t, err
	}
	defer rows.Close()
	times := map[string]int{}
	for rows.Next() {
		var id string
		var pushed bool
		if err := rows.Scan(&id, &pushed); err != nil {
			return t, err
		}
		t.handled++
		if times[id]++; times[id] > 1 {
			t.twice++
		}
		if pushed {
			t.pushed++
		}
	}
	for _, id := range told {
		if times[id] == 0 {
			t.lost++
		}
	}
	return t, errors.Join(rows.Err(), rows.Close())
}
