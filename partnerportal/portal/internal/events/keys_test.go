package events_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	contract "github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/deliver"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

func (r *room) rotate(t *testing.T, id string, rotation contract.Rotation) (*contract.EndpointSecret, error) {
	t.Helper()
	return try(t, r, acme, func(ctx context.Context) (*contract.EndpointSecret, error) {
		return r.RotateSecret(ctx, id, "", &rotation)
	})
}

// signing are the keys that the sender would sign with now, and what the owner sees of them must be the same.
func (r *room) signing(t *testing.T, id string) []string {
	t.Helper()
	row, shown, live := r.row(t, id), []string{}, []string{}
	keys, err := deliver.OpenKeys(r.store.Read(), id, row.Keys)
	require.NoError(t, err)
	for _, k := range keys {
		if k.LiveAt(r.now) {
			live = append(live, k.Key.Fingerprint())
		}
	}
	for _, k := range r.get(t, acme, id).Keys {
		shown = append(shown, k.Fingerprint)
	}
	assert.Equal(t, live, shown)
	return live
}

func fingerprint(t *testing.T, secret string) string {
	t.Helper()
	k, err := webhook.ParseKey(secret)
	require.NoError(t, err)
	return k.Fingerprint()
}

func TestRotation(t *testing.T) {
	engines(t, func(t *testing.T, dsn string) {
		t.Helper()
		r := newRoom(t, dsn)
		first := r.create(t, acme, contract.EndpointForm{})
		id := first.Endpoint.ID
		a := fingerprint(t, first.Secret)
		second, err := r.rotate(t, id, contract.Rotation{})
		require.NoError(t, err)
		b := fingerprint(t, second.Secret)
		assert.Equal(t, []string{b, a}, r.signing(t, id), "newest first")
		assert.Equal(t, r.now.Add(24*time.Hour), second.Endpoint.Keys[1].ExpiresAt, "a day, when nothing else is said")
		assert.Zero(t, second.Endpoint.Keys[0].ExpiresAt)
		assert.EqualValues(t, 2, second.Endpoint.Revision)

		third, err := r.rotate(t, id, contract.Rotation{OverlapSeconds: 60})
		require.NoError(t, err)
		c := fingerprint(t, third.Secret)
		assert.Equal(t, []string{c, b, a}, r.signing(t, id))
		r.now = r.now.Add(time.Minute)
		assert.Equal(t, []string{c, a}, r.signing(t, id), "each has the end that it was given")
		r.now = r.now.Add(24 * time.Hour)
		assert.Equal(t, []string{c}, r.signing(t, id))

		for range 3 {
			_, err = r.rotate(t, id, contract.Rotation{OverlapSeconds: 604800})
			require.NoError(t, err)
		}
		_, err = r.rotate(t, id, contract.Rotation{})
		require.ErrorIs(t, err, contract.ErrTooManyKeys)
		refusal, _ := errors.AsType[*partnerportal.Error](err)
		assert.Contains(t, refusal.Detail, r.now.Add(7*24*time.Hour).Format(time.RFC3339), "it says when there is room again")
		_, err = r.rotate(t, id, contract.Rotation{RevokeOld: true, OverlapSeconds: 60})
		require.ErrorIs(t, err, partnerportal.ErrValidation)
		last, err := r.rotate(t, id, contract.Rotation{RevokeOld: true})
		require.NoError(t, err)
		assert.Equal(t, []string{fingerprint(t, last.Secret)}, r.signing(t, id), "a leak is closed at once")
	})
}

func TestPublicKeys(t *testing.T) {
	engines(t, func(t *testing.T, dsn string) {
		t.Helper()
		r := newRoom(t, dsn)
		published := func(id string) []string {
			keys, err := r.PublicKeys(t.Context(), r.store.Read(), id)
			if err != nil {
				require.ErrorIs(t, err, partnerportal.ErrNotFound)
			}
			texts := []string{}
			for _, k := range keys {
				texts = append(texts, k.Reveal())
			}
			return texts
		}
		pair := r.create(t, acme, contract.EndpointForm{Scheme: contract.SchemeV1A})
		id := pair.Endpoint.ID
		assert.Empty(t, pair.Secret, "the private half stays")
		require.Len(t, pair.Endpoint.Keys, 1)
		first := pair.Endpoint.Keys[0].PublicKey
		assert.True(t, strings.HasPrefix(first, "whpk_"))
		assert.Equal(t, "/.well-known/webhooks/"+id+"/jwks.json", pair.Endpoint.JWKSURL)
		assert.Equal(t, []string{first}, published(id))

		second, err := r.rotate(t, id, contract.Rotation{OverlapSeconds: 60})
		require.NoError(t, err)
		assert.Equal(t, []string{second.Endpoint.Keys[0].PublicKey, first}, published(id), "as long as they sign")
		shared, err := r.rotate(t, id, contract.Rotation{OverlapSeconds: 60, Scheme: contract.SchemeV1})
		require.NoError(t, err)
		assert.NotEmpty(t, shared.Secret)
		assert.Equal(t, contract.SchemeV1, shared.Endpoint.Scheme)
		assert.Len(t, published(id), 2, "a shared secret is not published")
		r.now = r.now.Add(time.Minute)
		assert.Empty(t, published(id))
		assert.Empty(t, r.get(t, acme, id).JWKSURL)
		for _, nobodys := range []string{ids.New(ids.Endpoint, r.now), "we_unknown", "we_\x00", ""} {
			assert.Empty(t, published(nobodys))
		}
	})
}
