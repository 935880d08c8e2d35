package catalog_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
)

// Two ERP systems that put the same product at once make one product, and two that put prices at once lose none.
func TestPuttingAtOnce(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		_, err := d.vendor.PutPriceList(ctx, "world", catalog.PriceListInput{Name: "World", Currency: "USD"})
		require.NoError(t, err)
		var group sync.WaitGroup
		var mu sync.Mutex
		created := 0
		for i := range 6 {
			group.Go(func() {
				put, err := d.vendor.Put(ctx, "GTX", catalog.ProductInput{Name: "GTX", Kind: catalog.ProductKindHardware})
				assert.NoError(t, err)
				_, err = d.vendor.PutEntries(ctx, "world", catalog.PriceEntries{Entries: []catalog.PriceEntry{entry(string(rune('A'+i)), "1"), entry("GTX", "1")}})
				assert.NoError(t, err)
				mu.Lock()
				defer mu.Unlock()
				if put.Created {
					created++
				}
			})
		}
		group.Wait()
		assert.Equal(t, 1, created)
		p, err := d.vendor.GetBySKU(ctx, "GTX")
		require.NoError(t, err)
		assert.EqualValues(t, 1, p.Revision)
		l, err := d.vendor.GetPriceList(ctx, "world")
		require.NoError(t, err)
		assert.Equal(t, 7, l.EntryCount)
	})
}

// One of two who changed what they both had read is refused.
func TestStaleRevisions(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		p := d.puts("GTX", nil).Product
		rename := catalog.ProductPatch{Name: partnerportal.Set("Renamed")}
		_, err := d.vendor.Update(ctx, p.ID, rename, partnerportal.IfMatch(&p))
		require.NoError(t, err)
		stale := partnerportal.ErrorCode("revision_mismatch")
		_, err = d.vendor.Update(ctx, p.ID, rename, partnerportal.IfMatch(&p))
		require.ErrorIs(t, err, stale)
		_, err = d.vendor.Retire(ctx, p.ID, partnerportal.IfMatch(&p))
		require.ErrorIs(t, err, stale)
		l := d.lists("world", nil)
		_, err = d.vendor.PutEntries(ctx, "world", catalog.PriceEntries{Entries: []catalog.PriceEntry{entry("A", "1")}}, partnerportal.IfMatch(l))
		require.NoError(t, err)
		for _, act := range []func() error{
			func() error {
				_, err := d.vendor.PutEntries(ctx, "world", catalog.PriceEntries{}, partnerportal.IfMatch(l))
				return err
			},
			func() error { _, err := d.vendor.RetirePriceList(ctx, "world", partnerportal.IfMatch(l)); return err },
			func() error {
				_, err := d.vendor.PutPriceList(ctx, "world", catalog.PriceListInput{Name: "W", Currency: "USD"}, partnerportal.IfMatch(l))
				return err
			},
		} {
			require.ErrorIs(t, act(), stale)
		}
	})
}
