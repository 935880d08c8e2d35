package portal_test

import (
	"context"
	"database/sql"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
)

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	for name, opt := range map[string]portal.Option{
		"WithClock": portal.WithClock(nil), "WithLogger": portal.WithLogger(nil), "WithEnricher": portal.WithEnricher(nil),
		"WithTokenLifetime": portal.WithTokenLifetime(time.Second), "WithRateLimit": portal.WithRateLimit(0, 1),
		"WithWebhookGuard": portal.WithWebhookGuard(portal.WebhookGuard{Prefixes: []netip.Prefix{{}}}),
		"WithFileStore":    portal.WithFileStore(nil), "WithFileDir": portal.WithFileDir(""), "WithMaxFileSize": portal.WithMaxFileSize(5 << 40),
		"WithFonts: font 1": portal.WithFonts([]byte("no font")), "WithBrand: the logo": portal.WithBrand(portal.Brand{Logo: []byte("no picture")}),
		"WithBrand: the color": portal.WithBrand(portal.Brand{Color: "green"}), "WithBrand: the address": portal.WithBrand(portal.Brand{Address: make([]string, 7)}),
		"WithBrand: ": portal.WithBrand(portal.Brand{Name: strings.Repeat("x", 121)}),
	} {
		_, err := portal.Open(t.Context(), "sqlite::memory:", opt)
		require.ErrorContains(t, err, name)
		_, err = portal.New(t.Context(), nil, portal.SQLite, opt)
		require.ErrorContains(t, err, name)
	}
	_, err := portal.Open(t.Context(), "oracle:xe")
	require.ErrorContains(t, err, "sqlite:FILE")
}

func TestDatabaseOfTheHost(t *testing.T) {
	t.Parallel()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "host.db")+"?_txlock=immediate&_pragma=foreign_keys(1)&_pragma=busy_timeout(10000)")
	require.NoError(t, err)
	defer db.Close()
	p, err := portal.New(t.Context(), db, portal.SQLite, portal.WithTokenLifetime(5*time.Minute))
	require.NoError(t, err)
	c := as(t, p, partner(t, p, "Acme")).with("Idempotency-Key", "k")
	assert.Equal(t, 201, c.post("/v1/leads", referral).status)
	require.NoError(t, p.Close())
	require.NoError(t, db.PingContext(t.Context()), "it is the host's")

	again, err := portal.New(t.Context(), db, portal.SQLite)
	require.NoError(t, err)
	c.handler = again
	assert.Equal(t, "true", c.post("/v1/leads", referral).header.Get("Idempotency-Replayed"))

	require.NoError(t, db.Close())
	_, err = portal.New(t.Context(), db, portal.SQLite)
	require.Error(t, err)
}

// register knows one company.
type register struct{}

func (register) Enrich(_ context.Context, c partnerportal.Organization) (partnerportal.Organization, partnerportal.SourceStamp, error) {
	return partnerportal.Organization{Name: "Initech Inc.", Country: "US", Domain: c.Domain}, partnerportal.SourceStamp{System: "register", Kind: "erp"}, nil
}

func TestEnricherCompletesRegistrations(t *testing.T) {
	t.Parallel()
	p := portaltest.New(t, portal.WithEnricher(register{}))
	deal, err := deals.New(p.Acme).Register(t.Context(), deals.Registration{
		Customer: partnerportal.Organization{Domain: "initech.com"}, Amount: partnerportal.MustMoney("1000", "USD"),
		ExpectedCloseOn: partnerportal.DateOf(p.Now().AddDate(0, 1, 0)), Products: []deals.Product{{Family: "GTX", Quantity: 1}},
	})
	require.NoError(t, err)
	assert.Equal(t, "Initech Inc.", deal.Customer.Name)
}
