package webhook_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"

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
