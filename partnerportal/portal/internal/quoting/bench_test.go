package quoting_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
	"github.com/partnerportal/partnerportal-go/quotes"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
)

// BenchmarkPreview prices 500 lines of 500 products through the SDK: reading, pricing, and both ends of the wire.
func BenchmarkPreview(b *testing.B) {
	w := furnish(b, portaltest.New(b))
	w.policy(quotes.PricePolicyInput{
		VolumeDiscounts: []quotes.PriceVolumeDiscount{{MinQuantity: 2, Percent: "5"}}, Taxes: []quotes.PriceTax{{Country: "US", Name: "Sales tax", Percent: "8.875"}},
	})
	n := quotes.NewQuote{}
	var entries []catalog.PriceEntry
	for i := range 500 {
		sku := fmt.Sprintf("BIG-%d", i)
		w.product(sku, server)
		entries = append(entries, catalog.PriceEntry{SKU: sku, ListPrice: usd("123.45")})
		n.Lines = append(n.Lines, quotes.LineInput{SKU: sku, Quantity: 3})
	}
	n.Customer.Country, n.Customer.Name = "US", "Initech"
	w.prices(entries...)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.acme.Preview(b.Context(), n); err != nil {
			require.NoError(b, err)
		}
	}
}
