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

// voided takes a record back.
func voided(r source.Record) source.Record { return source.Record{ID: r.ID, Verb: source.VerbVoided} }

// A completion that its source takes back counts no longer, for good: the enrolment is where the other records say.
func TestACompletionIsTakenBack(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, s *school) {
		t.Helper()
		ada, course := s.learner("ada"), s.course("GTX-101", func(c *training.NewCourse) { c.ValidityMonths = 12 })
		e := s.enrol(ada, course)
		half := s.record(ada, course, source.VerbProgressed, func(r *source.Record) { r.Progress = 40 })
		s.tell(half)
		passed := s.record(ada, course, source.VerbPassed, scored("90"))
		s.tell(passed)
		require.Equal(t, training.StatusCompleted, s.get(e.ID).Status)

		s.tell(voided(passed))
		now := s.get(e.ID)
		assert.Equal(t, training.StatusInProgress, now.Status)
		assert.Equal(t, []any{time.Time{}, partnerportal.Date{}, "", 40, half.At}, []any{now.CompletedAt, now.ExpiresOn, now.Score, now.ProgressPercent, now.StartedAt})
		assert.Empty(t, now.Attempts)
		assert.Equal(t, []string{"cornerstone", "lms"}, []string{now.Source.System, now.Source.Kind})
		assert.Equal(t, []string{training.EventEnrolled, training.EventStarted, training.EventCompleted, training.EventVoided}, s.heard("training."))
		page := got[partnerportal.ActivityPage](s)(s.acme.ListActivity(t.Context(), e.ID, training.ListActivityParams{}))
		assert.Equal(t, "The learning system has taken back what it had told.", page.Items[0].Text)
		assert.Zero(t, got[training.Report](s)(s.acme.Report(t.Context(), training.ReportParams{})).Counts.Completed)

		s.tell(voided(passed))
		s.tell(passed)
		assert.Equal(t, now.Revision, s.get(e.ID).Revision, "what was taken back is not told again")
		s.tell(voided(half))
		assert.Equal(t, training.StatusEnrolled, s.get(e.ID).Status, "nor was it begun")
		s.tell(s.record(ada, course, source.VerbPassed))
		assert.Equal(t, training.StatusCompleted, s.get(e.ID).Status)
	})
}

// Whatever is taken back before it is taken never counts, and what nobody has told is nobody's.
func TestTakenBackBeforeItCounts(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, s *school) {
		t.Helper()
		ada, course := s.learner("ada"), s.course("GTX-101")
		first, second, third := s.record(ada, course, source.VerbPassed), s.record(ada, course, source.VerbPassed), s.record(ada, course, source.VerbPassed)
		s.tell(first, voided(first))
		s.tell(voided(second))
		s.tell(second)
		third.Person = "bob@acmepartners.com" // who is not there yet
		s.tell(third)
		s.tell(voided(third))
		s.learner("bob")
		s.tick()
		assert.Empty(t, s.heard("training."))
		assert.Empty(t, s.of(ada))

		s.tell(voided(source.Record{ID: ""}), voided(source.Record{ID: "a\x00b"}))
		assert.Len(t, s.conflicts(), 2)
		s.tell(voided(source.Record{ID: "nobody's"}))
		assert.Empty(t, s.conflicts(), "it may be of somebody whom the portal does not know")
		refused := s.record(ada, course, source.VerbPassed, scored("50"))
		strict := s.course("GTX-201", func(c *training.NewCourse) { c.PassScore = "80" })
		refused.Course = strict.Code
		s.tell(refused)
		s.tell(voided(refused))
		assert.Empty(t, s.of(ada))
	})
}

// What others say of the same completion stands: another record, one that comes in its place, the vendor, and another system.
func TestOthersStillSaySo(t *testing.T) {
	t.Parallel()
	s := open(t)
	ada, bob, course := s.learner("ada"), s.learner("bob"), s.course("GTX-101")
	passed, done := s.record(ada, course, source.VerbPassed, scored("90")), s.record(ada, course, source.VerbCompleted, at(noon.Add(time.Hour)))
	s.Advance(2 * time.Hour)
	s.tell(passed, done)
	s.tell(voided(passed))
	e := s.only(ada)
	assert.Equal(t, []any{training.StatusCompleted, done.At, "", done.ID, 100}, []any{e.Status, e.CompletedAt, e.Score, e.Source.RecordID, e.ProgressPercent})
	assert.Len(t, e.Attempts, 1)
	corrected := s.record(ada, course, source.VerbPassed, scored("85"))
	s.tell(voided(done), corrected)
	e = s.only(ada)
	assert.Equal(t, []any{training.StatusCompleted, corrected.At, "85"}, []any{e.Status, e.CompletedAt, e.Score})
	assert.NotContains(t, s.heard("training."), training.EventVoided, "nothing ended and began again")

	told := s.record(bob, course, source.VerbFailed)
	s.tell(told)
	hand := got[training.Enrolment](s)(s.vendor.RecordResult(t.Context(), s.only(bob).ID, training.Result{Outcome: training.OutcomeCompleted, Evidence: "On paper."}))
	s.tell(voided(told), voided(source.Record{ID: hand.Source.RecordID}))
	assert.Equal(t, training.StatusCompleted, s.only(bob).Status)
	assert.Len(t, s.only(bob).Attempts, 1)

	s.Advance(time.Second)
	s.lms.said = &source.Learning{Stamp: source.Stamp{System: "moodle", AsOf: s.Now()}, Records: []source.Record{voided(corrected)}}
	require.NoError(t, s.Pull(t.Context()))
	assert.Equal(t, training.StatusCompleted, s.only(ada).Status, "each system has its own records")
}

// Where an enrolment goes when nothing is left of it depends on who had made it.
func TestNothingIsLeft(t *testing.T) {
	t.Parallel()
	s := open(t)
	ctx := t.Context()
	course, class := s.course("GTX-101"), s.course("GTX-201", inClass)
	assigned, failing, heard, seat := s.learner("assigned"), s.learner("failing"), s.learner("heard"), s.learner("seat")
	got[training.Enrolment](s)(s.acme.Enrol(ctx, training.NewEnrolment{LearnerID: assigned.ID, CourseID: course.ID, Assign: true}))
	s.enrol(failing, course)
	got[training.Enrolment](s)(s.sit(seat, s.session(class, 1, 0), false))
	records := []source.Record{
		s.record(assigned, course, source.VerbPassed), s.record(failing, course, source.VerbFailed), s.record(heard, course, source.VerbPassed), s.record(seat, class, source.VerbPassed),
	}
	s.tell(records...)
	s.tell(voided(records[0]), voided(records[1]), voided(records[2]), voided(records[3]))
	assert.Equal(t, training.StatusAssigned, s.only(assigned).Status)
	assert.Equal(t, training.StatusEnrolled, s.only(failing).Status, "an attempt that was none")
	assert.Equal(t, training.StatusWithdrawn, s.only(heard).Status, "nobody else had begun it")
	assert.NotEmpty(t, s.only(heard).Reason)
	assert.Equal(t, training.StatusAssigned, s.only(seat).Status, "its seat was given away when it had passed elsewhere")
	s.tell(s.record(heard, course, source.VerbPassed))
	assert.Equal(t, training.StatusCompleted, s.only(heard).Status)
}

// What only the learning system had begun is somebody's once it is taken up: a seat stays theirs, and a registration that was none is forgotten.
func TestWhatWasTakenUpStays(t *testing.T) {
	t.Parallel()
	s := open(t)
	ctx := t.Context()
	course, class := s.course("GTX-101"), s.course("GTX-201", inClass)
	session := s.session(class, 1, 1)
	seated, asked, early, again := s.learner("seated"), s.learner("asked"), s.learner("early"), s.learner("again")
	got[training.Enrolment](s)(s.acme.Enrol(ctx, training.NewEnrolment{LearnerID: asked.ID, CourseID: course.ID, Assign: true}))
	s.enrol(early, course)
	registered := func(l *training.Learner, c *training.Course) source.Record {
		return s.record(l, c, source.VerbRegistered, at(noon.Add(-time.Hour)))
	}
	records := []source.Record{registered(seated, class), registered(asked, course), registered(early, course)}
	s.tell(records...)
	require.Equal(t, training.StatusEnrolled, s.only(asked).Status)
	got[training.Enrolment](s)(s.acme.SignUp(ctx, s.only(seated).ID, training.SignUp{SessionID: session.ID}))
	s.tell(voided(records[0]), voided(records[1]), voided(records[2]))
	assert.Equal(t, []any{training.StatusEnrolled, session.ID}, []any{s.only(seated).Status, s.only(seated).SessionID})
	assert.Equal(t, []any{training.StatusAssigned, time.Time{}}, []any{s.only(asked).Status, s.only(asked).EnrolledAt}, "only asked")
	assert.Equal(t, []any{training.StatusEnrolled, noon}, []any{s.only(early).Status, s.only(early).EnrolledAt}, "as its partner had")

	failing, passed := s.record(again, class, source.VerbFailed), s.record(again, class, source.VerbPassed)
	s.tell(failing)
	got[training.Enrolment](s)(s.acme.Retry(ctx, s.only(again).ID))
	passed.At = s.Now()
	s.tell(passed)
	s.tell(voided(passed))
	assert.Equal(t, training.StatusAssigned, s.only(again).Status, "it has to choose a session")
}

// A path that was completed by it is completed no longer, unless the course was completed otherwise.
func TestAPathIsTakenBack(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, s *school) {
		t.Helper()
		one, two := s.course("GTX-101"), s.course("GTX-201")
		path := s.path("GTX", training.PathStep{CourseID: one.ID}, training.PathStep{CourseID: two.ID})
		ada := s.learner("ada")
		on := got[training.Enrolment](s)(s.acme.Enrol(t.Context(), training.NewEnrolment{LearnerID: ada.ID, PathID: path.ID}))
		first, second := s.record(ada, one, source.VerbPassed), s.record(ada, two, source.VerbPassed)
		s.tell(first, second)
		require.Equal(t, training.StatusCompleted, s.get(on.ID).Status)
		s.tell(voided(first))
		now := s.get(on.ID)
		assert.Equal(t, []any{training.StatusInProgress, 50, time.Time{}}, []any{now.Status, now.ProgressPercent, now.CompletedAt})
		told := s.heard("training.")
		assert.Equal(t, []string{training.EventVoided, training.EventVoided}, told[len(told)-2:], "of the course and of the path")

		again := s.record(ada, one, source.VerbPassed)
		s.tell(again)
		assert.Equal(t, []any{training.StatusCompleted, again.At}, []any{s.get(on.ID).Status, s.get(on.ID).CompletedAt})
		s.Advance(48 * time.Hour)
		later := s.record(ada, one, source.VerbPassed)
		s.tell(later)
		s.tell(voided(again))
		assert.Equal(t, []any{training.StatusCompleted, later.At}, []any{s.get(on.ID).Status, s.get(on.ID).CompletedAt})
		s.tell(voided(later), voided(second))
		now = s.get(on.ID)
		assert.Equal(t, []any{training.StatusEnrolled, 0}, []any{now.Status, now.ProgressPercent}, "as when it began")
	})
}

// A path stays completed when one of its courses was, at the time, and another has ended since.
func TestAPathStands(t *testing.T) {
	t.Parallel()
	s := open(t)
	one, two := s.course("GTX-101", func(c *training.NewCourse) { c.ValidityMonths = 1 }), s.course("GTX-201")
	path, ada := s.path("GTX", training.PathStep{CourseID: one.ID}, training.PathStep{CourseID: two.ID}), s.learner("ada")
	on := got[training.Enrolment](s)(s.acme.Enrol(t.Context(), training.NewEnrolment{LearnerID: ada.ID, PathID: path.ID}))
	passed := s.record(ada, two, source.VerbPassed, at(noon.Add(-time.Second)))
	s.tell(s.record(ada, one, source.VerbPassed), passed, s.record(ada, two, source.VerbCompleted))
	s.Advance(60 * 24 * time.Hour)
	before := s.get(on.ID)
	require.Equal(t, training.StatusCompleted, before.Status)
	s.tell(voided(passed))
	assert.Equal(t, before.Revision, s.get(on.ID).Revision)
}

// Nobody is told of a path that is completed as of the same instant when another completion shows it.
func TestAPathIsCompletedAllTheSame(t *testing.T) {
	t.Parallel()
	s := open(t)
	one, two := s.course("GTX-101"), s.course("GTX-201")
	path, ada := s.path("GTX", training.PathStep{CourseID: one.ID}, training.PathStep{CourseID: two.ID}), s.learner("ada")
	on := got[training.Enrolment](s)(s.acme.Enrol(t.Context(), training.NewEnrolment{LearnerID: ada.ID, PathID: path.ID}))
	s.tell(s.record(ada, one, source.VerbPassed))
	s.Advance(48 * time.Hour)
	again := s.record(ada, one, source.VerbPassed)
	s.tell(again)
	s.tell(s.record(ada, two, source.VerbPassed))
	before := s.get(on.ID)
	require.Equal(t, training.StatusCompleted, before.Status)
	told := s.heard("training.")
	s.tell(voided(again))
	assert.Equal(t, append(told, training.EventVoided), s.heard("training."))
	assert.Equal(t, before.CompletedAt, s.get(on.ID).CompletedAt)
}

// The completion that was renewed by it is the last again; one that another has renewed is nobody's to repeat.
func TestARenewalIsTakenBack(t *testing.T) {
	t.Parallel()
	s := open(t)
	ada, bob, course := s.learner("ada"), s.learner("bob"), s.course("GTX-101", func(c *training.NewCourse) { c.ValidityMonths = 12 })
	s.enrol(ada, course)
	s.enrol(bob, course)
	old, oldToo := s.record(ada, course, source.VerbPassed), s.record(bob, course, source.VerbPassed)
	s.tell(old, oldToo)
	s.Advance(300 * 24 * time.Hour)
	fresh, freshToo := s.record(ada, course, source.VerbPassed), s.record(bob, course, source.VerbPassed)
	s.tell(fresh, freshToo)
	require.NotEmpty(t, s.of(ada)[0].RenewedBy)

	s.tell(voided(fresh), voided(oldToo))
	both := s.of(ada)
	assert.Equal(t, []training.Status{training.StatusCompleted, training.StatusWithdrawn}, []training.Status{both[0].Status, both[1].Status})
	assert.Empty(t, both[0].RenewedBy)
	both = s.of(bob)
	assert.Equal(t, []training.Status{training.StatusWithdrawn, training.StatusCompleted}, []training.Status{both[0].Status, both[1].Status})
	s.Advance(60 * 24 * time.Hour)
	assert.Contains(t, s.heard("training."), training.EventExpiring, "somebody has to act")
	s.Advance(30 * 24 * time.Hour)
	assert.Equal(t, training.StatusExpired, s.of(ada)[0].Status)
	s.tell(voided(old))
	assert.Equal(t, training.StatusWithdrawn, s.of(ada)[0].Status, "what is over does not begin again")
}

// What a rule asks for and counted as done is asked for again, and is late when its day has passed.
func TestARuleAsksAgain(t *testing.T) {
	t.Parallel()
	s := open(t)
	ada, bob, course := s.learner("ada"), s.learner("bob"), s.course("GTX-101")
	s.enrol(ada, course)
	early := s.record(ada, course, source.VerbPassed)
	s.tell(early)
	got[training.Rule](s)(s.vendor.PutRule(t.Context(), "all", training.RuleForm{Name: "All", CourseID: course.ID, DueDays: 30}))
	s.tick()
	late := s.record(bob, course, source.VerbPassed)
	s.tell(late)
	s.Advance(60 * 24 * time.Hour)
	require.NotContains(t, s.heard("training."), training.EventOverdue)

	s.tell(voided(early), voided(late))
	e := s.only(ada)
	assert.Equal(t, []any{training.StatusEnrolled, true, false}, []any{e.Status, e.Mandatory, e.Overdue}, "it has 30 days, as others had")
	e = s.only(bob)
	assert.Equal(t, []any{training.StatusAssigned, true, true}, []any{e.Status, e.Mandatory, e.Overdue})
	s.tick()
	assert.Contains(t, s.heard("training."), training.EventOverdue)
}

// Nobody is asked for anything who has left, has begun anew, or was withdrawn.
func TestWhatIsTakenBackOfOthers(t *testing.T) {
	t.Parallel()
	s := open(t)
	ctx := t.Context()
	ada, bob, eve, course := s.learner("ada"), s.learner("bob"), s.learner("eve"), s.course("GTX-101")
	s.enrol(ada, course)
	s.enrol(bob, course)
	tired := s.enrol(eve, course)
	begun := s.record(eve, course, source.VerbInitialized)
	s.tell(begun)
	got[training.Enrolment](s)(s.acme.Withdraw(ctx, tired.ID, training.Withdrawal{Reason: "No time."}))
	left, done := s.record(ada, course, source.VerbPassed), s.record(bob, course, source.VerbPassed)
	s.tell(left, done)
	got[training.Learner](s)(s.acme.Offboard(ctx, ada.ID))
	again := s.enrol(bob, course)
	s.tell(voided(left), voided(done), voided(begun))
	assert.Equal(t, training.StatusWithdrawn, s.only(ada).Status)
	assert.Equal(t, []any{training.StatusWithdrawn, "No time."}, []any{s.get(tired.ID).Status, s.get(tired.ID).Reason})
	both := s.of(bob)
	require.Len(t, both, 2)
	assert.Equal(t, training.StatusWithdrawn, both[0].Status)
	assert.Equal(t, again.Revision, both[1].Revision)
}
