package training

import (
	"context"
	"slices"

	contract "github.com/partnerportal/partnerportal-go/training"
)

// goOn lets a learner go on along the paths that it is on.
func (w *work) goOn(ctx context.Context, learnerID string) error {
	if err := w.lockLearner(ctx, learnerID); err != nil {
		return err
	}
	return w.eachEnrolment(ctx, learnerID, func(on *enrolment) error {
		if on.PathID == "" || !on.open() {
			return nil
		}
		return w.advance(ctx, on)
	})
}

// advancePaths lets a learner go on along the paths that a course is a step of.
func (w *work) advancePaths(ctx context.Context, e *enrolment) error {
	if e.CourseID == "" || e.open() && e.Status != inProgress {
		return nil
	}
	all, err := w.enrolmentsOf(ctx, e.LearnerID)
	if err != nil {
		return err
	}
	for _, on := range all {
		if on.PathID == "" || !on.open() {
			continue
		}
		path, err := w.path(ctx, on.PathID)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(path.Steps, func(s contract.PathStep) bool { return s.CourseID == e.CourseID }) {
			continue
		}
		if err := w.advance(ctx, on); err != nil {
			return err
		}
	}
	return nil
}

// advance works out how far a learner is along a path, opens the steps that have come into reach, and completes the path with its last
// required step. It is completed by what counts of its courses and by nothing else.
func (w *work) advance(ctx context.Context, on *enrolment) error {
	path, err := w.path(ctx, on.PathID)
	if err != nil {
		return err
	}
	all, err := w.enrolmentsOf(ctx, on.LearnerID)
	if err != nil {
		return err
	}
	done, err := w.completedBy(ctx, all)
	if err != nil {
		return err
	}
	required, reached, begun := 0, 0, false
	var last *enrolment
	for _, step := range path.Steps {
		e := done[step.CourseID]
		if begun = begun || e != nil || startedIn(all, step.CourseID); step.Optional {
			continue
		}
		required++
		if e == nil {
			continue
		}
		reached++
		if last == nil || last.CompletedAt.Before(e.CompletedAt) {
			last = e
		}
	}
	if reached == required {
		return w.completePath(ctx, on, path, last)
	}
	if err := w.unlock(ctx, on, path, all, done); err != nil {
		return err
	}
	before, percent := on.Status, 100*reached/required
	if begun {
		on.Status = inProgress
		if on.StartedAt.IsZero() {
			on.StartedAt = w.Now
		}
	}
	if on.Status == before && on.ProgressPercent == percent {
		return nil
	}
	on.ProgressPercent = percent
	if err := w.save(ctx, on); err != nil || on.Status == before {
		return err
	}
	return w.tell(ctx, on, contract.EventStarted, nil, "/status")
}

func startedIn(all []*enrolment, courseID string) bool {
	return slices.ContainsFunc(all, func(e *enrolment) bool {
		return e.CourseID == courseID && (e.Status == inProgress || e.Status == failed)
	})
}

// completePath ends a path as of its last required step.
func (w *work) completePath(ctx context.Context, on *enrolment, path *contract.Path, last *enrolment) error {
	on.Status, on.ProgressPercent, on.CompletedAt, on.Source = completed, 100, last.CompletedAt, last.Source
	if on.StartedAt.IsZero() {
		on.StartedAt = last.CompletedAt
	}
	var err error
	if on.ExpiresOn, err = w.lastDay(ctx, on, path.ValidityMonths); err != nil {
		return err
	}
	if err := w.succeed(ctx, on); err != nil {
		return err
	}
	if err := w.save(ctx, on); err != nil {
		return err
	}
	return w.tell(ctx, on, contract.EventCompleted, nil, "/status")
}

// unlock opens the steps that wait for nothing any more. They are taken up if the path is, except where a seat has to be chosen.
func (w *work) unlock(ctx context.Context, on *enrolment, path *contract.Path, all []*enrolment, done map[string]*enrolment) error {
	l, err := w.alive(ctx, on.LearnerID)
	if err != nil || l == nil {
		return err
	}
	for _, step := range path.Steps {
		course, err := w.course(ctx, step.CourseID)
		if err != nil {
			return err
		}
		waits := slices.ContainsFunc(step.UnlockAfter, func(id string) bool { return done[id] == nil })
		if done[step.CourseID] != nil || waits || course.Status != published || len(lacking(course, done)) > 0 {
			continue
		}
		if e := openFor(all, target{courseID: course.ID}); e != nil {
			if err := w.takeUpStep(ctx, on, e, course); err != nil {
				return err
			}
			continue
		}
		e := w.newEnrolment(l, target{courseID: course.ID}, assigned)
		e.ParentID = on.ID
		if !step.Optional {
			e.DueOn, e.RuleID, e.Mandatory, e.DueByRule = on.DueOn, on.RuleID, on.Mandatory, on.DueByRule
		}
		if on.Status != assigned && !inClass(course) {
			e.Status, e.EnrolledAt = enrolled, w.Now
		}
		if err := w.begun(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// takeUpStep enrols in a step that was only assigned, when its path is taken up.
func (w *work) takeUpStep(ctx context.Context, on, e *enrolment, course *contract.Course) error {
	if e.ParentID != on.ID || e.Status != assigned || on.Status == assigned || inClass(course) {
		return nil
	}
	e.Status, e.EnrolledAt = enrolled, w.Now
	if err := w.save(ctx, e); err != nil {
		return err
	}
	return w.tell(ctx, e, contract.EventEnrolled, nil, "/status")
}
