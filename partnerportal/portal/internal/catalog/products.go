package catalog

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/offer"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/quotes/catalog"
)

// List returns a page of products, as the caller sees them.
func (s *Service) List(ctx context.Context, params *contract.ListParams) (*contract.Page, error) {
	c := call.From(ctx)
	b, err := buyer(ctx, c)
	if err != nil {
		return nil, err
	}
	q := store.Query{Table: "products", Page: store.Page{Cursor: params.Cursor, Limit: params.Limit, Segment: params.Segment}}
	if err := q.OrderBy(params.Sort); err != nil {
		return nil, err
	}
	q.UpdatedSince(params.UpdatedSince)
	store.WhereIn(&q, "family", params.Family)
	store.WhereIn(&q, "kind", params.Kind)
	store.WhereIn(&q, "sku", params.SKU)
	whereLifecycle(&q, params.Lifecycle, store.Micros(c.Now))
	if params.Q != "" {
		q.Where("search LIKE ? ESCAPE '!'", "%"+wildcards.Replace(strings.ToLower(params.Q))+"%")
	}
	if params.Authorised && b != nil {
		whereAuthorised(&q, b)
	}
	items, next, err := store.List(ctx, c.Tx, q, func(dest func(...any) error) (contract.Product, error) {
		var doc string
		if err := dest(&doc); err != nil {
			return contract.Product{}, err
		}
		p, err := offer.DecodeProduct(doc)
		if err != nil {
			return contract.Product{}, err
		}
		return *view(c, b, p), nil
	})
	if err != nil {
		return nil, err
	}
	return &contract.Page{Items: items, Page: partnerportal.PageInfo{NextCursor: next}}, nil
}

// wildcards takes from a text what LIKE would read in it.
var wildcards = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

// whereLifecycle keeps products in one of the stages, as they are now.
func whereLifecycle(q *store.Query, stages []contract.Lifecycle, now int64) {
	if len(stages) == 0 {
		return
	}
	var conditions []string
	var args []any
	for _, stage := range stages {
		condition := "lifecycle = ?"
		args = append(args, string(stage))
		switch stage {
		case contract.LifecycleActive:
			condition, args = "(lifecycle = ? AND (ends_at = 0 OR ends_at > ?))", append(args, now)
		case contract.LifecycleEndOfSale:
			condition, args = "(lifecycle = ? OR lifecycle = ? AND ends_at > 0 AND ends_at <= ?)", append(args, string(contract.LifecycleActive), now)
		}
		conditions = append(conditions, condition)
	}
	q.WhereNow(fmt.Sprint("lifecycle", stages), "("+strings.Join(conditions, " OR ")+")", args...)
}

// whereAuthorised keeps products that the partner may sell.
func whereAuthorised(q *store.Query, b *offer.Buyer) {
	needs, args := "SELECT 1 FROM product_needs n WHERE n.product_id = products.id", make([]any, 0, len(b.Holders))
	for id := range b.Holders {
		args = append(args, id)
	}
	if len(args) > 0 {
		needs += " AND n.definition_id NOT IN (?" + strings.Repeat(", ?", len(args)-1) + ")"
	}
	q.WhereNow("authorised "+b.PartnerID, "NOT EXISTS ("+needs+")", args...)
	tiers, args := "tier_rank_min = 0", []any{}
	for programID, rank := range b.Ranks {
		tiers, args = tiers+" OR tier_program = ? AND tier_rank_min <= ?", append(args, programID, rank)
	}
	q.WhereNow("ranked", "("+tiers+")", args...)
}

// Get returns a product.
func (s *Service) Get(ctx context.Context, productID string) (*contract.Product, error) {
	c := call.From(ctx)
	p, err := load(ctx, c, productID)
	if err != nil {
		return nil, err
	}
	return show(ctx, c, p)
}

// GetBySKU returns the product with a SKU.
func (s *Service) GetBySKU(ctx context.Context, sku string) (*contract.Product, error) {
	c := call.From(ctx)
	p, err := loadBySKU(ctx, c, sku)
	if err != nil {
		return nil, err
	}
	return show(ctx, c, p)
}

// Put creates the product with a SKU, or replaces what is said of it.
func (s *Service) Put(ctx context.Context, sku, ifMatch string, body *contract.ProductInput) (*contract.ProductPut, error) {
	c, err := desk(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.Tx.Lock(ctx, "product "+sku); err != nil {
		return nil, err
	}
	before, err := loadBySKU(ctx, c, sku)
	created := errors.Is(err, partnerportal.ErrNotFound)
	switch {
	case created && ifMatch != "":
		return nil, problem.New(http.StatusPreconditionFailed, "revision_mismatch", "There is no product with this SKU yet.")
	case created:
		before = &offer.Stored{Product: contract.Product{ID: ids.New(ids.Product, c.Now), SKU: sku}}
	case err != nil:
		return nil, err
	}
	if err := problem.Unchanged("The product", ifMatch, before.Revision); err != nil {
		return nil, err
	}
	after := *before
	after.VendorSKU, after.Name, after.Description, after.Family, after.Kind, after.UOM = body.VendorSKU, body.Name, body.Description, body.Family, body.Kind, body.UOM
	after.Billing, after.Attributes, after.Authorisation, after.EndOfSaleOn = body.Billing, body.Attributes, body.Authorisation, body.EndOfSaleOn
	after.ReplacedBySKU, after.ExternalRefs, after.Lifecycle = body.ReplacedBySKU, body.ExternalRefs, body.Lifecycle
	changed, err := change(ctx, c, before, &after)
	if err != nil {
		return nil, err
	}
	return &contract.ProductPut{Product: *view(c, nil, &after), Created: created, ChangedFields: changed}, nil
}

// Update changes some fields of a product.
func (s *Service) Update(ctx context.Context, productID, ifMatch string, body *contract.ProductPatch) (*contract.Product, error) {
	c, before, err := take(ctx, productID, ifMatch)
	if err != nil {
		return nil, err
	}
	after := *before
	body.VendorSKU.Apply(&after.VendorSKU)
	body.Name.Apply(&after.Name)
	body.Description.Apply(&after.Description)
	body.Family.Apply(&after.Family)
	body.Kind.Apply(&after.Kind)
	body.UOM.Apply(&after.UOM)
	body.Billing.Apply(&after.Billing)
	body.Attributes.Apply(&after.Attributes)
	body.Authorisation.Apply(&after.Authorisation)
	body.EndOfSaleOn.Apply(&after.EndOfSaleOn)
	body.ReplacedBySKU.Apply(&after.ReplacedBySKU)
	body.ExternalRefs.Apply(&after.ExternalRefs)
	if !body.EndOfSaleOn.IsZero() && after.Lifecycle == contract.LifecycleEndOfSale {
		after.Lifecycle = contract.LifecycleActive // until the new day is over
	}
	if _, err := change(ctx, c, before, &after); err != nil {
		return nil, err
	}
	return show(ctx, c, &after)
}

// Retire takes a product out of the catalogue.
func (s *Service) Retire(ctx context.Context, productID, ifMatch string) (*contract.Product, error) {
	c, before, err := take(ctx, productID, ifMatch)
	if err != nil {
		return nil, err
	}
	if before.Lifecycle == contract.LifecycleRetired {
		return nil, problem.Untimely("product", before.Lifecycle, contract.ActionRetire, allowed(c, &before.Product))
	}
	after := *before
	after.Lifecycle = contract.LifecycleRetired
	if _, err := change(ctx, c, before, &after); err != nil {
		return nil, err
	}
	return show(ctx, c, &after)
}

// take takes a product out to change it.
func take(ctx context.Context, productID, ifMatch string) (*call.Call, *offer.Stored, error) {
	c, err := desk(ctx)
	if err != nil {
		return nil, nil, err
	}
	p, err := load(ctx, c, productID)
	if err != nil {
		return nil, nil, err
	}
	if err := c.Tx.Lock(ctx, "product "+p.SKU); err != nil {
		return nil, nil, err
	}
	if p, err = load(ctx, c, productID); err != nil { // as it is now that nobody else changes it
		return nil, nil, err
	}
	return c, p, problem.Unchanged("The product", ifMatch, p.Revision)
}

// show is a product as the caller sees it.
func show(ctx context.Context, c *call.Call, p *offer.Stored) (*contract.Product, error) {
	b, err := buyer(ctx, c)
	if err != nil {
		return nil, err
	}
	return view(c, b, p), nil
}

func view(c *call.Call, b *offer.Buyer, p *offer.Stored) *contract.Product {
	seen := p.At(c.Now)
	seen.Authorised = true
	if b != nil {
		seen.Missing = b.Missing(seen)
		seen.Authorised = len(seen.Missing) == 0
	}
	seen.AllowedActions, seen.EditableFields = allowed(c, seen), []string{}
	if slices.Contains(seen.AllowedActions, contract.ActionUpdate) {
		seen.EditableFields = editable
	}
	return seen
}

// editable are the fields of [contract.ProductPatch].
var editable = []string{"/vendor_sku", "/name", "/description", "/family", "/kind", "/uom", "/billing", "/attributes", "/authorisation",
	"/end_of_sale_on", "/replaced_by_sku", "/external_refs"}

func allowed(c *call.Call, p *contract.Product) []contract.Action {
	switch {
	case !c.Caller.Vendor() || !c.Caller.May("catalog:review"):
		return []contract.Action{}
	case p.Lifecycle == contract.LifecycleRetired:
		return []contract.Action{contract.ActionUpdate}
	}
	return []contract.Action{contract.ActionUpdate, contract.ActionRetire}
}
