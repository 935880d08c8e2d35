package figures_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/figures"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store/storetest"
)

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func open(t *testing.T, dsn string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), dsn)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// Whatever records come, change and go, a sum is what the records that are there add to it.
func TestSumsAreThoseOfTheRecords(t *testing.T) {
	t.Parallel()
	ctx, s, today := t.Context(), open(t, "sqlite::memory:"), partnerportal.DateOf(now)
	part := rapid.Custom(func(t *rapid.T) figures.Part {
		amount, err := partnerportal.NewMoney(rapid.Int64Range(-1e12, 1e12).Draw(t, "amount"), rapid.SampledFrom([]string{"USD", "EUR", "JPY"}).Draw(t, "currency"))
		require.NoError(t, err)
		p := figures.Part{Key: figures.Key{Name: rapid.SampledFrom([]string{"open", "won"}).Draw(t, "name")}, Amount: amount, Count: rapid.Int64Range(0, 1).Draw(t, "count")}
		if rapid.Bool().Draw(t, "dated") {
			p.Day = today.AddDays(rapid.IntRange(0, 5).Draw(t, "day"))
		}
		return p
	})
	runs := 0
	rapid.Check(t, func(t *rapid.T) {
		runs++
		partner := fmt.Sprintf("par_%d", runs)
		records := map[int][]figures.Part{}
		for range rapid.IntRange(1, 20).Draw(t, "changes") {
			record := rapid.IntRange(0, 5).Draw(t, "record")
			after := rapid.SliceOfN(part, 0, 4).Draw(t, "parts")
			require.NoError(t, s.Write(ctx, func(tx *store.Tx) error {
				return figures.Move(ctx, tx, partner, now, records[record], after)
			}))
			records[record] = after
		}
		for _, name := range []string{"open", "won"} {
			undated, err := figures.Of(ctx, s.Read(), partner, name)
			require.NoError(t, err)
			all, err := figures.All(ctx, s.Read(), partner)
			require.NoError(t, err)
			require.Equal(t, undated, all[name])
			requireSums(t, undated, records, func(p figures.Part) bool { return p.Name == name && p.Day.IsZero() })
			dated, err := figures.Between(ctx, s.Read(), partner, name, today.AddDays(1), today.AddDays(3))
			require.NoError(t, err)
			requireSums(t, dated, records, func(p figures.Part) bool {
				return p.Name == name && p.Day.After(today) && !p.Day.After(today.AddDays(3))
			})
		}
	})
}

func requireSums(t require.TestingT, sums []figures.Sum, records map[int][]figures.Part, counts func(figures.Part) bool) {
	amounts, numbers := map[string]int64{}, map[string]int64{}
	for _, parts := range records {
		for _, p := range parts {
			if counts(p) {
				amounts[p.Amount.Currency()] += p.Amount.TenThousandths()
				numbers[p.Amount.Currency()] += p.Count
			}
		}
	}
	for i, sum := range sums {
		require.Equal(t, amounts[sum.Amount.Currency()], sum.Amount.TenThousandths())
		require.Equal(t, numbers[sum.Amount.Currency()], sum.Count)
		delete(amounts, sum.Amount.Currency())
		require.True(t, i == 0 || sums[i-1].Amount.Currency() < sum.Amount.Currency(), "in the order of the currencies")
	}
	for currency, rest := range amounts {
		require.Zero(t, rest, currency)
	}
}

// A change that is undone moved nothing, and another partner's sums are another's.
func TestMoveIsPartOfItsTransaction(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); testMove(t, open(t, "sqlite::memory:")) })
	t.Run("postgres", func(t *testing.T) { t.Parallel(); testMove(t, open(t, storetest.Postgres(t))) })
}

func testMove(t *testing.T, s *store.Store) {
	t.Helper()
	deal := []figures.Part{{Key: figures.Key{Name: "open"}, Amount: partnerportal.MustMoney("100.00", "USD"), Count: 1}}
	require.NoError(t, s.Write(t.Context(), func(tx *store.Tx) error { return figures.Move(t.Context(), tx, "par_a", now, nil, deal) }))
	undone := errors.New("undone")
	require.ErrorIs(t, s.Write(t.Context(), func(tx *store.Tx) error {
		return errors.Join(figures.Move(t.Context(), tx, "par_a", now, deal, nil), undone)
	}), undone)
	sums, err := figures.Of(t.Context(), s.Read(), "par_a", "open")
	require.NoError(t, err)
	assert.Equal(t, []figures.Sum{{Amount: partnerportal.MustMoney("100.00", "USD"), Count: 1, ChangedAt: now}}, sums)
	sums, err = figures.Of(t.Context(), s.Read(), "par_b", "open")
	require.NoError(t, err)
	assert.Empty(t, sums)
}
