package portal_test

import (
	"strings"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/files"
	"github.com/partnerportal/partnerportal-go/partnerportal/sandbox"
)

func (s *story) dollars(amount string) partnerportal.Money {
	return partnerportal.MustMoney(amount, "USD")
}

func (s *story) day(n int) partnerportal.Date { return partnerportal.DateOf(s.p.Now()).AddDays(n) }

func (s *story) proof(text string) string {
	s.t.Helper()
	return did[files.File](s)(s.acme.files.Upload(s.ctx, files.Upload{
		Purpose: files.PurposeProof, File: files.Content{Name: "invoice.pdf", Reader: strings.NewReader("%PDF-1.7\n" + text)},
	})).ID
}

// mdf lets a partner ask for money, spend it, prove it, and be paid.
func (s *story) mdf() {
	fund := s.mdfFunds()
	s.mdfAllocations(fund)
	s.mdfDecisions(fund)
	request := s.mdfRequests(fund)
	s.mdfClaims(request)
	s.mdfFigures()
	s.mdfSandbox()
}

func (s *story) mdfFunds() *mdf.Fund {
	t, ctx, vendor := s.t, s.ctx, s.vendor.mdf
	one := did[mdf.Fund](s)
	f := one(vendor.CreateFund(ctx, mdf.NewFund{
		Name: "Growth", Kind: mdf.FundKindDiscretionary, Currency: "USD", Budget: s.dollars("100000"),
		Period: mdf.Period{SpendFrom: s.day(0), SpendTo: s.day(180)},
	}))
	_, err := s.acme.mdf.GetFund(ctx, f.ID)
	s.refused("not_found", err)
	f = one(vendor.UpdateFund(ctx, f.ID, mdf.FundPatch{Description: partnerportal.Set("For the region.")}, partnerportal.IfMatch(f)))
	f = one(vendor.OpenFund(ctx, f.ID))
	one(vendor.FreezeFund(ctx, f.ID, mdf.Note{Text: "Audit."}))
	f = one(vendor.OpenFund(ctx, f.ID))
	assert.Len(t, did[mdf.FundPage](s)(s.acme.mdf.ListFunds(ctx, mdf.ListFundsParams{})).Items, 1)
	one(s.acme.mdf.GetFund(ctx, f.ID))

	earned := one(vendor.CreateFund(ctx, mdf.NewFund{
		Name: "Co-op", Kind: mdf.FundKindAccrual, Currency: "USD", Accrual: mdf.Accrual{Percent: "2.5"},
		Period: mdf.Period{EarnFrom: s.day(0), EarnTo: s.day(30), SpendFrom: s.day(31), SpendTo: s.day(120)},
	}))
	one(vendor.OpenFund(ctx, earned.ID))
	accruing := mdf.Accruing{PartnerID: s.acmeID, Revenue: s.dollars("40000"), Reference: "2027-01"}
	alc := did[mdf.Allocation](s)(vendor.Accrue(ctx, earned.ID, accruing))
	assert.Equal(t, "1000.00 USD", alc.Balance.Available.String())
	_, err = vendor.Accrue(ctx, earned.ID, accruing)
	s.refused("duplicate_accrual", err)
	one(vendor.CloseFund(ctx, earned.ID, mdf.Note{Text: "Over."}))
	return f
}

func (s *story) mdfAllocations(f *mdf.Fund) {
	ctx, vendor := s.ctx, s.vendor.mdf
	one := did[mdf.Allocation](s)
	give := mdf.NewAllocation{FundID: f.ID, PartnerID: s.acmeID, Amount: s.dollars("20000"), Memo: "First half."}
	a := one(vendor.Allocate(ctx, give))
	give.Amount = s.dollars("1000")
	b := one(vendor.Allocate(ctx, give))
	give.Amount = s.dollars("90000")
	_, err := vendor.Allocate(ctx, give)
	s.refused("insufficient_funds", err)
	a = one(vendor.UpdateAllocation(ctx, a.ID, mdf.AllocationPatch{ExpiresOn: partnerportal.Set(s.day(150))}, partnerportal.IfMatch(a)))
	one(vendor.FreezeAllocation(ctx, a.ID, mdf.Note{Text: "Audit."}))
	one(vendor.UnfreezeAllocation(ctx, a.ID))
	one(vendor.AdjustAllocation(ctx, a.ID, mdf.Adjustment{Amount: s.dollars("-500"), Memo: "Returned goods."}))
	one(vendor.Transfer(ctx, b.ID, mdf.Transferring{ToAllocationID: a.ID, Amount: s.dollars("500")}))
	one(vendor.CloseAllocation(ctx, b.ID, mdf.Note{}))
	one(s.acme.mdf.GetAllocation(ctx, a.ID))
	_, err = s.globex.mdf.GetAllocation(ctx, a.ID)
	s.refused("not_found", err)
	assert.Len(s.t, did[mdf.AllocationPage](s)(s.acme.mdf.ListAllocations(ctx, mdf.ListAllocationsParams{Status: []mdf.AllocationStatus{mdf.AllocationStatusActive}})).Items, 1)
}

// mdfDecisions are requests that come to nothing.
func (s *story) mdfDecisions(f *mdf.Fund) {
	ctx, acme, vendor := s.ctx, s.acme.mdf, s.vendor.mdf
	one := did[mdf.Request](s)
	r := one(acme.CreateRequest(ctx, mdf.NewRequest{Title: "Webinar", FundID: f.ID}))
	_, err := acme.SubmitRequest(ctx, r.ID)
	s.refused("validation_failed", err)
	r = one(acme.UpdateRequest(ctx, r.ID, mdf.RequestPatch{Activities: partnerportal.Set([]mdf.NewActivity{
		{Type: mdf.ActivityTypeWebinar, StartsOn: s.day(20), Cost: s.dollars("1000")},
	})}, partnerportal.IfMatch(r)))
	one(acme.SubmitRequest(ctx, r.ID))
	one(vendor.StartRequestReview(ctx, r.ID))
	one(vendor.RequestChanges(ctx, r.ID, mdf.ChangeRequest{Message: "Who speaks?", Changes: []mdf.RequestedChange{{Pointer: "/objective", Message: "Say who speaks."}}}))
	r = one(acme.GetRequest(ctx, r.ID))
	one(acme.UpdateRequest(ctx, r.ID, mdf.RequestPatch{Objective: partnerportal.Set("Ada speaks.")}, partnerportal.IfMatch(r)))
	one(acme.ResubmitRequest(ctx, r.ID))
	one(vendor.RejectRequest(ctx, r.ID, mdf.Rejection{Reason: mdf.ReasonCodeNotAligned, Text: "Another theme."}))
	_, err = vendor.ApproveRequest(ctx, r.ID, mdf.Approval{})
	s.refused("invalid_state", err)
	again := one(acme.QuickRequest(ctx, mdf.QuickRequest{RequestID: r.ID, StartsOn: s.day(30), Amount: s.dollars("600")}))
	one(acme.WithdrawRequest(ctx, again.ID, mdf.Note{Text: "Not now."}))
}

func (s *story) mdfRequests(f *mdf.Fund) *mdf.Request {
	t, ctx, acme, vendor := s.t, s.ctx, s.acme.mdf, s.vendor.mdf
	one := did[mdf.Request](s)
	tpl := did[mdf.Template](s)(vendor.CreateTemplate(ctx, mdf.NewTemplate{
		Name: "Roadshow", FundID: f.ID, Activities: []mdf.TemplateActivity{
			{Type: mdf.ActivityTypeEvent, Title: "Roadshow", DurationDays: 2, Weight: 3}, {Type: mdf.ActivityTypeEmail, Title: "Invitation"},
		},
	}))
	tpl = did[mdf.Template](s)(vendor.UpdateTemplate(ctx, tpl.ID, mdf.TemplatePatch{Title: partnerportal.Set("Spring roadshow")}, partnerportal.IfMatch(tpl)))
	did[mdf.Template](s)(acme.GetTemplate(ctx, tpl.ID))
	assert.Len(t, did[mdf.TemplatePage](s)(acme.ListTemplates(ctx, mdf.ListTemplatesParams{})).Items, 1)

	quick := mdf.QuickRequest{TemplateID: tpl.ID, StartsOn: s.day(1), Amount: s.dollars("1000000")}
	_, err := acme.QuickRequest(ctx, quick)
	s.refused("insufficient_funds", err)
	quick.Amount = s.dollars("4000")
	r := one(acme.QuickRequest(ctx, quick))
	assert.Equal(t, []string{"3000.00 USD", "1000.00 USD"}, []string{r.Activities[0].RequestedAmount.String(), r.Activities[1].RequestedAmount.String()})
	event, mail := r.Activities[0].ID, r.Activities[1].ID
	one(vendor.ApproveRequest(ctx, r.ID, mdf.Approval{Activities: []mdf.ActivityRuling{{ID: event, Amount: s.dollars("2400"), Percent: "40"}}, Comment: "Go ahead."}))
	r = one(acme.AmendRequest(ctx, r.ID, mdf.Amending{Reason: "The venue moved us.", Activities: []mdf.AmendedActivity{{ID: event, StartsOn: s.day(2)}}}))
	one(vendor.RejectAmendment(ctx, r.ID, mdf.Note{Text: "Stay."}))
	one(acme.AmendRequest(ctx, r.ID, mdf.Amending{Reason: "Please.", Activities: []mdf.AmendedActivity{{ID: event, StartsOn: s.day(2)}}}))
	one(vendor.ApproveAmendment(ctx, r.ID, mdf.Note{}))
	one(acme.CancelActivity(ctx, r.ID, mail, mdf.Note{Text: "No invitation."}))
	_, err = acme.QuickClaim(ctx, mdf.QuickClaim{RequestID: r.ID, InvoiceNumber: "1", Supplier: "Hall Ltd", Spent: s.dollars("100"), FileIDs: []string{s.proof("early")}})
	s.refused("activity_not_started", err)
	_, err = s.p.Advance(ctx, 3*24*time.Hour)
	s.ok(err)
	one(acme.StartActivity(ctx, r.ID, event))
	r = one(acme.CompleteActivity(ctx, r.ID, event, mdf.Completion{Notes: "Forty leads."}))

	other := one(acme.QuickRequest(ctx, mdf.QuickRequest{Type: mdf.ActivityTypeDigital, StartsOn: s.day(5), Amount: s.dollars("100")}))
	one(vendor.ApproveRequest(ctx, other.ID, mdf.Approval{}))
	one(vendor.CancelRequest(ctx, other.ID, mdf.Note{Text: "Budget cut."}))
	assert.Len(t, did[mdf.RequestPage](s)(vendor.ListRequests(ctx, mdf.ListRequestsParams{Status: []mdf.RequestStatus{mdf.RequestStatusCanceled}})).Items, 1)
	assert.NotEmpty(t, did[partnerportal.ActivityPage](s)(acme.ListRequestActivity(ctx, r.ID, mdf.ListRequestActivityParams{})).Items)
	return r
}

func (s *story) mdfClaims(r *mdf.Request) {
	t, ctx, acme, vendor := s.t, s.ctx, s.acme.mdf, s.vendor.mdf
	one := did[mdf.Claim](s)
	invoice := s.proof("the hall")
	line := mdf.NewClaimLine{ActivityID: r.Activities[0].ID, InvoiceNumber: "2027-0117", Supplier: "Hall Ltd", Spent: s.dollars("2000")}
	k := one(acme.CreateClaim(ctx, mdf.NewClaim{RequestID: r.ID, Lines: []mdf.NewClaimLine{line}}))
	_, err := acme.SubmitClaim(ctx, k.ID)
	s.refused("proof_missing", err)
	assert.Equal(t, []string{"invoice"}, mdf.MissingProofOf(err))
	line.Evidence = []mdf.NewEvidence{{FileID: invoice}}
	k = one(acme.UpdateClaim(ctx, k.ID, mdf.ClaimPatch{Lines: partnerportal.Set([]mdf.NewClaimLine{line})}, partnerportal.IfMatch(k)))
	k = one(acme.SubmitClaim(ctx, k.ID))
	assert.Equal(t, "800.00 USD", k.ClaimedTotal.String(), "forty percent")
	_, err = acme.QuickClaim(ctx, mdf.QuickClaim{RequestID: r.ID, InvoiceNumber: "2027 0117", Supplier: "HALL LIMITED", Spent: s.dollars("10"), FileIDs: []string{s.proof("again")}})
	s.refused("duplicate_invoice", err)
	assert.Equal(t, k.ID, mdf.ClaimOf(err))
	one(vendor.StartClaimReview(ctx, k.ID))
	one(vendor.RequestClaimChanges(ctx, k.ID, mdf.ChangeRequest{Message: "Is this all?"}))
	one(acme.ResubmitClaim(ctx, k.ID))
	one(vendor.ApproveClaim(ctx, k.ID, mdf.ClaimApproval{Lines: []mdf.LineRuling{{
		ID: k.Lines[0].ID, Amount: s.dollars("700"), Evidence: []mdf.EvidenceRuling{{FileID: invoice, Accepted: true}}, Comment: "Without drinks.",
	}}}))
	one(vendor.ScheduleClaim(ctx, k.ID, mdf.Scheduling{ScheduledOn: s.day(7)}))
	one(vendor.PayClaim(ctx, k.ID, mdf.Payment{Reference: "PAY-1"}))
	one(vendor.FailPayment(ctx, k.ID, mdf.PaymentFailure{Reason: "The account was closed."}))
	one(vendor.PayClaim(ctx, k.ID, mdf.Payment{Reference: "PAY-2", Method: mdf.PayoutMethodCreditNote}))
	one(acme.GetClaim(ctx, k.ID))

	quick := mdf.QuickClaim{RequestID: r.ID, InvoiceNumber: "2027-0118", Supplier: "Hall Ltd", Spent: s.dollars("500"), FileIDs: []string{s.proof("the band")}}
	rejected := one(acme.QuickClaim(ctx, quick))
	one(vendor.RejectClaim(ctx, rejected.ID, mdf.Rejection{Text: "No bands."}))
	withdrawn := one(acme.QuickClaim(ctx, quick))
	one(acme.WithdrawClaim(ctx, withdrawn.ID, mdf.Note{Text: "All right."}))
	assert.Len(t, did[mdf.ClaimPage](s)(vendor.ListClaims(ctx, mdf.ListClaimsParams{RequestID: []string{r.ID}})).Items, 3)
	assert.NotEmpty(t, did[partnerportal.ActivityPage](s)(vendor.ListClaimActivity(ctx, k.ID, mdf.ListClaimActivityParams{})).Items)
}

func (s *story) mdfFigures() {
	t, ctx, acme := s.t, s.ctx, s.acme.mdf
	sheet := did[mdf.BalanceSheet](s)(acme.Balance(ctx, mdf.BalanceParams{}))
	assert.Equal(t, "700.00 USD", sheet.Items[0].Balance.Paid.String())
	forecast := did[mdf.Forecast](s)(acme.Forecast(ctx, mdf.ForecastParams{}))
	assert.NotEmpty(t, forecast.Items)
	page := did[mdf.EntryPage](s)(acme.ListEntries(ctx, mdf.ListEntriesParams{Type: []mdf.EntryType{mdf.EntryTypeReversePayment}}))
	assert.Len(t, page.Items, 1)
	assert.NotEmpty(t, page.Items[0].ReversalOf)
	_, err := s.vendor.mdf.Balance(ctx, mdf.BalanceParams{})
	s.refused("validation_failed", err)
}

func (s *story) mdfSandbox() {
	ctx, acme := s.ctx, s.acme.mdf
	out := did[sandbox.Outcome](s)(s.globex.sandbox.AllocateMDF(ctx, sandbox.MDFAllocation{Amount: s.dollars("5000")}))
	did[mdf.Allocation](s)(s.globex.mdf.GetAllocation(ctx, out.ID))
	r := did[mdf.Request](s)(acme.QuickRequest(ctx, mdf.QuickRequest{Type: mdf.ActivityTypePrint, StartsOn: s.day(0), Amount: s.dollars("100")}))
	did[sandbox.Outcome](s)(s.acme.sandbox.SimulateMDFRequest(ctx, r.ID, sandbox.MDFRequestSimulation{Action: sandbox.MDFRequestActionApprove}))
	k := did[mdf.Claim](s)(acme.QuickClaim(ctx, mdf.QuickClaim{
		RequestID: r.ID, InvoiceNumber: "7", Supplier: "Print Ltd", Spent: s.dollars("200"), FileIDs: []string{s.proof("flyers")},
	}))
	for _, action := range []sandbox.MDFClaimAction{sandbox.MDFClaimActionApprove, sandbox.MDFClaimActionPay} {
		did[sandbox.Outcome](s)(s.acme.sandbox.SimulateMDFClaim(ctx, k.ID, sandbox.MDFClaimSimulation{Action: action}))
	}
}
