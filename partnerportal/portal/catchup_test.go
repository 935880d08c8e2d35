package portal_test

import (
	"context"
	"database/sql"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

// TestEveryWayToAnEventLeadsOnce: what is delivered, what a backfill reads and what a follower reads come to the same handlers, and to
// each once. The handlers fetch the deal; that one of them was deleted meanwhile holds nothing up.
func TestEveryWayToAnEventLeadsOnce(t *testing.T) {
	t.Parallel()
	p := portaltest.New(t)
	ctx, client, registry := t.Context(), events.New(p.Acme), deals.New(p.Acme)
	var receiver http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { receiver.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	created, err := client.CreateEndpoint(ctx, events.EndpointForm{URL: server.URL})
	require.NoError(t, err)
	key, err := webhook.ParseKey(created.Secret)
	require.NoError(t, err)
	v, err := webhook.NewVerifier(webhook.StaticKeys(key))
	require.NoError(t, err)
	var mu sync.Mutex
	handled := map[string]int{}
	hook := webhook.NewReceiver(v)
	receiver = hook
	fetched := webhook.Fetch(registry.Get, func(_ context.Context, ev webhook.Event[deals.Deal]) error {
		mu.Lock()
		defer mu.Unlock()
		assert.Equal(t, ev.Subject.ID, ev.Data.ID)
		handled[ev.Type+" "+ev.Data.Name]++
		return nil
	})
	webhook.On(hook, deals.EventCreated, fetched)
	webhook.On(hook, deals.EventSubmitted, fetched)
	register := func(domain string) {
		_, err := registry.Register(ctx, registrationOf(domain))
		require.NoError(t, err)
	}
	register("before.com") // the endpoint is asked first, and is sent what happened since it was registered
	p.DeliverWebhooks()
	delivered := len(handled)
	require.Equal(t, 2, delivered)

	receiver = http.NotFoundHandler() // down
	register("missed.com")
	draft, err := registry.Create(ctx, registrationOf("deleted.com"))
	require.NoError(t, err)
	require.NoError(t, registry.Delete(ctx, draft.ID, partnerportal.IfMatch(draft)))
	p.DeliverWebhooks()
	require.Len(t, handled, delivered)

	place := new(events.MemoryCursor)
	n, err := webhook.Backfill(ctx, hook, events.Source(client, events.ListParams{Type: []string{"deal.*"}}), place)
	require.NoError(t, err)
	assert.Equal(t, 3, n, "two of the missed one, and the draft's, whose deal is gone")
	n, err = webhook.Backfill(ctx, hook, events.Source(client, events.ListParams{Type: []string{"deal.*"}}), place)
	require.NoError(t, err)
	assert.Zero(t, n)

	register("last.com")
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	dispatch := events.Dispatch(hook)
	err = events.Follow(ctx, client, new(events.MemoryCursor), func(ctx context.Context, e events.Event) error {
		err := dispatch(ctx, e)
		mu.Lock()
		defer mu.Unlock()
		if len(handled) == 6 {
			stop()
		}
		return err
	})
	require.ErrorIs(t, err, context.Canceled)
	receiver = hook
	p.DeliverWebhooks()
	assert.Len(t, handled, 6)
	for what, times := range handled {
		assert.Equal(t, 1, times, what)
	}
}

// TestFollowerWithSnapshotComesBack: after an absence that is longer than the portal keeps events, the copy is made anew and kept current.
func TestFollowerWithSnapshotComesBack(t *testing.T) {
	t.Parallel()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "portal.db")+"?_txlock=immediate&_pragma=foreign_keys(1)&_pragma=busy_timeout(5000)")
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, db.Close()) })
	inner, err := portal.New(t.Context(), db, portal.SQLite, portal.WithEventRetention(48*time.Hour))
	require.NoError(t, err)
	p := portaltest.Wrap(t, inner)
	registry, store := deals.New(p.Acme), new(events.MemoryCursor)
	register := func(domain string) string {
		d, err := registry.Register(t.Context(), registrationOf(domain))
		require.NoError(t, err)
		return d.ID
	}
	seen, copies := map[string]bool{}, 0
	// run follows until the copy has the deal.
	run := func(until string) {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		err := events.Follow(ctx, events.New(p.Acme), store, func(_ context.Context, e events.Event) error {
			seen[e.Subject.ID] = true
			if e.Subject.ID == until {
				stop()
			}
			return nil
		}, events.WithPoll(time.Millisecond), events.WithSnapshot(func(ctx context.Context) error {
			copies++
			clear(seen)
			for d, err := range registry.All(ctx, deals.ListParams{}) {
				if err != nil {
					return err
				}
				seen[d.ID] = true
			}
			if seen[until] {
				stop()
			}
			return nil
		}))
		require.ErrorIs(t, err, context.Canceled)
	}
	first := register("first.com")
	run(first)
	assert.Equal(t, 1, copies, "the first start")
	second := register("second.com")
	run(second)
	assert.Equal(t, 1, copies, "the feed reaches back")
	third := register("third.com")
	_, err = db.ExecContext(t.Context(), "UPDATE events SET recorded_at = recorded_at - ?", (49 * time.Hour).Microseconds())
	require.NoError(t, err)
	run(third)
	assert.Equal(t, 2, copies, "the third is in no event any more")
	assert.Equal(t, map[string]bool{first: true, second: true, third: true}, seen)
	fourth := register("fourth.com")
	run(fourth)
	assert.Equal(t, 2, copies)
}
