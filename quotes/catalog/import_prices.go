package catalog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// priceColumns are the columns of a file of prices.
var priceColumns = []string{"sku", "list_price", "currency", "term_months", "min_quantity", "net_price", "price_protected_until_on"}

// mostEntries is how many entries a call may put.
const mostEntries = 1000

// ImportPrices brings the entries of a price list, which exists, up to date with a CSV file, a thousand in a call. It may be repeated: an entry is told
// by SKU, term and smallest quantity, and what has not changed is not written.
//
// The first line names the columns, in any order: sku and list_price, and of currency (which must be the list's), term_months, min_quantity,
// net_price and price_protected_until_on (YYYY-MM-DD) those that are wanted; what has no column stays as it is in the list. With [ImportOptions.Complete] entries that the file does not have are
// removed, at the end. Rows with faults, the error, and the rest are as with [Client.ImportProducts].
func (c *Client) ImportPrices(ctx context.Context, priceListID string, file io.Reader, opts ImportOptions) (*ImportResult, error) {
	t, err := openTable(file, priceColumns, "sku", "list_price")
	if err != nil {
		return new(ImportResult), err
	}
	list, err := c.GetPriceList(ctx, priceListID)
	if err != nil {
		return new(ImportResult), err
	}
	m := &importing[PriceEntry]{opts: opts, table: t, size: mostEntries, key: func(e PriceEntry) string { return fmt.Sprint(e.Key()) }}
	m.parse = func(p *parser) PriceEntry { return parsePrice(p, list.Currency) }
	m.send = func(ctx context.Context, batch []line[PriceEntry]) error {
		return c.putPrices(ctx, m, priceListID, batch)
	}
	result, err := m.run(ctx)
	if err != nil || !opts.Complete || opts.FromLine > 2 || len(result.Refused) > 0 {
		return result, err
	}
	if result.Rows == 0 {
		return result, errors.New("the file has no rows: an export that failed is no reason to remove all prices")
	}
	return result, c.removeOthers(ctx, m, priceListID)
}

func parsePrice(p *parser, currency string) PriceEntry {
	if own := p.row.cells["currency"]; own != "" && own != currency {
		p.refuse("currency", "currency_mismatch", "the price list is in "+currency)
	}
	if p.row.cells["list_price"] == "" {
		p.refuse("list_price", "value_missing", "it may not be empty; a price of 0 is written 0")
	}
	return PriceEntry{
		SKU: p.sku("sku", true), TermMonths: p.number("term_months", 0, 0, 240), MinQuantity: p.number("min_quantity", 1, 1, 10_000_000),
		ListPrice: p.amount("list_price", currency), NetPrice: p.amount("net_price", currency), PriceProtectedUntilOn: p.day("price_protected_until_on"),
	}
}

// putPrices puts a batch. Rows that the portal refuses are left out, and the others put again.
func (c *Client) putPrices(ctx context.Context, m *importing[PriceEntry], listID string, batch []line[PriceEntry]) error {
	said := m.table.has("net_price") && m.table.has("price_protected_until_on")
	if m.opts.DryRun || !said {
		known, err := c.entriesOf(ctx, listID, batch)
		if err != nil {
			return err
		}
		for i := range batch {
			keepUnsaid(m.table, &batch[i].value, known)
		}
		if m.opts.DryRun {
			m.compare(batch, known)
			return nil
		}
	}
	for len(batch) > 0 {
		entries := make([]PriceEntry, len(batch))
		for i, l := range batch {
			entries[i] = l.value
		}
		put, err := c.PutEntries(ctx, listID, PriceEntries{Entries: entries})
		if err == nil {
			m.result.Created, m.result.Updated, m.result.Unchanged = m.result.Created+put.Created, m.result.Updated+put.Updated, m.result.Unchanged+put.Unchanged
			return nil
		}
		accepted, err := m.without(batch, err)
		if err != nil {
			return err
		}
		batch = accepted
	}
	return nil
}

// without are the rows of a batch against which the portal has nothing. The error is one that is about none of them.
func (m *importing[T]) without(batch []line[T], refusal error) ([]line[T], error) {
	var accepted []line[T]
	for i, l := range batch {
		found, err := objections(l.number, fmt.Sprintf("/entries/%d/", i), nil, refusal)
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			accepted = append(accepted, l)
		}
		m.refuse(found...)
	}
	var e *partnerportal.Error
	if len(accepted) == len(batch) || errors.As(refusal, &e) && len(e.Fields) == 0 {
		return nil, refusal
	}
	return accepted, nil
}

// entriesOf are the entries that the list has for the products of a batch.
func (c *Client) entriesOf(ctx context.Context, listID string, batch []line[PriceEntry]) (map[PriceKey]PriceEntry, error) {
	known := map[PriceKey]PriceEntry{}
	for some := range slices.Chunk(batch, 100) {
		skus := make([]string, len(some))
		for i, l := range some {
			skus[i] = l.value.SKU
		}
		for e, err := range c.AllEntries(ctx, listID, ListEntriesParams{SKU: skus, Limit: mostEntries}) {
			if err != nil {
				return nil, err
			}
			known[e.Key()] = e
		}
	}
	return known, nil
}

// keepUnsaid leaves what the file has no column for as it is.
func keepUnsaid(t *table, e *PriceEntry, known map[PriceKey]PriceEntry) {
	before := known[e.Key()]
	if !t.has("net_price") {
		e.NetPrice = before.NetPrice
	}
	if !t.has("price_protected_until_on") {
		e.PriceProtectedUntilOn = before.PriceProtectedUntilOn
	}
}

// compare counts what putting a batch of prices would do.
func (m *importing[T]) compare(batch []line[PriceEntry], known map[PriceKey]PriceEntry) {
	for _, l := range batch {
		before, exists := known[l.value.Key()]
		m.count(!exists, before != l.value)
	}
}

// removeOthers removes the entries that the file does not have.
func (c *Client) removeOthers(ctx context.Context, m *importing[PriceEntry], listID string) error {
	var others []PriceKey
	for e, err := range c.AllEntries(ctx, listID, ListEntriesParams{Limit: mostEntries}) {
		if err != nil {
			return err
		}
		if _, kept := m.first[fmt.Sprint(e.Key())]; !kept {
			others = append(others, e.Key())
		}
	}
	for some := range slices.Chunk(others, mostEntries) {
		if m.opts.DryRun {
			m.result.Removed += len(some)
			continue
		}
		put, err := c.PutEntries(ctx, listID, PriceEntries{Remove: some})
		if err != nil {
			return err
		}
		m.result.Removed += put.Removed
	}
	return nil
}
