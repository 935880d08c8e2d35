package mdf_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	contract "github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
)

// operation is something that a caller may come to do.
type operation struct {
	name string
	do   func(ctx context.Context, rng *rand.Rand) error
}

// operations are all there are, the frequent ones several times.
func (w *turmoil) operations() []operation {
	frequent := []operation{{"ask", w.ask}, {"approve", w.approve}, {"claim", w.claim}, {"approve claim", w.approveClaim}, {"pay", w.pay}}
	return append(slices.Concat(frequent, frequent, frequent), []operation{
		{"allocate", w.allocate}, {"adjust", w.adjust}, {"transfer", w.transfer}, {"accrue", w.accrue},
		{"freeze", w.freeze}, {"unfreeze", w.unfreeze}, {"close", w.closeOne},
		{"send back", w.sendBack}, {"resubmit", w.resubmit}, {"withdraw", w.withdraw}, {"reject", w.reject}, {"cancel", w.cancel},
		{"amend", w.amend}, {"approve amendment", w.approveAmendment}, {"complete", w.complete},
		{"send claim back", w.sendClaimBack}, {"resubmit claim", w.resubmitClaim}, {"withdraw claim", w.withdrawClaim}, {"reject claim", w.rejectClaim},
		{"bounce", w.bounce}, {"a day later", w.dayLater},
	}...)
}

// amount is up to so many dollars, with cents.
func amount(rng *rand.Rand, dollars int64) partnerportal.Money {
	m, err := partnerportal.NewMoney((1+rng.Int64N(dollars*100))*100, "USD")
	if err != nil {
		panic(err)
	}
	return m
}

func (w *turmoil) somebody(rng *rand.Rand) call.Caller {
	return partner(w.partners[rng.IntN(len(w.partners))])
}

// vendorDoes and partnerDoes run an operation whose answer does not matter.
func vendorDoes[T any](ctx context.Context, w *turmoil, do func(ctx context.Context) (T, error)) error {
	_, err := as(ctx, w.room, theVendor, do)
	return err
}

func partnerDoes[T any](ctx context.Context, w *turmoil, what owned, do func(ctx context.Context, id string) (T, error)) error {
	_, err := as(ctx, w.room, what.owner, func(ctx context.Context) (T, error) { return do(ctx, what.id) })
	return err
}

// then puts what an operation succeeded with where others look for it.
func (w *turmoil) then(next *pool, what owned, err error) error {
	if err == nil {
		next.again(what)
	}
	return err
}

func (w *turmoil) allocate(ctx context.Context, rng *rand.Rand) error {
	a, err := as(ctx, w.room, theVendor, func(ctx context.Context) (*contract.Allocation, error) {
		return w.Allocate(ctx, &contract.NewAllocation{
			FundID: w.funds[rng.IntN(2)], PartnerID: w.partners[rng.IntN(len(w.partners))], Amount: amount(rng, 3000),
			ExpiresOn: w.day(20 + rng.IntN(60)),
		})
	})
	if err == nil {
		w.allocations.add(a.ID, a.PartnerID)
	}
	return err
}

func (w *turmoil) accrue(ctx context.Context, rng *rand.Rand) error {
	a, err := as(ctx, w.room, theVendor, func(ctx context.Context) (*contract.Allocation, error) {
		return w.Accrue(ctx, w.funds[3], &contract.Accruing{
			PartnerID: w.partners[rng.IntN(len(w.partners))], Revenue: amount(rng, 4000), Reference: fmt.Sprint(rng.IntN(500)),
		})
	})
	if err == nil {
		w.allocations.add(a.ID, a.PartnerID)
	}
	return err
}

func (w *turmoil) adjust(ctx context.Context, rng *rand.Rand) error {
	m := amount(rng, 500)
	if rng.IntN(2) == 0 {
		m, _ = m.Neg()
	}
	return vendorDoes(ctx, w, func(ctx context.Context) (*contract.Allocation, error) {
		return w.AdjustAllocation(ctx, w.allocations.pick(rng).id, "", &contract.Adjustment{Amount: m, Memo: "so"})
	})
}

func (w *turmoil) transfer(ctx context.Context, rng *rand.Rand) error {
	return vendorDoes(ctx, w, func(ctx context.Context) (*contract.Allocation, error) {
		return w.Transfer(ctx, w.allocations.pick(rng).id, "", &contract.Transferring{ToAllocationID: w.allocations.pick(rng).id, Amount: amount(rng, 800)})
	})
}

func (w *turmoil) freeze(ctx context.Context, rng *rand.Rand) error {
	return vendorDoes(ctx, w, func(ctx context.Context) (*contract.Allocation, error) {
		return w.FreezeAllocation(ctx, w.allocations.pick(rng).id, "", &contract.Note{})
	})
}

func (w *turmoil) unfreeze(ctx context.Context, rng *rand.Rand) error {
	return vendorDoes(ctx, w, func(ctx context.Context) (*contract.Allocation, error) {
		return w.UnfreezeAllocation(ctx, w.allocations.pick(rng).id, "")
	})
}

func (w *turmoil) closeOne(ctx context.Context, rng *rand.Rand) error {
	if rng.IntN(4) > 0 { // or there would be nothing left to do
		return w.unfreeze(ctx, rng)
	}
	return vendorDoes(ctx, w, func(ctx context.Context) (*contract.Allocation, error) {
		return w.CloseAllocation(ctx, w.allocations.pick(rng).id, "", &contract.Note{})
	})
}

func (w *turmoil) ask(ctx context.Context, rng *rand.Rand) error {
	body := contract.NewRequest{Title: "Roadshow"}
	switch rng.IntN(4) {
	case 0:
		body.FundID = w.funds[rng.IntN(len(w.funds))]
	case 1:
		body.AllocationID = w.allocations.pick(rng).id
	}
	for range 1 + rng.IntN(3) {
		starts := max(0, rng.IntN(6)-3)
		body.Activities = append(body.Activities, contract.NewActivity{
			Type: contract.ActivityTypeEvent, StartsOn: w.day(starts), EndsOn: w.day(starts + rng.IntN(3)), Cost: amount(rng, 1200),
			Suppliers: []contract.Supplier{{Name: "Hall Ltd"}},
		})
	}
	r, err := as(ctx, w.room, w.somebody(rng), func(ctx context.Context) (*contract.Request, error) {
		r, err := w.CreateRequest(ctx, &body)
		if err != nil {
			return nil, err
		}
		return w.SubmitRequest(ctx, r.ID, "")
	})
	if err == nil {
		w.asked.add(r.ID, r.PartnerID)
	}
	return err
}

func (w *turmoil) approve(ctx context.Context, rng *rand.Rand) error {
	r, err := as(ctx, w.room, theVendor, func(ctx context.Context) (*contract.Request, error) {
		r, err := w.GetRequest(ctx, w.asked.pick(rng).id)
		if err != nil {
			return nil, err
		}
		var rulings []contract.ActivityRuling
		for _, a := range r.Activities {
			switch rng.IntN(4) {
			case 0:
				rulings = append(rulings, contract.ActivityRuling{ID: a.ID, Rejected: true})
			case 1:
				rulings = append(rulings, contract.ActivityRuling{ID: a.ID, Amount: amount(rng, 400)})
			}
		}
		return w.ApproveRequest(ctx, r.ID, "", &contract.Approval{Activities: rulings})
	})
	if err == nil {
		w.granted.add(r.ID, r.PartnerID)
		w.allocations.add(r.AllocationID, r.PartnerID) // new, of a proposal
	}
	return err
}

func (w *turmoil) sendBack(ctx context.Context, rng *rand.Rand) error {
	of := w.asked.pick(rng)
	return w.then(&w.sentBack, of, vendorDoes(ctx, w, func(ctx context.Context) (*contract.Request, error) {
		return w.RequestChanges(ctx, of.id, "", &contract.ChangeRequest{Message: "more"})
	}))
}

func (w *turmoil) resubmit(ctx context.Context, rng *rand.Rand) error {
	of := w.sentBack.pick(rng)
	return w.then(&w.asked, of, partnerDoes(ctx, w, of, func(ctx context.Context, id string) (*contract.Request, error) {
		if rng.IntN(2) == 0 {
			items := []contract.NewActivity{{Type: contract.ActivityTypeEmail, StartsOn: w.day(rng.IntN(10)), Cost: amount(rng, 1500)}}
			if _, err := w.UpdateRequest(ctx, id, "", &contract.RequestPatch{Activities: partnerportal.Set(items)}); err != nil {
				return nil, err
			}
		}
		return w.ResubmitRequest(ctx, id, "")
	}))
}

func (w *turmoil) withdraw(ctx context.Context, rng *rand.Rand) error {
	return partnerDoes(ctx, w, w.asked.pick(rng), func(ctx context.Context, id string) (*contract.Request, error) {
		return w.WithdrawRequest(ctx, id, "", &contract.Note{})
	})
}

func (w *turmoil) reject(ctx context.Context, rng *rand.Rand) error {
	return vendorDoes(ctx, w, func(ctx context.Context) (*contract.Request, error) {
		return w.RejectRequest(ctx, w.asked.pick(rng).id, "", &contract.Rejection{Text: "no"})
	})
}

func (w *turmoil) cancel(ctx context.Context, rng *rand.Rand) error {
	return partnerDoes(ctx, w, w.granted.pick(rng), func(ctx context.Context, id string) (*contract.Request, error) {
		if rng.IntN(3) == 0 {
			return w.CancelRequest(ctx, id, "", &contract.Note{})
		}
		r, err := w.GetRequest(ctx, id)
		if err != nil {
			return nil, err
		}
		return w.CancelActivity(ctx, id, r.Activities[rng.IntN(len(r.Activities))].ID, "", &contract.Note{})
	})
}

func (w *turmoil) amend(ctx context.Context, rng *rand.Rand) error {
	of := w.granted.pick(rng)
	return w.then(&w.amended, of, partnerDoes(ctx, w, of, func(ctx context.Context, id string) (*contract.Request, error) {
		r, err := w.GetRequest(ctx, id)
		if err != nil {
			return nil, err
		}
		changed := contract.AmendedActivity{ID: r.Activities[rng.IntN(len(r.Activities))].ID, Amount: amount(rng, 500)}
		if rng.IntN(3) == 0 {
			changed = contract.AmendedActivity{Type: contract.ActivityTypePrint, StartsOn: w.day(rng.IntN(9)), Cost: usd("1000"), Amount: amount(rng, 500)}
		}
		return w.AmendRequest(ctx, r.ID, "", &contract.Amending{Reason: "so", Activities: []contract.AmendedActivity{changed}})
	}))
}

func (w *turmoil) approveAmendment(ctx context.Context, rng *rand.Rand) error {
	return vendorDoes(ctx, w, func(ctx context.Context) (*contract.Request, error) {
		return w.ApproveAmendment(ctx, w.amended.pick(rng).id, "", &contract.Note{})
	})
}

func (w *turmoil) complete(ctx context.Context, rng *rand.Rand) error {
	return partnerDoes(ctx, w, w.granted.pick(rng), func(ctx context.Context, id string) (*contract.Request, error) {
		r, err := w.GetRequest(ctx, id)
		if err != nil {
			return nil, err
		}
		return w.CompleteActivity(ctx, r.ID, r.Activities[rng.IntN(len(r.Activities))].ID, "", &contract.Completion{})
	})
}

func (w *turmoil) claim(ctx context.Context, rng *rand.Rand) error {
	of := w.granted.pick(rng)
	k, err := as(ctx, w.room, of.owner, func(ctx context.Context) (*contract.Claim, error) {
		r, err := w.GetRequest(ctx, of.id)
		if err != nil {
			return nil, err
		}
		body := &contract.NewClaim{RequestID: r.ID}
		for range 1 + rng.IntN(2) {
			line := contract.NewClaimLine{
				ActivityID: r.Activities[rng.IntN(len(r.Activities))].ID, InvoiceNumber: fmt.Sprint(rng.IntN(100_000)), Supplier: "Hall Ltd",
				Spent: amount(rng, 900), Final: rng.IntN(4) == 0,
			}
			if rng.IntN(3) == 0 {
				line.Claimed = amount(rng, 300)
			}
			body.Lines = append(body.Lines, line)
		}
		k, err := w.CreateClaim(ctx, body)
		if err != nil {
			return nil, err
		}
		return w.SubmitClaim(ctx, k.ID, "")
	})
	if err == nil {
		w.claims.add(k.ID, k.PartnerID)
	}
	return err
}

func (w *turmoil) sendClaimBack(ctx context.Context, rng *rand.Rand) error {
	of := w.claims.pick(rng)
	return w.then(&w.claimsBack, of, vendorDoes(ctx, w, func(ctx context.Context) (*contract.Claim, error) {
		return w.RequestClaimChanges(ctx, of.id, "", &contract.ChangeRequest{Message: "more"})
	}))
}

func (w *turmoil) resubmitClaim(ctx context.Context, rng *rand.Rand) error {
	of := w.claimsBack.pick(rng)
	return w.then(&w.claims, of, partnerDoes(ctx, w, of, func(ctx context.Context, id string) (*contract.Claim, error) {
		k, err := w.GetClaim(ctx, id)
		if err != nil {
			return nil, err
		}
		if rng.IntN(2) == 0 && len(k.Lines) > 0 {
			l := k.Lines[rng.IntN(len(k.Lines))]
			lines := []contract.NewClaimLine{{ActivityID: l.ActivityID, InvoiceNumber: l.InvoiceNumber, Supplier: l.Supplier, Spent: amount(rng, 900)}}
			if _, err := w.UpdateClaim(ctx, k.ID, "", &contract.ClaimPatch{Lines: partnerportal.Set(lines)}); err != nil {
				return nil, err
			}
		}
		return w.ResubmitClaim(ctx, k.ID, "")
	}))
}

func (w *turmoil) withdrawClaim(ctx context.Context, rng *rand.Rand) error {
	return partnerDoes(ctx, w, w.claims.pick(rng), func(ctx context.Context, id string) (*contract.Claim, error) {
		return w.WithdrawClaim(ctx, id, "", &contract.Note{})
	})
}

func (w *turmoil) rejectClaim(ctx context.Context, rng *rand.Rand) error {
	return vendorDoes(ctx, w, func(ctx context.Context) (*contract.Claim, error) {
		return w.RejectClaim(ctx, w.claims.pick(rng).id, "", &contract.Rejection{Text: "no"})
	})
}

func (w *turmoil) approveClaim(ctx context.Context, rng *rand.Rand) error {
	of := w.claims.pick(rng)
	return w.then(&w.payable, of, vendorDoes(ctx, w, func(ctx context.Context) (*contract.Claim, error) {
		k, err := w.GetClaim(ctx, of.id)
		if err != nil {
			return nil, err
		}
		var rulings []contract.LineRuling
		for _, l := range k.Lines {
			switch rng.IntN(3) {
			case 0:
				rulings = append(rulings, contract.LineRuling{ID: l.ID, Amount: amount(rng, 100)})
			case 1:
				rulings = append(rulings, contract.LineRuling{ID: l.ID, Amount: usd("0.00")})
			}
		}
		return w.ApproveClaim(ctx, k.ID, "", &contract.ClaimApproval{Lines: rulings})
	}))
}

func (w *turmoil) pay(ctx context.Context, rng *rand.Rand) error {
	of := w.payable.pick(rng)
	return w.then(&w.paid, of, vendorDoes(ctx, w, func(ctx context.Context) (*contract.Claim, error) {
		return w.PayClaim(ctx, of.id, "", &contract.Payment{Reference: "PAY"})
	}))
}

func (w *turmoil) bounce(ctx context.Context, rng *rand.Rand) error {
	of := w.paid.pick(rng)
	return w.then(&w.payable, of, vendorDoes(ctx, w, func(ctx context.Context) (*contract.Claim, error) {
		return w.FailPayment(ctx, of.id, "", &contract.PaymentFailure{Reason: "closed"})
	}))
}

// dayLater lets time pass, but not so much that the funds end before the test does.
func (w *turmoil) dayLater(ctx context.Context, rng *rand.Rand) error {
	days := 0
	if w.days.Load() < 110 && rng.IntN(4) == 0 {
		days = 1
	}
	return w.turn(ctx, days)
}
