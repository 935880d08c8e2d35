package catalog_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
)

func usd(amount string) partnerportal.Money { return partnerportal.MustMoney(amount, "USD") }

func entry(sku, price string) catalog.PriceEntry {
	return catalog.PriceEntry{SKU: sku, ListPrice: usd(price)}
}

// lists puts a price list with one entry into force.
func (d *desk) lists(id string, change func(l *catalog.PriceListInput)) *catalog.PriceList {
	d.t.Helper()
	ctx := d.t.Context()
	in := catalog.PriceListInput{Name: id, Currency: "USD"}
	if change != nil {
		change(&in)
	}
	_, err := d.vendor.PutPriceList(ctx, id, in)
	require.NoError(d.t, err)
	_, err = d.vendor.PutEntries(ctx, id, catalog.PriceEntries{Entries: []catalog.PriceEntry{{SKU: "GTX", ListPrice: partnerportal.MustMoney("1", in.Currency)}}})
	require.NoError(d.t, err)
	l, err := d.vendor.ActivatePriceList(ctx, id)
	require.NoError(d.t, err)
	return l
}

func TestPriceListFromDraftToItsEnd(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		in := catalog.PriceListInput{Name: "World", Currency: "USD", ValidFromOn: partnerportal.Date{Year: 2026, Month: 1, Day: 1}}
		l, err := d.vendor.PutPriceList(ctx, "world", in)
		require.NoError(t, err)
		assert.Equal(t, catalog.PriceListStatusDraft, l.Status)
		_, err = d.acme.GetPriceList(ctx, "world")
		require.ErrorIs(t, err, partnerportal.ErrNotFound, "a draft is the vendor's")
		_, err = d.vendor.ActivatePriceList(ctx, "world")
		require.ErrorIs(t, err, catalog.ErrNoEntries)
		same, err := d.vendor.PutPriceList(ctx, "world", in)
		require.NoError(t, err)
		assert.Equal(t, l, same, "putting it again changes nothing")

		put, err := d.vendor.PutEntries(ctx, "world", catalog.PriceEntries{Entries: []catalog.PriceEntry{entry("GTX", "100"), {
			SKU: "SUB", TermMonths: 12, MinQuantity: 10, ListPrice: usd("9.9999"), NetPrice: usd("0"), PriceProtectedUntilOn: partnerportal.Date{Year: 2027, Month: 1, Day: 31},
		}}})
		require.NoError(t, err)
		assert.Equal(t, []int{2, 0, 0, 0, 2}, []int{put.Created, put.Updated, put.Unchanged, put.Removed, put.PriceList.EntryCount})
		l, err = d.vendor.ActivatePriceList(ctx, "world", partnerportal.IfMatch(&put.PriceList))
		require.NoError(t, err)
		_, err = d.vendor.ActivatePriceList(ctx, "world")
		require.ErrorIs(t, err, partnerportal.ErrInvalidState)

		put, err = d.vendor.PutEntries(ctx, "world", catalog.PriceEntries{
			Entries: []catalog.PriceEntry{entry("GTX", "110"), entry("MG", "5")},
			Remove:  []catalog.PriceKey{{SKU: "SUB", TermMonths: 12, MinQuantity: 10}, {SKU: "GONE"}},
		}, partnerportal.IfMatch(l))
		require.NoError(t, err)
		assert.Equal(t, []int{1, 1, 0, 1, 2}, []int{put.Created, put.Updated, put.Unchanged, put.Removed, put.PriceList.EntryCount})
		again, err := d.vendor.PutEntries(ctx, "world", catalog.PriceEntries{Entries: []catalog.PriceEntry{entry("GTX", "110.00")}})
		require.NoError(t, err)
		assert.Equal(t, 1, again.Unchanged)
		assert.Equal(t, put.PriceList.Revision, again.PriceList.Revision, "what is the same is not written")

		page, err := d.acme.ListEntries(ctx, "world", catalog.ListEntriesParams{})
		require.NoError(t, err)
		assert.Equal(t, []catalog.PriceEntry{{SKU: "GTX", MinQuantity: 1, ListPrice: usd("110")}, {SKU: "MG", MinQuantity: 1, ListPrice: usd("5")}}, page.Items)
		page, err = d.acme.ListEntries(ctx, "world", catalog.ListEntriesParams{SKU: []string{"MG"}})
		require.NoError(t, err)
		assert.Len(t, page.Items, 1)

		in.Currency = "EUR"
		_, err = d.vendor.PutPriceList(ctx, "world", in)
		assert.Equal(t, []string{"/currency invalid_state"}, faults(t, err))
		in.Currency, in.Name = "USD", "The world"
		_, err = d.vendor.PutPriceList(ctx, "world", in)
		require.NoError(t, err)
		_, err = d.vendor.RetirePriceList(ctx, "world")
		require.NoError(t, err)
		_, err = d.vendor.RetirePriceList(ctx, "world")
		require.ErrorIs(t, err, partnerportal.ErrInvalidState)
		_, err = d.acme.ListEntries(ctx, "world", catalog.ListEntriesParams{})
		require.ErrorIs(t, err, partnerportal.ErrNotFound)
		_, err = d.vendor.ActivatePriceList(ctx, "world")
		require.NoError(t, err, "it may come back")
		assert.Equal(t, []string{
			"price_list.activated map[currency:USD]", "price_list.updated map[currency:USD entries:3]", "price_list.updated map[currency:USD]",
			"price_list.retired map[currency:USD]", "price_list.activated map[currency:USD]",
		}, d.heard(d.Acme))
		assert.Equal(t, d.heard(d.Acme), d.heard(d.Vendor))

		_, err = d.vendor.PutPriceList(ctx, "secret", in)
		require.NoError(t, err)
		_, err = d.vendor.RetirePriceList(ctx, "secret")
		require.NoError(t, err)
		assert.Len(t, d.heard(d.Acme), 5, "a draft that comes to nothing is nobody else's business")
		assert.Len(t, d.heard(d.Vendor), 6)
	})
}

// A list is told a few times when it has thousands of entries, not once for each: this would fail if an entry were an event or a revision.
func TestLargePriceListIsPutInPages(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		_, err := d.vendor.PutPriceList(ctx, "large", catalog.PriceListInput{Name: "Large", Currency: "USD"})
		require.NoError(t, err)
		for page := range 2 {
			var entries []catalog.PriceEntry
			for i := range 250 {
				entries = append(entries, entry(fmt.Sprintf("SKU-%d-%d", page, i), "1.5"))
			}
			put, err := d.vendor.PutEntries(ctx, "large", catalog.PriceEntries{Entries: entries})
			require.NoError(t, err)
			assert.Equal(t, 250*(page+1), put.PriceList.EntryCount)
			assert.EqualValues(t, page+2, put.PriceList.Revision)
		}
		for _, opts := range [][]partnerportal.RequestOption{nil, {partnerportal.WithSegments(8)}} {
			seen := map[string]bool{}
			for e, err := range d.vendor.AllEntries(ctx, "large", catalog.ListEntriesParams{Limit: 70}, opts...) {
				require.NoError(t, err)
				seen[e.SKU] = true
			}
			assert.Len(t, seen, 500)
		}
	})
}

func TestWhoseAPriceListIs(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		d.tiers()
		today := partnerportal.DateOf(noon)
		d.lists("world", nil)
		d.lists("us", func(l *catalog.PriceListInput) { l.Regions = []string{"US", "CA", "US"} })
		d.lists("de", func(l *catalog.PriceListInput) { l.Regions, l.Currency = []string{"DE"}, "EUR" })
		d.lists("members", func(l *catalog.PriceListInput) { l.ProgramID = "default" })
		d.lists("silver", func(l *catalog.PriceListInput) { l.TierID = "silver" })
		d.lists("gold", func(l *catalog.PriceListInput) { l.TierID = "gold" })
		d.lists("tomorrow", func(l *catalog.PriceListInput) { l.ValidFromOn = today.AddDays(1) })
		d.lists("yesterday", func(l *catalog.PriceListInput) { l.ValidToOn = today.AddDays(-1) })
		seen := func(c *catalog.Client, params catalog.ListPriceListsParams) []string {
			params.Sort = partnerportal.SortOldestFirst
			ids := []string{}
			for l, err := range c.AllPriceLists(ctx, params) {
				require.NoError(t, err)
				ids = append(ids, l.ID)
			}
			slices.Sort(ids)
			return ids
		}
		assert.Equal(t, []string{"de", "gold", "members", "silver", "tomorrow", "us", "world", "yesterday"}, seen(d.vendor, catalog.ListPriceListsParams{}))
		assert.Equal(t, []string{"members", "silver", "us", "world"}, seen(d.acme, catalog.ListPriceListsParams{Limit: 2}))
		assert.Equal(t, []string{"de", "members", "world"}, seen(d.globex, catalog.ListPriceListsParams{}))
		assert.Equal(t, []string{"de"}, seen(d.globex, catalog.ListPriceListsParams{Currency: []string{"EUR"}}))
		assert.Empty(t, seen(d.vendor, catalog.ListPriceListsParams{Status: []catalog.PriceListStatus{catalog.PriceListStatusRetired}}))
		d.Advance(24 * time.Hour)
		assert.Equal(t, []string{"members", "silver", "tomorrow", "us", "world"}, seen(d.acme, catalog.ListPriceListsParams{}))

		count := map[string]int{}
		for who, pp := range map[string]*partnerportal.Client{"acme": d.Acme, "globex": d.Globex, "vendor": d.Vendor} {
			count[who] = len(d.heard(pp))
		}
		assert.Equal(t, map[string]int{"acme": 6, "globex": 5, "vendor": 8}, count, "each hears of the lists that are for it, and once")
	})
}

// Members of a programme see and hear of its price lists, under whichever other one they work.
func TestPriceListsOfAnotherProgramme(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		d.tiers()
		d.joinsAnother()
		d.lists("second", func(l *catalog.PriceListInput) { l.ProgramID = "second" })
		d.lists("one", func(l *catalog.PriceListInput) { l.ProgramID, l.TierID = "second", "one" })
		d.lists("far", func(l *catalog.PriceListInput) { l.ProgramID, l.Regions = "second", []string{"FR"} })
		page, err := d.acme.ListPriceLists(t.Context(), catalog.ListPriceListsParams{})
		require.NoError(t, err)
		assert.Len(t, page.Items, 2)
		assert.Len(t, d.heard(d.Acme), 2)
		_, err = d.globex.ListEntries(t.Context(), "second", catalog.ListEntriesParams{})
		require.ErrorIs(t, err, partnerportal.ErrNotFound)
		assert.Empty(t, d.heard(d.Globex))
		assert.Len(t, d.heard(d.Vendor), 3)

		_, err = d.vendor.PutPriceList(t.Context(), "one", catalog.PriceListInput{Name: "one", Currency: "USD", ProgramID: "second", TierID: "one", Regions: []string{"FR"}})
		require.NoError(t, err)
		assert.Len(t, d.heard(d.Acme), 3, "who loses a list hears of it")
		_, err = d.vendor.PutPriceList(t.Context(), "far", catalog.PriceListInput{Name: "Far", Currency: "USD", ProgramID: "second", Regions: []string{"FR"}})
		require.NoError(t, err)
		assert.Len(t, d.heard(d.Acme), 3, "and of others nothing")
	})
}

func TestWhatIsWrongWithAPriceList(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		for want, change := range map[string]func(l *catalog.PriceListInput){
			"/name required":            func(l *catalog.PriceListInput) { l.Name = " " },
			"/regions/0 invalid_format": func(l *catalog.PriceListInput) { l.Regions = []string{"UK"} },
			"/valid_to_on out_of_range": func(l *catalog.PriceListInput) {
				l.ValidFromOn = partnerportal.Date{Year: 2027, Month: 1, Day: 2}
				l.ValidToOn = l.ValidFromOn.AddDays(-1)
			},
			"/program_id invalid_value": func(l *catalog.PriceListInput) { l.ProgramID = "none" },
			"/tier_id invalid_value":    func(l *catalog.PriceListInput) { l.TierID = "none" },
		} {
			in := catalog.PriceListInput{Name: "L", Currency: "USD"}
			change(&in)
			_, err := d.vendor.PutPriceList(ctx, "l", in)
			require.ErrorIs(t, err, partnerportal.ErrValidation, want)
			assert.Equal(t, []string{want}, faults(t, err))
		}
		_, err := d.vendor.PutEntries(ctx, "l", catalog.PriceEntries{})
		require.ErrorIs(t, err, partnerportal.ErrNotFound)
		_, err = d.acme.PutPriceList(ctx, "l", catalog.PriceListInput{Name: "L", Currency: "USD"})
		require.Equal(t, 403, statusOf(err))

		_, err = d.vendor.PutPriceList(ctx, "l", catalog.PriceListInput{Name: "L", Currency: "USD"})
		require.NoError(t, err)
		_, err = d.vendor.PutEntries(ctx, "l", catalog.PriceEntries{
			Entries: []catalog.PriceEntry{entry("A", "1"), entry("A", "2"), entry("B", "-1"), {SKU: "C", ListPrice: partnerportal.MustMoney("1", "EUR")}, {SKU: "D", ListPrice: usd("1"), NetPrice: usd("-0.0001")}},
			Remove:  []catalog.PriceKey{{SKU: "B"}},
		})
		assert.Equal(t, []string{"/entries/1 duplicate_key", "/entries/2/list_price/amount out_of_range", "/entries/3/list_price/currency invalid_value",
			"/entries/4/net_price/amount out_of_range", "/remove/0 duplicate_key"}, faults(t, err))
		l, err := d.vendor.GetPriceList(ctx, "l")
		require.NoError(t, err)
		assert.Zero(t, l.EntryCount, "all of a call or nothing")
	})
}
