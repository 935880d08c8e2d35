package deliver

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	connectTimeout = 10 * time.Second // to resolve and connect; again for the TLS handshake
	maxHeader      = 16 << 10         // bytes of an answer's header
	maxIdle        = 64               // connections kept for the next attempt, as many as there are attempts at once
	maxIdlePerHost = 4                // as many as there are attempts at once to one endpoint
	idleTimeout    = 30 * time.Second
)

var (
	errNotAllowed = errors.New("deliver: the guard refuses this address")
	errNoAnswer   = errors.New("deliver: no allowed address answers")
)

// Transport returns the connections of a [Poster], with the guard's rules applied to every address at the moment it is dialled, whatever
// its name resolved to before. It asks no proxy, keeps few connections, and takes what answers only in small measures.
func (g *Guard) Transport() *http.Transport {
	rules := *g
	t := &http.Transport{
		Proxy:                  nil, // a proxy from the environment would dial in our stead, past the guard
		DialContext:            rules.dial,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    connectTimeout,
		ForceAttemptHTTP2:      true, // a DialContext of one's own turns it off
		MaxIdleConns:           maxIdle,
		MaxIdleConnsPerHost:    maxIdlePerHost,
		IdleConnTimeout:        idleTimeout,
		MaxResponseHeaderBytes: maxHeader,
		DisableCompression:     true, // an answer is dropped; a small one that unpacks to a large one is an attack
	}
	if !rules.AllowHTTP {
		t.RegisterProtocol("http", refuser{}) // for an endpoint from the time before the host forbade it
	}
	return t
}

type refuser struct{}

func (refuser) RoundTrip(*http.Request) (*http.Response, error) { return nil, errNotAllowed }

// dial lets the dialer try all addresses of a name, of which the refused ones fail before a packet leaves.
func (g *Guard) dial(ctx context.Context, network, address string) (net.Conn, error) {
	var tried atomic.Bool // IPv6 and IPv4 are tried side by side
	dialer := net.Dialer{Timeout: connectTimeout, Resolver: g.Resolver, Control: func(_, address string, _ syscall.RawConn) error {
		if !g.allows(address) {
			return errNotAllowed
		}
		tried.Store(true)
		return nil
	}}
	conn, err := dialer.DialContext(ctx, network, address)
	if errors.Is(err, errNotAllowed) && tried.Load() {
		return nil, errNoAnswer // the dialer tells of the first address, but it is the allowed one that is down
	}
	return conn, err
}

// allows judges an address in the form that the dialer hands to the kernel.
func (g *Guard) allows(address string) bool {
	a, err := netip.ParseAddrPort(address)
	return err == nil && g.allowsPort(a.Port()) && g.allowsAddr(a.Addr())
}
