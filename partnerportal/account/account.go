// Package account shows a partner its money: what it has earned, may spend, may still win and is owed, in one call, each figure with the
// system that it comes from and its age.
//
//	pp, err := partnerportal.New("https://portal.example.com", partnerportal.WithClientCredentials(id, secret))
//	…
//	money := account.New(pp)
//	sum, err := money.Summary(ctx, account.SummaryParams{})
//	fmt.Println(sum.RevenueYTD.Value, sum.MDF.Available, sum.OpenPipeline.Value, sum.Commissions.Due)
//	if sum.MDF.Source.Error != "" {
//		// the figure is absent, not zero: nobody knows it now
//	}
//
//	sum, err = money.Summary(ctx, account.SummaryParams{}, partnerportal.IfNoneMatch(sum)) // only if something has changed
//	if errors.Is(err, partnerportal.ErrNotModified) { … }
//
//	for line, err := range money.AllLines(ctx, account.FigureCommissionsDue, account.ListLinesParams{}) { … } // what the figure is made of
//
// # What reconciles
//
// The figures are sums of records that can be listed, at any time and for any currency:
//
//   - OpenPipeline is the sum of the deals whose outcome is open, RevenueYTD that of those won since the year began, unless the finance
//     system or the CRM owns revenue: then it is the sum of their records.
//   - MDF is the balance of the ledger: allocated = available + held + committed + claimed + payable + paid + expired. Where finance owns
//     the balance, available is what finance has posted, minus what was held since.
//   - Commissions.Due is the sum of the commissions that are approved or scheduled.
//   - The lines of a [Payout] add up to its amount and the tax withheld.
//
// Amounts of other currencies than the summary's are never converted; they stand in PerCurrency.
//
// # Commissions
//
// A won deal earns by every [Plan] of its programme that holds on that day, and so does a completed order by those plans that pay on orders. A commission is pending until the vendor approves it, due until it is
// paid by a [Payout], and never changes its amount: what is taken back is a negative commission. Rounding is half to even at the
// currency's smallest unit, once for each commission.
package account

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// The figures of a summary whose records [Client.ListLines] lists.
const (
	FigureRevenueYTD     = "revenue_ytd"
	FigureOpenPipeline   = "open_pipeline"
	FigureMDFAvailable   = "mdf_available"
	FigureCommissionsDue = "commissions_due"
)

// What a portal answers when it refuses, for errors.Is.
const (
	// ErrNothingDue says that there is nothing to pay out, or that claw-backs take all of it.
	ErrNothingDue = partnerportal.ErrorCode("nothing_due")
	// ErrMinimumNotReached says that less is due than the payout's minimum; the problem's members current and minimum are the amounts.
	ErrMinimumNotReached = partnerportal.ErrorCode("minimum_not_reached")
	// ErrReversalExceeds says that more would be taken back than is left of the commission; the problem's member left is that.
	ErrReversalExceeds = partnerportal.ErrorCode("reversal_exceeds")
)

// What happens to a partner's money, as the change feed names it.
const (
	EventCommissionAccrued  = "commission.accrued"  // a deal, an order, a rebate, a correction or a claw-back made one
	EventCommissionApproved = "commission.approved" // it is due
	EventCommissionHeld     = "commission.held"     // the vendor holds it back
	EventCommissionReleased = "commission.released" // it is as it was before
	EventCommissionDisputed = "commission.disputed" // the partner says that it is wrong
	EventCommissionResolved = "commission.resolved" // the vendor has decided on that
	EventCommissionVoided   = "commission.voided"   // it counts no more
	EventCommissionReversed = "commission.reversed" // some or all of it is taken back

	EventPayoutScheduled = "payout.scheduled" // commissions are to be paid, or to be paid again
	EventPayoutCompleted = "payout.completed" // the money has arrived
	EventPayoutFailed    = "payout.failed"    // it has not
	EventPayoutCanceled  = "payout.canceled"  // the commissions are due again

	EventRebateTierReached = "rebate.tier_reached" // the quarter's revenue has reached another rate
	EventRebateSettled     = "rebate.settled"      // the quarter is over: it was missed, or is a commission now
)

// ETag identifies what the summary says, for [partnerportal.IfNoneMatch]. It changes with any figure, and with the day.
func (s *Summary) ETag() string {
	said := *s
	said.GeneratedAt = time.Time{}
	data, err := json.Marshal(&said)
	if err != nil {
		return "" // a summary that was read, or is sent, can be written
	}
	sum := sha256.Sum256(data)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`
}
