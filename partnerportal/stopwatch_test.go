package partnerportal_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// wait lets the bubble's clock go on.
func wait(d time.Duration) { <-time.After(d) }

func TestStopwatchCountsWhatIsTyped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		opened := time.Now()
		watch := partnerportal.NewStopwatch()
		watch.Prefilled("/customer/name", "/customer/domain", "/customer/name")
		wait(20 * time.Second)
		watch.Typed("/amount")
		wait(10 * time.Second)
		watch.Typed("/amount", "/customer/domain") // the person knows better
		watch.Prefilled("/amount")                 // too late
		assert.Equal(t, opened, watch.Started())
		assert.Equal(t, partnerportal.Timing{
			ActiveSeconds: 30, FieldsTyped: 2, FieldsPrefilled: 1, Typed: []string{"/amount", "/customer/domain"}, Prefilled: []string{"/customer/name"},
		}, watch.Timing())
	})
}

func TestStopwatchClipsPauses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		pauses []time.Duration
		want   int
	}{
		"none":               {[]time.Duration{0}, 0},
		"short ones count":   {[]time.Duration{119 * time.Second, 120 * time.Second}, 239},
		"of lunch 2 minutes": {[]time.Duration{30 * time.Second, time.Hour, 15 * time.Second}, 165},
		"overnight":          {[]time.Duration{16 * time.Hour}, 120},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				watch := partnerportal.NewStopwatch()
				for _, pause := range test.pauses[:len(test.pauses)-1] {
					wait(pause)
					watch.Touch()
				}
				wait(test.pauses[len(test.pauses)-1])
				assert.Equal(t, test.want, watch.Timing().ActiveSeconds)
				wait(5 * time.Second)
				assert.Equal(t, test.want+5, watch.Timing().ActiveSeconds, "it runs on")
			})
		})
	}
}

func TestStopwatchIsSafe(t *testing.T) {
	t.Parallel()
	watch := partnerportal.NewStopwatch()
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			watch.Typed("/amount")
			watch.Prefilled("/name")
			watch.Touch()
			watch.Timing()
		})
	}
	group.Wait()
	assert.Equal(t, 1, watch.Timing().FieldsTyped)
}
