// Package crosscheck_test holds our signer and verifier against those of Standard Webhooks and of Svix.
package crosscheck_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	svix "github.com/svix/svix-webhooks/go"

	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

// bodies are what has set implementations apart: nothing, text beyond ASCII, bytes that are no text, block boundaries, size.
var bodies = map[string]string{
	"empty": "", "object": `{"type":"deal.approved","data":{"a":1}}`, "text": `{"name":"Żółć 🚀"}`, "no UTF-8": "\xff\xfe\x00",
	"line breaks": "{\r\n}\n", "dots": "1.2.3", "a block": strings.Repeat("x", 64), "a page": strings.Repeat("y", 4096), "large": strings.Repeat("z", 1<<20),
}

type implementation interface {
	Sign(id string, at time.Time, body []byte) (string, error)
	Verify(body []byte, h http.Header) error
}

func implementations(t *testing.T, secret string) map[string]implementation {
	t.Helper()
	standard, err := standardwebhooks.NewWebhook(secret)
	require.NoError(t, err)
	sv, err := svix.NewWebhook(secret)
	require.NoError(t, err)
	return map[string]implementation{"standard-webhooks": standard, "svix": sv}
}

func headers(id string, at time.Time, signature string) http.Header {
	h := http.Header{}
	h.Set("webhook-id", id)
	h.Set("webhook-timestamp", fmt.Sprint(at.Unix()))
	h.Set("webhook-signature", signature)
	return h
}

func TestBothWays(t *testing.T) {
	t.Parallel()
	const id = "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W"
	for range 3 {
		key, previous := webhook.GenerateSecret(), webhook.GenerateSecret()
		v, err := webhook.NewVerifier(webhook.StaticKeys(previous, key))
		require.NoError(t, err)
		one, err := webhook.NewSigner(key)
		require.NoError(t, err)
		rotating, err := webhook.NewSigner(previous, key)
		require.NoError(t, err)
		for name, other := range implementations(t, key.Reveal()) {
			for what, body := range bodies {
				now := time.Now()
				theirs, err := other.Sign(id, now, []byte(body))
				require.NoError(t, err)
				ours, err := one.Sign(id, now, []byte(body))
				require.NoError(t, err)
				assert.Equal(t, theirs, ours, "%s, %s", name, what)

				d, err := v.Verify(headers(id, now, theirs), []byte(body))
				require.NoError(t, err, "what %s signs, we accept: %s", name, what)
				assert.Equal(t, 1, d.KeyIndex)
				h := http.Header{}
				require.NoError(t, rotating.SetHeaders(h, id, now, []byte(body)))
				require.NoError(t, other.Verify([]byte(body), h), "what we sign, %s accepts: %s", name, what)

				changed := append([]byte(body), '.')
				_, err = v.Verify(headers(id, now, theirs), changed)
				require.ErrorIs(t, err, webhook.ErrSignatureMismatch)
				require.Error(t, other.Verify(changed, h))
			}
		}
	}
}

// TestStricter lists what both accept and we refuse, so that a new version of theirs which agrees with us is noticed.
func TestStricter(t *testing.T) {
	t.Parallel()
	key := webhook.GenerateSecret()
	v, err := webhook.NewVerifier(webhook.StaticKeys(key))
	require.NoError(t, err)
	now := time.Now()
	body := []byte("{}")
	for name, other := range implementations(t, key.Reveal()) {
		dotted, err := other.Sign("msg.1", now, body)
		require.NoError(t, err)
		valid, err := other.Sign("msg_1", now, body)
		require.NoError(t, err)
		zero := headers("msg_1", now, valid)
		zero.Set("webhook-timestamp", "0"+zero.Get("webhook-timestamp"))
		twice := headers("msg_1", now, valid)
		twice.Add("webhook-id", "msg_2")
		for what, h := range map[string]http.Header{
			"id with a dot":    headers("msg.1", now, dotted),
			"third comma part": headers("msg_1", now, valid+",x"),
			"100 signatures":   headers("msg_1", now, strings.Repeat("v1,AAAA ", 100)+valid),
			"leading zero":     zero,
			"duplicate id":     twice,
		} {
			assert.NoError(t, other.Verify(body, h), "%s used to accept: %s", name, what)
			_, err := v.Verify(h, body)
			assert.Error(t, err, what)
		}
	}
}
