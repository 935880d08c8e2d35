// Package portaltest runs a whole partner portal inside a test: a sandbox in memory, served in process, with two partners and
// a vendor who authenticate as in real life. Its clock can be turned, faults can be put between client and portal, and the
// requests that arrived can be looked at. It sends webhooks to servers of the test, such as those of httptest.
//
//	func TestExpiry(t *testing.T) {
//		p := portaltest.New(t)
//		deal, err := deals.New(p.Acme).Register(t.Context(), registration)
//		…
//		p.Advance(91 * 24 * time.Hour) // the protection ends
//		p.FailNext(2, 503)             // the client under test has to try again
//		…
//	}
package portaltest

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
)

// Portal is a portal under the control of a test. It is safe for concurrent use.
type Portal struct {
	*portal.Portal

	// Acme and Globex are clients of two partners, "Acme Partners" in the US and "Globex Integrators" in Germany.
	Acme, Globex *partnerportal.Client
	// AcmeID and GlobexID are the two partners' ids.
	AcmeID, GlobexID string
	// Vendor is a client of the vendor.
	Vendor *partnerportal.Client

	tb     testing.TB
	wire   *wire
	server func() *httptest.Server
}

// New opens a portal for the time of the test. It is a sandbox with the default programme, and its webhooks may go to this machine;
// opts come on top. What fails ends the test.
func New(tb testing.TB, opts ...portal.Option) *Portal {
	tb.Helper()
	inner, err := portal.Open(tb.Context(), "sqlite::memory:", append([]portal.Option{portal.WithSandbox(), portal.WithLoopbackWebhooks()}, opts...)...)
	if err != nil {
		tb.Fatalf("portaltest: %v", err)
	}
	return Wrap(tb, inner)
}

// Wrap is New for a portal that the test opened itself, such as one on a file. It is closed when the test ends.
func Wrap(tb testing.TB, inner *portal.Portal) *Portal {
	tb.Helper()
	p := &Portal{Portal: inner, tb: tb, wire: newWire(inner)}
	p.server = sync.OnceValue(func() *httptest.Server {
		server := httptest.NewServer(p.wire)
		tb.Cleanup(server.Close)
		return server
	})
	tb.Cleanup(func() {
		if err := inner.Close(); err != nil {
			tb.Errorf("portaltest: close: %v", err)
		}
	})
	p.AcmeID = p.Partner(portal.Partner{Name: "Acme Partners", Country: "US", Domains: []string{"acmepartners.com"}})
	p.GlobexID = p.Partner(portal.Partner{Name: "Globex Integrators", Country: "DE", Domains: []string{"globex-integrators.de"}})
	p.Acme = p.Client(portal.ClientSpec{PartnerID: p.AcmeID, Name: "Acme CRM"})
	p.Globex = p.Client(portal.ClientSpec{PartnerID: p.GlobexID, Name: "Globex PSA"})
	p.Vendor = p.Client(portal.ClientSpec{Name: "Vendor desk"})
	return p
}

// Partner creates another partner and returns its id.
func (p *Portal) Partner(partner portal.Partner) string {
	p.tb.Helper()
	created, err := p.Admin().CreatePartner(p.tb.Context(), partner)
	if err != nil {
		p.tb.Fatalf("portaltest: create a partner: %v", err)
	}
	return created.ID
}

// Client creates a caller and returns a client that authenticates as it, with client credentials. opts come on top.
func (p *Portal) Client(spec portal.ClientSpec, opts ...partnerportal.Option) *partnerportal.Client {
	p.tb.Helper()
	credentials, err := p.Admin().CreateClient(p.tb.Context(), spec)
	if err != nil {
		p.tb.Fatalf("portaltest: create a client: %v", err)
	}
	return p.Connect(append([]partnerportal.Option{
		partnerportal.WithClientCredentials(credentials.ClientID, credentials.ClientSecret),
	}, opts...)...)
}

// Connect returns a client of the portal with options of the test's own, among them how to authenticate.
func (p *Portal) Connect(opts ...partnerportal.Option) *partnerportal.Client {
	p.tb.Helper()
	client, err := partnerportal.New("https://portal.test", append([]partnerportal.Option{partnerportal.WithHandler(p.wire)}, opts...)...)
	if err != nil {
		p.tb.Fatalf("portaltest: connect: %v", err)
	}
	return client
}

// ServeHTTP serves the portal with the faults that the test has ordered.
func (p *Portal) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.wire.ServeHTTP(w, r) }

// URL returns the portal's address on this machine, for callers that need a socket. The server starts with the first call.
func (p *Portal) URL() string { return p.server().URL }

// Advance turns the portal's clock forward and returns how many deadlines passed on the way; what they bring about has
// happened when Advance returns.
func (p *Portal) Advance(d time.Duration) int {
	p.tb.Helper()
	fired, err := p.Portal.Advance(p.tb.Context(), d)
	if err != nil {
		p.tb.Fatalf("portaltest: advance the clock by %v: %v", d, err)
	}
	return fired
}

// DeliverWebhooks sends the webhooks that are due, challenges of new endpoints among them, and returns when they were answered. What
// an endpoint did not take is due again later, by the real time.
func (p *Portal) DeliverWebhooks() {
	p.tb.Helper()
	if err := p.Portal.DeliverWebhooks(p.tb.Context()); err != nil {
		p.tb.Fatalf("portaltest: deliver webhooks: %v", err)
	}
}
