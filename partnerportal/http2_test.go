package partnerportal_test

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Row 34, as far as a well-behaved server goes: over HTTP/2 the rules are the same, and all calls share one connection.
func TestHTTP2(t *testing.T) {
	t.Parallel()
	var n, conns atomic.Int64
	var remotes, tried sync.Map
	portal := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, 2, r.ProtoMajor)
		if _, known := remotes.LoadOrStore(r.RemoteAddr, true); !known {
			conns.Add(1)
		}
		if _, again := tried.LoadOrStore(r.Header.Get("Idempotency-Key"), true); !again && n.Add(1)%10 == 1 {
			w.WriteHeader(503) // the first attempt of every tenth call
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"id":"t1"}`))
	}))
	portal.EnableHTTP2 = true
	portal.StartTLS()
	defer portal.Close()
	pp := quickly(t, portal.URL, partnerportal.WithHTTPClient(portal.Client()))
	var callers sync.WaitGroup
	for range 16 {
		callers.Go(func() {
			for range 10 {
				got, err := partnerportal.Invoke[thing](t.Context(), pp, create())
				if assert.NoError(t, err) {
					assert.Equal(t, "t1", got.ID)
				}
			}
		})
	}
	callers.Wait()
	assert.LessOrEqual(t, conns.Load(), int64(3))

	panics := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	panics.EnableHTTP2 = true
	panics.StartTLS()
	defer panics.Close()
	err := quickly(t, panics.URL, partnerportal.WithHTTPClient(panics.Client())).Do(t.Context(), poke(), nil)
	require.ErrorIs(t, err, partnerportal.ErrOutcomeUnknown, "a stream that is reset says nothing")
	assert.Equal(t, 1, asError(t, err).Attempts)
}
