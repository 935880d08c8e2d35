package pricing

import (
	"slices"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	contract "github.com/partnerportal/partnerportal-go/quotes"
)

// line is a line on its way from the list price to the total. Amounts are counts of the currency's smallest unit.
type line struct {
	*Line
	components []contract.Component

	listed amount // by the price list
	base   amount // what percentages are of where they are added up
	left   amount // after the components so far
	bid    int64  // the component of the special price

	facts map[string]any // that conditions are about, once one has asked

	freight, tax int64
}

// amount is what a line costs, in two parts: the units with a special price, and the others.
type amount struct{ bid, rest int64 }

func (a amount) sum() int64 { return a.bid + a.rest }

func (l *line) listPrice() int64 { return l.listed.sum() }
func (l *line) net() int64       { return l.left.sum() }

// fixed says that the price list fixes the price: only a special price and what a person decides come after it.
func (l *line) fixed() bool { return !l.FixedUnit.IsZero() }

// special is how many units have the special price: none when the list price has come down to it.
func (l *line) special() int {
	if !l.Bid.Unit.IsZero() && l.Bid.Unit.Currency() == l.ListUnit.Currency() && l.Bid.Unit.TenThousandths() >= l.ListUnit.TenThousandths() {
		return 0
	}
	return min(l.Bid.Quantity, l.Quantity)
}

// replaced says that the special price has a discount in it.
func (l *line) replaced(kind contract.ComponentKind) bool {
	return !l.Bid.Unit.IsZero() || len(l.Bid.Replaces) == 0 || slices.Contains(l.Bid.Replaces, kind)
}

// discounted is by how much a line is below its list price, the special price aside.
func (l *line) discounted() int64 { return l.listPrice() + l.bid - l.net() }

// list puts down the list price.
func (p *pricer) list(l *line) error {
	price, err := p.priceOf(l, "/list_unit", l.ListUnit)
	if err != nil {
		return err
	}
	l.listed, l.base, l.left = price, price, price
	return p.show(l, contract.Component{Kind: contract.ComponentKindList, Ref: l.PriceListID}, price.sum())
}

// priceOf is what a line costs at so much for one.
func (p *pricer) priceOf(l *line, pointer string, unit partnerportal.Money) (amount, error) {
	all, err := p.cents.times(pointer, unit, l.Quantity)
	if err != nil {
		return amount{}, err
	}
	special, err := p.cents.times(pointer, unit, l.special())
	return amount{bid: special, rest: all - special}, err
}

// discount takes a line from its list price to its net, but for the discounts of the whole quote.
func (p *pricer) discount(l *line) error {
	for _, step := range []func(*line) error{
		p.fixedPrice, p.quantityBreak, p.volume, p.tier, p.promotion, p.dealRegistration, p.specialBid, p.term, p.manual,
	} {
		if err := step(l); err != nil {
			return err
		}
	}
	return nil
}

func (p *pricer) fixedPrice(l *line) error {
	return p.reprice(l, "/fixed_unit", l.FixedUnit, contract.ComponentKindFixedPrice)
}

// quantityBreak is the price list's own price for so many.
func (p *pricer) quantityBreak(l *line) error {
	if l.fixed() {
		return nil
	}
	return p.reprice(l, "/break_unit", l.BreakUnit, contract.ComponentKindVolume)
}

// reprice puts another price of the price list in the place of the list price.
func (p *pricer) reprice(l *line, pointer string, unit partnerportal.Money, kind contract.ComponentKind) error {
	if unit.IsZero() {
		return nil
	}
	price, err := p.priceOf(l, pointer, unit)
	if err != nil {
		return err
	}
	if l.replaced(kind) {
		price.bid = l.left.bid
	}
	before := l.net()
	l.left, l.base = price, price
	return p.show(l, contract.Component{Kind: kind, Ref: l.PriceListID}, l.net()-before)
}

func (p *pricer) volume(l *line) error {
	row := p.Policy.volume(l)
	return p.take(l, row.rate, contract.Component{Kind: contract.ComponentKindVolume, Note: row.note})
}

func (p *pricer) tier(l *line) error {
	return p.take(l, p.Policy.tier(p.TierID, l.Family), contract.Component{Kind: contract.ComponentKindTier, Ref: p.TierID})
}

func (p *pricer) promotion(l *line) error {
	best := p.bestPromotion(l)
	if best == nil || l.fixed() {
		return nil
	}
	p.given[best.code] = true
	return p.take(l, best.rate, contract.Component{Kind: contract.ComponentKindPromotion, Ref: best.Code, Note: best.Name})
}

func (p *pricer) dealRegistration(l *line) error {
	r := p.Policy.dealRegistration(l.Family, p.Deal.Percent)
	if !p.Deal.Protected || r.points == 0 || l.fixed() {
		return nil
	}
	if len(p.Deal.Families) > 0 && !slices.ContainsFunc(p.Deal.Families, same(l.Family)) {
		p.note(l, contract.NoteCodeDealRegistrationOutOfScope, p.Deal.ID, "The registration does not protect this product family, so it gives no discount here.")
		return nil
	}
	before := l.net()
	err := p.take(l, r, contract.Component{Kind: contract.ComponentKindDealRegistration, Ref: p.Deal.ID})
	p.dealGave = p.dealGave || l.net() < before
	return err
}

// specialBid prices the first units as the vendor has approved: at a price of their own, or so many percent of the list price below what is left.
func (p *pricer) specialBid(l *line) error {
	if l.special() == 0 {
		return nil
	}
	r, err := newRate(l.Bid.Percent)
	if err != nil {
		return err
	}
	off, err := p.cents.share(l.listed.bid, r)
	if err != nil {
		return err
	}
	price := l.left.bid - min(off, l.left.bid)
	if !l.Bid.Unit.IsZero() {
		if price, err = p.cents.times("/special_pricing", l.Bid.Unit, l.special()); err != nil {
			return err
		}
		l.base.bid = price
	}
	c := contract.Component{Kind: contract.ComponentKindSpecialBid, Percent: r.text, Ref: l.Bid.ID}
	if l.special() < l.Quantity {
		c.Quantity = l.special()
	}
	l.bid, l.left.bid = price-l.left.bid, price
	return p.show(l, c, l.bid)
}

func (p *pricer) term(l *line) error {
	row := p.Policy.term(l.TermMonths)
	return p.take(l, row.rate, contract.Component{Kind: contract.ComponentKindTerm, Note: row.note})
}

// take subtracts a percentage that the policy gives.
func (p *pricer) take(l *line, r rate, c contract.Component) error {
	if r.points == 0 || l.fixed() {
		return nil
	}
	of := l.left
	if p.Policy.additive {
		of = l.base
	}
	if l.replaced(c.Kind) {
		of.bid = 0
	}
	all, err := p.cents.share(of.sum(), r)
	if err != nil {
		return err
	}
	special, err := p.cents.share(of.bid, r)
	if err != nil {
		return err
	}
	c.Percent = r.text
	return p.subtract(l, amount{bid: min(special, l.left.bid), rest: min(all-special, l.left.rest)}, c)
}

// subtract takes a discount off a line, as much of it as the policy allows.
func (p *pricer) subtract(l *line, off amount, c contract.Component) error {
	if limit := p.Policy.limit; limit.given() {
		most, err := p.cents.share(l.listPrice(), limit)
		if err != nil {
			return err
		}
		if over := off.sum() - max(0, most-l.discounted()); over > 0 {
			cut := min(over, off.rest)
			off.rest, off.bid = off.rest-cut, off.bid-(over-cut)
			p.note(l, contract.NoteCodeDiscountCapped, string(c.Kind), "The discounts of a line together are at most "+limit.text+" %.")
		}
	}
	l.left.bid, l.left.rest = l.left.bid-off.bid, l.left.rest-off.rest
	return p.show(l, c, -off.sum())
}

// show adds a component, unless it says nothing.
func (p *pricer) show(l *line, c contract.Component, n int64) error {
	if n == 0 && c.Kind != contract.ComponentKindList && c.Kind != contract.ComponentKindSpecialBid && c.Kind != contract.ComponentKindTax {
		return nil
	}
	var err error
	c.Amount, err = p.cents.money(n)
	l.components = append(l.components, c)
	return err
}
