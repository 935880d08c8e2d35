package portaltest_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
)

// What a program that registers deals would test: that it gets through a bad minute, and that it understands a refusal.
func Example() {
	_ = func(t *testing.T) {
		t.Helper() // it is a test, only without a name
		p := portaltest.New(t)
		registration := deals.Registration{
			Customer:        partnerportal.Organization{Name: "Initech", Country: "US", Domain: "initech.com"},
			Amount:          partnerportal.MustMoney("125000", "USD"),
			ExpectedCloseOn: partnerportal.DateOf(p.Now().AddDate(0, 3, 0)),
			Products:        []deals.Product{{Family: "GTX", Quantity: 10}},
		}

		p.FailNext(2, http.StatusServiceUnavailable, portaltest.RetryAfter(time.Second))
		deal, err := deals.New(p.Acme).Register(t.Context(), registration)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := deals.New(p.Globex).Register(t.Context(), registration); !errors.Is(err, deals.ErrConflict) {
			t.Fatalf("got %v, want a conflict", err)
		}

		if _, err := deals.New(p.Vendor).Approve(t.Context(), deal.ID, deals.Approval{}); err != nil {
			t.Fatal(err)
		}
		p.Advance(91 * 24 * time.Hour) // the protection ends
	}
	// Output:
}
