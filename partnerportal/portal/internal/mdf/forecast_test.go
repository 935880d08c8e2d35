package mdf_test

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	contract "github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// TestWhatIsForecastHappens compares, after random histories, what the forecast says of the coming two years with what the ledger says
// after them, if nobody does anything: every movement, to the cent and in its order.
func TestWhatIsForecastHappens(t *testing.T) {
	t.Parallel()
	reasons, seeds := map[contract.ForecastReason]int{}, uint64(12)
	if raceDetector || testing.Short() {
		seeds = 4
	}
	for seed := range seeds {
		w, rng := newTurmoil(t, "sqlite::memory:"), rand.New(rand.NewPCG(seed, 7))
		for range 250 {
			name, err := w.one(t.Context(), rng)
			if !acceptable(err) {
				require.NoError(t, err, name)
			}
		}
		for range 30 { // or too few would be waiting for an answer
			for _, do := range []func(context.Context, *rand.Rand) error{w.claim, w.sendClaimBack, w.sendBack} {
				require.True(t, acceptable(do(t.Context(), rng)))
			}
		}
		var want []movement
		for _, partnerID := range w.partners {
			f := must[*contract.Forecast](t)(as(t.Context(), w.room, partner(partnerID), func(ctx context.Context) (*contract.Forecast, error) {
				return w.Forecast(ctx, &contract.ForecastParams{Until: w.day(700)})
			}))
			for _, item := range f.Items {
				require.Equal(t, partnerID, item.PartnerID)
				reasons[item.Reason]++
				want = append(want, movement{store.Micros(item.At), item.AllocationID, item.From, item.To, item.Amount, item.RequestID, item.ActivityID, item.ClaimID})
			}
		}
		before := len(w.ledger(t))
		require.NoError(t, w.live(t.Context(), 701))
		var got []movement
		for _, e := range w.ledger(t)[before:] {
			if e.To != contract.AccountCommitted {
				got = append(got, movement{store.Micros(e.RecordedAt), e.AllocationID, e.From, e.To, e.Amount, e.RequestID, e.ActivityID, e.ClaimID})
			}
		}
		require.NotEmpty(t, got)
		assert.Equal(t, sorted(want), sorted(got), "seed %d", seed)
		newAuditor(w.room).whole(t.Context(), t)
	}
	for _, reason := range []contract.ForecastReason{
		contract.ForecastReasonAllocationEnd, contract.ForecastReasonClaimDeadline, contract.ForecastReasonRequestChangesOverdue,
		contract.ForecastReasonClaimChangesOverdue, contract.ForecastReasonFundMinimum,
	} {
		assert.NotZero(t, reasons[reason], "nothing was forecast for %s", reason)
	}
	t.Logf("forecast and happened: %v", reasons)
}

// movement is what a forecast and the ledger have in common.
type movement struct {
	at                             int64
	allocationID                   string
	from, to                       contract.Account
	amount                         partnerportal.Money
	requestID, activityID, claimID string
}

// sorted puts movements in an order of their own, by when and where; of one allocation at one instant they stay in theirs.
func sorted(all []movement) []movement {
	slices.SortStableFunc(all, func(a, b movement) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.allocationID, b.allocationID))
	})
	return all
}

// ledger is everything that was ever posted.
func (r *room) ledger(t *testing.T) []contract.Entry {
	t.Helper()
	return everything(t.Context(), t, r.store.Read(), "mdf_ledger", "doc", document[contract.Entry])
}
