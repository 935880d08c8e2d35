package webhook_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

// keyServer is where a sender publishes its keys.
type keyServer struct {
	handler http.Handler
	down    atomic.Bool
	fetches atomic.Int64
}

func (s *keyServer) RoundTrip(q *http.Request) (*http.Response, error) {
	s.fetches.Add(1)
	if s.down.Load() {
		return nil, errors.New("no route to host")
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, q)
	return w.Result(), nil
}

// newKeyHook returns a receiver that fetches its keys, and a sender with the private one.
func newKeyHook(t *testing.T, s *keyServer) *hook {
	t.Helper()
	private, _ := webhook.GenerateKeyPair()
	if s.handler == nil {
		s.handler = webhook.JWKSHandler(webhook.StaticKeys(private))
	}
	signer, err := webhook.NewSigner(private)
	require.NoError(t, err)
	keys, err := webhook.JWKS("https://portal.example.com/.well-known/webhooks-jwks.json", webhook.JWKSOptions{Client: &http.Client{Transport: s}})
	require.NoError(t, err)
	return hookFor(t, keys, signer)
}

func hookFor(t *testing.T, keys webhook.KeySource, signer *webhook.Signer, opts ...webhook.VerifyOption) *hook {
	t.Helper()
	v, err := webhook.NewVerifier(keys, opts...)
	require.NoError(t, err)
	h := &hook{t: t, signer: signer}
	h.Receiver = webhook.NewReceiver(v, webhook.WithErrorHook(h.note))
	webhook.On(h.Receiver, "deal.approved", h.handle)
	return h
}

func jwksOf(keys ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"keys":[` + strings.Join(keys, ",") + `]}`))
	})
}

//nolint:thelper // these are the tests
var keySourceCases = []receiverCase{
	{113, "key set down at the start, and later", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			server := &keyServer{}
			server.down.Store(true)
			h := newKeyHook(t, server)
			h.refused(h.request(event("evt_1", "deal.approved")), 503, webhook.ErrKeysUnavailable)
			server.down.Store(false)
			<-time.After(time.Minute)
			assert.Equal(t, 204, h.deliver(event("evt_1", "deal.approved")))
			server.down.Store(true)
			<-time.After(23 * time.Hour)
			assert.Equal(t, 204, h.deliver(event("evt_2", "deal.approved")), "the last good set")
			<-time.After(time.Hour)
			assert.Equal(t, 503, h.deliver(event("evt_3", "deal.approved")), "for a day")
		})
	}},
	{114, "100 deliveries a second with an unknown key", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			server := &keyServer{}
			h := newKeyHook(t, server)
			require.Equal(t, 204, h.deliver(event("evt_1", "deal.approved")))
			forged := "v1a," + base64.StdEncoding.EncodeToString(make([]byte, 64))
			for range 100 * 59 {
				q := h.request(event("evt_2", "deal.approved"))
				q.Header.Set("Webhook-Signature", forged)
				if status := h.serve(q).Code; status != 401 {
					t.Fatal(status)
				}
				<-time.After(10 * time.Millisecond)
			}
			assert.LessOrEqual(t, server.fetches.Load(), int64(1), "in less than a minute")
			<-time.After(2 * time.Second)
			for range 100 {
				q := h.request(event("evt_2", "deal.approved"))
				q.Header.Set("Webhook-Signature", forged)
				h.serve(q)
			}
			assert.LessOrEqual(t, server.fetches.Load(), int64(2))
		})
	}},
	{115, "key set with 1,000 keys, wrong kinds, private and weak ones", func(t *testing.T) {
		private, public := webhook.GenerateKeyPair()
		raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(public.Reveal(), "whpk_"))
		require.NoError(t, err)
		x := base64.RawURLEncoding.EncodeToString(raw)
		good := `{"kty":"OKP","crv":"Ed25519","use":"sig","x":"` + x + `"}`
		many := make([]string, 1000, 1001)
		for i := range many {
			many[i] = `{"kty":"RSA","n":"AQ","e":"AQAB"}`
		}
		weak := base64.RawURLEncoding.EncodeToString(append([]byte{1}, make([]byte, 31)...))
		for name, c := range map[string]struct {
			keys   []string
			status int
		}{
			"1,000 others before":     {append(many, good), 204},
			"not an object before":    {[]string{"7", good}, 204},
			"only a private one":      {[]string{strings.Replace(good, `"x"`, `"d":"`+x+`","x"`, 1)}, 503},
			"only a weak one":         {[]string{strings.Replace(good, x, weak, 1)}, 503},
			"only one of another kty": {[]string{strings.Replace(good, "OKP", "EC", 1)}, 503},
			"only for encryption":     {[]string{strings.Replace(good, `"sig"`, `"enc"`, 1)}, 503},
			"larger than 64 KiB":      {[]string{good, `"` + strings.Repeat("x", 64<<10) + `"`}, 503},
		} {
			h := newKeyHook(t, &keyServer{handler: jwksOf(c.keys...)})
			h.signer, err = webhook.NewSigner(private)
			require.NoError(t, err)
			assert.Equal(t, c.status, h.deliver(event("evt_1", "deal.approved")), name)
		}
	}},
	{116, "rotation", func(t *testing.T) {
		before, after := webhook.GenerateSecret(), webhook.GenerateSecret()
		signed := func(keys ...webhook.Key) *webhook.Signer {
			s, err := webhook.NewSigner(keys...)
			require.NoError(t, err)
			return s
		}
		var matched []string
		observe := webhook.WithObserver(func(o webhook.Observation) { matched = append(matched, o.Key) })
		both := hookFor(t, webhook.StaticKeys(after, before), signed(after, before), observe)
		assert.Equal(t, 204, both.deliver(event("evt_1", "deal.approved")))
		both.signer = signed(after)
		assert.Equal(t, 204, both.deliver(event("evt_2", "deal.approved")))
		both.signer = signed(before)
		assert.Equal(t, 204, both.deliver(event("evt_3", "deal.approved")))
		assert.Equal(t, []string{after.Fingerprint(), after.Fingerprint(), before.Fingerprint()}, matched)
		late := hookFor(t, webhook.StaticKeys(after), signed(before))
		late.refused(late.request(event("evt_4", "deal.approved")), 401, webhook.ErrSignatureMismatch)
	}},
	{118, "the secret appears nowhere", func(t *testing.T) {
		key := webhook.GenerateSecret()
		var seen bytes.Buffer
		log := slog.New(slog.NewJSONHandler(&seen, nil))
		v, err := webhook.NewVerifier(webhook.StaticKeys(key))
		require.NoError(t, err)
		r := webhook.NewReceiver(v, webhook.WithErrorHook(func(ctx context.Context, err *webhook.Error, ev webhook.Header) {
			log.ErrorContext(ctx, "webhook", "err", err, "event", ev, "key", key, "verifier", v)
			fmt.Fprintf(&seen, "%v %+v %#v %s %q", err, err, err, err, err)
		}))
		signer, err := webhook.NewSigner(key)
		require.NoError(t, err)
		h := &hook{Receiver: r, t: t, signer: signer}
		broken := h.request(event("evt_1", "deal.approved"))
		broken.Header.Set("Webhook-Id", "evt_2")
		seen.WriteString(h.serve(broken).Body.String())
		for _, value := range []any{key, []webhook.Key{key}, map[string]webhook.Key{"k": key}, v, r, signer, struct{ K webhook.Key }{key}} {
			fmt.Fprintf(&seen, "%v %+v %#v %s %x %d", value, value, value, value, value, value)
			text, _ := json.Marshal(value)
			seen.Write(text)
		}
		raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(key.Reveal(), "whsec_"))
		require.NoError(t, err)
		for _, secret := range []string{strings.TrimPrefix(key.Reveal(), "whsec_"), string(raw), fmt.Sprintf("%x", raw), strings.Trim(fmt.Sprintf("%d", raw), "[]")} {
			assert.NotContains(t, seen.String(), secret)
		}
		assert.Contains(t, seen.String(), key.Fingerprint())
	}},
	{119, "comparison in constant time", func(t *testing.T) {
		source, err := os.ReadFile("match.go")
		require.NoError(t, err)
		assert.Regexp(t, `subtle\.ConstantTimeCompare|hmac\.Equal`, string(source))
		assert.NotContains(t, string(source), "bytes.Equal")
	}},
}
