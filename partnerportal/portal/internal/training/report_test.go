package training_test

import (
	"encoding/csv"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	trainingroom "github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/training"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/source"
	"github.com/partnerportal/partnerportal-go/training"
)

// The report counts what its lines list, the most urgent first, for a partner and for the vendor.
func TestReport(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, s *school) {
		t.Helper()
		ctx := t.Context()
		course := s.course("GTX-101", func(c *training.NewCourse) { c.ValidityMonths = 3 })
		other := s.course("GTX-201")
		today := partnerportal.DateOf(s.Now())
		ada, bob := s.learner("ada"), s.learner("=cmd()")
		s.tell(s.record(ada, course, source.VerbPassed))
		due := func(l *training.Learner, days int) {
			t.Helper()
			got[training.Enrolment](s)(s.acme.Enrol(ctx, training.NewEnrolment{LearnerID: l.ID, CourseID: other.ID, DueOn: today.AddDays(days)}))
		}
		due(ada, 80)
		due(bob, 2)
		kim := got[training.Learner](s)(s.globex.AddLearner(ctx, training.NewLearner{Name: "Kim", Email: "kim@globex-integrators.de"}))
		got[training.Enrolment](s)(s.globex.Enrol(ctx, training.NewEnrolment{LearnerID: kim.ID, CourseID: other.ID, DueOn: today.AddDays(300)}))
		s.Advance(4 * 24 * time.Hour)

		report := got[training.Report](s)(s.acme.Report(ctx, training.ReportParams{WithinDays: 90}))
		assert.Equal(t, training.ReportCounts{Learners: 2, Open: 2, Due: 1, Overdue: 1, Completed: 1, Expiring: 1}, report.Counts)
		var kinds []training.LineKind
		for line, err := range s.acme.AllReportLines(ctx, training.ListReportLinesParams{WithinDays: 90, Limit: 1}) {
			require.NoError(t, err)
			kinds = append(kinds, line.Kind)
			if line.Kind == training.LineKindOverdue {
				assert.Equal(t, -2, line.DaysLeft)
			}
		}
		assert.Equal(t, []training.LineKind{training.LineKindOverdue, training.LineKindDue, training.LineKindExpiring}, kinds)
		some := got[training.ReportLinePage](s)(s.acme.ListReportLines(ctx, training.ListReportLinesParams{Kind: []training.LineKind{training.LineKindDue}})).Items
		require.Len(t, some, 1)
		assert.Equal(t, "GTX-201", some[0].Code)
		all := got[training.Report](s)(s.vendor.Report(ctx, training.ReportParams{WithinDays: 365}))
		assert.Equal(t, training.ReportCounts{Learners: 3, Open: 3, Due: 2, Overdue: 1, Completed: 1, Expiring: 1}, all.Counts)

		sheet := got[partnerportal.Download](s)(s.acme.ExportReport(ctx, training.ExportReportParams{}))
		rows, err := csv.NewReader(sheet).ReadAll()
		require.NoError(t, err)
		require.NoError(t, sheet.Close())
		require.Len(t, rows, 4)
		assert.Equal(t, "'=cmd()", rows[1][slices.Index(rows[0], "learner")], "no formula")
	})
}

func TestCells(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"Ada": "Ada", "=1+1": "'=1+1", " \t@x": "' \t@x", "-5": "'-5", "+49": "'+49", "": "", "a=b": "a=b", "＝1+1": "'＝1+1"} {
		assert.Equal(t, want, trainingroom.Cell(text))
	}
}
