package mdf_test

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/stretchr/testify/require"

	contract "github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/figures"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/mdf/ledger"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// auditor holds the stored money against what must be true of it, from the ledger alone. It remembers how far it has read each ledger,
// so that it can look after every operation.
type auditor struct {
	room *room

	mu    sync.Mutex
	books map[string]*ledger.Book // by allocation, as far as read
}

func newAuditor(r *room) *auditor { return &auditor{room: r, books: map[string]*ledger.Book{}} }

// look replays what was added to an allocation's ledger since it was last looked at. The lock of the allocation keeps it still.
func (a *auditor) look(ctx context.Context, id string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.room.store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.Lock(ctx, "mdf/allocation/"+id); err != nil {
			return err
		}
		doc, err := tx.Allocation(ctx, id)
		if err != nil {
			return err
		}
		var stored contract.Allocation
		if err := json.Unmarshal([]byte(doc), &stored); err != nil {
			return err
		}
		book, err := ledger.New(stored.Currency)
		if err != nil {
			return err
		}
		if known := a.books[id]; known != nil {
			*book = *known
		}
		entries, err := entriesAfter(ctx, tx, id, book.Sequence)
		if err != nil {
			return err
		}
		for _, e := range entries {
			posted, err := book.Post(e.Type, e.From, e.To, e.Amount)
			if err != nil {
				return fmt.Errorf("entry %d of %s: %w", e.Sequence, id, err)
			}
			if posted.Sequence != e.Sequence || posted.Balance != e.Balance {
				return fmt.Errorf("entry %d of %s says %+v, the ledger %+v", e.Sequence, id, e.Balance, posted.Balance)
			}
		}
		if stored.Sequence != book.Sequence || stored.Balance != book.Balance {
			return fmt.Errorf("allocation %s says %d %+v, its ledger %d %+v", id, stored.Sequence, stored.Balance, book.Sequence, book.Balance)
		}
		a.books[id] = book
		return ledger.Check(&stored.Balance)
	})
}

func entriesAfter(ctx context.Context, tx *store.Tx, id string, after int64) (all []contract.Entry, err error) {
	q := store.Query{Table: "mdf_ledger", Sort: "sequence", Page: store.Page{Limit: 1000}}
	q.Where("allocation_id = ?", id)
	q.Where("sequence > ?", after)
	for {
		page, next, err := store.List(ctx, tx, q, document[contract.Entry])
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		if q.Cursor = next; next == "" {
			return all, nil
		}
	}
}

func document[T any](dest func(...any) error) (v T, err error) {
	var doc string
	if err := dest(&doc); err != nil {
		return v, err
	}
	return v, json.Unmarshal([]byte(doc), &v)
}

// everything reads all rows of a table.
func everything[T any](ctx context.Context, t require.TestingT, tx *store.Tx, table, columns string, scan func(dest func(...any) error) (T, error)) (all []T) {
	q := store.Query{Table: table, Sort: "created_at", Columns: columns, Page: store.Page{Limit: 1000}}
	for {
		page, next, err := store.List(ctx, tx, q, scan)
		require.NoError(t, err)
		all = append(all, page...)
		if q.Cursor = next; next == "" {
			return all
		}
	}
}

// asked is what a stored request tells of money: what the contract shows, and what is held for it.
type asked struct {
	contract.Request

	Held partnerportal.Money `json:"held"`
}

// whole looks at everything when nobody is at work: the ledgers from their beginning, the columns beside the documents, what requests
// and claims say of the money, the funds' totals and the partners' sums.
func (a *auditor) whole(ctx context.Context, t require.TestingT) {
	a.books = map[string]*ledger.Book{}
	tx := a.room.store.Read()
	all := everything(ctx, t, tx, "mdf_allocations", "doc", document[contract.Allocation])
	want, funds := map[string]map[string]int64{}, map[string]int64{}
	for _, alc := range all {
		require.NoError(t, a.look(ctx, alc.ID))
		funds[alc.FundID] += alc.Balance.Allocated.TenThousandths()
		if want[alc.PartnerID] == nil {
			want[alc.PartnerID] = map[string]int64{}
		}
		want[alc.PartnerID]["allocated"] += alc.Balance.Allocated.TenThousandths()
		for _, account := range ledger.Accounts {
			want[alc.PartnerID][string(account)] += ledger.In(&alc.Balance, account).TenThousandths()
		}
	}
	for partnerID, accounts := range want {
		for name, amount := range accounts {
			sums, err := figures.Of(ctx, tx, partnerID, "mdf."+name)
			require.NoError(t, err)
			shown := int64(0)
			for _, s := range sums {
				shown += s.Amount.TenThousandths()
			}
			require.Equal(t, amount, shown, "the money screen's %s of %s", name, partnerID)
		}
	}
	a.columns(ctx, t, tx, all)
	a.funds(ctx, t, tx, funds)
	a.requests(ctx, t, tx, all)
}

// columns are what SQL sees of the balance.
func (a *auditor) columns(ctx context.Context, t require.TestingT, tx *store.Tx, all []contract.Allocation) {
	names := "id, sequence, allocated, available, held, committed, claimed, payable, paid, expired, converted"
	type row struct {
		id string
		n  [10]int64
	}
	rows := everything(ctx, t, tx, "mdf_allocations", names, func(dest func(...any) error) (r row, err error) {
		targets := []any{&r.id}
		for i := range r.n {
			targets = append(targets, &r.n[i])
		}
		return r, dest(targets...)
	})
	require.Len(t, rows, len(all))
	for i, alc := range all {
		require.Equal(t, alc.ID, rows[i].id)
		want := [10]int64{alc.Sequence, alc.Balance.Allocated.TenThousandths()}
		for j, account := range ledger.Accounts {
			want[j+2] = ledger.In(&alc.Balance, account).TenThousandths()
		}
		require.Equal(t, want, rows[i].n)
	}
}

func (a *auditor) funds(ctx context.Context, t require.TestingT, tx *store.Tx, given map[string]int64) {
	type row struct {
		id                string
		budget, allocated int64
	}
	for _, f := range everything(ctx, t, tx, "mdf_funds", "id, budget, allocated", func(dest func(...any) error) (r row, err error) {
		return r, dest(&r.id, &r.budget, &r.allocated)
	}) {
		require.Equal(t, given[f.id], f.allocated, "what fund %s has allocated", f.id)
		if f.budget > 0 {
			require.LessOrEqual(t, f.allocated, f.budget, "the budget of fund %s", f.id)
		}
	}
}

// requests are the other book of the same money: by activities, and by claims.
func (a *auditor) requests(ctx context.Context, t require.TestingT, tx *store.Tx, all []contract.Allocation) {
	type accounts struct{ held, committed, claimed, payable, paid int64 }
	got := map[string]accounts{}
	byActivity := map[string]contract.Activity{}
	for _, r := range everything(ctx, t, tx, "mdf_requests", "doc", document[asked]) {
		sum := got[r.AllocationID]
		sum.held += r.Held.TenThousandths()
		for _, activity := range r.Activities {
			byActivity[activity.ID] = activity
			sum.committed += activity.Committed.TenThousandths()
			sum.claimed += activity.Claimed.TenThousandths()
			sum.payable += activity.Payable.TenThousandths()
			sum.paid += activity.Paid.TenThousandths()
			spent := activity.Committed.TenThousandths() + activity.Claimed.TenThousandths() + activity.Payable.TenThousandths() + activity.Paid.TenThousandths()
			require.LessOrEqual(t, spent, activity.ApprovedAmount.TenThousandths(), "activity %s", activity.ID)
		}
		got[r.AllocationID] = sum
	}
	for _, alc := range all {
		b := &alc.Balance
		require.Equal(t, accounts{
			b.Held.TenThousandths(), b.Committed.TenThousandths(), b.Claimed.TenThousandths(), b.Payable.TenThousandths(), b.Paid.TenThousandths(),
		}, got[alc.ID], "the requests of allocation %s", alc.ID)
	}
	claimed, payable, paid := map[string]int64{}, map[string]int64{}, map[string]int64{}
	for _, k := range everything(ctx, t, tx, "mdf_claims", "doc", document[contract.Claim]) {
		for _, l := range k.Lines {
			switch k.Status {
			case contract.ClaimStatusSubmitted, contract.ClaimStatusInReview, contract.ClaimStatusChangesRequested:
				claimed[l.ActivityID] += l.Claimed.TenThousandths()
			case contract.ClaimStatusPaid:
				paid[l.ActivityID] += l.ApprovedAmount.TenThousandths()
			case contract.ClaimStatusApproved, contract.ClaimStatusPartiallyApproved, contract.ClaimStatusScheduled, contract.ClaimStatusPaymentFailed:
				payable[l.ActivityID] += l.ApprovedAmount.TenThousandths()
			}
		}
	}
	for id, activity := range byActivity {
		require.Equal(t, [3]int64{claimed[id], payable[id], paid[id]},
			[3]int64{activity.Claimed.TenThousandths(), activity.Payable.TenThousandths(), activity.Paid.TenThousandths()}, "the claims of activity %s", id)
	}
}
