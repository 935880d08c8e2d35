package deals

import (
	"time"

	contract "github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
)

// view is a deal as the caller may see it. The record stays as it is: what is masked is copied first.
func view(c *call.Call, r *record) *contract.Deal {
	d := r.Deal
	d.AllowedActions = allowed(r, c.Caller, c.Now)
	d.EditableFields = editable(r, c.Caller)
	if isProtected(d.Protection.Status) {
		d.Protection.DaysRemaining = daysLeft(d.Protection.ExpiresAt, c.Now)
	}
	if c.Caller.Side != partnerportal.SidePartner {
		return &d
	}
	d.CreatedBy = feed.ActorFor(d.CreatedBy, partnerportal.SidePartner)
	d.Review = reviewForPartner(d.Review)
	if r.Undisclosed {
		d.Conflicts = contract.ConflictSummary{}
	}
	return &d
}

func reviewForPartner(review contract.Review) contract.Review {
	review.Reason.InternalNote = ""
	review.AssignedTo = feed.ActorFor(review.AssignedTo, partnerportal.SidePartner)
	var approvals []contract.ApprovalStep
	for _, step := range review.Approvals {
		if step.RuleID == overrideRule { // its comment argues about the other side
			continue
		}
		step.Approver = feed.ActorFor(step.Approver, partnerportal.SidePartner)
		step.Step = len(approvals) + 1
		approvals = append(approvals, step)
	}
	review.Approvals = approvals
	return review
}

// daysLeft counts days, rounded up.
func daysLeft(until, now time.Time) int {
	const day = 24 * time.Hour
	if !now.Before(until) {
		return 0
	}
	return int((until.Sub(now) + day - 1) / day)
}

// viewConflict is a conflict as the caller may see it: a partner never learns who the other side is, nor how much a
// name resembles that of a customer it does not know.
func viewConflict(c *call.Call, cf *conflict) *contract.Conflict {
	v := cf.Conflict
	v.AllowedActions = conflictActions(cf, c.Caller)
	if c.Caller.Side != partnerportal.SidePartner {
		return &v
	}
	v.Against.DealID = ""
	v.Score = certainty(v.Score)
	v.Evidence = nil
	for _, e := range cf.Evidence {
		if e.AddedBy.Side == partnerportal.SidePartner {
			v.Evidence = append(v.Evidence, e)
		}
	}
	v.Decision.Shares = nil
	for _, share := range cf.Decision.Shares {
		if share.DealID == v.DealID {
			v.Decision.Shares = append(v.Decision.Shares, share)
		}
	}
	v.Decision.DecidedBy = feed.ActorFor(v.Decision.DecidedBy, partnerportal.SidePartner)
	return &v
}

// certainty keeps a score only when it is certain. A finer one would let a partner feel its way to another's customer.
func certainty(score string) string {
	if score == "1" {
		return score
	}
	return ""
}

func extensionView(c *call.Call, e *contract.Extension) *contract.Extension {
	v := *e
	if c.Caller.Side == partnerportal.SidePartner {
		v.DecidedBy = feed.ActorFor(v.DecidedBy, partnerportal.SidePartner)
	}
	return &v
}

func amendmentView(c *call.Call, a *contract.Amendment) *contract.Amendment {
	v := *a
	if c.Caller.Side == partnerportal.SidePartner {
		v.DecidedBy = feed.ActorFor(v.DecidedBy, partnerportal.SidePartner)
	}
	return &v
}
