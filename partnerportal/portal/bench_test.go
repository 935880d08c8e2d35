package portal_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
)

// The benchmarks run the SDK against the whole portal, on a durable SQLite file: in process, and over loopback.

// benchPortal opens a portal on a file whose store the benchmark can also reach around the portal.
func benchPortal(b *testing.B) (*portaltest.Portal, *store.Store) {
	b.Helper()
	dsn := "sqlite:" + filepath.Join(b.TempDir(), "portal.db")
	p, err := portal.Open(b.Context(), dsn)
	require.NoError(b, err)
	s, err := store.Open(b.Context(), dsn)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, s.Close()) })
	return portaltest.Wrap(b, p), s
}

// transports gives Acme's client in process and over loopback.
func transports(b *testing.B, p *portaltest.Portal) map[string]*deals.Client {
	b.Helper()
	server := httptest.NewServer(p.Portal) // not the wire of portaltest, which remembers every request
	b.Cleanup(server.Close)
	key, err := p.Admin().CreateAPIKey(b.Context(), portal.ClientSpec{PartnerID: p.AcmeID, Name: "Benchmark"})
	require.NoError(b, err)
	inProcess, err := partnerportal.New("https://portal.test", partnerportal.WithHandler(p.Portal), partnerportal.WithAPIKey(key))
	require.NoError(b, err)
	loopback, err := partnerportal.New(server.URL, partnerportal.WithAPIKey(key))
	require.NoError(b, err)
	return map[string]*deals.Client{"process": deals.New(inProcess), "loopback": deals.New(loopback)}
}

func benchRegistration(n int) deals.Registration {
	name := fmt.Sprintf("c%d-works", n)
	return deals.Registration{
		Customer: partnerportal.Organization{Name: name, Country: "US", Domain: name + ".com"}, Amount: partnerportal.MustMoney("125000", "USD"),
		ExpectedCloseOn: partnerportal.DateOf(time.Now().AddDate(0, 3, 0)), Products: []deals.Product{{Family: "GTX", Quantity: 10}},
		ExternalRefs: []partnerportal.ExternalRef{{System: "salesforce", ID: name}},
	}
}

func BenchmarkRegister(b *testing.B) {
	p, s := benchPortal(b)
	n := 0
	for name, client := range transports(b, p) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				n++
				if _, err := client.Register(b.Context(), benchRegistration(n)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	// What the same transaction costs without rules and HTTP: look for the customer, insert the deal, its keys and reference,
	// the event, the record of the answer. The goal is 0.6 of its rate.
	doc := strings.Repeat("x", 1500)
	b.Run("bare-store", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			n++
			if err := s.Write(b.Context(), func(tx *store.Tx) error { return bareRegister(b.Context(), tx, p.AcmeID, n, doc) }); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func bareRegister(ctx context.Context, tx *store.Tx, partnerID string, n int, doc string) error {
	id := fmt.Sprintf("bare_%d", n)
	if _, err := tx.DealsByKey(ctx, id); err != nil {
		return err
	}
	priority, err := tx.NextNumber(ctx, "bare")
	if err != nil {
		return err
	}
	if err := tx.InsertDeal(ctx, store.InsertDealParams{
		ID: id, Number: id, Bucket: store.Bucket(id), PartnerID: partnerID, ProgramID: portal.DefaultProgramID, Status: "submitted", Outcome: "open",
		Priority: priority + 1e9, CustomerDomain: id, Revision: 1, CreatedAt: int64(n), UpdatedAt: int64(n), Doc: doc,
	}); err != nil {
		return err
	}
	for _, key := range []string{"domain:", "name:"} {
		if err := tx.PutDealKey(ctx, store.PutDealKeyParams{MatchKey: key + id, DealID: id}); err != nil {
			return err
		}
	}
	if err := tx.InsertRef(ctx, store.InsertRefParams{Owner: partnerID, ResourceType: "bare", System: "salesforce", RefID: id, ResourceID: id}); err != nil {
		return err
	}
	if err := tx.Remember(ctx, store.RememberParams{Owner: partnerID, Key: id, Body: doc}); err != nil {
		return err
	}
	sequence, err := tx.NextNumber(ctx, "events")
	if err != nil {
		return err
	}
	return tx.InsertEvent(ctx, store.InsertEventParams{Sequence: sequence, ID: id, Facts: "{}", Actor: "{}", ChangedFields: "[]"})
}

func BenchmarkGet(b *testing.B) {
	p, _ := benchPortal(b)
	for name, client := range transports(b, p) {
		deal, err := client.Register(b.Context(), benchRegistration(len(name)))
		require.NoError(b, err)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := client.Get(b.Context(), deal.ID); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkList reads 100,000 deals; the metric is deals per second.
func BenchmarkList(b *testing.B) {
	const rows = 100_000
	p, s := benchPortal(b)
	clients := transports(b, p)
	first, err := clients["process"].Register(b.Context(), benchRegistration(0))
	require.NoError(b, err)
	doc, err := s.Read().Deal(b.Context(), first.ID)
	require.NoError(b, err)
	require.NoError(b, s.Write(b.Context(), func(tx *store.Tx) error { return copies(b.Context(), tx, p.AcmeID, first.ID, doc, rows-1) }))
	for name, client := range clients {
		for _, limit := range []int{100, 1000} {
			b.Run(fmt.Sprintf("%s/%d", name, limit), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					n := 0
					for _, err := range client.All(b.Context(), deals.ListParams{Limit: limit}) {
						if err != nil {
							b.Fatal(err)
						}
						n++
					}
					require.Equal(b, rows, n)
				}
				b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "deals/s")
			})
		}
	}
}

// copies fills the list with deals like the first.
func copies(ctx context.Context, tx *store.Tx, partnerID, firstID, doc string, n int) error {
	for i := range n {
		id := fmt.Sprintf("deal_copy%09d", i)
		if err := tx.InsertDeal(ctx, store.InsertDealParams{
			ID: id, Number: id, Bucket: store.Bucket(id), PartnerID: partnerID, ProgramID: portal.DefaultProgramID, Status: "submitted", Outcome: "open",
			Revision: 1, CreatedAt: int64(i), UpdatedAt: int64(i), Doc: strings.ReplaceAll(doc, firstID, id),
		}); err != nil {
			return err
		}
	}
	return nil
}
