package examples_test

import (
	"strings"
	"testing"
	"time"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
	"github.com/partnerportal/partnerportal-go/quotes"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
)

func TestREADMEQuoteRuns(t *testing.T) {
	p := portaltest.New(t)
	ctx, shelf := t.Context(), catalog.New(p.Vendor)
	usd := func(amount string) partnerportal.Money { return partnerportal.MustMoney(amount, "USD") }
	var entries []catalog.PriceEntry
	for _, sku := range []string{"RACK-42", "SRV-L"} {
		if _, err := shelf.Put(ctx, sku, catalog.ProductInput{Name: sku, Family: "racks", Kind: catalog.ProductKindHardware}); err != nil {
			t.Fatal(err)
		}
		entries = append(entries, catalog.PriceEntry{SKU: sku, ListPrice: usd("5000.00")})
	}
	if _, err := shelf.PutPriceList(ctx, "usd", catalog.PriceListInput{Name: "Dollars", Currency: "USD"}); err != nil {
		t.Fatal(err)
	}
	if _, err := shelf.PutEntries(ctx, "usd", catalog.PriceEntries{Entries: entries}); err != nil {
		t.Fatal(err)
	}
	if _, err := shelf.ActivatePriceList(ctx, "usd"); err != nil {
		t.Fatal(err)
	}
	servers := catalog.Group{ID: "servers", Min: 1, Options: []catalog.Option{{SKU: "SRV-L"}}}
	if _, err := shelf.PublishModel(ctx, "RACK-42", catalog.ModelInput{Groups: []catalog.Group{servers}}); err != nil {
		t.Fatal(err)
	}
	if _, err := quotes.New(p.Vendor).PutPricePolicy(ctx, program.DefaultID, quotes.PricePolicyInput{
		DealRegistration: []quotes.PriceDealDiscount{{Percent: "8"}}, Quote: quotes.PriceQuoteRules{ValidDays: 365},
	}); err != nil {
		t.Fatal(err)
	}
	deal, err := deals.New(p.Acme).Register(ctx, deals.Registration{
		Customer: partnerportal.Organization{Name: "Globex", Country: "US", Domain: "globex.com"}, Amount: usd("15000.00"),
		ExpectedCloseOn: partnerportal.DateOf(p.Now()).AddDays(60), Products: []deals.Product{{Family: "racks"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := deals.New(p.Vendor).Approve(ctx, deal.ID, deals.Approval{}); err != nil {
		t.Fatal(err)
	}
	for _, late := range []bool{false, true} {
		var pdf strings.Builder
		offer, err := quote(ctx, p.Acme, deal, &pdf)
		if err != nil || !strings.HasPrefix(pdf.String(), "%PDF-") {
			t.Fatal(err)
		}
		if _, err := quotes.New(p.Acme).Accept(ctx, offer.ID, quotes.Acceptance{Name: "Ada Lovelace", Email: "ada@globex.com"}); err != nil {
			t.Fatal(err)
		}
		if late {
			p.Advance(120 * 24 * time.Hour)
			if err := order(ctx, p.Acme, offer); err == nil || err.Error() != "it would cost 1200.00 USD more" {
				t.Fatal(err)
			}
		} else if err := order(ctx, p.Acme, offer); err != nil {
			t.Fatal(err)
		}
	}
}
