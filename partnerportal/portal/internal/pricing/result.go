package pricing

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	contract "github.com/partnerportal/partnerportal-go/quotes"
)

// result writes the amounts down.
func (p *pricer) result() (*Result, error) {
	lines := make([]contract.Line, len(p.lines))
	for i := range p.lines {
		var err error
		if lines[i], err = p.written(&p.lines[i]); err != nil {
			return nil, atLine(i, err)
		}
	}
	totals, err := p.totals(lines)
	if err != nil {
		return nil, tooLarge("/lines", err)
	}
	p.noteCodes()
	made := p.Pricing
	made.Currency, made.TierID, made.Rounding, made.Stacking = p.Currency, p.TierID, contract.RoundingHalfEven, contract.StackingSequential
	if p.Policy.additive {
		made.Stacking = contract.StackingAdditive
	}
	made.ProtectedDeal = p.dealGave
	made.Notes = ofAllFirst(slices.Concat(made.Notes, p.notes))
	made.Notes = made.Notes[:min(len(made.Notes), notesMost)]
	return &Result{Lines: lines, Totals: totals, Pricing: made}, nil
}

// ofAllFirst puts what is said of the whole quote before what is said of its lines.
func ofAllFirst(notes []contract.Note) []contract.Note {
	slices.SortStableFunc(notes, func(a, b contract.Note) int { return cmp.Compare(min(len(a.LineID), 1), min(len(b.LineID), 1)) })
	return notes
}

func (p *pricer) written(l *line) (contract.Line, error) {
	w := l.Line.Line
	w.Components, w.SpecialPricingID = l.components, ""
	if l.special() > 0 {
		w.SpecialPricingID = l.Bid.ID
	}
	var err error
	for _, a := range []struct {
		to *partnerportal.Money
		n  int64
	}{{&w.List, l.listPrice()}, {&w.Net, l.net()}, {&w.Freight, l.freight}, {&w.Tax, l.tax}} {
		if *a.to, err = p.cents.money(a.n); err != nil {
			return w, err
		}
	}
	if w.Total, err = w.Net.Add(w.Freight); err != nil {
		return w, err
	}
	if w.Total, err = w.Total.Add(w.Tax); err != nil {
		return w, err
	}
	w.NetUnit, err = w.Net.MulRat(1, int64(w.Quantity))
	return w, err
}

// sums adds up amounts until one does not fit any more.
type sums struct{ err error }

func (s *sums) add(to *partnerportal.Money, m partnerportal.Money) {
	if s.err == nil {
		*to, s.err = to.Add(m)
	}
}

// totals adds up the lines that are not optional.
func (p *pricer) totals(lines []contract.Line) (contract.Totals, error) {
	none, err := p.cents.money(0)
	t, s := contract.Totals{Discounts: []contract.Discount{}, List: none, Net: none, Freight: none, Tax: none, Total: none}, sums{err}
	for i := range lines {
		l := &lines[i]
		if l.Optional {
			continue
		}
		s.add(&t.List, l.List)
		s.add(&t.Net, l.Net)
		s.add(&t.Freight, l.Freight)
		s.add(&t.Tax, l.Tax)
		s.add(&t.Total, l.Total)
		for _, c := range l.Components {
			switch c.Kind {
			case contract.ComponentKindList, contract.ComponentKindFreight:
			case contract.ComponentKindTax:
				s.add(taxOf(&t, c, none), c.Amount)
			default:
				s.add(discountOf(&t, c.Kind, none), c.Amount)
			}
		}
	}
	slices.SortStableFunc(t.Discounts, func(a, b contract.Discount) int {
		return slices.Index(Kinds, a.Kind) - slices.Index(Kinds, b.Kind)
	})
	if s.err != nil {
		return t, s.err
	}
	t.DiscountPercent, err = p.discountPercent(t)
	return t, err
}

// Kinds are the kinds of components in the order of the waterfall.
var Kinds = []contract.ComponentKind{
	contract.ComponentKindList, contract.ComponentKindFixedPrice, contract.ComponentKindVolume, contract.ComponentKindTier,
	contract.ComponentKindPromotion, contract.ComponentKindDealRegistration, contract.ComponentKindSpecialBid, contract.ComponentKindTerm,
	contract.ComponentKindManual, contract.ComponentKindFreight, contract.ComponentKindTax,
}

// discountOf is where the discounts of a kind are added up.
func discountOf(t *contract.Totals, kind contract.ComponentKind, none partnerportal.Money) *partnerportal.Money {
	i := slices.IndexFunc(t.Discounts, func(d contract.Discount) bool { return d.Kind == kind })
	if i < 0 {
		i = len(t.Discounts)
		t.Discounts = append(t.Discounts, contract.Discount{Kind: kind, Amount: none})
	}
	return &t.Discounts[i].Amount
}

// taxOf is where a tax is added up: by name and rate, in the order in which they occur.
func taxOf(t *contract.Totals, c contract.Component, none partnerportal.Money) *partnerportal.Money {
	i := slices.IndexFunc(t.Taxes, func(s contract.Tax) bool { return s.Name == c.Ref && s.Percent == c.Percent })
	if i < 0 {
		i = len(t.Taxes)
		t.Taxes = append(t.Taxes, contract.Tax{Name: c.Ref, Percent: c.Percent, Amount: none})
	}
	return &t.Taxes[i].Amount
}

// discountPercent is how much less net is than list, rounded half to even to two decimals, for people to read.
func (p *pricer) discountPercent(t contract.Totals) (string, error) {
	off, err := t.List.Sub(t.Net)
	if err != nil || t.List.Sign() == 0 || off.Sign() <= 0 {
		return "0", err
	}
	n, err := p.cents.part(off.TenThousandths(), 100_00, t.List.TenThousandths())
	text := strconv.FormatInt(n/100, 10)
	if part := n % 100; part > 0 {
		text += "." + strings.TrimRight(strconv.FormatInt(100+part, 10)[1:], "0")
	}
	return text, err
}
