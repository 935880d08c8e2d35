package mdf

import (
	"cmp"
	"context"
	"slices"
	"time"

	contract "github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
)

// StartRequestReview tells the partner that somebody is looking.
func (s *Service) StartRequestReview(ctx context.Context, id, ifMatch string) (*contract.Request, error) {
	c := call.From(ctx)
	d, err := openRequestFor(ctx, c, id, contract.RequestActionStartReview, ifMatch)
	if err != nil {
		return nil, err
	}
	if err := d.enter(c, contract.RequestActionStartReview, contract.RequestStatusInReview); err != nil {
		return nil, err
	}
	d.Review.StartedAt = c.Now
	d.tell(contract.EventRequestReviewStarted, nil, "/status")
	return d.answer(ctx, c)
}

// RequestChanges sends a request back.
func (s *Service) RequestChanges(ctx context.Context, id, ifMatch string, body *contract.ChangeRequest) (*contract.Request, error) {
	c := call.From(ctx)
	d, err := openRequestFor(ctx, c, id, contract.RequestActionRequestChanges, ifMatch)
	if err != nil {
		return nil, err
	}
	f, err := readFund(ctx, c, d.FundID)
	if err != nil {
		return nil, err
	}
	if err := d.enter(c, contract.RequestActionRequestChanges, contract.RequestStatusChangesRequested); err != nil {
		return nil, err
	}
	sendBack(&d.Review, body, f.changesDue(c.Now))
	d.tell(contract.EventRequestChangesRequested, map[string]any{"number": d.Number, "due_at": d.Review.ChangesDueAt}, "/status", "/review")
	return d.answer(ctx, c)
}

// sendBack notes what is asked for, and until when.
func sendBack(r *contract.Review, body *contract.ChangeRequest, due time.Time) {
	r.Message, r.Changes, r.ChangesDueAt = body.Message, body.Changes, due
}

// decided notes a decision.
func decided(r *contract.Review, now time.Time, reason contract.ReasonCode, comment string) {
	r.DecidedAt, r.Reason, r.Comment = now, reason, comment
	r.Message, r.Changes, r.ChangesDueAt = "", nil, time.Time{}
}

// changesDue is when the time to answer ends for what is sent back now.
func (f *fund) changesDue(now time.Time) time.Time {
	return f.endOf(f.program.Today(now).AddDays(f.Rules.ChangesDueDays))
}

// RejectRequest refuses a request for good.
func (s *Service) RejectRequest(ctx context.Context, id, ifMatch string, body *contract.Rejection) (*contract.Request, error) {
	c := call.From(ctx)
	d, err := openRequestFor(ctx, c, id, contract.RequestActionReject, ifMatch)
	if err != nil {
		return nil, err
	}
	if err := d.enter(c, contract.RequestActionReject, contract.RequestStatusRejected); err != nil {
		return nil, err
	}
	decided(&d.Review, c.Now, body.Reason, body.Text)
	for i := range d.Activities {
		d.Activities[i].Decision, d.Activities[i].Status = contract.ActivityDecisionRejected, contract.ActivityStatusRejected
	}
	if err := d.letGo(ctx, c); err != nil {
		return nil, err
	}
	d.tell(contract.EventRequestRejected, map[string]any{"number": d.Number, "reason": string(body.Reason)}, "/status", "/review")
	return d.answer(ctx, c)
}

// ApproveRequest commits what is approved, activity by activity, and gives the rest back.
func (s *Service) ApproveRequest(ctx context.Context, id, ifMatch string, body *contract.Approval) (*contract.Request, error) {
	c := call.From(ctx)
	d, err := openRequestFor(ctx, c, id, contract.RequestActionApprove, ifMatch)
	if err != nil {
		return nil, err
	}
	f, err := openFund(ctx, c, d.FundID)
	if err != nil {
		return nil, err
	}
	if err := d.rule(f, body.Activities, c.Now); err != nil {
		return nil, err
	}
	if err := d.enter(c, contract.RequestActionApprove, contract.RequestStatusApproved); err != nil {
		return nil, err
	}
	d.ApprovedAt = c.Now
	d.Unclaimed, d.NoticeDays = f.Rules.Unclaimed, f.noticeDays()
	decided(&d.Review, c.Now, "", body.Comment)
	if err := d.total(); err != nil {
		return nil, err
	}
	if err := d.commitAll(ctx, c, f); err != nil {
		return nil, err
	}
	d.tell(contract.EventRequestApproved, map[string]any{"number": d.Number, "fund_id": d.FundID, "amount": d.ApprovedTotal.Amount(), "currency": f.Currency}, "/status", "/activities", "/review")
	return d.answer(ctx, c)
}

// rule decides on each activity.
func (d *dossier) rule(f *fund, rulings []contract.ActivityRuling, now time.Time) error {
	for i, r := range rulings {
		if d.activity(r.ID) == nil {
			return invalid(problem.Field(at("/activities", i)+"/id", "invalid_value", "Name one of the request's activities."))
		}
	}
	approved := 0
	for i := range d.Activities {
		a, r, where := &d.Activities[i], contract.ActivityRuling{}, at("/activities", i)
		if j := slices.IndexFunc(rulings, func(r contract.ActivityRuling) bool { return r.ID == a.ID }); j >= 0 {
			r, where = rulings[j], at("/activities", j)
		}
		a.Comment = r.Comment
		if r.Rejected {
			a.Decision, a.Status = contract.ActivityDecisionRejected, contract.ActivityStatusRejected
			continue
		}
		if err := d.grantActivity(f, a, r, where); err != nil {
			return err
		}
		if err := f.checkApproved(a, where, now); err != nil {
			return err
		}
		approved++
	}
	if approved == 0 {
		return invalid(problem.Field("/activities", "too_few", "Approve at least one activity, or reject the request."))
	}
	return nil
}

// grantActivity approves one activity, as asked or as the vendor says.
func (d *dossier) grantActivity(f *fund, a *contract.Activity, r contract.ActivityRuling, where string) error {
	check := amounts{currency: f.Currency}
	check.check(where+"/amount", r.Amount)
	if err := check.err(); err != nil {
		return err
	}
	if basisPoints(r.Percent) > basisPoints(f.Rules.MaxReimbursementPercent) {
		return tooMuch(where+"/percent", "The fund reimburses at most "+f.Rules.MaxReimbursementPercent+" %.")
	}
	a.ReimbursementPercent = cmp.Or(r.Percent, a.ReimbursementPercent)
	most, err := share(a.Cost, a.ReimbursementPercent)
	if err != nil {
		return err
	}
	most = smaller(most, a.RequestedAmount)
	amount := cmp.Or(r.Amount, most)
	if less(most, amount) {
		return invalid(problem.Field(where+"/amount", "out_of_range", "Approve at most "+most.String()+": what was asked for, and the percentage of the cost."))
	}
	if amount.Sign() == 0 {
		return invalid(problem.Field(where+"/percent", "out_of_range", "Approve more than nothing, or reject the activity."))
	}
	a.Decision = contract.ActivityDecisionApproved
	if less(amount, a.RequestedAmount) {
		a.Decision = contract.ActivityDecisionReduced
	}
	d.approve(f, a, amount)
	return nil
}

// approve gives an activity its amount, its deadline and the proof that it needs. The money is committed elsewhere.
func (d *dossier) approve(f *fund, a *contract.Activity, amount partnerportal.Money) {
	nothing := none(amount.Currency())
	a.Status, a.ApprovedAmount, a.ProofRequirements = contract.ActivityStatusApproved, amount, f.proofOf(a.Type)
	a.Committed, a.Claimed, a.Payable, a.Paid = nothing, nothing, nothing, nothing
	d.setClaimDue(f, a)
}

// claimDue is the last day for claims: so many days after the activity, but not after that of the fund.
func (f *fund) claimDue(a *contract.Activity) partnerportal.Date {
	return earlier(a.EndsOn.AddDays(f.Rules.ClaimDueDays), f.Period.ClaimBy)
}

// setClaimDue sets the last day for claims.
func (d *dossier) setClaimDue(f *fund, a *contract.Activity) {
	a.ClaimDueOn = f.claimDue(a)
	if d.Courses == nil {
		d.Courses = map[string]course{}
	}
	course := d.Courses[a.ID] // what was proved stays proved
	course.DueAt = f.endOf(a.ClaimDueOn)
	d.Courses[a.ID] = course
}

// commitAll commits the approved amounts, out of what is held and then of what is available, and frees what is held beyond that.
func (d *dossier) commitAll(ctx context.Context, c *call.Call, f *fund) error {
	if err := d.findMoney(ctx, c, f); err != nil {
		return err
	}
	for i := range d.Activities {
		a := &d.Activities[i]
		if a.Decision == contract.ActivityDecisionRejected {
			continue
		}
		if err := d.commit(a, a.ApprovedAmount); err != nil {
			return err
		}
	}
	if d.Held.Sign() == 0 {
		return nil
	}
	return d.hold(none(f.Currency), c.Now)
}

// findMoney takes out the allocation that pays. A proposal gets one of its own now, out of the budget of the fund.
func (d *dossier) findMoney(ctx context.Context, c *call.Call, f *fund) error {
	if d.AllocationID == "" {
		return d.endow(c, f)
	}
	if err := d.opensPurse(ctx, c); err != nil {
		return err
	}
	switch {
	case d.purse.Status == contract.AllocationStatusFrozen:
		return refuse(contract.ErrAllocationFrozen, "The allocation is frozen.")
	case d.Held.Sign() == 0 && d.purse.ended(c.Now):
		return refuse(contract.ErrAllocationExpired, "The allocation has ended, and nothing was held.")
	case d.Held.Sign() == 0 && less(d.purse.Balance.Available, d.ApprovedTotal):
		return insufficient(d.purse.Balance.Available, d.ApprovedTotal)
	}
	return nil
}

// endow makes an allocation for an approved proposal.
func (d *dossier) endow(c *call.Call, f *fund) (err error) {
	if err := f.mustBeOpen(); err != nil {
		return err
	}
	if d.purse, err = newPurse(c, f, d.PartnerID); err != nil {
		return err
	}
	d.purse.RequestID, d.AllocationID = d.ID, d.purse.ID
	if err := d.purse.last(f, f.Period.SpendFrom, f.Period.SpendTo, c.Now); err != nil {
		return err
	}
	return d.purse.endow(f, d.ApprovedTotal)
}

// commit moves an amount to what is committed for an activity.
func (d *dossier) commit(a *contract.Activity, amount partnerportal.Money) error {
	what, fromHeld := purpose{requestID: d.ID, activityID: a.ID}, none(amount.Currency())
	if !d.Held.IsZero() {
		fromHeld = smaller(amount, d.Held)
	}
	if err := d.purse.post(contract.EntryTypeCommit, contract.AccountHeld, contract.AccountCommitted, fromHeld, what); err != nil {
		return err
	}
	rest, err := amount.Sub(fromHeld)
	if err != nil {
		return err
	}
	if err := d.purse.post(contract.EntryTypeCommit, contract.AccountAvailable, contract.AccountCommitted, rest, what); err != nil {
		return err
	}
	if !d.Held.IsZero() {
		if d.Held, err = d.Held.Sub(fromHeld); err != nil {
			return err
		}
	}
	a.Committed, err = a.Committed.Add(amount)
	return err
}
