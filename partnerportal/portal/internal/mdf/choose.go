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

// choose finds the money for what is asked: the allocation that is named, or of those that can pay the one that ends first, so that
// as little as possible expires. It leaves the request completed by the rules of the fund that it returns, and the allocation taken
// out. A proposal has none: it competes for the budget of its fund.
func (d *dossier) choose(ctx context.Context, c *call.Call) (*fund, error) {
	if len(d.Activities) == 0 {
		return nil, invalid(problem.Field("/activities", "too_few", "Say what will be done."))
	}
	if err := d.total(); err != nil {
		return nil, err
	}
	if d.FundID != "" {
		f, err := d.fund(ctx, c)
		if err != nil {
			return nil, err
		}
		if err := d.prepare(c, f); err != nil {
			return nil, err
		}
		if f.Kind == contract.FundKindProposalBased {
			return f, f.couldGrant(d.RequestedTotal)
		}
	}
	own, err := allocationsOf(ctx, c, d.PartnerID, d.FundID)
	if err != nil {
		return nil, err
	}
	wanted, most := partnerportal.Money{}, none(d.currency())
	reason := error(nil)
	for _, a := range own {
		if a.ID != d.AllocationID && d.AllocationID != "" || a.Currency != d.currency() {
			continue
		}
		tried, f, err := d.with(ctx, c, a)
		if err == nil && !less(tried.purse.Balance.Available, tried.lacks()) {
			*d = *tried
			return f, nil
		}
		switch {
		case err == nil: // only too little
			wanted = tried.lacks()
			if less(most, a.Balance.Available) {
				most = a.Balance.Available
			}
		case !isRefusal(err):
			return nil, err
		default:
			reason = err // of the one that ends last
		}
	}
	switch {
	case !wanted.IsZero():
		return nil, insufficient(most, wanted)
	case reason != nil:
		return nil, reason
	}
	return nil, insufficient(most, d.RequestedTotal) // there is no allocation in the currency at all
}

// prepare completes the request by the rules of a fund and holds it against them.
func (d *dossier) prepare(c *call.Call, f *fund) error {
	if err := d.complete(f); err != nil {
		return err
	}
	return d.checkAsk(f, c.Now)
}

// with is the request as it would be on an allocation, which it takes out. It refuses one that cannot be asked at all.
func (d *dossier) with(ctx context.Context, c *call.Call, a *allocation) (*dossier, *fund, error) {
	f, err := readFund(ctx, c, a.FundID)
	if err != nil {
		return nil, nil, err
	}
	tried := *d
	tried.AllocationID, tried.Activities = a.ID, slices.Clone(d.Activities)
	if err := tried.prepare(c, f); err != nil {
		return nil, nil, err
	}
	if tried.purse, err = openPurse(ctx, c, a.ID); err != nil {
		return nil, nil, err
	}
	if !tried.Held.IsZero() && tried.lacks().Sign() <= 0 { // sent back: what is held stays, whatever became of the allocation
		return &tried, f, tried.within(tried.purse)
	}
	switch tried.purse.standing(c.Now) {
	case contract.AllocationStatusExpired, contract.AllocationStatusClosed:
		return nil, nil, refuse(contract.ErrAllocationExpired, "The allocation has ended.")
	case contract.AllocationStatusFrozen:
		return nil, nil, refuse(contract.ErrAllocationFrozen, "The vendor has frozen the allocation.")
	case contract.AllocationStatusAccruing:
		return nil, nil, refuse(contract.ErrAllocationAccruing, "The allocation still accrues; it can be spent when the earning period is over.")
	}
	return &tried, f, tried.within(tried.purse)
}

// within refuses activities outside of the days of an allocation.
func (r *request) within(p *purse) error {
	for i, a := range r.Activities {
		if a.StartsOn.Before(p.StartsOn) || a.EndsOn.After(p.ExpiresOn) {
			return outside(at("/activities", i), p.StartsOn, p.ExpiresOn)
		}
	}
	return nil
}

// lacks is what must be available beside what is held already: less than nothing when more is held than asked for by now.
func (r *request) lacks() partnerportal.Money {
	if r.Held.IsZero() {
		return r.RequestedTotal
	}
	more, err := r.RequestedTotal.Sub(r.Held)
	if err != nil {
		return r.RequestedTotal // two amounts that are not negative always have a difference
	}
	return more
}

// couldGrant refuses a proposal that the fund's budget has no room for. Nothing is set aside: the vendor decides which it likes best.
func (f *fund) couldGrant(amount partnerportal.Money) error {
	rest := *f
	return rest.grant(amount)
}

// isRefusal says that an error is meant for the caller.
func isRefusal(err error) bool {
	var e *partnerportal.Error
	return errors.As(err, &e)
}
