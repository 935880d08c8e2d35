package training

import (
	"slices"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/states"
	contract "github.com/partnerportal/partnerportal-go/training"
)

// domain is the first word of the scopes.
const domain = "training"

// The states of courses and paths, and of enrolments.
const (
	draft     = contract.PublicationStatusDraft
	published = contract.PublicationStatusPublished
	retired   = contract.PublicationStatusRetired

	assigned   = contract.StatusAssigned
	waitlisted = contract.StatusWaitlisted
	enrolled   = contract.StatusEnrolled
	inProgress = contract.StatusInProgress
	completed  = contract.StatusCompleted
	failed     = contract.StatusFailed
	expired    = contract.StatusExpired
	withdrawn  = contract.StatusWithdrawn
)

const anybody = states.Partner | states.Vendor

// publications is the table of courses, and of learning paths, of which nothing is scheduled.
var publications = states.Table[contract.PublicationStatus, contract.PublicationAction]{
	states.On(contract.PublicationActionUpdate, states.Vendor, states.In(draft, published, retired)),
	states.On(contract.PublicationActionPublish, states.Vendor, states.In(draft, retired), published),
	states.On(contract.PublicationActionRetire, states.Vendor, states.In(published), retired),
	states.On(contract.PublicationActionSchedule, states.Vendor, states.In(draft, published)),
	states.On(contract.PublicationActionEnrol, anybody, states.In(published)),
}

var learners = states.Table[contract.LearnerStatus, contract.LearnerAction]{
	states.On(contract.LearnerActionUpdate, anybody, states.In(contract.LearnerStatusActive)),
	states.On(contract.LearnerActionOffboard, anybody, states.In(contract.LearnerStatusActive), contract.LearnerStatusLeft),
	states.On(contract.LearnerActionReturn, anybody, states.In(contract.LearnerStatusLeft), contract.LearnerStatusActive),
	states.On(contract.LearnerActionEnrol, anybody, states.In(contract.LearnerStatusActive)),
}

var sessions = states.Table[contract.SessionStatus, contract.SessionAction]{
	states.On(contract.SessionActionUpdate, states.Vendor, states.In(contract.SessionStatusScheduled)),
	states.On(contract.SessionActionCancel, states.Vendor, states.In(contract.SessionStatusScheduled), contract.SessionStatusCanceled),
	states.On(contract.SessionActionEnrol, anybody, states.In(contract.SessionStatusScheduled)),
}

// unfinished are enrolments of which something is still to come.
var unfinished = states.In(assigned, waitlisted, enrolled, inProgress, failed)

// enrolments is the table of what people do. What the learning system tells, or takes back, leads wherever it says; see moveTo and stepBack.
var enrolments = states.Table[contract.Status, contract.Action]{
	states.On(contract.ActionUpdate, anybody, unfinished),
	states.On(contract.ActionSignUp, anybody, states.In(assigned, waitlisted, enrolled), enrolled, waitlisted),
	states.On(contract.ActionWithdraw, anybody, unfinished, withdrawn),
	states.On(contract.ActionRetry, anybody, states.In(failed), enrolled, assigned),
	states.On(contract.ActionRecordResult, states.Vendor, unfinished, completed, failed),
	states.On(contract.ActionLaunch, states.Partner, states.In(enrolled, inProgress)),
}

// actions are what the caller may do with an enrolment.
func (s *Service) actions(caller call.Caller, e *enrolment) []contract.Action {
	return slices.DeleteFunc(enrolments.Allowed(e.Status, caller, domain), func(action contract.Action) bool { return !s.suits(caller, e, action) })
}

// suits says that there is more than the state that an action needs.
func (s *Service) suits(caller call.Caller, e *enrolment, action contract.Action) bool {
	course := e.CourseID != ""
	switch action {
	case contract.ActionRecordResult:
		return course
	case contract.ActionLaunch:
		return course && s.launcher != nil
	case contract.ActionSignUp:
		return course || e.Status == assigned
	case contract.ActionRetry:
		return course && (e.AttemptsAllowed == 0 || len(e.Attempts) < e.AttemptsAllowed)
	case contract.ActionWithdraw:
		return caller.Vendor() || !e.Mandatory
	}
	return true
}

// The fields of the patches.
var (
	courseFields = []string{"/code", "/title", "/summary", "/modality", "/duration_minutes", "/locales", "/products", "/roles", "/prerequisites",
		"/pass_score", "/max_attempts", "/validity_months", "/price", "/launch", "/external_refs"}
	pathFields    = []string{"/code", "/title", "/summary", "/steps", "/roles", "/validity_months", "/external_refs"}
	sessionFields = []string{"/starts_at", "/ends_at", "/location", "/instructor", "/locale", "/seats", "/waitlist"}
	learnerFields = []string{"/name", "/email", "/roles", "/external_refs"}
)

// editable are the fields that the caller may change if it may change anything.
func editable[A ~string](actions []A, update A, fields []string) []string {
	if slices.Contains(actions, update) {
		return fields
	}
	return []string{}
}

func (w *work) viewCourse(course *contract.Course) *contract.Course {
	course.AllowedActions = publications.Allowed(course.Status, w.Caller, domain)
	course.EditableFields = editable(course.AllowedActions, contract.PublicationActionUpdate, courseFields)
	return course
}

func (w *work) viewPath(path *contract.Path) *contract.Path {
	path.AllowedActions = slices.DeleteFunc(publications.Allowed(path.Status, w.Caller, domain), func(a contract.PublicationAction) bool {
		return a == contract.PublicationActionSchedule
	})
	path.EditableFields = editable(path.AllowedActions, contract.PublicationActionUpdate, pathFields)
	return path
}

func (w *work) viewLearner(l *contract.Learner) *contract.Learner {
	l.AllowedActions = learners.Allowed(l.Status, w.Caller, domain)
	l.EditableFields = editable(l.AllowedActions, contract.LearnerActionUpdate, learnerFields)
	if w.Caller.Vendor() && len(l.EditableFields) > 0 {
		l.EditableFields = append(slices.Clone(l.EditableFields), "/lms_user_ref")
	}
	return l
}
