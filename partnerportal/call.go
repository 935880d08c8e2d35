package partnerportal

import (
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// call is the state of one call of Do, over all its attempts. go-retryablehttp runs the loop; what it decides by is here:
//
//	RoundTrip  sends one attempt: token, time limit, trace
//	handle     reads and decodes its answer, within the loop, because only a decoded answer is a whole one
//	check      classes what went wrong, and decides on the next attempt
//
// A call is its own http.RoundTripper and its own set of hooks, bound once and pooled, so that the loop costs no closures.
type call struct {
	client   *Client
	op       *Operation
	settings requestSettings
	out      any

	safe, repeatable bool // the method changes nothing; carrying it out twice does
	retry            RetryPolicy
	deadline         time.Time
	attemptTimeout   time.Duration
	stream           *stream // of a call with a file; nil for all others

	loop    retryablehttp.Client
	http    http.Client
	request retryablehttp.Request
	headers http.Header // of the request
	handler retryablehttp.ResponseHandlerFunc
	scratch []byte
	body    []byte // of the last answer

	attempts  int
	uncertain bool    // some attempt may have been carried out
	rejected  *bearer // the token that a 401 answered
	attempt           // the last one
}

// attempt is what is known of one attempt.
type attempt struct {
	started  time.Time
	bearer   *bearer
	trace    *attemptTrace
	cancel   context.CancelFunc
	location []string // where a redirect pointed
	handled  bool     // its answer was read
	status   int
	header   http.Header
	failure  *Error
	outcome  outcome
	cost     int64
	waiting  bool // another attempt follows
	wait     time.Duration
}

// maxPooledBody is the size up to which an answer's buffer is kept for the next call.
const maxPooledBody = 4 << 20

func newCall(c *Client) *call {
	k := &call{client: c}
	k.http = http.Client{Transport: k, CheckRedirect: refuseRedirect}
	k.loop = retryablehttp.Client{
		HTTPClient:   &k.http,
		RetryMax:     math.MaxInt32, // check decides
		CheckRetry:   k.check,
		Backoff:      func(_, _ time.Duration, _ int, _ *http.Response) time.Duration { return k.wait },
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	k.handler = k.handle
	k.request.SetResponseHandler(k.handler)
	return k
}

// release clears what belonged to this call and puts the rest back for another one.
func (k *call) release() {
	if k.cancel != nil {
		k.cancel()
	}
	k.stream.rest()
	if cap(k.body) > maxPooledBody {
		k.body = nil
	}
	k.request = retryablehttp.Request{} // the old one may still be read by a connection that was given up
	k.request.SetResponseHandler(k.handler)
	k.op, k.out, k.stream, k.headers, k.settings = nil, nil, nil, nil, requestSettings{headers: k.settings.headers[:0]}
	k.safe, k.repeatable, k.uncertain, k.attempts, k.rejected = false, false, false, 0, nil
	k.attempt = attempt{}
	k.client.calls.Put(k)
}

// run makes the attempts and returns the failure of the last one.
func (k *call) run() *Error {
	resp, err := k.loop.Do(&k.request)
	if resp != nil {
		_ = resp.Body.Close() // as handle has done; twice does no harm
	}
	switch {
	case err != nil && k.waiting:
		// The caller's context ended between two attempts: that is the failure, on top of what the last one was told.
		k.failure.Err, k.outcome = plainError(err), permanent
	case err != nil && k.failure == nil:
		k.fail(&Error{Err: plainError(err)}, permanent, 0)
	}
	k.fillResponse()
	if k.failure == nil {
		return nil
	}
	return k.finish()
}

// finish completes the failure with what is known of the call as a whole.
func (k *call) finish() *Error {
	e := k.failure
	e.Operation, e.Attempts = k.op.ID, k.attempts
	if k.settings.key != "" {
		e.key = NewSecret(k.settings.key)
	}
	e.Ambiguous = !k.safe && k.uncertain && !k.definitive(e)
	return e
}

// definitive reports whether a failure settles what happened even though an earlier attempt's end is unknown. With a key the
// portal's refusal does: it would have repeated a success. Without one, a refusal can be the trace of the first attempt's success.
func (k *call) definitive(e *Error) bool {
	if k.outcome != permanent || e.Status < 400 || e.Err != nil || e.Code == ErrUnexpectedContent {
		return false
	}
	if k.settings.key != "" {
		return true
	}
	gone := k.op.Method == http.MethodDelete && e.Status == http.StatusNotFound
	return !gone && e.Status != http.StatusConflict && e.Status != http.StatusPreconditionFailed
}

// RoundTrip sends one attempt.
func (k *call) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	b, err := k.client.auth.get(ctx)
	if err == nil && b != nil && b.same(k.rejected) {
		return nil, errSameToken // leaving the last attempt, and so its 401, as it is
	}
	k.attempt = attempt{started: time.Now(), bearer: b}
	switch {
	case err != nil:
		return nil, &authFailure{err}
	case req.URL.Host != k.client.host || req.URL.Scheme != k.client.scheme:
		return nil, errForeign
	}
	k.attempts++

	limit := k.started.Add(k.attemptTimeout)
	if k.deadline.Before(limit) {
		limit = k.deadline
	}
	if k.stream != nil {
		ctx, k.cancel = k.stream.begin(ctx, k.deadline, k.attemptTimeout)
	} else if d, ok := ctx.Deadline(); !ok || limit.Before(d) {
		ctx, k.cancel = context.WithDeadline(ctx, limit)
	}
	if !k.safe { // repeating a read is harmless, whether it arrived or not
		k.trace = newAttemptTrace()
		ctx = k.trace.attach(ctx)
	}
	if k.attempts > 1 {
		k.headers = k.headers.Clone() // an attempt given up may still be on its way out, reading its headers
	}
	if b != nil {
		k.headers["Authorization"] = b.header
	}
	req = req.WithContext(ctx)
	req.Header = k.headers
	resp, err := k.send(req)
	if err != nil {
		return nil, err
	}
	// net/http must not see where a redirect points: it would parse it even if it does not follow, and quote it in errors.
	if resp.StatusCode/100 == 3 {
		k.location = resp.Header["Location"]
		delete(resp.Header, "Location")
	}
	return resp, nil
}

var (
	errForeign   = errors.New("the request left its portal")
	errSameToken = errors.New("the token source has no other token")
)

// authFailure marks an error of the token source, which has done its own retrying.
type authFailure struct{ err error }

func (f *authFailure) Error() string { return f.err.Error() }
func (f *authFailure) Unwrap() error { return f.err }

// readBody reads the answer into the call's buffer. It reports whether the whole of it fits in limit.
func (k *call) readBody(r io.Reader, length, limit int64) (fits bool, err error) {
	buf := k.body[:0]
	// A length is believed up to a point, with one byte more to see the end without growing; then the bytes must come.
	if need := int(min(max(length, 4<<10), limit, 64<<10)) + 1; cap(buf) < need {
		buf = make([]byte, 0, need)
	}
	for {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		k.body = buf
		switch {
		case int64(len(buf)) > limit:
			return false, nil
		case err == io.EOF:
			return true, nil
		case err != nil:
			return true, err
		}
	}
}

// fillResponse tells the caller about the last answer.
func (k *call) fillResponse() {
	r := k.settings.response
	if r == nil {
		return
	}
	*r = Response{Status: k.status, Header: k.header, Attempts: k.attempts}
	if k.status != 0 {
		r.RequestID = k.header.Get("X-Request-Id")
		r.Replayed = k.header.Get("Idempotency-Replayed") == "true"
		r.Body = append([]byte(nil), k.body...)
	}
}
