package leads

import (
	"slices"
	"time"

	"github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
)

// transition is one line of the state table: on this way of a lead, this side may do this in these states. to are the states
// that it may lead to.
type transition struct {
	direction leads.Direction
	action    leads.Action
	side      partnerportal.Side
	from      []leads.Status
	to        []leads.Status
}

const (
	down = leads.DirectionVendorToPartner // a lead, from the vendor to a partner
	up   = leads.DirectionPartnerToVendor // a referral, from a partner to the vendor
)

// The states by what they have in common.
var (
	placeable = []leads.Status{leads.StatusNew, leads.StatusReturned, leads.StatusRecalled}
	held      = []leads.Status{leads.StatusAccepted, leads.StatusWorking}
	undecided = []leads.Status{leads.StatusSubmitted, leads.StatusInReview}
	over      = []leads.Status{leads.StatusConverted, leads.StatusClosed, leads.StatusRejected} // for good
	back      = []leads.Status{leads.StatusReturned, leads.StatusUnplaced}                      // unplaced after the last round
	onward    = []leads.Status{leads.StatusReturned, leads.StatusUnplaced, leads.StatusOffered} // or to the next partner
	unheld    = append(slices.Clone(placeable), leads.StatusUnplaced)
)

func only(s leads.Status) []leads.Status { return []leads.Status{s} }

// transitions is all that can happen to a lead. The portal's own part, an offer that runs out, is the side system's.
var transitions = []transition{
	{down, leads.ActionDistribute, partnerportal.SideVendor, placeable, only(leads.StatusOffered)},
	{down, leads.ActionAccept, partnerportal.SidePartner, only(leads.StatusOffered), only(leads.StatusAccepted)},
	{down, leads.ActionDecline, partnerportal.SidePartner, only(leads.StatusOffered), onward},
	{down, leads.ActionDecline, partnerportal.SideSystem, only(leads.StatusOffered), onward},
	{down, leads.ActionRecall, partnerportal.SideVendor, only(leads.StatusOffered), only(leads.StatusRecalled)},
	{down, leads.ActionContact, partnerportal.SidePartner, held, only(leads.StatusWorking)},
	{down, leads.ActionReturn, partnerportal.SidePartner, held, back},
	{down, leads.ActionConvert, partnerportal.SidePartner, held, only(leads.StatusConverted)},
	{down, leads.ActionClose, partnerportal.SidePartner, held, only(leads.StatusClosed)},
	{down, leads.ActionClose, partnerportal.SideVendor, unheld, only(leads.StatusClosed)},

	{up, leads.ActionStartReview, partnerportal.SideVendor, only(leads.StatusSubmitted), only(leads.StatusInReview)},
	{up, leads.ActionAccept, partnerportal.SideVendor, undecided, only(leads.StatusAccepted)},
	{up, leads.ActionReject, partnerportal.SideVendor, undecided, only(leads.StatusRejected)},
	{up, leads.ActionConvert, partnerportal.SidePartner, only(leads.StatusAccepted), only(leads.StatusConverted)},
	{up, leads.ActionClose, partnerportal.SidePartner, only(leads.StatusAccepted), only(leads.StatusClosed)},
	{up, leads.ActionClose, partnerportal.SideVendor, only(leads.StatusAccepted), only(leads.StatusClosed)},
}

// scopeOf is what a caller of a side needs to change leads.
var scopeOf = map[partnerportal.Side]string{partnerportal.SidePartner: "leads:write", partnerportal.SideVendor: "leads:review"}

// can says that the table has the action for the side in the lead's state.
func can(lead *leads.Lead, side partnerportal.Side, action leads.Action) bool {
	return slices.ContainsFunc(transitions, func(t transition) bool {
		return t.direction == lead.Direction && t.side == side && t.action == action && slices.Contains(t.from, lead.Status)
	})
}

// leadsTo says that the table has a way from one state to another by this action of this side.
func leadsTo(direction leads.Direction, side partnerportal.Side, action leads.Action, from, to leads.Status) bool {
	return slices.ContainsFunc(transitions, func(t transition) bool {
		return t.direction == direction && t.side == side && t.action == action && slices.Contains(t.from, from) && slices.Contains(t.to, to)
	})
}

// concerns says that the action is the side's at all, in whatever state.
func concerns(side partnerportal.Side, action leads.Action) bool {
	return slices.ContainsFunc(transitions, func(t transition) bool { return t.side == side && t.action == action })
}

// allowed is what the caller may do with a lead that it sees as given.
func allowed(seen *leads.Lead, caller call.Caller, now time.Time) []leads.Action {
	actions := []leads.Action{}
	if scope, ok := scopeOf[caller.Side]; !ok || !caller.May(scope) {
		return actions
	}
	for _, t := range transitions {
		if t.side != caller.Side || !can(seen, t.side, t.action) || slices.Contains(actions, t.action) {
			continue
		}
		if seen.Status == leads.StatusOffered && t.side == partnerportal.SidePartner && ranOut(&seen.Offer, now) {
			continue
		}
		actions = append(actions, t.action)
	}
	if len(editable(seen, caller)) > 0 {
		actions = append(actions, leads.ActionUpdate)
	}
	return actions
}

// editable are the JSON pointers of what the caller may change of a lead that it sees as given.
func editable(seen *leads.Lead, caller call.Caller) []string {
	mine := ownMembers(seen.Direction, caller.Side)
	switch {
	case !caller.May(scopeOf[caller.Side]), caller.Side == partnerportal.SidePartner && seen.PartnerID != caller.PartnerID:
		return []string{}
	case slices.Contains(over, seen.Status), caller.Vendor() && seen.PartnerID != "":
		return []string{"/external_refs"} // a CRM still links its records to what others decide on, or what is over
	}
	return mine
}

// ownMembers are the members that a side may ever change: the vendor all of a lead that it brought in, until somebody accepts it; a
// partner whom it sends to a lead that it holds; and both their references.
func ownMembers(direction leads.Direction, side partnerportal.Side) []string {
	switch {
	case side == partnerportal.SidePartner:
		return []string{"/assigned_user_id", "/external_refs"}
	case direction == down:
		return content
	}
	return []string{"/external_refs"}
}

// content are the members that whoever brings a lead in gives it.
var content = []string{
	"/title", "/summary", "/organization", "/contact", "/consent", "/origin", "/product_interest", "/estimated_value",
	"/rating", "/qualification", "/territory", "/program_id", "/external_refs",
}

// ranOut says that the time to answer an offer is over, whether or not its timer has fired yet.
func ranOut(offer *leads.Offer, now time.Time) bool {
	return offer.Status == leads.OfferStatusPending && !now.Before(offer.AcceptBy)
}
