// Package offer is the catalogue as other rooms read it: products as they stand at an instant, price lists, models, and what a partner
// may sell. The catalog room writes what this package reads.
package offer

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
)

// Stored is a product as it is stored: without what depends on the reader and on the moment.
type Stored struct {
	catalog.Product

	EndsAt time.Time `json:"ends_at,omitzero"` // when its sale ends, the midnight after end_of_sale_on
}

// DecodeProduct reads a stored product.
func DecodeProduct(doc string) (*Stored, error) {
	p := new(Stored)
	if err := json.Unmarshal([]byte(doc), p); err != nil {
		return nil, fmt.Errorf("a product: %w", err)
	}
	return p, nil
}

// At is the product as it stands at an instant. The clock ends its sale, not the deadline, which may come late.
func (p *Stored) At(now time.Time) *catalog.Product {
	seen := p.Product
	if seen.Lifecycle == catalog.LifecycleActive && !p.EndsAt.IsZero() && !p.EndsAt.After(now) {
		seen.Lifecycle = catalog.LifecycleEndOfSale
	}
	return &seen
}

// Products returns the products with these SKUs as they stand. Those that do not exist are not in the map.
func Products(ctx context.Context, tx *store.Tx, skus []string, now time.Time) (map[string]*catalog.Product, error) {
	found := make(map[string]*catalog.Product, len(skus))
	for some := range slices.Chunk(distinct(skus), pageSize) {
		q := store.Query{Table: "products", Sort: "created_at", Page: store.Page{Limit: pageSize}}
		store.WhereIn(&q, "sku", some)
		items, _, err := store.List(ctx, tx, q, func(dest func(...any) error) (*Stored, error) {
			var doc string
			if err := dest(&doc); err != nil {
				return nil, err
			}
			return DecodeProduct(doc)
		})
		if err != nil {
			return nil, err
		}
		for _, p := range items {
			found[p.SKU] = p.At(now)
		}
	}
	return found, nil
}

// pageSize is how many rows are read at once; more than the arguments that a statement may have would not do.
const pageSize = 1000

func distinct(values []string) []string {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	return slices.Compact(sorted)
}
