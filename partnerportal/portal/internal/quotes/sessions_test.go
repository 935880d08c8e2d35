package quotes_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
	"github.com/partnerportal/partnerportal-go/quotes"
)

// The clock ends a session, not the deadline, which may come late.
func TestUsingASessionTooLate(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	w := furnish(t, portaltest.New(t, portal.WithClock(func() time.Time { return now })))
	ctx := t.Context()
	s := must[*quotes.Session](t)(w.acme.StartSession(ctx, quotes.NewSession{Customer: partnerportal.Organization{Name: "Initech"}}))
	q := w.quote(func(n *quotes.NewQuote) { n.SessionID = s.ID })
	now = now.Add(8 * day) // and nobody has acted on deadlines since
	faulty(t, second(w.acme.Create(ctx, quotes.NewQuote{SessionID: s.ID, Lines: []quotes.LineInput{{SKU: "SRV-1"}}})), "/session_id")
	require.ErrorIs(t, second(w.acme.AbandonSession(ctx, s.ID, quotes.Remark{})), partnerportal.ErrInvalidState)
	must[*quotes.Quote](t)(w.acme.Price(ctx, q.ID))
	w.Advance(0)
	s = must[*quotes.Session](t)(w.acme.GetSession(ctx, s.ID))
	assert.Equal(t, quotes.SessionStatusExpired, s.Status, "pricing has not opened it again")
	assert.Equal(t, quotes.SessionStepExpired, s.Steps[len(s.Steps)-1].Step)
}

func TestASessionsCustomerIsThatOfItsDeal(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	s := must[*quotes.Session](t)(w.acme.StartSession(ctx, quotes.NewSession{DealID: w.deal().ID}))
	other := must[*deals.Deal](t)(deals.New(w.Acme).Register(ctx, deals.Registration{
		Customer: partnerportal.Organization{Name: "Hooli", Country: "US", Domain: "hooli.com"}, Amount: usd("5000"),
		Contacts:        []partnerportal.Contact{{GivenName: "Gavin", FamilyName: "Belson"}},
		Products:        []deals.Product{{Family: "GTX", SKU: "SRV-1", Quantity: 1}},
		ExpectedCloseOn: partnerportal.DateOf(w.Now()).AddDays(60),
	}))
	q := must[*quotes.Quote](t)(w.acme.Create(ctx, quotes.NewQuote{SessionID: s.ID, DealID: other.ID}))
	assert.Equal(t, "Hooli", q.Customer.Name)
}

func TestWhyASessionWasAbandoned(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	s := must[*quotes.Session](t)(w.acme.StartSession(ctx, quotes.NewSession{}))
	s = must[*quotes.Session](t)(w.acme.AbandonSession(ctx, s.ID, quotes.Remark{Note: "They went elsewhere."}))
	assert.Equal(t, "They went elsewhere.", s.CloseNote)
}
