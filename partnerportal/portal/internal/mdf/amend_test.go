package mdf_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// amend proposes a change of Acme's.
func (w *world) amend(r *mdf.Request, activities ...mdf.AmendedActivity) (*mdf.Request, error) {
	return w.acme.AmendRequest(w.t.Context(), r.ID, mdf.Amending{Reason: "The venue moved us.", Activities: activities})
}

func TestAnAmendmentMovesReducesAndSwaps(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	a := w.allocate(w.fund(), "2000")
	r := must[*mdf.Request](t)(w.vendor.ApproveRequest(ctx, w.submitted().ID, mdf.Approval{}))
	event, mail := r.Activities[0].ID, r.Activities[1].ID

	r = must[*mdf.Request](t)(w.amend(r, mdf.AmendedActivity{ID: event, StartsOn: w.day(20), Amount: usd("700")}, mdf.AmendedActivity{ID: mail, Amount: usd("600")},
		mdf.AmendedActivity{Type: mdf.ActivityTypePrint, Title: "Flyers", StartsOn: w.day(15), Cost: usd("300"), Amount: usd("150")}))
	assert.Equal(t, mdf.AmendmentStatusPending, r.Amendment.Status)
	assert.Equal(t, "available 500.00, committed 1500.00", w.balance(a.ID), "until the vendor has decided")
	refused(t, second(w.amend(r, mdf.AmendedActivity{ID: event})), partnerportal.ErrInvalidState)
	assert.Contains(t, must[*mdf.Request](t)(w.vendor.GetRequest(ctx, r.ID)).AllowedActions, mdf.RequestActionApproveAmendment)

	r = must[*mdf.Request](t)(w.vendor.ApproveAmendment(ctx, r.ID, mdf.Note{Text: "Fine."}))
	assert.Equal(t, "available 550.00, committed 1450.00", w.balance(a.ID))
	require.Len(t, r.Activities, 3)
	assert.Equal(t, []partnerportal.Date{w.day(20), w.day(22), w.day(22 + 45)}, []partnerportal.Date{r.Activities[0].StartsOn, r.Activities[0].EndsOn, r.Activities[0].ClaimDueOn})
	assert.Equal(t, "700.00 USD 600.00 USD 150.00 USD 1450.00 USD", r.Activities[0].ApprovedAmount.String()+" "+r.Activities[1].ApprovedAmount.String()+" "+
		r.Activities[2].Committed.String()+" "+r.ApprovedTotal.String())
	assert.Equal(t, "Fine.", r.Amendment.Comment)

	must[*mdf.Request](t)(w.amend(r, mdf.AmendedActivity{ID: event, Amount: usd("100")}))
	r = must[*mdf.Request](t)(w.vendor.RejectAmendment(ctx, r.ID, mdf.Note{Text: "No."}))
	assert.Equal(t, "700.00 USD", r.Activities[0].ApprovedAmount.String())
	must[*mdf.Request](t)(w.amend(r, mdf.AmendedActivity{ID: event, Amount: usd("100")}))
	r = must[*mdf.Request](t)(w.acme.CancelRequest(ctx, r.ID, mdf.Note{}))
	assert.Equal(t, mdf.AmendmentStatusWithdrawn, r.Amendment.Status, "it has nothing left to change")
	assert.Equal(t, "available 2000.00", w.balance(a.ID))
}

func TestAmendmentsThatCannotBe(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	a := w.allocate(w.fund(), "2000")
	r := must[*mdf.Request](t)(w.vendor.ApproveRequest(ctx, w.submitted().ID, mdf.Approval{}))
	event := r.Activities[0].ID
	for pointer, change := range map[string]mdf.AmendedActivity{
		"/activities/0/id":      {ID: "act_none"},
		"/activities/0/ends_on": {ID: event, EndsOn: w.day(1)},
		"/activities/0":         {Type: mdf.ActivityTypePrint},
		"/activities/0/type":    {ID: event, Type: mdf.ActivityTypePrint},
		"/activities/0/amount":  {ID: event, Amount: usd("0")},
	} {
		faulty(t, second(w.amend(r, change)), pointer)
	}
	refused(t, second(w.amend(r, mdf.AmendedActivity{ID: event, Amount: usd("1000.01")})), mdf.ErrPercentExceeded)
	refused(t, second(w.amend(r, mdf.AmendedActivity{ID: event, StartsOn: w.day(180)})), mdf.ErrActivityOutsidePeriod)
	refused(t, second(w.amend(r, mdf.AmendedActivity{ID: event, Amount: partnerportal.MustMoney("5", "EUR")})), mdf.ErrCurrencyMismatch)

	must[*mdf.Request](t)(w.amend(r, mdf.AmendedActivity{ID: event, Cost: usd("4000"), Amount: usd("1500.01")}))
	_, err := w.vendor.ApproveAmendment(ctx, r.ID, mdf.Note{})
	assert.Equal(t, mdf.Shortfall{Available: usd("500.00"), Shortfall: usd("0.01")}, mdf.ShortfallOf(err))
	must[*mdf.Allocation](t)(w.vendor.FreezeAllocation(ctx, a.ID, mdf.Note{}))
	refused(t, second(w.vendor.ApproveAmendment(ctx, r.ID, mdf.Note{})), mdf.ErrAllocationFrozen)
	must[*mdf.Allocation](t)(w.vendor.CloseAllocation(ctx, a.ID, mdf.Note{}))
	refused(t, second(w.vendor.ApproveAmendment(ctx, r.ID, mdf.Note{})), mdf.ErrAllocationExpired)
	must[*mdf.Request](t)(w.vendor.RejectAmendment(ctx, r.ID, mdf.Note{}))

	w.Advance(13 * dayLong)
	must[*mdf.Claim](t)(w.acme.QuickClaim(ctx, w.invoice(r, "1", "1600")))
	must[*mdf.Request](t)(w.amend(r, mdf.AmendedActivity{ID: event, Amount: usd("799.99")}))
	e := refused(t, second(w.vendor.ApproveAmendment(ctx, r.ID, mdf.Note{})), mdf.ErrClaimExceedsApproved)
	assert.Equal(t, "800.00 USD", mdf.MostOf(e).String(), "so much is claimed")
	assert.Equal(t, "800.00 USD cannot be taken back: so much was claimed.", e.Detail)
	must[*mdf.Request](t)(w.vendor.RejectAmendment(ctx, r.ID, mdf.Note{}))
	w.Advance(60 * dayLong)
	faulty(t, second(w.amend(r, mdf.AmendedActivity{ID: event, Amount: usd("1")})), "/activities/0/id")
}
