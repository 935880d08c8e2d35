package pricing

import (
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	contract "github.com/partnerportal/partnerportal-go/quotes"
)

// manual takes off what a person decides about a line, of what is left after all other discounts.
func (p *pricer) manual(l *line) error {
	off, err := p.decided("/adjustment", l.Adjustment, l.net())
	if err != nil {
		return err
	}
	return p.subtract(l, restFirst(l, off), contract.Component{Kind: contract.ComponentKindManual, Percent: l.Adjustment.Percent})
}

// WholeQuote is the reference of what is taken off a line for the whole quote.
const WholeQuote = "quote"

// adjust takes off what a person decides about the whole quote: a percentage of each line, or an amount, of which each line that is not optional carries as
// much as it is of the net of all.
func (p *pricer) adjust(pointer string, a contract.Adjustment) error {
	c := contract.Component{Kind: contract.ComponentKindManual, Percent: a.Percent, Ref: WholeQuote}
	if a.Amount.IsZero() {
		for i := range p.lines {
			l := &p.lines[i]
			off, err := p.decided(pointer, a, l.net())
			if err != nil {
				return tooLarge(pointer, err)
			}
			if err := p.subtract(l, restFirst(l, off), c); err != nil {
				return tooLarge(pointer, err)
			}
		}
		return nil
	}
	total, err := p.sum((*line).net)
	if err != nil {
		return err
	}
	off, err := p.decided(pointer, a, total)
	if err != nil {
		return err
	}
	return p.spread(off, (*line).counted, func(l *line, part int64) error { return p.subtract(l, restFirst(l, part), c) })
}

// counted says that a line counts in the totals.
func (l *line) counted() bool { return !l.Optional }

// decided is what an adjustment takes off an amount.
func (p *pricer) decided(pointer string, a contract.Adjustment, of int64) (int64, error) {
	if a.Amount.IsZero() {
		r, err := newRate(a.Percent)
		if err != nil {
			return 0, problem.Invalid(pointer+"/percent", "invalid_format", percentRule)
		}
		return p.cents.share(of, r)
	}
	off, err := p.cents.count(pointer+"/amount", a.Amount)
	switch {
	case err != nil:
		return 0, err
	case a.Percent != "":
		return 0, problem.Invalid(pointer, "invalid_value", "Give a percentage or an amount.")
	case off > of && p.Clip:
		return of, nil
	case off > of:
		return 0, problem.Invalid(pointer+"/amount/amount", "out_of_range", "Give at most what there is to pay.")
	}
	return off, nil
}

// spread divides an amount over the lines that take part, by their net.
func (p *pricer) spread(n int64, takesPart func(*line) bool, give func(*line, int64) error) error {
	var lines []*line
	var weights []int64
	for i := range p.lines {
		if l := &p.lines[i]; takesPart(l) {
			lines, weights = append(lines, l), append(weights, l.net())
		}
	}
	parts, err := p.cents.split(n, weights)
	for i, l := range lines {
		if err == nil {
			err = give(l, parts[i])
		}
	}
	return tooLarge("/lines", err)
}

// restFirst takes a discount from the units without a special price first. After the last percentage it does not matter any more.
func restFirst(l *line, n int64) amount {
	rest := min(n, l.left.rest)
	return amount{bid: n - rest, rest: rest}
}
