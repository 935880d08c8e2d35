package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
)

//go:embed data/products.csv
var products []byte

//go:embed data/prices.csv
var prices []byte

// demonstrate imports the files of this program twice, into a portal of its own, and shows what a partner then sees.
func demonstrate(ctx context.Context, out io.Writer) (err error) {
	p, err := portal.Open(ctx, "sqlite::memory:", portal.WithClock(func() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	vendor, err := connect(ctx, p, "")
	if err != nil {
		return err
	}
	for _, night := range []string{"The first night", "The night after, with the same files"} {
		fmt.Fprintln(out, night)
		goods, err := vendor.ImportProducts(ctx, bytes.NewReader(products), catalog.ImportOptions{})
		report(out, "products", goods)
		if err != nil {
			return err
		}
		costs, err := importPrices(ctx, vendor, &job{list: "world", currency: "USD"}, bytes.NewReader(prices), catalog.ImportOptions{})
		report(out, "prices", costs)
		if err != nil {
			return err
		}
	}
	if _, err := vendor.ActivatePriceList(ctx, "world"); err != nil {
		return err
	}
	partner, err := p.Admin().CreatePartner(ctx, portal.Partner{Name: "Acme Partners", Country: "US"})
	if err != nil {
		return err
	}
	acme, err := connect(ctx, p, partner.ID)
	if err != nil {
		return err
	}
	return show(ctx, acme, out)
}

// connect makes a client for the vendor, or for a partner.
func connect(ctx context.Context, p *portal.Portal, partnerID string) (*catalog.Client, error) {
	credentials, err := p.Admin().CreateClient(ctx, portal.ClientSpec{PartnerID: partnerID, Name: "catalog-import"})
	if err != nil {
		return nil, err
	}
	pp, err := partnerportal.New("", partnerportal.WithHandler(p), partnerportal.WithClientCredentials(credentials.ClientID, credentials.ClientSecret))
	if err != nil {
		return nil, err
	}
	return catalog.New(pp), nil
}

// show is the catalogue as a partner sees it, with the prices of single units.
func show(ctx context.Context, goods *catalog.Client, out io.Writer) error {
	price := map[string]string{}
	for e, err := range goods.AllEntries(ctx, "world", catalog.ListEntriesParams{}) {
		if err != nil {
			return err
		}
		if e.MinQuantity <= 1 {
			price[e.SKU] = e.ListPrice.String()
		}
	}
	var seen []catalog.Product
	for p, err := range goods.All(ctx, catalog.ListParams{}) {
		if err != nil {
			return err
		}
		seen = append(seen, p)
	}
	slices.SortFunc(seen, func(a, b catalog.Product) int { return strings.Compare(a.SKU, b.SKU) })
	fmt.Fprintln(out, "What Acme sees")
	for _, p := range seen {
		fmt.Fprintf(out, "  %-9s %-22s %12s  %s\n", p.SKU, p.Name, price[p.SKU], why(&p))
	}
	return nil
}

// why says whether a product can be sold, and if not, what is in the way.
func why(p *catalog.Product) string {
	switch {
	case p.Sellable():
		return "for sale"
	case p.Lifecycle != catalog.LifecycleActive:
		return fmt.Sprintf("%s, see %s", p.Lifecycle, p.ReplacedBySKU)
	}
	return fmt.Sprintf("needs %s %s", p.Missing[0].Kind, p.Missing[0].CredentialDefinitionID)
}
