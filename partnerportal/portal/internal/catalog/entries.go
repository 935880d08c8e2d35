package catalog

import (
	"cmp"
	"context"
	"fmt"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/offer"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/quotes/catalog"
)

// ListEntries returns a page of the entries of a price list that the caller may see.
func (s *Service) ListEntries(ctx context.Context, id string, params *contract.ListEntriesParams) (*contract.PriceEntryPage, error) {
	c := call.From(ctx)
	l, err := findList(ctx, c, id)
	if err != nil {
		return nil, err
	}
	q := offer.EntriesQuery(l.ID, params.SKU)
	q.Page = store.Page{Cursor: params.Cursor, Limit: params.Limit, Segment: params.Segment}
	items, next, err := store.List(ctx, c.Tx, q, offer.ScanEntry(l.Currency))
	if err != nil {
		return nil, err
	}
	return &contract.PriceEntryPage{Items: items, Page: partnerportal.PageInfo{NextCursor: next}}, nil
}

// PutEntries adds, changes and removes entries of a price list.
func (s *Service) PutEntries(ctx context.Context, id, ifMatch string, body *contract.PriceEntries) (*contract.EntriesPut, error) {
	c, l, err := takeList(ctx, id, ifMatch)
	if err != nil {
		return nil, err
	}
	if err := checkEntries(l, body); err != nil {
		return nil, err
	}
	result := new(contract.EntriesPut)
	if err := putEntries(ctx, c, l, body.Entries, result); err != nil {
		return nil, err
	}
	for _, k := range body.Remove {
		n, err := c.Tx.DropPriceEntry(ctx, store.DropPriceEntryParams{PriceListID: l.ID, Sku: k.SKU, TermMonths: int64(k.TermMonths), MinQuantity: int64(k.MinQuantity)})
		if err != nil {
			return nil, err
		}
		result.Removed += int(n)
	}
	if written := result.Created + result.Updated + result.Removed; written > 0 {
		l.EntryCount += result.Created - result.Removed
		if err := saveList(ctx, c, l); err != nil {
			return nil, err
		}
		if l.Status == contract.PriceListStatusActive {
			err = tellList(ctx, c, l, l, contract.EventPriceListUpdated, map[string]any{"currency": l.Currency, "entries": written}, "/entries")
		}
	}
	result.PriceList = *shownList(c, l)
	return result, err
}

// checkEntries completes entries and keys, and holds them against the rules.
func checkEntries(l *contract.PriceList, body *contract.PriceEntries) error {
	var f problem.Fields
	seen := map[contract.PriceKey]bool{}
	once := func(at string, k contract.PriceKey) {
		if seen[k] {
			f.Add(at, "duplicate_key", fmt.Sprintf("%s, with this term and quantity, is in the call twice.", k.SKU))
		}
		seen[k] = true
	}
	for i := range body.Entries {
		e, at := &body.Entries[i], fmt.Sprintf("/entries/%d", i)
		e.MinQuantity = cmp.Or(e.MinQuantity, 1)
		once(at, keyOf(e))
		checkPrice(&f, at+"/list_price", e.ListPrice, l.Currency)
		if !e.NetPrice.IsZero() {
			checkPrice(&f, at+"/net_price", e.NetPrice, l.Currency)
		}
	}
	for i := range body.Remove {
		k := &body.Remove[i]
		k.MinQuantity = cmp.Or(k.MinQuantity, 1)
		once(fmt.Sprintf("/remove/%d", i), *k)
	}
	return f.Err()
}

func keyOf(e *contract.PriceEntry) contract.PriceKey {
	return contract.PriceKey{SKU: e.SKU, TermMonths: e.TermMonths, MinQuantity: e.MinQuantity}
}

func checkPrice(f *problem.Fields, at string, price partnerportal.Money, currency string) {
	switch {
	case price.Currency() != currency:
		f.Add(at+"/currency", "invalid_value", "Give prices in the list's currency, "+currency+".")
	case price.Sign() < 0:
		f.Add(at+"/amount", "out_of_range", "Give a price that is not below zero.")
	}
}

// putEntries stores the entries that differ from what is stored.
func putEntries(ctx context.Context, c *call.Call, l *contract.PriceList, entries []contract.PriceEntry, result *contract.EntriesPut) error {
	skus := make([]string, len(entries))
	for i, e := range entries {
		skus[i] = e.SKU
	}
	known, err := offer.Entries(ctx, c.Tx, l, skus)
	if err != nil {
		return err
	}
	before := make(map[contract.PriceKey]contract.PriceEntry, len(known))
	for i := range known {
		before[keyOf(&known[i])] = known[i]
	}
	for i := range entries {
		e := &entries[i]
		was, exists := before[keyOf(e)]
		switch {
		case !exists:
			result.Created++
		case was == *e:
			result.Unchanged++
			continue
		default:
			result.Updated++
		}
		if err := putEntry(ctx, c, l, e); err != nil {
			return err
		}
	}
	return nil
}

func putEntry(ctx context.Context, c *call.Call, l *contract.PriceList, e *contract.PriceEntry) error {
	net, protected := int64(offer.NoPrice), ""
	if !e.NetPrice.IsZero() {
		net = e.NetPrice.TenThousandths()
	}
	if !e.PriceProtectedUntilOn.IsZero() {
		protected = e.PriceProtectedUntilOn.String()
	}
	id := fmt.Sprintf("%s %03d %08d", e.SKU, e.TermMonths, e.MinQuantity)
	return c.Tx.PutPriceEntry(ctx, store.PutPriceEntryParams{
		PriceListID: l.ID, Sku: e.SKU, TermMonths: int64(e.TermMonths), MinQuantity: int64(e.MinQuantity), ListPrice: e.ListPrice.TenThousandths(),
		NetPrice: net, ProtectedUntil: protected, ID: id, Bucket: store.Bucket(id), CreatedAt: store.Micros(c.Now),
	})
}
