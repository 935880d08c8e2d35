package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store/storetest"
)

// timings stores n times of a form over 90 days, most of them around a minute and a half.
func timings(tb testing.TB, s *store.Store, n int) {
	tb.Helper()
	dice := rand.New(rand.NewPCG(1, 2))
	require.NoError(tb, s.Write(context.Background(), func(tx *store.Tx) error {
		for i := range n {
			added, err := tx.AddTiming(context.Background(), store.InsertTimingParams{
				ID: fmt.Sprintf("tim_%08d", i), Flow: "deal_registration", PartnerID: fmt.Sprintf("par_%d", i%500), TierID: []string{"gold", "silver"}[i%2],
				ResourceID: fmt.Sprintf("deal_%d", i), Day: 20000 + int64(i%90), Seconds: int64(30 + dice.ExpFloat64()*60), Doc: "{}",
			})
			if err != nil {
				return err
			}
			require.True(tb, added)
		}
		return nil
	}))
}

// The sums of a day and the times themselves say the same, and only once.
func TestSumsAreThoseOfTheTimes(t *testing.T) {
	t.Parallel()
	for name, dsn := range storetest.Engines {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := store.Open(t.Context(), dsn(t))
			require.NoError(t, err)
			defer s.Close()
			timings(t, s, 1000)
			ask := store.TimesQuery{Flow: "deal_registration", FromDay: 20010, ToDay: 20019, TierIDs: []string{"gold"}}
			sums := tally(t, s, ask)
			for i := range 500 {
				ask.PartnerIDs = append(ask.PartnerIDs, fmt.Sprintf("par_%d", i))
			}
			assert.Equal(t, tally(t, s, ask), sums)
			n := 0
			for _, times := range sums {
				for _, count := range times {
					n += count
				}
			}
			assert.Equal(t, 5*11, n, "of every other day eleven")

			again := store.InsertTimingParams{ID: "tim_again", Flow: "deal_registration", ResourceID: "deal_1", Seconds: 1, Doc: "{}"}
			require.NoError(t, s.Write(t.Context(), func(tx *store.Tx) error {
				added, err := tx.AddTiming(t.Context(), again)
				assert.False(t, added, "a resource is measured once")
				return err
			}))
		})
	}
}

// tally is how often each time occurred on each day.
func tally(t *testing.T, s *store.Store, ask store.TimesQuery) map[int64]map[int]int {
	t.Helper()
	days, err := s.Read().Times(t.Context(), ask)
	require.NoError(t, err)
	sums := map[int64]map[int]int{}
	for _, d := range days {
		if sums[d.Day] == nil {
			sums[d.Day] = map[int]int{}
		}
		for seconds, n := range d.Times {
			sums[d.Day][seconds] += n
		}
	}
	return sums
}

// Two registrations at once must not lose one of the times.
func TestSumsAreKeptByConcurrentWriters(t *testing.T) {
	t.Parallel()
	s, err := store.Open(t.Context(), storetest.Postgres(t))
	require.NoError(t, err)
	defer s.Close()
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for j := range 10 {
				assert.NoError(t, s.Write(t.Context(), func(tx *store.Tx) error {
					_, err := tx.AddTiming(t.Context(), store.InsertTimingParams{ID: fmt.Sprintf("tim_%d_%d", i, j), Flow: "quote", Seconds: 60, Doc: "{}"})
					return err
				}))
			}
		})
	}
	group.Wait()
	assert.Equal(t, map[int64]map[int]int{0: {60: 80}}, tally(t, s, store.TimesQuery{Flow: "quote"}))
}

func BenchmarkTimes(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		s, err := store.Open(b.Context(), "sqlite:"+b.TempDir()+"/times.db")
		require.NoError(b, err)
		timings(b, s, n)
		for name, ask := range map[string]store.TimesQuery{
			"all":     {Flow: "deal_registration", FromDay: 20000, ToDay: 20089},
			"partner": {Flow: "deal_registration", FromDay: 20000, ToDay: 20089, PartnerIDs: []string{"par_7"}},
		} {
			b.Run(fmt.Sprintf("%d/%s", n, name), func(b *testing.B) {
				for b.Loop() {
					if _, err := s.Read().Times(b.Context(), ask); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		require.NoError(b, s.Close())
	}
}
