package mdf

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	contract "github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
)

// The kinds of deadlines of requests and claims; those of an activity name it behind the colon. Those of allocations are beside them.
const (
	timerOverdue   = "mdf.overdue"
	timerReminder  = "mdf.reminder:"
	timerClaimDue  = "mdf.claim_due:"
	timerClaimSoon = "mdf.claim_soon:" // days, a colon, and the activity
)

// notice says that passing the deadline only tells the partner something.
func (d deadline) notice() bool {
	return strings.HasPrefix(d.kind, timerExpiring) || strings.HasPrefix(d.kind, timerReminder) || strings.HasPrefix(d.kind, timerClaimSoon)
}

// reminderDays are how long before the due day a partner is reminded of requested changes.
var reminderDays = []int{3, 1}

// answerBy are the deadlines of what was sent back.
func answerBy(due time.Time) []deadline {
	all := []deadline{{timerOverdue, due}}
	for _, days := range reminderDays {
		all = append(all, deadline{timerReminder + strconv.Itoa(days), due.AddDate(0, 0, -days)})
	}
	return all
}

// due are the deadlines of a request: for changes that were asked for, and for the claims of its activities.
func (r *request) due() []deadline {
	if r.Status == contract.RequestStatusChangesRequested {
		return answerBy(r.Review.ChangesDueAt)
	}
	if !slices.Contains(granted, r.Status) {
		return nil
	}
	var all []deadline
	for _, a := range r.Activities {
		course := r.Courses[a.ID]
		if course.Ended != "" || a.Committed.Sign() == 0 && a.Claimed.Sign() == 0 {
			continue
		}
		all = append(all, deadline{timerClaimDue + a.ID, course.DueAt})
		for _, days := range r.NoticeDays {
			all = append(all, deadline{timerClaimSoon + strconv.Itoa(days) + ":" + a.ID, course.DueAt.AddDate(0, 0, -days)})
		}
	}
	return all
}

// Fire acts on a deadline. It may be late or stale: what the resource expects decides whether there is anything to do.
func (s *Service) Fire(ctx context.Context, kind, resourceID string, dueAt time.Time) error {
	c := call.From(ctx)
	passed := deadline{kind, dueAt}
	var err error
	switch {
	case strings.HasPrefix(resourceID, ids.Allocation):
		err = fireAllocation(ctx, c, resourceID, passed)
	case strings.HasPrefix(resourceID, ids.MDFRequest):
		err = fireRequest(ctx, c, resourceID, passed)
	case strings.HasPrefix(resourceID, ids.Claim):
		err = fireClaim(ctx, c, resourceID, passed)
	default:
		err = fmt.Errorf("mdf: a timer of %q", resourceID)
	}
	if errors.Is(err, partnerportal.ErrNotFound) {
		return nil
	}
	return err
}

func expects(all []deadline, passed deadline) bool {
	return slices.ContainsFunc(all, func(d deadline) bool { return d.kind == passed.kind && d.at.Equal(passed.at) })
}

func fireAllocation(ctx context.Context, c *call.Call, id string, passed deadline) error {
	p, err := openPurse(ctx, c, id)
	if err != nil || !expects(p.deadlines, passed) {
		return err
	}
	switch passed.kind {
	case timerExpire:
		return p.end(ctx, c, allocationExpire, contract.AllocationStatusExpired, "")
	case timerEarned:
		return p.earned(ctx, c)
	}
	if p.Balance.Available.Sign() == 0 {
		return nil
	}
	days, err := strconv.Atoi(strings.TrimPrefix(passed.kind, timerExpiring))
	if err != nil {
		return fmt.Errorf("mdf: unknown timer %q", passed.kind)
	}
	return p.tell(ctx, c, contract.EventFundsExpiring, map[string]any{
		"days": days, "expires_at": p.ExpiresAt, "amount": p.Balance.Available.Amount(), "currency": p.Currency, "fund_id": p.FundID,
	})
}

func fireRequest(ctx context.Context, c *call.Call, id string, passed deadline) error {
	d, err := openRequest(ctx, c, id)
	if err != nil || !expects(d.deadlines, passed) {
		return err
	}
	kind, of, _ := strings.Cut(passed.kind, ":")
	switch kind + ":" {
	case timerOverdue + ":":
		_, err := d.withdraw(ctx, c, requestOverdue, "changes_overdue")
		return err
	case timerReminder:
		d.tell(contract.EventRequestChangesRequested, map[string]any{"number": d.Number, "reminder": true, "due_at": d.Review.ChangesDueAt})
		return d.publish(ctx, c)
	case timerClaimDue:
		return d.claimsEnd(ctx, c, d.activity(of))
	case timerClaimSoon:
		days, activityID, _ := strings.Cut(of, ":")
		return d.claimSoon(ctx, c, d.activity(activityID), days)
	}
	return fmt.Errorf("mdf: unknown timer %q", passed.kind)
}

// claimsEnd ends the time in which an activity can be claimed.
func (d *dossier) claimsEnd(ctx context.Context, c *call.Call, a *contract.Activity) error {
	if a.Committed.Sign() > 0 {
		d.tell(contract.EventActivityExpired, map[string]any{"activity_id": a.ID, "amount": a.Committed.Amount(), "currency": a.Committed.Currency()}, "/activities")
	}
	if err := d.stop(ctx, c, a, contract.ActivityStatusExpired); err != nil {
		return err
	}
	d.progress(c)
	return d.save(ctx, c)
}

func (d *dossier) claimSoon(ctx context.Context, c *call.Call, a *contract.Activity, days string) error {
	n, err := strconv.Atoi(days)
	if err != nil || a.Committed.Sign() == 0 {
		return err
	}
	d.tell(contract.EventClaimDueSoon, map[string]any{
		"activity_id": a.ID, "days": n, "due_at": d.Courses[a.ID].DueAt, "amount": a.Committed.Amount(), "currency": a.Committed.Currency(),
	})
	return d.publish(ctx, c)
}

func fireClaim(ctx context.Context, c *call.Call, id string, passed deadline) error {
	k, err := openClaim(ctx, c, id)
	if err != nil || !expects(k.deadlines, passed) {
		return err
	}
	if passed.kind == timerOverdue {
		_, err := k.withdraw(ctx, c, claimOverdue, "changes_overdue")
		return err
	}
	k.tell(contract.EventClaimChangesRequested, map[string]any{"number": k.Number, "reminder": true, "due_at": k.Review.ChangesDueAt})
	return k.publish(ctx, c)
}
