package orders

import (
	"slices"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/states"
	contract "github.com/partnerportal/partnerportal-go/quotes/orders"
)

// domain is the first word of the scopes.
const domain = "orders"

// The states of orders.
const (
	submitted    = contract.StatusSubmitted
	acknowledged = contract.StatusAcknowledged
	inProgress   = contract.StatusInProgress
	held         = contract.StatusHeld
	assessing    = contract.StatusAssessingCancellation
	completed    = contract.StatusCompleted
	partial      = contract.StatusPartial
	rejected     = contract.StatusRejected
	failed       = contract.StatusFailed
	canceled     = contract.StatusCanceled
)

// The states by what they have in common.
var (
	open     = states.In(submitted, acknowledged, inProgress, held)
	invoiced = states.In(acknowledged, inProgress, held, completed, partial)
	nothing  = states.In(rejected, failed, canceled) // came of it: its quote and its purchase order number are free again
	over     = slices.Concat(nothing, states.In(completed, partial))
)

var table = states.Table[contract.Status, contract.Action]{
	states.On(contract.ActionUpdate, states.Partner, slices.Concat(open, states.In(assessing), over)),
	states.On(contract.ActionRequestCancellation, states.Partner, open, assessing),
	states.On(contract.ActionWithdrawCancellation, states.Partner, states.In(assessing), open...),
	states.On(contract.ActionAcknowledge, states.Vendor, states.In(submitted), acknowledged),
	states.On(contract.ActionReject, states.Vendor, states.In(submitted, held), rejected),
	states.On(contract.ActionHold, states.Vendor, states.In(submitted, acknowledged, inProgress), held),
	states.On(contract.ActionRelease, states.Vendor, states.In(held), submitted, acknowledged, inProgress),
	states.On(contract.ActionFulfil, states.Vendor, states.In(acknowledged, inProgress), inProgress, completed, partial),
	states.On(contract.ActionFail, states.Vendor, states.In(acknowledged, inProgress, held), failed, partial),
	states.On(contract.ActionApproveCancellation, states.Vendor, states.In(assessing), slices.Concat(open, states.In(canceled, partial))...),
	states.On(contract.ActionRefuseCancellation, states.Vendor, states.In(assessing), open...),
	states.On(contract.ActionAddInvoice, states.Vendor, invoiced),
}

// allowed lists what the caller may do with the order now.
func allowed(o *order, caller call.Caller) []contract.Action {
	return slices.DeleteFunc(table.Allowed(o.Status, caller, domain), func(a contract.Action) bool { return !o.timely(a) })
}

// timely is what the state alone does not say: what is held may have been acknowledged before, or not.
func (o *order) timely(action contract.Action) bool {
	if o.Status != held {
		return true
	}
	switch action {
	case contract.ActionReject:
		return o.AcknowledgedAt.IsZero()
	case contract.ActionFail, contract.ActionAddInvoice:
		return !o.AcknowledgedAt.IsZero()
	}
	return true
}

// enter moves the order to a state to which an action of the caller's leads.
func (d *dossier) enter(c *call.Call, action contract.Action, to contract.Status) error {
	return table.Enter(&d.Status, states.SideOf(c.Caller), action, to)
}

// standing is where an order stands by where its units are, and otherwise where it is said to.
func (d *dossier) standing(otherwise contract.Status) contract.Status {
	var moving, arrived, begun, gone int
	for i := range d.Lines {
		l := &d.Lines[i]
		moving += onTheWay(l)
		arrived += l.Units.Delivered + l.Units.Provisioned
		begun += l.Quantity - l.Units.Acknowledged - l.Units.Canceled
		gone += l.Units.Canceled
	}
	switch {
	case moving > 0 && otherwise == acknowledged && begun > 0:
		return inProgress
	case moving > 0:
		return otherwise
	case arrived == 0:
		return canceled
	case gone > 0:
		return partial
	}
	return completed
}

// editable lists the JSON pointers that the caller may change now.
func editable(o *order, caller call.Caller) []string {
	switch {
	case states.SideOf(caller) != states.Partner || !states.MayWrite(caller, domain):
		return []string{}
	case o.Status == submitted:
		return []string{"/external_refs", "/requested_delivery_on", "/ship_to"}
	}
	return []string{"/external_refs"}
}
