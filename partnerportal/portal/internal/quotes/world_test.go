package quotes_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store/storetest"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
	"github.com/partnerportal/partnerportal-go/quotes"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
	"github.com/partnerportal/partnerportal-go/quotes/orders"
)

// world is a vendor and two partners at work with quotes, each through the SDK. The vendor sells a server, a GPU and support for it.
type world struct {
	*portaltest.Portal

	t                    testing.TB
	acme, globex, vendor *quotes.Client
}

// frozen is a clock that only tests turn: no test goes over midnight by itself.
var frozen = portal.WithClock(func() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) })

func newWorld(t testing.TB) *world {
	t.Helper()
	return furnish(t, portaltest.New(t, frozen, portal.WithFileDir(t.TempDir())))
}

// engines runs a test on each database engine that is at hand.
func engines(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, newWorld(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		p, err := portal.Open(t.Context(), storetest.Postgres(t), frozen, portal.WithSandbox(), portal.WithFileDir(t.TempDir()))
		require.NoError(t, err)
		test(t, furnish(t, portaltest.Wrap(t, p)))
	})
}

func furnish(t testing.TB, p *portaltest.Portal) *world {
	t.Helper()
	w := &world{Portal: p, t: t, acme: quotes.New(p.Acme), globex: quotes.New(p.Globex), vendor: quotes.New(p.Vendor)}
	ctx, shop := t.Context(), catalog.New(p.Vendor)
	for _, product := range []struct {
		sku string
		catalog.ProductInput
	}{
		{"SRV-1", catalog.ProductInput{Name: "Server", Family: "GTX", Kind: catalog.ProductKindHardware}},
		{"GPU-1", catalog.ProductInput{Name: "Graphics card", Family: "GTX", Kind: catalog.ProductKindHardware}},
		{"SUP-1", catalog.ProductInput{
			Name: "Support", Family: "Care", Kind: catalog.ProductKindSupport, Billing: catalog.Billing{Model: catalog.BillingModelRecurring, Terms: []int{12, 36}},
		}},
		{"OLD-1", catalog.ProductInput{Name: "Old server", Family: "GTX", Kind: catalog.ProductKindHardware, ReplacedBySKU: "SRV-1"}},
	} {
		must[*catalog.ProductPut](t)(shop.Put(ctx, product.sku, product.ProductInput))
	}
	must[*catalog.PriceList](t)(shop.PutPriceList(ctx, "list-usd", catalog.PriceListInput{Name: "All", Currency: "USD"}))
	w.prices(
		catalog.PriceEntry{SKU: "SRV-1", ListPrice: usd("1000.00")}, catalog.PriceEntry{SKU: "GPU-1", ListPrice: usd("250.00")},
		catalog.PriceEntry{SKU: "SUP-1", TermMonths: 12, ListPrice: usd("120.00")}, catalog.PriceEntry{SKU: "SUP-1", TermMonths: 36, ListPrice: usd("300.00")},
		catalog.PriceEntry{SKU: "OLD-1", ListPrice: usd("900.00")},
	)
	must[*catalog.PriceList](t)(shop.ActivatePriceList(ctx, "list-usd"))
	return w
}

// prices puts prices into the price list.
func (w *world) prices(entries ...catalog.PriceEntry) {
	w.t.Helper()
	must[*catalog.EntriesPut](w.t)(catalog.New(w.Vendor).PutEntries(w.t.Context(), "list-usd", catalog.PriceEntries{Entries: entries}))
}

// policy writes the price policy of the programme.
func (w *world) policy(p quotes.PricePolicyInput) {
	w.t.Helper()
	must[*quotes.PricePolicy](w.t)(w.vendor.PutPricePolicy(w.t.Context(), portal.DefaultProgramID, p))
}

// deal is an approved deal of Acme's, for ten servers.
func (w *world) deal() *deals.Deal {
	w.t.Helper()
	ctx := w.t.Context()
	d := must[*deals.Deal](w.t)(deals.New(w.Acme).Register(ctx, deals.Registration{
		Customer: partnerportal.Organization{Name: "Initech", Country: "US", Domain: "initech.com"}, Amount: usd("10000"),
		Contacts:        []partnerportal.Contact{{GivenName: "Peter", FamilyName: "Gibbons"}},
		Products:        []deals.Product{{Family: "GTX", SKU: "SRV-1", Quantity: 10}, {Family: "Care"}},
		ExpectedCloseOn: partnerportal.DateOf(w.Now()).AddDays(60),
	}))
	return must[*deals.Deal](w.t)(deals.New(w.Vendor).Approve(ctx, d.ID, deals.Approval{}))
}

// quote is a draft of Acme's: two servers, four graphics cards.
func (w *world) quote(change ...func(*quotes.NewQuote)) *quotes.Quote {
	w.t.Helper()
	n := quotes.NewQuote{Customer: partnerportal.Organization{Name: "Initech", Country: "US"}, Lines: []quotes.LineInput{
		{SKU: "SRV-1", Quantity: 2}, {SKU: "GPU-1", Quantity: 4},
	}}
	for _, c := range change {
		c(&n)
	}
	return must[*quotes.Quote](w.t)(w.acme.Create(w.t.Context(), n))
}

// accepted is a quote that the customer has accepted.
func (w *world) accepted(change ...func(*quotes.NewQuote)) *quotes.Quote {
	w.t.Helper()
	q := w.quote(change...)
	must[*quotes.Quote](w.t)(w.acme.Present(w.t.Context(), q.ID))
	return must[*quotes.Quote](w.t)(w.acme.Accept(w.t.Context(), q.ID, quotes.Acceptance{Name: "Peter Gibbons", Email: "peter@initech.com"}))
}

func (w *world) order(q *quotes.Quote, po string) (*orders.Order, error) {
	return orders.New(w.Acme).Place(w.t.Context(), orders.Placement{QuoteID: q.ID, PONumber: po})
}

// told are the types of Acme's events of a resource, the oldest first.
func (w *world) told(resourceID string) []string { return w.heard(w.Acme, resourceID) }

// heard are the types of somebody's events of a resource, the oldest first.
func (w *world) heard(somebody *partnerportal.Client, resourceID string) []string {
	w.t.Helper()
	page := must[*events.Page](w.t)(events.New(somebody).List(w.t.Context(), events.ListParams{ResourceID: resourceID}))
	types := make([]string, len(page.Items))
	for i, e := range page.Items {
		types[i] = e.Type
	}
	return types
}

// must returns what a call returned, which has to have succeeded.
func must[T any](tb testing.TB) func(v T, err error) T {
	tb.Helper()
	return func(v T, err error) T {
		tb.Helper()
		require.NoError(tb, err)
		return v
	}
}

func second[T any](_ T, err error) error { return err }

func usd(amount string) partnerportal.Money { return partnerportal.MustMoney(amount, "USD") }

// faulty wants a refusal that names a field.
func faulty(tb testing.TB, err error, pointer string) {
	tb.Helper()
	require.ErrorIs(tb, err, partnerportal.ErrValidation)
	var e *partnerportal.Error
	require.ErrorAs(tb, err, &e)
	require.NotEmpty(tb, e.Fields)
	require.Equal(tb, pointer, e.Fields[0].Pointer)
}

// kinds are the steps of a line with their amounts.
func kinds(l quotes.Line) map[quotes.ComponentKind]string {
	steps := map[quotes.ComponentKind]string{}
	for _, c := range l.Components {
		steps[c.Kind] = c.Amount.Amount()
	}
	return steps
}
