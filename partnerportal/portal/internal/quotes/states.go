package quotes

import (
	"slices"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/states"
	contract "github.com/partnerportal/partnerportal-go/quotes"
)

// domain is the first word of the scopes.
const domain = "quotes"

// What only the portal itself does.
const (
	quoteExpire   contract.Action               = "expire"
	quoteReopen   contract.Action               = "reopen"
	specialExpire contract.SpecialPricingAction = "expire"
	specialUse    contract.SpecialPricingAction = "use" // for an order, or back from one
)

// The states of a quote by what they have in common.
var (
	offered  = states.In(contract.StatusReady, contract.StatusPresented)
	standing = slices.Concat(states.In(contract.StatusDraft, contract.StatusPendingApproval, contract.StatusAccepted), offered)
	frozen   = states.In(contract.StatusPresented, contract.StatusAccepted, contract.StatusDeclined, contract.StatusExpired, contract.StatusOrdered, contract.StatusSuperseded)
)

var offers = states.Table[contract.Status, contract.Action]{
	states.On(contract.ActionUpdate, states.Partner, states.In(contract.StatusDraft)),
	states.On(contract.ActionPrice, states.Partner, states.In(contract.StatusDraft)),
	states.On(contract.ActionRequestApproval, states.Partner, states.In(contract.StatusDraft), contract.StatusPendingApproval),
	states.On(contract.ActionApprove, states.Vendor, states.In(contract.StatusPendingApproval), contract.StatusReady),
	states.On(contract.ActionCounter, states.Vendor, states.In(contract.StatusPendingApproval), contract.StatusDraft),
	states.On(contract.ActionReject, states.Vendor, states.In(contract.StatusPendingApproval), contract.StatusDraft),
	states.On(contract.ActionRequestChanges, states.Vendor, states.In(contract.StatusPendingApproval), contract.StatusDraft),
	states.On(contract.ActionPresent, states.Partner, states.In(contract.StatusDraft, contract.StatusReady), contract.StatusPresented),
	states.On(contract.ActionAccept, states.Partner, states.In(contract.StatusPresented), contract.StatusAccepted),
	states.On(contract.ActionDecline, states.Partner, states.In(contract.StatusPresented), contract.StatusDeclined),
	states.On(contract.ActionOrder, states.Partner, states.In(contract.StatusAccepted), contract.StatusOrdered),
	states.On(contract.ActionRevise, states.Partner,
		slices.Concat(offered, states.In(contract.StatusAccepted, contract.StatusDeclined, contract.StatusExpired)), contract.StatusSuperseded),
	states.On(contract.ActionCancel, states.Partner, standing, contract.StatusCanceled),
	states.On(contract.ActionCreateDocument, states.Partner|states.Vendor, frozen),
	states.On(quoteReopen, states.Portal, states.In(contract.StatusOrdered), contract.StatusAccepted),
	states.On(quoteExpire, states.Portal, offered, contract.StatusExpired),
}

// The states of special pricing by what they have in common.
var (
	writable  = states.In(contract.SpecialPricingStatusDraft, contract.SpecialPricingStatusChangesRequested)
	undecided = states.In(contract.SpecialPricingStatusSubmitted, contract.SpecialPricingStatusCountered)
	usable    = states.In(contract.SpecialPricingStatusApproved, contract.SpecialPricingStatusPartiallyApproved)
)

var specials = states.Table[contract.SpecialPricingStatus, contract.SpecialPricingAction]{
	states.On(contract.SpecialPricingActionUpdate, states.Partner, writable),
	states.On(contract.SpecialPricingActionSubmit, states.Partner, writable, contract.SpecialPricingStatusSubmitted),
	states.On(contract.SpecialPricingActionWithdraw, states.Partner, slices.Concat(writable, undecided), contract.SpecialPricingStatusWithdrawn),
	states.On(contract.SpecialPricingActionAcceptCounter, states.Partner, states.In(contract.SpecialPricingStatusCountered), usable...),
	states.On(contract.SpecialPricingActionRequestChanges, states.Vendor, states.In(contract.SpecialPricingStatusSubmitted), contract.SpecialPricingStatusChangesRequested),
	states.On(contract.SpecialPricingActionApprove, states.Vendor, states.In(contract.SpecialPricingStatusSubmitted), usable...),
	states.On(contract.SpecialPricingActionCounter, states.Vendor, undecided, contract.SpecialPricingStatusCountered),
	states.On(contract.SpecialPricingActionReject, states.Vendor, undecided, contract.SpecialPricingStatusRejected),
	states.On(specialExpire, states.Portal, slices.Concat(usable, states.In(contract.SpecialPricingStatusCountered)), contract.SpecialPricingStatusExpired),
	states.On(specialUse, states.Portal, slices.Concat(usable, states.In(contract.SpecialPricingStatusConsumed)),
		slices.Concat(usable, states.In(contract.SpecialPricingStatusConsumed, contract.SpecialPricingStatusExpired))...),
}
