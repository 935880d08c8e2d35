package webhook_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

// redisClient is the part of a Redis client that the store needs; with go-redis it is Eval(ctx, script, keys, args...).Int().
type redisClient interface {
	Eval(ctx context.Context, script string, keys []string, args ...any) (int, error)
}

// redisStore is a webhook.DedupeStore in Redis. Each event is one key, whose value is its owner, or "done"; Redis forgets it in time.
// The three scripts run atomically there.
type redisStore struct {
	client redisClient
	prefix string
}

const (
	claimScript = `local v = redis.call('GET', KEYS[1])
if v == 'done' then return 2 end
if v then return 1 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 0`
	commitScript = `if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('SET', KEYS[1], 'done', 'PX', ARGV[2]) end
return 0`
	releaseScript = `if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 0`
)

func (s *redisStore) Claim(ctx context.Context, c webhook.Claim) (webhook.ClaimState, error) {
	n, err := s.client.Eval(ctx, claimScript, []string{s.prefix + c.Key}, c.Owner, c.Lease.Milliseconds())
	if err != nil {
		return webhook.InFlight, err
	}
	return [...]webhook.ClaimState{webhook.Fresh, webhook.InFlight, webhook.Done}[n], nil
}

func (s *redisStore) Commit(ctx context.Context, c webhook.Claim) error {
	_, err := s.client.Eval(ctx, commitScript, []string{s.prefix + c.Key}, c.Owner, c.Keep.Milliseconds())
	return err
}

func (s *redisStore) Release(ctx context.Context, c webhook.Claim) error {
	_, err := s.client.Eval(ctx, releaseScript, []string{s.prefix + c.Key}, c.Owner)
	return err
}

// A store in Redis, shared by all replicas of a service, is forty lines.
func ExampleDedupeStore() {
	ctx := context.Background()
	store := &redisStore{client: newFakeRedis(), prefix: "webhook:"}
	first := webhook.Claim{Key: ":evt_1", Owner: "replica-1", Lease: 15 * time.Second, Keep: 7 * 24 * time.Hour}
	second := first
	second.Owner = "replica-2"
	words := []string{"fresh", "in flight", "done"}
	for _, step := range []func() error{
		func() error { return nil },
		func() error { return store.Commit(ctx, second) }, // not its own: nothing happens
		func() error { return store.Commit(ctx, first) },
	} {
		_ = step()
		a, _ := store.Claim(ctx, first)
		b, _ := store.Claim(ctx, second)
		fmt.Println(words[a]+",", words[b])
	}
	// Output:
	// fresh, in flight
	// in flight, in flight
	// done, done
}

// fakeRedis knows the three scripts above, and no more of Redis.
type fakeRedis struct {
	mu     sync.Mutex
	values map[string]string
}

func newFakeRedis() *fakeRedis { return &fakeRedis{values: map[string]string{}} }

func (f *fakeRedis) Eval(_ context.Context, script string, keys []string, args ...any) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	key, owner := keys[0], fmt.Sprint(args[0])
	value, held := f.values[key]
	switch {
	case strings.HasPrefix(script, "local") && value == "done":
		return 2, nil
	case strings.HasPrefix(script, "local") && held:
		return 1, nil
	case strings.HasPrefix(script, "local"):
		f.values[key] = owner
	case value == owner && strings.Contains(script, "DEL"):
		delete(f.values, key)
	case value == owner:
		f.values[key] = "done"
	}
	return 0, nil
}
