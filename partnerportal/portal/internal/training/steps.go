package training

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
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

// retrace takes back the paths that were completed, or begun, by an enrolment of which something was taken back.
func (w *work) retrace(ctx context.Context, e *enrolment) error {
	if e.CourseID == "" {
		return nil
	}
	stands := func(on *enrolment) bool { return !e.CompletedAt.IsZero() && !e.CompletedAt.After(on.CompletedAt) }
	return w.eachEnrolment(ctx, e.LearnerID, func(on *enrolment) error {
		if on.PathID == "" || !on.open() && (!slices.Contains(on.By, e.ID) || stands(on)) {
			return nil
		}
		return w.unlearnPath(ctx, on, e.Source)
	})
}

func (w *work) unlearnPath(ctx context.Context, on *enrolment, told partnerportal.SourceStamp) error {
	path, err := w.path(ctx, on.PathID)
	if err != nil {
		return err
	}
	now, err := w.along(ctx, on, path)
	switch {
	case err != nil:
		return err
	case on.Status == completed && now.there():
		return w.completePath(ctx, on, path, now)
	case on.open() && (on.Status != inProgress || now.begun):
		return w.advance(ctx, on)
	}
	before, status := on.Enrolment, inProgress
	if !now.begun {
		status, on.StartedAt = assigned, time.Time{}
		if !on.EnrolledAt.IsZero() {
			status = enrolled
		}
	}
	if _, err := w.stepBack(ctx, on, status); err != nil {
		return err
	}
	on.ProgressPercent, on.Source, on.By = now.percent(), told, nil
	if err := w.saveVoided(ctx, on, before); err != nil || !on.open() {
		return err
	}
	return w.advance(ctx, on)
}

// along is how far a learner is along a path.
type along struct {
	all   []*enrolment
	done  map[string]*enrolment // courses
	begun bool

	required int
	by       []*enrolment // required steps that are completed
}

func (a along) there() bool { return len(a.by) == a.required }

func (a along) percent() int { return 100 * len(a.by) / a.required }

func (w *work) along(ctx context.Context, on *enrolment, path *contract.Path) (a along, err error) {
	if a.all, err = w.enrolmentsOf(ctx, on.LearnerID); err != nil {
		return a, err
	}
	if a.done, err = w.completedBy(ctx, a.all); err != nil {
		return a, err
	}
	for _, step := range path.Steps {
		e := a.done[step.CourseID]
		if a.begun = a.begun || e != nil || startedIn(a.all, step.CourseID); step.Optional {
			continue
		}
		if a.required++; e != nil {
			a.by = append(a.by, e)
		}
	}
	return a, nil
}

// advance works out how far a learner is along a path, opens the steps that have come into reach, and completes the path with its last
// required step. It is completed by what counts of its courses and by nothing else.
func (w *work) advance(ctx context.Context, on *enrolment) error {
	path, err := w.path(ctx, on.PathID)
	if err != nil {
		return err
	}
	now, err := w.along(ctx, on, path)
	if err != nil {
		return err
	}
	if now.there() {
		return w.completePath(ctx, on, path, now)
	}
	if err := w.unlock(ctx, on, path, now.all, now.done); err != nil {
		return err
	}
	before := on.Status
	if now.begun {
		on.Status = inProgress
		if on.StartedAt.IsZero() {
			on.StartedAt = w.Now
		}
	}
	if on.Status == before && on.ProgressPercent == now.percent() {
		return nil
	}
	on.ProgressPercent = now.percent()
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

// completePath ends a path as of its last required step. One that had ended as of another instant is changed.
func (w *work) completePath(ctx context.Context, on *enrolment, path *contract.Path, now along) error {
	last := slices.MaxFunc(now.by, func(a, b *enrolment) int { return a.CompletedAt.Compare(b.CompletedAt) })
	event, changed := contract.EventCompleted, "/status"
	if on.Status == completed {
		event, changed = contract.EventUpdated, "/completed_at"
	}
	same := on.CompletedAt.Equal(last.CompletedAt)
	on.Status, on.ProgressPercent, on.CompletedAt, on.Source, on.By = completed, 100, last.CompletedAt, last.Source, nil
	for _, step := range now.by {
		on.By = append(on.By, step.ID)
	}
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
	if err := w.save(ctx, on); err != nil || same {
		return err
	}
	return w.tell(ctx, on, event, nil, changed)
}

// unlock opens the steps that wait for nothing any more. They are taken up if the path is, except where a seat has to be chosen. One that the
// learner was withdrawn from without an attempt left waits for the vendor to enrol it.
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
		if on.RuleID == "" { // which the vendor wants
			e.Allowed, err = w.triesLeft(ctx, all, e.target())
			if errors.Is(err, contract.ErrAttempts) {
				continue
			}
			if err != nil {
				return err
			}
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
