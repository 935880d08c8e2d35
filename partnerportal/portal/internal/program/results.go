package program

import (
	"context"
	"time"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// transactions are what a user does to count as active: it moves business, and does not only read or take notes.
var transactions = []string{
	"deal.submitted", "deal.resubmitted", "deal.extension_requested", "deal.amendment_requested", "deal.won", "deal.lost",
	"lead.accepted", "lead.converted", "lead.submitted",
	"mdf.request_submitted", "mdf.claim_submitted",
	"quote.presented", "quote.accepted", "order.submitted",
}

// Subscribe lets what happens in the other rooms count.
func (s *Service) Subscribe(f *feed.Feed) {
	for _, event := range transactions {
		f.Subscribe(event, noteActive)
	}
	f.Subscribe("deal.submitted", noteRegistered)
	f.Subscribe("deal.won", noteWon)
	f.Subscribe("mdf.request_submitted", noteTimed)
	f.Subscribe("quote.created", noteQuoted)
	f.Subscribe("order.submitted", noteOrdered)
	f.Subscribe(feed.HoldingMoved, noteHolding)
}

// noteActive keeps that a partner's user did something today.
func noteActive(ctx context.Context, _ feed.Event) error {
	c := call.From(ctx)
	if c.Caller.Side != partnerportal.SidePartner {
		return nil
	}
	return c.Tx.PutActiveUser(ctx, store.PutActiveUserParams{Day: dayOf(c.Now), ClientID: c.Caller.ClientID, PartnerID: c.Caller.PartnerID})
}

// noteRegistered counts a registration, and the time it took. One that was recalled and sent again carries no time: it has counted.
func noteRegistered(ctx context.Context, e feed.Event) error {
	timed, ok := e.Payload.(feed.Timed)
	if !ok {
		return nil
	}
	if err := noteTimed(ctx, e); err != nil {
		return err
	}
	c := call.From(ctx)
	rules, err := directory.Load(ctx, c.Tx, timed.ProgramID)
	if err != nil {
		return err
	}
	return count(ctx, c, store.AddResultParams{
		PartnerID: e.PartnerID, ProgramID: timed.ProgramID, Kind: directory.ResultRegistered, Day: directory.Day(rules.Today(c.Now)),
	})
}

// noteWon counts a won deal with its revenue, on the day on which it was closed: the instant, which for a day in the past is 24:00 of
// it, may lie in the next.
func noteWon(ctx context.Context, e feed.Event) error {
	won, err := feed.Payload[feed.DealWon](e)
	if err != nil {
		return err
	}
	return count(ctx, call.From(ctx), store.AddResultParams{
		PartnerID: e.PartnerID, ProgramID: won.ProgramID, Kind: directory.ResultWon, Day: directory.Day(won.ClosedOn),
		Currency: won.Amount.Currency(), Amount: won.Amount.TenThousandths(),
	})
}

// CountOlder counts a deal that is older than the results. Nobody moves up by it.
func CountOlder(ctx context.Context, tx *store.Tx, d *deals.Deal, wonOn partnerportal.Date) error {
	submitted := d.Telemetry.SubmittedAt
	if submitted.IsZero() {
		return nil
	}
	result := store.AddResultParams{PartnerID: d.PartnerID, ProgramID: d.ProgramID, Kind: directory.ResultRegistered, Day: dayOf(submitted)}
	if err := tx.AddResult(ctx, result); err != nil || d.Outcome != deals.OutcomeWon {
		return err
	}
	result.Kind, result.Day = directory.ResultWon, directory.Day(wonOn)
	result.Currency, result.Amount = d.Close.ActualAmount.Currency(), d.Close.ActualAmount.TenThousandths()
	return tx.AddResult(ctx, result)
}

// count adds a result, which may bring the partner's membership further.
func count(ctx context.Context, c *call.Call, result store.AddResultParams) error {
	if err := c.Tx.Lock(ctx, "results "+result.PartnerID); err != nil { // two deals at once must not both be the one that was missing
		return err
	}
	add := func() error { return c.Tx.AddResult(ctx, result) }
	members, err := directory.MembersOf(ctx, c.Tx, result.PartnerID)
	if err != nil {
		return err
	}
	for _, m := range members {
		if m.ProgramID != result.ProgramID {
			continue
		}
		rules, err := directory.Load(ctx, c.Tx, m.ProgramID)
		if err != nil {
			return err
		}
		return reassess(ctx, c, rules, m, add)
	}
	return add()
}

// dayOf is the day of an instant, as forms and users are counted.
func dayOf(t time.Time) int64 { return directory.Day(partnerportal.DateOf(t.UTC())) }
