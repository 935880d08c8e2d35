package catalog_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
)

func TestPuttingAProductAgainChangesNothing(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		full := func(p *catalog.ProductInput) {
			p.VendorSKU, p.Description, p.UOM, p.Kind = "9000", "A chassis.", "user", catalog.ProductKindSubscription
			p.Billing = catalog.Billing{Model: catalog.BillingModelRecurring, Terms: []int{12, 36}, Frequencies: []catalog.Frequency{catalog.FrequencyYearly}}
			p.Attributes = map[string]string{"watts": "450", "colour.code": "RAL 7016"}
			p.ExternalRefs = []partnerportal.ExternalRef{{System: "erp", ID: "4711"}}
			p.EndOfSaleOn = partnerportal.Date{Year: 2027, Month: 3, Day: 31}
		}
		first := d.puts("GTX/9000#A", full)
		assert.True(t, first.Created)
		assert.EqualValues(t, 1, first.Product.Revision)
		again := d.puts("GTX/9000#A", full)
		assert.False(t, again.Created)
		assert.Empty(t, again.ChangedFields)
		assert.Equal(t, first.Product, again.Product)

		changed := d.puts("GTX/9000#A", func(p *catalog.ProductInput) { full(p); p.Name = "Another"; p.Attributes = nil })
		assert.Equal(t, []string{"/attributes", "/name"}, changed.ChangedFields)
		assert.EqualValues(t, 2, changed.Product.Revision)
		read, err := d.acme.GetBySKU(ctx, "GTX/9000#A")
		require.NoError(t, err)
		assert.Equal(t, "Another", read.Name)
		assert.Empty(t, read.AllowedActions)
		assert.Equal(t, []string{"product.created map[sku:GTX/9000#A]", "product.updated map[sku:GTX/9000#A]"}, d.heard(d.Acme))

		_, err = d.vendor.Put(ctx, "GTX/9000#A", catalog.ProductInput{Name: "Late", Kind: catalog.ProductKindHardware}, partnerportal.IfMatchRevision(1))
		require.ErrorIs(t, err, partnerportal.ErrorCode("revision_mismatch"))
		_, err = d.vendor.Put(ctx, "NEW", catalog.ProductInput{Name: "Late", Kind: catalog.ProductKindHardware}, partnerportal.IfMatchRevision(1))
		require.ErrorIs(t, err, partnerportal.ErrorCode("revision_mismatch"))
		_, err = d.acme.Put(ctx, "NEW", catalog.ProductInput{Name: "Mine", Kind: catalog.ProductKindHardware})
		require.Equal(t, http.StatusForbidden, statusOf(err))
	})
}

func statusOf(err error) int {
	if e, ok := err.(*partnerportal.Error); ok { //nolint:errorlint // the client returns them as they are
		return e.Status
	}
	return 0
}

func TestWhatIsWrongWithAProduct(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		d.puts("TAKEN", func(p *catalog.ProductInput) { p.ExternalRefs = []partnerportal.ExternalRef{{System: "erp", ID: "1"}} })
		for want, change := range map[string]func(p *catalog.ProductInput){
			"/name required":                 func(p *catalog.ProductInput) { p.Name = "  " },
			"/replaced_by_sku invalid_value": func(p *catalog.ProductInput) { p.ReplacedBySKU = "GTX" },
			"/billing/model invalid_value": func(p *catalog.ProductInput) {
				p.Billing = catalog.Billing{Model: catalog.BillingModelOneTime, Terms: []int{12}}
			},
			"/attributes/a~1b invalid_format": func(p *catalog.ProductInput) { p.Attributes = map[string]string{"a/b": "1"} },
			"/external_refs/1 duplicate_key": func(p *catalog.ProductInput) {
				p.ExternalRefs = []partnerportal.ExternalRef{{System: "a", ID: "1"}, {System: "a", ID: "1"}}
			},
			"/external_refs/0 duplicate_key": func(p *catalog.ProductInput) { p.ExternalRefs = []partnerportal.ExternalRef{{System: "erp", ID: "1"}} },
			"/authorisation/program_id invalid_value": func(p *catalog.ProductInput) {
				p.Authorisation = catalog.Authorisation{ProgramID: "none", TierRankMin: 1}
			},
			"/authorisation/tier_rank_min out_of_range": func(p *catalog.ProductInput) { p.Authorisation.TierRankMin = 7 },
		} {
			in := catalog.ProductInput{Name: "GTX", Kind: catalog.ProductKindHardware}
			change(&in)
			_, err := d.vendor.Put(t.Context(), "GTX", in)
			require.ErrorIs(t, err, partnerportal.ErrValidation, want)
			assert.Equal(t, []string{want}, faults(t, err))
		}
		_, err := d.vendor.GetBySKU(t.Context(), "GTX")
		require.ErrorIs(t, err, partnerportal.ErrNotFound)
	})
}

func TestProductsAreFound(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		d.puts("A-1", func(p *catalog.ProductInput) { p.Name = "100% Ärger_frei"; p.VendorSKU = "VX9" })
		d.puts("A-2", func(p *catalog.ProductInput) { p.Family, p.Kind = "MG", catalog.ProductKindService })
		d.puts("A-3", func(p *catalog.ProductInput) { p.Lifecycle = catalog.LifecycleRetired })
		d.puts("A-4", func(p *catalog.ProductInput) { p.EndOfSaleOn = partnerportal.Date{Year: 2026, Month: 11, Day: 21} })
		for _, test := range []struct {
			params catalog.ListParams
			want   []string
		}{
			{catalog.ListParams{}, []string{"A-4", "A-3", "A-2", "A-1"}},
			{catalog.ListParams{Sort: partnerportal.SortOldestFirst, Limit: 2}, []string{"A-1", "A-2"}},
			{catalog.ListParams{Q: "100% är"}, []string{"A-1"}},
			{catalog.ListParams{Q: "r_f"}, []string{"A-1"}},
			{catalog.ListParams{Q: "r%f"}, nil},
			{catalog.ListParams{Q: "vx9"}, []string{"A-1"}},
			{catalog.ListParams{Q: "!"}, nil},
			{catalog.ListParams{Family: []string{"MG"}}, []string{"A-2"}},
			{catalog.ListParams{Kind: []catalog.ProductKind{catalog.ProductKindService}}, []string{"A-2"}},
			{catalog.ListParams{SKU: []string{"A-1", "A-4"}}, []string{"A-4", "A-1"}},
			{catalog.ListParams{Lifecycle: []catalog.Lifecycle{catalog.LifecycleActive}}, []string{"A-2", "A-1"}},
			{catalog.ListParams{Lifecycle: []catalog.Lifecycle{catalog.LifecycleEndOfSale, catalog.LifecycleRetired}}, []string{"A-4", "A-3"}},
			{catalog.ListParams{UpdatedSince: noon.Add(time.Second)}, nil},
		} {
			page, err := d.acme.List(t.Context(), test.params)
			require.NoError(t, err)
			var skus []string
			for _, p := range page.Items {
				skus = append(skus, p.SKU)
			}
			assert.Equal(t, test.want, skus, "%+v", test.params)
		}
		all := map[string]bool{}
		for p, err := range d.acme.All(t.Context(), catalog.ListParams{Limit: 1}, partnerportal.WithSegments(4)) {
			require.NoError(t, err)
			all[p.SKU] = true
		}
		assert.Len(t, all, 4)
	})
}

func TestWhoMaySellAProduct(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		d.tiers()
		d.puts("FREE", nil)
		d.puts("SILVER", func(p *catalog.ProductInput) { p.Authorisation.TierRankMin = 1 })
		d.puts("GOLD", func(p *catalog.ProductInput) { p.Authorisation.TierRankMin = 2 })
		d.puts("CERTIFIED", func(p *catalog.ProductInput) {
			p.Authorisation.CredentialDefinitionIDs = []string{"engineer", "seller"}
		})
		sellable := func(c *catalog.Client) []string {
			skus := []string{}
			page, err := c.List(ctx, catalog.ListParams{Sort: partnerportal.SortOldestFirst, Authorised: true})
			require.NoError(t, err)
			for _, p := range page.Items {
				assert.True(t, p.Authorised)
				skus = append(skus, p.SKU)
			}
			all, err := c.List(ctx, catalog.ListParams{Sort: partnerportal.SortOldestFirst})
			require.NoError(t, err)
			var authorised []string
			for _, p := range all.Items {
				assert.Equal(t, p.Authorised, len(p.Missing) == 0)
				if p.Authorised {
					authorised = append(authorised, p.SKU)
				}
			}
			assert.Equal(t, authorised, skus, "the filter and the field say the same")
			return skus
		}
		assert.Equal(t, []string{"FREE", "SILVER", "GOLD", "CERTIFIED"}, sellable(d.vendor))
		assert.Equal(t, []string{"FREE", "SILVER"}, sellable(d.acme))
		assert.Equal(t, []string{"FREE"}, sellable(d.globex))

		gold, err := d.acme.GetBySKU(ctx, "GOLD")
		require.NoError(t, err)
		assert.Equal(t, []catalog.Missing{{Kind: catalog.MissingKindTier, ProgramID: "default", TierRankMin: 2, TierRank: 1}}, gold.Missing)
		certified, err := d.acme.GetBySKU(ctx, "CERTIFIED")
		require.NoError(t, err)
		assert.Equal(t, []catalog.Missing{
			{Kind: catalog.MissingKindCredential, CredentialDefinitionID: "engineer"}, {Kind: catalog.MissingKindCredential, CredentialDefinitionID: "seller"},
		}, certified.Missing)
	})
}

// A list that is read while time goes on, and what the reader holds changes, is read to its end.
func TestPagesGoOnWhileTimeDoes(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		d.tiers()
		for _, sku := range []string{"A", "B", "C"} {
			d.puts(sku, nil)
		}
		params := catalog.ListParams{Lifecycle: []catalog.Lifecycle{catalog.LifecycleActive}, Authorised: true, Limit: 1}
		page, err := d.acme.List(t.Context(), params)
		require.NoError(t, err)
		d.Advance(time.Second)
		d.joinsAnother()
		params.Cursor = page.Page.NextCursor
		page, err = d.acme.List(t.Context(), params)
		require.NoError(t, err)
		assert.Equal(t, "B", page.Items[0].SKU)

		_, err = d.globex.List(t.Context(), params)
		require.ErrorIs(t, err, partnerportal.ErrorCode("cursor_invalid"), "it is good for its reader alone")
		params.Lifecycle = nil
		_, err = d.acme.List(t.Context(), params)
		require.ErrorIs(t, err, partnerportal.ErrorCode("cursor_invalid"), "and for what was asked")
	})
}

// A tier that a product needs, and that the programme has no more, stands in the way of selling it, but not of ending its sale.
func TestProductsOfATierThatIsGone(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		d.tiers()
		last := partnerportal.Date{Year: 2026, Month: 11, Day: 24}
		dated := d.puts("DATED", func(p *catalog.ProductInput) { p.Authorisation.TierRankMin, p.EndOfSaleOn = 2, last }).Product
		other := d.puts("OTHER", func(p *catalog.ProductInput) { p.Authorisation.TierRankMin = 2 }).Product
		rules, err := program.New(d.Vendor).Get(ctx, program.DefaultID)
		require.NoError(t, err)
		rules.Tiers = rules.Tiers[:1]
		_, err = program.New(d.Vendor).Put(ctx, rules.ID, *rules)
		require.NoError(t, err)

		d.Advance(3 * 24 * time.Hour)
		assert.Contains(t, d.heard(d.Acme), "product.end_of_sale map[sku:DATED]")
		gone, err := d.vendor.Retire(ctx, other.ID)
		require.NoError(t, err)
		assert.Equal(t, catalog.LifecycleRetired, gone.Lifecycle)
		read, err := d.vendor.Get(ctx, dated.ID)
		require.NoError(t, err)
		_, err = d.vendor.Update(ctx, dated.ID, catalog.ProductPatch{Authorisation: partnerportal.Set(catalog.Authorisation{TierRankMin: 3})}, partnerportal.IfMatch(read))
		assert.Equal(t, []string{"/authorisation/tier_rank_min out_of_range"}, faults(t, err))
	})
}

func TestSaleEndsByTheClock(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		last := partnerportal.Date{Year: 2026, Month: 11, Day: 24}
		p := d.puts("OLD", func(p *catalog.ProductInput) { p.EndOfSaleOn, p.ReplacedBySKU = last, "NEW" }).Product
		read := func() *catalog.Product {
			p, err := d.acme.Get(ctx, p.ID)
			require.NoError(t, err)
			return p
		}
		assert.Equal(t, catalog.LifecycleActive, read().Lifecycle)
		d.Advance(2 * 24 * time.Hour)
		assert.Equal(t, catalog.LifecycleActive, read().Lifecycle, "it is sold on its last day")
		d.Advance(12 * time.Hour)
		assert.Equal(t, catalog.LifecycleEndOfSale, read().Lifecycle)
		assert.Equal(t, []string{"product.created map[sku:OLD]", "product.end_of_sale map[replaced_by_sku:NEW sku:OLD]"}, d.heard(d.Acme))

		seen, err := d.vendor.Update(ctx, p.ID, catalog.ProductPatch{EndOfSaleOn: partnerportal.Set(last.AddDays(30))}, partnerportal.IfMatch(read()))
		require.NoError(t, err)
		assert.Equal(t, catalog.LifecycleActive, seen.Lifecycle, "there is time again")
		seen, err = d.vendor.Retire(ctx, p.ID, partnerportal.IfMatch(seen))
		require.NoError(t, err)
		assert.Equal(t, []catalog.Action{catalog.ActionUpdate}, seen.AllowedActions)
		_, err = d.vendor.Retire(ctx, p.ID)
		require.ErrorIs(t, err, partnerportal.ErrInvalidState)
		d.Advance(60 * 24 * time.Hour)
		assert.Equal(t, catalog.LifecycleRetired, read().Lifecycle, "its old deadline passes without effect")
		assert.Equal(t, catalog.LifecycleActive, d.puts("OLD", nil).Product.Lifecycle)
		assert.Equal(t, "[product.updated map[sku:OLD] product.retired map[replaced_by_sku:NEW sku:OLD] product.updated map[sku:OLD]]", fmt.Sprint(d.heard(d.Acme)[2:]))
	})
}
