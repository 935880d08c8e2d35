package quoting

import (
	"slices"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/pricing"
	"github.com/partnerportal/partnerportal-go/quotes"
)

// Grant is a discount that the vendor approved: it holds for as much or less, for as many units or more, for a contract as long or longer,
// and not on top of special pricing that was not there.
type Grant struct {
	Percent          string `json:"percent"`
	Quantity         int    `json:"quantity"`
	TermMonths       int    `json:"term_months,omitempty"`
	SpecialPricingID string `json:"special_pricing_id,omitempty"`
}

// Allows is how large a discount by hand of a line may be by the grant, in points; nothing when it is not for what the line has become.
func (g Grant) Allows(l *quotes.Line) int64 {
	if l.Quantity < g.Quantity || l.TermMonths < g.TermMonths || l.SpecialPricingID != "" && l.SpecialPricingID != g.SpecialPricingID {
		return 0
	}
	return pricing.Points(g.Percent)
}

// excesses are the discounts by hand that are larger at the prices of now than they were in the quote, when somebody decided on them, than what a partner
// gives without approval, and than what the vendor approved. A percentage stays what it was; an amount is more of a lower price. Of an amount for the whole
// quote no line carries more while all cost as much together, but for a cent by which the parts are rounded.
func (q *Stored) excesses(lines []quotes.Line, partner int64) []quotes.Excess {
	var found []quotes.Excess
	whole := slices.ContainsFunc(q.Adjustments, byAmount) && ofWhole(lines) < ofWhole(q.Lines)
	for i := range lines {
		l := &lines[i]
		if l.Optional || !whole && !byAmount(l.Adjustment) { // what is only offered is not ordered
			continue
		}
		n, allowed := pricing.Decided(l), max(pricing.Decided(&q.Lines[i]), partner, q.Granted[l.ID].Allows(l))
		if n > allowed {
			found = append(found, quotes.Excess{LineID: l.ID, SKU: l.SKU, Percent: pricing.Percent(n), AllowedPercent: pricing.Percent(allowed)})
		}
	}
	return found
}

// ofWhole is what adjustments of the whole quote are taken off, in ten-thousandths.
func ofWhole(lines []quotes.Line) (sum int64) {
	for i := range lines {
		if lines[i].Optional {
			continue
		}
		sum += lines[i].Net.TenThousandths()
		for _, c := range lines[i].Components {
			if c.Kind == quotes.ComponentKindManual && c.Ref == pricing.WholeQuote {
				sum -= c.Amount.TenThousandths()
			}
		}
	}
	return sum
}

func byAmount(a quotes.Adjustment) bool { return !a.Amount.IsZero() }
