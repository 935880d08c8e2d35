package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// opportunity is a row of the pipeline file as it is written.
type opportunity struct {
	ID      string `csv:"opportunity_id"`
	Product string `csv:"product"`
	Account string `csv:"account"`
	Stage   string `csv:"deal_stage"`
	Engaged string `csv:"engage_date"`
	Closed  string `csv:"close_date"`
	Value   string `csv:"close_value"`
}

// stage is what a stage of the CRM means to the portal: a stage of an open sale, or the outcome of a closed one.
type stage struct {
	sales   deals.SalesStage
	outcome deals.Outcome
}

var stages = map[string]stage{
	"prospecting": {deals.SalesStageProspect, deals.OutcomeOpen},
	"engaging":    {deals.SalesStageQualified, deals.OutcomeOpen},
	"won":         {deals.SalesStageCommitted, deals.OutcomeWon},
	"lost":        {"", deals.OutcomeLost},
}

func (s stage) open() bool { return s.outcome == deals.OutcomeOpen }

// candidate is a row that can be registered.
type candidate struct {
	row      int // its place among the results
	id       string
	account  *account
	product  *product
	stage    stage
	amount   partnerportal.Money
	basis    deals.AmountBasis
	closedOn partnerportal.Date // zero when the CRM has none
}

// cleaner turns rows into candidates, or finds why it cannot. Every row ends in exactly one result.
type cleaner struct {
	*reference
	currency string
	all      bool           // closed rows count too
	lines    map[string]int // where each opportunity came first
}

// clean looks at all columns, so that a row with three faults is mended in one go.
func (c *cleaner) clean(r row[opportunity]) (*candidate, result) {
	o := r.Value
	if r.Fault != "" {
		return nil, refusal(finding{Rule: "row_unreadable", Why: r.Fault})
	}
	st, known := stages[fold(o.Stage)]
	if !known {
		return nil, refusal(finding{Column: "deal_stage", Value: o.Stage, Rule: "stage_unknown", Why: "the stages are Prospecting, Engaging, Won and Lost"})
	}
	first, repeated := c.lines[o.ID]
	if !repeated {
		c.lines[o.ID] = r.Line
	}
	if !st.open() && !c.all {
		return nil, result{bucket: skipped}
	}

	var faults []finding
	note := func(f *finding) {
		if f != nil {
			faults = append(faults, *f)
		}
	}
	switch {
	case o.ID == "":
		note(&finding{Column: "opportunity_id", Rule: "id_missing", Why: "without an id the row could not be recognised in the next run, and would be registered twice"})
	case repeated:
		note(&finding{Column: "opportunity_id", Value: o.ID, Rule: "id_repeated", Why: fmt.Sprintf("line %d has the same id, and counts", first)})
	}
	d := &candidate{id: o.ID, stage: st}
	var f *finding
	d.account, f = c.findAccount(o.Account)
	note(f)
	d.product, f = c.findProduct(o.Product)
	note(f)
	if o.Engaged != "" { // it is not registered, but a row that is wrong in one place is not to be trusted in the others
		_, f = day("engage_date", o.Engaged)
		note(f)
	}
	if o.Closed != "" {
		d.closedOn, f = day("close_date", o.Closed)
		note(f)
	}
	if d.product != nil {
		note(c.price(d, o.Value))
	}
	if faults != nil {
		return nil, result{bucket: refused, findings: faults}
	}
	return d, result{}
}

// price decides on the amount: what the deal was closed at, else the product's list price. A lost deal is closed at 0 in the CRM, but
// what was registered was worth something. A deal that was won for nothing is a mistake that nobody should have to find later.
func (c *cleaner) price(d *candidate, value string) *finding {
	d.amount, d.basis = d.product.price, deals.AmountBasisList
	won := d.stage.outcome == deals.OutcomeWon
	if value == "" {
		if won {
			return &finding{Column: "close_value", Rule: "value_missing", Why: "a won deal needs the amount that it was won for"}
		}
		return nil
	}
	amount, err := partnerportal.ParseMoney(value, c.currency)
	switch {
	case err != nil:
		return &finding{Column: "close_value", Value: value, Rule: "value_malformed", Why: "not an amount such as 1054 or 1054.50, without signs and separators"}
	case amount.Sign() < 0:
		return &finding{Column: "close_value", Value: value, Rule: "value_negative", Why: "an amount cannot be below zero"}
	case amount.Sign() == 0 && won:
		return &finding{Column: "close_value", Value: value, Rule: "value_missing", Why: "a won deal needs the amount that it was won for"}
	case amount.Sign() > 0:
		d.amount, d.basis = amount, deals.AmountBasisNet
	}
	return nil
}

// day reads a date as the export writes it, MM/DD/YYYY, or as ISO 8601 has it.
func day(column, s string) (partnerportal.Date, *finding) {
	if d, err := partnerportal.ParseDate(s); err == nil {
		return d, nil
	}
	malformed := func(why string) (partnerportal.Date, *finding) {
		return partnerportal.Date{}, &finding{Column: column, Value: s, Rule: "date_malformed", Why: why}
	}
	var n []int
	for part := range strings.SplitSeq(s, "/") {
		v, err := strconv.ParseUint(part, 10, 16)
		if err != nil {
			break
		}
		n = append(n, int(v))
	}
	if len(n) != 3 || strings.Count(s, "/") != 2 {
		return malformed("dates are written MM/DD/YYYY, such as 3/11/2017")
	}
	month, dom, year := n[0], n[1], n[2]
	d := partnerportal.Date{Year: year, Month: time.Month(month), Day: dom}
	switch {
	case year < 1900 || year > 2999:
		return malformed(fmt.Sprintf("the year %d is out of range; all four digits of it are needed", year))
	case month > 12 && dom <= 12:
		return malformed(fmt.Sprintf("there is no month %d; dates are written MM/DD/YYYY, this one looks like DD/MM/YYYY", month))
	case month < 1 || month > 12:
		return malformed(fmt.Sprintf("there is no month %d", month))
	case !d.IsValid():
		return malformed(fmt.Sprintf("%s %d has no day %d", time.Month(month), year, dom))
	}
	return d, nil
}

// newest is the latest day in the file, the day of the export as far as can be known.
func newest(rows []row[opportunity]) partnerportal.Date {
	var latest partnerportal.Date
	for _, r := range rows {
		for _, s := range []string{r.Value.Engaged, r.Value.Closed} {
			if d, fault := day("", s); fault == nil && d.After(latest) {
				latest = d
			}
		}
	}
	return latest
}
