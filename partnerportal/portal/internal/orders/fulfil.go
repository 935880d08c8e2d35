package orders

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	contract "github.com/partnerportal/partnerportal-go/quotes/orders"
)

// lineEvents are what units tell when they enter a stage.
var lineEvents = map[contract.LineStatus]string{
	contract.LineStatusBackordered: contract.EventLineBackordered,
	contract.LineStatusAllocated:   contract.EventLineAllocated,
	contract.LineStatusShipped:     contract.EventLineShipped,
	contract.LineStatusProvisioned: contract.EventLineProvisioned,
	contract.LineStatusDelivered:   contract.EventLineDelivered,
}

// Fulfil moves units of a line towards their arrival.
func (s *Service) Fulfil(ctx context.Context, orderID, lineID, ifMatch string, body *contract.Fulfilment) (*contract.Order, error) {
	c, d, err := act(ctx, orderID, ifMatch, contract.ActionFulfil)
	if err != nil {
		return nil, err
	}
	l := d.line(lineID)
	if l == nil {
		return nil, call.NotFound("line")
	}
	if err := checkStep(l, body); err != nil {
		return nil, err
	}
	if err := move(l, body.Quantity, body.Status); err != nil {
		return nil, err
	}
	l.ETAOn = cmp.Or(body.ETAOn, l.ETAOn)
	l.Steps = append(l.Steps, contract.Step{
		ID: ids.New(ids.OrderStep, c.Now), At: c.Now, Quantity: body.Quantity, Status: body.Status, Serials: body.Serials, Tracking: body.Tracking,
		SubscriptionID: body.SubscriptionID, ETAOn: body.ETAOn, Note: body.Note,
	})
	d.tell(lineEvents[body.Status], units(l, body.Quantity), "/lines", "/status")
	if err := d.enter(c, contract.ActionFulfil, d.standing(d.Status)); err != nil {
		return nil, err
	}
	if d.Status != inProgress {
		if err := d.complete(ctx, c); err != nil {
			return nil, err
		}
	}
	return d.answer(ctx, c)
}

// units are the facts of an event of some units of a line.
func units(l *contract.Line, quantity int) map[string]any {
	return map[string]any{"line_id": l.ID, "quantity": quantity, "sku": l.SKU}
}

// mostSteps is how many the contract lets a line have.
const mostSteps = 1000

// checkStep refuses a step to nowhere, two units of one serial number, and a last step that leaves something over.
func checkStep(l *contract.Line, step *contract.Fulfilment) error {
	var f problem.Fields
	arrives := step.Status == contract.LineStatusDelivered || step.Status == contract.LineStatusProvisioned
	if len(l.Steps) >= mostSteps-1 && (!arrives || step.Quantity < onTheWay(l)) {
		f.Add("/quantity", "too_many", fmt.Sprintf("The line has %d steps: let all of the %d units that are left arrive with the last one.", len(l.Steps), onTheWay(l)))
	}
	problem.OneOf(&f, "/status", step.Status, contract.LineStatusBackordered, contract.LineStatusAllocated, contract.LineStatusShipped,
		contract.LineStatusProvisioned, contract.LineStatusDelivered)
	if len(step.Serials) > step.Quantity {
		f.Add("/serials", "too_many", fmt.Sprintf("Give at most one serial number for each of the %d units.", step.Quantity))
	}
	for i, serial := range step.Serials { // the same unit may tell its number again at the next stage
		if slices.Contains(step.Serials[:i], serial) {
			f.Add(at("/serials", i), "duplicate_key", "Give each serial number once.")
		}
	}
	return f.Err()
}

// complete says that all that will come has arrived, and what it is worth.
func (d *dossier) complete(ctx context.Context, c *call.Call) error {
	amount, err := d.arrived()
	if err != nil {
		return err
	}
	rules, err := d.rules(ctx, c)
	if err != nil {
		return err
	}
	d.CompletedAt = c.Now
	d.tell(contract.EventCompleted, map[string]any{"amount": amount.Amount(), "currency": amount.Currency()}, "/status", "/completed_at")
	d.carry(feed.OrderCompleted{
		OrderID: d.ID, Number: d.Number, QuoteID: d.QuoteID, DealID: d.DealID, ProgramID: d.ProgramID, Amount: amount,
		CompletedAt: c.Now, CompletedOn: rules.Today(c.Now),
	})
	return nil
}
