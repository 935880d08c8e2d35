package partnerportal

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// RequestOption changes one call.
type RequestOption interface {
	applyRequest(r *requestSettings) error
}

// requestSettings are what the options of one call say.
type requestSettings struct {
	key            string
	ifMatch        string
	response       *Response
	headers        []header
	retry          RetryPolicy // zero fields: as the client has it
	timeout        time.Duration
	attemptTimeout time.Duration
	segments       int
	prefetch       bool
}

type header struct{ name, value string }

func (r *requestSettings) apply(opts []RequestOption) error {
	for _, opt := range opts {
		if opt == nil {
			return errors.New("a request option is nil")
		}
		if err := opt.applyRequest(r); err != nil {
			return err
		}
	}
	return nil
}

type requestOptionFunc func(r *requestSettings) error

func (f requestOptionFunc) applyRequest(r *requestSettings) error { return f(r) }

type keyOption string

// WithIdempotencyKey sends the call with key instead of a random one, so that making the same call again, even from a program
// that was started anew, is carried out once only. A key has 1 to 255 visible ASCII characters and stands for one intent:
// [DeriveKey] makes one from what identifies it. The call fails with [ErrInvalidArgument] if its operation takes no key.
func WithIdempotencyKey(key string) RequestOption { return keyOption(key) }

func (o keyOption) applyRequest(r *requestSettings) error {
	r.key = string(o)
	return checkKey(r.key)
}

type matchOption string

func (o matchOption) applyRequest(r *requestSettings) error {
	if o == "" {
		return errors.New("IfMatch: the resource has no revision; it was not read from a portal")
	}
	r.ifMatch = string(o)
	return nil
}

// IfMatch makes a change only if the resource still is as v, which was read before: partnerportal.IfMatch(deal). If somebody
// else changed it meanwhile, the call fails with [ErrStale].
func IfMatch(v interface{ ETag() string }) RequestOption {
	if v == nil {
		return matchOption("")
	}
	return matchOption(v.ETag())
}

// IfMatchRevision is [IfMatch] for a revision that was kept as a number.
func IfMatchRevision(revision int64) RequestOption { return matchOption(ETag(revision)) }

// IfNoneMatch reads only what has changed since v was read: partnerportal.IfNoneMatch(summary). When nothing has, the call fails
// with [ErrNotModified] and v is as good as new. Operations that know no such thing answer in full.
func IfNoneMatch(v interface{ ETag() string }) RequestOption {
	if v == nil {
		return requestOptionFunc(func(*requestSettings) error { return errors.New("IfNoneMatch: there is nothing to compare with") })
	}
	return WithHeader("If-None-Match", v.ETag())
}

// ETag returns the entity tag of a revision: ETag(12) is "r12" with the quotes that belong to it.
func ETag(revision int64) string {
	return string(append(strconv.AppendInt([]byte{'"', 'r'}, revision, 10), '"'))
}

// WithResponse fills r with what the call's result does not tell: status, headers, request ID, attempts and the raw body. It is
// filled for failed calls too, as far as there was an answer.
func WithResponse(r *Response) RequestOption {
	return requestOptionFunc(func(s *requestSettings) error {
		if r == nil {
			return errors.New("WithResponse: the response is nil")
		}
		s.response = r
		return nil
	})
}

// WithHeader sets a header of the request. Those by which the SDK keeps its promises, such as Authorization and
// Idempotency-Key, have options of their own and are refused here.
func WithHeader(name, value string) RequestOption {
	return requestOptionFunc(func(r *requestSettings) error {
		if !isToken(name) {
			return fmt.Errorf("WithHeader: %q is not a header name", clip(name, 64))
		}
		switch name = http.CanonicalHeaderKey(name); name {
		case "Authorization", "Idempotency-Key", "If-Match", "Content-Type", "Content-Length", "Transfer-Encoding", "Host",
			"Connection", "Trailer", "Upgrade", "Te":
			return fmt.Errorf("WithHeader: %s is set by the SDK", name)
		}
		if strings.ContainsFunc(value, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }) {
			return fmt.Errorf("WithHeader: the value of %s holds a control character", name)
		}
		r.headers = append(r.headers, header{name, value})
		return nil
	})
}

// maxSegments is the contract's limit on the parts of a list.
const maxSegments = 32

type segmentsOption int

// WithSegments makes All walk n parts of the list side by side, 1 to 32, on as many goroutines, which end with the loop. The order
// of the list is given up. On other calls it has no effect.
func WithSegments(n int) RequestOption { return segmentsOption(n) }

func (o segmentsOption) applyRequest(r *requestSettings) error {
	if o < 1 || o > maxSegments {
		return fmt.Errorf("WithSegments: %d is not in 1 to %d", int(o), maxSegments)
	}
	r.segments = int(o)
	return nil
}

type prefetchOption struct{}

// WithPrefetch makes All fetch the next page, on a goroutine that ends with the loop, while the caller works on this one. On
// other calls it has no effect.
func WithPrefetch() RequestOption { return prefetchOption{} }

func (prefetchOption) applyRequest(r *requestSettings) error {
	r.prefetch = true
	return nil
}
