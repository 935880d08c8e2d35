package training_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/training"
)

func TestWhatRefusalsSay(t *testing.T) {
	t.Parallel()
	school := newClient()
	_, err := school.Enrol(t.Context(), training.NewEnrolment{LearnerID: "lrn_1", CourseID: "crs_expert"})
	require.ErrorIs(t, err, training.ErrPrerequisite)
	assert.Equal(t, []string{"crs_basics"}, training.MissingCourses(err))
	assert.Empty(t, training.ExistingID(err), "of another refusal")
	assert.False(t, training.WaitlistOpen(err))

	for _, other := range []error{nil, errors.New("x"), refused(training.ErrPrerequisite, "missing", "no list")} {
		assert.Empty(t, training.MissingCourses(other))
	}
	_, err = school.Launch(t.Context(), "enr_1")
	require.ErrorIs(t, err, training.ErrLMSUnavailable)
	e, ok := errors.AsType[*partnerportal.Error](err)
	require.True(t, ok)
	assert.Equal(t, 2*time.Minute, e.RetryAfter)
}

func TestFull(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		session    training.Session
		full, open bool
	}{
		{training.Session{}, false, false},
		{training.Session{Seats: 2, Taken: 1}, false, false},
		{training.Session{Seats: 2, Taken: 2, Waitlist: 1}, true, true},
		{training.Session{Seats: 2, Taken: 1, Waitlist: 1, Waiting: 1}, true, false},
	} {
		assert.Equal(t, test.full, test.session.Full())
		assert.Equal(t, test.open, test.session.WaitlistOpen())
	}
}
