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
)

// approved is a quote of which the vendor has approved the discount.
func (w *world) approved(change ...func(*quotes.NewQuote)) *quotes.Quote {
	w.t.Helper()
	q := w.quote(append(change, off("12"))...)
	must[*quotes.Quote](w.t)(w.acme.RequestApproval(w.t.Context(), q.ID, quotes.ApprovalRequest{}))
	return must[*quotes.Quote](w.t)(w.vendor.Approve(w.t.Context(), q.ID, quotes.Remark{}))
}

// What nobody presents expires like what nobody accepts. The next version has the approval.
func TestApprovedQuotesExpire(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, w *world) {
		t.Helper()
		ctx, policy := t.Context(), authority
		policy.Quote = quotes.PriceQuoteRules{ValidDays: 10, ReminderDays: []int{3}}
		w.policy(policy)
		q, other := w.approved(), w.approved()
		assert.Equal(t, partnerportal.DateOf(w.Now()).AddDays(10), q.ValidUntilOn)
		w.Advance(5 * day)
		other = must[*quotes.Quote](t)(w.acme.Present(ctx, other.ID))
		assert.Equal(t, partnerportal.DateOf(w.Now()).AddDays(10), other.ValidUntilOn, "the customer has all of the days")
		w.Advance(q.ExpiresAt.Sub(w.Now()) - time.Second)
		assert.Equal(t, quotes.StatusReady, must[*quotes.Quote](t)(w.acme.Get(ctx, q.ID)).Status)
		w.Advance(time.Second)
		assert.Equal(t, quotes.StatusExpired, must[*quotes.Quote](t)(w.acme.Get(ctx, q.ID)).Status)
		assert.Equal(t, []string{quotes.EventCreated, quotes.EventApprovalRequested, quotes.EventApproved, quotes.EventExpiring, quotes.EventExpired}, w.told(q.ID))
		require.ErrorIs(t, second(w.acme.Present(ctx, q.ID)), quotes.ErrQuoteExpired)
		require.ErrorIs(t, second(w.acme.CreateDocument(ctx, q.ID, quotes.NewDocument{Kind: quotes.DocumentKindXLSX})), partnerportal.ErrInvalidState, "no customer has seen it")
		assert.NotContains(t, must[*quotes.Quote](t)(w.acme.Get(ctx, q.ID)).AllowedActions, quotes.ActionCreateDocument)
		next := must[*quotes.Quote](t)(w.acme.Revise(ctx, q.ID))
		assert.False(t, next.ApprovalNeeded)
		assert.Zero(t, next.ExpiresAt)
		assert.Equal(t, partnerportal.DateOf(w.Now()).AddDays(10), must[*quotes.Quote](t)(w.acme.Present(ctx, next.ID)).ValidUntilOn)
	})
}

// The day that the partner has named ends the quote, before it is presented as after, and while the vendor decides too.
func TestTheNamedDayOfAnApprovedQuote(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	w.policy(authority)
	last := partnerportal.DateOf(w.Now()).AddDays(1)
	named := func(n *quotes.NewQuote) { n.ValidUntilOn = last }
	q, slow := w.approved(named), w.quote(named, off("12"))
	assert.Equal(t, last, q.ValidUntilOn)
	must[*quotes.Quote](t)(w.acme.RequestApproval(ctx, slow.ID, quotes.ApprovalRequest{}))
	w.Advance(3 * day)
	assert.Equal(t, quotes.StatusExpired, must[*quotes.Quote](t)(w.acme.Get(ctx, q.ID)).Status)

	slow = must[*quotes.Quote](t)(w.vendor.Approve(ctx, slow.ID, quotes.Remark{}))
	require.ErrorIs(t, second(w.acme.Present(ctx, slow.ID)), quotes.ErrQuoteExpired)
	w.Advance(0)
	assert.Equal(t, quotes.StatusExpired, must[*quotes.Quote](t)(w.acme.Get(ctx, slow.ID)).Status)
	next := must[*quotes.Quote](t)(w.acme.Revise(ctx, slow.ID))
	assert.False(t, next.ApprovalNeeded)
	must[*quotes.Quote](t)(w.acme.Present(ctx, next.ID))
}

// The clock ends an approved quote, not the deadline, which may come late.
func TestPresentingTooLate(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	w := furnish(t, portaltest.New(t, portal.WithClock(func() time.Time { return now })))
	w.policy(authority)
	q := w.approved()
	assert.Contains(t, must[*quotes.Quote](t)(w.acme.Get(t.Context(), q.ID)).AllowedActions, quotes.ActionPresent)
	now = q.ExpiresAt // and nobody has acted on deadlines since
	assert.NotContains(t, must[*quotes.Quote](t)(w.acme.Get(t.Context(), q.ID)).AllowedActions, quotes.ActionPresent)
	require.ErrorIs(t, second(w.acme.Present(t.Context(), q.ID)), quotes.ErrQuoteExpired)
}
