package badge_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/training/credentials/badge"
)

// FuzzVerify: whatever is shown, there is a verdict; and it is OK only for what holds the badge that the issuer signed, in the one
// spelling of its token.
func FuzzVerify(f *testing.F) {
	for _, h := range slices.Concat(hostileHeaders(), hostileClaims(), hostileImages(), hostileOthers()) {
		g := newForgery(f)
		h.arrange(g)
		if g.data == nil {
			g.data = g.valid()
		}
		if len(g.data) < 1<<16 {
			f.Add(g.data)
		}
	}
	w := newWorld(f)
	token := []byte(w.sign(f, w.credential()))
	bundle := w.bundle(f)
	f.Add(token)
	for _, plain := range [][]byte{plainPNG(), []byte(plainSVG)} {
		image, err := badge.Bake(plain, string(token))
		require.NoError(f, err)
		f.Add(image)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v := badge.Verify(data, bundle, badge.At(now), badge.WithHolder(holder))
		require.Len(t, v.Checks(), 6)
		for _, c := range v.Checks() {
			require.Contains(t, []badge.Outcome{badge.Passed, badge.Failed, badge.Unknown}, c.Result)
			require.Equal(t, c.Result == badge.Passed, c.Reason == "")
		}
		if _, err := json.Marshal(v); err != nil {
			require.ErrorContains(t, err, "year", "a verdict can be shown")
		}
		if v.OK() {
			require.True(t, bytes.Contains(data, token))
		}
	})
}

// FuzzPayload: an issuer may sign anything. What is then relied on says to another reader of JSON what it says here.
func FuzzPayload(f *testing.F) {
	for _, h := range hostileClaims() {
		g := newForgery(f)
		h.arrange(g)
		f.Add(g.payload)
	}
	g := newForgery(f)
	bundle, err := badge.NewBundle(g.contents)
	require.NoError(f, err)
	head := marshal(f, g.header)
	f.Fuzz(func(t *testing.T, payload []byte) {
		v := badge.Verify(g.token(head, payload, g.sign25519), bundle, badge.At(now))
		if !v.OK() {
			return
		}
		var other map[string]any
		require.NoError(t, json.Unmarshal(payload, &other))
		require.Equal(t, issuerID, other["iss"])
		require.Equal(t, other["id"], other["jti"])
		from, err := time.Parse(time.RFC3339, text(other["validFrom"]))
		require.NoError(t, err)
		require.False(t, now.Before(from))
		require.InDelta(t, from.Unix(), other["nbf"], 1)
		if _, ends := other["validUntil"]; ends {
			until, err := time.Parse(time.RFC3339, text(other["validUntil"]))
			require.NoError(t, err)
			require.True(t, now.Before(until))
			require.InDelta(t, until.Unix(), other["exp"], 1)
		}
	})
}

// FuzzBundle: a bundle is refused, or is the same after writing and reading.
func FuzzBundle(f *testing.F) {
	w := newWorld(f)
	f.Add(marshal(f, w.bundle(f)))
	f.Add([]byte(`{"issuers":[{"id":"urn:a","jwks":{"keys":[{"kty":"OKP"}]}}],"status_lists":[{"url":"urn:l","jwt":"a.b.c"}]}`))
	token := []byte(w.sign(f, w.credential()))
	f.Fuzz(func(t *testing.T, data []byte) {
		bundle, err := badge.ParseBundle(data)
		if err != nil {
			return
		}
		_ = badge.Verify(token, bundle, badge.At(now))
		file, err := json.Marshal(bundle)
		require.NoError(t, err)
		again, err := badge.ParseBundle(file)
		require.NoError(t, err)
		second, err := json.Marshal(again)
		require.NoError(t, err)
		require.JSONEq(t, string(file), string(second))
	})
}

// FuzzBake: an image is refused, or gives back what was baked in, and a second baking replaces the first.
func FuzzBake(f *testing.F) {
	for _, h := range hostileImages() {
		g := newForgery(f)
		if h.arrange(g); len(g.data) < 1<<16 {
			f.Add(g.data)
		}
	}
	f.Fuzz(func(t *testing.T, image []byte) {
		_, _ = badge.Extract(image)
		first, err := badge.Bake(image, "e30.e30.AA")
		if err != nil {
			return
		}
		got, err := badge.Extract(first)
		require.NoError(t, err)
		require.Equal(t, "e30.e30.AA", string(got))
		second, err := badge.Bake(first, `{"a":"]]>"}`)
		require.NoError(t, err)
		got, err = badge.Extract(second)
		require.NoError(t, err)
		require.True(t, bytes.Equal([]byte(`{"a":"]]>"}`), got))
	})
}

// FuzzBitstring: a list is refused, or is the same after packing it again.
func FuzzBitstring(f *testing.F) {
	f.Add(gzipped(make([]byte, badge.MinStatusEntries/8)))
	f.Add("uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA")
	f.Add("u")
	f.Fuzz(func(t *testing.T, encoded string) {
		bits, err := badge.DecodeBitstring(encoded)
		if err != nil {
			return
		}
		require.LessOrEqual(t, bits.Len(), badge.MaxStatusEntries)
		again, err := badge.DecodeBitstring(bits.Encode())
		require.NoError(t, err)
		require.Equal(t, bits, again)
	})
}
