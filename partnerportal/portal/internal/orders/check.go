package orders

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/quoting"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
	"github.com/partnerportal/partnerportal-go/quotes"
	contract "github.com/partnerportal/partnerportal-go/quotes/orders"
)

// check refuses what the partner states of its order. The day of delivery may be over by now, unless it is said anew.
func (d *dossier) check(ctx context.Context, c *call.Call, dayIsNew bool) error {
	rules, err := d.rules(ctx, c)
	if err != nil {
		return err
	}
	var f problem.Fields
	if poKey(d.PONumber) == "" {
		f.Add("/po_number", "required", "Give the number of your purchase order, with a letter or a digit.")
	}
	if d.ShipTo.Organization.Name == "" {
		f.Add("/ship_to/organization/name", "required", "Say who gets the goods.")
	}
	if dayIsNew && !d.RequestedDeliveryOn.IsZero() && d.RequestedDeliveryOn.Before(rules.Today(c.Now)) {
		f.Add("/requested_delivery_on", "out_of_range", "Give today or a later day.")
	}
	return f.Err()
}

// rules are those of the programme under which was ordered.
func (d *dossier) rules(ctx context.Context, c *call.Call) (*policy.Program, error) {
	return directory.Load(ctx, c.Tx, d.ProgramID)
}

// checkPO refuses a purchase order number that another order of the partner's has.
func (d *dossier) checkPO(ctx context.Context, c *call.Call) error {
	id, err := c.Tx.OrderOfPO(ctx, store.OrderOfPOParams{PartnerID: d.PartnerID, PoKey: poKey(d.PONumber)})
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return problem.With(refuse(contract.ErrDuplicatePO, "Another order of yours has this purchase order number."), "order_id", id)
}

// poKey is a number that people write as they compare it: letters and digits count, their case and width do not, and what stands between them
// does between two digits only: "PO-4711" is "po 4711", and "1-11" is not "11-1".
func poKey(number string) string {
	var key []rune
	divided := false
	for _, r := range norm.NFKC.String(number) {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			divided = true
			continue
		}
		if divided && len(key) > 0 && unicode.IsDigit(key[len(key)-1]) && unicode.IsDigit(r) {
			key = append(key, '-')
		}
		key, divided = append(key, unicode.ToUpper(r)), false
	}
	return string(key)
}

// priced are the lines at the price of now, which must be the accepted one: that of the quote, or the total that the caller states. What is only
// offered, as an option, is not ordered and keeps nothing from being so.
func (s *Service) priced(ctx context.Context, c *call.Call, quote *quoting.Stored, accepted partnerportal.Money) (*quoting.Checked, error) {
	if currency := quote.Totals.Total.Currency(); !accepted.IsZero() && accepted.Currency() != currency {
		return nil, foreign("/accepted_total", currency)
	}
	firm := *quote
	firm.Lines = slices.DeleteFunc(slices.Clone(quote.Lines), func(l quotes.Line) bool { return l.Optional })
	now, err := quoting.Check(ctx, c.Tx, s.models, &firm, c.Now)
	if err != nil {
		return nil, err
	}
	if err := blocked(now); err != nil {
		return nil, err
	}
	same := !now.Drift.Changed && now.Totals.Total == quote.Totals.Total
	if !accepted.IsZero() {
		same = now.Totals.Total == accepted
	}
	if !same {
		return nil, changed(&now.Drift)
	}
	return now, nil
}

// blocked refuses what cannot be ordered at all, whatever the price. It says it with the members that quotes are refused with, and the drift.
func blocked(now *quoting.Checked) error {
	drift := &now.Drift
	if len(drift.Violations) > 0 {
		e := refuse(contract.ErrConfigurationInvalid, drift.Violations[0].Message)
		return problem.With(problem.With(e, "violations", drift.Violations), "drift", drift)
	}
	if len(drift.Excesses) > 0 {
		e := drift.Excesses[0]
		detail := fmt.Sprintf("%s: at the price of now the discount by hand is %s %%, and %s %% is allowed. Revise the quote, and ask for approval.", e.SKU, e.Percent, e.AllowedPercent)
		return problem.With(refuse(contract.ErrApprovalRequired, detail), "drift", drift)
	}
	if len(now.Faults) == 0 {
		return nil
	}
	first := &now.Faults[0]
	code := first.Code
	if first.Drift == quotes.DriftCodeProductRetired { // one that is not in the catalogue any more, too
		code = contract.ErrProductEndOfSale
	}
	return problem.With(first.Explain(refuse(code, first.Message)), "drift", drift)
}

// changed tells a caller that the price is another one, with the difference.
func changed(drift *quotes.Drift) error {
	detail := "The order costs " + drift.After.String() + " now, not what was accepted."
	if drift.DealRegistrationExpired {
		detail += " The deal's registration has expired, and with it its discount."
	}
	return problem.With(refuse(contract.ErrPriceChanged, detail+" State the new total as accepted_total to order at it."), "drift", drift)
}

// foreign refuses an amount that is not in the currency of the order.
func foreign(pointer, currency string) error {
	e := problem.New(http.StatusUnprocessableEntity, contract.ErrCurrencyMismatch, "The order is in "+currency+"; nothing is converted.")
	e.Fields = []partnerportal.FieldError{problem.Field(pointer+"/currency", "invalid_value", "Give the amount in "+currency+".")}
	return e
}

// at points to an item of a list.
func at(list string, i int) string { return list + "/" + strconv.Itoa(i) }
