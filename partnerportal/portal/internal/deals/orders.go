package deals

import (
	"cmp"
	"context"
	"errors"
	"slices"

	contract "github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
)

// portalSystem is the system of a reference to an order that was placed here.
const portalSystem = "portal"

// quoted notes a quote that was made for a deal.
func (s *Service) quoted(ctx context.Context, e feed.Event) error {
	made, err := feed.Payload[feed.QuoteMade](e)
	if err != nil {
		return err
	}
	return linked(ctx, made.DealID, func(d *dossier) {
		if slices.Contains(d.QuoteIDs, made.QuoteID) {
			return
		}
		d.QuoteIDs = append(d.QuoteIDs, made.QuoteID)
		d.tell(contract.EventUpdated, map[string]any{"quote_id": made.QuoteID}, "/quote_ids")
	})
}

// ordered notes an order that came of a deal.
func (s *Service) ordered(ctx context.Context, e feed.Event) error {
	placed, err := feed.Payload[feed.OrderPlaced](e)
	if err != nil {
		return err
	}
	return linked(ctx, placed.DealID, func(d *dossier) {
		d.OrderIDs = append(d.OrderIDs, placed.OrderID)
		d.tell(contract.EventUpdated, map[string]any{"order_id": placed.OrderID}, "/order_ids")
	})
}

// ended are the deals that nothing leads back from: an order may be completed long after somebody closed the deal. All others may be won one day, and
// what has arrived before counts then.
var ended = from(contract.StatusWon, contract.StatusLost, contract.StatusCanceled, contract.StatusWithdrawn)

// arrived proposes to close a deal as won.
func (s *Service) arrived(ctx context.Context, e feed.Event) error {
	done, err := feed.Payload[feed.OrderCompleted](e)
	if err != nil {
		return err
	}
	var failure error
	err = linked(ctx, done.DealID, func(d *dossier) {
		if slices.Contains(ended, d.Status) {
			return
		}
		amount := done.Amount
		if so := d.WinProposal.Amount; so.Currency() == amount.Currency() {
			amount, failure = so.Add(amount)
		}
		d.WinProposal = contract.WinProposal{
			OrderID: done.OrderID, OrderNumber: done.Number, Amount: amount, CompletedOn: done.CompletedOn, ProposedAt: done.CompletedAt,
		}
		d.tell(contract.EventWinProposed, map[string]any{"order_id": done.OrderID, "amount": amount.Amount(), "currency": amount.Currency()}, "/win_proposal")
	})
	if failure != nil {
		return failure
	}
	return err
}

// linked lets a deal know of what happened elsewhere, if it is of one and says anything. The draft for which a quote was made may be deleted.
func linked(ctx context.Context, dealID string, note func(*dossier)) error {
	if dealID == "" {
		return nil
	}
	c := call.From(ctx)
	r, err := readAny(ctx, c, dealID)
	if errors.Is(err, partnerportal.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	d, err := unfold(ctx, c, r)
	if err != nil {
		return err
	}
	if note(d); len(d.events) == 0 {
		return nil
	}
	return d.save(ctx, c)
}

// proposed fills in what a win does not say from what has arrived. The day goes with the amount.
func (d *dossier) proposed(body contract.Win) contract.Win {
	p := d.WinProposal
	if p.OrderID == "" {
		return body
	}
	if body.ActualAmount.IsZero() {
		body.ActualAmount, body.ClosedOn = p.Amount, cmp.Or(body.ClosedOn, p.CompletedOn)
	}
	if body.OrderRef == (partnerportal.ExternalRef{}) && len(body.Evidence) == 0 {
		body.OrderRef = partnerportal.ExternalRef{System: portalSystem, ID: p.OrderID}
	}
	return body
}
