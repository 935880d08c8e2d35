package program

import (
	"context"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/partnerportal/program"
)

// noteQuoted counts a quote when it is made; its later versions are the same quote.
func noteQuoted(ctx context.Context, e feed.Event) error {
	made, err := feed.Payload[feed.QuoteMade](e)
	if err != nil {
		return err
	}
	c := call.From(ctx)
	partner, err := directory.LoadPartner(ctx, c.Tx, e.PartnerID)
	if err != nil {
		return err
	}
	return c.Tx.InsertQuoteOutcome(ctx, store.InsertQuoteOutcomeParams{
		Number: made.Number, PartnerID: e.PartnerID, TierID: partner.Tier, Day: dayOf(c.Now), SessionID: made.SessionID, MadeAt: store.Micros(c.Now),
	})
}

// noteOrdered counts that a quote was ordered, and whether in the session in which it was made.
func noteOrdered(ctx context.Context, e feed.Event) error {
	placed, err := feed.Payload[feed.OrderPlaced](e)
	if err != nil {
		return err
	}
	c := call.From(ctx)
	return c.Tx.QuoteOrdered(ctx, store.QuoteOrderedParams{Number: placed.QuoteNumber, OrderedAt: store.Micros(c.Now), OrderSession: placed.SessionID})
}

// QuoteSession says how many quotes go from configured to ordered in one session.
func (s *Service) QuoteSession(ctx context.Context, params *contract.QuoteSessionParams) (*contract.QuoteSession, error) {
	c, ask := call.From(ctx), question(*params)
	from, to, err := ask.settle(c)
	if err != nil {
		return nil, err
	}
	days, minutes, err := c.Tx.QuoteOutcomes(ctx, store.OutcomesQuery{
		FromDay: directory.Day(from), ToDay: directory.Day(to), PartnerIDs: ask.PartnerID, TierIDs: ask.TierID,
	})
	if err != nil {
		return nil, err
	}
	all, series := contract.QuoteSessionStep{}, []contract.QuoteSessionStep{}
	epoch := partnerportal.Date{Year: 1970, Month: time.January, Day: 1}
	for _, d := range days {
		day := epoch.AddDays(int(d.Day))
		if len(series) == 0 || day.After(series[len(series)-1].To) {
			first, last := stepWithin(day, ask.Interval, from, to)
			series = append(series, contract.QuoteSessionStep{From: first, To: last})
		}
		for _, sum := range []*contract.QuoteSessionStep{&all, &series[len(series)-1]} {
			sum.Quotes += d.Quotes
			sum.InSession += d.InSession
			sum.Ordered += d.Ordered
			sum.OrderedInSession += d.AtOnce
			sum.Share = ratio(int64(sum.OrderedInSession), int64(sum.Quotes-sum.OrderedInSession))
		}
	}
	m := &contract.QuoteSession{
		From: from, To: to, Quotes: all.Quotes, InSession: all.InSession, Ordered: all.Ordered, OrderedInSession: all.OrderedInSession,
		Share: all.Share, Series: series,
	}
	if len(minutes) > 0 {
		m.MedianMinutes = histogram(minutes).percentiles(50)[0]
	}
	return m, nil
}
