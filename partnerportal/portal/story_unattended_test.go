package portal_test

import (
	"bytes"
	"image"
	"image/png"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/mdf/assets"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/files"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
)

// unattended is what becomes of money, assets and memberships that nobody looks after, and what else the other chapters do not tell of
// them: the deadlines of more than a year.
func (s *story) unattended() {
	s.unattendedMembers()
	s.unattendedCoOp("", partnerportal.Money{})
	s.unattendedCoOp(mdf.BelowMinimumForfeit, s.dollars("5000"))
	s.unattendedRequests()
	s.unattendedAssets()
	s.advance(25 * 24 * time.Hour)
	s.advance(400 * 24 * time.Hour)
}

// unattendedMembers are one who stays in its tier without anybody's doing, and one who has not earned the only one there is.
func (s *story) unattendedMembers() {
	ctx, vendor := s.ctx, s.vendor.program
	partner := did[program.Partner](s)
	p := partner(vendor.InvitePartner(ctx, program.Invitation{Name: "Initech"}))
	p = partner(vendor.ApprovePartner(ctx, p.ID, program.PartnerApproval{TierID: "member"}))
	p.LegalName = "Initech LLC"
	partner(s.p.Admin().UpdatePartner(ctx, *p))

	rules := did[program.Program](s)(vendor.Get(ctx, portal.DefaultProgramID))
	rules.ID, rules.Name, rules.Tiers = "alliance", "Alliance", []program.Tier{{ID: "ally", Name: "Ally", Rank: 1, Requirements: rules.Tiers[1].Requirements}}
	did[program.Program](s)(vendor.Put(ctx, rules.ID, *rules))
	member := did[program.Membership](s)
	m := member(vendor.Enrol(ctx, program.Enrolment{ProgramID: rules.ID, PartnerID: s.acmeID}))
	member(vendor.ReportProgress(ctx, m.ID, program.ProgressReport{RequirementID: "certified", Current: 2, Source: partnerportal.SourceStamp{System: "lms", Kind: "lms"}}))
}

// unattendedCoOp is money that is earned until a fund's earning period ends.
func (s *story) unattendedCoOp(below mdf.BelowMinimum, minimum partnerportal.Money) {
	ctx, vendor := s.ctx, s.vendor.mdf
	f := did[mdf.Fund](s)(vendor.CreateFund(ctx, mdf.NewFund{
		Name: "Co-op", Kind: mdf.FundKindAccrual, Currency: "USD", Accrual: mdf.Accrual{Percent: "2.5", MinimumPayout: minimum, BelowMinimum: below},
		Period: mdf.Period{EarnFrom: s.day(0), EarnTo: s.day(10), SpendFrom: s.day(11), SpendTo: s.day(120)},
	}))
	did[mdf.Fund](s)(vendor.OpenFund(ctx, f.ID))
	did[mdf.Allocation](s)(vendor.Accrue(ctx, f.ID, mdf.Accruing{PartnerID: s.acmeID, Revenue: s.dollars("40000"), Reference: "the quarter"}))
}

// unattendedRequests are a request and a claim that the vendor sends back, and two that it refuses.
func (s *story) unattendedRequests() {
	ctx, acme, vendor := s.ctx, s.acme.mdf, s.vendor.mdf
	request, claim := did[mdf.Request](s), did[mdf.Claim](s)
	f := did[mdf.Fund](s)(vendor.CreateFund(ctx, mdf.NewFund{
		Name: "Late", Kind: mdf.FundKindDiscretionary, Currency: "USD", Budget: s.dollars("100000"), Period: mdf.Period{SpendFrom: s.day(0), SpendTo: s.day(180)},
	}))
	did[mdf.Fund](s)(vendor.OpenFund(ctx, f.ID))
	did[mdf.Allocation](s)(vendor.Allocate(ctx, mdf.NewAllocation{FundID: f.ID, PartnerID: s.acmeID, Amount: s.dollars("20000")}))
	ask := func() *mdf.Request {
		s.t.Helper()
		return request(acme.QuickRequest(ctx, mdf.QuickRequest{Type: mdf.ActivityTypePrint, StartsOn: s.day(0), Amount: s.dollars("400")}))
	}
	why := mdf.ChangeRequest{Message: "Which magazine?"}
	request(vendor.RequestChanges(ctx, ask().ID, why))
	request(vendor.RejectRequest(ctx, ask().ID, mdf.Rejection{Text: "No print."}))

	r := ask()
	request(vendor.ApproveRequest(ctx, r.ID, mdf.Approval{}))
	spent := func(invoice string) *mdf.Claim {
		s.t.Helper()
		return claim(acme.QuickClaim(ctx, mdf.QuickClaim{
			RequestID: r.ID, InvoiceNumber: invoice, Supplier: "Late Ltd", Spent: s.dollars("100"), FileIDs: []string{s.proof("late " + invoice)},
		}))
	}
	claim(vendor.RequestClaimChanges(ctx, spent("1").ID, why))
	claim(vendor.RejectClaim(ctx, spent("2").ID, mdf.Rejection{Reason: mdf.ReasonCodeOther, Text: "Not this one."}))
}

// unattendedAssets: one that is published and ends by the clock, and a logo that only looks like one.
func (s *story) unattendedAssets() {
	ctx, acme, vendor := s.ctx, s.acme.assets, s.vendor.assets
	asset, now := did[assets.Asset](s), s.p.Now()
	banner := s.picture(s.vendor.files, files.PurposeAsset, 400, 200)
	fresh := assets.NewAsset{Title: "Season", Kind: assets.KindBanner, Files: []assets.NewFile{{FileID: banner}}}
	a := asset(vendor.Create(ctx, fresh))
	asset(vendor.Publish(ctx, a.ID, assets.Publication{PublishAt: now.Add(24 * time.Hour), ExpiresAt: now.Add(72 * time.Hour)}))

	fresh.CoBrand = assets.Template{FileID: banner, Zones: []assets.Zone{{ID: "logo", Kind: assets.ZoneKindLogo, X: 10, Y: 10, Width: 100, Height: 50}}}
	b := asset(vendor.Create(ctx, fresh))
	asset(vendor.Publish(ctx, b.ID, assets.Publication{}))
	did[assets.Link](s)(acme.CreateLink(ctx, b.ID, assets.LinkRequest{DealID: s.approved("season.com").ID}))
	var whole bytes.Buffer
	s.ok(png.Encode(&whole, image.NewGray(image.Rect(0, 0, 100, 50))))
	half := files.Content{Name: "logo.png", Reader: bytes.NewReader(whole.Bytes()[:whole.Len()-30])} // its size is there, its pixels are not
	logo := did[files.File](s)(s.acme.files.Upload(ctx, files.Upload{Purpose: files.PurposeLogo, File: half}))
	j := did[assets.Job](s)(acme.CoBrand(ctx, b.ID, assets.CoBranding{Values: []assets.ZoneValue{{Zone: "logo", FileID: logo.ID}}}))
	s.ok(s.p.DrawAssets(ctx))
	assert.Equal(s.t, assets.JobStatusFailed, did[assets.Job](s)(acme.GetJob(ctx, j.ID)).Status)
}
