package account_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/account"
)

func TestAccrual(t *testing.T) {
	t.Parallel()
	ranges := []account.Rate{{Percent: "2"}, {From: usd("50000"), Percent: "4.5"}}
	for name, test := range map[string]struct {
		plan account.PlanForm
		won  partnerportal.Money
		rate string
		want string // "" for no commission
	}{
		"one rate":                       {account.PlanForm{Rates: []account.Rate{{Percent: "4.00"}}}, usd("1000"), "4.00", "40.00"},
		"a rate of any currency":         {account.PlanForm{Rates: []account.Rate{{Percent: "4"}}}, partnerportal.MustMoney("1000", "JPY"), "4", "40"},
		"half to even, down":             {account.PlanForm{Rates: []account.Rate{{Percent: "0.5"}}}, usd("1"), "0.5", ""},
		"half to even, up":               {account.PlanForm{Rates: []account.Rate{{Percent: "1.5"}}}, usd("1"), "1.5", "0.02"},
		"the minor unit of yen":          {account.PlanForm{Rates: []account.Rate{{Percent: "2.5"}}}, partnerportal.MustMoney("101", "JPY"), "2.5", "3"},
		"below the range":                {account.PlanForm{Rates: ranges}, usd("49999.99"), "2", "1000.00"},
		"the range begins with its from": {account.PlanForm{Rates: ranges}, usd("50000"), "4.5", "2250.00"},
		"ranges in another currency":     {account.PlanForm{Rates: ranges}, partnerportal.MustMoney("50000", "EUR"), "", ""},
		"below the first range":          {account.PlanForm{Rates: ranges[1:]}, usd("10"), "", ""},
		"capped":                         {account.PlanForm{Rates: []account.Rate{{Percent: "10"}}, Cap: usd("500")}, usd("9000"), "10", "500.00"},
		"a cap in another currency":      {account.PlanForm{Rates: []account.Rate{{Percent: "10"}}, Cap: usd("500")}, partnerportal.MustMoney("9000", "EUR"), "", ""},
		"not yet":                        {account.PlanForm{Rates: []account.Rate{{Percent: "10"}}, EffectiveFromOn: partnerportal.DateOf(noon).AddDays(1)}, usd("10"), "", ""},
		"from today":                     {account.PlanForm{Rates: []account.Rate{{Percent: "10"}}, EffectiveFromOn: partnerportal.DateOf(noon)}, usd("10"), "10", "1.00"},
		"no longer":                      {account.PlanForm{Rates: []account.Rate{{Percent: "10"}}, EffectiveToOn: partnerportal.DateOf(noon).AddDays(-1)}, usd("10"), "", ""},
		"a plan of nothing":              {account.PlanForm{Rates: []account.Rate{{Percent: "0"}}}, usd("10"), "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := open(t)
			form := test.plan
			form.Name, form.ProgramID, form.Kind = "Plan", "default", account.CommissionKindCommission
			_, err := d.books.PutPlan(t.Context(), "plan", form)
			require.NoError(t, err)
			deal := d.won(test.won)
			page, err := d.money.ListCommissions(t.Context(), account.ListCommissionsParams{DealID: deal.ID})
			require.NoError(t, err)
			if test.want == "" {
				assert.Empty(t, page.Items)
				return
			}
			require.Len(t, page.Items, 1)
			k := page.Items[0]
			assert.Equal(t, partnerportal.MustMoney(test.want, test.won.Currency()), k.Amount)
			assert.Equal(t, test.rate, k.RatePercent)
			assert.Equal(t, test.won, k.BasisAmount)
			assert.Equal(t, account.CommissionStatusPending, k.Status)
			assert.Equal(t, partnerportal.DateOf(noon).AddDays(30), k.DueOn)
			assert.Equal(t, []account.CommissionAction{account.CommissionActionDispute}, k.AllowedActions)
		})
	}
}

// A deal earns by every plan that holds: a commission and a spiff.
func TestEveryPlanPays(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.plan("resale", "4")
	d.plan("spring", "1", func(p *account.PlanForm) { p.Kind, p.AutoApprove, p.DueDays = account.CommissionKindSpiff, true, 7 })
	d.won(usd("1000"))
	sum := d.summary()
	assert.Equal(t, usd("40"), sum.Commissions.Pending)
	assert.Equal(t, usd("10"), sum.Commissions.Due)
	page, err := d.money.ListCommissions(t.Context(), account.ListCommissionsParams{Kind: []account.CommissionKind{account.CommissionKindSpiff}})
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	assert.Equal(t, partnerportal.DateOf(noon).AddDays(7), page.Items[0].DueOn)
	plans, err := partnerportal.Collect(d.money.AllPlans(t.Context(), account.ListPlansParams{}))
	require.NoError(t, err)
	assert.Len(t, plans, 2)
}

func TestPlansAreChecked(t *testing.T) {
	t.Parallel()
	d := open(t)
	good := account.PlanForm{Name: "Plan", ProgramID: "default", Kind: account.CommissionKindCommission, Rates: []account.Rate{{Percent: "4"}}}
	for pointer, spoil := range map[string]func(*account.PlanForm){
		"/name":         func(p *account.PlanForm) { p.Name = " " },
		"/kind":         func(p *account.PlanForm) { p.Kind = account.CommissionKindClawback },
		"/rates":        func(p *account.PlanForm) { p.Rates = []account.Rate{} },
		"/rates/1/from": func(p *account.PlanForm) { p.Rates = append(p.Rates[:1:1], account.Rate{Percent: "5"}) },
		"/rates/0/from": func(p *account.PlanForm) { p.Rates = []account.Rate{{From: usd("-1"), Percent: "5"}} },
		"/cap": func(p *account.PlanForm) {
			p.Rates, p.Cap = []account.Rate{{From: usd("1"), Percent: "4"}}, partnerportal.MustMoney("1", "EUR")
		},
		"/effective_to_on": func(p *account.PlanForm) {
			p.EffectiveFromOn, p.EffectiveToOn = partnerportal.DateOf(noon), partnerportal.DateOf(noon).AddDays(-1)
		},
		"/program_id": func(p *account.PlanForm) { p.ProgramID = "none" },
	} {
		form := good
		spoil(&form)
		_, err := d.books.PutPlan(t.Context(), "plan", form)
		var e *partnerportal.Error
		require.ErrorAs(t, err, &e, pointer)
		require.NotEmpty(t, e.Fields, pointer)
		assert.Equal(t, pointer, e.Fields[0].Pointer)
	}
	p, err := d.books.PutPlan(t.Context(), "plan", good)
	require.NoError(t, err)
	assert.EqualValues(t, 1, p.Revision)
	p, err = d.books.PutPlan(t.Context(), "plan", good)
	require.NoError(t, err)
	assert.EqualValues(t, 2, p.Revision)
	_, err = d.money.PutPlan(t.Context(), "plan", good)
	require.ErrorIs(t, err, partnerportal.ErrForbidden)
}

// Each ruling moves the money to another figure, and back.
func TestRulings(t *testing.T) {
	t.Parallel()
	d := open(t)
	ctx := t.Context()
	d.plan("resale", "4")
	d.won(usd("1000"))
	id := d.commission().ID
	figures := func(pending, due, held string) {
		t.Helper()
		c := d.summary().Commissions
		assert.Equal(t, []partnerportal.Money{usd(pending), usd(due), usd(held)}, []partnerportal.Money{c.Pending, c.Due, c.OnHold})
		assert.Equal(t, c.Due, d.lines(account.FigureCommissionsDue, "USD"))
	}
	did := func(k *account.Commission, err error) *account.Commission {
		t.Helper()
		require.NoError(t, err)
		return k
	}
	figures("40", "0", "0")
	_, err := d.books.HoldCommission(ctx, id, account.Ruling{})
	require.ErrorIs(t, err, partnerportal.ErrValidation, "a reason is needed")
	did(d.books.HoldCommission(ctx, id, account.Ruling{Reason: "Not paid yet."}))
	figures("0", "0", "40")
	attention := d.summary().Attention
	require.Len(t, attention, 1)
	assert.Equal(t, account.AttentionKindCommissionHeld, attention[0].Kind)
	assert.Equal(t, account.CommissionStatusPending, did(d.books.ReleaseCommission(ctx, id, account.Ruling{})).Status)
	did(d.books.ApproveCommission(ctx, id, account.Ruling{}))
	figures("0", "40", "0")
	did(d.books.HoldCommission(ctx, id, account.Ruling{Reason: "Again."}))
	did(d.money.DisputeCommission(ctx, id, account.Dispute{Reason: "Why?"}))
	figures("0", "0", "40")
	assert.Equal(t, account.CommissionStatusOnHold, did(d.books.ResolveDispute(ctx, id, account.Resolution{Outcome: account.DisputeOutcomeUpheld})).Status, "as it was")
	assert.Equal(t, account.CommissionStatusApproved, did(d.books.ReleaseCommission(ctx, id, account.Ruling{})).Status)

	_, err = d.books.ApproveCommission(ctx, id, account.Ruling{})
	var e *partnerportal.Error
	require.ErrorAs(t, err, &e)
	require.ErrorIs(t, err, partnerportal.ErrInvalidState)
	assert.Equal(t, []string{"hold", "void"}, e.AllowedActions)
	_, err = d.money.VoidCommission(ctx, id, account.Ruling{Reason: "Mine."})
	require.ErrorIs(t, err, partnerportal.ErrForbidden)
	_, err = account.New(d.Globex).DisputeCommission(ctx, id, account.Dispute{Reason: "Not mine."})
	require.ErrorIs(t, err, partnerportal.ErrNotFound)
	_, err = d.books.VoidCommission(ctx, id, account.Ruling{Reason: "Late."}, partnerportal.IfMatchRevision(1))
	require.ErrorIs(t, err, partnerportal.ErrStale)
	did(d.books.VoidCommission(ctx, id, account.Ruling{Reason: "Canceled."}))
	figures("0", "0", "0")
}

// A corrected commission is void, and another one is of the right amount.
func TestCorrection(t *testing.T) {
	t.Parallel()
	d := open(t)
	ctx := t.Context()
	d.plan("resale", "4")
	d.won(usd("1000"))
	wrong := d.commission()
	k, err := d.money.DisputeCommission(ctx, wrong.ID, account.Dispute{Reason: "It was more.", Expected: usd("60")})
	require.NoError(t, err)
	assert.Equal(t, k.Expected, usd("60"))
	for _, amount := range []partnerportal.Money{{}, usd("0"), usd("-1"), usd("0.001"), partnerportal.MustMoney("60", "EUR")} {
		_, err = d.books.ResolveDispute(ctx, wrong.ID, account.Resolution{Outcome: account.DisputeOutcomeCorrected, Amount: amount})
		require.ErrorIs(t, err, partnerportal.ErrValidation, amount.String())
	}
	k, err = d.books.ResolveDispute(ctx, wrong.ID, account.Resolution{Outcome: account.DisputeOutcomeCorrected, Amount: usd("60"), Comment: "Right."})
	require.NoError(t, err)
	assert.Equal(t, account.CommissionStatusVoid, k.Status)
	assert.Equal(t, usd("60"), d.summary().Commissions.Due)
	assert.Equal(t, usd("60"), d.lines(account.FigureCommissionsDue, "USD"))
	all, err := partnerportal.Collect(d.money.AllCommissions(ctx, account.ListCommissionsParams{DealID: wrong.DealID}))
	require.NoError(t, err)
	assert.Len(t, all, 2)
}

// A quarter's revenue earns a rebate when it ends.
func TestRebate(t *testing.T) {
	t.Parallel()
	d := open(t)
	ctx := t.Context()
	_, err := d.books.PutPlan(ctx, "growth", account.PlanForm{Name: "Growth", ProgramID: "default", Kind: account.CommissionKindRebate, AutoApprove: true,
		Rates: []account.Rate{{From: usd("1000"), Percent: "1"}, {From: usd("5000"), Percent: "2"}}})
	require.NoError(t, err)
	only := func() account.Rebate {
		t.Helper()
		page, err := d.money.ListRebates(ctx, account.ListRebatesParams{Status: []account.RebateStatus{account.RebateStatusAccruing}})
		require.NoError(t, err)
		require.Len(t, page.Items, 1)
		return page.Items[0]
	}
	d.won(usd("900"))
	r := only()
	assert.Equal(t, usd("900"), r.Achieved)
	assert.Equal(t, usd("1000"), r.NextThreshold)
	assert.Equal(t, usd("0"), r.Accrued)
	assert.Equal(t, partnerportal.Date{Year: 2026, Month: 4, Day: 1}, r.PeriodFromOn)
	assert.Equal(t, partnerportal.Date{Year: 2026, Month: 6, Day: 30}, r.PeriodToOn)
	d.won(usd("4100"), partnerportal.Date{Year: 2026, Month: 4, Day: 1})
	r = only()
	assert.Equal(t, "2", r.RatePercent)
	assert.Equal(t, usd("100"), r.Accrued)
	assert.True(t, r.NextThreshold.IsZero())

	d.Advance(47 * 24 * time.Hour) // 1 July
	settled, err := d.money.GetRebate(ctx, r.ID)
	require.NoError(t, err)
	assert.Equal(t, account.RebateStatusSettled, settled.Status)
	k := d.commission()
	assert.Equal(t, settled.CommissionID, k.ID)
	assert.Equal(t, usd("100"), k.Amount)
	assert.Equal(t, account.CommissionKindRebate, k.Kind)
	assert.Equal(t, usd("100"), d.summary().Commissions.Due)

	d.won(usd("50"), partnerportal.Date{Year: 2026, Month: 6, Day: 30}) // reported late
	r = only()
	assert.Equal(t, usd("50"), r.Achieved)
	assert.Equal(t, partnerportal.Date{Year: 2026, Month: 7, Day: 1}, r.PeriodFromOn, "of the quarter in which it is reported")
	d.Advance(93 * 24 * time.Hour)
	missed, err := d.books.GetRebate(ctx, r.ID)
	require.NoError(t, err)
	assert.Equal(t, account.RebateStatusMissed, missed.Status)
	_, err = account.New(d.Globex).GetRebate(ctx, r.ID)
	require.ErrorIs(t, err, partnerportal.ErrNotFound)
}
