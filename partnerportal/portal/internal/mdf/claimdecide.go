package mdf

import (
	"context"
	"maps"
	"slices"

	contract "github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
)

// StartClaimReview tells the partner that somebody is looking.
func (s *Service) StartClaimReview(ctx context.Context, id, ifMatch string) (*contract.Claim, error) {
	c := call.From(ctx)
	k, err := openClaimFor(ctx, c, id, contract.ClaimActionStartReview, ifMatch)
	if err != nil {
		return nil, err
	}
	if err := k.enter(c, contract.ClaimActionStartReview, contract.ClaimStatusInReview); err != nil {
		return nil, err
	}
	k.Review.StartedAt = c.Now
	k.tell(contract.EventClaimReviewStarted, nil, "/status")
	return k.answer(ctx, c)
}

// RequestClaimChanges sends a claim back. Its money stays claimed.
func (s *Service) RequestClaimChanges(ctx context.Context, id, ifMatch string, body *contract.ChangeRequest) (*contract.Claim, error) {
	c := call.From(ctx)
	k, err := openClaimFor(ctx, c, id, contract.ClaimActionRequestChanges, ifMatch)
	if err != nil {
		return nil, err
	}
	f, err := readFund(ctx, c, k.FundID)
	if err != nil {
		return nil, err
	}
	if err := k.enter(c, contract.ClaimActionRequestChanges, contract.ClaimStatusChangesRequested); err != nil {
		return nil, err
	}
	sendBack(&k.Review, body, f.changesDue(c.Now))
	k.tell(contract.EventClaimChangesRequested, map[string]any{"number": k.Number, "due_at": k.Review.ChangesDueAt}, "/status", "/review")
	return k.answer(ctx, c)
}

// RejectClaim refuses a claim for good.
func (s *Service) RejectClaim(ctx context.Context, id, ifMatch string, body *contract.Rejection) (*contract.Claim, error) {
	c := call.From(ctx)
	k, err := openClaimFor(ctx, c, id, contract.ClaimActionReject, ifMatch)
	if err != nil {
		return nil, err
	}
	if err := k.enter(c, contract.ClaimActionReject, contract.ClaimStatusRejected); err != nil {
		return nil, err
	}
	decided(&k.Review, c.Now, body.Reason, body.Text)
	if err := k.letGo(ctx, c); err != nil {
		return nil, err
	}
	k.tell(contract.EventClaimRejected, map[string]any{"number": k.Number, "request_id": k.RequestID, "reason": string(body.Reason)}, "/status", "/review")
	return k.answer(ctx, c)
}

// ApproveClaim makes what is approved payable, line by line, and frees the rest.
func (s *Service) ApproveClaim(ctx context.Context, id, ifMatch string, body *contract.ClaimApproval) (*contract.Claim, error) {
	c := call.From(ctx)
	k, err := openClaimFor(ctx, c, id, contract.ClaimActionApprove, ifMatch)
	if err != nil {
		return nil, err
	}
	if err := k.opensRequest(ctx, c); err != nil {
		return nil, err
	}
	if err := k.rule(body.Lines); err != nil {
		return nil, err
	}
	decided(&k.Review, c.Now, "", body.Comment)
	if err := k.total(); err != nil {
		return nil, err
	}
	if k.ApprovedTotal.Sign() == 0 {
		return nil, invalid(problem.Field("/lines", "too_few", "Approve some amount, or reject the claim."))
	}
	to := contract.ClaimStatusApproved
	if less(k.ApprovedTotal, k.ClaimedTotal) {
		to = contract.ClaimStatusPartiallyApproved
	}
	if err := k.enter(c, contract.ClaimActionApprove, to); err != nil {
		return nil, err
	}
	for _, id := range slices.Sorted(maps.Keys(k.Standing)) {
		if err := k.grant(ctx, c, id); err != nil {
			return nil, err
		}
	}
	k.Standing = nil
	k.request.progress(c)
	k.tell(contract.EventClaimApproved, map[string]any{
		"number": k.Number, "request_id": k.RequestID, "amount": k.ApprovedTotal.Amount(), "currency": k.ApprovedTotal.Currency(),
	}, "/status", "/lines", "/review")
	return k.answer(ctx, c)
}

// rule decides on each line, and on its evidence.
func (k *folder) rule(rulings []contract.LineRuling) error {
	check := amounts{currency: k.Lines[0].Claimed.Currency()}
	for i, r := range rulings {
		n := slices.IndexFunc(k.Lines, func(l contract.ClaimLine) bool { return l.ID == r.ID })
		if n < 0 {
			return invalid(problem.Field(at("/lines", i)+"/id", "invalid_value", "Name one of the claim's lines."))
		}
		l := &k.Lines[n]
		l.ApprovedAmount, l.Comment = r.Amount, r.Comment
		check.checkSigned(at("/lines", i)+"/amount", r.Amount)
		if r.Amount.Sign() < 0 {
			check.faults = append(check.faults, problem.Field(at("/lines", i)+"/amount", "out_of_range", "Approve nothing, or more."))
		}
		for j, e := range r.Evidence {
			if !ruleOn(l, e) {
				return invalid(problem.Field(at(at("/lines", i)+"/evidence", j)+"/file_id", "invalid_value", "Name one of the line's files."))
			}
		}
	}
	if err := check.err(); err != nil {
		return err
	}
	for i := range k.Lines {
		l := &k.Lines[i]
		if l.ApprovedAmount.IsZero() {
			l.ApprovedAmount = l.Claimed
		}
		if less(l.Claimed, l.ApprovedAmount) {
			return exceeds("/lines", l.ActivityID, l.Claimed)
		}
		for j := range l.Evidence {
			if e := &l.Evidence[j]; e.Status == contract.EvidenceStatusPending && l.ApprovedAmount.Sign() > 0 {
				e.Status = contract.EvidenceStatusAccepted
			}
		}
	}
	return nil
}

func ruleOn(l *contract.ClaimLine, r contract.EvidenceRuling) bool {
	n := slices.IndexFunc(l.Evidence, func(e contract.Evidence) bool { return e.FileID == r.FileID })
	if n < 0 {
		return false
	}
	l.Evidence[n].Status, l.Evidence[n].Comment = contract.EvidenceStatusRejected, r.Comment
	if r.Accepted {
		l.Evidence[n].Status = contract.EvidenceStatusAccepted
	}
	return true
}

// grant makes the approved part of what is claimed of an activity payable, and frees the rest; with a final line that of what is still
// committed too.
func (k *folder) grant(ctx context.Context, c *call.Call, activityID string) error {
	a, claimed := k.request.activity(activityID), k.Standing[activityID]
	what := purpose{requestID: k.RequestID, activityID: activityID, claimID: k.ID}
	approved, err := k.approvedOf(activityID, claimed.Currency())
	if err != nil {
		return err
	}
	if err := k.move(contract.EntryTypeApproveClaim, &a.Claimed, &a.Payable, none(claimed.Currency()), approved, what); err != nil {
		return err
	}
	rest, err := claimed.Sub(approved)
	if err != nil {
		return err
	}
	if a.Claimed, err = a.Claimed.Sub(rest); err != nil {
		return err
	}
	if err := k.request.purse.free(contract.AccountClaimed, rest, c.Now, what); err != nil {
		return err
	}
	if k.final(activityID) {
		if err := k.request.purse.free(contract.AccountCommitted, a.Committed, c.Now, what); err != nil {
			return err
		}
		a.Committed = none(claimed.Currency())
	}
	k.countProof(activityID)
	return k.request.settle(ctx, c, a)
}

// approvedOf is what was approved of an activity.
func (k *folder) approvedOf(activityID, currency string) (partnerportal.Money, error) {
	return sum(currency, k.Lines, func(l *contract.ClaimLine) partnerportal.Money {
		if l.ActivityID != activityID {
			return partnerportal.Money{}
		}
		return l.ApprovedAmount
	})
}

// final says that nothing more will be claimed of an activity.
func (k *folder) final(activityID string) bool {
	return slices.ContainsFunc(k.Lines, func(l contract.ClaimLine) bool { return l.ActivityID == activityID && l.Final })
}

// countProof notes what an activity has been proved with, so that the next claim need not prove it again.
func (k *folder) countProof(activityID string) {
	course := k.request.Courses[activityID]
	course.Proved = maps.Clone(course.Proved)
	if course.Proved == nil {
		course.Proved = map[string]int{}
	}
	for i, l := range k.Lines {
		for j, e := range l.Evidence {
			if l.ActivityID == activityID && e.Status == contract.EvidenceStatusAccepted && e.RequirementID != "" && !k.repeats(i, j) {
				course.Proved[e.RequirementID]++
			}
		}
	}
	k.request.Courses[activityID] = course
}
