package main

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/quotes"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
)

// world is a portal as a partner sees it.
type world struct {
	partner *partnerportal.Client
	own     *portal.Portal // nil for another one
}

// open connects to the portal at url, or makes one with a catalogue and a registered deal.
func open(ctx context.Context, url string, j *job) (*world, error) {
	if url == "" {
		return openOwn(ctx, j)
	}
	if j.deal == "" || j.sku == "" || j.po == "" || j.customer == nil {
		return nil, errors.New("say with -deal and -sku what to quote on that portal, and with -accepted-by and -po who has agreed to it under which number")
	}
	partner, err := partnerportal.New(url, partnerportal.FromEnv())
	return &world{partner: partner}, err
}

func openOwn(ctx context.Context, j *job) (_ *world, err error) {
	w := new(world)
	if w.own, err = portal.Open(ctx, "sqlite::memory:"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.close())
		}
	}()
	acme, err := w.own.Admin().CreatePartner(ctx, portal.Partner{Name: "Acme Partners", Country: "US"})
	if err != nil {
		return nil, err
	}
	if w.partner, err = w.login(ctx, acme.ID); err != nil {
		return nil, err
	}
	vendor, err := w.login(ctx, "")
	if err != nil {
		return nil, err
	}
	j.sku = cmp.Or(j.sku, "RACK-42")
	if err := stock(ctx, vendor); err != nil {
		return nil, err
	}
	deal, err := deals.New(w.partner).Register(ctx, deals.Registration{
		Name: "Globex data centre", Customer: partnerportal.Organization{Name: "Globex Corporation", Country: "US", Domain: "globex.com"},
		Amount: partnerportal.MustMoney("60000.00", "USD"), ExpectedCloseOn: partnerportal.DateOf(time.Now()).AddDays(60),
		Products: []deals.Product{{Family: "racks"}},
	})
	if err != nil {
		return nil, err
	}
	j.deal = deal.ID
	_, err = deals.New(vendor).Approve(ctx, deal.ID, deals.Approval{})
	return w, err
}

// login makes an API key of a partner's, or of the vendor's, and a client that uses it.
func (w *world) login(ctx context.Context, partnerID string) (*partnerportal.Client, error) {
	key, err := w.own.Admin().CreateAPIKey(ctx, portal.ClientSpec{PartnerID: partnerID, Name: cmp.Or(partnerID, "vendor")})
	if err != nil {
		return nil, err
	}
	return partnerportal.New("https://portal.example.com", partnerportal.WithHandler(w.own), partnerportal.WithAPIKey(key))
}

func (w *world) close() error {
	if w.own == nil {
		return nil
	}
	return w.own.Close()
}

// products are what the vendor sells: a rack, and what goes into it.
var products = []struct {
	sku, name, price, watts string
	kind                    catalog.ProductKind
}{
	{"RACK-42", "Rack, 42 units", "4200.00", "0", catalog.ProductKindHardware},
	{"SRV-S", "Server S, 16 cores", "5900.00", "450", catalog.ProductKindHardware},
	{"SRV-L", "Server L, 64 cores", "14800.00", "1100", catalog.ProductKindHardware},
	{"PDU-1", "Power, 1 kW", "690.00", "1000", catalog.ProductKindHardware},
	{"PDU-3", "Power, 3 kW", "1490.00", "3000", catalog.ProductKindHardware},
	{"CARE-3", "Care, 3 years on site", "2750.00", "0", catalog.ProductKindSupport},
}

// stock fills the catalogue: products, their prices, how the rack is configured, and what discounts there are.
func stock(ctx context.Context, vendor *partnerportal.Client) error {
	cat := catalog.New(vendor)
	var entries []catalog.PriceEntry
	for _, p := range products {
		if _, err := cat.Put(ctx, p.sku, catalog.ProductInput{Name: p.name, Family: "racks", Kind: p.kind, Attributes: map[string]string{"watts": p.watts}}); err != nil {
			return err
		}
		entries = append(entries, catalog.PriceEntry{SKU: p.sku, ListPrice: partnerportal.MustMoney(p.price, "USD")})
	}
	if _, err := cat.PutPriceList(ctx, "world-usd", catalog.PriceListInput{Name: "World, USD", Currency: "USD"}); err != nil {
		return err
	}
	if _, err := cat.PutEntries(ctx, "world-usd", catalog.PriceEntries{Entries: entries}); err != nil {
		return err
	}
	if _, err := cat.ActivatePriceList(ctx, "world-usd"); err != nil {
		return err
	}
	if _, err := cat.PublishModel(ctx, "RACK-42", catalog.ModelInput{
		Groups: []catalog.Group{
			{ID: "servers", Title: "Servers", Min: 1, Max: 2, Options: []catalog.Option{{SKU: "SRV-S", MaxQuantity: 8}, {SKU: "SRV-L", MaxQuantity: 4}}},
			{ID: "power", Title: "Power supply", Max: 2, Options: []catalog.Option{{SKU: "PDU-1", Default: true, MaxQuantity: 2}, {SKU: "PDU-3", MaxQuantity: 2}}},
			{ID: "care", Title: "Care", Max: 1, Options: []catalog.Option{{SKU: "CARE-3"}}},
		},
		Rules: []catalog.Rule{{
			ID: "enough-power", Kind: catalog.RuleKindSumLimit, Then: `sum("servers", "watts") <= sum("power", "watts")`,
			Severity: catalog.SeverityError, Message: "The servers draw more power than the supplies give.",
		}},
	}); err != nil {
		return err
	}
	_, err := quotes.New(vendor).PutPricePolicy(ctx, "default", quotes.PricePolicyInput{
		DealRegistration: []quotes.PriceDealDiscount{{Percent: "8"}},
		Promotions:       []quotes.PricePromotion{{Code: "CARE", Name: "Care at launch", Percent: "15", SKUs: []string{"CARE-3"}, Automatic: true}},
		Quote:            quotes.PriceQuoteRules{ValidDays: 30},
	})
	return err
}
