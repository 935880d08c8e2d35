package pricing_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/pricing"
	contract "github.com/partnerportal/partnerportal-go/quotes"
)

// BenchmarkPrice prices 500 lines by a policy with rules of all kinds, two hundred of them for single products.
func BenchmarkPrice(b *testing.B) {
	policy := everything
	policy.Promotions = append([]contract.PricePromotion{{Code: "CEL", Percent: "6", Automatic: true, When: `quantity > 5 && family == "GTX"`}}, policy.Promotions...)
	for i := range 200 {
		policy.VolumeDiscounts = append(policy.VolumeDiscounts, contract.PriceVolumeDiscount{SKU: fmt.Sprintf("GTX-%d", i), MinQuantity: 2, Percent: "7.5"})
	}
	compiled, err := pricing.Compile(&policy)
	require.NoError(b, err)
	in := &pricing.Input{
		Policy: compiled, Currency: "USD", TierID: "gold", Country: "US", Region: "CA", Deal: pricing.Deal{ID: "deal_1", Protected: true},
		Adjustments: []contract.Adjustment{{Amount: usd("100.00")}},
	}
	for i := range 500 {
		in.Lines = append(in.Lines, pricing.Line{Line: contract.Line{
			ID: fmt.Sprint("l", i), SKU: fmt.Sprintf("GTX-%d", i), Family: "GTX", Kind: "hardware", Quantity: i%20 + 1, TermMonths: 36, ListUnit: usd("123.45"),
		}})
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := pricing.Price(in); err != nil {
			b.Fatal(err)
		}
	}
}
