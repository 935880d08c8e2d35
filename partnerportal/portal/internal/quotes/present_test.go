package quotes_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
	"github.com/partnerportal/partnerportal-go/quotes"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
)

const day = 24 * time.Hour

// A quote is presented at the prices that it says, or not at all.
func TestPresentingStalePrices(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, w *world) {
		t.Helper()
		ctx := t.Context()
		w.policy(quotes.PricePolicyInput{Quote: quotes.PriceQuoteRules{PriceFreshHours: 48}})
		same, dearer := w.quote(), w.quote()
		w.Advance(49 * time.Hour)
		must[*quotes.Quote](t)(w.acme.Present(ctx, same.ID))
		w.prices(catalog.PriceEntry{SKU: "GPU-1", ListPrice: usd("260.00")})
		err := second(w.acme.Present(ctx, dearer.ID))
		require.ErrorIs(t, err, quotes.ErrPriceChanged)
		drift := quotes.DriftOf(err)
		require.NotNil(t, drift)
		assert.Equal(t, []string{"3000.00 USD", "3040.00 USD", "40.00 USD"}, []string{drift.Before.String(), drift.After.String(), drift.Difference.String()})
		require.Len(t, drift.Lines, 1)
		assert.Equal(t, "GPU-1", drift.Lines[0].SKU)
		assert.Equal(t, quotes.DriftCodeList, drift.Lines[0].Reasons[0].Code)
		assert.Equal(t, drift.Lines, must[*quotes.Drift](t)(w.acme.Check(ctx, dearer.ID)).Lines, "as a check says beforehand")
		dearer = must[*quotes.Quote](t)(w.acme.Price(ctx, dearer.ID))
		assert.Equal(t, "3040.00 USD", dearer.Totals.Total.String())
		must[*quotes.Quote](t)(w.acme.Present(ctx, dearer.ID))
		assert.False(t, must[*quotes.Drift](t)(w.acme.Check(ctx, dearer.ID)).Changed)
		assert.Equal(t, []string{quotes.EventCreated, quotes.EventPriced, quotes.EventPresented}, w.told(dearer.ID))
	})
}

// What nobody could order is not presented, however fresh its prices are.
func TestPresentingBrokenConfigurations(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	kept := w.configuration()
	q := must[*quotes.Quote](t)(w.acme.Create(ctx, quotes.NewQuote{Customer: partnerportal.Organization{Name: "Initech", Country: "US"}, ConfigurationID: kept.ID}))
	must[*catalog.Model](t)(catalog.New(w.Vendor).PublishModel(ctx, "SRV-1", catalog.ModelInput{
		Groups: []catalog.Group{{ID: "gpu", Options: []catalog.Option{{SKU: "GPU-1"}}}, {ID: "care", Options: []catalog.Option{{SKU: "SUP-1"}}}},
		Rules:  []catalog.Rule{{ID: "cooling", Kind: catalog.RuleKindExcludes, When: `selected("SUP-1")`, Then: `qty("GPU-1") <= 1`, Message: "Support covers one of them."}},
	}))
	err := second(w.acme.Present(ctx, q.ID))
	require.ErrorIs(t, err, quotes.ErrConfigurationInvalid)
	assert.Equal(t, []quotes.Violation{{LineID: q.Lines[0].ID, ConfigurationID: kept.ID, RuleID: "cooling", Message: "Support covers one of them."}}, quotes.ViolationsOf(err))

	fits := must[*catalog.Configuration](t)(catalog.New(w.Acme).Configure(ctx, catalog.ConfigurationInput{SKU: "SRV-1", Selections: []catalog.Selection{{Group: "gpu", SKU: "GPU-1", Quantity: 2}}}))
	q = must[*quotes.Quote](t)(w.acme.Update(ctx, q.ID, quotes.Patch{Lines: partnerportal.Set([]quotes.LineInput{{ConfigurationID: fits.ID}})}, partnerportal.IfMatch(q)))
	must[*quotes.Quote](t)(w.acme.Present(ctx, q.ID))
}

func TestPresentingNeedsACustomer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	q := w.quote(func(n *quotes.NewQuote) { n.Customer.Name = " " })
	faulty(t, second(w.acme.Present(t.Context(), q.ID)), "/customer/name")
}

// A presented quote ends with its last day, in the time zone of the programme, after reminders.
func TestQuotesExpire(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, w *world) {
		t.Helper()
		ctx := t.Context()
		rules := must[*portal.Program](t)(w.Admin().Program(ctx, portal.DefaultProgramID))
		rules.TimeZone = "Pacific/Auckland"
		require.NoError(t, w.Admin().PutProgram(ctx, *rules))
		w.policy(quotes.PricePolicyInput{Quote: quotes.PriceQuoteRules{ValidDays: 10, ReminderDays: []int{3, 20}}})
		q := must[*quotes.Quote](t)(w.acme.Present(ctx, w.quote().ID))
		zone, err := time.LoadLocation("Pacific/Auckland")
		require.NoError(t, err)
		last := partnerportal.DateOf(w.Now().In(zone)).AddDays(10)
		assert.Equal(t, last, q.ValidUntilOn)
		assert.True(t, time.Date(last.Year, last.Month, last.Day+1, 0, 0, 0, 0, zone).Equal(q.ExpiresAt), "%v", q.ExpiresAt)
		accepted := must[*quotes.Quote](t)(w.acme.Accept(ctx, must[*quotes.Quote](t)(w.acme.Present(ctx, w.quote().ID)).ID, quotes.Acceptance{Name: "A", Email: "a@b.c"}))
		w.Advance(q.ExpiresAt.Sub(w.Now()) - time.Second)
		assert.Equal(t, quotes.StatusPresented, must[*quotes.Quote](t)(w.acme.Get(ctx, q.ID)).Status)
		w.Advance(time.Second)
		q = must[*quotes.Quote](t)(w.acme.Get(ctx, q.ID))
		assert.Equal(t, quotes.StatusExpired, q.Status)
		assert.Equal(t, []string{quotes.EventCreated, quotes.EventPresented, quotes.EventExpiring, quotes.EventExpired}, w.told(q.ID), "20 days ahead would have been too late")
		assert.Equal(t, quotes.StatusAccepted, must[*quotes.Quote](t)(w.acme.Get(ctx, accepted.ID)).Status, "what was accepted does not expire")
		next := must[*quotes.Quote](t)(w.acme.Revise(ctx, q.ID))
		assert.Equal(t, last.AddDays(11), must[*quotes.Quote](t)(w.acme.Present(ctx, next.ID)).ValidUntilOn)
	})
}

func TestAcceptances(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	q := must[*quotes.Quote](t)(w.acme.Present(ctx, w.quote().ID))
	accept := func(a quotes.Acceptance) error { return second(w.acme.Accept(ctx, q.ID, a)) }
	w.Advance(day)
	peter := quotes.Acceptance{Name: "Peter", Email: "peter@initech.com", Title: "CTO", Reference: "7781"}
	faulty(t, accept(quotes.Acceptance{Name: " ", Email: "peter@initech.com"}), "/name")
	faulty(t, accept(quotes.Acceptance{Name: "Peter", Email: "peter"}), "/email")
	for _, at := range []time.Time{w.Now().Add(time.Hour), q.PresentedAt.Add(-time.Second)} {
		late := peter
		late.AcceptedAt = at
		faulty(t, accept(late), "/accepted_at")
	}
	require.ErrorIs(t, second(w.vendor.Accept(ctx, q.ID, peter)), partnerportal.ErrForbidden)
	peter.AcceptedAt = w.Now().Add(-time.Hour).Truncate(time.Second)
	got := must[*quotes.Quote](t)(w.acme.Accept(ctx, q.ID, peter))
	assert.Equal(t, peter, got.Acceptance)
	assert.WithinDuration(t, w.Now(), got.AcceptedAt, time.Minute, "by the portal's clock")
	require.ErrorIs(t, accept(peter), partnerportal.ErrInvalidState)

	declined := must[*quotes.Quote](t)(w.acme.Present(ctx, w.quote().ID))
	declined = must[*quotes.Quote](t)(w.acme.Decline(ctx, declined.ID, quotes.Decline{Reason: quotes.DeclineReasonBudget, Comment: "Next year."}))
	assert.Equal(t, quotes.Decline{Reason: quotes.DeclineReasonBudget, Comment: "Next year."}, declined.Decline)
	again := must[*quotes.Quote](t)(w.acme.Revise(ctx, declined.ID))
	assert.Equal(t, quotes.Decline{}, again.Decline)
}

// The clock ends a quote, not the deadline, which may come late.
func TestAcceptingTooLate(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	w := furnish(t, portaltest.New(t, portal.WithClock(func() time.Time { return now })))
	ctx := t.Context()
	q := must[*quotes.Quote](t)(w.acme.Present(ctx, w.quote().ID))
	now = q.ExpiresAt.Add(time.Hour) // and nobody has acted on deadlines since
	late := quotes.Acceptance{Name: "Peter", Email: "peter@initech.com"}
	require.ErrorIs(t, second(w.acme.Accept(ctx, q.ID, late)), quotes.ErrQuoteExpired)
	assert.NotContains(t, must[*quotes.Quote](t)(w.acme.Get(ctx, q.ID)).AllowedActions, quotes.ActionAccept)
	late.AcceptedAt = q.ExpiresAt.Add(-time.Second)
	require.ErrorIs(t, second(w.acme.Accept(ctx, q.ID, late)), quotes.ErrQuoteExpired, "or else it would be open for as long as anybody likes")
	w.Advance(0)
	assert.Equal(t, quotes.StatusExpired, must[*quotes.Quote](t)(w.acme.Get(ctx, q.ID)).Status)
	require.ErrorIs(t, second(w.acme.Accept(ctx, q.ID, late)), quotes.ErrQuoteExpired, "after the deadline the answer is the same")
}

// A day that the partner has named stays in the next version, until it is over.
func TestTheTermOfTheNextVersion(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	w.policy(authority)
	last := partnerportal.DateOf(w.Now()).AddDays(5)
	q := w.quote(off("12"), func(n *quotes.NewQuote) { n.ValidUntilOn = last })
	must[*quotes.Quote](t)(w.acme.RequestApproval(ctx, q.ID, quotes.ApprovalRequest{}))
	must[*quotes.Quote](t)(w.vendor.Approve(ctx, q.ID, quotes.Remark{}))
	q = must[*quotes.Quote](t)(w.acme.Revise(ctx, q.ID))
	assert.Equal(t, last, q.ValidUntilOn)
	q = must[*quotes.Quote](t)(w.acme.Present(ctx, q.ID))
	assert.Equal(t, last, q.ValidUntilOn)
	w.Advance(7 * day)
	q = must[*quotes.Quote](t)(w.acme.Revise(ctx, q.ID))
	assert.True(t, q.ValidUntilOn.IsZero())
}

// What a partner says of the day of an acceptance does not bring back special pricing that was over when the portal was told.
func TestAnAcceptanceSaidToBeEarlier(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	w.policy(quotes.PricePolicyInput{SpecialPricing: quotes.PriceBidRules{MaxValidDays: 5, ProtectedDays: 30}, Quote: quotes.PriceQuoteRules{ValidDays: 60}})
	b := w.approve(w.ask(w.quote(), 5), quotes.SpecialPricingApproval{})
	told := w.accepted(with(b, 2))
	q := must[*quotes.Quote](t)(w.acme.Present(ctx, w.quote(with(b, 2)).ID))
	w.Advance(7 * day)
	must[*quotes.Quote](t)(w.acme.Accept(ctx, q.ID, quotes.Acceptance{Name: "Peter", Email: "peter@initech.com", AcceptedAt: q.PresentedAt.Add(time.Second)}))
	assert.True(t, must[*quotes.Drift](t)(w.acme.Check(ctx, q.ID)).Changed)
	assert.False(t, must[*quotes.Drift](t)(w.acme.Check(ctx, told.ID)).Changed, "this one was told in time")
}
