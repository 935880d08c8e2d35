package account_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/account"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/figures"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
)

// BenchmarkSummary reads the first screen of a partner with that many deals, commissions and entries of the MDF ledger, through the SDK and
// the whole portal in process, on a durable SQLite file. It is flat: the figures are sums that are kept.
func BenchmarkSummary(b *testing.B) {
	for _, rows := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprint(rows), func(b *testing.B) {
			dsn := "sqlite:" + filepath.Join(b.TempDir(), "portal.db")
			seed(b, dsn, rows)
			p, err := portal.Open(b.Context(), dsn)
			require.NoError(b, err)
			b.Cleanup(func() { require.NoError(b, p.Close()) })
			key, err := p.Admin().CreateAPIKey(b.Context(), portal.ClientSpec{PartnerID: "par_bench", Name: "Benchmark"})
			require.NoError(b, err)
			pp, err := partnerportal.New("https://portal.test", partnerportal.WithHandler(p), partnerportal.WithAPIKey(key))
			require.NoError(b, err)
			money := account.New(pp)
			var took []time.Duration
			for b.Loop() {
				began := time.Now()
				sum, err := money.Summary(b.Context(), account.SummaryParams{})
				took = append(took, time.Since(began))
				if err != nil || sum.OpenPipeline.Count != rows/10 || sum.RevenueYTD.Source.Error != "" {
					b.Fatal(err, sum)
				}
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*95/100].Microseconds()), "p95-µs")
		})
	}
}

// seed gives one partner that many of everything: of the deals a tenth are open, half of those protected, and a tenth are won on the
// days of the last two years.
func seed(b *testing.B, dsn string, rows int) {
	b.Helper()
	ctx, now := b.Context(), time.Now().UTC().Truncate(time.Microsecond)
	s, err := store.Open(ctx, dsn)
	require.NoError(b, err)
	defer func() { require.NoError(b, s.Close()) }()
	require.NoError(b, s.Write(ctx, func(tx *store.Tx) error {
		rules := policy.Default()
		if err := directory.Put(ctx, tx, &rules, now); err != nil {
			return err
		}
		return directory.CreatePartner(ctx, tx, &policy.Partner{ID: "par_bench", Name: "Bench", Status: "active", ProgramID: rules.ID}, now)
	}))
	for first := 0; first < rows; first += 5_000 {
		require.NoError(b, s.Write(ctx, func(tx *store.Tx) error {
			if err := seedLedger(b, tx, first, min(rows, first+5_000), now); err != nil {
				return err
			}
			for i := first; i < min(rows, first+5_000); i++ {
				if err := seedDeal(b, tx, i, now); err != nil {
					return err
				}
				if err := seedCommission(b, tx, i, now); err != nil {
					return err
				}
			}
			return nil
		}))
	}
}

func seedLedger(b *testing.B, tx *store.Tx, from, to int, now time.Time) error {
	b.Helper()
	if from == 0 {
		err := errors.Join(
			tx.InsertFund(b.Context(), store.InsertFundParams{ID: "fund_bench", ProgramID: policy.DefaultID, Status: "active", Doc: "{}"}),
			tx.InsertAllocation(b.Context(), store.InsertAllocationParams{ID: "alc_bench", FundID: "fund_bench", PartnerID: "par_bench", Status: "active", Currency: "USD",
				Allocated: 5, Available: 5, Doc: "{}"}),
			figures.Move(b.Context(), tx, "par_bench", now, nil, []figures.Part{{Key: figures.Key{Name: figures.MDFAvailable}, Amount: usd("0.0005")}}))
		if err != nil {
			return err
		}
	}
	for i := from; i < to; i++ {
		if err := tx.InsertLedgerEntry(b.Context(), store.InsertLedgerEntryParams{ID: fmt.Sprintf("mle_%026d", i), AllocationID: "alc_bench", Sequence: int64(i), FundID: "fund_bench",
			PartnerID: "par_bench", FromAccount: "available", ToAccount: "held", Amount: 1, Currency: "USD", CreatedAt: store.Micros(now), Doc: "{}"}); err != nil {
			return err
		}
	}
	return nil
}

func seedDeal(b *testing.B, tx *store.Tx, i int, now time.Time) error {
	b.Helper()
	d := deals.Deal{ID: fmt.Sprintf("deal_%026d", i), Number: fmt.Sprintf("D-%06d", i), Revision: 1, PartnerID: "par_bench", ProgramID: policy.DefaultID,
		Status: deals.StatusLost, Outcome: deals.OutcomeLost, Amount: usd("125000"), CreatedAt: now, UpdatedAt: now}
	expires := int64(0)
	switch i % 20 {
	case 0:
		d.Status, d.Outcome = deals.StatusSubmitted, deals.OutcomeOpen
	case 1:
		d.Status, d.Outcome = deals.StatusApproved, deals.OutcomeOpen
		d.Protection = deals.Protection{Status: deals.ProtectionStatusActive, ExpiresAt: now.AddDate(0, 0, 1+i%90)}
		expires = store.Micros(d.Protection.ExpiresAt)
	case 2, 3:
		d.Status, d.Outcome = deals.StatusWon, deals.OutcomeWon
		d.Close = deals.Close{ActualAmount: usd("120000"), ClosedAt: now.AddDate(0, 0, -i%700)}
	}
	doc, err := json.Marshal(&d)
	if err != nil {
		return err
	}
	return tx.InsertDeal(b.Context(), store.InsertDealParams{ID: d.ID, Number: d.Number, Bucket: store.Bucket(d.ID), PartnerID: d.PartnerID, ProgramID: d.ProgramID,
		Status: string(d.Status), Outcome: string(d.Outcome), ExpiresAt: expires, Revision: 1, CreatedAt: store.Micros(now), UpdatedAt: store.Micros(now), Doc: string(doc)})
}

func seedCommission(b *testing.B, tx *store.Tx, i int, now time.Time) error {
	b.Helper()
	k := account.Commission{ID: fmt.Sprintf("com_%026d", i), Revision: 1, PartnerID: "par_bench", Status: account.CommissionStatusPaid, Kind: account.CommissionKindCommission,
		Amount: usd("5000"), EarnedAt: now, CreatedAt: now, UpdatedAt: now, PaidOn: partnerportal.DateOf(now)}
	doc, err := json.Marshal(&k)
	if err != nil {
		return err
	}
	return tx.InsertCommission(b.Context(), store.InsertCommissionParams{ID: k.ID, Bucket: store.Bucket(k.ID), PartnerID: k.PartnerID, Status: string(k.Status), Kind: string(k.Kind),
		Currency: "USD", EarnedAt: store.Micros(now), Revision: 1, CreatedAt: store.Micros(now), UpdatedAt: store.Micros(now), Doc: string(doc)})
}
