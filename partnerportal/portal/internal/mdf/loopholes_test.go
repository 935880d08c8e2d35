package mdf_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
)

func TestCancelingDoesNotSaveWhatHasExpired(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	r, a := w.executed()
	k := must[*mdf.Claim](t)(w.acme.QuickClaim(ctx, w.invoice(r, "1", "1000")))
	w.Advance(45 * dayLong)
	assert.Equal(t, "available 1000.00, claimed 500.00, expired 500.00", w.balance(a.ID), "the rest was not claimed in time")
	must[*mdf.Request](t)(w.acme.CancelRequest(ctx, r.ID, mdf.Note{}))
	must[*mdf.Claim](t)(w.acme.WithdrawClaim(ctx, k.ID, mdf.Note{}))
	assert.Equal(t, "available 1000.00, expired 1000.00", w.balance(a.ID), "nor is this any more")
	assert.Equal(t, mdf.ActivityStatusExpired, must[*mdf.Request](t)(w.acme.GetRequest(ctx, r.ID)).Activities[0].Status)
}

// photos wants an invoice and two photos.
func photos(f *mdf.NewFund) {
	f.Rules.Proof = []mdf.ProofRule{{Requirements: []mdf.ProofRequirement{
		{ID: "invoice", Kind: mdf.ProofKindInvoice, Mandatory: true}, {ID: "photos", Kind: mdf.ProofKindPhoto, MinCount: 2, Mandatory: true},
	}}}
}

func TestAnAmendmentDoesNotForgetTheProof(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	r, _ := w.executed(photos)
	body := w.invoice(r, "1", "200")
	body.FileIDs = append(body.FileIDs, w.file("photo 1"), w.file("photo 2"))
	k := must[*mdf.Claim](t)(w.acme.QuickClaim(ctx, body))
	must[*mdf.Claim](t)(w.vendor.ApproveClaim(ctx, k.ID, mdf.ClaimApproval{}))
	must[*mdf.Request](t)(w.amend(r, mdf.AmendedActivity{ID: r.Activities[0].ID, Amount: usd("900")}))
	must[*mdf.Request](t)(w.vendor.ApproveAmendment(ctx, r.ID, mdf.Note{}))
	must[*mdf.Claim](t)(w.acme.QuickClaim(ctx, w.invoice(r, "2", "200")))
}

func TestOnePhotoIsNotTwo(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	r, _ := w.executed(photos)
	line := func(number string, evidence ...mdf.NewEvidence) mdf.NewClaimLine {
		return mdf.NewClaimLine{ActivityID: r.Activities[0].ID, InvoiceNumber: number, Supplier: "Hall", Spent: usd("100"), Evidence: evidence}
	}
	photo, copied := w.file("photo"), w.file("photo")
	for name, lines := range map[string][]mdf.NewClaimLine{
		"in two lines": {
			line("1", mdf.NewEvidence{FileID: w.file("invoice 1"), RequirementID: "invoice"}, mdf.NewEvidence{FileID: photo, RequirementID: "photos"}),
			line("2", mdf.NewEvidence{FileID: photo, RequirementID: "photos"}),
		},
		"uploaded twice": {line("1", mdf.NewEvidence{FileID: w.file("invoice 1")}, mdf.NewEvidence{FileID: photo}, mdf.NewEvidence{FileID: copied})},
	} {
		k := must[*mdf.Claim](t)(w.acme.CreateClaim(ctx, mdf.NewClaim{RequestID: r.ID, Lines: lines}))
		_, err := w.acme.SubmitClaim(ctx, k.ID)
		refused(t, err, mdf.ErrProofMissing)
		assert.Equal(t, []string{"photos"}, mdf.MissingProofOf(err), name)
	}
}

func TestAnInvoiceIsClaimedOnceInAClaimToo(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	w.allocate(w.fund(), "2000")
	r := must[*mdf.Request](t)(w.vendor.ApproveRequest(ctx, w.submitted().ID, mdf.Approval{}))
	w.Advance(14 * dayLong)
	line := func(activity int, number string) mdf.NewClaimLine {
		return mdf.NewClaimLine{
			ActivityID: r.Activities[activity].ID, InvoiceNumber: number, Supplier: "Agency Ltd", Spent: usd("100"),
			Evidence: []mdf.NewEvidence{{FileID: w.file("invoice")}},
		}
	}
	k := must[*mdf.Claim](t)(w.acme.CreateClaim(ctx, mdf.NewClaim{RequestID: r.ID, Lines: []mdf.NewClaimLine{line(0, "A-1"), line(1, "A-1"), line(0, "a 1")}}))
	faulty(t, second(w.acme.SubmitClaim(ctx, k.ID)), "/lines/2/invoice_number")
	k = must[*mdf.Claim](t)(w.acme.UpdateClaim(ctx, k.ID, mdf.ClaimPatch{Lines: partnerportal.Set([]mdf.NewClaimLine{line(0, "A-1"), line(1, "A-1")})}, partnerportal.IfMatch(k)))
	must[*mdf.Claim](t)(w.acme.SubmitClaim(ctx, k.ID)) // one invoice may be for two activities
}

func TestWhatCouldNotBeClaimedIsNotApproved(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	a := w.allocate(w.fund(func(f *mdf.NewFund) { f.Rules.AllowRetroactive = true }), "2000")
	w.Advance(60 * dayLong)
	over := mdf.QuickRequest{Type: mdf.ActivityTypeEvent, StartsOn: w.day(-46), Amount: usd("100")}
	e := refused(t, second(w.acme.QuickRequest(ctx, over)), mdf.ErrClaimWindowClosed)
	require.Len(t, e.Fields, 1)
	assert.Equal(t, "/activities/0/ends_on", e.Fields[0].Pointer)

	over.StartsOn = w.day(-45)
	r := must[*mdf.Request](t)(w.acme.QuickRequest(ctx, over))
	w.Advance(dayLong)
	refused(t, second(w.vendor.ApproveRequest(ctx, r.ID, mdf.Approval{})), mdf.ErrClaimWindowClosed)
	assert.Equal(t, "available 1900.00, held 100.00", w.balance(a.ID), "it would have expired at once")
	must[*mdf.Request](t)(w.vendor.RejectRequest(ctx, r.ID, mdf.Rejection{Text: "Too late."}))
}

func TestAPercentageOfNothing(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	w.allocate(w.fund(), "2000")
	plan := w.plan()
	plan.Activities = []mdf.NewActivity{{Type: mdf.ActivityTypeEvent, StartsOn: w.day(10), Cost: usd("300"), RequestedAmount: usd("100")}}
	draft := must[*mdf.Request](t)(w.acme.CreateRequest(ctx, plan))
	again := must[*mdf.Request](t)(w.acme.QuickRequest(ctx, mdf.QuickRequest{RequestID: draft.ID, StartsOn: w.day(20), Amount: usd("200")}))
	assert.Equal(t, "600.00 USD", again.Activities[0].Cost.String(), "from a draft whose fund is not known")

	template := must[*mdf.Template](t)(w.vendor.CreateTemplate(ctx, mdf.NewTemplate{
		Name: "Nothing", Activities: []mdf.TemplateActivity{{Type: mdf.ActivityTypeEvent, ReimbursementPercent: "0"}},
	}))
	faulty(t, second(w.acme.QuickRequest(ctx, mdf.QuickRequest{TemplateID: template.ID, StartsOn: w.day(20), Amount: usd("200")})), "/activities/0/reimbursement_percent")
}

func TestAForecastEndsWithTheDayOfTheProgramme(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"America/Los_Angeles", "UTC", "Asia/Tokyo"} {
		w, ctx := newWorld(t), t.Context()
		f := w.fund()
		programs := program.New(w.Vendor)
		rules := must[*program.Program](t)(programs.Get(ctx, f.ProgramID))
		rules.TimeZone = zone
		must[*program.Program](t)(programs.Put(ctx, f.ProgramID, *rules))
		a := w.allocate(f, "100")
		for until, items := range map[int]int{-1: 0, 0: 1} {
			got := must[*mdf.Forecast](t)(w.acme.Forecast(ctx, mdf.ForecastParams{Until: a.ExpiresOn.AddDays(until)}))
			assert.Len(t, got.Items, items, "%s %d", zone, until)
			assert.Len(t, got.Lost, items)
		}
	}
}
