package training_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/source"
	"github.com/partnerportal/partnerportal-go/training"
)

// From being enrolled to having completed, as the learning system tells it.
func TestFromEnrolmentToCompletion(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, s *school) {
		t.Helper()
		ada := s.learner("ada", training.RoleEngineer)
		course := s.course("GTX-101", func(c *training.NewCourse) { c.PassScore, c.ValidityMonths, c.MaxAttempts = "80", 12, 3 })
		e := s.enrol(ada, course)
		assert.Equal(t, training.StatusEnrolled, e.Status)
		assert.Equal(t, 3, e.AttemptsAllowed)
		assert.Equal(t, "portal", e.Source.Kind)

		s.tell(s.record(ada, course, source.VerbInitialized))
		assert.Equal(t, training.StatusInProgress, s.get(e.ID).Status)
		s.tell(s.record(ada, course, source.VerbCompleted))
		e = s.get(e.ID)
		assert.Equal(t, training.StatusInProgress, e.Status, "to the end, and not passed")
		assert.Equal(t, 100, e.ProgressPercent)
		s.tell(s.record(ada, course, source.VerbFailed, scored("79.99")))
		e = s.get(e.ID)
		assert.Equal(t, training.StatusFailed, e.Status)
		require.Len(t, e.Attempts, 1)

		again := got[training.Enrolment](s)(s.acme.Retry(t.Context(), e.ID, partnerportal.IfMatch(e)))
		assert.Equal(t, training.StatusEnrolled, again.Status)
		s.Advance(time.Hour)
		passed := s.record(ada, course, source.VerbPassed, scored("80"))
		s.tell(passed)
		e = s.get(e.ID)
		assert.Equal(t, training.StatusCompleted, e.Status)
		assert.Equal(t, "80", e.Score)
		assert.Equal(t, passed.At, e.CompletedAt)
		assert.Equal(t, partnerportal.Date{Year: 2027, Month: 5, Day: 15}, e.ExpiresOn)
		assert.Equal(t, partnerportal.SourceStamp{System: "cornerstone", Kind: "lms", RecordID: passed.ID, AsOf: passed.At, FetchedAt: e.Source.FetchedAt}, e.Source)
		assert.Len(t, e.Attempts, 2)
		assert.Equal(t, []string{training.EventEnrolled, training.EventStarted, training.EventFailed, training.EventEnrolled, training.EventCompleted}, s.heard("training."))

		s.tell(passed)
		assert.Equal(t, e.Revision, s.get(e.ID).Revision, "the same record again is no news")
		page := got[partnerportal.ActivityPage](s)(s.acme.ListActivity(t.Context(), e.ID, training.ListActivityParams{}))
		assert.Equal(t, "The learner has completed it.", page.Items[0].Text)
	})
}

// What was completed ends to count, after reminders, and is renewed by being completed anew.
func TestExpiryAndRenewal(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, s *school) {
		t.Helper()
		ada, bob := s.learner("ada"), s.learner("bob")
		course := s.course("GTX-101", func(c *training.NewCourse) { c.ValidityMonths = 12 })
		s.tell(s.record(ada, course, source.VerbCompleted), s.record(bob, course, source.VerbCompleted))
		s.Advance(340 * 24 * time.Hour) // the reminder of 30 days
		assert.Contains(t, s.heard("training."), training.EventExpiring)
		report := got[training.Report](s)(s.acme.Report(t.Context(), training.ReportParams{WithinDays: 30}))
		assert.Equal(t, training.ReportCounts{Learners: 2, Completed: 2, Expiring: 2}, report.Counts)

		s.tell(s.record(ada, course, source.VerbCompleted))
		both := s.of(ada)
		require.Len(t, both, 2)
		assert.Equal(t, both[1].ID, both[0].RenewedBy)
		s.Advance(30 * 24 * time.Hour)
		assert.Equal(t, training.StatusExpired, s.of(ada)[0].Status)
		assert.Equal(t, training.StatusCompleted, s.of(ada)[1].Status)
		assert.Equal(t, training.StatusExpired, s.only(bob).Status)
		lines := got[training.ReportLinePage](s)(s.acme.ListReportLines(t.Context(), training.ListReportLinesParams{})).Items
		require.Len(t, lines, 1, "Ada has renewed it")
		assert.Equal(t, training.LineKindExpired, lines[0].Kind)
		assert.Equal(t, "bob", lines[0].LearnerName)
	})
}

// A learner who leaves takes part no longer and counts for the partner no longer; what it has completed is there when it returns.
func TestLeaving(t *testing.T) {
	t.Parallel()
	s := open(t)
	ctx := t.Context()
	ada := s.learner("ada")
	done, other := s.course("GTX-101", func(c *training.NewCourse) { c.ValidityMonths = 1 }), s.course("GTX-201")
	s.tell(s.record(ada, done, source.VerbPassed))
	e := s.enrol(ada, other)
	left := got[training.Learner](s)(s.acme.Offboard(ctx, ada.ID))
	assert.Equal(t, training.LearnerStatusLeft, left.Status)
	assert.Equal(t, []training.LearnerAction{training.LearnerActionReturn}, left.AllowedActions)
	assert.Equal(t, training.StatusWithdrawn, s.get(e.ID).Status)
	assert.Equal(t, training.ReportCounts{}, got[training.Report](s)(s.acme.Report(ctx, training.ReportParams{})).Counts)
	_, err := s.acme.Enrol(ctx, training.NewEnrolment{LearnerID: ada.ID, CourseID: other.ID})
	require.ErrorIs(t, err, training.ErrLearnerLeft)

	got[training.Learner](s)(s.acme.Return(ctx, ada.ID))
	assert.Equal(t, training.ReportCounts{Learners: 1, Completed: 1, Expiring: 1}, got[training.Report](s)(s.acme.Report(ctx, training.ReportParams{})).Counts)
	got[training.Learner](s)(s.acme.Offboard(ctx, ada.ID))
	s.Advance(60 * 24 * time.Hour)
	assert.NotContains(t, s.heard("training."), training.EventExpired, "of those who have left nobody is told")
}

// However often somebody is added at once, it is there once.
func TestNobodyIsThereTwice(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, s *school) {
		t.Helper()
		errs := make([]error, 6)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() {
				_, errs[i] = s.acme.AddLearner(t.Context(), training.NewLearner{Name: "Ada", Email: "ada@acmepartners.com"})
			})
		}
		wg.Wait()
		added := 0
		for _, err := range errs {
			if err == nil {
				added++
				continue
			}
			require.ErrorIs(t, err, training.ErrDuplicateLearner)
		}
		assert.Equal(t, 1, added)
	})
}

// Other partners' people are nobody's business.
func TestOthersAreNotSeen(t *testing.T) {
	t.Parallel()
	s := open(t)
	ctx := t.Context()
	ada, course := s.learner("ada"), s.course("GTX-101")
	e := s.enrol(ada, course)
	_, err := s.globex.GetLearner(ctx, ada.ID)
	require.ErrorIs(t, err, partnerportal.ErrNotFound)
	_, err = s.globex.Get(ctx, e.ID)
	require.ErrorIs(t, err, partnerportal.ErrNotFound)
	_, err = s.globex.Withdraw(ctx, e.ID, training.Withdrawal{})
	require.ErrorIs(t, err, partnerportal.ErrNotFound)
	_, err = s.globex.Enrol(ctx, training.NewEnrolment{LearnerID: ada.ID, CourseID: course.ID})
	require.ErrorIs(t, err, partnerportal.ErrValidation)
	_, err = s.globex.ListLearners(ctx, training.ListLearnersParams{PartnerID: []string{s.AcmeID}})
	require.ErrorIs(t, err, partnerportal.ErrValidation)
	_, err = s.globex.Report(ctx, training.ReportParams{PartnerID: s.AcmeID})
	require.ErrorIs(t, err, partnerportal.ErrValidation)
	assert.Empty(t, got[training.LearnerPage](s)(s.globex.ListLearners(ctx, training.ListLearnersParams{})).Items)
	assert.Empty(t, got[training.EnrolmentPage](s)(s.globex.List(ctx, training.ListParams{})).Items)
	_, err = s.acme.AddLearner(ctx, training.NewLearner{Name: "Eve", Email: "eve@acmepartners.com", LMSUserRef: "u-7"})
	require.ErrorIs(t, err, partnerportal.ErrValidation, "who somebody is in the learning system is for the vendor to say")
	_, err = s.acme.AddLearner(ctx, training.NewLearner{Name: "Ada", Email: "ADA@acmepartners.com"})
	require.ErrorIs(t, err, training.ErrDuplicateLearner)
	assert.Equal(t, ada.ID, training.ExistingID(err))
}
