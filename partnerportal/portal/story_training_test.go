package portal_test

import (
	"context"
	"io"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/source"
	"github.com/partnerportal/partnerportal-go/partnerportal/sandbox"
	"github.com/partnerportal/partnerportal-go/training"
)

// learningSystem says what the story wants, and gives an address to begin at for one course.
type learningSystem struct {
	said *source.Learning
	down bool
}

func (l *learningSystem) LMS(context.Context) (*source.Learning, error) { return l.said, nil }

func (l *learningSystem) Launch(_ context.Context, _, course string) (*source.Launch, error) {
	switch {
	case l.down:
		return nil, io.ErrUnexpectedEOF
	case course != "GTX-101":
		return nil, source.ErrNoLaunch
	}
	return &source.Launch{URL: "https://lms.example.com/launch/Zk3", ExpiresAt: time.Now().Add(time.Minute)}, nil
}

// learned has the learning system say something of somebody.
func (s *story) learned(l *training.Learner, course *training.Course, verb source.Verb) {
	s.t.Helper()
	s.advance(time.Minute)
	s.lms.said = &source.Learning{Stamp: source.Stamp{System: "cornerstone", AsOf: s.p.Now()}, Records: []source.Record{
		{ID: s.p.Now().String(), Person: l.Email, Course: course.Code, Verb: verb, At: s.p.Now()},
	}}
	s.ok(s.p.Pull(s.ctx))
}

// training: the vendor has two courses, a class and a path, makes one mandatory, and Acme's people learn.
func (s *story) training() {
	t, ctx, acme, vendor := s.t, s.ctx, s.acme.training, s.vendor.training
	course, path := did[training.Course](s), did[training.Path](s)
	basics := course(vendor.CreateCourse(ctx, training.NewCourse{Code: "GTX-101", Title: "GTX fundamentals", ValidityMonths: 12, MaxAttempts: 2}))
	_, err := vendor.CreateCourse(ctx, training.NewCourse{Code: "GTX-101", Title: "The same"})
	s.refused("duplicate_code", err)
	basics = course(vendor.UpdateCourse(ctx, basics.ID, training.CoursePatch{Summary: partnerportal.Set("All of it.")}, partnerportal.IfMatch(basics)))
	basics = course(vendor.PublishCourse(ctx, basics.ID))
	class := course(vendor.CreateCourse(ctx, training.NewCourse{Code: "GTX-201", Title: "GTX in depth", Modality: training.ModalityClassroom, Prerequisites: []string{basics.ID}}))
	class = course(vendor.PublishCourse(ctx, class.ID))
	expert := path(vendor.CreatePath(ctx, training.NewPath{Code: "GTX-EXPERT", Title: "GTX expert", Steps: []training.PathStep{{CourseID: basics.ID}, {CourseID: class.ID, UnlockAfter: []string{basics.ID}}}}))
	expert = path(vendor.UpdatePath(ctx, expert.ID, training.PathPatch{Summary: partnerportal.Set("The whole way.")}, partnerportal.IfMatch(expert)))
	path(vendor.PublishPath(ctx, expert.ID))
	assert.Len(t, did[training.CoursePage](s)(acme.ListCourses(ctx, training.ListCoursesParams{})).Items, 2)
	assert.Equal(t, "GTX in depth", course(acme.GetCourse(ctx, class.ID)).Title)
	assert.Len(t, did[training.PathPage](s)(acme.ListPaths(ctx, training.ListPathsParams{CourseID: []string{class.ID}})).Items, 1)
	assert.Len(t, path(acme.GetPath(ctx, expert.ID)).Steps, 2)

	ada := s.newLearner("ada")
	_, err = acme.AddLearner(ctx, training.NewLearner{Name: "Ada", Email: "ada@acme-learns.example"})
	s.refused("duplicate_learner", err)
	s.classes(ada, basics, class)
	s.mandatory(basics)
	s.pathOf(expert, basics, class)
	s.simulatedTraining(basics)
	course(vendor.RetireCourse(ctx, class.ID))
	path(vendor.RetirePath(ctx, expert.ID))
	_, err = acme.Enrol(ctx, training.NewEnrolment{LearnerID: s.newLearner("kim").ID, CourseID: class.ID})
	s.refused("course_not_open", err)
}

func (s *story) newLearner(name string, roles ...training.Role) *training.Learner {
	s.t.Helper()
	return did[training.Learner](s)(s.acme.training.AddLearner(s.ctx, training.NewLearner{Name: name, Email: name + "@acme-learns.example", Roles: roles}))
}

// classes: Ada learns the basics, and sits in a class that is called off.
func (s *story) classes(ada *training.Learner, basics, class *training.Course) {
	t, ctx, acme, vendor := s.t, s.ctx, s.acme.training, s.vendor.training
	enrolment, session := did[training.Enrolment](s), did[training.Session](s)
	hold := func() *training.Session {
		begin := s.p.Now().Add(20 * 24 * time.Hour)
		return session(vendor.ScheduleSession(ctx, training.NewSession{CourseID: class.ID, StartsAt: begin, EndsAt: begin.Add(time.Hour), Seats: 1, Waitlist: 1}))
	}
	monday := hold()
	_, err := acme.Enrol(ctx, training.NewEnrolment{LearnerID: ada.ID, CourseID: class.ID, SessionID: monday.ID})
	s.refused("prerequisite_missing", err)
	e := enrolment(acme.Enrol(ctx, training.NewEnrolment{LearnerID: ada.ID, CourseID: basics.ID}))
	_, err = acme.Enrol(ctx, training.NewEnrolment{LearnerID: ada.ID, CourseID: basics.ID})
	s.refused("already_enrolled", err)
	assert.Equal(t, "https://lms.example.com/launch/Zk3", did[training.Launch](s)(acme.Launch(ctx, e.ID)).URL)
	s.lms.down = true
	_, err = acme.Launch(ctx, e.ID)
	s.refused("lms_unavailable", err)
	s.lms.down = false
	s.learned(ada, basics, source.VerbInitialized)
	s.learned(ada, basics, source.VerbFailed)
	enrolment(acme.Retry(ctx, e.ID))
	s.learned(ada, basics, source.VerbFailed)
	_, err = acme.Retry(ctx, e.ID)
	s.refused("attempts_exhausted", err)
	e = enrolment(vendor.Get(ctx, e.ID))
	e = enrolment(vendor.Update(ctx, e.ID, training.EnrolmentPatch{AttemptsAllowed: partnerportal.Set(3)}, partnerportal.IfMatch(e)))
	enrolment(acme.Retry(ctx, e.ID))
	s.learned(ada, basics, source.VerbPassed)
	assert.NotEmpty(t, did[partnerportal.ActivityPage](s)(acme.ListActivity(ctx, e.ID, training.ListActivityParams{})).Items)

	bob := s.newLearner("bob")
	done := enrolment(acme.Enrol(ctx, training.NewEnrolment{LearnerID: bob.ID, CourseID: basics.ID}))
	enrolment(vendor.RecordResult(ctx, done.ID, training.Result{Outcome: training.OutcomeCompleted, Evidence: "On paper, room 4."}))
	seat := enrolment(acme.Enrol(ctx, training.NewEnrolment{LearnerID: ada.ID, CourseID: class.ID, SessionID: monday.ID}))
	_, err = acme.Launch(ctx, seat.ID)
	s.refused("launch_unavailable", err)
	_, err = acme.Enrol(ctx, training.NewEnrolment{LearnerID: bob.ID, CourseID: class.ID, SessionID: monday.ID})
	s.refused("no_seats", err)
	wait := enrolment(acme.Enrol(ctx, training.NewEnrolment{LearnerID: bob.ID, CourseID: class.ID, SessionID: monday.ID, Waitlist: true}))
	monday = session(acme.GetSession(ctx, monday.ID))
	_, err = vendor.UpdateSession(ctx, monday.ID, training.SessionPatch{Waitlist: partnerportal.Set(0)}, partnerportal.IfMatch(monday))
	s.refused("seats_taken", err)
	session(vendor.UpdateSession(ctx, monday.ID, training.SessionPatch{Location: partnerportal.Set("Vienna")}, partnerportal.IfMatch(monday)))
	s.learned(ada, class, source.VerbInitialized)
	session(vendor.CancelSession(ctx, monday.ID, training.SessionCancellation{Reason: "The instructor is ill."}))
	tuesday := hold()
	enrolment(acme.SignUp(ctx, wait.ID, training.SignUp{SessionID: tuesday.ID}))
	assert.Len(t, did[training.SessionPage](s)(acme.ListSessions(ctx, training.ListSessionsParams{CourseID: []string{class.ID}})).Items, 2)
	s.advance(21 * 24 * time.Hour)
	_, err = acme.Enrol(ctx, training.NewEnrolment{LearnerID: s.newLearner("joe").ID, CourseID: class.ID, SessionID: tuesday.ID})
	s.refused("prerequisite_missing", err)
	enrolment(acme.Withdraw(ctx, seat.ID, training.Withdrawal{Reason: "On leave."}))
	_, err = acme.Enrol(ctx, training.NewEnrolment{LearnerID: ada.ID, CourseID: class.ID, SessionID: tuesday.ID})
	s.refused("session_started", err)
}

// mandatory: a rule asks engineers for the basics; one is late, and what the others have completed comes to its end.
func (s *story) mandatory(basics *training.Course) {
	t, ctx, acme, vendor := s.t, s.ctx, s.acme.training, s.vendor.training
	rule, learner := did[training.Rule](s), did[training.Learner](s)
	eve := s.newLearner("eve", training.RoleEngineer)
	r := rule(vendor.PutRule(ctx, "gtx-engineers", training.RuleForm{Name: "GTX for engineers", CourseID: basics.ID, Roles: []training.Role{training.RoleEngineer}, DueDays: 10}))
	assert.Equal(t, r.Name, rule(acme.GetRule(ctx, r.ID)).Name)
	assert.Len(t, did[training.RulePage](s)(acme.ListRules(ctx, training.ListRulesParams{})).Items, 1)
	s.advance(time.Second)
	page := did[training.EnrolmentPage](s)(acme.List(ctx, training.ListParams{LearnerID: []string{eve.ID}, Mandatory: true}))
	assert.Len(t, page.Items, 1)
	_, err := acme.Withdraw(ctx, page.Items[0].ID, training.Withdrawal{})
	s.refused("mandatory", err)
	s.advance(12 * 24 * time.Hour)
	s.advance(380 * 24 * time.Hour) // Ada's and Bob's completions end
	report := did[training.Report](s)(acme.Report(ctx, training.ReportParams{}))
	assert.Equal(t, 1, report.Counts.Overdue)
	assert.Equal(t, 2, report.Counts.Expired)
	assert.Len(t, did[training.ReportLinePage](s)(vendor.ListReportLines(ctx, training.ListReportLinesParams{PartnerID: s.acmeID})).Items, 3)
	sheet := did[partnerportal.Download](s)(acme.ExportReport(ctx, training.ExportReportParams{}))
	text, err := io.ReadAll(sheet)
	s.ok(err)
	s.ok(sheet.Close())
	assert.Contains(t, string(text), "overdue")
	s.ok(vendor.DeleteRule(ctx, r.ID))

	eve = learner(acme.GetLearner(ctx, eve.ID))
	eve = learner(acme.UpdateLearner(ctx, eve.ID, training.LearnerPatch{Roles: partnerportal.Set([]training.Role{training.RoleSeller})}, partnerportal.IfMatch(eve)))
	learner(acme.Offboard(ctx, eve.ID))
	_, err = acme.Enrol(ctx, training.NewEnrolment{LearnerID: eve.ID, CourseID: basics.ID})
	s.refused("learner_left", err)
	_, err = acme.Offboard(ctx, eve.ID)
	s.refused("invalid_state", err)
	learner(acme.Return(ctx, eve.ID))
	assert.NotEmpty(t, did[training.LearnerPage](s)(acme.ListLearners(ctx, training.ListLearnersParams{Role: []training.Role{training.RoleSeller}})).Items)
}

// simulatedTraining: in a sandbox a partner's test says what its people have learned.
func (s *story) simulatedTraining(course *training.Course) {
	e := did[training.Enrolment](s)(s.acme.training.Enrol(s.ctx, training.NewEnrolment{LearnerID: s.newLearner("tim").ID, CourseID: course.ID}))
	out := did[sandbox.Outcome](s)
	assert.Equal(s.t, "failed", out(s.acme.sandbox.SimulateEnrolment(s.ctx, e.ID, sandbox.EnrolmentSimulation{Action: sandbox.EnrolmentActionFail})).Status)
	assert.Equal(s.t, "completed", out(s.acme.sandbox.SimulateEnrolment(s.ctx, e.ID, sandbox.EnrolmentSimulation{Action: sandbox.EnrolmentActionComplete, Score: "92.5"})).Status)
	_, err := s.globex.sandbox.SimulateEnrolment(s.ctx, e.ID, sandbox.EnrolmentSimulation{Action: sandbox.EnrolmentActionFail})
	s.refused("not_found", err)
}

// pathOf: Mia goes the whole way.
func (s *story) pathOf(expert *training.Path, steps ...*training.Course) {
	mia := s.newLearner("mia")
	e := did[training.Enrolment](s)(s.acme.training.Enrol(s.ctx, training.NewEnrolment{LearnerID: mia.ID, PathID: expert.ID}))
	for _, course := range steps {
		s.learned(mia, course, source.VerbPassed)
	}
	assert.Equal(s.t, training.StatusCompleted, did[training.Enrolment](s)(s.acme.training.Get(s.ctx, e.ID)).Status)
}
