package mdf

import (
	"cmp"
	"context"
	"slices"
	"time"

	contract "github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// ScheduleClaim plans the payment.
func (s *Service) ScheduleClaim(ctx context.Context, id, ifMatch string, body *contract.Scheduling) (*contract.Claim, error) {
	c := call.From(ctx)
	k, err := openClaimFor(ctx, c, id, contract.ClaimActionSchedule, ifMatch)
	if err != nil {
		return nil, err
	}
	if err := k.enter(c, contract.ClaimActionSchedule, contract.ClaimStatusScheduled); err != nil {
		return nil, err
	}
	k.Settlement = contract.Settlement{
		ScheduledOn: body.ScheduledOn, Reference: body.Reference, Method: cmp.Or(body.Method, k.PayTo.Method, contract.PayoutMethodTransfer),
	}
	k.tell(contract.EventClaimScheduled, map[string]any{"number": k.Number}, "/status", "/settlement")
	return k.answer(ctx, c)
}

// PayClaim records the payment.
func (s *Service) PayClaim(ctx context.Context, id, ifMatch string, body *contract.Payment) (*contract.Claim, error) {
	c := call.From(ctx)
	k, err := openClaimFor(ctx, c, id, contract.ClaimActionPay, ifMatch)
	if err != nil {
		return nil, err
	}
	if err := k.opensRequest(ctx, c); err != nil {
		return nil, err
	}
	f, err := readFund(ctx, c, k.FundID)
	if err != nil {
		return nil, err
	}
	today := f.program.Today(c.Now)
	if body.PaidOn.After(today) {
		return nil, invalid(problem.Field("/paid_on", "out_of_range", "Schedule what is to be paid later."))
	}
	for _, id := range k.paidFor() {
		a := k.request.activity(id)
		what := purpose{requestID: k.RequestID, activityID: id, claimID: k.ID, reference: body.Reference}
		if err := k.settleAmount(ctx, c, contract.EntryTypePay, a, &a.Payable, &a.Paid, what); err != nil {
			return nil, err
		}
	}
	k.request.progress(c)
	if err := k.enter(c, contract.ClaimActionPay, contract.ClaimStatusPaid); err != nil {
		return nil, err
	}
	k.Settlement = contract.Settlement{
		ScheduledOn: k.Settlement.ScheduledOn, PaidOn: cmp.Or(body.PaidOn, today), Reference: body.Reference,
		Method: cmp.Or(body.Method, k.Settlement.Method, k.PayTo.Method, contract.PayoutMethodTransfer),
	}
	k.tell(contract.EventClaimPaid, map[string]any{
		"number": k.Number, "request_id": k.RequestID, "amount": k.ApprovedTotal.Amount(), "currency": k.ApprovedTotal.Currency(),
	}, "/status", "/settlement")
	return k.answer(ctx, c)
}

// FailPayment records that a planned payment failed, or takes back one that bounced.
func (s *Service) FailPayment(ctx context.Context, id, ifMatch string, body *contract.PaymentFailure) (*contract.Claim, error) {
	c := call.From(ctx)
	k, err := openClaimFor(ctx, c, id, contract.ClaimActionFailPayment, ifMatch)
	if err != nil {
		return nil, err
	}
	if k.Status == contract.ClaimStatusPaid {
		if err := k.bounce(ctx, c, body); err != nil {
			return nil, err
		}
	}
	if err := k.enter(c, contract.ClaimActionFailPayment, contract.ClaimStatusPaymentFailed); err != nil {
		return nil, err
	}
	k.Settlement.PaidOn, k.Settlement.Failure = partnerportal.Date{}, body.Reason
	k.tell(contract.EventClaimPaymentFailed, map[string]any{"number": k.Number, "request_id": k.RequestID}, "/status", "/settlement")
	return k.answer(ctx, c)
}

// bounce reverses the entries of the last payment.
func (k *folder) bounce(ctx context.Context, c *call.Call, body *contract.PaymentFailure) error {
	if err := k.opensRequest(ctx, c); err != nil {
		return err
	}
	docs, err := c.Tx.EntriesOfClaim(ctx, store.EntriesOfClaimParams{ClaimID: k.ID, Type: string(contract.EntryTypePay)})
	if err != nil {
		return err
	}
	reversed := map[string]string{} // the last payment of each activity
	for _, doc := range docs {
		e, err := decode[contract.Entry](doc)
		if err != nil {
			return err
		}
		if reversed[e.ActivityID] == "" {
			reversed[e.ActivityID] = e.ID
		}
	}
	for _, id := range k.paidFor() {
		a := k.request.activity(id)
		what := purpose{requestID: k.RequestID, activityID: id, claimID: k.ID, reference: body.Reference, memo: body.Reason, reversalOf: reversed[id]}
		if err := k.settleAmount(ctx, c, contract.EntryTypeReversePayment, a, &a.Paid, &a.Payable, what); err != nil {
			return err
		}
	}
	k.request.ClosedAt = time.Time{}
	k.request.progress(c)
	return nil
}

// paidFor are the activities of which something was approved.
func (k *folder) paidFor() []string {
	return slices.DeleteFunc(k.activities(), func(id string) bool {
		approved, err := k.approvedOf(id, k.ApprovedTotal.Currency())
		return err != nil || approved.Sign() == 0
	})
}

// settleAmount moves what was approved of an activity on the way to being paid, or back.
func (k *folder) settleAmount(ctx context.Context, c *call.Call, t contract.EntryType, a *contract.Activity, from, to *partnerportal.Money, what purpose) error {
	approved, err := k.approvedOf(a.ID, k.ApprovedTotal.Currency())
	if err != nil {
		return err
	}
	if err := k.move(t, from, to, none(approved.Currency()), approved, what); err != nil {
		return err
	}
	return k.request.settle(ctx, c, a)
}
