package quotes

import (
	"context"
	"fmt"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/quotes"
)

// ordered marks the quote of an order, and takes what was ordered from special pricing. Of several orders of one quote the first finds it
// accepted; the others begin anew and find it ordered.
func (s *Service) ordered(ctx context.Context, e feed.Event) error {
	placed, ok := e.Payload.(feed.OrderPlaced)
	if !ok {
		return fmt.Errorf("%s of %s carries %T", e.Type, e.ResourceID, e.Payload)
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

// unordered gives back what was canceled of an order.
func (s *Service) unordered(ctx context.Context, e feed.Event) error {
	canceled, ok := e.Payload.(feed.OrderCanceled)
	if !ok {
		return fmt.Errorf("%s of %s carries %T", e.Type, e.ResourceID, e.Payload)
	}
	return returnSpecial(ctx, call.From(ctx), canceled)
}
