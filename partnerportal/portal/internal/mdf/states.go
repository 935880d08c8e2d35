package mdf

import (
	"slices"

	contract "github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/states"
)

// domain is the first word of the scopes.
const domain = "mdf"

var funds = states.Table[contract.FundStatus, contract.FundAction]{
	states.On(contract.FundActionOpen, states.Vendor, states.In(contract.FundStatusDraft, contract.FundStatusFrozen), contract.FundStatusOpen),
	states.On(contract.FundActionAllocate, states.Vendor, states.In(contract.FundStatusOpen)),
	states.On(contract.FundActionAccrue, states.Vendor, states.In(contract.FundStatusOpen)),
	states.On(contract.FundActionFreeze, states.Vendor, states.In(contract.FundStatusOpen), contract.FundStatusFrozen),
	states.On(contract.FundActionClose, states.Vendor, states.In(contract.FundStatusDraft, contract.FundStatusOpen, contract.FundStatusFrozen), contract.FundStatusClosed),
	states.On(contract.FundActionUpdate, states.Vendor, states.In(contract.FundStatusDraft, contract.FundStatusOpen, contract.FundStatusFrozen)),
}

// What only the portal itself does, when a deadline passes.
const (
	allocationExpire contract.AllocationAction = "expire"
	allocationEarned contract.AllocationAction = "earned"
	requestOverdue   contract.RequestAction    = "overdue"
	claimOverdue     contract.ClaimAction      = "overdue"
)

// usable are allocations from which money can be asked for. An exhausted one is among them: what is freed makes it active again.
var usable = states.In(contract.AllocationStatusActive, contract.AllocationStatusExhausted)

var allocations = states.Table[contract.AllocationStatus, contract.AllocationAction]{
	states.On(contract.AllocationActionFreeze, states.Vendor, usable, contract.AllocationStatusFrozen),
	states.On(contract.AllocationActionUnfreeze, states.Vendor, states.In(contract.AllocationStatusFrozen), usable...),
	states.On(contract.AllocationActionAdjust, states.Vendor, slices.Concat(states.In(contract.AllocationStatusAccruing, contract.AllocationStatusFrozen), usable)),
	states.On(contract.AllocationActionTransfer, states.Vendor, slices.Concat(states.In(contract.AllocationStatusAccruing, contract.AllocationStatusFrozen), usable)),
	states.On(contract.AllocationActionClose, states.Vendor, slices.Concat(states.In(contract.AllocationStatusAccruing, contract.AllocationStatusFrozen), usable), contract.AllocationStatusClosed),
	states.On(contract.AllocationActionUpdate, states.Vendor, slices.Concat(states.In(contract.AllocationStatusFrozen), usable)),
	states.On(allocationEarned, states.Portal, states.In(contract.AllocationStatusAccruing), slices.Concat(states.In(contract.AllocationStatusAccruing, contract.AllocationStatusClosed), usable)...),
	states.On(allocationExpire, states.Portal, slices.Concat(states.In(contract.AllocationStatusFrozen), usable), contract.AllocationStatusExpired),
}

// The states of a request by what they have in common.
var (
	undecided = states.In(contract.RequestStatusSubmitted, contract.RequestStatusInReview)
	granted   = states.In(contract.RequestStatusApproved, contract.RequestStatusInProgress, contract.RequestStatusCompleted)
	writable  = states.In(contract.RequestStatusDraft, contract.RequestStatusChangesRequested)
	over      = states.In(contract.RequestStatusRejected, contract.RequestStatusWithdrawn, contract.RequestStatusCanceled, contract.RequestStatusClosed)
)

var requests = states.Table[contract.RequestStatus, contract.RequestAction]{
	states.On(contract.RequestActionSubmit, states.Partner, states.In(contract.RequestStatusDraft), contract.RequestStatusSubmitted),
	states.On(contract.RequestActionResubmit, states.Partner, states.In(contract.RequestStatusChangesRequested), contract.RequestStatusSubmitted),
	states.On(contract.RequestActionStartReview, states.Vendor, states.In(contract.RequestStatusSubmitted), contract.RequestStatusInReview),
	states.On(contract.RequestActionRequestChanges, states.Vendor, undecided, contract.RequestStatusChangesRequested),
	states.On(contract.RequestActionApprove, states.Vendor, undecided, contract.RequestStatusApproved),
	states.On(contract.RequestActionReject, states.Vendor, undecided, contract.RequestStatusRejected),
	states.On(contract.RequestActionWithdraw, states.Partner, slices.Concat(undecided, writable), contract.RequestStatusWithdrawn),
	states.On(requestOverdue, states.Portal, states.In(contract.RequestStatusChangesRequested), contract.RequestStatusWithdrawn),
	states.On(contract.RequestActionAmend, states.Partner, granted),
	states.On(contract.RequestActionApproveAmendment, states.Vendor, granted),
	states.On(contract.RequestActionRejectAmendment, states.Vendor, granted),
	states.On(contract.RequestActionCancel, states.Partner|states.Vendor, granted, contract.RequestStatusCanceled, contract.RequestStatusClosed, contract.RequestStatusCompleted), // see progress
	states.On(contract.RequestActionUpdate, states.Partner, writable),
}

// The states of a claim by what they have in common.
var (
	pending  = states.In(contract.ClaimStatusSubmitted, contract.ClaimStatusInReview)
	mendable = states.In(contract.ClaimStatusDraft, contract.ClaimStatusChangesRequested)
	unpaid   = states.In(contract.ClaimStatusApproved, contract.ClaimStatusPartiallyApproved, contract.ClaimStatusScheduled, contract.ClaimStatusPaymentFailed)
)

var claims = states.Table[contract.ClaimStatus, contract.ClaimAction]{
	states.On(contract.ClaimActionSubmit, states.Partner, states.In(contract.ClaimStatusDraft), contract.ClaimStatusSubmitted),
	states.On(contract.ClaimActionResubmit, states.Partner, states.In(contract.ClaimStatusChangesRequested), contract.ClaimStatusSubmitted),
	states.On(contract.ClaimActionStartReview, states.Vendor, states.In(contract.ClaimStatusSubmitted), contract.ClaimStatusInReview),
	states.On(contract.ClaimActionRequestChanges, states.Vendor, pending, contract.ClaimStatusChangesRequested),
	states.On(contract.ClaimActionApprove, states.Vendor, pending, contract.ClaimStatusApproved, contract.ClaimStatusPartiallyApproved),
	states.On(contract.ClaimActionReject, states.Vendor, pending, contract.ClaimStatusRejected),
	states.On(contract.ClaimActionWithdraw, states.Partner, slices.Concat(pending, mendable), contract.ClaimStatusWithdrawn),
	states.On(claimOverdue, states.Portal, states.In(contract.ClaimStatusChangesRequested), contract.ClaimStatusWithdrawn),
	states.On(contract.ClaimActionSchedule, states.Vendor, unpaid, contract.ClaimStatusScheduled),
	states.On(contract.ClaimActionPay, states.Vendor, unpaid, contract.ClaimStatusPaid),
	states.On(contract.ClaimActionFailPayment, states.Vendor, states.In(contract.ClaimStatusScheduled, contract.ClaimStatusPaid), contract.ClaimStatusPaymentFailed),
	states.On(contract.ClaimActionUpdate, states.Partner, mendable),
}
