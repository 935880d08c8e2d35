package badge_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/training/credentials/badge"
)

func TestBundleAsAFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := []byte(w.sign(t, w.credential()))
	file := marshal(t, w.bundle(t))
	again, err := badge.ParseBundle(file)
	require.NoError(t, err)
	require.NoError(t, badge.Verify(token, again, badge.At(now)).Err())
	assert.JSONEq(t, string(file), string(marshal(t, again)))
	assert.NotContains(t, string(file), `"d":`, "no private key gets into a bundle")
	assert.Equal(t, "Acme", again.Contents().Issuers[0].Name)

	var part struct{ Trust badge.Bundle } // of somebody's settings
	require.NoError(t, json.Unmarshal([]byte(`{"trust":`+string(file)+`}`), &part))
	require.NoError(t, badge.Verify(token, &part.Trust, badge.At(now)).Err())
	assert.JSONEq(t, `{"Trust":`+string(file)+`}`, string(marshal(t, part)))
	require.Error(t, json.Unmarshal([]byte(`{"trust":{}}`), &part))
	for _, empty := range []any{badge.Bundle{}, &badge.Bundle{}} {
		nobody, err := badge.ParseBundle(marshal(t, empty))
		require.NoError(t, err)
		assert.Empty(t, nobody.Contents().Issuers)
	}
}

// A bundle is the verifier's own and may be large.
func TestBundleOfManyIssuers(t *testing.T) {
	t.Parallel()
	var contents badge.Contents
	for i := range 5000 {
		contents.Issuers = append(contents.Issuers, badge.Issuer{ID: fmt.Sprintf("urn:issuer:%d", i)})
	}
	bundle, err := badge.NewBundle(contents)
	require.NoError(t, err)
	again, err := badge.ParseBundle(marshal(t, bundle))
	require.NoError(t, err)
	assert.Len(t, again.Contents().Issuers, 5000)
}

func TestBundleRefuses(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		``:                              "bundle",
		`[]`:                            "bundle",
		`{}`:                            `"issuers" is required`,
		`{"issuers":[{"id":"acme"}]}`:   "issuers/0/id",
		`{"issuers":[],"issuers":[{}]}`: "duplicate",
		`{"issuers":[{"id":"urn:a","jwks":{"keys":[]}},{"id":"urn:a","jwks":{"keys":[]}}]}`: "issuers/1/id",
		`{"issuers":[],"status_lists":[{"url":"urn:l"},{"url":"urn:l"}]}`:                   "status_lists/1/url",
		`{"issuers":[{"id":"urn:a","jwks":{}}]}`:                                            `"keys" is required`,
		strings.Repeat(`[`, 100):                                                            "deeper",
	} {
		_, err := badge.ParseBundle([]byte(file))
		require.ErrorContains(t, err, want, file)
	}
	var many badge.JWKS
	require.ErrorContains(t, json.Unmarshal([]byte(`{"keys":[`+strings.Repeat(`{},`, 64)+`{}]}`), &many), "more than 64")
}

// A nil bundle and an empty one trust nobody, and say so.
func TestNobodyIsTrusted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := []byte(w.sign(t, w.credential()))
	v := badge.Verify(token, nil)
	assert.False(t, v.OK())
	assert.Equal(t, badge.ReasonIssuerUntrusted, v.Issuer.Reason)
	assert.Contains(t, v.Issuer.Detail, issuerID)
	assert.WithinDuration(t, time.Now(), v.At, time.Minute, "without At it is about now")
	var e *badge.NotVerifiedError
	require.ErrorAs(t, v.Err(), &e)
	assert.Len(t, e.Checks, 3)
	assert.ErrorContains(t, e, "status unknown (status_list_missing): the bundle has no status list "+listURL)
}

// What is asked decides what counts: the holder only when somebody asks.
func TestVerdictSaysWhatWasAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token, bundle := []byte(w.sign(t, w.credential())), w.bundle(t)
	unasked := badge.Verify(token, bundle, badge.At(now))
	assert.True(t, unasked.OK())
	assert.Equal(t, badge.ReasonHolderNotAsked, unasked.Holder.Reason)
	asked := badge.Verify(token, bundle, badge.At(now), badge.WithHolder("eve@partner.example"))
	assert.False(t, asked.OK())
	assert.True(t, badge.Verify(token, bundle, badge.At(now), badge.MaxStatusAge(48*time.Hour)).OK())

	var verdict map[string]any
	require.NoError(t, json.Unmarshal(marshal(t, asked), &verdict))
	assert.Equal(t, map[string]any{
		"name": "holder", "result": "failed", "reason": "holder_mismatch", "detail": "it was awarded to another address",
	}, verdict["holder"])
	assert.Equal(t, "vc-jwt", verdict["format"])
	for _, v := range []badge.Verdict{unasked, asked} {
		var kept badge.Verdict
		require.NoError(t, json.Unmarshal(marshal(t, v), &kept))
		assert.Equal(t, v.OK(), kept.OK(), "a verdict that was kept means what it meant")
		assert.Equal(t, v.Err(), kept.Err())
	}
	nothing := badge.Verify(nil, bundle)
	assert.Equal(t, badge.ReasonHolderNotAsked, nothing.Holder.Reason)
	assert.NotContains(t, nothing.Err().Error(), "holder")
}

func TestPublicKeyAsJWK(t *testing.T) {
	t.Parallel()
	// The key of RFC 8037, appendix A, and its thumbprint.
	public, err := base64.RawURLEncoding.DecodeString("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")
	require.NoError(t, err)
	key := badge.PublicKey{ID: "k", Key: ed25519.PublicKey(public), NotBefore: from, NotAfter: until, RevokedAt: now}
	thumbprint, err := key.Thumbprint()
	require.NoError(t, err)
	assert.Equal(t, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", thumbprint)
	assert.JSONEq(t, fmt.Sprintf(`{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"k","use":"sig","alg":"EdDSA",
		"nbf":%d,"exp":%d,"revoked":{"revoked_at":%d}}`, from.Unix(), until.Unix(), now.Unix()), string(marshal(t, key)))
	var again badge.PublicKey
	require.NoError(t, json.Unmarshal(marshal(t, key), &again))
	assert.Equal(t, marshal(t, key), marshal(t, again))
	assert.True(t, again.RevokedAt.Equal(now))
	_, err = json.Marshal(badge.PublicKey{Key: []byte("secret")})
	require.Error(t, err)
	_, err = badge.PublicKey{Key: "text"}.Thumbprint()
	require.Error(t, err)
}

// Of what issuers publish only the keys that can prove something are taken.
func TestJWKSLeavesOutWhatProvesNothing(t *testing.T) {
	t.Parallel()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	x, d := segment(public), segment(private.Seed())
	small := segment(new(big.Int).Lsh(big.NewInt(1), 1023).Bytes())
	good := fmt.Sprintf(`{"kty":"OKP","crv":"Ed25519","x":%q,"kid":"good"}`, x)
	for name, key := range map[string]string{
		"private":                     fmt.Sprintf(`{"kty":"OKP","crv":"Ed25519","x":%q,"d":%q}`, x, d),
		"symmetric":                   `{"kty":"oct","k":"c2VjcmV0"}`,
		"for encryption":              fmt.Sprintf(`{"kty":"OKP","crv":"Ed25519","x":%q,"use":"enc"}`, x),
		"for signing only":            fmt.Sprintf(`{"kty":"OKP","crv":"Ed25519","x":%q,"key_ops":["sign"]}`, x),
		"of another alg":              fmt.Sprintf(`{"kty":"OKP","crv":"Ed25519","x":%q,"alg":"ES256"}`, x),
		"alg none":                    fmt.Sprintf(`{"kty":"OKP","crv":"Ed25519","x":%q,"alg":"none"}`, x),
		"another curve":               fmt.Sprintf(`{"kty":"OKP","crv":"X25519","x":%q}`, x),
		"off the curve":               fmt.Sprintf(`{"kty":"EC","crv":"P-256","x":%q,"y":%q}`, x, x),
		"RSA of 1024 bits":            fmt.Sprintf(`{"kty":"RSA","n":%q,"e":"AQAB"}`, small),
		"short":                       `{"kty":"OKP","crv":"Ed25519","x":"AAAA"}`,
		"a member twice":              fmt.Sprintf(`{"kty":"OKP","crv":"Ed25519","x":%q,"x":%q}`, x, x),
		"of no kind":                  `{}`,
		"not an object":               `7`,
		"without end":                 fmt.Sprintf(`{"kty":"OKP","crv":"Ed25519","x":%q,"exp":1e300}`, x),
		"with a begin that overflows": fmt.Sprintf(`{"kty":"OKP","crv":"Ed25519","x":%q,"nbf":1e300}`, x),
		"revoked in the year 1":       fmt.Sprintf(`{"kty":"OKP","crv":"Ed25519","x":%q,"revoked":{"revoked_at":-62135596800}}`, x),
		"no time of validity":         fmt.Sprintf(`{"kty":"OKP","crv":"Ed25519","x":%q,"exp":"never"}`, x),
	} {
		var set badge.JWKS
		require.NoError(t, json.Unmarshal([]byte(`{"keys":[`+key+`,`+good+`]}`), &set), name)
		require.Len(t, set.Keys, 1, name)
		assert.Equal(t, "good", set.Keys[0].ID, name)
		require.Error(t, json.Unmarshal([]byte(key), new(badge.PublicKey)), name)
	}
}

// RSA and the larger curves are verified, as other issuers use them, though nothing is signed with them here.
func TestOtherAlgorithms(t *testing.T) {
	t.Parallel()
	big, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	require.NoError(t, err)
	p521, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	require.NoError(t, err)
	for algorithm, sign := range map[string]func([]byte) []byte{
		"RS256": rs256(t, big), "PS256": ps256(t, big), "ES384": ecdsaOf(t, p384, crypto.SHA384), "ES512": ecdsaOf(t, p521, crypto.SHA512),
	} {
		f := newForgery(t)
		f.header["alg"] = algorithm
		f.contents.StatusLists[0].JWT = f.signedByNewKey()
		f.contents.Issuers[0].Keys.Keys[0].Key = map[string]crypto.PublicKey{
			"RS256": big.Public(), "PS256": big.Public(), "ES384": p384.Public(), "ES512": p521.Public(),
		}[algorithm]
		f.data = f.token(marshal(t, f.header), f.payload, sign)
		assert.Empty(t, summary(f.verify()), algorithm)
		f.data = f.token(marshal(t, f.header), append(f.payload, ' '), func([]byte) []byte { return sign([]byte("something else")) })
		assert.Equal(t, forged, summary(f.verify()), algorithm)
	}
}

// A key set may call the algorithm of Ed25519 by its older name or by its newer one, and a token too.
func TestNamesOfEd25519(t *testing.T) {
	t.Parallel()
	for _, known := range []string{"EdDSA", "Ed25519"} {
		for _, named := range []string{"EdDSA", "Ed25519"} {
			f := newForgery(t)
			key := &f.contents.Issuers[0].Keys.Keys[0]
			jwk := strings.Replace(string(marshal(t, key)), `"alg":"EdDSA"`, `"alg":"`+known+`"`, 1)
			require.NoError(t, json.Unmarshal([]byte(jwk), key))
			f.header["alg"] = named
			assert.Empty(t, summary(f.verify()), "%s by a key of %s", named, known)
		}
	}
}

// A key that is none is a key that fits nothing.
func TestKeysThatAreNone(t *testing.T) {
	t.Parallel()
	none := badge.SigningKey{}.Public()
	for _, key := range []crypto.PublicKey{nil, none.Key, ed25519.PublicKey{}, (*ecdsa.PublicKey)(nil), &ecdsa.PublicKey{}, (*rsa.PublicKey)(nil), &rsa.PublicKey{}, "text"} {
		f := newForgery(t)
		for _, algorithm := range []string{"EdDSA", "ES256", "RS256"} {
			f.data, f.header["alg"] = nil, algorithm
			f.contents.Issuers[0].Keys.Keys[0].Key = key
			assert.Equal(t, badge.ReasonKeyMissing, f.verify().Signature.Reason, "%T", key)
		}
	}
}
