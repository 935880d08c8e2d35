package mdf

import (
	"cmp"
	"context"
	"slices"

	contract "github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
)

// AmendRequest proposes a change of what was approved. It is tried out on a copy, so that nothing is proposed that could not be done
// if the money were there.
func (s *Service) AmendRequest(ctx context.Context, id, ifMatch string, body *contract.Amending) (*contract.Request, error) {
	c := call.From(ctx)
	d, err := openRequestFor(ctx, c, id, contract.RequestActionAmend, ifMatch)
	if err != nil {
		return nil, err
	}
	f, err := readFund(ctx, c, d.FundID)
	if err != nil {
		return nil, err
	}
	a, err := readAllocation(ctx, c, d.AllocationID)
	if err != nil {
		return nil, err
	}
	for i := range body.Activities {
		if _, err := d.amended(c, f, a, &body.Activities[i], at("/activities", i)); err != nil {
			return nil, err
		}
	}
	d.Amendment = contract.Amendment{Status: contract.AmendmentStatusPending, Activities: body.Activities, Reason: body.Reason, RequestedAt: c.Now}
	d.tell(contract.EventAmendmentRequested, map[string]any{"number": d.Number}, "/amendment")
	return d.answer(ctx, c)
}

// ApproveAmendment makes the change: the difference of each amount is committed or freed.
func (s *Service) ApproveAmendment(ctx context.Context, id, ifMatch string, body *contract.Note) (*contract.Request, error) {
	c := call.From(ctx)
	d, err := openRequestFor(ctx, c, id, contract.RequestActionApproveAmendment, ifMatch)
	if err != nil {
		return nil, err
	}
	f, err := openFund(ctx, c, d.FundID)
	if err != nil {
		return nil, err
	}
	if err := d.opensPurse(ctx, c); err != nil {
		return nil, err
	}
	for i := range d.Amendment.Activities {
		changed, err := d.amended(c, f, &d.purse.allocation, &d.Amendment.Activities[i], at("/amendment/activities", i))
		if err != nil {
			return nil, err
		}
		if err := d.carryOut(ctx, c, f, changed); err != nil {
			return nil, err
		}
	}
	d.Amendment.Status, d.Amendment.DecidedAt, d.Amendment.Comment = contract.AmendmentStatusApproved, c.Now, body.Text
	d.progress(c)
	d.tell(contract.EventAmendmentApproved, map[string]any{"number": d.Number}, "/amendment", "/activities")
	return d.answer(ctx, c)
}

// RejectAmendment leaves the request as it is.
func (s *Service) RejectAmendment(ctx context.Context, id, ifMatch string, body *contract.Note) (*contract.Request, error) {
	c := call.From(ctx)
	d, err := openRequestFor(ctx, c, id, contract.RequestActionRejectAmendment, ifMatch)
	if err != nil {
		return nil, err
	}
	d.Amendment.Status, d.Amendment.DecidedAt, d.Amendment.Comment = contract.AmendmentStatusRejected, c.Now, body.Text
	d.tell(contract.EventAmendmentRejected, map[string]any{"number": d.Number}, "/amendment")
	return d.answer(ctx, c)
}

// change is an activity as it shall become, and the amount that shall be approved for it.
type change struct {
	contract.Activity

	amount partnerportal.Money
	isNew  bool
}

// amended is what a proposed change makes of an activity, if the rules of the fund and the days of the allocation allow it.
func (d *dossier) amended(c *call.Call, f *fund, from *allocation, body *contract.AmendedActivity, where string) (*change, error) {
	ch, err := d.changeOf(c, f, body, where)
	if err != nil {
		return nil, err
	}
	check := amounts{currency: f.Currency}
	check.check(where+"/cost", body.Cost)
	check.check(where+"/amount", body.Amount)
	if err := check.err(); err != nil {
		return nil, err
	}
	a := &ch.Activity
	a.Title, a.Location, a.Cost = cmp.Or(body.Title, a.Title), cmp.Or(body.Location, a.Location), cmp.Or(body.Cost, a.Cost)
	length := a.EndsOn.DaysSince(a.StartsOn)
	if !body.StartsOn.IsZero() {
		a.StartsOn, a.EndsOn = body.StartsOn, body.StartsOn.AddDays(length)
	}
	a.EndsOn = cmp.Or(body.EndsOn, a.EndsOn)
	ch.amount = cmp.Or(body.Amount, a.ApprovedAmount)
	a.RequestedAmount = ch.amount
	if a.EndsOn.Before(a.StartsOn) {
		return nil, invalid(problem.Field(where+"/ends_on", "out_of_range", "An activity must not end before it begins."))
	}
	if a.StartsOn.Before(from.StartsOn) || a.EndsOn.After(from.ExpiresOn) {
		return nil, outside(where, from.StartsOn, from.ExpiresOn)
	}
	if ch.isNew || !body.StartsOn.IsZero() {
		if err := f.checkActivity(a, where, c.Now); err != nil {
			return nil, err
		}
	}
	return ch, f.checkShare(a, where)
}

// changeOf finds the activity that is to change, or makes the one that is to come.
func (d *dossier) changeOf(c *call.Call, f *fund, body *contract.AmendedActivity, where string) (*change, error) {
	if body.ID == "" {
		if body.Type == "" || body.StartsOn.IsZero() || body.Cost.IsZero() || body.Amount.IsZero() {
			return nil, invalid(problem.Field(where, "required", "A new activity needs type, starts_on, cost and amount."))
		}
		return &change{isNew: true, Activity: contract.Activity{
			ID: ids.New(ids.Activity, c.Now), Type: body.Type, Title: d.Title, ReimbursementPercent: f.Rules.MaxReimbursementPercent,
			Decision: contract.ActivityDecisionApproved, Status: contract.ActivityStatusApproved,
		}}, nil
	}
	a := d.activity(body.ID)
	if a == nil || !slices.Contains(doable[contract.ActivityActionCancel], a.Status) || d.Courses[a.ID].Ended != "" {
		return nil, invalid(problem.Field(where+"/id", "invalid_value", "Name an activity of the request that is approved and not over."))
	}
	if body.Type != "" && body.Type != a.Type {
		return nil, invalid(problem.Field(where+"/type", "not_permitted", "Cancel the activity and add another one."))
	}
	if !c.Now.Before(d.Courses[a.ID].DueAt) {
		return nil, refuse(contract.ErrClaimWindowClosed, "The activity could be claimed until %v.", a.ClaimDueOn)
	}
	return &change{Activity: *a}, nil
}

// carryOut makes one change, and commits or frees the difference.
func (d *dossier) carryOut(ctx context.Context, c *call.Call, f *fund, ch *change) error {
	if ch.isNew {
		d.Activities = append(d.Activities, ch.Activity)
		a := &d.Activities[len(d.Activities)-1]
		d.approve(f, a, ch.amount)
		return d.commitMore(c, a, ch.amount)
	}
	a := d.activity(ch.ID)
	before := a.ApprovedAmount
	*a = ch.Activity
	a.ApprovedAmount = ch.amount
	d.setClaimDue(f, a)
	if less(before, ch.amount) {
		more, err := ch.amount.Sub(before)
		if err != nil {
			return err
		}
		return d.commitMore(c, a, more)
	}
	back, err := before.Sub(ch.amount)
	if err != nil {
		return err
	}
	if less(a.Committed, back) {
		used, err := before.Sub(a.Committed)
		if err != nil {
			return err
		}
		e := refuse(contract.ErrClaimExceedsApproved, "%v cannot be taken back: so much was claimed.", used)
		return problem.With(problem.With(e, "max", used), "activity_id", a.ID)
	}
	if a.Committed, err = a.Committed.Sub(back); err != nil {
		return err
	}
	if err := d.purse.free(contract.AccountCommitted, back, c.Now, purpose{requestID: d.ID, activityID: a.ID}); err != nil {
		return err
	}
	return d.settle(ctx, c, a)
}

// commitMore commits money that is available now.
func (d *dossier) commitMore(c *call.Call, a *contract.Activity, amount partnerportal.Money) error {
	switch d.purse.standing(c.Now) {
	case contract.AllocationStatusFrozen:
		return refuse(contract.ErrAllocationFrozen, "The allocation is frozen.")
	case contract.AllocationStatusExpired, contract.AllocationStatusClosed:
		return refuse(contract.ErrAllocationExpired, "The allocation has ended.")
	}
	return d.commit(a, amount)
}
