package program

import (
	"slices"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	contract "github.com/partnerportal/partnerportal-go/partnerportal/program"
)

// table is what the vendor may do with a resource: in which states, where it leads, and what is told of it. Partners ask and report,
// but decide nothing here.
type table[S, A ~string] []struct {
	action A
	from   []S
	to     S // "" where it stays
	event  string
}

// next is where an action leads from a state, and the event that tells of it.
func (t table[S, A]) next(status S, action A) (to S, event string, ok bool) {
	for _, row := range t {
		if row.action != action || !slices.Contains(row.from, status) {
			continue
		}
		if row.to == "" {
			return status, row.event, true
		}
		return row.to, row.event, true
	}
	return "", "", false
}

// allowed are what the caller may do in a state.
func (t table[S, A]) allowed(caller call.Caller, status S) []A {
	actions := []A{}
	if !caller.Vendor() || !caller.May("program:review") {
		return actions
	}
	for _, row := range t {
		if slices.Contains(row.from, status) {
			actions = append(actions, row.action)
		}
	}
	return actions
}

// The states of partners.
const (
	invited  = contract.PartnerStatusInvited
	applied  = contract.PartnerStatusApplied
	inReview = contract.PartnerStatusInReview
	returned = contract.PartnerStatusChangesRequested
	in       = contract.PartnerStatusActive
	barred   = contract.PartnerStatusSuspended
)

type partnerStates = []contract.PartnerStatus

var partners = table[contract.PartnerStatus, contract.PartnerAction]{
	{contract.PartnerActionStartReview, partnerStates{applied, returned}, inReview, contract.EventPartnerReviewStarted},
	{contract.PartnerActionRequestChanges, partnerStates{applied, inReview}, returned, contract.EventPartnerChangesRequested},
	{contract.PartnerActionApprove, partnerStates{invited, applied, inReview, returned}, in, contract.EventPartnerApproved},
	{contract.PartnerActionReject, partnerStates{applied, inReview, returned}, contract.PartnerStatusRejected, contract.EventPartnerRejected},
	{contract.PartnerActionSuspend, partnerStates{in}, barred, contract.EventPartnerSuspended},
	{contract.PartnerActionReinstate, partnerStates{barred}, in, contract.EventPartnerReinstated},
	{contract.PartnerActionTerminate, partnerStates{invited, in, barred}, contract.PartnerStatusTerminated, contract.EventPartnerTerminated},
	{contract.PartnerActionUpdate, partnerStates{invited, applied, inReview, returned, in, barred}, "", contract.EventPartnerUpdated},
}

// The states of memberships.
const (
	pending = contract.MembershipStatusPending
	active  = contract.MembershipStatusActive
	grace   = contract.MembershipStatusGrace
)

type membershipStates = []contract.MembershipStatus

var memberships = table[contract.MembershipStatus, contract.MembershipAction]{
	{contract.MembershipActionApprove, membershipStates{pending}, active, contract.EventMembershipEnrolled},
	{contract.MembershipActionRenew, membershipStates{active, grace}, active, contract.EventMembershipRenewed},
	{contract.MembershipActionChangeTier, membershipStates{active, grace}, "", contract.EventMembershipTierChanged},
	{contract.MembershipActionReportProgress, membershipStates{pending, active, grace}, "", ""},
	{contract.MembershipActionTerminate, membershipStates{pending, active, grace}, contract.MembershipStatusTerminated, contract.EventMembershipTerminated},
}
