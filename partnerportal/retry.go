package partnerportal

import (
	"errors"
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// RetryPolicy says how often, and how patiently, a call is tried again. Zero fields take the defaults.
//
// What is tried again is not a matter of the policy. A request that the portal has certainly not seen, or turned away unread
// (429), is always safe to repeat; one that may have been carried out (a broken connection, 408, 425, 500, 502, 503, 504) is repeated
// only for GET, HEAD, PUT, DELETE and calls with an idempotency key. Everything else is final, in particular other 4xx, refused
// certificates and answers that are not what the contract has. A 401 makes the client fetch a new access token, once per call.
type RetryPolicy struct {
	// MaxAttempts is the number of attempts in all; 1 means never again, 0 means 4.
	MaxAttempts int
	// BaseDelay is the bound of the random wait before the second attempt after a failed connection; it doubles with every
	// further attempt. After an answer of the portal the bound is a quarter of it, as the portal is alive; after a 429 it is
	// five times as much. 0 means 200 ms.
	BaseDelay time.Duration
	// MaxDelay is the largest such bound; 0 means 10 s.
	MaxDelay time.Duration
	// MaxRetryAfter is the longest wait that is obeyed when the portal asks for one with Retry-After; up to a tenth is added so
	// that callers do not come back all at once. When asked to wait for longer, the call fails without waiting. 0 means 60 s.
	MaxRetryAfter time.Duration
	// Budget is the size of the client's store of retries, which keeps many callers from multiplying the load on a portal in
	// trouble: a further attempt takes 5 from it, after a broken connection 10, and a successful call puts 1 back. When it is
	// empty, failures are returned at once. 0 means 500. For a single call it has no effect.
	Budget int
}

func (p RetryPolicy) check() error {
	if p.MaxAttempts < 0 || p.BaseDelay < 0 || p.MaxDelay < 0 || p.MaxRetryAfter < 0 || p.Budget < 0 {
		return errors.New("WithRetry: a field of the policy is negative")
	}
	return nil
}

func (p RetryPolicy) withDefaults() RetryPolicy {
	return p.over(RetryPolicy{MaxAttempts: 4, BaseDelay: 200 * time.Millisecond, MaxDelay: 10 * time.Second,
		MaxRetryAfter: time.Minute, Budget: 500})
}

// over fills the zero fields of p from base.
func (p RetryPolicy) over(base RetryPolicy) RetryPolicy {
	if p.MaxAttempts == 0 {
		p.MaxAttempts = base.MaxAttempts
	}
	if p.BaseDelay == 0 {
		p.BaseDelay = base.BaseDelay
	}
	if p.MaxDelay == 0 {
		p.MaxDelay = base.MaxDelay
	}
	if p.MaxRetryAfter == 0 {
		p.MaxRetryAfter = base.MaxRetryAfter
	}
	if p.Budget == 0 {
		p.Budget = base.Budget
	}
	return p
}

// WithRetry replaces the retry policy, of the client or of one call.
func WithRetry(policy RetryPolicy) CommonOption { return retryOption(policy) }

type retryOption RetryPolicy

func (o retryOption) applyClient(s *settings) error {
	s.retry = RetryPolicy(o).withDefaults()
	return RetryPolicy(o).check()
}

func (o retryOption) applyRequest(r *requestSettings) error {
	r.retry = RetryPolicy(o)
	return RetryPolicy(o).check()
}

// backoff returns the random wait before attempt number next (2, 3, …). The full range down to zero is used ("full jitter"), which
// spreads callers that failed together the widest.
func (p RetryPolicy) backoff(next, status int) time.Duration {
	bound := p.BaseDelay
	switch {
	case status == 429:
		bound *= 5
	case status != 0:
		bound /= 4
	}
	for range next - 2 {
		if bound >= p.MaxDelay {
			break
		}
		bound *= 2
	}
	bound = min(bound, p.MaxDelay)
	if bound <= 0 {
		return 0
	}
	return rand.N(bound + 1)
}

// retryBudget is the store of retries that the calls of a client share.
type retryBudget struct {
	size int64
	left atomic.Int64
}

// What a further attempt takes from the budget. A broken connection is dearer: finding out took a timeout's worth of waiting.
const (
	costStatus = 5
	costBroken = 10
)

func newRetryBudget(size int) *retryBudget {
	b := &retryBudget{size: int64(size)}
	b.left.Store(int64(size))
	return b
}

func (b *retryBudget) take(cost int64) bool {
	for {
		left := b.left.Load()
		if left < cost {
			return false
		}
		if b.left.CompareAndSwap(left, left-cost) {
			return true
		}
	}
}

func (b *retryBudget) succeed() {
	// Full is the common case and must not make the callers contend for the counter.
	if left := b.left.Load(); left < b.size {
		b.left.CompareAndSwap(left, left+1) // losing a race loses a unit, which does no harm
	}
}
