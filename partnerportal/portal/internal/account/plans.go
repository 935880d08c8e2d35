package account

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	contract "github.com/partnerportal/partnerportal-go/partnerportal/account"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// usualDueDays is when a commission is due if its plan does not say.
const usualDueDays = 30

// ListPlans returns a page of plans: those of a partner's programme, or all of them to the vendor.
func (s *Service) ListPlans(ctx context.Context, params *contract.ListPlansParams) (*contract.PlanPage, error) {
	c := call.From(ctx)
	q := store.Query{Table: "commission_plans", Sort: "created_at", Page: store.Page{Cursor: params.Cursor, Limit: params.Limit, Segment: params.Segment}}
	if !c.Caller.Vendor() {
		partner, err := directory.LoadPartner(ctx, c.Tx, c.Caller.PartnerID)
		if err != nil {
			return nil, err
		}
		q.Where("program_id = ?", partner.ProgramID)
	}
	items, next, err := store.List(ctx, c.Tx, q, func(dest func(...any) error) (contract.Plan, error) {
		p, err := scanDoc[contract.Plan](dest)
		if err != nil {
			return contract.Plan{}, err
		}
		return *p, nil
	})
	if err != nil {
		return nil, err
	}
	return &contract.PlanPage{Items: items, Page: partnerportal.PageInfo{NextCursor: next}}, nil
}

// PutPlan keeps a plan for what is won from now on.
func (s *Service) PutPlan(ctx context.Context, planID string, body *contract.PlanForm) (*contract.Plan, error) {
	c := call.From(ctx)
	if !c.Caller.Vendor() {
		return nil, problem.WrongSide(c.Caller.Side)
	}
	if err := checkPlan(planID, body); err != nil {
		return nil, err
	}
	if _, err := directory.Load(ctx, c.Tx, body.ProgramID); err != nil {
		return nil, err
	}
	if err := c.Tx.Lock(ctx, "plan "+planID); err != nil {
		return nil, err
	}
	p := &contract.Plan{
		ID: planID, Revision: 1, CreatedAt: c.Now, UpdatedAt: c.Now, Name: body.Name, ProgramID: body.ProgramID, Kind: body.Kind, Rates: body.Rates,
		Cap: body.Cap, DueDays: body.DueDays, EarnedOn: body.EarnedOn, AutoApprove: body.AutoApprove, EffectiveFromOn: body.EffectiveFromOn, EffectiveToOn: body.EffectiveToOn,
	}
	switch before, err := readPlan(ctx, c.Tx, planID); {
	case err == nil:
		if earnedOn(p) != earnedOn(before) {
			return nil, problem.Invalid("/earned_on", "not_permitted", "A deal would earn by its order and by its win. End the plan, and make another.")
		}
		p.Revision, p.CreatedAt = before.Revision+1, before.CreatedAt
	case !errors.Is(err, store.ErrNotFound):
		return nil, err
	}
	doc, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	return p, c.Tx.PutPlan(ctx, store.PutPlanParams{
		ID: planID, Bucket: store.Bucket(planID), ProgramID: p.ProgramID, Revision: p.Revision, CreatedAt: store.Micros(p.CreatedAt), Doc: string(doc),
	})
}

func readPlan(ctx context.Context, tx *store.Tx, id string) (*contract.Plan, error) {
	doc, err := tx.Plan(ctx, id)
	if err != nil {
		return nil, err
	}
	p := new(contract.Plan)
	return p, json.Unmarshal([]byte(doc), p)
}

// checkPlan refuses a plan that would be read in two ways: each range begins above the one before, and all money is in one currency.
func checkPlan(id string, p *contract.PlanForm) error {
	var f problem.Fields
	f.Identifier("/id", id)
	f.Text("/name", p.Name, 120)
	problem.OneOf(&f, "/kind", p.Kind, contract.CommissionKindCommission, contract.CommissionKindSpiff, contract.CommissionKindRebate)
	if p.EarnedOn != "" {
		problem.OneOf(&f, "/earned_on", p.EarnedOn, contract.TriggerDealWon, contract.TriggerOrderCompleted)
	}
	if len(p.Rates) == 0 {
		f.Add("/rates", "required", "Give at least one rate.")
	}
	if p.EffectiveToOn.Before(p.EffectiveFromOn) && !p.EffectiveToOn.IsZero() {
		f.Add("/effective_to_on", "out_of_range", "The last day is before the first.")
	}
	currency := planCurrency(p.Rates, p.Cap)
	if !p.Cap.IsZero() && !isPayable(p.Cap) {
		f.Add("/cap", "out_of_range", "Give a cap above zero, no finer than the currency's smallest unit.")
	}
	var begins int64
	for i, r := range p.Rates {
		pointer := fmt.Sprintf("/rates/%d", i)
		if n, err := percent(r.Percent); err != nil || n < 0 || n > 100_0000 {
			f.Add(pointer+"/percent", "out_of_range", "Give a percentage from 0 to 100 with at most four decimals.")
		}
		if !r.From.IsZero() && r.From.Currency() != currency {
			f.Add(pointer+"/from", "currency_mismatch", "Give all amounts of a plan in one currency.")
		}
		if i > 0 && r.From.TenThousandths() <= begins {
			f.Add(pointer+"/from", "out_of_range", "Each range begins above the one before.")
		}
		if r.From.Sign() < 0 {
			f.Add(pointer+"/from", "out_of_range", "Give an amount that is not below zero.")
		}
		begins = r.From.TenThousandths()
	}
	if !p.Cap.IsZero() && p.Cap.Currency() != currency {
		f.Add("/cap", "currency_mismatch", "Give all amounts of a plan in one currency.")
	}
	return f.Err()
}

// planCurrency is the currency of a plan's money, "" when it has none and so holds for any.
func planCurrency(rates []contract.Rate, limit partnerportal.Money) string {
	for _, r := range rates {
		if !r.From.IsZero() {
			return r.From.Currency()
		}
	}
	return limit.Currency()
}

// holds says that a plan pays for what was won on a day in a currency.
func holds(p *contract.Plan, on partnerportal.Date, currency string) bool {
	if own := planCurrency(p.Rates, p.Cap); own != "" && own != currency {
		return false
	}
	return !on.Before(p.EffectiveFromOn) && (p.EffectiveToOn.IsZero() || !on.After(p.EffectiveToOn))
}

// earned is what a plan pays for an amount: the rate of the last range that the amount reaches, for all of it, rounded half to even to
// what can be paid, and no more than the cap.
func earned(p *contract.Plan, amount partnerportal.Money) (rate string, pays partnerportal.Money, err error) {
	for _, r := range p.Rates {
		if r.From.TenThousandths() <= amount.TenThousandths() {
			rate = r.Percent
		}
	}
	if rate == "" {
		pays, err = partnerportal.NewMoney(0, amount.Currency())
		return "", pays, err
	}
	n, err := percent(rate)
	if err != nil {
		return "", pays, err
	}
	if pays, err = amount.Share(n, 100_0000); err != nil {
		return "", pays, err
	}
	if !p.Cap.IsZero() && pays.TenThousandths() > p.Cap.TenThousandths() {
		pays = p.Cap
	}
	return rate, pays, nil
}
