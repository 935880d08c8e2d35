package pricing_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/cockroachdb/apd/v3"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/pricing"
	contract "github.com/partnerportal/partnerportal-go/quotes"
)

// TestPricesAreExact holds prices of random policies and lines against exact decimals, component by component, and the published identities.
func TestPricesAreExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		currency := rapid.SampledFrom([]string{"JPY", "USD", "EUR", "KWD", "CLF"}).Draw(t, "currency")
		policy := drawPolicy(t, currency)
		in := drawInput(t, currency)
		compiled, err := pricing.Compile(policy)
		require.NoError(t, err)
		in.Policy = compiled

		result, err := pricing.Price(in)
		require.NoError(t, err)
		drawAmounts(t, in, result)
		result, err = pricing.Price(in)
		require.NoError(t, err)
		requireSums(t, result)
		o := &oracle{in: in, policy: policy, digits: digitsOf[currency]}
		for i, want := range o.lines() {
			requireSteps(t, want, result.Lines[i])
		}
	})
}

// TestNothingOverflows prices amounts and quantities of any size: the answer is right, or there is none.
func TestNothingOverflows(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		currency := rapid.SampledFrom([]string{"JPY", "USD", "KWD"}).Draw(t, "currency")
		in := drawInput(t, currency)
		for i := range in.Lines {
			l := &in.Lines[i]
			unit, err := partnerportal.NewMoney(rapid.Int64Range(0, math.MaxInt64).Draw(t, "unit"), currency)
			require.NoError(t, err)
			l.ListUnit, l.Quantity = unit, rapid.IntRange(1, 1_000_000_000).Draw(t, "quantity")
		}
		var err error
		in.Policy, err = pricing.Compile(drawPolicy(t, currency))
		require.NoError(t, err)
		result, err := pricing.Price(in)
		if err != nil {
			require.ErrorIs(t, err, partnerportal.ErrValidation)
			return
		}
		requireSums(t, result)
	})
}

var digitsOf = map[string]int32{"JPY": 0, "USD": 2, "EUR": 2, "KWD": 3, "CLF": 4}

func requireSteps(t *rapid.T, want *expected, got contract.Line) {
	text := func(kind contract.ComponentKind, d *apd.Decimal) string {
		reduced, _ := new(apd.Decimal).Reduce(d)
		return fmt.Sprintf("%s %s", kind, reduced.Text('f'))
	}
	var expected, priced []string
	for _, s := range want.steps {
		expected = append(expected, text(s.kind, s.amount))
	}
	for _, c := range got.Components {
		priced = append(priced, text(c.Kind, dec(c.Amount.Amount())))
	}
	require.Equal(t, strings.Join(expected, "\n"), strings.Join(priced, "\n"))
	require.Zero(t, plus(want.a, want.b).Cmp(dec(got.Net.Amount())))
}

// requireSums holds the identities: of each line, of the totals, and that nothing is below zero or finer than what can be paid.
func requireSums(t require.TestingT, r *pricing.Result) {
	zero := partnerportal.MustMoney("0", r.Pricing.Currency)
	list, net, freight, tax, total := zero, zero, zero, zero, zero
	add := func(to *partnerportal.Money, m partnerportal.Money) {
		sum, err := to.Add(m)
		require.NoError(t, err)
		*to = sum
	}
	for _, l := range r.Lines {
		lineNet, lineTotal := zero, zero
		for _, c := range l.Components {
			payable, err := c.Amount.Round()
			require.NoError(t, err)
			require.Equal(t, payable, c.Amount)
			add(&lineTotal, c.Amount)
			if c.Kind != contract.ComponentKindFreight && c.Kind != contract.ComponentKindTax {
				add(&lineNet, c.Amount)
			}
		}
		require.Equal(t, lineNet, l.Net)
		require.Equal(t, lineTotal, l.Total)
		require.GreaterOrEqual(t, l.Net.Sign(), 0)
		if !l.Optional {
			add(&list, l.List)
			add(&net, l.Net)
			add(&freight, l.Freight)
			add(&tax, l.Tax)
			add(&total, l.Total)
		}
	}
	require.Equal(t, []partnerportal.Money{list, net, freight, tax, total},
		[]partnerportal.Money{r.Totals.List, r.Totals.Net, r.Totals.Freight, r.Totals.Tax, r.Totals.Total})
	discounted, taxed := zero, zero // the list comes last: beside the largest there is no room for what special pricing adds
	for _, d := range r.Totals.Discounts {
		add(&discounted, d.Amount)
	}
	add(&discounted, list)
	for _, x := range r.Totals.Taxes {
		add(&taxed, x.Amount)
	}
	require.Equal(t, net, discounted)
	require.Equal(t, tax, taxed)
}

var (
	families = []string{"GTX", "Care"}
	products = []string{"GTX-1", "GTX-2", "CARE-3"}
	tiers    = []string{"gold", "silver"}
)

func drawPercent(t *rapid.T, label string) string {
	points := rapid.OneOf(rapid.IntRange(0, 100_0000), rapid.SampledFrom([]int{10_0000, 12_5000, 33_3333, 50_0000, 99_9999, 100_0000})).Draw(t, label)
	return fmt.Sprintf("%d.%04d", points/1_0000, points%1_0000)
}

// drawRules draws rules of which no two are for the same.
func drawRules[T any](t *rapid.T, label string, most int, key func(T) string, draw func(*rapid.T) T) []T {
	var rules []T
	seen := map[string]bool{}
	for range rapid.IntRange(0, most).Draw(t, label) {
		rule := draw(t)
		if !seen[key(rule)] {
			rules = append(rules, rule)
		}
		seen[key(rule)] = true
	}
	return rules
}

func drawPolicy(t *rapid.T, currency string) *contract.PricePolicyInput {
	family := rapid.SampledFrom([]string{"", "GTX", "Care"})
	p := &contract.PricePolicyInput{
		Stacking: rapid.SampledFrom([]contract.Stacking{"", contract.StackingSequential, contract.StackingAdditive}).Draw(t, "stacking"),
		TierDiscounts: drawRules(t, "tiers", 4, func(d contract.PriceTierDiscount) string { return d.TierID + d.Family }, func(t *rapid.T) contract.PriceTierDiscount {
			return contract.PriceTierDiscount{TierID: rapid.SampledFrom(tiers).Draw(t, "tier"), Family: family.Draw(t, "family"), Percent: drawPercent(t, "percent")}
		}),
		VolumeDiscounts: drawRules(t, "volumes", 5, func(d contract.PriceVolumeDiscount) string { return fmt.Sprint(d.SKU, d.Family, d.MinQuantity) }, func(t *rapid.T) contract.PriceVolumeDiscount {
			return contract.PriceVolumeDiscount{
				SKU: rapid.SampledFrom(append(products, "", "")).Draw(t, "sku"), Family: family.Draw(t, "family"),
				MinQuantity: rapid.SampledFrom([]int{1, 10, 1000}).Draw(t, "min"), Percent: drawPercent(t, "percent"),
			}
		}),
		TermDiscounts: drawRules(t, "terms", 3, func(d contract.PriceTermDiscount) string { return fmt.Sprint(d.TermMonths) }, func(t *rapid.T) contract.PriceTermDiscount {
			return contract.PriceTermDiscount{TermMonths: rapid.SampledFrom([]int{12, 24, 36}).Draw(t, "months"), Percent: drawPercent(t, "percent")}
		}),
		DealRegistration: drawRules(t, "deals", 3, func(d contract.PriceDealDiscount) string { return d.Family }, func(t *rapid.T) contract.PriceDealDiscount {
			return contract.PriceDealDiscount{Family: family.Draw(t, "family"), Percent: drawPercent(t, "percent")}
		}),
		Promotions: drawRules(t, "promotions", 4, func(d contract.PricePromotion) string { return d.Code }, func(t *rapid.T) contract.PricePromotion {
			return contract.PricePromotion{
				Code: rapid.SampledFrom([]string{"SPRING", "SUMMER", "AUTUMN"}).Draw(t, "code"), Percent: drawPercent(t, "percent"),
				Automatic: rapid.Bool().Draw(t, "automatic"), SKUs: rapid.SliceOfN(rapid.SampledFrom(products), 0, 2).Draw(t, "skus"),
			}
		}),
		Freight: drawRules(t, "freight", 3, func(d contract.PriceFreight) string { return d.Country + d.Flat.Currency() }, func(t *rapid.T) contract.PriceFreight {
			f := contract.PriceFreight{Country: rapid.SampledFrom([]string{"", "US", "DE"}).Draw(t, "country")}
			if rapid.Bool().Draw(t, "flat") {
				f.Flat = drawAmount(t, rapid.SampledFrom([]string{currency, "GBP"}).Draw(t, "freight currency"), 500)
			} else {
				f.Percent = drawPercent(t, "percent")
			}
			return f
		}),
		Taxes: drawRules(t, "taxes", 4, func(d contract.PriceTax) string { return d.Country + d.Region + d.Name }, func(t *rapid.T) contract.PriceTax {
			return contract.PriceTax{
				Country: rapid.SampledFrom([]string{"US", "DE"}).Draw(t, "country"), Region: rapid.SampledFrom([]string{"", "CA"}).Draw(t, "region"),
				Name: rapid.SampledFrom([]string{"VAT", "City"}).Draw(t, "name"), Percent: drawPercent(t, "percent"),
			}
		}),
	}
	if rapid.Bool().Draw(t, "limited") {
		p.MaxDiscountPercent = drawPercent(t, "limit")
	}
	return p
}

// drawAmount draws an amount that can be paid, up to so many times the smallest unit.
func drawAmount(t *rapid.T, currency string, most int64) partnerportal.Money {
	size := int64(1)
	for range 4 - digitsOf[currency] {
		size *= 10
	}
	if currency == "GBP" {
		size = 100
	}
	m, err := partnerportal.NewMoney(size*rapid.Int64Range(0, most).Draw(t, "amount"), currency)
	require.NoError(t, err)
	return m
}

func drawInput(t *rapid.T, currency string) *pricing.Input {
	in := &pricing.Input{
		Currency: currency, TierID: rapid.SampledFrom(append(tiers, "")).Draw(t, "tier"),
		Country: rapid.SampledFrom([]string{"US", "DE", ""}).Draw(t, "country"), Region: rapid.SampledFrom([]string{"", "CA"}).Draw(t, "region"),
		Codes: rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"SPRING", "SUMMER"}), 0, 2, rapid.ID).Draw(t, "codes"),
		Deal:  pricing.Deal{Protected: rapid.Bool().Draw(t, "protected"), Families: rapid.SliceOfN(rapid.SampledFrom(families), 0, 2).Draw(t, "families")},
	}
	if rapid.Bool().Draw(t, "granted") {
		in.Deal.Percent = drawPercent(t, "granted")
	}
	for i := range rapid.IntRange(1, 6).Draw(t, "lines") {
		in.Lines = append(in.Lines, drawLine(t, currency, i))
	}
	if rapid.Bool().Draw(t, "adjusted") {
		in.Adjustments = append(in.Adjustments, contract.Adjustment{Percent: drawPercent(t, "adjustment")})
	}
	return in
}

// drawAmounts draws discounts that are amounts, up to what there is to pay: of the first line, or of the quote.
func drawAmounts(t *rapid.T, in *pricing.Input, priced *pricing.Result) {
	upTo := func(most partnerportal.Money) contract.Adjustment {
		n := rapid.Int64Range(0, most.TenThousandths()).Draw(t, "discount")
		m, err := partnerportal.NewMoney(n, in.Currency)
		require.NoError(t, err)
		if m, err = m.Round(); err != nil || m.TenThousandths() > most.TenThousandths() {
			m = most
		}
		return contract.Adjustment{Amount: m}
	}
	switch first := &in.Lines[0]; {
	case len(in.Adjustments) > 0:
	case first.Adjustment == (contract.Adjustment{}) && rapid.Bool().Draw(t, "line amount"):
		first.Adjustment = upTo(priced.Lines[0].Net)
	case rapid.Bool().Draw(t, "quote amount"):
		in.Adjustments = append(in.Adjustments, upTo(priced.Totals.Net))
	}
}

func drawLine(t *rapid.T, currency string, i int) pricing.Line {
	unit := func(label string, most int64) partnerportal.Money {
		m, err := partnerportal.NewMoney(rapid.OneOf(rapid.Int64Range(0, most), rapid.Int64Range(0, 20_000)).Draw(t, label), currency)
		require.NoError(t, err)
		return m
	}
	n := rapid.IntRange(0, 2).Draw(t, "product")
	l := pricing.Line{Line: contract.Line{
		ID: fmt.Sprint("l", i), SKU: products[n], Family: families[n/2], Kind: []string{"hardware", "hardware", "support"}[n],
		Quantity: rapid.OneOf(rapid.IntRange(1, 20), rapid.IntRange(1, 1_000_000)).Draw(t, "quantity"), TermMonths: rapid.SampledFrom([]int{0, 12, 30, 60}).Draw(t, "term"),
		Optional: rapid.IntRange(0, 4).Draw(t, "optional") == 0, ListUnit: unit("list", 1_000_000_000),
	}}
	switch rapid.IntRange(0, 5).Draw(t, "price") {
	case 0:
		l.FixedUnit = unit("fixed", l.ListUnit.TenThousandths())
	case 1, 2:
		l.BreakUnit = unit("break", l.ListUnit.TenThousandths())
	}
	switch rapid.IntRange(0, 4).Draw(t, "bid") {
	case 0:
		l.Bid = pricing.Bid{ID: "bid", Quantity: rapid.IntRange(0, 30).Draw(t, "remaining"), Unit: unit("approved", l.ListUnit.TenThousandths())}
	case 1:
		kinds := []contract.ComponentKind{contract.ComponentKindVolume, contract.ComponentKindTier, contract.ComponentKindDealRegistration, contract.ComponentKindTerm}
		l.Bid = pricing.Bid{
			ID: "bid", Quantity: rapid.IntRange(0, 30).Draw(t, "remaining"), Percent: drawPercent(t, "approved"),
			Replaces: rapid.SliceOfN(rapid.SampledFrom(kinds), 0, 3).Draw(t, "replaces"),
		}
	}
	if rapid.IntRange(0, 3).Draw(t, "manual") == 0 {
		l.Adjustment = contract.Adjustment{Percent: drawPercent(t, "adjustment")}
	}
	return l
}
