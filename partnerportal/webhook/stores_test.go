package webhook_test

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

func claimOf(key, owner string) webhook.Claim {
	return webhook.Claim{Key: key, Owner: owner, Lease: 15 * time.Second, Keep: 7 * 24 * time.Hour}
}

//nolint:thelper // these are the tests
var storeCases = []receiverCase{
	{99, "memory store: 100,000 ids into 1,000 places", func(t *testing.T) {
		store := webhook.NewMemoryStore(1000)
		for i := range 100_000 {
			c := claimOf(strconv.Itoa(i), "o")
			state, err := store.Claim(t.Context(), c)
			if err != nil || state != webhook.Fresh {
				t.Fatal(state, err)
			}
			_ = store.Commit(t.Context(), c)
		}
		assert.Equal(t, 1000, store.Len())
		state, err := store.Claim(t.Context(), claimOf("99000", "o"))
		require.NoError(t, err)
		assert.Equal(t, webhook.Done, state, "the newest stay")
	}},
	{100, "memory store full of live leases", func(t *testing.T) {
		store := webhook.NewMemoryStore(10)
		for i := range 10 {
			_, err := store.Claim(t.Context(), claimOf(strconv.Itoa(i), "o"))
			require.NoError(t, err)
		}
		_, err := store.Claim(t.Context(), claimOf("10", "o"))
		require.Error(t, err)
		for i := range 10 {
			state, err := store.Claim(t.Context(), claimOf(strconv.Itoa(i), "other"))
			require.NoError(t, err)
			assert.Equal(t, webhook.InFlight, state, "none was dropped")
		}
		h := newHook(t, webhook.WithDedupe(store, 0))
		h.refused(h.request(event("evt_1", "deal.approved")), 503, webhook.ErrStore)
	}},
	{101, "lease over", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			store := webhook.NewMemoryStore(1)
			ctx := t.Context()
			_, err := store.Claim(ctx, claimOf("a", "crashed"))
			require.NoError(t, err)
			<-time.After(15 * time.Second)
			state, err := store.Claim(ctx, claimOf("a", "next"))
			require.NoError(t, err)
			assert.Equal(t, webhook.Fresh, state)
			require.NoError(t, store.Commit(ctx, claimOf("a", "crashed")))
			require.NoError(t, store.Release(ctx, claimOf("a", "crashed")))
			state, _ = store.Claim(ctx, claimOf("a", "third"))
			assert.Equal(t, webhook.InFlight, state, "the former owner changes nothing")
			<-time.After(15 * time.Second)
			state, err = store.Claim(ctx, claimOf("b", "o"))
			require.NoError(t, err)
			assert.Equal(t, webhook.Fresh, state, "a lease that is over makes room")
			require.NoError(t, store.Commit(ctx, claimOf("b", "o")))
			require.NoError(t, store.Release(ctx, claimOf("b", "o")))
			state, _ = store.Claim(ctx, claimOf("b", "o2"))
			assert.Equal(t, webhook.Done, state, "a commit is not undone")
			<-time.After(7 * 24 * time.Hour)
			state, _ = store.Claim(ctx, claimOf("b", "o2"))
			assert.Equal(t, webhook.Fresh, state, "kept for a week")
		})
	}},
	{107, "store down", func(t *testing.T) {
		store := newSpyStore()
		store.failClaim.Store(true)
		h := newHook(t, webhook.WithDedupe(store, 0))
		h.refused(h.request(event("evt_1", "deal.approved")), 503, webhook.ErrStore)
		store.failClaim.Store(false)
		assert.Equal(t, 204, h.deliver(event("evt_1", "deal.approved")))
	}},
	{108, "commit fails after the handler", func(t *testing.T) {
		// With SQLStore.InTx the handler does not run again: see internal/sqltest.
		store := newSpyStore()
		store.failCom.Store(true)
		h := newHook(t, webhook.WithDedupe(store, 0))
		assert.Equal(t, 503, h.deliver(event("evt_1", "deal.approved")))
		store.failCom.Store(false)
		assert.Equal(t, 204, h.deliver(event("evt_1", "deal.approved")))
		assert.Equal(t, 2, h.called(), "at least once")
		assert.Equal(t, []webhook.Code{webhook.ErrStore}, h.codes)
	}},
	{112, "same id from two sources", func(t *testing.T) {
		store := webhook.NewMemoryStore(0)
		for _, source := range []string{"emea", "apac", ""} {
			h := newHook(t, webhook.WithDedupe(store, 0), webhook.WithSource(source))
			assert.Equal(t, 204, h.deliver(event("evt_1", "deal.approved")))
			assert.Equal(t, 1, h.called(), source)
		}
	}},
}

//nolint:thelper // these are the tests
var orderCases = []receiverCase{
	{109, "version 7, then 6, with SkipStale", func(t *testing.T) {
		h := newBareHook(t)
		webhook.On(h.Receiver, "deal.updated", h.handle, webhook.SkipStale(webhook.NewMemoryStore(0)))
		assert.Equal(t, 204, h.deliver(versioned("evt_7", "deal.updated", 7)))
		assert.Equal(t, 204, h.deliver(versioned("evt_6", "deal.updated", 6)))
		assert.Equal(t, []string{"evt_7"}, h.calls)
		h.failing(errBroken)
		assert.Equal(t, 500, h.deliver(versioned("evt_8", "deal.updated", 8)))
		h.failing(nil)
		assert.Equal(t, 204, h.deliver(versioned("evt_8", "deal.updated", 8)), "a retry is not stale")
		assert.Equal(t, 204, h.deliver(versioned("evt_0", "deal.updated", 0)), "nor is what has no version")
		assert.Equal(t, []string{"evt_7", "evt_8", "evt_8", "evt_0"}, h.calls)
	}},
	{110, "deleted at version 9, then a late update to 8", func(t *testing.T) {
		h := newBareHook(t)
		newest := webhook.SkipStale(webhook.NewMemoryStore(0))
		webhook.On(h.Receiver, "deal.updated", h.handle, newest)
		webhook.On(h.Receiver, "deal.deleted", h.handle, newest)
		assert.Equal(t, 204, h.deliver(versioned("evt_9", "deal.deleted", 9)))
		assert.Equal(t, 204, h.deliver(versioned("evt_8", "deal.updated", 8)))
		assert.Equal(t, []string{"evt_9"}, h.calls)
	}},
	{117, "backfill and push of the same event at once", func(t *testing.T) {
		for _, pushFails := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				h := newBareHook(t)
				finish, calls := make(chan error), make(chan bool, 2)
				webhook.On(h.Receiver, "deal.approved", func(_ context.Context, ev webhook.Event[deal]) error {
					calls <- ev.Backfill
					if ev.Backfill {
						return nil
					}
					return <-finish
				})
				pushed := make(chan int)
				go func() { pushed <- h.deliver(event("evt_1", "deal.approved")) }()
				assert.False(t, <-calls, "the push is first")
				filled := make(chan int)
				place := &memoryCheckpoint{}
				go func() {
					n, err := webhook.Backfill(t.Context(), h.Receiver, feed{event("evt_1", "deal.approved")}, place)
					assert.NoError(t, err)
					filled <- n
				}()
				<-time.After(time.Second)
				assert.Empty(t, place.cursor, "the checkpoint does not pass an event that is not settled")
				if pushFails {
					finish <- errBroken
					assert.Equal(t, 500, <-pushed)
					assert.Equal(t, 1, <-filled)
					assert.True(t, <-calls)
				} else {
					finish <- nil
					assert.Equal(t, 204, <-pushed)
					assert.Equal(t, 0, <-filled)
				}
				assert.Empty(t, calls, "once")
				assert.Equal(t, "1", place.cursor)
			})
		}
	}},
}

// TestSequenceBounded makes sure that subjects do not fill the memory.
func TestSequenceBounded(t *testing.T) {
	t.Parallel()
	store := webhook.NewMemoryStore(2)
	for _, step := range []struct {
		subject string
		version int64
		news    bool
	}{{"a", 5, true}, {"b", 5, true}, {"a", 6, true}, {"c", 1, true}, {"a", 5, false}, {"b", 1, true}} {
		news, err := store.Advance(t.Context(), step.subject, step.version)
		require.NoError(t, err)
		assert.Equal(t, step.news, news, fmt.Sprint(step))
	}
}
