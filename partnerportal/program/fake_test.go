package program_test

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
)

// fakePortal has one programme, takes one partner of a domain, and has measured a little. What it does not do, no test asks of it.
type fakePortal struct {
	program.Server
	rules   program.Program
	partner *program.Partner
}

func newFakePortal() http.Handler {
	router := partnerportal.NewRouter()
	program.Mount(router, &fakePortal{rules: program.Program{
		ID: program.DefaultID, Name: "Partner programme", TimeZone: "UTC", Currency: "USD", Revision: 3, Deal: program.DealRules{ProtectionDays: 90},
	}})
	return router
}

func (f *fakePortal) Get(context.Context, string) (*program.Program, error) { return &f.rules, nil }

func (f *fakePortal) Put(_ context.Context, _, ifMatch string, body *program.Program) (*program.Program, error) {
	if ifMatch != partnerportal.ETag(f.rules.Revision) {
		return nil, &partnerportal.Error{Status: http.StatusPreconditionFailed, Code: "revision_mismatch"}
	}
	f.rules = *body
	f.rules.Revision++
	return &f.rules, nil
}

func (f *fakePortal) InvitePartner(_ context.Context, body *program.Invitation) (*program.Partner, error) {
	if f.partner != nil {
		e := &partnerportal.Error{Status: http.StatusConflict, Code: program.ErrDuplicatePartner, Detail: "The partner is there already."}
		e.Extensions = map[string]json.RawMessage{"existing_id": json.RawMessage(`"` + f.partner.ID + `"`)}
		return nil, e
	}
	f.partner = &program.Partner{ID: "par_1", Name: body.Name, Status: program.PartnerStatusInvited, ProgramID: program.DefaultID, Domains: body.Domains, Revision: 1}
	return f.partner, nil
}

func (f *fakePortal) ApprovePartner(_ context.Context, _, _ string, body *program.PartnerApproval) (*program.Partner, error) {
	f.partner.Status, f.partner.Tier = program.PartnerStatusActive, body.TierID
	return f.partner, nil
}

func (f *fakePortal) SetLogo(_ context.Context, id, _ string, body *program.Logo) (*program.Partner, error) {
	return &program.Partner{ID: id, Name: "Acme Partners", Status: program.PartnerStatusActive, LogoFileID: body.FileID, Revision: 2}, nil
}

func (f *fakePortal) SuspendPartner(context.Context, string, string, *program.Ruling) (*program.Partner, error) {
	e := &partnerportal.Error{Status: http.StatusConflict, Code: program.ErrDuplicateRef}
	e.Extensions = map[string]json.RawMessage{"existing_id": json.RawMessage(`7`)}
	return nil, e
}

func (f *fakePortal) ListMemberships(context.Context, *program.ListMembershipsParams) (*program.MembershipPage, error) {
	usd := func(amount string) partnerportal.Money { return partnerportal.MustMoney(amount, "USD") }
	return &program.MembershipPage{Items: []program.Membership{{
		ID: "mem_1", PartnerID: "par_1", ProgramID: program.DefaultID, TierID: "silver", TierName: "Silver", Status: program.MembershipStatusActive,
		NextTier: program.NextTier{TierID: "gold", Name: "Gold", Rank: 2, Missing: []program.Progress{
			{RequirementID: "revenue", Kind: program.RequirementKindRevenue, Name: "Revenue", MissingAmount: usd("190000.00")},
			{RequirementID: "certified", Kind: program.RequirementKindCertifiedPeople, Name: "Certified people", Missing: 2},
		}},
	}}}, nil
}

func (f *fakePortal) DealRegistrationTime(context.Context, *program.DealRegistrationTimeParams) (*program.FlowTime, error) {
	return &program.FlowTime{Count: 120, MedianSeconds: 74, P90Seconds: 163, Band: program.BandBestInClass, TargetSeconds: 90, Abandoned: 7}, nil
}

func (f *fakePortal) RecordTiming(_ context.Context, body *program.FlowReport) (*program.FlowTiming, error) {
	seconds := int(body.SubmittedAt.Sub(body.OpenedAt) / time.Second)
	return &program.FlowTiming{Flow: body.Flow, Seconds: seconds, Band: program.BandStrong, Abandoned: body.Abandoned}, nil
}

func newClient() *partnerportal.Client {
	pp, err := partnerportal.New("https://portal.example.com", partnerportal.WithHandler(newFakePortal()), partnerportal.WithAPIKey("ppk_example"))
	if err != nil {
		panic(err)
	}
	return pp
}
