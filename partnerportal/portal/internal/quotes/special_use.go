package quotes

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/pricing"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/states"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/quotes"
)

// useSpecial takes the units of an order from the special pricing of its quote. When somebody else has ordered them in the meantime, it refuses the
// order with special_pricing_exhausted, and says what is left.
func useSpecial(ctx context.Context, c *call.Call, orderID string, ordered []feed.OrderedLine, q *record) error {
	used := slices.DeleteFunc(slices.Clone(ordered), func(o feed.OrderedLine) bool { return o.SpecialQuantity == 0 })
	if len(used) == 0 {
		return nil
	}
	lines := slices.DeleteFunc(slices.Clone(q.Lines), func(l contract.Line) bool {
		return !slices.ContainsFunc(ordered, func(o feed.OrderedLine) bool { return o.QuoteLineID == l.ID })
	})
	b, err := lockSpecial(ctx, c, q.SpecialPricingID)
	if err != nil {
		return err
	}
	var missing []contract.Remaining
	for _, o := range used {
		l, err := b.pricing(lines, o.QuoteLineID)
		if err != nil {
			return err
		}
		if l.RemainingQuantity < o.SpecialQuantity {
			missing = append(missing, contract.Remaining{SpecialPricingID: b.ID, LineID: l.ID, SKU: l.SKU, Remaining: l.RemainingQuantity, Wanted: o.SpecialQuantity})
			continue
		}
		l.take(o.SpecialQuantity)
		if err := c.Tx.PutSpecialPricingUse(ctx, store.PutSpecialPricingUseParams{
			OrderID: orderID, QuoteLineID: o.QuoteLineID, SpecialPricingID: b.ID, LineID: l.ID, Ordered: int64(o.Quantity), Used: int64(o.SpecialQuantity),
		}); err != nil {
			return err
		}
	}
	if len(missing) > 0 {
		e := problem.New(http.StatusConflict, "special_pricing_exhausted", "Less is left of the special prices than would be ordered. Revise the quote, and it is priced with what is left.")
		return problem.With(e, "remaining", missing)
	}
	return b.moved(ctx, c, contract.EventSpecialPricingUsed, orderID)
}

// specialLine is a line of special pricing.
type specialLine struct{ *contract.SpecialLine }

// take moves units from what remains to what is consumed; a negative number moves them back.
func (l specialLine) take(n int) {
	l.RemainingQuantity -= n
	l.ConsumedQuantity += n
}

// pricing is the line that priced one of the lines of an order.
func (b *special) pricing(lines []contract.Line, lineID string) (specialLine, error) {
	for i := range lines {
		if lines[i].ID != lineID {
			continue
		}
		if n := pricing.BidOf(b.Lines, lines, &lines[i]); n >= 0 {
			return specialLine{&b.Lines[n]}, nil
		}
	}
	return specialLine{}, fmt.Errorf("special pricing %s has no price for line %s", b.ID, lineID)
}

// returnSpecial gives back what was canceled of an order: of each line first the units that had no special price.
func returnSpecial(ctx context.Context, c *call.Call, canceled feed.OrderCanceled) error {
	uses, err := c.Tx.SpecialPricingUses(ctx, canceled.OrderID)
	if err != nil || len(uses) == 0 {
		return err
	}
	b, err := lockSpecial(ctx, c, uses[0].SpecialPricingID) // an order has one quote, and a quote one special pricing
	if err != nil {
		return err
	}
	returned := 0
	for _, use := range uses {
		units := int64(0)
		for _, o := range canceled.Lines {
			if o.QuoteLineID == use.QuoteLineID {
				units += int64(o.Quantity)
			}
		}
		if units == 0 {
			continue
		}
		n, err := b.giveBack(ctx, c, canceled.OrderID, use, units)
		if err != nil {
			return err
		}
		returned += n
	}
	if returned == 0 {
		return nil
	}
	return b.moved(ctx, c, contract.EventSpecialPricingReturned, canceled.OrderID)
}

// giveBack takes back the units of one line of an order that were canceled, and says how many of them had the special price.
func (b *special) giveBack(ctx context.Context, c *call.Call, orderID string, use store.SpecialPricingUsesRow, units int64) (returned int, err error) {
	after := min(use.Canceled+units, use.Ordered)
	ordinary := use.Ordered - use.Used
	n := slices.IndexFunc(b.Lines, func(l contract.SpecialLine) bool { return l.ID == use.LineID })
	if n < 0 {
		return 0, fmt.Errorf("special pricing %s has no line %s", b.ID, use.LineID)
	}
	returned = int(max(0, after-ordinary) - max(0, use.Canceled-ordinary))
	specialLine{&b.Lines[n]}.take(-returned)
	return returned, c.Tx.CancelSpecialPricingUse(ctx, store.CancelSpecialPricingUseParams{OrderID: orderID, QuoteLineID: use.QuoteLineID, Canceled: after})
}

// moved saves special pricing after units went from it to an order or came back. With nothing left it is consumed; with something left again
// it can be used again, unless its time is over.
func (b *special) moved(ctx context.Context, c *call.Call, event, orderID string) error {
	to := b.Status
	switch left := b.left(); {
	case left == 0 && slices.Contains(usable, b.Status):
		to = contract.SpecialPricingStatusConsumed
	case left > 0 && b.Status == contract.SpecialPricingStatusConsumed && c.Now.Before(b.ExpiresAt):
		to = b.usableAs()
	case left > 0 && b.Status == contract.SpecialPricingStatusConsumed:
		to = contract.SpecialPricingStatusExpired
	}
	b.tell(event, known("order_id", orderID), "/lines")
	if to == b.Status {
		return b.save(ctx, c)
	}
	if err := specials.Enter(&b.Status, states.Portal, specialUse, to); err != nil {
		return err
	}
	if to == contract.SpecialPricingStatusConsumed {
		b.tell(contract.EventSpecialPricingConsumed, nil, "/status")
	} else {
		b.told[0].ChangedFields = []string{"/lines", "/status"}
	}
	return b.save(ctx, c)
}

// left is how many units can still be ordered at special prices.
func (b *special) left() (n int) {
	for _, l := range b.Lines {
		n += l.RemainingQuantity
	}
	return n
}

// expireSpecial ends special pricing, or the vendor's offer, when its time is over.
func expireSpecial(ctx context.Context, c *call.Call, id string, dueAt time.Time) error {
	b, err := lockSpecial(ctx, c, id)
	if err != nil {
		return err
	}
	if !specials.Can(b.Status, states.Portal, specialExpire) || !b.ExpiresAt.Equal(dueAt) {
		return nil
	}
	if err := specials.Enter(&b.Status, states.Portal, specialExpire, contract.SpecialPricingStatusExpired); err != nil {
		return err
	}
	b.tell(contract.EventSpecialPricingExpired, nil, "/status")
	return b.save(ctx, c)
}
