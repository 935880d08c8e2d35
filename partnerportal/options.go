package partnerportal

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"time"
)

// Option configures a [Client] in [New].
type Option interface{ applyClient(s *settings) error }

// CommonOption works for a whole [Client] in [New], and for one call as a [RequestOption].
type CommonOption interface {
	Option
	RequestOption
}

// settings are what the options say.
type settings struct {
	credential string // the option that gave the credentials
	credentials

	httpClient  *http.Client
	handler     http.Handler
	insecure    bool
	application string
	logger      *slog.Logger

	retry             RetryPolicy
	timeout           time.Duration
	attemptTimeout    time.Duration
	attemptTimeoutSet bool
	limits            Limits
}

// optionFunc is an Option as a function.
type optionFunc func(s *settings) error

func (f optionFunc) applyClient(s *settings) error { return f(s) }

// WithHTTPClient sends requests through the transport of hc, for proxies, client certificates, own certificate authorities or
// instrumentation; without one, through the SDK's own. A Timeout of hc bounds each attempt. hc is not changed. Its cookies are not
// sent, and its CheckRedirect is not asked: redirects are never followed.
func WithHTTPClient(hc *http.Client) Option {
	return optionFunc(func(s *settings) error {
		if hc == nil {
			return errors.New("WithHTTPClient: the client is nil")
		}
		copied := *hc
		s.httpClient = &copied
		return nil
	})
}

// WithHandler calls h directly instead of a portal over the network: no socket, no serialised connection, each request served
// on the caller's goroutine and its answer held in memory. It is for a portal in the same process, and for tests.
func WithHandler(h http.Handler) Option {
	return optionFunc(func(s *settings) error {
		if h == nil {
			return errors.New("WithHandler: the handler is nil")
		}
		s.handler = h
		return nil
	})
}

// WithInsecure allows credentials over plain http to another machine. It is for closed test networks.
func WithInsecure() Option {
	return optionFunc(func(s *settings) error {
		s.insecure = true
		return nil
	})
}

// WithApplication names the calling program in the User-Agent header, such as "acme-crm" and "2.3.0", so that the people who
// run the portal know whom to ask. Both are words of letters, digits and the signs !#$%&'*+-.^_`|~; version may be "".
func WithApplication(name, version string) Option {
	return optionFunc(func(s *settings) error {
		if !isToken(name) || version != "" && !isToken(version) {
			return fmt.Errorf("WithApplication: %q, %q: must be single words such as \"acme-crm\", \"2.3.0\"", clip(name, 64), clip(version, 64))
		}
		s.application = name
		if version != "" {
			s.application += "/" + version
		}
		return nil
	})
}

// WithLogger logs every attempt at level Debug: operation, status, duration, request ID and what is done next; never queries,
// bodies, tokens or keys. Without it the SDK does not log.
func WithLogger(logger *slog.Logger) Option {
	return optionFunc(func(s *settings) error {
		if logger == nil {
			return errors.New("WithLogger: the logger is nil")
		}
		s.logger = logger
		return nil
	})
}

// Limits bound what a portal can make a client hold in memory.
type Limits struct {
	// Response is the size of a successful answer after decompression, in bytes; 0 means 8 MiB.
	Response int64
	// Error is the size of an error's answer after decompression, in bytes; 0 means 8 MiB, as why a quote of 2,000 lines costs something else is long.
	Error int64
}

func (l Limits) withDefaults() Limits {
	if l.Response == 0 {
		l.Response = 8 << 20
	}
	if l.Error == 0 {
		l.Error = 8 << 20
	}
	return l
}

// WithLimits sets the limits on answers. A larger successful answer fails as [ErrUnexpectedContent]; of a larger error, only the
// status counts.
func WithLimits(limits Limits) Option {
	return optionFunc(func(s *settings) error {
		if limits.Response < 0 || limits.Error < 0 {
			return errors.New("WithLimits: a limit is negative")
		}
		s.limits = limits.withDefaults()
		return nil
	})
}

const (
	defaultTimeout        = 2 * time.Minute
	defaultAttemptTimeout = 30 * time.Second
)

type timeoutOption time.Duration

// WithTimeout bounds a call as a whole: all attempts and the waits between them. The context's deadline holds as well. Without
// this option, a call whose context has no deadline ends after 2 minutes, and one with a file after a day.
func WithTimeout(d time.Duration) CommonOption { return timeoutOption(d) }

func (o timeoutOption) check() error {
	if o <= 0 {
		return fmt.Errorf("WithTimeout: %v is not a positive time", time.Duration(o))
	}
	return nil
}

func (o timeoutOption) applyClient(s *settings) error {
	s.timeout = time.Duration(o)
	return o.check()
}

func (o timeoutOption) applyRequest(r *requestSettings) error {
	r.timeout = time.Duration(o)
	return o.check()
}

type attemptTimeoutOption time.Duration

// WithAttemptTimeout bounds each attempt of a call, up to the last byte of the answer; while a file goes out or comes back, it bounds the
// time in which nothing moves. The default is 30 seconds.
func WithAttemptTimeout(d time.Duration) CommonOption { return attemptTimeoutOption(d) }

func (o attemptTimeoutOption) check() error {
	if o <= 0 {
		return fmt.Errorf("WithAttemptTimeout: %v is not a positive time", time.Duration(o))
	}
	return nil
}

func (o attemptTimeoutOption) applyClient(s *settings) error {
	s.attemptTimeout, s.attemptTimeoutSet = time.Duration(o), true
	return o.check()
}

func (o attemptTimeoutOption) applyRequest(r *requestSettings) error {
	r.attemptTimeout = time.Duration(o)
	return o.check()
}

func (s *settings) userAgentHeader() string {
	sdk := "partnerportal-go/" + Version + " (" + strings.ReplaceAll(runtime.Version(), " ", "_") + ")"
	if s.application == "" {
		return sdk
	}
	return s.application + " " + sdk
}

func minTLS12() *tls.Config { return &tls.Config{MinVersion: tls.VersionTLS12} }

// isToken reports whether s is a token of RFC 9110, the form of header names and product names.
func isToken(s string) bool {
	for i := range len(s) {
		b := s[i]
		if (b < '0' || b > '9') && (b < 'A' || b > 'Z') && (b < 'a' || b > 'z') && strings.IndexByte("!#$%&'*+-.^_`|~", b) < 0 {
			return false
		}
	}
	return s != ""
}
