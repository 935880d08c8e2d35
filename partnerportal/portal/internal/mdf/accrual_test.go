package mdf_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// coop opens a co-op fund that is earned for 30 days and spent in the 60 days after them.
func (w *world) coop(change ...func(*mdf.NewFund)) *mdf.Fund {
	w.t.Helper()
	return w.fund(append([]func(*mdf.NewFund){func(f *mdf.NewFund) {
		f.Kind, f.Accrual = mdf.FundKindAccrual, mdf.Accrual{Percent: "2.5", MinimumPayout: usd("100")}
		f.Period = mdf.Period{EarnFrom: w.day(0), EarnTo: w.day(30), SpendFrom: w.day(31), SpendTo: w.day(90)}
	}}, change...)...)
}

// earn reports Acme's revenue.
func (w *world) earn(f *mdf.Fund, revenue, reference string) *mdf.Allocation {
	w.t.Helper()
	return must[*mdf.Allocation](w.t)(w.vendor.Accrue(w.t.Context(), f.ID, mdf.Accruing{PartnerID: w.AcmeID, Revenue: usd(revenue), Reference: reference}))
}

func TestCoopMoneyIsEarnedAndThenSpent(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	f := w.coop()
	a := w.earn(f, "4000.20", "2027-01")
	assert.Equal(t, mdf.AllocationStatusAccruing, a.Status)
	assert.Equal(t, "100.00 USD", a.Balance.Available.String(), "2.5 % of 4000.20 are 100.005, half to even")
	again := w.earn(f, "4001.00", "2027-02")
	assert.Equal(t, a.ID, again.ID, "one allocation for the period")
	assert.Equal(t, "200.02 USD", again.Balance.Available.String())
	_, err := w.vendor.Accrue(ctx, f.ID, mdf.Accruing{PartnerID: w.AcmeID, Revenue: usd("4001.00"), Reference: "2027-02"})
	refused(t, err, mdf.ErrDuplicateAccrual)
	must[*mdf.Allocation](t)(w.vendor.Accrue(ctx, f.ID, mdf.Accruing{PartnerID: w.GlobexID, Revenue: usd("10"), Reference: "2027-02"}))

	ask := mdf.QuickRequest{Type: mdf.ActivityTypeEmail, StartsOn: w.day(40), Amount: usd("150")}
	_, err = w.acme.QuickRequest(ctx, ask)
	refused(t, err, mdf.ErrAllocationAccruing)
	w.Advance(31 * dayLong)
	assert.Equal(t, mdf.AllocationStatusActive, must[*mdf.Allocation](t)(w.acme.GetAllocation(ctx, a.ID)).Status)
	must[*mdf.Request](t)(w.acme.QuickRequest(ctx, ask))
	assert.Equal(t, "available 50.02, held 150.00", w.balance(a.ID))
	_, err = w.vendor.Accrue(ctx, f.ID, mdf.Accruing{PartnerID: w.AcmeID, Revenue: usd("100"), Reference: "2027-03"})
	refused(t, err, mdf.ErrFundNotOpen)
	w.Advance(60 * dayLong)
	assert.Equal(t, "held 150.00, expired 50.02", w.balance(a.ID))
}

func TestWhatBecomesOfLessThanTheMinimum(t *testing.T) {
	t.Parallel()
	for rule, want := range map[mdf.BelowMinimum]string{
		mdf.BelowMinimumConvertToRebate: "converted 99.99", mdf.BelowMinimumForfeit: "expired 99.99", mdf.BelowMinimumCarryOver: "available 99.99",
	} {
		w := newWorld(t)
		f := w.coop(func(f *mdf.NewFund) { f.Accrual.BelowMinimum = rule })
		a := w.earn(f, "3999.60", "2027-01")
		w.Advance(31 * dayLong)
		assert.Equal(t, want, w.balance(a.ID), rule)
		assert.Contains(t, w.happened(a.ID), "accrual_closed")
	}
}

func TestWhatIsCarriedOverAccruesInTheNextPeriod(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	f := w.coop()
	a := w.earn(f, "2000", "2027-01")
	w.Advance(31 * dayLong)
	assert.Equal(t, mdf.AllocationStatusAccruing, must[*mdf.Allocation](t)(w.acme.GetAllocation(ctx, a.ID)).Status)
	f = must[*mdf.Fund](t)(w.vendor.UpdateFund(ctx, f.ID, mdf.FundPatch{Period: partnerportal.Set(mdf.Period{
		EarnFrom: w.day(0), EarnTo: w.day(20), SpendFrom: w.day(21), SpendTo: w.day(60),
	})}, partnerportal.IfMatch(must[*mdf.Fund](t)(w.vendor.GetFund(ctx, f.ID)))))
	a = w.earn(f, "2000", "2027-07")
	assert.Equal(t, f.Period.SpendTo, a.ExpiresOn)
	w.Advance(21 * dayLong)
	a = must[*mdf.Allocation](t)(w.acme.GetAllocation(ctx, a.ID))
	assert.Equal(t, mdf.AllocationStatusActive, a.Status)
	assert.Equal(t, "available 100.00", w.balance(a.ID), "both periods together reach the minimum")
	w.Advance(40 * dayLong)
	assert.Equal(t, "expired 100.00", w.balance(a.ID))
}

func TestBadAccrualsAreRefused(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	f := w.coop(func(f *mdf.NewFund) { f.Budget = usd("10") })
	accrue := func(fundID, partnerID string, revenue partnerportal.Money) error {
		return second(w.vendor.Accrue(ctx, fundID, mdf.Accruing{PartnerID: partnerID, Revenue: revenue, Reference: "r"}))
	}
	faulty(t, accrue(f.ID, "par_none", usd("100")), "/partner_id")
	faulty(t, accrue(f.ID, w.AcmeID, usd("-5")), "/revenue")
	faulty(t, accrue(f.ID, w.AcmeID, usd("0.10")), "/revenue")
	refused(t, accrue(f.ID, w.AcmeID, partnerportal.MustMoney("100", "EUR")), mdf.ErrCurrencyMismatch)
	refused(t, accrue(f.ID, w.AcmeID, usd("400.40")), mdf.ErrInsufficientFunds)
	refused(t, accrue(w.fund().ID, w.AcmeID, usd("400")), partnerportal.ErrInvalidState)
	require.ErrorIs(t, accrue("fund_none", w.AcmeID, usd("400")), partnerportal.ErrNotFound)
	_, err := w.vendor.Allocate(ctx, mdf.NewAllocation{FundID: f.ID, PartnerID: w.AcmeID, Amount: usd("1")})
	faulty(t, err, "/fund_id")
}
