package orders_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/quotes"
	"github.com/partnerportal/partnerportal-go/quotes/orders"
)

// actor does something to an order, as allowed or not.
type actor struct {
	w *world
	o *orders.Order
}

func (a *actor) units(t *rapid.T) []orders.UnitsOf {
	var lines []orders.UnitsOf
	for _, l := range a.o.Lines {
		if n := rapid.IntRange(0, l.Quantity+1).Draw(t, "units"); n > 0 {
			lines = append(lines, orders.UnitsOf{LineID: l.ID, Quantity: n})
		}
	}
	return lines
}

func (a *actor) act(t *rapid.T) (orders.Action, *orders.Order, error) {
	ctx, id, why := t.Context(), a.o.ID, orders.Ruling{Code: orders.ReasonCodeOther}
	action := rapid.SampledFrom([]orders.Action{
		orders.ActionAcknowledge, orders.ActionFulfil, orders.ActionFulfil, orders.ActionFulfil, orders.ActionHold, orders.ActionRelease, orders.ActionFail,
		orders.ActionReject, orders.ActionRequestCancellation, orders.ActionApproveCancellation, orders.ActionRefuseCancellation, orders.ActionWithdrawCancellation,
	}).Draw(t, "action")
	var o *orders.Order
	var err error
	switch action {
	case orders.ActionAcknowledge:
		o, err = a.w.vendor.Acknowledge(ctx, id, orders.Acknowledgement{})
	case orders.ActionFulfil:
		l := rapid.SampledFrom(a.o.Lines).Draw(t, "line")
		o, err = a.w.vendor.Fulfil(ctx, id, l.ID, orders.Fulfilment{
			Quantity: rapid.IntRange(1, l.Quantity+1).Draw(t, "quantity"),
			Status: rapid.SampledFrom([]orders.LineStatus{
				orders.LineStatusBackordered, orders.LineStatusAllocated, orders.LineStatusShipped, orders.LineStatusProvisioned, orders.LineStatusDelivered,
			}).Draw(t, "stage"),
		})
	case orders.ActionHold:
		o, err = a.w.vendor.Hold(ctx, id, orders.Holding{Code: orders.HoldCodeOther})
	case orders.ActionRelease:
		o, err = a.w.vendor.Release(ctx, id, orders.Note{})
	case orders.ActionFail:
		o, err = a.w.vendor.Fail(ctx, id, why)
	case orders.ActionReject:
		o, err = a.w.vendor.Reject(ctx, id, why)
	case orders.ActionRequestCancellation:
		o, err = a.w.acme.RequestCancellation(ctx, id, orders.CancellationRequest{Code: orders.ReasonCodeOther, Lines: a.units(t)})
	case orders.ActionApproveCancellation:
		o, err = a.w.vendor.ApproveCancellation(ctx, id, orders.CancellationApproval{Lines: a.units(t)})
	case orders.ActionRefuseCancellation:
		o, err = a.w.vendor.RefuseCancellation(ctx, id, why)
	case orders.ActionWithdrawCancellation:
		o, err = a.w.acme.WithdrawCancellation(ctx, id)
	}
	return action, o, err
}

// orderAgain places the order anew when nothing came of it, and only then.
func (a *actor) orderAgain(t *rapid.T) {
	nothing := slices.Contains([]orders.Status{orders.StatusRejected, orders.StatusFailed, orders.StatusCanceled}, a.o.Status)
	q, err := a.w.quotes.Get(t.Context(), a.o.QuoteID)
	require.NoError(t, err)
	require.Equal(t, nothing, q.Status == quotes.StatusAccepted, "%s, and the quote is %s", a.o.Status, q.Status)
	o, err := a.w.acme.Place(t.Context(), orders.Placement{QuoteID: q.ID, PONumber: a.o.PONumber})
	require.NoError(t, err)
	require.Equal(t, nothing, o.ID != a.o.ID)
	if nothing {
		a.o = o
	}
}

// allowed are both sides' actions.
func (a *actor) allowed(t *rapid.T) []orders.Action {
	partner, err := a.w.acme.Get(t.Context(), a.o.ID)
	require.NoError(t, err)
	vendor, err := a.w.vendor.Get(t.Context(), a.o.ID)
	require.NoError(t, err)
	return slices.Concat(partner.AllowedActions, vendor.AllowedActions)
}

// TestWhateverHappens lets partner and vendor do anything in any order. No unit is lost or made, the order is over when no unit is on its way and
// not before, what is canceled is what the canceled units cost, and what is refused for the state is what was not allowed. The quote has an order
// that stands or can be ordered again, which happens at once.
func TestWhateverHappens(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	over := []orders.Status{orders.StatusCompleted, orders.StatusPartial, orders.StatusRejected, orders.StatusFailed, orders.StatusCanceled}
	rapid.Check(t, func(t *rapid.T) {
		a := &actor{w, w.placed(nil)}
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			allowed := a.allowed(t)
			action, o, err := a.act(t)
			if err != nil {
				assert.Equal(t, !slices.Contains(allowed, action), errors.Is(err, partnerportal.ErrInvalidState), "%s: %v", action, err)
				o, err = w.vendor.Get(t.Context(), a.o.ID)
				require.NoError(t, err)
				require.Equal(t, a.o.Revision, o.Revision, "what is refused changes nothing")
				continue
			}
			require.Contains(t, allowed, action)
			a.o = o
			moving, canceled := 0, usd("0")
			for _, l := range o.Lines {
				u := l.Units
				require.Equal(t, l.Quantity, u.Acknowledged+u.Backordered+u.Allocated+u.Shipped+u.Provisioned+u.Delivered+u.Canceled)
				require.GreaterOrEqual(t, min(u.Acknowledged, u.Backordered, u.Allocated, u.Shipped, u.Provisioned, u.Delivered, u.Canceled), 0)
				moving += u.Acknowledged + u.Backordered + u.Allocated + u.Shipped
				part, err := l.Total.Share(int64(u.Canceled), int64(l.Quantity))
				require.NoError(t, err)
				canceled, err = canceled.Add(part)
				require.NoError(t, err)
			}
			require.Equal(t, moving == 0, slices.Contains(over, o.Status), "%s with %d units on their way", o.Status, moving)
			require.Equal(t, canceled, o.Totals.Canceled)
			require.Equal(t, o.Status == orders.StatusCompleted || o.Status == orders.StatusPartial, !o.CompletedAt.IsZero())
			a.orderAgain(t)
		}
	})
}
