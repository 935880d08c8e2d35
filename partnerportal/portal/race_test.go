package portal_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store/storetest"
)

// TestThousandForOneCustomer: 50 partners register the same customer 1,000 times at once, over HTTP. All are let in for
// review; exactly one can be approved without an override, and it is the first.
func TestThousandForOneCustomer(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) { thousandForOneCustomer(t, "sqlite:"+filepath.Join(t.TempDir(), "portal.db")) })
	t.Run("postgres", func(t *testing.T) { thousandForOneCustomer(t, storetest.Postgres(t)) })
}

func thousandForOneCustomer(t *testing.T, dsn string) {
	t.Helper()
	partners, each := 50, 20
	if raceDetector { // which makes SQLite, in Go, ten times slower
		each = 4
	}
	p := openAt(t, dsn)
	rules, err := p.Admin().Program(t.Context(), portal.DefaultProgramID)
	require.NoError(t, err)
	rules.Deal.SubmitOnConflict = "allow_review"
	require.NoError(t, p.Admin().PutProgram(t.Context(), *rules))
	body := fmt.Sprintf(`{"customer":{"name":"Initech","country":"US","domain":"initech.com"},"amount":{"amount":"1000.00","currency":"USD"},
		"expected_close_on":%q,"products":[{"family":"GTX","quantity":1}]}`, partnerportal.DateOf(time.Now().AddDate(0, 1, 0)))

	var callers []*raw
	for i := range partners {
		callers = append(callers, as(t, p, partner(t, p, fmt.Sprintf("Partner %d", i))))
	}
	var mu sync.Mutex
	var registered []deals.Deal
	refused := map[string]int{}
	var next atomic.Int64
	var group sync.WaitGroup
	for range 32 {
		group.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= partners*each {
					return
				}
				a := callers[i%partners].with("Idempotency-Key", fmt.Sprint(i)).post("/v1/deals/quick", body)
				mu.Lock()
				if a.status == http.StatusCreated {
					var deal deals.Deal
					if assert.NoError(t, json.Unmarshal(a.body, &deal)) {
						registered = append(registered, deal)
					}
				} else {
					refused[fmt.Sprint(a.status, " ", a.problem.Code)]++
				}
				mu.Unlock()
			}
		})
	}
	group.Wait()
	t.Logf("%d registered, refused: %v", len(registered), refused)
	for answer := range refused {
		assert.False(t, strings.HasPrefix(answer, "5"), "no request fails: %s", answer)
		assert.True(t, strings.HasPrefix(answer, "409 own_duplicate"), "only a partner's own repetition is refused: %s", answer)
	}
	require.Len(t, registered, partners, "each partner is let in once")

	slices.SortFunc(registered, func(a, b deals.Deal) int { return int(a.Priority - b.Priority) })
	for i := range registered[1:] {
		assert.Less(t, registered[i].Priority, registered[i+1].Priority, "priorities are unique")
		assert.False(t, registered[i+1].RegisteredAt.Before(registered[i].RegisteredAt), "and in the order of registration")
	}
	vendor := as(t, p, "")
	approvable := 0
	for i := range registered {
		deal := registered[len(registered)-1-i] // the last comers are tried first
		a := vendor.post("/v1/deals/"+deal.ID+"/approve", `{}`)
		if a.status == http.StatusOK {
			approvable++
			assert.Equal(t, registered[0].ID, deal.ID, "the first comer")
		} else {
			assert.Equal(t, http.StatusConflict, a.status, "%s", a.body)
		}
	}
	assert.Equal(t, 1, approvable)
}
