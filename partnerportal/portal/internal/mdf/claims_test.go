package mdf_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// invoice is Acme's claim for what the first activity cost, with a proof of its own.
func (w *world) invoice(r *mdf.Request, number, spent string) mdf.QuickClaim {
	w.t.Helper()
	return mdf.QuickClaim{
		RequestID: r.ID, ActivityID: r.Activities[0].ID, InvoiceNumber: number, Supplier: "Expo Hall Ltd", Spent: usd(spent),
		FileIDs: []string{w.file("invoice " + number)},
	}
}

// executed is an approved request of 1000 dollars for an event that is over, and the allocation of 2000 that pays for it.
func (w *world) executed(change ...func(*mdf.NewFund)) (*mdf.Request, *mdf.Allocation) {
	w.t.Helper()
	a := w.allocate(w.fund(change...), "2000")
	r := w.approved("1000")
	w.Advance(12 * dayLong)
	return r, a
}

func TestAClaimTakesTwoCalls(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	r, a := w.executed()
	w.ForgetRequests()
	file := w.file("invoice")
	k := must[*mdf.Claim](t)(w.acme.QuickClaim(ctx, mdf.QuickClaim{
		RequestID: r.ID, InvoiceNumber: "2027-0117", Supplier: "Expo Hall Ltd", Spent: usd("1500"), FileIDs: []string{file},
	}))
	require.Len(t, w.Requests(""), 2)
	assert.LessOrEqual(t, typed(t, w.Requests("mdf.quickClaim")[0].Body), 6)

	assert.Equal(t, "750.00 USD", k.ClaimedTotal.String())
	proof := k.Lines[0].Evidence[0]
	assert.Equal(t, "invoice proof.pdf application/pdf pending", proof.RequirementID+" "+proof.FileName+" "+proof.MediaType+" "+string(proof.Status))
	assert.Len(t, proof.SHA256, 64)
	assert.Equal(t, "available 1000.00, committed 250.00, claimed 750.00", w.balance(a.ID))
	r = must[*mdf.Request](t)(w.acme.GetRequest(ctx, r.ID))
	assert.Equal(t, mdf.RequestStatusCompleted, r.Status, "claiming says that it is over")
	assert.Equal(t, mdf.ActivityStatusClaimed, r.Activities[0].Status)
	assert.Equal(t, w.day(-1), r.Activities[0].CompletedOn)
	assert.Equal(t, []mdf.ClaimAction{mdf.ClaimActionWithdraw}, k.AllowedActions)

	rest := must[*mdf.Claim](t)(w.acme.QuickClaim(ctx, w.invoice(r, "2", "9000")))
	assert.Equal(t, "250.00 USD", rest.ClaimedTotal.String(), "no more than is left")
	_, err := w.acme.QuickClaim(ctx, w.invoice(r, "3", "10"))
	refused(t, err, mdf.ErrClaimExceedsApproved)
	assert.Equal(t, "0.00 USD", mdf.MostOf(err).String())
}

func TestWhatCannotBeClaimed(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	r, _ := w.executed()
	future := w.approved("100")
	claim := func(change func(*mdf.QuickClaim)) error {
		body := w.invoice(r, "1", "1000")
		change(&body)
		return second(w.acme.QuickClaim(ctx, body))
	}
	faulty(t, claim(func(c *mdf.QuickClaim) { c.RequestID = "mdf_none" }), "/request_id")
	faulty(t, claim(func(c *mdf.QuickClaim) { c.ActivityID = "act_none" }), "/lines/0/activity_id")
	faulty(t, claim(func(c *mdf.QuickClaim) { c.Supplier = "" }), "/lines/0/supplier")
	faulty(t, claim(func(c *mdf.QuickClaim) { c.Spent = usd("0") }), "/lines/0/spent")
	faulty(t, claim(func(c *mdf.QuickClaim) { c.Spent = usd("0.001") }), "/lines/0/spent/amount")
	faulty(t, claim(func(c *mdf.QuickClaim) { c.FileIDs = []string{"file_none"} }), "/lines/0/evidence/0/file_id")
	faulty(t, claim(func(c *mdf.QuickClaim) { c.FileIDs = append(c.FileIDs, c.FileIDs[0]) }), "/lines/0/evidence/1/file_id")
	refused(t, claim(func(c *mdf.QuickClaim) { c.Spent = partnerportal.MustMoney("5", "EUR") }), mdf.ErrCurrencyMismatch)
	refused(t, claim(func(c *mdf.QuickClaim) { c.Claimed = usd("500.01") }), mdf.ErrPercentExceeded)
	e := refused(t, claim(func(c *mdf.QuickClaim) { c.Spent, c.Claimed = usd("3000"), usd("1000.01") }), mdf.ErrClaimExceedsApproved)
	assert.Equal(t, "1000.00 USD", mdf.MostOf(e).String())
	e = refused(t, claim(func(c *mdf.QuickClaim) { c.FileIDs = nil }), mdf.ErrProofMissing)
	assert.Equal(t, []string{"invoice"}, mdf.MissingProofOf(e))
	refused(t, claim(func(c *mdf.QuickClaim) { c.RequestID, c.ActivityID = future.ID, future.Activities[0].ID }), mdf.ErrActivityNotStarted)
	refused(t, second(w.globex.QuickClaim(ctx, w.invoice(r, "1", "1000"))), partnerportal.ErrValidation)
	assert.Empty(t, must[*mdf.ClaimPage](t)(w.acme.ListClaims(ctx, mdf.ListClaimsParams{})).Items, "a refusal leaves no draft")

	undecided := must[*mdf.Request](t)(w.acme.QuickRequest(ctx, w.ask("10")))
	refused(t, claim(func(c *mdf.QuickClaim) { c.RequestID = undecided.ID }), partnerportal.ErrInvalidState)
	w.Advance(45 * dayLong)
	e = refused(t, claim(func(*mdf.QuickClaim) {}), partnerportal.ErrInvalidState)
	assert.Equal(t, "closed", e.CurrentState, "all that could be claimed has expired")
}

func TestTheWindowOfAnActivityCloses(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	w.allocate(w.fund(), "2000")
	r := must[*mdf.Request](t)(w.vendor.ApproveRequest(ctx, w.submitted().ID, mdf.Approval{}))
	mail := r.Activities[1]
	draft := must[*mdf.Claim](t)(w.acme.CreateClaim(ctx, mdf.NewClaim{RequestID: r.ID, Lines: []mdf.NewClaimLine{{
		ActivityID: mail.ID, InvoiceNumber: "1", Supplier: "Mail Ltd", Spent: usd("100"), Evidence: []mdf.NewEvidence{{FileID: w.file("mail")}},
	}}}))
	w.Advance(51 * dayLong) // the event can be claimed for some days more
	e := refused(t, second(w.acme.SubmitClaim(ctx, draft.ID)), mdf.ErrClaimWindowClosed)
	var closed partnerportal.Date
	found, err := e.Extension("closed_on", &closed)
	require.NoError(t, err)
	assert.True(t, found)
	assert.Equal(t, mail.ClaimDueOn, closed)
	must[*mdf.Claim](t)(w.acme.QuickClaim(ctx, w.invoice(r, "2", "100")))
}

func TestNoInvoiceIsPaidTwice(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	r, a := w.executed()
	first := must[*mdf.Claim](t)(w.acme.QuickClaim(ctx, w.invoice(r, "INV-2027/0117", "200")))
	other := w.approved("100")
	w.Advance(12 * dayLong)
	for name, change := range map[string]func(*mdf.QuickClaim){
		"the same":          func(c *mdf.QuickClaim) { c.InvoiceNumber = "INV-2027/0117" },
		"spelt differently": func(c *mdf.QuickClaim) { c.InvoiceNumber, c.Supplier = "inv 2027 0117", "EXPO HALL LIMITED" },
		"the same file":     func(c *mdf.QuickClaim) { c.FileIDs = []string{w.file("invoice INV-2027/0117")} },
		"for another request": func(c *mdf.QuickClaim) {
			c.RequestID, c.ActivityID, c.InvoiceNumber = other.ID, other.Activities[0].ID, "INV-2027/0117"
		},
	} {
		body := w.invoice(r, "another "+name, "50")
		change(&body)
		_, err := w.acme.QuickClaim(ctx, body)
		refused(t, err, mdf.ErrDuplicateInvoice)
		assert.Equal(t, first.ID, mdf.ClaimOf(err), name)
	}
	body := w.invoice(r, "INV-2027/0117", "50")
	body.Supplier, body.FileIDs = "Another Hall Ltd", []string{w.file("another hall")}
	must[*mdf.Claim](t)(w.acme.QuickClaim(ctx, body))

	must[*mdf.Claim](t)(w.acme.WithdrawClaim(ctx, first.ID, mdf.Note{Text: "Wrong amount."}))
	again := must[*mdf.Claim](t)(w.acme.QuickClaim(ctx, w.invoice(r, "INV-2027/0117", "220")))
	must[*mdf.Claim](t)(w.vendor.RejectClaim(ctx, again.ID, mdf.Rejection{Reason: mdf.ReasonCodeInsufficientProof, Text: "Not legible."}))
	must[*mdf.Claim](t)(w.acme.QuickClaim(ctx, w.invoice(r, "INV-2027/0117", "220")))
	assert.Equal(t, "available 900.00, committed 965.00, claimed 135.00", w.balance(a.ID))
}

func TestProofOfAnActivityIsBroughtOnce(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	r, _ := w.executed(func(f *mdf.NewFund) {
		f.Rules.Proof = []mdf.ProofRule{
			{ActivityType: mdf.ActivityTypeEvent, Requirements: []mdf.ProofRequirement{
				{ID: "invoice", Kind: mdf.ProofKindInvoice, Mandatory: true}, {ID: "photos", Kind: mdf.ProofKindPhoto, MinCount: 2, Mandatory: true},
				{ID: "report", Kind: mdf.ProofKindReport},
			}},
			{Requirements: []mdf.ProofRequirement{{ID: "anything", Kind: mdf.ProofKindOther, Mandatory: true}}},
		}
	})
	body := w.invoice(r, "1", "200")
	body.FileIDs = append(body.FileIDs, w.file("photo 1"))
	_, err := w.acme.QuickClaim(ctx, body)
	assert.Equal(t, []string{"photos"}, mdf.MissingProofOf(err))
	body.FileIDs = append(body.FileIDs, w.file("photo 2"), w.file("report"), w.file("thank-you letter"))
	k := must[*mdf.Claim](t)(w.acme.QuickClaim(ctx, body))
	var proves []string
	for _, e := range k.Lines[0].Evidence {
		proves = append(proves, e.RequirementID)
	}
	assert.Equal(t, []string{"invoice", "photos", "photos", "report", ""}, proves)

	must[*mdf.Claim](t)(w.vendor.ApproveClaim(ctx, k.ID, mdf.ClaimApproval{}))
	must[*mdf.Claim](t)(w.acme.QuickClaim(ctx, w.invoice(r, "2", "200")))

	draft := must[*mdf.Claim](t)(w.acme.CreateClaim(ctx, mdf.NewClaim{RequestID: r.ID, Lines: []mdf.NewClaimLine{{
		ActivityID: r.Activities[0].ID, InvoiceNumber: "3", Supplier: "Hall", Spent: usd("10"), Evidence: []mdf.NewEvidence{{RequirementID: "selfie", FileID: w.file("selfie")}},
	}}}))
	faulty(t, second(w.acme.SubmitClaim(ctx, draft.ID)), "/lines/0/evidence/0/requirement_id")
}

func TestAClaimIsSentBackAndMended(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	r, a := w.executed()
	k := must[*mdf.Claim](t)(w.acme.QuickClaim(ctx, w.invoice(r, "1", "2000")))
	must[*mdf.Claim](t)(w.vendor.StartClaimReview(ctx, k.ID))
	w.Advance(40 * dayLong)
	k = must[*mdf.Claim](t)(w.vendor.RequestClaimChanges(ctx, k.ID, mdf.ChangeRequest{Message: "Without drinks.", Changes: []mdf.RequestedChange{{Pointer: "/lines/0/spent", Message: "Less."}}}))
	w.Advance(10 * dayLong) // beyond the deadline of the activity
	assert.Equal(t, "available 1000.00, claimed 1000.00", w.balance(a.ID))
	k = must[*mdf.Claim](t)(w.acme.GetClaim(ctx, k.ID))
	line := mdf.NewClaimLine{ActivityID: k.Lines[0].ActivityID, InvoiceNumber: "1", Supplier: "Expo Hall Ltd", Spent: usd("1800"), Evidence: []mdf.NewEvidence{{FileID: k.Lines[0].Evidence[0].FileID}}}
	k = must[*mdf.Claim](t)(w.acme.UpdateClaim(ctx, k.ID, mdf.ClaimPatch{Lines: partnerportal.Set([]mdf.NewClaimLine{line}), Results: partnerportal.Set(mdf.Results{Leads: 44})}, partnerportal.IfMatch(k)))
	assert.Equal(t, 44, k.Results.Leads)
	k = must[*mdf.Claim](t)(w.acme.ResubmitClaim(ctx, k.ID))
	assert.Equal(t, "900.00 USD", k.ClaimedTotal.String())
	assert.Equal(t, "available 1000.00, claimed 900.00, expired 100.00", w.balance(a.ID), "what it gives back could not be claimed any more")

	must[*mdf.Claim](t)(w.vendor.RequestClaimChanges(ctx, k.ID, mdf.ChangeRequest{Message: "Even less."}))
	w.Advance(15 * dayLong)
	k = must[*mdf.Claim](t)(w.acme.GetClaim(ctx, k.ID))
	assert.Equal(t, mdf.ClaimStatusWithdrawn, k.Status)
	assert.Equal(t, "available 1000.00, expired 1000.00", w.balance(a.ID))
	assert.Equal(t, []string{
		"claim_submitted", "claim_review_started", "claim_changes_requested", "claim_updated", "claim_resubmitted",
		"claim_changes_requested", "claim_changes_requested", "claim_changes_requested", "claim_withdrawn",
	}, w.happened(k.ID))
	assert.Equal(t, mdf.RequestStatusClosed, must[*mdf.Request](t)(w.acme.GetRequest(ctx, r.ID)).Status)
	texts := must[*partnerportal.ActivityPage](t)(w.vendor.ListClaimActivity(ctx, k.ID, mdf.ListClaimActivityParams{})).Items
	assert.Equal(t, "The partner claims what it spent. (1000.00 USD)", texts[len(texts)-1].Text)
}

func TestAFileOfADraftCanGo(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	r, _ := w.executed()
	body := w.invoice(r, "1", "10")
	draft := must[*mdf.Claim](t)(w.acme.CreateClaim(ctx, mdf.NewClaim{RequestID: r.ID, Lines: []mdf.NewClaimLine{{
		ActivityID: r.Activities[0].ID, InvoiceNumber: "1", Supplier: "Hall", Spent: usd("10"), Evidence: []mdf.NewEvidence{{FileID: body.FileIDs[0]}},
	}}}))
	require.Error(t, w.deleteFile(body.FileIDs[0]), "it is in use")
	must[*mdf.Claim](t)(w.acme.UpdateClaim(ctx, draft.ID, mdf.ClaimPatch{Lines: partnerportal.Set([]mdf.NewClaimLine{})}, partnerportal.IfMatch(draft)))
	require.NoError(t, w.deleteFile(body.FileIDs[0]))
	faulty(t, second(w.acme.SubmitClaim(ctx, draft.ID)), "/lines")
}
