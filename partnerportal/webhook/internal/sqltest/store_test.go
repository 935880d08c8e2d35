package sqltest_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

func claim(owner string, lease time.Duration) webhook.Claim {
	return webhook.Claim{Key: ":evt_1", Owner: owner, Lease: lease, Keep: time.Hour}
}

func TestClaims(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, db *sql.DB) { //nolint:thelper // the test itself
		s, ctx := newStore(t, db), t.Context()
		want := func(state webhook.ClaimState, c webhook.Claim) {
			t.Helper()
			got, err := s.Claim(ctx, c)
			require.NoError(t, err)
			assert.Equal(t, state, got, c.Owner)
		}
		want(webhook.Fresh, claim("a", time.Minute))
		want(webhook.InFlight, claim("b", time.Minute))
		require.NoError(t, s.Release(ctx, claim("b", 0)))
		want(webhook.InFlight, claim("b", time.Minute)) // a still has it
		require.NoError(t, s.Release(ctx, claim("a", 0)))
		want(webhook.Fresh, claim("c", 0)) // crashed: its lease is over at once
		want(webhook.Fresh, claim("d", time.Minute))
		require.NoError(t, s.Commit(ctx, claim("c", 0)))
		want(webhook.InFlight, claim("e", 0)) // the former owner committed nothing
		require.NoError(t, s.Commit(ctx, claim("d", 0)))
		require.NoError(t, s.Release(ctx, claim("d", 0)))
		want(webhook.Done, claim("f", 0)) // and a commit is not undone
		newStore(t, db)                   // a second process
		want(webhook.Done, claim("f", 0))
	})
}

func TestForgets(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, db *sql.DB) { //nolint:thelper // the test itself
		s, ctx := newStore(t, db), t.Context()
		for i := range 20 {
			_, err := s.Claim(ctx, webhook.Claim{Key: fmt.Sprint("old", i), Owner: "o"})
			require.NoError(t, err)
		}
		_, err := s.Claim(ctx, claim("a", time.Minute))
		require.NoError(t, err)
		require.NoError(t, s.Commit(ctx, claim("a", 0)))
		var n int
		require.NoError(t, db.QueryRowContext(ctx, `SELECT count(*) FROM webhook_inbox`).Scan(&n))
		assert.Equal(t, 1, n)
	})
}

func TestConcurrent(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, db *sql.DB) { //nolint:thelper // the test itself
		s := newStore(t, db)
		h := newHook(t, s, func(ctx context.Context, ev webhook.Event[deal]) error {
			return s.InTx(ctx, func(tx *sql.Tx) error { return project(ctx, tx, ev) })
		})
		var group sync.WaitGroup
		var handled atomic.Int32
		for range 50 {
			group.Go(func() {
				switch status := h.deliver("evt_1", 1); status {
				case 204:
					handled.Add(1)
				case 409: // try again later
				default:
					t.Error(status)
				}
			})
		}
		group.Wait()
		assert.Positive(t, handled.Load())
		assert.Equal(t, 204, h.deliver("evt_1", 1))
		assert.Equal(t, 1, projects(t, db))
	})
}

func TestSequence(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, db *sql.DB) { //nolint:thelper // the test itself
		s := newStore(t, db)
		for _, step := range []struct {
			version int64
			news    bool
		}{{6, true}, {7, true}, {6, false}, {7, true}, {9, true}, {8, false}} {
			news, err := s.Advance(t.Context(), "deal/1", step.version)
			require.NoError(t, err)
			assert.Equal(t, step.news, news, step.version)
		}
	})
}

func TestCheckpoint(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, db *sql.DB) { //nolint:thelper // the test itself
		c, ctx := newStore(t, db).Checkpoint("events"), t.Context()
		for _, cursor := range []string{"", "a", "b"} {
			if cursor != "" {
				require.NoError(t, c.Save(ctx, cursor))
			}
			got, err := c.Load(ctx)
			require.NoError(t, err)
			assert.Equal(t, cursor, got)
		}
	})
}

func TestNoDatabase(t *testing.T) {
	t.Parallel()
	_, err := webhook.NewSQLStore(t.Context(), openFile(t, filepath.Join(t.TempDir(), "no", "folder")))
	require.ErrorContains(t, err, "opening the store")
}

// TestInTx is the promise: the handler's writes and the mark that the event is done become true together or not at all.
func TestInTx(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	onEach(t, func(t *testing.T, db *sql.DB) { //nolint:thelper // the test itself
		s := newStore(t, db)
		before, after := broken, error(nil)
		h := newHook(t, s, func(ctx context.Context, ev webhook.Event[deal]) error {
			err := s.InTx(ctx, func(tx *sql.Tx) error {
				if err := project(ctx, tx, ev); err != nil {
					return err
				}
				return before
			})
			return errors.Join(err, after)
		})
		assert.Equal(t, 500, h.deliver("evt_1", 1))
		assert.Zero(t, projects(t, db), "undone with the mark")
		before, after = nil, broken
		assert.Equal(t, 500, h.deliver("evt_1", 1), "failed after the commit")
		assert.Equal(t, 1, projects(t, db))
		after = nil
		assert.Equal(t, 204, h.deliver("evt_1", 1), "yet it is done")
		assert.Equal(t, 1, projects(t, db))
		assert.ErrorContains(t, s.InTx(t.Context(), func(*sql.Tx) error { return nil }), "handler")
	})
}

// TestInTxCase108 has the store fail after the handler: the event is done all the same, for it was so in the handler's transaction.
func TestInTxCase108(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, db *sql.DB) { //nolint:thelper // the test itself
		s := newStore(t, db)
		h := newHook(t, noCommits{s}, func(ctx context.Context, ev webhook.Event[deal]) error {
			return s.InTx(ctx, func(tx *sql.Tx) error { return project(ctx, tx, ev) })
		})
		assert.Equal(t, 204, h.deliver("evt_1", 1))
		assert.Equal(t, 204, h.deliver("evt_1", 1))
		assert.Equal(t, 1, projects(t, db))
	})
}

type noCommits struct{ webhook.DedupeStore }

func (noCommits) Commit(context.Context, webhook.Claim) error { return errors.New("no commits here") }

// TestInTxLostClaim has a handler outlive its lease: the next attempt's effect is the only one.
func TestInTxLostClaim(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, db *sql.DB) { //nolint:thelper // the test itself
		s := newStore(t, db)
		h := newHook(t, s, func(ctx context.Context, ev webhook.Event[deal]) error {
			c, ok := webhook.ClaimFrom(ctx)
			require.True(t, ok)
			assert.Equal(t, ":evt_1", c.Key)
			_, err := db.ExecContext(ctx, `UPDATE webhook_inbox SET owner = 'other'`) // took it over
			require.NoError(t, err)
			err = s.InTx(ctx, func(tx *sql.Tx) error { return project(ctx, tx, ev) })
			assert.ErrorIs(t, err, webhook.ErrClaimLost)
			return err
		})
		assert.Equal(t, 500, h.deliver("evt_1", 1))
		assert.Zero(t, projects(t, db))
		assert.Equal(t, 409, h.deliver("evt_1", 1), "the other has it")
	})
}

// TestInTxStale has a newer event overtake a handler between the receiver's look at the versions and the handler's transaction.
func TestInTxStale(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, db *sql.DB) { //nolint:thelper // the test itself
		s := newStore(t, db)
		var h *hook
		h = newHook(t, s, func(ctx context.Context, ev webhook.Event[deal]) error {
			if ev.ID == "evt_6" {
				assert.Equal(t, 204, h.deliver("evt_7", 7))
			}
			return s.InTx(ctx, func(tx *sql.Tx) error { return project(ctx, tx, ev) })
		}, webhook.SkipStale(s))
		assert.Equal(t, 204, h.deliver("evt_6", 6))
		var deal string
		require.NoError(t, db.QueryRowContext(t.Context(), `SELECT deal FROM projects`).Scan(&deal))
		assert.Equal(t, "evt_7", deal)
		assert.Equal(t, 1, projects(t, db))
	})
}
