package training

import (
	"context"
	"slices"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/source"
	contract "github.com/partnerportal/partnerportal-go/training"
)

// chosen is the enrolment in a course that a piece of news is about, or nil for a new one: what is open, unless the news is of the time
// of one that is over. Whoever has completed a course may look into it again; anew it is begun by registering, or by completing it much later.
func chosen(all []*enrolment, t target, n news) *enrolment {
	at, current := n.attempt.At, openFor(all, t)
	if current != nil && !at.Before(current.CreatedAt) {
		return current
	}
	for _, e := range all {
		switch {
		case e.target() != t || e.open():
		case e.Status == withdrawn:
			if current == nil && !at.After(e.WithdrawnAt) {
				current = e
			}
		case at.Sub(e.CompletedAt) <= oneCompletion:
			return e
		case current == nil && e.Status == completed && e.RenewedBy == "" && n.verb != source.VerbRegistered && n.verb != source.VerbCompleted:
			current = e
		}
	}
	return current
}

// learn adds a piece of news to an enrolment, which may be a new one, and follows it.
func (w *work) learn(ctx context.Context, e *enrolment, n news) error {
	e.Told.add(n)
	e.Source = n.attempt.Source
	v := e.Told.verdict(e.RetriedAt)
	before, completedBefore := e.Status, e.CompletedAt
	isNew := e.Revision == 0
	if e.StartedAt.IsZero() || !e.Told.StartedAt.IsZero() {
		e.StartedAt = e.Told.StartedAt
	}
	if !e.Told.RegisteredAt.IsZero() {
		e.EnrolledAt = earlier(e.EnrolledAt, e.Told.RegisteredAt)
	}
	e.Attempts = v.shown()
	e.ProgressPercent = max(e.ProgressPercent, e.Told.Progress)
	left, err := w.moveTo(ctx, e, v)
	if err != nil {
		return err
	}
	if e.Status == completed {
		if err := w.complete(ctx, e, v); err != nil {
			return err
		}
	}
	if err := w.save(ctx, e); err != nil {
		return err
	}
	if err := w.tellNews(ctx, e, isNew, before, completedBefore); err != nil {
		return err
	}
	if err := w.promote(ctx, left); err != nil {
		return err
	}
	return w.advancePaths(ctx, e)
}

// moveTo puts an enrolment where the news wants it. What is over stays so, unless it turns out to have been completed before. A
// session is returned that somebody has left.
func (w *work) moveTo(ctx context.Context, e *enrolment, v verdict) (left string, err error) {
	if v.status == "" || e.Status == completed || e.Status == expired || e.Status == withdrawn && v.status != completed {
		return "", nil
	}
	e.Status = v.status
	switch {
	case e.Seat == waiting: // the learning system has taken it in
		return w.leaveSeat(ctx, e)
	case e.Seat == seated && e.Status == completed:
		session, err := loadSession(ctx, w.Tx, e.SessionID)
		if err != nil {
			return "", err
		}
		if session.StartsAt.After(v.completedAt) { // in another way than by the session: somebody else may have the seat
			return w.leaveSeat(ctx, e)
		}
	}
	return "", nil
}

// complete notes since when and until when a completion counts, and which it takes the place of.
func (w *work) complete(ctx context.Context, e *enrolment, v verdict) error {
	e.CompletedAt, e.Score, e.ProgressPercent, e.WithdrawnAt, e.Reason = v.completedAt, v.score, 100, time.Time{}, ""
	course, err := w.course(ctx, e.CourseID)
	if err != nil {
		return err
	}
	if e.ExpiresOn, err = w.lastDay(ctx, e, course.ValidityMonths); err != nil {
		return err
	}
	return w.succeed(ctx, e)
}

// lastDay is the last day on which a completion counts, none for ever.
func (w *work) lastDay(ctx context.Context, e *enrolment, months int) (partnerportal.Date, error) {
	if months == 0 {
		return partnerportal.Date{}, nil
	}
	p, err := w.program(ctx, e.PartnerID)
	if err != nil {
		return partnerportal.Date{}, err
	}
	return p.Today(e.CompletedAt).AddMonths(months), nil
}

// succeed links the completions of one course or path: each is renewed by the next.
func (w *work) succeed(ctx context.Context, e *enrolment) error {
	all, err := w.enrolmentsOf(ctx, e.LearnerID)
	if err != nil {
		return err
	}
	e.RenewedBy = ""
	var line []*enrolment
	for _, other := range all {
		if other.ID == e.ID {
			continue
		}
		if other.target() == e.target() && !other.CompletedAt.IsZero() && !other.open() {
			line = append(line, other)
		}
	}
	if !e.CompletedAt.IsZero() {
		line = append(line, e)
	}
	slices.SortStableFunc(line, func(a, b *enrolment) int { return a.CompletedAt.Compare(b.CompletedAt) })
	for i, each := range line {
		next := ""
		if i+1 < len(line) {
			next = line[i+1].ID
		}
		if each.RenewedBy == next {
			continue
		}
		each.RenewedBy = next
		if each == e { // who asks stores it
			continue
		}
		if err := w.save(ctx, each); err != nil {
			return err
		}
	}
	return nil
}

// tellNews tells what the news has changed.
func (w *work) tellNews(ctx context.Context, e *enrolment, isNew bool, before contract.Status, completedBefore time.Time) error {
	events := map[contract.Status]string{
		enrolled: contract.EventEnrolled, inProgress: contract.EventStarted, completed: contract.EventCompleted, failed: contract.EventFailed,
	}
	switch {
	case isNew || e.Status != before:
		if event := events[e.Status]; event != "" {
			return w.tell(ctx, e, event, nil, "/status")
		}
	case e.Status == completed && !e.CompletedAt.Equal(completedBefore):
		return w.tell(ctx, e, contract.EventUpdated, nil, "/completed_at")
	}
	return nil
}
