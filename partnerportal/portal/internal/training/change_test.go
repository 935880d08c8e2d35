package training_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/source"
	"github.com/partnerportal/partnerportal-go/training"
)

// Courses need others before them, never in a circle.
func TestPrerequisites(t *testing.T) {
	t.Parallel()
	s := open(t)
	ctx := t.Context()
	a := s.course("A")
	b := s.course("B", func(c *training.NewCourse) { c.Prerequisites = []string{a.ID} })
	_, err := s.vendor.UpdateCourse(ctx, a.ID, training.CoursePatch{Prerequisites: partnerportal.Set([]string{b.ID})}, partnerportal.IfMatch(a))
	require.ErrorIs(t, err, partnerportal.ErrValidation, "nobody could begin")
	_, err = s.vendor.CreateCourse(ctx, training.NewCourse{Code: "C", Title: "C", Prerequisites: []string{"crs_none"}})
	require.ErrorIs(t, err, partnerportal.ErrValidation)
	ada := s.learner("ada")
	_, err = s.acme.Enrol(ctx, training.NewEnrolment{LearnerID: ada.ID, CourseID: b.ID})
	require.ErrorIs(t, err, training.ErrPrerequisite)
	assert.Equal(t, []string{a.ID}, training.MissingCourses(err))
	asked := got[training.Enrolment](s)(s.acme.Enrol(ctx, training.NewEnrolment{LearnerID: ada.ID, CourseID: b.ID, Assign: true}))
	assert.Equal(t, training.StatusAssigned, asked.Status, "asked it may be")
	_, err = s.acme.SignUp(ctx, asked.ID, training.SignUp{})
	require.ErrorIs(t, err, training.ErrPrerequisite)
	s.tell(s.record(ada, a, source.VerbPassed))
	assert.Equal(t, training.StatusEnrolled, got[training.Enrolment](s)(s.acme.SignUp(ctx, asked.ID, training.SignUp{})).Status)
}

// Who has tried as often as the course allows tries again only when the vendor says so.
func TestAttempts(t *testing.T) {
	t.Parallel()
	s := open(t)
	ctx := t.Context()
	ada, course := s.learner("ada"), s.course("GTX-101", func(c *training.NewCourse) { c.MaxAttempts = 1 })
	e := s.enrol(ada, course)
	s.tell(s.record(ada, course, source.VerbFailed), s.record(ada, course, source.VerbFailed, at(s.Now().Add(30*time.Second))))
	e = s.get(e.ID)
	assert.Len(t, e.Attempts, 1, "told twice of one attempt")
	assert.NotContains(t, e.AllowedActions, training.ActionRetry)
	_, err := s.acme.Retry(ctx, e.ID)
	require.ErrorIs(t, err, training.ErrAttempts)
	_, err = s.acme.Update(ctx, e.ID, training.EnrolmentPatch{AttemptsAllowed: partnerportal.Set(2)}, partnerportal.IfMatch(e))
	require.ErrorIs(t, err, partnerportal.ErrValidation)
	e = got[training.Enrolment](s)(s.vendor.Update(ctx, e.ID, training.EnrolmentPatch{AttemptsAllowed: partnerportal.Set(2)}, partnerportal.IfMatch(e)))
	assert.Equal(t, 2, e.AttemptsAllowed)
	assert.Equal(t, training.StatusEnrolled, got[training.Enrolment](s)(s.acme.Retry(ctx, e.ID)).Status)
}

// Who withdraws and comes back goes on counting, until the vendor enrols it anew.
func TestAttemptsAreNotForgotten(t *testing.T) {
	t.Parallel()
	s := open(t)
	ctx := t.Context()
	ada, course := s.learner("ada"), s.course("GTX-101", func(c *training.NewCourse) { c.MaxAttempts = 2 })
	again := training.NewEnrolment{LearnerID: ada.ID, CourseID: course.ID}
	fails := func(e *training.Enrolment) {
		t.Helper()
		s.tell(s.record(ada, course, source.VerbFailed, at(s.Now().Add(time.Second))))
		require.Equal(t, training.StatusFailed, s.get(e.ID).Status)
		got[training.Enrolment](s)(s.acme.Withdraw(ctx, e.ID, training.Withdrawal{}))
		s.Advance(time.Hour)
	}
	first := s.enrol(ada, course)
	assert.Equal(t, 2, first.AttemptsAllowed)
	fails(first)
	second := got[training.Enrolment](s)(s.acme.Enrol(ctx, again))
	assert.Equal(t, 1, second.AttemptsAllowed)
	fails(second)
	_, err := s.acme.Enrol(ctx, again)
	require.ErrorIs(t, err, training.ErrAttempts)
	path := s.path("GTX", training.PathStep{CourseID: course.ID})
	got[training.Enrolment](s)(s.acme.Enrol(ctx, training.NewEnrolment{LearnerID: ada.ID, PathID: path.ID}))
	assert.Len(t, s.of(ada), 3, "nor by a path")
	assert.Equal(t, 2, got[training.Enrolment](s)(s.vendor.Enrol(ctx, again)).AttemptsAllowed)
}

// An attempt that its source takes back was none, also of whoever has withdrawn and come back.
func TestAttemptsAreGivenBack(t *testing.T) {
	t.Parallel()
	s := open(t)
	ctx := t.Context()
	ada, course := s.learner("ada"), s.course("GTX-101", func(c *training.NewCourse) { c.MaxAttempts = 2 })
	first := s.enrol(ada, course)
	one := s.record(ada, course, source.VerbFailed, at(s.Now().Add(time.Second)))
	s.tell(one)
	got[training.Enrolment](s)(s.acme.Withdraw(ctx, first.ID, training.Withdrawal{}))
	s.Advance(time.Hour)
	path := s.path("GTX", training.PathStep{CourseID: course.ID})
	got[training.Enrolment](s)(s.acme.Enrol(ctx, training.NewEnrolment{LearnerID: ada.ID, PathID: path.ID}))
	step := s.of(ada)[2]
	require.Equal(t, []any{course.ID, 1}, []any{step.CourseID, step.AttemptsAllowed})
	two := s.record(ada, course, source.VerbFailed, at(s.Now().Add(time.Second)))
	s.tell(two)
	_, err := s.acme.Retry(ctx, step.ID)
	require.ErrorIs(t, err, training.ErrAttempts)
	s.tell(voided(one))
	assert.Equal(t, 2, s.get(step.ID).AttemptsAllowed)
	got[training.Enrolment](s)(s.acme.Retry(ctx, step.ID))
	s.Advance(time.Hour)
	three := s.record(ada, course, source.VerbFailed, at(s.Now().Add(time.Second)))
	s.tell(three)
	_, err = s.acme.Retry(ctx, step.ID)
	require.ErrorIs(t, err, training.ErrAttempts)
	s.tell(voided(two))
	got[training.Enrolment](s)(s.acme.Retry(ctx, step.ID))
}

// What the vendor records by hand wants evidence, and shows who said so.
func TestResultsByHand(t *testing.T) {
	t.Parallel()
	s := open(t)
	ctx := t.Context()
	ada, course := s.learner("ada"), s.course("GTX-101", func(c *training.NewCourse) { c.PassScore = "80" })
	e := s.enrol(ada, course)
	paper := training.Result{Outcome: training.OutcomeCompleted, Evidence: "Room 4, 2026/117.", Score: "88"}
	_, err := s.acme.RecordResult(ctx, e.ID, paper)
	require.ErrorIs(t, err, partnerportal.ErrForbidden)
	for _, wrong := range []training.Result{
		{Outcome: training.OutcomeCompleted, Evidence: " "}, {Outcome: "won", Evidence: "x"}, {Outcome: training.OutcomeCompleted, Evidence: "x", Score: "79"},
		{Outcome: training.OutcomeCompleted, Evidence: "x", At: s.Now().Add(time.Hour)},
	} {
		_, err = s.vendor.RecordResult(ctx, e.ID, wrong)
		require.ErrorIs(t, err, partnerportal.ErrValidation)
	}
	done := got[training.Enrolment](s)(s.vendor.RecordResult(ctx, e.ID, paper))
	assert.Equal(t, training.StatusCompleted, done.Status)
	assert.Equal(t, "manual", done.Attempts[0].Source.Kind)
	assert.Equal(t, paper.Evidence, done.Attempts[0].Evidence)
	_, err = s.vendor.RecordResult(ctx, e.ID, paper)
	require.ErrorIs(t, err, partnerportal.ErrInvalidState)
}

// Nothing happens to what somebody else has changed meanwhile.
func TestStaleRevisions(t *testing.T) {
	t.Parallel()
	s := open(t)
	ctx := t.Context()
	ada, course := s.learner("ada"), s.course("GTX-201", inClass)
	session := s.session(course, 1, 0)
	e := got[training.Enrolment](s)(s.sit(ada, session, false))
	old := partnerportal.IfMatchRevision(99)
	for name, call := range map[string]func() error{
		"learner": func() error { _, err := s.acme.Offboard(ctx, ada.ID, old); return err },
		"course":  func() error { _, err := s.vendor.RetireCourse(ctx, course.ID, old); return err },
		"session": func() error {
			_, err := s.vendor.CancelSession(ctx, session.ID, training.SessionCancellation{Reason: "x"}, old)
			return err
		},
		"enrolment": func() error { _, err := s.acme.Withdraw(ctx, e.ID, training.Withdrawal{}, old); return err },
		"rule": func() error {
			_, err := s.vendor.PutRule(ctx, "x", training.RuleForm{Name: "x", CourseID: course.ID}, old)
			return err
		},
	} {
		require.ErrorIs(t, call(), partnerportal.ErrorCode("revision_mismatch"), name)
	}
}

// What the vendor decides is not for partners to decide.
func TestVendorOnly(t *testing.T) {
	t.Parallel()
	s := open(t)
	ctx := t.Context()
	draft := got[training.Course](s)(s.vendor.CreateCourse(ctx, training.NewCourse{Code: "X", Title: "X"}))
	_, err := s.acme.GetCourse(ctx, draft.ID)
	require.ErrorIs(t, err, partnerportal.ErrNotFound, "drafts are the vendor's")
	_, err = s.acme.Enrol(ctx, training.NewEnrolment{LearnerID: s.learner("ada").ID, CourseID: draft.ID})
	require.ErrorIs(t, err, partnerportal.ErrValidation)
	assert.Empty(t, got[training.CoursePage](s)(s.acme.ListCourses(ctx, training.ListCoursesParams{})).Items)
	begin := s.Now().Add(time.Hour)
	for name, call := range map[string]func() error{
		"course": func() error {
			_, err := s.acme.CreateCourse(ctx, training.NewCourse{Code: "Y", Title: "Y"})
			return err
		},
		"publish": func() error { _, err := s.acme.PublishCourse(ctx, draft.ID); return err },
		"path": func() error {
			_, err := s.acme.CreatePath(ctx, training.NewPath{Code: "Y", Title: "Y", Steps: []training.PathStep{{CourseID: draft.ID}}})
			return err
		},
		"session": func() error {
			_, err := s.acme.ScheduleSession(ctx, training.NewSession{CourseID: draft.ID, StartsAt: begin, EndsAt: begin.Add(time.Hour)})
			return err
		},
		"rule": func() error {
			_, err := s.acme.PutRule(ctx, "y", training.RuleForm{Name: "Y", CourseID: draft.ID})
			return err
		},
		"unrule": func() error { return s.acme.DeleteRule(ctx, "y") },
	} {
		require.ErrorIs(t, call(), partnerportal.ErrForbidden, name)
	}
}
