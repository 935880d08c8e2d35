package quotes_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/quotes"
)

// What belongs to one partner does not exist for another, whatever it tries.
func TestOthersQuotesDoNotExist(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	d, q := w.deal(), w.quote()
	for name, err := range map[string]error{
		"quote":         second(w.globex.Get(ctx, q.ID)),
		"its timeline":  second(w.globex.ListActivity(ctx, q.ID, quotes.ListActivityParams{})),
		"its versions":  second(w.globex.ListVersions(ctx, q.ID, quotes.ListVersionsParams{})),
		"its drift":     second(w.globex.Check(ctx, q.ID)),
		"its document":  second(w.globex.OpenDocument(ctx, q.ID, quotes.OpenDocumentParams{})),
		"updating it":   second(w.globex.Update(ctx, q.ID, quotes.Patch{}, partnerportal.IfMatch(q))),
		"pricing it":    second(w.globex.Price(ctx, q.ID)),
		"presenting it": second(w.globex.Present(ctx, q.ID)),
		"accepting it":  second(w.globex.Accept(ctx, q.ID, quotes.Acceptance{Name: "A", Email: "a@b.c"})),
		"canceling it":  second(w.globex.Cancel(ctx, q.ID, quotes.Remark{})),
		"printing it":   second(w.globex.CreateDocument(ctx, q.ID, quotes.NewDocument{Kind: quotes.DocumentKindPDF})),
		"of a deal":     second(w.globex.ListForDeal(ctx, d.ID, quotes.ListForDealParams{})),
		"of no deal":    second(w.vendor.ListForDeal(ctx, "deal_1", quotes.ListForDealParams{})),
	} {
		require.ErrorIs(t, err, partnerportal.ErrNotFound, name)
	}
	assert.Empty(t, must[*quotes.Page](t)(w.globex.List(ctx, quotes.ListParams{})).Items)
	assert.Len(t, must[*quotes.Page](t)(w.vendor.List(ctx, quotes.ListParams{PartnerID: []string{w.AcmeID}})).Items, 1)
	assert.Empty(t, must[*quotes.Page](t)(w.vendor.List(ctx, quotes.ListParams{PartnerID: []string{w.GlobexID}})).Items)
	faulty(t, second(w.globex.List(ctx, quotes.ListParams{PartnerID: []string{w.AcmeID}})), "?partner_id")
	faulty(t, second(w.acme.List(ctx, quotes.ListParams{ExternalRef: "crm"})), "?external_ref")
	s := must[*quotes.Session](t)(w.acme.StartSession(ctx, quotes.NewSession{}))
	b := w.approve(w.ask(q, 5), quotes.SpecialPricingApproval{})
	for pointer, n := range map[string]quotes.NewQuote{
		"/deal_id": {DealID: d.ID}, "/quote_id": {QuoteID: q.ID}, "/session_id": {SessionID: s.ID},
		"/lines/0/configuration_id": {ConfigurationID: w.configuration().ID},
		"/special_pricing_id":       {SpecialPricingID: b.ID, Lines: []quotes.LineInput{{SKU: "SRV-1"}}},
	} {
		faulty(t, second(w.globex.Create(ctx, n)), pointer)
	}
}

func TestLists(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, w *world) {
		t.Helper()
		ctx := t.Context()
		d := w.deal()
		draft := w.quote()
		w.Advance(day)
		presented := must[*quotes.Quote](t)(w.acme.Present(ctx, w.quote(func(n *quotes.NewQuote) { n.DealID = d.ID }).ID))
		ids := func(p quotes.ListParams) (all []string) {
			for q, err := range w.acme.All(ctx, p) {
				require.NoError(t, err)
				all = append(all, q.ID)
			}
			return all
		}
		assert.Equal(t, []string{presented.ID, draft.ID}, ids(quotes.ListParams{}))
		assert.Equal(t, []string{draft.ID, presented.ID}, ids(quotes.ListParams{Sort: partnerportal.SortOldestFirst, Limit: 1}))
		assert.Equal(t, []string{presented.ID}, ids(quotes.ListParams{Status: []quotes.Status{quotes.StatusPresented}}))
		assert.Equal(t, []string{presented.ID}, ids(quotes.ListParams{DealID: []string{d.ID}}))
		assert.Equal(t, []string{presented.ID}, ids(quotes.ListParams{UpdatedSince: presented.CreatedAt}))
		assert.Equal(t, []string{draft.ID}, ids(quotes.ListParams{Number: draft.Number}))
		assert.Empty(t, ids(quotes.ListParams{SessionID: "ses_1"}))
		assert.Len(t, must[*quotes.Page](t)(w.vendor.ListForDeal(ctx, d.ID, quotes.ListForDealParams{})).Items, 1)
	})
}

// A price policy is written in versions; quotes name the one that they were priced with.
func TestPricePolicies(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, w *world) {
		t.Helper()
		ctx, id := t.Context(), portal.DefaultProgramID
		none := must[*quotes.PricePolicy](t)(w.vendor.GetPricePolicy(ctx, id))
		assert.Equal(t, quotes.PricePolicy{ProgramID: id, Rounding: quotes.RoundingHalfEven, Stacking: quotes.StackingSequential}, *none)
		assert.EqualValues(t, 0, w.quote().Pricing.PolicyVersion)
		five := quotes.PricePolicyInput{VolumeDiscounts: []quotes.PriceVolumeDiscount{{MinQuantity: 2, Percent: "5"}}}
		first := must[*quotes.PricePolicy](t)(w.vendor.PutPricePolicy(ctx, id, five, partnerportal.IfMatch(none)))
		assert.EqualValues(t, 1, first.Version)
		assert.Equal(t, first, must[*quotes.PricePolicy](t)(w.vendor.PutPricePolicy(ctx, id, five)), "the same content is no new version")
		q := w.quote()
		assert.EqualValues(t, 1, q.Pricing.PolicyVersion)
		assert.Equal(t, "-100.00", kinds(q.Lines[0])["volume"])
		five.Stacking = quotes.StackingAdditive
		require.ErrorIs(t, second(w.vendor.PutPricePolicy(ctx, id, five, partnerportal.IfMatch(none))), partnerportal.ErrStale)
		must[*quotes.PricePolicy](t)(w.vendor.PutPricePolicy(ctx, id, five, partnerportal.IfMatch(first)))
		versions := must[*quotes.PricePolicyPage](t)(w.vendor.ListPricePolicyVersions(ctx, id, quotes.ListPricePolicyVersionsParams{})).Items
		require.Len(t, versions, 2)
		assert.Equal(t, *first, versions[1])

		faulty(t, second(w.vendor.PutPricePolicy(ctx, id, quotes.PricePolicyInput{TierDiscounts: []quotes.PriceTierDiscount{{TierID: "diamond", Percent: "5"}}})), "/tier_discounts/0/tier_id")
		faulty(t, second(w.vendor.PutPricePolicy(ctx, id, quotes.PricePolicyInput{Manual: quotes.PriceAuthority{Thresholds: []quotes.PriceThreshold{
			{Percent: "10", Role: "a"}, {Percent: "10", Role: "b"},
		}}})), "/manual/thresholds/1/percent")
		require.ErrorIs(t, second(w.vendor.GetPricePolicy(ctx, "nowhere")), partnerportal.ErrNotFound)
		require.ErrorIs(t, second(w.vendor.PutPricePolicy(ctx, "nowhere", five)), partnerportal.ErrNotFound)
		require.Error(t, second(w.acme.GetPricePolicy(ctx, id)), "it is the vendor's")
	})
}
