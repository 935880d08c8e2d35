package mdf_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// What belongs to one partner does not exist for another, whatever it tries.
func TestOthersMoneyDoesNotExist(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	r, a := w.executed()
	k := must[*mdf.Claim](t)(w.acme.QuickClaim(ctx, w.invoice(r, "1", "100")))
	note := mdf.Note{}
	for name, err := range map[string]error{
		"allocation":        second(w.globex.GetAllocation(ctx, a.ID)),
		"request":           second(w.globex.GetRequest(ctx, r.ID)),
		"its timeline":      second(w.globex.ListRequestActivity(ctx, r.ID, mdf.ListRequestActivityParams{})),
		"updating it":       second(w.globex.UpdateRequest(ctx, r.ID, mdf.RequestPatch{}, partnerportal.IfMatch(r))),
		"submitting it":     second(w.globex.SubmitRequest(ctx, r.ID)),
		"withdrawing it":    second(w.globex.WithdrawRequest(ctx, r.ID, note)),
		"canceling it":      second(w.globex.CancelRequest(ctx, r.ID, note)),
		"an activity of it": second(w.globex.CancelActivity(ctx, r.ID, r.Activities[0].ID, note)),
		"amending it":       second(w.globex.AmendRequest(ctx, r.ID, mdf.Amending{Reason: "x", Activities: []mdf.AmendedActivity{{ID: r.Activities[0].ID}}})),
		"claim":             second(w.globex.GetClaim(ctx, k.ID)),
		"its own timeline":  second(w.globex.ListClaimActivity(ctx, k.ID, mdf.ListClaimActivityParams{})),
		"withdrawing claim": second(w.globex.WithdrawClaim(ctx, k.ID, note)),
	} {
		require.ErrorIs(t, err, partnerportal.ErrNotFound, name)
	}
	assert.Empty(t, must[*mdf.AllocationPage](t)(w.globex.ListAllocations(ctx, mdf.ListAllocationsParams{})).Items)
	assert.Empty(t, must[*mdf.RequestPage](t)(w.globex.ListRequests(ctx, mdf.ListRequestsParams{})).Items)
	assert.Empty(t, must[*mdf.ClaimPage](t)(w.globex.ListClaims(ctx, mdf.ListClaimsParams{})).Items)
	assert.Empty(t, must[*mdf.EntryPage](t)(w.globex.ListEntries(ctx, mdf.ListEntriesParams{AllocationID: a.ID})).Items)
	assert.Empty(t, must[*mdf.Forecast](t)(w.globex.Forecast(ctx, mdf.ForecastParams{})).Items)
	faulty(t, second(w.globex.ListEntries(ctx, mdf.ListEntriesParams{PartnerID: []string{w.AcmeID}})), "?partner_id")
	faulty(t, second(w.globex.ListEntries(ctx, mdf.ListEntriesParams{After: 1})), "?after")
	faulty(t, second(w.globex.Forecast(ctx, mdf.ForecastParams{Until: w.day(-1)})), "?until")

	theirs := must[*mdf.Allocation](t)(w.vendor.Allocate(ctx, mdf.NewAllocation{FundID: a.FundID, PartnerID: w.GlobexID, Amount: usd("10")}))
	must[*mdf.Allocation](t)(w.vendor.Transfer(ctx, a.ID, mdf.Transferring{ToAllocationID: theirs.ID, Amount: usd("5")}))
	entries := must[*mdf.EntryPage](t)(w.acme.ListEntries(ctx, mdf.ListEntriesParams{Type: []mdf.EntryType{mdf.EntryTypeTransferOut}})).Items
	require.Len(t, entries, 1)
	assert.Empty(t, entries[0].CounterpartID, "nor is told where the money went")
	entries = must[*mdf.EntryPage](t)(w.vendor.ListEntries(ctx, mdf.ListEntriesParams{Type: []mdf.EntryType{mdf.EntryTypeTransferOut}})).Items
	assert.Equal(t, theirs.ID, entries[0].CounterpartID)
}
