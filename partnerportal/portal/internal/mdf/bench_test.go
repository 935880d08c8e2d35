package mdf_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	contract "github.com/partnerportal/partnerportal-go/mdf"
)

// wealthy is a partner with so many ledger entries, on a SQLite file.
func wealthy(b *testing.B, entries int) (r *room, allocationID string) {
	b.Helper()
	r = newRoom(b, onFile(b), "par_a")
	allocationID = must[string](b)(as(b.Context(), r, theVendor, func(ctx context.Context) (string, error) {
		f, err := r.CreateFund(ctx, &contract.NewFund{
			Name: "Fund", Kind: contract.FundKindDiscretionary, Currency: "USD", Period: contract.Period{SpendFrom: r.day(0), SpendTo: r.day(90)},
		})
		if err != nil {
			return "", err
		}
		if _, err := r.OpenFund(ctx, f.ID, ""); err != nil {
			return "", err
		}
		a, err := r.Allocate(ctx, &contract.NewAllocation{FundID: f.ID, PartnerID: "par_a", Amount: usd("1000000")})
		if err != nil {
			return "", err
		}
		for i := 1; i < entries; i++ {
			if _, err := r.AdjustAllocation(ctx, a.ID, "", &contract.Adjustment{Amount: usd("1"), Memo: "more"}); err != nil {
				return "", err
			}
		}
		return a.ID, nil
	}))
	return r, allocationID
}

func BenchmarkQuickRequest(b *testing.B) {
	for _, entries := range []int{10, 10_000} {
		b.Run(fmt.Sprint(entries, "_entries"), func(b *testing.B) {
			r, _ := wealthy(b, entries)
			for b.Loop() {
				_, err := as(b.Context(), r, partner("par_a"), func(ctx context.Context) (*contract.Request, error) {
					return r.QuickRequest(ctx, &contract.QuickRequest{Type: contract.ActivityTypeEvent, StartsOn: r.day(3), Amount: usd("1")})
				})
				require.NoError(b, err)
			}
		})
	}
}

func BenchmarkBalance(b *testing.B) {
	for _, entries := range []int{10, 10_000} {
		b.Run(fmt.Sprint(entries, "_entries"), func(b *testing.B) {
			r, _ := wealthy(b, entries)
			for b.Loop() {
				_, err := as(b.Context(), r, partner("par_a"), func(ctx context.Context) (*contract.BalanceSheet, error) {
					return r.Balance(ctx, &contract.BalanceParams{})
				})
				require.NoError(b, err)
			}
		})
	}
}

func BenchmarkLedgerPage(b *testing.B) {
	r, allocationID := wealthy(b, 10_000)
	for b.Loop() {
		_, err := as(b.Context(), r, partner("par_a"), func(ctx context.Context) (*contract.EntryPage, error) {
			return r.ListEntries(ctx, &contract.ListEntriesParams{AllocationID: allocationID, After: 9_000})
		})
		require.NoError(b, err)
	}
}
