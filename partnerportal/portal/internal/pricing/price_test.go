package pricing_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/pricing"
	contract "github.com/partnerportal/partnerportal-go/quotes"
)

func usd(amount string) partnerportal.Money { return partnerportal.MustMoney(amount, "USD") }

// ten are ten units of hardware for 100.00 each, for a gold partner in California.
func ten(t *testing.T, policy contract.PricePolicyInput) *pricing.Input {
	t.Helper()
	compiled, err := pricing.Compile(&policy)
	require.NoError(t, err)
	return &pricing.Input{
		Policy: compiled, Currency: "USD", TierID: "gold", Country: "US", Region: "US-CA", Today: partnerportal.Date{Year: 2026, Month: 11, Day: 22},
		Lines: []pricing.Line{{Line: contract.Line{
			ID: "l1", SKU: "GTX-1", Family: "GTX", Kind: "hardware", Quantity: 10, TermMonths: 36, PriceListID: "prl_1", ListUnit: usd("100.00"),
		}}},
	}
}

// waterfall writes the components of the first line as "kind amount", with the units if they are not all.
func waterfall(t *testing.T, in *pricing.Input) []string {
	t.Helper()
	r, err := pricing.Price(in)
	require.NoError(t, err)
	requireSums(t, r)
	var steps []string
	for _, c := range r.Lines[0].Components {
		step := fmt.Sprintf("%s %s", c.Kind, c.Amount.Amount())
		if c.Quantity > 0 {
			step += fmt.Sprintf(" for %d", c.Quantity)
		}
		steps = append(steps, step)
	}
	return steps
}

var everything = contract.PricePolicyInput{
	TierDiscounts:    []contract.PriceTierDiscount{{TierID: "gold", Percent: "10"}, {TierID: "gold", Family: "gtx", Percent: "20"}},
	VolumeDiscounts:  []contract.PriceVolumeDiscount{{MinQuantity: 5, Percent: "5"}, {MinQuantity: 11, Percent: "50"}},
	TermDiscounts:    []contract.PriceTermDiscount{{TermMonths: 12, Percent: "1"}, {TermMonths: 24, Percent: "10"}},
	Promotions:       []contract.PricePromotion{{Code: "SPRING", Percent: "10"}, {Code: "AUTO", Percent: "5", Automatic: true}},
	DealRegistration: []contract.PriceDealDiscount{{Percent: "8"}},
	Freight:          []contract.PriceFreight{{Percent: "1"}},
	Taxes:            []contract.PriceTax{{Country: "US", Region: "CA", Name: "State", Percent: "7.25"}, {Country: "US", Region: "NY", Name: "State", Percent: "4"}},
}

func TestEveryStepIsShown(t *testing.T) {
	t.Parallel()
	in := ten(t, everything)
	in.Codes, in.Deal = []string{"spring"}, pricing.Deal{ID: "deal_1", Protected: true}
	in.Lines[0].Adjustment = contract.Adjustment{Percent: "1"}
	in.Adjustments = []contract.Adjustment{{Amount: usd("0.48")}}
	assert.Equal(t, []string{
		"list 1000.00", "volume -50.00", "tier -190.00", "promotion -76.00", "deal_registration -54.72", "term -62.93",
		"manual -5.66", "manual -0.48", "freight 5.60", "tax 41.02",
	}, waterfall(t, in))

	additive := everything
	additive.Stacking = contract.StackingAdditive
	in = ten(t, additive)
	in.Deal = pricing.Deal{ID: "deal_1", Protected: true}
	assert.Equal(t, []string{
		"list 1000.00", "volume -50.00", "tier -200.00", "promotion -50.00", "deal_registration -80.00", "term -100.00", "freight 5.20", "tax 38.08",
	}, waterfall(t, in))
}

func TestAdditiveDiscountsEndAtNothing(t *testing.T) {
	t.Parallel()
	in := ten(t, contract.PricePolicyInput{
		Stacking:      contract.StackingAdditive,
		TierDiscounts: []contract.PriceTierDiscount{{TierID: "gold", Percent: "70"}}, TermDiscounts: []contract.PriceTermDiscount{{TermMonths: 1, Percent: "70"}},
	})
	assert.Equal(t, []string{"list 1000.00", "tier -700.00", "term -300.00"}, waterfall(t, in))
}

func TestPricesOfThePriceList(t *testing.T) {
	t.Parallel()
	in := ten(t, everything)
	in.Lines[0].BreakUnit = usd("90.00")
	assert.Equal(t, []string{"list 1000.00", "volume -100.00", "volume -45.00", "tier -171.00"}, waterfall(t, in)[:4])
	in.Lines[0].FixedUnit = usd("80.00")
	in.Deal, in.Lines[0].Adjustment = pricing.Deal{Protected: true}, contract.Adjustment{Amount: usd("10.00")}
	assert.Equal(t, []string{"list 1000.00", "fixed_price -200.00", "manual -10.00"}, waterfall(t, in)[:3])
}

func TestAPriceMayBeFinerThanACent(t *testing.T) {
	t.Parallel()
	in := ten(t, contract.PricePolicyInput{})
	in.Lines[0].ListUnit, in.Lines[0].Quantity = usd("0.0125"), 1
	assert.Equal(t, []string{"list 0.01"}, waterfall(t, in))
	in.Lines[0].Quantity = 3 // 0.0375
	assert.Equal(t, []string{"list 0.04"}, waterfall(t, in))
	in.Lines[0].Quantity = 2 // 0.025, to even
	assert.Equal(t, []string{"list 0.02"}, waterfall(t, in))
}

func TestDealRegistration(t *testing.T) {
	t.Parallel()
	policy := contract.PricePolicyInput{DealRegistration: []contract.PriceDealDiscount{{Percent: "8"}, {Family: "GTX", Percent: "12"}}}
	in := ten(t, policy)
	in.Deal = pricing.Deal{ID: "deal_1", Protected: true, Percent: "9"}
	assert.Contains(t, waterfall(t, in), "deal_registration -120.00", "the rule for the family counts first")
	in.Lines[0].Family = "Care"
	assert.Contains(t, waterfall(t, in), "deal_registration -90.00", "then what the deal was granted")
	in.Deal.Percent = ""
	assert.Contains(t, waterfall(t, in), "deal_registration -80.00", "then the rule for all")
	in.Deal.Families = []string{"gtx"}
	r, err := pricing.Price(in)
	require.NoError(t, err)
	assert.Len(t, r.Lines[0].Components, 1)
	require.Len(t, r.Pricing.Notes, 1)
	assert.Equal(t, contract.NoteCodeDealRegistrationOutOfScope, r.Pricing.Notes[0].Code)
	assert.False(t, r.Pricing.ProtectedDeal, "it gave nothing")
	in.Deal = pricing.Deal{ID: "deal_1", Percent: "9"}
	assert.Equal(t, []string{"list 1000.00"}, waterfall(t, in), "not without protection")
}

func TestSpecialPrices(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		bid  pricing.Bid
		want []string
	}{
		"a price in the place of all discounts": {
			pricing.Bid{ID: "spc_1", Quantity: 20, Unit: usd("70.00")},
			[]string{"list 1000.00", "special_bid -300.00"},
		},
		"for some units": {
			pricing.Bid{ID: "spc_1", Quantity: 4, Unit: usd("70.00")},
			[]string{"list 1000.00", "volume -30.00", "tier -114.00", "special_bid -120.00 for 4", "term -45.60"},
		},
		"none are left": {
			pricing.Bid{ID: "spc_1", Quantity: 0, Unit: usd("70.00")},
			[]string{"list 1000.00", "volume -50.00", "tier -190.00", "term -76.00"},
		},
		"the list price has come down to it": {
			pricing.Bid{ID: "spc_1", Quantity: 10, Unit: usd("100.00")},
			[]string{"list 1000.00", "volume -50.00", "tier -190.00", "term -76.00"},
		},
		"a percentage in the place of all discounts": {
			pricing.Bid{ID: "spc_1", Quantity: 10, Percent: "35"},
			[]string{"list 1000.00", "special_bid -350.00"},
		},
		"a percentage in the place of one": {
			pricing.Bid{ID: "spc_1", Quantity: 10, Percent: "35", Replaces: []contract.ComponentKind{contract.ComponentKindTier}},
			[]string{"list 1000.00", "volume -50.00", "special_bid -350.00", "term -60.00"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			policy := everything
			policy.Promotions, policy.Freight, policy.Taxes = nil, nil, nil
			in := ten(t, policy)
			in.Lines[0].Bid = test.bid
			assert.Equal(t, test.want, waterfall(t, in))
		})
	}
}

func TestDiscountsStopAtTheLimit(t *testing.T) {
	t.Parallel()
	policy := everything
	policy.MaxDiscountPercent = "22.5"
	in := ten(t, policy)
	in.Lines[0].Adjustment = contract.Adjustment{Percent: "5"}
	steps := waterfall(t, in)
	assert.Equal(t, []string{"list 1000.00", "volume -50.00", "tier -175.00", "freight 7.75"}, steps[:4])
	r, err := pricing.Price(in)
	require.NoError(t, err)
	assert.Equal(t, contract.NoteCodeDiscountCapped, r.Pricing.Notes[0].Code)
	assert.Equal(t, "22.5", r.Totals.DiscountPercent)

	in.Lines[0].Bid = pricing.Bid{ID: "spc_1", Quantity: 10, Unit: usd("50.00")}
	assert.Equal(t, []string{"list 1000.00", "special_bid -500.00", "manual -25.00"}, waterfall(t, in)[:3], "the special price is not limited")
}

func TestPromotions(t *testing.T) {
	t.Parallel()
	day := partnerportal.Date{Year: 2026, Month: 11, Day: 22}
	in := ten(t, contract.PricePolicyInput{Promotions: []contract.PricePromotion{
		{Code: "PAST", Percent: "50", Automatic: true, ValidToOn: day.AddDays(-1)},
		{Code: "FUTURE", Percent: "50", Automatic: true, ValidFromOn: day.AddDays(1)},
		{Code: "TODAY", Percent: "3", Automatic: true, ValidFromOn: day, ValidToOn: day},
		{Code: "OTHER", Percent: "50", Automatic: true, Families: []string{"Care"}},
		{Code: "BIG", Percent: "50", Automatic: true, When: `quote_list > 1000`},
		{Code: "WEST", Percent: "4", Automatic: true, When: `tier == "gold" && region.endsWith("CA") && quantity >= 10 && term_months == 36 && quote_list == 1000`},
		{Code: "BROKEN", Percent: "60", Automatic: true, When: `quantity / (quantity - 10) > 0`},
		{Code: "ASKED", Percent: "2"},
	}})
	in.Codes = []string{"asked", "unknown", "future", "past"}
	assert.Equal(t, []string{"list 1000.00", "promotion -40.00"}, waterfall(t, in))
	r, err := pricing.Price(in)
	require.NoError(t, err)
	codes := map[string]contract.NoteCode{}
	for _, n := range r.Pricing.Notes {
		codes[n.Ref] = n.Code
	}
	assert.Equal(t, map[string]contract.NoteCode{
		"asked": contract.NoteCodePromotionNotApplicable, "past": contract.NoteCodePromotionNotApplicable,
		"unknown": contract.NoteCodePromotionUnknown, "future": contract.NoteCodePromotionUnknown,
	}, codes, "what has not begun is nobody's business")
}

// However many lines there is something to say of, what concerns the whole quote is not left out.
func TestNotes(t *testing.T) {
	t.Parallel()
	policy := everything
	policy.MaxDiscountPercent = "1"
	in := ten(t, policy)
	for range 200 {
		in.Lines = append(in.Lines, in.Lines[0])
	}
	in.Codes = []string{"unknown"}
	r, err := pricing.Price(in)
	require.NoError(t, err)
	require.Len(t, r.Pricing.Notes, 100)
	assert.Equal(t, contract.NoteCodePromotionUnknown, r.Pricing.Notes[0].Code)
}

func TestOptionalLinesDoNotCount(t *testing.T) {
	t.Parallel()
	in := ten(t, contract.PricePolicyInput{Freight: []contract.PriceFreight{{Flat: usd("30.00")}, {Country: "US", Flat: partnerportal.MustMoney("99", "EUR")}}})
	in.Lines = append(in.Lines, in.Lines[0], in.Lines[0])
	in.Lines[1].Optional, in.Lines[2].Quantity = true, 5
	r, err := pricing.Price(in)
	require.NoError(t, err)
	requireSums(t, r)
	assert.Equal(t, usd("1530.00"), r.Totals.Total)
	assert.Equal(t, []string{"20.00", "0.00", "10.00"}, []string{r.Lines[0].Freight.Amount(), r.Lines[1].Freight.Amount(), r.Lines[2].Freight.Amount()})
}

func TestWhatCannotBePriced(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*pricing.Input)
		err    error
		field  string
	}{
		"too large": {func(in *pricing.Input) {
			in.Lines[0].ListUnit, _ = partnerportal.NewMoney(math.MaxInt64, "USD")
		}, partnerportal.ErrValidation, "/lines/0"},
		"too large together": {func(in *pricing.Input) {
			in.Lines[0].ListUnit, _ = partnerportal.NewMoney(math.MaxInt64/20, "USD")
			in.Lines = append(in.Lines, in.Lines[0], in.Lines[0])
		}, partnerportal.ErrValidation, "/lines"},
		"another currency": {func(in *pricing.Input) {
			in.Lines[0].ListUnit = partnerportal.MustMoney("1", "EUR")
		}, partnerportal.ErrCurrencyMismatch, "/lines/0/list_unit/currency"},
		"below zero": {func(in *pricing.Input) {
			in.Lines[0].ListUnit = usd("-1")
		}, partnerportal.ErrValidation, "/lines/0/list_unit/amount"},
		"more off a line than it costs": {func(in *pricing.Input) {
			in.Lines[0].Adjustment = contract.Adjustment{Amount: usd("1000.01")}
		}, partnerportal.ErrValidation, "/lines/0/adjustment/amount/amount"},
		"more off the quote than it costs": {func(in *pricing.Input) {
			in.Adjustments = []contract.Adjustment{{Amount: usd("1000.01")}}
		}, partnerportal.ErrValidation, "/adjustments/0/amount/amount"},
		"a fraction of a cent": {func(in *pricing.Input) {
			in.Lines[0].Adjustment = contract.Adjustment{Amount: usd("0.005")}
		}, partnerportal.ErrValidation, "/lines/0/adjustment/amount/amount"},
		"a percentage and an amount": {func(in *pricing.Input) {
			in.Lines[0].Adjustment = contract.Adjustment{Amount: usd("1"), Percent: "1"}
		}, partnerportal.ErrValidation, "/lines/0/adjustment"},
		"no percentage": {func(in *pricing.Input) {
			in.Lines[0].Adjustment = contract.Adjustment{Percent: "100.00001"}
		}, partnerportal.ErrValidation, "/lines/0/adjustment/percent"},
		"no currency": {func(in *pricing.Input) { in.Currency = "dollars" }, partnerportal.ErrValidation, "/currency"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := ten(t, contract.PricePolicyInput{})
			test.change(in)
			_, err := pricing.Price(in)
			require.ErrorIs(t, err, test.err)
			var e *partnerportal.Error
			require.ErrorAs(t, err, &e)
			require.Len(t, e.Fields, 1)
			assert.Equal(t, test.field, e.Fields[0].Pointer)
		})
	}
}
