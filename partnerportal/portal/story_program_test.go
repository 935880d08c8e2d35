package portal_test

import (
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/files"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
)

// program: the vendor writes rules, lets two companies in, and measures.
func (s *story) program() {
	t, ctx, vendor := s.t, s.ctx, s.vendor.program
	rules := did[program.Program](s)(vendor.Get(ctx, portal.DefaultProgramID))
	rules.Tiers = []program.Tier{
		{ID: "member", Name: "Member", Rank: 1, Benefits: []program.Benefit{{Code: "portal"}}},
		{ID: "gold", Name: "Gold", Rank: 2, Productive: true, Requirements: []program.Requirement{
			{ID: "revenue", Kind: program.RequirementKindRevenue, Amount: partnerportal.MustMoney("1000000", "USD")},
			{ID: "certified", Kind: program.RequirementKindCertifiedPeople, Threshold: 2, Period: program.RequirementPeriodEver},
		}},
	}
	did[program.Program](s)(vendor.Put(ctx, rules.ID, *rules, partnerportal.IfMatch(rules)))
	assert.Len(t, did[program.Page](s)(s.acme.program.List(ctx, program.ListParams{})).Items, 1)
	s.partners()
	s.memberships()
	s.measures()
}

func (s *story) partners() {
	t, ctx, vendor := s.t, s.ctx, s.vendor.program
	partner, why := did[program.Partner](s), program.Ruling{Reason: "For a reason."}
	p := partner(vendor.InvitePartner(ctx, program.Invitation{
		Name: "Vandelay", Applied: true, Country: "US", Domains: []string{"vandelay.com"}, Types: []program.PartnerType{program.PartnerTypeReseller},
		AccountManager: partnerportal.Contact{Email: "ada@vendor.example"}, ExternalRefs: []partnerportal.ExternalRef{{System: "salesforce", ID: "P1"}},
	}))
	_, err := vendor.InvitePartner(ctx, program.Invitation{Name: "Vandelay Industries", Domains: []string{"vandelay.com"}})
	s.refused("duplicate_partner", err)
	partner(vendor.StartPartnerReview(ctx, p.ID))
	partner(vendor.RequestPartnerChanges(ctx, p.ID, why))
	partner(vendor.StartPartnerReview(ctx, p.ID))
	p = partner(vendor.ApprovePartner(ctx, p.ID, program.PartnerApproval{TierID: "member"}))
	p = partner(vendor.UpdatePartner(ctx, p.ID, program.PartnerPatch{Country: partnerportal.Null[string]()}, partnerportal.IfMatch(p)))
	partner(vendor.SuspendPartner(ctx, p.ID, why))
	_, err = vendor.ApprovePartner(ctx, p.ID, program.PartnerApproval{})
	s.refused("invalid_state", err)
	partner(vendor.ReinstatePartner(ctx, p.ID, why))
	partner(vendor.TerminatePartner(ctx, p.ID, why))
	applicant := partner(vendor.InvitePartner(ctx, program.Invitation{Name: "Kramerica", Applied: true}))
	partner(vendor.RejectPartner(ctx, applicant.ID, why))
	assert.Equal(t, "Acme", partner(s.acme.program.GetPartner(ctx, s.acmeID)).Name)
	partner(s.acme.program.SetLogo(ctx, s.acmeID, program.Logo{FileID: s.picture(s.acme.files, files.PurposeLogo, 60, 20)}))
	assert.Len(t, did[program.PartnerPage](s)(vendor.ListPartners(ctx, program.ListPartnersParams{Status: []program.PartnerStatus{program.PartnerStatusActive}})).Items, 2)
}

func (s *story) memberships() {
	t, ctx, vendor := s.t, s.ctx, s.vendor.program
	member := did[program.Membership](s)
	m := member(s.acme.program.Enrol(ctx, program.Enrolment{ProgramID: portal.DefaultProgramID}))
	_, err := vendor.Enrol(ctx, program.Enrolment{ProgramID: portal.DefaultProgramID, PartnerID: s.acmeID})
	s.refused("already_enrolled", err)
	member(vendor.ApproveMembership(ctx, m.ID))
	m = member(vendor.ReportProgress(ctx, m.ID, program.ProgressReport{RequirementID: "certified", Current: 1, Source: partnerportal.SourceStamp{System: "lms", Kind: "lms"}}))
	assert.Equal(t, 1, m.NextTier.Missing[1].Missing)
	member(vendor.ChangeTier(ctx, m.ID, program.TierChange{TierID: "gold", Reason: "Strategic."}))
	member(vendor.RenewMembership(ctx, m.ID))
	assert.Equal(t, "Gold", member(s.acme.program.GetMembership(ctx, m.ID)).TierName)
	other := member(vendor.Enrol(ctx, program.Enrolment{ProgramID: portal.DefaultProgramID, PartnerID: s.globexID}))
	member(vendor.TerminateMembership(ctx, other.ID, program.Ruling{Reason: "A mistake."}))
	assert.Len(t, did[program.MembershipPage](s)(vendor.ListMemberships(ctx, program.ListMembershipsParams{})).Items, 3)
}

func (s *story) measures() {
	t, ctx, vendor := s.t, s.ctx, s.vendor.program
	did[program.FlowTiming](s)(s.acme.program.RecordTiming(ctx, program.FlowReport{
		Flow: program.FlowDealRegistration, OpenedAt: s.p.Now().Add(-time.Minute), Timing: partnerportal.Timing{Typed: []string{"/amount"}},
	}))
	speed := did[program.FlowTime](s)(vendor.DealRegistrationTime(ctx, program.DealRegistrationTimeParams{Interval: program.IntervalMonth}))
	assert.Equal(t, program.BandBestInClass, speed.Band)
	did[program.FlowTime](s)(s.acme.program.MDFRequestTime(ctx, program.MDFRequestTimeParams{}))
	assert.Len(t, did[program.ReEntry](s)(vendor.ReEntry(ctx, program.ReEntryParams{})).Fields, 1)
	did[program.NPSResponse](s)(s.acme.program.AnswerNPS(ctx, program.NPSAnswer{Score: 9, Comment: "Fast."}))
	assert.Len(t, did[program.NPSResponsePage](s)(vendor.ListNPSResponses(ctx, program.ListNPSResponsesParams{})).Items, 1)
	assert.Equal(t, 1, did[program.NPSResult](s)(vendor.NPS(ctx, program.NPSParams{})).Promoters)
	today := partnerportal.DateOf(s.p.Now())
	r := did[program.RevenuePerUser](s)(vendor.RevenuePerUser(ctx, program.RevenuePerUserParams{From: today.AddDays(-3000), To: today}))
	assert.Equal(t, partnerportal.MustMoney("120000", "USD"), r.Revenue, "of the deal that was won")
	did[program.Concentration](s)(vendor.Concentration(ctx, program.ConcentrationParams{TopPercent: 50}))
}
