package quotes

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	contract "github.com/partnerportal/partnerportal-go/quotes"
)

// specialDays is for how many days special pricing can be used where the policy says nothing.
const specialDays = 90

// decide notes what the vendor said.
func (b *special) decide(c *call.Call, action contract.SpecialPricingAction, to contract.SpecialPricingStatus, comment string) error {
	b.DecidedAt, b.DecidedBy, b.Comment = c.Now, c.Caller.Actor(), comment
	return specials.Enter(&b.Status, by(c), action, to)
}

// RequestSpecialPricingChanges sends it back for changes.
func (s *Service) RequestSpecialPricingChanges(ctx context.Context, id, ifMatch string, body *contract.Rejection) (*contract.SpecialPricing, error) {
	return s.sendBack(ctx, id, ifMatch, contract.SpecialPricingActionRequestChanges, contract.SpecialPricingStatusChangesRequested,
		contract.EventSpecialPricingChangesRequested, body.Reason)
}

// RejectSpecialPricing refuses it.
func (s *Service) RejectSpecialPricing(ctx context.Context, id, ifMatch string, body *contract.Rejection) (*contract.SpecialPricing, error) {
	return s.sendBack(ctx, id, ifMatch, contract.SpecialPricingActionReject, contract.SpecialPricingStatusRejected,
		contract.EventSpecialPricingRejected, body.Reason)
}

func (s *Service) sendBack(
	ctx context.Context, id, ifMatch string, action contract.SpecialPricingAction, to contract.SpecialPricingStatus, event, reason string,
) (*contract.SpecialPricing, error) {
	c, b, err := openSpecial(ctx, id, ifMatch, action)
	if err != nil {
		return nil, err
	}
	if err := b.decide(c, action, to, reason); err != nil {
		return nil, err
	}
	b.tell(event, nil, "/status", "/comment")
	return b.answer(ctx, c)
}

// ApproveSpecialPricing approves it, line by line. The quote that it was asked for is priced with it.
func (s *Service) ApproveSpecialPricing(ctx context.Context, id, ifMatch string, body *contract.SpecialPricingApproval) (*contract.SpecialPricing, error) {
	draft, err := askingDraft(ctx, id)
	if err != nil {
		return nil, err
	}
	c, b, err := openSpecial(ctx, id, ifMatch, contract.SpecialPricingActionApprove)
	if err != nil {
		return nil, err
	}
	if err := b.rule(ctx, c, body); err != nil {
		return nil, err
	}
	b.settle()
	if err := b.decide(c, contract.SpecialPricingActionApprove, b.usableAs(), body.Comment); err != nil {
		return nil, err
	}
	return b.approved(ctx, c, draft)
}

// CounterSpecialPricing makes another offer.
func (s *Service) CounterSpecialPricing(ctx context.Context, id, ifMatch string, body *contract.SpecialPricingApproval) (*contract.SpecialPricing, error) {
	c, b, err := openSpecial(ctx, id, ifMatch, contract.SpecialPricingActionCounter)
	if err != nil {
		return nil, err
	}
	if err := b.rule(ctx, c, body); err != nil {
		return nil, err
	}
	if err := b.decide(c, contract.SpecialPricingActionCounter, contract.SpecialPricingStatusCountered, body.Comment); err != nil {
		return nil, err
	}
	b.tell(contract.EventSpecialPricingCountered, map[string]any{"expires_at": b.ExpiresAt}, "/status", "/lines", "/expires_at", "/comment")
	return b.answer(ctx, c)
}

// AcceptCounter takes the vendor's offer, which is approved then.
func (s *Service) AcceptCounter(ctx context.Context, id, ifMatch string) (*contract.SpecialPricing, error) {
	draft, err := askingDraft(ctx, id)
	if err != nil {
		return nil, err
	}
	c, b, err := openSpecial(ctx, id, ifMatch, contract.SpecialPricingActionAcceptCounter)
	if err != nil {
		return nil, err
	}
	b.settle()
	if err := specials.Enter(&b.Status, by(c), contract.SpecialPricingActionAcceptCounter, b.usableAs()); err != nil {
		return nil, err
	}
	return b.approved(ctx, c, draft)
}

// rule puts the vendor's prices on the lines, and says until when they can be used. Lines that are not named get what was asked for.
func (b *special) rule(ctx context.Context, c *call.Call, body *contract.SpecialPricingApproval) error {
	var f problem.Fields
	rulings := make(map[string]contract.SpecialRuling, len(body.Lines))
	for i, ruling := range body.Lines {
		at := fmt.Sprintf("/lines/%d", i)
		n := slices.IndexFunc(b.Lines, func(l contract.SpecialLine) bool { return l.ID == ruling.ID })
		if _, twice := rulings[ruling.ID]; twice || n < 0 {
			f.Add(at+"/id", "invalid_value", "Name each line of the special pricing once at most.")
			continue
		}
		checkRuling(&f, at, &ruling, b.Lines[n].ListUnit)
		rulings[ruling.ID] = ruling
	}
	offers := 0
	for i := range b.Lines {
		if b.Lines[i].Decision = contract.SpecialPricingDecisionPending; !ruleLine(&b.Lines[i], rulings[b.Lines[i].ID]) {
			b.Lines[i].Decision = contract.SpecialPricingDecisionRejected
			continue
		}
		offers++
	}
	if offers == 0 {
		f.Add("/lines", "invalid_value", "Reject the special pricing when you refuse all lines.")
	}
	if err := wrongPrices(&f, b.Currency); err != nil {
		return err
	}
	b.VendorReference = body.VendorReference
	return b.limit(ctx, c, body)
}

func checkRuling(f *problem.Fields, at string, ruling *contract.SpecialRuling, list partnerportal.Money) {
	checkPrice(f, at+"/", ruling.UnitPrice, ruling.Percent, list)
	if ruling.Rejected && (!ruling.UnitPrice.IsZero() || ruling.Percent != "" || ruling.Quantity > 0) {
		f.Add(at+"/rejected", "invalid_value", "Refuse the line, or say at which price it is approved.")
	}
	if len(ruling.Replaces) > 0 && ruling.Percent == "" {
		f.Add(at+"/replaces", "invalid_value", "Only a percentage is taken beside other discounts. A price takes the place of all of them.")
	}
	problem.AllOf(f, at+"/replaces", ruling.Replaces, contract.ComponentKindFixedPrice, contract.ComponentKindVolume, contract.ComponentKindTier,
		contract.ComponentKindPromotion, contract.ComponentKindDealRegistration, contract.ComponentKindTerm)
}

// ruleLine puts a ruling on a line, and says whether it offers a price.
func ruleLine(l *contract.SpecialLine, ruling contract.SpecialRuling) bool {
	l.ApprovedUnitPrice, l.ApprovedPercent, l.Replaces, l.Comment = ruling.UnitPrice, ruling.Percent, ruling.Replaces, ruling.Comment
	l.MaxQuantity = cmp.Or(ruling.Quantity, l.Quantity)
	if ruling.Rejected {
		l.MaxQuantity = 0
		return false
	}
	if l.ApprovedUnitPrice.IsZero() && l.ApprovedPercent == "" {
		l.ApprovedUnitPrice, l.ApprovedPercent = l.RequestedUnitPrice, l.RequestedPercent
	}
	return true
}

// settle approves what was offered.
func (b *special) settle() {
	for i := range b.Lines {
		if l := &b.Lines[i]; l.Decision == contract.SpecialPricingDecisionPending {
			l.Decision, l.ConsumedQuantity, l.RemainingQuantity = contract.SpecialPricingDecisionApproved, 0, l.MaxQuantity
		}
	}
}

// usableAs is the state of special pricing that can be used: approved in part when a line was refused, or approved for fewer units than were asked for.
func (b *special) usableAs() contract.SpecialPricingStatus {
	if slices.ContainsFunc(b.Lines, func(l contract.SpecialLine) bool { return l.MaxQuantity < l.Quantity }) {
		return contract.SpecialPricingStatusPartiallyApproved
	}
	return contract.SpecialPricingStatusApproved
}

// limit says until when the prices can be used, and until when a quote keeps them that was accepted before.
func (b *special) limit(ctx context.Context, c *call.Call, body *contract.SpecialPricingApproval) error {
	r, err := readQuote(ctx, c, b.QuoteID)
	if err != nil {
		return err
	}
	program, err := directory.Load(ctx, c.Tx, r.ProgramID)
	if err != nil {
		return err
	}
	policy, err := policyOf(ctx, c, r.ProgramID)
	if err != nil {
		return err
	}
	today := program.Today(c.Now)
	last := today.AddDays(cmp.Or(policy.SpecialPricing.MaxValidDays, specialDays))
	b.ValidUntilOn = cmp.Or(body.ValidUntilOn, last)
	b.PriceProtectedUntilOn = cmp.Or(body.PriceProtectedUntilOn, b.ValidUntilOn.AddDays(policy.SpecialPricing.ProtectedDays))
	var f problem.Fields
	if b.ValidUntilOn.Before(today) || b.ValidUntilOn.After(last) {
		f.Add("/valid_until_on", "out_of_range", "Give a day from "+today.String()+" to "+last.String()+".")
	}
	if b.PriceProtectedUntilOn.Before(b.ValidUntilOn) {
		f.Add("/price_protected_until_on", "out_of_range", "Give the last day of use, "+b.ValidUntilOn.String()+", or one after it.")
	}
	b.ExpiresAt, b.PriceProtectedUntilAt = program.EndOfDay(b.ValidUntilOn), program.EndOfDay(b.PriceProtectedUntilOn)
	return f.Err()
}

// askingDraft locks the last version of the quote that special pricing was asked for, if it can still take the prices: a draft that uses no special
// pricing yet. Quotes are locked before special pricing, as by orders. It is nil otherwise.
func askingDraft(ctx context.Context, id string) (*dossier, error) {
	c := call.From(ctx)
	b, err := readSpecial(ctx, c, id)
	if err != nil {
		return nil, err
	}
	r, err := lastVersion(ctx, c, b.QuoteID)
	if err != nil {
		return nil, err
	}
	d, err := lockQuote(ctx, c, r.ID)
	if err != nil || d.Status != contract.StatusDraft || d.SpecialPricingID != "" {
		return nil, err
	}
	return d, nil
}

// approved saves special pricing that can be used from now on, and prices the draft with it.
func (b *special) approved(ctx context.Context, c *call.Call, draft *dossier) (*contract.SpecialPricing, error) {
	b.tell(contract.EventSpecialPricingApproved, map[string]any{"expires_at": b.ExpiresAt}, "/status", "/lines", "/expires_at")
	if err := b.save(ctx, c); err != nil {
		return nil, err
	}
	if draft == nil {
		return b.seenBy(c), nil
	}
	draft.SpecialPricingID = b.ID
	switch err := draft.price(ctx, c); {
	case isRefusal(err): // of something else in the draft, which is for the partner to put right and nothing against the special prices
		return b.seenBy(c), nil
	case err != nil:
		return nil, err
	}
	draft.tellPriced()
	if err := draft.save(ctx, c); err != nil {
		return nil, err
	}
	return b.seenBy(c), nil
}

// isRefusal says that something was refused, and not that it failed.
func isRefusal(err error) bool {
	_, refused := errors.AsType[*partnerportal.Error](err)
	return refused
}
