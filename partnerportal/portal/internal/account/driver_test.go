package account_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/account"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store/storetest"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
)

// noon is the instant at which the portals of these tests begin: a Friday in the middle of a quarter.
var noon = time.Date(2026, 5, 15, 12, 0, 0, 0, time.UTC)

// desk is a partner's and the vendor's view of one portal.
type desk struct {
	t testing.TB
	*portaltest.Portal

	money, books *account.Client // the partner's, the vendor's
	deals, desk  *deals.Client
	funds, mdf   *mdf.Client
	n            int
}

func open(t testing.TB, opts ...portal.Option) *desk {
	t.Helper()
	return on(t, portaltest.New(t, append([]portal.Option{portal.WithClock(func() time.Time { return noon })}, opts...)...))
}

func on(t testing.TB, p *portaltest.Portal) *desk {
	t.Helper()
	return &desk{t: t, Portal: p, money: account.New(p.Acme), books: account.New(p.Vendor), deals: deals.New(p.Acme), desk: deals.New(p.Vendor),
		funds: mdf.New(p.Vendor), mdf: mdf.New(p.Acme)}
}

// engines runs a test on both.
func engines(t *testing.T, test func(t *testing.T, d *desk)) {
	t.Helper()
	for name, dsn := range map[string]func(*testing.T) string{
		"sqlite":   func(*testing.T) string { return "sqlite::memory:" },
		"postgres": func(t *testing.T) string { t.Helper(); return storetest.Postgres(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := portal.Open(t.Context(), dsn(t), portal.WithSandbox(), portal.WithClock(func() time.Time { return noon }))
			require.NoError(t, err)
			test(t, on(t, portaltest.Wrap(t, p)))
		})
	}
}

func usd(amount string) partnerportal.Money { return partnerportal.MustMoney(amount, "USD") }

// approved registers a deal and approves it.
func (d *desk) approved(amount partnerportal.Money) *deals.Deal {
	d.t.Helper()
	d.n++
	name := fmt.Sprintf("c%d-works", d.n)
	deal, err := d.deals.Register(d.t.Context(), deals.Registration{
		Customer: partnerportal.Organization{Name: name, Country: "US", Domain: name + ".com"}, Amount: amount,
		ExpectedCloseOn: partnerportal.DateOf(d.Now().AddDate(0, 3, 0)), Products: []deals.Product{{Family: "GTX", Quantity: 10}},
	})
	require.NoError(d.t, err)
	deal, err = d.desk.Approve(d.t.Context(), deal.ID, deals.Approval{})
	require.NoError(d.t, err)
	return deal
}

// won is a deal that was won for an amount, today unless a day is given.
func (d *desk) won(amount partnerportal.Money, on ...partnerportal.Date) *deals.Deal {
	d.t.Helper()
	deal := d.approved(amount)
	win := deals.Win{ActualAmount: amount, OrderRef: partnerportal.ExternalRef{System: "erp", ID: deal.Number}}
	if len(on) > 0 {
		win.ClosedOn = on[0]
	}
	deal, err := d.deals.Win(d.t.Context(), deal.ID, win)
	require.NoError(d.t, err)
	return deal
}

// plan keeps a plan of one rate.
func (d *desk) plan(id, percent string, change ...func(*account.PlanForm)) {
	d.t.Helper()
	form := account.PlanForm{Name: "Resale", ProgramID: "default", Kind: account.CommissionKindCommission, Rates: []account.Rate{{Percent: percent}}}
	for _, c := range change {
		c(&form)
	}
	_, err := d.books.PutPlan(d.t.Context(), id, form)
	require.NoError(d.t, err)
}

func (d *desk) summary() *account.Summary {
	d.t.Helper()
	sum, err := d.money.Summary(d.t.Context(), account.SummaryParams{})
	require.NoError(d.t, err)
	return sum
}

// commission is the only one there is.
func (d *desk) commission() *account.Commission {
	d.t.Helper()
	page, err := d.money.ListCommissions(d.t.Context(), account.ListCommissionsParams{})
	require.NoError(d.t, err)
	require.Len(d.t, page.Items, 1)
	return &page.Items[0]
}

// lines adds up what a figure is made of in a currency.
func (d *desk) lines(figure, currency string) partnerportal.Money {
	d.t.Helper()
	sum := partnerportal.MustMoney("0", currency)
	for line, err := range d.money.AllLines(d.t.Context(), figure, account.ListLinesParams{Currency: currency, Limit: 7}) {
		require.NoError(d.t, err)
		sum, err = sum.Add(line.Amount)
		require.NoError(d.t, err)
	}
	return sum
}

// fund gives Acme market development funds that a request holds as soon as it is submitted.
func (d *desk) fund(amount partnerportal.Money) {
	d.t.Helper()
	ctx, today := d.t.Context(), partnerportal.DateOf(d.Now())
	fund, err := d.funds.CreateFund(ctx, mdf.NewFund{
		Name: "Growth", Kind: mdf.FundKindDiscretionary, Currency: amount.Currency(), Period: mdf.Period{SpendFrom: today, SpendTo: today.AddDays(180)},
		Rules: mdf.FundRules{HoldOn: mdf.HoldOnSubmit},
	})
	require.NoError(d.t, err)
	_, err = d.funds.OpenFund(ctx, fund.ID)
	require.NoError(d.t, err)
	_, err = d.funds.Allocate(ctx, mdf.NewAllocation{FundID: fund.ID, PartnerID: d.AcmeID, Amount: amount})
	require.NoError(d.t, err)
}

// hold asks for funds, which holds them.
func (d *desk) hold(amount partnerportal.Money) *mdf.Request {
	d.t.Helper()
	day := partnerportal.DateOf(d.Now()).AddDays(30)
	r, err := d.mdf.QuickRequest(d.t.Context(), mdf.QuickRequest{Type: mdf.ActivityTypeEvent, Title: "Roadshow", StartsOn: day, EndsOn: day, Amount: amount})
	require.NoError(d.t, err)
	return r
}
