package mdf

import (
	"context"
	"errors"
	"slices"

	contract "github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
)

// AdjustAllocation corrects what was given.
func (s *Service) AdjustAllocation(ctx context.Context, id, ifMatch string, body *contract.Adjustment) (*contract.Allocation, error) {
	c := call.From(ctx)
	p, f, err := openWithFund(ctx, c, id, contract.AllocationActionAdjust, ifMatch)
	if err != nil {
		return nil, err
	}
	a := amounts{currency: p.Currency}
	a.checkSigned("/amount", body.Amount)
	if err := a.err(); err != nil {
		return nil, err
	}
	what := purpose{memo: body.Memo, reference: body.Reference}
	switch body.Amount.Sign() {
	case 0:
		return nil, invalid(problem.Field("/amount", "out_of_range", "Give more or less than nothing."))
	case 1:
		if err := f.grant(body.Amount); err != nil {
			return nil, err
		}
		err = p.post(contract.EntryTypeAdjustUp, contract.AccountFunding, contract.AccountAvailable, body.Amount, what)
	case -1:
		var back partnerportal.Money
		if back, err = body.Amount.Neg(); err == nil {
			err = p.post(contract.EntryTypeAdjustDown, contract.AccountAvailable, contract.AccountFunding, back, what)
		}
	}
	if err != nil {
		return nil, err
	}
	return p.answer(ctx, c, "", nil)
}

// Transfer moves available money to another allocation.
func (s *Service) Transfer(ctx context.Context, id, ifMatch string, body *contract.Transferring) (*contract.Allocation, error) {
	c := call.From(ctx)
	if body.ToAllocationID == id {
		return nil, invalid(problem.Field("/to_allocation_id", "invalid_value", "Name another allocation."))
	}
	from, to, f, err := openBoth(ctx, c, id, body.ToAllocationID, ifMatch)
	if err != nil {
		return nil, err
	}
	if to.ended(c.Now) {
		return nil, refuse(contract.ErrAllocationExpired, "The allocation that would get the money has ended.")
	}
	a := amounts{currency: from.Currency}
	a.check("/amount", body.Amount)
	if to.Currency != from.Currency {
		a.foreign, a.faults = true, append(a.faults, problem.Field("/to_allocation_id", "invalid_value", "Name an allocation in "+from.Currency+"."))
	}
	if err := a.err(); err != nil {
		return nil, err
	}
	if from.FundID != to.FundID {
		if err := f.grant(body.Amount); err != nil {
			return nil, err
		}
	}
	if err := from.post(contract.EntryTypeTransferOut, contract.AccountAvailable, contract.AccountFunding, body.Amount, purpose{memo: body.Memo, counterpartID: to.ID}); err != nil {
		return nil, err
	}
	if err := to.post(contract.EntryTypeTransferIn, contract.AccountFunding, contract.AccountAvailable, body.Amount, purpose{memo: body.Memo, counterpartID: from.ID}); err != nil {
		return nil, err
	}
	if err := to.save(ctx, c); err != nil {
		return nil, err
	}
	return from.answer(ctx, c, "", nil)
}

// openBoth takes two allocations out for a transfer, and the fund of the one that gets the money. Two transfers may go opposite
// ways, so the locks go by the ids.
func openBoth(ctx context.Context, c *call.Call, fromID, toID, ifMatch string) (from, to *purse, f *fund, err error) {
	other, err := readAllocation(ctx, c, toID)
	if errors.Is(err, partnerportal.ErrNotFound) {
		return nil, nil, nil, invalid(problem.Field("/to_allocation_id", "invalid_value", "Name one of the vendor's allocations."))
	}
	if err != nil {
		return nil, nil, nil, err
	}
	if f, err = openFund(ctx, c, other.FundID); err != nil {
		return nil, nil, nil, err
	}
	for _, id := range slices.Sorted(slices.Values([]string{fromID, toID})) {
		if err := c.Tx.Lock(ctx, "mdf/allocation/"+id); err != nil {
			return nil, nil, nil, err
		}
	}
	if from, err = openPurseFor(ctx, c, fromID, contract.AllocationActionTransfer, ifMatch); err != nil {
		return nil, nil, nil, err
	}
	to, err = openPurse(ctx, c, toID)
	return from, to, f, err
}
