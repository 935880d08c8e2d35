// Package examples holds programs to start from. Each runs offline:
//
//	go run ./examples/quickstart         the main job, end to end
//	go run ./examples/portal             a portal to point clients at
//	go run ./examples/crm-import         registers the open opportunities of a CRM export
//	go run ./examples/follow             follows the change feed, and loses nothing when it is stopped
//	go run ./examples/webhook-receiver   handles each webhook exactly once, and reads what it missed from the feed
//	go run ./examples/mdf-claim          market development funds, from the request to the payment, and their ledger
//	go run ./examples/money              a partner's money on one screen
//	go run ./examples/catalog-import     a vendor's products and prices from CSV files, faults included
//	go run ./examples/quote-to-order     from a registered deal to an order in one session, with the quote as PDF
//	go run ./examples/cert-tracker       which certifications end soon, and what that does to the tier
//	go run ./examples/verify-badge       says whether badges can be relied on, without a network
package examples
