package training

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/training"
)

// ListSessions returns a page of class sessions; to partners those of published courses.
func (s *Service) ListSessions(ctx context.Context, params *contract.ListSessionsParams) (*contract.SessionPage, error) {
	w := begin(ctx)
	q := store.Query{Table: "class_sessions", Page: store.Page{Cursor: params.Cursor, Limit: params.Limit, Segment: params.Segment}}
	if err := q.OrderBy(params.Sort); err != nil {
		return nil, err
	}
	if w.Caller.Side == partnerportal.SidePartner {
		q.Where("course_id IN (SELECT id FROM courses WHERE published_at > 0)")
	}
	q.UpdatedSince(params.UpdatedSince)
	if !params.StartsAfter.IsZero() {
		q.Where("starts_at > ?", store.Micros(params.StartsAfter))
	}
	store.WhereIn(&q, "course_id", params.CourseID)
	whereStatus(&q, params.Status, store.Micros(w.Now))
	items, page, err := list[contract.Session](ctx, w, q)
	if err != nil {
		return nil, err
	}
	for i := range items {
		if err := w.viewSession(ctx, &items[i]); err != nil {
			return nil, err
		}
	}
	return &contract.SessionPage{Items: items, Page: page}, nil
}

// whereStatus keeps sessions that are in one of the states now: the clock decides on most of them.
func whereStatus(q *store.Query, states []contract.SessionStatus, now int64) {
	if len(states) == 0 {
		return
	}
	condition, args := "", []any{}
	for _, state := range states {
		switch state {
		case contract.SessionStatusCanceled:
			condition += " OR canceled = 1"
		case contract.SessionStatusScheduled:
			condition, args = condition+" OR (canceled = 0 AND starts_at > ?)", append(args, now)
		case contract.SessionStatusStarted:
			condition, args = condition+" OR (canceled = 0 AND starts_at <= ? AND ends_at > ?)", append(args, now, now)
		case contract.SessionStatusEnded:
			condition, args = condition+" OR (canceled = 0 AND ends_at <= ?)", append(args, now)
		}
	}
	q.Where("(1 = 0"+condition+")", args...)
}

// GetSession returns a class session.
func (s *Service) GetSession(ctx context.Context, sessionID string) (*contract.Session, error) {
	w := begin(ctx)
	session, err := loadSession(ctx, w.Tx, sessionID)
	if err != nil {
		return nil, err
	}
	if w.Caller.Side == partnerportal.SidePartner {
		course, err := w.course(ctx, session.CourseID)
		if err != nil || course.PublishedAt.IsZero() {
			return nil, errors.Join(call.NotFound("class session"), err)
		}
	}
	return session, w.viewSession(ctx, session)
}

// ScheduleSession schedules a class session.
func (s *Service) ScheduleSession(ctx context.Context, body *contract.NewSession) (*contract.Session, error) {
	w := begin(ctx)
	if err := w.onlyVendor(); err != nil {
		return nil, err
	}
	course, err := w.course(ctx, body.CourseID)
	if err != nil {
		return nil, orInvalid(err, "/course_id", "There is no such course.")
	}
	if course.Status == retired {
		return nil, problem.Invalid("/course_id", "invalid_state", "The course is retired. Publish it first.")
	}
	session := &contract.Session{
		ID: ids.New(ids.ClassSession, w.Now), CourseID: course.ID, Status: contract.SessionStatusScheduled, StartsAt: body.StartsAt.UTC(), EndsAt: body.EndsAt.UTC(), Location: body.Location,
		Instructor: body.Instructor, Locale: body.Locale, Seats: body.Seats, Waitlist: body.Waitlist, Revision: 1, CreatedAt: w.Now, UpdatedAt: w.Now,
	}
	if err := w.checkSession(session); err != nil {
		return nil, err
	}
	doc, err := json.Marshal(session)
	if err != nil {
		return nil, err
	}
	if err := w.Tx.InsertClassSession(ctx, store.InsertClassSessionParams{
		ID: session.ID, Bucket: store.Bucket(session.ID), CourseID: course.ID, StartsAt: store.Micros(session.StartsAt), EndsAt: store.Micros(session.EndsAt), Revision: 1,
		CreatedAt: store.Micros(w.Now), UpdatedAt: store.Micros(w.Now), Doc: string(doc),
	}); err != nil {
		return nil, err
	}
	if err := w.startsAt(ctx, session); err != nil {
		return nil, err
	}
	if err := w.tellSession(ctx, session, contract.EventSessionScheduled, "/status"); err != nil {
		return nil, err
	}
	return session, w.viewSession(ctx, session)
}

// checkSession holds a session against the rules. One may not be scheduled into the past.
func (w *work) checkSession(session *contract.Session) error {
	var f problem.Fields
	if !session.StartsAt.After(w.Now) {
		f.Add("/starts_at", "out_of_range", "Give an instant that is yet to come.")
	}
	if !session.EndsAt.After(session.StartsAt) || session.EndsAt.Sub(session.StartsAt) > 366*day {
		f.Add("/ends_at", "out_of_range", "Give an instant after the begin, within a year.")
	}
	if session.Seats == 0 && session.Waitlist > 0 {
		f.Add("/waitlist", "not_permitted", "Nobody waits where there is a seat for everybody. Say how many there are.")
	}
	return f.Err()
}

// UpdateSession changes a class session.
func (s *Service) UpdateSession(ctx context.Context, sessionID, ifMatch string, body *contract.SessionPatch) (*contract.Session, error) {
	w, session, err := s.actOnSession(ctx, sessionID, ifMatch, contract.SessionActionUpdate)
	if err != nil {
		return nil, err
	}
	body.StartsAt.Apply(&session.StartsAt)
	body.EndsAt.Apply(&session.EndsAt)
	body.Location.Apply(&session.Location)
	body.Instructor.Apply(&session.Instructor)
	body.Locale.Apply(&session.Locale)
	body.Seats.Apply(&session.Seats)
	body.Waitlist.Apply(&session.Waitlist)
	if err := w.checkSession(session); err != nil {
		return nil, err
	}
	if session.Seats > 0 && (session.Taken > session.Seats || session.Taken+session.Waiting > session.Seats+session.Waitlist) {
		e := conflict(contract.ErrSeatsTaken, fmt.Sprintf("%d seats are taken, and %d people wait.", session.Taken, session.Waiting))
		return nil, problem.With(problem.With(e, "taken", session.Taken), "waiting", session.Waiting)
	}
	named, err := call.Named(body)
	if err != nil {
		return nil, err
	}
	if err := w.saveSession(ctx, session, contract.EventSessionUpdated, named...); err != nil {
		return nil, err
	}
	if err := w.startsAt(ctx, session); err != nil {
		return nil, err
	}
	if err := w.promote(ctx, session.ID); err != nil {
		return nil, err
	}
	return session, w.viewSession(ctx, session)
}

// CancelSession calls a class session off.
func (s *Service) CancelSession(ctx context.Context, sessionID, ifMatch string, body *contract.SessionCancellation) (*contract.Session, error) {
	w, session, err := s.actOnSession(ctx, sessionID, ifMatch, contract.SessionActionCancel)
	if err != nil {
		return nil, err
	}
	session.Status, session.Reason = contract.SessionStatusCanceled, body.Reason
	if err := w.saveSession(ctx, session, contract.EventSessionCanceled, "/status"); err != nil {
		return nil, err
	}
	if err := w.Tx.DropTimers(ctx, session.ID); err != nil {
		return nil, err
	}
	if err := w.unseat(ctx, session.ID, noPlace, body.Reason); err != nil {
		return nil, err
	}
	return session, w.viewSession(ctx, session)
}

// actOnSession takes a session out for something that the vendor does with it, if its state allows. Its seats are nobody else's meanwhile.
func (s *Service) actOnSession(ctx context.Context, sessionID, ifMatch string, action contract.SessionAction) (*work, *contract.Session, error) {
	w := begin(ctx)
	if err := w.onlyVendor(); err != nil {
		return nil, nil, err
	}
	session, err := w.lockSession(ctx, sessionID)
	if err != nil {
		return nil, nil, err
	}
	if err := problem.Unchanged("The class session", ifMatch, session.Revision); err != nil {
		return nil, nil, err
	}
	if err := w.viewSession(ctx, session); err != nil {
		return nil, nil, err
	}
	return w, session, sessions.Check("class session", session.Status, action, w.Caller, session.AllowedActions)
}

// startsAt sets when a session begins.
func (w *work) startsAt(ctx context.Context, session *contract.Session) error {
	if err := w.Tx.DropTimers(ctx, session.ID); err != nil {
		return err
	}
	return w.Tx.PutTimer(ctx, store.PutTimerParams{Kind: startDeadline, ResourceID: session.ID, DueAt: store.Micros(session.StartsAt)})
}

func (w *work) saveSession(ctx context.Context, session *contract.Session, event string, changed ...string) error {
	read, stored := session.Revision, *session
	session.Revision, session.UpdatedAt = read+1, w.Now
	stored.Revision, stored.UpdatedAt, stored.Taken, stored.Waiting, stored.AllowedActions, stored.EditableFields = session.Revision, w.Now, 0, 0, nil, nil
	doc, err := json.Marshal(stored)
	if err != nil {
		return err
	}
	canceled := int64(0)
	if session.Status == contract.SessionStatusCanceled {
		canceled = 1
	}
	if err := store.Changed(w.Tx.UpdateClassSession(ctx, store.UpdateClassSessionParams{
		ID: session.ID, Revision: read, Canceled: canceled, StartsAt: store.Micros(session.StartsAt), EndsAt: store.Micros(session.EndsAt),
		UpdatedAt: store.Micros(session.UpdatedAt), Doc: string(doc),
	})); err != nil {
		return err
	}
	return w.tellSession(ctx, session, event, changed...)
}

func (w *work) tellSession(ctx context.Context, session *contract.Session, event string, changed ...string) error {
	course, err := w.course(ctx, session.CourseID)
	if err != nil {
		return err
	}
	return w.announce(ctx, feed.Event{
		Type: event, ResourceType: sessionResource, ResourceID: session.ID, Revision: session.Revision,
		Facts: map[string]any{"code": course.Code}, ChangedFields: changed, State: string(session.Status),
	}, course.PublishedAt)
}

func loadSession(ctx context.Context, tx *store.Tx, id string) (*contract.Session, error) {
	doc, err := tx.ClassSession(ctx, id)
	if err != nil {
		return nil, call.OrNotFound(err, "class session")
	}
	session := new(contract.Session)
	return session, decode(doc, session)
}

// statusOf is where a session stands by the clock.
func statusOf(session *contract.Session, now time.Time) contract.SessionStatus {
	switch {
	case session.Status == contract.SessionStatusCanceled:
		return session.Status
	case !session.EndsAt.After(now):
		return contract.SessionStatusEnded
	case !session.StartsAt.After(now):
		return contract.SessionStatusStarted
	}
	return contract.SessionStatusScheduled
}

// viewSession is a session as the caller sees it now.
func (w *work) viewSession(ctx context.Context, session *contract.Session) error {
	session.Status = statusOf(session, w.Now)
	seats, err := w.Tx.CountSeats(ctx, session.ID)
	if err != nil {
		return err
	}
	session.Taken, session.Waiting = int(seats.Taken), int(seats.Waiting)
	session.AllowedActions = sessions.Allowed(session.Status, w.Caller, domain)
	session.EditableFields = editable(session.AllowedActions, contract.SessionActionUpdate, sessionFields)
	return nil
}
