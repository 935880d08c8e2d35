package quotes_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/quotes"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
)

// configuration is a server with two graphics cards and support, as Acme configured it.
func (w *world) configuration() *catalog.Configuration {
	w.t.Helper()
	ctx := w.t.Context()
	must[*catalog.Model](w.t)(catalog.New(w.Vendor).PublishModel(ctx, "SRV-1", catalog.ModelInput{Groups: []catalog.Group{
		{ID: "gpu", Min: 1, Max: 4, Options: []catalog.Option{{SKU: "GPU-1", MaxQuantity: 4}}},
		{ID: "care", Max: 1, Options: []catalog.Option{{SKU: "SUP-1"}}},
	}}))
	return must[*catalog.Configuration](w.t)(catalog.New(w.Acme).Configure(ctx, catalog.ConfigurationInput{
		SKU: "SRV-1", Selections: []catalog.Selection{{Group: "gpu", SKU: "GPU-1", Quantity: 2}, {Group: "care", SKU: "SUP-1", Quantity: 1}},
	}))
}

// A configuration becomes lines that stay together.
func TestConfigurationsBecomeLines(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, w *world) {
		t.Helper()
		ctx, kept := t.Context(), w.configuration()
		q := must[*quotes.Quote](t)(w.acme.Create(ctx, quotes.NewQuote{
			Customer: partnerportal.Organization{Name: "Initech"},
			Lines:    []quotes.LineInput{{ConfigurationID: kept.ID, Quantity: 3, TermMonths: 36, Adjustment: quotes.Adjustment{Percent: "10"}, Note: "With rails."}, {SKU: "GPU-1", Optional: true}},
		}))
		require.Len(t, q.Lines, 4)
		server, gpu, care := q.Lines[0], q.Lines[1], q.Lines[2]
		assert.Equal(t, []any{"SRV-1", 3, "", 0}, []any{server.SKU, server.Quantity, server.ParentLineID, server.TermMonths})
		assert.Equal(t, []any{"GPU-1", 6, server.ID, 0}, []any{gpu.SKU, gpu.Quantity, gpu.ParentLineID, gpu.TermMonths})
		assert.Equal(t, []any{"SUP-1", 3, server.ID, 36}, []any{care.SKU, care.Quantity, care.ParentLineID, care.TermMonths})
		assert.Equal(t, "-300.00", kinds(server)["manual"])
		assert.NotContains(t, kinds(gpu), quotes.ComponentKindManual)

		// What was read can be sent back; the parts follow the whole.
		said := make([]quotes.LineInput, len(q.Lines))
		for i := range q.Lines {
			said[i] = q.Lines[i].Input()
		}
		again := must[*quotes.Quote](t)(w.acme.Update(ctx, q.ID, quotes.Patch{Lines: partnerportal.Set(said)}, partnerportal.IfMatch(q)))
		assert.Equal(t, q.Lines, again.Lines)
		said[1].Quantity = 5
		faulty(t, second(w.acme.Update(ctx, q.ID, quotes.Patch{Lines: partnerportal.Set(said)}, partnerportal.IfMatch(again))), "/lines/1/quantity")
		more := must[*quotes.Quote](t)(w.acme.Update(ctx, q.ID, quotes.Patch{
			Lines: partnerportal.Set([]quotes.LineInput{{ID: server.ID, Quantity: 4}}),
		}, partnerportal.IfMatch(again)))
		require.Len(t, more.Lines, 3)
		assert.Equal(t, []any{gpu.ID, 8, care.ID, 4}, []any{more.Lines[1].ID, more.Lines[1].Quantity, more.Lines[2].ID, more.Lines[2].Quantity})

		faulty(t, second(w.globex.Create(ctx, quotes.NewQuote{ConfigurationID: kept.ID})), "/lines/0/configuration_id")
		copied := must[*quotes.Quote](t)(w.acme.Create(ctx, quotes.NewQuote{QuoteID: q.ID}))
		require.Len(t, copied.Lines, 3)
		assert.Equal(t, []any{"SUP-1", 4, copied.Lines[0].ID, 36}, []any{copied.Lines[2].SKU, copied.Lines[2].Quantity, copied.Lines[2].ParentLineID, copied.Lines[2].TermMonths})
		noted := must[*quotes.Quote](t)(w.acme.Update(ctx, q.ID, quotes.Patch{Notes: partnerportal.Set("Soon.")}, partnerportal.IfMatch(more)))
		assert.Equal(t, more.Lines, noted.Lines, "a change of something else leaves the lines alone")
	})
}

// A configuration that breaks rules can be kept, and not quoted.
func TestInvalidConfigurations(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	w.configuration()
	kept := must[*catalog.Configuration](t)(catalog.New(w.Acme).Configure(ctx, catalog.ConfigurationInput{SKU: "SRV-1"}))
	require.False(t, kept.Result.Valid)
	err := second(w.acme.Create(ctx, quotes.NewQuote{ConfigurationID: kept.ID}))
	require.ErrorIs(t, err, quotes.ErrConfigurationInvalid)
	require.NotEmpty(t, quotes.ViolationsOf(err))
	assert.Equal(t, kept.ID, quotes.ViolationsOf(err)[0].ConfigurationID)
}

// However long quotes are, a client reads them: a page has fewer of them.
func TestLongQuotes(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	must[*catalog.ProductPut](t)(catalog.New(w.Vendor).Put(ctx, "SRV-1", catalog.ProductInput{
		Name: "Server", Kind: catalog.ProductKindHardware, Description: strings.Repeat("Rack. ", 660),
	}))
	const all, lines = 4, 500 // 9 MB together
	want := map[string]bool{}
	for range all {
		want[w.quote(func(n *quotes.NewQuote) { n.Lines = slices.Repeat([]quotes.LineInput{{SKU: "SRV-1"}}, lines) }).ID] = true
	}
	page := must[*quotes.Page](t)(w.acme.List(ctx, quotes.ListParams{Limit: 1000}))
	assert.Less(t, len(page.Items), all)
	assert.NotEmpty(t, page.Page.NextCursor)
	for q, err := range w.acme.All(ctx, quotes.ListParams{Limit: 1000}) {
		require.NoError(t, err)
		assert.Len(t, q.Lines, lines)
		delete(want, q.ID)
	}
	assert.Empty(t, want)
}

// What the catalogue sells for the longest term can be quoted for it.
func TestLongContracts(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	must[*catalog.ProductPut](t)(catalog.New(w.Vendor).Put(ctx, "LEASE-1", catalog.ProductInput{
		Name: "Lease", Kind: catalog.ProductKindService, Billing: catalog.Billing{Model: catalog.BillingModelRecurring, Terms: []int{12, 240}},
	}))
	w.prices(catalog.PriceEntry{SKU: "LEASE-1", TermMonths: 12, ListPrice: usd("100.00")}, catalog.PriceEntry{SKU: "LEASE-1", TermMonths: 240, ListPrice: usd("1500.00")})
	w.policy(quotes.PricePolicyInput{TermDiscounts: []quotes.PriceTermDiscount{{TermMonths: 180, Percent: "10"}}})
	q := must[*quotes.Quote](t)(w.acme.Create(ctx, quotes.NewQuote{Lines: []quotes.LineInput{{SKU: "LEASE-1", TermMonths: 240}}}))
	assert.Equal(t, "1350.00 USD", q.Totals.Total.String())
}

// A patch replaces the lines; those that it names keep their ids.
func TestPatches(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	q := w.quote()
	server := q.Lines[0]
	require.ErrorIs(t, second(w.acme.Update(ctx, q.ID, quotes.Patch{Title: partnerportal.Set("x")})), partnerportal.ErrPreconditionRequired)
	change := func(lines ...quotes.LineInput) (*quotes.Quote, error) {
		return w.acme.Update(ctx, q.ID, quotes.Patch{Lines: partnerportal.Set(lines)}, partnerportal.IfMatch(q))
	}
	for pointer, l := range map[string]quotes.LineInput{
		"/lines/0/id": {ID: "qln_1"}, "/lines/0/sku": {ID: server.ID, SKU: "GPU-1"}, "/lines/0/configuration_id": {ID: server.ID, ConfigurationID: "cfg_1"},
	} {
		faulty(t, second(change(l)), pointer)
	}
	faulty(t, second(change(quotes.LineInput{ID: server.ID}, quotes.LineInput{ID: server.ID})), "/lines/1/id")
	faulty(t, second(change()), "/lines")
	q = must[*quotes.Quote](t)(change(quotes.LineInput{SKU: "GPU-1", Optional: true}, quotes.LineInput{ID: server.ID, Quantity: 7}))
	assert.Equal(t, server.ID, q.Lines[1].ID)
	assert.Equal(t, "7000.00 USD", q.Totals.Total.String(), "an optional line does not count")
	assert.Equal(t, "250.00 USD", q.Lines[0].Total.String())

	q = must[*quotes.Quote](t)(w.acme.Update(ctx, q.ID, quotes.Patch{
		Customer: partnerportal.OrganizationPatch{Domain: partnerportal.Set("initech.com")}, Title: partnerportal.Set("Refresh"),
		ValidUntilOn: partnerportal.Set(partnerportal.DateOf(w.Now()).AddDays(3)), ExternalRefs: partnerportal.Set([]partnerportal.ExternalRef{{System: "crm", ID: "7"}}),
	}, partnerportal.IfMatch(q)))
	assert.Equal(t, "Initech", q.Customer.Name)
	assert.Equal(t, "initech.com", q.Customer.Domain)
	assert.Equal(t, "7000.00 USD", q.Totals.Total.String())
	q = must[*quotes.Quote](t)(w.acme.Update(ctx, q.ID, quotes.Patch{Title: partnerportal.Null[string](), ValidUntilOn: partnerportal.Null[partnerportal.Date]()}, partnerportal.IfMatch(q)))
	assert.Empty(t, q.Title)
	assert.True(t, q.ValidUntilOn.IsZero())
	found := must[*quotes.Page](t)(w.acme.List(ctx, quotes.ListParams{ExternalRef: "crm:7"}))
	require.Len(t, found.Items, 1)
	assert.Equal(t, q.ID, found.Items[0].ID)
}

// The parts of a configuration have discounts and notes of their own: those that a counter-offer gives them too stay when something else
// changes.
func TestDiscountsOfPartsStay(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	w.policy(authority)
	q := must[*quotes.Quote](t)(w.acme.Create(ctx, quotes.NewQuote{
		Customer: partnerportal.Organization{Name: "Initech"}, Adjustments: []quotes.Adjustment{{Percent: "15"}},
		Lines: []quotes.LineInput{{ConfigurationID: w.configuration().ID, TermMonths: 36}},
	}))
	must[*quotes.Quote](t)(w.acme.RequestApproval(ctx, q.ID, quotes.ApprovalRequest{}))
	var offer quotes.CounterOffer
	for _, l := range q.Lines {
		offer.Lines = append(offer.Lines, quotes.CounterLine{LineID: l.ID, Percent: "10"})
	}
	q = must[*quotes.Quote](t)(w.vendor.Counter(ctx, q.ID, offer))
	offered := q.Totals
	q = must[*quotes.Quote](t)(w.acme.Update(ctx, q.ID, quotes.Patch{Title: partnerportal.Set("Refresh")}, partnerportal.IfMatch(q)))
	assert.Equal(t, offered, q.Totals)
	q = must[*quotes.Quote](t)(w.acme.Update(ctx, q.ID, quotes.Patch{Lines: partnerportal.Set([]quotes.LineInput{
		{ID: q.Lines[0].ID, Adjustment: q.Lines[0].Adjustment},
		{ID: q.Lines[1].ID, Quantity: q.Lines[1].Quantity, Adjustment: quotes.Adjustment{Percent: "2"}, Note: "Refurbished."},
	})}, partnerportal.IfMatch(q)))
	require.Len(t, q.Lines, 3, "a part that is not named stays too")
	assert.Equal(t, []string{"-100.00", "-10.00", "-30.00"}, []string{kinds(q.Lines[0])["manual"], kinds(q.Lines[1])["manual"], kinds(q.Lines[2])["manual"]})
	assert.Equal(t, "Refurbished.", q.Lines[1].Note)
	faulty(t, second(w.acme.Update(ctx, q.ID, quotes.Patch{Lines: partnerportal.Set([]quotes.LineInput{
		{ID: q.Lines[0].ID}, {ID: q.Lines[1].ID, Quantity: 2}, {ID: q.Lines[1].ID, Quantity: 2},
	})}, partnerportal.IfMatch(q))), "/lines/2/id")
}
