package webhook_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

// approved is what a handler wants to know of the data of an event; the whole is Data of package events.
type approved struct {
	State string `json:"state"`
}

// A receiver for one event. In a program the key is parsed from the configuration, and the receiver mounted in the server:
// http.Handle("POST /hooks/portal", receiver).
func ExampleReceiver() {
	key := webhook.GenerateSecret() // webhook.ParseKey(os.Getenv("WEBHOOK_SECRET"))
	verifier, err := webhook.NewVerifier(webhook.StaticKeys(key))
	if err != nil {
		fmt.Println(err)
		return
	}
	receiver := webhook.NewReceiver(verifier, webhook.WithErrorHook(func(_ context.Context, err *webhook.Error, ev webhook.Header) {
		fmt.Println("failed:", ev.ID, err)
	}))
	webhook.On(receiver, "deal.approved", func(_ context.Context, ev webhook.Event[approved]) error {
		fmt.Println(ev.Subject.ID, "is", ev.Data.State)
		return nil
	})

	// What a portal sends, twice because it did not hear the first answer.
	signer, err := webhook.NewSigner(key)
	if err != nil {
		fmt.Println(err)
		return
	}
	body := []byte(`{"id":"evt_1","type":"deal.approved","subject":{"type":"deal","id":"deal_7"},"data":{"state":"approved"}}`)
	for range 2 {
		q := httptest.NewRequest(http.MethodPost, "/hooks/portal", bytes.NewReader(body))
		q.Header.Set("Content-Type", "application/json")
		_ = signer.SetHeaders(q.Header, "evt_1", time.Now(), body)
		w := httptest.NewRecorder()
		receiver.ServeHTTP(w, q)
		fmt.Println(w.Code)
	}
	// Output:
	// deal_7 is approved
	// 204
	// 204
}

// What was missed while the receiver was down, through the same handlers.
func ExampleBackfill() {
	receiver := newExampleReceiver()
	webhook.On(receiver, "deal.approved", func(_ context.Context, ev webhook.Event[deal]) error {
		fmt.Println(ev.ID, ev.Backfill)
		return nil
	})
	portal := feed{event("evt_1", "deal.approved"), event("evt_2", "deal.submitted"), event("evt_3", "deal.approved")}
	place := &memoryCheckpoint{} // webhook.FileCheckpoint("/var/lib/hooks/cursor") outlives the process
	for range 2 {
		n, err := webhook.Backfill(context.Background(), receiver, portal, place)
		fmt.Println(n, err)
	}
	// Output:
	// evt_1 true
	// evt_3 true
	// 2 <nil>
	// 0 <nil>
}

func newExampleReceiver() *webhook.Receiver {
	verifier, err := webhook.NewVerifier(webhook.StaticKeys(webhook.GenerateSecret()))
	if err != nil {
		panic(err)
	}
	return webhook.NewReceiver(verifier)
}
