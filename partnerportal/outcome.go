package partnerportal

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
)

// outcome is what an attempt's failure means for the next one. It is decided once per attempt.
type outcome uint8

const (
	// permanent: trying again cannot help.
	permanent outcome = iota
	// notSent: the portal has seen nothing. Safe for every method.
	notSent
	// turnedAway: the portal did not begin to work on it. Safe for every method.
	turnedAway
	// unknown: it may have been carried out. Safe only for what can be carried out twice.
	unknown
)

// outcomeOf classes an answer that is not a success. A 503 counts as unknown because a proxy can send it after the portal
// behind it has done the work.
func outcomeOf(status int, code ErrorCode) outcome {
	switch status {
	case http.StatusTooManyRequests, http.StatusUnauthorized:
		return turnedAway
	case http.StatusConflict:
		if code == ErrIdempotencyInProgress {
			return turnedAway
		}
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return unknown
	}
	return permanent
}

// outcomeOfError classes a failure without an answer. sent says whether the request may have left; its code, if any, tells the
// caller what kind of failure it is.
func outcomeOfError(err error, sent bool) (outcome, ErrorCode) {
	dns, lookup := errors.AsType[*net.DNSError](err)
	op, network := errors.AsType[*net.OpError](err)
	switch {
	case isTLSFailure(err):
		return permanent, ErrTLS
	case lookup && dns.IsNotFound:
		return permanent, ErrUnavailable
	case lookup, network && op.Op == "dial", !sent:
		return notSent, ErrUnavailable
	}
	return unknown, ErrUnavailable
}

// isTLSFailure reports whether the two ends cannot agree on a trusted connection. Such failures come during the handshake or,
// for a missing client certificate, right after it; they are the configuration's and do not heal.
func isTLSFailure(err error) bool {
	if op, ok := errors.AsType[*net.OpError](err); ok && (op.Op == "remote error" || op.Op == "local error") {
		return true // an alert of either end
	}
	_, verify := errors.AsType[*tls.CertificateVerificationError](err)
	_, record := errors.AsType[tls.RecordHeaderError](err)
	_, authority := errors.AsType[x509.UnknownAuthorityError](err)
	_, host := errors.AsType[x509.HostnameError](err)
	_, invalid := errors.AsType[x509.CertificateInvalidError](err)
	return verify || record || authority || host || invalid || errors.Is(err, http.ErrSchemeMismatch)
}

// plainError takes off the wrapping that net/http puts around errors: it shows the whole URL with its query.
func plainError(err error) error {
	for {
		u, wrapped := errors.AsType[*url.Error](err)
		if !wrapped {
			return err
		}
		err = u.Err
	}
}

// attemptTrace learns whether an attempt's request left. It is made anew for each attempt, as net/http may still report on an
// earlier one from another goroutine.
type attemptTrace struct {
	hooks          httptrace.ClientTrace
	watched, wrote atomic.Bool
}

func newAttemptTrace() *attemptTrace {
	t := &attemptTrace{}
	t.hooks.GetConn = func(string) { t.watched.Store(true) }
	t.hooks.WroteHeaders = func() { t.wrote.Store(true) }
	return t
}

func (t *attemptTrace) attach(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &t.hooks)
}

// sent reports whether the request may have left. A transport that does not report at all is believed to have sent it.
func (t *attemptTrace) sent() bool {
	return t == nil || !t.watched.Load() || t.wrote.Load()
}

// attemptTimeout is the cause of an attempt that took too long although the call as a whole still had time.
type attemptTimeout struct{}

func (attemptTimeout) Error() string        { return "no complete answer in time" }
func (attemptTimeout) Timeout() bool        { return true }
func (attemptTimeout) Is(target error) bool { return target == context.DeadlineExceeded }
