package webhook_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

// pass lets time pass in a synctest bubble.
func pass(d time.Duration) { <-time.After(d) }

const jwksAddress = "https://portal.example.com/.well-known/webhooks-jwks.json"

// publisher answers for the sender without a socket, so that time in a synctest bubble is ours.
type publisher struct {
	handler atomic.Pointer[http.Handler]
	fetches atomic.Int64
}

func (p *publisher) publish(keys ...webhook.Key) {
	p.serve(webhook.JWKSHandler(webhook.StaticKeys(keys...)))
}
func (p *publisher) serve(h http.Handler) { p.handler.Store(&h) }
func (p *publisher) text(body string) {
	p.serve(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, body) }))
}

func (p *publisher) RoundTrip(r *http.Request) (*http.Response, error) {
	p.fetches.Add(1)
	h := p.handler.Load()
	if h == nil {
		return nil, errors.New("connection refused")
	}
	w := httptest.NewRecorder()
	(*h).ServeHTTP(w, r)
	return w.Result(), nil
}

func (p *publisher) source(tb testing.TB) webhook.KeySource {
	tb.Helper()
	source, err := webhook.JWKS(jwksAddress, webhook.JWKSOptions{Client: &http.Client{Transport: p}})
	require.NoError(tb, err)
	return source
}

// deliver verifies a fresh delivery that is signed with the keys.
func deliver(tb testing.TB, v *webhook.Verifier, keys ...webhook.Key) error {
	tb.Helper()
	s, err := webhook.NewSigner(keys...)
	require.NoError(tb, err)
	h := http.Header{}
	require.NoError(tb, s.SetHeaders(h, caseID, time.Now(), []byte(caseBody)))
	_, err = v.Verify(h, []byte(caseBody))
	return err
}

func TestJWKSAddress(t *testing.T) {
	t.Parallel()
	for address, ok := range map[string]bool{
		jwksAddress: true, "http://127.0.0.1:8080/jwks": true, "http://localhost/jwks": true, "http://[::1]/jwks": true,
		"http://portal.example.com/jwks": false, "https://user:pass@portal.example.com/": false, "ftp://localhost/": false,
		"": false, "/jwks": false, "https:///jwks": false, "http://localhost.example.com/": false, "://": false,
	} {
		_, err := webhook.JWKS(address, webhook.JWKSOptions{})
		assert.Equal(t, ok, err == nil, address)
	}
}

func TestJWKSRotation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		old, _ := webhook.GenerateKeyPair()
		current, _ := webhook.GenerateKeyPair()
		p := &publisher{}
		v, err := webhook.NewVerifier(p.source(t))
		require.NoError(t, err)

		require.ErrorIs(t, deliver(t, v, old), webhook.ErrKeysUnavailable, "down at the start")
		p.publish(old)
		require.ErrorIs(t, deliver(t, v, old), webhook.ErrKeysUnavailable, "not asked again within a minute")
		assert.EqualValues(t, 1, p.fetches.Load())
		pass(time.Minute)
		require.NoError(t, deliver(t, v, old))
		require.NoError(t, deliver(t, v, old))
		assert.EqualValues(t, 2, p.fetches.Load(), "fetched once, used often")

		p.publish(current, old) // unannounced: the set is fetched on the first signature that matches nothing
		require.ErrorIs(t, deliver(t, v, current), webhook.ErrSignatureMismatch, "within the minute")
		pass(time.Minute)
		require.NoError(t, deliver(t, v, current))
		require.NoError(t, deliver(t, v, old))
		assert.EqualValues(t, 3, p.fetches.Load())

		p.publish(current)
		pass(59 * time.Minute)
		require.NoError(t, deliver(t, v, old), "until the set is an hour old")
		pass(time.Minute)
		require.ErrorIs(t, deliver(t, v, old), webhook.ErrSignatureMismatch, "then the old key is gone")
		require.NoError(t, deliver(t, v, current))
	})
}

func TestJWKSOutage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		key, _ := webhook.GenerateKeyPair()
		p := &publisher{}
		p.publish(key)
		v, err := webhook.NewVerifier(p.source(t))
		require.NoError(t, err)
		require.NoError(t, deliver(t, v, key))
		for name, broken := range map[string]http.Handler{
			"status":       http.NotFoundHandler(),
			"no JSON":      answer("<html>"),
			"no keys":      answer(`{"keys":[]}`),
			"endless":      answer(`{"keys":[` + strings.Repeat(" ", 64<<10) + `]}`),
			"a redirect":   http.RedirectHandler("https://elsewhere.example.com/jwks", http.StatusFound),
			"another form": answer(`{"keys":{}}`),
		} {
			p.serve(broken)
			pass(2 * time.Hour)
			before := p.fetches.Load()
			require.NoError(t, deliver(t, v, key), "the last good set serves: %s", name)
			assert.Equal(t, before+1, p.fetches.Load(), name)
		}
		pass(12 * time.Hour)
		err = deliver(t, v, key)
		require.ErrorIs(t, err, webhook.ErrKeysUnavailable, "but not for longer than a day")
		assert.NotContains(t, err.Error(), "example.com")
		p.publish(key)
		pass(time.Minute)
		require.NoError(t, deliver(t, v, key))
	})
}

func answer(body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, body) })
}

// TestJWKSStorm: forged deliveries set off one fetch a minute, and while it lasts nobody but one waits for it.
func TestJWKSStorm(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		key, _ := webhook.GenerateKeyPair()
		forger, _ := webhook.GenerateKeyPair()
		p := &publisher{}
		p.publish(key)
		v, err := webhook.NewVerifier(p.source(t))
		require.NoError(t, err)
		require.NoError(t, deliver(t, v, key))
		p.serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			pass(4 * time.Second)
			webhook.JWKSHandler(webhook.StaticKeys(key)).ServeHTTP(w, r)
		}))
		for range 5 {
			pass(time.Minute)
			var wg sync.WaitGroup
			begin := time.Now()
			var waited atomic.Int64
			for range 20 {
				wg.Go(func() {
					assert.ErrorIs(t, deliver(t, v, forger), webhook.ErrSignatureMismatch)
					if time.Since(begin) > 0 {
						waited.Add(1)
					}
				})
			}
			wg.Wait()
			assert.EqualValues(t, 1, waited.Load())
		}
		assert.EqualValues(t, 6, p.fetches.Load())
	})
}

func TestJWKSSlowAddress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		key, _ := webhook.GenerateKeyPair()
		source, err := webhook.JWKS(jwksAddress, webhook.JWKSOptions{Client: &http.Client{Transport: never{}}})
		require.NoError(t, err)
		v, err := webhook.NewVerifier(source)
		require.NoError(t, err)
		begin := time.Now()
		require.ErrorIs(t, deliver(t, v, key), webhook.ErrKeysUnavailable)
		assert.Equal(t, 5*time.Second, time.Since(begin), "well before the sender gives up")
	})
}

type never struct{}

func (never) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// TestJWKSSets are sets with what does not belong there: bounded, skipped, refused.
func TestJWKSSets(t *testing.T) {
	t.Parallel()
	private, public := webhook.GenerateKeyPair()
	x := base64.RawURLEncoding.EncodeToString(publicBytes(t, public))
	good := `{"kty":"OKP","crv":"Ed25519","x":"` + x + `"}`
	with := func(member string) string { return strings.Replace(good, "{", "{"+member+",", 1) }
	small := base64.RawURLEncoding.EncodeToString(append([]byte{1}, make([]byte, 31)...))
	many := func(n int) string {
		other := make([]string, n)
		for i := range other {
			p := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{byte(i), 1}, 16))
			other[i] = `{"kty":"OKP","crv":"Ed25519","x":"` + base64.RawURLEncoding.EncodeToString(p[32:]) + `"}`
		}
		return strings.Join(other, ",")
	}
	for name, c := range map[string]struct {
		keys string
		want webhook.Code
	}{
		"good":               {good, ""},
		"good, annotated":    {with(`"use":"sig","alg":"EdDSA","kid":"1","key_ops":["verify"]`), ""},
		"among others":       {`{"kty":"RSA","n":"AQAB","e":"AQAB"},7,null,[],{"kty":1},` + good, ""},
		"for encryption":     {with(`"use":"enc"`), webhook.ErrKeysUnavailable},
		"another algorithm":  {with(`"alg":"ES256"`), webhook.ErrKeysUnavailable},
		"another curve":      {strings.Replace(good, "Ed25519", "X25519", 1), webhook.ErrKeysUnavailable},
		"another type":       {strings.Replace(good, "OKP", "EC", 1), webhook.ErrKeysUnavailable},
		"private half":       {with(`"d":"AAAA"`), webhook.ErrKeysUnavailable},
		"padded":             {strings.Replace(good, x, x+"=", 1), webhook.ErrKeysUnavailable},
		"31 bytes":           {strings.Replace(good, x, x[:42], 1), webhook.ErrKeysUnavailable},
		"small order":        {strings.Replace(good, x, small, 1), webhook.ErrKeysUnavailable},
		"the fourth":         {many(3) + "," + good, ""},
		"the fifth":          {many(4) + "," + good, webhook.ErrSignatureMismatch},
		"a thousand":         {many(1000), webhook.ErrKeysUnavailable},
		"duplicate of it":    {good + "," + good, ""},
		"mismatch of halves": {many(1), webhook.ErrSignatureMismatch},
	} {
		p := &publisher{}
		p.text(`{"keys":[` + c.keys + `]}`)
		v, err := webhook.NewVerifier(p.source(t))
		require.NoError(t, err)
		err = deliver(t, v, private)
		if c.want == "" {
			assert.NoError(t, err, name)
		} else {
			assert.ErrorIs(t, err, c.want, name)
		}
	}
}

func publicBytes(tb testing.TB, k webhook.Key) []byte {
	tb.Helper()
	b, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(k.Reveal(), "whpk_"))
	require.NoError(tb, err)
	return b
}

func TestJWKSHandler(t *testing.T) {
	t.Parallel()
	private, public := webhook.GenerateKeyPair()
	_, another := webhook.GenerateKeyPair()
	secret := webhook.GenerateSecret()
	h := webhook.JWKSHandler(webhook.StaticKeys(private, secret, another))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	require.Equal(t, 200, w.Code)
	assert.Equal(t, "application/jwk-set+json", w.Header().Get("Content-Type"))
	assert.Equal(t, "max-age=3600", w.Header().Get("Cache-Control"))
	var set struct{ Keys []map[string]string }
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &set))
	require.Len(t, set.Keys, 2, "a shared secret is never published")
	assert.Equal(t, base64.RawURLEncoding.EncodeToString(publicBytes(t, public)), set.Keys[0]["x"])
	assert.Equal(t, "EdDSA", set.Keys[0]["alg"])
	assert.NotContains(t, set.Keys[0], "d")

	w = httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", nil))
	assert.Equal(t, 405, w.Code)
	w = httptest.NewRecorder()
	webhook.JWKSHandler(keysFunc(func() ([]webhook.Key, error) { return nil, context.Canceled })).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	assert.Equal(t, 503, w.Code)
	w = httptest.NewRecorder()
	webhook.JWKSHandler(webhook.StaticKeys(secret)).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	assert.JSONEq(t, `{"keys":[]}`, w.Body.String())
}

// TestThumbprint is the example of RFC 8037, appendix A.3.
func TestThumbprint(t *testing.T) {
	t.Parallel()
	x, err := base64.RawURLEncoding.DecodeString("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")
	require.NoError(t, err)
	w := httptest.NewRecorder()
	webhook.JWKSHandler(webhook.StaticKeys(mustKey(t, encoded("whpk_", x)))).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	assert.Contains(t, w.Body.String(), fmt.Sprintf("%q:%q", "kid", "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"))
}
