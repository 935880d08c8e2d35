package webhook_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

// feed is a change feed whose cursors are the numbers of events gone by.
type feed []json.RawMessage

func (f feed) ListEvents(_ context.Context, after string, limit int) ([]json.RawMessage, string, error) {
	n, _ := strconv.Atoi(after)
	if n < 0 {
		return nil, "", fmt.Errorf("410: %w", webhook.ErrCursorExpired)
	}
	page := f[n:min(len(f), n+limit)]
	return page, strconv.Itoa(n + len(page)), nil
}

type memoryCheckpoint struct{ cursor string }

func (c *memoryCheckpoint) Load(context.Context) (string, error) { return c.cursor, nil }
func (c *memoryCheckpoint) Save(_ context.Context, cursor string) error {
	c.cursor = cursor
	return nil
}

func manyEvents(n int) feed {
	var f feed
	for i := range n {
		f = append(f, event(fmt.Sprintf("evt_%d", i), "deal.approved"))
	}
	return f
}

func TestBackfill(t *testing.T) {
	t.Parallel()
	h := newHook(t)
	events := manyEvents(250)
	for _, pushed := range events[120:130] {
		require.Equal(t, 204, h.deliver(pushed))
	}
	place := webhook.FileCheckpoint(filepath.Join(t.TempDir(), "place"))
	n, err := webhook.Backfill(t.Context(), h.Receiver, events, place)
	require.NoError(t, err)
	assert.Equal(t, 240, n, "what was pushed is not handled again")
	assert.Equal(t, 250, h.called())
	n, err = webhook.Backfill(t.Context(), h.Receiver, events, place)
	require.NoError(t, err)
	assert.Zero(t, n)
}

func TestBackfillResumes(t *testing.T) {
	t.Parallel()
	h := newBareHook(t)
	broken := "evt_130"
	webhook.On(h.Receiver, "deal.approved", func(ctx context.Context, ev webhook.Event[deal]) error {
		if ev.ID == broken {
			return errBroken
		}
		return h.handle(ctx, ev)
	})
	file := filepath.Join(t.TempDir(), "place")
	n, err := webhook.Backfill(t.Context(), h.Receiver, manyEvents(250), webhook.FileCheckpoint(file))
	require.ErrorIs(t, err, errBroken)
	assert.Equal(t, 130, n)
	saved, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, "100\n", string(saved), "the last page that was handled as a whole")
	broken = ""
	n, err = webhook.Backfill(t.Context(), h.Receiver, manyEvents(250), webhook.FileCheckpoint(file))
	require.NoError(t, err)
	assert.Equal(t, 120, n)
	assert.Equal(t, 250, h.called(), "each once")
}

func TestBackfillErrors(t *testing.T) {
	t.Parallel()
	h := newHook(t)
	_, err := webhook.Backfill(t.Context(), h.Receiver, feed{}, &memoryCheckpoint{"-1"})
	require.ErrorIs(t, err, webhook.ErrCursorExpired)
	_, err = webhook.Backfill(t.Context(), h.Receiver, feed{[]byte(`{}`)}, &memoryCheckpoint{})
	require.ErrorIs(t, err, webhook.ErrInvalidEnvelope)
	_, err = webhook.Backfill(t.Context(), h.Receiver, stuckFeed{}, &memoryCheckpoint{"x"})
	require.ErrorContains(t, err, "no cursor behind them")
	_, err = webhook.Backfill(t.Context(), h.Receiver, feed{}, webhook.FileCheckpoint(t.TempDir()))
	require.ErrorContains(t, err, "loading the checkpoint")
	_, err = webhook.Backfill(t.Context(), h.Receiver, manyEvents(1), webhook.FileCheckpoint(filepath.Join(t.TempDir(), "no", "folder")))
	require.ErrorContains(t, err, "saving the checkpoint")
}

// stuckFeed returns the same page for ever.
type stuckFeed struct{}

func (stuckFeed) ListEvents(_ context.Context, after string, _ int) ([]json.RawMessage, string, error) {
	return manyEvents(1), after, nil
}

// sealedFeed is a feed whose cursors differ every time, as those of a portal do: they tell nothing, not even that they stayed.
type sealedFeed struct {
	events []json.RawMessage
	calls  int
}

func (f *sealedFeed) ListEvents(context.Context, string, int) ([]json.RawMessage, string, error) {
	if f.calls++; f.calls > 5 {
		return nil, "", errors.New("asked again and again")
	}
	found := f.events
	f.events = nil
	return found, fmt.Sprint("sealed ", f.calls), nil
}

func TestBackfillEndsAndSavesWhereItEnded(t *testing.T) {
	t.Parallel()
	h, portal, place := newHook(t), new(sealedFeed), &memoryCheckpoint{"sealed 0"}
	n, err := webhook.Backfill(t.Context(), h.Receiver, portal, place)
	require.NoError(t, err)
	assert.Zero(t, n)
	assert.Equal(t, "sealed 1", place.cursor, "the checkpoint of a feed that is filtered does not grow old")
	portal.events = manyEvents(2)
	n, err = webhook.Backfill(t.Context(), h.Receiver, portal, place)
	require.NoError(t, err)
	assert.Equal(t, 2, n)
	assert.Equal(t, "sealed 3", place.cursor)
}

// A process died at an event. Waiting for its lease to end is no failure, and the error hook not told of each look at it.
func TestBackfillWaitsForALeaseInSilence(t *testing.T) {
	t.Parallel()
	store := webhook.NewMemoryStore(0)
	_, err := store.Claim(t.Context(), webhook.Claim{Key: ":evt_0", Owner: "dead", Lease: 100 * time.Millisecond})
	require.NoError(t, err)
	h := newHook(t, webhook.WithDedupe(store, 0))
	n, err := webhook.Backfill(t.Context(), h.Receiver, manyEvents(1), new(memoryCheckpoint))
	require.NoError(t, err)
	assert.Equal(t, 1, n)
	assert.Empty(t, h.codes)
}
