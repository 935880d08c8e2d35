package webhook_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

func encoded(prefix string, b []byte) string { return prefix + base64.StdEncoding.EncodeToString(b) }

func mustKey(tb testing.TB, text string) webhook.Key {
	tb.Helper()
	k, err := webhook.ParseKey(text)
	require.NoError(tb, err)
	return k
}

func TestParseKeyAccepts(t *testing.T) {
	t.Parallel()
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{9}, 32))
	for name, text := range map[string]string{
		"24 bytes":       "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
		"64 bytes":       encoded("whsec_", bytes.Repeat([]byte{1}, 64)),
		"svix long":      "whsec_TUdfVE5UMnZlci1TeWxOYXQtX1ZlTW1kLTRtMFdhYmEwanIxdHJvenRCbmlTQ2hFdzBnbHhFbWdFaTJLdzQwSA==",
		"public":         "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=",
		"private, 64":    "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==",
		"private, other": encoded("whsk_", private),
	} {
		assert.Equal(t, text, mustKey(t, text).Reveal(), name)
	}
	seed := mustKey(t, encoded("whsk_", private.Seed()))
	assert.Equal(t, encoded("whsk_", private), seed.Reveal(), "a seed is given out in the 64-byte form")
}

func TestParseKeyRefuses(t *testing.T) {
	t.Parallel()
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{9}, 32))
	foreign := slices.Concat(private[:32], bytes.Repeat([]byte{8}, 32))
	good := "C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
	for name, text := range map[string]string{
		"nothing":            "",
		"one letter":         "w",
		"percent":            "whsec_%",
		"wrong length":       "whsec_wronglength",
		"svix bad private":   "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kv",
		"halves apart":       "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlaaaaaaaaaaAJ6p9lMicMFs6Kvg==",
		"foreign half":       encoded("whsk_", foreign),
		"private, 33":        encoded("whsk_", make([]byte, 33)),
		"misspelled prefix":  "hwsec_" + good,
		"upper case prefix":  "WHSEC_" + good,
		"23 bytes":           encoded("whsec_", make([]byte, 23)),
		"65 bytes":           encoded("whsec_", make([]byte, 65)),
		"svix too long":      "whsec_V09IYXZUaFJoSnFobnpJQkpPMXdpdGFNWnJsRzAxdXZCeTVndVpwRmxSSXFsc0oyYzBTRWRUekJhYnlaZ0JSRGNPQ3BGZG1xYjFVVmRGQ3UK",
		"a megabyte":         "whsec_" + strings.Repeat("A", 1<<20),
		"leading space":      " whsec_" + good,
		"space after prefix": "whsec_ " + good,
		"line break inside":  "whsec_C2FVsBQIhrsc\nChlQIMV+b5sSYspob7oD",
		"carriage return":    "whsec_" + good + "\r",
		"base64url":          "whsec_" + strings.Replace(good, "+", "-", 1),
		"no padding":         strings.TrimRight(encoded("whsec_", make([]byte, 25)), "="),
		"trailing bits":      "whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 24)) + "AB==",
		"quoted":             `"whsec_` + good + `"`,
		"public, 31":         encoded("whpk_", make([]byte, 31)),
		"public, 33":         encoded("whpk_", make([]byte, 33)),
	} {
		_, err := webhook.ParseKey(text)
		require.ErrorIs(t, err, webhook.ErrInvalidKey, name)
		if len(text) > 20 {
			assert.NotContains(t, err.Error(), text[6:20], "%s: nothing of the text in the message", name)
		}
	}
}

// TestSmallOrder goes through every encoding that crypto/ed25519 takes for a point of small order, in both signs.
func TestSmallOrder(t *testing.T) {
	t.Parallel()
	for _, y := range []string{
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	} {
		for _, sign := range []byte{0, 0x80} {
			b, err := hex.DecodeString(y)
			require.NoError(t, err)
			b[31] |= sign
			_, err = webhook.ParseKey(encoded("whpk_", b))
			require.ErrorIs(t, err, webhook.ErrInvalidKey, "%x", b)
			assert.True(t, forgeable(b), "%x is refused without need", b)
		}
	}
}

// forgeable reports whether S = 0 and a fixed R verify some of 64 messages: nobody's private key was used.
func forgeable(public []byte) bool {
	for i := range byte(64) {
		for _, r := range [][]byte{append([]byte{1}, make([]byte, 31)...), public} {
			if ed25519.Verify(public, []byte{i}, slices.Concat(r, make([]byte, 32))) {
				return true
			}
		}
	}
	return false
}

func TestRawHMACKey(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 15} {
		_, err := webhook.RawHMACKey(make([]byte, n))
		require.ErrorIs(t, err, webhook.ErrInvalidKey, "%d bytes", n)
	}
	b := []byte("a provider's own secret")
	k, err := webhook.RawHMACKey(b)
	require.NoError(t, err)
	assert.Empty(t, k.Reveal())
	before := signWith(t, k)
	clear(b)
	assert.Equal(t, before, signWith(t, k), "the key does not hold on to the caller's slice")
}

func signWith(tb testing.TB, k webhook.Key) string {
	tb.Helper()
	s, err := webhook.NewSigner(k)
	require.NoError(tb, err)
	signature, err := s.Sign(caseID, caseClock(), []byte(caseBody))
	require.NoError(tb, err)
	return signature
}

func TestGenerated(t *testing.T) {
	t.Parallel()
	secret, again := webhook.GenerateSecret(), webhook.GenerateSecret()
	assert.NotEqual(t, secret.Reveal(), again.Reveal())
	assert.Len(t, secretBytes(secret.Reveal()), 32)
	assert.Equal(t, secret.Fingerprint(), mustKey(t, secret.Reveal()).Fingerprint())
	_, ok := secret.Public()
	assert.False(t, ok)

	private, public := webhook.GenerateKeyPair()
	assert.Equal(t, signWith(t, private), signWith(t, mustKey(t, private.Reveal())))
	half, ok := private.Public()
	require.True(t, ok)
	assert.Equal(t, public.Reveal(), half.Reveal())
	same, ok := public.Public()
	require.True(t, ok)
	assert.Equal(t, public.Reveal(), same.Reveal())
	assert.Equal(t, public.Fingerprint(), private.Fingerprint(), "both ends log the same word")
}

// TestKeysDoNotShow prints keys, what holds them and what refuses them in every way a program might.
func TestKeysDoNotShow(t *testing.T) {
	t.Parallel()
	secret := webhook.GenerateSecret()
	private, _ := webhook.GenerateKeyPair()
	raw, err := webhook.RawHMACKey([]byte("raw secret, 0123456789"))
	require.NoError(t, err)
	v, err := webhook.NewVerifier(webhook.StaticKeys(secret))
	require.NoError(t, err)
	s, err := webhook.NewSigner(secret, private)
	require.NoError(t, err)
	signWith(t, secret) // so that its pool holds a state
	_, refused := webhook.NewVerifier(webhook.StaticKeys(private))
	require.Error(t, refused)
	type config struct {
		Public  webhook.Key
		private webhook.Key
	}

	var out bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&out, nil))
	for _, x := range []any{secret, &secret, private, raw, v, s, refused, config{secret, private}, []webhook.Key{secret, raw}, map[string]any{"k": private}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
			fmt.Fprintf(&out, verb+"\n", x)
		}
		log.Info("printed", "x", x)
		text, err := json.Marshal(x)
		if err == nil {
			out.Write(text)
		}
	}
	for _, k := range []webhook.Key{secret, private} {
		b, err := base64.StdEncoding.DecodeString(k.Reveal()[strings.IndexByte(k.Reveal(), '_')+1:])
		require.NoError(t, err)
		assert.NotContains(t, out.String(), k.Reveal()[6:20])
		assert.NotContains(t, strings.ToLower(out.String()), hex.EncodeToString(b[:8]))
		assert.NotContains(t, out.String(), strings.Trim(fmt.Sprintf("%d", b[:8]), "[]"))
		assert.Contains(t, out.String(), k.Fingerprint())
	}
	assert.NotContains(t, out.String(), "raw secret")
	assert.NotContains(t, strings.ToLower(out.String()), hex.EncodeToString([]byte("raw secret")))
	assert.Equal(t, "no key", webhook.Key{}.String())
}

func TestKeyInConfiguration(t *testing.T) {
	t.Parallel()
	var c struct{ Secret webhook.Key }
	require.NoError(t, json.Unmarshal([]byte(`{"Secret":"`+caseSecret+`"}`), &c))
	assert.Equal(t, caseSecret, c.Secret.Reveal())
	require.ErrorIs(t, json.Unmarshal([]byte(`{"Secret":"hunter2"}`), &c), webhook.ErrInvalidKey)
	assert.Equal(t, caseSecret, c.Secret.Reveal(), "a refused text changes nothing")
	var none webhook.Key
	assert.True(t, none.IsZero())
	assert.False(t, c.Secret.IsZero())
}
