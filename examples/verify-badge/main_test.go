package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/training/credentials/badge"
)

// The demonstration shows each kind of answer, and the same ones every day.
func TestDemo(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), nil, &out))
	for _, said := range []string{
		"good.png: VERIFIED (vc-jwt)", "good.svg: VERIFIED", "good.jwt: VERIFIED",
		"changed.jwt: NOT VERIFIED", "signature  failed   the signature does not fit",
		"revoked.jwt: NOT VERIFIED", "status     failed   the issuer revoked it, as of 2026-11-19",
		"stranger.jwt: NOT VERIFIED", "issuer     failed   the bundle does not trust",
		"openbadges2.json: NOT VERIFIED (ob2-hosted)", "only its host can say",
	} {
		assert.Contains(t, out.String(), said)
	}
	assert.Equal(t, 3, strings.Count(out.String(), ": VERIFIED"))
}

func TestFiles(t *testing.T) {
	t.Parallel()
	const day = "2026-11-20T09:00:00Z"
	for _, c := range []struct {
		args string
		want error
	}{
		{"-bundle testdata/bundle.json -at " + day + " testdata/good.png", nil},
		{"-bundle testdata/bundle.json -at " + day + " -holder ada@partner.example testdata/good.jwt testdata/good.svg", nil},
		{"-bundle testdata/bundle.json -at " + day + " -holder eve@partner.example testdata/good.jwt", errNotVerified},
		{"-bundle testdata/bundle.json -at " + day + " -max-age 1h testdata/good.jwt", errNotVerified},
		{"-bundle testdata/bundle.json -at 2030-01-01T00:00:00Z testdata/good.jwt", errNotVerified},
		{"-bundle testdata/bundle.json -at " + day + " testdata/good.jwt testdata/revoked.jwt", errNotVerified},
	} {
		var out bytes.Buffer
		assert.Equal(t, c.want, run(t.Context(), strings.Fields(c.args), &out), "%s\n%s", c.args, &out)
	}
	for _, args := range []string{
		"testdata/good.jwt", "-bundle nowhere.json testdata/good.jwt", "-bundle testdata/bundle.json nowhere.jwt",
		"-bundle testdata/good.png testdata/good.jwt", "-at tomorrow testdata/good.jwt", "-fetch https://academy.example testdata/good.jwt", "-bundle testdata/bundle.json", "-holder ada@partner.example -json", "-bundle testdata/bundle.json testdata",
	} {
		err := run(t.Context(), strings.Fields(args), &bytes.Buffer{})
		require.Error(t, err, args)
		assert.NotErrorIs(t, err, errNotVerified, args)
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-json"}, &out))
	var verdicts []struct {
		File    string
		OK      bool
		Verdict struct{ Status badge.Check }
	}
	require.NoError(t, json.Unmarshal(out.Bytes(), &verdicts))
	require.Len(t, verdicts, 7)
	assert.Equal(t, "revoked.jwt", verdicts[5].File)
	assert.Equal(t, badge.ReasonRevoked, verdicts[5].Verdict.Status.Reason)
}

// What was fetched once serves without a network.
func TestFetch(t *testing.T) {
	t.Parallel()
	key, err := badge.GenerateKey(badge.ES256)
	require.NoError(t, err)
	served, err := json.Marshal(badge.JWKS{Keys: []badge.PublicKey{key.Public()}})
	require.NoError(t, err)
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(served) }))
	file, bundle := filepath.Join(t.TempDir(), "badge.jwt"), filepath.Join(t.TempDir(), "bundle.json")
	token, err := badge.Sign(&badge.Credential{
		ID: "urn:badge:1", Issuer: badge.Profile{ID: site.URL + "/issuer?v=3"}, ValidFrom: time.Now().Add(-time.Hour).Truncate(time.Second),
		CredentialSubject: badge.Subject{ID: "urn:person:1", Achievement: badge.Achievement{
			ID: "urn:achievement:1", Name: "\x1b[2JEngineer", Description: "x", Criteria: badge.Criteria{Narrative: "x"},
		}},
	}, key)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, []byte(token), 0o600))

	var out bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-fetch", site.URL + "/issuer?v=3=" + site.URL + "/jwks.json", "-bundle", bundle, file}, &out))
	assert.Contains(t, out.String(), "\uFFFD[2JEngineer", "a badge does not command the terminal")
	site.Close()
	require.NoError(t, run(t.Context(), []string{"-bundle", bundle, file}, &out))
}
