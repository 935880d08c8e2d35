package deliver_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Case 155: endpoints that do not answer, many of them and with much to be sent, do not delay one that does.
func TestDeadEndpointsDelayNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newBubble(t)
		var dead crowd
		for i := range 20 {
			r.endpoint(fmt.Sprintf("dead-%d.test", i), func(_ http.ResponseWriter, req *http.Request) {
				defer dead.enter()()
				<-req.Context().Done()
			})
		}
		var got inbox
		r.endpoint("a.test", got.ServeHTTP)
		for process := range 2 {
			ctx, cancel := context.WithCancel(t.Context())
			var running sync.WaitGroup
			running.Go(func() { r.sender.Run(ctx) })
			for minute := range 3 {
				start := time.Now()
				for i := range 6 {
					r.happen(fmt.Sprintf("deal_%d_%d_%d", process, minute, i))
				}
				r.sender.Wake()
				synctest.Wait()
				assert.Len(t, got.of(""), 6*(3*process+minute+1))
				assert.Equal(t, start, time.Now(), "no time has passed")
				underway, _ := dead.count()
				if process == 0 && minute == 0 {
					assert.Equal(t, 40, underway)
				} else {
					assert.Equal(t, 16, underway, "when they are known, also to the next process, they share what the others leave")
				}
				<-time.After(time.Minute)
			}
			cancel()
			running.Wait()
			synctest.Wait()
		}
	})
}

// TestSlowSubject has an endpoint that does not answer for one subject, of which much is to be sent. The others do not wait for that.
func TestSlowSubject(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newBubble(t)
		var got inbox
		r.endpoint("a.test", func(w http.ResponseWriter, req *http.Request) {
			body, err := io.ReadAll(req.Body)
			assert.NoError(t, err)
			if bytes.Contains(body, []byte("deal_slow")) {
				<-req.Context().Done()
				return
			}
			req.Body = io.NopCloser(bytes.NewReader(body))
			got.ServeHTTP(w, req)
		})
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { r.sender.Run(ctx) })
		for range 3 {
			r.happen(append(slices.Repeat([]string{"deal_slow"}, 150), "deal_1", "deal_2", "deal_3")...)
			start := time.Now()
			r.sender.Wake()
			synctest.Wait()
			assert.Equal(t, start, time.Now(), "no time has passed")
			assert.Len(t, got.of(""), 3)
			got.all = nil
			<-time.After(time.Minute)
		}
		cancel()
		running.Wait()
	})
}

// crowd counts how many are at a place at once.
type crowd struct {
	mu        sync.Mutex
	now, most int
}

func (c *crowd) count() (now, most int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now, c.most
}

func (c *crowd) enter() (leave func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now++
	c.most = max(c.most, c.now)
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.now--
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newBubble(t)
		var all crowd
		busy := func(http.ResponseWriter, *http.Request) {
			defer all.enter()()
			<-time.After(time.Second)
		}
		subjects := make([]string, 20)
		for i := range subjects {
			subjects[i] = fmt.Sprintf("deal_%d", i)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { r.sender.Run(ctx) })

		r.register("par_1", "enabled", "one.test", busy)
		r.happenTo("par_1", subjects...)
		require.NoError(t, r.sender.Settle(ctx))
		_, most := all.count()
		assert.Equal(t, 4, most, "one endpoint")

		for i := range 30 {
			r.register("par_2", "enabled", fmt.Sprintf("many-%d.test", i), busy)
		}
		r.happenTo("par_2", subjects...)
		require.NoError(t, r.sender.Settle(ctx))
		_, most = all.count()
		assert.Equal(t, 16, most, "one partner")

		for i := range 15 {
			r.register(fmt.Sprintf("par_%d", 3+i%3), "enabled", fmt.Sprintf("more-%d.test", i), busy)
		}
		for i := range 3 {
			r.happenTo(fmt.Sprintf("par_%d", 3+i), subjects...)
		}
		require.NoError(t, r.sender.Settle(ctx))
		_, most = all.count()
		assert.Equal(t, 48, most, "all that are well; the rest is for those that are not")
		cancel()
		running.Wait()
	})
}
