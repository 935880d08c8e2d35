package account_test

import (
	"encoding/csv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/account"
)

func (d *desk) order() account.PayoutOrder {
	return account.PayoutOrder{PartnerID: d.AcmeID, Currency: "USD", PeriodToOn: partnerportal.DateOf(d.Now()), ScheduledOn: partnerportal.DateOf(d.Now())}
}

// due approves commissions of these amounts.
func (d *desk) due(amounts ...string) {
	d.t.Helper()
	d.plan("all", "100", func(p *account.PlanForm) { p.AutoApprove = true })
	for _, amount := range amounts {
		d.won(usd(amount))
	}
}

func TestPayout(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		d.due("100", "20.50")
		order := d.order()
		order.TaxWithheld = usd("10")
		p, err := d.books.SchedulePayout(ctx, order)
		require.NoError(t, err)
		assert.Equal(t, usd("110.50"), p.Amount)
		assert.Equal(t, account.PayoutMethodTransfer, p.Method)
		assert.Equal(t, 2, p.LineCount)
		require.Len(t, p.Lines, 2)
		assert.Equal(t, usd("100"), p.Lines[0].Amount, "the oldest first")
		sum := d.summary()
		assert.Equal(t, usd("120.50"), sum.Commissions.Due, "it is due until it is paid")
		assert.Equal(t, p.ScheduledOn, sum.Commissions.NextPayoutOn)
		_, err = d.books.SchedulePayout(ctx, d.order())
		require.ErrorIs(t, err, account.ErrNothingDue, "a commission is in one payout")

		p, err = d.books.FailPayout(ctx, p.ID, account.PayoutFailure{Reason: "The account is closed."})
		require.NoError(t, err)
		attention := d.summary().Attention
		require.Len(t, attention, 1)
		assert.Equal(t, account.AttentionKindPayoutFailed, attention[0].Kind)
		_, err = d.books.CompletePayout(ctx, p.ID, account.PayoutReport{})
		require.ErrorIs(t, err, partnerportal.ErrInvalidState)
		p, err = d.books.RetryPayout(ctx, p.ID, partnerportal.IfMatch(p))
		require.NoError(t, err)
		_, err = d.books.CompletePayout(ctx, p.ID, account.PayoutReport{PaidOn: partnerportal.DateOf(noon).AddDays(1)})
		require.ErrorIs(t, err, partnerportal.ErrValidation)
		p, err = d.books.CompletePayout(ctx, p.ID, account.PayoutReport{TraceID: "TRX-1"})
		require.NoError(t, err)
		assert.Equal(t, partnerportal.DateOf(noon), p.PaidOn)
		sum = d.summary()
		assert.Equal(t, usd("0"), sum.Commissions.Due)
		assert.Equal(t, usd("120.50"), sum.Commissions.PaidYTD)
		assert.True(t, sum.Commissions.NextPayoutOn.IsZero())

		page, err := d.money.ListPayouts(ctx, account.ListPayoutsParams{})
		require.NoError(t, err)
		require.Len(t, page.Items, 1)
		assert.Empty(t, page.Items[0].Lines)
		_, err = account.New(d.Globex).GetPayout(ctx, p.ID)
		require.ErrorIs(t, err, partnerportal.ErrNotFound)
		_, err = d.money.SchedulePayout(ctx, d.order())
		require.ErrorIs(t, err, partnerportal.ErrForbidden)
		paid, err := d.money.ListCommissions(ctx, account.ListCommissionsParams{PayoutID: p.ID})
		require.NoError(t, err)
		assert.Len(t, paid.Items, 2)
	})
}

// The statement's rows add up to what is paid.
func TestStatement(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.due("100", "20.50")
	order := d.order()
	order.TaxWithheld = usd("10")
	p, err := d.books.SchedulePayout(t.Context(), order)
	require.NoError(t, err)
	file, err := d.money.Statement(t.Context(), p.ID)
	require.NoError(t, err)
	defer file.Close()
	assert.Equal(t, p.Number+".csv", file.Name)
	assert.Equal(t, "text/csv", file.MediaType)
	rows, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 5)
	assert.Equal(t, []string{"commission", "kind", "deal", "earned_at", "basis", "rate_percent", "amount", "currency", "order"}, rows[0])
	first := p.Lines[0] // both were earned in one instant: either may be it
	assert.Equal(t, []string{
		first.CommissionID, "commission", first.DealID, "2026-05-15T12:00:00Z", first.BasisAmount.Amount(), "100", first.Amount.Amount(), "USD", "",
	}, rows[1])
	assert.Equal(t, []string{"", "tax_withheld", "", "", "", "", "-10.00", "USD", ""}, rows[3])
	assert.Equal(t, []string{p.Number, "total", "", "", "", "", "110.50", "USD", ""}, rows[4])
}

func TestPayoutRefusals(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.due("100")
	for name, test := range map[string]struct {
		spoil func(*account.PayoutOrder)
		want  error
	}{
		"another currency":   {func(o *account.PayoutOrder) { o.Currency = "EUR" }, account.ErrNothingDue},
		"below the minimum":  {func(o *account.PayoutOrder) { o.Minimum = usd("100.01") }, account.ErrMinimumNotReached},
		"minimum in euro":    {func(o *account.PayoutOrder) { o.Minimum = partnerportal.MustMoney("1", "EUR") }, partnerportal.ErrValidation},
		"tax in euro":        {func(o *account.PayoutOrder) { o.TaxWithheld = partnerportal.MustMoney("1", "EUR") }, partnerportal.ErrValidation},
		"negative tax":       {func(o *account.PayoutOrder) { o.TaxWithheld = usd("-1") }, partnerportal.ErrValidation},
		"a tax of mills":     {func(o *account.PayoutOrder) { o.TaxWithheld = usd("0.001") }, partnerportal.ErrValidation},
		"more tax than due":  {func(o *account.PayoutOrder) { o.TaxWithheld = usd("101") }, partnerportal.ErrValidation},
		"paid before earned": {func(o *account.PayoutOrder) { o.ScheduledOn = o.PeriodToOn.AddDays(-1) }, partnerportal.ErrValidation},
		"an earlier period":  {func(o *account.PayoutOrder) { o.PeriodToOn = o.PeriodToOn.AddDays(-1) }, account.ErrNothingDue},
		"nobody":             {func(o *account.PayoutOrder) { o.PartnerID = "par_none" }, partnerportal.ErrValidation},
	} {
		order := d.order()
		test.spoil(&order)
		_, err := d.books.SchedulePayout(t.Context(), order)
		require.ErrorIs(t, err, test.want, name)
	}
	order := d.order()
	order.Minimum = usd("100")
	_, err := d.books.SchedulePayout(t.Context(), order)
	require.NoError(t, err)
}

// What was earned at 24:00 of a day is of that day.
func TestPeriodsReachMidnight(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.plan("all", "100", func(p *account.PlanForm) { p.AutoApprove = true })
	yesterday := partnerportal.DateOf(noon).AddDays(-1)
	d.won(usd("100"), yesterday)
	order := d.order()
	order.PeriodToOn = yesterday
	p, err := d.books.SchedulePayout(t.Context(), order)
	require.NoError(t, err)
	assert.Equal(t, usd("100"), p.Amount)
}

// A canceled payout gives its commissions back; its lines stay, for the books.
func TestCancelPayout(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.due("100")
	p, err := d.books.SchedulePayout(t.Context(), d.order())
	require.NoError(t, err)
	p, err = d.books.CancelPayout(t.Context(), p.ID, account.PayoutFailure{Reason: "Twice."})
	require.NoError(t, err)
	assert.Len(t, p.Lines, 1)
	assert.Empty(t, p.AllowedActions)
	k := d.commission()
	assert.Equal(t, account.CommissionStatusApproved, k.Status)
	assert.Empty(t, k.PayoutID)
	again, err := d.books.SchedulePayout(t.Context(), d.order())
	require.NoError(t, err)
	assert.Equal(t, usd("100"), again.Amount)
}

// Two at once pay once.
func TestPayoutsRace(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		d.due("100", "50")
		var wg sync.WaitGroup
		errs := make([]error, 4)
		for i := range errs {
			wg.Go(func() { _, errs[i] = d.books.SchedulePayout(t.Context(), d.order()) })
		}
		wg.Wait()
		paid := 0
		for _, err := range errs {
			if err == nil {
				paid++
				continue
			}
			require.ErrorIs(t, err, account.ErrNothingDue)
		}
		assert.Equal(t, 1, paid)
	})
}

// What was paid is taken back by a negative commission, which the next payout takes off, and never more than was paid.
func TestReverse(t *testing.T) {
	t.Parallel()
	d := open(t)
	ctx := t.Context()
	d.due("100")
	p, err := d.books.SchedulePayout(ctx, d.order())
	require.NoError(t, err)
	_, err = d.books.CompletePayout(ctx, p.ID, account.PayoutReport{})
	require.NoError(t, err)
	id := p.Lines[0].CommissionID

	k, err := d.books.ReverseCommission(ctx, id, account.Reversal{Reason: "Returned in part.", Amount: usd("30")})
	require.NoError(t, err)
	assert.Equal(t, account.CommissionStatusPaid, k.Status)
	assert.Equal(t, usd("30"), k.TakenBack)
	assert.Equal(t, usd("-30"), d.summary().Commissions.Due)
	_, err = d.books.ReverseCommission(ctx, id, account.Reversal{Reason: "More.", Amount: usd("70.01")})
	require.ErrorIs(t, err, account.ErrReversalExceeds)
	_, err = d.books.SchedulePayout(ctx, d.order())
	require.ErrorIs(t, err, account.ErrNothingDue, "the claw-back takes all of it")

	d.due("50")
	p, err = d.books.SchedulePayout(ctx, d.order())
	require.NoError(t, err)
	assert.Equal(t, usd("20"), p.Amount)
	_, err = d.books.CompletePayout(ctx, p.ID, account.PayoutReport{})
	require.NoError(t, err)
	sum := d.summary()
	assert.Equal(t, usd("120"), sum.Commissions.PaidYTD)
	assert.Equal(t, usd("0"), sum.Commissions.Due)

	k, err = d.books.ReverseCommission(ctx, id, account.Reversal{Reason: "The rest."})
	require.NoError(t, err)
	assert.Equal(t, account.CommissionStatusReversed, k.Status)
	assert.Equal(t, usd("-70"), d.summary().Commissions.Due)
	clawbacks, err := d.books.ListCommissions(ctx, account.ListCommissionsParams{Kind: []account.CommissionKind{account.CommissionKindClawback}})
	require.NoError(t, err)
	require.Len(t, clawbacks.Items, 2)
	assert.Equal(t, id, clawbacks.Items[0].ReversalOf)
	assert.Empty(t, clawbacks.Items[0].AllowedActions)
}
