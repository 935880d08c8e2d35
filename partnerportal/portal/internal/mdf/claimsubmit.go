package mdf

import (
	"context"
	"maps"
	"slices"
	"time"

	contract "github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
)

// SubmitClaim asks to be reimbursed.
func (s *Service) SubmitClaim(ctx context.Context, id, ifMatch string) (*contract.Claim, error) {
	c := call.From(ctx)
	k, err := openClaimFor(ctx, c, id, contract.ClaimActionSubmit, ifMatch)
	if err != nil {
		return nil, err
	}
	if err := k.submit(ctx, c, contract.ClaimActionSubmit); err != nil {
		return nil, err
	}
	return k.answer(ctx, c)
}

// ResubmitClaim asks again, with the changes that the vendor wanted. The deadlines of the activities do not matter any more.
func (s *Service) ResubmitClaim(ctx context.Context, id, ifMatch string) (*contract.Claim, error) {
	c := call.From(ctx)
	k, err := openClaimFor(ctx, c, id, contract.ClaimActionResubmit, ifMatch)
	if err != nil {
		return nil, err
	}
	if err := k.submit(ctx, c, contract.ClaimActionResubmit); err != nil {
		return nil, err
	}
	return k.answer(ctx, c)
}

// submit holds the claim against what was approved, and moves its amounts from committed to claimed.
func (k *folder) submit(ctx context.Context, c *call.Call, action contract.ClaimAction) error {
	if err := k.opensRequest(ctx, c); err != nil {
		return err
	}
	f, err := readFund(ctx, c, k.FundID)
	if err != nil {
		return err
	}
	event := contract.EventClaimResubmitted
	if action == contract.ClaimActionSubmit {
		event = contract.EventClaimSubmitted
		if err := k.inTime(c.Now); err != nil {
			return err
		}
	}
	today := f.program.Today(c.Now)
	if err := k.checkLines(today); err != nil {
		return err
	}
	if err := k.prove(); err != nil {
		return err
	}
	if err := k.mark(ctx, c); err != nil {
		return err
	}
	for _, id := range k.touched() {
		amount, err := k.claimedOf(id, f.Currency)
		if err != nil {
			return err
		}
		if a := k.request.activity(id); a.CompletedOn.IsZero() && amount.Sign() > 0 {
			k.request.finish(a, earlier(today, a.EndsOn))
		}
		if err := k.stand(ctx, c, id, amount); err != nil {
			return err
		}
	}
	k.request.progress(c)
	if err := k.enter(c, action, contract.ClaimStatusSubmitted); err != nil {
		return err
	}
	k.Review.Message, k.Review.Changes, k.Review.ChangesDueAt = "", nil, time.Time{}
	if k.SubmittedAt.IsZero() {
		k.SubmittedAt = c.Now
	}
	if err := k.total(); err != nil {
		return err
	}
	k.tell(event, map[string]any{"number": k.Number, "request_id": k.RequestID, "amount": k.ClaimedTotal.Amount(), "currency": f.Currency}, "/status")
	return nil
}

// inTime refuses a claim for an activity whose time for claims is over.
func (k *folder) inTime(now time.Time) error {
	for i, l := range k.Lines {
		a := k.request.activity(l.ActivityID)
		if now.Before(k.request.Courses[a.ID].DueAt) {
			continue
		}
		e := refuse(contract.ErrClaimWindowClosed, "The activity could be claimed until %v.", a.ClaimDueOn)
		e.Fields = []partnerportal.FieldError{problem.Field(at("/lines", i)+"/activity_id", "out_of_range", e.Detail)}
		return problem.With(e, "closed_on", a.ClaimDueOn)
	}
	return nil
}

// touched are the activities that the claim has money of, or asks for some.
func (k *folder) touched() []string {
	all := slices.Concat(k.activities(), slices.Collect(maps.Keys(k.Standing)))
	slices.Sort(all)
	return slices.Compact(all)
}

// stand makes what the claim has in the account claimed, of one activity, as much as this. What it gives back is committed again,
// or freed if the activity has ended meanwhile.
func (k *folder) stand(ctx context.Context, c *call.Call, activityID string, amount partnerportal.Money) (err error) {
	a, had := k.request.activity(activityID), k.Standing[activityID]
	if had.IsZero() {
		had = none(amount.Currency())
	}
	what := purpose{requestID: k.RequestID, activityID: activityID, claimID: k.ID}
	if less(had, amount) {
		err = k.move(contract.EntryTypeClaim, &a.Committed, &a.Claimed, had, amount, what)
	} else {
		err = k.move(contract.EntryTypeUnclaim, &a.Claimed, &a.Committed, amount, had, what)
	}
	if err != nil {
		return err
	}
	if k.Standing == nil {
		k.Standing = map[string]partnerportal.Money{}
	}
	if k.Standing[activityID] = amount; amount.Sign() == 0 {
		delete(k.Standing, activityID)
	}
	return k.request.settle(ctx, c, a)
}

// accountsOf are the accounts between which money of claims moves.
var accountsOf = map[contract.EntryType][2]contract.Account{
	contract.EntryTypeClaim:          {contract.AccountCommitted, contract.AccountClaimed},
	contract.EntryTypeUnclaim:        {contract.AccountClaimed, contract.AccountCommitted},
	contract.EntryTypeApproveClaim:   {contract.AccountClaimed, contract.AccountPayable},
	contract.EntryTypePay:            {contract.AccountPayable, contract.AccountPaid},
	contract.EntryTypeReversePayment: {contract.AccountPaid, contract.AccountPayable},
}

// move moves the difference of two amounts in the ledger and in the activity alike.
func (k *folder) move(t contract.EntryType, from, to *partnerportal.Money, less, more partnerportal.Money, what purpose) error {
	amount, err := more.Sub(less)
	if err != nil {
		return err
	}
	if *from, err = from.Sub(amount); err != nil {
		return err
	}
	if *to, err = to.Add(amount); err != nil {
		return err
	}
	return k.request.purse.post(t, accountsOf[t][0], accountsOf[t][1], amount, what)
}

// WithdrawClaim takes an undecided claim back.
func (s *Service) WithdrawClaim(ctx context.Context, id, ifMatch string, body *contract.Note) (*contract.Claim, error) {
	c := call.From(ctx)
	k, err := openClaimFor(ctx, c, id, contract.ClaimActionWithdraw, ifMatch)
	if err != nil {
		return nil, err
	}
	k.CloseNote = body.Text
	return k.withdraw(ctx, c, contract.ClaimActionWithdraw, "")
}

func (k *folder) withdraw(ctx context.Context, c *call.Call, action contract.ClaimAction, reason string) (*contract.Claim, error) {
	if err := k.enter(c, action, contract.ClaimStatusWithdrawn); err != nil {
		return nil, err
	}
	if err := k.letGo(ctx, c); err != nil {
		return nil, err
	}
	k.tell(contract.EventClaimWithdrawn, map[string]any{"number": k.Number, "request_id": k.RequestID, "reason": reason}, "/status")
	return k.answer(ctx, c)
}

// letGo gives back what a claim has that will not be approved; its invoices can be claimed anew.
func (k *folder) letGo(ctx context.Context, c *call.Call) error {
	if len(k.Standing) > 0 {
		if err := k.opensRequest(ctx, c); err != nil {
			return err
		}
		for _, id := range slices.Sorted(maps.Keys(k.Standing)) {
			if err := k.stand(ctx, c, id, none(k.Standing[id].Currency())); err != nil {
				return err
			}
		}
		k.request.progress(c)
	}
	if rehearsing(ctx) != nil {
		return nil
	}
	return c.Tx.DropMarks(ctx, k.ID)
}

func earlier(a, b partnerportal.Date) partnerportal.Date {
	if b.Before(a) {
		return b
	}
	return a
}
