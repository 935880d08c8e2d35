package pricing_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/pricing"
	contract "github.com/partnerportal/partnerportal-go/quotes"
)

func TestPoliciesAreChecked(t *testing.T) {
	t.Parallel()
	policy := contract.PricePolicyInput{
		Stacking:           "upwards",
		MaxDiscountPercent: "101",
		TierDiscounts:      []contract.PriceTierDiscount{{TierID: "gold", Family: "GTX", Percent: "5"}, {TierID: "gold", Family: "gtx", Percent: "6"}, {TierID: "gold", Percent: "-1"}},
		VolumeDiscounts:    []contract.PriceVolumeDiscount{{MinQuantity: 1, Percent: "1e2"}},
		TermDiscounts:      []contract.PriceTermDiscount{{TermMonths: 12, Percent: "5."}},
		Promotions: []contract.PricePromotion{
			{Code: "A", Percent: "1", When: `quantity`}, {Code: "a", Percent: "1", When: `quantity > "many"`},
			{Code: "C", Percent: "1", ValidFromOn: partnerportal.Date{Year: 2027, Month: 1, Day: 2}, ValidToOn: partnerportal.Date{Year: 2027, Month: 1, Day: 1}},
		},
		DealRegistration: []contract.PriceDealDiscount{{Percent: "8.12345"}},
		Freight: []contract.PriceFreight{
			{Country: "US"}, {Country: "DE", Flat: usd("1.001")}, {Country: "FR", Flat: usd("-1")}, {Percent: "1", Flat: usd("1")},
		},
		Taxes:  []contract.PriceTax{{Country: "US", Region: "CA", Name: "State", Percent: "7"}, {Country: "US", Region: "US-CA", Name: "State", Percent: "8"}},
		Manual: contract.PriceAuthority{PartnerPercent: "5", Thresholds: []contract.PriceThreshold{{Percent: "5", Role: "desk"}, {Percent: "10", Role: "director"}}},
	}
	_, err := pricing.Compile(&policy)
	require.ErrorIs(t, err, partnerportal.ErrValidation)
	var e *partnerportal.Error
	require.ErrorAs(t, err, &e)
	var pointers []string
	for _, f := range e.Fields {
		pointers = append(pointers, f.Pointer)
	}
	assert.Equal(t, []string{
		"/stacking", "/max_discount_percent", "/tier_discounts/1", "/tier_discounts/2/percent", "/volume_discounts/0/percent", "/term_discounts/0/percent",
		"/deal_registration/0/percent", "/taxes/1", "/promotions/0/when", "/promotions/1/code", "/promotions/1/when", "/promotions/2/valid_to_on",
		"/freight/0", "/freight/1/flat/amount", "/freight/2/flat/amount", "/freight/3", "/manual/thresholds/0/percent",
	}, pointers)
}

// Conditions come from vendors, and are evaluated for each line: one that would take long is refused, and so are many that would together.
func TestHostileConditions(t *testing.T) {
	t.Parallel()
	list := "[" + strings.Repeat("1,", 60) + "1]"
	nested := list + ".all(a, " + list + ".all(b, " + list + ".all(c, a + b + c > 0)))"
	for _, expression := range []string{nested, `sku ==`, `unknown == 1`, `"text"`, strings.Repeat("(", 1000) + "true" + strings.Repeat(")", 1000)} {
		_, err := pricing.Compile(&contract.PricePolicyInput{Promotions: []contract.PricePromotion{{Code: "A", Percent: "1", When: expression}}})
		require.ErrorIs(t, err, partnerportal.ErrValidation, expression)
	}
}

func TestManyConditions(t *testing.T) {
	t.Parallel()
	policy := func(n int, when string) *contract.PricePolicyInput {
		var in contract.PricePolicyInput
		for i := range n {
			in.Promotions = append(in.Promotions, contract.PricePromotion{Code: fmt.Sprint("P", i), Percent: "1", When: when})
		}
		return &in
	}
	_, err := pricing.Compile(policy(500, `quantity >= 10 && tier == "gold"`))
	require.NoError(t, err)
	_, err = pricing.Compile(policy(500, `[1, 2, 3, 4, 5, 6].exists(n, n * quantity == 77)`))
	require.ErrorIs(t, err, partnerportal.ErrValidation)
	var e *partnerportal.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, "too_expensive", e.Fields[0].Code)
}

func FuzzConditions(f *testing.F) {
	f.Add(`quantity > 10 && sku.startsWith("GTX")`)
	f.Add(`[1, 2].exists(n, n == quantity)`)
	f.Add(`"a".matches("(a+)+$")`)
	f.Fuzz(func(t *testing.T, expression string) {
		policy := &contract.PricePolicyInput{Promotions: []contract.PricePromotion{{Code: "A", Percent: "1", Automatic: true, When: expression}}}
		compiled, err := pricing.Compile(policy)
		if err != nil {
			require.ErrorIs(t, err, partnerportal.ErrValidation)
			return
		}
		in := ten(t, contract.PricePolicyInput{})
		in.Policy = compiled
		_, err = pricing.Price(in)
		require.NoError(t, err)
	})
}
