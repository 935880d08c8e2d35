package portal_test

import (
	"io"

	"github.com/stretchr/testify/assert"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/account"
)

// money: deals are won, their commissions argued about and paid, and some of it taken back.
func (s *story) money() {
	t, ctx, acme, vendor := s.t, s.ctx, s.acme.account, s.vendor.account
	commission, payout := did[account.Commission](s), did[account.Payout](s)
	usd := func(amount string) partnerportal.Money { return partnerportal.MustMoney(amount, "USD") }

	did[account.Plan](s)(vendor.PutPlan(ctx, "resale", account.PlanForm{Name: "Resale", ProgramID: "default", Kind: account.CommissionKindCommission, Rates: []account.Rate{{Percent: "4"}}}))
	did[account.Plan](s)(vendor.PutPlan(ctx, "growth", account.PlanForm{Name: "Growth", ProgramID: "default", Kind: account.CommissionKindRebate, Rates: []account.Rate{{Percent: "1"}}}))
	assert.Len(t, did[account.PlanPage](s)(acme.ListPlans(ctx, account.ListPlansParams{})).Items, 2)
	earn := func(domain string) *account.Commission {
		t.Helper()
		deal := s.approved(domain)
		did[deals.Deal](s)(s.acme.deals.Win(ctx, deal.ID, deals.Win{ActualAmount: usd("1000"), OrderRef: partnerportal.ExternalRef{System: "erp", ID: domain}}))
		page := did[account.CommissionPage](s)(acme.ListCommissions(ctx, account.ListCommissionsParams{DealID: deal.ID}))
		return &page.Items[0]
	}
	k := earn("vandelay.com")
	k = commission(vendor.ApproveCommission(ctx, k.ID, account.Ruling{}, partnerportal.IfMatch(k)))
	_, err := vendor.ApproveCommission(ctx, k.ID, account.Ruling{})
	s.refused("invalid_state", err)
	commission(vendor.HoldCommission(ctx, k.ID, account.Ruling{Reason: "Wait."}))
	commission(vendor.ReleaseCommission(ctx, k.ID, account.Ruling{}))
	commission(acme.DisputeCommission(ctx, k.ID, account.Dispute{Reason: "It was more.", Expected: usd("60")}))
	commission(vendor.ResolveDispute(ctx, k.ID, account.Resolution{Outcome: account.DisputeOutcomeCorrected, Amount: usd("60")}))
	commission(vendor.VoidCommission(ctx, earn("kramerica.com").ID, account.Ruling{Reason: "Canceled."}))
	k = commission(acme.GetCommission(ctx, k.ID))
	assert.Equal(t, account.CommissionStatusVoid, k.Status)
	rebates := did[account.RebatePage](s)(acme.ListRebates(ctx, account.ListRebatesParams{}))
	assert.Equal(t, usd("20"), did[account.Rebate](s)(acme.GetRebate(ctx, rebates.Items[0].ID)).Accrued)

	today := partnerportal.DateOf(s.p.Now())
	order := account.PayoutOrder{PartnerID: s.acmeID, Currency: "USD", PeriodToOn: today, ScheduledOn: today, Minimum: usd("100")}
	_, err = vendor.SchedulePayout(ctx, order)
	s.refused("minimum_not_reached", err)
	order.Minimum = partnerportal.Money{}
	p := payout(vendor.SchedulePayout(ctx, order))
	_, err = vendor.SchedulePayout(ctx, order)
	s.refused("nothing_due", err)
	payout(vendor.CancelPayout(ctx, p.ID, account.PayoutFailure{Reason: "The wrong month."}))
	p = payout(vendor.SchedulePayout(ctx, order))
	payout(vendor.FailPayout(ctx, p.ID, account.PayoutFailure{Reason: "The account is closed."}))
	payout(vendor.RetryPayout(ctx, p.ID))
	payout(vendor.CompletePayout(ctx, p.ID, account.PayoutReport{TraceID: "TRX-1"}))
	assert.Len(t, did[account.PayoutPage](s)(acme.ListPayouts(ctx, account.ListPayoutsParams{})).Items, 2)
	p = payout(acme.GetPayout(ctx, p.ID))
	statement := did[partnerportal.Download](s)(acme.Statement(ctx, p.ID))
	text, err := io.ReadAll(statement)
	s.ok(err)
	s.ok(statement.Close())
	assert.Contains(t, string(text), p.Number+",total,,,,,60.00,USD,\r\n")
	_, err = vendor.ReverseCommission(ctx, p.Lines[0].CommissionID, account.Reversal{Reason: "Returned.", Amount: usd("61")})
	s.refused("reversal_exceeds", err)
	commission(vendor.ReverseCommission(ctx, p.Lines[0].CommissionID, account.Reversal{Reason: "Returned."}))

	sum := did[account.Summary](s)(acme.Summary(ctx, account.SummaryParams{}))
	assert.Equal(t, usd("-60"), sum.Commissions.Due)
	assert.Equal(t, usd("60"), sum.Commissions.PaidYTD)
	_, err = acme.Summary(ctx, account.SummaryParams{}, partnerportal.IfNoneMatch(sum))
	assert.ErrorIs(t, err, partnerportal.ErrNotModified)
	for _, figure := range []string{account.FigureRevenueYTD, account.FigureOpenPipeline, account.FigureMDFAvailable, account.FigureCommissionsDue} {
		did[account.LinePage](s)(vendor.ListLines(ctx, figure, account.ListLinesParams{PartnerID: s.acmeID}))
	}
	did[account.Profile](s)(acme.Profile(ctx, account.ProfileParams{}))
	did[account.Sources](s)(acme.Sources(ctx))
}
