// Package badgecheck_test holds training/credentials/badge against programs that others wrote: jose for tokens and key sets, jsonld for the
// contexts, Digital Bazaar's vc and vc-bitstring-status-list for the data model and revocation. What is signed here verifies there, and
// the reverse. It needs node and the packages of package.json: .ci/run installs them, and BADGECHECK_MODULES says where.
package badgecheck_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/training/credentials/badge"
)

const (
	issuerID = "https://portal.example.com/issuers/acme"
	listURL  = "https://portal.example.com/credentials/status/1"
	holder   = "ada@example.com"
	index    = 94567
)

var now = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

// node runs a script of this folder with the packages beside it, as node wants them, and decodes what it prints.
func node(t *testing.T, script string, input, output any) {
	t.Helper()
	modules := os.Getenv("BADGECHECK_MODULES")
	if modules == "" {
		t.Skip("BADGECHECK_MODULES does not say where the packages of package.json are installed: see the step badges of .ci/run")
	}
	home := t.TempDir()
	source, err := os.ReadFile(script)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(home, script), source, 0o600))
	require.NoError(t, os.Symlink(modules, filepath.Join(home, "node_modules")))
	stdin, err := json.Marshal(input)
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), "node", filepath.Join(home, script))
	var stderr bytes.Buffer
	cmd.Stdin, cmd.Stderr = bytes.NewReader(stdin), &stderr
	printed, err := cmd.Output()
	require.NoError(t, err, stderr.String())
	require.NoError(t, json.Unmarshal(printed, output), string(printed))
}

// shown is a badge as it is given to verify.mjs, and what should come of it.
type shown struct {
	Token string            `json:"token"`
	JWKS  badge.JWKS        `json:"jwks"`
	Lists map[string]string `json:"lists"`
	Email string            `json:"email"`

	name, fails string
}

type told struct {
	OK    bool   `json:"ok"`
	Name  string `json:"name"`
	Error string `json:"error"`
}

// issued is a good badge of the algorithm, with every property that a portal gives it.
func issued(t *testing.T, algorithm badge.Algorithm, change func(c *badge.Credential, bits *badge.Bitstring)) shown {
	t.Helper()
	key, err := badge.GenerateKey(algorithm)
	require.NoError(t, err)
	key.ID = "https://portal.example.com/.well-known/credentials/jwks.json#" + key.ID
	bits, err := badge.NewBitstring(badge.MinStatusEntries)
	require.NoError(t, err)
	c := &badge.Credential{
		ID: "https://portal.example.com/credentials/cred_1", Name: "Certified Engineer", Description: "Level 2",
		Issuer:    badge.Profile{ID: issuerID, Name: "Acme", URL: "https://acme.example", Image: &badge.Image{ID: "https://acme.example/logo.png"}},
		ValidFrom: now.AddDate(0, -6, 0), ValidUntil: now.AddDate(1, 6, 0), AwardedDate: now.AddDate(0, -6, 0),
		Image: &badge.Image{ID: "https://portal.example.com/credentials/cred_1/badge.png", Caption: "Engineer"},
		CredentialSubject: badge.Subject{
			ID: "urn:uuid:7c4ad1f6-3cc8-4f6c-8a0e-3a3a06e3f8f1", Identifier: []badge.Identity{badge.EmailIdentity(holder, "b1d09e5c")},
			Role: "Engineer", LicenseNumber: "L-1", ActivityEndDate: now.AddDate(0, -6, 0),
			Result: []badge.Result{{ResultDescription: "urn:result:score", Value: "92"}},
			Achievement: badge.Achievement{
				ID: "https://portal.example.com/achievements/engineer-2", AchievementType: "Certification", Name: "Certified Engineer",
				Description: "Repairs routers <of all kinds> & more", Criteria: badge.Criteria{ID: "https://acme.example/eng-200", Narrative: "Passed ENG-200"},
				Alignment: []badge.Alignment{{TargetName: "ISO 27001", TargetURL: "https://www.iso.org/standard/27001"}},
				Tag:       []string{"routers"}, HumanCode: "ENG-2", Version: "2", InLanguage: "en",
				ResultDescription: []badge.ResultDescription{{ID: "urn:result:score", Name: "Score", ResultType: "Percent", ValueMin: "0", ValueMax: "100"}},
			},
		},
		CredentialStatus: badge.Statuses{badge.Status(listURL, index, badge.Revocation)},
		Evidence:         []badge.Evidence{{ID: "https://portal.example.com/evidence/1", Name: "Exam", Narrative: "92 of 100"}},
	}
	change(c, bits)
	token, err := badge.Sign(c, key)
	require.NoError(t, err)
	list, err := badge.SignStatusList(badge.StatusList{
		ID: listURL, Issuer: issuerID, Purpose: badge.Revocation, ValidFrom: now.Add(-time.Hour), TTL: time.Hour, Bits: bits,
	}, key)
	require.NoError(t, err)
	return shown{Token: token, JWKS: badge.JWKS{Keys: []badge.PublicKey{key.Public()}}, Lists: map[string]string{listURL: list}, Email: holder}
}

func TestOthersVerifyOurs(t *testing.T) {
	t.Parallel()
	same := func(*badge.Credential, *badge.Bitstring) {}
	var cases []shown
	add := func(name, fails string, s shown) {
		s.name, s.fails = name, fails
		cases = append(cases, s)
	}
	for _, algorithm := range []badge.Algorithm{badge.EdDSA, badge.ES256} {
		add("good "+string(algorithm), "", issued(t, algorithm, same))
		add("neighbour revoked", "", issued(t, algorithm, func(_ *badge.Credential, b *badge.Bitstring) { assert.NoError(t, b.Set(index+1, true)) }))
		add("revoked", "revocation", issued(t, algorithm, func(_ *badge.Credential, b *badge.Bitstring) { assert.NoError(t, b.Set(index, true)) }))
		add("expired", "exp", issued(t, algorithm, func(c *badge.Credential, _ *badge.Bitstring) { c.ValidUntil = now.Add(-time.Second) }))
		add("not yet valid", "nbf", issued(t, algorithm, func(c *badge.Credential, _ *badge.Bitstring) { c.ValidFrom = now.Add(time.Second) }))
		stolen := issued(t, algorithm, same)
		stolen.Email = "eve@example.com"
		add("of somebody else", "holder", stolen)
		forged := issued(t, algorithm, same)
		forged.JWKS = issued(t, algorithm, same).JWKS
		add("another key", "no applicable key", forged)
		changed := issued(t, algorithm, same)
		parts := strings.Split(changed.Token, ".")
		changed.Token = parts[0] + "." + strings.Split(issued(t, algorithm, func(c *badge.Credential, _ *badge.Bitstring) { c.Name = "Chief" }).Token, ".")[1] + "." + parts[2]
		add("changed", "signature verification failed", changed)
	}
	var verdicts []told
	node(t, "verify.mjs", map[string]any{"now": now, "cases": cases}, &verdicts)
	require.Len(t, verdicts, len(cases))
	for i, c := range cases {
		assert.Equal(t, c.fails == "", verdicts[i].OK, "%s: %s", c.name, verdicts[i].Error)
		assert.Contains(t, verdicts[i].Error, c.fails, c.name)

		bundle, err := badge.NewBundle(badge.Contents{
			Issuers:     []badge.Issuer{{ID: issuerID, Keys: c.JWKS}},
			StatusLists: []badge.Snapshot{{URL: listURL, JWT: c.Lists[listURL]}},
		})
		require.NoError(t, err)
		ours := badge.Verify([]byte(c.Token), bundle, badge.At(now), badge.WithHolder(c.Email))
		assert.Equal(t, verdicts[i].OK, ours.OK(), "%s: both come to the same end: %v", c.name, ours.Err())
	}
}

func TestWeVerifyTheirs(t *testing.T) {
	t.Parallel()
	var issuers []struct {
		Alg, Issuer string
		JWKS        badge.JWKS
		List        struct{ URL, Token string }
		Cases       []struct {
			Token   string
			Revoked bool
		}
	}
	node(t, "issue.mjs", nil, &issuers)
	require.Len(t, issuers, 5)
	for _, i := range issuers {
		bundle, err := badge.NewBundle(badge.Contents{
			Issuers:     []badge.Issuer{{ID: i.Issuer, Keys: i.JWKS}},
			StatusLists: []badge.Snapshot{{URL: i.List.URL, JWT: i.List.Token}},
		})
		require.NoError(t, err)
		for _, c := range i.Cases {
			v := badge.Verify([]byte(c.Token), bundle, badge.At(now), badge.WithHolder(holder))
			assert.Equal(t, !c.Revoked, v.OK(), "%s: %v", i.Alg, v.Err())
			if c.Revoked {
				assert.Equal(t, badge.ReasonRevoked, v.Status.Reason)
			}
			assert.Equal(t, "Ingénieure 技術者", v.Credential.CredentialSubject.Achievement.Name)
			damaged := []byte(c.Token)
			damaged[len(damaged)/2] ^= 1
			assert.False(t, badge.Verify(damaged, bundle, badge.At(now)).OK())
		}
	}
}
