package source_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/account"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/source"
)

// A nightly export drops files into a folder; the portal shows what they say, and how old it is.
func ExampleNewDir() {
	ctx, night := context.Background(), time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)
	dir, err := os.MkdirTemp("", "finance")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)

	p, err := portal.Open(ctx, "sqlite::memory:", portal.WithFinance(source.NewDir(dir, "netsuite")),
		portal.WithClock(func() time.Time { return night.Add(5 * time.Hour) }))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer p.Close()
	acme, err := p.Admin().CreatePartner(ctx, portal.Partner{Name: "Acme Partners", Country: "US"})
	if err != nil {
		fmt.Println(err)
		return
	}
	key, err := p.Admin().CreateAPIKey(ctx, portal.ClientSpec{PartnerID: acme.ID, Name: "Acme"})
	if err != nil {
		fmt.Println(err)
		return
	}

	fmt.Println("before:", p.Pull(ctx)) // in a program: go p.Run(ctx)
	for name, content := range map[string]string{
		"revenue.csv": "id,partner_id,on,amount,currency\nINV-1," + acme.ID + ",2026-11-03,12500.00,USD\nINV-2," + acme.ID + ",2026-11-17,-500.00,USD\n",
		"as_of":       night.Format(time.RFC3339),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			fmt.Println(err)
			return
		}
	}
	if err := p.Pull(ctx); err != nil {
		fmt.Println(err)
		return
	}

	pp, err := partnerportal.New("https://portal.test", partnerportal.WithHandler(p), partnerportal.WithAPIKey(key))
	if err != nil {
		fmt.Println(err)
		return
	}
	sum, err := account.New(pp).Summary(ctx, account.SummaryParams{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(sum.RevenueYTD.Value, "says", sum.RevenueYTD.Source.System, "as of", sum.RevenueYTD.Source.AsOf.Format(time.RFC3339))
	// Output:
	// before: netsuite: the files are still being written: as_of is not there
	// 12000.00 USD says netsuite as of 2026-11-22T04:00:00Z
}

// recordStore stands in for a learning record store.
type recordStore struct{}

func (recordStore) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	w.Header().Set("X-Experience-API-Consistent-Through", "2026-11-22T12:00:00Z")
	_, _ = w.WriteString(`{"statements": [{
		"id": "7e1c0f3a-0001-4000-8000-000000000000", "timestamp": "2026-11-22T09:30:00Z",
		"actor": {"mbox": "mailto:ada@acme.com"}, "verb": {"id": "http://adlnet.gov/expapi/verbs/passed"},
		"object": {"id": "https://lms.example.com/courses/GTX-101"}, "result": {"score": {"scaled": 0.925}}
	}]}`)
	return w.Result(), nil
}

// A learning record store says who has passed what. In a portal it is an option: portal.WithLMS(store).
func ExampleNewXAPI() {
	store, err := source.NewXAPI(source.XAPIConfig{
		Endpoint: "https://lrs.example.com/xapi", Username: "portal", Password: "secret",
		Client: &http.Client{Transport: recordStore{}}, // left out in a program
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	said, err := store.LMS(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range said.Records {
		fmt.Println(r.Person, r.Verb, r.Course, "with", r.Score, "%")
	}
	fmt.Println("as of", said.AsOf.Format(time.RFC3339))
	// Output:
	// ada@acme.com passed GTX-101 with 92.5 %
	// as of 2026-11-22T12:00:00Z
}

// Where activities are courses, their code is what follows the last slash.
func ExampleLastSegment() {
	fmt.Println(source.LastSegment("https://lms.example.com/courses/GTX-101"))
	// Output: GTX-101
}
