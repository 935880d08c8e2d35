package events_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

// newEndpoint stands in for a portal that has an endpoint, with a receiver at its address.
func newEndpoint() (*fake, *events.Client, *events.Endpoint) {
	portal, client := newPortal()
	created, err := client.CreateEndpoint(context.Background(), events.EndpointForm{URL: "https://crm.example.com/hooks/portal"})
	if err != nil {
		panic(err)
	}
	receiver, err := newReceiver(created.Secret)
	if err != nil {
		panic(err)
	}
	portal.receiver = receiver
	return portal, client, &created.Endpoint
}

// The secret is shown this once. Calling again with the same key gives the same answer, so that a program which dies here does not
// leave an endpoint behind whose secret nobody knows.
func ExampleClient_CreateEndpoint() {
	_, client := newPortal()
	ctx := context.Background()
	created, err := client.CreateEndpoint(ctx, events.EndpointForm{
		URL: "https://crm.example.com/hooks/portal", Types: []string{"deal.*", "lead.offered"}, Description: "CRM",
	}, partnerportal.WithIdempotencyKey("crm-hooks-1"))
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = webhook.ParseKey(created.Secret)
	fmt.Println(created.Endpoint.ID, created.Endpoint.Status, err)
	fmt.Println(created) // in a log, say

	_, err = client.CreateEndpoint(ctx, events.EndpointForm{URL: "http://10.0.0.1/hooks"})
	fmt.Println(errors.Is(err, events.ErrEndpointNotAllowed))
	// Output:
	// we_1 pending <nil>
	// secret of we_1
	// true
}

// The endpoint is enabled when its receiver has given back the challenge, a moment later.
func ExampleClient_EnableEndpoint() {
	_, client, endpoint := newEndpoint()
	ctx := context.Background()
	asked, err := client.EnableEndpoint(ctx, endpoint.ID)
	var refused *partnerportal.Error
	if errors.Is(err, events.ErrEndpointCoolingDown) && errors.As(err, &refused) {
		fmt.Println("try again in", refused.RetryAfter)
		return
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	now, err := client.GetEndpoint(ctx, endpoint.ID)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(asked.Status, "and then", now.Status)
	// Output: pending and then enabled
}

// Why is nothing delivered? The endpoint tells.
func ExampleClient_GetEndpoint() {
	_, client, endpoint := newEndpoint()
	e, err := client.GetEndpoint(context.Background(), endpoint.ID)
	if err != nil {
		fmt.Println(err)
		return
	}
	switch e.Status {
	case events.EndpointStatusPending:
		fmt.Println("it has not answered the challenge", e.Challenge.Failure)
	case events.EndpointStatusDisabled:
		fmt.Println("disabled since", e.DisabledAt, "because of", e.DisabledReason)
	case events.EndpointStatusEnabled, events.EndpointStatusPaused:
		fmt.Println(e.Waiting, "events wait")
	}
	// Output: it has not answered the challenge
}

func ExampleClient_ListEndpoints() {
	_, client, _ := newEndpoint()
	page, err := client.ListEndpoints(context.Background(), events.ListEndpointsParams{Status: []events.EndpointStatus{events.EndpointStatusPending}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(page.Items), page.Items[0].URL)
	// Output: 1 https://crm.example.com/hooks/portal
}

func ExampleClient_AllEndpoints() {
	_, client, _ := newEndpoint()
	for e, err := range client.AllEndpoints(context.Background(), events.ListEndpointsParams{}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(e.ID, e.URL)
	}
	// Output: we_1 https://crm.example.com/hooks/portal
}

// The change names the revision that it was made on. Null takes back a choice: the endpoint is sent all that the caller may read.
func ExampleClient_UpdateEndpoint() {
	_, client, endpoint := newEndpoint()
	changed, err := client.UpdateEndpoint(context.Background(), endpoint.ID, events.EndpointPatch{
		Types: partnerportal.Null[[]string](), Description: partnerportal.Set("PSA"),
	}, partnerportal.IfMatch(endpoint))
	if errors.Is(err, partnerportal.ErrStale) {
		fmt.Println("somebody else changed it; read it again")
		return
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(changed.Description, changed.Types)
	// Output: PSA []
}

func ExampleClient_DeleteEndpoint() {
	_, client, endpoint := newEndpoint()
	ctx := context.Background()
	fmt.Println(client.DeleteEndpoint(ctx, endpoint.ID, partnerportal.IfMatch(endpoint)))
	_, err := client.GetEndpoint(ctx, endpoint.ID)
	fmt.Println(errors.Is(err, partnerportal.ErrNotFound))
	// Output:
	// <nil>
	// true
}

// During maintenance events wait, and nothing counts as a failure.
func ExampleClient_PauseEndpoint() {
	_, client, endpoint := newEndpoint()
	paused, err := client.PauseEndpoint(context.Background(), endpoint.ID)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(paused.Status)
	// Output: paused
}

// With an overlap the receiver may change its key at any moment; after a leak the old one is void at once.
func ExampleClient_RotateSecret() {
	_, client, endpoint := newEndpoint()
	ctx := context.Background()
	rotated, err := client.RotateSecret(ctx, endpoint.ID, events.Rotation{OverlapSeconds: 3600})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(rotated.Endpoint.Keys), "keys sign")
	leaked, err := client.RotateSecret(ctx, endpoint.ID, events.Rotation{RevokeOld: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(leaked.Endpoint.Keys), "key signs")
	// Output:
	// 2 keys sign
	// 1 key signs
}

// The delivery of a test tells what the receiver answered.
func ExampleClient_TestEndpoint() {
	_, client, endpoint := newEndpoint()
	ctx := context.Background()
	test, err := client.TestEndpoint(ctx, endpoint.ID)
	if err != nil {
		fmt.Println(err)
		return
	}
	delivery, err := client.GetDelivery(ctx, test.ID)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(delivery.EventType, delivery.Status, delivery.LastStatus)
	// Output:
	// received webhook.test
	// webhook.test delivered 204
}

func ExampleClient_GetDelivery() {
	_, client, endpoint := newEndpoint()
	ctx := context.Background()
	test, err := client.TestEndpoint(ctx, endpoint.ID)
	if err != nil {
		fmt.Println(err)
		return
	}
	delivery, err := client.GetDelivery(ctx, test.ID)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, a := range delivery.Attempts {
		fmt.Println(a.At.Format(time.TimeOnly), a.Status, time.Duration(a.DurationMillis)*time.Millisecond)
	}
	// Output:
	// received webhook.test
	// 12:00:00 204 84ms
}

// newOutage is an endpoint whose receiver was down for one event.
func newOutage() (*fake, *events.Client, *events.Endpoint) {
	portal, client, endpoint := newEndpoint()
	receiver := portal.receiver
	portal.receiver = nil
	if _, err := client.TestEndpoint(context.Background(), endpoint.ID); err != nil {
		panic(err)
	}
	portal.receiver = receiver
	return portal, client, endpoint
}

func ExampleClient_ListDeliveries() {
	_, client, endpoint := newOutage()
	page, err := client.ListDeliveries(context.Background(), endpoint.ID, events.ListDeliveriesParams{Limit: 20})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, d := range page.Items {
		fmt.Println(d.ID, d.EventType, d.Status, d.LastFailure, d.LastStatus)
	}
	// Output: whd_1 webhook.test failed status 502
}

// Everything that was given up, of all pages.
func ExampleClient_AllDeliveries() {
	_, client, endpoint := newOutage()
	failed := events.ListDeliveriesParams{Status: []events.DeliveryStatus{events.DeliveryStatusFailed}}
	for d, err := range client.AllDeliveries(context.Background(), endpoint.ID, failed) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(d.EventID, d.EventType)
	}
	// Output: evt_test_1 webhook.test
}

// After an outage, what was given up is sent again, in order.
func ExampleClient_RecoverDeliveries() {
	_, client, endpoint := newOutage()
	yesterday := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	again, err := client.RecoverDeliveries(context.Background(), endpoint.ID, events.Recovery{Since: yesterday})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(again.Deliveries, "on the way")
	// Output: 1 on the way
}

// One event is sent once more; a receiver that has handled it drops it.
func ExampleClient_Redeliver() {
	_, client, _ := newOutage()
	again, err := client.Redeliver(context.Background(), "whd_1")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(again.ID, again.EventID)
	// Output:
	// received webhook.test
	// whd_2 evt_test_1
}
