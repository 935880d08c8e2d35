package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"flag"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/training/credentials/badge"
)

var makeData = flag.Bool("make", false, "make the badges of testdata anew")

const (
	academy = "https://academy.example/issuer"
	list    = "https://academy.example/status/1"
	revoked = 70001
)

// TestMake writes testdata: go test ./examples/verify-badge -run Make -make
func TestMake(t *testing.T) {
	t.Parallel()
	if !*makeData {
		t.Skip("only with -make")
	}
	key, err := badge.GenerateKey(badge.EdDSA)
	require.NoError(t, err)
	key.ID = "https://academy.example/jwks.json#" + key.ID
	stranger, err := badge.GenerateKey(badge.ES256)
	require.NoError(t, err)

	good := sign(t, key, academy, 70000)
	keep(t, "good.jwt", []byte(good))
	keep(t, "revoked.jwt", []byte(sign(t, key, academy, revoked)))
	keep(t, "stranger.jwt", []byte(sign(t, stranger, "https://diplomas.example", 7)))
	parts := strings.Split(good, ".")
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	require.NoError(t, err)
	payload = bytes.ReplaceAll(payload, []byte("Level 2"), []byte("Level 9"))
	keep(t, "changed.jwt", []byte(parts[0]+"."+base64.RawURLEncoding.EncodeToString(payload)+"."+parts[2]))

	picture, err := badge.Bake(medal(t), good)
	require.NoError(t, err)
	keep(t, "good.png", picture)
	drawing, err := badge.Bake([]byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96">`+
		`<circle cx="48" cy="48" r="44" fill="#c8a028"/><circle cx="48" cy="48" r="34" fill="#1e5a96"/></svg>`+"\n"), good)
	require.NoError(t, err)
	keep(t, "good.svg", drawing)
	keep(t, "openbadges2.json", []byte(`{
  "@context": "https://w3id.org/openbadges/v2",
  "type": "Assertion",
  "id": "https://badges.example/assertions/1",
  "recipient": {"type": "email", "hashed": false, "identity": "ada@partner.example"},
  "badge": "https://badges.example/classes/5",
  "verification": {"type": "HostedBadge"},
  "issuedOn": "2019-05-01T00:00:00Z"
}
`))

	bits, err := badge.NewBitstring(badge.MinStatusEntries)
	require.NoError(t, err)
	require.NoError(t, bits.Set(revoked, true))
	asOf := demoTime.Add(-21 * time.Hour)
	token, err := badge.SignStatusList(badge.StatusList{ID: list, Issuer: academy, Purpose: badge.Revocation, ValidFrom: asOf, Bits: bits}, key)
	require.NoError(t, err)
	bundle, err := badge.NewBundle(badge.Contents{
		Issuers:     []badge.Issuer{{ID: academy, Name: "the Academy", Keys: badge.JWKS{Keys: []badge.PublicKey{key.Public()}}, AsOf: asOf}},
		StatusLists: []badge.Snapshot{{URL: list, JWT: token, AsOf: asOf}},
	})
	require.NoError(t, err)
	file, err := json.MarshalIndent(bundle, "", "  ")
	require.NoError(t, err)
	keep(t, "bundle.json", append(file, '\n'))
}

func sign(t *testing.T, key badge.SigningKey, issuer string, index int) string {
	t.Helper()
	token, err := badge.Sign(&badge.Credential{
		ID: "https://academy.example/credentials/1", Issuer: badge.Profile{ID: issuer, Name: "Academy"},
		ValidFrom: demoTime.AddDate(0, -6, 0), ValidUntil: demoTime.AddDate(1, 6, 0),
		CredentialSubject: badge.Subject{
			ID: "urn:uuid:7c4ad1f6-3cc8-4f6c-8a0e-3a3a06e3f8f1", Identifier: []badge.Identity{badge.EmailIdentity(demoHolder, "b1d09e5cb1b14b1f")},
			Achievement: badge.Achievement{
				ID: "https://academy.example/achievements/2", AchievementType: "Certification", Name: "Certified Engineer, Level 2",
				Description: "Installs and repairs routers", Criteria: badge.Criteria{Narrative: "Passed the exam"},
			},
		},
		CredentialStatus: badge.Statuses{badge.Status(list, index, badge.Revocation)},
	}, key)
	require.NoError(t, err)
	return token
}

// medal is a small picture.
func medal(t *testing.T) []byte {
	t.Helper()
	picture := image.NewPaletted(image.Rect(0, 0, 96, 96), color.Palette{
		color.Transparent, color.RGBA{200, 160, 40, 255}, color.RGBA{30, 90, 150, 255},
	})
	for y := range 96 {
		for x := range 96 {
			switch d := (x-48)*(x-48) + (y-48)*(y-48); {
			case d < 34*34:
				picture.SetColorIndex(x, y, 2)
			case d < 44*44:
				picture.SetColorIndex(x, y, 1)
			}
		}
	}
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, picture))
	return b.Bytes()
}

func keep(t *testing.T, name string, data []byte) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join("testdata", name), data, 0o600))
}
