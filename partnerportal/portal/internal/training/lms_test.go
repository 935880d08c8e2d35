package training_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/account"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/source"
	"github.com/partnerportal/partnerportal-go/training"
)

// conflicts are what of the last reading contradicts the portal.
func (s *school) conflicts() []string {
	s.t.Helper()
	all := got[account.Sources](s)(account.New(s.Vendor).Sources(s.t.Context()))
	require.Len(s.t, all.Items, 1)
	return all.Items[0].Conflicts
}

// What is told of people and courses that are not there yet counts when they are, once.
func TestRecordsWait(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, s *school) {
		t.Helper()
		ctx := t.Context()
		at := s.Now()
		s.tell(
			source.Record{ID: "1", Person: "Ada@acmepartners.com", Course: "GTX-101", Verb: source.VerbPassed, At: at},
			source.Record{ID: "2", Person: "u-4711", Course: "GTX-101", Verb: source.VerbPassed, At: at},
		)
		assert.Empty(t, s.conflicts(), "the learning system knows many people")
		ada := s.learner("ada")
		assert.Empty(t, s.of(ada), "nor does the portal know the course")
		course := s.course("GTX-101")
		s.tick()
		assert.Equal(t, training.StatusCompleted, s.only(ada).Status)
		bob := got[training.Learner](s)(s.vendor.AddLearner(ctx, training.NewLearner{PartnerID: s.AcmeID, Name: "Bob", Email: "bob@elsewhere.example", LMSUserRef: "U-4711"}))
		assert.Equal(t, training.StatusCompleted, s.only(bob).Status)
		s.tell(source.Record{ID: "1", Person: "ada@acmepartners.com", Course: course.Code, Verb: source.VerbFailed, At: at.Add(-48 * time.Hour)})
		assert.Len(t, s.only(ada).Attempts, 1, "a record that was told is no news, whatever it says now")
	})
}

// A learning system that lies or is confused is not believed, and the vendor sees why.
func TestRecordsThatAreNotTaken(t *testing.T) {
	t.Parallel()
	s := open(t)
	ada, course := s.learner("ada"), s.course("GTX-101", func(c *training.NewCourse) { c.PassScore = "80" })
	bad := func(change func(*source.Record)) source.Record {
		return s.record(ada, course, source.VerbPassed, change)
	}
	s.tell(
		bad(func(r *source.Record) { r.ID = "" }),
		bad(func(r *source.Record) { r.ID = "a\x00b" }),
		bad(func(r *source.Record) { r.Person = "\xff" }),
		bad(func(r *source.Record) { r.Person = " " }),
		bad(func(r *source.Record) { r.Course = "" }),
		bad(func(r *source.Record) { r.Verb = "liked" }),
		bad(func(r *source.Record) { r.At = time.Time{} }),
		bad(func(r *source.Record) { r.At = s.Now().Add(time.Hour) }),
		bad(func(r *source.Record) { r.Score = "101" }),
		bad(func(r *source.Record) { r.Progress = 101 }),
		bad(func(r *source.Record) { r.PartnerID = "\n" }),
		bad(func(r *source.Record) { r.Score = "79" }),
	)
	assert.Len(t, s.conflicts(), 12)
	assert.Contains(t, strings.Join(s.conflicts(), " "), "it says passed with a score of 79 %, and the course wants 80 %")
	assert.Empty(t, s.of(ada))
}

// Nobody takes the credit for other partners' people: neither by claiming their addresses, nor by claiming the same one.
func TestClaimedPeople(t *testing.T) {
	t.Parallel()
	s := open(t)
	ctx := t.Context()
	course := s.course("GTX-101")
	s.Partner(portal.Partner{Name: "Bücher", Domains: []string{"bücher.example"}})
	claim := func(c *training.Client, email string) *training.Learner {
		t.Helper()
		return got[training.Learner](s)(c.AddLearner(ctx, training.NewLearner{Name: "Ada", Email: email}))
	}
	stolen := claim(s.globex, "ada@acmepartners.com")
	s.tell(source.Record{ID: "1", Person: "ada@acmepartners.com", Course: course.Code, Verb: source.VerbPassed, At: s.Now()})
	assert.Empty(t, s.of(stolen))
	assert.Len(t, s.conflicts(), 1)
	own := claim(s.acme, "ada@acmepartners.com")
	assert.Equal(t, training.StatusCompleted, s.only(own).Status, "it has waited for its owner")
	for i, email := range []string{"ada@eu.acmepartners.com", "Ada@BÜCHER.example", "ada@xn--bcher-kva.example"} {
		stolen = claim(s.globex, email)
		s.tell(source.Record{ID: fmt.Sprint("below ", i), Person: email, Course: course.Code, Verb: source.VerbPassed, At: s.Now()})
		assert.Empty(t, s.of(stolen), email)
	}
	other := s.Partner(portal.Partner{Name: "Acme Europe", Domains: []string{"eu.acmepartners.com"}})
	desk := training.New(s.Client(portal.ClientSpec{Name: "psa", PartnerID: other}))
	s.tell(source.Record{ID: "nearest", Person: "eve@eu.acmepartners.com", Course: course.Code, Verb: source.VerbPassed, At: s.Now()})
	claim(s.acme, "eve@eu.acmepartners.com")
	assert.Equal(t, training.StatusCompleted, s.only(claim(desk, "eve@eu.acmepartners.com")).Status, "the nearest domain is whose it is")

	first, second := claim(s.acme, "free@mail.example"), claim(s.globex, "free@mail.example")
	s.tell(
		source.Record{ID: "2", Person: "free@mail.example", Course: course.Code, Verb: source.VerbPassed, At: s.Now()},
		source.Record{ID: "3", Person: "free@mail.example", PartnerID: s.GlobexID, Course: course.Code, Verb: source.VerbInitialized, At: s.Now()},
	)
	assert.Len(t, s.conflicts(), 1)
	assert.Empty(t, s.of(first))
	assert.Equal(t, training.StatusInProgress, s.only(second).Status, "where the learning system says whose it is")
}

// The learning system's people become learners.
func TestPeopleFromTheLMS(t *testing.T) {
	t.Parallel()
	s := open(t)
	ctx := t.Context()
	bob := s.learner("bob")
	say := func(people ...source.Person) {
		t.Helper()
		s.Advance(time.Second)
		s.lms.said = &source.Learning{Stamp: source.Stamp{System: "cornerstone", AsOf: s.Now()}, People: people}
		require.NoError(t, s.Pull(ctx))
	}
	ada := source.Person{Ref: "u-1", PartnerID: s.AcmeID, Name: "Ada", Email: "ada@acmepartners.com", Roles: []training.Role{training.RoleEngineer}}
	say(ada, source.Person{Ref: "u-2", PartnerID: s.AcmeID, Name: "Robert", Email: "BOB@acmepartners.com"},
		source.Person{Ref: "u-3", PartnerID: "par_none", Name: "X", Email: "x@y.example"},
		source.Person{Ref: "u-4", PartnerID: s.AcmeID, Name: "", Email: "x@y.example"},
		source.Person{Ref: "u-5", PartnerID: s.AcmeID, Name: "X", Email: "x@y.example", Roles: []training.Role{"king"}},
		source.Person{Ref: "u-6", PartnerID: s.AcmeID, Name: "Gone", Email: "gone@y.example", Left: true})
	assert.Len(t, s.conflicts(), 3)
	all := got[training.LearnerPage](s)(s.acme.ListLearners(ctx, training.ListLearnersParams{})).Items
	require.Len(t, all, 2)
	changed := got[training.Learner](s)(s.acme.GetLearner(ctx, bob.ID))
	assert.Equal(t, "Robert", changed.Name)
	assert.Equal(t, "u-2", changed.LMSUserRef)
	say(ada)
	assert.Len(t, s.heard("learner."), 3, "what is the same is no news")
	ada.Left = true
	say(ada)
	left := got[training.LearnerPage](s)(s.acme.ListLearners(ctx, training.ListLearnersParams{Status: []training.LearnerStatus{training.LearnerStatusLeft}})).Items
	require.Len(t, left, 1)
	assert.Equal(t, "Ada", left[0].Name)
	say(ada)
	assert.Equal(t, training.LearnerStatusLeft, got[training.Learner](s)(s.acme.GetLearner(ctx, left[0].ID)).Status, "who has left stays away")
	ada.Left, ada.Name = false, "Ada L."
	say(ada)
	back := got[training.Learner](s)(s.acme.GetLearner(ctx, left[0].ID))
	assert.Equal(t, []any{training.LearnerStatusActive, "Ada L."}, []any{back.Status, back.Name}, "and is who it was when it comes back")
	assert.Len(t, got[training.LearnerPage](s)(s.acme.ListLearners(ctx, training.ListLearnersParams{})).Items, 2)
}

// A learning system that is late or down makes nothing up; the report says how old its news is.
func TestLMSDownAndLate(t *testing.T) {
	t.Parallel()
	s := open(t)
	stamp := func(c *training.Client) partnerportal.SourceStamp {
		t.Helper()
		return got[training.Report](s)(c.Report(t.Context(), training.ReportParams{})).LMS
	}
	assert.Equal(t, "The system has not been read yet.", stamp(s.acme).Error)
	ada, course := s.learner("ada"), s.course("GTX-101")
	s.tell(s.record(ada, course, source.VerbInitialized))
	assert.Equal(t, partnerportal.SourceStamp{System: "cornerstone", Kind: "lms", AsOf: s.Now(), FetchedAt: s.Now()}, stamp(s.acme))
	s.lms.err = errors.New("dial tcp 10.0.0.7: connection refused")
	require.ErrorContains(t, s.Pull(t.Context()), "connection refused")
	assert.Equal(t, "The last reading failed.", stamp(s.acme).Error, "the vendor's machines are nobody else's business")
	assert.Contains(t, stamp(s.vendor).Error, "10.0.0.7")
	assert.Equal(t, training.StatusInProgress, s.only(ada).Status)
	s.Advance(37 * time.Hour)
	assert.True(t, stamp(s.acme).Stale)

	s.lms.err = nil
	s.lms.said = &source.Learning{Stamp: source.Stamp{System: "cornerstone", AsOf: noon}, Records: []source.Record{s.record(ada, course, source.VerbPassed)}}
	require.ErrorContains(t, s.Pull(t.Context()), "read already")
	assert.Equal(t, training.StatusInProgress, s.only(ada).Status, "of a reading that goes backwards nothing is taken")

	none := portaltest.New(t)
	report := got[training.Report](s)(training.New(none.Acme).Report(t.Context(), training.ReportParams{}))
	assert.Contains(t, report.LMS.Error, "No learning system")
}

func TestLaunch(t *testing.T) {
	t.Parallel()
	s := open(t)
	ctx := t.Context()
	ada, course := s.learner("ada"), s.course("GTX-101")
	e := s.enrol(ada, course)
	var answer *source.Launch
	var failure error
	s.lms.launch = func(person, code string) (*source.Launch, error) {
		assert.Equal(t, []string{ada.Email, "GTX-101"}, []string{person, code})
		return answer, failure
	}
	for _, wrong := range []*source.Launch{nil, {URL: "javascript:alert(1)"}, {URL: "http://lms.example.com"}} {
		answer = wrong
		_, err := s.acme.Launch(ctx, e.ID)
		require.ErrorIs(t, err, training.ErrLMSUnavailable)
		assert.Equal(t, 2*time.Minute, errorOf(t, err).RetryAfter)
	}
	failure = source.ErrNoLaunch
	_, err := s.acme.Launch(ctx, e.ID)
	require.ErrorIs(t, err, training.ErrNoLaunch)
	answer, failure = &source.Launch{URL: "https://lms.example.com/l/1", ExpiresAt: s.Now().Add(time.Minute)}, nil
	launch := got[training.Launch](s)(s.acme.Launch(ctx, e.ID))
	assert.Equal(t, "https://lms.example.com/l/1", launch.URL)
	got[training.Enrolment](s)(s.acme.Withdraw(ctx, e.ID, training.Withdrawal{}))
	_, err = s.acme.Launch(ctx, e.ID)
	require.ErrorIs(t, err, partnerportal.ErrInvalidState)

	plain := portaltest.New(t, portal.WithLMS(source.NewDir(t.TempDir(), "files")))
	school := training.New(plain.Acme)
	l := got[training.Learner](s)(school.AddLearner(ctx, training.NewLearner{Name: "Ada", Email: "ada@acmepartners.com"}))
	desk := training.New(plain.Vendor)
	c := got[training.Course](s)(desk.CreateCourse(ctx, training.NewCourse{Code: "GTX", Title: "GTX"}))
	got[training.Course](s)(desk.PublishCourse(ctx, c.ID))
	other := got[training.Enrolment](s)(school.Enrol(ctx, training.NewEnrolment{LearnerID: l.ID, CourseID: c.ID}))
	assert.NotContains(t, other.AllowedActions, training.ActionLaunch)
	_, err = school.Launch(ctx, other.ID)
	require.ErrorIs(t, err, training.ErrNoLaunch, "files give no addresses")
}

func errorOf(t *testing.T, err error) *partnerportal.Error {
	t.Helper()
	e, ok := errors.AsType[*partnerportal.Error](err)
	require.True(t, ok)
	return e
}
