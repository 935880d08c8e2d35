package orders

import (
	"cmp"
	"context"
	"slices"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/states"
	contract "github.com/partnerportal/partnerportal-go/quotes/orders"
)

// AddInvoice adds an invoice to an order.
func (s *Service) AddInvoice(ctx context.Context, orderID, ifMatch string, body *contract.NewInvoice) (*contract.Order, error) {
	c, d, err := act(ctx, orderID, ifMatch, contract.ActionAddInvoice)
	if err != nil {
		return nil, err
	}
	rules, err := d.rules(ctx, c)
	if err != nil {
		return nil, err
	}
	v := contract.Invoice{
		ID: ids.New(ids.Invoice, c.Now), Number: body.Number, Total: body.Total, IssuedOn: cmp.Or(body.IssuedOn, rules.Today(c.Now)), DueOn: body.DueOn,
		URL: body.URL, Status: contract.InvoiceStatusIssued, AllowedActions: []contract.InvoiceAction{},
	}
	if err := d.checkInvoice(&v); err != nil {
		return nil, err
	}
	d.Invoices = append(d.Invoices, v)
	return d.invoiced(ctx, c, contract.EventInvoiceIssued, &v)
}

// checkInvoice refuses an invoice that is there already, and one for more than is to be paid.
func (d *dossier) checkInvoice(v *contract.Invoice) error {
	if currency := d.Totals.Total.Currency(); v.Total.Currency() != currency {
		return foreign("/total", currency)
	}
	var f problem.Fields
	if poKey(v.Number) == "" {
		f.Add("/number", "required", "Give the number of the invoice, with a letter or a digit.")
	}
	if payable, err := v.Total.Round(); err != nil || payable != v.Total || v.Total.Sign() <= 0 {
		f.Add("/total", "out_of_range", "Give an amount above zero, no finer than the currency's smallest unit.")
	}
	if !v.DueOn.IsZero() && v.DueOn.Before(v.IssuedOn) {
		f.Add("/due_on", "out_of_range", "It is due on its own day at the earliest.")
	}
	if err := f.Err(); err != nil {
		return err
	}
	for i := range d.Invoices {
		if other := &d.Invoices[i]; other.Status != contract.InvoiceStatusVoid && poKey(other.Number) == poKey(v.Number) {
			return problem.With(refuse(contract.ErrDuplicateInvoice, "The order has an invoice of this number."), "invoice_id", other.ID)
		}
	}
	left, err := d.owed()
	if err != nil {
		return err
	}
	if left, err = left.Sub(d.Totals.Invoiced); err != nil {
		return err
	}
	if v.Total.TenThousandths() > left.TenThousandths() {
		return problem.With(refuse(contract.ErrInvoiceExceeds, left.String()+" of the order can still be invoiced."), "left", left)
	}
	return nil
}

// PayInvoice says that an invoice was paid.
func (s *Service) PayInvoice(ctx context.Context, orderID, invoiceID, ifMatch string, body *contract.InvoicePayment) (*contract.Order, error) {
	c, d, v, err := openInvoice(ctx, orderID, invoiceID, ifMatch, contract.InvoiceActionPay)
	if err != nil {
		return nil, err
	}
	rules, err := d.rules(ctx, c)
	if err != nil {
		return nil, err
	}
	v.PaidOn = cmp.Or(body.PaidOn, rules.Today(c.Now))
	if v.PaidOn.After(rules.Today(c.Now)) {
		return nil, problem.Invalid("/paid_on", "out_of_range", "Give a day that is not in the future.")
	}
	v.Status = contract.InvoiceStatusPaid
	return d.invoiced(ctx, c, contract.EventInvoicePaid, v)
}

// VoidInvoice takes back an invoice that was not paid.
func (s *Service) VoidInvoice(ctx context.Context, orderID, invoiceID, ifMatch string, body *contract.Ruling) (*contract.Order, error) {
	c, d, v, err := openInvoice(ctx, orderID, invoiceID, ifMatch, contract.InvoiceActionVoid)
	if err != nil {
		return nil, err
	}
	v.Status, v.Reason = contract.InvoiceStatusVoid, contract.Reason(*body)
	return d.invoiced(ctx, c, contract.EventInvoiceVoided, v)
}

// invoiced answers what happened to an invoice, and adds all of them up again.
func (d *dossier) invoiced(ctx context.Context, c *call.Call, event string, v *contract.Invoice) (*contract.Order, error) {
	if err := d.addUp(); err != nil {
		return nil, err
	}
	d.tell(event, map[string]any{"invoice_id": v.ID, "amount": v.Total.Amount(), "currency": v.Total.Currency()}, "/invoices", "/totals")
	return d.answer(ctx, c)
}

// addUp sums the invoices that are not void, and those that are paid.
func (d *dossier) addUp() (err error) {
	t := &d.Totals
	if t.Invoiced, err = d.none(); err != nil {
		return err
	}
	t.Paid = t.Invoiced
	for i := range d.Invoices {
		v := &d.Invoices[i]
		if v.Status == contract.InvoiceStatusVoid {
			continue
		}
		if t.Invoiced, err = t.Invoiced.Add(v.Total); err != nil {
			return err
		}
		if v.Status != contract.InvoiceStatusPaid {
			continue
		}
		if t.Paid, err = t.Paid.Add(v.Total); err != nil {
			return err
		}
	}
	return nil
}

// openInvoice takes an order out for an action on one of its invoices.
func openInvoice(ctx context.Context, orderID, invoiceID, ifMatch string, action contract.InvoiceAction) (*call.Call, *dossier, *contract.Invoice, error) {
	c := call.From(ctx)
	if !c.Caller.Vendor() {
		return nil, nil, nil, problem.WrongSide(c.Caller.Side)
	}
	d, err := take(ctx, c, orderID, ifMatch)
	if err != nil {
		return nil, nil, nil, err
	}
	i := slices.IndexFunc(d.Invoices, func(v contract.Invoice) bool { return v.ID == invoiceID })
	if i < 0 {
		return nil, nil, nil, call.NotFound("invoice")
	}
	v := &d.Invoices[i]
	if actions := allowedOnInvoice(v, c.Caller); !slices.Contains(actions, action) {
		return nil, nil, nil, problem.Untimely("invoice", v.Status, action, actions)
	}
	return c, d, v, nil
}

// allowedOnInvoice is what the caller may do with an invoice, however the order has ended.
func allowedOnInvoice(v *contract.Invoice, caller call.Caller) []contract.InvoiceAction {
	if v.Status != contract.InvoiceStatusIssued || !caller.Vendor() || !states.MayWrite(caller, domain) {
		return []contract.InvoiceAction{}
	}
	return []contract.InvoiceAction{contract.InvoiceActionPay, contract.InvoiceActionVoid}
}
