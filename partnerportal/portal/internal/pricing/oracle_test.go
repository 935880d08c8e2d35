package pricing_test

import (
	"slices"
	"strings"

	"github.com/cockroachdb/apd/v3"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/pricing"
	contract "github.com/partnerportal/partnerportal-go/quotes"
)

// oracle prices again, in exact decimals of another library and by looking rules up in another way.
type oracle struct {
	in     *pricing.Input
	policy *contract.PricePolicyInput
	digits int32
}

// step is a component that the oracle expects.
type step struct {
	kind   contract.ComponentKind
	amount *apd.Decimal
}

// expected is a line as the oracle has it.
type expected struct {
	line    pricing.Line
	steps   []step
	list    *apd.Decimal
	special *apd.Decimal // the component of the special price
	a, b    *apd.Decimal // what the units with a special price cost, and the others
	freight *apd.Decimal
}

var decimals = apd.Context{Precision: 80, MaxExponent: 1000, MinExponent: -1000, Rounding: apd.RoundHalfEven}

func dec(text string) *apd.Decimal {
	d, _, err := apd.NewFromString(text)
	must(err)
	return d
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

type operation func(d, x, y *apd.Decimal) (apd.Condition, error)

func do(op operation, x, y *apd.Decimal) *apd.Decimal {
	d := new(apd.Decimal)
	_, err := op(d, x, y)
	must(err)
	return d
}

func plus(x, y *apd.Decimal) *apd.Decimal  { return do(decimals.Add, x, y) }
func minus(x, y *apd.Decimal) *apd.Decimal { return do(decimals.Sub, x, y) }
func times(x, y *apd.Decimal) *apd.Decimal { return do(decimals.Mul, x, y) }
func least(x, y *apd.Decimal) *apd.Decimal {
	if x.Cmp(y) < 0 {
		return x
	}
	return y
}

func (o *oracle) round(x *apd.Decimal) *apd.Decimal {
	d := new(apd.Decimal)
	_, err := decimals.Quantize(d, x, -o.digits)
	must(err)
	return d
}

func (o *oracle) percent(x *apd.Decimal, percent string) *apd.Decimal {
	return o.round(times(times(x, dec(percent)), dec("0.01")))
}

func (o *oracle) price(unit partnerportal.Money, quantity int) *apd.Decimal {
	return o.round(times(dec(unit.Amount()), apd.New(int64(quantity), 0)))
}

func (o *oracle) lines() []*expected {
	lines := make([]*expected, len(o.in.Lines))
	for i, l := range o.in.Lines {
		lines[i] = o.line(l)
	}
	for _, a := range o.in.Adjustments {
		o.adjust(lines, a)
	}
	o.freight(lines)
	for _, e := range lines {
		of := plus(plus(e.a, e.b), e.freight)
		for _, t := range o.policy.Taxes {
			if t.Country == o.in.Country && (t.Region == "" || t.Region == o.in.Region) {
				e.steps = append(e.steps, step{contract.ComponentKindTax, o.percent(of, t.Percent)})
			}
		}
	}
	return lines
}

func (o *oracle) line(l pricing.Line) *expected {
	n := min(l.Bid.Quantity, l.Quantity)
	if !l.Bid.Unit.IsZero() && dec(l.Bid.Unit.Amount()).Cmp(dec(l.ListUnit.Amount())) >= 0 {
		n = 0
	}
	replaced := func(kind contract.ComponentKind) bool {
		return !l.Bid.Unit.IsZero() || len(l.Bid.Replaces) == 0 || slices.Contains(l.Bid.Replaces, kind)
	}
	e := &expected{line: l, list: o.price(l.ListUnit, l.Quantity), special: dec("0"), freight: dec("0")}
	listA := o.price(l.ListUnit, n)
	e.a, e.b = listA, minus(e.list, listA)
	baseA, baseB := e.a, e.b
	e.steps = []step{{contract.ComponentKindList, e.list}}

	repriced := func(kind contract.ComponentKind, unit partnerportal.Money) {
		before := plus(e.a, e.b)
		all, part := o.price(unit, l.Quantity), o.price(unit, n)
		e.b = minus(all, part)
		if !replaced(kind) {
			e.a = part
		}
		baseA, baseB = e.a, e.b
		e.add(kind, minus(plus(e.a, e.b), before))
	}
	fixed := !l.FixedUnit.IsZero()
	discount := func(kind contract.ComponentKind, percent string) {
		if percent == "" || fixed {
			return
		}
		ofA, ofB := e.a, e.b
		if o.policy.Stacking == contract.StackingAdditive {
			ofA, ofB = baseA, baseB
		}
		if replaced(kind) {
			ofA = dec("0")
		}
		part := o.percent(ofA, percent)
		rest := minus(o.percent(plus(ofA, ofB), percent), part)
		o.subtract(e, kind, least(part, e.a), least(rest, e.b))
	}
	switch {
	case fixed:
		repriced(contract.ComponentKindFixedPrice, l.FixedUnit)
	case !l.BreakUnit.IsZero():
		repriced(contract.ComponentKindVolume, l.BreakUnit)
	}
	discount(contract.ComponentKindVolume, o.volume(l))
	discount(contract.ComponentKindTier, o.tier(l))
	discount(contract.ComponentKindPromotion, o.promotion(l))
	if o.in.Deal.Protected && (len(o.in.Deal.Families) == 0 || slices.Contains(o.in.Deal.Families, l.Family)) {
		discount(contract.ComponentKindDealRegistration, o.deal(l))
	}
	if n > 0 {
		before := e.a
		if l.Bid.Percent != "" {
			e.a = minus(e.a, least(e.a, o.percent(listA, l.Bid.Percent)))
		} else {
			e.a = o.price(l.Bid.Unit, n)
			baseA = e.a
		}
		e.special = minus(e.a, before)
		e.steps = append(e.steps, step{contract.ComponentKindSpecialBid, e.special})
	}
	discount(contract.ComponentKindTerm, o.term(l))
	o.manual(e, o.decided(l.Adjustment, plus(e.a, e.b)))
	return e
}

func (o *oracle) decided(a contract.Adjustment, of *apd.Decimal) *apd.Decimal {
	switch {
	case !a.Amount.IsZero():
		return dec(a.Amount.Amount())
	case a.Percent != "":
		return o.percent(of, a.Percent)
	}
	return dec("0")
}

func (o *oracle) manual(e *expected, off *apd.Decimal) {
	rest := least(off, e.b)
	o.subtract(e, contract.ComponentKindManual, minus(off, rest), rest)
}

// subtract takes off the two parts of a line what the limit allows of it, less of the others' part first.
func (o *oracle) subtract(e *expected, kind contract.ComponentKind, offA, offB *apd.Decimal) {
	if o.policy.MaxDiscountPercent != "" {
		so := minus(plus(e.list, e.special), plus(e.a, e.b))
		room := minus(o.percent(e.list, o.policy.MaxDiscountPercent), so)
		if room.Sign() < 0 {
			room = dec("0")
		}
		offA = least(offA, room)
		offB = least(offB, minus(room, offA))
	}
	e.a, e.b = minus(e.a, offA), minus(e.b, offB)
	e.add(kind, minus(dec("0"), plus(offA, offB)))
}

// add notes a component, unless it changes nothing.
func (e *expected) add(kind contract.ComponentKind, amount *apd.Decimal) {
	if !amount.IsZero() {
		e.steps = append(e.steps, step{kind, amount})
	}
}

func (o *oracle) adjust(lines []*expected, a contract.Adjustment) {
	if a.Amount.IsZero() {
		for _, e := range lines {
			o.manual(e, o.decided(a, plus(e.a, e.b)))
		}
		return
	}
	o.spread(dec(a.Amount.Amount()), lines, func(pricing.Line) bool { return true }, o.manual)
}

func (o *oracle) spread(n *apd.Decimal, lines []*expected, takesPart func(pricing.Line) bool, give func(*expected, *apd.Decimal)) {
	lines = slices.DeleteFunc(slices.Clone(lines), func(e *expected) bool { return e.line.Optional || !takesPart(e.line) })
	total, running, before := dec("0"), dec("0"), dec("0")
	for _, e := range lines {
		total = plus(total, plus(e.a, e.b))
	}
	for i, e := range lines {
		part := dec("0")
		running = plus(running, plus(e.a, e.b))
		switch {
		case !total.IsZero():
			upTo := o.round(do(decimals.Quo, times(n, running), total))
			part, before = minus(upTo, before), upTo
		case i == 0:
			part = n
		}
		give(e, part)
	}
}

func (o *oracle) freight(lines []*expected) {
	var rule *contract.PriceFreight
	for _, country := range []string{"", o.in.Country} {
		for i := len(o.policy.Freight) - 1; i >= 0; i-- {
			f := &o.policy.Freight[i]
			if f.Country == country && (f.Flat.IsZero() || f.Flat.Currency() == o.in.Currency) {
				rule = f
			}
		}
	}
	if rule == nil {
		return
	}
	ships := func(l pricing.Line) bool { return l.Kind == "hardware" }
	carry := func(e *expected, part *apd.Decimal) {
		e.freight = part
		e.add(contract.ComponentKindFreight, part)
	}
	if !rule.Flat.IsZero() {
		o.spread(dec(rule.Flat.Amount()), lines, ships, carry)
		return
	}
	for _, e := range lines {
		if ships(e.line) {
			carry(e, o.percent(plus(e.a, e.b), rule.Percent))
		}
	}
}

func (o *oracle) tier(l pricing.Line) string {
	percent := ""
	for _, family := range []string{"", l.Family} {
		for _, d := range o.policy.TierDiscounts {
			if d.TierID == o.in.TierID && d.Family == family {
				percent = d.Percent
			}
		}
	}
	return percent
}

func (o *oracle) deal(l pricing.Line) string {
	percent := ""
	for _, d := range o.policy.DealRegistration {
		if d.Family == "" {
			percent = d.Percent
		}
	}
	if o.in.Deal.Percent != "" {
		percent = o.in.Deal.Percent
	}
	for _, d := range o.policy.DealRegistration {
		if d.Family != "" && d.Family == l.Family {
			percent = d.Percent
		}
	}
	return percent
}

func (o *oracle) volume(l pricing.Line) string {
	fits := slices.DeleteFunc(slices.Clone(o.policy.VolumeDiscounts), func(d contract.PriceVolumeDiscount) bool {
		return d.MinQuantity > l.Quantity || d.SKU != "" && d.SKU != l.SKU || d.Family != "" && d.Family != l.Family
	})
	if len(fits) == 0 {
		return ""
	}
	return slices.MaxFunc(fits, func(a, b contract.PriceVolumeDiscount) int {
		if c := strings.Compare(a.SKU, b.SKU); c != 0 {
			return c
		}
		if c := strings.Compare(a.Family, b.Family); c != 0 {
			return c
		}
		return a.MinQuantity - b.MinQuantity
	}).Percent
}

func (o *oracle) term(l pricing.Line) string {
	percent, longest := "", 0
	for _, d := range o.policy.TermDiscounts {
		if d.TermMonths <= l.TermMonths && d.TermMonths > longest {
			percent, longest = d.Percent, d.TermMonths
		}
	}
	return percent
}

func (o *oracle) promotion(l pricing.Line) string {
	best := ""
	for _, promo := range o.policy.Promotions {
		asked := promo.Automatic || slices.Contains(o.in.Codes, promo.Code)
		if asked && (len(promo.SKUs) == 0 || slices.Contains(promo.SKUs, l.SKU)) && (best == "" || dec(promo.Percent).Cmp(dec(best)) > 0) {
			best = promo.Percent
		}
	}
	return best
}
