package training

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/states"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/source"
	contract "github.com/partnerportal/partnerportal-go/training"
)

// act takes an enrolment out for something that is done with it, if its state allows. Nobody else changes what its learner is enrolled in
// meanwhile.
func (s *Service) act(ctx context.Context, enrolmentID, ifMatch string, action contract.Action) (*work, *enrolment, error) {
	w := begin(ctx)
	e, err := w.hold(ctx, enrolmentID)
	if err != nil {
		return nil, nil, err
	}
	if err := problem.Unchanged("The enrolment", ifMatch, e.Revision); err != nil {
		return nil, nil, err
	}
	if e.AttemptsAllowed, err = w.attemptsAllowed(ctx, e); err != nil {
		return nil, nil, err
	}
	allowed := s.actions(w.Caller, e)
	if refusal := why(w.Caller, e, action); refusal != nil {
		return nil, nil, refusal
	}
	return w, e, enrolments.Check("enrolment", e.Status, action, w.Caller, allowed)
}

// hold returns an enrolment as it is now that its learner is ours.
func (w *work) hold(ctx context.Context, id string) (*enrolment, error) {
	e, err := w.enrolment(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := w.lockLearner(ctx, e.LearnerID); err != nil {
		return nil, err
	}
	return w.enrolment(ctx, id)
}

// why an action that suits the state is refused nevertheless, in words that help.
func why(caller call.Caller, e *enrolment, action contract.Action) error {
	tried := e.AttemptsAllowed > 0 && len(e.Attempts) >= e.AttemptsAllowed
	switch {
	case !enrolments.Can(e.Status, states.SideOf(caller), action):
	case action == contract.ActionWithdraw && e.Mandatory && !caller.Vendor():
		return conflict(contract.ErrMandatory, "A rule asks for it: only the vendor takes it back.")
	case action == contract.ActionRetry && e.CourseID != "" && tried:
		return exhausted()
	}
	return nil
}

func exhausted() error {
	return conflict(contract.ErrAttempts, "The learner has tried as often as it may. The vendor may allow more.")
}

// Update changes when an enrolment is due, and how often it may be tried.
func (s *Service) Update(ctx context.Context, enrolmentID, ifMatch string, body *contract.EnrolmentPatch) (*contract.Enrolment, error) {
	w, e, err := s.act(ctx, enrolmentID, ifMatch, contract.ActionUpdate)
	if err != nil {
		return nil, err
	}
	var f problem.Fields
	if !w.Caller.Vendor() && e.Mandatory && !body.DueOn.IsZero() {
		f.Add("/due_on", "not_permitted", "A rule asks for it: only the vendor says when it is due.")
	}
	if !w.Caller.Vendor() && !body.AttemptsAllowed.IsZero() {
		f.Add("/attempts_allowed", "not_permitted", "Only the vendor allows attempts.")
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	if on, ok := body.DueOn.Get(); ok {
		if err := w.checkDue(ctx, e.PartnerID, on); err != nil {
			return nil, err
		}
	}
	if !body.DueOn.IsZero() {
		body.DueOn.Apply(&e.DueOn)
		e.DueByRule = false
	}
	if n, ok := body.AttemptsAllowed.Get(); ok {
		e.Allowed = &n
	} else if body.AttemptsAllowed.IsNull() {
		e.Allowed = nil
	}
	named, err := call.Named(body)
	if err != nil {
		return nil, err
	}
	if err := w.save(ctx, e); err != nil {
		return nil, err
	}
	if err := w.tell(ctx, e, contract.EventUpdated, nil, named...); err != nil {
		return nil, err
	}
	return s.Get(ctx, e.ID)
}

// Withdraw withdraws a learner.
func (s *Service) Withdraw(ctx context.Context, enrolmentID, ifMatch string, body *contract.Withdrawal) (*contract.Enrolment, error) {
	w, e, err := s.act(ctx, enrolmentID, ifMatch, contract.ActionWithdraw)
	if err != nil {
		return nil, err
	}
	e.ExemptFrom = e.RuleID // which is the vendor's to say, or else it would be assigned again at once
	if err := w.withdraw(ctx, e, body.Reason); err != nil {
		return nil, err
	}
	return s.Get(ctx, e.ID)
}

// withdraw ends an enrolment, those in the steps of a path that nobody has begun with it, and gives its seat to another.
func (w *work) withdraw(ctx context.Context, e *enrolment, reason string) error {
	sessionID, err := w.leaveSeat(ctx, e)
	if err != nil {
		return err
	}
	e.Status, e.WithdrawnAt, e.Reason, e.RuleID, e.Mandatory = withdrawn, w.Now, reason, "", false
	if err := w.save(ctx, e); err != nil {
		return err
	}
	if err := w.tell(ctx, e, contract.EventWithdrawn, nil, "/status"); err != nil {
		return err
	}
	if e.PathID != "" {
		return w.eachEnrolment(ctx, e.LearnerID, func(step *enrolment) error {
			if step.ParentID != e.ID || step.Status != assigned && step.Status != waitlisted && step.Status != enrolled {
				return nil
			}
			return w.withdraw(ctx, step, reason)
		})
	}
	return w.promote(ctx, sessionID)
}

// Retry lets a learner who has failed try again.
func (s *Service) Retry(ctx context.Context, enrolmentID, ifMatch string) (*contract.Enrolment, error) {
	w, e, err := s.act(ctx, enrolmentID, ifMatch, contract.ActionRetry)
	if err != nil {
		return nil, err
	}
	course, err := w.course(ctx, e.CourseID)
	if err != nil {
		return nil, err
	}
	if err := open(course.Status); err != nil {
		return nil, err
	}
	sessionID, err := w.leaveSeat(ctx, e)
	if err != nil {
		return nil, err
	}
	e.RetriedAt, e.Status, e.Heard = w.Now, enrolled, false
	event := contract.EventEnrolled
	if inClass(course) { // in another session
		e.Status, e.AssignedAt, event = assigned, w.Now, contract.EventAssigned
	}
	if err := w.save(ctx, e); err != nil {
		return nil, err
	}
	if err := w.tell(ctx, e, event, nil, "/status"); err != nil {
		return nil, err
	}
	if err := w.promote(ctx, sessionID); err != nil {
		return nil, err
	}
	return s.Get(ctx, e.ID)
}

// RecordResult records by hand what no learning system knows.
func (s *Service) RecordResult(ctx context.Context, enrolmentID, ifMatch string, body *contract.Result) (*contract.Enrolment, error) {
	w, e, err := s.act(ctx, enrolmentID, ifMatch, contract.ActionRecordResult)
	if err != nil {
		return nil, err
	}
	var f problem.Fields
	f.Text("/evidence", body.Evidence, 2000)
	checkScore(&f, "/score", body.Score)
	at := body.At.UTC().Truncate(time.Microsecond)
	if body.At.IsZero() {
		at = w.Now
	}
	if at.After(w.Now) {
		f.Add("/at", "out_of_range", "Give an instant that has passed.")
	}
	course, err := w.course(ctx, e.CourseID)
	if err != nil {
		return nil, err
	}
	verb := map[contract.Outcome]source.Verb{contract.OutcomeCompleted: source.VerbPassed, contract.OutcomeFailed: source.VerbFailed}[body.Outcome]
	if verb == "" {
		f.Add("/outcome", "invalid_enum", "Use one of: completed, failed.")
	}
	n, refusal := settle(course, verb, body.Score, 0)
	if refusal != "" {
		f.Add("/score", "out_of_range", "The course wants "+course.PassScore+" %.")
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	n.attempt.At, n.attempt.Evidence = at, body.Evidence
	n.attempt.Source = partnerportal.SourceStamp{System: "vendor", Kind: "manual", RecordID: w.RequestID, AsOf: at, FetchedAt: w.Now}
	if err := w.learn(ctx, e, n); err != nil {
		return nil, err
	}
	return s.Get(ctx, e.ID)
}

// checkScore wants a percentage, or nothing.
func checkScore(f *problem.Fields, pointer, score string) {
	if score != "" && !source.IsPercent(score) {
		f.Add(pointer, "invalid_format", `Give a percentage with up to two decimals, such as "92.5".`)
	}
}

// Launch asks the learning system for an address.
func (s *Service) Launch(ctx context.Context, enrolmentID string) (*contract.Launch, error) {
	w := begin(ctx)
	e, err := w.enrolment(ctx, enrolmentID)
	if err != nil {
		return nil, err
	}
	if s.launcher == nil || e.CourseID == "" {
		return nil, conflict(contract.ErrNoLaunch, "The learning system gives no addresses to begin at.")
	}
	if err := enrolments.Check("enrolment", e.Status, contract.ActionLaunch, w.Caller, s.actions(w.Caller, e)); err != nil {
		return nil, err
	}
	l, err := w.learner(ctx, e.LearnerID)
	if err != nil {
		return nil, err
	}
	course, err := w.course(ctx, e.CourseID)
	if err != nil {
		return nil, err
	}
	return s.launch(ctx, l, course)
}

// longestLaunch is how long somebody waits for an address.
const longestLaunch = 10 * time.Second

func (s *Service) launch(ctx context.Context, l *contract.Learner, course *contract.Course) (*contract.Launch, error) {
	person := l.LMSUserRef
	if person == "" {
		person = l.Email
	}
	waits, cancel := context.WithTimeout(ctx, longestLaunch)
	defer cancel()
	launch, err := s.launcher.Launch(waits, person, course.Code)
	switch {
	case errors.Is(err, source.ErrNoLaunch):
		return nil, conflict(contract.ErrNoLaunch, "The learning system gives no address for this course.")
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil || launch == nil || !webAddress(launch.URL): // an address that no browser should follow is no answer
		return nil, unavailable()
	}
	return &contract.Launch{URL: launch.URL, ExpiresAt: launch.ExpiresAt.UTC()}, nil
}

// webAddress says that a browser may be sent there.
func webAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Scheme == "https" && u.Host != "" && len(text) <= 4096
}

// askLater is how long a caller waits before it asks for an address again: longer than clients wait by themselves, while somebody looks at a
// screen.
const askLater = 2 * time.Minute

func unavailable() error {
	e := problem.New(http.StatusServiceUnavailable, contract.ErrLMSUnavailable, "The learning system does not answer now.")
	e.RetryAfter = askLater
	return e
}
