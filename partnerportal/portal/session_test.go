package portal_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store/storetest"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
	"github.com/partnerportal/partnerportal-go/quotes"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
	"github.com/partnerportal/partnerportal-go/quotes/orders"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// counter is a portal whose vendor sells a rack that can be configured, and Acme, who sells it on.
type counter struct {
	*portaltest.Portal

	t       *testing.T
	catalog *catalog.Client
	quotes  *quotes.Client
	orders  *orders.Client
	deal    *deals.Deal // Acme's, approved
}

func newCounter(t *testing.T, dsn string) *counter {
	t.Helper()
	inner, err := portal.Open(t.Context(), dsn, portal.WithSandbox(), portal.WithClock(func() time.Time { return noon }))
	require.NoError(t, err)
	p := portaltest.Wrap(t, inner)
	c := &counter{Portal: p, t: t, catalog: catalog.New(p.Acme), quotes: quotes.New(p.Acme), orders: orders.New(p.Acme)}
	ctx, shelf := t.Context(), catalog.New(p.Vendor)
	var entries []catalog.PriceEntry
	for sku, price := range map[string]string{"RACK": "4000", "SRV-S": "6000", "SRV-L": "15000"} {
		_, err := shelf.Put(ctx, sku, catalog.ProductInput{Name: "The " + sku, Family: "racks", Kind: catalog.ProductKindHardware})
		require.NoError(t, err)
		entries = append(entries, catalog.PriceEntry{SKU: sku, ListPrice: partnerportal.MustMoney(price, "USD")})
	}
	_, err = shelf.PutPriceList(ctx, "usd", catalog.PriceListInput{Name: "Dollars", Currency: "USD"})
	require.NoError(t, err)
	_, err = shelf.PutEntries(ctx, "usd", catalog.PriceEntries{Entries: entries})
	require.NoError(t, err)
	_, err = shelf.ActivatePriceList(ctx, "usd")
	require.NoError(t, err)
	_, err = shelf.PublishModel(ctx, "RACK", catalog.ModelInput{Groups: []catalog.Group{
		{ID: "servers", Min: 1, Options: []catalog.Option{{SKU: "SRV-S"}, {SKU: "SRV-L"}}},
	}})
	require.NoError(t, err)
	c.deal, err = deals.New(p.Acme).Register(ctx, deals.Registration{
		Name: "Racks", Customer: partnerportal.Organization{Name: "Initech", Country: "US", Domain: "initech.com"},
		Amount: partnerportal.MustMoney("20000", "USD"), ExpectedCloseOn: partnerportal.DateOf(noon.AddDate(0, 2, 0)),
		Products: []deals.Product{{Family: "racks"}},
	})
	require.NoError(t, err)
	c.deal, err = deals.New(p.Vendor).Approve(ctx, c.deal.ID, deals.Approval{})
	require.NoError(t, err)
	return c
}

func counters(t *testing.T, test func(c *counter)) {
	t.Helper()
	t.Parallel()
	for name, dsn := range storetest.Engines {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(newCounter(t, dsn(t)))
		})
	}
}

func (c *counter) start() *quotes.Session {
	c.t.Helper()
	s, err := c.quotes.StartSession(c.t.Context(), quotes.NewSession{DealID: c.deal.ID})
	require.NoError(c.t, err)
	return s
}

// configured keeps a configuration in a session.
func (c *counter) configured(sessionID string) *catalog.Configuration {
	c.t.Helper()
	made, err := c.catalog.Configure(c.t.Context(), catalog.ConfigurationInput{
		SKU: "RACK", SessionID: sessionID, Selections: []catalog.Selection{{Group: "servers", SKU: "SRV-S", Quantity: 2}},
	})
	require.NoError(c.t, err)
	return made
}

// quoted makes a quote of what the session knows, and has it accepted.
func (c *counter) quoted(sessionID string) *quotes.Quote {
	c.t.Helper()
	ctx := c.t.Context()
	q, err := c.quotes.Create(ctx, quotes.NewQuote{SessionID: sessionID})
	require.NoError(c.t, err)
	_, err = c.quotes.Present(ctx, q.ID)
	require.NoError(c.t, err)
	q, err = c.quotes.Accept(ctx, q.ID, quotes.Acceptance{Name: "Ada Lovelace", Email: "ada@initech.com"})
	require.NoError(c.t, err)
	return q
}

func stepsOf(s *quotes.Session) []quotes.SessionStep {
	var steps []quotes.SessionStep
	for _, e := range s.Steps {
		steps = append(steps, e.Step)
	}
	return steps
}

// From the deal to the order nothing is said twice: each call says only what is new.
func TestOneSession(t *testing.T) {
	counters(t, func(c *counter) {
		t, ctx := c.t, c.t.Context()
		s := c.start()
		assert.Equal(t, "Initech", s.Customer.Name, "taken from the deal")
		made := c.configured(s.ID)
		c.Advance(10 * time.Minute)
		q := c.quoted(s.ID)
		assert.Equal(t, c.deal.ID, q.DealID)
		assert.Equal(t, "Initech", q.Customer.Name)
		assert.Equal(t, "16000.00", q.Totals.Net.Amount(), "a rack and two servers")

		resumed, err := c.quotes.GetSession(ctx, s.ID)
		require.NoError(t, err)
		assert.Equal(t, []string{made.ID, q.ID, ""}, []string{resumed.ConfigurationID, resumed.QuoteID, resumed.OrderID})

		c.Advance(20 * time.Minute)
		order, err := c.orders.Place(ctx, orders.Placement{SessionID: s.ID, PONumber: "PO-1"})
		require.NoError(t, err)
		assert.Equal(t, q.ID, order.QuoteID)
		s, err = c.quotes.GetSession(ctx, s.ID)
		require.NoError(t, err)
		assert.Equal(t, quotes.SessionStatusOrdered, s.Status)
		assert.Equal(t, order.ID, s.OrderID)
		assert.Empty(t, s.AllowedActions)
		assert.Equal(t, []quotes.SessionStep{
			quotes.SessionStepStarted, quotes.SessionStepConfigured, quotes.SessionStepQuoted, quotes.SessionStepPresented,
			quotes.SessionStepAccepted, quotes.SessionStepOrdered,
		}, stepsOf(s))

		measured, err := program.New(c.Vendor).QuoteSession(ctx, program.QuoteSessionParams{})
		require.NoError(t, err)
		measured.Series = nil
		today := partnerportal.DateOf(noon)
		assert.Equal(t, &program.QuoteSession{
			From: today.AddDays(-89), To: today, Quotes: 1, InSession: 1, Ordered: 1, OrderedInSession: 1, Share: 1, MedianMinutes: 20,
		}, measured)
	})
}

// The share is of all quotes: those made outside of sessions, ordered later or never count against it.
func TestShareOfQuotesInOneSession(t *testing.T) {
	counters(t, func(c *counter) {
		t, ctx := c.t, c.t.Context()
		ordered := func(q *quotes.Quote, sessionID, po string) {
			_, err := c.orders.Place(ctx, orders.Placement{QuoteID: q.ID, SessionID: sessionID, PONumber: po})
			require.NoError(t, err)
		}
		inOne := c.start()
		c.configured(inOne.ID)
		q := c.quoted(inOne.ID)
		q, err := c.quotes.Get(ctx, q.ID)
		require.NoError(t, err)
		ordered(q, inOne.ID, "PO-1")

		across := c.start() // its session ends before the order
		c.configured(across.ID)
		q = c.quoted(across.ID)
		_, err = c.quotes.AbandonSession(ctx, across.ID, quotes.Remark{})
		require.NoError(t, err)
		ordered(q, "", "PO-2")

		alone, err := c.quotes.Create(ctx, quotes.NewQuote{DealID: c.deal.ID, Lines: []quotes.LineInput{{SKU: "SRV-S", Quantity: 1}}})
		require.NoError(t, err)
		_, err = c.quotes.Present(ctx, alone.ID)
		require.NoError(t, err)
		_, err = c.quotes.Revise(ctx, alone.ID) // the same quote once more
		require.NoError(t, err)

		c.Advance(8 * 24 * time.Hour)
		_, err = c.quotes.Create(ctx, quotes.NewQuote{DealID: c.deal.ID, Lines: []quotes.LineInput{{SKU: "SRV-L", Quantity: 1}}})
		require.NoError(t, err)

		own, err := program.New(c.Acme).QuoteSession(ctx, program.QuoteSessionParams{Interval: program.IntervalDay})
		require.NoError(t, err)
		day := partnerportal.DateOf(noon)
		assert.Equal(t, []program.QuoteSessionStep{
			{From: day, To: day, Quotes: 3, InSession: 2, Ordered: 2, OrderedInSession: 1, Share: 0.333},
			{From: day.AddDays(8), To: day.AddDays(8), Quotes: 1},
		}, own.Series)
		assert.InDelta(t, 0.25, own.Share, 0)

		others, err := program.New(c.Globex).QuoteSession(ctx, program.QuoteSessionParams{})
		require.NoError(t, err)
		assert.Zero(t, others.Quotes)
		_, err = program.New(c.Globex).QuoteSession(ctx, program.QuoteSessionParams{PartnerID: []string{c.AcmeID}})
		require.ErrorIs(t, err, partnerportal.ErrValidation)
	})
}

// A session that nobody uses ends after a week; what was made in it can be ordered all the same.
func TestSessionsExpire(t *testing.T) {
	counters(t, func(c *counter) {
		t, ctx := c.t, c.t.Context()
		s := c.start()
		c.Advance(6 * 24 * time.Hour)
		c.configured(s.ID) // a week more
		q := c.quoted(s.ID)
		c.Advance(6 * 24 * time.Hour)
		s, err := c.quotes.GetSession(ctx, s.ID)
		require.NoError(t, err)
		assert.Equal(t, quotes.SessionStatusOpen, s.Status)
		c.Advance(24 * time.Hour)
		s, err = c.quotes.GetSession(ctx, s.ID)
		require.NoError(t, err)
		assert.Equal(t, quotes.SessionStatusExpired, s.Status)
		_, err = c.quotes.AbandonSession(ctx, s.ID, quotes.Remark{})
		require.ErrorIs(t, err, partnerportal.ErrInvalidState)
		_, err = c.quotes.Create(ctx, quotes.NewQuote{SessionID: s.ID})
		require.ErrorIs(t, err, partnerportal.ErrValidation)
		_, err = c.orders.Place(ctx, orders.Placement{QuoteID: q.ID, PONumber: "PO-1"})
		require.NoError(t, err)
		s, err = c.quotes.GetSession(ctx, s.ID)
		require.NoError(t, err)
		assert.Empty(t, s.OrderID)
	})
}

func TestSessionsAreTheirPartners(t *testing.T) {
	counters(t, func(c *counter) {
		t, ctx, others := c.t, c.t.Context(), quotes.New(c.Globex)
		s := c.start()
		_, err := others.GetSession(ctx, s.ID)
		require.ErrorIs(t, err, partnerportal.ErrNotFound)
		_, err = others.AbandonSession(ctx, s.ID, quotes.Remark{})
		require.ErrorIs(t, err, partnerportal.ErrNotFound)
		_, err = others.StartSession(ctx, quotes.NewSession{DealID: c.deal.ID})
		require.ErrorIs(t, err, partnerportal.ErrValidation, "no session for another's deal")
		_, err = others.Create(ctx, quotes.NewQuote{SessionID: s.ID})
		require.ErrorIs(t, err, partnerportal.ErrValidation)
		_, err = catalog.New(c.Globex).Configure(ctx, catalog.ConfigurationInput{
			SKU: "RACK", SessionID: s.ID, Selections: []catalog.Selection{{Group: "servers", SKU: "SRV-S", Quantity: 1}},
		})
		require.ErrorIs(t, err, partnerportal.ErrValidation)
		_, err = quotes.New(c.Vendor).StartSession(ctx, quotes.NewSession{})
		require.ErrorIs(t, err, partnerportal.ErrForbidden)

		mine := c.configured("")
		theirs, err := others.StartSession(ctx, quotes.NewSession{})
		require.NoError(t, err)
		_, err = others.UpdateSession(ctx, theirs.ID, quotes.SessionPatch{ConfigurationID: partnerportal.Set(mine.ID)}, partnerportal.IfMatch(theirs))
		require.ErrorIs(t, err, partnerportal.ErrValidation)
	})
}

// A session changes its deal with its customer, and keeps a customer that was said.
func TestSessionsCanBeChanged(t *testing.T) {
	counters(t, func(c *counter) {
		t, ctx := c.t, c.t.Context()
		s, err := c.quotes.StartSession(ctx, quotes.NewSession{Customer: partnerportal.Organization{Name: "Nobody yet", Country: "DE"}})
		require.NoError(t, err)
		stale := *s
		s, err = c.quotes.UpdateSession(ctx, s.ID, quotes.SessionPatch{DealID: partnerportal.Set(c.deal.ID)}, partnerportal.IfMatch(s))
		require.NoError(t, err)
		assert.Equal(t, "Initech", s.Customer.Name)
		s, err = c.quotes.UpdateSession(ctx, s.ID, quotes.SessionPatch{Customer: partnerportal.OrganizationPatch{Name: partnerportal.Set("Initech East")}}, partnerportal.IfMatch(s))
		require.NoError(t, err)
		assert.Equal(t, "Initech East", s.Customer.Name)
		assert.Equal(t, "initech.com", s.Customer.Domain)
		_, err = c.quotes.UpdateSession(ctx, s.ID, quotes.SessionPatch{DealID: partnerportal.Null[string]()}, partnerportal.IfMatch(&stale))
		require.ErrorIs(t, err, partnerportal.ErrStale)

		var listed []string
		for found, err := range c.quotes.AllSessions(ctx, quotes.ListSessionsParams{DealID: []string{c.deal.ID}, Status: []quotes.SessionStatus{quotes.SessionStatusOpen}}) {
			require.NoError(t, err)
			listed = append(listed, found.ID)
		}
		assert.Equal(t, []string{s.ID}, listed)
	})
}
