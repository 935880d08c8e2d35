package quotes

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/pricing"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/states"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/quotes"
)

// undecidedQuote are the states of quotes for which special prices can be asked: nobody has accepted their prices yet.
var undecidedQuote = append(states.In(contract.StatusDraft, contract.StatusPendingApproval), offered...)

// CreateSpecialPricing asks for special prices of lines of a quote.
func (s *Service) CreateSpecialPricing(ctx context.Context, body *contract.NewSpecialPricing) (*contract.SpecialPricing, error) {
	c := call.From(ctx)
	if c.Caller.Side != partnerportal.SidePartner {
		return nil, problem.WrongSide(c.Caller.Side)
	}
	r, err := asksFor(ctx, c, body.QuoteID)
	if err != nil {
		return nil, err
	}
	policy, err := policyOf(ctx, c, r.ProgramID)
	if err != nil {
		return nil, err
	}
	if policy.SpecialPricing.Disabled {
		return nil, problem.New(http.StatusConflict, contract.ErrSpecialPricingDisabled, "The programme takes no requests for special pricing.")
	}
	number, err := c.Tx.NextNumber(ctx, specialResource)
	if err != nil {
		return nil, err
	}
	b := &special{SpecialPricing: contract.SpecialPricing{
		ID: ids.New(ids.Special, c.Now), Number: fmt.Sprintf("SP-%06d", number), Status: contract.SpecialPricingStatusDraft, PartnerID: r.PartnerID,
		QuoteID: r.ID, DealID: r.DealID, Customer: r.Customer, Currency: r.Currency, Justification: body.Justification, Competitor: body.Competitor,
		Livemode: c.Live, CreatedAt: c.Now,
	}}
	if err := b.ask(c, r, body.Lines); err != nil {
		return nil, err
	}
	if err := b.show(ctx, c, body.EvidenceFileIDs); err != nil {
		return nil, err
	}
	b.tell(contract.EventSpecialPricingCreated, nil)
	if body.Submit {
		if err := b.submit(c); err != nil {
			return nil, err
		}
	}
	return b.answer(ctx, c)
}

// asksFor returns the last version of the quote that special prices are asked for, which must not be decided yet.
func asksFor(ctx context.Context, c *call.Call, id string) (*record, error) {
	r, err := lastVersion(ctx, c, id)
	if isNotFound(err) {
		return nil, problem.Invalid("/quote_id", "invalid_value", "You have no quote of this id.")
	}
	if err != nil {
		return nil, err
	}
	if !slices.Contains(undecidedQuote, r.Status) {
		return nil, problem.InvalidState("The quote is "+problem.Words(string(r.Status))+". Revise it, or make another one, to ask for other prices.", r.Status, r.allowed(c))
	}
	return r, nil
}

// ask replaces the lines: what is asked for, of which lines of the quote.
func (b *special) ask(c *call.Call, r *record, asked []contract.SpecialLineInput) error {
	var f problem.Fields
	lines := make([]contract.SpecialLine, 0, len(asked))
	for i, a := range asked {
		at := fmt.Sprintf("/lines/%d", i)
		l := r.line(a.LineID)
		switch {
		case l == nil:
			f.Add(at+"/line_id", "invalid_value", "The quote has no such line.")
			continue
		case slices.ContainsFunc(lines, func(other contract.SpecialLine) bool { return other.LineID == a.LineID }):
			f.Add(at+"/line_id", "duplicate_key", "Name each line once.")
			continue
		}
		quantity := a.Quantity
		if quantity == 0 {
			quantity = l.Quantity
		}
		checkPrice(&f, at+"/requested_", a.RequestedUnitPrice, a.RequestedPercent, l.ListUnit)
		if a.RequestedUnitPrice.IsZero() && a.RequestedPercent == "" {
			f.Add(at, "required", "Give a price or a percentage.")
		}
		lines = append(lines, contract.SpecialLine{
			ID: ids.New(ids.SpecialLine, c.Now), LineID: l.ID, SKU: l.SKU, TermMonths: l.TermMonths, Quantity: quantity, ListUnit: l.ListUnit,
			RequestedUnitPrice: a.RequestedUnitPrice, RequestedPercent: a.RequestedPercent, Decision: contract.SpecialPricingDecisionPending,
		})
	}
	if len(lines) == 0 && len(f) == 0 {
		f.Add("/lines", "too_few", "Name at least one line.")
	}
	b.Lines = lines
	return wrongPrices(&f, b.Currency)
}

// checkPrice wants a price of one below the list price, or a percentage. The fields begin with the pointer.
func checkPrice(f *problem.Fields, pointer string, unit partnerportal.Money, percent string, list partnerportal.Money) {
	switch {
	case unit.IsZero():
		if percent != "" && pricing.Points(percent) == 0 {
			f.Add(pointer+"percent", "out_of_range", "Give more than nothing.")
		}
	case percent != "":
		f.Add(pointer+"percent", "invalid_value", "Give a price or a percentage, not both.")
	case unit.Currency() != list.Currency():
		f.Add(pointer+"unit_price/currency", "currency_mismatch", "Give the price in "+list.Currency()+", the currency of the quote.")
	case unit.Sign() < 0, unit.TenThousandths() >= list.TenThousandths():
		f.Add(pointer+"unit_price/amount", "out_of_range", "Give a price from nothing to less than the list price, "+list.String()+".")
	}
}

// wrongPrices refuses with currency_mismatch when a price is of another currency.
func wrongPrices(f *problem.Fields, currency string) error {
	if slices.ContainsFunc(*f, func(e partnerportal.FieldError) bool { return e.Code == "currency_mismatch" }) {
		e := problem.New(http.StatusUnprocessableEntity, partnerportal.ErrCurrencyMismatch, "The quote is in "+currency+"; nothing is converted.")
		e.Fields = *f
		return e
	}
	return f.Err()
}

// show replaces the files that show why.
func (b *special) show(ctx context.Context, c *call.Call, files []string) error {
	for i, id := range files {
		at := fmt.Sprintf("/evidence_file_ids/%d", i)
		if slices.Contains(files[:i], id) {
			return problem.Invalid(at, "duplicate_key", "Give each file once.")
		}
		if slices.Contains(b.EvidenceFileIDs, id) {
			continue
		}
		if _, err := c.Tx.UseFile(ctx, b.PartnerID, id); errors.Is(err, store.ErrNotFound) {
			return problem.Invalid(at, "invalid_value", "Name a file that you have uploaded.")
		} else if err != nil {
			return err
		}
	}
	for _, id := range b.EvidenceFileIDs {
		if slices.Contains(files, id) {
			continue
		}
		if err := c.Tx.ReleaseFile(ctx, b.PartnerID, id, c.Now); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	b.EvidenceFileIDs = files
	return nil
}

// said is what the partner says of the special pricing.
func (b *special) said() contract.NewSpecialPricing {
	said := contract.NewSpecialPricing{Justification: b.Justification, Competitor: b.Competitor, EvidenceFileIDs: b.EvidenceFileIDs}
	for _, l := range b.Lines {
		said.Lines = append(said.Lines, contract.SpecialLineInput{
			LineID: l.LineID, Quantity: l.Quantity, RequestedUnitPrice: l.RequestedUnitPrice, RequestedPercent: l.RequestedPercent,
		})
	}
	return said
}

// UpdateSpecialPricing changes what is asked for.
func (s *Service) UpdateSpecialPricing(ctx context.Context, id, ifMatch string, body *contract.SpecialPricingPatch) (*contract.SpecialPricing, error) {
	c, b, err := openSpecial(ctx, id, ifMatch, contract.SpecialPricingActionUpdate)
	if err != nil {
		return nil, err
	}
	changed, err := call.Named(body)
	if err != nil {
		return nil, err
	}
	said, err := call.Patched(b.said(), body)
	if err != nil {
		return nil, err
	}
	b.Justification, b.Competitor = said.Justification, said.Competitor
	if slices.Contains(changed, "/lines") {
		r, err := asksFor(ctx, c, b.QuoteID)
		if err != nil {
			return nil, err
		}
		if err := b.ask(c, r, said.Lines); err != nil {
			return nil, err
		}
	}
	if err := b.show(ctx, c, said.EvidenceFileIDs); err != nil {
		return nil, err
	}
	b.tell(contract.EventSpecialPricingUpdated, nil, changed...)
	return b.answer(ctx, c)
}

// SubmitSpecialPricing sends it to the vendor.
func (s *Service) SubmitSpecialPricing(ctx context.Context, id, ifMatch string) (*contract.SpecialPricing, error) {
	c, b, err := openSpecial(ctx, id, ifMatch, contract.SpecialPricingActionSubmit)
	if err != nil {
		return nil, err
	}
	if _, err := asksFor(ctx, c, b.QuoteID); err != nil {
		return nil, err
	}
	if err := b.submit(c); err != nil {
		return nil, err
	}
	return b.answer(ctx, c)
}

func (b *special) submit(c *call.Call) error {
	if b.SubmittedAt.IsZero() {
		b.SubmittedAt = c.Now
	}
	b.tell(contract.EventSpecialPricingSubmitted, nil, "/status")
	return specials.Enter(&b.Status, by(c), contract.SpecialPricingActionSubmit, contract.SpecialPricingStatusSubmitted)
}

// WithdrawSpecialPricing takes it back.
func (s *Service) WithdrawSpecialPricing(ctx context.Context, id, ifMatch string, body *contract.Remark) (*contract.SpecialPricing, error) {
	c, b, err := openSpecial(ctx, id, ifMatch, contract.SpecialPricingActionWithdraw)
	if err != nil {
		return nil, err
	}
	b.CloseNote = body.Note
	if err := specials.Enter(&b.Status, by(c), contract.SpecialPricingActionWithdraw, contract.SpecialPricingStatusWithdrawn); err != nil {
		return nil, err
	}
	b.tell(contract.EventSpecialPricingWithdrawn, nil, "/status")
	return b.answer(ctx, c)
}
