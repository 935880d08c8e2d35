package orders_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/quotes/orders"
)

func TestCancelAll(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, w *world) {
		t.Helper()
		ctx, o := t.Context(), w.taken(nil)
		o = must[*orders.Order](t)(w.acme.RequestCancellation(ctx, o.ID, orders.CancellationRequest{Code: orders.ReasonCodeChangedMind, Text: "The project is off."}))
		assert.Equal(t, orders.StatusAssessingCancellation, o.Status)
		assert.Len(t, o.Cancellation.Lines, 2, "all that has not arrived")
		_, err := w.vendor.Fulfil(ctx, o.ID, o.Lines[0].ID, orders.Fulfilment{Quantity: 1, Status: orders.LineStatusShipped})
		refused(t, err, partnerportal.ErrInvalidState)
		o = must[*orders.Order](t)(w.vendor.ApproveCancellation(ctx, o.ID, orders.CancellationApproval{}))
		assert.Equal(t, orders.StatusCanceled, o.Status)
		assert.Equal(t, "approved", o.Cancellation.Outcome)
		assert.Equal(t, o.Totals.Total, o.Totals.Canceled)
		assert.Equal(t, orders.LineStatusCanceled, o.Lines[0].Status)
		assert.Equal(t, []string{"submitted", "acknowledged", "cancellation_requested", "canceled"}, w.happened(o.ID))
	})
}

func TestCancelSome(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, o := t.Context(), w.deliver(w.taken(nil), 0, 4)
	want := func(units ...int) []orders.UnitsOf {
		var lines []orders.UnitsOf
		for i, n := range units {
			lines = append(lines, orders.UnitsOf{LineID: o.Lines[i].ID, Quantity: n})
		}
		return lines
	}
	ask := orders.CancellationRequest{Code: orders.ReasonCodeOther, Lines: want(7)}
	_, err := w.acme.RequestCancellation(ctx, o.ID, ask)
	e := refused(t, err, orders.ErrQuantityExceeds)
	assert.JSONEq(t, "6", string(e.Extensions["available"]))
	ask.Lines = append(want(1), want(1)...)
	_, err = w.acme.RequestCancellation(ctx, o.ID, ask)
	faulty(t, err, "/lines/1/line_id")
	ask.Lines = []orders.UnitsOf{{LineID: "oln_1", Quantity: 1}}
	_, err = w.acme.RequestCancellation(ctx, o.ID, ask)
	faulty(t, err, "/lines/0/line_id")

	ask.Lines = want(6, 1)
	o = must[*orders.Order](t)(w.acme.RequestCancellation(ctx, o.ID, ask))
	_, err = w.vendor.ApproveCancellation(ctx, o.ID, orders.CancellationApproval{Lines: want(2, 2)})
	faulty(t, err, "/lines/1/quantity")
	o = must[*orders.Order](t)(w.vendor.ApproveCancellation(ctx, o.ID, orders.CancellationApproval{Lines: want(2), Comment: "Four are packed."}))
	assert.Equal(t, orders.StatusInProgress, o.Status)
	assert.Equal(t, "partly_approved", o.Cancellation.Outcome)
	assert.Equal(t, orders.Units{Acknowledged: 4, Delivered: 4, Canceled: 2}, o.Lines[0].Units)
	assert.Equal(t, usd("10000"), o.Totals.Canceled)
	o = w.deliver(w.deliver(o, 0, 4), 1, 3)
	assert.Equal(t, orders.StatusPartial, o.Status)
	assert.Equal(t, []string{"submitted", "acknowledged", "line_delivered", "cancellation_requested", "line_canceled", "line_delivered", "line_delivered", "completed"}, w.happened(o.ID))
}

// Canceling the last units that had not come completes the order.
func TestCancelingTheRestCompletes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, o := t.Context(), w.deliver(w.taken(nil), 0, 10)
	must[*orders.Order](t)(w.vendor.Hold(ctx, o.ID, orders.Holding{Code: orders.HoldCodePayment}))
	must[*orders.Order](t)(w.acme.RequestCancellation(ctx, o.ID, orders.CancellationRequest{Code: orders.ReasonCodeTooLate}))
	o = must[*orders.Order](t)(w.vendor.ApproveCancellation(ctx, o.ID, orders.CancellationApproval{}))
	assert.Equal(t, orders.StatusPartial, o.Status)
	assert.Zero(t, o.Hold)
	assert.Equal(t, usd("300"), o.Totals.Canceled)
	assert.Equal(t, []string{"submitted", "acknowledged", "line_delivered", "held", "cancellation_requested", "line_canceled", "completed"}, w.happened(o.ID))
}

func TestNotCanceled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, o := t.Context(), w.placed(nil)
	_, err := w.vendor.RefuseCancellation(ctx, o.ID, orders.Ruling{Code: orders.ReasonCodeTooLate})
	refused(t, err, partnerportal.ErrInvalidState)
	must[*orders.Order](t)(w.acme.RequestCancellation(ctx, o.ID, orders.CancellationRequest{Code: orders.ReasonCodeOther}))
	o = must[*orders.Order](t)(w.acme.WithdrawCancellation(ctx, o.ID))
	assert.Equal(t, orders.StatusSubmitted, o.Status)
	assert.Equal(t, "withdrawn", o.Cancellation.Outcome)
	must[*orders.Order](t)(w.vendor.Hold(ctx, o.ID, orders.Holding{Code: orders.HoldCodeOther}))
	must[*orders.Order](t)(w.acme.RequestCancellation(ctx, o.ID, orders.CancellationRequest{Code: orders.ReasonCodeOther}))
	o = must[*orders.Order](t)(w.vendor.RefuseCancellation(ctx, o.ID, orders.Ruling{Code: orders.ReasonCodeTooLate, Text: "It is made to order."}))
	assert.Equal(t, orders.StatusHeld, o.Status)
	assert.Equal(t, orders.Reason{Code: orders.ReasonCodeTooLate, Text: "It is made to order."}, o.Cancellation.Refusal)
	o = must[*orders.Order](t)(w.vendor.Release(ctx, o.ID, orders.Note{Text: "Go on."}))
	assert.Equal(t, "Go on.", o.VendorNote)
	assert.Equal(t, orders.StatusSubmitted, o.Status)
}
