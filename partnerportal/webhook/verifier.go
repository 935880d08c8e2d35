package webhook

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Bounds of what a stranger can make the verifier do.
const (
	maxID         = 128  // bytes of webhook-id
	maxTimestamp  = 12   // digits: seconds up to the year 33658; milliseconds have 13
	maxSignature  = 4096 // bytes of webhook-signature
	maxSignatures = 16   // in one header: a sender's newest key and ten old ones fit
	maxKeys       = 4    // that are tried
	maxEd25519    = 4    // checks per delivery; each costs as much as the HMAC of 50 KiB
)

// KeySource gives the keys to verify with (or, to [JWKSHandler], to publish), newest first. Only the first 4 are used. It is
// asked for every delivery, so it answers from memory; it may change its answer at run time, but never the slice it returned.
type KeySource interface {
	Keys(ctx context.Context) ([]Key, error)
}

// StaticKeys is the KeySource of keys that do not change while the program runs: the current one first, then those that are
// being rotated out.
func StaticKeys(keys ...Key) KeySource { return staticKeys(slices.Clone(keys)) }

type staticKeys []Key

func (s staticKeys) Keys(context.Context) ([]Key, error) { return s, nil }

// Verifier decides whether a delivery is authentic and fresh, by Standard Webhooks 1.0.0. It is safe for concurrent use.
type Verifier struct {
	source    KeySource
	static    ring // of a source that never changes
	tolerance time.Duration
	now       func() time.Time
	observe   func(Observation)
	prefix    string
	headers   headerNames
}

// schemes is a set of the two known ones.
type schemes struct{ v1, v1a bool }

// ring is the keys that are tried, and what they can check.
type ring struct {
	keys []Key
	schemes
}

func ringOf(keys []Key) ring {
	r := ring{keys: keys[:min(len(keys), maxKeys)]}
	for _, k := range r.keys {
		switch k.material().kind {
		case kindSecret:
			r.v1 = true
		case kindPublic:
			r.v1a = true
		case kindNone, kindPrivate: // a mistake of the source; NewVerifier tells where it can
		}
	}
	return r
}

// headerNames are the canonical names of the three headers, made once.
type headerNames struct{ id, timestamp, signature string }

func headerNamesOf(prefix string) headerNames {
	return headerNames{
		id:        http.CanonicalHeaderKey(prefix + "id"),
		timestamp: http.CanonicalHeaderKey(prefix + "timestamp"),
		signature: http.CanonicalHeaderKey(prefix + "signature"),
	}
}

// Delivery is one authentic delivery of a message.
type Delivery struct {
	ID        string    // of the message: the same on every attempt, so the key to recognise duplicates by
	Timestamp time.Time // of this attempt, to the second; when the event happened is in its body
	Scheme    string    // "v1" (HMAC-SHA256) or "v1a" (Ed25519)
	KeyIndex  int       // which key matched, 0 = the newest: a rotation is finished when no other comes any more
	Key       string    // the fingerprint of that key
	Body      []byte    // the verified bytes: the slice given to Verify
}

// Observation is one decision of a [Verifier], for metrics. It holds no secret.
type Observation struct {
	Code Code          // why the delivery was refused, "" when it was accepted
	Key  string        // fingerprint of the key that matched
	Skew time.Duration // how far the sender's clock is ahead of ours (negative: behind), when the timestamp could be read
}

// VerifyOption changes how a [Verifier] decides.
type VerifyOption func(*Verifier)

// WithTolerance sets how far a delivery's timestamp may be from now, in the past and in the future alike: 5 minutes unless
// set, more than 0 and at most an hour.
func WithTolerance(d time.Duration) VerifyOption { return func(v *Verifier) { v.tolerance = d } }

// WithClock replaces time.Now, for tests and recorded deliveries.
func WithClock(now func() time.Time) VerifyOption { return func(v *Verifier) { v.now = now } }

// WithHeaderPrefix sets the prefix of the three headers: "webhook-" unless set, or "svix-". It is always exactly one of them:
// a verifier that reads both can be shown one set and made to believe another.
func WithHeaderPrefix(prefix string) VerifyOption { return func(v *Verifier) { v.prefix = prefix } }

// WithObserver calls fn once for every delivery, accepted or refused, on the delivery's own goroutine.
func WithObserver(fn func(Observation)) VerifyOption { return func(v *Verifier) { v.observe = fn } }

// NewVerifier returns a Verifier for the keys of source. Keys of [StaticKeys] are checked here: 1 to 4, each a whsec_, a whpk_ or
// a raw secret; a private key is refused with [ErrInvalidKey], for it has no business at a receiver.
func NewVerifier(source KeySource, opts ...VerifyOption) (*Verifier, error) {
	v := &Verifier{source: source, tolerance: 5 * time.Minute, now: time.Now, prefix: "webhook-"}
	for _, opt := range opts {
		opt(v)
	}
	switch {
	case source == nil:
		return nil, errors.New("webhook: a verifier needs a KeySource")
	case v.tolerance <= 0 || v.tolerance > time.Hour:
		return nil, fmt.Errorf("webhook: the tolerance is more than 0 and at most an hour, not %v", v.tolerance)
	case v.now == nil:
		return nil, errors.New("webhook: the clock is nil")
	case v.prefix != "webhook-" && v.prefix != "svix-":
		return nil, fmt.Errorf("webhook: the header prefix is webhook- or svix-, not %q", v.prefix)
	}
	if static, ok := source.(staticKeys); ok {
		if len(static) < 1 || len(static) > maxKeys {
			return nil, badKey(fmt.Sprintf("a verifier takes 1 to %d keys, not %d", maxKeys, len(static)))
		}
		for i, k := range static {
			if kind := k.material().kind; kind != kindSecret && kind != kindPublic {
				return nil, badKey(fmt.Sprintf("key %d cannot verify: %v", i, k))
			}
		}
		v.static = ringOf(static)
	}
	v.headers = headerNamesOf(v.prefix)
	return v, nil
}

// Verify checks the signature, the timestamp and the form of the three headers. body must be the exact bytes that were
// received, not a re-encoding of them. The error is always an *[Error].
//
// Nothing but v1 (HMAC-SHA256) and v1a (Ed25519) signatures is ever accepted, and which of them a key checks is decided by
// the key. Verify does not recognise a delivery that is sent a second time within the tolerance: a [Receiver] does.
func (v *Verifier) Verify(h http.Header, body []byte) (d Delivery, err error) {
	p := pending{v: v, header: h}
	if err = p.open(); err == nil {
		err = p.check(&d, body)
	}
	return d, err
}

// pending is a delivery whose headers are in order and whose signature has not been checked.
type pending struct {
	v                        *Verifier
	header                   http.Header
	ring                     ring
	try                      schemes // there is a signature of the scheme, and a key for it
	id, timestamp, signature string  // as received: the signature covers the text, not what we read into it
	seconds                  int64
	skew                     time.Duration
}

// open does all that can be done before the body is read, cheapest first, so that a stranger's request costs next to nothing.
func (v *Verifier) open(h http.Header) (pending, error) {
	p := pending{v: v, header: h}
	if err := p.open(); err != nil {
		return pending{}, err
	}
	return p, nil
}

// verify checks the signature over the body.
func (p pending) verify(body []byte) (d Delivery, err error) {
	err = p.check(&d, body)
	return d, err
}

// open is [Verifier.open] in place: copies of a pending, as of a Delivery, are large enough to show in a benchmark.
func (p *pending) open() error {
	refused := p.read()
	if refused == nil {
		refused = p.choose()
	}
	if refused != nil {
		p.v.report(Observation{Code: refused.Code, Skew: p.skew})
		return refused
	}
	return nil
}

// read takes the three headers apart.
func (p *pending) read() (refused *Error) {
	names := &p.v.headers
	if refused = one(&p.id, p.header, names.id); refused != nil {
		return refused
	}
	if refused = one(&p.timestamp, p.header, names.timestamp); refused != nil {
		return refused
	}
	if refused = one(&p.signature, p.header, names.signature); refused != nil {
		return refused
	}
	if !validID(p.id) {
		return malformed(names.id, "is not 1 to 128 of the characters A-Z a-z 0-9 _ -")
	}
	if len(p.signature) > maxSignature {
		return malformed(names.signature, "is longer than 4096 bytes")
	}
	var ok bool
	if p.seconds, ok = parseTimestamp(p.timestamp); !ok {
		return malformed(names.timestamp, "is not a whole number of seconds")
	}
	p.skew = skewOf(p.seconds, p.v.now())
	if p.skew < -p.v.tolerance {
		return &Error{Code: ErrTimestampTooOld, Status: ErrTimestampTooOld.status(), Skew: p.skew}
	}
	if p.skew > p.v.tolerance {
		return &Error{Code: ErrTimestampTooNew, Status: ErrTimestampTooNew.status(), Skew: p.skew}
	}
	return nil
}

// skewOf is how far the sender's clock is ahead of now, cut to what a Duration can hold.
func skewOf(seconds int64, now time.Time) time.Duration {
	const most = int64(1<<63-1) / int64(time.Second) / 2
	ahead := min(max(seconds-now.Unix(), -most), most)
	return time.Duration(ahead)*time.Second - time.Duration(now.Nanosecond())
}

// choose finds out whether any signature of the header could match any key at all.
func (p *pending) choose() *Error {
	signed, refused := schemesOf(p.signature, p.v.headers.signature)
	if refused != nil {
		return refused
	}
	if p.ring = p.v.static; p.ring.keys == nil {
		keys, err := p.v.source.Keys(context.Background())
		if err != nil {
			return fail(ErrKeysUnavailable, err)
		}
		p.ring = ringOf(keys)
	}
	if p.ring.schemes == (schemes{}) {
		return fail(ErrKeysUnavailable, errors.New("the key source has no key that verifies"))
	}
	p.try = schemes{v1: signed.v1 && p.ring.v1, v1a: signed.v1a && p.ring.v1a}
	if p.try == (schemes{}) {
		return fail(ErrNoSupportedScheme, nil)
	}
	return nil
}

func (v *Verifier) report(o Observation) {
	if v.observe != nil {
		v.observe(o)
	}
}

func malformed(name, what string) *Error {
	return fail(ErrMalformedHeader, errors.New(strings.ToLower(name)+" "+what))
}
