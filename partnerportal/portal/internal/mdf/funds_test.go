package mdf_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
)

func TestAFundShowsTheRulesThatHold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	f := must[*mdf.Fund](t)(w.vendor.CreateFund(t.Context(), mdf.NewFund{
		Name: "Growth", Kind: mdf.FundKindDiscretionary, Currency: "USD", Period: mdf.Period{SpendFrom: w.day(0), SpendTo: w.day(180)},
	}))
	assert.Equal(t, mdf.FundStatusDraft, f.Status)
	assert.Equal(t, mdf.FundRules{
		MaxReimbursementPercent: "50", ClaimDueDays: 45, ChangesDueDays: 14, HoldOn: mdf.HoldOnSubmit, Unclaimed: mdf.UnclaimedExpire,
		NoticeDays: []int{30, 14, 7, 1},
		Proof:      []mdf.ProofRule{{Requirements: []mdf.ProofRequirement{{ID: "invoice", Kind: mdf.ProofKindInvoice, MinCount: 1, Mandatory: true}}}},
	}, f.Rules)
	assert.Equal(t, w.day(180+45), f.Period.ClaimBy)
	assert.Equal(t, []mdf.FundAction{mdf.FundActionOpen, mdf.FundActionClose, mdf.FundActionUpdate}, f.AllowedActions)
}

func TestBadFundsAreRefusedFieldByField(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good := func() mdf.NewFund {
		return mdf.NewFund{
			Name: "Growth", Kind: mdf.FundKindDiscretionary, Currency: "USD", Period: mdf.Period{SpendFrom: w.day(0), SpendTo: w.day(180)},
		}
	}
	for _, tt := range []struct {
		change  func(*mdf.NewFund)
		pointer string
	}{
		{func(f *mdf.NewFund) { f.Period.SpendTo = w.day(-1) }, "/period/spend_to"},
		{func(f *mdf.NewFund) { f.Period.ClaimBy = w.day(179) }, "/period/claim_by"},
		{func(f *mdf.NewFund) { f.Accrual.Percent = "2" }, "/accrual"},
		{func(f *mdf.NewFund) { f.Kind = mdf.FundKindAccrual; f.Accrual.Percent = "2" }, "/period/earn_from"},
		{func(f *mdf.NewFund) {
			f.Kind, f.Period.EarnFrom, f.Period.EarnTo = mdf.FundKindAccrual, w.day(0), w.day(10)
		}, "/accrual/percent"},
		{func(f *mdf.NewFund) { f.Budget = usd("-1") }, "/budget"},
		{func(f *mdf.NewFund) { f.Budget = usd("0.001") }, "/budget/amount"},
		{func(f *mdf.NewFund) { f.Rules.MinRequest, f.Rules.MaxRequest = usd("2"), usd("1") }, "/rules/max_request"},
		{func(f *mdf.NewFund) { f.Rules.MaxReimbursementPercent = "0" }, "/rules/max_reimbursement_percent"},
		{func(f *mdf.NewFund) { f.Kind, f.Rules.HoldOn = mdf.FundKindProposalBased, mdf.HoldOnSubmit }, "/rules/hold_on"},
		{func(f *mdf.NewFund) { f.ProgramID = "none" }, "/program_id"},
		{func(f *mdf.NewFund) {
			f.Rules.Proof = []mdf.ProofRule{{Requirements: []mdf.ProofRequirement{{ID: "a", Kind: mdf.ProofKindPhoto}, {ID: "a", Kind: mdf.ProofKindPhoto}}}}
		}, "/rules/proof/0/requirements/1/id"},
		{func(f *mdf.NewFund) {
			one := []mdf.ProofRequirement{{ID: "a", Kind: mdf.ProofKindPhoto}}
			f.Rules.Proof = []mdf.ProofRule{{Requirements: one}, {Requirements: one}}
		}, "/rules/proof/1/activity_type"},
	} {
		body := good()
		tt.change(&body)
		_, err := w.vendor.CreateFund(t.Context(), body)
		faulty(t, err, tt.pointer)
	}
	body := good()
	body.Budget = partnerportal.MustMoney("1000", "EUR")
	_, err := w.vendor.CreateFund(t.Context(), body)
	refused(t, err, mdf.ErrCurrencyMismatch)
}

func TestFundsAreChangedOpenedFrozenAndClosed(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	f := w.fund(func(f *mdf.NewFund) { f.Budget = usd("5000") })
	a := w.allocate(f, "3000")
	_, err := w.vendor.UpdateFund(ctx, f.ID, mdf.FundPatch{Currency: partnerportal.Set("EUR"), Budget: partnerportal.Null[partnerportal.Money]()}, partnerportal.IfMatch(f))
	faulty(t, err, "/kind")
	_, err = w.vendor.UpdateFund(ctx, f.ID, mdf.FundPatch{Budget: partnerportal.Set(usd("2999"))}, partnerportal.IfMatch(f))
	refused(t, err, mdf.ErrInsufficientFunds)
	_, err = w.vendor.UpdateFund(ctx, f.ID, mdf.FundPatch{Name: partnerportal.Null[string]()}, partnerportal.IfMatch(f))
	faulty(t, err, "/name")
	f = must[*mdf.Fund](t)(w.vendor.UpdateFund(ctx, f.ID, mdf.FundPatch{Budget: partnerportal.Set(usd("3000"))}, partnerportal.IfMatch(f)))
	assert.Equal(t, "3000.00 USD", f.Allocated.String())
	_, err = w.vendor.UpdateFund(ctx, f.ID, mdf.FundPatch{Name: partnerportal.Set("Late")}, partnerportal.IfMatchRevision(1))
	require.ErrorIs(t, err, partnerportal.ErrStale)

	r := must[*mdf.Request](t)(w.acme.QuickRequest(ctx, w.ask("1000")))
	must[*mdf.Fund](t)(w.vendor.FreezeFund(ctx, f.ID, mdf.Note{}))
	_, err = w.acme.QuickRequest(ctx, w.ask("100"))
	refused(t, err, mdf.ErrFundNotOpen)
	_, err = w.vendor.Allocate(ctx, mdf.NewAllocation{FundID: f.ID, PartnerID: w.AcmeID, Amount: usd("1")})
	refused(t, err, mdf.ErrFundNotOpen)
	must[*mdf.Request](t)(w.vendor.ApproveRequest(ctx, r.ID, mdf.Approval{}))
	must[*mdf.Fund](t)(w.vendor.OpenFund(ctx, f.ID))
	held := must[*mdf.Request](t)(w.acme.QuickRequest(ctx, w.ask("500")))

	f = must[*mdf.Fund](t)(w.vendor.CloseFund(ctx, f.ID, mdf.Note{Text: "The year is over."}))
	assert.Equal(t, "held 500.00, committed 1000.00, expired 1500.00", w.balance(a.ID), "what is held and committed stays")
	assert.Empty(t, f.AllowedActions)
	e := refused(t, second(w.vendor.OpenFund(ctx, f.ID)), partnerportal.ErrInvalidState)
	assert.Equal(t, "closed", e.CurrentState)
	must[*mdf.Request](t)(w.vendor.RejectRequest(ctx, held.ID, mdf.Rejection{Text: "Too late."}))
	assert.Equal(t, "committed 1000.00, expired 2000.00", w.balance(a.ID), "what is freed later expires then")
	assert.Equal(t, []string{"fund_opened", "fund_updated", "fund_frozen", "fund_opened", "fund_closed"}, w.happened(f.ID))
}

// second is the error of a call.
func second[T any](_ T, err error) error { return err }

func TestWhatPartnersSeeOfFunds(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	open := w.fund(func(f *mdf.NewFund) { f.Budget = usd("5000") })
	draft := must[*mdf.Fund](t)(w.vendor.CreateFund(ctx, mdf.NewFund{
		Name: "Secret", Kind: mdf.FundKindDiscretionary, Currency: "USD", Period: mdf.Period{SpendFrom: w.day(0), SpendTo: w.day(180)},
	}))
	_, err := w.acme.GetFund(ctx, draft.ID)
	require.ErrorIs(t, err, partnerportal.ErrNotFound)
	seen := must[*mdf.Fund](t)(w.acme.GetFund(ctx, open.ID))
	assert.True(t, seen.Budget.IsZero() && seen.Allocated.IsZero(), "what the vendor plans is not for partners")
	assert.Empty(t, seen.AllowedActions)
	page := must[*mdf.FundPage](t)(w.acme.ListFunds(ctx, mdf.ListFundsParams{}))
	require.Len(t, page.Items, 1)
	assert.Equal(t, *seen, page.Items[0])
	assert.Len(t, must[*mdf.FundPage](t)(w.vendor.ListFunds(ctx, mdf.ListFundsParams{Status: []mdf.FundStatus{mdf.FundStatusDraft}})).Items, 1)
	_, err = w.acme.OpenFund(ctx, draft.ID)
	require.ErrorIs(t, err, partnerportal.ErrForbidden)
}
