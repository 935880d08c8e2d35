package quotes

import (
	"context"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/states"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/quotes"
)

// ordered marks the quote of an order, and takes what was ordered from special pricing. Of several orders of one quote the first finds it
// accepted; the others begin anew and find it ordered.
func (s *Service) ordered(ctx context.Context, e feed.Event) error {
	placed, err := feed.Payload[feed.OrderPlaced](e)
	if err != nil {
		return err
	}
	c := call.From(ctx)
	d, err := lockQuote(ctx, c, placed.QuoteID)
	if err != nil {
		return err
	}
	if !offers.Can(d.Status, by(c), contract.ActionOrder) {
		return store.ErrLostUpdate
	}
	if err := useSpecial(ctx, c, placed.OrderID, placed.Lines, &d.record); err != nil {
		return err
	}
	if err := d.enter(c, contract.ActionOrder, contract.StatusOrdered); err != nil {
		return err
	}
	d.OrderID, d.OrderedAt = placed.OrderID, c.Now
	d.tell(contract.EventOrdered, map[string]any{"order_id": placed.OrderID}, "/status", "/order_id", "/ordered_at")
	return d.save(ctx, c)
}

// unordered gives back what was canceled of an order, and the quote itself when nothing came of it.
func (s *Service) unordered(ctx context.Context, e feed.Event) error {
	canceled, err := feed.Payload[feed.OrderCanceled](e)
	if err != nil {
		return err
	}
	c := call.From(ctx)
	if canceled.Void {
		if err := reopen(ctx, c, canceled); err != nil {
			return err
		}
	}
	return returnSpecial(ctx, c, canceled)
}

// reopen lets a quote be ordered again: it is accepted as it was, at the prices of then. Its session stays ordered, as the session led to an order.
func reopen(ctx context.Context, c *call.Call, canceled feed.OrderCanceled) error {
	d, err := lockQuote(ctx, c, canceled.QuoteID)
	if err != nil {
		return err
	}
	if err := offers.Enter(&d.Status, states.Portal, quoteReopen, contract.StatusAccepted); err != nil {
		return err
	}
	d.OrderID, d.OrderedAt = "", time.Time{}
	d.tell(contract.EventReopened, map[string]any{"order_id": canceled.OrderID}, "/status", "/order_id", "/ordered_at")
	return d.save(ctx, c)
}
