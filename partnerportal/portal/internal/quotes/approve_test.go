package quotes_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/quotes"
)

// authority lets the partner decide on 5 %, a desk on 10 and a director on 20.
var authority = quotes.PricePolicyInput{Manual: quotes.PriceAuthority{PartnerPercent: "5", Thresholds: []quotes.PriceThreshold{
	{Percent: "10", Role: "desk"}, {Percent: "20", Role: "director"},
}}}

// off takes so much off the first line.
func off(percent string) func(*quotes.NewQuote) {
	return func(n *quotes.NewQuote) { n.Lines[0].Adjustment.Percent = percent }
}

func TestWhatAPartnerDecidesNeedsNoApproval(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	w.policy(authority)
	q := w.quote(off("5"))
	assert.False(t, q.ApprovalNeeded)
	assert.Contains(t, q.AllowedActions, quotes.ActionPresent)
	assert.NotContains(t, q.AllowedActions, quotes.ActionRequestApproval)
	require.ErrorIs(t, second(w.acme.RequestApproval(ctx, q.ID, quotes.ApprovalRequest{})), quotes.ErrApprovalNotNeeded)
	must[*quotes.Quote](t)(w.acme.Present(ctx, q.ID))

	// A discount that is said in percent is that percentage, however its cents are rounded; an amount is what it comes to.
	cheap := w.quote(func(n *quotes.NewQuote) {
		n.Lines = []quotes.LineInput{{SKU: "SRV-1", Adjustment: quotes.Adjustment{Amount: usd("50.01")}}}
	})
	assert.True(t, cheap.ApprovalNeeded)
	hardly := w.quote(func(n *quotes.NewQuote) {
		n.Lines = []quotes.LineInput{{SKU: "SRV-1", Quantity: 2000, Adjustment: quotes.Adjustment{Amount: usd("100000.01")}}}
	})
	assert.True(t, hardly.ApprovalNeeded, "a cent more than 5 %% of two millions")
	exactly := w.quote(func(n *quotes.NewQuote) {
		n.Lines = []quotes.LineInput{{SKU: "SRV-1", Quantity: 2000, Adjustment: quotes.Adjustment{Amount: usd("100000.00")}}}
	})
	assert.False(t, exactly.ApprovalNeeded)
	whole := w.quote(func(n *quotes.NewQuote) { n.Adjustments = []quotes.Adjustment{{Percent: "5"}} })
	assert.False(t, whole.ApprovalNeeded)
	both := w.quote(off("5"), func(n *quotes.NewQuote) { n.Adjustments = []quotes.Adjustment{{Percent: "1"}} })
	assert.True(t, both.ApprovalNeeded, "together they are more")
}

func TestApproval(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, w *world) {
		t.Helper()
		ctx := t.Context()
		w.policy(authority)
		q := w.quote(off("12"))
		assert.Contains(t, q.AllowedActions, quotes.ActionRequestApproval)
		assert.NotContains(t, q.AllowedActions, quotes.ActionPresent)
		require.ErrorIs(t, second(w.acme.Present(ctx, q.ID)), quotes.ErrApprovalRequired)
		q = must[*quotes.Quote](t)(w.acme.RequestApproval(ctx, q.ID, quotes.ApprovalRequest{Justification: "The incumbent."}))
		require.Len(t, q.Approvals, 1)
		assert.Equal(t, "director", q.Approvals[0].Role)
		assert.Equal(t, "5", q.Approvals[0].LimitPercent)
		assert.Equal(t, []quotes.ApprovalLine{{LineID: q.Lines[0].ID, RequestedPercent: "12"}}, q.Approvals[0].Lines)
		require.ErrorIs(t, second(w.acme.Approve(ctx, q.ID, quotes.Remark{})), partnerportal.ErrForbidden)
		require.ErrorIs(t, second(w.acme.Update(ctx, q.ID, quotes.Patch{Title: partnerportal.Set("x")}, partnerportal.IfMatch(q))), partnerportal.ErrInvalidState)
		q = must[*quotes.Quote](t)(w.vendor.Approve(ctx, q.ID, quotes.Remark{Note: "Once."}))
		assert.Equal(t, quotes.StatusReady, q.Status)
		assert.False(t, q.ApprovalNeeded)
		q = must[*quotes.Quote](t)(w.acme.Get(ctx, q.ID))
		assert.Equal(t, partnerportal.Actor{Side: "vendor", Name: "Vendor"}, q.Approvals[0].DecidedBy, "a partner sees the vendor's people only as the vendor")
		assert.Equal(t, "12", q.Approvals[0].Lines[0].ApprovedPercent)
		must[*quotes.Quote](t)(w.acme.Present(ctx, q.ID))

		// What was approved stays approved in the next version, for as many units and as much.
		next := must[*quotes.Quote](t)(w.acme.Revise(ctx, q.ID))
		assert.False(t, next.ApprovalNeeded)
		lines := func(quantity int, percent string) partnerportal.Opt[[]quotes.LineInput] {
			return partnerportal.Set([]quotes.LineInput{{ID: next.Lines[0].ID, Quantity: quantity, Adjustment: quotes.Adjustment{Percent: percent}}})
		}
		for _, change := range []struct {
			quantity int
			percent  string
			needed   bool
		}{{1, "12", true}, {3, "12", false}, {3, "12.0001", true}, {3, "7", false}} {
			next = must[*quotes.Quote](t)(w.acme.Update(ctx, next.ID, quotes.Patch{Lines: lines(change.quantity, change.percent)}, partnerportal.IfMatch(next)))
			assert.Equal(t, change.needed, next.ApprovalNeeded, "%d at %s %%", change.quantity, change.percent)
		}
	})
}

func TestBeyondEverybodysAuthority(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	w.policy(authority)
	q := w.quote(off("20.5"))
	err := second(w.acme.RequestApproval(ctx, q.ID, quotes.ApprovalRequest{}))
	require.ErrorIs(t, err, quotes.ErrDiscountExceedsAuthority)
	var e *partnerportal.Error
	require.ErrorAs(t, err, &e)
	assert.JSONEq(t, `"20"`, string(e.Extensions["max_percent"]))
	w.policy(quotes.PricePolicyInput{}) // without thresholds everything can be approved
	must[*quotes.Quote](t)(w.acme.RequestApproval(ctx, q.ID, quotes.ApprovalRequest{}))
}

// A counter-offer is a draft that can be presented as it is.
func TestCounter(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, w *world) {
		t.Helper()
		ctx := t.Context()
		w.policy(authority)
		q := w.quote(off("15"), func(n *quotes.NewQuote) {
			n.Lines = append(n.Lines, quotes.LineInput{SKU: "SUP-1", TermMonths: 12, Adjustment: quotes.Adjustment{Percent: "11"}})
			n.Adjustments = []quotes.Adjustment{{Percent: "1"}}
		})
		must[*quotes.Quote](t)(w.acme.RequestApproval(ctx, q.ID, quotes.ApprovalRequest{}))
		wrong := quotes.CounterOffer{Lines: []quotes.CounterLine{{LineID: q.Lines[0].ID, Percent: "9"}, {LineID: "qln_1", Percent: "9"}}}
		faulty(t, second(w.vendor.Counter(ctx, q.ID, wrong)), "/lines/1/line_id")
		wrong.Lines[1].LineID = q.Lines[0].ID
		faulty(t, second(w.vendor.Counter(ctx, q.ID, wrong)), "/lines/1/line_id")
		q = must[*quotes.Quote](t)(w.vendor.Counter(ctx, q.ID, quotes.CounterOffer{
			Lines: []quotes.CounterLine{{LineID: q.Lines[0].ID, Percent: "9"}}, Comment: "As last time.",
		}))
		assert.Equal(t, quotes.StatusDraft, q.Status)
		assert.Empty(t, q.Adjustments, "what was decided for the whole is a matter of the lines now")
		assert.Equal(t, []string{"-180.00", "-10.00", "-6.00"}, []string{kinds(q.Lines[0])["manual"], kinds(q.Lines[1])["manual"], kinds(q.Lines[2])["manual"]},
			"9 % as offered, 1 % as it was, and the 5 % that the partner may decide")
		assert.Equal(t, quotes.ApprovalStatusCountered, q.Approvals[0].Status)
		assert.False(t, q.ApprovalNeeded)
		must[*quotes.Quote](t)(w.acme.Present(ctx, q.ID))
	})
}

func TestRefusalsOfDiscounts(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	w.policy(authority)
	q := w.quote(off("15"))
	ask := func() { must[*quotes.Quote](t)(w.acme.RequestApproval(ctx, q.ID, quotes.ApprovalRequest{})) }
	ask()
	must[*quotes.Quote](t)(w.vendor.Reject(ctx, q.ID, quotes.Rejection{Reason: "Too much."}))
	ask()
	must[*quotes.Quote](t)(w.vendor.RequestChanges(ctx, q.ID, quotes.Rejection{Reason: "Say why."}))
	ask()
	q = must[*quotes.Quote](t)(w.acme.Cancel(ctx, q.ID, quotes.Remark{Note: "No more."}))
	assert.Equal(t, "No more.", q.CloseNote)
	var came []quotes.ApprovalStatus
	for _, a := range q.Approvals {
		came = append(came, a.Status)
	}
	assert.Equal(t, []quotes.ApprovalStatus{quotes.ApprovalStatusRejected, quotes.ApprovalStatusChangesRequested, quotes.ApprovalStatusCanceled}, came)
	assert.Equal(t, "Say why.", q.Approvals[1].Comment)
	assert.Equal(t, []string{
		quotes.EventCreated, quotes.EventApprovalRequested, quotes.EventRejected, quotes.EventApprovalRequested, quotes.EventChangesRequested,
		quotes.EventApprovalRequested, quotes.EventCanceled,
	}, w.told(q.ID))
}

// What was approved holds for what it was approved for: not for a shorter contract, and not on top of special pricing.
func TestAnApprovalIsOfOneOffer(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	w.policy(authority)
	b := w.approve(w.ask(w.quote(), 5), quotes.SpecialPricingApproval{})
	q := w.quote(off("12"), func(n *quotes.NewQuote) {
		n.Lines = append(n.Lines, quotes.LineInput{SKU: "SUP-1", TermMonths: 36, Adjustment: quotes.Adjustment{Percent: "12"}})
	})
	must[*quotes.Quote](t)(w.acme.RequestApproval(ctx, q.ID, quotes.ApprovalRequest{}))
	must[*quotes.Quote](t)(w.vendor.Approve(ctx, q.ID, quotes.Remark{}))
	q = must[*quotes.Quote](t)(w.acme.Revise(ctx, q.ID))
	assert.False(t, q.ApprovalNeeded)
	change := func(p quotes.Patch) {
		q = must[*quotes.Quote](t)(w.acme.Update(ctx, q.ID, p, partnerportal.IfMatch(q)))
	}

	change(quotes.Patch{SpecialPricingID: partnerportal.Set(b.ID)})
	assert.True(t, q.ApprovalNeeded, "12 %% of the special price are more than was approved")
	change(quotes.Patch{SpecialPricingID: partnerportal.Null[string]()})
	assert.False(t, q.ApprovalNeeded)
	lines := []quotes.LineInput{
		{ID: q.Lines[0].ID, Quantity: 2, Adjustment: q.Lines[0].Adjustment}, {ID: q.Lines[2].ID, TermMonths: 12, Adjustment: q.Lines[2].Adjustment},
	}
	change(quotes.Patch{Lines: partnerportal.Set(lines)})
	assert.True(t, q.ApprovalNeeded, "a year is not three")
}

// The policy of the day on which a draft is presented says what the partner may decide.
func TestPresentingUnderAnotherPolicy(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	w.policy(authority)
	q, asked := w.quote(off("5")), w.quote(off("12"))
	must[*quotes.Quote](t)(w.acme.RequestApproval(ctx, asked.ID, quotes.ApprovalRequest{}))
	must[*quotes.Quote](t)(w.vendor.Approve(ctx, asked.ID, quotes.Remark{}))
	stricter := authority
	stricter.Manual.PartnerPercent = "3"
	w.policy(stricter)
	require.ErrorIs(t, second(w.acme.Present(ctx, q.ID)), quotes.ErrApprovalRequired)
	must[*quotes.Quote](t)(w.acme.RequestApproval(ctx, q.ID, quotes.ApprovalRequest{}))
	must[*quotes.Quote](t)(w.acme.Present(ctx, asked.ID)) // the vendor has approved it
}
