package badge_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/training/credentials/badge"
)

func rs256(t *testing.T, key *rsa.PrivateKey) func([]byte) []byte {
	t.Helper()
	return func(in []byte) []byte {
		digest := sha256.Sum256(in)
		signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
		require.NoError(t, err)
		return signature
	}
}

func ps256(t *testing.T, key *rsa.PrivateKey) func([]byte) []byte {
	t.Helper()
	return func(in []byte) []byte {
		digest := sha256.Sum256(in)
		signature, err := rsa.SignPSS(rand.Reader, key, crypto.SHA256, digest[:], &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
		require.NoError(t, err)
		return signature
	}
}

func ecdsaOf(t *testing.T, key *ecdsa.PrivateKey, hash crypto.Hash) func([]byte) []byte {
	t.Helper()
	size := (key.Curve.Params().BitSize + 7) / 8
	return func(in []byte) []byte {
		h := hash.New()
		h.Write(in)
		r, s, err := ecdsa.Sign(rand.Reader, key, h.Sum(nil))
		require.NoError(t, err)
		return append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...)
	}
}

// assertion2 is a badge of Open Badges 2.0 (3.2), as a hosted one.
func assertion2() map[string]any {
	return map[string]any{
		"@context": "https://w3id.org/openbadges/v2", "type": "Assertion", "id": "https://example.org/assertions/1",
		"recipient": map[string]any{
			"type": "email", "hashed": true, "salt": "s", "identity": badge.EmailIdentity(holder, "s").IdentityHash,
		},
		"badge":        map[string]any{"type": "BadgeClass", "id": "https://example.org/badges/5", "issuer": issuerID},
		"verification": map[string]any{"type": "HostedBadge"},
		"issuedOn":     from.Format(time.RFC3339), "expires": until.Format(time.RFC3339),
	}
}

// Nothing of Open Badges 2.0 can be relied on offline; what can be said is said.
func TestOpenBadges2(t *testing.T) {
	t.Parallel()
	const hosted = "signature unknown hosted, issuer unknown signature_unproven, status unknown hosted"
	const revocation = "status unknown status_unsupported"
	for name, c := range map[string]struct {
		change func(m map[string]any)
		signed bool
		format badge.Format
		want   string
	}{
		"hosted": {func(map[string]any) {}, false, badge.FormatHosted2, hosted},
		"hosted, of which the issuer stands elsewhere": {func(m map[string]any) { m["badge"] = "https://example.org/badges/5" }, false, badge.FormatHosted2,
			"signature unknown hosted, issuer unknown unreadable, status unknown hosted"},
		"hosted and revoked": {func(m map[string]any) { m["revoked"] = true }, false, badge.FormatHosted2,
			"signature unknown hosted, issuer unknown signature_unproven, status failed credential_revoked"},
		"hosted and expired": {func(m map[string]any) { m["expires"] = now.Format(time.RFC3339) }, false, badge.FormatHosted2,
			"signature unknown hosted, issuer unknown signature_unproven, validity failed credential_expired, status unknown hosted"},
		"hosted and incomplete": {func(m map[string]any) { delete(m, "id") }, false, badge.FormatHosted2, hosted + ", " + invalid},
		"signed":                {func(map[string]any) {}, true, badge.FormatSigned2, revocation},
		"signed for somebody else": {func(m map[string]any) { m["recipient"].(map[string]any)["salt"] = "t" }, true, badge.FormatSigned2,
			revocation + ", holder failed holder_mismatch"},
		"signed, recipient by URL": {func(m map[string]any) { m["recipient"].(map[string]any)["type"] = "url" }, true, badge.FormatSigned2,
			revocation + ", holder unknown holder_not_named"},
		"signed by nobody who is known": {func(m map[string]any) { m["badge"].(map[string]any)["issuer"] = "https://example.org" }, true, badge.FormatSigned2,
			"signature unknown key_missing, issuer failed issuer_untrusted, " + revocation},
		"signed and of another shape": {func(m map[string]any) { m["recipient"] = 7 }, true, badge.FormatSigned2, unreadable},
	} {
		f := newForgery(t)
		assertion := assertion2()
		c.change(assertion)
		f.payload = marshal(t, assertion)
		if !c.signed {
			f.data = f.payload
		}
		v := f.verify()
		assert.Equal(t, c.want, summary(v), name)
		assert.Equal(t, c.format, v.Format, name)
		assert.False(t, v.OK(), name)
		assert.Nil(t, v.Credential, name)
		assert.Equal(t, c.want == unreadable, v.Payload == nil, name)
	}
}

// Badges of 2.0 are baked under other names.
func TestOpenBadges2Baked(t *testing.T) {
	t.Parallel()
	assertion := string(marshal(t, assertion2()))
	for name, image := range map[string][]byte{
		"iTXt":    withChunk(pngChunk("iTXt", "openbadges\x00\x00\x00\x00\x00"+assertion)),
		"tEXt":    withChunk(pngChunk("tEXt", "openbadges\x00"+assertion)),
		"address": withChunk(pngChunk("tEXt", "openbadges\x00https://example.org/assertions/1")),
		"SVG": []byte(`<svg xmlns="http://www.w3.org/2000/svg" xmlns:openbadges="http://openbadges.org"><openbadges:assertion verify="` +
			`https://example.org/assertions/1"><![CDATA[` + assertion + `]]></openbadges:assertion></svg>`),
	} {
		assert.Equal(t, badge.FormatHosted2, badge.Verify(image, nil).Format, name)
	}
}
