package deals_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"golang.org/x/oauth2"
)

// The benchmarks answer from bytes made beforehand, so that they measure the client's end. "nethttp" is the same call by hand,
// with net/http and encoding/json and none of what the SDK adds; compare within one run.

const listed = 100_000

var deal = deals.Deal{
	ID: "deal_01jd0000000000000000000000", Number: "D-000042", Revision: 3, Status: deals.StatusApproved, Outcome: deals.OutcomeOpen,
	PartnerID: "par_01jd0000000000000000000000", Customer: partnerportal.Organization{Name: "Acme Corporation", Country: "US", Domain: "acme.com"},
	Name: "Acme Corporation – GTX", Type: deals.TypeNewBusiness, Route: deals.RouteOneTier,
	Products: []deals.Product{{Family: "GTX", Quantity: 10}}, Amount: partnerportal.MustMoney("125000.00", "USD"),
	ExpectedCloseOn: partnerportal.Date{Year: 2027, Month: 3, Day: 31}, Priority: 42, RegisteredAt: time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC),
	Protection: deals.Protection{Status: deals.ProtectionStatusActive, Exclusivity: deals.ExclusivityExclusive, Families: []string{"GTX"},
		Territories: []string{"US"}, StartsAt: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC), ExpiresAt: time.Date(2027, 2, 21, 0, 0, 0, 0, time.UTC)},
	ExternalRefs: []partnerportal.ExternalRef{{System: "salesforce", ID: "006Qx00000AbCdE"}}, Livemode: true,
	CreatedAt: time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC), UpdatedAt: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC),
	CreatedBy: partnerportal.Actor{Side: partnerportal.SidePartner}, AllowedActions: []deals.Action{deals.ActionWin, deals.ActionLose, deals.ActionCancel},
	EditableFields: []string{"/sales_stage", "/probability"},
}

// canned answers lists of 100,000 deals in pages, and single deals.
type canned struct {
	one   []byte
	pages map[int][]byte // items by page size, without the cursor
}

func newCanned(b *testing.B) *canned {
	b.Helper()
	one, err := json.Marshal(deal)
	if err != nil {
		b.Fatal(err)
	}
	c := &canned{one: one, pages: map[int][]byte{}}
	for _, size := range []int{100, 1000} {
		c.pages[size] = bytes.Join([][]byte{[]byte(`{"items":[`), bytes.TrimSuffix(bytes.Repeat(append(one, ','), size), []byte(",")), []byte(`],"page":{`)}, nil)
	}
	return c
}

func (c *canned) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if r.URL.Path != "/v1/deals" || r.Method != http.MethodGet {
		_, _ = w.Write(c.one)
		return
	}
	q := r.URL.Query()
	size, _ := strconv.Atoi(q.Get("limit"))
	at, _ := strconv.Atoi(q.Get("cursor"))
	page := c.pages[size]
	tail := `}}`
	if at+size < listed {
		tail = fmt.Sprintf(`"next_cursor":"%d"}}`, at+size)
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(page)+len(tail)))
	_, _ = w.Write(page)
	_, _ = io.WriteString(w, tail)
}

// inProcess hands requests to the handler without a socket, for the client and for the baseline alike.
type inProcess struct{ handler http.Handler }

func (t inProcess) RoundTrip(req *http.Request) (*http.Response, error) {
	w := &answer{header: http.Header{}}
	t.handler.ServeHTTP(w, req)
	return &http.Response{StatusCode: 200, Header: w.header, Body: io.NopCloser(&w.body), ContentLength: int64(w.body.Len()), Request: req}, nil
}

type answer struct {
	header http.Header
	body   bytes.Buffer
}

func (w *answer) Header() http.Header            { return w.header }
func (w *answer) WriteHeader(int)                {}
func (w *answer) Write(data []byte) (int, error) { return w.body.Write(data) }

// eachWay runs a benchmark over both transports.
func eachWay(b *testing.B, run func(b *testing.B, url string, hc *http.Client)) {
	b.Helper()
	handler := newCanned(b)
	b.Run("inprocess", func(b *testing.B) {
		run(b, "https://portal.test", &http.Client{Transport: inProcess{handler}})
	})
	b.Run("loopback", func(b *testing.B) {
		server := httptest.NewServer(handler)
		defer server.Close()
		run(b, server.URL, &http.Client{})
	})
}

func sdk(b *testing.B, url string, hc *http.Client) *deals.Client {
	b.Helper()
	pp, err := partnerportal.New(url, partnerportal.WithHTTPClient(hc),
		partnerportal.WithTokenSource(oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "t0ken"})))
	if err != nil {
		b.Fatal(err)
	}
	return deals.New(pp)
}

// byHand is the baseline: one call with net/http and encoding/json.
func byHand(ctx context.Context, hc *http.Client, method, url string, body, out any) error {
	var sent io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return err
		}
		sent = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, url, sent)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer t0ken")
	resp, err := hc.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return json.NewDecoder(resp.Body).Decode(out)
}

func BenchmarkGet(b *testing.B) {
	eachWay(b, func(b *testing.B, url string, hc *http.Client) {
		b.Helper()
		b.Run("sdk", func(b *testing.B) {
			client := sdk(b, url, hc)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := client.Get(b.Context(), deal.ID); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("nethttp", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := byHand(b.Context(), hc, http.MethodGet, url+"/v1/deals/"+deal.ID, nil, new(deals.Deal)); err != nil {
					b.Fatal(err)
				}
			}
		})
	})
}

func BenchmarkCreate(b *testing.B) {
	registration := deals.Registration{Customer: deal.Customer, Products: deal.Products, Amount: deal.Amount, ExpectedCloseOn: deal.ExpectedCloseOn}
	eachWay(b, func(b *testing.B, url string, hc *http.Client) {
		b.Helper()
		b.Run("sdk", func(b *testing.B) {
			client := sdk(b, url, hc)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := client.Register(b.Context(), registration); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("nethttp", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := byHand(b.Context(), hc, http.MethodPost, url+"/v1/deals/quick", registration, new(deals.Deal)); err != nil {
					b.Fatal(err)
				}
			}
		})
	})
}

func BenchmarkList100000(b *testing.B) {
	eachWay(b, func(b *testing.B, url string, hc *http.Client) {
		b.Helper()
		for _, size := range []int{100, 1000} {
			b.Run(fmt.Sprintf("pages of %d/sdk", size), func(b *testing.B) {
				client := sdk(b, url, hc)
				b.ReportAllocs()
				for b.Loop() {
					count := 0
					for _, err := range client.All(b.Context(), deals.ListParams{Limit: size}) {
						if err != nil {
							b.Fatal(err)
						}
						count++
					}
					check(b, count)
				}
				b.ReportMetric(float64(b.N)*listed/b.Elapsed().Seconds(), "deals/s")
			})
			b.Run(fmt.Sprintf("pages of %d/nethttp", size), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					count, cursor := 0, ""
					for more := true; more; more = cursor != "" {
						var page deals.Page
						if err := byHand(b.Context(), hc, http.MethodGet, fmt.Sprintf("%s/v1/deals?limit=%d&cursor=%s", url, size, cursor), nil, &page); err != nil {
							b.Fatal(err)
						}
						count += len(page.Items)
						cursor = page.Page.NextCursor
					}
					check(b, count)
				}
				b.ReportMetric(float64(b.N)*listed/b.Elapsed().Seconds(), "deals/s")
			})
		}
	})
}

func check(b *testing.B, count int) {
	b.Helper()
	if count != listed {
		b.Fatalf("listed %d deals, not %d", count, listed)
	}
}

// BenchmarkCallers64 has 64 callers over loopback at the default settings, and reports how many connections they opened.
func BenchmarkCallers64(b *testing.B) {
	var connections atomic.Int64
	server := httptest.NewUnstartedServer(newCanned(b))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	pp, err := partnerportal.New(server.URL, partnerportal.WithTokenSource(oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "t0ken"})))
	if err != nil {
		b.Fatal(err)
	}
	client := deals.New(pp)
	b.ReportAllocs()
	b.SetParallelism(32) // times GOMAXPROCS
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			if _, err := client.Get(b.Context(), deal.ID); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(connections.Load()), "connections")
}
