package mdf

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"time"

	contract "github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
)

// complete fills in what follows from the fund: the percentage, and the amount or the cost that it gives.
func (d *dossier) complete(f *fund) error {
	d.FundID = f.ID
	for i := range d.Activities {
		a := &d.Activities[i]
		a.ReimbursementPercent = cmp.Or(a.ReimbursementPercent, f.Rules.MaxReimbursementPercent)
		if basisPoints(a.ReimbursementPercent) == 0 {
			return invalid(problem.Field(at("/activities", i)+"/reimbursement_percent", "out_of_range", "Ask for more than nothing."))
		}
		var err error
		switch {
		case a.RequestedAmount.IsZero():
			a.RequestedAmount, err = share(a.Cost, a.ReimbursementPercent)
		case a.Cost.IsZero():
			a.Cost, err = leastCost(a.RequestedAmount, a.ReimbursementPercent)
		}
		if err != nil {
			return err
		}
	}
	return d.total()
}

// checkAsk holds what is asked for against the rules of the fund.
func (d *dossier) checkAsk(f *fund, now time.Time) error {
	if d.SubmittedAt.IsZero() { // what was sent back may come again, although nothing new may
		if err := f.mustBeOpen(); err != nil {
			return err
		}
	}
	a := amounts{currency: f.Currency}
	for i := range d.Activities {
		a.check(fmt.Sprintf("/activities/%d/cost", i), d.Activities[i].Cost)
		a.check(fmt.Sprintf("/activities/%d/requested_amount", i), d.Activities[i].RequestedAmount)
	}
	if err := a.err(); err != nil {
		return err
	}
	for i := range d.Activities {
		if err := f.checkActivity(&d.Activities[i], fmt.Sprintf("/activities/%d", i), now); err != nil {
			return err
		}
	}
	return f.checkSize(d.RequestedTotal)
}

// checkActivity holds one activity against the rules of the fund.
func (f *fund) checkActivity(a *contract.Activity, at string, now time.Time) error {
	r := &f.Rules
	if len(r.AllowedActivityTypes) > 0 && !slices.Contains(r.AllowedActivityTypes, a.Type) {
		return invalid(problem.Field(at+"/type", "not_permitted", "The fund does not pay for this kind of activity."))
	}
	if err := f.checkShare(a, at); err != nil {
		return err
	}
	if a.StartsOn.Before(f.Period.SpendFrom) || a.EndsOn.After(f.Period.SpendTo) {
		return outside(at, f.Period.SpendFrom, f.Period.SpendTo)
	}
	return f.checkApproved(a, at, now)
}

// checkShare holds what is asked for against the percentage of the cost that is reimbursed.
func (f *fund) checkShare(a *contract.Activity, at string) error {
	if basisPoints(a.ReimbursementPercent) > basisPoints(f.Rules.MaxReimbursementPercent) {
		return tooMuch(at+"/reimbursement_percent", fmt.Sprintf("The fund reimburses at most %s %%.", f.Rules.MaxReimbursementPercent))
	}
	most, err := share(a.Cost, a.ReimbursementPercent)
	if err != nil {
		return err
	}
	if less(most, a.RequestedAmount) {
		return tooMuch(at+"/requested_amount", fmt.Sprintf("%s %% of the cost are %v.", a.ReimbursementPercent, most))
	}
	return nil
}

// checkApproved refuses an activity that begins before it is approved, unless the fund allows that; and one that could not be claimed
// any more, as its money would expire at once.
func (f *fund) checkApproved(a *contract.Activity, at string, now time.Time) error {
	if !f.Rules.AllowRetroactive && a.StartsOn.Before(f.program.Today(now)) {
		return faulty(contract.ErrPreApprovalRequired, at+"/starts_on", "An activity must be approved before it begins.")
	}
	if due := f.claimDue(a); !now.Before(f.endOf(due)) {
		e := refuse(contract.ErrClaimWindowClosed, "The activity could be claimed until %v.", due)
		e.Fields = []partnerportal.FieldError{problem.Field(at+"/ends_on", "out_of_range", e.Detail)}
		return problem.With(e, "closed_on", due)
	}
	return nil
}

// checkSize holds the total against the smallest and largest request.
func (f *fund) checkSize(total partnerportal.Money) error {
	r := &f.Rules
	if !r.MinRequest.IsZero() && less(total, r.MinRequest) {
		return invalid(problem.Field("/activities", "out_of_range", fmt.Sprintf("Ask for at least %v in all.", r.MinRequest)))
	}
	if !r.MaxRequest.IsZero() && less(r.MaxRequest, total) {
		return invalid(problem.Field("/activities", "out_of_range", fmt.Sprintf("Ask for at most %v in all.", r.MaxRequest)))
	}
	return nil
}

func outside(at string, from, to partnerportal.Date) error {
	return faulty(contract.ErrActivityOutsidePeriod, at+"/starts_on", fmt.Sprintf("An activity must lie between %v and %v.", from, to))
}

func tooMuch(pointer, message string) error {
	return faulty(contract.ErrPercentExceeded, pointer, message)
}

// faulty refuses the content of a request with a code of its own.
func faulty(code partnerportal.ErrorCode, pointer, message string) error {
	e := problem.New(http.StatusUnprocessableEntity, code, message)
	e.Fields = []partnerportal.FieldError{problem.Field(pointer, "out_of_range", message)}
	return e
}
