package account_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/account"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
)

// Whatever happens, in whatever order, each figure of the summary is the sum of its list.
func TestFiguresReconcile(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.plan("resale", "4.25")
	d.plan("spring", "1", func(p *account.PlanForm) { p.Kind, p.AutoApprove = account.CommissionKindSpiff, true })
	d.plan("growth", "2", func(p *account.PlanForm) { p.Kind, p.AutoApprove = account.CommissionKindRebate, true })
	rapid.Check(t, func(t *rapid.T) {
		h := newHistory(t, d)
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			h.step()
		}
		h.reconcile()
	})
}

// history is what one partner and the vendor do.
type history struct {
	*rapid.T
	*desk

	funded bool
}

// newHistory is that of a new partner in a portal that is already in use.
func newHistory(t *rapid.T, d *desk) *history {
	id := d.Partner(portal.Partner{Name: "Partner", Country: "US"})
	client := d.Client(portal.ClientSpec{PartnerID: id, Name: "CRM"})
	h := &history{T: t, desk: &desk{t: d.t, Portal: d.Portal, books: d.books, desk: d.desk, funds: d.funds,
		money: account.New(client), deals: deals.New(client), mdf: mdf.New(client)}}
	own := *d.Portal
	own.AcmeID = id
	h.Portal = &own
	h.n = int(time.Now().UnixNano() % 1e9 * 1000) // customers of its own, so that no history meets another's conflicts
	return h
}

func (h *history) amount() partnerportal.Money {
	m, err := partnerportal.NewMoney(rapid.Int64Range(1, 9e7).Draw(h.T, "cents")*100, rapid.SampledFrom([]string{"USD", "USD", "EUR"}).Draw(h.T, "currency"))
	require.NoError(h, err)
	return m
}

func (h *history) step() {
	ctx := h.t.Context()
	switch rapid.IntRange(0, 12).Draw(h.T, "step") {
	case 0:
		_, err := h.deals.Create(ctx, deals.Registration{Customer: partnerportal.Organization{Name: "Draft"}, Amount: h.amount(), Probability: rapid.IntRange(0, 100).Draw(h.T, "chance")})
		require.NoError(h, err)
	case 1:
		h.approved(h.amount())
	case 2:
		h.won(h.amount(), partnerportal.DateOf(h.Now()).AddDays(-rapid.IntRange(0, 200).Draw(h.T, "days ago")))
	case 3, 4:
		h.endDeal()
	case 5, 6, 7:
		h.rule()
	case 8, 9:
		h.pay()
	case 10:
		amount := h.amount().Amount()
		h.fund(usd(amount))
		h.fund(partnerportal.MustMoney(amount, "EUR"))
		h.funded = true
	case 11:
		h.ask()
	case 12:
		h.Advance(time.Duration(rapid.IntRange(1, 40).Draw(h.T, "days")) * 24 * time.Hour)
		h.reconcile()
	}
}

// pick is one of some, or nothing of none.
func pick[T any](h *history, of []T, label string) (v T, ok bool) {
	if len(of) == 0 {
		return v, false
	}
	return of[rapid.IntRange(0, len(of)-1).Draw(h.T, label)], true
}

func (h *history) endDeal() {
	ctx := h.t.Context()
	open, err := partnerportal.Collect(h.deals.All(ctx, deals.ListParams{Outcome: []deals.Outcome{deals.OutcomeOpen}}))
	require.NoError(h, err)
	deal, ok := pick(h, open, "deal")
	if !ok {
		return
	}
	switch action, _ := pick(h, deal.AllowedActions, "action"); action {
	case deals.ActionWin:
		_, err = h.deals.Win(ctx, deal.ID, deals.Win{ActualAmount: h.amount(), OrderRef: partnerportal.ExternalRef{System: "erp", ID: deal.ID}})
	case deals.ActionLose:
		_, err = h.deals.Lose(ctx, deal.ID, deals.Loss{Code: deals.LossCodePrice})
	case deals.ActionCancel:
		_, err = h.deals.Cancel(ctx, deal.ID, deals.Closing{})
	case deals.ActionWithdraw:
		_, err = h.deals.Withdraw(ctx, deal.ID, deals.Closing{})
	case deals.ActionDelete:
		err = h.deals.Delete(ctx, deal.ID, partnerportal.IfMatch(&deal))
	case deals.ActionUpdate:
		_, err = h.deals.Update(ctx, deal.ID, deals.Patch{Probability: partnerportal.Set(rapid.IntRange(1, 100).Draw(h.T, "chance"))}, partnerportal.IfMatch(&deal))
	}
	require.NoError(h, err)
}

// rule does with a commission one of the things that either side may.
func (h *history) rule() {
	ctx := h.t.Context()
	params := account.ListCommissionsParams{PartnerID: []string{h.AcmeID}}
	all, err := partnerportal.Collect(h.books.AllCommissions(ctx, params))
	require.NoError(h, err)
	k, ok := pick(h, all, "commission")
	if !ok {
		return
	}
	mine, err := h.money.GetCommission(ctx, k.ID)
	require.NoError(h, err)
	switch action, _ := pick(h, append(k.AllowedActions, mine.AllowedActions...), "action"); action {
	case account.CommissionActionApprove:
		_, err = h.books.ApproveCommission(ctx, k.ID, account.Ruling{})
	case account.CommissionActionHold:
		_, err = h.books.HoldCommission(ctx, k.ID, account.Ruling{Reason: "Wait."})
	case account.CommissionActionRelease:
		_, err = h.books.ReleaseCommission(ctx, k.ID, account.Ruling{})
	case account.CommissionActionVoid:
		_, err = h.books.VoidCommission(ctx, k.ID, account.Ruling{Reason: "No."})
	case account.CommissionActionDispute:
		_, err = h.money.DisputeCommission(ctx, k.ID, account.Dispute{Reason: "More."})
	case account.CommissionActionResolve:
		outcome, _ := pick(h, []account.DisputeOutcome{account.DisputeOutcomeUpheld, account.DisputeOutcomeVoid, account.DisputeOutcomeCorrected}, "outcome")
		right := h.amount()
		right = partnerportal.MustMoney(right.Amount(), k.Amount.Currency())
		_, err = h.books.ResolveDispute(ctx, k.ID, account.Resolution{Outcome: outcome, Amount: right})
	case account.CommissionActionReverse:
		_, err = h.books.ReverseCommission(ctx, k.ID, account.Reversal{Reason: "Returned."})
	}
	require.NoError(h, err)
}

// pay schedules a payout, or goes on with one.
func (h *history) pay() {
	ctx := h.t.Context()
	order := h.order()
	order.Currency = rapid.SampledFrom([]string{"USD", "EUR"}).Draw(h.T, "currency")
	if _, err := h.books.SchedulePayout(ctx, order); err != nil {
		require.ErrorIs(h, err, account.ErrNothingDue)
	}
	all, err := partnerportal.Collect(h.books.AllPayouts(ctx, account.ListPayoutsParams{PartnerID: []string{h.AcmeID}}))
	require.NoError(h, err)
	p, ok := pick(h, all, "payout")
	if !ok {
		return
	}
	switch action, _ := pick(h, p.AllowedActions, "action"); action {
	case account.PayoutActionComplete:
		_, err = h.books.CompletePayout(ctx, p.ID, account.PayoutReport{})
	case account.PayoutActionFail:
		_, err = h.books.FailPayout(ctx, p.ID, account.PayoutFailure{Reason: "No."})
	case account.PayoutActionRetry:
		_, err = h.books.RetryPayout(ctx, p.ID)
	case account.PayoutActionCancel:
		_, err = h.books.CancelPayout(ctx, p.ID, account.PayoutFailure{Reason: "Twice."})
	}
	require.NoError(h, err)
}

// ask asks for funds, which may be more than there is.
func (h *history) ask() {
	if !h.funded {
		return
	}
	day := partnerportal.DateOf(h.Now()).AddDays(30)
	_, err := h.mdf.QuickRequest(h.t.Context(), mdf.QuickRequest{Type: mdf.ActivityTypeEvent, Title: "Roadshow", StartsOn: day, EndsOn: day, Amount: h.amount()})
	if err != nil {
		var e *partnerportal.Error
		require.ErrorAs(h, err, &e)
		require.Less(h, e.Status, 500)
	}
}

// reconcile holds every figure of the summary against the list that it is the sum of.
func (h *history) reconcile() {
	ctx := h.t.Context()
	for _, currency := range []string{"USD", "EUR"} {
		sum, err := h.money.Summary(ctx, account.SummaryParams{Currency: currency})
		require.NoError(h, err)
		h.reconcileDeals(sum)
		h.reconcileCommissions(sum)
		h.reconcileFunds(sum)
		for figure, value := range map[string]partnerportal.Money{
			account.FigureRevenueYTD: sum.RevenueYTD.Value, account.FigureOpenPipeline: sum.OpenPipeline.Value,
			account.FigureCommissionsDue: sum.Commissions.Due, account.FigureMDFAvailable: sum.MDF.Available,
		} {
			require.Equal(h, value, h.lines(figure, currency), "%s in %s", figure, currency)
		}
	}
}

// total adds the amounts that are in a currency.
type total struct{ partnerportal.Money }

func (s *total) add(h *history, m partnerportal.Money) {
	if m.Currency() != s.Currency() {
		return
	}
	var err error
	s.Money, err = s.Add(m)
	require.NoError(h, err)
}

func nothing(currency string) total { return total{partnerportal.MustMoney("0", currency)} }

func (h *history) reconcileDeals(sum *account.Summary) {
	open, won, protected, count := nothing(sum.Currency), nothing(sum.Currency), 0, 0
	for deal, err := range h.deals.All(h.t.Context(), deals.ListParams{Limit: 1000}) {
		require.NoError(h, err)
		switch deal.Outcome {
		case deals.OutcomeOpen:
			open.add(h, deal.Amount)
			count++
			if deal.Status == deals.StatusApproved {
				protected++
			}
		case deals.OutcomeWon:
			// 24:00 of the last day of a year is an instant of the next one, and business of the old.
			if deal.Close.ClosedAt.Add(-time.Microsecond).Year() == h.Now().Year() {
				won.add(h, deal.Close.ActualAmount)
			}
		}
	}
	require.Equal(h, open.Money, sum.OpenPipeline.Value)
	require.Equal(h, won.Money, sum.RevenueYTD.Value)
	require.Equal(h, count, sum.OpenPipeline.Count)
	require.Equal(h, protected, sum.OpenPipeline.ApprovedDeals)
}

func (h *history) reconcileCommissions(sum *account.Summary) {
	pending, due, held, paid := nothing(sum.Currency), nothing(sum.Currency), nothing(sum.Currency), nothing(sum.Currency)
	for k, err := range h.money.AllCommissions(h.t.Context(), account.ListCommissionsParams{Limit: 1000}) {
		require.NoError(h, err)
		switch k.Status {
		case account.CommissionStatusPending:
			pending.add(h, k.Amount)
		case account.CommissionStatusApproved, account.CommissionStatusScheduled:
			due.add(h, k.Amount)
		case account.CommissionStatusOnHold, account.CommissionStatusDisputed:
			held.add(h, k.Amount)
		case account.CommissionStatusPaid, account.CommissionStatusReversed:
			if k.PaidOn.Year == h.Now().Year() {
				paid.add(h, k.Amount)
			}
		}
	}
	c := sum.Commissions
	require.Equal(h, []partnerportal.Money{pending.Money, due.Money, held.Money, paid.Money}, []partnerportal.Money{c.Pending, c.Due, c.OnHold, c.PaidYTD})
	for p, err := range h.money.AllPayouts(h.t.Context(), account.ListPayoutsParams{}) {
		require.NoError(h, err)
		full, err := h.money.GetPayout(h.t.Context(), p.ID)
		require.NoError(h, err)
		lines := nothing(p.Amount.Currency())
		for _, line := range full.Lines {
			lines.add(h, line.Amount)
		}
		require.Equal(h, p.Amount, lines.Money)
	}
}

func (h *history) reconcileFunds(sum *account.Summary) {
	m := sum.MDF
	sheet := nothing(sum.Currency)
	for a, err := range h.mdf.AllAllocations(h.t.Context(), mdf.ListAllocationsParams{}) {
		require.NoError(h, err)
		sheet.add(h, a.Balance.Available)
	}
	require.Equal(h, sheet.Money, m.Available)
	parts := nothing(sum.Currency)
	for _, part := range []partnerportal.Money{m.Available, m.Held, m.Committed, m.Claimed, m.Payable, m.Paid, m.Expired} {
		parts.add(h, part)
	}
	require.Equal(h, m.Allocated, parts.Money)
}
