package mdf

import (
	"cmp"
	"context"
	"slices"

	contract "github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/states"
)

// doable are the states of an activity in which it can be started, finished, canceled and claimed.
var doable = map[contract.ActivityAction][]contract.ActivityStatus{
	contract.ActivityActionStart:    states.In(contract.ActivityStatusApproved),
	contract.ActivityActionComplete: states.In(contract.ActivityStatusApproved, contract.ActivityStatusInProgress),
	contract.ActivityActionCancel:   states.In(contract.ActivityStatusApproved, contract.ActivityStatusInProgress, contract.ActivityStatusExecuted, contract.ActivityStatusClaimed),
	contract.ActivityActionClaim:    states.In(contract.ActivityStatusApproved, contract.ActivityStatusInProgress, contract.ActivityStatusExecuted, contract.ActivityStatusClaimed),
}

// activityActions is what the caller may do with an activity.
func (r *request) activityActions(c *call.Call, a *contract.Activity) []contract.ActivityAction {
	actions := []contract.ActivityAction{}
	if !slices.Contains(granted, r.Status) || !states.MayWrite(c.Caller, domain) {
		return actions
	}
	for _, action := range []contract.ActivityAction{contract.ActivityActionStart, contract.ActivityActionComplete, contract.ActivityActionClaim, contract.ActivityActionCancel} {
		if c.Caller.Vendor() && action != contract.ActivityActionCancel || !slices.Contains(doable[action], a.Status) {
			continue
		}
		if (action == contract.ActivityActionClaim || action == contract.ActivityActionCancel) && a.Committed.Sign() == 0 {
			continue
		}
		if action == contract.ActivityActionClaim && !c.Now.Before(r.Courses[a.ID].DueAt) {
			continue
		}
		actions = append(actions, action)
	}
	return actions
}

// openActivity takes a request out for an action on one of its activities.
func openActivity(ctx context.Context, c *call.Call, requestID, activityID, ifMatch string, action contract.ActivityAction) (*dossier, *contract.Activity, error) {
	if c.Caller.Vendor() && action != contract.ActivityActionCancel {
		return nil, nil, problem.WrongSide(c.Caller.Side)
	}
	d, err := openRequest(ctx, c, requestID)
	if err != nil {
		return nil, nil, err
	}
	if err := problem.Unchanged("It", ifMatch, d.Revision); err != nil {
		return nil, nil, err
	}
	a := d.activity(activityID)
	if a == nil {
		return nil, nil, call.NotFound("activity")
	}
	if allowed := d.activityActions(c, a); !slices.Contains(allowed, action) {
		return nil, nil, invalidState("activity", a.Status, action, allowed)
	}
	return d, a, nil
}

// StartActivity says that an activity has begun.
func (s *Service) StartActivity(ctx context.Context, requestID, activityID, ifMatch string) (*contract.Request, error) {
	c := call.From(ctx)
	d, a, err := openActivity(ctx, c, requestID, activityID, ifMatch, contract.ActivityActionStart)
	if err != nil {
		return nil, err
	}
	a.Status = contract.ActivityStatusInProgress
	d.tell(contract.EventActivityStarted, map[string]any{"activity_id": a.ID}, "/activities")
	d.progress(c)
	return d.answer(ctx, c)
}

// CompleteActivity says that an activity is over.
func (s *Service) CompleteActivity(ctx context.Context, requestID, activityID, ifMatch string, body *contract.Completion) (*contract.Request, error) {
	c := call.From(ctx)
	d, a, err := openActivity(ctx, c, requestID, activityID, ifMatch, contract.ActivityActionComplete)
	if err != nil {
		return nil, err
	}
	f, err := readFund(ctx, c, d.FundID)
	if err != nil {
		return nil, err
	}
	today := f.program.Today(c.Now)
	on := cmp.Or(body.CompletedOn, today)
	if on.After(today) || on.Before(a.StartsOn) {
		return nil, invalid(problem.Field("/completed_on", "out_of_range", "Give a day from the first of the activity to today."))
	}
	d.finish(a, on)
	d.progress(c)
	return d.answer(ctx, c)
}

// finish notes that an activity is over.
func (d *dossier) finish(a *contract.Activity, on partnerportal.Date) {
	a.Status, a.CompletedOn = contract.ActivityStatusExecuted, on
	d.tell(contract.EventActivityCompleted, map[string]any{"activity_id": a.ID}, "/activities")
}

// CancelActivity gives back what is committed for an activity and not claimed.
func (s *Service) CancelActivity(ctx context.Context, requestID, activityID, ifMatch string, body *contract.Note) (*contract.Request, error) {
	c := call.From(ctx)
	d, a, err := openActivity(ctx, c, requestID, activityID, ifMatch, contract.ActivityActionCancel)
	if err != nil {
		return nil, err
	}
	a.Comment = cmp.Or(body.Text, a.Comment)
	if err := d.cancel(ctx, c, a); err != nil {
		return nil, err
	}
	d.progress(c)
	return d.answer(ctx, c)
}

// CancelRequest cancels all activities of a request.
func (s *Service) CancelRequest(ctx context.Context, id, ifMatch string, body *contract.Note) (*contract.Request, error) {
	c := call.From(ctx)
	d, err := openRequestFor(ctx, c, id, contract.RequestActionCancel, ifMatch)
	if err != nil {
		return nil, err
	}
	d.CloseNote = body.Text
	for i := range d.Activities {
		a := &d.Activities[i]
		if slices.Contains(doable[contract.ActivityActionCancel], a.Status) && d.Courses[a.ID].Ended == "" { // what has expired stays so
			if err := d.cancel(ctx, c, a); err != nil {
				return nil, err
			}
		}
	}
	d.progress(c)
	return d.answer(ctx, c)
}

func (d *dossier) cancel(ctx context.Context, c *call.Call, a *contract.Activity) error {
	d.tell(contract.EventActivityCanceled, map[string]any{"activity_id": a.ID, "amount": a.Committed.Amount(), "currency": a.Committed.Currency()}, "/activities")
	return d.stop(ctx, c, a, contract.ActivityStatusCanceled)
}

// stop ends an activity: what is committed and not claimed is freed, and what comes back from claims under way will be too.
func (d *dossier) stop(ctx context.Context, c *call.Call, a *contract.Activity, why contract.ActivityStatus) error {
	course := d.Courses[a.ID]
	course.Ended = why
	d.Courses[a.ID] = course
	return d.settle(ctx, c, a)
}

// settle frees what an activity that has ended no longer needs, and says where the activity stands.
func (d *dossier) settle(ctx context.Context, c *call.Call, a *contract.Activity) error {
	ended := d.Courses[a.ID].Ended
	if ended != "" && a.Committed.Sign() > 0 {
		if err := d.opensPurse(ctx, c); err != nil {
			return err
		}
		what := purpose{requestID: d.ID, activityID: a.ID}
		back := a.Committed
		a.Committed = none(back.Currency())
		free := func() error { return d.purse.free(contract.AccountCommitted, back, c.Now, what) }
		if ended == contract.ActivityStatusExpired && d.Unclaimed != contract.UnclaimedRelease {
			free = func() error {
				return d.purse.post(contract.EntryTypeExpire, contract.AccountCommitted, contract.AccountExpired, back, what)
			}
		}
		if err := free(); err != nil {
			return err
		}
	}
	a.Status = standing(a, ended)
	return nil
}

// standing is where an activity stands by where its money is, and where there is none by how it ended.
func standing(a *contract.Activity, ended contract.ActivityStatus) contract.ActivityStatus {
	switch {
	case a.Claimed.Sign() > 0, a.Payable.Sign() > 0, a.Committed.Sign() > 0 && a.Paid.Sign() > 0:
		return contract.ActivityStatusClaimed
	case a.Committed.Sign() > 0 && !a.CompletedOn.IsZero():
		return contract.ActivityStatusExecuted
	case a.Committed.Sign() > 0:
		return a.Status // approved, or under way
	case a.Paid.Sign() > 0:
		return contract.ActivityStatusSettled
	case ended != "":
		return ended
	}
	return contract.ActivityStatusCanceled // all that was claimed was refused, and no more will be
}

// settled are the states of an activity from which nothing is to come.
var settled = states.In(contract.ActivityStatusSettled, contract.ActivityStatusCanceled, contract.ActivityStatusExpired)

// progress says where an approved request stands by where its activities do.
func (d *dossier) progress(c *call.Call) {
	before := d.Status
	all := slices.Clone(d.Activities)
	all = slices.DeleteFunc(all, func(a contract.Activity) bool { return a.Decision == contract.ActivityDecisionRejected })
	every := func(states ...contract.ActivityStatus) bool {
		return !slices.ContainsFunc(all, func(a contract.Activity) bool { return !slices.Contains(states, a.Status) })
	}
	switch {
	case every(contract.ActivityStatusCanceled):
		d.Status = contract.RequestStatusCanceled
	case every(settled...):
		d.Status = contract.RequestStatusClosed
	case every(append(states.In(contract.ActivityStatusExecuted, contract.ActivityStatusClaimed), settled...)...):
		d.Status = contract.RequestStatusCompleted
	case every(contract.ActivityStatusApproved, contract.ActivityStatusCanceled):
		d.Status = contract.RequestStatusApproved
	default:
		d.Status = contract.RequestStatusInProgress
	}
	if d.Status == before || !slices.Contains(over, d.Status) {
		return
	}
	d.ClosedAt = c.Now
	event := contract.EventRequestClosed
	if d.Status == contract.RequestStatusCanceled {
		event = contract.EventRequestCanceled
	}
	if d.Amendment.Status == contract.AmendmentStatusPending {
		d.Amendment.Status, d.Amendment.DecidedAt = contract.AmendmentStatusWithdrawn, c.Now
	}
	d.tell(event, map[string]any{"number": d.Number}, "/status")
}
