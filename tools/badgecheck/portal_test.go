package badgecheck_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
	"github.com/partnerportal/partnerportal-go/training"
	"github.com/partnerportal/partnerportal-go/training/credentials"
	"github.com/partnerportal/partnerportal-go/training/credentials/badge"
)

// public reads what the portal publishes to everybody, by the address that stands in its credentials.
func public(t *testing.T, p *portaltest.Portal, address string) []byte {
	t.Helper()
	u, err := url.Parse(address)
	require.NoError(t, err)
	w := httptest.NewRecorder()
	p.ServeHTTP(w, httptest.NewRequest(http.MethodGet, u.Path, nil))
	require.Equal(t, http.StatusOK, w.Code, "%s: %s", address, w.Body)
	return w.Body.Bytes()
}

// What a portal issues verifies with the libraries of others, by nothing but what it publishes: before and after it is revoked, and
// after the key was rotated.
func TestOthersVerifyThePortals(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []credentials.Algorithm{credentials.AlgorithmEdDSA, credentials.AlgorithmES256} {
		t.Run(string(algorithm), func(t *testing.T) {
			t.Parallel()
			p := portaltest.New(t)
			proofs := credentials.New(p.Vendor)
			issuer, err := proofs.PutIssuer(t.Context(), credentials.Issuer{
				Name: "Globex", URL: "https://portal.example.com", Email: "academy@globex.example", Algorithm: algorithm,
			})
			require.NoError(t, err)
			_, err = proofs.PutDefinition(t.Context(), "engineer", credentials.Definition{
				Name: "Certified Engineer", Level: "2", Version: "2026", Description: "Repairs routers <of all kinds>.", Tags: []string{"routers"},
				Criteria:  credentials.Criteria{URL: "https://globex.example/eng-200", Narrative: "Passed *ENG-200*."},
				Alignment: []credentials.Alignment{{TargetName: "ISO 27001", TargetURL: "https://www.iso.org/standard/27001"}}, ValidityMonths: 24,
			})
			require.NoError(t, err)
			ada, err := training.New(p.Acme).AddLearner(t.Context(), training.NewLearner{
				Name: "Ada Lovelace", Email: holder, Roles: []training.Role{training.RoleEngineer},
			})
			require.NoError(t, err)
			k, err := proofs.Issue(t.Context(), credentials.NewCredential{
				DefinitionID: "engineer", LearnerID: ada.ID, Score: "92", Evidence: []credentials.Evidence{{Name: "Exam", Narrative: "92 of 100"}},
			})
			require.NoError(t, err)

			handed := handedOut(t, p.Acme, k.ID)
			var cases []shown
			look := func() {
				published := shown{
					JWKS: keys(t, public(t, p, issuer.JWKSURL)), Email: holder,
					Lists: map[string]string{k.Verification.StatusListURL: string(public(t, p, k.Verification.StatusListURL))},
				}
				for _, token := range handed {
					published.Token = token
					cases = append(cases, published)
				}
			}
			look()
			_, err = proofs.RotateKey(t.Context(), credentials.KeyRotation{Algorithm: credentials.AlgorithmES256})
			require.NoError(t, err)
			look()
			_, err = proofs.Revoke(t.Context(), k.ID, credentials.Revocation{Code: credentials.RevocationCodeMisconduct, Reason: "Somebody else sat the exam."})
			require.NoError(t, err)
			look()

			var verdicts []told
			node(t, "verify.mjs", map[string]any{"now": time.Now(), "cases": cases}, &verdicts)
			good, gone := told{OK: true, Name: "Certified Engineer"}, told{Error: "revocation"}
			assert.Equal(t, []told{good, good, good, good, good, good, gone, gone, gone}, verdicts)
		})
	}
}

// handedOut are the forms in which a person takes a credential along: the JWT alone, and in both pictures.
func handedOut(t *testing.T, partner *partnerportal.Client, id string) []string {
	t.Helper()
	proofs := credentials.New(partner)
	document, err := proofs.OpenBadge(t.Context(), id)
	require.NoError(t, err)
	tokens := []string{document.Badge}
	for _, open := range []func(context.Context, string, ...partnerportal.RequestOption) (*partnerportal.Download, error){proofs.OpenPNG, proofs.OpenSVG} {
		download, err := open(t.Context(), id)
		require.NoError(t, err)
		picture, err := io.ReadAll(download)
		require.NoError(t, err)
		require.NoError(t, download.Close())
		token, err := badge.Extract(picture)
		require.NoError(t, err)
		tokens = append(tokens, string(token))
	}
	return tokens
}

func keys(t *testing.T, served []byte) badge.JWKS {
	t.Helper()
	var set badge.JWKS
	require.NoError(t, json.Unmarshal(served, &set))
	require.NotEmpty(t, set.Keys)
	return set
}
