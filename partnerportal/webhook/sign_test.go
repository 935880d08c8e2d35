package webhook_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

func TestNewSignerRefuses(t *testing.T) {
	t.Parallel()
	secret := webhook.GenerateSecret()
	_, public := webhook.GenerateKeyPair()
	for name, keys := range map[string][]webhook.Key{
		"none": {}, "five": {secret, secret, secret, secret, secret}, "zero": {{}}, "public": {secret, public},
	} {
		_, err := webhook.NewSigner(keys...)
		require.ErrorIs(t, err, webhook.ErrInvalidKey, name)
	}
}

func TestSignsWithEveryLiveKey(t *testing.T) {
	t.Parallel()
	current, previous := mustKey(t, caseSecret), webhook.GenerateSecret()
	private, _ := webhook.GenerateKeyPair()
	h := signed(t, current, private, previous)
	list := strings.Split(h.Get("webhook-signature"), " ")
	require.Len(t, list, 3)
	assert.Equal(t, v1(secretBytes(caseSecret), caseID, strconv.Itoa(caseNow), caseBody), list[0])
	assert.True(t, strings.HasPrefix(list[1], "v1a,"))
	assert.Equal(t, v1(secretBytes(previous.Reveal()), caseID, strconv.Itoa(caseNow), caseBody), list[2])
	assert.Equal(t, caseID, h.Get("webhook-id"))
	assert.Equal(t, strconv.Itoa(caseNow), h.Get("webhook-timestamp"))
}

func TestSignRefuses(t *testing.T) {
	t.Parallel()
	s, err := webhook.NewSigner(webhook.GenerateSecret())
	require.NoError(t, err)
	for _, id := range []string{"", "a.b", "a b", "é", strings.Repeat("a", 129)} {
		_, err := s.Sign(id, caseClock(), nil)
		require.ErrorIs(t, err, webhook.ErrMalformedHeader, "%q", id)
	}
	for _, at := range []time.Time{time.Unix(-1, 0), time.Unix(1_000_000_000_000, 0), {}} {
		h := http.Header{}
		require.ErrorIs(t, s.SetHeaders(h, caseID, at, nil), webhook.ErrMalformedHeader, "%v", at)
		assert.Empty(t, h)
	}
}

// TestAgreesWithHMAC compares with crypto/hmac at every length around a block, and with keys longer than one.
func TestAgreesWithHMAC(t *testing.T) {
	t.Parallel()
	for _, size := range []int{16, 24, 63, 64, 65, 200} {
		secret := bytes.Repeat([]byte{byte(size)}, size)
		key, err := webhook.RawHMACKey(secret)
		require.NoError(t, err)
		s, err := webhook.NewSigner(key)
		require.NoError(t, err)
		for n := range 300 {
			body := strings.Repeat("b", n)
			got, err := s.Sign(caseID, caseClock(), []byte(body))
			require.NoError(t, err)
			require.Equal(t, v1(secret, caseID, strconv.Itoa(caseNow), body), got, "key of %d, body of %d", size, n)
		}
	}
}

// kms is a key that lives elsewhere.
type kms struct {
	crypto.Signer
	asked int
	sign  func(message []byte) ([]byte, error)
}

func (k *kms) Sign(r io.Reader, message []byte, opts crypto.SignerOpts) ([]byte, error) {
	k.asked++
	if k.sign != nil {
		return k.sign(message)
	}
	return k.Signer.Sign(r, message, opts)
}

func TestCryptoKey(t *testing.T) {
	t.Parallel()
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{3}, 32))
	remote := &kms{Signer: private}
	key, err := webhook.CryptoKey(remote, 0)
	require.NoError(t, err)
	assert.Empty(t, key.Reveal())
	assert.Equal(t, mustKey(t, encoded("whsk_", private)).Fingerprint(), key.Fingerprint())
	assert.Equal(t, v1a(private, caseID, strconv.Itoa(caseNow), caseBody), signWith(t, key))

	s, err := webhook.NewSigner(key)
	require.NoError(t, err)
	overhead := len(caseID) + len(strconv.Itoa(caseNow)) + 2
	remote.asked = 0
	_, err = s.Sign(caseID, caseClock(), make([]byte, 4096-overhead))
	require.NoError(t, err)
	_, err = s.Sign(caseID, caseClock(), make([]byte, 4097-overhead))
	require.ErrorContains(t, err, "4096")
	assert.Equal(t, 1, remote.asked, "a message that is too long is not sent")

	wide, err := webhook.CryptoKey(remote, 1<<20)
	require.NoError(t, err)
	s, err = webhook.NewSigner(wide)
	require.NoError(t, err)
	_, err = s.Sign(caseID, caseClock(), make([]byte, 4097))
	require.NoError(t, err)

	down := errors.New("kms: throttled")
	remote.sign = func([]byte) ([]byte, error) { return nil, down }
	_, err = s.Sign(caseID, caseClock(), nil)
	require.ErrorIs(t, err, down)
	remote.sign = func(m []byte) ([]byte, error) { return private.Sign(nil, make([]byte, 64), crypto.SHA512) }
	_, err = s.Sign(caseID, caseClock(), nil)
	require.Error(t, err, "a prehashed signature is found out before it is sent")
}

func TestCryptoKeyRefuses(t *testing.T) {
	t.Parallel()
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	private := ed25519.NewKeyFromSeed(make([]byte, 32))
	for name, fn := range map[string]func() error{
		"nil":      func() error { _, err := webhook.CryptoKey(nil, 0); return err },
		"ECDSA":    func() error { _, err := webhook.CryptoKey(other, 0); return err },
		"negative": func() error { _, err := webhook.CryptoKey(private, -1); return err },
	} {
		require.ErrorIs(t, fn(), webhook.ErrInvalidKey, name)
	}
}
