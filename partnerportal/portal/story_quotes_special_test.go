package portal_test

import (
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/sandbox"
	"github.com/partnerportal/partnerportal-go/quotes"
	"github.com/partnerportal/partnerportal-go/quotes/orders"
)

// specialPricing: Acme asks for prices below what the policy gives, and orders at them.
func (s *story) specialPricing() {
	s.undecidedSpecialPricing()
	s.usedSpecialPricing()
}

// asked is a draft that asks for three processors at a tenth less than the list price.
func (s *story) asked(submit bool) *quotes.SpecialPricing {
	s.t.Helper()
	q := s.drafted(nil)
	return did[quotes.SpecialPricing](s)(s.acme.quotes.CreateSpecialPricing(s.ctx, quotes.NewSpecialPricing{
		QuoteID: q.ID, Lines: []quotes.SpecialLineInput{{LineID: q.Lines[0].ID, Quantity: 3, RequestedPercent: "10"}}, Submit: submit,
	}))
}

func (s *story) undecidedSpecialPricing() {
	ctx, acme, vendor := s.ctx, s.acme.quotes, s.vendor.quotes
	special := did[quotes.SpecialPricing](s)
	b := s.asked(false)
	_, err := vendor.GetSpecialPricing(ctx, b.ID)
	s.refused("not_found", err)
	b = special(acme.UpdateSpecialPricing(ctx, b.ID, quotes.SpecialPricingPatch{Competitor: partnerportal.Set("Tyrell")}, partnerportal.IfMatch(b)))
	special(acme.SubmitSpecialPricing(ctx, b.ID, partnerportal.IfMatch(b)))
	special(vendor.RequestSpecialPricingChanges(ctx, b.ID, quotes.Rejection{Reason: "How many will it be in all?"}))
	special(acme.SubmitSpecialPricing(ctx, b.ID))
	_, err = acme.AcceptCounter(ctx, b.ID)
	s.refused("invalid_state", err)
	special(acme.WithdrawSpecialPricing(ctx, b.ID, quotes.Remark{Note: "Lost."}))
	special(vendor.RejectSpecialPricing(ctx, s.asked(true).ID, quotes.Rejection{Reason: "Too low."}))
	did[sandbox.Outcome](s)(s.acme.sandbox.SimulateSpecialPricing(ctx, s.asked(true).ID, sandbox.SpecialPricingSimulation{Action: sandbox.SpecialPricingActionReject}))
}

func (s *story) usedSpecialPricing() {
	t, ctx, acme, vendor := s.t, s.ctx, s.acme.quotes, s.vendor.quotes
	special := did[quotes.SpecialPricing](s)
	b := s.asked(true)
	special(vendor.CounterSpecialPricing(ctx, b.ID, quotes.SpecialPricingApproval{Lines: []quotes.SpecialRuling{{ID: b.Lines[0].ID, Percent: "7.5"}}, ValidUntilOn: s.day(5)}))
	b = special(acme.AcceptCounter(ctx, b.ID))
	order := func(units int) *orders.Order {
		q := s.drafted(func(n *quotes.NewQuote) {
			n.SpecialPricingID, n.Lines = b.ID, []quotes.LineInput{{SKU: "CPU", Quantity: units}}
		})
		did[quotes.Quote](s)(acme.Present(ctx, q.ID))
		did[quotes.Quote](s)(acme.Accept(ctx, q.ID, quotes.Acceptance{Name: "Roy Batty", Email: "roy@tyrell.com"}))
		return did[orders.Order](s)(s.acme.orders.Place(ctx, orders.Placement{QuoteID: q.ID, PONumber: "SP " + q.Number}))
	}
	two, one := order(2), order(1)
	assert.Equal(t, quotes.SpecialPricingStatusConsumed, special(acme.GetSpecialPricing(ctx, b.ID)).Status)
	for _, o := range []*orders.Order{two, one} {
		did[orders.Order](s)(s.vendor.orders.Reject(ctx, o.ID, orders.Ruling{Code: orders.ReasonCodeOther}))
	}
	b = special(acme.GetSpecialPricing(ctx, b.ID))
	assert.Equal(t, 3, b.Lines[0].RemainingQuantity)
	s.advance(b.ExpiresAt.Sub(s.p.Now()) + time.Second)
	page := did[quotes.SpecialPricingPage](s)(vendor.ListSpecialPricing(ctx, quotes.ListSpecialPricingParams{Status: []quotes.SpecialPricingStatus{quotes.SpecialPricingStatusExpired}}))
	assert.Len(t, page.Items, 1)
	assert.NotEmpty(t, did[partnerportal.ActivityPage](s)(acme.ListSpecialPricingActivity(ctx, b.ID, quotes.ListSpecialPricingActivityParams{})).Items)
	special(vendor.ApproveSpecialPricing(ctx, s.asked(true).ID, quotes.SpecialPricingApproval{}))
}
