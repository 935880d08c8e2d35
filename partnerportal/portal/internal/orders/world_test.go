package orders_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/account"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store/storetest"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
	"github.com/partnerportal/partnerportal-go/quotes"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
	"github.com/partnerportal/partnerportal-go/quotes/orders"
)

// noon is the instant at which the portals of these tests begin.
var noon = time.Date(2026, 5, 15, 12, 0, 0, 0, time.UTC)

// world is a partner that orders and a vendor that delivers, each through the SDK. A server is 5000 dollars, 8 % less for a registered
// deal, and its support 100 dollars a year.
type world struct {
	*portaltest.Portal

	t            testing.TB
	acme, globex *orders.Client
	vendor       *orders.Client
	deals        *deals.Client
	quotes       *quotes.Client
	goods        *catalog.Client
	n            int
}

func newWorld(t testing.TB, opts ...portal.Option) *world {
	t.Helper()
	opts = append([]portal.Option{portal.WithClock(func() time.Time { return noon })}, opts...)
	return worldOf(t, portaltest.New(t, opts...))
}

func worldOf(t testing.TB, p *portaltest.Portal) *world {
	t.Helper()
	w := &world{Portal: p, t: t, acme: orders.New(p.Acme), globex: orders.New(p.Globex), vendor: orders.New(p.Vendor), deals: deals.New(p.Acme),
		quotes: quotes.New(p.Acme), goods: catalog.New(p.Vendor)}
	ctx := t.Context()
	for sku, kind := range map[string]catalog.ProductKind{"SRV-100": catalog.ProductKindHardware, "SUP-100": catalog.ProductKindSupport} {
		must[*catalog.ProductPut](t)(w.goods.Put(ctx, sku, catalog.ProductInput{Name: "The " + sku, Family: "GTX", Kind: kind}))
	}
	must[*catalog.PriceList](t)(w.goods.PutPriceList(ctx, "usd", catalog.PriceListInput{Name: "Dollars", Currency: "USD"}))
	w.price("SRV-100", "5000")
	w.price("SUP-100", "100")
	must[*catalog.PriceList](t)(w.goods.ActivatePriceList(ctx, "usd"))
	must[*quotes.PricePolicy](t)(quotes.New(p.Vendor).PutPricePolicy(ctx, "default", quotes.PricePolicyInput{
		DealRegistration: []quotes.PriceDealDiscount{{Percent: "8"}}, Quote: quotes.PriceQuoteRules{ValidDays: 60},
	}))
	return w
}

// price sets the list price of one.
func (w *world) price(sku, amount string) {
	w.t.Helper()
	must[*catalog.EntriesPut](w.t)(w.goods.PutEntries(w.t.Context(), "usd", catalog.PriceEntries{Entries: []catalog.PriceEntry{{SKU: sku, ListPrice: usd(amount)}}}))
}

// engines runs a test on both.
func engines(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	for name, dsn := range storetest.Engines {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := portal.Open(t.Context(), dsn(t), portal.WithSandbox(), portal.WithClock(func() time.Time { return noon }))
			require.NoError(t, err)
			test(t, worldOf(t, portaltest.Wrap(t, p)))
		})
	}
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

func usd(amount string) partnerportal.Money { return partnerportal.MustMoney(amount, "USD") }

// deal is a registered deal that the vendor has approved.
func (w *world) deal() *deals.Deal {
	w.t.Helper()
	w.n++
	name := fmt.Sprintf("c%d-works", w.n)
	deal := must[*deals.Deal](w.t)(w.deals.Register(w.t.Context(), deals.Registration{
		Customer: partnerportal.Organization{Name: name, Country: "US", Domain: name + ".com"}, Amount: usd("50000"),
		ExpectedCloseOn: partnerportal.DateOf(w.Now().AddDate(0, 3, 0)), Products: []deals.Product{{Family: "GTX", Quantity: 10}},
	}))
	return must[*deals.Deal](w.t)(deals.New(w.Vendor).Approve(w.t.Context(), deal.ID, deals.Approval{}))
}

// offer is a presented quote for ten servers and their support, for a deal if there is one.
func (w *world) offer(deal *deals.Deal, change ...func(*quotes.NewQuote)) *quotes.Quote {
	w.t.Helper()
	body := quotes.NewQuote{Currency: "USD", Lines: []quotes.LineInput{{SKU: "SRV-100", Quantity: 10}, {SKU: "SUP-100", Quantity: 3}}}
	if deal != nil {
		body.DealID = deal.ID
	} else {
		body.Customer = partnerportal.Organization{Name: "Initech", Country: "US", Domain: "initech.com"}
	}
	for _, c := range change {
		c(&body)
	}
	q := must[*quotes.Quote](w.t)(w.quotes.Create(w.t.Context(), body))
	return must[*quotes.Quote](w.t)(w.quotes.Present(w.t.Context(), q.ID))
}

// accepted is an offer that the customer has accepted.
func (w *world) accepted(deal *deals.Deal, change ...func(*quotes.NewQuote)) *quotes.Quote {
	w.t.Helper()
	q := w.offer(deal, change...)
	return must[*quotes.Quote](w.t)(w.quotes.Accept(w.t.Context(), q.ID, quotes.Acceptance{Name: "Ada Lovelace", Email: "ada@initech.com"}))
}

// placed is an order of an accepted quote.
func (w *world) placed(deal *deals.Deal) *orders.Order {
	w.t.Helper()
	q := w.accepted(deal)
	return must[*orders.Order](w.t)(w.acme.Place(w.t.Context(), orders.Placement{QuoteID: q.ID, PONumber: "PO " + q.Number}))
}

// taken is an order that the vendor has taken on.
func (w *world) taken(deal *deals.Deal) *orders.Order {
	w.t.Helper()
	return must[*orders.Order](w.t)(w.vendor.Acknowledge(w.t.Context(), w.placed(deal).ID, orders.Acknowledgement{}))
}

// deliver lets units of a line arrive.
func (w *world) deliver(o *orders.Order, line, quantity int) *orders.Order {
	w.t.Helper()
	return must[*orders.Order](w.t)(w.vendor.Fulfil(w.t.Context(), o.ID, o.Lines[line].ID, orders.Fulfilment{Quantity: quantity, Status: orders.LineStatusDelivered}))
}

// happened are the types of events of a resource so far, the first first.
func (w *world) happened(resourceID string) []string {
	w.t.Helper()
	var types []string
	page := must[*events.Page](w.t)(events.New(w.Vendor).List(w.t.Context(), events.ListParams{ResourceID: resourceID, Limit: 1000}))
	for _, e := range page.Items {
		types = append(types, strings.TrimPrefix(e.Type, "order."))
	}
	return types
}

// books are the vendor's view of what partners earn.
func (w *world) books() *account.Client { return account.New(w.Vendor) }

// refused checks why a call was refused and returns the refusal.
func refused(tb testing.TB, err error, code partnerportal.ErrorCode) *partnerportal.Error {
	tb.Helper()
	var e *partnerportal.Error
	require.ErrorAs(tb, err, &e)
	require.Equal(tb, code, e.Code, "%v", e)
	return e
}

// faulty checks that a call was refused for these fields and no others.
func faulty(tb testing.TB, err error, pointers ...string) {
	tb.Helper()
	e := refused(tb, err, partnerportal.ErrValidation)
	var got []string
	for _, f := range e.Fields {
		got = append(got, f.Pointer)
	}
	require.ElementsMatch(tb, pointers, got, "%v %v", e, e.Fields)
}
