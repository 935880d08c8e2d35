package webhook_test

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

// The adversarial cases of the verifier, 1 to 78. Each begins with a valid delivery and changes one thing; signatures are made
// here with crypto/hmac and crypto/ed25519, not with our Signer, so that both cannot be wrong in the same way.
type adversarial struct {
	n       int
	name    string
	want    webhook.Code // "" = accepted
	arrange func(*attempt)
}

const (
	caseNow    = 1760000000
	caseID     = "evt_01j8x4c6v0e8m9t2k3r5q7w1zy"
	caseBody   = `{"type":"deal.approved","data":{"a":1,"b":2}}`
	caseSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
)

type attempt struct {
	keys   []string // as configured
	header http.Header
	body   string
}

func newAttempt() *attempt {
	a := &attempt{keys: []string{caseSecret}, header: http.Header{}, body: caseBody}
	a.sign(caseID, strconv.Itoa(caseNow), caseBody)
	return a
}

func (a *attempt) set(name, value string) {
	a.header[http.CanonicalHeaderKey("webhook-"+name)] = []string{value}
}

func (a *attempt) signature() string { return a.header.Get("webhook-signature") }

// sign sends what it signs, with the secret of the configuration.
func (a *attempt) sign(id, timestamp, body string) {
	a.set("id", id)
	a.set("timestamp", timestamp)
	a.set("signature", v1(secretBytes(caseSecret), id, timestamp, body))
	a.body = body
}

// at is a validly signed delivery whose clock is off by the given number of seconds.
func at(skew int) func(*attempt) {
	return func(a *attempt) { a.sign(caseID, strconv.Itoa(caseNow+skew), caseBody) }
}

// spelled signs the number and sends another spelling of it: what a verifier accepts that signs again what it parsed.
func spelled(timestamp string) func(*attempt) {
	return func(a *attempt) { a.set("timestamp", timestamp) }
}

// tamper changes the body only.
func tamper(body string) func(*attempt) { return func(a *attempt) { a.body = body } }

// claim replaces the signature.
func claim(signature func(valid string) string) func(*attempt) {
	return func(a *attempt) { a.set("signature", signature(a.signature())) }
}

// named signs the id and sends it.
func named(id string) func(*attempt) {
	return func(a *attempt) { a.sign(id, strconv.Itoa(caseNow), caseBody) }
}

// forged configures secret, and signs with what a careless verifier takes for its bytes.
func forged(secret string, key []byte) func(*attempt) {
	return func(a *attempt) {
		a.keys = []string{secret}
		a.set("signature", v1(key, caseID, strconv.Itoa(caseNow), caseBody))
	}
}

func secretBytes(secret string) []byte {
	b, err := base64.StdEncoding.DecodeString(secret[len("whsec_"):])
	if err != nil {
		panic(err)
	}
	return b
}

func v1(key []byte, id, timestamp, body string) string {
	return "v1," + base64.StdEncoding.EncodeToString(hmacOf(key, id+"."+timestamp+"."+body))
}

func hmacOf(key []byte, message string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(message))
	return mac.Sum(nil)
}

func v1a(private ed25519.PrivateKey, id, timestamp, body string) string {
	signature := ed25519.Sign(private, []byte(id+"."+timestamp+"."+body))
	return "v1a," + base64.StdEncoding.EncodeToString(signature)
}

// try does what a program does: parse the keys, make a verifier, verify.
func (a *attempt) try() (webhook.Delivery, error) {
	var keys []webhook.Key
	for _, text := range a.keys {
		k, err := webhook.ParseKey(text)
		if err != nil {
			return webhook.Delivery{}, err
		}
		keys = append(keys, k)
	}
	v, err := webhook.NewVerifier(webhook.StaticKeys(keys...), webhook.WithClock(caseClock))
	if err != nil {
		return webhook.Delivery{}, err
	}
	return v.Verify(a.header, []byte(a.body))
}

func caseClock() time.Time { return time.Unix(caseNow, 0) }

func allVerifierCases() []adversarial {
	return append(append(bodyAndSignatureCases(), headerCases()...), keyCases()...)
}

func TestVerifierCases(t *testing.T) {
	t.Parallel()
	for _, c := range allVerifierCases() {
		t.Run(fmt.Sprintf("%02d %s", c.n, c.name), func(t *testing.T) {
			t.Parallel()
			a := newAttempt()
			c.arrange(a)
			d, err := a.try()
			if c.want == "" {
				require.NoError(t, err)
				assert.Equal(t, a.body, string(d.Body))
				return
			}
			require.ErrorIs(t, err, c.want)
			assert.Equal(t, webhook.Delivery{}, d, "nothing of a refused delivery may be used")
			var e *webhook.Error
			require.ErrorAs(t, err, &e)
		})
	}
}

func TestVerifierCasesAreComplete(t *testing.T) {
	t.Parallel()
	seen := map[int]int{}
	for _, c := range allVerifierCases() {
		seen[c.n]++
	}
	require.Len(t, seen, 78)
	for n := 1; n <= 78; n++ {
		assert.Equal(t, 1, seen[n], "case %d", n)
	}
}
