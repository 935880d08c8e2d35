package webhook_test

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

func mustVerifier(tb testing.TB, source webhook.KeySource, opts ...webhook.VerifyOption) *webhook.Verifier {
	tb.Helper()
	v, err := webhook.NewVerifier(source, append([]webhook.VerifyOption{webhook.WithClock(caseClock)}, opts...)...)
	require.NoError(tb, err)
	return v
}

func signed(tb testing.TB, keys ...webhook.Key) http.Header {
	tb.Helper()
	s, err := webhook.NewSigner(keys...)
	require.NoError(tb, err)
	h := http.Header{}
	require.NoError(tb, s.SetHeaders(h, caseID, caseClock(), []byte(caseBody)))
	return h
}

type keysFunc func() ([]webhook.Key, error)

func (f keysFunc) Keys(context.Context) ([]webhook.Key, error) { return f() }

func TestNewVerifierRefuses(t *testing.T) {
	t.Parallel()
	secret := webhook.GenerateSecret()
	good := webhook.StaticKeys(secret)
	for name, fn := range map[string]func() error{
		"no source": func() error { _, err := webhook.NewVerifier(nil); return err },
		"no keys":   func() error { _, err := webhook.NewVerifier(webhook.StaticKeys()); return err },
		"five keys": func() error {
			_, err := webhook.NewVerifier(webhook.StaticKeys(secret, secret, secret, secret, secret))
			return err
		},
		"a zero key":       func() error { _, err := webhook.NewVerifier(webhook.StaticKeys(webhook.Key{})); return err },
		"no tolerance":     func() error { _, err := webhook.NewVerifier(good, webhook.WithTolerance(0)); return err },
		"endless":          func() error { _, err := webhook.NewVerifier(good, webhook.WithTolerance(time.Hour+1)); return err },
		"no clock":         func() error { _, err := webhook.NewVerifier(good, webhook.WithClock(nil)); return err },
		"another prefix":   func() error { _, err := webhook.NewVerifier(good, webhook.WithHeaderPrefix("x-")); return err },
		"no header prefix": func() error { _, err := webhook.NewVerifier(good, webhook.WithHeaderPrefix("")); return err },
	} {
		require.Error(t, fn(), name)
	}
}

func TestToleranceIsExactAndOnBothSides(t *testing.T) {
	t.Parallel()
	key := mustKey(t, caseSecret)
	for skew, want := range map[int]webhook.Code{
		-60: "", 60: "", 0: "",
		-61: webhook.ErrTimestampTooOld, 61: webhook.ErrTimestampTooNew,
		-caseNow: webhook.ErrTimestampTooOld, 999999999999 - caseNow: webhook.ErrTimestampTooNew,
	} {
		a := newAttempt()
		a.sign(caseID, strconv.Itoa(caseNow+skew), caseBody)
		var seen webhook.Observation
		v := mustVerifier(t, webhook.StaticKeys(key), webhook.WithTolerance(time.Minute),
			webhook.WithObserver(func(o webhook.Observation) { seen = o }))
		_, err := v.Verify(a.header, []byte(a.body))
		assert.Equal(t, want, seen.Code)
		if want == "" {
			require.NoError(t, err)
			assert.Equal(t, webhook.Observation{Key: key.Fingerprint(), Skew: time.Duration(skew) * time.Second}, seen)
			continue
		}
		require.ErrorIs(t, err, want)
		e, _ := errors.AsType[*webhook.Error](err)
		assert.Equal(t, 401, e.Status)
		assert.Equal(t, skew > 0, e.Skew > 0)
		if -1e9 < skew && skew < 1e9 {
			assert.Equal(t, time.Duration(skew)*time.Second, e.Skew)
			assert.Contains(t, err.Error(), strconv.Itoa(skew)+" s")
		}
	}
	half := mustVerifier(t, webhook.StaticKeys(key), webhook.WithTolerance(time.Minute),
		webhook.WithClock(func() time.Time { return time.Unix(caseNow+60, 1) }))
	_, err := half.Verify(newAttempt().header, []byte(caseBody))
	require.ErrorIs(t, err, webhook.ErrTimestampTooOld, "a nanosecond over is over")
}

func TestWhichKeyMatched(t *testing.T) {
	t.Parallel()
	current, previous, stranger := webhook.GenerateSecret(), webhook.GenerateSecret(), webhook.GenerateSecret()
	private, public := webhook.GenerateKeyPair()
	v := mustVerifier(t, webhook.StaticKeys(current, public, previous))
	for name, c := range map[string]struct {
		header http.Header
		index  int
		scheme string
	}{
		"current":               {signed(t, current), 0, "v1"},
		"previous":              {signed(t, previous), 2, "v1"},
		"both, any order":       {signed(t, previous, current), 0, "v1"},
		"asymmetric":            {signed(t, private), 1, "v1a"},
		"stranger's first":      {signed(t, stranger, previous), 2, "v1"},
		"cheaper scheme first":  {signed(t, private, current), 0, "v1"},
		"v1 unknown, v1a known": {signed(t, stranger, private), 1, "v1a"},
	} {
		d, err := v.Verify(c.header, []byte(caseBody))
		require.NoError(t, err, name)
		assert.Equal(t, c.index, d.KeyIndex, name)
		assert.Equal(t, c.scheme, d.Scheme, name)
		assert.Equal(t, []webhook.Key{current, public, previous}[c.index].Fingerprint(), d.Key, name)
	}
	_, err := v.Verify(signed(t, stranger), []byte(caseBody))
	require.ErrorIs(t, err, webhook.ErrSignatureMismatch)
}

func TestHeaderPrefix(t *testing.T) {
	t.Parallel()
	key := mustKey(t, caseSecret)
	v := mustVerifier(t, webhook.StaticKeys(key), webhook.WithHeaderPrefix("svix-"))
	h := newAttempt().header
	_, err := v.Verify(h, []byte(caseBody))
	require.ErrorIs(t, err, webhook.ErrMissingHeader, "exactly one family is read")
	for _, name := range []string{"Id", "Timestamp", "Signature"} {
		h["Svix-"+name] = h["Webhook-"+name]
	}
	_, err = v.Verify(h, []byte(caseBody))
	require.NoError(t, err)
}

func TestHeaderLimits(t *testing.T) {
	t.Parallel()
	valid := newAttempt().signature()
	filler := func(n int) string { return strings.Repeat("v1,AAAA ", n) + valid }
	for name, c := range map[string]struct {
		change func(*attempt)
		want   webhook.Code
	}{
		"16 signatures":     {claim(func(string) string { return filler(15) }), ""},
		"17 signatures":     {claim(func(string) string { return filler(16) }), webhook.ErrMalformedHeader},
		"4097 bytes":        {claim(func(string) string { return strings.Repeat("x", 4097-1-len(valid)) + " " + valid }), webhook.ErrMalformedHeader},
		"4096 bytes":        {claim(func(string) string { return strings.Repeat("x", 4096-1-len(valid)) + " " + valid }), ""},
		"id of 128":         {named(strings.Repeat("a", 128)), ""},
		"id of 129":         {named(strings.Repeat("a", 129)), webhook.ErrMalformedHeader},
		"joined by a proxy": {claim(func(string) string { return "v1,AAAA, " + valid }), webhook.ErrMalformedHeader},
		"only spaces":       {claim(func(string) string { return "   " }), webhook.ErrNoSupportedScheme},
		"spaces around":     {claim(func(string) string { return "  " + valid + " " }), ""},
		"tab between":       {claim(func(string) string { return "v1,AAAA\t" + valid }), webhook.ErrSignatureMismatch},
		"two spellings of a name": {func(a *attempt) {
			delete(a.header, "Webhook-Id")
			a.header["webhook-id"] = []string{caseID}
			a.header["WEBHOOK-ID"] = []string{"evt_other"}
		}, webhook.ErrMalformedHeader},
		"line breaks in signature": {claim(func(string) string { return "v1," + valid[3:23] + "\r\n\r\n" + valid[23:43] }), webhook.ErrSignatureMismatch},
		"33 bytes":                 {claim(func(string) string { return "v1," + strings.Repeat("A", 44) }), webhook.ErrSignatureMismatch},
	} {
		a := newAttempt()
		c.change(a)
		_, err := a.try()
		if c.want == "" {
			assert.NoError(t, err, name)
		} else {
			assert.ErrorIs(t, err, c.want, name)
		}
	}
}

// TestEd25519ChecksAreBounded: an honest sender with four live keys is understood by a receiver that has any one of them first,
// and a stranger's sixteen signatures cost four checks.
func TestEd25519ChecksAreBounded(t *testing.T) {
	t.Parallel()
	var private, public [6]webhook.Key
	for i := range private {
		private[i], public[i] = webhook.GenerateKeyPair()
	}
	v := mustVerifier(t, webhook.StaticKeys(public[0]))
	_, err := v.Verify(signed(t, private[1], private[2], private[3], private[0]), []byte(caseBody))
	require.NoError(t, err, "the fourth of four")
	all := mustVerifier(t, webhook.StaticKeys(public[0], public[1], public[2], public[3]))
	d, err := all.Verify(signed(t, private[3], private[2]), []byte(caseBody))
	require.NoError(t, err)
	assert.Equal(t, 3, d.KeyIndex)

	h := signed(t, private[1], private[2], private[3], private[4])
	h["Webhook-Signature"][0] += " " + signed(t, private[0]).Get("Webhook-Signature")
	_, err = v.Verify(h, []byte(caseBody))
	require.ErrorIs(t, err, webhook.ErrSignatureMismatch, "the fifth is not looked at")
}

func TestKeySource(t *testing.T) {
	t.Parallel()
	private, public := webhook.GenerateKeyPair()
	down := errors.New("vault is sealed")
	var keys []webhook.Key
	var failure error
	v := mustVerifier(t, keysFunc(func() ([]webhook.Key, error) { return keys, failure }))
	try := func() error { _, err := v.Verify(signed(t, private), []byte(caseBody)); return err }

	require.ErrorIs(t, try(), webhook.ErrKeysUnavailable, "an empty set verifies nothing")
	keys = []webhook.Key{{}, private}
	require.ErrorIs(t, try(), webhook.ErrKeysUnavailable, "nor do keys that cannot verify")
	keys = []webhook.Key{private, public}
	require.NoError(t, try())
	failure = down
	err := try()
	require.ErrorIs(t, err, webhook.ErrKeysUnavailable)
	require.ErrorIs(t, err, down)
	e, _ := errors.AsType[*webhook.Error](err)
	assert.Equal(t, 503, e.Status)
}

func TestBodyReadByAnother(t *testing.T) {
	t.Parallel()
	a := newAttempt()
	a.header.Set("Content-Length", strconv.Itoa(len(caseBody)))
	a.body = ""
	_, err := a.try()
	require.ErrorIs(t, err, webhook.ErrSignatureMismatch)
	assert.Contains(t, err.Error(), "read before it was verified")
}

func TestCodesHaveStatuses(t *testing.T) {
	t.Parallel()
	for _, c := range allVerifierCases() {
		a := newAttempt()
		c.arrange(a)
		_, err := a.try()
		if e, ok := errors.AsType[*webhook.Error](err); ok && c.want != webhook.ErrInvalidKey {
			assert.Contains(t, []int{400, 401}, e.Status, c.name)
			assert.NotContains(t, err.Error(), "MfKQ9r8", c.name)
			assert.NotErrorIs(t, err, webhook.ErrHandler, c.name)
		}
	}
}
