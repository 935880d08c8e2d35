package deliver_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/deliver"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

func (r *rig) challenge(endpointID string) {
	r.t.Helper()
	r.write(func(tx *store.Tx) error {
		return deliver.Challenge(r.t.Context(), tx, endpointID, r.clock.Now(), func(eventID, challenge string) ([]byte, error) {
			return fmt.Appendf(nil, `{"id":%q,"data":{"challenge":%q}}`, eventID, challenge), nil
		})
	})
}

// update changes an endpoint as its owner does.
func (r *rig) update(endpointID string, change func(*store.UpdateEndpointParams)) {
	r.t.Helper()
	e := r.row(endpointID)
	u := store.UpdateEndpointParams{
		ID: e.ID, Revision: e.Revision, Status: e.Status, Url: e.Url, Types: e.Types, Scopes: e.Scopes, Scheme: e.Scheme, Description: e.Description,
		Keys: e.Keys, ChallengeAt: e.ChallengeAt, ChallengeFailure: e.ChallengeFailure, ChallengeStatus: e.ChallengeStatus, UpdatedAt: e.UpdatedAt,
	}
	change(&u)
	r.write(func(tx *store.Tx) error { return store.Changed(tx.UpdateEndpoint(r.t.Context(), u)) })
}

// echo gives challenges back, as a receiver does.
func echo(w http.ResponseWriter, req *http.Request) {
	var ping struct {
		Data json.RawMessage `json:"data"`
	}
	body, _ := io.ReadAll(req.Body)
	_ = json.Unmarshal(body, &ping)
	_, _ = w.Write(ping.Data)
}

func TestChallenge(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, r *rig) {
		t.Helper()
		id := r.register("vendor", "pending", "a.test", echo)
		r.happen("deal_1")
		r.settle()
		assert.Empty(t, r.deliveries(id), "a pending endpoint is sent nothing")
		r.challenge(id)
		r.settle()
		e := r.row(id)
		assert.Equal(t, "enabled", e.Status)
		assert.Zero(t, e.ChallengeAt)
		assert.Equal(t, []string{"webhook_endpoint.enabled enabled <nil>"}, r.source.told)
		require.Len(t, r.deliveries(id), 2, "and what has happened meanwhile")
		assert.Equal(t, "delivered", r.deliveries(id)[1].Status)
	})
}

// TestEnabledAgain pauses an endpoint that fails. When it is enabled again, what waits for its next attempt is sent at once.
func TestEnabledAgain(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, r *rig) {
		t.Helper()
		id := r.endpoint("a.test", says(500))
		r.happen("deal_1")
		for range 4 {
			r.after(time.Hour)
		}
		r.update(id, func(e *store.UpdateEndpointParams) { e.Status = "paused" })
		r.after(24 * time.Hour)
		assert.Len(t, r.attempts(r.deliveries(id)[0]), 4, "a paused endpoint is sent nothing")
		r.update(id, func(e *store.UpdateEndpointParams) { e.Status = "enabled" })
		r.settle() // fails: the next attempt is hours away
		r.update(id, func(e *store.UpdateEndpointParams) { e.Status = "pending" })
		r.net.listen("a.test", echo)
		r.challenge(id)
		r.settle()
		require.Equal(t, "enabled", r.row(id).Status)
		assert.Zero(t, r.row(id).FailingSince)
		assert.Equal(t, "delivered", r.deliveries(id)[0].Status)
	})
}

func TestChallengeNotGivenBack(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, r *rig) {
		t.Helper()
		for _, c := range []struct {
			answer  http.HandlerFunc
			failure string
			status  int64
		}{
			{says(204), "challenge_failed", 204},
			{func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"challenge":""}`) }, "challenge_failed", 200},
			{func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"challenge":"guess"}`) }, "challenge_failed", 200},
			{func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") }, "challenge_failed", 200},
			{says(404), "status", 404},
			{says(410), "gone", 410},
		} {
			id := r.register("vendor", "pending", "a.test", c.answer)
			r.challenge(id)
			for range 5 {
				r.after(time.Hour)
			}
			e := r.row(id)
			assert.Equal(t, "pending", e.Status)
			assert.Equal(t, c.failure, e.ChallengeFailure)
			assert.Equal(t, c.status, e.ChallengeStatus)
			assert.Zero(t, e.FailingSince, "it has not begun")
			ping := r.deliveries(id)[0]
			assert.Equal(t, "failed", ping.Status)
			if c.status != 410 {
				assert.EqualValues(t, 3, ping.Attempts)
			}
		}
		assert.Empty(t, r.source.told)
	})
}

// TestChallengeIsVoid asks anew while a ping is under way, as when the URL is changed: the late answer to the old one enables nothing.
func TestChallengeIsVoid(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, r *rig) {
		t.Helper()
		var id string
		id = r.register("vendor", "pending", "same.test", func(w http.ResponseWriter, req *http.Request) {
			r.net.listen("same.test", says(404))
			r.challenge(id)
			echo(w, req)
		})
		r.challenge(id)
		r.settle()
		assert.Equal(t, "pending", r.row(id).Status)

		id = r.register("vendor", "pending", "old.test", func(w http.ResponseWriter, req *http.Request) {
			r.update(id, func(e *store.UpdateEndpointParams) { e.Url = "https://new.test/" })
			r.challenge(id)
			echo(w, req)
		})
		r.net.listen("new.test", says(404))
		r.challenge(id)
		r.settle()
		assert.Equal(t, "pending", r.row(id).Status)
		assert.Equal(t, "status", r.row(id).ChallengeFailure)
		made := r.deliveries(id)
		assert.Equal(t, "failed", made[0].Status)
		assert.Equal(t, "waiting", made[1].Status)

		r.update(id, func(e *store.UpdateEndpointParams) { e.Status = "paused" })
		r.net.listen("new.test", echo)
		r.after(5 * time.Second)
		assert.Equal(t, "paused", r.row(id).Status, "a pause is not undone either")
		assert.Empty(t, r.source.told)
	})
}

func TestEnqueue(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, r *rig) {
		t.Helper()
		var got inbox
		got.next = func(m arrival) int {
			if m.ID == "evt_test" {
				return 500
			}
			return 204
		}
		id := r.endpoint("a.test", got.ServeHTTP)
		r.happen("deal_1")
		r.settle()
		r.update(id, func(e *store.UpdateEndpointParams) { e.Status = "paused" })
		r.happen("deal_2")
		again := r.deliveries(id)[0]
		var test string
		r.write(func(tx *store.Tx) error {
			_, err := deliver.Enqueue(t.Context(), tx, id, r.clock.Now(), deliver.Outgoing{
				EventID: again.EventID, EventType: again.EventType, SubjectID: "deal_1", Body: []byte(again.Body),
			})
			if err != nil {
				return err
			}
			test, err = deliver.Enqueue(t.Context(), tx, id, r.clock.Now(), deliver.Outgoing{EventID: "evt_test", EventType: deliver.TestType, Body: []byte(`{"id":"evt_test"}`)})
			return err
		})
		for range 10 {
			r.after(time.Hour)
		}
		assert.Equal(t, []int64{1, 1}, got.of("deal_1"))
		assert.Empty(t, got.of("deal_2"), "it is paused")
		tested, err := r.store.Read().Delivery(t.Context(), test)
		require.NoError(t, err)
		assert.Equal(t, "failed", tested.Status)
		assert.EqualValues(t, 3, tested.Attempts, "who tests does not wait for days")
		assert.Zero(t, r.row(id).FailingSince)
	})
}

func TestRecover(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, r *rig) {
		t.Helper()
		var got inbox
		status := 500
		got.next = func(arrival) int { return status }
		id := r.endpoint("a.test", got.ServeHTTP)
		begin := r.clock.Now()
		r.happen("deal_1", "deal_2")
		for range 100 {
			r.after(time.Hour)
		}
		later := r.clock.Now()
		r.happen("deal_1")
		status = 204
		r.settle()
		recovered := func(since, until time.Time) (n int64) {
			r.write(func(tx *store.Tx) (err error) {
				n, err = deliver.Recover(t.Context(), tx, id, since, until, r.clock.Now())
				return err
			})
			return n
		}
		assert.EqualValues(t, 0, recovered(begin.Add(time.Microsecond), later))
		before := len(got.of(""))
		assert.EqualValues(t, 2, recovered(begin, later))
		assert.EqualValues(t, 0, recovered(begin, time.Time{}), "they are on their way")
		r.settle()
		assert.ElementsMatch(t, []int64{1, 2}, got.of("")[before:])
	})
}

// TestClean deletes the first delivery of a subject together with its age. The next one goes then.
func TestClean(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, r *rig) {
		t.Helper()
		var got inbox
		id := r.endpoint("a.test", says(500))
		r.happen("deal_1")
		r.settle()
		r.clock.advance(time.Second)
		r.happen("deal_1")
		r.settle()
		require.NoError(t, r.sender.Clean(t.Context(), r.clock.Now()))
		r.net.listen("a.test", got.ServeHTTP)
		r.settle()
		assert.Equal(t, []int64{2}, got.of(""))
		assert.Len(t, r.deliveries(id), 1)
	})
}

// TestBacklog leaves events in the feed when very many deliveries wait already, and goes on when there are fewer.
func TestBacklog(t *testing.T) {
	t.Parallel()
	r := newRig(t, "sqlite::memory:")
	r.sender = deliver.New(deliver.Config{Store: r.store, Source: r.source, Transport: r.net, Now: r.clock.Now, MostWaiting: 250})
	id := r.endpoint("a.test", says(500))
	for range 600 {
		r.happen("deal_1")
	}
	r.settle()
	waiting := func() int64 {
		n, err := r.store.Read().CountWaiting(t.Context(), id)
		require.NoError(t, err)
		return n
	}
	assert.EqualValues(t, 300, waiting(), "by the hundred")
	assert.EqualValues(t, 300, r.row(id).Position)
	var got inbox
	r.net.listen("a.test", got.ServeHTTP)
	r.after(time.Hour)
	assert.Len(t, got.of(""), 600)
	assert.Zero(t, waiting())
}
