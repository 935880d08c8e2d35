// Package training is what partners' people learn: courses, learning paths and class sessions, who is enrolled in what, who has to do it by
// when, and who has completed it.
//
//	school := training.New(pp)
//	ada, err := school.AddLearner(ctx, training.NewLearner{Name: "Ada Lovelace", Email: "ada@acme.com", Roles: []training.Role{training.RoleEngineer}})
//	e, err := school.Enrol(ctx, training.NewEnrolment{LearnerID: ada.ID, CourseID: course.ID})
//	switch {
//	case errors.Is(err, training.ErrPrerequisite):
//		missing := training.MissingCourses(err)
//	case errors.Is(err, training.ErrNoSeats):
//		// another session, or Waitlist: true
//	}
//
//	for line, err := range school.AllReportLines(ctx, training.ListReportLinesParams{WithinDays: 90}) {
//		fmt.Println(line.On, line.LearnerName, line.Kind, line.Title) // the most urgent first
//	}
//
// The vendor's learning system (LMS) is the system of record. The portal reads from it what people have done and never makes up a
// completion: what neither the learning system nor the vendor ([Client.RecordResult], with evidence) has told, nobody has completed, and
// [Report] says how old the news of the learning system is. Each attempt names who says so: the learning system or, with kind manual, the vendor.
// What the learning system takes back counts no longer ([EventVoided]).
//
// Rules make training mandatory for people in some roles, of partners in some tiers. Reminders come on the change feed, or a webhook, 30, 7 and 1
// days before something is due or stops counting.
package training

import "github.com/partnerportal/partnerportal-go/partnerportal"

// What a portal answers when it refuses, for errors.Is.
const (
	// ErrDuplicateLearner says that the partner has a learner with this address, or somebody one with this lms_user_ref: [ExistingID] is that learner.
	ErrDuplicateLearner = partnerportal.ErrorCode("duplicate_learner")
	// ErrDuplicateCode says that another course or learning path has the code: [ExistingID] is that one.
	ErrDuplicateCode = partnerportal.ErrorCode("duplicate_code")
	// ErrAlreadyEnrolled says that the learner has an open enrolment in the course or path: [ExistingID] is that one.
	ErrAlreadyEnrolled = partnerportal.ErrorCode("already_enrolled")
	// ErrPrerequisite says that other courses must be completed before: [MissingCourses] are those.
	ErrPrerequisite = partnerportal.ErrorCode("prerequisite_missing")
	// ErrNoSeats says that the class session is full; [WaitlistOpen] says whether the learner can wait for a seat.
	ErrNoSeats = partnerportal.ErrorCode("no_seats")
	// ErrSeatsTaken says that a session cannot have fewer seats than are taken, nor a shorter waitlist than people wait.
	ErrSeatsTaken = partnerportal.ErrorCode("seats_taken")
	// ErrSessionStarted says that the class session has begun.
	ErrSessionStarted = partnerportal.ErrorCode("session_started")
	// ErrNotOpen says that nobody enrols in the course or path any more.
	ErrNotOpen = partnerportal.ErrorCode("course_not_open")
	// ErrLearnerLeft says that the learner is with the partner no longer.
	ErrLearnerLeft = partnerportal.ErrorCode("learner_left")
	// ErrMandatory says that a rule asks for it, so that only the vendor takes it back.
	ErrMandatory = partnerportal.ErrorCode("mandatory")
	// ErrAttempts says that the learner has tried as often as it may.
	ErrAttempts = partnerportal.ErrorCode("attempts_exhausted")
	// ErrNoLaunch says that the learning system gives no address to begin at, or not for this course.
	ErrNoLaunch = partnerportal.ErrorCode("launch_unavailable")
	// ErrLMSUnavailable says that the learning system does not answer now. Try again later; nothing was made up meanwhile.
	ErrLMSUnavailable = partnerportal.ErrorCode("lms_unavailable")
)

// What happens in training, as the change feed names it.
const (
	EventLearnerAdded    = "learner.added"    // one of a partner's people is there
	EventLearnerUpdated  = "learner.updated"  // what is said of it changed
	EventLearnerLeft     = "learner.left"     // it has left the partner
	EventLearnerReturned = "learner.returned" // it is back

	EventCoursePublished  = "training.course_published"  // partners may enrol
	EventCourseUpdated    = "training.course_updated"    // the course changed
	EventCourseRetired    = "training.course_retired"    // nobody enrols any more
	EventPathPublished    = "training.path_published"    // partners may enrol
	EventPathUpdated      = "training.path_updated"      // the learning path changed
	EventPathRetired      = "training.path_retired"      // nobody enrols any more
	EventSessionScheduled = "training.session_scheduled" // there is a class session
	EventSessionUpdated   = "training.session_updated"   // it changed
	EventSessionCanceled  = "training.session_canceled"  // it is called off
	EventRuleChanged      = "training.rule_changed"      // training is mandatory for other people
	EventRuleRemoved      = "training.rule_removed"      // a rule has ended

	EventAssigned   = "training.assigned"   // a learner has to do it
	EventEnrolled   = "training.enrolled"   // it is enrolled, or has got a seat
	EventWaitlisted = "training.waitlisted" // it waits for a seat
	EventSeatLost   = "training.seat_lost"  // its class session is off, or began without it
	EventStarted    = "training.started"    // it has begun
	EventCompleted  = "training.completed"  // it is done
	EventFailed     = "training.failed"     // an attempt failed
	EventUpdated    = "training.updated"    // when it is due, how often it may be tried, or who asks changed
	EventDueSoon    = "training.due_soon"   // it is due in 30, 7 or 1 days
	EventOverdue    = "training.overdue"    // the day has passed
	EventExpiring   = "training.expiring"   // what was completed ends in 30, 7 or 1 days
	EventExpired    = "training.expired"    // it has ended
	EventWithdrawn  = "training.withdrawn"  // the learner no longer takes part
	EventVoided     = "training.voided"     // the learning system has taken back what it had told
)

// Open says that something is still to come of the enrolment: it is neither completed, expired nor withdrawn.
func (e *Enrolment) Open() bool {
	switch e.Status {
	case StatusCompleted, StatusExpired, StatusWithdrawn:
		return false
	}
	return true
}

// Full says that no seat is free in the class session. Somebody may wait for one nevertheless; see [Session.WaitlistOpen].
func (s *Session) Full() bool { return s.Seats > 0 && (s.Taken >= s.Seats || s.Waiting > 0) }

// WaitlistOpen says that there is room among those who wait for a seat.
func (s *Session) WaitlistOpen() bool { return s.Waiting < s.Waitlist }

// MissingCourses are the ids of the courses that must be completed before, of a refusal with [ErrPrerequisite], and none of any other
// error.
func MissingCourses(err error) []string {
	ids, _ := partnerportal.ExtensionOf[[]string](err, "missing")
	return ids
}

// WaitlistOpen says, of a refusal with [ErrNoSeats], that the learner can wait for a seat: ask again with Waitlist.
func WaitlistOpen(err error) bool {
	open, _ := partnerportal.ExtensionOf[bool](err, "waitlist_open")
	return open
}

// ExistingID is what is there already, of a refusal with [ErrAlreadyEnrolled], [ErrDuplicateLearner] or [ErrDuplicateCode], and "" of any other
// error.
func ExistingID(err error) string {
	id, _ := partnerportal.ExtensionOf[string](err, "existing_id")
	return id
}
