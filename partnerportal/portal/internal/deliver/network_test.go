package deliver_test

import (
	"context"
	"encoding/binary"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/dns/dnsmessage"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/deliver"
	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

// home is where the tests' receivers listen. A guard that has it among its prefixes takes it for the Internet; the rest of loopback, which the
// guard refuses as it refuses everybody's inside, is then the place that nothing may reach.
var home = netip.MustParseAddr("127.0.0.1")

// testGuard lets deliveries go to the receivers of tests, whose ports are any, and to no other address that is not public.
func testGuard(resolver *net.Resolver) *deliver.Guard {
	return &deliver.Guard{AllowHTTP: true, Ports: []uint16{0}, Prefixes: []netip.Prefix{netip.PrefixFrom(home, 32)}, Resolver: resolver}
}

// names is a DNS server inside the test. It gives the addresses that answer returns, in their order, and without any says that there is no such name.
func names(answer func(name string) []netip.Addr) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go serveNames(theirs, answer)
		return ours, nil
	}}
}

func serveNames(conn net.Conn, answer func(name string) []netip.Addr) {
	defer conn.Close()
	for {
		length := make([]byte, 2)
		if _, err := io.ReadFull(conn, length); err != nil {
			return
		}
		raw := make([]byte, binary.BigEndian.Uint16(length))
		var m dnsmessage.Message
		if _, err := io.ReadFull(conn, raw); err != nil || m.Unpack(raw) != nil {
			return
		}
		m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
		q := m.Questions[0]
		addrs := answer(q.Name.String())
		if len(addrs) == 0 {
			m.RCode = dnsmessage.RCodeNameError
		}
		for _, addr := range addrs {
			header := dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: 1}
			switch {
			case addr.Is4() && q.Type == dnsmessage.TypeA:
				m.Answers = append(m.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AResource{A: addr.As4()}})
			case addr.Is6() && q.Type == dnsmessage.TypeAAAA:
				m.Answers = append(m.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AAAAResource{AAAA: addr.As16()}})
			}
		}
		packed, err := m.Pack()
		if err != nil {
			return
		}
		if _, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(packed))), packed...)); err != nil {
			return
		}
	}
}

// always answers every question alike.
func always(addrs ...string) func(string) []netip.Addr {
	list := make([]netip.Addr, len(addrs))
	for i, text := range addrs {
		list[i] = netip.MustParseAddr(text)
	}
	return func(string) []netip.Addr { return list }
}

// receiver starts a server on home and returns its URL and port.
func receiver(t *testing.T, h http.HandlerFunc) (url, port string) {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	_, port, err := net.SplitHostPort(s.Listener.Addr().String())
	require.NoError(t, err)
	return s.URL, port
}

func accept(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }

// forbidden is the handler of what must not be reached.
func forbidden(t *testing.T) http.HandlerFunc {
	t.Helper()
	return func(http.ResponseWriter, *http.Request) { assert.Fail(t, "reached what the guard refuses") }
}

// posterOf returns a Poster behind g; trust, if there is one, is a server whose certificate is believed.
func posterOf(t *testing.T, g *deliver.Guard, trust *httptest.Server) *deliver.Poster {
	t.Helper()
	transport := g.Transport()
	if trust != nil {
		transport.TLSClientConfig.RootCAs = trust.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	}
	t.Cleanup(transport.CloseIdleConnections)
	return deliver.NewPoster(transport, nil)
}

// message is one to url, signed with a new secret.
func message(t *testing.T, url string) deliver.Message {
	t.Helper()
	return deliver.Message{URL: url, Keys: []webhook.Key{webhook.GenerateSecret()}, ID: "evt_1", Body: []byte(`{"type":"deal.approved"}`)}
}

// roundTrip is a transport that is a function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// silent is the log of servers that are meant to be failed by their clients.
var silent = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
