package deliver_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/deliver"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

func TestDelivers(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, r *rig) {
		t.Helper()
		var got inbox
		id := r.endpoint("a.test", got.ServeHTTP)
		r.happen("deal_1", "deal_2", "deal_1", "deal_3")
		r.settle()
		assert.ElementsMatch(t, []int64{1, 2, 3, 4}, got.of(""))
		assert.Equal(t, []int64{1, 3}, got.of("deal_1"))
		for _, d := range r.deliveries(id) {
			assert.Equal(t, "delivered", d.Status)
			assert.EqualValues(t, 1, d.Attempts)
			assert.Len(t, r.attempts(d), 1)
		}
		e := r.row(id)
		assert.EqualValues(t, 4, e.Position)
		assert.NotZero(t, e.LastSuccessAt)

		r.settle()
		assert.Len(t, got.of(""), 4, "once is enough")
	})
}

// TestOrder has an endpoint refuse every third event twice. What happened to one subject arrives in the order in which it happened all the same,
// and a subject that is refused does not keep the others waiting.
func TestOrder(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, r *rig) {
		t.Helper()
		var got inbox
		refused := map[int64]int{}
		got.next = func(m arrival) int {
			if m.Sequence%3 == 0 && refused[m.Sequence] < 2 {
				refused[m.Sequence]++
				return 500
			}
			return 204
		}
		id := r.endpoint("a.test", got.ServeHTTP)
		for range 40 {
			r.happen("deal_1", "deal_2", "deal_3", "deal_4", "deal_5")
		}
		for range 60 {
			r.after(time.Hour)
		}
		for _, subject := range []string{"deal_1", "deal_2", "deal_3", "deal_4", "deal_5"} {
			arrived := slices.Compact(got.of(subject)) // a refused one came again, and nothing of its subject in between
			assert.Len(t, arrived, 40, subject)
			assert.True(t, slices.IsSorted(arrived), "%s: %v", subject, arrived)
		}
		for _, d := range r.deliveries(id) {
			assert.Equal(t, "delivered", d.Status)
		}
	})
}

func TestOneSubjectWaitsAlone(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, r *rig) {
		t.Helper()
		var got inbox
		got.next = func(m arrival) int {
			if m.Subject == "deal_bad" {
				return 500
			}
			return 204
		}
		r.endpoint("a.test", got.ServeHTTP)
		r.happen("deal_bad", "deal_bad", "deal_1", "deal_2", "deal_bad", "deal_1")
		r.settle()
		assert.ElementsMatch(t, []int64{1, 3, 4, 6}, got.of(""))
	})
}

// TestTwoReplicas has two processes work on one database at once. Nothing is sent twice and the order is kept.
func TestTwoReplicas(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, r *rig) {
		t.Helper()
		const each = 50
		subjects := []string{"deal_1", "deal_2", "deal_3", "deal_4", "deal_5", "deal_6"}
		var got inbox
		all := make(chan struct{})
		got.next = func(arrival) int {
			if len(got.all) == each*len(subjects)-1 {
				close(all)
			}
			return 204
		}
		r.endpoint("a.test", got.ServeHTTP)
		ctx, cancel := context.WithCancel(t.Context())
		var replicas sync.WaitGroup
		senders := []*deliver.Sender{r.sender, r.another()}
		for _, s := range senders {
			replicas.Go(func() { s.Run(ctx) })
		}
		for range each {
			r.happen(subjects...)
			for _, s := range senders {
				s.Wake()
			}
		}
		<-all
		cancel()
		replicas.Wait()
		for _, subject := range subjects {
			arrived := got.of(subject)
			assert.Len(t, arrived, each)
			assert.True(t, slices.IsSorted(arrived), "%s: %v", subject, arrived)
		}
	})
}

// Case 148: a process dies between the answer of an endpoint and its record. The event is sent again under the same id, the same bytes.
func TestCrashAfterSending(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, r *rig) {
		t.Helper()
		var got inbox
		arrived, release := make(chan struct{}, 1), make(chan struct{})
		id := r.endpoint("a.test", func(w http.ResponseWriter, req *http.Request) {
			got.ServeHTTP(w, req)
			arrived <- struct{}{}
			<-release // the process that asked is gone, or hangs
		})
		ctx, cancel := context.WithCancel(t.Context())
		var hung sync.WaitGroup
		hung.Go(func() { r.another().Run(ctx) })
		r.happen("deal_1", "deal_1")
		<-arrived

		r.net.listen("a.test", got.ServeHTTP)
		r.after(29 * time.Second)
		assert.Equal(t, []int64{1}, got.of(""), "while the lease holds, nobody else is at it")
		r.after(time.Second)
		require.Equal(t, []int64{1, 1, 2}, got.of(""))
		assert.Equal(t, got.all[0].ID, got.all[1].ID)
		assert.Equal(t, got.all[0].Body, got.all[1].Body)
		assert.NotEqual(t, got.all[0].Timestamp, got.all[1].Timestamp)
		first := r.deliveries(id)[0]
		attempts := r.attempts(first)
		require.Len(t, attempts, 2)
		assert.Equal(t, "interrupted", attempts[0].Failure)
		assert.Equal(t, r.clock.Now().Add(-30*time.Second), attempts[0].At)
		assert.EqualValues(t, 1, first.Attempts, "the schedule is that of one attempt")

		close(release) // it comes back, and has nothing to say any more
		hung.Go(cancel)
		hung.Wait()
		assert.Equal(t, first, r.deliveries(id)[0])
	})
}

func TestStoppedInTheMiddle(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, r *rig) {
		t.Helper()
		var got inbox
		arrived := make(chan struct{})
		id := r.endpoint("a.test", func(_ http.ResponseWriter, req *http.Request) {
			close(arrived)
			<-req.Context().Done()
		})
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { r.sender.Run(ctx) })
		r.happen("deal_1")
		<-arrived
		cancel()
		running.Wait()
		d := r.deliveries(id)[0]
		assert.EqualValues(t, 0, d.Attempts, "it was not the endpoint that failed")
		assert.Equal(t, "interrupted", d.LastFailure)
		assert.Zero(t, r.row(id).FailingSince)

		r.net.listen("a.test", got.ServeHTTP)
		r.settle() // at once: the lease was given back
		assert.Equal(t, []int64{1}, got.of(""))
	})
}

func TestRunHearsOfNews(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newBubble(t)
		var got inbox
		r.endpoint("a.test", got.ServeHTTP)
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { r.sender.Run(ctx) })
		synctest.Wait()

		r.happen("deal_1")
		r.sender.Wake()
		synctest.Wait()
		assert.Len(t, got.of(""), 1, "at once when it is told")

		r.happen("deal_2")
		synctest.Wait()
		assert.Len(t, got.of(""), 1)
		<-time.After(time.Second)
		synctest.Wait()
		assert.Len(t, got.of(""), 2, "within a second when another process wrote it")

		r.happen("deal_3")
		require.NoError(t, r.sender.Settle(ctx))
		assert.Len(t, got.of(""), 3, "Settle waits for Run")
		cancel()
		running.Wait()
		require.ErrorIs(t, r.sender.Settle(ctx), context.Canceled)
	})
}

// TestSourceFails has an event that cannot be read. What is on its way already arrives, and so does everything elsewhere.
func TestSourceFails(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, r *rig) {
		t.Helper()
		var got, other inbox
		id := r.endpoint("a.test", got.ServeHTTP)
		r.happen("deal_1")
		r.settle()
		broken := errors.New("unreadable")
		r.source.change(func() { r.source.fails, r.source.of = broken, id })
		r.happen("deal_2")
		r.endpoint("b.test", other.ServeHTTP)
		for range 9 {
			r.write(func(tx *store.Tx) error {
				_, err := deliver.Enqueue(t.Context(), tx, id, r.clock.Now(), deliver.Outgoing{EventID: "evt_again", Body: []byte(`{"subject":"again"}`)})
				return err
			})
		}
		require.ErrorIs(t, r.sender.Settle(t.Context()), broken)
		assert.Len(t, got.of("again"), 9)
		assert.Len(t, other.of(""), 2)
		r.source.change(func() { r.source.fails = nil })
		r.after(time.Minute)
		assert.Equal(t, []int64{2}, got.of("deal_2"))
	})
}

func TestOwnerIsSuspended(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, r *rig) {
		t.Helper()
		var got inbox
		r.register("par_1", "enabled", "a.test", got.ServeHTTP)
		r.source.change(func() { r.source.inactive = map[string]bool{"par_1": true} })
		r.happenTo("par_1", "deal_1")
		r.settle()
		assert.Empty(t, got.of(""))
		r.source.change(func() { r.source.inactive = nil })
		r.settle()
		assert.Equal(t, []int64{1}, got.of(""))
	})
}
