package examples_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
	"github.com/partnerportal/partnerportal-go/training"
	"github.com/partnerportal/partnerportal-go/training/credentials"
	"github.com/partnerportal/partnerportal-go/training/credentials/badge"
)

func TestREADMEVerifies(t *testing.T) {
	p := portaltest.New(t)
	public := httptest.NewTLSServer(p)
	defer public.Close()
	ctx, academy := t.Context(), credentials.New(p.Vendor)
	issuer, err := academy.PutIssuer(ctx, credentials.Issuer{Name: "The vendor", URL: public.URL, Email: "badges@vendor.example"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := academy.PutDefinition(ctx, "engineer", credentials.Definition{
		Name: "Engineer", Description: "Installs it.", Criteria: credentials.Criteria{Narrative: "Passed the exam."}, ValidityMonths: 24,
	}); err != nil {
		t.Fatal(err)
	}
	ada, err := training.New(p.Acme).AddLearner(ctx, training.NewLearner{Name: "Ada Lovelace", Email: "ada@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	held, err := academy.Issue(ctx, credentials.NewCredential{DefinitionID: "engineer", LearnerID: ada.ID})
	if err != nil {
		t.Fatal(err)
	}
	if err := whoLapses(ctx, p.Acme, held.ValidUntil.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	document, err := credentials.New(p.Acme).OpenBadge(ctx, held.ID)
	if err != nil {
		t.Fatal(err)
	}
	snapshot := func() []byte {
		bundle, err := badge.Fetch(ctx, public.Client(), []badge.Source{{ID: issuer.ProfileURL, JWKS: issuer.JWKSURL}}, []byte(document.Badge))
		if err != nil {
			t.Fatal(err)
		}
		data, err := bundle.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	before := snapshot()
	if err := verify([]byte(document.Badge), before); err != nil {
		t.Fatal(err)
	}
	if _, err := academy.Revoke(ctx, held.ID, credentials.Revocation{Code: credentials.RevocationCodeIssuedInError, Reason: "Another Ada."}); err != nil {
		t.Fatal(err)
	}
	if err := verify([]byte(document.Badge), snapshot()); err == nil || !strings.Contains(err.Error(), "revoked") {
		t.Fatal(err)
	}
}
