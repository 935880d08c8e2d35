// Package deliver sends webhooks: signed, to endpoints that others have chosen, until each event has arrived or is given up.
package deliver

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

// Timeout is how long one attempt lasts at most, from the name's resolution to the end of the answer.
const Timeout = 15 * time.Second

const (
	userAgent  = "partnerportal-webhooks/1"
	maxAnswer  = 4 << 10  // bytes of an answer that are kept, for a challenge
	maxDrained = 64 << 10 // bytes of an answer that are read
)

// Why an attempt failed: the words of the contract's WebhookFailure.
const (
	FailureDNS             = "dns"              // the host's name does not resolve
	FailureNotAllowed      = "not_allowed"      // the guard refuses all addresses, the port or the scheme
	FailureConnect         = "connect"          // no connection, or it broke before the answer
	FailureTLS             = "tls"              // no valid certificate, or no TLS at all
	FailureTimeout         = "timeout"          // no answer within Timeout
	FailureProtocol        = "protocol"         // the answer is no HTTP, or its header is too long
	FailureRedirect        = "redirect"         // 3xx; none is followed
	FailureStatus          = "status"           // neither 2xx, 3xx nor 410
	FailureGone            = "gone"             // 410
	FailureChallengeFailed = "challenge_failed" // never of Post: the caller compares what came back
	FailureInterrupted     = "interrupted"      // the context ended, or the message cannot be signed: the portal's doing, not the endpoint's
)

// Message is one delivery as it is sent.
type Message struct {
	URL        string        // as [Guard.CheckURL] returned it
	Keys       []webhook.Key // the ones live now, newest first, 1 to 4
	ID         string        // webhook-id: the event's id, the same on every attempt
	Body       []byte        // JSON, sent as it is
	KeepAnswer bool          // for challenges: Attempt.Body is wanted
}

// Attempt is what came of one.
type Attempt struct {
	At           time.Time     // when it began; the webhook-timestamp
	Took         time.Duration // until the answer was read or given up
	Status       int           // of the answer, 0 without one
	Failure      string        // one of the Failure constants, "" when the endpoint took it (2xx)
	RetryAfter   time.Duration // how long the endpoint asks to be left alone, 0 when it does not; see [Next], which bounds it
	Fingerprints []string      // of the keys it was signed with
	Body         []byte        // the first 4 KiB of the answer, with Message.KeepAnswer only
}

// Poster makes single attempts. It is safe for concurrent use.
type Poster struct {
	transport http.RoundTripper
	now       func() time.Time
}

// NewPoster returns a Poster that sends over transport, which is [Guard.Transport] outside of tests. A nil now is time.Now.
func NewPoster(transport http.RoundTripper, now func() time.Time) *Poster {
	if now == nil {
		now = time.Now
	}
	return &Poster{transport, now}
}

// Post signs m, sends it once, and says what came of it in a word: neither the endpoint's nor the network's own words leave it,
// because a delivery's record is shown to whoever chose the URL.
func (p *Poster) Post(ctx context.Context, m Message) Attempt {
	a := Attempt{At: p.now()}
	for _, key := range m.Keys {
		a.Fingerprints = append(a.Fingerprints, key.Fingerprint())
	}
	p.send(ctx, m, &a)
	a.Took = p.now().Sub(a.At)
	return a
}

func (p *Poster) send(parent context.Context, m Message, a *Attempt) {
	var untrusted atomic.Bool
	ctx, cancel := context.WithTimeout(httptrace.WithClientTrace(parent, &httptrace.ClientTrace{
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) { untrusted.Store(err != nil) },
	}), Timeout)
	defer cancel()
	req, failure := newRequest(ctx, m, a.At)
	if failure != "" {
		a.Failure = failure
		return
	}
	// The transport itself, and no http.Client around it: what follows redirects, keeps cookies and tells of URLs in its errors is the client.
	resp, err := p.transport.RoundTrip(req)
	switch {
	case err == nil:
		defer resp.Body.Close()
		p.take(resp, m.KeepAnswer, a)
	case parent.Err() != nil:
		a.Failure = FailureInterrupted
	default:
		a.Failure = failureOf(err, untrusted.Load())
	}
}

func newRequest(ctx context.Context, m Message, at time.Time) (req *http.Request, failure string) {
	signer, err := webhook.NewSigner(m.Keys...)
	if err != nil {
		return nil, FailureInterrupted
	}
	if req, err = http.NewRequestWithContext(ctx, http.MethodPost, m.URL, bytes.NewReader(m.Body)); err != nil {
		return nil, FailureNotAllowed
	}
	if err = signer.SetHeaders(req.Header, m.ID, at, m.Body); err != nil {
		return nil, FailureInterrupted
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", userAgent)
	// Never sent: without a value it tells net/http that the request may be repeated. Of a connection that the endpoint closed while it was idle,
	// one hears by writing to it, and that is no failed attempt.
	req.Header["Idempotency-Key"] = nil
	return req, ""
}

// take reads an answer. The status decides: an endpoint that said 200 and then broke off has taken the event.
func (p *Poster) take(resp *http.Response, keep bool, a *Attempt) {
	a.Status = resp.StatusCode
	switch {
	case a.Status >= 200 && a.Status <= 299:
	case a.Status >= 300 && a.Status <= 399:
		a.Failure = FailureRedirect
	case a.Status == http.StatusGone:
		a.Failure = FailureGone
	default:
		a.Failure = FailureStatus
	}
	if a.Failure != "" {
		a.RetryAfter = retryAfter(resp.Header, p.now())
	}
	body := io.LimitReader(resp.Body, maxDrained) // what is read to its end leaves a connection that serves again
	if keep {
		a.Body, _ = io.ReadAll(io.LimitReader(body, maxAnswer))
	}
	_, _ = io.Copy(io.Discard, body)
}

// failureOf finds the word for an error of the transport. untrusted says that a TLS handshake failed, which the error itself tells
// only of the commoner ways.
func failureOf(err error, untrusted bool) string {
	var (
		lookup  *net.DNSError
		network *net.OpError
		slow    net.Error
	)
	errors.As(err, &network)
	switch {
	case errors.Is(err, errNotAllowed):
		return FailureNotAllowed
	case errors.As(err, &lookup):
		return FailureDNS
	case network != nil && network.Op == "dial", errors.Is(err, errNoAnswer):
		return FailureConnect
	case errors.As(err, &slow) && slow.Timeout():
		return FailureTimeout
	case untrusted, network != nil && network.Op == "remote error": // an alert, such as for the client's certificate that TLS 1.3 misses late
		return FailureTLS
	case network != nil, errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return FailureConnect
	}
	return FailureProtocol
}

// retryAfter reads how long the endpoint asks to wait, 0 when it does not, or not understandably. Seconds that overflow are forever, and a
// date is measured against the answer's own Date, because the clocks of the two ends may differ.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := strings.Trim(h.Get("Retry-After"), " \t")
	if seconds, err := strconv.ParseUint(text, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(min(seconds, uint64(math.MaxInt64/time.Second))) * time.Second
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	return max(at.Sub(now), 0) // Sub saturates
}
