package partnerportal

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Client is the connection to one portal with one credential. It is safe for use by many goroutines at once and meant to be
// shared: retry budget, access token and connections belong to it. Make it with [New].
type Client struct {
	scheme, host string // of the portal; requests go nowhere else
	base         string // the base URL as errors and String show it
	prefix       string // path above the operations, such as /v1

	transport http.RoundTripper
	auth      authSource
	userAgent []string
	logger    *slog.Logger

	retry          RetryPolicy
	budget         *retryBudget
	timeout        time.Duration // of a call; 0: defaultTimeout when the context has no deadline
	attemptTimeout time.Duration
	limits         Limits

	calls sync.Pool // of *call
}

// New makes a client for the portal at baseURL, such as https://portal.example.com. The operations are expected below /v1,
// which may be written out or left out. The URL must be https unless the host is this machine, [WithInsecure] is given or no
// credentials are; with [WithHandler] it may be "".
//
// Calls share up to 64 connections; more calls at once wait for one. [WithHTTPClient] brings other numbers.
//
// New contacts nobody. It fails when the URL or an option is not usable, and names which.
func New(baseURL string, opts ...Option) (*Client, error) {
	s := settings{retry: RetryPolicy{}.withDefaults(), attemptTimeout: defaultAttemptTimeout, limits: Limits{}.withDefaults()}
	for _, opt := range opts {
		if opt == nil {
			return nil, errors.New("partnerportal.New: an option is nil")
		}
		if err := opt.applyClient(&s); err != nil {
			return nil, fmt.Errorf("partnerportal.New: %w", err)
		}
	}
	if baseURL == "" && s.handler != nil {
		baseURL = "http://in-process"
	}
	base, err := parseBase(baseURL)
	if err != nil {
		return nil, fmt.Errorf("partnerportal.New: base URL: %w", err)
	}
	c, err := s.client(base)
	if err != nil {
		return nil, fmt.Errorf("partnerportal.New: %w", err)
	}
	return c, nil
}

// client builds the Client from settings that are each valid, and refuses those that do not go together.
func (s *settings) client(base *url.URL) (*Client, error) {
	if s.handler != nil && s.httpClient != nil {
		return nil, errors.New("WithHandler and WithHTTPClient exclude each other")
	}
	root := strings.TrimSuffix(base.Path, BasePath)
	c := &Client{
		scheme: base.Scheme, host: base.Host, base: base.Scheme + "://" + base.Host + root, prefix: root + BasePath,
		userAgent: []string{s.userAgentHeader()}, logger: s.logger,
		retry: s.retry, budget: newRetryBudget(s.retry.Budget),
		timeout: s.timeout, attemptTimeout: s.attemptTimeout, limits: s.limits,
	}
	c.calls.New = func() any { return newCall(c) }
	switch {
	case s.handler != nil:
		c.transport = inProcess{s.handler}
	case s.httpClient != nil:
		c.transport = s.httpClient.Transport
		if s.httpClient.Timeout > 0 && !s.attemptTimeoutSet {
			c.attemptTimeout = s.httpClient.Timeout
		}
	}
	if c.transport == nil {
		c.transport = defaultTransport()
	}
	plainAllowed := s.insecure || s.handler != nil
	if s.credential != "" && !plainAllowed && !isConfidential(base) {
		return nil, fmt.Errorf("%s: credentials are not sent over plain http to %s; use https, or WithInsecure", s.credential, base.Host)
	}
	var err error
	c.auth, err = s.authSource(c, plainAllowed)
	return c, err
}

// BaseURL returns the URL of the portal, without the version's path.
func (c *Client) BaseURL() string { return c.base }

// String names the client by its portal and shows nothing else.
func (c *Client) String() string { return "partnerportal.Client(" + c.base + ")" }

// GoString is the same as [Client.String].
func (c *Client) GoString() string { return c.String() }

// CloseIdleConnections closes connections that are kept for the next call. Calls under way are not touched, and the client can
// be used on.
func (c *Client) CloseIdleConnections() {
	if t, ok := c.transport.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

// parseBase checks a URL that requests are built from. Its errors do not repeat it, as it may hold a password by mistake.
func parseBase(raw string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimRight(raw, "/"))
	switch {
	case err != nil:
		return nil, errors.New("cannot be parsed")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New("must begin with https://")
	case u.Hostname() == "":
		return nil, errors.New("has no host")
	case u.User != nil:
		return nil, errors.New("must not hold a user or password; use an option for credentials")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("must not have a query or fragment")
	case u.RawPath != "" || strings.Contains(u.Path, "//") || strings.Contains(u.Path+"/", "/../") || strings.Contains(u.Path+"/", "/./"):
		return nil, errors.New("has a path that is not plain")
	}
	u.Host = strings.ToLower(u.Host)
	return u, nil
}

// isConfidential reports whether what is sent to u stays between the two ends: it is encrypted or never leaves this machine.
func isConfidential(u *url.URL) bool {
	if u.Scheme == "https" || u.Hostname() == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return err == nil && ip.Unmap().IsLoopback()
}

// maxConns is the number of HTTP/1 connections to the portal that a client opens, and keeps for the next calls. Keeping two, as
// net/http does, makes each burst of calls dial anew; without a bound a burst dials half as many again as it has callers.
const maxConns = 64

// defaultTransport is net/http's own with limits for each step.
func defaultTransport() *http.Transport {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:        minTLS12(),
		TLSHandshakeTimeout:    10 * time.Second,
		ResponseHeaderTimeout:  15 * time.Second,
		ExpectContinueTimeout:  time.Second,
		IdleConnTimeout:        90 * time.Second,
		MaxConnsPerHost:        maxConns,
		MaxIdleConnsPerHost:    maxConns,
		MaxResponseHeaderBytes: 256 << 10,
		ForceAttemptHTTP2:      true,
	}
}
