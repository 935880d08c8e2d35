package portal_test

import (
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/sandbox"
	"github.com/partnerportal/partnerportal-go/quotes"
)

// quotes: Acme offers customers what the catalogue has; the vendor decides on discounts.
func (s *story) quotes() {
	s.pricePolicy()
	s.presentedQuote()
	s.discounts()
	s.quotesThatEnd()
}

func (s *story) pricePolicy() {
	ctx, vendor := s.ctx, s.vendor.quotes
	policy := did[quotes.PricePolicy](s)
	none := policy(vendor.GetPricePolicy(ctx, portal.DefaultProgramID))
	in := quotes.PricePolicyInput{
		DealRegistration: []quotes.PriceDealDiscount{{Percent: "8"}},
		Manual:           quotes.PriceAuthority{PartnerPercent: "5", Thresholds: []quotes.PriceThreshold{{Percent: "15", Role: "sales_director"}}},
		Quote:            quotes.PriceQuoteRules{ValidDays: 20, ReminderDays: []int{7}},
	}
	p := policy(vendor.PutPricePolicy(ctx, portal.DefaultProgramID, in, partnerportal.IfMatch(none)))
	assert.EqualValues(s.t, 1, p.Version)
	assert.Len(s.t, did[quotes.PricePolicyPage](s)(vendor.ListPricePolicyVersions(ctx, portal.DefaultProgramID, quotes.ListPricePolicyVersionsParams{})).Items, 1)
	in.Taxes = []quotes.PriceTax{{Country: "USA"}}
	_, err := vendor.PutPricePolicy(ctx, portal.DefaultProgramID, in)
	s.refused("validation_failed", err)
}

// drafted is a quote of two processors for a deal.
func (s *story) drafted(change func(*quotes.NewQuote)) *quotes.Quote {
	s.t.Helper()
	n := quotes.NewQuote{
		Customer: partnerportal.Organization{Name: "Tyrell", Country: "US"}, Currency: "USD", Lines: []quotes.LineInput{{SKU: "CPU", Quantity: 2}, {SKU: "PSU"}},
	}
	if change != nil {
		change(&n)
	}
	return did[quotes.Quote](s)(s.acme.quotes.Create(s.ctx, n))
}

func (s *story) presentedQuote() {
	t, ctx, acme := s.t, s.ctx, s.acme.quotes
	quote, page := did[quotes.Quote](s), did[quotes.Page](s)
	deal := s.approved("rosen.com")
	forDeal := quotes.NewQuote{DealID: deal.ID, Lines: []quotes.LineInput{{SKU: "CPU", Quantity: 2}}}
	preview := did[quotes.Preview](s)(acme.Preview(ctx, forDeal))
	q := quote(acme.Create(ctx, forDeal))
	assert.Equal(t, preview.Totals, q.Totals)
	assert.True(t, q.Pricing.ProtectedDeal)
	_, err := acme.Create(ctx, quotes.NewQuote{Lines: []quotes.LineInput{{SKU: "OLD-2"}}})
	s.refused("product_end_of_sale", err)
	_, err = s.globex.quotes.Get(ctx, q.ID)
	s.refused("not_found", err)
	q = quote(acme.Update(ctx, q.ID, quotes.Patch{Notes: partnerportal.Set("Delivered by us."), Terms: partnerportal.Set("Net 30.")}, partnerportal.IfMatch(q)))
	quote(acme.Price(ctx, q.ID, partnerportal.IfMatch(q)))
	_, err = acme.Accept(ctx, q.ID, quotes.Acceptance{Name: "Eldon Tyrell", Email: "eldon@tyrell.com"})
	s.refused("invalid_state", err)
	quote(acme.Present(ctx, q.ID))
	did[quotes.Document](s)(acme.CreateDocument(ctx, q.ID, quotes.NewDocument{Kind: quotes.DocumentKindPDF}))
	file := did[partnerportal.Download](s)(acme.OpenDocument(ctx, q.ID, quotes.OpenDocumentParams{Locale: "de"}))
	s.ok(file.Close())
	next := quote(acme.Revise(ctx, q.ID))
	_, err = acme.Accept(ctx, q.ID, quotes.Acceptance{Name: "Eldon Tyrell", Email: "eldon@tyrell.com"})
	s.refused("quote_not_latest_version", err)
	quote(acme.Present(ctx, next.ID))
	did[quotes.Drift](s)(acme.Check(ctx, next.ID))
	quote(acme.Accept(ctx, next.ID, quotes.Acceptance{Name: "Eldon Tyrell", Email: "eldon@tyrell.com"}))
	assert.Len(t, page(acme.ListVersions(ctx, q.ID, quotes.ListVersionsParams{})).Items, 2)
	assert.Len(t, page(s.vendor.quotes.ListForDeal(ctx, deal.ID, quotes.ListForDealParams{})).Items, 2)
	assert.Len(t, page(acme.List(ctx, quotes.ListParams{Latest: true, Status: []quotes.Status{quotes.StatusAccepted}, DealID: []string{deal.ID}})).Items, 1)
	assert.NotEmpty(t, did[partnerportal.ActivityPage](s)(acme.ListActivity(ctx, q.ID, quotes.ListActivityParams{})).Items)
}

func (s *story) discounts() {
	ctx, acme, vendor := s.ctx, s.acme.quotes, s.vendor.quotes
	quote := did[quotes.Quote](s)
	q := s.drafted(func(n *quotes.NewQuote) { n.Lines[0].Adjustment = quotes.Adjustment{Percent: "12"} })
	_, err := acme.Present(ctx, q.ID)
	s.refused("approval_required", err)
	ask := func() {
		quote(acme.RequestApproval(ctx, q.ID, quotes.ApprovalRequest{Justification: "The incumbent."}))
	}
	ask()
	quote(vendor.Reject(ctx, q.ID, quotes.Rejection{Reason: "Too much."}))
	ask()
	quote(vendor.RequestChanges(ctx, q.ID, quotes.Rejection{Reason: "Who is it?"}))
	ask()
	quote(vendor.Counter(ctx, q.ID, quotes.CounterOffer{Lines: []quotes.CounterLine{{LineID: q.Lines[0].ID, Percent: "10"}}}))
	_, err = acme.RequestApproval(ctx, q.ID, quotes.ApprovalRequest{})
	s.refused("approval_not_needed", err)
	q = s.drafted(func(n *quotes.NewQuote) { n.Lines[0].Adjustment = quotes.Adjustment{Percent: "12"} })
	ask()
	quote(vendor.Approve(ctx, q.ID, quotes.Remark{}))
	q = s.drafted(func(n *quotes.NewQuote) { n.Lines[0].Adjustment = quotes.Adjustment{Percent: "16"} })
	_, err = acme.RequestApproval(ctx, q.ID, quotes.ApprovalRequest{})
	s.refused("discount_exceeds_authority", err)
	q = s.drafted(func(n *quotes.NewQuote) { n.Lines[0].Adjustment = quotes.Adjustment{Percent: "15"} })
	ask()
	did[sandbox.Outcome](s)(s.acme.sandbox.SimulateQuote(ctx, q.ID, sandbox.QuoteSimulation{Action: sandbox.QuoteActionApprove}))
}

func (s *story) quotesThatEnd() {
	ctx, acme := s.ctx, s.acme.quotes
	quote := did[quotes.Quote](s)
	declined := quote(acme.Present(ctx, s.drafted(nil).ID))
	quote(acme.Decline(ctx, declined.ID, quotes.Decline{Reason: quotes.DeclineReasonPrice}))
	quote(acme.Cancel(ctx, s.drafted(nil).ID, quotes.Remark{Note: "A mistake."}))
	expires := quote(acme.Present(ctx, s.drafted(nil).ID))
	s.advance(expires.ExpiresAt.Sub(s.p.Now()) + time.Second)
	assert.Equal(s.t, quotes.StatusExpired, quote(acme.Get(ctx, expires.ID)).Status)
}
