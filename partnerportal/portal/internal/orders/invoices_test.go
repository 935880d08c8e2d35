package orders_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/quotes/orders"
)

func TestInvoices(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, o := t.Context(), w.taken(nil)
	bill := func(number, amount string) (*orders.Order, error) {
		return w.vendor.AddInvoice(ctx, o.ID, orders.NewInvoice{Number: number, Total: usd(amount)})
	}
	o = must[*orders.Order](t)(bill("2026-1", "30000"))
	first := o.Invoices[0]
	assert.Equal(t, orders.InvoiceStatusIssued, first.Status)
	assert.Equal(t, partnerportal.DateOf(noon), first.IssuedOn)
	assert.Equal(t, []orders.InvoiceAction{orders.InvoiceActionPay, orders.InvoiceActionVoid}, first.AllowedActions)
	assert.Empty(t, must[*orders.Order](t)(w.acme.Get(ctx, o.ID)).Invoices[0].AllowedActions)
	_, err := bill("2026 1", "1")
	refused(t, err, orders.ErrDuplicateInvoice)
	_, err = bill("2026-2", "20300.01")
	e := refused(t, err, orders.ErrInvoiceExceeds)
	assert.JSONEq(t, `{"amount":"20300.00","currency":"USD"}`, string(e.Extensions["left"]))
	_, err = bill("2026-2", "0.005")
	faulty(t, err, "/total")
	_, err = w.vendor.AddInvoice(ctx, o.ID, orders.NewInvoice{Number: "#", Total: usd("-1"), DueOn: partnerportal.Date{Year: 2026, Month: 5, Day: 14}})
	faulty(t, err, "/number", "/total", "/due_on")
	_, err = w.vendor.AddInvoice(ctx, o.ID, orders.NewInvoice{Number: "2026-2", Total: partnerportal.MustMoney("1", "EUR")})
	refused(t, err, orders.ErrCurrencyMismatch)
	_, err = w.vendor.AddInvoice(ctx, o.ID, orders.NewInvoice{Number: "2026-2", Total: usd("1"), URL: "javascript:alert(1)"})
	faulty(t, err, "/url")

	must[*orders.Order](t)(w.vendor.VoidInvoice(ctx, o.ID, first.ID, orders.Ruling{Code: orders.ReasonCodeOther}))
	o = must[*orders.Order](t)(bill("2026-1", "50300"))
	assert.Equal(t, orders.Reason{Code: orders.ReasonCodeOther}, o.Invoices[0].Reason)
	_, err = w.vendor.PayInvoice(ctx, o.ID, first.ID, orders.InvoicePayment{})
	refused(t, err, partnerportal.ErrInvalidState)
	_, err = w.vendor.PayInvoice(ctx, o.ID, "inv_1", orders.InvoicePayment{})
	refused(t, err, "not_found")
	_, err = w.vendor.PayInvoice(ctx, o.ID, o.Invoices[1].ID, orders.InvoicePayment{PaidOn: partnerportal.Date{Year: 2026, Month: 5, Day: 16}})
	faulty(t, err, "/paid_on")
	o = must[*orders.Order](t)(w.vendor.PayInvoice(ctx, o.ID, o.Invoices[1].ID, orders.InvoicePayment{}))
	assert.Equal(t, orders.InvoiceStatusPaid, o.Invoices[1].Status)
	assert.Equal(t, []string{"submitted", "acknowledged", "invoice_issued", "invoice_voided", "invoice_issued", "invoice_paid"}, w.happened(o.ID))
	_, err = w.acme.PayInvoice(ctx, o.ID, o.Invoices[1].ID, orders.InvoicePayment{})
	refused(t, err, "insufficient_scope")
}

// The sums of the invoices say what was asked for and paid, also where units were canceled that had been invoiced.
func TestInvoicesOfWhatWasCanceled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, o := t.Context(), w.taken(nil)
	sums := func(o *orders.Order) []partnerportal.Money {
		return []partnerportal.Money{o.Totals.Total, o.Totals.Canceled, o.Totals.Invoiced, o.Totals.Paid}
	}
	bill := func(number, amount string) (*orders.Order, error) {
		return w.vendor.AddInvoice(ctx, o.ID, orders.NewInvoice{Number: number, Total: usd(amount)})
	}
	must[*orders.Order](t)(bill("1", "30000"))
	o = must[*orders.Order](t)(bill("2", "20000"))
	o = must[*orders.Order](t)(w.vendor.PayInvoice(ctx, o.ID, o.Invoices[0].ID, orders.InvoicePayment{}))
	assert.Equal(t, []partnerportal.Money{usd("50300"), usd("0"), usd("50000"), usd("30000")}, sums(o))
	must[*orders.Order](t)(w.acme.RequestCancellation(ctx, o.ID, orders.CancellationRequest{Code: orders.ReasonCodeOther, Lines: []orders.UnitsOf{{LineID: o.Lines[0].ID, Quantity: 4}}}))
	o = must[*orders.Order](t)(w.vendor.ApproveCancellation(ctx, o.ID, orders.CancellationApproval{}))
	assert.Equal(t, []partnerportal.Money{usd("50300"), usd("20000"), usd("50000"), usd("30000")}, sums(o))
	_, err := bill("3", "0.01")
	e := refused(t, err, orders.ErrInvoiceExceeds)
	assert.JSONEq(t, `{"amount":"-19700.00","currency":"USD"}`, string(e.Extensions["left"]))
	o = must[*orders.Order](t)(w.vendor.VoidInvoice(ctx, o.ID, o.Invoices[1].ID, orders.Ruling{Code: orders.ReasonCodeOther}))
	assert.Equal(t, []partnerportal.Money{usd("50300"), usd("20000"), usd("30000"), usd("30000")}, sums(o))
	o = must[*orders.Order](t)(bill("3", "300"))
	assert.Equal(t, usd("30300"), o.Totals.Invoiced)
}
