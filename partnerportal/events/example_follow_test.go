package events_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

// A job follows the feed, is stopped, and goes on with what it has not handled.
func ExampleFollow() {
	_, client := newPortal("deal.submitted", "deal.approved")
	folder, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	cursor := events.FileCursor(filepath.Join(folder, "events.cursor"))

	for run := 1; run <= 2; run++ {
		ctx, stop := context.WithCancel(context.Background())
		err = events.Follow(ctx, client, cursor, func(_ context.Context, e events.Event) error {
			fmt.Println("run", run, "handles", e.Type, "of", e.Subject.ID)
			stop() // a deployment, a reboot
			return nil
		})
		fmt.Println("stopped:", errors.Is(err, context.Canceled))
	}
	// Output:
	// run 1 handles deal.submitted of deal_1
	// stopped: true
	// run 2 handles deal.approved of deal_2
	// stopped: true
}

// followUntil prints what comes, until an event of the last type. Outside of examples a follower runs until its program ends.
func followUntil(last string, client *events.Client, opts ...events.FollowOption) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	err := events.Follow(ctx, client, new(events.MemoryCursor), func(_ context.Context, e events.Event) error {
		fmt.Println(e.ID, e.Type)
		if e.Type == last {
			stop()
		}
		return nil
	}, opts...)
	if !errors.Is(err, context.Canceled) {
		fmt.Println(err)
	}
}

// Only some events are of interest; the portal leaves out the others.
func ExampleWithFilter() {
	_, client := newPortal("deal.submitted", "deal.approved", "deal.submitted", "deal.approved")
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	seen := 0
	err := events.Follow(ctx, client, new(events.MemoryCursor), func(_ context.Context, e events.Event) error {
		fmt.Println(e.ID, e.Type)
		if seen++; seen == 2 {
			stop()
		}
		return nil
	}, events.WithFilter(events.ListParams{Type: []string{"deal.approved"}}))
	fmt.Println(err)
	// Output:
	// evt_2 deal.approved
	// evt_4 deal.approved
	// context canceled
}

// A program that can wait asks once a minute.
func ExampleWithPoll() {
	_, client := newPortal("deal.approved")
	followUntil("deal.approved", client, events.WithPoll(time.Minute))
	// Output: evt_1 deal.approved
}

// What happened before the first start is of no interest.
func ExampleWithStartAtEnd() {
	portal, client := newPortal("deal.submitted", "deal.approved")
	portal.happenLater(1, "deal.won") // while the follower runs
	followUntil("deal.won", client, events.WithStartAtEnd(), events.WithPoll(time.Millisecond))
	// Output: evt_3 deal.won
}

// What is tried again, and what the handler skips, is told to a logger.
func ExampleWithLogger() {
	_, client := newPortal("deal.submitted", "deal.approved")
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	err := events.Follow(ctx, client, new(events.MemoryCursor), func(_ context.Context, e events.Event) error {
		if e.ID == "evt_2" {
			stop()
			return nil
		}
		return events.Skip(errors.New("no such customer"))
	}, events.WithLogger(logger))
	fmt.Println(err)
	// Output:
	// level=WARN msg="events: skipped" event=evt_1 type=deal.submitted reason="no such customer"
	// context canceled
}

// An event that the program will never be able to handle does not hold back the others.
func ExampleSkip() {
	_, client := newPortal("deal.submitted", "deal.approved")
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	err := events.Follow(ctx, client, new(events.MemoryCursor), func(_ context.Context, e events.Event) error {
		if e.Subject.ID == "deal_1" {
			return events.Skip(errors.New("a deal of somebody else's"))
		}
		fmt.Println("handled", e.ID)
		stop()
		return nil
	})
	fmt.Println(err)
	// Output:
	// handled evt_2
	// context canceled
}

// The copy is made anew where events cannot tell how to get there: at the first start, and after months of absence.
func ExampleWithSnapshot() {
	portal, client := newPortal("deal.submitted", "deal.approved")
	followUntil("deal.won", client, events.WithSnapshot(func(context.Context) error {
		fmt.Println("reading all deals") // for deal, err := range registry.All(ctx, deals.ListParams{}) { … }
		portal.happen("deal.won")        // meanwhile
		return nil
	}))
	// Output:
	// reading all deals
	// evt_3 deal.won
}

// A receiver was down for longer than the portal keeps events.
func ExampleSnapshot() {
	portal, client := newPortal("deal.approved")
	place, ctx := new(events.MemoryCursor), context.Background() // webhook.FileCheckpoint, or SQLStore.Checkpoint
	portal.fail(gone)
	receiver, err := newReceiver(webhook.GenerateSecret().Reveal())
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = webhook.Backfill(ctx, receiver, events.Source(client, events.ListParams{}), place)
	if errors.Is(err, webhook.ErrCursorExpired) {
		err = events.Snapshot(ctx, client, place, func(context.Context) error {
			fmt.Println("reading all deals") // for deal, err := range registry.All(ctx, deals.ListParams{}) { … }
			return nil
		})
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(webhook.Backfill(ctx, receiver, events.Source(client, events.ListParams{}), place))
	// Output:
	// reading all deals
	// 0 <nil>
}

// What deliveries did not bring while the receiver was down comes to the same handlers.
func ExampleSource() {
	_, client := newPortal("deal.submitted", "deal.approved")
	receiver, err := newReceiver(webhook.GenerateSecret().Reveal())
	if err != nil {
		fmt.Println(err)
		return
	}
	webhook.On(receiver, "deal.approved", func(_ context.Context, ev webhook.Event[events.Data]) error {
		fmt.Println("handled", ev.ID, ev.Data.Facts["number"])
		return nil
	})
	place := new(events.MemoryCursor) // webhook.FileCheckpoint, or SQLStore.Checkpoint
	for range 2 {
		fmt.Println(webhook.Backfill(context.Background(), receiver, events.Source(client, events.ListParams{}), place))
	}
	// Output:
	// handled evt_2 D-2
	// 1 <nil>
	// 0 <nil>
}

// Handlers that were written for deliveries serve a program without an address too.
func ExampleDispatch() {
	_, client := newPortal("deal.submitted", "deal.approved")
	receiver, err := newReceiver(webhook.GenerateSecret().Reveal())
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	webhook.On(receiver, "deal.approved", func(_ context.Context, ev webhook.Event[events.Data]) error {
		fmt.Println("handled", ev.ID, ev.Data.Facts["number"])
		stop()
		return nil
	})
	fmt.Println(events.Follow(ctx, client, new(events.MemoryCursor), events.Dispatch(receiver)))
	// Output:
	// handled evt_2 D-2
	// context canceled
}
