package events_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

// newPortal stands in for a portal at which these events have happened. Outside of examples, one is at the other end of a URL.
func newPortal(happened ...string) (*fake, *events.Client) {
	portal, router := new(fake), partnerportal.NewRouter()
	portal.happen(happened...)
	events.Mount(router, portal)
	pp, err := partnerportal.New("https://portal.example.com", partnerportal.WithHandler(router), partnerportal.WithAPIKey("ppk_test"))
	if err != nil {
		panic(err)
	}
	return portal, events.New(pp)
}

// newReceiver is what a program mounts in its server, at the path of its endpoint.
func newReceiver(secrets ...string) (*webhook.Receiver, error) {
	keys := make([]webhook.Key, len(secrets))
	for i, secret := range secrets {
		key, err := webhook.ParseKey(secret)
		if err != nil {
			return nil, err
		}
		keys[i] = key
	}
	verifier, err := webhook.NewVerifier(webhook.StaticKeys(keys...))
	if err != nil {
		return nil, err
	}
	receiver := webhook.NewReceiver(verifier)
	webhook.On(receiver, events.EventTest, func(_ context.Context, ev webhook.Event[events.Data]) error {
		fmt.Println("received", ev.Type)
		return nil
	})
	return receiver, nil
}

// An endpoint is registered, proves that it listens, receives, and changes its secret without missing anything.
func Example() {
	portal, client := newPortal()
	ctx := context.Background()
	run := func() error {
		created, err := client.CreateEndpoint(ctx, events.EndpointForm{URL: "https://crm.example.com/hooks/portal", Types: []string{"deal.*"}})
		if err != nil {
			return err
		}
		receiver, err := newReceiver(created.Secret)
		if err != nil {
			return err
		}
		portal.receiver = receiver // http.Handle("POST /hooks/portal", receiver)
		if _, err := client.EnableEndpoint(ctx, created.Endpoint.ID); err != nil {
			return err
		}
		endpoint, err := client.GetEndpoint(ctx, created.Endpoint.ID)
		if err != nil {
			return err
		}
		fmt.Println("the endpoint is", endpoint.Status)

		rotated, err := client.RotateSecret(ctx, endpoint.ID, events.Rotation{})
		if err != nil {
			return err
		}
		if _, err := client.TestEndpoint(ctx, endpoint.ID); err != nil { // signed with both: the old receiver takes it
			return err
		}
		if portal.receiver, err = newReceiver(rotated.Secret, created.Secret); err != nil {
			return err
		}
		_, err = client.TestEndpoint(ctx, endpoint.ID)
		return err
	}
	if err := run(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// the endpoint is enabled
	// received webhook.test
	// received webhook.test
}

// Client stands on a client of the core, which knows the portal and the credentials.
func ExampleNew() {
	portal := http.NotFoundHandler() // partnerportal.WithClientCredentials, and no handler, where there is a portal
	pp, err := partnerportal.New("https://portal.example.com", partnerportal.WithHandler(portal), partnerportal.WithAPIKey("ppk_test"))
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = events.New(pp).Now(context.Background())
	fmt.Println(err)
	// Output: events.list: 404 not found
}

// A portal of one's own answers the same contract: it implements Server.
func ExampleMount() {
	router := partnerportal.NewRouter()
	events.Mount(router, &fake{types: []string{"deal.approved"}})
	pp, err := partnerportal.New("https://portal.example.com", partnerportal.WithHandler(router), partnerportal.WithAPIKey("ppk_test"))
	if err != nil {
		fmt.Println(err)
		return
	}
	page, err := events.New(pp).List(context.Background(), events.ListParams{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(page.Items[0].Type, page.Items[0].Subject.URL)
	// Output: deal.approved /v1/deals/deal_1
}

// The feed is read page by page, from the cursor of the page before.
func ExampleClient_List() {
	_, client := newPortal("deal.submitted", "deal.approved", "deal.won")
	params := events.ListParams{Type: []string{"deal.won"}}
	for {
		page, err := client.List(context.Background(), params)
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, e := range page.Items {
			fmt.Println(e.ID, e.Type, e.Data.Facts["number"])
		}
		if params.Cursor = page.Cursor; !page.HasMore {
			break
		}
	}
	fmt.Println("go on from", params.Cursor)
	// Output:
	// evt_3 deal.won D-3
	// go on from after:3
}

func ExampleClient_Get() {
	_, client := newPortal("deal.submitted")
	e, err := client.Get(context.Background(), "evt_1")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(e.Type, "of", e.Subject.ID, "at", e.Timestamp)
	// Output: deal.submitted of deal_1 at 2026-11-22 12:00:00 +0000 UTC
}

// Whatever happens after Now has returned is behind the cursor.
func ExampleClient_Now() {
	portal, client := newPortal("deal.submitted")
	ctx := context.Background()
	cursor, err := client.Now(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	portal.happen("deal.approved")
	page, err := client.List(ctx, events.ListParams{Cursor: cursor})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(page.Items), page.Items[0].Type)
	// Output: 1 deal.approved
}

// A file outlives the program: the next run goes on where this one stopped.
func ExampleFileCursor() {
	folder, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	path, ctx := filepath.Join(folder, "events.cursor"), context.Background()
	if err := events.FileCursor(path).Save(ctx, "evt_1"); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(events.FileCursor(path).Load(ctx))
	// Output: evt_1 <nil>
}

// A program that reads everything anew at each start needs no file.
func ExampleMemoryCursor() {
	cursor, ctx := new(events.MemoryCursor), context.Background()
	fmt.Println(cursor.Save(ctx, "evt_1"))
	fmt.Println(cursor.Load(ctx))
	// Output:
	// <nil>
	// evt_1 <nil>
}
