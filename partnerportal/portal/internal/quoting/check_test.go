package quoting_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/quotes"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
)

// A registration that expires between the quote and the order takes its discount along, and the drift says so.
func TestDealRegistrationExpires(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, w *world) {
		t.Helper()
		w.policy(quotes.PricePolicyInput{
			DealRegistration: []quotes.PriceDealDiscount{{Percent: "8"}}, Taxes: []quotes.PriceTax{{Country: "US", Name: "Sales tax", Percent: "10"}},
			Quote: quotes.PriceQuoteRules{ValidDays: 200},
		})
		d := w.deal()
		q := w.accepted(func(n *quotes.NewQuote) { n.DealID = d.ID })
		assert.True(t, q.Pricing.ProtectedDeal)
		same := w.drift(q)
		assert.False(t, same.Changed)
		assert.Empty(t, same.Lines)
		assert.Equal(t, q.Totals, same.Totals)

		w.Advance(91 * day)
		drift := w.drift(q)
		assert.True(t, drift.Changed)
		assert.True(t, drift.DealRegistrationExpired)
		assert.Equal(t, []partnerportal.Money{usd("2024.00"), usd("2200.00"), usd("176.00")}, []partnerportal.Money{drift.Before, drift.After, drift.Difference})
		require.Len(t, drift.Lines, 1)
		assert.Equal(t, quotes.LineDrift{
			LineID: q.Lines[0].ID, SKU: "SRV-1", Before: usd("2024.00"), After: usd("2200.00"), Difference: usd("176.00"),
			Reasons: []quotes.DriftReason{
				{Code: quotes.DriftCodeDealRegistration, Before: usd("-160.00"), After: usd("0.00"), Message: "The deal registration's discount was -160.00 USD and is 0.00 USD now."},
				{Code: quotes.DriftCodeTax, Before: usd("184.00"), After: usd("200.00"), Message: "The tax was 184.00 USD and is 200.00 USD now."},
			},
		}, drift.Lines[0])
		require.Len(t, drift.Notes, 1)
		assert.Equal(t, quotes.NoteCodeDealRegistrationExpired, drift.Notes[0].Code)
		assert.Equal(t, d.ID, drift.Notes[0].Ref)
		again := must[*quotes.Quote](t)(w.acme.Get(t.Context(), q.ID))
		assert.Equal(t, q.Totals, again.Totals, "a check changes nothing")
	})
}

// A list price that is protected stays for those who have a quote with it, as long as it is protected.
func TestPriceProtection(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, w *world) {
		t.Helper()
		w.policy(quotes.PricePolicyInput{Quote: quotes.PriceQuoteRules{ValidDays: 100}})
		open := w.accepted()
		w.prices(catalog.PriceEntry{SKU: "SRV-1", ListPrice: usd("1000.00"), PriceProtectedUntilOn: w.day(10)})
		kept := w.accepted()
		assert.Equal(t, w.day(11), partnerportal.DateOf(kept.Lines[0].PriceProtectedUntilAt), "until the end of the day")
		w.prices(catalog.PriceEntry{SKU: "SRV-1", ListPrice: usd("1100.00")})

		drift := w.drift(open)
		assert.Equal(t, usd("200.00"), drift.Difference)
		require.Len(t, drift.Lines, 1)
		assert.Equal(t, quotes.DriftCodeList, drift.Lines[0].Reasons[0].Code)
		drift = w.drift(kept)
		assert.False(t, drift.Changed)
		require.Len(t, drift.Notes, 1)
		assert.Equal(t, quotes.NoteCodePriceProtected, drift.Notes[0].Code)
		assert.Equal(t, usd("1100.00"), must[*quotes.Preview](t)(w.acme.Preview(t.Context(), quotes.NewQuote{Lines: []quotes.LineInput{{SKU: "SRV-1"}}})).Totals.List, "a new quote has the new price")
		w.Advance(11 * day)
		assert.Equal(t, usd("200.00"), w.drift(kept).Difference)
	})
}

// What changes the price is named, component by component.
func TestPoliciesChange(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, w *world) {
		t.Helper()
		w.policy(quotes.PricePolicyInput{Promotions: []quotes.PricePromotion{{Code: "NOW", Percent: "10", Automatic: true, ValidToOn: w.day(1)}}})
		q := w.accepted()
		assert.Equal(t, usd("1800.00"), q.Totals.Total)
		w.Advance(2 * day)
		w.policy(quotes.PricePolicyInput{VolumeDiscounts: []quotes.PriceVolumeDiscount{{MinQuantity: 2, Percent: "25"}}})
		drift := w.drift(q)
		assert.Equal(t, usd("-300.00"), drift.Difference)
		assert.EqualValues(t, 2, drift.PolicyVersion)
		var codes []quotes.DriftCode
		for _, r := range drift.Lines[0].Reasons {
			codes = append(codes, r.Code)
		}
		assert.Equal(t, []quotes.DriftCode{quotes.DriftCodeVolume, quotes.DriftCodePromotion}, codes)
	})
}

// A line that cannot be sold any more has no new price, and neither has the quote.
func TestProductsThatAreGone(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, w *world) {
		t.Helper()
		ctx := t.Context()
		for name, test := range map[string]struct {
			vanish func(*catalog.Product)
			code   quotes.DriftCode
		}{
			"END-1": {func(*catalog.Product) {
				w.product("END-1", catalog.ProductInput{Name: "Server", Kind: catalog.ProductKindHardware, EndOfSaleOn: w.day(-1), ReplacedBySKU: "SRV-1"})
			}, quotes.DriftCodeProductEndOfSale},
			"RET-1": {func(p *catalog.Product) { must[*catalog.Product](t)(w.shop.Retire(ctx, p.ID)) }, quotes.DriftCodeProductRetired},
			"CRED-1": {func(*catalog.Product) {
				w.product("CRED-1", catalog.ProductInput{Name: "Server", Kind: catalog.ProductKindHardware, Authorisation: catalog.Authorisation{CredentialDefinitionIDs: []string{"expert"}}})
			}, quotes.DriftCodeProductNotAuthorised},
		} {
			p := w.product(name, catalog.ProductInput{Name: "Server", Kind: catalog.ProductKindHardware})
			w.prices(catalog.PriceEntry{SKU: name, ListPrice: usd("10.00")})
			q := w.accepted(func(n *quotes.NewQuote) { n.Lines = append(n.Lines, quotes.LineInput{SKU: name}) })
			test.vanish(p)
			drift := w.drift(q)
			assert.True(t, drift.Changed, name)
			assert.Zero(t, drift.After)
			require.Len(t, drift.Lines, 1)
			assert.Equal(t, q.Lines[1].ID, drift.Lines[0].LineID)
			assert.Equal(t, usd("10.00"), drift.Lines[0].Before)
			require.Len(t, drift.Lines[0].Reasons, 1)
			assert.Equal(t, test.code, drift.Lines[0].Reasons[0].Code, drift.Lines[0].Reasons[0].Message)
		}
	})
}

// A configuration is held against the rules of now.
func TestConfigurationsThatBreakNewRules(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, w *world) {
		t.Helper()
		ctx := t.Context()
		w.product("CPU-1", catalog.ProductInput{Name: "Processor", Kind: catalog.ProductKindHardware})
		w.prices(catalog.PriceEntry{SKU: "CPU-1", ListPrice: usd("50.00")})
		model := catalog.ModelInput{Groups: []catalog.Group{{ID: "cpu", Title: "Processors", Options: []catalog.Option{{SKU: "CPU-1"}}}}}
		must[*catalog.Model](t)(w.shop.PublishModel(ctx, "SRV-1", model))
		configured := must[*catalog.Configuration](t)(catalog.New(w.Acme).Configure(ctx, catalog.ConfigurationInput{SKU: "SRV-1", Selections: []catalog.Selection{{Group: "cpu", SKU: "CPU-1", Quantity: 1}}}))
		q := w.accepted(func(n *quotes.NewQuote) { n.Lines = []quotes.LineInput{{ConfigurationID: configured.ID, Quantity: 3}} })
		require.Len(t, q.Lines, 2)
		assert.Equal(t, usd("3150.00"), q.Totals.Total)
		assert.False(t, w.drift(q).Changed)
		model.Rules = []catalog.Rule{{ID: "pairs", Kind: catalog.RuleKindMinQty, Then: `qty("CPU-1") >= 2`, Message: "Processors come in pairs."}}
		must[*catalog.Model](t)(w.shop.PublishModel(ctx, "SRV-1", model))
		drift := w.drift(q)
		assert.True(t, drift.Changed)
		assert.Empty(t, drift.Lines)
		assert.Equal(t, []quotes.Violation{{LineID: q.Lines[0].ID, ConfigurationID: configured.ID, RuleID: "pairs", Message: "Processors come in pairs."}}, drift.Violations)
	})
}

// What prices are made of, as the store has it.
func TestPricesAreFound(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, w *world) {
		t.Helper()
		ctx := t.Context()
		preview := func(lines ...quotes.LineInput) (*quotes.Preview, error) {
			return w.acme.Preview(ctx, quotes.NewQuote{Customer: partnerportal.Organization{Name: "Initech", Country: "US"}, Lines: lines})
		}
		p := must[*quotes.Preview](t)(preview(quotes.LineInput{SKU: "SRV-1", Quantity: 10}, quotes.LineInput{SKU: "SUP-1"}, quotes.LineInput{SKU: "SUP-1", TermMonths: 36}))
		assert.Equal(t, []string{"10000.00", "120.00", "300.00"}, []string{p.Lines[0].List.Amount(), p.Lines[1].List.Amount(), p.Lines[2].List.Amount()})
		assert.Equal(t, []string{"9000.00", "120.00", "250.00"}, []string{p.Lines[0].Net.Amount(), p.Lines[1].Net.Amount(), p.Lines[2].Net.Amount()})
		assert.Equal(t, usd("900.00"), p.Lines[0].BreakUnit)
		assert.Equal(t, usd("250.00"), p.Lines[2].FixedUnit)
		assert.Equal(t, 12, p.Lines[1].TermMonths, "the product's first term")
		assert.Equal(t, "list-usd", p.Pricing.PriceListID)
		assert.EqualValues(t, 0, p.Pricing.PolicyVersion)

		w.product("SPC-1", catalog.ProductInput{Name: "Server", Kind: catalog.ProductKindHardware, Authorisation: catalog.Authorisation{
			CredentialDefinitionIDs: []string{"expert", "architect"},
		}})
		_, err := preview(quotes.LineInput{SKU: "SRV-1"}, quotes.LineInput{SKU: "SPC-1"})
		require.ErrorIs(t, err, quotes.ErrProductNotAuthorised)
		missing := quotes.MissingOf(err)
		require.Len(t, missing, 2)
		assert.Equal(t, "expert", missing[0].CredentialDefinitionID)
		assert.Equal(t, "architect", missing[1].CredentialDefinitionID)
		w.product("SRV-1", catalog.ProductInput{Name: "Server", Kind: catalog.ProductKindHardware, EndOfSaleOn: w.day(-1), ReplacedBySKU: "SUP-1"})
		_, err = preview(quotes.LineInput{SKU: "SRV-1"}, quotes.LineInput{SKU: "NONE-1"})
		require.ErrorIs(t, err, quotes.ErrProductEndOfSale)
		assert.Equal(t, "SUP-1", quotes.ReplacementOf(err))
		_, err = preview(quotes.LineInput{SKU: "SUP-1", TermMonths: 24})
		require.ErrorIs(t, err, quotes.ErrPriceMissing)
		_, err = preview(quotes.LineInput{SKU: "NONE-1"})
		require.ErrorIs(t, err, partnerportal.ErrValidation)
	})
}
