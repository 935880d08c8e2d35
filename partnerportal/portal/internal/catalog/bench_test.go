package catalog_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
)

// BenchmarkCatalog works with 10,000 products and prices, durable on a SQLite file, in process.
func BenchmarkCatalog(b *testing.B) {
	inner, err := portal.Open(b.Context(), "sqlite:"+filepath.Join(b.TempDir(), "portal.db"), portal.WithSandbox())
	require.NoError(b, err)
	p := portaltest.Wrap(b, inner)
	ctx, vendor, acme := b.Context(), catalog.New(p.Vendor), catalog.New(p.Acme)
	product := catalog.ProductInput{Name: "Product", Kind: catalog.ProductKindHardware, Family: "GTX", Attributes: map[string]string{"watts": "1"}}
	const many = 10_000
	entries := make([]catalog.PriceEntry, many)
	for i := range many {
		sku := fmt.Sprintf("SKU-%d", i)
		_, err := vendor.Put(ctx, sku, product)
		require.NoError(b, err)
		entries[i] = entry(sku, "1.50")
	}
	_, err = vendor.PutPriceList(ctx, "world", catalog.PriceListInput{Name: "World", Currency: "USD"})
	require.NoError(b, err)
	b.Run("put_1000_new_entries", func(b *testing.B) {
		n := 0
		for b.Loop() {
			page := make([]catalog.PriceEntry, 1000)
			for i := range page {
				page[i] = entry(fmt.Sprintf("NEW-%d-%d", n, i), "1.50")
			}
			n++
			_, err := vendor.PutEntries(ctx, "world", catalog.PriceEntries{Entries: page})
			require.NoError(b, err)
		}
	})
	_, err = vendor.PutEntries(ctx, "world", catalog.PriceEntries{Entries: entries[:1000]})
	require.NoError(b, err)
	for name, act := range map[string]func() error{
		"put_1000_same_entries": func() error {
			_, err := vendor.PutEntries(ctx, "world", catalog.PriceEntries{Entries: entries[:1000]})
			return err
		},
		"put_the_same_product":    func() error { _, err := vendor.Put(ctx, "SKU-1", product); return err },
		"get_by_sku":              func() error { _, err := acme.GetBySKU(ctx, "SKU-5000"); return err },
		"list_100_authorised":     func() error { _, err := acme.List(ctx, catalog.ListParams{Authorised: true}); return err },
		"search_without_a_result": func() error { _, err := acme.List(ctx, catalog.ListParams{Q: "nothing like it"}); return err },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				require.NoError(b, act())
			}
		})
	}
}
