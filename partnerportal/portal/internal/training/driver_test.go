package training_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store/storetest"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/source"
	"github.com/partnerportal/partnerportal-go/training"
)

// noon is the instant at which the portals of these tests begin.
var noon = time.Date(2026, 5, 15, 12, 0, 0, 0, time.UTC)

// lms is a learning system that says what a test wants.
type lms struct {
	said   *source.Learning
	err    error
	launch func(person, course string) (*source.Launch, error)
}

func (l *lms) LMS(context.Context) (*source.Learning, error) { return l.said, l.err }

func (l *lms) Launch(_ context.Context, person, course string) (*source.Launch, error) {
	return l.launch(person, course)
}

// school is a partner's and the vendor's view of one portal with a learning system.
type school struct {
	t testing.TB
	*portaltest.Portal

	acme, globex, vendor *training.Client
	lms                  *lms
	n                    int
}

func open(t testing.TB, opts ...portal.Option) *school {
	t.Helper()
	l := &lms{}
	return on(t, portaltest.New(t, append([]portal.Option{portal.WithClock(func() time.Time { return noon }), portal.WithLMS(l)}, opts...)...), l)
}

func on(t testing.TB, p *portaltest.Portal, l *lms) *school {
	t.Helper()
	return &school{t: t, Portal: p, acme: training.New(p.Acme), globex: training.New(p.Globex), vendor: training.New(p.Vendor), lms: l}
}

// engines runs a test on both.
func engines(t *testing.T, test func(t *testing.T, s *school)) {
	t.Helper()
	for name, dsn := range map[string]func(*testing.T) string{
		"sqlite":   func(*testing.T) string { return "sqlite::memory:" },
		"postgres": func(t *testing.T) string { t.Helper(); return storetest.Postgres(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := &lms{}
			p, err := portal.Open(t.Context(), dsn(t), portal.WithSandbox(), portal.WithClock(func() time.Time { return noon }), portal.WithLMS(l))
			require.NoError(t, err)
			test(t, on(t, portaltest.Wrap(t, p), l))
		})
	}
}

// got returns what a call returned, which must have succeeded.
func got[T any](s *school) func(v *T, err error) *T {
	return func(v *T, err error) *T {
		s.t.Helper()
		require.NoError(s.t, err)
		return v
	}
}

// learner adds one of Acme's people.
func (s *school) learner(name string, roles ...training.Role) *training.Learner {
	s.t.Helper()
	return got[training.Learner](s)(s.acme.AddLearner(s.t.Context(), training.NewLearner{Name: name, Email: name + "@acmepartners.com", Roles: roles}))
}

// course is a published one.
func (s *school) course(code string, change ...func(*training.NewCourse)) *training.Course {
	s.t.Helper()
	form := training.NewCourse{Code: code, Title: "About " + code}
	for _, c := range change {
		c(&form)
	}
	course := got[training.Course](s)(s.vendor.CreateCourse(s.t.Context(), form))
	return got[training.Course](s)(s.vendor.PublishCourse(s.t.Context(), course.ID))
}

func (s *school) path(code string, steps ...training.PathStep) *training.Path {
	s.t.Helper()
	path := got[training.Path](s)(s.vendor.CreatePath(s.t.Context(), training.NewPath{Code: code, Title: "To " + code, Steps: steps}))
	return got[training.Path](s)(s.vendor.PublishPath(s.t.Context(), path.ID))
}

func (s *school) session(course *training.Course, seats, waitlist int) *training.Session {
	s.t.Helper()
	begin := s.Now().Add(30 * 24 * time.Hour)
	return got[training.Session](s)(s.vendor.ScheduleSession(s.t.Context(), training.NewSession{
		CourseID: course.ID, StartsAt: begin, EndsAt: begin.Add(8 * time.Hour), Seats: seats, Waitlist: waitlist,
	}))
}

func (s *school) enrol(l *training.Learner, course *training.Course) *training.Enrolment {
	s.t.Helper()
	return got[training.Enrolment](s)(s.acme.Enrol(s.t.Context(), training.NewEnrolment{LearnerID: l.ID, CourseID: course.ID}))
}

func (s *school) get(id string) *training.Enrolment {
	s.t.Helper()
	return got[training.Enrolment](s)(s.acme.Get(s.t.Context(), id))
}

// of are a learner's enrolments, the oldest first.
func (s *school) of(l *training.Learner) []training.Enrolment {
	s.t.Helper()
	return got[training.EnrolmentPage](s)(s.vendor.List(s.t.Context(), training.ListParams{LearnerID: []string{l.ID}, Sort: partnerportal.SortOldestFirst})).Items
}

// only is the one enrolment of a learner.
func (s *school) only(l *training.Learner) *training.Enrolment {
	s.t.Helper()
	all := s.of(l)
	require.Len(s.t, all, 1)
	return &all[0]
}

// record is something that the learning system says of somebody, now unless at says otherwise.
func (s *school) record(l *training.Learner, course *training.Course, verb source.Verb, change ...func(*source.Record)) source.Record {
	s.n++
	r := source.Record{ID: fmt.Sprintf("rec-%d", s.n), Person: l.Email, Course: course.Code, Verb: verb, At: s.Now()}
	for _, c := range change {
		c(&r)
	}
	return r
}

func at(when time.Time) func(*source.Record) { return func(r *source.Record) { r.At = when } }
func scored(score string) func(*source.Record) {
	return func(r *source.Record) { r.Score = score }
}

// tell lets the learning system say something, and has it read.
func (s *school) tell(records ...source.Record) {
	s.t.Helper()
	s.Advance(time.Second)
	s.lms.said, s.lms.err = &source.Learning{Stamp: source.Stamp{System: "cornerstone", AsOf: s.Now()}, Records: records}, nil
	require.NoError(s.t, s.Pull(s.t.Context()))
}

// tick acts on what is due now.
func (s *school) tick() {
	s.t.Helper()
	_, err := s.Tick(s.t.Context())
	require.NoError(s.t, err)
}

// heard are the types of the events of Acme's people that begin with a prefix, in their order.
func (s *school) heard(prefix string) []string {
	s.t.Helper()
	types := []string{}
	page := got[events.Page](s)(events.New(s.Acme).List(s.t.Context(), events.ListParams{
		Type: []string{prefix + "*"}, ResourceType: []string{"learner", "enrolment"}, Limit: 1000,
	}))
	for _, e := range page.Items {
		types = append(types, e.Type)
	}
	return types
}
