package portal_test

import (
	"github.com/stretchr/testify/assert"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/account"
	"github.com/partnerportal/partnerportal-go/partnerportal/sandbox"
	"github.com/partnerportal/partnerportal-go/quotes"
	"github.com/partnerportal/partnerportal-go/quotes/orders"
)

// orders: Acme orders what customers have accepted; the vendor delivers, refuses, cancels and invoices.
func (s *story) orders() {
	s.deliveredOrder()
	s.canceledOrders()
	s.refusedOrders()
	s.simulatedOrders()
}

// accepted is a quote for four processors and two power supplies that a customer has accepted, for a deal if there is one.
func (s *story) accepted(dealID string) *quotes.Quote {
	s.t.Helper()
	body := quotes.NewQuote{DealID: dealID, Currency: "USD", Lines: []quotes.LineInput{{SKU: "CPU", Quantity: 4}, {SKU: "PSU", Quantity: 2}}}
	if dealID == "" {
		body.Customer = partnerportal.Organization{Name: "Wonka", Country: "US", Domain: "wonka.com"}
	}
	quote := did[quotes.Quote](s)
	q := quote(s.acme.quotes.Create(s.ctx, body))
	quote(s.acme.quotes.Present(s.ctx, q.ID))
	return quote(s.acme.quotes.Accept(s.ctx, q.ID, quotes.Acceptance{Name: "Willy Wonka", Email: "willy@wonka.com"}))
}

func (s *story) placed(dealID string) *orders.Order {
	s.t.Helper()
	q := s.accepted(dealID)
	return did[orders.Order](s)(s.acme.orders.Place(s.ctx, orders.Placement{QuoteID: q.ID, PONumber: "PO " + q.Number}))
}

func (s *story) deliveredOrder() {
	t, ctx, acme, vendor := s.t, s.ctx, s.acme.orders, s.vendor.orders
	order := did[orders.Order](s)
	did[account.Plan](s)(s.vendor.account.PutPlan(ctx, "orders", account.PlanForm{
		Name: "Orders", ProgramID: "default", Kind: account.CommissionKindCommission, EarnedOn: account.TriggerOrderCompleted, Rates: []account.Rate{{Percent: "2"}},
	}))
	deal := s.approved("wonka-works.com")
	q := s.accepted(deal.ID)
	_, err := acme.Place(ctx, orders.Placement{QuoteID: q.ID, PONumber: "PO-1", AcceptedTotal: s.dollars("1")})
	s.refused("price_changed", err)
	placement := orders.Placement{QuoteID: q.ID, PONumber: "PO-1", ExternalRefs: []partnerportal.ExternalRef{{System: "erp", ID: "77"}}}
	o := order(acme.Place(ctx, placement))
	assert.Equal(t, o.ID, order(acme.Place(ctx, placement)).ID)
	placement.PONumber = "PO-2"
	_, err = acme.Place(ctx, placement)
	s.refused("quote_already_ordered", err)
	assert.Equal(t, o.ID, order(acme.GetByRef(ctx, "erp", "77")).ID)
	o = order(acme.Update(ctx, o.ID, orders.Patch{RequestedDeliveryOn: partnerportal.Set(s.day(14))}, partnerportal.IfMatch(o)))
	order(vendor.Acknowledge(ctx, o.ID, orders.Acknowledgement{VendorRef: partnerportal.ExternalRef{System: "sap", ID: "4711"}, ETAOn: s.day(10)}, partnerportal.IfMatch(o)))
	o = order(vendor.GetByRef(ctx, "sap", "4711"))

	step := func(line, quantity int, status orders.LineStatus) {
		t.Helper()
		o = order(vendor.Fulfil(ctx, o.ID, o.Lines[line].ID, orders.Fulfilment{Quantity: quantity, Status: status, Tracking: []orders.Tracking{{Number: "1Z999"}}}))
	}
	step(0, 1, orders.LineStatusBackordered)
	step(0, 4, orders.LineStatusAllocated)
	step(0, 4, orders.LineStatusShipped)
	order(vendor.Hold(ctx, o.ID, orders.Holding{Code: orders.HoldCodeExport, Text: "The licence is asked for."}))
	order(vendor.Release(ctx, o.ID, orders.Note{Text: "It is here."}))
	step(0, 4, orders.LineStatusDelivered)
	_, err = vendor.Fulfil(ctx, o.ID, o.Lines[0].ID, orders.Fulfilment{Quantity: 1, Status: orders.LineStatusDelivered})
	s.refused("quantity_exceeds", err)
	step(1, 2, orders.LineStatusProvisioned)
	assert.Equal(t, orders.StatusCompleted, o.Status)
	s.invoicesOf(o)

	assert.Len(t, did[account.CommissionPage](s)(s.acme.account.ListCommissions(ctx, account.ListCommissionsParams{OrderID: o.ID})).Items, 1)
	deal = did[deals.Deal](s)(s.acme.deals.Get(ctx, deal.ID))
	assert.Equal(t, o.ID, deal.WinProposal.OrderID)
	assert.Equal(t, deals.StatusWon, did[deals.Deal](s)(s.acme.deals.Win(ctx, deal.ID, deals.Win{})).Status)
	assert.NotEmpty(t, did[orders.Page](s)(acme.List(ctx, orders.ListParams{DealID: []string{deal.ID}})).Items)
	assert.NotEmpty(t, did[partnerportal.ActivityPage](s)(acme.ListActivity(ctx, o.ID, orders.ListActivityParams{})).Items)
	assert.Empty(t, did[orders.Credit](s)(acme.Credit(ctx, orders.CreditParams{})).Limits)
}

func (s *story) invoicesOf(o *orders.Order) {
	ctx, vendor := s.ctx, s.vendor.orders
	order := did[orders.Order](s)
	bill := orders.NewInvoice{Number: "2027-1", Total: o.Totals.Total, DueOn: s.day(30), URL: "https://billing.example.com/2027-1"}
	o = order(vendor.AddInvoice(ctx, o.ID, bill))
	_, err := vendor.AddInvoice(ctx, o.ID, bill)
	s.refused("duplicate_invoice", err)
	order(vendor.VoidInvoice(ctx, o.ID, o.Invoices[0].ID, orders.Ruling{Code: orders.ReasonCodeWrongTerms}))
	o = order(vendor.AddInvoice(ctx, o.ID, bill))
	order(vendor.PayInvoice(ctx, o.ID, o.Invoices[1].ID, orders.InvoicePayment{}))
	bill.Number, bill.Total = "2027-2", s.dollars("0.01")
	_, err = vendor.AddInvoice(ctx, o.ID, bill)
	s.refused("invoice_exceeds", err)
}

func (s *story) canceledOrders() {
	ctx, acme, vendor := s.ctx, s.acme.orders, s.vendor.orders
	order := did[orders.Order](s)
	o := s.placed("")
	ask := orders.CancellationRequest{Code: orders.ReasonCodeChangedMind, Lines: []orders.UnitsOf{{LineID: o.Lines[0].ID, Quantity: 1}}}
	order(acme.RequestCancellation(ctx, o.ID, ask))
	order(acme.WithdrawCancellation(ctx, o.ID))
	order(acme.RequestCancellation(ctx, o.ID, ask))
	order(vendor.RefuseCancellation(ctx, o.ID, orders.Ruling{Code: orders.ReasonCodeTooLate}))
	order(acme.RequestCancellation(ctx, o.ID, ask))
	order(vendor.ApproveCancellation(ctx, o.ID, orders.CancellationApproval{}))
	order(acme.RequestCancellation(ctx, o.ID, orders.CancellationRequest{Code: orders.ReasonCodeOther}))
	o = order(vendor.ApproveCancellation(ctx, o.ID, orders.CancellationApproval{Comment: "All of it."}))
	assert.Equal(s.t, orders.StatusCanceled, o.Status)
}

func (s *story) refusedOrders() {
	ctx, acme, vendor := s.ctx, s.acme.orders, s.vendor.orders
	order := did[orders.Order](s)
	first := s.placed("")
	q := s.accepted("")
	_, err := acme.Place(ctx, orders.Placement{QuoteID: q.ID, PONumber: first.PONumber})
	s.refused("duplicate_po", err)
	order(vendor.Reject(ctx, first.ID, orders.Ruling{Code: orders.ReasonCodeDuplicate}))
	o := order(acme.Place(ctx, orders.Placement{QuoteID: q.ID, PONumber: first.PONumber}))
	order(vendor.Acknowledge(ctx, o.ID, orders.Acknowledgement{}))
	order(vendor.Fail(ctx, o.ID, orders.Ruling{Code: orders.ReasonCodeNotAvailable}))
	_, err = vendor.Release(ctx, o.ID, orders.Note{})
	s.refused("invalid_state", err)
	order(s.acme.orders.Get(ctx, o.ID))
}

func (s *story) simulatedOrders() {
	ctx, sb := s.ctx, s.acme.sandbox
	o := s.placed("")
	_, err := s.globex.sandbox.SimulateOrder(ctx, o.ID, sandbox.OrderSimulation{Action: sandbox.OrderActionAcknowledge})
	s.refused("not_found", err)
	for _, step := range []struct {
		action sandbox.OrderAction
		status orders.Status
		before func()
	}{
		{sandbox.OrderActionHold, orders.StatusHeld, nil},
		{sandbox.OrderActionRelease, orders.StatusSubmitted, nil},
		{sandbox.OrderActionAcknowledge, orders.StatusAcknowledged, nil},
		{sandbox.OrderActionRefuseCancellation, orders.StatusAcknowledged, func() {
			did[orders.Order](s)(s.acme.orders.RequestCancellation(ctx, o.ID, orders.CancellationRequest{Code: orders.ReasonCodeOther}))
		}},
		{sandbox.OrderActionShip, orders.StatusInProgress, nil},
		{sandbox.OrderActionDeliver, orders.StatusCompleted, nil},
		{sandbox.OrderActionInvoice, orders.StatusCompleted, nil},
		{sandbox.OrderActionReject, orders.StatusRejected, func() { o = s.placed("") }},
		{sandbox.OrderActionApproveCancellation, orders.StatusCanceled, func() {
			o = s.placed("")
			did[orders.Order](s)(s.acme.orders.RequestCancellation(ctx, o.ID, orders.CancellationRequest{Code: orders.ReasonCodeOther}))
		}},
		{sandbox.OrderActionFail, orders.StatusFailed, func() {
			o = s.placed("")
			did[sandbox.Outcome](s)(sb.SimulateOrder(ctx, o.ID, sandbox.OrderSimulation{Action: sandbox.OrderActionAcknowledge}))
		}},
	} {
		if step.before != nil {
			step.before()
		}
		out := did[sandbox.Outcome](s)(sb.SimulateOrder(ctx, o.ID, sandbox.OrderSimulation{Action: step.action}))
		assert.EqualValues(s.t, step.status, out.Status, step.action)
	}
}
