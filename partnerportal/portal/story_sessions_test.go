package portal_test

import (
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
	"github.com/partnerportal/partnerportal-go/quotes"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
	"github.com/partnerportal/partnerportal-go/quotes/orders"
)

// sessions: Acme goes from a deal to an order in one session, gives one up, and lets one lie.
func (s *story) sessions() {
	t, ctx, acme := s.t, s.ctx, s.acme.quotes
	session, quote := did[quotes.Session](s), did[quotes.Quote](s)
	deal := s.approved("cyberdyne-works.com")
	run := session(acme.StartSession(ctx, quotes.NewSession{DealID: deal.ID}))
	fixes := did[catalog.Validation](s)(s.acme.catalog.Validate(ctx, catalog.ConfigurationCheck{SKU: "SRV"})).Violations[0].Fixes
	did[catalog.Configuration](s)(s.acme.catalog.Configure(ctx, catalog.ConfigurationInput{SKU: "SRV", SessionID: run.ID, Selections: fixes[0].Selections}))
	q := quote(acme.Create(ctx, quotes.NewQuote{SessionID: run.ID, Currency: "USD"}))
	assert.Equal(t, deal.ID, q.DealID)
	quote(acme.Present(ctx, q.ID))
	quote(acme.Accept(ctx, q.ID, quotes.Acceptance{Name: "Miles Dyson", Email: "miles@cyberdyne-works.com"}))
	did[orders.Order](s)(s.acme.orders.Place(ctx, orders.Placement{SessionID: run.ID, PONumber: "PO-run"}))
	run = session(acme.GetSession(ctx, run.ID))
	assert.Equal(t, quotes.SessionStatusOrdered, run.Status)
	_, err := acme.Create(ctx, quotes.NewQuote{SessionID: run.ID})
	s.refused("validation_failed", err)
	_, err = s.globex.quotes.GetSession(ctx, run.ID)
	s.refused("not_found", err)
	measured := did[program.QuoteSession](s)(s.vendor.program.QuoteSession(ctx, program.QuoteSessionParams{}))
	assert.Positive(t, measured.OrderedInSession)

	given := session(acme.StartSession(ctx, quotes.NewSession{}))
	given = session(acme.UpdateSession(ctx, given.ID, quotes.SessionPatch{
		Customer: partnerportal.OrganizationPatch{Name: partnerportal.Set("Weyland")},
	}, partnerportal.IfMatch(given)))
	session(acme.AbandonSession(ctx, given.ID, quotes.Remark{}, partnerportal.IfMatch(given)))
	idle := session(acme.StartSession(ctx, quotes.NewSession{}))
	s.advance(idle.ExpiresAt.Sub(s.p.Now()) + time.Second)
	assert.Equal(t, quotes.SessionStatusExpired, session(acme.GetSession(ctx, idle.ID)).Status)
	assert.Len(t, did[quotes.SessionPage](s)(s.vendor.quotes.ListSessions(ctx, quotes.ListSessionsParams{})).Items, 3)
}
