package deliver_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/deliver"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// TestUndoneTurn has a turn fail behind what it claimed. What was claimed is free again with the rest, and is not sent twice.
func TestUndoneTurn(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, r *rig) {
		t.Helper()
		var got inbox
		status := 500
		got.next = func(arrival) int { return status }
		id := r.endpoint("a.test", got.ServeHTTP)
		r.happen("deal_1", "deal_2", "deal_3")
		r.settle()
		status = 204
		r.happen("deal_4")
		broken := errors.New("unreadable")
		r.source.change(func() { r.source.fails, r.source.of = broken, id })
		r.clock.advance(5 * time.Second)
		require.ErrorIs(t, r.sender.Settle(t.Context()), broken)
		assert.ElementsMatch(t, []int64{1, 2, 3}, got.of("")[3:])
	})
}

// again sends an endpoint what it was sent before.
func (r *rig) again(endpointID string) (deliveryID string) {
	r.t.Helper()
	r.write(func(tx *store.Tx) (err error) {
		deliveryID, err = deliver.Enqueue(r.t.Context(), tx, endpointID, r.clock.Now(), deliver.Outgoing{
			EventID: "evt_again", EventType: "deal.updated", SubjectID: "deal_1", Body: []byte(`{"id":"evt_again"}`),
		})
		return err
	})
	return deliveryID
}

func (r *rig) status(deliveryID string) string {
	r.t.Helper()
	d, err := r.store.Read().Delivery(r.t.Context(), deliveryID)
	require.NoError(r.t, err)
	return d.Status
}

// TestOnlyPingsAreUninvited moves an endpoint while something goes to it out of turn. An address that has not answered a challenge is sent the
// challenge and nothing else: else anybody could be aimed at.
func TestOnlyPingsAreUninvited(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, r *rig) {
		t.Helper()
		var types []string
		id := r.endpoint("a.test", says(204))
		r.net.listen("b.test", func(w http.ResponseWriter, req *http.Request) {
			types = append(types, req.Header.Get("webhook-id"))
			w.WriteHeader(http.StatusNotFound)
		})
		sent := r.again(id)
		r.update(id, func(e *store.UpdateEndpointParams) { e.Status, e.Url = "pending", "https://b.test/" })
		r.challenge(id)
		r.settle()
		assert.Len(t, types, 1)
		assert.NotContains(t, types, "evt_again")
		assert.Equal(t, "failed", r.status(sent))
	})
}

// TestGoneIsGone disables an endpoint while something goes to it out of turn: it is not sent that either.
func TestGoneIsGone(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, r *rig) {
		t.Helper()
		attempts, status := 0, 500
		id := r.endpoint("a.test", func(w http.ResponseWriter, _ *http.Request) { attempts++; w.WriteHeader(status) })
		sent := r.again(id)
		r.settle()
		status = 410
		r.happen("deal_1")
		r.settle()
		require.Equal(t, "disabled", r.row(id).Status)
		r.after(time.Hour)
		assert.Equal(t, 2, attempts)
		assert.Equal(t, "failed", r.status(sent))
	})
}

// TestAloneInTrouble has one subject refused while others are taken now and then. Each of those looks like the end of an outage; the schedule
// of what is refused is as long as ever.
func TestAloneInTrouble(t *testing.T) {
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
		id := r.endpoint("a.test", got.ServeHTTP)
		begin := r.clock.Now()
		r.happen("deal_bad")
		r.settle()
		bad := r.deliveries(id)[0].ID
		for range 100 {
			r.happen("deal_good")
			r.after(2 * time.Hour)
			if r.status(bad) == "failed" {
				break
			}
		}
		assert.Equal(t, "failed", r.status(bad), "but it comes to its end")
		assert.Greater(t, r.clock.Now().Sub(begin), 75*time.Hour)
	})
}

// asked counts how often the sender asks for owners.
type asked struct {
	*source

	times atomic.Int64
}

func (a *asked) Active(ctx context.Context, tx *store.Tx, owner string) (bool, error) {
	a.times.Add(1)
	return a.source.Active(ctx, tx, owner)
}

// TestSuspendedOwnersRest does not ask every second whether somebody is suspended still: there may be many of them, and for years.
func TestSuspendedOwnersRest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newBubble(t)
		var got inbox
		r.register("par_1", "enabled", "a.test", got.ServeHTTP)
		r.source.change(func() { r.source.inactive = map[string]bool{"par_1": true} })
		r.happenTo("par_1", "deal_1")
		source := &asked{source: r.source}
		s := deliver.New(deliver.Config{Store: r.store, Source: source, Transport: r.net})
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { s.Run(ctx) })
		<-time.After(time.Minute)
		assert.LessOrEqual(t, source.times.Load(), int64(10))
		r.source.change(func() { r.source.inactive = nil })
		<-time.After(15 * time.Second)
		assert.Len(t, got.of(""), 1)
		cancel()
		running.Wait()
	})
}

type unreadable struct{ event string }

func (u *unreadable) Error() string { return u.event + " is unreadable" }

// TestFailuresDoNotPileUp keeps what failed for those that wait for it, and for nobody else.
func TestFailuresDoNotPileUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newBubble(t)
		id := r.endpoint("a.test", says(204))
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { r.sender.Run(ctx) })
		failed := func() weak.Pointer[unreadable] {
			err := &unreadable{"evt_1"}
			r.source.change(func() { r.source.fails, r.source.of = err, id })
			r.happen("deal_1")
			r.sender.Wake()
			synctest.Wait()
			r.source.change(func() { r.source.fails = nil })
			return weak.Make(err)
		}()
		<-time.After(time.Minute)
		synctest.Wait()
		assert.Contains(t, r.log.String(), "evt_1 is unreadable")
		runtime.GC()
		assert.Nil(t, failed.Value())
		cancel()
		running.Wait()
	})
}

// TestNobodyTakesItAll has a partner with as many endpoints as it may have play well and dead by turns. Others do not wait for it.
func TestNobodyTakesItAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newBubble(t)
		for i := range 20 {
			var asked atomic.Int64
			r.register("par_bad", "enabled", fmt.Sprintf("bad-%d.test", i), func(_ http.ResponseWriter, req *http.Request) {
				if asked.Add(1)%4 != 1 {
					<-req.Context().Done()
				}
			})
		}
		var got inbox
		r.register("par_good", "enabled", "a.test", got.ServeHTTP)
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { r.sender.Run(ctx) })
		for i := range 30 {
			r.happenTo("par_bad", fmt.Sprintf("deal_bad_%d", i))
		}
		for i := range 8 {
			r.happenTo("par_good", "deal_1")
			r.sender.Wake()
			synctest.Wait()
			assert.Len(t, got.of(""), i+1)
			<-time.After(7 * time.Second)
		}
		cancel()
		running.Wait()
	})
}
