package badge_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"image/png"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/partnerportal/partnerportal-go/training/credentials/badge"
)

func TestSignAndVerify(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []badge.Algorithm{badge.EdDSA, badge.ES256} {
		w := newWorldOf(t, algorithm)
		token := w.sign(t, w.credential())
		v := badge.Verify([]byte(token), w.bundle(t), badge.At(now), badge.WithHolder(holder))
		require.NoError(t, v.Err(), algorithm)
		assert.Equal(t, asOf, v.Signature.AsOf, "how old the keys are")
		assert.Equal(t, asOf, v.Status.AsOf, "how old the list is")
		assert.Equal(t, now, v.At)

		header, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[0])
		require.NoError(t, err)
		assert.JSONEq(t, `{"alg":"`+string(algorithm)+`","kid":"`+keyID+`","typ":"JWT"}`, string(header), "8.2.3 allows no others")
	}
	w := newWorld(t)
	first, second := w.sign(t, w.credential()), w.sign(t, w.credential())
	assert.Equal(t, first, second, "with Ed25519 the same credential is the same token")
}

func TestSignRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := badge.Sign(&badge.Credential{}, w.key)
	var invalid *badge.InvalidError
	require.ErrorAs(t, err, &invalid)
	var pointers []string
	for _, v := range invalid.Violations {
		pointers = append(pointers, v.Pointer)
	}
	assert.Equal(t, []string{
		"/id", "/issuer/id", "/validFrom", "/credentialSubject/id", "/credentialSubject/achievement/id", "/credentialSubject/achievement/name",
		"/credentialSubject/achievement/description", "/credentialSubject/achievement/criteria",
	}, pointers)

	c := w.credential()
	c.ValidFrom = from.Add(time.Millisecond)
	_, err = badge.Sign(c, w.key)
	require.ErrorContains(t, err, "ValidFrom is in whole seconds")

	c = w.credential()
	c.CredentialStatus = append(c.CredentialStatus, badge.Status(listURL+"0", 1, badge.Suspension))
	_, err = badge.Sign(c, w.key)
	require.ErrorContains(t, err, "/credentialStatus: occurs once")

	c = w.credential()
	c.Evidence = make([]badge.Evidence, 200)
	require.ErrorAs(t, c.Validate(), &invalid)
	assert.Len(t, invalid.Violations, 100, "and no more, as badges of others may have any number")

	big, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	require.NoError(t, err)
	for _, key := range []badge.SigningKey{{ID: "k"}, {Signer: w.key.Signer}, {ID: "k", Signer: big}, {ID: "k", Signer: p384}} {
		_, err := badge.Sign(w.credential(), key)
		require.Error(t, err)
	}
	_, err = badge.GenerateKey("HS256")
	require.ErrorContains(t, err, "HS256")
}

// Only an issuer may be written as its URI.
func TestReferences(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.credential()
	c.Issuer = badge.Profile{ID: issuerID}
	c.CredentialSubject.Source = &badge.Profile{ID: "urn:source"}
	c.CredentialSubject.Achievement.Creator = &badge.Profile{ID: "urn:creator", ParentOrg: &badge.Profile{ID: "urn:parent"}}
	object, _ := signed(t, w.sign(t, c))
	assert.Equal(t, issuerID, object["issuer"])
	assert.Empty(t, breaches(model(t), "AchievementCredential", "", object))
}

// A credential written by a program that knows more than this package is the same after reading and writing what this package knows.
func TestJSONRoundTrip(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.full()
	object, _ := signed(t, w.sign(t, c))
	var again badge.Credential
	require.NoError(t, json.Unmarshal(marshal(t, object), &again))
	assert.JSONEq(t, string(marshal(t, c)), string(marshal(t, again)))

	var empty badge.Credential
	require.NoError(t, json.Unmarshal(marshal(t, badge.Credential{}), &empty), "an empty one too")
	assert.Empty(t, empty.Type)
	assert.Empty(t, empty.Context)

	compacted := `{"type":"OpenBadgeCredential","issuer":"https://acme.example","image":"https://acme.example/x.png","credentialStatus":[{"type":"A"},{"type":"B"}]}`
	var foreign badge.Credential
	require.NoError(t, json.Unmarshal([]byte(compacted), &foreign))
	assert.Equal(t, badge.Set[string]{"OpenBadgeCredential"}, foreign.Type)
	assert.Equal(t, "https://acme.example", foreign.Issuer.ID)
	assert.Equal(t, "https://acme.example/x.png", foreign.Image.ID)
	assert.Len(t, foreign.CredentialStatus, 2)
}

func TestIdentity(t *testing.T) {
	t.Parallel()
	// The example of the standard (IdentityHash).
	assert.Equal(t, "sha256$b5809d8a92f8858436d7e6b87c12ebc0ae1eac4baecc2c0b913aee2c922ef399",
		badge.EmailIdentity("a@example.com", "Kosher").IdentityHash)
	assert.NotContains(t, string(marshal(t, badge.EmailIdentity(holder, "x"))), "partner", "the address is nowhere")

	w := newWorld(t)
	c := w.credential()
	c.CredentialSubject.Identifier = []badge.Identity{{ // md5 is the other hash of the standard; issuers do not always lower the case
		IdentityType: "emailAddress", Hashed: true, Salt: "s", IdentityHash: "md5$49F6B0A8A9E7C3E0D7E3BB1A8F0C2B39",
	}}
	v := badge.Verify([]byte(w.sign(t, c)), w.bundle(t), badge.At(now), badge.WithHolder(holder))
	assert.Equal(t, badge.ReasonHolderMismatch, v.Holder.Reason)
	c.CredentialSubject.Identifier[0].IdentityHash = "md5$1206fe7d9fed5f04b1c7ce8bd4848eb6" // md5("Ada@Partner.Examples")
	v = badge.Verify([]byte(w.sign(t, c)), w.bundle(t), badge.At(now), badge.WithHolder("Ada@Partner.Example"))
	assert.Equal(t, badge.Passed, v.Holder.Result)
}

func TestBitstring(t *testing.T) {
	t.Parallel()
	// The example of Bitstring Status List 1.0: 131,072 zeros, packed by another program.
	zeros, err := badge.DecodeBitstring("uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA")
	require.NoError(t, err)
	assert.Equal(t, badge.MinStatusEntries, zeros.Len())

	bits, err := badge.NewBitstring(badge.MinStatusEntries)
	require.NoError(t, err)
	require.NoError(t, bits.Set(0, true))
	again, err := badge.DecodeBitstring(bits.Encode())
	require.NoError(t, err)
	first, err := again.Get(0)
	require.NoError(t, err)
	assert.True(t, first, "index 0 is the leftmost bit")

	for _, n := range []int{0, -8, 131064, badge.MinStatusEntries + 1, badge.MaxStatusEntries + 8} {
		_, err := badge.NewBitstring(n)
		require.Error(t, err, n)
	}
	for _, i := range []int{-1, badge.MinStatusEntries} {
		require.Error(t, bits.Set(i, true))
		_, err := bits.Get(i)
		require.Error(t, err)
	}
}

// A list is what was last written to it, packed or not.
func TestBitstringIsASetOfNumbers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		bits, err := badge.NewBitstring(badge.MinStatusEntries)
		require.NoError(t, err)
		want := map[int]bool{}
		for range rapid.IntRange(0, 50).Draw(t, "writes") {
			i, on := rapid.IntRange(0, badge.MinStatusEntries-1).Draw(t, "i"), rapid.Bool().Draw(t, "on")
			require.NoError(t, bits.Set(i, on))
			want[i] = on
		}
		again, err := badge.DecodeBitstring(bits.Encode())
		require.NoError(t, err)
		for i := range badge.MinStatusEntries {
			on, err := again.Get(i)
			if err != nil || on != want[i] {
				t.Fatalf("%d is %v, want %v (%v)", i, on, want[i], err)
			}
		}
	})
}

func TestSignStatusListRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, change := range map[string]func(*badge.StatusList){
		"no URL":         func(l *badge.StatusList) { l.ID = "" },
		"no issuer":      func(l *badge.StatusList) { l.Issuer = "acme" },
		"other purpose":  func(l *badge.StatusList) { l.Purpose = "refresh" },
		"no bits":        func(l *badge.StatusList) { l.Bits = nil },
		"half a second":  func(l *badge.StatusList) { l.ValidFrom = asOf.Add(time.Second / 2) },
		"half a second ": func(l *badge.StatusList) { l.ValidUntil = asOf.Add(time.Second / 2) },
	} {
		l := w.list()
		change(&l)
		_, err := badge.SignStatusList(l, w.key)
		require.Error(t, err, name)
	}
}

func TestBake(t *testing.T) {
	t.Parallel()
	declared := strings.Replace(plainSVG, "<svg ", `<svg xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0" `, 1)
	older := strings.Replace(strings.Replace(plainSVG, "<svg ", `<svg xmlns:openbadges="http://openbadges.org" `, 1),
		"<circle", `<openbadges:assertion verify="old"/><circle`, 1)
	for name, plain := range map[string][]byte{"PNG": plainPNG(), "SVG": []byte(plainSVG), "declared": []byte(declared), "2.0": []byte(older)} {
		for _, content := range []string{"e30.e30.AA", `{"name":"a ]]> b & <c>"}`} {
			first, err := badge.Bake(plain, content+"\n")
			require.NoError(t, err, name)
			second, err := badge.Bake(first, "second.e30.AA")
			require.NoError(t, err, name)
			for image, want := range map[string]string{string(first): content, string(second): "second.e30.AA"} {
				got, err := badge.Extract([]byte(image))
				require.NoError(t, err, name)
				assert.Equal(t, want, string(got), name)
			}
			assert.NotContains(t, string(second), content, "%s: the badge before is gone", name)
			back, err := badge.Bake(second, content)
			require.NoError(t, err)
			assert.Equal(t, string(first), string(back), "%s: nothing else changes", name)
		}
	}
	for _, image := range [][]byte{
		[]byte(`<svg><openbadges:credential verify="x"></openbadges:credential></svg>`),
		[]byte(`<svg xmlns:openbadges=""><openbadges:credential verify="x"></openbadges:credential></svg>`),
		nil, []byte("GIF89a"), []byte("<html/>"), []byte("<svg/>"), plainPNG()[:20], slices.Concat(plainPNG()[:8], pngChunk("IEND", "")),
	} {
		_, err := badge.Bake(image, "e30.e30.AA")
		require.Error(t, err, "%.20q", image)
	}
	full := withChunk(pngChunk("tEXt", "Comment\x00"+string(repeat("a", 16<<20-len(withChunk(pngChunk("tEXt", "Comment\x00")))))))
	_, err := badge.Extract(full)
	require.ErrorContains(t, err, "no badge", "16 MiB are read")
	_, err = badge.Bake(full, "e30.e30.AA")
	require.ErrorContains(t, err, "larger", "what Extract would not read is not made")
	_, err = badge.Bake(plainPNG(), "")
	require.Error(t, err)
	_, err = badge.Bake(plainPNG(), "a\x00b")
	require.Error(t, err)
}

// A baked image is still the image, and has the chunk where the standard wants it.
func TestBakedPNGIsAPicture(t *testing.T) {
	t.Parallel()
	image, err := badge.Bake(plainPNG(), "e30.e30.AA")
	require.NoError(t, err)
	want, err := png.Decode(bytes.NewReader(plainPNG()))
	require.NoError(t, err)
	got, err := png.Decode(bytes.NewReader(image))
	require.NoError(t, err)
	assert.Equal(t, want, got)
	assert.Contains(t, string(image), "iTXtopenbadgecredential\x00\x00\x00\x00\x00e30.e30.AA")

	svg, err := badge.Bake([]byte(plainSVG), "e30.e30.AA")
	require.NoError(t, err)
	assert.Contains(t, string(svg), `viewBox="0 0 512 512" xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0">`+
		`<openbadges:credential verify="e30.e30.AA"></openbadges:credential>`, "as in the standard's example")
}
