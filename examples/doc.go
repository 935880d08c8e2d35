// Package examples holds programs to start from. Each runs offline:
//
//	go run ./examples/quickstart         the main job, end to end
//	go run ./examples/portal             a portal to point clients at
//	go run ./examples/crm-import         registers the open opportunities of a CRM export
//	go run ./examples/follow             follows the change feed, and loses nothing when it is stopped
//	go run ./examples/webhook-receiver   handles each webhook exactly once, and reads what it missed from the feed
//	go run ./examples/mdf-claim          market development funds, from the request to the payment, and their ledger
//	go run ./examples/money              a partner's money on one screen
package examples
