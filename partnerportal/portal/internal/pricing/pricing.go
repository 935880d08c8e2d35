// Package pricing computes what the lines of a quote cost: from the list price down to the net, each step a component that is shown, and
// from the net up to what is paid. [Price] is a pure function of its [Input]; [Load] reads the Input from the store.
//
// The waterfall of a line is list, fixed price, volume, tier, promotion, deal registration, special bid, term, manual: their sum is the net,
// exactly. Freight and tax come on top: with them the sum is the total, exactly. Each component is rounded once, half to even, to the smallest
// unit of the currency, so a sum never has to be corrected.
package pricing

import (
	"errors"
	"fmt"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	contract "github.com/partnerportal/partnerportal-go/quotes"
)

// Input is all that a price depends on.
type Input struct {
	Policy   *Policy
	Currency string
	TierID   string             // of the partner, "" for none
	Country  string             // of the customer, ISO 3166-1; it decides freight and tax
	Region   string             // within the country, "CA" or "US-CA"
	Today    partnerportal.Date // where the programme is
	Codes    []string           // of the promotions that the partner asks for
	Deal     Deal
	Lines    []Line

	Adjustments []contract.Adjustment // of the whole quote
	Clip        bool                  // amounts that are taken off end at what there is to pay, instead of being refused

	// Pricing is what the loader knows of the circumstances, and its notes. The result has it with the notes of the engine.
	Pricing contract.Pricing
}

// Deal is the registration that a quote belongs to.
type Deal struct {
	ID        string
	Protected bool     // it is approved for this partner, customer and programme, and its protection has not run out
	Percent   string   // what it was granted, "" for nothing in particular
	Families  []string // that it protects, all when empty
}

// Line is what a line asks for, with what the catalogue says of its product and the price list of its price.
type Line struct {
	contract.Line
	Bid Bid
}

// Bid is the special price of the first units of a line.
type Bid struct {
	ID       string
	Quantity int                      // how many units it is for, 0 for no bid
	Unit     partnerportal.Money      // of one, in the place of all discounts before it and of that for the term; it counts where it is below the list price
	Percent  string                   // or a discount from the list price,
	Replaces []contract.ComponentKind // in the place of these discounts, of all when there are none
}

// Result is what the lines cost.
type Result struct {
	Lines   []contract.Line
	Totals  contract.Totals
	Pricing contract.Pricing
}

// Fill writes the prices into a quote.
func (r *Result) Fill(q *contract.Quote) { q.Lines, q.Totals, q.Pricing = r.Lines, r.Totals, r.Pricing }

// Price computes what the lines cost. It refuses prices of another currency with currency_mismatch; and with validation_failed amounts that are too
// large, and manual discounts that are more than what there is to pay.
func Price(in *Input) (*Result, error) {
	c, err := newCents(in.Currency)
	if err != nil {
		return nil, err
	}
	p := &pricer{Input: in, cents: c, lines: make([]line, len(in.Lines)), given: map[string]bool{}}
	for i := range p.lines {
		p.lines[i] = line{Line: &in.Lines[i], components: make([]contract.Component, 0, componentsOfMost)}
		if err := p.list(&p.lines[i]); err != nil {
			return nil, atLine(i, err)
		}
	}
	if p.listTotal, err = p.sum((*line).listPrice); err != nil {
		return nil, err
	}
	for i := range p.lines {
		if err := p.discount(&p.lines[i]); err != nil {
			return nil, atLine(i, err)
		}
	}
	for i, a := range in.Adjustments {
		if err := p.adjust(fmt.Sprintf("/adjustments/%d", i), a); err != nil {
			return nil, err
		}
	}
	if err := p.addFreight(); err != nil {
		return nil, err
	}
	for i := range p.lines {
		if err := p.addTaxes(&p.lines[i]); err != nil {
			return nil, atLine(i, err)
		}
	}
	return p.result()
}

// pricer is one pricing under way.
type pricer struct {
	*Input
	cents     cents
	lines     []line
	listTotal int64 // of the lines that are not optional
	notes     []contract.Note
	given     map[string]bool // the promotions that some line got
	dealGave  bool            // the registration gave some line a discount
}

// componentsOfMost is how many components most lines have at most.
const componentsOfMost = 8

// notesMost is how many notes the contract allows. Those of further lines are left out: what concerns the whole quote comes first.
const notesMost = 100

// note tells something about a line, or about the quote.
func (p *pricer) note(l *line, code contract.NoteCode, ref, message string) {
	n := contract.Note{Code: code, Ref: ref, Message: message}
	if l != nil {
		n.LineID = l.ID
	}
	p.notes = append(p.notes, n)
}

// sum adds up what lines cost that are not optional.
func (p *pricer) sum(of func(*line) int64) (int64, error) {
	total := int64(0)
	for i := range p.lines {
		if p.lines[i].Optional {
			continue
		}
		var err error
		if total, err = p.cents.add(total, of(&p.lines[i])); err != nil {
			return 0, tooLarge("/lines", err)
		}
	}
	return total, nil
}

// atLine says which line cannot be priced.
func atLine(i int, err error) error {
	pointer := fmt.Sprintf("/lines/%d", i)
	if e, ok := errors.AsType[*partnerportal.Error](err); ok {
		for j := range e.Fields {
			e.Fields[j].Pointer = pointer + e.Fields[j].Pointer
		}
	}
	return tooLarge(pointer, err)
}

// tooLarge refuses amounts that cannot be computed with, which is for the caller to know.
func tooLarge(pointer string, err error) error {
	if errors.Is(err, partnerportal.ErrMoneyRange) {
		return problem.Invalid(pointer, "out_of_range", "The amounts are too large.")
	}
	return err
}
