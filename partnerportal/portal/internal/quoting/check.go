package quoting

import (
	"context"
	"slices"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/offer"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/pricing"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/quotes"
)

// Checked is a quote as it would be now.
type Checked struct {
	Drift   quotes.Drift    // by which it differs from the quote as it is
	Faults  []pricing.Fault // why lines cannot be sold, as the drift says it in words
	Lines   []quotes.Line
	Totals  quotes.Totals
	Pricing quotes.Pricing
}

// Check makes a quote anew, without changing it: the configurations by the rules of now, the prices by the lists, the policy, the tier, the registration and the special
// pricing of now. List prices that are protected stay, and so does the special pricing of a quote that was accepted while it stood. Where a line cannot
// be sold any more there is no new total, and the drift names these lines alone.
func Check(ctx context.Context, tx *store.Tx, models *offer.Models, q *Stored, now time.Time) (*Checked, error) {
	in, faults, err := pricing.Again(ctx, tx, &q.Quote, now)
	if err != nil {
		return nil, err
	}
	violations, err := Violations(ctx, tx, models, &q.Quote, now)
	if err != nil {
		return nil, err
	}
	checked := &Checked{Drift: quotes.Drift{
		QuoteID: q.ID, Lines: gone(&q.Quote, faults), Before: q.Totals.Total, Violations: violations, PolicyVersion: in.Pricing.PolicyVersion, CheckedAt: now,
	}}
	drift := &checked.Drift
	if len(faults) > 0 {
		checked.Faults, drift.Changed = faults, true
		return checked, nil
	}
	priced, err := pricing.Price(in)
	if err != nil {
		return nil, err
	}
	checked.Lines, checked.Totals, checked.Pricing = priced.Lines, priced.Totals, priced.Pricing
	drift.After, drift.Totals, drift.Notes = priced.Totals.Total, priced.Totals, priced.Pricing.Notes
	drift.DealRegistrationExpired = q.Pricing.ProtectedDeal && slices.ContainsFunc(drift.Notes, func(n quotes.Note) bool {
		return n.Code == quotes.NoteCodeDealRegistrationExpired
	})
	if drift.Difference, err = drift.After.Sub(drift.Before); err != nil {
		return nil, err
	}
	for i := range q.Lines {
		line, err := compare(&q.Lines[i], &priced.Lines[i])
		if err != nil {
			return nil, err
		}
		if line != nil {
			drift.Lines = append(drift.Lines, *line)
		}
	}
	drift.Excesses = q.excesses(priced.Lines, in.Policy.PartnerPoints())
	drift.Changed = len(drift.Lines) > 0 || len(violations) > 0
	return checked, nil
}

// gone are the lines that cannot be ordered at any price.
func gone(q *quotes.Quote, faults []pricing.Fault) []quotes.LineDrift {
	lines := make([]quotes.LineDrift, len(faults))
	for i, f := range faults {
		lines[i] = quotes.LineDrift{
			LineID: f.LineID, SKU: f.SKU, Before: q.Lines[f.Line].Total,
			Reasons: []quotes.DriftReason{{Code: f.Drift, Message: f.Message}},
		}
	}
	return lines
}

// compare returns by how much a line costs more or less, and which components differ; nothing when its total is the same.
func compare(before, after *quotes.Line) (*quotes.LineDrift, error) {
	if before.Total == after.Total {
		return nil, nil
	}
	difference, err := after.Total.Sub(before.Total)
	if err != nil {
		return nil, err
	}
	d := &quotes.LineDrift{LineID: before.ID, SKU: before.SKU, Before: before.Total, After: after.Total, Difference: difference}
	was, err := byKind(before)
	if err != nil {
		return nil, err
	}
	is, err := byKind(after)
	if err != nil {
		return nil, err
	}
	for _, kind := range pricing.Kinds {
		if was[kind] != is[kind] {
			d.Reasons = append(d.Reasons, reason(kind, was[kind], is[kind]))
		}
	}
	return d, nil
}

// byKind adds up the components of a line.
func byKind(l *quotes.Line) (map[quotes.ComponentKind]partnerportal.Money, error) {
	none, err := l.Total.Sub(l.Total)
	if err != nil {
		return nil, err
	}
	sums := make(map[quotes.ComponentKind]partnerportal.Money, len(pricing.Kinds))
	for _, kind := range pricing.Kinds {
		sums[kind] = none
	}
	for _, c := range l.Components {
		if sums[c.Kind], err = sums[c.Kind].Add(c.Amount); err != nil {
			return nil, err
		}
	}
	return sums, nil
}

// words are what people call the components.
var words = map[quotes.ComponentKind]string{
	quotes.ComponentKindList: "list price", quotes.ComponentKindFixedPrice: "fixed price", quotes.ComponentKindVolume: "volume discount",
	quotes.ComponentKindTier: "tier's discount", quotes.ComponentKindPromotion: "promotion", quotes.ComponentKindDealRegistration: "deal registration's discount",
	quotes.ComponentKindSpecialBid: "special pricing", quotes.ComponentKindTerm: "discount for the term", quotes.ComponentKindManual: "discount by hand",
	quotes.ComponentKindFreight: "freight", quotes.ComponentKindTax: "tax",
}

func reason(kind quotes.ComponentKind, was, is partnerportal.Money) quotes.DriftReason {
	return quotes.DriftReason{
		Code: quotes.DriftCode(kind), Before: was, After: is, Message: "The " + words[kind] + " was " + was.String() + " and is " + is.String() + " now.",
	}
}
