package orders

import (
	"context"
	"fmt"
	"slices"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	contract "github.com/partnerportal/partnerportal-go/quotes/orders"
)

// What became of a wish to cancel.
const (
	outcomeApproved       = "approved"
	outcomePartlyApproved = "partly_approved"
	outcomeRefused        = "refused"
	outcomeWithdrawn      = "withdrawn"
)

// RequestCancellation asks the vendor to cancel an order, or some units of it.
func (s *Service) RequestCancellation(ctx context.Context, orderID, ifMatch string, body *contract.CancellationRequest) (*contract.Order, error) {
	c, d, err := act(ctx, orderID, ifMatch, contract.ActionRequestCancellation)
	if err != nil {
		return nil, err
	}
	lines := body.Lines
	if len(lines) == 0 {
		lines = d.unfinished()
	}
	if err := d.checkUnits(lines); err != nil {
		return nil, err
	}
	d.AskedFrom, d.Cancellation = d.Status, contract.Cancellation{Code: body.Code, Text: body.Text, Lines: lines, RequestedAt: c.Now}
	if err := d.enter(c, contract.ActionRequestCancellation, assessing); err != nil {
		return nil, err
	}
	d.tell(contract.EventCancellationRequested, map[string]any{"code": string(body.Code)}, "/status", "/cancellation")
	return d.answer(ctx, c)
}

// WithdrawCancellation takes a request to cancel back.
func (s *Service) WithdrawCancellation(ctx context.Context, orderID, ifMatch string) (*contract.Order, error) {
	c, d, err := act(ctx, orderID, ifMatch, contract.ActionWithdrawCancellation)
	if err != nil {
		return nil, err
	}
	if err := d.settle(c, contract.ActionWithdrawCancellation, outcomeWithdrawn); err != nil {
		return nil, err
	}
	d.tell(contract.EventCancellationWithdrawn, nil, "/status", "/cancellation")
	return d.answer(ctx, c)
}

// RefuseCancellation refuses to cancel.
func (s *Service) RefuseCancellation(ctx context.Context, orderID, ifMatch string, body *contract.Ruling) (*contract.Order, error) {
	c, d, err := act(ctx, orderID, ifMatch, contract.ActionRefuseCancellation)
	if err != nil {
		return nil, err
	}
	if err := d.settle(c, contract.ActionRefuseCancellation, outcomeRefused); err != nil {
		return nil, err
	}
	d.Cancellation.Refusal = contract.Reason(*body)
	d.tell(contract.EventCancellationRefused, map[string]any{"code": string(body.Code)}, "/status", "/cancellation")
	return d.answer(ctx, c)
}

// settle ends the wish to cancel: the order goes on where it stood before, unless its units say that it is over.
func (d *dossier) settle(c *call.Call, action contract.Action, outcome string) error {
	if err := d.enter(c, action, d.standing(d.AskedFrom)); err != nil {
		return err
	}
	d.AskedFrom = ""
	d.Cancellation.Outcome, d.Cancellation.DecidedAt = outcome, c.Now
	if slices.Contains(over, d.Status) {
		d.Hold, d.HeldFrom = contract.Hold{}, ""
	}
	return nil
}

// ApproveCancellation cancels what the partner asked for, or the part that can still be stopped.
func (s *Service) ApproveCancellation(ctx context.Context, orderID, ifMatch string, body *contract.CancellationApproval) (*contract.Order, error) {
	c, d, err := act(ctx, orderID, ifMatch, contract.ActionApproveCancellation)
	if err != nil {
		return nil, err
	}
	lines, outcome := d.Cancellation.Lines, outcomeApproved
	if len(body.Lines) > 0 {
		if err := d.checkUnits(body.Lines); err != nil {
			return nil, err
		}
		if err := within(body.Lines, d.Cancellation.Lines); err != nil {
			return nil, err
		}
		if sum(body.Lines) < sum(lines) {
			outcome = outcomePartlyApproved
		}
		lines = body.Lines
	}
	gone, err := d.drop(lines)
	if err != nil {
		return nil, err
	}
	d.Cancellation.Comment = body.Comment
	if err := d.settle(c, contract.ActionApproveCancellation, outcome); err != nil {
		return nil, err
	}
	if d.Status == canceled {
		gone.Void = true
		d.tell(contract.EventCanceled, nil, "/status", "/cancellation", "/lines", "/totals")
		d.carry(gone)
		return d.answer(ctx, c)
	}
	for i, l := range lines {
		d.tell(contract.EventLineCanceled, units(d.line(l.LineID), l.Quantity), "/status", "/cancellation", "/lines", "/totals")
		one := gone
		one.Lines = gone.Lines[i : i+1]
		d.carry(one)
	}
	if d.Status == partial {
		if err := d.complete(ctx, c); err != nil {
			return nil, err
		}
	}
	return d.answer(ctx, c)
}

// unfinished are all units that have not arrived.
func (d *dossier) unfinished() []contract.UnitsOf {
	var all []contract.UnitsOf
	for i := range d.Lines {
		if n := onTheWay(&d.Lines[i]); n > 0 {
			all = append(all, contract.UnitsOf{LineID: d.Lines[i].ID, Quantity: n})
		}
	}
	return all
}

// checkUnits refuses units that the order does not have, or that have arrived.
func (d *dossier) checkUnits(lines []contract.UnitsOf) error {
	var f problem.Fields
	seen := map[string]bool{}
	for i, of := range lines {
		l := d.line(of.LineID)
		switch {
		case l == nil:
			f.Add(at("/lines", i)+"/line_id", "invalid_value", "The order has no such line.")
		case seen[of.LineID]:
			f.Add(at("/lines", i)+"/line_id", "duplicate_key", "Name each line once.")
		case of.Quantity > onTheWay(l):
			e := refuse(contract.ErrQuantityExceeds, fmt.Sprintf("Only %d of the line's %d units have not arrived.", onTheWay(l), l.Quantity))
			return problem.With(problem.With(e, "line_id", l.ID), "available", onTheWay(l))
		}
		seen[of.LineID] = true
	}
	return f.Err()
}

// within refuses to cancel more than was asked for.
func within(lines, asked []contract.UnitsOf) error {
	wanted := map[string]int{}
	for _, of := range asked {
		wanted[of.LineID] = of.Quantity
	}
	var f problem.Fields
	for i, of := range lines {
		if of.Quantity > wanted[of.LineID] {
			f.Add(at("/lines", i)+"/quantity", "out_of_range", fmt.Sprintf("The partner asked to cancel %d units of it.", wanted[of.LineID]))
		}
	}
	return f.Err()
}

func sum(lines []contract.UnitsOf) int {
	n := 0
	for _, of := range lines {
		n += of.Quantity
	}
	return n
}

// drop cancels units, and returns what others are to know of that: the lines in the order in which they are given.
func (d *dossier) drop(lines []contract.UnitsOf) (feed.OrderCanceled, error) {
	gone := feed.OrderCanceled{OrderID: d.ID, QuoteID: d.QuoteID, DealID: d.DealID}
	for _, of := range lines {
		l := d.line(of.LineID)
		if err := move(l, of.Quantity, contract.LineStatusCanceled); err != nil {
			return gone, err
		}
		gone.Lines = append(gone.Lines, feed.OrderedLine{QuoteLineID: l.QuoteLineID, Quantity: of.Quantity})
	}
	return gone, d.recount()
}
