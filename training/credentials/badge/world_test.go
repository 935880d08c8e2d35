package badge_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/training/credentials/badge"
)

const (
	issuerID = "https://portal.example.com/issuers/acme"
	listURL  = "https://portal.example.com/credentials/status/1"
	keyID    = "https://portal.example.com/.well-known/credentials/jwks.json#key-1"
	holder   = "ada@partner.example"
	ownIndex = 94567 // of the badge in the status list
)

var (
	now   = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	from  = time.Date(2026, 3, 1, 8, 30, 0, 0, time.UTC)
	until = time.Date(2028, 3, 1, 8, 30, 0, 0, time.UTC)
	asOf  = time.Date(2026, 11, 19, 0, 0, 0, 0, time.UTC)
)

func at(t time.Time) badge.Option { return badge.At(t) }

// world is an issuer with one key and one status list.
type world struct {
	key  badge.SigningKey
	bits *badge.Bitstring
}

func newWorld(tb testing.TB) *world {
	tb.Helper()
	return newWorldOf(tb, badge.EdDSA)
}

func newWorldOf(tb testing.TB, algorithm badge.Algorithm) *world {
	tb.Helper()
	key, err := badge.GenerateKey(algorithm)
	require.NoError(tb, err)
	key.ID = keyID
	bits, err := badge.NewBitstring(badge.MinStatusEntries)
	require.NoError(tb, err)
	return &world{key: key, bits: bits}
}

// credential is what the portal would issue: about 1.5 KB of JSON.
func (w *world) credential() *badge.Credential {
	return &badge.Credential{
		ID:         "https://portal.example.com/credentials/cred_01JD3YR7N8Q2V5X9ZK4M6T0WHB",
		Name:       "Acme Certified Engineer, Level 2",
		Issuer:     badge.Profile{ID: issuerID, Name: "Acme Partner Academy", URL: "https://academy.acme.example"},
		ValidFrom:  from,
		ValidUntil: until, AwardedDate: from,
		CredentialSubject: badge.Subject{
			ID:         "urn:uuid:7c4ad1f6-3cc8-4f6c-8a0e-3a3a06e3f8f1",
			Identifier: []badge.Identity{badge.EmailIdentity(holder, "b1d09e5cb1b14b1f")},
			Achievement: badge.Achievement{
				ID: "https://portal.example.com/achievements/engineer-2", AchievementType: "Certification",
				Name: "Certified Engineer, Level 2", Description: "Installs, secures and repairs Acme routers of the X series.",
				Criteria: badge.Criteria{Narrative: "Passed the exam ENG-200 with 80 % or more, under supervision."},
				Image:    &badge.Image{ID: "https://portal.example.com/achievements/engineer-2.png"},
				Tag:      []string{"routers", "security"},
			},
		},
		CredentialStatus: badge.Statuses{badge.Status(listURL, ownIndex, badge.Revocation)},
	}
}

func (w *world) sign(tb testing.TB, c *badge.Credential) string {
	tb.Helper()
	token, err := badge.Sign(c, w.key)
	require.NoError(tb, err)
	return token
}

func (w *world) list() badge.StatusList {
	return badge.StatusList{ID: listURL, Issuer: issuerID, Purpose: badge.Revocation, ValidFrom: asOf, Bits: w.bits}
}

func (w *world) contents(tb testing.TB) badge.Contents {
	tb.Helper()
	list, err := badge.SignStatusList(w.list(), w.key)
	require.NoError(tb, err)
	return badge.Contents{
		Issuers:     []badge.Issuer{{ID: issuerID, Name: "Acme", Keys: badge.JWKS{Keys: []badge.PublicKey{w.key.Public()}}, AsOf: asOf}},
		StatusLists: []badge.Snapshot{{URL: listURL, JWT: list, AsOf: asOf}},
	}
}

func (w *world) bundle(tb testing.TB) *badge.Bundle {
	tb.Helper()
	b, err := badge.NewBundle(w.contents(tb))
	require.NoError(tb, err)
	return b
}
