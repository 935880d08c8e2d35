package mdf_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// plan is a draft of two activities, of 1000 and 500 dollars.
func (w *world) plan() mdf.NewRequest {
	return mdf.NewRequest{Title: "Spring campaign", Activities: []mdf.NewActivity{
		{Type: mdf.ActivityTypeEvent, StartsOn: w.day(10), EndsOn: w.day(12), Cost: usd("2000"), Suppliers: []mdf.Supplier{{Name: "Hall Ltd"}}},
		{Type: mdf.ActivityTypeEmail, Title: "Invitation", StartsOn: w.day(5), Cost: usd("2000"), RequestedAmount: usd("500")},
	}}
}

// submitted is Acme's request of 1500 dollars.
func (w *world) submitted() *mdf.Request {
	w.t.Helper()
	r := must[*mdf.Request](w.t)(w.acme.CreateRequest(w.t.Context(), w.plan()))
	return must[*mdf.Request](w.t)(w.acme.SubmitRequest(w.t.Context(), r.ID))
}

func TestADraftBecomesARequest(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	f := w.fund()
	a := w.allocate(f, "2000")
	file := w.file("quote")
	body := w.plan()
	body.Attachments = []string{file}
	d := must[*mdf.Request](t)(w.acme.CreateRequest(ctx, body))
	assert.Equal(t, mdf.RequestStatusDraft, d.Status)
	assert.Equal(t, "available 2000.00", w.balance(a.ID), "a draft holds nothing")
	_, err := w.vendor.GetRequest(ctx, d.ID)
	require.ErrorIs(t, err, partnerportal.ErrNotFound, "and is nobody's business")
	assert.Empty(t, must[*mdf.RequestPage](t)(w.vendor.ListRequests(ctx, mdf.ListRequestsParams{})).Items)
	d = must[*mdf.Request](t)(w.acme.UpdateRequest(ctx, d.ID, mdf.RequestPatch{
		Objective: partnerportal.Set("Forty leads."), Attachments: partnerportal.Null[[]string](), FundID: partnerportal.Set(f.ID),
	}, partnerportal.IfMatch(d)))
	_, err = w.acme.UpdateRequest(ctx, d.ID, mdf.RequestPatch{Attachments: partnerportal.Set([]string{"file_none"})}, partnerportal.IfMatch(d))
	faulty(t, err, "/attachments/0")

	r := must[*mdf.Request](t)(w.acme.SubmitRequest(ctx, d.ID, partnerportal.IfMatch(d)))
	assert.Equal(t, mdf.RequestStatusSubmitted, r.Status)
	assert.Equal(t, a.ID, r.AllocationID, "the portal chose it")
	assert.Equal(t, "1500.00 USD 2500.00 USD", r.RequestedTotal.String()+" "+r.PartnerShare.String())
	assert.Equal(t, "1000.00 USD 50", r.Activities[0].RequestedAmount.String()+" "+r.Activities[0].ReimbursementPercent, "what the fund gives")
	assert.Equal(t, "Spring campaign", r.Activities[0].Title)
	assert.Equal(t, "available 500.00, held 1500.00", w.balance(a.ID))
	assert.Equal(t, []mdf.RequestAction{mdf.RequestActionWithdraw}, r.AllowedActions)
	seen := must[*mdf.Request](t)(w.vendor.GetRequest(ctx, r.ID))
	assert.Equal(t, []mdf.RequestAction{mdf.RequestActionStartReview, mdf.RequestActionRequestChanges, mdf.RequestActionApprove, mdf.RequestActionReject}, seen.AllowedActions)
	e := refused(t, second(w.acme.SubmitRequest(ctx, r.ID)), partnerportal.ErrInvalidState)
	assert.Equal(t, "submitted", e.CurrentState)
	assert.Equal(t, []string{"withdraw"}, e.AllowedActions)
}

func TestWhatCannotBeAskedFor(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	f := w.fund(func(f *mdf.NewFund) {
		f.Rules.AllowedActivityTypes = []mdf.ActivityType{mdf.ActivityTypeEvent}
		f.Rules.MinRequest, f.Rules.MaxRequest = usd("100"), usd("5000")
	})
	w.allocate(f, "3000")
	ask := func(change func(*mdf.NewActivity)) error {
		body := mdf.NewRequest{Title: "x", Activities: []mdf.NewActivity{{Type: mdf.ActivityTypeEvent, StartsOn: w.day(10), Cost: usd("2000")}}}
		change(&body.Activities[0])
		d, err := w.acme.CreateRequest(ctx, body)
		if err != nil {
			return err
		}
		_, err = w.acme.SubmitRequest(ctx, d.ID)
		return err
	}
	require.NoError(t, ask(func(*mdf.NewActivity) {}))
	faulty(t, ask(func(a *mdf.NewActivity) { a.Type = mdf.ActivityTypeMerch }), "/activities/0/type")
	faulty(t, ask(func(a *mdf.NewActivity) { a.EndsOn = w.day(9) }), "/activities/0/ends_on")
	faulty(t, ask(func(a *mdf.NewActivity) { a.Cost = usd("-1") }), "/activities/0/cost")
	faulty(t, ask(func(a *mdf.NewActivity) { a.Cost = usd("1.234") }), "/activities/0/cost/amount")
	faulty(t, ask(func(a *mdf.NewActivity) { a.Cost = usd("199.98") }), "/activities")
	faulty(t, ask(func(a *mdf.NewActivity) { a.Cost = usd("10000.02") }), "/activities")
	refused(t, ask(func(a *mdf.NewActivity) { a.Cost = partnerportal.MustMoney("1", "EUR") }), mdf.ErrInsufficientFunds) // there are no euros at all
	refused(t, ask(func(a *mdf.NewActivity) { a.RequestedAmount = partnerportal.MustMoney("1", "EUR") }), mdf.ErrCurrencyMismatch)
	refused(t, ask(func(a *mdf.NewActivity) { a.RequestedAmount = usd("1000.01") }), mdf.ErrPercentExceeded)
	refused(t, ask(func(a *mdf.NewActivity) { a.ReimbursementPercent = "50.01" }), mdf.ErrPercentExceeded)
	refused(t, ask(func(a *mdf.NewActivity) { a.StartsOn = w.day(-1) }), mdf.ErrActivityOutsidePeriod)
	refused(t, ask(func(a *mdf.NewActivity) { a.EndsOn = w.day(181) }), mdf.ErrActivityOutsidePeriod)
	refused(t, ask(func(a *mdf.NewActivity) { a.Cost = usd("4000.02") }), mdf.ErrInsufficientFunds)
	w.Advance(2 * dayLong)
	refused(t, ask(func(a *mdf.NewActivity) { a.StartsOn = w.day(-1) }), mdf.ErrPreApprovalRequired)

	d := must[*mdf.Request](t)(w.acme.CreateRequest(ctx, mdf.NewRequest{Title: "Empty"}))
	_, err := w.acme.SubmitRequest(ctx, d.ID)
	faulty(t, err, "/activities")
	for pointer, body := range map[string]mdf.NewRequest{
		"/fund_id": {Title: "x", FundID: "fund_none"}, "/allocation_id": {Title: "x", AllocationID: "alc_none"},
	} {
		body.Activities = w.plan().Activities
		_, err := w.acme.CreateRequest(ctx, body)
		faulty(t, err, pointer)
	}
	_, err = w.vendor.CreateRequest(ctx, mdf.NewRequest{Title: "x"})
	require.ErrorIs(t, err, partnerportal.ErrForbidden)
}

func TestARefusalSaysWhatIsThere(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	_, err := w.acme.QuickRequest(ctx, w.ask("100"))
	assert.Equal(t, mdf.Shortfall{Available: usd("0.00"), Shortfall: usd("100.00")}, mdf.ShortfallOf(err), "without any allocation")
	f := w.fund()
	w.allocate(f, "30")
	w.allocate(f, "70")
	w.allocate(f, "50")
	_, err = w.acme.QuickRequest(ctx, w.ask("100"))
	assert.Equal(t, mdf.Shortfall{Available: usd("70.00"), Shortfall: usd("30.00")}, mdf.ShortfallOf(err), "the one that lacks least")
	assert.Empty(t, must[*mdf.RequestPage](t)(w.acme.ListRequests(ctx, mdf.ListRequestsParams{})).Items, "a refusal leaves no draft")
	assert.Equal(t, mdf.Shortfall{}, mdf.ShortfallOf(partnerportal.ErrNotFound))
}

func TestChangesAreAskedForAndMade(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	a := w.allocate(w.fund(), "2000")
	r := w.submitted()
	must[*mdf.Request](t)(w.vendor.StartRequestReview(ctx, r.ID))
	r = must[*mdf.Request](t)(w.vendor.RequestChanges(ctx, r.ID, mdf.ChangeRequest{Message: "Cheaper, please."}))
	assert.Equal(t, w.day(15).In(r.Review.ChangesDueAt.Location()), r.Review.ChangesDueAt, "24:00 of the fourteenth day")
	assert.Equal(t, "available 500.00, held 1500.00", w.balance(a.ID), "the money stays held")
	r = must[*mdf.Request](t)(w.acme.GetRequest(ctx, r.ID))
	_, err := w.acme.UpdateRequest(ctx, r.ID, mdf.RequestPatch{AllocationID: partnerportal.Null[string]()}, partnerportal.IfMatch(r))
	faulty(t, err, "/allocation_id")
	cheaper := w.plan().Activities
	cheaper[0].Cost = usd("1000")
	r = must[*mdf.Request](t)(w.acme.UpdateRequest(ctx, r.ID, mdf.RequestPatch{Activities: partnerportal.Set(cheaper)}, partnerportal.IfMatch(r)))
	r = must[*mdf.Request](t)(w.acme.ResubmitRequest(ctx, r.ID))
	assert.Equal(t, "available 1000.00, held 1000.00", w.balance(a.ID), "what is held follows")
	assert.Empty(t, r.Review.Message)

	must[*mdf.Request](t)(w.vendor.RequestChanges(ctx, r.ID, mdf.ChangeRequest{Message: "Larger, please."}))
	larger := w.plan().Activities
	larger[0].Cost = usd("3000.02")
	r = must[*mdf.Request](t)(w.acme.GetRequest(ctx, r.ID))
	must[*mdf.Request](t)(w.acme.UpdateRequest(ctx, r.ID, mdf.RequestPatch{Activities: partnerportal.Set(larger)}, partnerportal.IfMatch(r)))
	_, err = w.acme.ResubmitRequest(ctx, r.ID)
	assert.Equal(t, mdf.Shortfall{Available: usd("1000.00"), Shortfall: usd("0.01")}, mdf.ShortfallOf(err), "beyond what is held already")

	w.Advance(14 * dayLong)
	assert.Equal(t, mdf.RequestStatusChangesRequested, must[*mdf.Request](t)(w.acme.GetRequest(ctx, r.ID)).Status)
	w.Advance(dayLong)
	r = must[*mdf.Request](t)(w.acme.GetRequest(ctx, r.ID))
	assert.Equal(t, mdf.RequestStatusWithdrawn, r.Status, "nobody answered")
	assert.Equal(t, "available 2000.00", w.balance(a.ID))
	assert.Equal(t, []string{
		"request_submitted", "request_review_started", "request_changes_requested", "request_updated", "request_resubmitted",
		"request_changes_requested", "request_updated", "request_changes_requested", "request_changes_requested", "request_withdrawn",
	}, w.happened(r.ID), "with reminders three days and one day before")
	text := must[*partnerportal.ActivityPage](t)(w.acme.ListRequestActivity(ctx, r.ID, mdf.ListRequestActivityParams{})).Items[0].Text
	assert.Equal(t, "The requested changes did not come in time; it was withdrawn.", text)
}

func TestApprovalIsPerActivity(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	a := w.allocate(w.fund(), "2000")
	r := w.submitted()
	event, mail := r.Activities[0].ID, r.Activities[1].ID
	rule := func(rulings ...mdf.ActivityRuling) error {
		return second(w.vendor.ApproveRequest(ctx, r.ID, mdf.Approval{Activities: rulings}))
	}
	faulty(t, rule(mdf.ActivityRuling{ID: "act_none"}), "/activities/0/id")
	faulty(t, rule(mdf.ActivityRuling{ID: event, Amount: usd("1000.01")}), "/activities/0/amount")
	faulty(t, rule(mdf.ActivityRuling{ID: mail, Amount: usd("500"), Percent: "24.9"}), "/activities/0/amount")
	faulty(t, rule(mdf.ActivityRuling{ID: event, Rejected: true}, mdf.ActivityRuling{ID: mail, Rejected: true}), "/activities")
	refused(t, rule(mdf.ActivityRuling{ID: event, Percent: "51"}), mdf.ErrPercentExceeded)

	require.NoError(t, rule(mdf.ActivityRuling{ID: mail, Rejected: true, Comment: "No mail."}, mdf.ActivityRuling{ID: event, Amount: usd("800")}))
	r = must[*mdf.Request](t)(w.acme.GetRequest(ctx, r.ID))
	assert.Equal(t, "available 1200.00, committed 800.00", w.balance(a.ID))
	assert.Equal(t, "800.00 USD 1200.00 USD", r.ApprovedTotal.String()+" "+r.PartnerShare.String())
	assert.Equal(t, []mdf.ActivityDecision{mdf.ActivityDecisionReduced, mdf.ActivityDecisionRejected}, []mdf.ActivityDecision{r.Activities[0].Decision, r.Activities[1].Decision})
	assert.Equal(t, w.day(12+45), r.Activities[0].ClaimDueOn)
	assert.Equal(t, "invoice", r.Activities[0].ProofRequirements[0].ID)
	assert.Equal(t, []mdf.ActivityAction{mdf.ActivityActionStart, mdf.ActivityActionComplete, mdf.ActivityActionClaim, mdf.ActivityActionCancel}, r.Activities[0].AllowedActions)
	assert.Empty(t, r.Activities[1].AllowedActions)
}

func TestAnActivityMustBeApprovedBeforeItBegins(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	w.allocate(w.fund(), "2000")
	r := w.submitted()
	w.Advance(6 * dayLong) // the mail's day is over
	_, err := w.vendor.ApproveRequest(ctx, r.ID, mdf.Approval{})
	refused(t, err, mdf.ErrPreApprovalRequired)
	must[*mdf.Request](t)(w.vendor.ApproveRequest(ctx, r.ID, mdf.Approval{Activities: []mdf.ActivityRuling{{ID: r.Activities[1].ID, Rejected: true}}}))

	late := newWorld(t)
	late.allocate(late.fund(func(f *mdf.NewFund) { f.Rules.AllowRetroactive = true }), "2000")
	r = late.submitted()
	late.Advance(6 * dayLong)
	must[*mdf.Request](t)(late.vendor.ApproveRequest(ctx, r.ID, mdf.Approval{}))
}

func TestWithoutHoldingTheFirstApprovalGetsTheMoney(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	a := w.allocate(w.fund(func(f *mdf.NewFund) { f.Rules.HoldOn = mdf.HoldOnApproval }), "2000")
	one, two := w.submitted(), w.submitted()
	assert.Equal(t, "available 2000.00", w.balance(a.ID))
	must[*mdf.Request](t)(w.vendor.ApproveRequest(ctx, one.ID, mdf.Approval{}))
	_, err := w.vendor.ApproveRequest(ctx, two.ID, mdf.Approval{})
	assert.Equal(t, mdf.Shortfall{Available: usd("500.00"), Shortfall: usd("1000.00")}, mdf.ShortfallOf(err))
	assert.Equal(t, "available 500.00, committed 1500.00", w.balance(a.ID), "all of a request or nothing")
	must[*mdf.Allocation](t)(w.vendor.FreezeAllocation(ctx, a.ID, mdf.Note{}))
	_, err = w.vendor.ApproveRequest(ctx, two.ID, mdf.Approval{})
	refused(t, err, mdf.ErrAllocationFrozen)
	must[*mdf.Allocation](t)(w.vendor.CloseAllocation(ctx, a.ID, mdf.Note{}))
	_, err = w.vendor.ApproveRequest(ctx, two.ID, mdf.Approval{})
	refused(t, err, mdf.ErrAllocationExpired)
}

func TestProposalsCompeteForTheBudget(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	f := w.fund(func(f *mdf.NewFund) { f.Kind, f.Budget = mdf.FundKindProposalBased, usd("2000") })
	propose := func(amount string) (*mdf.Request, error) {
		body := w.ask(amount)
		body.FundID = f.ID
		return w.acme.QuickRequest(ctx, body)
	}
	_, err := propose("2000.01")
	refused(t, err, mdf.ErrInsufficientFunds)
	one, two := must[*mdf.Request](t)(propose("1500")), must[*mdf.Request](t)(propose("1500"))
	assert.Empty(t, one.AllocationID)
	one = must[*mdf.Request](t)(w.vendor.ApproveRequest(ctx, one.ID, mdf.Approval{Activities: []mdf.ActivityRuling{{ID: one.Activities[0].ID, Amount: usd("1200")}}}))
	assert.Equal(t, "committed 1200.00", w.balance(one.AllocationID))
	_, err = w.vendor.ApproveRequest(ctx, two.ID, mdf.Approval{})
	assert.Equal(t, mdf.Shortfall{Available: usd("800.00"), Shortfall: usd("700.00")}, mdf.ShortfallOf(err))
	must[*mdf.Request](t)(w.acme.CancelRequest(ctx, one.ID, mdf.Note{}))
	assert.Equal(t, "nothing", w.balance(one.AllocationID), "what a proposal does not need goes back")
	must[*mdf.Request](t)(w.vendor.ApproveRequest(ctx, two.ID, mdf.Approval{}))
}

func TestActivitiesAreDoneAndCanceled(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	a := w.allocate(w.fund(), "2000")
	r := w.submitted()
	event, mail := r.Activities[0].ID, r.Activities[1].ID
	refused(t, second(w.acme.StartActivity(ctx, r.ID, event)), partnerportal.ErrInvalidState)
	must[*mdf.Request](t)(w.vendor.ApproveRequest(ctx, r.ID, mdf.Approval{}))
	require.ErrorIs(t, second(w.vendor.StartActivity(ctx, r.ID, event)), partnerportal.ErrForbidden)
	require.ErrorIs(t, second(w.acme.StartActivity(ctx, r.ID, "act_none")), partnerportal.ErrNotFound)

	w.Advance(10 * dayLong)
	r = must[*mdf.Request](t)(w.acme.StartActivity(ctx, r.ID, event))
	assert.Equal(t, mdf.RequestStatusInProgress, r.Status)
	faulty(t, second(w.acme.CompleteActivity(ctx, r.ID, event, mdf.Completion{CompletedOn: w.day(1)})), "/completed_on")
	r = must[*mdf.Request](t)(w.acme.CompleteActivity(ctx, r.ID, mail, mdf.Completion{CompletedOn: w.day(-5)}))
	assert.Equal(t, mdf.ActivityStatusExecuted, r.Activities[1].Status)
	r = must[*mdf.Request](t)(w.vendor.CancelActivity(ctx, r.ID, event, mdf.Note{Text: "The hall is closed."}))
	assert.Equal(t, mdf.RequestStatusCompleted, r.Status, "all that is left is done")
	assert.Equal(t, "available 1500.00, committed 500.00", w.balance(a.ID))
	refused(t, second(w.acme.CompleteActivity(ctx, r.ID, event, mdf.Completion{})), partnerportal.ErrInvalidState)
	r = must[*mdf.Request](t)(w.acme.CancelRequest(ctx, r.ID, mdf.Note{Text: "Off."}))
	assert.Equal(t, mdf.RequestStatusCanceled, r.Status)
	assert.Equal(t, "available 2000.00", w.balance(a.ID))
	assert.Equal(t, []string{"request_submitted", "request_approved", "activity_started", "activity_completed", "activity_canceled", "activity_canceled", "request_canceled"}, w.happened(r.ID))
}

func TestWhatIsNotClaimedInTimeIsReleasedWhereTheFundSaysSo(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	a := w.allocate(w.fund(func(f *mdf.NewFund) { f.Rules.Unclaimed = mdf.UnclaimedRelease }), "1000")
	r := w.approved("400")
	w.Advance((11 + 45 + 1) * dayLong)
	assert.Equal(t, "available 1000.00", w.balance(a.ID))
	r = must[*mdf.Request](t)(w.acme.GetRequest(ctx, r.ID))
	assert.Equal(t, mdf.RequestStatusClosed, r.Status)
	assert.Equal(t, mdf.ActivityStatusExpired, r.Activities[0].Status)
	assert.Equal(t, []string{"request_submitted", "request_approved", "claim_due_soon", "claim_due_soon", "claim_due_soon", "claim_due_soon", "activity_expired", "request_closed"}, w.happened(r.ID))
}

func TestWhatIsHeldComesBackWhateverBecameOfTheAllocation(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	f := w.fund()
	a := w.allocate(f, "2000")
	r := w.submitted()
	for _, happens := range []func() error{
		func() error { return second(w.vendor.FreezeAllocation(ctx, a.ID, mdf.Note{Text: "Audit."})) },
		func() error { return second(w.vendor.CloseFund(ctx, f.ID, mdf.Note{})) },
	} {
		must[*mdf.Request](t)(w.vendor.RequestChanges(ctx, r.ID, mdf.ChangeRequest{Message: "Who speaks?"}))
		require.NoError(t, happens())
		must[*mdf.Request](t)(w.acme.ResubmitRequest(ctx, r.ID))
	}
	assert.Equal(t, "held 1500.00, expired 500.00", w.balance(a.ID))
	must[*mdf.Request](t)(w.vendor.ApproveRequest(ctx, r.ID, mdf.Approval{}))
	assert.Equal(t, "committed 1500.00, expired 500.00", w.balance(a.ID))
}
