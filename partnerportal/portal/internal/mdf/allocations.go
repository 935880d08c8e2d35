package mdf

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	contract "github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/states"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// Allocate gives a partner money of a fund.
func (s *Service) Allocate(ctx context.Context, body *contract.NewAllocation) (*contract.Allocation, error) {
	c := call.From(ctx)
	f, err := openFund(ctx, c, body.FundID)
	if errors.Is(err, partnerportal.ErrNotFound) {
		return nil, invalid(problem.Field("/fund_id", "invalid_value", "Name one of the vendor's funds."))
	}
	if err != nil {
		return nil, err
	}
	if err := f.mustBeOpen(); err != nil {
		return nil, err
	}
	if f.Kind == contract.FundKindAccrual {
		return nil, invalid(problem.Field("/fund_id", "invalid_value", "An accrual fund is earned, not granted: report the revenue."))
	}
	if err := hasPartner(ctx, c, body.PartnerID); err != nil {
		return nil, err
	}
	a := amounts{currency: f.Currency}
	a.check("/amount", body.Amount)
	if err := a.err(); err != nil {
		return nil, err
	}
	p, err := newPurse(c, f, body.PartnerID)
	if err != nil {
		return nil, err
	}
	p.Memo = body.Memo
	if err := p.last(f, cmp.Or(body.StartsOn, f.Period.SpendFrom), cmp.Or(body.ExpiresOn, f.Period.SpendTo), c.Now); err != nil {
		return nil, err
	}
	if err := p.endow(f, body.Amount); err != nil {
		return nil, err
	}
	return p.answer(ctx, c, "", nil)
}

// endow puts the first money into an allocation, out of the budget of its fund.
func (p *purse) endow(f *fund, amount partnerportal.Money) error {
	if err := f.grant(amount); err != nil {
		return err
	}
	what := purpose{memo: p.Memo, requestID: p.RequestID}
	return p.post(contract.EntryTypeAllocate, contract.AccountFunding, contract.AccountAvailable, amount, what)
}

func hasPartner(ctx context.Context, c *call.Call, partnerID string) error {
	_, err := directory.LoadPartner(ctx, c.Tx, partnerID)
	if errors.Is(err, store.ErrNotFound) {
		return invalid(problem.Field("/partner_id", "invalid_value", "Name one of the vendor's partners."))
	}
	return err
}

func (f *fund) mustBeOpen() error {
	if f.Status != contract.FundStatusOpen {
		return refuse(contract.ErrFundNotOpen, "The fund is %s.", f.Status)
	}
	return nil
}

// last sets the days of an allocation, which lie in the time of spending of its fund.
func (p *purse) last(f *fund, starts, expires partnerportal.Date, now time.Time) error {
	switch {
	case starts.Before(f.Period.SpendFrom):
		return invalid(problem.Field("/starts_on", "out_of_range", "The fund is spent from "+f.Period.SpendFrom.String()+" on."))
	case expires.After(f.Period.SpendTo):
		return invalid(problem.Field("/expires_on", "out_of_range", "The fund is spent until "+f.Period.SpendTo.String()+"."))
	case expires.Before(starts):
		return invalid(problem.Field("/expires_on", "out_of_range", "An allocation must not end before it begins."))
	case !now.Before(f.endOf(expires)):
		return invalid(problem.Field("/expires_on", "out_of_range", "The day is over."))
	}
	p.StartsOn, p.ExpiresOn, p.ExpiresAt = starts, expires, f.endOf(expires)
	return nil
}

// UpdateAllocation changes the days of an allocation.
func (s *Service) UpdateAllocation(ctx context.Context, id, ifMatch string, body *contract.AllocationPatch) (*contract.Allocation, error) {
	c := call.From(ctx)
	p, err := openPurseFor(ctx, c, id, contract.AllocationActionUpdate, ifMatch)
	if err != nil {
		return nil, err
	}
	f, err := readFund(ctx, c, p.FundID)
	if err != nil {
		return nil, err
	}
	starts, expires := p.StartsOn, p.ExpiresOn
	var fields []string
	apply(&fields, "/starts_on", body.StartsOn, &starts)
	apply(&fields, "/expires_on", body.ExpiresOn, &expires)
	apply(&fields, "/memo", body.Memo, &p.Memo)
	if err := p.last(f, cmp.Or(starts, f.Period.SpendFrom), cmp.Or(expires, f.Period.SpendTo), c.Now); err != nil {
		return nil, err
	}
	return p.answer(ctx, c, contract.EventAllocationUpdated, nil, fields...)
}

// FreezeAllocation stops new requests against an allocation.
func (s *Service) FreezeAllocation(ctx context.Context, id, ifMatch string, body *contract.Note) (*contract.Allocation, error) {
	c := call.From(ctx)
	p, err := openPurseFor(ctx, c, id, contract.AllocationActionFreeze, ifMatch)
	if err != nil {
		return nil, err
	}
	if err := p.enter(c, contract.AllocationActionFreeze, contract.AllocationStatusFrozen); err != nil {
		return nil, err
	}
	p.StatusNote = body.Text
	return p.answer(ctx, c, contract.EventAllocationUpdated, nil, "/status")
}

// UnfreezeAllocation lets a frozen allocation be used again.
func (s *Service) UnfreezeAllocation(ctx context.Context, id, ifMatch string) (*contract.Allocation, error) {
	c := call.From(ctx)
	p, err := openPurseFor(ctx, c, id, contract.AllocationActionUnfreeze, ifMatch)
	if err != nil {
		return nil, err
	}
	if err := p.enter(c, contract.AllocationActionUnfreeze, contract.AllocationStatusActive); err != nil {
		return nil, err
	}
	p.StatusNote = ""
	return p.answer(ctx, c, contract.EventAllocationUpdated, nil, "/status")
}

// CloseAllocation ends an allocation early.
func (s *Service) CloseAllocation(ctx context.Context, id, ifMatch string, body *contract.Note) (*contract.Allocation, error) {
	c := call.From(ctx)
	p, err := openPurseFor(ctx, c, id, contract.AllocationActionClose, ifMatch)
	if err != nil {
		return nil, err
	}
	if err := p.end(ctx, c, contract.AllocationActionClose, contract.AllocationStatusClosed, body.Text); err != nil {
		return nil, err
	}
	return p.seenBy(c), nil
}

// end lets what is available expire. What is held, committed or claimed stays until it is decided.
func (p *purse) end(ctx context.Context, c *call.Call, action contract.AllocationAction, status contract.AllocationStatus, note string) error {
	if err := p.enter(c, action, status); err != nil {
		return err
	}
	lost := p.Balance.Available
	p.StatusNote = note
	if err := p.post(contract.EntryTypeExpire, contract.AccountAvailable, contract.AccountExpired, lost, purpose{memo: note}); err != nil {
		return err
	}
	facts := map[string]any{"fund_id": p.FundID, "amount": lost.Amount(), "currency": p.Currency}
	_, err := p.answer(ctx, c, contract.EventFundsExpired, facts, "/status", "/balance")
	return err
}

// GetAllocation returns an allocation that the caller may know of.
func (s *Service) GetAllocation(ctx context.Context, id string) (*contract.Allocation, error) {
	c := call.From(ctx)
	a, err := readAllocation(ctx, c, id)
	if err != nil {
		return nil, err
	}
	if !mine(c, a.PartnerID) {
		return nil, call.NotFound("allocation")
	}
	return a.seenBy(c), nil
}

// mine says that the caller may know what belongs to a partner.
func mine(c *call.Call, partnerID string) bool {
	return c.Caller.Side != partnerportal.SidePartner || c.Caller.PartnerID == partnerID
}

// openPurseFor takes an allocation out for an action that its state must allow.
func openPurseFor(ctx context.Context, c *call.Call, id string, action contract.AllocationAction, ifMatch string) (*purse, error) {
	p, err := openPurse(ctx, c, id)
	if err != nil {
		return nil, err
	}
	if err := problem.Unchanged("It", ifMatch, p.Revision); err != nil {
		return nil, err
	}
	if !allocations.Can(p.standing(c.Now), states.Vendor, action) {
		return nil, invalidState("allocation", p.standing(c.Now), action, p.allowed(c))
	}
	return p, nil
}

// openWithFund takes an allocation out together with its fund, in the order in which all do.
func openWithFund(ctx context.Context, c *call.Call, id string, action contract.AllocationAction, ifMatch string) (*purse, *fund, error) {
	a, err := readAllocation(ctx, c, id)
	if err != nil {
		return nil, nil, err
	}
	f, err := openFund(ctx, c, a.FundID)
	if err != nil {
		return nil, nil, err
	}
	p, err := openPurseFor(ctx, c, id, action, ifMatch)
	return p, f, err
}

// answer saves the allocation, tells of it and shows it.
func (p *purse) answer(ctx context.Context, c *call.Call, event string, facts map[string]any, fields ...string) (*contract.Allocation, error) {
	if err := p.save(ctx, c); err != nil {
		return nil, err
	}
	if event != "" {
		if err := p.tell(ctx, c, event, facts, fields...); err != nil {
			return nil, err
		}
	}
	return p.seenBy(c), nil
}

// enter changes the state, as the table has it.
func (p *purse) enter(c *call.Call, action contract.AllocationAction, to contract.AllocationStatus) error {
	return allocations.Enter(&p.Status, states.SideOf(c.Caller), action, to)
}

// standing is the status by the clock: an allocation that has ended is expired, whether or not its timer has fired yet.
func (a *allocation) standing(now time.Time) contract.AllocationStatus {
	if a.ended(now) && a.Status != contract.AllocationStatusClosed {
		return contract.AllocationStatusExpired
	}
	return a.Status
}

func (a *allocation) allowed(c *call.Call) []contract.AllocationAction {
	return allocations.Allowed(a.standing(c.Now), c.Caller, domain)
}

func (a *allocation) seenBy(c *call.Call) *contract.Allocation {
	seen := a.Allocation
	seen.AllowedActions, seen.EditableFields = a.allowed(c), []string{}
	if slices.Contains(seen.AllowedActions, contract.AllocationActionUpdate) {
		seen.EditableFields = []string{"/starts_on", "/expires_on", "/memo"}
	}
	return &seen
}

// allocationsOf are a partner's allocations, of one fund or of all, those that end first before the others.
func allocationsOf(ctx context.Context, c *call.Call, partnerID, fundID string) ([]*allocation, error) {
	docs, err := c.Tx.AllocationsOfPartner(ctx, partnerID)
	if err != nil {
		return nil, err
	}
	return decodeAllocations(docs, fundID)
}

func decodeAllocations(docs []string, fundID string) ([]*allocation, error) {
	var all []*allocation
	for _, doc := range docs {
		a, err := decode[allocation](doc)
		if err != nil {
			return nil, err
		}
		if fundID == "" || a.FundID == fundID {
			all = append(all, a)
		}
	}
	return all, nil
}

// The kinds of deadlines of an allocation.
const (
	timerExpire   = "mdf.expire"
	timerExpiring = "mdf.expiring:"
	timerEarned   = "mdf.earned"
)

// due are the deadlines of an allocation. A notice counts back from the end in days of 24 hours: an hour more or less, where
// clocks change, does no harm.
func (a *allocation) due() []deadline {
	switch a.Status {
	case contract.AllocationStatusAccruing:
		if a.EarnedAt.IsZero() {
			return nil
		}
		return []deadline{{timerEarned, a.EarnedAt}}
	case contract.AllocationStatusExpired, contract.AllocationStatusClosed:
		return nil
	}
	all := []deadline{{timerExpire, a.ExpiresAt}}
	for _, days := range a.NoticeDays {
		all = append(all, deadline{timerExpiring + strconv.Itoa(days), a.ExpiresAt.AddDate(0, 0, -days)})
	}
	return all
}
