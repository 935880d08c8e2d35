package quoting_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store/storetest"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
	"github.com/partnerportal/partnerportal-go/quotes"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
)

// world is a vendor who sells a server and support for it, and a partner who quotes them.
type world struct {
	*portaltest.Portal

	t            testing.TB
	acme, vendor *quotes.Client
	shop         *catalog.Client
}

// frozen is a clock that only tests turn: no test goes over midnight by itself.
var frozen = portal.WithClock(func() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) })

// engines runs a test on each database engine that is at hand.
func engines(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, furnish(t, portaltest.New(t, frozen)))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		p, err := portal.Open(t.Context(), storetest.Postgres(t), frozen, portal.WithSandbox())
		require.NoError(t, err)
		test(t, furnish(t, portaltest.Wrap(t, p)))
	})
}

func furnish(t testing.TB, p *portaltest.Portal) *world {
	t.Helper()
	w := &world{Portal: p, t: t, acme: quotes.New(p.Acme), vendor: quotes.New(p.Vendor), shop: catalog.New(p.Vendor)}
	ctx := t.Context()
	w.product("SRV-1", server)
	w.product("SUP-1", catalog.ProductInput{
		Name: "Support", Family: "Care", Kind: catalog.ProductKindSupport, Billing: catalog.Billing{Model: catalog.BillingModelRecurring, Terms: []int{12, 36}},
	})
	must[*catalog.PriceList](t)(w.shop.PutPriceList(ctx, "list-usd", catalog.PriceListInput{Name: "All", Currency: "USD"}))
	w.prices(
		catalog.PriceEntry{SKU: "SRV-1", ListPrice: usd("1000.00")}, catalog.PriceEntry{SKU: "SRV-1", MinQuantity: 10, ListPrice: usd("900.00")},
		catalog.PriceEntry{SKU: "SUP-1", TermMonths: 12, ListPrice: usd("120.00")}, catalog.PriceEntry{SKU: "SUP-1", TermMonths: 36, ListPrice: usd("300.00"), NetPrice: usd("250.00")},
	)
	must[*catalog.PriceList](t)(w.shop.ActivatePriceList(ctx, "list-usd"))
	return w
}

var server = catalog.ProductInput{Name: "Server", Family: "GTX", Kind: catalog.ProductKindHardware}

func (w *world) product(sku string, p catalog.ProductInput) *catalog.Product {
	w.t.Helper()
	return &must[*catalog.ProductPut](w.t)(w.shop.Put(w.t.Context(), sku, p)).Product
}

func (w *world) prices(entries ...catalog.PriceEntry) {
	w.t.Helper()
	must[*catalog.EntriesPut](w.t)(w.shop.PutEntries(w.t.Context(), "list-usd", catalog.PriceEntries{Entries: entries}))
}

func (w *world) policy(p quotes.PricePolicyInput) {
	w.t.Helper()
	must[*quotes.PricePolicy](w.t)(w.vendor.PutPricePolicy(w.t.Context(), portal.DefaultProgramID, p))
}

// accepted is a quote for two servers that the customer has accepted.
func (w *world) accepted(change ...func(*quotes.NewQuote)) *quotes.Quote {
	w.t.Helper()
	ctx := w.t.Context()
	n := quotes.NewQuote{Customer: partnerportal.Organization{Name: "Initech", Country: "US"}, Lines: []quotes.LineInput{{SKU: "SRV-1", Quantity: 2}}}
	for _, c := range change {
		c(&n)
	}
	q := must[*quotes.Quote](w.t)(w.acme.Create(ctx, n))
	must[*quotes.Quote](w.t)(w.acme.Present(ctx, q.ID))
	return must[*quotes.Quote](w.t)(w.acme.Accept(ctx, q.ID, quotes.Acceptance{Name: "Peter Gibbons", Email: "peter@initech.com"}))
}

// deal is an approved deal for servers; its protection lasts for 90 days.
func (w *world) deal() *deals.Deal {
	w.t.Helper()
	d := must[*deals.Deal](w.t)(deals.New(w.Acme).Register(w.t.Context(), deals.Registration{
		Customer: partnerportal.Organization{Name: "Initech", Country: "US", Domain: "initech.com"}, Amount: usd("10000"),
		Contacts: []partnerportal.Contact{{GivenName: "Peter", FamilyName: "Gibbons"}}, Products: []deals.Product{{Family: "GTX", SKU: "SRV-1", Quantity: 2}},
		ExpectedCloseOn: partnerportal.DateOf(w.Now()).AddDays(60),
	}))
	return must[*deals.Deal](w.t)(deals.New(w.Vendor).Approve(w.t.Context(), d.ID, deals.Approval{}))
}

// drift is how a quote differs from what it would be now.
func (w *world) drift(q *quotes.Quote) *quotes.Drift {
	w.t.Helper()
	return must[*quotes.Drift](w.t)(w.acme.Check(w.t.Context(), q.ID))
}

// day is so many days from the portal's today.
func (w *world) day(n int) partnerportal.Date { return partnerportal.DateOf(w.Now()).AddDays(n) }

const day = 24 * time.Hour

func must[T any](tb testing.TB) func(v T, err error) T {
	tb.Helper()
	return func(v T, err error) T {
		tb.Helper()
		require.NoError(tb, err)
		return v
	}
}

func usd(amount string) partnerportal.Money { return partnerportal.MustMoney(amount, "USD") }
