package mdf

import (
	"cmp"
	"fmt"
	"slices"

	contract "github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
)

// noticeDays are the days before a deadline on which partners are told.
func (f *fund) noticeDays() []int { return f.Rules.NoticeDays }

// complete fills in what was not said, so that the rules that hold can be read.
func (f *fund) complete() {
	r := &f.Rules
	r.MaxReimbursementPercent = cmp.Or(r.MaxReimbursementPercent, "50")
	r.ClaimDueDays = cmp.Or(r.ClaimDueDays, 45)
	r.ChangesDueDays = cmp.Or(r.ChangesDueDays, 14)
	if f.Kind == contract.FundKindProposalBased {
		r.HoldOn = cmp.Or(r.HoldOn, contract.HoldOnApproval)
	}
	r.HoldOn = cmp.Or(r.HoldOn, contract.HoldOnSubmit)
	r.Unclaimed = cmp.Or(r.Unclaimed, contract.UnclaimedExpire)
	if len(r.NoticeDays) == 0 {
		r.NoticeDays = []int{30, 14, 7, 1}
	}
	if len(r.Proof) == 0 {
		r.Proof = []contract.ProofRule{{Requirements: []contract.ProofRequirement{{ID: "invoice", Kind: contract.ProofKindInvoice, Mandatory: true}}}}
	}
	for i := range r.Proof {
		for j := range r.Proof[i].Requirements {
			r.Proof[i].Requirements[j].MinCount = max(1, r.Proof[i].Requirements[j].MinCount)
		}
	}
	if f.Period.ClaimBy.IsZero() && !f.Period.SpendTo.IsZero() {
		f.Period.ClaimBy = f.Period.SpendTo.AddDays(r.ClaimDueDays)
	}
	if f.Kind == contract.FundKindAccrual {
		f.Accrual.BelowMinimum = cmp.Or(f.Accrual.BelowMinimum, contract.BelowMinimumCarryOver)
	}
}

// check holds a fund against what its rules must be.
func (f *fund) check() error {
	a := amounts{currency: f.Currency}
	a.check("/rules/min_request", f.Rules.MinRequest)
	a.check("/rules/max_request", f.Rules.MaxRequest)
	a.check("/accrual/minimum_payout", f.Accrual.MinimumPayout)
	a.check("/budget", f.Budget)
	if err := a.err(); err != nil {
		return err
	}
	faults := slices.Concat(f.checkPeriod(), f.checkAccrual(), f.checkProof())
	if f.Name == "" {
		faults = append(faults, problem.Field("/name", "required", "Name the fund."))
	}
	if f.Kind == contract.FundKindProposalBased && f.Rules.HoldOn == contract.HoldOnSubmit {
		faults = append(faults, problem.Field("/rules/hold_on", "not_permitted", "Proposals compete for the budget until they are approved; nothing is held for them."))
	}
	if basisPoints(f.Rules.MaxReimbursementPercent) == 0 {
		faults = append(faults, problem.Field("/rules/max_reimbursement_percent", "out_of_range", "Give more than nothing."))
	}
	if !f.Rules.MinRequest.IsZero() && !f.Rules.MaxRequest.IsZero() && less(f.Rules.MaxRequest, f.Rules.MinRequest) {
		faults = append(faults, problem.Field("/rules/max_request", "out_of_range", "The largest request must not be smaller than the smallest."))
	}
	if len(faults) > 0 {
		return invalid(faults...)
	}
	return nil
}

func (f *fund) checkPeriod() (faults []partnerportal.FieldError) {
	p := f.Period
	inOrder := func(pointer string, earlier, later partnerportal.Date, message string) {
		if later.Before(earlier) {
			faults = append(faults, problem.Field(pointer, "out_of_range", message))
		}
	}
	inOrder("/period/spend_to", p.SpendFrom, p.SpendTo, "Spending must not end before it begins.")
	inOrder("/period/claim_by", p.SpendTo, p.ClaimBy, "Claims must be possible until spending ends.")
	inOrder("/period/earn_to", p.EarnFrom, p.EarnTo, "Earning must not end before it begins.")
	inOrder("/period/spend_to", p.EarnTo, p.SpendTo, "Spending must not end before earning does.")
	return faults
}

func (f *fund) checkAccrual() (faults []partnerportal.FieldError) {
	earns := f.Kind == contract.FundKindAccrual
	if earns && basisPoints(f.Accrual.Percent) == 0 {
		faults = append(faults, problem.Field("/accrual/percent", "required", "Say which share of the revenue an accrual fund pays."))
	}
	if earns && (f.Period.EarnFrom.IsZero() || f.Period.EarnTo.IsZero()) {
		faults = append(faults, problem.Field("/period/earn_from", "required", "Say when an accrual fund is earned."))
	}
	if !earns && f.Accrual != (contract.Accrual{}) {
		faults = append(faults, problem.Field("/accrual", "not_permitted", "Only accrual funds are earned."))
	}
	return faults
}

func (f *fund) checkProof() (faults []partnerportal.FieldError) {
	types := map[contract.ActivityType]bool{}
	for i, rule := range f.Rules.Proof {
		if types[rule.ActivityType] {
			faults = append(faults, problem.Field(fmt.Sprintf("/rules/proof/%d/activity_type", i), "duplicate_key", "Give each kind of activity one rule."))
		}
		types[rule.ActivityType] = true
		names := map[string]bool{}
		for j, r := range rule.Requirements {
			if names[r.ID] {
				faults = append(faults, problem.Field(fmt.Sprintf("/rules/proof/%d/requirements/%d/id", i, j), "duplicate_key", "Name each requirement once."))
			}
			names[r.ID] = true
		}
	}
	return faults
}

// proofOf is the proof that an activity of a kind needs: that of its own rule, or of the rule for all others.
func (f *fund) proofOf(kind contract.ActivityType) []contract.ProofRequirement {
	var others []contract.ProofRequirement
	for _, rule := range f.Rules.Proof {
		switch rule.ActivityType {
		case kind:
			return rule.Requirements
		case "":
			others = rule.Requirements
		}
	}
	return others
}
