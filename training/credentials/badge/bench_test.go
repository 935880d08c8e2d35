package badge_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/training/credentials/badge"
)

// BenchmarkVerify judges a badge of 1.5 KB; BenchmarkBare does the least that any verifier must: check the same signature with
// crypto/ed25519 and decode the same JSON with encoding/json. The first should cost at most 1.3 times the second.
func BenchmarkVerify(b *testing.B) {
	world := newWorld(b)
	token := []byte(world.sign(b, world.credential()))
	require.True(b, badge.Verify(token, world.bundle(b), at(now), badge.WithHolder(holder)).OK())
	bundle := world.bundle(b)
	b.ReportAllocs()
	for b.Loop() {
		if !badge.Verify(token, bundle, at(now), badge.WithHolder(holder)).OK() {
			b.Fatal("not verified")
		}
	}
}

func BenchmarkBare(b *testing.B) {
	world := newWorld(b)
	token := world.sign(b, world.credential())
	public, ok := world.key.Signer.Public().(ed25519.PublicKey)
	require.True(b, ok)
	b.ReportAllocs()
	for b.Loop() {
		dot := strings.LastIndexByte(token, '.')
		signature, err := base64.RawURLEncoding.DecodeString(token[dot+1:])
		if err != nil || !ed25519.Verify(public, []byte(token[:dot]), signature) {
			b.Fatal("not verified")
		}
		payload, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
		if err != nil {
			b.Fatal(err)
		}
		var c badge.Credential
		if err := json.Unmarshal(payload, &c); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNewBundle(b *testing.B) {
	world := newWorld(b)
	contents := world.contents(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := badge.NewBundle(contents); err != nil {
			b.Fatal(err)
		}
	}
}
