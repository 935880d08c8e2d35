package pricing

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/match"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/quotes"
)

// readDeal reads whether the deal's registration gives its discount now: to the partner, the customer and in the programme that it was registered for.
func (in *Input) readDeal(ctx context.Context, tx *store.Tx, q *contract.Quote, programID string, now time.Time) error {
	if q.DealID == "" {
		return nil
	}
	doc, err := tx.Deal(ctx, q.DealID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	var d deals.Deal
	if err == nil {
		if err := json.Unmarshal([]byte(doc), &d); err != nil {
			return fmt.Errorf("deal %s: %w", q.DealID, err)
		}
	}
	stranger := outside(&d, q, programID)
	in.Deal = Deal{ID: q.DealID, Percent: d.Benefits.DiscountPercent, Protected: protected(&d, now) && stranger == ""}
	if len(d.Products) > 0 { // otherwise it protects a field of solutions, which products do not name
		in.Deal.Families = d.Protection.Families
	}
	switch {
	case in.Deal.Protected:
	case stranger != "":
		in.Pricing.Notes = append(in.Pricing.Notes, contract.Note{Code: contract.NoteCodeDealRegistrationOutOfScope, Ref: q.DealID, Message: stranger})
	case !d.Protection.ExpiresAt.IsZero() && !d.Protection.ExpiresAt.After(now):
		in.Pricing.Notes = append(in.Pricing.Notes, contract.Note{
			Code: contract.NoteCodeDealRegistrationExpired, Ref: q.DealID, At: d.Protection.ExpiresAt,
			Message: "The deal's registration has expired, so it gives no discount.",
		})
	default:
		in.Pricing.Notes = append(in.Pricing.Notes, contract.Note{
			Code: contract.NoteCodeDealRegistrationMissing, Ref: q.DealID, Message: "The deal is not registered, so it gives no discount.",
		})
	}
	return nil
}

// protected says that a deal's registration stands. That of a deal that was won gives its discount until it would have expired: the order may come after
// the win.
func protected(d *deals.Deal, now time.Time) bool {
	switch d.Status {
	case deals.StatusApproved, deals.StatusWon:
		return now.Before(d.Protection.ExpiresAt) && d.Protection.Status != deals.ProtectionStatusRevoked
	}
	return false
}

// outside says why a registration is not about a quote, "" when it is.
func outside(d *deals.Deal, q *contract.Quote, programID string) string {
	switch {
	case d.PartnerID != q.PartnerID:
		return "The deal is another partner's, so it gives no discount."
	case d.ProgramID != programID:
		return "The deal is registered in another programme, so it gives no discount here."
	case !sameCustomer(&d.Customer, &q.Customer):
		return "The deal is registered for " + d.Customer.Name + ", not for this customer, so it gives no discount."
	}
	return ""
}

// sameCustomer says whether a quote can be for the customer that something was agreed for: whoever may be the same is. A quote for nobody yet may
// become one for it, and what was agreed for nobody in particular is for everybody.
func sameCustomer(agreed, quoted *partnerportal.Organization) bool {
	switch {
	case agreed.Name == "", quoted.Name == "":
		return true
	case agreed.Name == quoted.Name && (agreed.Country == quoted.Country || agreed.Country == "" || quoted.Country == ""):
		return true
	}
	return match.Compare(identified(agreed), identified(quoted)).Severity() > match.None
}

func identified(o *partnerportal.Organization) match.Customer {
	c := match.Customer{Name: o.Name, Country: o.Country, Domain: cmp.Or(o.Domain, o.Website), DUNS: o.DUNS}
	for _, ref := range o.ExternalRefs {
		c.Refs = append(c.Refs, match.Ref{System: ref.System, ID: ref.ID})
	}
	return c
}

// readBids gives the lines their special prices, as many units as are left of each.
func (in *Input) readBids(ctx context.Context, tx *store.Tx, q *contract.Quote, now time.Time, again bool) error {
	if q.SpecialPricingID == "" {
		return nil
	}
	sp, err := storedSpecial(ctx, tx, q)
	if err != nil {
		return err
	}
	if sp.Currency != in.Currency {
		e := problem.New(http.StatusUnprocessableEntity, contract.ErrCurrencyMismatch, "The special pricing is in "+sp.Currency+" and the quote in "+in.Currency+"; nothing is converted.")
		e.Fields = []partnerportal.FieldError{problem.Field("/special_pricing_id", "invalid_value", "Use special pricing in "+in.Currency+".")}
		return e
	}
	if !stands(sp, q, now, again) {
		in.Pricing.Notes = append(in.Pricing.Notes, contract.Note{
			Code: contract.NoteCodeSpecialPricingExpired, Ref: sp.ID, At: sp.ExpiresAt, Message: "The special pricing does not stand any more, so its prices do not apply. Ask for special pricing anew.",
		})
		return nil
	}
	in.share(sp)
	return nil
}

func storedSpecial(ctx context.Context, tx *store.Tx, q *contract.Quote) (*contract.SpecialPricing, error) {
	doc, err := tx.SpecialPricing(ctx, q.SpecialPricingID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	sp := new(contract.SpecialPricing)
	if err == nil {
		if err := json.Unmarshal([]byte(doc), sp); err != nil {
			return nil, fmt.Errorf("special pricing %s: %w", q.SpecialPricingID, err)
		}
	}
	switch {
	case sp.ID == "", sp.PartnerID != q.PartnerID:
		return nil, problem.Invalid("/special_pricing_id", "invalid_value", "There is no such special pricing.")
	case sp.DealID != "" && sp.DealID != q.DealID:
		return nil, problem.Invalid("/special_pricing_id", "invalid_value", "This special pricing is for quotes of another deal.")
	case !sameCustomer(&sp.Customer, &q.Customer):
		return nil, problem.Invalid("/special_pricing_id", "invalid_value", "This special pricing is for "+sp.Customer.Name+", not for this customer. Ask for special pricing for it.")
	}
	return sp, nil
}

// stands says that special pricing was approved and can be used: until it expires, and then by a quote that was accepted before, until its price protection
// ends.
func stands(sp *contract.SpecialPricing, q *contract.Quote, now time.Time, again bool) bool {
	switch sp.Status {
	case contract.SpecialPricingStatusApproved, contract.SpecialPricingStatusPartiallyApproved, contract.SpecialPricingStatusConsumed:
		if now.Before(sp.ExpiresAt) {
			return true
		}
	case contract.SpecialPricingStatusExpired:
	default:
		return false
	}
	accepted := q.AcceptedAt // by the portal's clock: what the partner says may be any day
	return again && !accepted.IsZero() && accepted.Before(sp.ExpiresAt) && now.Before(sp.PriceProtectedUntilAt)
}

// share gives each line that has a special price the units that are left of it, in the order of the lines; those that are optional come last.
func (in *Input) share(sp *contract.SpecialPricing) {
	left := make([]int, len(sp.Lines))
	for i, s := range sp.Lines {
		left[i] = s.RemainingQuantity
	}
	lines := make([]contract.Line, len(in.Lines))
	for i, l := range in.Lines {
		lines[i] = l.Line
	}
	for _, optional := range []bool{false, true} {
		for i := range in.Lines {
			l := &in.Lines[i]
			if l.Optional != optional {
				continue
			}
			n := BidOf(sp.Lines, lines, &l.Line)
			if n < 0 {
				continue
			}
			s := &sp.Lines[n]
			l.Bid = Bid{ID: sp.ID, Quantity: min(l.Quantity, left[n]), Unit: s.ApprovedUnitPrice, Percent: s.ApprovedPercent, Replaces: s.Replaces}
			if left[n] < l.Quantity {
				in.Pricing.Notes = append(in.Pricing.Notes, contract.Note{
					Code: contract.NoteCodeSpecialPricingExhausted, LineID: l.ID, Ref: sp.ID,
					Message: "The special price is left for " + strconv.Itoa(left[n]) + " of " + strconv.Itoa(l.Quantity) + " units.",
				})
			}
			if !optional {
				left[n] -= l.Bid.Quantity
			}
		}
	}
}

// BidOf finds which line of special pricing prices a line of a quote: the one that was asked for it, or else one of the product that was asked for no
// other line of the quote. It is -1 when none does.
func BidOf(special []contract.SpecialLine, lines []contract.Line, l *contract.Line) int {
	found := -1
	for i := range special {
		s := &special[i]
		switch {
		case s.Decision != contract.SpecialPricingDecisionApproved, s.SKU != l.SKU, s.TermMonths != 0 && s.TermMonths != l.TermMonths:
		case s.LineID == l.ID:
			return i
		case found < 0 && !slices.ContainsFunc(lines, func(other contract.Line) bool { return other.ID == s.LineID }):
			found = i
		}
	}
	return found
}
