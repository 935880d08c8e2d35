package credentials_test

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/training/credentials"
)

// today is when the tests play.
var today = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// registrar stands in for a portal: it has certified two people. What it does not do, no test asks of it.
type registrar struct {
	credentials.Server

	damaged bool // what it says of its refusals has an unexpected shape
}

func (*registrar) List(_ context.Context, params *credentials.ListParams) (*credentials.Page, error) {
	page := &credentials.Page{Items: []credentials.Credential{}}
	for i, name := range []string{"Ada", "Grace"} {
		k := credentials.Credential{
			ID: "crd_" + name, Name: "GTX Engineer", Holder: credentials.Holder{LearnerID: "lrn_" + name, Name: name}, Status: credentials.StatusIssued,
			ValidFrom: today.AddDate(-2, 0, 0), ValidUntil: today.AddDate(0, 1+6*i, 0), AllowedActions: []credentials.Action{},
		}
		if i == 0 {
			k.Status, k.AllowedActions = credentials.StatusRenewalOpen, []credentials.Action{credentials.ActionRequestRenewal}
		}
		if params.ExpiresBefore.IsZero() || k.ValidUntil.Before(params.ExpiresBefore) {
			page.Items = append(page.Items, k)
		}
	}
	return page, nil
}

func (r *registrar) RequestRenewal(_ context.Context, id, _ string) (*credentials.Credential, error) {
	if id != "crd_Ada" {
		e := &partnerportal.Error{Status: http.StatusConflict, Code: credentials.ErrRenewalNotOpen, Detail: "The credential can be renewed from 2027-02-21 on."}
		return nil, r.with(e, "opens_at", "2027-02-21T12:00:00Z")
	}
	return &credentials.Credential{ID: id, Name: "GTX Engineer", RenewalRequestedAt: today}, nil
}

func (*registrar) PutDefinition(_ context.Context, id, _ string, body *credentials.Definition) (*credentials.Definition, error) {
	body.ID, body.Status, body.Revision = id, credentials.DefinitionStatusActive, 1
	return body, nil
}

func (r *registrar) Issue(_ context.Context, body *credentials.NewCredential) (*credentials.Credential, error) {
	if body.LearnerID == "lrn_Grace" {
		e := &partnerportal.Error{Status: http.StatusConflict, Code: credentials.ErrAlreadyHeld, Detail: "The person has the credential already."}
		return nil, r.with(e, "existing_id", "crd_Grace")
	}
	return &credentials.Credential{
		ID: "crd_Ada", Name: "GTX Engineer", Status: credentials.StatusIssued, ValidFrom: today, ValidUntil: today.AddDate(2, 0, 0),
		Verification: credentials.Verification{URL: "https://portal.example.com/verify/crd_Ada"},
	}, nil
}

func (r *registrar) Import(_ context.Context, body *credentials.ImportRequest) (*credentials.Credential, error) {
	if body.Badge == "revoked" {
		e := &partnerportal.Error{Status: http.StatusUnprocessableEntity, Code: credentials.ErrRevoked, Detail: "The issuer has taken the badge away."}
		return nil, r.with(e, "checks", []credentials.Check{
			{Name: credentials.CheckNameSignature, Result: credentials.CheckResultPassed}, {Name: credentials.CheckNameStatus, Result: credentials.CheckResultFailed, Detail: "revoked"},
		})
	}
	return &credentials.Credential{ID: "crd_2", Status: credentials.StatusPending, Verification: credentials.Verification{
		Checks: []credentials.Check{{Name: credentials.CheckNameStatus, Result: credentials.CheckResultUnknown, Detail: "the bundle has no status list"}},
	}}, nil
}

func (*registrar) OpenBadge(context.Context, string) (*credentials.BadgeDocument, error) {
	return &credentials.BadgeDocument{Badge: "eyJhbGciOiJFZERTQSJ9.e30.c2ln", VerifyURL: "https://portal.example.com/verify/crd_Ada"}, nil
}

func (*registrar) Verify(context.Context, string) (*credentials.Verdict, error) {
	return &credentials.Verdict{OK: true, At: today, Checks: []credentials.Check{{Name: credentials.CheckNameSignature, Result: credentials.CheckResultPassed}}}, nil
}

// with adds a member to a problem; a damaged registrar gives it another shape.
func (r *registrar) with(e *partnerportal.Error, name string, value any) error {
	if r.damaged {
		value = map[string]int{"unexpected": 1}
	}
	raw, err := json.Marshal(value)
	if err != nil {
		return err
	}
	e.Extensions = map[string]json.RawMessage{name: raw}
	return e
}

func newClient(r *registrar) *credentials.Client {
	router := partnerportal.NewRouter()
	credentials.Mount(router, r)
	pp, err := partnerportal.New("https://portal.example.com", partnerportal.WithHandler(router), partnerportal.WithAPIKey("ppk_example"))
	if err != nil {
		panic(err)
	}
	return credentials.New(pp)
}
