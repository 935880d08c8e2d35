package orders

import (
	"cmp"
	"context"
	"slices"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	contract "github.com/partnerportal/partnerportal-go/quotes/orders"
)

// Update changes what the partner may still change.
func (s *Service) Update(ctx context.Context, orderID, ifMatch string, body *contract.Patch) (*contract.Order, error) {
	c, d, err := act(ctx, orderID, ifMatch, contract.ActionUpdate)
	if err != nil {
		return nil, err
	}
	changed, err := call.Named(body)
	if err != nil {
		return nil, err
	}
	var f problem.Fields
	for _, pointer := range changed {
		if !slices.Contains(editable(&d.order, c.Caller), pointer) {
			f.Add(pointer, "not_permitted", "The vendor has taken the order on; ask it to change this.")
		}
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	if d.order, err = call.Patched(d.order, body); err != nil {
		return nil, err
	}
	if to, ok := body.ShipTo.Get(); ok { // as a whole: half of an old address in a new one is nobody's
		d.ShipTo = to
	}
	if err := d.check(ctx, c, slices.Contains(changed, "/requested_delivery_on")); err != nil {
		return nil, err
	}
	if slices.Contains(changed, "/external_refs") {
		if err := c.KeepRefs(ctx, d.PartnerID, resource, d.ID, d.ExternalRefs); err != nil {
			return nil, err
		}
	}
	d.tell(contract.EventUpdated, nil, changed...)
	return d.answer(ctx, c)
}

// Acknowledge takes an order on.
func (s *Service) Acknowledge(ctx context.Context, orderID, ifMatch string, body *contract.Acknowledgement) (*contract.Order, error) {
	c, d, err := act(ctx, orderID, ifMatch, contract.ActionAcknowledge)
	if err != nil {
		return nil, err
	}
	for i := range d.Lines {
		d.Lines[i].ETAOn = body.ETAOn
	}
	var f problem.Fields
	for i, own := range body.Lines {
		if l := d.line(own.LineID); l != nil {
			l.ETAOn = own.ETAOn
		} else {
			f.Add(at("/lines", i)+"/line_id", "invalid_value", "The order has no such line.")
		}
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	if ref := body.VendorRef; ref != (partnerportal.ExternalRef{}) {
		if err := c.KeepRefs(ctx, c.Caller.Owner(), resource, d.ID, []partnerportal.ExternalRef{ref}); err != nil {
			return nil, err
		}
		d.VendorRef = ref
	}
	if err := d.enter(c, contract.ActionAcknowledge, acknowledged); err != nil {
		return nil, err
	}
	d.AcknowledgedAt, d.VendorNote = c.Now, body.Note
	d.tell(contract.EventAcknowledged, nil, "/status", "/acknowledged_at", "/vendor_ref", "/lines")
	return d.answer(ctx, c)
}

// Reject refuses an order.
func (s *Service) Reject(ctx context.Context, orderID, ifMatch string, body *contract.Ruling) (*contract.Order, error) {
	c, d, err := act(ctx, orderID, ifMatch, contract.ActionReject)
	if err != nil {
		return nil, err
	}
	return d.giveUp(ctx, c, contract.ActionReject, rejected, body)
}

// Fail gives up what has not arrived.
func (s *Service) Fail(ctx context.Context, orderID, ifMatch string, body *contract.Ruling) (*contract.Order, error) {
	c, d, err := act(ctx, orderID, ifMatch, contract.ActionFail)
	if err != nil {
		return nil, err
	}
	return d.giveUp(ctx, c, contract.ActionFail, failed, body)
}

// giveUp cancels all that has not arrived, and says so once. An order of which something has arrived is partial, and counts.
func (d *dossier) giveUp(ctx context.Context, c *call.Call, action contract.Action, to contract.Status, why *contract.Ruling) (*contract.Order, error) {
	gone, err := d.drop(d.unfinished())
	if err != nil {
		return nil, err
	}
	event := contract.EventRejected
	if to == failed {
		event = contract.EventFailed
	}
	if d.standing(to) == partial {
		to = partial
	}
	if err := d.enter(c, action, to); err != nil {
		return nil, err
	}
	gone.Void = slices.Contains(nothing, d.Status)
	d.Reason, d.Hold, d.HeldFrom = contract.Reason(*why), contract.Hold{}, ""
	d.tell(event, map[string]any{"code": string(why.Code)}, "/status", "/reason", "/lines", "/totals")
	d.carry(gone)
	if d.Status == partial {
		if err := d.complete(ctx, c); err != nil {
			return nil, err
		}
	}
	return d.answer(ctx, c)
}

// Hold stops work on an order.
func (s *Service) Hold(ctx context.Context, orderID, ifMatch string, body *contract.Holding) (*contract.Order, error) {
	c, d, err := act(ctx, orderID, ifMatch, contract.ActionHold)
	if err != nil {
		return nil, err
	}
	d.HeldFrom, d.Hold = d.Status, contract.Hold{Code: body.Code, Text: body.Text, Since: c.Now}
	if err := d.enter(c, contract.ActionHold, held); err != nil {
		return nil, err
	}
	d.tell(contract.EventHeld, map[string]any{"code": string(body.Code)}, "/status", "/hold")
	return d.answer(ctx, c)
}

// Release lets work on a held order go on.
func (s *Service) Release(ctx context.Context, orderID, ifMatch string, body *contract.Note) (*contract.Order, error) {
	c, d, err := act(ctx, orderID, ifMatch, contract.ActionRelease)
	if err != nil {
		return nil, err
	}
	if err := d.enter(c, contract.ActionRelease, d.HeldFrom); err != nil {
		return nil, err
	}
	d.HeldFrom, d.Hold, d.VendorNote = "", contract.Hold{}, cmp.Or(body.Text, d.VendorNote)
	d.tell(contract.EventReleased, nil, "/status", "/hold")
	return d.answer(ctx, c)
}
