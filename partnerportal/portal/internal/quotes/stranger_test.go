package quotes_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
	"github.com/partnerportal/partnerportal-go/quotes"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
)

// customer makes a quote for a company in the US.
func customer(name string) func(*quotes.NewQuote) {
	return func(n *quotes.NewQuote) { n.Customer = partnerportal.Organization{Name: name, Country: "US"} }
}

// A registration gives its discount for the customer that was registered, whatever the quote names.
func TestTheDealOfAnotherCustomer(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	w.policy(quotes.PricePolicyInput{DealRegistration: []quotes.PriceDealDiscount{{Percent: "8"}}})
	d := w.deal()
	of := func(n *quotes.NewQuote) { n.DealID = d.ID }
	for _, name := range []string{"Initech", "INITECH Inc."} {
		q := w.quote(customer(name), of)
		assert.Equal(t, "-160.00", kinds(q.Lines[0])["deal_registration"], name)
	}
	other := w.quote(customer("Umbrella"), of)
	assert.NotContains(t, kinds(other.Lines[0]), quotes.ComponentKindDealRegistration)
	assert.False(t, other.Pricing.ProtectedDeal)
	require.Len(t, other.Pricing.Notes, 1)
	assert.Equal(t, quotes.NoteCodeDealRegistrationOutOfScope, other.Pricing.Notes[0].Code)

	q := w.quote(of, func(n *quotes.NewQuote) { n.Customer = partnerportal.Organization{} })
	assert.True(t, q.Pricing.ProtectedDeal, "the customer is that of the deal")
	q = must[*quotes.Quote](t)(w.acme.Update(ctx, q.ID, quotes.Patch{Customer: partnerportal.OrganizationPatch{
		Name: partnerportal.Set("Umbrella"), Domain: partnerportal.Null[string](),
	}}, partnerportal.IfMatch(q)))
	assert.False(t, q.Pricing.ProtectedDeal)
}

// Special prices are for the customer for whom they were asked.
func TestSpecialPricingOfACustomer(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	b := w.approve(w.ask(w.quote(), 10), quotes.SpecialPricingApproval{})
	faulty(t, second(w.acme.Create(ctx, quotes.NewQuote{
		SpecialPricingID: b.ID, Customer: partnerportal.Organization{Name: "Umbrella", Country: "US"}, Lines: []quotes.LineInput{{SKU: "SRV-1"}},
	})), "/special_pricing_id")
	q := w.quote(customer("Initech Ltd."), with(b, 2))
	assert.Equal(t, usd("1600.00"), q.Totals.Net)
	patch := quotes.Patch{Customer: partnerportal.OrganizationPatch{Name: partnerportal.Set("Umbrella")}}
	faulty(t, second(w.acme.Update(ctx, q.ID, patch, partnerportal.IfMatch(q))), "/special_pricing_id")
	patch.SpecialPricingID = partnerportal.Null[string]()
	q = must[*quotes.Quote](t)(w.acme.Update(ctx, q.ID, patch, partnerportal.IfMatch(q)))
	assert.Equal(t, usd("2000.00"), q.Totals.Net)
}

// What a partner has in one programme gives it nothing in another: neither the deals, nor the price lists for members, nor what it has only asked to be in.
func TestAnotherProgramme(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	office, shop := program.New(w.Vendor), catalog.New(w.Vendor)
	rules := must[*program.Program](t)(office.Get(ctx, portal.DefaultProgramID))
	rules.ID, rules.Name = "cloud", "Cloud"
	must[*program.Program](t)(office.Put(ctx, "cloud", *rules))
	for id, policy := range map[string]quotes.PricePolicyInput{
		portal.DefaultProgramID: {DealRegistration: []quotes.PriceDealDiscount{{Percent: "8"}}},
		"cloud":                 {DealRegistration: []quotes.PriceDealDiscount{{Percent: "20"}}},
	} {
		must[*quotes.PricePolicy](t)(w.vendor.PutPricePolicy(ctx, id, policy))
	}
	cloud := func(n *quotes.NewQuote) { n.ProgramID = "cloud" }
	in := quotes.NewQuote{ProgramID: "cloud", Lines: []quotes.LineInput{{SKU: "SRV-1"}}}
	faulty(t, second(w.acme.Create(ctx, in)), "/program_id")
	asked := must[*program.Membership](t)(program.New(w.Acme).Enrol(ctx, program.Enrolment{ProgramID: "cloud"}))
	require.Equal(t, program.MembershipStatusPending, asked.Status)
	faulty(t, second(w.acme.Create(ctx, in)), "/program_id")
	must[*program.Membership](t)(office.ApproveMembership(ctx, asked.ID))

	must[*catalog.PriceList](t)(shop.PutPriceList(ctx, "list-cloud", catalog.PriceListInput{Name: "Cloud", Currency: "USD", ProgramID: "cloud"}))
	must[*catalog.EntriesPut](t)(shop.PutEntries(ctx, "list-cloud", catalog.PriceEntries{Entries: []catalog.PriceEntry{
		{SKU: "SRV-1", ListPrice: usd("700.00")}, {SKU: "GPU-1", ListPrice: usd("200.00")},
	}}))
	must[*catalog.PriceList](t)(shop.ActivatePriceList(ctx, "list-cloud"))
	assert.Equal(t, usd("2000.00"), w.quote().Lines[0].List)
	assert.Equal(t, usd("1400.00"), w.quote(cloud).Lines[0].List)

	d := w.deal()
	own, other := w.quote(func(n *quotes.NewQuote) { n.DealID = d.ID }), w.quote(cloud, func(n *quotes.NewQuote) { n.DealID = d.ID })
	assert.Equal(t, "-160.00", kinds(own.Lines[0])["deal_registration"])
	assert.NotContains(t, kinds(other.Lines[0]), quotes.ComponentKindDealRegistration)
	assert.Equal(t, quotes.NoteCodeDealRegistrationOutOfScope, other.Pricing.Notes[0].Code)
}

// What was never sent to the vendor stays the partner's business, whatever becomes of it.
func TestTheVendorDoesNotSeeWhatWasNeverSent(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	q := w.quote()
	b := must[*quotes.SpecialPricing](t)(w.acme.CreateSpecialPricing(ctx, quotes.NewSpecialPricing{
		QuoteID: q.ID, Competitor: "Rival", Lines: []quotes.SpecialLineInput{{LineID: q.Lines[0].ID, RequestedPercent: "30"}},
	}))
	must[*quotes.SpecialPricing](t)(w.acme.WithdrawSpecialPricing(ctx, b.ID, quotes.Remark{}))
	require.ErrorIs(t, second(w.vendor.GetSpecialPricing(ctx, b.ID)), partnerportal.ErrNotFound)
	assert.Empty(t, must[*quotes.SpecialPricingPage](t)(w.vendor.ListSpecialPricing(ctx, quotes.ListSpecialPricingParams{})).Items)
	assert.Len(t, must[*quotes.SpecialPricingPage](t)(w.acme.ListSpecialPricing(ctx, quotes.ListSpecialPricingParams{})).Items, 1)
	assert.Empty(t, w.heard(w.Vendor, b.ID))
	assert.Equal(t, []string{quotes.EventSpecialPricingCreated, quotes.EventSpecialPricingWithdrawn}, w.told(b.ID))
}

// The clock ends an offer, not the deadline, which may come late.
func TestAnOfferThatIsOver(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	w := furnish(t, portaltest.New(t, portal.WithClock(func() time.Time { return now })))
	ctx := t.Context()
	b := must[*quotes.SpecialPricing](t)(w.vendor.CounterSpecialPricing(ctx, w.ask(w.quote(), 5).ID, quotes.SpecialPricingApproval{
		ValidUntilOn: partnerportal.DateOf(now),
	}))
	now = b.ExpiresAt
	assert.NotContains(t, must[*quotes.SpecialPricing](t)(w.acme.GetSpecialPricing(ctx, b.ID)).AllowedActions, quotes.SpecialPricingActionAcceptCounter)
	err := second(w.acme.AcceptCounter(ctx, b.ID))
	var e *partnerportal.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, partnerportal.ErrInvalidState, e.Code)
	assert.Equal(t, "The offer stood until the end of 2026-11-22: ask anew.", e.Detail)
}

// A request goes on with the next version of its quote, and not after the last was accepted.
func TestSpecialPricingOfALaterVersion(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	q := w.quote()
	b := must[*quotes.SpecialPricing](t)(w.vendor.RequestSpecialPricingChanges(ctx, w.ask(q, 5).ID, quotes.Rejection{Reason: "How many?"}))
	must[*quotes.Quote](t)(w.acme.Present(ctx, q.ID))
	q = must[*quotes.Quote](t)(w.acme.Revise(ctx, q.ID))
	b = must[*quotes.SpecialPricing](t)(w.acme.UpdateSpecialPricing(ctx, b.ID, quotes.SpecialPricingPatch{
		Lines: partnerportal.Set([]quotes.SpecialLineInput{{LineID: q.Lines[0].ID, Quantity: 7, RequestedPercent: "20"}}),
	}, partnerportal.IfMatch(b)))
	must[*quotes.Quote](t)(w.acme.Present(ctx, q.ID))
	must[*quotes.Quote](t)(w.acme.Accept(ctx, q.ID, quotes.Acceptance{Name: "Peter", Email: "peter@initech.com"}))
	require.ErrorIs(t, second(w.acme.SubmitSpecialPricing(ctx, b.ID)), partnerportal.ErrInvalidState)
	q = must[*quotes.Quote](t)(w.acme.Revise(ctx, q.ID))
	b = w.approve(must[*quotes.SpecialPricing](t)(w.acme.SubmitSpecialPricing(ctx, b.ID)), quotes.SpecialPricingApproval{})
	assert.Equal(t, 7, b.Lines[0].RemainingQuantity)
	assert.Equal(t, usd("1600.00"), must[*quotes.Quote](t)(w.acme.Get(ctx, q.ID)).Lines[0].Net)
}

// Nobody is presented a total without the taxes because nobody said where it is.
func TestTaxesNeedAnAddress(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	w.policy(quotes.PricePolicyInput{Taxes: []quotes.PriceTax{{Country: "US", Region: "CA", Name: "Sales tax", Percent: "7.25"}, {Country: "DE", Name: "USt.", Percent: "19"}}})
	to := func(country, region string) error {
		q := w.quote(func(n *quotes.NewQuote) { n.Customer.Country, n.Customer.Address.Region = country, region })
		return second(w.acme.Present(ctx, q.ID))
	}
	faulty(t, to("", ""), "/customer/country")
	faulty(t, to("US", ""), "/customer/address/region")
	require.NoError(t, to("US", "CA"))
	require.NoError(t, to("DE", ""))
	require.NoError(t, to("FR", ""))
}
