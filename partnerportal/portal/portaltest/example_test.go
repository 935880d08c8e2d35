package portaltest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
)

// example stands in for the *testing.T of a test, which an example does not have.
type example struct {
	testing.TB
	cleanups []func()
}

func (*example) Helper()                  {}
func (*example) Context() context.Context { return context.Background() }
func (e *example) Cleanup(f func())       { e.cleanups = append(e.cleanups, f) }
func (*example) Errorf(format string, args ...any) {
	fmt.Printf(format+"\n", args...)
}
func (*example) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

func (e *example) end() {
	for _, cleanup := range slices.Backward(e.cleanups) {
		cleanup()
	}
}

func initech(p *portaltest.Portal) deals.Registration {
	return deals.Registration{
		Customer:        partnerportal.Organization{Name: "Initech", Country: "US", Domain: "initech.com"},
		Amount:          partnerportal.MustMoney("125000", "USD"),
		ExpectedCloseOn: partnerportal.DateOf(p.Now().AddDate(0, 3, 0)),
		Products:        []deals.Product{{Family: "GTX", Quantity: 10}},
	}
}

// What a program that registers deals would test: that it gets through a bad minute, that it understands a refusal, and that
// it notices the end of the protection.
func Example() {
	t := new(example) // in a test: func TestRegistration(t *testing.T)
	defer t.end()
	ctx := t.Context()
	p := portaltest.New(t)

	p.FailNext(2, http.StatusServiceUnavailable, portaltest.On("deals.register"))
	deal, err := deals.New(p.Acme).Register(ctx, initech(p))
	if err != nil {
		t.Fatalf("register: %v", err)
	}
	fmt.Println(deal.Status, "after", len(p.Requests("deals.register")), "attempts")

	_, err = deals.New(p.Globex).Register(ctx, initech(p))
	fmt.Println("refused:", errors.Is(err, deals.ErrConflict))

	if _, err := deals.New(p.Vendor).Approve(ctx, deal.ID, deals.Approval{}); err != nil {
		t.Fatalf("approve: %v", err)
	}
	p.Advance(91 * 24 * time.Hour)
	deal, err = deals.New(p.Acme).Get(ctx, deal.ID)
	if err != nil {
		t.Fatalf("get: %v", err)
	}
	fmt.Println(deal.Status)
	// Output:
	// submitted after 3 attempts
	// refused: true
	// expired
}

// A connection that breaks after the portal has done the work is the hardest fault: the SDK asks again with the same idempotency
// key, and the deal is registered once.
func ExamplePortal_LoseNext() {
	t := new(example)
	defer t.end()
	p := portaltest.New(t)

	p.LoseNext(1, portaltest.On("deals.register"))
	var resp partnerportal.Response
	if _, err := deals.New(p.Acme).Register(t.Context(), initech(p), partnerportal.WithResponse(&resp)); err != nil {
		t.Fatalf("register: %v", err)
	}
	fmt.Println(resp.Attempts, "attempts, replayed:", resp.Replayed)

	held, err := partnerportal.Collect(deals.New(p.Acme).All(t.Context(), deals.ListParams{}))
	fmt.Println(len(held), "deal", err)
	// Output:
	// 2 attempts, replayed: true
	// 1 deal <nil>
}

// The requests that arrived show what the program under test has sent.
func ExamplePortal_Requests() {
	t := new(example)
	defer t.end()
	p := portaltest.New(t)

	if _, err := deals.New(p.Acme).Register(t.Context(), initech(p), partnerportal.WithIdempotencyKey("crm-4711")); err != nil {
		t.Fatalf("register: %v", err)
	}
	for _, request := range p.Requests("deals.register") {
		fmt.Println(request.Method, request.Path, request.Header.Get("Idempotency-Key"))
	}
	// Output: POST /v1/deals/quick crm-4711
}

// More partners, and callers that may do less, are made as a test needs them.
func ExamplePortal_Client() {
	t := new(example)
	defer t.end()
	p := portaltest.New(t)

	id := p.Partner(portal.Partner{Name: "Umbrella Resale", Country: "FR"})
	reader := p.Client(portal.ClientSpec{PartnerID: id, Name: "Umbrella BI", Scopes: []string{"leads:read"}})

	page, err := leads.New(reader).List(t.Context(), leads.ListParams{})
	if err != nil {
		t.Fatalf("list: %v", err)
	}
	fmt.Println(len(page.Items), "leads")
	_, err = deals.New(reader).List(t.Context(), deals.ListParams{})
	fmt.Println("deals forbidden:", errors.Is(err, partnerportal.ErrForbidden))
	// Output:
	// 0 leads
	// deals forbidden: true
}
