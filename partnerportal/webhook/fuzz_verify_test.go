package webhook_test

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

// FuzzHeaders: whatever the headers are, what is accepted carries, as one of its tokens, the one signature of exactly that id,
// timestamp and body, which is computed here anew.
func FuzzHeaders(f *testing.F) {
	f.Add(caseID, strconv.Itoa(caseNow), newAttempt().signature(), []byte(caseBody))
	for _, c := range allVerifierCases() {
		a := newAttempt()
		c.arrange(a)
		f.Add(a.header.Get("webhook-id"), a.header.Get("webhook-timestamp"), a.signature(), []byte(a.body))
	}
	_, public := webhook.GenerateKeyPair()
	v := mustVerifier(f, webhook.StaticKeys(mustKey(f, caseSecret), public))
	f.Fuzz(func(t *testing.T, id, timestamp, signature string, body []byte) {
		h := http.Header{"Webhook-Id": {id}, "Webhook-Timestamp": {timestamp}, "Webhook-Signature": {signature}}
		d, err := v.Verify(h, body)
		if err != nil {
			var e *webhook.Error
			require.ErrorAs(t, err, &e)
			require.NotContains(t, err.Error(), "MfKQ9r8")
			return
		}
		require.Contains(t, strings.Split(signature, " "), v1(secretBytes(caseSecret), id, timestamp, string(body)))
		require.Equal(t, timestamp, strconv.FormatInt(d.Timestamp.Unix(), 10))
		require.Equal(t, id, d.ID)
		require.NotContains(t, id, ".")
	})
}

// FuzzParseKey: a text is refused, or is the one spelling of its key.
func FuzzParseKey(f *testing.F) {
	for _, c := range vectors {
		f.Add(c.sign)
	}
	f.Add("whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=")
	f.Add("whsec_")
	f.Add("whsk_" + base64.StdEncoding.EncodeToString(make([]byte, 32)))
	f.Fuzz(func(t *testing.T, text string) {
		k, err := webhook.ParseKey(text)
		if err != nil {
			require.ErrorIs(t, err, webhook.ErrInvalidKey)
			return
		}
		again, err := webhook.ParseKey(k.Reveal())
		require.NoError(t, err)
		require.Equal(t, k.Reveal(), again.Reveal())
		require.Equal(t, k.String(), again.String())
		if seed := len(text) == len("whsk_")+base64.StdEncoding.EncodedLen(32) && strings.HasPrefix(text, "whsk_"); !seed {
			require.Equal(t, text, k.Reveal())
		}
		require.NotContains(t, k.String(), text[len("whsec_"):])
	})
}

// FuzzJWKS: a key set from anywhere gives at most four keys, all of which verify and none of which is forgeable.
func FuzzJWKS(f *testing.F) {
	f.Add([]byte(`{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`))
	f.Add([]byte(`{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},{"kty":"RSA"},null,1]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		p := &publisher{}
		p.text(string(body))
		keys, err := p.source(t).Keys(t.Context())
		if err != nil {
			require.Empty(t, keys)
			return
		}
		require.NotEmpty(t, keys)
		require.LessOrEqual(t, len(keys), 4)
		_, err = webhook.NewVerifier(webhook.StaticKeys(keys...))
		require.NoError(t, err)
		for _, k := range keys {
			_, err := webhook.ParseKey(k.Reveal())
			require.NoError(t, err)
		}
	})
}
