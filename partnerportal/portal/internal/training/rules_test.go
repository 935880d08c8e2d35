package training_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/source"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
	"github.com/partnerportal/partnerportal-go/training"
)

func (s *school) rule(id string, form training.RuleForm) *training.Rule {
	s.t.Helper()
	form.Name = id
	r := got[training.Rule](s)(s.vendor.PutRule(s.t.Context(), id, form))
	s.tick()
	return r
}

// A rule holds for those who are there, who come, and whose role changes, and no longer when it ends.
func TestRulesFollowRoles(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, s *school) {
		t.Helper()
		ctx := t.Context()
		course := s.course("GTX-101")
		ada, bob := s.learner("ada", training.RoleEngineer), s.learner("bob", training.RoleSeller)
		s.rule("engineers", training.RuleForm{CourseID: course.ID, Roles: []training.Role{training.RoleEngineer}, DueDays: 30})
		e := s.only(ada)
		assert.Equal(t, training.StatusAssigned, e.Status)
		assert.True(t, e.Mandatory)
		assert.Equal(t, partnerportal.Date{Year: 2026, Month: 6, Day: 14}, e.DueOn)
		assert.Empty(t, s.of(bob))
		assert.Equal(t, training.StatusAssigned, s.only(s.learner("eve", training.RoleEngineer)).Status, "who comes later")

		_, err := s.acme.Withdraw(ctx, e.ID, training.Withdrawal{})
		require.ErrorIs(t, err, training.ErrMandatory)
		_, err = s.acme.Update(ctx, e.ID, training.EnrolmentPatch{DueOn: partnerportal.Null[partnerportal.Date]()}, partnerportal.IfMatch(e))
		require.ErrorIs(t, err, partnerportal.ErrValidation)

		role := func(l *training.Learner, role training.Role) {
			t.Helper()
			now := got[training.Learner](s)(s.acme.GetLearner(ctx, l.ID))
			got[training.Learner](s)(s.acme.UpdateLearner(ctx, l.ID, training.LearnerPatch{Roles: partnerportal.Set([]training.Role{role})}, partnerportal.IfMatch(now)))
		}
		role(bob, training.RoleEngineer)
		assert.Equal(t, training.StatusAssigned, s.only(bob).Status)
		role(bob, training.RoleSeller)
		assert.Equal(t, training.StatusWithdrawn, s.only(bob).Status, "nobody has begun it")
		taken := got[training.Enrolment](s)(s.acme.SignUp(ctx, e.ID, training.SignUp{}))
		assert.Equal(t, training.StatusEnrolled, taken.Status)
		require.NoError(t, s.vendor.DeleteRule(ctx, "engineers"))
		s.tick()
		now := s.only(ada)
		assert.Equal(t, training.StatusEnrolled, now.Status, "who has taken it up goes on")
		assert.False(t, now.Mandatory)
		assert.Zero(t, now.DueOn)
	})
}

// A tier that changes brings what its rules ask for, and takes it back.
func TestRulesFollowTiers(t *testing.T) {
	t.Parallel()
	s := open(t)
	ctx := t.Context()
	rules, err := s.Admin().Program(ctx, portal.DefaultProgramID)
	require.NoError(t, err)
	rules.Tiers = []program.Tier{{ID: "silver", Name: "Silver", Rank: 1}, {ID: "gold", Name: "Gold", Rank: 2}}
	require.NoError(t, s.Admin().PutProgram(ctx, *rules))
	desk := program.New(s.Vendor)
	member := got[program.Membership](s)(desk.Enrol(ctx, program.Enrolment{ProgramID: portal.DefaultProgramID, PartnerID: s.AcmeID, TierID: "silver"}))
	ada, course := s.learner("ada"), s.course("GTX-900")
	_, err = s.vendor.PutRule(ctx, "gold", training.RuleForm{Name: "Gold", CourseID: course.ID, TierIDs: []string{"platinum"}})
	require.ErrorIs(t, err, partnerportal.ErrValidation)
	r := s.rule("gold", training.RuleForm{CourseID: course.ID, TierIDs: []string{"gold"}})
	assert.Equal(t, "default", r.ProgramID)
	assert.Empty(t, s.of(ada))

	to := func(tier string) {
		t.Helper()
		got[program.Membership](s)(desk.ChangeTier(ctx, member.ID, program.TierChange{TierID: tier, Reason: "Strategic."}))
		s.tick()
	}
	to("gold")
	assert.Equal(t, training.StatusAssigned, s.only(ada).Status)
	to("silver")
	assert.Equal(t, training.StatusWithdrawn, s.only(ada).Status)
	to("gold")
	assert.Len(t, s.of(ada), 2)
}

// What the vendor takes back is not assigned again, what is completed neither, and what has ended is.
func TestRulesAskOnce(t *testing.T) {
	t.Parallel()
	s := open(t)
	ctx := t.Context()
	course := s.course("GTX-101", func(c *training.NewCourse) { c.ValidityMonths = 1 })
	ada, bob := s.learner("ada"), s.learner("bob")
	s.tell(s.record(bob, course, source.VerbPassed))
	s.rule("all", training.RuleForm{CourseID: course.ID, DueDays: 10})
	got[training.Enrolment](s)(s.vendor.Withdraw(ctx, s.only(ada).ID, training.Withdrawal{Reason: "Exempt."}))
	s.rule("all", training.RuleForm{CourseID: course.ID, DueDays: 20})
	assert.Equal(t, training.StatusWithdrawn, s.only(ada).Status)
	assert.Equal(t, training.StatusCompleted, s.only(bob).Status)
	s.Advance(55 * 24 * time.Hour)
	both := s.of(bob)
	require.Len(t, both, 2)
	assert.Equal(t, training.StatusExpired, both[0].Status)
	assert.Equal(t, training.StatusAssigned, both[1].Status, "it has ended, and the rule asks for it")
	assert.Equal(t, []string{training.EventDueSoon, training.EventDueSoon}, only(s.heard("training."), training.EventDueSoon), "7 days and 1 day before")
}

func only(all []string, one string) []string {
	found := []string{}
	for _, e := range all {
		if e == one {
			found = append(found, e)
		}
	}
	return found
}

// A path opens its steps one after the other, and is completed with the last that is required.
func TestPaths(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, s *school) {
		t.Helper()
		ctx := t.Context()
		a, b, c := s.course("A"), s.course("B"), s.course("C", inClass)
		_, err := s.vendor.CreatePath(ctx, training.NewPath{Code: "X", Title: "X", Steps: []training.PathStep{
			{CourseID: a.ID, UnlockAfter: []string{b.ID}}, {CourseID: b.ID, UnlockAfter: []string{a.ID}},
		}})
		require.ErrorIs(t, err, partnerportal.ErrValidation, "nobody could come to the end")
		path := s.path("EXPERT", training.PathStep{CourseID: a.ID}, training.PathStep{CourseID: b.ID, UnlockAfter: []string{a.ID}},
			training.PathStep{CourseID: c.ID, UnlockAfter: []string{a.ID}, Optional: true})
		ada := s.learner("ada")
		e := got[training.Enrolment](s)(s.acme.Enrol(ctx, training.NewEnrolment{LearnerID: ada.ID, PathID: path.ID, DueOn: partnerportal.DateOf(s.Now()).AddDays(60)}))
		all := s.of(ada)
		require.Len(t, all, 2)
		assert.Equal(t, e.ID, all[1].ParentID)
		assert.Equal(t, training.StatusEnrolled, all[1].Status)
		assert.Equal(t, e.DueOn, all[1].DueOn)

		s.tell(s.record(ada, a, source.VerbPassed))
		assert.Equal(t, 50, s.get(e.ID).ProgressPercent)
		assert.Equal(t, training.StatusInProgress, s.get(e.ID).Status)
		all = s.of(ada)
		require.Len(t, all, 4)
		assert.Equal(t, training.StatusAssigned, all[3].Status, "for the class a seat has to be chosen")
		_, err = s.vendor.RecordResult(ctx, e.ID, training.Result{Outcome: training.OutcomeCompleted, Evidence: "All of it."})
		require.ErrorIs(t, err, partnerportal.ErrInvalidState, "a path is completed by its steps")
		passed := s.record(ada, b, source.VerbPassed)
		s.tell(passed)
		done := s.get(e.ID)
		assert.Equal(t, training.StatusCompleted, done.Status)
		assert.Equal(t, passed.At, done.CompletedAt)

		second := got[training.Enrolment](s)(s.acme.Enrol(ctx, training.NewEnrolment{LearnerID: ada.ID, PathID: path.ID}))
		assert.Equal(t, training.StatusCompleted, second.Status, "by what counts already")
		assert.Equal(t, second.ID, s.get(e.ID).RenewedBy)
	})
}

// Who withdraws from a path is out of the steps that it has not begun.
func TestWithdrawingFromAPath(t *testing.T) {
	t.Parallel()
	s := open(t)
	a, b := s.course("A"), s.course("B")
	path := s.path("BOTH", training.PathStep{CourseID: a.ID}, training.PathStep{CourseID: b.ID})
	ada := s.learner("ada")
	e := got[training.Enrolment](s)(s.acme.Enrol(t.Context(), training.NewEnrolment{LearnerID: ada.ID, PathID: path.ID}))
	s.tell(s.record(ada, a, source.VerbInitialized))
	got[training.Enrolment](s)(s.acme.Withdraw(t.Context(), e.ID, training.Withdrawal{}))
	for _, step := range s.of(ada)[1:] {
		want := training.StatusWithdrawn
		if step.CourseID == a.ID {
			want = training.StatusInProgress
		}
		assert.Equal(t, want, step.Status)
	}
}

// Of two rules that ask for the same the second stays when the first ends, and with it the day.
func TestRulesInherit(t *testing.T) {
	t.Parallel()
	s := open(t)
	course := s.course("GTX-101")
	path := s.path("PATH", training.PathStep{CourseID: course.ID})
	ada := s.learner("ada")
	s.rule("first", training.RuleForm{PathID: path.ID, DueDays: 10})
	s.rule("second", training.RuleForm{PathID: path.ID, DueDays: 90})
	before := s.of(ada)
	require.Len(t, before, 2)
	require.NoError(t, s.vendor.DeleteRule(t.Context(), "first"))
	s.tick()
	after := s.of(ada)
	require.Len(t, after, 2, "nothing is assigned again")
	for i, e := range after {
		assert.Equal(t, []any{"second", true, training.StatusAssigned, before[i].DueOn}, []any{e.RuleID, e.Mandatory, e.Status, e.DueOn})
	}
}

// What is retired is asked of nobody any more: who has not begun it cannot, and who has may go on.
func TestRulesEndWithWhatTheyAskFor(t *testing.T) {
	t.Parallel()
	s := open(t)
	course := s.course("GTX-101")
	s.rule("all", training.RuleForm{CourseID: course.ID, DueDays: 10})
	ada, bob := s.learner("ada"), s.learner("bob")
	got[training.Enrolment](s)(s.acme.SignUp(t.Context(), s.only(ada).ID, training.SignUp{}))
	s.course("GTX-201")
	fired, err := s.Tick(t.Context())
	require.NoError(t, err)
	assert.Zero(t, fired, "nobody asks for the other course, and nobody is bothered")
	got[training.Course](s)(s.vendor.RetireCourse(t.Context(), course.ID))
	s.tick()
	assert.Equal(t, []any{training.StatusEnrolled, false}, []any{s.only(ada).Status, s.only(ada).Mandatory})
	assert.Equal(t, training.StatusWithdrawn, s.only(bob).Status)
	got[training.Course](s)(s.vendor.PublishCourse(t.Context(), course.ID))
	s.tick()
	assert.True(t, s.only(ada).Mandatory)
	assert.Len(t, s.of(bob), 2)
}

// Reminders count the days of the programme, also of those with 23 and 25 hours.
func TestRemindersByTheCalendar(t *testing.T) {
	t.Parallel()
	s := open(t)
	ctx := t.Context()
	rules, err := s.Admin().Program(ctx, portal.DefaultProgramID)
	require.NoError(t, err)
	rules.TimeZone = "America/New_York"
	require.NoError(t, s.Admin().PutProgram(ctx, *rules))
	e := got[training.Enrolment](s)(s.acme.Enrol(ctx, training.NewEnrolment{
		LearnerID: s.learner("ada").ID, CourseID: s.course("GTX-101").ID, DueOn: partnerportal.Date{Year: 2026, Month: 11, Day: 1}, // of 25 hours
	}))
	s.Advance(time.Date(2026, 11, 2, 4, 59, 59, 0, time.UTC).Sub(s.Now()))
	assert.False(t, s.get(e.ID).Overdue)
	s.Advance(time.Second)
	assert.True(t, s.get(e.ID).Overdue)
	var told []string
	for _, event := range got[events.Page](s)(events.New(s.Acme).List(ctx, events.ListParams{Type: []string{training.EventDueSoon, training.EventOverdue}})).Items {
		told = append(told, fmt.Sprint(event.Timestamp.UTC().Format("01-02 15:04"), " ", event.Data.Facts["days"]))
	}
	assert.Equal(t, []string{"10-03 04:00 30", "10-26 04:00 7", "11-01 04:00 1", "11-02 05:00 <nil>"}, told)
}

// That a day has passed is told once, also when the portal was not there then, and something else is done before.
func TestOverdueIsTold(t *testing.T) {
	t.Parallel()
	now := noon
	s := open(t, portal.WithClock(func() time.Time { return now }))
	e := got[training.Enrolment](s)(s.acme.Enrol(t.Context(), training.NewEnrolment{
		LearnerID: s.learner("ada").ID, CourseID: s.course("GTX-101").ID, DueOn: partnerportal.DateOf(noon),
	}))
	now = noon.Add(48 * time.Hour)
	e = got[training.Enrolment](s)(s.vendor.Update(t.Context(), e.ID, training.EnrolmentPatch{AttemptsAllowed: partnerportal.Set(2)}, partnerportal.IfMatch(e)))
	s.tick()
	got[training.Enrolment](s)(s.vendor.Update(t.Context(), e.ID, training.EnrolmentPatch{AttemptsAllowed: partnerportal.Set(3)}, partnerportal.IfMatch(e)))
	s.tick()
	assert.Equal(t, []string{training.EventOverdue}, only(s.heard("training."), training.EventOverdue))
}
