package mdf

import (
	"context"
	"fmt"
	"slices"

	contract "github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
)

// setLines replaces the invoices of a claim, completed by what the request says.
func (k *folder) setLines(ctx context.Context, c *call.Call, r *request, items []contract.NewClaimLine) error {
	check := amounts{currency: r.currency()}
	known := k.Lines
	k.Lines = []contract.ClaimLine{}
	for i, item := range items {
		where := at("/lines", i)
		a := r.activity(item.ActivityID)
		if a == nil || a.Decision == contract.ActivityDecisionRejected {
			return invalid(problem.Field(where+"/activity_id", "invalid_value", "Name one of the request's approved activities."))
		}
		check.check(where+"/spent", item.Spent)
		check.check(where+"/claimed", item.Claimed)
		line := contract.ClaimLine{
			ID: ids.New(ids.ClaimLine, c.Now), ActivityID: a.ID, InvoiceNumber: item.InvoiceNumber, InvoicedOn: item.InvoicedOn,
			Supplier: item.Supplier, Spent: item.Spent, TaxExcluded: item.TaxExcluded, Claimed: item.Claimed, Final: item.Final,
		}
		if line.Supplier == "" && len(a.Suppliers) == 1 {
			line.Supplier = a.Suppliers[0].Name
		}
		if line.Supplier == "" {
			check.faults = append(check.faults, problem.Field(where+"/supplier", "required", "Say who wrote the invoice; the request does not."))
		}
		var err error
		if line.Evidence, err = evidence(ctx, c, k, known, item.Evidence, where); err != nil {
			return err
		}
		k.Lines = append(k.Lines, line)
	}
	if err := check.err(); err != nil {
		return err
	}
	if err := releaseFiles(ctx, c, k.PartnerID, filesOf(known), filesOf(k.Lines)); err != nil {
		return err
	}
	return k.fillClaimed(r)
}

// fillClaimed claims what the percentage gives, up to what is left, for the lines that do not say how much.
func (k *folder) fillClaimed(r *request) error {
	for i := range k.Lines {
		l := &k.Lines[i]
		if !l.Claimed.IsZero() {
			continue
		}
		most, err := k.most(r, l.ActivityID)
		if err != nil {
			return err
		}
		if l.Claimed, err = share(l.Spent, r.activity(l.ActivityID).ReimbursementPercent); err != nil {
			return err
		}
		l.Claimed = smaller(l.Claimed, most)
		if l.Claimed.Sign() <= 0 {
			return exceeds(at("/lines", i)+"/activity_id", l.ActivityID, most)
		}
	}
	return nil
}

// most is what more could be claimed of an activity: what is committed, and what this claim has of it already, less its lines.
func (k *folder) most(r *request, activityID string) (partnerportal.Money, error) {
	left := r.activity(activityID).Committed
	if had, ok := k.Standing[activityID]; ok {
		var err error
		if left, err = left.Add(had); err != nil {
			return left, err
		}
	}
	used, err := k.claimedOf(activityID, left.Currency())
	if err != nil {
		return left, err
	}
	return left.Sub(used)
}

// claimedOf is what the lines claim of an activity.
func (k *folder) claimedOf(activityID, currency string) (partnerportal.Money, error) {
	return sum(currency, k.Lines, func(l *contract.ClaimLine) partnerportal.Money {
		if l.ActivityID != activityID {
			return partnerportal.Money{}
		}
		return l.Claimed
	})
}

// activities are those that the claim is about, each once.
func (k *folder) activities() []string {
	var all []string
	for _, l := range k.Lines {
		if !slices.Contains(all, l.ActivityID) {
			all = append(all, l.ActivityID)
		}
	}
	return all
}

// checkLines holds the lines against what was approved.
func (k *folder) checkLines(today partnerportal.Date) error {
	if len(k.Lines) == 0 {
		return invalid(problem.Field("/lines", "too_few", "Add the invoices."))
	}
	for i := range k.Lines {
		l, where := &k.Lines[i], at("/lines", i)
		a := k.request.activity(l.ActivityID)
		if k.twice(i) {
			return invalid(problem.Field(where+"/invoice_number", "duplicate_key", "Give an invoice once for each activity, with all that is claimed of it."))
		}
		if today.Before(a.StartsOn) {
			return problem.With(refuse(contract.ErrActivityNotStarted, "The activity begins on %v.", a.StartsOn), "starts_on", a.StartsOn)
		}
		most, err := share(l.Spent, a.ReimbursementPercent)
		if err != nil {
			return err
		}
		if less(most, l.Claimed) {
			return tooMuch(where+"/claimed", fmt.Sprintf("%s %% of %v are %v.", a.ReimbursementPercent, l.Spent, most))
		}
		rest, err := k.most(&k.request.request, l.ActivityID)
		if err != nil {
			return err
		}
		if rest.Sign() < 0 {
			possible, err := rest.Add(l.Claimed)
			if err != nil {
				return err
			}
			return exceeds(where+"/claimed", l.ActivityID, possible)
		}
	}
	return nil
}

// exceeds refuses to claim more than is left of what was approved.
func exceeds(pointer, activityID string, most partnerportal.Money) error {
	if most.Sign() < 0 {
		most = none(most.Currency())
	}
	e := refuse(contract.ErrClaimExceedsApproved, "%v are left of what was approved.", most)
	e.Fields = []partnerportal.FieldError{problem.Field(pointer, "out_of_range", e.Detail)}
	return problem.With(problem.With(e, "max", most), "activity_id", activityID)
}
