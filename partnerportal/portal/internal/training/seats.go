package training

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/training"
)

// lockSession returns a class session whose seats are nobody else's until this transaction ends.
func (w *work) lockSession(ctx context.Context, id string) (*contract.Session, error) {
	if err := w.lockSessions(ctx, id); err != nil {
		return nil, err
	}
	return loadSession(ctx, w.Tx, id)
}

// lockSessions takes the class sessions that somebody leaves and goes to, in one order and before any enrolment is written: who is about to leave
// a seat would else wait for somebody who is giving away another, and the other way round.
func (w *work) lockSessions(ctx context.Context, ids ...string) error {
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		if id == "" {
			continue
		}
		if err := w.Tx.Lock(ctx, "class session "+id); err != nil {
			return err
		}
	}
	return nil
}

// takeSeat gives an enrolment that is not saved yet a seat, or where there is none and it may wait, a place among those who do. Seats are counted
// while they are nobody else's, so there are never more people than seats.
func (w *work) takeSeat(ctx context.Context, e *enrolment, sessionID string, mayWait bool) error {
	session, err := w.lockSession(ctx, sessionID)
	if err != nil {
		return orInvalid(err, "/session_id", "There is no such class session.")
	}
	if session.CourseID != e.CourseID {
		return problem.Invalid("/session_id", "invalid_value", "The class session is of another course.")
	}
	if err := w.viewSession(ctx, session); err != nil {
		return err
	}
	switch session.Status {
	case contract.SessionStatusCanceled:
		return problem.Invalid("/session_id", "invalid_state", "The class session is called off.")
	case contract.SessionStatusStarted, contract.SessionStatusEnded:
		return conflict(contract.ErrSessionStarted, "The class session has begun.")
	}
	free := session.Seats == 0 || session.Taken < session.Seats && session.Waiting == 0
	switch {
	case free:
		e.Status, e.Seat, e.WaitsSince, e.EnrolledAt = enrolled, seated, time.Time{}, w.Now
	case mayWait && session.Waiting < session.Waitlist:
		e.Status, e.Seat, e.WaitsSince = waitlisted, waiting, w.Now
	default:
		refusal := conflict(contract.ErrNoSeats, "The class session is full.")
		return problem.With(problem.With(refusal, "session_id", session.ID), "waitlist_open", session.Waiting < session.Waitlist)
	}
	e.SessionID, e.Reason = session.ID, ""
	return nil
}

// leaveSeat takes an enrolment out of its session and returns the session, whose seat goes to another when the enrolment is saved.
func (w *work) leaveSeat(ctx context.Context, e *enrolment) (sessionID string, err error) {
	sessionID = e.SessionID
	e.SessionID, e.Seat, e.WaitsSince = "", noPlace, time.Time{}
	return sessionID, w.lockSessions(ctx, sessionID)
}

// promote gives the seats that are free in a session to those who have waited longest. "" is no session.
func (w *work) promote(ctx context.Context, sessionID string) error {
	if sessionID == "" {
		return nil
	}
	session, err := w.lockSession(ctx, sessionID)
	if err != nil || statusOf(session, w.Now) != contract.SessionStatusScheduled {
		return err
	}
	for {
		seats, err := w.Tx.CountSeats(ctx, sessionID)
		if err != nil || session.Seats > 0 && int(seats.Taken) >= session.Seats {
			return err
		}
		doc, err := w.Tx.FirstWaiting(ctx, sessionID)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		e, err := decodeEnrolment(doc)
		if err != nil {
			return err
		}
		e.Status, e.Seat, e.WaitsSince, e.EnrolledAt = enrolled, seated, time.Time{}, w.Now
		if err := w.save(ctx, e); err != nil {
			return err
		}
		if err := w.tell(ctx, e, contract.EventEnrolled, nil, "/status"); err != nil {
			return err
		}
	}
}

// unseat takes those out of a session who have a place of a kind, or all. They are to sign up for another one.
func (w *work) unseat(ctx context.Context, sessionID string, kind place, reason string) error {
	docs, err := w.Tx.EnrolmentsInSession(ctx, sessionID)
	if err != nil {
		return err
	}
	for _, doc := range docs {
		e, err := decodeEnrolment(doc)
		if err != nil {
			return err
		}
		if kind != noPlace && e.Seat != kind {
			continue
		}
		if _, err := w.leaveSeat(ctx, e); err != nil {
			return err
		}
		e.Reason = reason
		changed := []string{"/session_id"}
		if e.Status == waitlisted || e.Status == enrolled {
			e.Status, e.AssignedAt = assigned, w.Now
			changed = append(changed, "/status")
		}
		if err := w.save(ctx, e); err != nil {
			return err
		}
		if err := w.tell(ctx, e, contract.EventSeatLost, nil, changed...); err != nil {
			return err
		}
	}
	return nil
}

// sessionBegins is the end of waiting for a seat.
func (w *work) sessionBegins(ctx context.Context, id string) error {
	session, err := w.lockSession(ctx, id)
	if err != nil {
		return call.OrNotFound(err, "class session")
	}
	if statusOf(session, w.Now) == contract.SessionStatusCanceled || session.StartsAt.After(w.Now) {
		return nil
	}
	return w.unseat(ctx, id, waiting, "The class session has begun without it.")
}
