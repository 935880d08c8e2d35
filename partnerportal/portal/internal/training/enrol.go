package training

import (
	"context"
	"slices"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	contract "github.com/partnerportal/partnerportal-go/training"
)

// Enrol enrols a learner, or asks it to.
func (s *Service) Enrol(ctx context.Context, body *contract.NewEnrolment) (*contract.Enrolment, error) {
	w := begin(ctx)
	if err := w.lockLearner(ctx, body.LearnerID); err != nil {
		return nil, err
	}
	l, err := w.learner(ctx, body.LearnerID)
	if err != nil {
		return nil, orInvalid(err, "/learner_id", "There is no such learner.")
	}
	if l.Status != contract.LearnerStatusActive {
		return nil, conflict(contract.ErrLearnerLeft, "The learner has left the partner.")
	}
	t := target{body.CourseID, body.PathID}
	if err := w.checkTarget(ctx, t); err != nil {
		return nil, err
	}
	if err := w.checkDue(ctx, l.PartnerID, body.DueOn); err != nil {
		return nil, err
	}
	all, err := w.enrolmentsOf(ctx, l.ID)
	if err != nil {
		return nil, err
	}
	if e := openFor(all, t); e != nil {
		return nil, problem.With(conflict(contract.ErrAlreadyEnrolled, "The learner is enrolled already."), "existing_id", e.ID)
	}
	e := w.newEnrolment(l, t, assigned)
	if !w.Caller.Vendor() {
		if e.Allowed, err = w.triesLeft(ctx, all, t); err != nil {
			return nil, err
		}
	}
	e.DueOn = body.DueOn
	if body.Assign && (body.SessionID != "" || body.Waitlist) {
		return nil, problem.Invalid("/assign", "not_permitted", "Who is only asked takes no seat yet. Leave the class session out.")
	}
	if !body.Assign {
		e.AssignedAt = e.EnrolledAt
		if err := w.takeUp(ctx, e, all, &contract.SignUp{SessionID: body.SessionID, Waitlist: body.Waitlist}); err != nil {
			return nil, err
		}
	}
	if err := w.begun(ctx, e); err != nil {
		return nil, err
	}
	return s.Get(ctx, e.ID)
}

// begun stores a new enrolment, tells of it, and opens the first steps of a path.
func (w *work) begun(ctx context.Context, e *enrolment) error {
	if err := w.save(ctx, e); err != nil {
		return err
	}
	event := map[contract.Status]string{assigned: contract.EventAssigned, waitlisted: contract.EventWaitlisted, enrolled: contract.EventEnrolled}[e.Status]
	if err := w.tell(ctx, e, event, nil, "/status"); err != nil || e.PathID == "" {
		return err
	}
	return w.advance(ctx, e)
}

// checkTarget wants a course or a path that is open to be enrolled in.
func (w *work) checkTarget(ctx context.Context, t target) error {
	var status contract.PublicationStatus
	switch {
	case (t.courseID == "") == (t.pathID == ""):
		return problem.Invalid("/course_id", "required", "Give a course or a learning path.")
	case t.courseID != "":
		course, err := w.course(ctx, t.courseID)
		if err != nil {
			return orInvalid(err, "/course_id", "There is no such course.")
		}
		if status = course.Status; course.PublishedAt.IsZero() {
			return problem.Invalid("/course_id", "invalid_value", "There is no such course.")
		}
	default:
		path, err := w.path(ctx, t.pathID)
		if err != nil {
			return orInvalid(err, "/path_id", "There is no such learning path.")
		}
		if status = path.Status; path.PublishedAt.IsZero() {
			return problem.Invalid("/path_id", "invalid_value", "There is no such learning path.")
		}
	}
	return open(status)
}

func open(status contract.PublicationStatus) error {
	if status == published {
		return nil
	}
	return conflict(contract.ErrNotOpen, "Nobody enrols in it any more.")
}

// checkDue refuses a day that has passed.
func (w *work) checkDue(ctx context.Context, partnerID string, on partnerportal.Date) error {
	if on.IsZero() {
		return nil
	}
	today, err := w.today(ctx, partnerID)
	if err == nil && on.Before(today) {
		err = problem.Invalid("/due_on", "out_of_range", "Give a day that is yet to come.")
	}
	return err
}

// openFor is what a learner has open in a course or path, or nil.
func openFor(all []*enrolment, t target) *enrolment {
	if i := slices.IndexFunc(all, func(e *enrolment) bool { return e.target() == t && e.open() }); i >= 0 {
		return all[i]
	}
	return nil
}

// triesLeft is how often a learner may try a course from which it was withdrawn, nil for as often as the course says: who is withdrawn and comes back
// goes on counting, unless it is the vendor who enrols it, or a rule of the vendor's.
func (w *work) triesLeft(ctx context.Context, all []*enrolment, t target) (*int, error) {
	var last *enrolment
	for _, e := range all {
		if e.target() == t {
			last = e
		}
	}
	if last == nil || last.Status != withdrawn {
		return nil, nil //nolint:nilnil // the course says
	}
	allowed, err := w.attemptsAllowed(ctx, last)
	if err != nil || allowed == 0 || len(last.Attempts) == 0 {
		return last.Allowed, err
	}
	left := allowed - len(last.Attempts)
	if left <= 0 {
		return nil, exhausted()
	}
	return &left, nil
}

// giveBack lets a learner try again as often as it turned out not to have tried, where it went on counting.
func (w *work) giveBack(ctx context.Context, e *enrolment, tries int) error {
	all, err := w.enrolmentsOf(ctx, e.LearnerID)
	if err != nil {
		return err
	}
	since := slices.IndexFunc(all, func(other *enrolment) bool { return other.ID == e.ID }) + 1
	for _, next := range all[since:] {
		if next.target() != e.target() {
			continue
		}
		if next.Allowed == nil || *next.Allowed == 0 { // as often as the course says, or as it likes
			return nil
		}
		*next.Allowed += tries
		if err := w.save(ctx, next); err != nil {
			return err
		}
		if !next.open() {
			continue
		}
		if err := w.tell(ctx, next, contract.EventUpdated, nil, "/attempts_allowed"); err != nil {
			return err
		}
	}
	return nil
}

// SignUp takes up what was assigned, or changes to another class session.
func (s *Service) SignUp(ctx context.Context, enrolmentID, ifMatch string, body *contract.SignUp) (*contract.Enrolment, error) {
	w, e, err := s.act(ctx, enrolmentID, ifMatch, contract.ActionSignUp)
	if err != nil {
		return nil, err
	}
	if err := w.checkTarget(ctx, e.target()); err != nil {
		return nil, err
	}
	all, err := w.enrolmentsOf(ctx, e.LearnerID)
	if err != nil {
		return nil, err
	}
	if e.Status != assigned && (body.SessionID == "" || body.SessionID == e.SessionID) {
		return nil, problem.Invalid("/session_id", "invalid_value", "Name another class session.")
	}
	before := e.SessionID
	e.Heard = false
	if err := w.lockSessions(ctx, before, body.SessionID); err != nil {
		return nil, err
	}
	if err := w.takeUp(ctx, e, all, body); err != nil {
		return nil, err
	}
	event := contract.EventEnrolled
	if e.Status == waitlisted {
		event = contract.EventWaitlisted
	}
	if err := w.save(ctx, e); err != nil {
		return nil, err
	}
	if err := w.tell(ctx, e, event, nil, "/status"); err != nil {
		return nil, err
	}
	if e.PathID != "" {
		if err := w.advance(ctx, e); err != nil {
			return nil, err
		}
	}
	if err := w.promote(ctx, before); err != nil {
		return nil, err
	}
	return s.Get(ctx, e.ID)
}

// takeUp enrols a learner in what it may begin, with a seat where the course is held in sessions.
func (w *work) takeUp(ctx context.Context, e *enrolment, all []*enrolment, body *contract.SignUp) error {
	if e.PathID != "" {
		if body.SessionID != "" {
			return problem.Invalid("/session_id", "not_permitted", "A learning path has no class sessions. Its courses may have some.")
		}
		e.Status, e.EnrolledAt = enrolled, w.Now
		return nil
	}
	course, err := w.course(ctx, e.CourseID)
	if err != nil {
		return err
	}
	done, err := w.completedBy(ctx, all)
	if err != nil {
		return err
	}
	if missing := lacking(course, done); len(missing) > 0 {
		refusal := conflict(contract.ErrPrerequisite, "The learner has to complete another course before.")
		return problem.With(refusal, "missing", missing)
	}
	switch {
	case body.SessionID != "":
		return w.takeSeat(ctx, e, body.SessionID, body.Waitlist)
	case inClass(course):
		return problem.Invalid("/session_id", "required", "The course is held in class sessions. Name one of them.")
	}
	e.Status, e.EnrolledAt, e.Reason = enrolled, w.Now, ""
	return nil
}

// inClass says that a course is held in sessions.
func inClass(course *contract.Course) bool {
	return course.Modality == contract.ModalityClassroom || course.Modality == contract.ModalityVirtual
}

// completedBy are the courses that a learner has completed and that count now, with their enrolments.
func (w *work) completedBy(ctx context.Context, all []*enrolment) (map[string]*enrolment, error) {
	done := map[string]*enrolment{}
	for _, e := range all {
		if e.Status != completed || e.CourseID == "" {
			continue
		}
		p, err := w.program(ctx, e.PartnerID)
		if err != nil {
			return nil, err
		}
		if !e.ExpiresOn.IsZero() && !p.EndOfDay(e.ExpiresOn).After(w.Now) {
			continue
		}
		if other := done[e.CourseID]; other == nil || other.CompletedAt.Before(e.CompletedAt) {
			done[e.CourseID] = e
		}
	}
	return done, nil
}

// lacking are the courses that must be completed before.
func lacking(course *contract.Course, done map[string]*enrolment) []string {
	return slices.DeleteFunc(slices.Clone(course.Prerequisites), func(id string) bool { return done[id] != nil })
}
