package training_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/source"
	"github.com/partnerportal/partnerportal-go/training"
)

// recordStore is a learning record store that tells what was stored since it is asked for.
type recordStore struct {
	through time.Time
	stored  []time.Time
	asked   []string
}

func (s *recordStore) RoundTrip(r *http.Request) (*http.Response, error) {
	since := r.URL.Query().Get("since")
	s.asked = append(s.asked, since)
	w := httptest.NewRecorder()
	w.Header().Set("X-Experience-API-Consistent-Through", s.through.Format(time.RFC3339))
	_, _ = w.WriteString(`{"statements":[`)
	first := true
	for i, at := range s.stored {
		if since != "" && at.Format(time.RFC3339) <= since {
			continue
		}
		if !first {
			_, _ = w.WriteString(",")
		}
		first = false
		_, _ = fmt.Fprintf(w, `{"id":"%d","actor":{"mbox":"mailto:ada@acmepartners.com"},"verb":{"id":"http://adlnet.gov/expapi/verbs/passed"},
			"object":{"id":"https://lms.example.com/courses/C%d"},"timestamp":%q,"stored":%q}`, i, i, at.Format(time.RFC3339), at.Format(time.RFC3339))
	}
	_, _ = w.WriteString(`]}`)
	return w.Result(), nil
}

// A portal asks a learning record store for what is new, also after it was started again, and for all of another one.
func TestXAPIIsReadOn(t *testing.T) {
	t.Parallel()
	dsn := "sqlite:" + t.TempDir() + "/portal.db"
	store := &recordStore{through: noon.Add(-time.Hour), stored: []time.Time{noon.Add(-2 * time.Hour)}}
	start := func(system string) *school {
		t.Helper()
		x, err := source.NewXAPI(source.XAPIConfig{Endpoint: "https://lrs.example.com", System: system, Token: "t", Client: &http.Client{Transport: store}})
		require.NoError(t, err)
		p, err := portal.Open(t.Context(), dsn, portal.WithSandbox(), portal.WithClock(func() time.Time { return noon }), portal.WithLMS(x))
		require.NoError(t, err)
		return on(t, portaltest.Wrap(t, p), nil)
	}
	s := start("lrs")
	ada := s.learner("ada")
	s.course("C0")
	s.course("C1")
	require.NoError(t, s.Pull(t.Context()))
	assert.Equal(t, training.StatusCompleted, s.only(ada).Status)
	require.NoError(t, s.Close())

	store.stored, store.through = append(store.stored, noon.Add(-30*time.Minute)), noon.Add(-10*time.Minute)
	s = start("lrs")
	require.NoError(t, s.Pull(t.Context()))
	assert.Len(t, s.of(ada), 2)
	s.course("C2")
	store.stored = append(store.stored, noon.Add(-5*time.Minute))
	require.NoError(t, s.Pull(t.Context()))
	assert.Len(t, s.of(ada), 3, "what the store does not vouch for yet counts nevertheless")
	store.asked = store.asked[:2]
	assert.Equal(t, []string{"", noon.Add(-time.Hour).Format(time.RFC3339)}, store.asked)
	require.NoError(t, s.Close())

	store.asked, store.through = nil, noon
	s = start("another")
	require.NoError(t, s.Pull(t.Context()))
	assert.Empty(t, store.asked[len(store.asked)-1], "another system has a past of its own")
}

// A statement that the store voids is left out by it from then on, and the statement that voids it comes with the next reading.
func TestXAPIVoids(t *testing.T) {
	t.Parallel()
	var statements string
	x, err := source.NewXAPI(source.XAPIConfig{Endpoint: "https://lrs.example.com", Token: "t", Client: &http.Client{Transport: answers(func(w http.ResponseWriter) {
		_, _ = fmt.Fprintf(w, `{"statements":[%s]}`, statements)
	})}})
	require.NoError(t, err)
	s := open(t, portal.WithLMS(x))
	ada := got[training.Learner](s)(s.known("ada", "u-7"))
	s.course("C1")
	statements = `{"id":"E05AA883-ACAF-40AD-BF54-02C8CE485FB0","actor":{"account":{"homePage":"https://lms.example.com","name":"u-7"}},"verb":{"id":"http://adlnet.gov/expapi/verbs/passed"},
		"object":{"id":"https://lms.example.com/courses/C1"},"timestamp":"2026-05-15T11:00:00Z","stored":"2026-05-15T11:00:00Z"}`
	require.NoError(t, s.Pull(t.Context()))
	require.Equal(t, training.StatusCompleted, s.only(ada).Status)
	s.Advance(time.Hour)
	statements = `{"id":"9e13cefd-53d3-4eac-b5ed-2cf6693903bb","actor":{"mbox":"mailto:lms@example.com"},"verb":{"id":"http://adlnet.gov/expapi/verbs/voided"},
		"object":{"objectType":"StatementRef","id":"e05aa883-acaf-40ad-bf54-02c8ce485fb0"},"timestamp":"2026-05-15T12:30:00Z","stored":"2026-05-15T12:30:00Z"}`
	require.NoError(t, s.Pull(t.Context()))
	assert.Equal(t, training.StatusWithdrawn, s.only(ada).Status)
}

// answers is a store that answers without a socket.
type answers func(w http.ResponseWriter)

func (a answers) RoundTrip(*http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	a(w)
	return w.Result(), nil
}
