package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store/storetest"
)

// engines open a store of their kind for one test.
var engines = map[string]func(t *testing.T) *store.Store{"memory": inMemory, "file": onFile, "postgres": onPostgres}

func inMemory(t *testing.T) *store.Store {
	t.Helper()
	return openAt(t, "sqlite::memory:")
}

func onFile(t *testing.T) *store.Store {
	t.Helper()
	return openAt(t, newFile(t))
}

func onPostgres(t *testing.T) *store.Store {
	t.Helper()
	return openAt(t, storetest.Postgres(t))
}

func newFile(t testing.TB) string {
	t.Helper()
	return "sqlite:" + filepath.Join(t.TempDir(), "portal.db")
}

func openAt(t *testing.T, dsn string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), dsn)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	return s
}

func set(ctx context.Context, tx *store.Tx, name, value string) error {
	return tx.SetSetting(ctx, store.SetSettingParams{Name: name, Value: value})
}

func TestWriteCommitsOrLeavesNothing(t *testing.T) {
	t.Parallel()
	for name, open := range engines {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			ctx, name := t.Context(), t.Name()
			require.NoError(t, s.Write(ctx, func(tx *store.Tx) error { return set(ctx, tx, name, "kept") }))
			refused := errors.New("refused")
			require.ErrorIs(t, s.Write(ctx, func(tx *store.Tx) error {
				require.NoError(t, set(ctx, tx, name, "undone"))
				return refused
			}), refused)
			value, err := s.Read().Setting(ctx, name)
			require.NoError(t, err)
			assert.Equal(t, "kept", value)
		})
	}
}

func TestPanicInWriteLocksNobodyOut(t *testing.T) {
	t.Parallel()
	for name, open := range engines {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			ctx, name := t.Context(), t.Name()
			assert.Panics(t, func() {
				_ = s.Write(ctx, func(tx *store.Tx) error {
					_ = set(ctx, tx, name, "undone")
					panic("broken rule")
				})
			})
			ctx, cancel := context.WithTimeout(ctx, time.Minute) // else this would wait for itself
			defer cancel()
			require.NoError(t, s.Write(ctx, func(tx *store.Tx) error {
				_, err := tx.Setting(ctx, name)
				require.ErrorIs(t, err, store.ErrNotFound)
				return nil
			}))
		})
	}
}

func TestLostUpdateRunsAgain(t *testing.T) {
	t.Parallel()
	for name, open := range engines {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			runs := 0
			require.NoError(t, s.Write(t.Context(), func(*store.Tx) error {
				if runs++; runs < 3 {
					return store.Changed(0, nil)
				}
				return store.Changed(1, nil)
			}))
			assert.Equal(t, 3, runs)

			runs = 0
			require.ErrorIs(t, s.Write(t.Context(), func(*store.Tx) error {
				runs++
				return store.ErrLostUpdate
			}), store.ErrLostUpdate)
			assert.Equal(t, 10, runs, "it gives up some time")
		})
	}
}

func TestWaitForTheWriterEndsWithTheContext(t *testing.T) {
	t.Parallel()
	s, err := store.Open(t.Context(), "sqlite::memory:")
	require.NoError(t, err)
	defer s.Close()
	require.NoError(t, s.Write(t.Context(), func(*store.Tx) error {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, s.Write(ctx, func(*store.Tx) error { return nil }), context.Canceled)
		return nil
	}))
}

func TestCountersRiseByOneUnderConcurrency(t *testing.T) {
	t.Parallel()
	for name, open := range engines {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			const writers, each = 8, 25
			ctx, name := t.Context(), t.Name()
			var mu sync.Mutex
			seen := map[int64]bool{}
			var group sync.WaitGroup
			for range writers {
				group.Go(func() {
					for range each {
						var n int64
						err := s.Write(ctx, func(tx *store.Tx) (err error) {
							n, err = tx.NextNumber(ctx, name)
							return err
						})
						mu.Lock()
						assert.NoError(t, err)
						assert.False(t, seen[n], "%d was given twice", n)
						seen[n] = true
						mu.Unlock()
					}
				})
			}
			group.Wait()
			require.NoError(t, s.Write(ctx, func(tx *store.Tx) error {
				last, err := tx.AdvanceCounter(ctx, store.AdvanceCounterParams{Name: name, Step: 5})
				assert.True(t, seen[int64(writers*each)])
				assert.EqualValues(t, writers*each+5, last)
				return err
			}))
		})
	}
}

func TestReplicasMigrateOnceTogether(t *testing.T) {
	t.Parallel()
	for name, dsn := range map[string]func(testing.TB) string{"file": newFile, "postgres": storetest.Postgres} {
		t.Run(name, func(t *testing.T) {
			dsn := dsn(t)
			var group sync.WaitGroup
			for range 8 {
				group.Go(func() {
					s, err := store.Open(t.Context(), dsn)
					if assert.NoError(t, err) {
						assert.NoError(t, s.Ready(t.Context()))
						assert.NoError(t, s.Close())
					}
				})
			}
			group.Wait()
		})
	}
}

func TestNewerSchemaIsRefused(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "portal.db")
	s, err := store.Open(t.Context(), "sqlite:"+file)
	require.NoError(t, err)
	_, err = s.SQL().ExecContext(t.Context(), "INSERT INTO schema_version (version) VALUES (1000)")
	require.NoError(t, err)
	require.ErrorContains(t, s.Ready(t.Context()), "schema 1000")
	require.NoError(t, s.Close())
	_, err = store.Open(t.Context(), "sqlite:"+file)
	require.ErrorContains(t, err, "use a newer portal")
}

func TestUnknownDatabasesAreRefused(t *testing.T) {
	t.Parallel()
	for _, dsn := range []string{"", "portal.db", "mysql://root:hunter2@host/db"} {
		_, err := store.Open(t.Context(), dsn)
		require.Error(t, err)
		assert.NotContains(t, err.Error(), "hunter2")
	}
	_, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "no", "such", "folder.db"))
	require.Error(t, err)
}

func TestOddFileNames(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "100% mine? #1.db")
	s, err := store.Open(t.Context(), "sqlite:"+file)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	_, err = os.Stat(file)
	require.NoError(t, err)
}

func TestHostsDatabaseStaysOpen(t *testing.T) {
	t.Parallel()
	s, err := store.Open(t.Context(), "sqlite::memory:")
	require.NoError(t, err)
	defer s.Close()
	borrowed, err := store.New(t.Context(), s.SQL(), store.SQLite)
	require.NoError(t, err)
	require.NoError(t, borrowed.Close())
	require.NoError(t, s.Ready(t.Context()))
}

func TestDurability(t *testing.T) {
	t.Parallel()
	s, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "portal.db"))
	require.NoError(t, err)
	defer s.Close()
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "10000"} {
		var got string
		require.NoError(t, s.SQL().QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got))
		assert.Equal(t, want, got, pragma)
	}
}

func TestInstants(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 8, 0, 0, 123456000, time.FixedZone("", 3600))
	assert.True(t, at.Equal(store.Time(store.Micros(at))))
	assert.Equal(t, time.UTC, store.Time(store.Micros(at)).Location())
	assert.Zero(t, store.Micros(time.Time{}))
	assert.True(t, store.Time(0).IsZero())
}

func TestBucketsSpread(t *testing.T) {
	t.Parallel()
	var halves [2]int
	for i := range 2000 {
		b := store.Bucket(strings.Repeat("x", i%7) + time.Unix(int64(i), 0).String())
		require.GreaterOrEqual(t, b, int64(0))
		require.Less(t, b, int64(65536))
		halves[b/32768]++
	}
	assert.InDelta(t, 1000, halves[0], 200)
}
