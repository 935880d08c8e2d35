// Package webhook receives the events of a partner portal: signed deliveries in, typed handler calls out, each event handled once.
// It speaks Standard Webhooks 1.0.0 and needs nothing but the standard library, not even the Client of this SDK.
//
// A whole endpoint:
//
//	secret, err := webhook.ParseKey(os.Getenv("WEBHOOK_SECRET")) // whsec_…, shown once when the endpoint was created
//	…
//	v, err := webhook.NewVerifier(webhook.StaticKeys(secret))
//	…
//	r := webhook.NewReceiver(v)
//	webhook.On(r, deals.EventApproved, webhook.Fetch(registry.Get, func(ctx context.Context, ev webhook.Event[deals.Deal]) error {
//		return crm.Won(ctx, ev.Data.Number) // the deal as it is now; registry is deals.New(pp)
//	}))
//	http.Handle("POST /hooks/portal", r)
//
// Events tell little: a handler of [On] that takes events.Data has an event's own words, one made by [Fetch] the resource itself.
//
// # What is promised
//
//   - What does not carry a fresh signature of a configured key is refused, mostly before a byte of its body is read. [Verifier]
//     takes that decision, and can be used alone: behind a framework, a queue or a function runtime.
//   - An event that is delivered again is acknowledged and not handled again. That holds in memory by default; with [SQLStore] it
//     holds across restarts and replicas, and a handler's own writes can commit together with the record of the event.
//   - A failed handler makes the sender try again, for days. Unknown types and unknown fields never fail.
//   - What was missed while the endpoint was down is fetched with [Backfill], by the same handlers, without doubling.
//
// # Keys
//
// An endpoint has a shared secret (whsec_…, scheme v1) or a key pair (whsk_… and whpk_…, scheme v1a), whose public half may come
// from the sender's [JWKS]. To rotate, let the sender sign with the new and the old key for a time, configure both, newest first,
// and take the old one out when [Delivery].KeyIndex is 0 throughout. [Signer] is the sender's end, and good for tests.
package webhook
