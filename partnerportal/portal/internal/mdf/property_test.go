package mdf_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	contract "github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store/storetest"
)

// TestTenThousandOperations lets eight callers do whatever comes to their minds to the same money at once. One in twenty operations fails
// at the last moment, one in fifty is abandoned by its caller. After every one of them the ledger says what the balance is, and the
// identity holds; in the end requests, claims, funds and the money screen say the same as well.
func TestTenThousandOperations(t *testing.T) {
	t.Parallel()
	t.Run("memory", func(t *testing.T) { manyOperations(t, "sqlite::memory:", 10_000) })
	t.Run("file", func(t *testing.T) { manyOperations(t, "sqlite:"+filepath.Join(t.TempDir(), "portal.db"), 1_000) })
	t.Run("postgres", func(t *testing.T) { manyOperations(t, storetest.Postgres(t), 3_000) })
}

func manyOperations(t *testing.T, dsn string, operations int64) {
	t.Helper()
	if raceDetector || testing.Short() {
		operations /= 10
	}
	w := newTurmoil(t, dsn)
	audit := newAuditor(w.room)
	var left atomic.Int64
	left.Store(operations)
	var group sync.WaitGroup
	for caller := range 8 {
		rng := rand.New(rand.NewPCG(uint64(caller), 42))
		group.Go(func() {
			for left.Add(-1) >= 0 && !t.Failed() {
				name, err := w.one(t.Context(), rng)
				if !acceptable(err) {
					assert.NoError(t, err, name)
					return
				}
				w.count(name, err)
				if !assert.NoError(t, audit.look(t.Context(), w.allocations.pick(rng).id), name) {
					return
				}
			}
		})
	}
	group.Wait()
	audit.whole(t.Context(), t)
	t.Logf("succeeded and refused: %v", w.counts)
	for _, op := range w.operations() {
		if operations < 10_000 {
			break // too few for the rare ones
		}
		assert.NotZero(t, w.counts[op.name][0], "%s never succeeded", op.name)
	}
}

// acceptable are successes, refusals that are meant for the caller, and the failures that the test asked for.
func acceptable(err error) bool {
	var refusal *partnerportal.Error
	return err == nil || errors.As(err, &refusal) || errors.Is(err, errInjected) || errors.Is(err, context.Canceled)
}

// pool is what the callers know of: ids, and whose they are.
type pool struct {
	mu    sync.Mutex
	known []owned
}

type owned struct {
	id    string
	owner call.Caller
}

func (p *pool) add(id, partnerID string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if mine := (owned{id, partner(partnerID)}); !slices.ContainsFunc(p.known, func(o owned) bool { return o.id == id }) {
		p.known = append(p.known, mine)
	}
}

// again makes one the latest.
func (p *pool) again(o owned) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.known = append(slices.DeleteFunc(p.known, func(k owned) bool { return k.id == o.id }), o)
}

// pick is one of the latest: old ones are over.
func (p *pool) pick(rng *rand.Rand) owned {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.known) == 0 {
		return owned{"none", partner("par_a")}
	}
	return p.known[len(p.known)-1-rng.IntN(min(len(p.known), 12))]
}

// turmoil is the world of the property test.
type turmoil struct {
	*room

	partners, funds                   []string
	allocations                       pool
	asked, sentBack, granted, amended pool // requests, by what they were last
	claims, claimsBack, payable, paid pool

	mu     sync.Mutex
	counts map[string][2]int // succeeded and refused, by operation
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func newTurmoil(t testing.TB, dsn string) *turmoil {
	t.Helper()
	w := &turmoil{partners: []string{"par_a", "par_b", "par_c"}, counts: map[string][2]int{}}
	w.room = newRoom(t, dsn, w.partners...)
	for i, body := range []contract.NewFund{
		{Kind: contract.FundKindDiscretionary, Rules: contract.FundRules{HoldOn: contract.HoldOnSubmit}},
		{Kind: contract.FundKindDiscretionary, Rules: contract.FundRules{HoldOn: contract.HoldOnApproval, Unclaimed: contract.UnclaimedRelease, AllowRetroactive: true}},
		{Kind: contract.FundKindProposalBased},
		{Kind: contract.FundKindAccrual, Accrual: contract.Accrual{Percent: "2.5", MinimumPayout: usd("50"), BelowMinimum: contract.BelowMinimumConvertToRebate}},
	} {
		body.Name, body.Currency, body.Budget = fmt.Sprint("Fund ", i), "USD", usd("400000")
		body.Period = contract.Period{SpendFrom: w.day(0), SpendTo: w.day(200)}
		if body.Kind == contract.FundKindAccrual {
			body.Period.EarnFrom, body.Period.EarnTo = w.day(0), w.day(20)
		}
		body.Rules.ClaimDueDays, body.Rules.ChangesDueDays = 20, 5
		body.Rules.Proof = []contract.ProofRule{{Requirements: []contract.ProofRequirement{{ID: "invoice", Kind: contract.ProofKindInvoice}}}}
		w.funds = append(w.funds, must[string](t)(as(t.Context(), w.room, theVendor, func(ctx context.Context) (string, error) {
			f, err := w.CreateFund(ctx, &body)
			if err != nil {
				return "", err
			}
			_, err = w.OpenFund(ctx, f.ID, "")
			return f.ID, err
		})))
	}
	rng := rand.New(rand.NewPCG(1, 1))
	for range 12 {
		require.NoError(t, w.allocate(t.Context(), rng))
	}
	return w
}

// resume goes on with what is stored.
func resume(ctx context.Context, t require.TestingT, r *room) *turmoil {
	w := &turmoil{room: r, partners: []string{"par_a", "par_b", "par_c"}, counts: map[string][2]int{}}
	tx := r.store.Read()
	for _, f := range everything(ctx, t, tx, "mdf_funds", "doc", document[contract.Fund]) {
		w.funds = append(w.funds, f.ID)
	}
	for _, a := range everything(ctx, t, tx, "mdf_allocations", "doc", document[contract.Allocation]) {
		w.allocations.add(a.ID, a.PartnerID)
	}
	for _, q := range everything(ctx, t, tx, "mdf_requests", "doc", document[contract.Request]) {
		for _, pool := range []*pool{&w.asked, &w.sentBack, &w.granted, &w.amended} {
			pool.add(q.ID, q.PartnerID)
		}
	}
	for _, k := range everything(ctx, t, tx, "mdf_claims", "doc", document[contract.Claim]) {
		for _, pool := range []*pool{&w.claims, &w.claimsBack, &w.payable, &w.paid} {
			pool.add(k.ID, k.PartnerID)
		}
	}
	return w
}

func (w *turmoil) count(name string, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := w.counts[name]
	if err == nil {
		n[0]++
	} else {
		n[1]++
	}
	w.counts[name] = n
}

// one does one random operation, and lets a few of them fail or be abandoned when all has been written.
func (w *turmoil) one(ctx context.Context, rng *rand.Rand) (string, error) {
	all := w.operations()
	op := all[rng.IntN(len(all))]
	switch n := rng.IntN(100); {
	case n < 5:
		ctx = context.WithValue(ctx, atLast{}, func() error { return errInjected })
	case n < 7:
		abandoned, cancel := context.WithCancel(ctx)
		defer cancel()
		ctx = context.WithValue(abandoned, atLast{}, func() error { cancel(); return nil })
	}
	return op.name, op.do(ctx, rng)
}
