package credentials_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/account"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
	"github.com/partnerportal/partnerportal-go/training"
	"github.com/partnerportal/partnerportal-go/training/credentials"
)

// course publishes a course.
func (d *desk) course(code string) *training.Course {
	d.t.Helper()
	ctx, school := d.t.Context(), training.New(d.Vendor)
	c := got(school.CreateCourse(ctx, training.NewCourse{Code: code, Title: code}))(d.t)
	return got(school.PublishCourse(ctx, c.ID))(d.t)
}

// completes lets somebody of Acme complete a course at an instant.
func (d *desk) completes(learnerID, courseID string, at time.Time) {
	d.t.Helper()
	ctx := d.t.Context()
	e := got(training.New(d.Acme).Enrol(ctx, training.NewEnrolment{LearnerID: learnerID, CourseID: courseID}))(d.t)
	got(training.New(d.Vendor).RecordResult(ctx, e.ID, training.Result{Outcome: training.OutcomeCompleted, At: at, Evidence: "The exam paper."}))(d.t)
}

func (d *desk) held(learnerID string) []credentials.Credential {
	d.t.Helper()
	return got(d.acme.List(d.t.Context(), credentials.ListParams{LearnerID: []string{learnerID}}))(d.t).Items
}

// TestTrainingCertifies: when the last of the courses is completed, and renews when all of them are completed again in the window.
func TestTrainingCertifies(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		d.opens()
		one, two := d.course("one"), d.course("two")
		def := engineer()
		def.CourseIDs, def.AutoIssue, def.Renewal.Method = []string{one.ID, two.ID}, true, credentials.RenewalMethodTraining
		d.defines("gtx", def)
		ada := d.learns(d.Acme, "Ada")
		d.completes(ada.ID, one.ID, noon.Add(-48*time.Hour))
		assert.Empty(t, d.held(ada.ID), "half of it")
		d.completes(ada.ID, two.ID, noon.Add(-24*time.Hour))
		all := d.held(ada.ID)
		assert.Len(t, all, 1)
		k := &all[0]
		awarded := noon.Add(-24 * time.Hour)
		assert.Equal(t, []any{credentials.OriginTraining, awarded, awarded.AddDate(2, 0, 0)}, []any{k.Origin, k.AwardedAt, k.ValidUntil})
		assert.True(t, d.judges(k.ID).OK())

		d.Advance(30 * day)
		d.completes(ada.ID, one.ID, d.Now())
		d.completes(ada.ID, two.ID, d.Now())
		assert.Equal(t, 0, d.reads(k.ID).Renewals, "too early")
		d.Advance(k.RenewalOpensAt.Add(day).Sub(d.Now()))
		d.completes(ada.ID, one.ID, d.Now())
		assert.Equal(t, 0, d.reads(k.ID).Renewals, "half of it")
		d.completes(ada.ID, two.ID, d.Now())
		renewed := d.reads(k.ID)
		assert.Equal(t, []any{1, k.ValidUntil.AddDate(2, 0, 0), credentials.StatusIssued}, []any{renewed.Renewals, renewed.ValidUntil, renewed.Status})

		d.Advance(day)
		got(d.vendor.Revoke(t.Context(), k.ID, credentials.Revocation{Code: credentials.RevocationCodeMisconduct}))(t)
		d.Advance(day)
		d.completes(ada.ID, one.ID, d.Now())
		assert.Len(t, d.held(ada.ID), 1, "what was taken away is earned anew, all of it")
		d.completes(ada.ID, two.ID, d.Now())
		assert.Len(t, d.held(ada.ID), 2)
	})
}

// TestARenewalIsTrained: asking for a renewal enrols the person in what the definition asks for, and completing it renews.
func TestARenewalIsTrained(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		d.opens()
		course := d.course("one")
		def := engineer()
		def.CourseIDs, def.AutoIssue = []string{course.ID}, true
		d.defines("gtx", def)
		ada := d.learns(d.Acme, "Ada")
		d.completes(ada.ID, course.ID, noon)
		k := d.held(ada.ID)[0]
		d.Advance(k.RenewalOpensAt.Add(time.Hour).Sub(d.Now()))
		got(d.acme.RequestRenewal(ctx, k.ID))(t)
		var open []training.Enrolment
		for _, e := range got(training.New(d.Acme).List(ctx, training.ListParams{LearnerID: []string{ada.ID}}))(t).Items {
			if e.Status == training.StatusAssigned {
				open = append(open, e)
			}
		}
		if assert.Len(t, open, 1) {
			assert.Equal(t, course.ID, open[0].CourseID)
			got(training.New(d.Vendor).RecordResult(ctx, open[0].ID, training.Result{Outcome: training.OutcomeCompleted, Evidence: "The exam paper."}))(t)
			assert.Equal(t, 1, d.reads(k.ID).Renewals)
		}
	})
}

// TestWhoLeavesTakesTheCredential: it stays the person's, and counts for the partner again when the person is back.
func TestWhoLeavesTakesTheCredential(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx, school := t.Context(), training.New(d.Acme)
		d.opens()
		def := engineer()
		def.ValidityMonths, def.Renewal.WindowDays = 3, 30
		d.defines("gtx", def)
		m := d.joins(program.Requirement{ID: "certified", Kind: program.RequirementKindCertifiedPeople, Threshold: 1, CredentialDefinitionIDs: []string{"gtx"}})
		k := d.certifies("gtx", "Ada")
		assert.False(t, d.member(m.ID).AtRisk)
		got(school.Offboard(ctx, k.Holder.LearnerID))(t)
		assert.True(t, d.member(m.ID).AtRisk)
		assert.Contains(t, d.happened(m.ID), "membership.at_risk")
		d.Advance(k.ValidUntil.AddDate(0, 0, -7).Sub(d.Now()))
		summary := func() []account.Attention {
			return got(account.New(d.Acme).Summary(ctx, account.SummaryParams{}))(t).Attention
		}
		about := func(a account.Attention) bool { return a.Kind == account.AttentionKindCredentialExpiring }
		assert.False(t, slices.ContainsFunc(summary(), about), "nothing that the partner could do")
		assert.True(t, d.judges(k.ID).OK(), "whatever becomes of the job")
		d.Advance(d.reads(k.ID).ValidUntil.AddDate(0, 0, -6).Sub(d.Now()))
		_, err := d.acme.RequestRenewal(ctx, k.ID)
		require.ErrorIs(t, err, credentials.ErrNotRenewable, "nobody is there to do it")
		got(school.Return(ctx, k.Holder.LearnerID))(t)
		got(d.acme.RequestRenewal(ctx, k.ID))(t)
		assert.Equal(t, 1, d.member(m.ID).Progress[0].Current)
		assert.True(t, slices.ContainsFunc(summary(), about))
	})
}
