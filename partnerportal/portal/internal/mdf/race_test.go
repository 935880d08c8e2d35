package mdf_test

import (
	"context"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	contract "github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store/storetest"
)

func TestOfTheLastMoneyOneGetsIt(t *testing.T) {
	t.Parallel()
	for name, dsn := range map[string]func(testing.TB) string{
		"memory": inMemory, "file": onFile, "postgres": storetest.Postgres,
	} {
		t.Run(name+"/requests", func(t *testing.T) { raceOfRequests(t, dsn(t)) })
		t.Run(name+"/approvals", func(t *testing.T) { raceOfApprovals(t, dsn(t)) })
		t.Run(name+"/proposals", func(t *testing.T) { raceOfProposals(t, dsn(t)) })
		t.Run(name+"/claims", func(t *testing.T) { raceOfClaims(t, dsn(t)) })
	}
}

func inMemory(testing.TB) string { return "sqlite::memory:" }

func onFile(tb testing.TB) string {
	tb.Helper()
	return "sqlite:" + filepath.Join(tb.TempDir(), "portal.db")
}

// atOnce runs something several times at once. Exactly one must succeed; the others are refused with the code. It returns one of these.
func atOnce(t *testing.T, code error, do func(i int) error) (loser error) {
	t.Helper()
	const callers = 12
	results, start := make([]error, callers), make(chan struct{})
	var group sync.WaitGroup
	for i := range callers {
		group.Go(func() {
			<-start
			results[i] = do(i)
		})
	}
	close(start)
	group.Wait()
	won := 0
	for _, err := range results {
		if err == nil {
			won++
			continue
		}
		require.ErrorIs(t, err, code)
		loser = err
	}
	assert.Equal(t, 1, won)
	return loser
}

// open makes an open fund, and gives par_a 100 dollars of it unless it is for proposals.
func (r *room) open(t *testing.T, kind contract.FundKind, hold contract.HoldOn) string {
	t.Helper()
	return must[string](t)(as(t.Context(), r, theVendor, func(ctx context.Context) (string, error) {
		body := &contract.NewFund{
			Name: "Fund", Kind: kind, Currency: "USD", Budget: usd("100"), Period: contract.Period{SpendFrom: r.day(0), SpendTo: r.day(90)},
			Rules: contract.FundRules{HoldOn: hold, Proof: []contract.ProofRule{{Requirements: []contract.ProofRequirement{{ID: "invoice", Kind: contract.ProofKindInvoice}}}}},
		}
		f, err := r.CreateFund(ctx, body)
		if err != nil {
			return "", err
		}
		if _, err := r.OpenFund(ctx, f.ID, ""); err != nil || kind == contract.FundKindProposalBased {
			return f.ID, err
		}
		a, err := r.Allocate(ctx, &contract.NewAllocation{FundID: f.ID, PartnerID: "par_a", Amount: usd("100")})
		if err != nil {
			return "", err
		}
		return a.ID, nil
	}))
}

// ask asks for 60 of the 100 dollars.
func (r *room) ask(t *testing.T, fundID string) (*contract.Request, error) {
	t.Helper()
	return as(t.Context(), r, partner("par_a"), func(ctx context.Context) (*contract.Request, error) {
		return r.QuickRequest(ctx, &contract.QuickRequest{Type: contract.ActivityTypeEvent, StartsOn: r.day(0), Amount: usd("60"), FundID: fundID})
	})
}

func (r *room) grant(t *testing.T, id string) error {
	t.Helper()
	return second(as(t.Context(), r, theVendor, func(ctx context.Context) (*contract.Request, error) {
		return r.ApproveRequest(ctx, id, "", &contract.Approval{})
	}))
}

func lacks20(t *testing.T, err error) {
	t.Helper()
	assert.Equal(t, contract.Shortfall{Available: usd("40.00"), Shortfall: usd("20.00")}, contract.ShortfallOf(err))
}

func raceOfRequests(t *testing.T, dsn string) {
	t.Helper()
	r := newRoom(t, dsn, "par_a")
	id := r.open(t, contract.FundKindDiscretionary, contract.HoldOnSubmit)
	lacks20(t, atOnce(t, contract.ErrInsufficientFunds, func(int) error { return second(r.ask(t, "")) }))
	require.NoError(t, newAuditor(r).look(t.Context(), id))
}

func raceOfApprovals(t *testing.T, dsn string) {
	t.Helper()
	r := newRoom(t, dsn, "par_a")
	id := r.open(t, contract.FundKindDiscretionary, contract.HoldOnApproval)
	var asked []string
	for range 12 {
		asked = append(asked, must[*contract.Request](t)(r.ask(t, "")).ID)
	}
	lacks20(t, atOnce(t, contract.ErrInsufficientFunds, func(i int) error { return r.grant(t, asked[i]) }))
	require.NoError(t, newAuditor(r).look(t.Context(), id))
}

func raceOfProposals(t *testing.T, dsn string) {
	t.Helper()
	r := newRoom(t, dsn, "par_a")
	fundID := r.open(t, contract.FundKindProposalBased, "")
	var asked []string
	for range 12 {
		asked = append(asked, must[*contract.Request](t)(r.ask(t, fundID)).ID)
	}
	lacks20(t, atOnce(t, contract.ErrInsufficientFunds, func(i int) error { return r.grant(t, asked[i]) }))
	newAuditor(r).whole(t.Context(), t)
}

// raceOfClaims sends one invoice in twelve times.
func raceOfClaims(t *testing.T, dsn string) {
	t.Helper()
	r := newRoom(t, dsn, "par_a")
	r.open(t, contract.FundKindDiscretionary, contract.HoldOnSubmit)
	request := must[*contract.Request](t)(r.ask(t, ""))
	require.NoError(t, r.grant(t, request.ID))
	require.NoError(t, r.proof(t.Context(), "par_a", "file_1"))
	err := atOnce(t, contract.ErrDuplicateInvoice, func(int) error {
		return second(as(t.Context(), r, partner("par_a"), func(ctx context.Context) (*contract.Claim, error) {
			return r.QuickClaim(ctx, &contract.QuickClaim{RequestID: request.ID, InvoiceNumber: "1", Supplier: "Hall", Spent: usd("8"), FileIDs: []string{"file_1"}})
		}))
	})
	assert.NotEmpty(t, contract.ClaimOf(err))
	newAuditor(r).whole(t.Context(), t)
}
