package events_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
)

// A job follows the feed, is stopped, and goes on with what it has not handled.
func ExampleFollow() {
	portal := new(fake) // stands in for a portal
	portal.happen("deal.submitted", "deal.approved")
	router := partnerportal.NewRouter()
	events.Mount(router, portal)
	pp, err := partnerportal.New("https://portal.example.com", partnerportal.WithHandler(router), partnerportal.WithAPIKey("ppk_test"))
	if err != nil {
		fmt.Println(err)
		return
	}
	folder, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	cursor := events.FileCursor(filepath.Join(folder, "events.cursor"))

	for run := 1; run <= 2; run++ {
		ctx, stop := context.WithCancel(context.Background())
		err = events.Follow(ctx, events.New(pp), cursor, func(_ context.Context, e events.Event) error {
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
