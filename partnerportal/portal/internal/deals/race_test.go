package deals_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	contract "github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store/storetest"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
)

// TestThousandRegistrations lets 50 partners register the same customer 1,000 times at once.
func TestThousandRegistrations(t *testing.T) {
	t.Parallel()
	times := 1000
	if raceDetector { // which makes SQLite, in Go, ten times slower
		times = 200
	}
	for _, onConflict := range []string{"block", "allow_review"} {
		t.Run(onConflict, func(t *testing.T) {
			t.Parallel()
			rush(t, "sqlite::memory:", onConflict, times)
		})
	}
}

// TestThousandOnPostgreSQL does the same where transactions really run side by side.
func TestThousandOnPostgreSQL(t *testing.T) {
	t.Parallel()
	for _, onConflict := range []string{"block", "allow_review"} {
		t.Run(onConflict, func(t *testing.T) {
			t.Parallel()
			rush(t, storetest.Postgres(t), onConflict, 200)
		})
	}
}

func rush(t *testing.T, dsn, onConflict string, times int) {
	t.Helper()
	r := newRoomOn(t, dsn, func(p *policy.Program) { p.Deal.SubmitOnConflict = program.SubmitPolicy(onConflict) })
	t.Cleanup(func() { require.NoError(t, r.store.Close()) })
	partners := make([]who, 50)
	for i := range partners {
		partners[i] = r.partner(t, fmt.Sprintf("par_%02d", i))
	}
	var group sync.WaitGroup
	for i := range times {
		group.Go(func() {
			if _, err := partners[i%len(partners)].register(gtx()); err != nil {
				assert.True(t, isProblem(err), "%v", err)
			}
		})
	}
	group.Wait()
	page, err := r.vendor().list(contract.ListParams{Limit: 1000, Sort: partnerportal.SortOldestFirst})
	require.NoError(t, err)
	require.Len(t, page.Items, map[string]int{"block": 1, "allow_review": len(partners)}[onConflict])
	slices.SortFunc(page.Items, func(a, b contract.Deal) int { return int(a.Priority - b.Priority) })
	for i, d := range page.Items {
		assert.Equal(t, int64(i+1), d.Priority)
		assert.Equal(t, i, d.Conflicts.Blocking, "a conflict with each of those ahead")
	}

	approve := func(a contract.Approval) (approved int) {
		var mu sync.Mutex
		for _, d := range page.Items {
			group.Go(func() {
				_, err := r.vendor().approve(d.ID, a)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					approved++
					return
				}
				assert.True(t, isProblem(err), "%v", err)
			})
		}
		group.Wait()
		return approved
	}
	assert.Equal(t, 1, approve(contract.Approval{}), "exactly one is approvable without an override")
	assert.Zero(t, approve(contract.Approval{OverrideReason: "x", Exclusivity: contract.ExclusivityExclusive}), "and none beside it, even with one")
}
