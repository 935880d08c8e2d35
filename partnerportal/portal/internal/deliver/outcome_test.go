package deliver_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/deliver"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

func says(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
}

// TestGivenUp follows a delivery that nobody takes through its whole schedule. The next one of its subject goes when it is given up.
func TestGivenUp(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, r *rig) {
		t.Helper()
		var got inbox
		got.next = func(m arrival) int {
			if m.Sequence == 1 {
				return 500
			}
			return 204
		}
		id := r.endpoint("a.test", got.ServeHTTP)
		r.happen("deal_1", "deal_1")
		r.settle()
		for i, wait := range []time.Duration{
			5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
		} {
			first := r.deliveries(id)[0]
			require.EqualValues(t, i+1, first.Attempts)
			require.Equal(t, "waiting", first.Status)
			require.Equal(t, store.Micros(r.clock.Now().Add(wait)), first.NextAt)
			r.after(wait - time.Microsecond)
			require.Len(t, got.of(""), i+1)
			r.after(time.Microsecond)
		}
		made := r.deliveries(id)
		assert.Equal(t, "failed", made[0].Status)
		assert.Equal(t, "status", made[0].LastFailure)
		assert.EqualValues(t, 500, made[0].LastStatus)
		assert.Zero(t, made[0].NextAt)
		assert.Len(t, r.attempts(made[0]), 10)
		assert.Equal(t, "delivered", made[1].Status)
		assert.Equal(t, []int64{2}, got.of("")[10:])
	})
}

// Case 153: an endpoint that answers 410 is sent nothing more. What waits for it stays.
func TestGone(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, r *rig) {
		t.Helper()
		var got inbox
		got.next = func(arrival) int { return 410 }
		id := r.endpoint("a.test", got.ServeHTTP)
		r.happen("deal_1", "deal_1")
		r.settle()
		e := r.row(id)
		assert.Equal(t, "disabled", e.Status)
		assert.Equal(t, "gone", e.DisabledReason)
		assert.Equal(t, store.Micros(r.clock.Now()), e.DisabledAt)
		assert.Equal(t, []string{"webhook_endpoint.disabled disabled gone"}, r.source.told)
		r.happen("deal_2")
		r.after(30 * 24 * time.Hour)
		assert.Len(t, got.of(""), 1)
		made := r.deliveries(id)
		require.Len(t, made, 2)
		assert.Equal(t, "failed", made[0].Status)
		assert.Equal(t, "waiting", made[1].Status)
	})
}

// TestAnswerOfAnotherURL changes an endpoint's URL during an attempt: what the old one answers is not held against the new one.
func TestAnswerOfAnotherURL(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, r *rig) {
		t.Helper()
		var id string
		id = r.endpoint("old.test", func(w http.ResponseWriter, _ *http.Request) {
			r.update(id, func(e *store.UpdateEndpointParams) { e.Url = "https://new.test/" })
			w.WriteHeader(410)
		})
		r.happen("deal_1")
		r.settle()
		assert.Equal(t, "enabled", r.row(id).Status)
		assert.Empty(t, r.source.told)
	})
}

// TestDisabledInTheEnd lets an endpoint fail for five days. Its owner is warned after one and after three.
func TestDisabledInTheEnd(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, r *rig) {
		t.Helper()
		id := r.endpoint("a.test", says(503))
		r.happen("deal_1")
		r.settle()
		told := map[int][]string{}
		for hour := 1; hour <= 130; hour++ {
			r.clock.advance(time.Hour - time.Microsecond)
			r.settle()
			require.LessOrEqual(t, len(r.source.told), len(told), "hour %d came early", hour)
			r.after(time.Microsecond)
			if len(r.source.told) > len(told) {
				told[hour] = r.source.told[len(told):]
			}
		}
		assert.Equal(t, map[int][]string{
			24:  {"webhook_endpoint.disabling enabled <nil>"},
			72:  {"webhook_endpoint.disabling enabled <nil>"},
			120: {"webhook_endpoint.disabled disabled failing"},
		}, told)
		e := r.row(id)
		assert.Equal(t, "disabled", e.Status)
		assert.Equal(t, "failing", e.DisabledReason)
		r.happen("deal_2")
		r.settle()
		assert.Len(t, r.deliveries(id), 1)
	})
}

// TestPortalWasAway does not count against an endpoint the days in which nobody tried it.
func TestPortalWasAway(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, r *rig) {
		t.Helper()
		id := r.endpoint("a.test", says(500))
		r.happen("deal_1")
		r.settle()
		r.net.listen("a.test", says(204))
		r.after(10 * 24 * time.Hour)
		assert.Equal(t, "enabled", r.row(id).Status)
		assert.Empty(t, r.source.told)
	})
}

func TestSuccessEndsTheCount(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, r *rig) {
		t.Helper()
		id := r.endpoint("a.test", says(500))
		r.happen("deal_1")
		r.settle()
		r.after(80 * time.Hour)
		require.Len(t, r.source.told, 1)
		require.EqualValues(t, 2, r.row(id).Warned)

		r.net.listen("a.test", says(204))
		r.happen("deal_2")
		r.settle()
		e := r.row(id)
		assert.Zero(t, e.FailingSince)
		assert.Zero(t, e.Warned)
		assert.Equal(t, store.Micros(r.clock.Now()), e.LastSuccessAt)
	})
}

// TestBackFromAnOutage sends everything that waits as soon as an endpoint is well again, whatever the schedule says.
func TestBackFromAnOutage(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, r *rig) {
		t.Helper()
		var got inbox
		status := 500
		got.next = func(arrival) int { return status }
		r.endpoint("a.test", got.ServeHTTP)
		r.happen("deal_1", "deal_2", "deal_3")
		for range 8 {
			r.after(time.Hour)
		}
		before := len(got.of(""))
		status = 204
		r.happen("deal_4")
		r.settle()
		assert.ElementsMatch(t, []int64{1, 2, 3, 4}, got.of("")[before:])
	})
}

// TestEndlessCrashes does not fill the log for ever.
func TestEndlessCrashes(t *testing.T) {
	t.Parallel()
	r := newRig(t, "sqlite::memory:")
	id := r.endpoint("a.test", says(204))
	r.happen("deal_1")
	ctx, cancel := context.WithCancel(t.Context())
	r.net.listen("a.test", func(_ http.ResponseWriter, req *http.Request) { cancel(); <-req.Context().Done() })
	var running sync.WaitGroup
	running.Go(func() { r.sender.Run(ctx) })
	running.Wait()
	d := r.deliveries(id)[0]
	r.write(func(tx *store.Tx) error {
		return tx.ClaimDelivery(t.Context(), store.ClaimDeliveryParams{
			ID: d.ID, Claim: "gone", Until: store.Micros(r.clock.Now()), Log: "[" + strings.Repeat(strings.Trim(d.Log, "[]")+",", 98) + `{"status":1},{"status":2}]`,
		})
	})
	r.net.listen("a.test", says(204))
	r.settle()
	attempts := r.attempts(r.deliveries(id)[0])
	require.Len(t, attempts, 100)
	assert.Equal(t, 2, attempts[97].Status)
	assert.Equal(t, deliver.FailureInterrupted, attempts[98].Failure)
	assert.Equal(t, 204, attempts[99].Status)
}
