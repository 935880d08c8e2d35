package training

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
	contract "github.com/partnerportal/partnerportal-go/training"
)

// The kinds of deadlines.
const (
	dueDeadline     = "training.due"      // a reminder before an enrolment is due
	overdueDeadline = "training.overdue"  // the day has passed
	endsDeadline    = "training.ends"     // a reminder before a completion ends to count
	expireDeadline  = "training.expire"   // it has ended
	startDeadline   = "training.start"    // a class session begins
	rulesDeadline   = "training.rules"    // the rules for a partner's people are applied anew
	learnerDeadline = "training.rules_of" // the same for one of them
	pathsDeadline   = "training.paths"    // a learning path has changed on which a learner is
	heardDeadline   = "training.heard"    // a course is there of which something was told of a learner
)

// reminders are how many days before the day somebody is reminded.
var reminders = []int{30, 7, 1}

const day = 24 * time.Hour

// setDeadlines sets what an enrolment waits for.
func (w *work) setDeadlines(ctx context.Context, e *enrolment, p *policy.Program) error {
	if w.overdue(e, p) { // which is told, or about to be
		return w.Tx.DropTimersOfKind(ctx, store.DropTimersOfKindParams{ResourceID: e.ID, Kind: dueDeadline})
	}
	if err := w.Tx.DropTimers(ctx, e.ID); err != nil {
		return err
	}
	switch {
	case e.open() && !e.DueOn.IsZero():
		return w.setTimers(ctx, e.ID, dueDeadline, overdueDeadline, p, e.DueOn)
	case e.Status == completed && !e.ExpiresOn.IsZero():
		return w.setTimers(ctx, e.ID, endsDeadline, expireDeadline, p, e.ExpiresOn)
	}
	return nil
}

// setTimers sets the reminders that are still to come, by the days of the programme as some have 23 hours, and the deadline itself, of which
// a late one is acted on at once.
func (w *work) setTimers(ctx context.Context, id, reminder, deadline string, p *policy.Program, last partnerportal.Date) error {
	for _, days := range reminders {
		if before := p.EndOfDay(last.AddDays(-days)); before.After(w.Now) {
			if err := w.Tx.PutTimer(ctx, store.PutTimerParams{Kind: reminder, ResourceID: id, DueAt: store.Micros(before)}); err != nil {
				return err
			}
		}
	}
	return w.Tx.PutTimer(ctx, store.PutTimerParams{Kind: deadline, ResourceID: id, DueAt: store.Micros(p.EndOfDay(last))})
}

// overdue says that the day has passed by which an enrolment was to be completed.
func (w *work) overdue(e *enrolment, p *policy.Program) bool {
	return e.open() && !e.DueOn.IsZero() && !p.EndOfDay(e.DueOn).After(w.Now)
}

// Fire acts on a deadline. One whose enrolment or session has meanwhile changed in another way passes without effect.
func (s *Service) Fire(ctx context.Context, kind, id string, _ time.Time) error {
	w := begin(ctx)
	switch kind {
	case rulesDeadline:
		return w.applyToPartner(ctx, id)
	case learnerDeadline:
		return w.applyToLearner(ctx, id)
	case pathsDeadline:
		return w.goOn(ctx, id)
	case heardDeadline:
		return w.recogniseLearner(ctx, id)
	case startDeadline:
		return w.sessionBegins(ctx, id)
	}
	e, err := w.hold(ctx, id)
	if errors.Is(err, partnerportal.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	p, err := w.program(ctx, e.PartnerID)
	if err != nil {
		return err
	}
	quiet := e.Idle || e.RenewedBy != ""
	if late := kind == dueDeadline || kind == overdueDeadline; late != e.open() || !late && e.Status != completed {
		return nil
	}
	switch kind {
	case dueDeadline:
		return w.remind(ctx, e, contract.EventDueSoon, "due_on", e.DueOn, p.Today(w.Now))
	case overdueDeadline:
		return w.tell(ctx, e, contract.EventOverdue, map[string]any{"due_on": e.DueOn.String()})
	case endsDeadline:
		if quiet {
			return nil
		}
		return w.remind(ctx, e, contract.EventExpiring, "ends_on", e.ExpiresOn, p.Today(w.Now))
	case expireDeadline:
		return w.expire(ctx, e, quiet)
	}
	return fmt.Errorf("training: unknown deadline %q", kind)
}

// remind tells how many days there are left.
func (w *work) remind(ctx context.Context, e *enrolment, event, fact string, last, today partnerportal.Date) error {
	return w.tell(ctx, e, event, map[string]any{fact: last.String(), "days": last.DaysSince(today) + 1})
}

// expire ends what was completed. Where a rule asks for it, it is assigned anew.
func (w *work) expire(ctx context.Context, e *enrolment, quiet bool) error {
	e.Status = expired
	if err := w.save(ctx, e); err != nil || quiet {
		return err
	}
	if err := w.tell(ctx, e, contract.EventExpired, map[string]any{"ends_on": e.ExpiresOn.String()}, "/status"); err != nil {
		return err
	}
	l, err := w.alive(ctx, e.LearnerID)
	if err != nil || l == nil {
		return err
	}
	return w.applyRules(ctx, l)
}

// soon has something done in a transaction of its own: there may be thousands of people to do it with, and nobody waits for that.
func soon(ctx context.Context, c *call.Call, kind string, ids ...string) error {
	for _, id := range ids {
		if err := c.Tx.PutTimer(ctx, store.PutTimerParams{Kind: kind, ResourceID: id, DueAt: store.Micros(c.Now)}); err != nil {
			return err
		}
	}
	return nil
}

// reconsider has the rules applied to a partner's people.
func reconsider(ctx context.Context, c *call.Call, partnerID string) error {
	return soon(ctx, c, rulesDeadline, partnerID)
}

// reconsiderAll is [reconsider] for everybody.
func reconsiderAll(ctx context.Context, c *call.Call) error {
	partners, err := c.Tx.PartnersWithLearners(ctx)
	if err != nil {
		return err
	}
	return soon(ctx, c, rulesDeadline, partners...)
}
