package training

import (
	"context"
	"errors"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	contract "github.com/partnerportal/partnerportal-go/training"
)

// assignRenewal asks a learner to do again what a credential is renewed by.
func assignRenewal(ctx context.Context, event feed.Event) error {
	asked, err := feed.Payload[feed.RenewalRequested](event)
	if err != nil {
		return err
	}
	w := begin(ctx)
	if err := w.lockLearner(ctx, asked.LearnerID); err != nil {
		return err
	}
	l, err := w.alive(ctx, asked.LearnerID)
	if err != nil || l == nil {
		return err
	}
	var targets []target
	for _, id := range asked.CourseIDs {
		targets = append(targets, target{courseID: id})
	}
	for _, id := range asked.PathIDs {
		targets = append(targets, target{pathID: id})
	}
	for _, t := range targets {
		if err := w.askAgain(ctx, l, t, asked.DueAt); err != nil {
			return err
		}
	}
	return nil
}

func (w *work) askAgain(ctx context.Context, l *contract.Learner, t target, dueAt time.Time) error {
	if err := w.checkTarget(ctx, t); err != nil {
		if _, closed := errors.AsType[*partnerportal.Error](err); closed {
			return nil
		}
		return err
	}
	all, err := w.enrolmentsOf(ctx, l.ID)
	if err != nil || openFor(all, t) != nil {
		return err
	}
	e := w.newEnrolment(l, t, assigned)
	if !dueAt.IsZero() {
		p, err := w.program(ctx, l.PartnerID)
		if err != nil {
			return err
		}
		e.DueOn = p.Today(dueAt.Add(-time.Microsecond)) // the last day before it
	}
	return w.begun(ctx, e)
}
