package mdf_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
)

func TestNobodyGetsMoreThanTheBudget(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	f := w.fund(func(f *mdf.NewFund) { f.Budget = usd("1000.00") })
	a := w.allocate(f, "900.00")
	_, err := w.vendor.Allocate(ctx, mdf.NewAllocation{FundID: f.ID, PartnerID: w.GlobexID, Amount: usd("100.01")})
	refused(t, err, mdf.ErrInsufficientFunds)
	assert.Equal(t, mdf.Shortfall{Available: usd("100.00"), Shortfall: usd("0.01")}, mdf.ShortfallOf(err))
	_, err = w.vendor.AdjustAllocation(ctx, a.ID, mdf.Adjustment{Amount: usd("100.01"), Memo: "More."})
	refused(t, err, mdf.ErrInsufficientFunds)
	must[*mdf.Allocation](t)(w.vendor.AdjustAllocation(ctx, a.ID, mdf.Adjustment{Amount: usd("-400.00"), Memo: "Less.", Reference: "GL-7"}))
	must[*mdf.Allocation](t)(w.vendor.Allocate(ctx, mdf.NewAllocation{FundID: f.ID, PartnerID: w.GlobexID, Amount: usd("500.00")}))
	assert.Equal(t, "available 500.00", w.balance(a.ID))
	assert.Equal(t, "1000.00 USD", must[*mdf.Fund](t)(w.vendor.GetFund(ctx, f.ID)).Allocated.String())

	entries := must[*mdf.EntryPage](t)(w.acme.ListEntries(ctx, mdf.ListEntriesParams{AllocationID: a.ID, After: 1})).Items
	require.Len(t, entries, 1)
	assert.Equal(t, "adjust_down available funding 400.00 USD Less. GL-7", string(entries[0].Type)+" "+string(entries[0].From)+" "+string(entries[0].To)+" "+
		entries[0].Amount.String()+" "+entries[0].Memo+" "+entries[0].Reference)
	assert.Equal(t, "Vendor", entries[0].Actor.Name, "the vendor's people are not named to partners")
	assert.Equal(t, "500.00 USD", entries[0].Balance.Allocated.String())
}

func TestBadAllocationsAreRefused(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	f := w.fund()
	good := mdf.NewAllocation{FundID: f.ID, PartnerID: w.AcmeID, Amount: usd("100")}
	for pointer, change := range map[string]func(*mdf.NewAllocation){
		"/fund_id":       func(a *mdf.NewAllocation) { a.FundID = "fund_none" },
		"/partner_id":    func(a *mdf.NewAllocation) { a.PartnerID = "par_none" },
		"/amount":        func(a *mdf.NewAllocation) { a.Amount = usd("0") },
		"/amount/amount": func(a *mdf.NewAllocation) { a.Amount = usd("1.005") },
		"/starts_on":     func(a *mdf.NewAllocation) { a.StartsOn = w.day(-1) },
		"/expires_on":    func(a *mdf.NewAllocation) { a.ExpiresOn = w.day(181) },
	} {
		body := good
		change(&body)
		_, err := w.vendor.Allocate(ctx, body)
		faulty(t, err, pointer)
	}
	good.Amount = partnerportal.MustMoney("100", "EUR")
	_, err := w.vendor.Allocate(ctx, good)
	refused(t, err, mdf.ErrCurrencyMismatch)
	_, err = w.acme.Allocate(ctx, good)
	require.ErrorIs(t, err, partnerportal.ErrForbidden)
}

func TestAllocationsAreFrozenMovedAndClosed(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	f := w.fund()
	a, b := w.allocate(f, "1000"), w.allocate(f, "10")
	a = must[*mdf.Allocation](t)(w.vendor.FreezeAllocation(ctx, a.ID, mdf.Note{Text: "Audit."}))
	assert.Equal(t, mdf.AllocationStatusFrozen, a.Status)
	named := w.ask("500")
	named.AllocationID = a.ID
	_, err := w.acme.QuickRequest(ctx, named)
	refused(t, err, mdf.ErrAllocationFrozen)
	must[*mdf.Allocation](t)(w.vendor.UnfreezeAllocation(ctx, a.ID))
	must[*mdf.Request](t)(w.acme.QuickRequest(ctx, named))

	a = must[*mdf.Allocation](t)(w.vendor.Transfer(ctx, a.ID, mdf.Transferring{ToAllocationID: b.ID, Amount: usd("500"), Memo: "Together."}))
	assert.Equal(t, mdf.AllocationStatusExhausted, a.Status)
	assert.Equal(t, "held 500.00", w.balance(a.ID))
	assert.Equal(t, "available 510.00", w.balance(b.ID))
	_, err = w.vendor.Transfer(ctx, a.ID, mdf.Transferring{ToAllocationID: b.ID, Amount: usd("0.01")})
	assert.Equal(t, mdf.Shortfall{Available: usd("0.00"), Shortfall: usd("0.01")}, mdf.ShortfallOf(err))
	_, err = w.vendor.Transfer(ctx, a.ID, mdf.Transferring{ToAllocationID: a.ID, Amount: usd("1")})
	faulty(t, err, "/to_allocation_id")
	_, err = w.vendor.Transfer(ctx, a.ID, mdf.Transferring{ToAllocationID: "alc_none", Amount: usd("1")})
	faulty(t, err, "/to_allocation_id")
	euros := w.fund(func(f *mdf.NewFund) { f.Currency = "EUR" })
	c := must[*mdf.Allocation](t)(w.vendor.Allocate(ctx, mdf.NewAllocation{FundID: euros.ID, PartnerID: w.AcmeID, Amount: partnerportal.MustMoney("5", "EUR")}))
	_, err = w.vendor.Transfer(ctx, b.ID, mdf.Transferring{ToAllocationID: c.ID, Amount: usd("1")})
	refused(t, err, mdf.ErrCurrencyMismatch)

	b = must[*mdf.Allocation](t)(w.vendor.CloseAllocation(ctx, b.ID, mdf.Note{}))
	assert.Equal(t, mdf.AllocationStatusClosed, b.Status)
	assert.Equal(t, "expired 510.00", w.balance(b.ID))
	_, err = w.vendor.Transfer(ctx, a.ID, mdf.Transferring{ToAllocationID: b.ID, Amount: usd("1")})
	refused(t, err, mdf.ErrAllocationExpired)
	e := refused(t, second(w.vendor.UpdateAllocation(ctx, b.ID, mdf.AllocationPatch{ExpiresOn: partnerportal.Set(w.day(9))}, partnerportal.IfMatch(b))), partnerportal.ErrInvalidState)
	assert.Empty(t, e.AllowedActions)
}

func TestAnAllocationEndsWithItsLastDay(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	f := w.fund()
	a := must[*mdf.Allocation](t)(w.vendor.Allocate(ctx, mdf.NewAllocation{FundID: f.ID, PartnerID: w.AcmeID, Amount: usd("1000"), ExpiresOn: w.day(40)}))
	a = must[*mdf.Allocation](t)(w.vendor.UpdateAllocation(ctx, a.ID, mdf.AllocationPatch{ExpiresOn: partnerportal.Set(w.day(20))}, partnerportal.IfMatch(a)))
	assert.Equal(t, w.day(21).In(a.ExpiresAt.Location()), a.ExpiresAt, "24:00 of the day")
	held := must[*mdf.Request](t)(w.acme.QuickRequest(ctx, w.ask("300")))
	_, err := w.acme.QuickRequest(ctx, mdf.QuickRequest{Type: mdf.ActivityTypeEvent, StartsOn: w.day(21), Amount: usd("10")})
	refused(t, err, mdf.ErrActivityOutsidePeriod)

	w.Advance(a.ExpiresAt.Sub(w.Now()) - time.Hour)
	assert.Equal(t, "available 700.00, held 300.00", w.balance(a.ID))
	w.Advance(time.Hour)
	assert.Equal(t, "held 300.00, expired 700.00", w.balance(a.ID), "what waits for a decision is not lost by the vendor's delay")
	a = must[*mdf.Allocation](t)(w.acme.GetAllocation(ctx, a.ID))
	assert.Equal(t, mdf.AllocationStatusExpired, a.Status)
	named := w.ask("10")
	named.AllocationID = a.ID
	_, err = w.acme.QuickRequest(ctx, named)
	refused(t, err, mdf.ErrAllocationExpired)
	assert.Equal(t, []string{"balance_changed", "allocated", "allocation_updated", "balance_changed", "funds_expiring", "funds_expiring", "funds_expiring", "balance_changed", "funds_expired"},
		w.happened(a.ID), "14, 7 and 1 days before")
	must[*mdf.Request](t)(w.acme.WithdrawRequest(ctx, held.ID, mdf.Note{}))
	assert.Equal(t, "expired 1000.00", w.balance(a.ID))
}

func TestABalanceAddsUpByCurrency(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	f := w.fund()
	a := w.allocate(f, "1000")
	w.allocate(w.fund(), "500")
	euros := w.fund(func(f *mdf.NewFund) { f.Currency = "EUR" })
	must[*mdf.Allocation](t)(w.vendor.Allocate(ctx, mdf.NewAllocation{FundID: euros.ID, PartnerID: w.AcmeID, Amount: partnerportal.MustMoney("70", "EUR")}))
	must[*mdf.Allocation](t)(w.vendor.Allocate(ctx, mdf.NewAllocation{FundID: f.ID, PartnerID: w.GlobexID, Amount: usd("9999")}))
	ask := w.ask("200")
	ask.FundID = f.ID
	must[*mdf.Request](t)(w.acme.QuickRequest(ctx, ask))

	sheet := must[*mdf.BalanceSheet](t)(w.acme.Balance(ctx, mdf.BalanceParams{}))
	require.Len(t, sheet.Items, 2)
	assert.Equal(t, "EUR 70.00 USD 1500.00 1300.00 200.00", sheet.Items[0].Currency+" "+sheet.Items[0].Balance.Available.Amount()+" "+
		sheet.Items[1].Currency+" "+sheet.Items[1].Balance.Allocated.Amount()+" "+sheet.Items[1].Balance.Available.Amount()+" "+sheet.Items[1].Balance.Held.Amount())
	assert.Equal(t, "portal", sheet.Source.System)
	require.Len(t, sheet.Items[1].Expiring, 2)
	assert.Equal(t, w.day(180), sheet.Items[1].Expiring[0].On)

	of := func(c *mdf.Client, p mdf.BalanceParams) string {
		return must[*mdf.BalanceSheet](t)(c.Balance(ctx, p)).Items[0].Balance.Allocated.String()
	}
	assert.Equal(t, "1000.00 USD", of(w.acme, mdf.BalanceParams{FundID: f.ID}))
	assert.Equal(t, "1000.00 USD", of(w.acme, mdf.BalanceParams{AllocationID: a.ID}))
	assert.Equal(t, "10999.00 USD", of(w.vendor, mdf.BalanceParams{FundID: f.ID}))
	assert.Equal(t, "9999.00 USD", of(w.vendor, mdf.BalanceParams{PartnerID: w.GlobexID}))
	_, err := w.globex.Balance(ctx, mdf.BalanceParams{AllocationID: a.ID})
	require.ErrorIs(t, err, partnerportal.ErrNotFound)
	_, err = w.globex.Balance(ctx, mdf.BalanceParams{PartnerID: w.AcmeID})
	faulty(t, err, "?partner_id")
	_, err = w.vendor.Balance(ctx, mdf.BalanceParams{})
	faulty(t, err, "?partner_id")
}
