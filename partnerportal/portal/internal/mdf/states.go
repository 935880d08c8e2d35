package mdf

import (
	"fmt"
	"slices"

	contract "github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
)

// transition is one line of a state table: from any of these states, an action of these sides leads to one of those states; to
// no other where there are none.
type transition[S, A ~string] struct {
	action A
	by     sides
	from   []S
	to     []S
}

// table is all that may happen to a kind of resource. Allowed actions and refusals are both read off it.
type table[S, A ~string] []transition[S, A]

// sides are who may take an action.
type sides uint8

const (
	partner sides = 1 << iota
	vendor
	portal // when a deadline passes; the contract offers these to nobody
)

func sideOf(c call.Caller) sides {
	switch c.Side {
	case partnerportal.SidePartner:
		return partner
	case partnerportal.SideVendor:
		return vendor
	}
	return portal
}

// scopeOf is what a caller of a side needs to change anything.
var scopeOf = map[sides]string{partner: "mdf:write", vendor: "mdf:review"}

// can says that the table has the action for the side in the state.
func (t table[S, A]) can(status S, by sides, action A) bool {
	return slices.ContainsFunc(t, func(line transition[S, A]) bool {
		return line.action == action && line.by&by != 0 && slices.Contains(line.from, status)
	})
}

// leads says that the table has a way from one state to another by this action of this side.
func (t table[S, A]) leads(by sides, action A, from, to S) bool {
	return slices.ContainsFunc(t, func(line transition[S, A]) bool {
		return line.action == action && line.by&by != 0 && slices.Contains(line.from, from) && slices.Contains(line.to, to)
	})
}

// enter changes a state, as the table has it. That the action may be taken has been checked before, so a refusal is a fault of ours.
func (t table[S, A]) enter(status *S, by sides, action A, to S) error {
	if !t.leads(by, action, *status, to) {
		return fmt.Errorf("mdf: the tables have no way from %s to %s by %s", *status, to, action)
	}
	*status = to
	return nil
}

// concerns says that the action is the side's at all, in whatever state.
func (t table[S, A]) concerns(by sides, action A) bool {
	return slices.ContainsFunc(t, func(line transition[S, A]) bool { return line.action == action && line.by&by != 0 })
}

// allowed is what a caller may do in a state, in the order of the table.
func (t table[S, A]) allowed(status S, c call.Caller) []A {
	actions, by := []A{}, sideOf(c)
	if scope, ok := scopeOf[by]; !ok || !c.May(scope) {
		return actions
	}
	for _, line := range t {
		if line.by&by != 0 && slices.Contains(line.from, status) && !slices.Contains(actions, line.action) {
			actions = append(actions, line.action)
		}
	}
	return actions
}

func in[S any](states ...S) []S { return states }

// stays are the states to which an action leads that changes none.
func stays[S any]() []S { return nil }

var funds = table[contract.FundStatus, contract.FundAction]{
	{contract.FundActionOpen, vendor, in(contract.FundStatusDraft, contract.FundStatusFrozen), in(contract.FundStatusOpen)},
	{contract.FundActionAllocate, vendor, in(contract.FundStatusOpen), stays[contract.FundStatus]()},
	{contract.FundActionAccrue, vendor, in(contract.FundStatusOpen), stays[contract.FundStatus]()},
	{contract.FundActionFreeze, vendor, in(contract.FundStatusOpen), in(contract.FundStatusFrozen)},
	{contract.FundActionClose, vendor, in(contract.FundStatusDraft, contract.FundStatusOpen, contract.FundStatusFrozen), in(contract.FundStatusClosed)},
	{contract.FundActionUpdate, vendor, in(contract.FundStatusDraft, contract.FundStatusOpen, contract.FundStatusFrozen), stays[contract.FundStatus]()},
}

// What only the portal itself does, when a deadline passes.
const (
	allocationExpire contract.AllocationAction = "expire"
	allocationEarned contract.AllocationAction = "earned"
	requestOverdue   contract.RequestAction    = "overdue"
	claimOverdue     contract.ClaimAction      = "overdue"
)

// usable are allocations from which money can be asked for. An exhausted one is among them: what is freed makes it active again.
var usable = in(contract.AllocationStatusActive, contract.AllocationStatusExhausted)

var allocations = table[contract.AllocationStatus, contract.AllocationAction]{
	{contract.AllocationActionFreeze, vendor, usable, in(contract.AllocationStatusFrozen)},
	{contract.AllocationActionUnfreeze, vendor, in(contract.AllocationStatusFrozen), usable},
	{contract.AllocationActionAdjust, vendor, slices.Concat(in(contract.AllocationStatusAccruing, contract.AllocationStatusFrozen), usable), stays[contract.AllocationStatus]()},
	{contract.AllocationActionTransfer, vendor, slices.Concat(in(contract.AllocationStatusAccruing, contract.AllocationStatusFrozen), usable), stays[contract.AllocationStatus]()},
	{contract.AllocationActionClose, vendor, slices.Concat(in(contract.AllocationStatusAccruing, contract.AllocationStatusFrozen), usable), in(contract.AllocationStatusClosed)},
	{contract.AllocationActionUpdate, vendor, slices.Concat(in(contract.AllocationStatusFrozen), usable), stays[contract.AllocationStatus]()},
	{allocationEarned, portal, in(contract.AllocationStatusAccruing), slices.Concat(in(contract.AllocationStatusAccruing, contract.AllocationStatusClosed), usable)},
	{allocationExpire, portal, slices.Concat(in(contract.AllocationStatusFrozen), usable), in(contract.AllocationStatusExpired)},
}

// The states of a request by what they have in common.
var (
	undecided = in(contract.RequestStatusSubmitted, contract.RequestStatusInReview)
	granted   = in(contract.RequestStatusApproved, contract.RequestStatusInProgress, contract.RequestStatusCompleted)
	writable  = in(contract.RequestStatusDraft, contract.RequestStatusChangesRequested)
	over      = in(contract.RequestStatusRejected, contract.RequestStatusWithdrawn, contract.RequestStatusCanceled, contract.RequestStatusClosed)
)

var requests = table[contract.RequestStatus, contract.RequestAction]{
	{contract.RequestActionSubmit, partner, in(contract.RequestStatusDraft), in(contract.RequestStatusSubmitted)},
	{contract.RequestActionResubmit, partner, in(contract.RequestStatusChangesRequested), in(contract.RequestStatusSubmitted)},
	{contract.RequestActionStartReview, vendor, in(contract.RequestStatusSubmitted), in(contract.RequestStatusInReview)},
	{contract.RequestActionRequestChanges, vendor, undecided, in(contract.RequestStatusChangesRequested)},
	{contract.RequestActionApprove, vendor, undecided, in(contract.RequestStatusApproved)},
	{contract.RequestActionReject, vendor, undecided, in(contract.RequestStatusRejected)},
	{contract.RequestActionWithdraw, partner, slices.Concat(undecided, writable), in(contract.RequestStatusWithdrawn)},
	{requestOverdue, portal, in(contract.RequestStatusChangesRequested), in(contract.RequestStatusWithdrawn)},
	{contract.RequestActionAmend, partner, granted, stays[contract.RequestStatus]()},
	{contract.RequestActionApproveAmendment, vendor, granted, stays[contract.RequestStatus]()},
	{contract.RequestActionRejectAmendment, vendor, granted, stays[contract.RequestStatus]()},
	{contract.RequestActionCancel, partner | vendor, granted, in(contract.RequestStatusCanceled, contract.RequestStatusClosed, contract.RequestStatusCompleted)}, // see progress
	{contract.RequestActionUpdate, partner, writable, stays[contract.RequestStatus]()},
}

// The states of a claim by what they have in common.
var (
	pending  = in(contract.ClaimStatusSubmitted, contract.ClaimStatusInReview)
	mendable = in(contract.ClaimStatusDraft, contract.ClaimStatusChangesRequested)
	unpaid   = in(contract.ClaimStatusApproved, contract.ClaimStatusPartiallyApproved, contract.ClaimStatusScheduled, contract.ClaimStatusPaymentFailed)
)

var claims = table[contract.ClaimStatus, contract.ClaimAction]{
	{contract.ClaimActionSubmit, partner, in(contract.ClaimStatusDraft), in(contract.ClaimStatusSubmitted)},
	{contract.ClaimActionResubmit, partner, in(contract.ClaimStatusChangesRequested), in(contract.ClaimStatusSubmitted)},
	{contract.ClaimActionStartReview, vendor, in(contract.ClaimStatusSubmitted), in(contract.ClaimStatusInReview)},
	{contract.ClaimActionRequestChanges, vendor, pending, in(contract.ClaimStatusChangesRequested)},
	{contract.ClaimActionApprove, vendor, pending, in(contract.ClaimStatusApproved, contract.ClaimStatusPartiallyApproved)},
	{contract.ClaimActionReject, vendor, pending, in(contract.ClaimStatusRejected)},
	{contract.ClaimActionWithdraw, partner, slices.Concat(pending, mendable), in(contract.ClaimStatusWithdrawn)},
	{claimOverdue, portal, in(contract.ClaimStatusChangesRequested), in(contract.ClaimStatusWithdrawn)},
	{contract.ClaimActionSchedule, vendor, unpaid, in(contract.ClaimStatusScheduled)},
	{contract.ClaimActionPay, vendor, unpaid, in(contract.ClaimStatusPaid)},
	{contract.ClaimActionFailPayment, vendor, in(contract.ClaimStatusScheduled, contract.ClaimStatusPaid), in(contract.ClaimStatusPaymentFailed)},
	{contract.ClaimActionUpdate, partner, mendable, stays[contract.ClaimStatus]()},
}
