package training_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/source"
	"github.com/partnerportal/partnerportal-go/training"
)

func inClass(c *training.NewCourse) { c.Modality = training.ModalityClassroom }

// sit enrols somebody in a session; it may wait for a seat.
func (s *school) sit(l *training.Learner, session *training.Session, waitlist bool) (*training.Enrolment, error) {
	return s.acme.Enrol(s.t.Context(), training.NewEnrolment{LearnerID: l.ID, CourseID: session.CourseID, SessionID: session.ID, Waitlist: waitlist})
}

// A full session has a waitlist, whose first gets the seat that becomes free.
func TestWaitlist(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, s *school) {
		t.Helper()
		ctx := t.Context()
		session := s.session(s.course("GTX-201", inClass), 1, 2)
		ada, bob, eve, mia := s.learner("ada"), s.learner("bob"), s.learner("eve"), s.learner("mia")
		_, err := s.acme.Enrol(ctx, training.NewEnrolment{LearnerID: ada.ID, CourseID: session.CourseID})
		require.ErrorIs(t, err, partnerportal.ErrValidation, "a course in a classroom needs a session")
		first := got[training.Enrolment](s)(s.sit(ada, session, false))
		_, err = s.sit(bob, session, false)
		require.ErrorIs(t, err, training.ErrNoSeats)
		assert.True(t, training.WaitlistOpen(err))
		second, third := got[training.Enrolment](s)(s.sit(bob, session, true)), got[training.Enrolment](s)(s.sit(eve, session, true))
		assert.Equal(t, training.StatusWaitlisted, third.Status)
		assert.Equal(t, 2, third.WaitlistPosition)
		_, err = s.sit(mia, session, true)
		require.ErrorIs(t, err, training.ErrNoSeats)
		assert.False(t, training.WaitlistOpen(err))
		full := got[training.Session](s)(s.acme.GetSession(ctx, session.ID))
		assert.Equal(t, []int{1, 2}, []int{full.Taken, full.Waiting})
		assert.True(t, full.Full())

		got[training.Enrolment](s)(s.acme.Withdraw(ctx, first.ID, training.Withdrawal{Reason: "On leave."}))
		assert.Equal(t, training.StatusEnrolled, s.get(second.ID).Status)
		assert.Equal(t, 1, s.get(third.ID).WaitlistPosition)
		_, err = s.vendor.UpdateSession(ctx, session.ID, training.SessionPatch{Waitlist: partnerportal.Set(0)}, partnerportal.IfMatch(full))
		require.ErrorIs(t, err, training.ErrSeatsTaken)
		got[training.Session](s)(s.vendor.UpdateSession(ctx, session.ID, training.SessionPatch{Seats: partnerportal.Set(2)}, partnerportal.IfMatch(full)))
		assert.Equal(t, training.StatusEnrolled, s.get(third.ID).Status, "more seats go to those who wait")

		fourth := got[training.Enrolment](s)(s.sit(mia, session, true))
		s.Advance(31 * 24 * time.Hour)
		lost := s.get(fourth.ID)
		assert.Equal(t, training.StatusAssigned, lost.Status, "the session began without it")
		assert.Empty(t, lost.SessionID)
		_, err = s.sit(ada, session, true)
		require.ErrorIs(t, err, training.ErrSessionStarted)
	})
}

// Who changes to another session leaves its seat to the next, and a session that is called off loses all.
func TestChangingAndCanceling(t *testing.T) {
	t.Parallel()
	s := open(t)
	ctx := t.Context()
	course := s.course("GTX-201", inClass)
	monday, tuesday := s.session(course, 1, 1), s.session(course, 1, 0)
	ada, bob := s.learner("ada"), s.learner("bob")
	first, second := got[training.Enrolment](s)(s.sit(ada, monday, false)), got[training.Enrolment](s)(s.sit(bob, monday, true))
	_, err := s.acme.SignUp(ctx, first.ID, training.SignUp{SessionID: monday.ID})
	require.ErrorIs(t, err, partnerportal.ErrValidation)
	moved := got[training.Enrolment](s)(s.acme.SignUp(ctx, first.ID, training.SignUp{SessionID: tuesday.ID}))
	assert.Equal(t, tuesday.ID, moved.SessionID)
	assert.Equal(t, training.StatusEnrolled, s.get(second.ID).Status)
	_, err = s.acme.SignUp(ctx, second.ID, training.SignUp{SessionID: tuesday.ID})
	require.ErrorIs(t, err, training.ErrNoSeats)

	off := got[training.Session](s)(s.vendor.CancelSession(ctx, monday.ID, training.SessionCancellation{Reason: "The instructor is ill."}))
	assert.Equal(t, training.SessionStatusCanceled, off.Status)
	assert.Zero(t, off.Taken)
	lost := s.get(second.ID)
	assert.Equal(t, training.StatusAssigned, lost.Status)
	assert.Equal(t, "The instructor is ill.", lost.Reason)
	assert.Contains(t, s.heard("training."), training.EventSeatLost)
	_, err = s.vendor.CancelSession(ctx, monday.ID, training.SessionCancellation{Reason: "Again."})
	require.ErrorIs(t, err, partnerportal.ErrInvalidState)
	for status, want := range map[training.SessionStatus]int{training.SessionStatusScheduled: 1, training.SessionStatusCanceled: 1, training.SessionStatusEnded: 0} {
		page := got[training.SessionPage](s)(s.acme.ListSessions(ctx, training.ListSessionsParams{Status: []training.SessionStatus{status}}))
		assert.Len(t, page.Items, want, status)
	}
}

// However many want a seat at once, nobody gets one that is not there.
func TestSeatsAreNeverOversold(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, s *school) {
		t.Helper()
		const people, seats, waitlist = 12, 3, 2
		session := s.session(s.course("GTX-201", inClass), seats, waitlist)
		var all []*training.Learner
		for i := range people {
			all = append(all, s.learner(fmt.Sprintf("p%d", i)))
		}
		var wg sync.WaitGroup
		errs := make([]error, people)
		for i, l := range all {
			wg.Go(func() { _, errs[i] = s.sit(l, session, true) })
		}
		wg.Wait()
		refused := 0
		for _, err := range errs {
			if err != nil {
				require.ErrorIs(t, err, training.ErrNoSeats)
				refused++
			}
		}
		assert.Equal(t, people-seats-waitlist, refused)
		now := got[training.Session](s)(s.acme.GetSession(t.Context(), session.ID))
		assert.Equal(t, []int{seats, waitlist}, []int{now.Taken, now.Waiting})
	})
}

// Who completes the course before its session begins leaves the seat to another.
func TestSeatThatNobodyNeeds(t *testing.T) {
	t.Parallel()
	s := open(t)
	course := s.course("GTX-201", inClass)
	session := s.session(course, 1, 1)
	ada, bob := s.learner("ada"), s.learner("bob")
	got[training.Enrolment](s)(s.sit(ada, session, false))
	waits := got[training.Enrolment](s)(s.sit(bob, session, true))
	s.tell(s.record(ada, course, source.VerbPassed))
	assert.Empty(t, s.only(ada).SessionID)
	assert.Equal(t, training.StatusEnrolled, s.get(waits.ID).Status)
	s.Advance(31 * 24 * time.Hour)
	s.tell(s.record(bob, course, source.VerbPassed))
	assert.Equal(t, session.ID, s.only(bob).SessionID, "who has sat in it has")
}

// Nobody signs up twice for the same.
func TestSigningUpTwice(t *testing.T) {
	t.Parallel()
	s := open(t)
	e := s.enrol(s.learner("ada"), s.course("GTX-101"))
	_, err := s.acme.SignUp(t.Context(), e.ID, training.SignUp{})
	require.ErrorIs(t, err, partnerportal.ErrValidation)
	assert.Equal(t, e.Revision, s.get(e.ID).Revision)
}
