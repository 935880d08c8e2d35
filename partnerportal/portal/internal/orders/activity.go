package orders

import (
	"context"
	"fmt"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/quotes/orders"
)

// ListActivity returns a page of an order's timeline.
func (s *Service) ListActivity(ctx context.Context, orderID string, p *contract.ListActivityParams) (*partnerportal.ActivityPage, error) {
	c := call.From(ctx)
	o, err := read(ctx, c, orderID)
	if err != nil {
		return nil, err
	}
	return feed.Timeline(ctx, c.Tx, o.ID, c.Caller.Side, o.PartnerID, store.Page{Cursor: p.Cursor, Limit: p.Limit, Segment: p.Segment}, wording)
}

// sentences say what happened to an order, to the partner and to the vendor.
var sentences = feed.Sentences{
	contract.EventSubmitted:             {"You ordered.", "The partner ordered."},
	contract.EventUpdated:               {"The order was changed.", "The order was changed."},
	contract.EventAcknowledged:          {"The vendor took the order on.", "The order was taken on."},
	contract.EventRejected:              {"The vendor refused the order", "The order was refused"},
	contract.EventHeld:                  {"The vendor stopped work on the order", "Work was stopped"},
	contract.EventReleased:              {"Work on the order goes on.", "Work goes on."},
	contract.EventLineBackordered:       {"Not in stock", "Not in stock"},
	contract.EventLineAllocated:         {"Set aside for you", "Set aside"},
	contract.EventLineShipped:           {"On the way", "On the way"},
	contract.EventLineProvisioned:       {"Ready to be used", "Ready to be used"},
	contract.EventLineDelivered:         {"Arrived", "Arrived"},
	contract.EventLineCanceled:          {"Canceled", "Canceled"},
	contract.EventCancellationRequested: {"You asked to cancel", "The partner asks to cancel"},
	contract.EventCancellationWithdrawn: {"You no longer want to cancel.", "The partner no longer wants to cancel."},
	contract.EventCancellationRefused:   {"The vendor refused to cancel", "Canceling was refused"},
	contract.EventCompleted:             {"All that will come has arrived.", "All that will come has arrived."},
	contract.EventCanceled:              {"The order was canceled.", "The order was canceled."},
	contract.EventFailed:                {"The vendor gave up what had not arrived", "What had not arrived was given up"},
	contract.EventInvoiceIssued:         {"There is an invoice", "An invoice was added"},
	contract.EventInvoicePaid:           {"An invoice was paid", "An invoice was paid"},
	contract.EventInvoiceVoided:         {"An invoice was taken back", "An invoice was taken back"},
}

// wording turns an event into words for one side.
func wording(e feed.Event, side partnerportal.Side) string {
	text := sentences.For(e, side)
	if quantity, ok := e.Facts["quantity"]; ok {
		return fmt.Sprintf("%s: %v of %v.", text, quantity, e.Facts["sku"])
	}
	if code, ok := e.Facts["code"].(string); ok {
		return text + ": " + problem.Words(code) + "."
	}
	if amount, ok := e.Facts["amount"].(string); ok && e.Facts["invoice_id"] != nil {
		return fmt.Sprintf("%s: %s %v.", text, amount, e.Facts["currency"])
	}
	return text
}
