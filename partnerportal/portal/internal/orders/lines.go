package orders

import (
	"fmt"
	"slices"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	contract "github.com/partnerportal/partnerportal-go/quotes/orders"
)

// way is what a unit goes through before its end, in this order; it may leave stages out, and never goes back.
var way = []contract.LineStatus{contract.LineStatusAcknowledged, contract.LineStatusBackordered, contract.LineStatusAllocated, contract.LineStatusShipped}

// count points to the number of units of a stage.
func count(u *contract.Units, stage contract.LineStatus) *int {
	switch stage {
	case contract.LineStatusBackordered:
		return &u.Backordered
	case contract.LineStatusAllocated:
		return &u.Allocated
	case contract.LineStatusShipped:
		return &u.Shipped
	case contract.LineStatusProvisioned:
		return &u.Provisioned
	case contract.LineStatusDelivered:
		return &u.Delivered
	case contract.LineStatusCanceled:
		return &u.Canceled
	}
	return &u.Acknowledged
}

// before are the stages from which a unit enters a stage. The ends can be entered from all the way.
func before(stage contract.LineStatus) []contract.LineStatus {
	if i := slices.Index(way, stage); i >= 0 {
		return way[:i]
	}
	return way
}

// movable is how many units can enter a stage.
func movable(l *contract.Line, stage contract.LineStatus) int {
	n := 0
	for _, from := range before(stage) {
		n += *count(&l.Units, from)
	}
	return n
}

// move lets units enter a stage: those that have come furthest arrive first, and those that have come least far are canceled first.
func move(l *contract.Line, quantity int, stage contract.LineStatus) error {
	if can := movable(l, stage); quantity > can {
		e := refuse(contract.ErrQuantityExceeds, fmt.Sprintf("%d of the line's %d units can still be %s, not %d.", can, l.Quantity, stage, quantity))
		return problem.With(problem.With(e, "line_id", l.ID), "available", can)
	}
	from := slices.Clone(before(stage))
	if stage != contract.LineStatusCanceled {
		slices.Reverse(from)
	}
	for _, f := range from {
		n := min(quantity, *count(&l.Units, f))
		*count(&l.Units, f) -= n
		*count(&l.Units, stage) += n
		quantity -= n
	}
	l.Status = slowest(&l.Units)
	return nil
}

// slowest is how far the slowest unit that still counts has come.
func slowest(u *contract.Units) contract.LineStatus {
	for _, stage := range append(slices.Clone(way), contract.LineStatusProvisioned, contract.LineStatusDelivered) {
		if *count(u, stage) > 0 {
			return stage
		}
	}
	return contract.LineStatusCanceled
}

// onTheWay is how many units have neither arrived nor been canceled.
func onTheWay(l *contract.Line) int { return movable(l, contract.LineStatusCanceled) }

// line finds a line by its id.
func (d *dossier) line(id string) *contract.Line {
	i := slices.IndexFunc(d.Lines, func(l contract.Line) bool { return l.ID == id })
	if i < 0 {
		return nil
	}
	return &d.Lines[i]
}

// recount adds up what will not come.
func (d *dossier) recount() (err error) {
	if d.Totals.Canceled, err = d.none(); err != nil {
		return err
	}
	for i := range d.Lines {
		l := &d.Lines[i]
		part, err := l.Total.Share(int64(l.Units.Canceled), int64(l.Quantity))
		if err != nil {
			return err
		}
		if d.Totals.Canceled, err = d.Totals.Canceled.Add(part); err != nil {
			return err
		}
	}
	return nil
}

// none is no money, in the order's currency.
func (d *dossier) none() (partnerportal.Money, error) {
	return partnerportal.NewMoney(0, d.Totals.Total.Currency())
}

// arrived is what is there of the order, before freight and tax.
func (d *dossier) arrived() (partnerportal.Money, error) {
	sum := d.Totals.Net
	for i := range d.Lines {
		l := &d.Lines[i]
		gone, err := l.Net.Share(int64(l.Quantity-l.Units.Delivered-l.Units.Provisioned), int64(l.Quantity))
		if err != nil {
			return sum, err
		}
		if sum, err = sum.Sub(gone); err != nil {
			return sum, err
		}
	}
	return sum, nil
}
