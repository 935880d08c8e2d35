package mdf_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/partnerportal/partnerportal-go/mdf"
)

const dayLong = 24 * time.Hour

func TestFromTheFundToThePayment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	alc := w.allocate(w.fund(), "10000.00")
	assert.Equal(t, "available 10000.00", w.balance(alc.ID))

	r := must[*mdf.Request](t)(w.acme.QuickRequest(ctx, w.ask("4000.00")))
	assert.Equal(t, mdf.RequestStatusSubmitted, r.Status)
	assert.Equal(t, "8000.00 USD", r.Activities[0].Cost.String(), "half of it is reimbursed")
	assert.Equal(t, "available 6000.00, held 4000.00", w.balance(alc.ID))

	r = must[*mdf.Request](t)(w.vendor.ApproveRequest(ctx, r.ID, mdf.Approval{
		Activities: []mdf.ActivityRuling{{ID: r.Activities[0].ID, Amount: usd("3000.00"), Comment: "Without the dinner."}},
	}))
	assert.Equal(t, mdf.RequestStatusApproved, r.Status)
	assert.Equal(t, mdf.ActivityDecisionReduced, r.Activities[0].Decision)
	assert.Equal(t, "available 7000.00, committed 3000.00", w.balance(alc.ID))

	w.Advance(12 * dayLong)
	claim := must[*mdf.Claim](t)(w.acme.QuickClaim(ctx, mdf.QuickClaim{
		RequestID: r.ID, InvoiceNumber: "2027-0117", Supplier: "Expo Hall Ltd", Spent: usd("5000.00"), FileIDs: []string{w.file("invoice")},
	}))
	assert.Equal(t, mdf.ClaimStatusSubmitted, claim.Status)
	assert.Equal(t, "2500.00 USD", claim.ClaimedTotal.String(), "half of the invoice, and less than what was approved")
	assert.Equal(t, "available 7000.00, committed 500.00, claimed 2500.00", w.balance(alc.ID))

	claim = must[*mdf.Claim](t)(w.vendor.ApproveClaim(ctx, claim.ID, mdf.ClaimApproval{
		Lines: []mdf.LineRuling{{ID: claim.Lines[0].ID, Amount: usd("2400.00")}},
	}))
	assert.Equal(t, mdf.ClaimStatusPartiallyApproved, claim.Status)
	assert.Equal(t, "available 7100.00, committed 500.00, payable 2400.00", w.balance(alc.ID))

	claim = must[*mdf.Claim](t)(w.vendor.PayClaim(ctx, claim.ID, mdf.Payment{Reference: "PAY-7781"}))
	assert.Equal(t, mdf.ClaimStatusPaid, claim.Status)
	assert.Equal(t, "available 7100.00, committed 500.00, paid 2400.00", w.balance(alc.ID))

	w.Advance(60 * dayLong) // the rest was not claimed in time
	assert.Equal(t, "available 7100.00, paid 2400.00, expired 500.00", w.balance(alc.ID))
	r = must[*mdf.Request](t)(w.acme.GetRequest(ctx, r.ID))
	assert.Equal(t, mdf.RequestStatusClosed, r.Status)
	assert.Equal(t, mdf.ActivityStatusSettled, r.Activities[0].Status)

	w.Advance(120 * dayLong) // and what nobody asked for expires with the allocation
	assert.Equal(t, "paid 2400.00, expired 7600.00", w.balance(alc.ID))
}
