// Package events tells what happens at a portal: everything that happens to what the caller may read, its deals as its money, in
// the order in which it was committed. A program that follows the change feed needs no public address and loses nothing, whether it was up or not; a
// program that has an address registers it as a webhook endpoint, and hears of everything sooner.
//
//	err := events.Follow(ctx, events.New(pp), events.FileCursor("events.cursor"), func(ctx context.Context, e events.Event) error {
//		switch e.Type {
//		case deals.EventApproved:
//			deal, err := registry.Get(ctx, e.Subject.ID) // the event tells little; read the rest
//			…
//		}
//		return nil // unknown types are none of our business
//	})
//
// [Follow] runs until its context ends. It remembers in a [CursorStore] what the handler has done, so the next start goes on
// there; an event is handled at least once, and after a crash perhaps once more, with the same ID.
//
// # Starting from what there is
//
// The feed tells of changes. Who needs a copy of everything reads the lists first, and lets [Follow] say when: at the first start,
// and whenever the follower was away for longer than the portal keeps events.
//
//	err := events.Follow(ctx, events.New(pp), store, handle, events.WithSnapshot(func(ctx context.Context) error {
//		for deal, err := range deals.New(pp).All(ctx, deals.ListParams{}) { … }
//		for lead, err := range leads.New(pp).All(ctx, leads.ListParams{}) { … }
//		return nil
//	}))
//
// The cursor is taken before the lists are read, so that what changes meanwhile is told again behind it and nothing is missed. A
// resource whose Revision is not smaller than the event's Subject.Version has the event's change already. Without [WithSnapshot],
// Follow ends with [ErrCursorExpired] where it would have to miss events; [Snapshot] is the way back by hand.
//
// # Webhook endpoints
//
// An endpoint is an address to which the portal sends events, signed, several times if it must, and for one resource in order:
//
//	created, err := client.CreateEndpoint(ctx, events.EndpointForm{URL: "https://crm.example.com/hooks/portal", Types: []string{"deal.*"}})
//	…
//	key, err := webhook.ParseKey(created.Secret) // shown this once: keep it where the receiver finds it
//
// The portal asks the address first whether it belongs to the caller, with a webhook.ping; a [webhook.Receiver] with the key answers by
// itself, and the endpoint is enabled. If nobody answered in time, start the receiver and call [Client.EnableEndpoint].
// [Client.TestEndpoint] sends an event that means nothing; [Client.GetDelivery] tells what came of it, as it does of every delivery.
// With [SchemeV1A] there is no secret: the portal publishes the public key, and [webhook.JWKS] looks for it at the portal's address with
// JWKSURL behind it.
//
// To rotate, call [Client.RotateSecret], and give the receiver both keys, the new one first. For a day the portal signs with both, so
// there is no moment at which a delivery is refused; after it the old one can go. After a leak, RevokeOld makes it void at once.
//
// An endpoint that takes nothing for 120 hours is disabled; the portal warns before, by [EventEndpointDisabling], and tells
// [EventEndpointDisabled]. Nothing is lost by that either: what the portal gave up is sent again by [Client.RecoverDeliveries], and
// [Source] lets [webhook.Backfill] read what was missed from the feed, by the same handlers and without doubling. Run it when the
// program starts and every hour or so, as nothing else moves its checkpoint. A program that follows the feed instead shares those handlers by [Dispatch].
package events

import (
	"context"

	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// What a portal answers when it refuses, for errors.Is.
const (
	// ErrCursorExpired says that the portal no longer keeps all events behind the cursor. Starting over is told in the package's
	// comment; it is never done silently, as changes would be missed.
	ErrCursorExpired = partnerportal.ErrCursorExpired
	// ErrEndpointNotAllowed says that the portal does not send to the address, such as one that is not public. Detail of the error
	// says what is wrong with it.
	ErrEndpointNotAllowed = partnerportal.ErrorCode("endpoint_not_allowed")
	// ErrTooManyEndpoints says that the owner has as many endpoints as it may: delete one first.
	ErrTooManyEndpoints = partnerportal.ErrorCode("too_many_endpoints")
	// ErrTooManyKeys says that the endpoint still has the most keys that may sign at once. Rotate with RevokeOld, or wait until one
	// expires.
	ErrTooManyKeys = partnerportal.ErrorCode("too_many_keys")
	// ErrEndpointCoolingDown says that the portal has disabled the endpoint just now; RetryAfter of the error says when it can be
	// enabled again.
	ErrEndpointCoolingDown = partnerportal.ErrorCode("endpoint_cooling_down")
)

// What happens to webhook endpoints, and what is sent to try one. The packages of other resources have the types of theirs.
const (
	EventEndpointEnabled   = "webhook_endpoint.enabled"   // it answered a challenge, and is sent events
	EventEndpointDisabling = "webhook_endpoint.disabling" // it takes nothing, and will be disabled
	EventEndpointDisabled  = "webhook_endpoint.disabled"  // it is sent nothing any more
	EventPing              = "webhook.ping"               // a challenge, which a webhook.Receiver answers by itself
	EventTest              = "webhook.test"               // somebody asked for it with TestEndpoint
)

// FromHere is the cursor of the end of the feed, as [ListParams] takes it.
const FromHere = "now"

// Now returns a cursor behind which everything is that happens from now on.
func (c *Client) Now(ctx context.Context, opts ...partnerportal.RequestOption) (string, error) {
	page, err := c.List(ctx, ListParams{Cursor: FromHere, Limit: 1}, opts...)
	if err != nil {
		return "", err
	}
	return page.Cursor, nil
}
