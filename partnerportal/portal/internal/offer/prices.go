package offer

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
)

// DecodePriceList reads a stored price list.
func DecodePriceList(doc string) (*catalog.PriceList, error) {
	l := new(catalog.PriceList)
	if err := json.Unmarshal([]byte(doc), l); err != nil {
		return nil, fmt.Errorf("a price list: %w", err)
	}
	return l, nil
}

// PriceLists returns the price lists in a currency that are in force, whoever they are for and whatever their days, by id.
func PriceLists(ctx context.Context, tx *store.Tx, currency string) ([]catalog.PriceList, error) {
	docs, err := tx.ActivePriceLists(ctx, currency)
	if err != nil {
		return nil, err
	}
	lists := make([]catalog.PriceList, len(docs))
	for i, doc := range docs {
		l, err := DecodePriceList(doc)
		if err != nil {
			return nil, err
		}
		lists[i] = *l
	}
	return lists, nil
}

// Entries returns what a price list says of these products, whatever the term and the quantity.
func Entries(ctx context.Context, tx *store.Tx, list *catalog.PriceList, skus []string) ([]catalog.PriceEntry, error) {
	var entries []catalog.PriceEntry
	for some := range slices.Chunk(distinct(skus), pageSize) {
		for cursor, more := "", true; more; more = cursor != "" {
			q := EntriesQuery(list.ID, some)
			q.Page = store.Page{Cursor: cursor, Limit: pageSize}
			items, next, err := store.List(ctx, tx, q, ScanEntry(list.Currency))
			if err != nil {
				return nil, err
			}
			entries, cursor = append(entries, items...), next
		}
	}
	return entries, nil
}

// EntriesQuery reads the entries of a price list in the order in which they came; no SKUs keep all.
func EntriesQuery(listID string, skus []string) store.Query {
	q := store.Query{Table: "price_list_entries", Sort: "created_at", Columns: "sku, term_months, min_quantity, list_price, net_price, protected_until"}
	q.Where("price_list_id = ?", listID)
	store.WhereIn(&q, "sku", skus)
	return q
}

// ScanEntry reads an entry of an [EntriesQuery].
func ScanEntry(currency string) func(dest func(...any) error) (catalog.PriceEntry, error) {
	return func(dest func(...any) error) (e catalog.PriceEntry, err error) {
		var row store.PriceEntriesOfRow
		if err := dest(&e.SKU, &row.TermMonths, &row.MinQuantity, &row.ListPrice, &row.NetPrice, &row.ProtectedUntil); err != nil {
			return e, err
		}
		return DecodeEntry(e.SKU, currency, row)
	}
}

// NoPrice stands in the database for a net price that an entry does not have.
const NoPrice = -1

// DecodeEntry reads a stored entry.
func DecodeEntry(sku, currency string, row store.PriceEntriesOfRow) (e catalog.PriceEntry, err error) {
	e.SKU, e.TermMonths, e.MinQuantity = sku, int(row.TermMonths), int(row.MinQuantity)
	if e.ListPrice, err = partnerportal.NewMoney(row.ListPrice, currency); err != nil {
		return e, fmt.Errorf("the price of %s: %w", sku, err)
	}
	if row.NetPrice != NoPrice {
		if e.NetPrice, err = partnerportal.NewMoney(row.NetPrice, currency); err != nil {
			return e, fmt.Errorf("the price of %s: %w", sku, err)
		}
	}
	if row.ProtectedUntil != "" {
		e.PriceProtectedUntilOn, err = partnerportal.ParseDate(row.ProtectedUntil)
	}
	return e, err
}
