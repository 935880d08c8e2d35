package quotes

import (
	"context"
	"fmt"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/quotes"
)

// ListActivity returns a page of a quote's timeline.
func (s *Service) ListActivity(ctx context.Context, quoteID string, p *contract.ListActivityParams) (*partnerportal.ActivityPage, error) {
	c := call.From(ctx)
	r, err := readQuote(ctx, c, quoteID)
	if err != nil {
		return nil, err
	}
	return feed.Timeline(ctx, c.Tx, r.ID, c.Caller.Side, r.PartnerID, store.Page{Cursor: p.Cursor, Limit: p.Limit, Segment: p.Segment}, wording)
}

// sentences say what happened to quotes, to the partner and to the vendor.
var sentences = feed.Sentences{
	contract.EventCreated:           {"You made this version.", "The partner made this version."},
	contract.EventUpdated:           {"You changed the quote.", "The partner changed the quote."},
	contract.EventPriced:            {"The quote was priced.", "The quote was priced."},
	contract.EventApprovalRequested: {"You asked for approval of the discounts.", "The partner asks for approval of the discounts."},
	contract.EventApproved:          {"The vendor approved the discounts.", "The discounts were approved."},
	contract.EventCountered:         {"The vendor offers other discounts.", "Other discounts were offered."},
	contract.EventRejected:          {"The vendor refused the discounts.", "The discounts were refused."},
	contract.EventChangesRequested:  {"The vendor asks you for changes.", "The partner was asked for changes."},
	contract.EventPresented:         {"You presented the quote to the customer.", "The partner presented the quote to the customer."},
	contract.EventAccepted:          {"The customer accepted.", "The customer accepted."},
	contract.EventDeclined:          {"The customer declined.", "The customer declined."},
	contract.EventSuperseded:        {"You made the next version.", "The partner made the next version."},
	contract.EventExpired:           {"The quote's last day is over.", "The quote's last day is over."},
	contract.EventOrdered:           {"You ordered the quote.", "The partner ordered the quote."},
	contract.EventReopened:          {"Nothing came of your order. You can order again.", "Nothing came of the order. The partner can order again."},
	contract.EventCanceled:          {"You canceled the quote.", "The partner canceled the quote."},
	contract.EventDocumentCreated:   {"A document was made.", "A document was made."},
}

// wording turns an event into words for one side.
func wording(e feed.Event, side partnerportal.Side) string {
	if e.Type == contract.EventExpiring {
		return fmt.Sprintf("The quote is valid for %v more days.", e.Facts["days"])
	}
	text := sentences.For(e, side)
	if amount, ok := e.Facts["amount"].(string); ok && text != "" {
		return fmt.Sprintf("%s (%s %v)", text, amount, e.Facts["currency"])
	}
	return text
}
