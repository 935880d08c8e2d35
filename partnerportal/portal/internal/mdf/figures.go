package mdf

import (
	"slices"

	contract "github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/figures"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/mdf/ledger"
)

// What the money screen shows of this room is summed up as the money moves. What a record adds depends on the stored record alone, so
// that a later version takes out what an earlier one put in.

// sums are where the accounts of all allocations are added up.
var sums = map[contract.Account]string{
	contract.AccountAvailable: figures.MDFAvailable, contract.AccountHeld: figures.MDFHeld, contract.AccountCommitted: figures.MDFCommitted,
	contract.AccountClaimed: figures.MDFClaimed, contract.AccountPayable: figures.MDFPayable, contract.AccountPaid: figures.MDFPaid,
	contract.AccountExpired: figures.MDFExpired, contract.AccountConverted: figures.MDFConverted,
}

// parts are what an allocation adds to its partner's sums.
func (a *allocation) parts() []figures.Part {
	all := []figures.Part{{Key: figures.Key{Name: figures.MDFAllocated}, Amount: a.Balance.Allocated}}
	for _, account := range ledger.Accounts {
		all = append(all, figures.Part{Key: figures.Key{Name: sums[account]}, Amount: *ledger.In(&a.Balance, account)})
	}
	if slices.Contains(usable, a.Status) || a.Status == contract.AllocationStatusFrozen {
		all = append(all, figures.Part{Key: figures.Key{Name: figures.MDFExpiring, Day: a.ExpiresOn}, Amount: a.Balance.Available})
	}
	return all
}

// parts are what a request adds to its partner's sums: while it is undecided itself, and then what was done and not claimed.
func (r *request) parts() []figures.Part {
	if slices.Contains(undecided, r.Status) || r.Status == contract.RequestStatusChangesRequested {
		return []figures.Part{{Key: figures.Key{Name: figures.MDFOpenRequests}, Amount: r.RequestedTotal, Count: 1}}
	}
	var all []figures.Part
	for _, a := range r.Activities {
		if a.Status == contract.ActivityStatusExecuted {
			all = append(all, figures.Part{Key: figures.Key{Name: figures.MDFUnclaimed}, Amount: a.Committed, Count: 1})
		}
	}
	return all
}
