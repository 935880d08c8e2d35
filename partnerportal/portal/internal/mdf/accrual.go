package mdf

import (
	"context"
	"errors"
	"fmt"
	"time"

	contract "github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// A co-op fund is earned in one period and spent in another. What a partner earns goes into its accruing allocation, which nothing
// can be asked of; when the earning period is over the fund's rule decides what becomes of it.

// Accrue adds the fund's share of a partner's revenue to what the partner has earned.
func (s *Service) Accrue(ctx context.Context, fundID string, body *contract.Accruing) (*contract.Allocation, error) {
	c := call.From(ctx)
	f, err := openFund(ctx, c, fundID)
	if err != nil {
		return nil, err
	}
	if err := f.mustBeOpen(); err != nil {
		return nil, err
	}
	if f.Kind != contract.FundKindAccrual {
		return nil, invalidState("fund", f.Status, contract.FundActionAccrue, f.allowed(c))
	}
	if !c.Now.Before(f.endOf(f.Period.EarnTo)) {
		return nil, refuse(contract.ErrFundNotOpen, "The fund was earned until %v.", f.Period.EarnTo)
	}
	if err := hasPartner(ctx, c, body.PartnerID); err != nil {
		return nil, err
	}
	a := amounts{currency: f.Currency}
	a.check("/revenue", body.Revenue)
	if err := a.err(); err != nil {
		return nil, err
	}
	earned, err := share(body.Revenue, f.Accrual.Percent)
	if err != nil {
		return nil, err
	}
	if earned.Sign() == 0 {
		return nil, invalid(problem.Field("/revenue", "out_of_range", fmt.Sprintf("%s %% of it is less than can be paid.", f.Accrual.Percent)))
	}
	p, err := f.accruing(ctx, c, body.PartnerID)
	if err != nil {
		return nil, err
	}
	if err := p.countOnce(ctx, c, body.Reference); err != nil {
		return nil, err
	}
	if err := f.grant(earned); err != nil {
		return nil, err
	}
	if err := p.post(contract.EntryTypeAccrue, contract.AccountFunding, contract.AccountAvailable, earned, purpose{reference: body.Reference, memo: body.Memo}); err != nil {
		return nil, err
	}
	return p.answer(ctx, c, contract.EventAccrued, map[string]any{"fund_id": f.ID, "amount": earned.Amount(), "currency": p.Currency})
}

// accruing takes out the partner's accruing allocation of a fund, or makes it. The lock of the fund keeps it the only one.
func (f *fund) accruing(ctx context.Context, c *call.Call, partnerID string) (*purse, error) {
	own, err := allocationsOf(ctx, c, partnerID, f.ID)
	if err != nil {
		return nil, err
	}
	for _, a := range own {
		if a.Status == contract.AllocationStatusAccruing {
			return openPurse(ctx, c, a.ID)
		}
	}
	p, err := newPurse(c, f, partnerID)
	if err != nil {
		return nil, err
	}
	p.Status = contract.AllocationStatusAccruing
	p.follow(f)
	return p, nil
}

// follow gives an accruing allocation the days of its fund.
func (p *purse) follow(f *fund) {
	p.StartsOn, p.ExpiresOn = f.Period.SpendFrom, f.Period.SpendTo
	p.ExpiresAt, p.EarnedAt = f.endOf(f.Period.SpendTo), f.endOf(f.Period.EarnTo)
}

// countOnce refuses revenue that has been counted for the partner and the fund.
func (p *purse) countOnce(ctx context.Context, c *call.Call, reference string) error {
	mark := "accrual/" + p.FundID + "/" + reference
	holder, err := c.Tx.Mark(ctx, store.MarkParams{PartnerID: p.PartnerID, Mark: mark})
	if err == nil {
		return problem.With(refuse(contract.ErrDuplicateAccrual, "This revenue has been counted."), "allocation_id", holder)
	}
	if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return c.Tx.InsertMark(ctx, store.InsertMarkParams{PartnerID: p.PartnerID, Mark: mark, Holder: p.ID})
}

// movePeriod lets what still accrues follow its fund into a new period.
func (f *fund) movePeriod(ctx context.Context, c *call.Call) error {
	docs, err := c.Tx.AllocationsOfFund(ctx, f.ID)
	if err != nil {
		return err
	}
	all, err := decodeAllocations(docs, f.ID)
	if err != nil {
		return err
	}
	for _, a := range all {
		if a.Status != contract.AllocationStatusAccruing {
			continue
		}
		p, err := openPurse(ctx, c, a.ID)
		if err != nil {
			return err
		}
		p.follow(f)
		if _, err := p.answer(ctx, c, contract.EventAllocationUpdated, nil, "/starts_on", "/expires_on"); err != nil {
			return err
		}
	}
	return nil
}

// earned ends the earning period of an allocation: with the minimum reached it can be spent, otherwise the fund's rule decides.
func (p *purse) earned(ctx context.Context, c *call.Call) error {
	f, err := readFund(ctx, c, p.FundID)
	if err != nil {
		return err
	}
	rule := ""
	if minimum := f.Accrual.MinimumPayout; !minimum.IsZero() && less(p.Balance.Available, minimum) {
		rule = string(f.Accrual.BelowMinimum)
	}
	p.EarnedAt = time.Time{} // what is carried over gets the end of the fund's next period
	all, to := p.Balance.Available, contract.AllocationStatusActive
	switch contract.BelowMinimum(rule) {
	case contract.BelowMinimumCarryOver:
		to = contract.AllocationStatusAccruing
	case contract.BelowMinimumConvertToRebate:
		to = contract.AllocationStatusClosed
		err = p.post(contract.EntryTypeConvert, contract.AccountAvailable, contract.AccountConverted, all, belowMinimum)
	case contract.BelowMinimumForfeit:
		to = contract.AllocationStatusClosed
		err = p.post(contract.EntryTypeExpire, contract.AccountAvailable, contract.AccountExpired, all, belowMinimum)
	}
	if err != nil {
		return err
	}
	if err := p.enter(c, allocationEarned, to); err != nil {
		return err
	}
	_, err = p.answer(ctx, c, contract.EventAccrualClosed, map[string]any{"fund_id": f.ID, "rule": rule}, "/status")
	return err
}

var belowMinimum = purpose{memo: "Less than the minimum of the fund."}
