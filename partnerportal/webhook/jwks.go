package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

const (
	maxJWKS          = 64 << 10        // bytes of a key set
	jwksFetchTimeout = 5 * time.Second // a sender waits 15 s for its answer
)

// JWKSOptions are the durations of [JWKS]. The zero value is good.
type JWKSOptions struct {
	Client   *http.Client  // carries the requests; its redirect policy is not used, since no redirect is followed
	Refresh  time.Duration // the age at which a set is fetched again; 1 h
	MaxStale time.Duration // the age until which a set is used while it cannot be fetched; 24 h
	MinFetch time.Duration // the least time between two fetches, whoever asks for them; 1 min
}

// JWKS is the KeySource of a sender that publishes its public keys as a JSON Web Key Set. The address is configured and is
// never taken from a request; it must be https, or http on this machine.
//
// The set is fetched by the delivery that first needs it, again when it is an hour old, and when a signature matches no key, for
// the sender may have rotated; but never twice within a minute, so that forged deliveries cannot set off a storm. While the
// address does not answer, the last good set serves for a day. Of the set, the first 4 Ed25519 signature keys count.
func JWKS(address string, o JWKSOptions) (KeySource, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.User != nil || !untampered(u) {
		return nil, errors.New("webhook: the address of a key set is an https URL without user information")
	}
	j := &jwks{address: u.String(), JWKSOptions: o}
	if o.Client != nil {
		j.client = *o.Client
	}
	j.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	setDefault(&j.Refresh, time.Hour)
	setDefault(&j.MaxStale, 24*time.Hour)
	setDefault(&j.MinFetch, time.Minute)
	j.Refresh = min(j.Refresh, j.MaxStale)
	return j, nil
}

func setDefault(d *time.Duration, value time.Duration) {
	if *d <= 0 {
		*d = value
	}
}

// untampered holds for what nobody on the way can replace: https, or plain http that does not leave this machine.
func untampered(u *url.URL) bool {
	ip, err := netip.ParseAddr(u.Hostname())
	local := u.Hostname() == "localhost" || err == nil && ip.IsLoopback()
	return u.Scheme == "https" || u.Scheme == "http" && local
}

type jwks struct {
	JWKSOptions
	address string
	client  http.Client // a copy, with our redirect policy
	last    atomic.Pointer[keySet]

	mu    sync.Mutex // held by the one caller that fetches
	tried time.Time  // when a fetch last began
	err   error      // how it ended
}

type keySet struct {
	keys    []Key
	fetched time.Time
}

func (s *keySet) within(age time.Duration) bool { return s != nil && time.Since(s.fetched) < age }

// Keys implements KeySource. At most one caller waits for the network while there is a set to serve.
func (j *jwks) Keys(ctx context.Context) ([]Key, error) {
	set := j.last.Load()
	if set.within(j.Refresh) {
		return set.keys, nil
	}
	if set.within(j.MaxStale) {
		if !j.mu.TryLock() {
			return set.keys, nil
		}
	} else {
		j.mu.Lock()
	}
	defer j.mu.Unlock()
	if set = j.last.Load(); !set.within(j.Refresh) {
		j.fetch(ctx)
		set = j.last.Load()
	}
	if set.within(j.MaxStale) {
		return set.keys, nil
	}
	return nil, j.err
}

// refetch looks for keys that are newer than the known ones. A caller that finds another one at it does not wait: its delivery
// comes again, and a queue of forged ones must not form here.
func (j *jwks) refetch(ctx context.Context, known []Key) (newer []Key, ok bool) {
	if !j.mu.TryLock() {
		return nil, false
	}
	defer j.mu.Unlock()
	before := j.last.Load()
	if before != nil && len(before.keys) > 0 && len(known) > 0 && &before.keys[0] != &known[0] {
		return before.keys, true // somebody fetched since the caller asked for its keys
	}
	j.fetch(ctx)
	after := j.last.Load()
	return after.keysOrNone(), after != before
}

func (s *keySet) keysOrNone() []Key {
	if s == nil {
		return nil
	}
	return s.keys
}

// fetch replaces the last good set unless it was tried less than MinFetch ago. The caller holds mu.
func (j *jwks) fetch(ctx context.Context) {
	if !j.tried.IsZero() && time.Since(j.tried) < j.MinFetch {
		return
	}
	j.tried = time.Now()
	// The set serves every delivery, so it must not fail with the one that happens to fetch it.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), jwksFetchTimeout)
	defer cancel()
	var keys []Key
	if keys, j.err = j.get(ctx); j.err == nil {
		j.last.Store(&keySet{keys, j.tried})
	}
}

func (j *jwks) get(ctx context.Context) ([]Key, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, j.address, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/jwk-set+json, application/json")
	resp, err := j.client.Do(req)
	if err != nil {
		if inner, ok := errors.AsType[*url.Error](err); ok {
			err = inner.Err // without the address, whose query may be private
		}
		return nil, fmt.Errorf("key set: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("key set: status %d", resp.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxJWKS+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("key set: %w", err)
	case len(body) > maxJWKS:
		return nil, fmt.Errorf("key set: more than %d bytes", maxJWKS)
	}
	return parseJWKS(body)
}

func parseJWKS(body []byte) ([]Key, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(body, &set); err != nil {
		return nil, errors.New("key set: not the JSON of one")
	}
	var keys []Key
	for _, raw := range set.Keys {
		// A key that we cannot use says nothing against its neighbours: a sender may publish RSA keys for other purposes.
		if k, ok := parseJWK(raw); ok && len(keys) < maxKeys {
			keys = append(keys, k)
		}
	}
	if keys == nil {
		return nil, errors.New("key set: no Ed25519 signature key in it")
	}
	return keys, nil
}
