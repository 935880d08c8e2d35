package store_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store/storetest"
)

func TestSealTellsNothing(t *testing.T) {
	t.Parallel()
	s, err := store.Open(t.Context(), "sqlite::memory:")
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	tx := s.Read()
	first, second := tx.Seal([]byte("42"), "acme"), tx.Seal([]byte("42"), "acme")
	assert.NotEqual(t, first, second, "nor whether two mean the same")
	plain, ok := tx.Unseal(second, "acme")
	assert.True(t, ok)
	assert.Equal(t, "42", string(plain))
	for _, refused := range []string{"", "AAAA", first[:len(first)-2], first + "A", "é"} {
		_, ok = tx.Unseal(refused, "acme")
		assert.False(t, ok, refused)
	}
	_, ok = tx.Unseal(first, "globex")
	assert.False(t, ok, "it is another's")
}

// Replicas that start at once with a new database agree on the key.
func TestReplicasShareTheSeal(t *testing.T) {
	t.Parallel()
	for name, dsn := range map[string]func(testing.TB) string{"file": newFile, "postgres": storetest.Postgres} {
		t.Run(name, func(t *testing.T) {
			dsn := dsn(t)
			stores := make([]*store.Store, 8)
			var group sync.WaitGroup
			for i := range stores {
				group.Go(func() {
					var err error
					stores[i], err = store.Open(t.Context(), dsn)
					assert.NoError(t, err)
				})
			}
			group.Wait()
			for _, s := range stores {
				plain, ok := s.Read().Unseal(stores[0].Read().Seal([]byte("42"), ""), "")
				assert.True(t, ok)
				assert.Equal(t, "42", string(plain))
			}
			require.NoError(t, stores[0].Write(t.Context(), func(tx *store.Tx) error {
				return tx.SetSetting(t.Context(), store.SetSettingParams{Name: "cursor_key", Value: "short"})
			}))
			for _, s := range stores {
				assert.NoError(t, s.Close())
			}
			_, err := store.Open(t.Context(), dsn)
			require.ErrorContains(t, err, "damaged", "a new key would make all cursors invalid behind the operator's back")
		})
	}
}
