package mdf_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
)

func TestApprovalOfAClaimIsPerLine(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	a := w.allocate(w.fund(), "2000")
	r := must[*mdf.Request](t)(w.vendor.ApproveRequest(ctx, w.submitted().ID, mdf.Approval{}))
	w.Advance(13 * dayLong)
	line := func(activity int, number, spent string, final bool) mdf.NewClaimLine {
		return mdf.NewClaimLine{
			ActivityID: r.Activities[activity].ID, InvoiceNumber: number, Supplier: "Hall Ltd", Spent: usd(spent), Final: final,
			Evidence: []mdf.NewEvidence{{FileID: w.file(number)}},
		}
	}
	k := must[*mdf.Claim](t)(w.acme.CreateClaim(ctx, mdf.NewClaim{RequestID: r.ID, Lines: []mdf.NewClaimLine{
		line(0, "1", "600", false), line(0, "2", "400", true), line(1, "3", "800", false),
	}}))
	k = must[*mdf.Claim](t)(w.acme.SubmitClaim(ctx, k.ID))
	assert.Equal(t, "available 500.00, committed 600.00, claimed 900.00", w.balance(a.ID))
	rule := func(rulings ...mdf.LineRuling) error {
		return second(w.vendor.ApproveClaim(ctx, k.ID, mdf.ClaimApproval{Lines: rulings}))
	}
	id := func(i int) string { return k.Lines[i].ID }
	faulty(t, rule(mdf.LineRuling{ID: "cln_none"}), "/lines/0/id")
	faulty(t, rule(mdf.LineRuling{ID: id(0), Amount: usd("-1")}), "/lines/0/amount")
	faulty(t, rule(mdf.LineRuling{ID: id(0), Evidence: []mdf.EvidenceRuling{{FileID: "file_none"}}}), "/lines/0/evidence/0/file_id")
	faulty(t, rule(mdf.LineRuling{ID: id(0), Amount: usd("0")}, mdf.LineRuling{ID: id(1), Amount: usd("0")}, mdf.LineRuling{ID: id(2), Amount: usd("0")}), "/lines")
	refused(t, rule(mdf.LineRuling{ID: id(0), Amount: usd("300.01")}), mdf.ErrClaimExceedsApproved)
	refused(t, rule(mdf.LineRuling{ID: id(0), Amount: partnerportal.MustMoney("1", "EUR")}), mdf.ErrCurrencyMismatch)

	require.NoError(t, rule(mdf.LineRuling{ID: id(0), Amount: usd("250")},
		mdf.LineRuling{ID: id(2), Amount: usd("0.00"), Comment: "No mail.", Evidence: []mdf.EvidenceRuling{{FileID: k.Lines[2].Evidence[0].FileID}}}))
	k = must[*mdf.Claim](t)(w.acme.GetClaim(ctx, k.ID))
	assert.Equal(t, mdf.ClaimStatusPartiallyApproved, k.Status)
	assert.Equal(t, "450.00 USD", k.ApprovedTotal.String())
	assert.Equal(t, []mdf.EvidenceStatus{mdf.EvidenceStatusAccepted, mdf.EvidenceStatusRejected}, []mdf.EvidenceStatus{k.Lines[0].Evidence[0].Status, k.Lines[2].Evidence[0].Status})
	// 50 of the event and 400 of the mail are freed, and with the final line 500 more of the event.
	assert.Equal(t, "available 1450.00, committed 100.00, payable 450.00", w.balance(a.ID))
}

func TestPaymentsBounceAndAreMadeAgain(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	r, a := w.executed()
	k := must[*mdf.Claim](t)(w.acme.QuickClaim(ctx, w.invoice(r, "1", "2000")))
	refused(t, second(w.vendor.PayClaim(ctx, k.ID, mdf.Payment{Reference: "early"})), partnerportal.ErrInvalidState)
	must[*mdf.Claim](t)(w.vendor.ApproveClaim(ctx, k.ID, mdf.ClaimApproval{}))
	k = must[*mdf.Claim](t)(w.vendor.ScheduleClaim(ctx, k.ID, mdf.Scheduling{ScheduledOn: w.day(5)}))
	assert.Equal(t, mdf.PayoutMethodTransfer, k.Settlement.Method)
	k = must[*mdf.Claim](t)(w.vendor.FailPayment(ctx, k.ID, mdf.PaymentFailure{Reason: "No account."}))
	assert.Equal(t, mdf.ClaimStatusPaymentFailed, k.Status)
	assert.Equal(t, "available 1000.00, payable 1000.00", w.balance(a.ID), "nothing had moved")
	faulty(t, second(w.vendor.PayClaim(ctx, k.ID, mdf.Payment{Reference: "x", PaidOn: w.day(1)})), "/paid_on")

	k = must[*mdf.Claim](t)(w.vendor.PayClaim(ctx, k.ID, mdf.Payment{Reference: "PAY-1", Method: mdf.PayoutMethodCreditNote}))
	assert.Equal(t, mdf.Settlement{ScheduledOn: w.day(5), PaidOn: w.day(0), Method: mdf.PayoutMethodCreditNote, Reference: "PAY-1"}, k.Settlement)
	r = must[*mdf.Request](t)(w.acme.GetRequest(ctx, r.ID))
	assert.Equal(t, mdf.RequestStatusClosed, r.Status)
	assert.Equal(t, "available 1000.00, paid 1000.00", w.balance(a.ID))

	must[*mdf.Claim](t)(w.vendor.FailPayment(ctx, k.ID, mdf.PaymentFailure{Reason: "It bounced.", Reference: "RET-1"}))
	assert.Equal(t, "available 1000.00, payable 1000.00", w.balance(a.ID))
	r = must[*mdf.Request](t)(w.acme.GetRequest(ctx, r.ID))
	assert.Equal(t, mdf.RequestStatusCompleted, r.Status, "it is open again")
	assert.True(t, r.ClosedAt.IsZero())
	must[*mdf.Claim](t)(w.vendor.PayClaim(ctx, k.ID, mdf.Payment{Reference: "PAY-2"}))
	must[*mdf.Claim](t)(w.vendor.FailPayment(ctx, k.ID, mdf.PaymentFailure{Reason: "It bounced again."}))
	must[*mdf.Claim](t)(w.vendor.PayClaim(ctx, k.ID, mdf.Payment{Reference: "PAY-3"}))
	assert.Equal(t, "available 1000.00, paid 1000.00", w.balance(a.ID))

	entries := must[*mdf.EntryPage](t)(w.acme.ListEntries(ctx, mdf.ListEntriesParams{ClaimID: k.ID, Account: mdf.AccountPaid})).Items
	require.Len(t, entries, 5)
	for i, e := range entries {
		want := ""
		if i%2 == 1 {
			want = entries[i-1].ID
		}
		assert.Equal(t, want, e.ReversalOf, "each bounce takes back the payment before it")
	}
	assert.Equal(t, "PAY-1 RET-1 It bounced.", entries[0].Reference+" "+entries[1].Reference+" "+entries[1].Memo)
	assert.Equal(t, []string{"claim_submitted", "claim_approved", "claim_scheduled", "claim_payment_failed", "claim_paid", "claim_payment_failed", "claim_paid", "claim_payment_failed", "claim_paid"}, w.happened(k.ID))
}

// A claim that comes back to an activity that was canceled meanwhile does not commit the money again.
func TestWhatComesBackToACanceledActivityIsFreed(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	r, a := w.executed()
	k := must[*mdf.Claim](t)(w.acme.QuickClaim(ctx, w.invoice(r, "1", "1000")))
	r = must[*mdf.Request](t)(w.vendor.CancelRequest(ctx, r.ID, mdf.Note{Text: "Enough."}))
	assert.Equal(t, "available 1500.00, claimed 500.00", w.balance(a.ID), "claims under way stay")
	assert.Equal(t, mdf.RequestStatusCompleted, r.Status)
	must[*mdf.Claim](t)(w.vendor.RejectClaim(ctx, k.ID, mdf.Rejection{Text: "No."}))
	assert.Equal(t, "available 2000.00", w.balance(a.ID))
	assert.Equal(t, mdf.RequestStatusCanceled, must[*mdf.Request](t)(w.acme.GetRequest(ctx, r.ID)).Status)
}
