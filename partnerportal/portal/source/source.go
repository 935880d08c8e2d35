// Package source is where a portal gets the figures that other systems own: what finance has posted and paid, what the CRM attributes to a
// partner, what the learning system knows of its people. The portal pulls and shows them with their age; it never keeps a second
// truth.
//
//	p, err := portal.Open(ctx, "sqlite:portal.db",
//		portal.WithFinance(source.NewDir("/var/spool/portal/finance", "netsuite")))
//	…
//	go p.Run(ctx) // reads it every quarter of an hour; p.Pull(ctx) reads it at once
//
// [Dir] reads CSV and JSON files that a nightly export drops. A system with an API is an implementation of one of the interfaces.
//
// # The rules
//
// Each reading is the whole of what the system knows, as of an instant that it states. A reading that fails, or that is as of an earlier
// instant than the one before, is not taken: what was read last stays in use, is stale after a time (portal.WithFreshness), and the
// failure is shown. A figure whose system was never read is absent, and not zero. Single records that contradict the portal, such as those of
// unknown partners, are left out and shown to the vendor as conflicts.
//
// The MDF balance is *what finance has posted as of t, minus what was held since t*: finance owns the balance, and does not know of a hold before
// it has seen it.
package source

import (
	"context"
	"time"

	"github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// The kinds of systems.
const (
	KindFinance = "finance"
	KindCRM     = "crm"
	KindLMS     = "lms"
)

// Finance is the system in which money is posted and paid.
type Finance interface {
	// Finance reads the books as they stand. It is called by one goroutine at a time, outside of any transaction.
	Finance(ctx context.Context) (*Books, error)
}

// CRM is the system in which the vendor's sales team works.
type CRM interface {
	// CRM reads what it says of partners as it stands. It is called by one goroutine at a time, outside of any transaction.
	CRM(ctx context.Context) (*Relations, error)
}

// LMS is the system in which people learn.
type LMS interface {
	// LMS reads who has completed what as it stands. It is called by one goroutine at a time, outside of any transaction.
	LMS(ctx context.Context) (*Learning, error)
}

// Stamp says what a reading is: of which system, and as of when.
type Stamp struct {
	// System is the system's name, such as "netsuite"; at most 64 characters.
	System string
	// AsOf is the instant whose state the reading shows. All that happened in the portal up to then counts as seen.
	AsOf time.Time
}

// Books are what finance says.
type Books struct {
	Stamp

	// Balances are the MDF balances; nil when the system keeps none, and the portal's own ledger counts.
	Balances []Balance
	// Revenue is what was sold; nil when the system keeps none, and the CRM's or the portal's won deals count.
	Revenue []Revenue
	// Payments say what became of scheduled payouts.
	Payments []Payment
	// Credits are what partners may still order; nil when the system keeps none, and nobody is limited.
	Credits []Credit
}

// Relations are what the CRM says.
type Relations struct {
	Stamp

	// Revenue is what is attributed to partners; nil when the system keeps none. Finance goes before it.
	Revenue []Revenue
	// Leads are made in the portal, once for each of their first external references, and distributed by the portal's rules.
	Leads []leads.NewLead
}

// Learning is what the LMS says.
type Learning struct {
	Stamp

	// Completions say how many people meet a requirement of a tier, in a system that counts by itself; nil when it does not.
	Completions []Completion
	// People are the partners' people; they are added to the portal's learners, and changed where the LMS says otherwise. Who is not there
	// stays.
	People []Person
	// Records are what people did. One that was told counts, whether or not it is told again, until one of the same ID takes it back
	// ([VerbVoided]); the order does not matter.
	Records []Record
}

// Balance is what finance has posted of a partner's market development funds in one currency: what was granted, less what was paid.
type Balance struct {
	PartnerID string
	Amount    partnerportal.Money
}

// Credit is what a partner may order in one currency, beside what it has ordered as of the reading. What it orders from then on, finance has
// not seen, and is taken off by the portal. A partner without a record in the currency of an order is not limited.
type Credit struct {
	PartnerID string
	// Available is what is left of the limit; below zero when the partner owes more than that.
	Available partnerportal.Money
}

// Revenue is one piece of what was sold.
type Revenue struct {
	// ID is the record's id in its system; at most 64 characters.
	ID        string
	PartnerID string
	// On is the day on which it counts.
	On partnerportal.Date
	// Amount is negative for a credit note.
	Amount partnerportal.Money
}

// Payment says what became of a payout.
type Payment struct {
	// Payout is the payout's number, such as P-000042.
	Payout string
	// Amount must be that of the payout: another one is a conflict, and the payout stays as it is.
	Amount partnerportal.Money
	// PaidOn is when the money arrived; none when it failed.
	PaidOn partnerportal.Date
	// Trace is the bank's reference.
	Trace string
	// Failure says why it failed.
	Failure string
}

// Completion says that somebody of a partner's meets a requirement of its programme, such as one of kind certified_people.
type Completion struct {
	PartnerID string
	// Requirement is the requirement's id in the programme.
	Requirement string
	// Person tells the people of a partner apart; only their number is kept.
	Person string
	// ExpiresOn is the last day on which it counts; none for ever.
	ExpiresOn partnerportal.Date
}
