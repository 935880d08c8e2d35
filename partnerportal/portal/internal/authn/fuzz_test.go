package authn_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/authn"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

const secret = authn.SecretPrefix + "only-a-test"

func open(t testing.TB) *authn.Authenticator {
	t.Helper()
	s, err := store.Open(t.Context(), "sqlite::memory:")
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	require.NoError(t, s.Write(t.Context(), func(tx *store.Tx) error {
		return tx.InsertClient(t.Context(), store.InsertClientParams{ID: "cli_1", Name: "Test", SecretHash: authn.Hash(secret), Scopes: "deals:read deals:review"})
	}))
	return authn.New(s, time.Hour)
}

// What is sent to the token endpoint is anybody's. It never fails inside, and nobody without the secret gets a token.
func FuzzToken(f *testing.F) {
	a := open(f)
	f.Add("Basic Y2xpXzE6cHBzX29ubHktYS10ZXN0", "application/x-www-form-urlencoded", "grant_type=client_credentials&scope=deals:read")
	f.Add("", "application/x-www-form-urlencoded;charset=%", "grant_type=client_credentials&client_id=cli_1&client_secret=pps_x")
	f.Add("Basic ", "", "%zz;=&&\x00")
	f.Fuzz(func(t *testing.T, authorization, media, body string) {
		r := httptest.NewRequest(http.MethodPost, "/oauth2/token", strings.NewReader(body))
		r.Header.Set("Authorization", authorization)
		r.Header.Set("Content-Type", media)
		w := httptest.NewRecorder()
		require.NoError(t, a.ServeToken(w, r))
		require.True(t, json.Valid(w.Body.Bytes()))
		if _, password, ok := r.BasicAuth(); w.Code == http.StatusOK {
			require.True(t, ok && password == secret || strings.Contains(body, "pps_"), "a token without the secret")
		}
	})
}

func TestSecretsAreNotKept(t *testing.T) {
	t.Parallel()
	one, other := authn.NewSecret(authn.KeyPrefix), authn.NewSecret(authn.KeyPrefix)
	assert.NotEqual(t, one, other)
	assert.Len(t, one, len(authn.KeyPrefix)+43)
	assert.Len(t, authn.Hash(one), 64)
	assert.NotContains(t, authn.Hash(one), one)
}

func TestTokenEnds(t *testing.T) {
	t.Parallel()
	s, err := store.Open(t.Context(), "sqlite::memory:")
	require.NoError(t, err)
	defer s.Close()
	a := authn.New(s, time.Hour)
	require.NoError(t, s.Write(t.Context(), func(tx *store.Tx) error {
		if err := tx.InsertClient(t.Context(), store.InsertClientParams{ID: "cli_1", Name: "Test", SecretHash: authn.Hash(secret), Scopes: "deals:read"}); err != nil {
			return err
		}
		return tx.InsertToken(t.Context(), store.InsertTokenParams{
			Hash: authn.Hash("ppt_old"), ClientID: "cli_1", Scopes: "deals:read", ExpiresAt: store.Micros(time.Now().Add(-time.Second)),
		})
	}))
	_, err = a.Caller(t.Context(), "Bearer ppt_old")
	require.ErrorIs(t, err, authn.CodeInvalidToken)
	require.ErrorIs(t, err, partnerportal.ErrUnauthorized)
}
