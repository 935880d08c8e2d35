package quotes_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/quotes"
	"github.com/partnerportal/partnerportal-go/quotes/orders"
)

// However many order one quote at once, there is one order.
func TestConcurrentOrdersOfOneQuoteGiveOneOrder(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, w *world) {
		t.Helper()
		ctx, q := t.Context(), w.accepted()
		const callers = 8
		placed := make([]*orders.Order, callers)
		refused := make([]error, callers)
		var all sync.WaitGroup
		for i := range callers {
			all.Go(func() { placed[i], refused[i] = w.order(q, fmt.Sprintf("PO-%d", i)) })
		}
		all.Wait()
		var winner *orders.Order
		for i := range callers {
			if refused[i] == nil {
				require.Nil(t, winner, "a second order")
				winner = placed[i]
				continue
			}
			var e *partnerportal.Error
			require.ErrorAs(t, refused[i], &e)
			assert.Equal(t, 409, e.Status, "%v", e)
		}
		require.NotNil(t, winner)
		got := must[*quotes.Quote](t)(w.acme.Get(ctx, q.ID))
		assert.Equal(t, quotes.StatusOrdered, got.Status)
		assert.Equal(t, winner.ID, got.OrderID)
		assert.NotZero(t, got.OrderedAt)
		assert.Empty(t, got.EditableFields)
		assert.Equal(t, []quotes.Action{quotes.ActionCreateDocument}, got.AllowedActions)
		assert.Equal(t, []string{quotes.EventCreated, quotes.EventPresented, quotes.EventAccepted, quotes.EventOrdered}, w.told(q.ID))
		assert.Len(t, must[*orders.Page](t)(orders.New(w.Acme).List(ctx, orders.ListParams{})).Items, 1)
	})
}

// Only an accepted quote can be ordered, and what was ordered stays as it is.
func TestOrderingWhatWasNotAccepted(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	require.Error(t, second(w.order(w.quote(), "1")))
	q := w.accepted()
	assert.Contains(t, q.AllowedActions, quotes.ActionOrder)
	must[*orders.Order](t)(w.order(q, "2"))
	for _, err := range []error{second(w.acme.Revise(ctx, q.ID)), second(w.acme.Cancel(ctx, q.ID, quotes.Remark{})), second(w.acme.Present(ctx, q.ID))} {
		require.ErrorIs(t, err, partnerportal.ErrInvalidState)
	}
}

// An order of which nothing comes gives both back, the quote and its special prices: ordered again, it costs what was accepted.
func TestAnOrderAgainHasItsSpecialPrices(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, w *world) {
		t.Helper()
		b := w.approve(w.ask(w.quote(), 2), quotes.SpecialPricingApproval{})
		q := w.accepted(with(b, 2))
		for range 2 {
			o := must[*orders.Order](t)(w.order(q, "PO-1"))
			assert.Equal(t, "1600.00 USD", o.Totals.Total.String())
			assert.Zero(t, w.remaining(b))
			must[*orders.Order](t)(orders.New(w.Vendor).Reject(t.Context(), o.ID, orders.Ruling{Code: orders.ReasonCodeOther}))
			assert.Equal(t, 2, w.remaining(b))
		}
	})
}
