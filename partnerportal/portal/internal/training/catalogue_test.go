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

// Codes are unique, drafts are the vendor's, and what is retired takes nobody in any more.
func TestCourses(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, s *school) {
		t.Helper()
		ctx := t.Context()
		course := s.course("GTX-101", func(c *training.NewCourse) { c.Products = []string{"GTX"} })
		other := s.course("QRX-101", func(c *training.NewCourse) { c.Products, c.Modality = []string{"QRX"}, training.ModalityExam })
		_, err := s.vendor.UpdateCourse(ctx, other.ID, training.CoursePatch{Code: partnerportal.Set("GTX-101")}, partnerportal.IfMatch(other))
		require.ErrorIs(t, err, training.ErrDuplicateCode)
		assert.Equal(t, course.ID, training.ExistingID(err))
		_, err = s.vendor.PublishCourse(ctx, course.ID)
		require.ErrorIs(t, err, partnerportal.ErrInvalidState)
		for want, params := range map[string]training.ListCoursesParams{
			"GTX-101": {Product: []string{"GTX", "none"}}, "QRX-101": {Modality: []training.Modality{training.ModalityExam}},
		} {
			page := got[training.CoursePage](s)(s.acme.ListCourses(ctx, params))
			require.Len(t, page.Items, 1)
			assert.Equal(t, want, page.Items[0].Code)
			assert.Equal(t, []training.PublicationAction{training.PublicationActionEnrol}, page.Items[0].AllowedActions)
		}
		gone := got[training.Course](s)(s.vendor.RetireCourse(ctx, other.ID))
		assert.Equal(t, []training.PublicationAction{training.PublicationActionUpdate, training.PublicationActionPublish}, gone.AllowedActions)
		_, err = s.acme.Enrol(ctx, training.NewEnrolment{LearnerID: s.learner("ada").ID, CourseID: other.ID})
		require.ErrorIs(t, err, training.ErrNotOpen)
		begin := s.Now().Add(time.Hour)
		for name, form := range map[string]training.NewSession{
			"retired":    {CourseID: other.ID, StartsAt: begin, EndsAt: begin.Add(time.Hour)},
			"none":       {CourseID: "crs_none", StartsAt: begin, EndsAt: begin.Add(time.Hour)},
			"passed":     {CourseID: course.ID, StartsAt: s.Now(), EndsAt: begin},
			"backwards":  {CourseID: course.ID, StartsAt: begin, EndsAt: begin},
			"for nobody": {CourseID: course.ID, StartsAt: begin, EndsAt: begin.Add(time.Hour), Waitlist: 1},
		} {
			_, err := s.vendor.ScheduleSession(ctx, form)
			require.ErrorIs(t, err, partnerportal.ErrValidation, name)
		}
	})
}

// A path that changes takes those along who are on it.
func TestPathsChange(t *testing.T) {
	t.Parallel()
	s := open(t)
	ctx := t.Context()
	a, b := s.course("A"), s.course("B")
	draft := got[training.Course](s)(s.vendor.CreateCourse(ctx, training.NewCourse{Code: "D", Title: "D"}))
	for name, steps := range map[string][]training.PathStep{
		"none": {{CourseID: "crs_none"}}, "twice": {{CourseID: a.ID}, {CourseID: a.ID}}, "only optional": {{CourseID: a.ID, Optional: true}},
		"after another": {{CourseID: a.ID, UnlockAfter: []string{b.ID}}}, "after an optional": {{CourseID: a.ID, UnlockAfter: []string{b.ID}}, {CourseID: b.ID, Optional: true}},
	} {
		_, err := s.vendor.CreatePath(ctx, training.NewPath{Code: "X", Title: "X", Steps: steps})
		require.ErrorIs(t, err, partnerportal.ErrValidation, name)
	}
	hidden := got[training.Path](s)(s.vendor.CreatePath(ctx, training.NewPath{Code: "HIDDEN", Title: "X", Steps: []training.PathStep{{CourseID: draft.ID}}}))
	_, err := s.vendor.PublishPath(ctx, hidden.ID)
	require.ErrorIs(t, err, partnerportal.ErrValidation, "nobody could enrol in its course")
	_, err = s.acme.GetPath(ctx, hidden.ID)
	require.ErrorIs(t, err, partnerportal.ErrNotFound)

	path := s.path("PATH", training.PathStep{CourseID: a.ID})
	ada := s.learner("ada")
	e := got[training.Enrolment](s)(s.acme.Enrol(ctx, training.NewEnrolment{LearnerID: ada.ID, PathID: path.ID, Assign: true}))
	assert.Equal(t, training.StatusAssigned, s.of(ada)[1].Status, "nobody has taken it up")
	taken := got[training.Enrolment](s)(s.acme.SignUp(ctx, e.ID, training.SignUp{}))
	assert.Equal(t, training.StatusEnrolled, taken.Status)
	assert.Equal(t, training.StatusEnrolled, s.of(ada)[1].Status, "its step with it")
	path = got[training.Path](s)(s.vendor.UpdatePath(ctx, path.ID, training.PathPatch{Steps: partnerportal.Set([]training.PathStep{{CourseID: a.ID}, {CourseID: b.ID}})}, partnerportal.IfMatch(path)))
	s.tick()
	assert.Len(t, s.of(ada), 3)
	s.tell(s.record(ada, a, source.VerbPassed))
	got[training.Path](s)(s.vendor.UpdatePath(ctx, path.ID, training.PathPatch{Steps: partnerportal.Set([]training.PathStep{{CourseID: a.ID}})}, partnerportal.IfMatch(path)))
	s.tick()
	assert.Equal(t, training.StatusCompleted, s.get(e.ID).Status, "what is left of it is completed")
	assert.Len(t, got[training.PathPage](s)(s.acme.ListPaths(ctx, training.ListPathsParams{CourseID: []string{a.ID}})).Items, 1)
	assert.Equal(t, training.PublicationStatusRetired, got[training.Path](s)(s.vendor.RetirePath(ctx, path.ID)).Status)
}

// A rule that asks for what somebody does already makes that mandatory, with the earlier of the days.
func TestRulesFindWhatIsThere(t *testing.T) {
	t.Parallel()
	s := open(t)
	ctx := t.Context()
	course := s.course("GTX-101")
	today := partnerportal.DateOf(s.Now())
	ada, bob := s.learner("ada"), s.learner("bob")
	own := s.enrol(ada, course)
	early := got[training.Enrolment](s)(s.acme.Enrol(ctx, training.NewEnrolment{LearnerID: bob.ID, CourseID: course.ID, DueOn: today.AddDays(5)}))
	s.rule("all", training.RuleForm{CourseID: course.ID, DueDays: 30})
	assert.Equal(t, []any{true, "all", today.AddDays(30)}, []any{s.get(own.ID).Mandatory, s.get(own.ID).RuleID, s.get(own.ID).DueOn})
	assert.Equal(t, today.AddDays(5), s.get(early.ID).DueOn)
	listed := got[training.RulePage](s)(s.acme.ListRules(ctx, training.ListRulesParams{}))
	require.Len(t, listed.Items, 1)
	assert.Equal(t, listed.Items[0], *got[training.Rule](s)(s.acme.GetRule(ctx, "all")))
	got[training.Course](s)(s.vendor.RetireCourse(ctx, course.ID))
	assert.Empty(t, s.of(s.learner("eve")), "what is retired is asked of nobody")
	_, err := s.acme.GetRule(ctx, "none")
	require.ErrorIs(t, err, partnerportal.ErrNotFound)
}
