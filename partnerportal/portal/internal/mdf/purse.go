package mdf

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	contract "github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/figures"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/mdf/ledger"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// allocation is an allocation as it is stored: what the contract shows of it, and what only the portal knows.
type allocation struct {
	contract.Allocation

	NoticeDays []int     `json:"notice_days,omitempty"`
	EarnedAt   time.Time `json:"earned_at,omitzero"` // when the earning period of an accruing one ends
}

// purse is an allocation while one operation works on it. Money moves by post alone; save writes the balance and the entries
// that led to it together.
type purse struct {
	allocation

	entries   []contract.Entry
	counted   []figures.Part // what it adds to the partner's sums as it is stored
	given     int64          // what the fund had allocated here before, in ten-thousandths
	deadlines []deadline
	fresh     bool
}

// purpose is what a movement is for.
type purpose struct {
	requestID, activityID, claimID string
	counterpartID, reversalOf      string
	reference, memo                string
}

// openPurse takes an allocation out to be changed. Until the transaction ends nobody else does.
func openPurse(ctx context.Context, c *call.Call, id string) (*purse, error) {
	if r := rehearsing(ctx); r != nil {
		return r.purse(id)
	}
	if err := c.Tx.Lock(ctx, "mdf/allocation/"+id); err != nil {
		return nil, err
	}
	a, err := readAllocation(ctx, c, id)
	if err != nil {
		return nil, err
	}
	return &purse{allocation: *a, counted: a.parts(), given: a.Balance.Allocated.TenThousandths(), deadlines: a.due()}, nil
}

// newPurse makes an empty allocation of a fund.
func newPurse(c *call.Call, f *fund, partnerID string) (*purse, error) {
	book, err := ledger.New(f.Currency)
	if err != nil {
		return nil, err
	}
	return &purse{fresh: true, allocation: allocation{
		NoticeDays: f.noticeDays(),
		Allocation: contract.Allocation{
			ID: ids.New(ids.Allocation, c.Now), FundID: f.ID, FundName: f.Name, PartnerID: partnerID, Currency: f.Currency,
			Status: contract.AllocationStatusActive, Balance: book.Balance, Livemode: c.Live, CreatedAt: c.Now,
		},
	}}, nil
}

func readAllocation(ctx context.Context, c *call.Call, id string) (*allocation, error) {
	doc, err := c.Tx.Allocation(ctx, id)
	if err != nil {
		return nil, call.OrNotFound(err, "allocation")
	}
	return decode[allocation](doc)
}

// decode reads a stored document.
func decode[T any](doc string) (*T, error) {
	v := new(T)
	if err := json.Unmarshal([]byte(doc), v); err != nil {
		return nil, fmt.Errorf("mdf: a stored %T: %w", v, err)
	}
	return v, nil
}

func encode(v any) (string, error) {
	data, err := json.Marshal(v)
	return string(data), err
}

// post moves money from one account to another. Nothing is moved without an entry, and nothing at all when the amount is nothing.
func (p *purse) post(t contract.EntryType, from, to contract.Account, amount partnerportal.Money, what purpose) error {
	if amount.Sign() == 0 {
		return nil
	}
	book := ledger.Book{Sequence: p.Sequence, Balance: p.Balance}
	entry, err := book.Post(t, from, to, amount)
	if over, ok := errors.AsType[*ledger.Overdraft](err); ok && over.Account == contract.AccountAvailable {
		return insufficient(over.Has, amount)
	}
	if err != nil {
		return fmt.Errorf("allocation %s: %w", p.ID, tooLarge(err))
	}
	p.Sequence, p.Balance = book.Sequence, book.Balance
	entry.AllocationID, entry.FundID, entry.PartnerID = p.ID, p.FundID, p.PartnerID
	entry.RequestID, entry.ActivityID, entry.ClaimID = what.requestID, what.activityID, what.claimID
	entry.CounterpartID, entry.ReversalOf = what.counterpartID, what.reversalOf
	entry.Reference, entry.Memo = what.reference, what.memo
	p.entries = append(p.entries, entry)
	return nil
}

// free takes money out of an account in which it is no longer needed. While the allocation lasts it is available again; after its
// end it expires. What a proposal did not need after all goes back to its fund.
func (p *purse) free(from contract.Account, amount partnerportal.Money, now time.Time, what purpose) error {
	if p.ended(now) {
		return p.post(contract.EntryTypeExpire, from, contract.AccountExpired, amount, what)
	}
	t := contract.EntryTypeRelease
	if from == contract.AccountHeld {
		t = contract.EntryTypeReleaseHold
	}
	if err := p.post(t, from, contract.AccountAvailable, amount, what); err != nil || p.RequestID == "" {
		return err
	}
	return p.post(contract.EntryTypeAdjustDown, contract.AccountAvailable, contract.AccountFunding, amount, what)
}

// ended says that nothing can be asked of the allocation any more. The clock decides, not when its timer is served.
func (a *allocation) ended(now time.Time) bool {
	switch a.Status {
	case contract.AllocationStatusExpired, contract.AllocationStatusClosed:
		return true
	case contract.AllocationStatusAccruing:
		return false
	}
	return !now.Before(a.ExpiresAt)
}

// save writes the allocation, its entries and its deadlines, and says that the balance changed, of a new one that it is there.
func (p *purse) save(ctx context.Context, c *call.Call) error {
	if p.Status == contract.AllocationStatusActive || p.Status == contract.AllocationStatusExhausted {
		p.Status = contract.AllocationStatusActive
		if p.Balance.Available.Sign() == 0 {
			p.Status = contract.AllocationStatusExhausted
		}
	}
	if r := rehearsing(ctx); r != nil {
		r.savePurse(p)
		return nil
	}
	if err := p.saveAllocation(ctx, c); err != nil {
		return err
	}
	for i := range p.entries {
		if err := p.saveEntry(ctx, c, &p.entries[i]); err != nil {
			return err
		}
	}
	if more := p.Balance.Allocated.TenThousandths() - p.given; more != 0 {
		if err := c.Tx.AddToFund(ctx, store.AddToFundParams{ID: p.FundID, Amount: more}); err != nil {
			return err
		}
	}
	if err := figures.Move(ctx, c.Tx, p.PartnerID, c.Now, p.counted, p.parts()); err != nil {
		return err
	}
	if err := setDeadlines(ctx, c, p.ID, p.deadlines, p.due()); err != nil {
		return err
	}
	if err := p.tellBalance(ctx, c); err != nil || !p.fresh || p.Status == contract.AllocationStatusAccruing {
		return err
	}
	p.fresh = false
	return p.tell(ctx, c, contract.EventAllocated, map[string]any{"fund_id": p.FundID, "amount": p.Balance.Allocated.Amount(), "currency": p.Currency})
}

func (p *purse) saveAllocation(ctx context.Context, c *call.Call) error {
	before := p.Revision
	p.Revision, p.UpdatedAt = before+1, c.Now
	doc, err := encode(p.allocation)
	if err != nil {
		return err
	}
	b, at := &p.Balance, store.Micros(c.Now)
	if p.fresh {
		return c.Tx.InsertAllocation(ctx, store.InsertAllocationParams{
			ID: p.ID, Bucket: store.Bucket(p.ID), FundID: p.FundID, PartnerID: p.PartnerID, Status: string(p.Status), Currency: p.Currency,
			ExpiresAt: store.Micros(p.ExpiresAt), Sequence: p.Sequence,
			Allocated: b.Allocated.TenThousandths(), Available: b.Available.TenThousandths(), Held: b.Held.TenThousandths(),
			Committed: b.Committed.TenThousandths(), Claimed: b.Claimed.TenThousandths(), Payable: b.Payable.TenThousandths(),
			Paid: b.Paid.TenThousandths(), Expired: b.Expired.TenThousandths(), Converted: b.Converted.TenThousandths(),
			Revision: p.Revision, CreatedAt: at, UpdatedAt: at, Doc: doc,
		})
	}
	return store.Changed(c.Tx.UpdateAllocation(ctx, store.UpdateAllocationParams{
		ID: p.ID, Revision: before, Status: string(p.Status), ExpiresAt: store.Micros(p.ExpiresAt), Sequence: p.Sequence,
		Allocated: b.Allocated.TenThousandths(), Available: b.Available.TenThousandths(), Held: b.Held.TenThousandths(),
		Committed: b.Committed.TenThousandths(), Claimed: b.Claimed.TenThousandths(), Payable: b.Payable.TenThousandths(),
		Paid: b.Paid.TenThousandths(), Expired: b.Expired.TenThousandths(), Converted: b.Converted.TenThousandths(),
		UpdatedAt: at, Doc: doc,
	}))
}

func (p *purse) saveEntry(ctx context.Context, c *call.Call, e *contract.Entry) error {
	e.ID, e.RecordedAt, e.Actor = ids.New(ids.Entry, c.Now), c.Now, c.Caller.Actor()
	doc, err := encode(e)
	if err != nil {
		return err
	}
	return c.Tx.InsertLedgerEntry(ctx, store.InsertLedgerEntryParams{
		ID: e.ID, Bucket: store.Bucket(e.ID), AllocationID: e.AllocationID, Sequence: e.Sequence, FundID: e.FundID, PartnerID: e.PartnerID,
		Type: string(e.Type), FromAccount: string(e.From), ToAccount: string(e.To), Amount: e.Amount.TenThousandths(), Currency: e.Amount.Currency(),
		RequestID: e.RequestID, ClaimID: e.ClaimID, CreatedAt: store.Micros(c.Now), Doc: doc,
	})
}

// tellBalance publishes that money moved.
func (p *purse) tellBalance(ctx context.Context, c *call.Call) error {
	if len(p.entries) == 0 {
		return nil
	}
	last := p.entries[len(p.entries)-1]
	p.entries = nil
	return p.tell(ctx, c, contract.EventBalanceChanged, map[string]any{
		"fund_id": p.FundID, "request_id": last.RequestID, "claim_id": last.ClaimID, "kind": string(last.Type),
		"available": p.Balance.Available.Amount(), "currency": p.Currency, "ledger_sequence": p.Sequence,
	})
}
