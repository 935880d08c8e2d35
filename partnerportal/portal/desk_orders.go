package portal

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/partnerportal/partnerportal-go/partnerportal/sandbox"
	"github.com/partnerportal/partnerportal-go/quotes"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
	"github.com/partnerportal/partnerportal-go/quotes/orders"
)

// SeeQuote fails when the caller must not know of the quote.
func (d desk) SeeQuote(ctx context.Context, quoteID string) error {
	_, err := d.quotes.Get(ctx, quoteID)
	return err
}

// SeeSpecialPricing fails when the caller must not know of the special pricing.
func (d desk) SeeSpecialPricing(ctx context.Context, id string) error {
	_, err := d.quotes.GetSpecialPricing(ctx, id)
	return err
}

// SeeOrder fails when the caller must not know of the order.
func (d desk) SeeOrder(ctx context.Context, orderID string) error {
	_, err := d.orders.Get(ctx, orderID)
	return err
}

// DecideQuote does what the vendor is to do with a quote and returns the quote's status then.
func (d desk) DecideQuote(ctx context.Context, id string, action sandbox.QuoteAction, text string) (string, error) {
	said := cmp.Or(text, simulated)
	var q *quotes.Quote
	var err error
	switch action {
	case sandbox.QuoteActionApprove:
		q, err = d.quotes.Approve(ctx, id, "", &quotes.Remark{Note: text})
	case sandbox.QuoteActionReject:
		q, err = d.quotes.Reject(ctx, id, "", &quotes.Rejection{Reason: said})
	case sandbox.QuoteActionRequestChanges:
		q, err = d.quotes.RequestChanges(ctx, id, "", &quotes.Rejection{Reason: said})
	default:
		err = fmt.Errorf("the contract lets the vendor play %q, the desk cannot", action)
	}
	if err != nil {
		return "", err
	}
	return string(q.Status), nil
}

// DecideSpecialPricing does what the vendor is to do with special pricing and returns its status then.
func (d desk) DecideSpecialPricing(ctx context.Context, id string, action sandbox.SpecialPricingAction, text string) (string, error) {
	said := cmp.Or(text, simulated)
	var p *quotes.SpecialPricing
	var err error
	switch action {
	case sandbox.SpecialPricingActionApprove:
		p, err = d.quotes.ApproveSpecialPricing(ctx, id, "", &quotes.SpecialPricingApproval{Comment: text})
	case sandbox.SpecialPricingActionReject:
		p, err = d.quotes.RejectSpecialPricing(ctx, id, "", &quotes.Rejection{Reason: said})
	case sandbox.SpecialPricingActionRequestChanges:
		p, err = d.quotes.RequestSpecialPricingChanges(ctx, id, "", &quotes.Rejection{Reason: said})
	default:
		err = fmt.Errorf("the contract lets the vendor play %q, the desk cannot", action)
	}
	if err != nil {
		return "", err
	}
	return string(p.Status), nil
}

// DecideOrder does what the vendor is to do with an order and returns the order's status then.
func (d desk) DecideOrder(ctx context.Context, id string, action sandbox.OrderAction, text string) (string, error) {
	ruling := &orders.Ruling{Code: orders.ReasonCodeOther, Text: cmp.Or(text, simulated)}
	var o *orders.Order
	var err error
	switch action {
	case sandbox.OrderActionAcknowledge:
		o, err = d.orders.Acknowledge(ctx, id, "", &orders.Acknowledgement{Note: text})
	case sandbox.OrderActionReject:
		o, err = d.orders.Reject(ctx, id, "", ruling)
	case sandbox.OrderActionHold:
		o, err = d.orders.Hold(ctx, id, "", &orders.Holding{Code: orders.HoldCodeOther, Text: ruling.Text})
	case sandbox.OrderActionRelease:
		o, err = d.orders.Release(ctx, id, "", &orders.Note{Text: text})
	case sandbox.OrderActionShip:
		o, err = d.fulfil(ctx, id, orders.LineStatusShipped)
	case sandbox.OrderActionDeliver:
		o, err = d.fulfil(ctx, id, orders.LineStatusDelivered)
	case sandbox.OrderActionFail:
		o, err = d.orders.Fail(ctx, id, "", ruling)
	case sandbox.OrderActionApproveCancellation:
		o, err = d.orders.ApproveCancellation(ctx, id, "", &orders.CancellationApproval{Comment: text})
	case sandbox.OrderActionRefuseCancellation:
		o, err = d.orders.RefuseCancellation(ctx, id, "", ruling)
	case sandbox.OrderActionInvoice:
		o, err = d.invoice(ctx, id)
	default:
		err = fmt.Errorf("the contract lets the vendor play %q, the desk cannot", action)
	}
	if err != nil {
		return "", err
	}
	return string(o.Status), nil
}

// fulfil moves all units of an order that can be moved. The last one to arrive completes it. What is not goods is never shipped, and arrives by
// being provisioned.
func (d desk) fulfil(ctx context.Context, id string, to orders.LineStatus) (*orders.Order, error) {
	o, err := d.orders.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	for i := range o.Lines {
		l, stage := &o.Lines[i], to
		n := l.Units.Acknowledged + l.Units.Backordered + l.Units.Allocated
		if to == orders.LineStatusDelivered {
			n += l.Units.Shipped
		}
		if !goods(l) {
			stage = orders.LineStatusProvisioned
		}
		if n == 0 || to == orders.LineStatusShipped && !goods(l) {
			continue
		}
		if o, err = d.orders.Fulfil(ctx, id, l.ID, "", &orders.Fulfilment{Quantity: n, Status: stage}); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// goods says that a line is of things that are carried somewhere.
func goods(l *orders.Line) bool {
	return slices.Contains([]string{"", string(catalog.ProductKindHardware), string(catalog.ProductKindBundle)}, l.Kind)
}

// invoice asks for all that was not invoiced yet.
func (d desk) invoice(ctx context.Context, id string) (*orders.Order, error) {
	o, err := d.orders.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	left, err := o.Totals.Total.Sub(o.Totals.Canceled)
	if err != nil {
		return nil, err
	}
	if left, err = left.Sub(o.Totals.Invoiced); err != nil {
		return nil, err
	}
	return d.orders.AddInvoice(ctx, id, "", &orders.NewInvoice{Number: fmt.Sprintf("%s-%d", o.Number, len(o.Invoices)+1), Total: left})
}
