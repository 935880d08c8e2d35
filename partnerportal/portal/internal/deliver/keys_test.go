package deliver_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/deliver"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

func TestSealedKeys(t *testing.T) {
	t.Parallel()
	r := newRig(t, "sqlite::memory:")
	tx, now := r.store.Read(), r.clock.Now()
	private, public := webhook.GenerateKeyPair()
	kept := []deliver.Key{{Key: private, CreatedAt: now}, {Key: webhook.GenerateSecret(), CreatedAt: now.Add(-time.Hour), ExpiresAt: now.Add(time.Hour)}}
	sealed, err := deliver.SealKeys(tx, "we_1", kept)
	require.NoError(t, err)
	assert.NotContains(t, sealed, kept[1].Key.Reveal())

	opened, err := deliver.OpenKeys(tx, "we_1", sealed)
	require.NoError(t, err)
	require.Len(t, opened, 2)
	for i, k := range opened {
		assert.Equal(t, kept[i].Key.Reveal(), k.Key.Reveal())
		assert.True(t, kept[i].CreatedAt.Equal(k.CreatedAt))
		assert.True(t, kept[i].ExpiresAt.Equal(k.ExpiresAt))
	}
	assert.True(t, opened[0].LiveAt(now.AddDate(10, 0, 0)))
	assert.True(t, opened[1].LiveAt(now.Add(time.Hour-1)))
	assert.False(t, opened[1].LiveAt(now.Add(time.Hour)))

	_, err = deliver.OpenKeys(tx, "we_2", sealed)
	require.ErrorContains(t, err, "another endpoint")
	_, err = deliver.OpenKeys(newRig(t, "sqlite::memory:").store.Read(), "we_1", sealed)
	require.ErrorContains(t, err, "another portal")
	_, err = deliver.OpenKeys(tx, "we_1", tx.Seal([]byte(`[{"key":"whsec_x`), "webhook keys we_1"))
	require.EqualError(t, err, "the keys of the endpoint are damaged")
	_, err = deliver.OpenKeys(tx, "we_1", tx.Seal([]byte(`[{"key":"whsec_sEcReT"}]`), "webhook keys we_1"))
	require.ErrorIs(t, err, webhook.ErrInvalidKey)
	assert.NotContains(t, err.Error(), "sEcReT")
	_, err = deliver.SealKeys(tx, "we_1", []deliver.Key{{}})
	require.ErrorContains(t, err, "no text")
	_ = public
}

// Case 149: the keys are rotated while a delivery waits. It is signed with those that are live when it is sent.
func TestRotationWhileWaiting(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, r *rig) {
		t.Helper()
		var got inbox
		status := 500
		got.next = func(arrival) int { return status }
		id := r.endpoint("a.test", got.ServeHTTP)
		r.happen("deal_1")
		r.settle()
		newest, old, void := webhook.GenerateSecret(), webhook.GenerateSecret(), webhook.GenerateSecret()
		sealed, err := deliver.SealKeys(r.store.Read(), id, []deliver.Key{
			{Key: newest}, {Key: old, ExpiresAt: r.clock.Now().Add(time.Hour)}, {Key: void, ExpiresAt: r.clock.Now().Add(time.Second)},
		})
		require.NoError(t, err)
		r.update(id, func(e *store.UpdateEndpointParams) { e.Keys = sealed })
		status = 204
		r.after(5 * time.Second)
		require.Len(t, got.all, 2)
		attempts := r.attempts(r.deliveries(id)[0])
		assert.Equal(t, []string{newest.Fingerprint(), old.Fingerprint()}, attempts[1].Fingerprints)
		for key, good := range map[*webhook.Key]bool{&newest: true, &old: true, &void: false} {
			verifier, err := webhook.NewVerifier(webhook.StaticKeys(*key), webhook.WithClock(r.clock.Now))
			require.NoError(t, err)
			_, err = verifier.Verify(got.all[1].header, []byte(got.all[1].Body))
			assert.Equal(t, good, err == nil)
		}
	})
}
