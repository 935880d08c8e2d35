package training

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/training"
)

// enrolment is an enrolment as it is stored.
type enrolment struct {
	contract.Enrolment

	Told       told      `json:"told,omitzero"`
	RetriedAt  time.Time `json:"retried_at,omitzero"`
	Seat       place     `json:"seat,omitzero"`
	WaitsSince time.Time `json:"waits_since,omitzero"`
	Allowed    *int      `json:"allowed,omitempty"`     // attempts, where the vendor has said other than the course
	DueByRule  bool      `json:"due_by_rule,omitzero"`  // and no longer than that
	ExemptFrom string    `json:"exempt_from,omitempty"` // a rule whose assignment the vendor has withdrawn
	Idle       bool      `json:"idle,omitzero"`         // of a learner who has left
	Heard      bool      `json:"heard,omitzero"`        // nobody has made it or taken it up but the learning system
	By         []string  `json:"by,omitempty"`          // of a path that is completed: what it was completed by
}

// place is what somebody has in a class session.
type place int

const (
	noPlace place = iota
	seated
	waiting
)

// open says that something is still to come of it.
func (e *enrolment) open() bool {
	return slices.Contains(unfinished, e.Status)
}

func decodeEnrolment(doc string) (*enrolment, error) {
	e := new(enrolment)
	return e, decode(doc, e)
}

// enrolment returns one whom the caller may know of.
func (w *work) enrolment(ctx context.Context, id string) (*enrolment, error) {
	doc, err := w.Tx.Enrolment(ctx, id)
	if err != nil {
		return nil, call.OrNotFound(err, enrolmentResource)
	}
	e, err := decodeEnrolment(doc)
	if err == nil && !w.owns(e.PartnerID) {
		return nil, call.NotFound(enrolmentResource)
	}
	return e, err
}

// enrolmentsOf are all of a learner's, the oldest first.
func (w *work) enrolmentsOf(ctx context.Context, learnerID string) ([]*enrolment, error) {
	docs, err := w.Tx.EnrolmentsOfLearner(ctx, learnerID)
	if err != nil {
		return nil, err
	}
	all := make([]*enrolment, len(docs))
	for i, doc := range docs {
		if all[i], err = decodeEnrolment(doc); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// eachEnrolment does something with all of a learner's as they are when it is their turn: what is done with one may change others.
func (w *work) eachEnrolment(ctx context.Context, learnerID string, do func(*enrolment) error) error {
	all, err := w.enrolmentsOf(ctx, learnerID)
	if err != nil {
		return err
	}
	for _, e := range all {
		now, err := w.enrolment(ctx, e.ID)
		if err != nil {
			return err
		}
		if err := do(now); err != nil {
			return err
		}
	}
	return nil
}

// target is a course or a path.
type target struct{ courseID, pathID string }

func (e *enrolment) target() target { return target{e.CourseID, e.PathID} }

// newEnrolment is one of a learner that is not stored yet.
func (w *work) newEnrolment(l *contract.Learner, t target, status contract.Status) *enrolment {
	e := &enrolment{Enrolment: contract.Enrolment{
		ID: ids.New(ids.Enrolment, w.Now), PartnerID: l.PartnerID, LearnerID: l.ID, CourseID: t.courseID, PathID: t.pathID, Status: status,
		Attempts: []contract.Attempt{}, Source: partnerportal.SourceStamp{System: "portal", Kind: "portal", AsOf: w.Now},
	}}
	if status == assigned {
		e.AssignedAt = w.Now
	}
	return e
}

// save stores an enrolment, as new or as the next revision, with the deadlines that it has now.
func (w *work) save(ctx context.Context, e *enrolment) error {
	read := e.Revision
	e.Revision, e.UpdatedAt = read+1, w.Now
	e.Overdue, e.WaitlistPosition, e.AttemptsAllowed, e.AllowedActions, e.EditableFields = false, 0, 0, nil, nil
	if read == 0 {
		e.CreatedAt = w.Now
	}
	p, err := w.program(ctx, e.PartnerID)
	if err != nil {
		return err
	}
	var dueAt, expiresAt time.Time
	if e.open() && !e.DueOn.IsZero() {
		dueAt = p.EndOfDay(e.DueOn)
	}
	if !e.CompletedAt.IsZero() && !e.ExpiresOn.IsZero() {
		expiresAt = p.EndOfDay(e.ExpiresOn)
	}
	attentionAt := dueAt
	if !e.open() && e.Status != withdrawn && e.RenewedBy == "" && !e.Idle {
		attentionAt = expiresAt
	}
	doc, err := json.Marshal(e)
	if err != nil {
		return err
	}
	isOpen := int64(0)
	if e.open() {
		isOpen = 1
	}
	if read == 0 {
		err = w.Tx.InsertEnrolment(ctx, store.InsertEnrolmentParams{
			ID: e.ID, Bucket: store.Bucket(e.ID), PartnerID: e.PartnerID, LearnerID: e.LearnerID, CourseID: e.CourseID, PathID: e.PathID,
			SessionID: e.SessionID, RuleID: e.RuleID, Status: string(e.Status), IsOpen: isOpen, Seat: int64(e.Seat), WaitsSince: store.Micros(e.WaitsSince),
			CompletedAt: store.Micros(e.CompletedAt), ExpiresAt: store.Micros(expiresAt), AttentionAt: store.Micros(attentionAt), Revision: e.Revision,
			CreatedAt: store.Micros(e.CreatedAt), UpdatedAt: store.Micros(e.UpdatedAt), Doc: string(doc),
		})
	} else {
		err = store.Changed(w.Tx.UpdateEnrolment(ctx, store.UpdateEnrolmentParams{
			ID: e.ID, Revision: read, SessionID: e.SessionID, RuleID: e.RuleID, Status: string(e.Status), IsOpen: isOpen, Seat: int64(e.Seat),
			WaitsSince: store.Micros(e.WaitsSince), CompletedAt: store.Micros(e.CompletedAt), ExpiresAt: store.Micros(expiresAt),
			AttentionAt: store.Micros(attentionAt), UpdatedAt: store.Micros(e.UpdatedAt), Doc: string(doc),
		}))
	}
	if err != nil {
		return err
	}
	return w.setDeadlines(ctx, e, p)
}

// tell tells what became of an enrolment, and nothing that is personal.
func (w *work) tell(ctx context.Context, e *enrolment, event string, facts map[string]any, changed ...string) error {
	var payload any
	if event == contract.EventCompleted {
		payload = feed.TrainingCompleted{
			LearnerID: e.LearnerID, PartnerID: e.PartnerID, CourseID: e.CourseID, PathID: e.PathID, Score: e.Score, At: e.CompletedAt,
		}
	}
	return w.tellWith(ctx, e, event, payload, facts, changed...)
}

func (w *work) tellWith(ctx context.Context, e *enrolment, event string, payload any, facts map[string]any, changed ...string) error {
	said := map[string]any{"learner_id": e.LearnerID}
	maps.Copy(said, facts)
	if e.CourseID != "" {
		course, err := w.course(ctx, e.CourseID)
		if err != nil {
			return err
		}
		said["kind"], said["code"] = "course", course.Code
	} else {
		path, err := w.path(ctx, e.PathID)
		if err != nil {
			return err
		}
		said["kind"], said["code"] = "path", path.Code
	}
	return w.Emit(ctx, feed.Event{
		Type: event, ResourceType: enrolmentResource, ResourceID: e.ID, Revision: e.Revision, PartnerID: e.PartnerID, Audience: feed.Both,
		Facts: said, Payload: payload, ChangedFields: changed, State: string(e.Status),
	})
}

// view is an enrolment as the caller sees it now.
func (s *Service) view(ctx context.Context, w *work, e *enrolment) (*contract.Enrolment, error) {
	p, err := w.program(ctx, e.PartnerID)
	if err != nil {
		return nil, err
	}
	e.Overdue = w.overdue(e, p)
	e.AttemptsAllowed, err = w.attemptsAllowed(ctx, e)
	if err != nil {
		return nil, err
	}
	if e.Seat == waiting {
		before, err := w.Tx.CountWaitingBefore(ctx, store.CountWaitingBeforeParams{SessionID: e.SessionID, Since: store.Micros(e.WaitsSince), Before: e.ID})
		if err != nil {
			return nil, err
		}
		e.WaitlistPosition = int(before) + 1
	}
	e.AllowedActions, e.EditableFields = s.actions(w.Caller, e), []string{}
	for _, action := range e.AllowedActions {
		switch {
		case action != contract.ActionUpdate:
		case w.Caller.Vendor():
			e.EditableFields = []string{"/due_on", "/attempts_allowed"}
		case !e.Mandatory:
			e.EditableFields = []string{"/due_on"}
		}
	}
	return &e.Enrolment, nil
}

// attemptsAllowed is how often it may be tried: as the vendor has said, or as the course says.
func (w *work) attemptsAllowed(ctx context.Context, e *enrolment) (int, error) {
	if e.Allowed != nil || e.CourseID == "" {
		if e.Allowed == nil {
			return 0, nil
		}
		return *e.Allowed, nil
	}
	course, err := w.course(ctx, e.CourseID)
	if err != nil {
		return 0, err
	}
	return course.MaxAttempts, nil
}

// today is the day that it is for a partner.
func (w *work) today(ctx context.Context, partnerID string) (partnerportal.Date, error) {
	p, err := w.program(ctx, partnerID)
	if err != nil {
		return partnerportal.Date{}, err
	}
	return p.Today(w.Now), nil
}

// alive says that a learner is still with its partner.
func (w *work) alive(ctx context.Context, learnerID string) (*contract.Learner, error) {
	l, err := directory.Learner(ctx, w.Tx, learnerID)
	if err != nil || l.Status != contract.LearnerStatusActive {
		return nil, err
	}
	return l, nil
}
