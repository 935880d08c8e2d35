package orders_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/account"
	room "github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/orders"
	"github.com/partnerportal/partnerportal-go/partnerportal/sandbox"
	"github.com/partnerportal/partnerportal-go/quotes/orders"
)

func TestPartialFulfilment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, o := t.Context(), w.placed(nil)
	june := partnerportal.Date{Year: 2026, Month: 6, Day: 1}
	o = must[*orders.Order](t)(w.vendor.Acknowledge(ctx, o.ID, orders.Acknowledgement{ETAOn: june, Lines: []orders.LineETA{{LineID: o.Lines[1].ID, ETAOn: june.AddDays(7)}}}))
	assert.Equal(t, []partnerportal.Date{june, june.AddDays(7)}, []partnerportal.Date{o.Lines[0].ETAOn, o.Lines[1].ETAOn})
	step := func(line int, f orders.Fulfilment) *orders.Order {
		return must[*orders.Order](t)(w.vendor.Fulfil(ctx, o.ID, o.Lines[line].ID, f))
	}
	o = step(0, orders.Fulfilment{Quantity: 6, Status: orders.LineStatusBackordered, ETAOn: june.AddDays(30)})
	assert.Equal(t, orders.StatusInProgress, o.Status)
	assert.Equal(t, orders.LineStatusAcknowledged, o.Lines[0].Status, "the slowest unit says where the line is")
	o = step(0, orders.Fulfilment{Quantity: 5, Status: orders.LineStatusAllocated})
	assert.Equal(t, orders.Units{Acknowledged: 4, Backordered: 1, Allocated: 5}, o.Lines[0].Units, "the furthest come first")
	o = step(0, orders.Fulfilment{Quantity: 5, Status: orders.LineStatusShipped, Serials: []string{"A", "B"}, Tracking: []orders.Tracking{{Number: "1Z"}}})
	assert.Equal(t, []string{"A", "B"}, o.Lines[0].Steps[2].Serials)
	o = step(0, orders.Fulfilment{Quantity: 10, Status: orders.LineStatusDelivered, Serials: []string{"A", "B"}})
	assert.Equal(t, orders.LineStatusDelivered, o.Lines[0].Status)
	assert.Equal(t, orders.StatusInProgress, o.Status)
	_, err := w.vendor.Fulfil(ctx, o.ID, o.Lines[0].ID, orders.Fulfilment{Quantity: 1, Status: orders.LineStatusShipped})
	e := refused(t, err, orders.ErrQuantityExceeds)
	assert.JSONEq(t, "0", string(e.Extensions["available"]))
	o = step(1, orders.Fulfilment{Quantity: 3, Status: orders.LineStatusProvisioned, SubscriptionID: "sub-1"})
	assert.Equal(t, orders.StatusCompleted, o.Status)
	assert.False(t, o.CompletedAt.IsZero())
	assert.Equal(t, []orders.Action{orders.ActionAddInvoice}, o.AllowedActions)
	assert.Equal(t, []string{"submitted", "acknowledged", "line_backordered", "line_allocated", "line_shipped", "line_delivered", "line_provisioned", "completed"}, w.happened(o.ID))

	page := must[*partnerportal.ActivityPage](t)(w.acme.ListActivity(ctx, o.ID, orders.ListActivityParams{Limit: 2}))
	assert.Equal(t, "All that will come has arrived.", page.Items[0].Text)
	assert.Equal(t, "Ready to be used: 3 of SUP-100.", page.Items[1].Text)
	_, err = w.globex.ListActivity(ctx, o.ID, orders.ListActivityParams{})
	refused(t, err, "not_found")
}

func TestStepsThatAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, o := t.Context(), w.placed(nil)
	ship := orders.Fulfilment{Quantity: 1, Status: orders.LineStatusShipped}
	_, err := w.vendor.Fulfil(ctx, o.ID, o.Lines[0].ID, ship)
	refused(t, err, partnerportal.ErrInvalidState)
	_, err = w.vendor.Acknowledge(ctx, o.ID, orders.Acknowledgement{Lines: []orders.LineETA{{LineID: "oln_1", ETAOn: partnerportal.DateOf(noon)}}})
	faulty(t, err, "/lines/0/line_id")
	must[*orders.Order](t)(w.vendor.Acknowledge(ctx, o.ID, orders.Acknowledgement{}))
	_, err = w.vendor.Fulfil(ctx, o.ID, "oln_1", ship)
	refused(t, err, "not_found")
	_, err = w.vendor.Fulfil(ctx, o.ID, o.Lines[0].ID, orders.Fulfilment{Quantity: 1, Status: orders.LineStatusCanceled, Serials: []string{"A", "A"}})
	faulty(t, err, "/status", "/serials", "/serials/1")
	_, err = w.vendor.Fulfil(ctx, o.ID, o.Lines[0].ID, orders.Fulfilment{Quantity: 11, Status: orders.LineStatusShipped})
	refused(t, err, orders.ErrQuantityExceeds)
	_, err = w.acme.Fulfil(ctx, o.ID, o.Lines[0].ID, ship)
	refused(t, err, "insufficient_scope")
}

func TestHoldAndReject(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, o := t.Context(), w.placed(nil)
	o = must[*orders.Order](t)(w.vendor.Hold(ctx, o.ID, orders.Holding{Code: orders.HoldCodeExport, Text: "The licence is asked for."}))
	assert.Equal(t, orders.HoldCodeExport, o.Hold.Code)
	assert.Equal(t, []orders.Action{orders.ActionReject, orders.ActionRelease}, o.AllowedActions, "it was not acknowledged: it can be refused, not given up")
	o = must[*orders.Order](t)(w.vendor.Release(ctx, o.ID, orders.Note{}))
	assert.Equal(t, orders.StatusSubmitted, o.Status)
	assert.Zero(t, o.Hold)
	o = must[*orders.Order](t)(w.vendor.Acknowledge(ctx, o.ID, orders.Acknowledgement{}))
	o = must[*orders.Order](t)(w.vendor.Hold(ctx, o.ID, orders.Holding{Code: orders.HoldCodeCredit}))
	assert.Equal(t, []orders.Action{orders.ActionRelease, orders.ActionFail, orders.ActionAddInvoice}, o.AllowedActions)
	o = must[*orders.Order](t)(w.vendor.Fail(ctx, o.ID, orders.Ruling{Code: orders.ReasonCodeNotAvailable, Text: "Flood."}))
	assert.Equal(t, orders.StatusFailed, o.Status)
	assert.Equal(t, o.Totals.Total, o.Totals.Canceled)
	assert.Equal(t, orders.Reason{Code: orders.ReasonCodeNotAvailable, Text: "Flood."}, o.Reason)
	assert.Equal(t, []string{"submitted", "held", "released", "acknowledged", "held", "failed"}, w.happened(o.ID))

	o = must[*orders.Order](t)(w.vendor.Reject(ctx, w.placed(nil).ID, orders.Ruling{Code: orders.ReasonCodeExport}))
	assert.Equal(t, orders.StatusRejected, o.Status)
	assert.Empty(t, o.AllowedActions)
	assert.False(t, o.ClosedAt.IsZero())
}

// What has arrived when the vendor gives up the rest counts, and what it is worth is what was ordered less the rest.
func TestGivingUpTheRest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	deal := w.deal()
	o := w.deliver(w.taken(deal), 0, 7)
	o = must[*orders.Order](t)(w.vendor.Fail(t.Context(), o.ID, orders.Ruling{Code: orders.ReasonCodeEndOfSale}))
	assert.Equal(t, orders.StatusPartial, o.Status)
	assert.Equal(t, orders.Units{Delivered: 7, Canceled: 3}, o.Lines[0].Units)
	assert.Equal(t, usd("14076"), o.Totals.Canceled)
	deal = must[*deals.Deal](t)(w.deals.Get(t.Context(), deal.ID))
	assert.Equal(t, usd("32200"), deal.WinProposal.Amount)
	assert.Equal(t, []string{"submitted", "acknowledged", "line_delivered", "failed", "completed"}, w.happened(o.ID))
}

func TestACompletedOrderWinsTheDealAndEarns(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, w *world) {
		t.Helper()
		ctx, deal := t.Context(), w.deal()
		form := account.PlanForm{Name: "Orders", ProgramID: "default", Kind: account.CommissionKindCommission, EarnedOn: account.TriggerOrderCompleted, Rates: []account.Rate{{Percent: "5"}}}
		must[*account.Plan](t)(w.books().PutPlan(ctx, "orders", form))
		form.EarnedOn = "order_placed"
		_, err := w.books().PutPlan(ctx, "orders", form)
		require.Error(t, err)
		form.EarnedOn, form.Rates = "", []account.Rate{{Percent: "1"}}
		_, err = w.books().PutPlan(ctx, "orders", form)
		faulty(t, err, "/earned_on")
		must[*account.Plan](t)(w.books().PutPlan(ctx, "wins", form))

		o := w.deliver(w.taken(deal), 0, 10)
		assert.Empty(t, must[*account.CommissionPage](t)(w.books().ListCommissions(ctx, account.ListCommissionsParams{})).Items)
		o = w.deliver(o, 1, 3)
		assert.Equal(t, orders.StatusCompleted, o.Status)
		page := must[*account.CommissionPage](t)(w.books().ListCommissions(ctx, account.ListCommissionsParams{OrderID: o.ID}))
		require.Len(t, page.Items, 1)
		k := page.Items[0]
		assert.Equal(t, []string{o.ID, deal.ID, "orders"}, []string{k.OrderID, k.DealID, k.PlanID})
		assert.Equal(t, []partnerportal.Money{usd("46276"), usd("2313.80")}, []partnerportal.Money{k.BasisAmount, k.Amount})

		deal = must[*deals.Deal](t)(w.deals.Get(ctx, deal.ID))
		assert.Equal(t, deals.StatusApproved, deal.Status, "the win is proposed, and somebody's to close")
		assert.Equal(t, deals.WinProposal{
			OrderID: o.ID, OrderNumber: o.Number, Amount: usd("46276"), CompletedOn: partnerportal.DateOf(noon), ProposedAt: noon,
		}, deal.WinProposal)
		deal = must[*deals.Deal](t)(w.deals.Win(ctx, deal.ID, deals.Win{}))
		assert.Equal(t, deals.StatusWon, deal.Status)
		assert.Equal(t, usd("46276"), deal.Close.ActualAmount)
		assert.Equal(t, partnerportal.ExternalRef{System: "portal", ID: o.ID}, deal.Close.OrderRef)
		page = must[*account.CommissionPage](t)(w.books().ListCommissions(ctx, account.ListCommissionsParams{DealID: deal.ID}))
		assert.Len(t, page.Items, 2, "the plan for wins pays on the win")
	})
}

// Two orders of one deal are proposed together; one that is completed after the deal was closed proposes nothing.
func TestOrdersOfOneDealAddUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, deal := t.Context(), w.deal()
	arrive := func(o *orders.Order) { w.deliver(w.deliver(o, 0, 10), 1, 3) }
	_, err := w.deals.Win(ctx, deal.ID, deals.Win{})
	faulty(t, err, "/actual_amount", "/order_ref")
	a, b, late := w.taken(deal), w.taken(deal), w.taken(deal)
	arrive(a)
	arrive(b)
	deal = must[*deals.Deal](t)(w.deals.Get(ctx, deal.ID))
	assert.Equal(t, usd("92552"), deal.WinProposal.Amount)
	assert.Equal(t, b.ID, deal.WinProposal.OrderID)
	assert.Len(t, deal.QuoteIDs, 3)
	assert.Len(t, deal.OrderIDs, 3)
	deal = must[*deals.Deal](t)(w.deals.Win(ctx, deal.ID, deals.Win{ActualAmount: usd("90000")}))
	assert.Equal(t, usd("90000"), deal.Close.ActualAmount, "what is said goes before what is proposed")
	assert.Equal(t, b.ID, deal.Close.OrderRef.ID, "what is not comes from there")
	arrive(late)
	assert.Equal(t, usd("92552"), must[*deals.Deal](t)(w.deals.Get(ctx, deal.ID)).WinProposal.Amount)
}

// What arrives while the deal cannot be won counts when it can be again.
func TestWhatArrivesBeforeTheDealCanBeWon(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, deal := t.Context(), w.deal()
	o := w.taken(deal)
	w.Advance(deal.Protection.ExpiresAt.Sub(w.Now()) + time.Hour)
	deal = must[*deals.Deal](t)(w.deals.Get(ctx, deal.ID))
	require.Equal(t, deals.StatusExpired, deal.Status)
	w.deliver(w.deliver(o, 0, 10), 1, 3)
	deal = must[*deals.Deal](t)(deals.New(w.Vendor).Reinstate(ctx, deal.ID, deals.Reinstatement{Reason: "It has arrived."}))
	assert.Equal(t, usd("46276"), deal.WinProposal.Amount)
	must[*deals.Deal](t)(w.deals.Win(ctx, deal.ID, deals.Win{}))
}

// A draft may be deleted after it was quoted: the order does not need it.
func TestOrdersOfDeletedDrafts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	draft := must[*deals.Deal](t)(w.deals.Create(ctx, deals.Registration{Customer: partnerportal.Organization{Name: "Initech", Country: "US"}, Amount: usd("50000")}))
	q := w.accepted(draft)
	draft = must[*deals.Deal](t)(w.deals.Get(ctx, draft.ID))
	require.NoError(t, w.deals.Delete(ctx, draft.ID, partnerportal.IfMatch(draft)))
	o := must[*orders.Order](t)(w.acme.Place(ctx, orders.Placement{QuoteID: q.ID, PONumber: "PO-1"}))
	must[*orders.Order](t)(w.vendor.Acknowledge(ctx, o.ID, orders.Acknowledgement{}))
	assert.Equal(t, orders.StatusCompleted, w.deliver(w.deliver(o, 0, 10), 1, 3).Status)
}

// A line cannot grow without end, and can always be brought to its end.
func TestTheLastStepTakesAllThatIsLeft(t *testing.T) {
	t.Parallel()
	step := func(steps int, quantity int, status orders.LineStatus) error {
		line := &orders.Line{Quantity: 2000, Units: orders.Units{Acknowledged: 30, Shipped: 12, Delivered: 1958}, Steps: make([]orders.Step, steps)}
		return room.CheckStep(line, &orders.Fulfilment{Quantity: quantity, Status: status})
	}
	require.NoError(t, step(998, 1, orders.LineStatusShipped))
	faulty(t, step(999, 41, orders.LineStatusDelivered), "/quantity")
	faulty(t, step(999, 42, orders.LineStatusShipped), "/quantity")
	require.NoError(t, step(999, 42, orders.LineStatusDelivered))
}

// The sandbox's vendor carries goods and switches the rest on.
func TestSimulatedFulfilment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, o, sb := t.Context(), w.taken(nil), sandbox.New(w.Acme)
	do := func(action sandbox.OrderAction) []orders.Units {
		must[*sandbox.Outcome](t)(sb.SimulateOrder(ctx, o.ID, sandbox.OrderSimulation{Action: action}))
		now := must[*orders.Order](t)(w.acme.Get(ctx, o.ID))
		return []orders.Units{now.Lines[0].Units, now.Lines[1].Units}
	}
	assert.Equal(t, []orders.Units{{Shipped: 10}, {Acknowledged: 3}}, do(sandbox.OrderActionShip))
	assert.Equal(t, []orders.Units{{Delivered: 10}, {Provisioned: 3}}, do(sandbox.OrderActionDeliver))
}
