package partnerportal

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"
)

// bearer is an access token, ready to be put on a request.
type bearer struct {
	secret  Secret
	header  []string  // the value of the Authorization header
	refresh time.Time // from when on a new one is fetched while this one still serves; zero: never
	expiry  time.Time // zero: never
}

func newBearer(token string) *bearer {
	return &bearer{secret: NewSecret(token), header: []string{"Bearer " + token}}
}

func (b *bearer) same(other *bearer) bool { return other != nil && b.header[0] == other.header[0] }

func (b *bearer) fresh(now time.Time) bool {
	return b != nil && (b.refresh.IsZero() || now.Before(b.refresh))
}

func (b *bearer) usable(now time.Time) bool {
	return b != nil && (b.expiry.IsZero() || now.Before(b.expiry))
}

// Times of the token source.
const (
	// fetchTimeout bounds one fetch, its retries included. The callers' contexts bound only their own waiting.
	fetchTimeout = 15 * time.Second
	// refreshEarly is how long before its expiry a token is renewed at most; short-lived ones are renewed in the last fifth.
	refreshEarly = 5 * time.Minute
	// failurePause and refusalPause keep callers from hammering a token endpoint that fails, or that knows them no more.
	failurePause = time.Second
	refusalPause = 30 * time.Second
)

// tokenSource holds the access token for all callers of a client. One fetch serves all who wait. It runs on its own goroutine and
// detached from the context of the caller who started it: that caller may leave while others wait on.
type tokenSource struct {
	fetch   func(ctx context.Context) (*oauth2.Token, error)
	current atomic.Pointer[bearer]

	mu      sync.Mutex
	flight  *tokenFlight
	failure error
	failing time.Time // until when failure is the answer
}

type tokenFlight struct {
	done   chan struct{}
	bearer *bearer
	err    error
}

// get returns a token that is good now.
func (s *tokenSource) get(ctx context.Context) (*bearer, error) {
	now := time.Now()
	if b := s.current.Load(); b.fresh(now) {
		return b, nil
	}
	flight, err := s.join(ctx, now)
	if b := s.current.Load(); b.usable(now) {
		return b, nil // in its last days: it serves while the new one is fetched, or could not be
	}
	if err != nil {
		return nil, err
	}
	if flight == nil {
		return s.get(ctx)
	}
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-flight.done:
		return flight.bearer, flight.err
	}
}

// join returns the fetch under way, after starting it if there is none. It returns nil if another one has just ended well.
func (s *tokenSource) join(ctx context.Context, now time.Time) (*tokenFlight, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.flight != nil:
		return s.flight, nil
	case s.current.Load().fresh(now):
		return nil, nil
	case now.Before(s.failing):
		return nil, s.failure
	}
	s.flight = &tokenFlight{done: make(chan struct{})}
	go s.run(context.WithoutCancel(ctx), s.flight)
	return s.flight, nil
}

func (s *tokenSource) run(ctx context.Context, flight *tokenFlight) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	flight.err = errors.New("the fetch did not return") // it left by runtime.Goexit
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if flight.err == nil {
			s.current.Store(flight.bearer)
			s.failure, s.failing = nil, time.Time{}
		} else {
			pause := failurePause
			if isRefusal(flight.err) {
				pause = refusalPause
			}
			s.failure, s.failing = flight.err, time.Now().Add(pause)
		}
		s.flight = nil
		close(flight.done)
	}()
	token, err := s.fetch(ctx)
	if err == nil {
		flight.bearer, err = bearerOf(token, time.Now())
	}
	flight.err = err
}

// invalidate forgets b after the portal has refused it. Going by the token that was used makes a hundred refusals of one token
// cause one fetch.
func (s *tokenSource) invalidate(b *bearer) { s.current.CompareAndSwap(b, nil) }

// bearerOf checks a token before it is put on a request: a portal that takes Bearer tokens must not be given another kind, and
// a token with a line break would forge headers.
func bearerOf(t *oauth2.Token, now time.Time) (*bearer, error) {
	switch {
	case t == nil || t.AccessToken == "":
		return nil, &Error{Operation: tokenOperation, Code: ErrNoToken, Err: errors.New("the token is empty")}
	case !strings.EqualFold(t.Type(), "Bearer"):
		return nil, &Error{Operation: tokenOperation, Code: ErrNoToken, Err: errors.New("the token is not of the type Bearer")}
	case !isVisible(t.AccessToken):
		return nil, &Error{Operation: tokenOperation, Code: ErrNoToken, Err: errors.New("the token holds characters that no token has")}
	}
	b := newBearer(t.AccessToken)
	if !t.Expiry.IsZero() {
		b.expiry = t.Expiry
		b.refresh = t.Expiry.Add(-min(refreshEarly, t.Expiry.Sub(now)/5))
	}
	return b, nil
}

func isVisible(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return s != ""
}
