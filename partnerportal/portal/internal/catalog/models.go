package catalog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/configure"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/offer"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/quotes/catalog"
)

// GetModel returns a version of the configuration model of a product, the last one when none is named.
func (s *Service) GetModel(ctx context.Context, sku string, params *contract.GetModelParams) (*contract.Model, error) {
	c := call.From(ctx)
	version := int64(params.Version)
	if version == 0 {
		var err error
		if version, err = c.Tx.LastConfigModel(ctx, sku); err != nil {
			return nil, call.OrNotFound(err, "configuration model")
		}
	}
	return readModel(ctx, c, sku, version)
}

func readModel(ctx context.Context, c *call.Call, sku string, version int64) (*contract.Model, error) {
	doc, err := c.Tx.ConfigModel(ctx, store.ConfigModelParams{Sku: sku, Version: version})
	if err != nil {
		return nil, call.OrNotFound(err, "version of a configuration model")
	}
	return offer.DecodeModel(doc)
}

// ListModels returns a page of the versions of a model.
func (s *Service) ListModels(ctx context.Context, sku string, params *contract.ListModelsParams) (*contract.ModelPage, error) {
	c := call.From(ctx)
	if _, err := loadBySKU(ctx, c, sku); err != nil {
		return nil, err
	}
	q := store.Query{Table: "config_models", Sort: "version", Desc: true, Page: store.Page{Cursor: params.Cursor, Limit: params.Limit, Segment: params.Segment}}
	q.Where("sku = ?", sku)
	items, next, err := store.List(ctx, c.Tx, q, func(dest func(...any) error) (contract.Model, error) {
		var doc string
		if err := dest(&doc); err != nil {
			return contract.Model{}, err
		}
		m, err := offer.DecodeModel(doc)
		if err != nil {
			return contract.Model{}, err
		}
		return *m, nil
	})
	if err != nil {
		return nil, err
	}
	return &contract.ModelPage{Items: items, Page: partnerportal.PageInfo{NextCursor: next}}, nil
}

// PublishModel publishes the model of a product, if it says something else than the last one.
func (s *Service) PublishModel(ctx context.Context, sku string, body *contract.ModelInput) (*contract.Model, error) {
	c, err := desk(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.Tx.Lock(ctx, "product "+sku); err != nil {
		return nil, err
	}
	product, err := loadBySKU(ctx, c, sku)
	if err != nil {
		return nil, err
	}
	m := &contract.Model{SKU: sku, Version: product.ConfigVersion + 1, Groups: body.Groups, Rules: body.Rules, Note: body.Note, PublishedAt: c.Now}
	if err := furnish(ctx, c, m.Groups); err != nil {
		return nil, err
	}
	if _, err := configure.Compile(m); err != nil {
		return nil, err
	}
	if same, err := lastModel(ctx, c, m); err != nil || same != nil {
		return same, err
	}
	doc, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	id := offer.ModelID(sku, m.Version)
	if err := c.Tx.InsertConfigModel(ctx, store.InsertConfigModelParams{
		Sku: sku, Version: int64(m.Version), ID: id, Bucket: store.Bucket(id), CreatedAt: store.Micros(c.Now), Doc: string(doc),
	}); err != nil {
		return nil, err
	}
	after := *product
	after.ConfigVersion = m.Version
	if err := save(ctx, c, product, &after); err != nil {
		return nil, err
	}
	return m, c.Emit(ctx, event(contract.EventConfigModelPublished, modelResource, sku, int64(m.Version), "published",
		map[string]any{"version": m.Version}, "/version"))
}

// lastModel is the last version of a model, nil when there is none or it says something else.
func lastModel(ctx context.Context, c *call.Call, m *contract.Model) (*contract.Model, error) {
	if m.Version == 1 {
		return nil, nil
	}
	last, err := readModel(ctx, c, m.SKU, int64(m.Version-1))
	if err != nil {
		return nil, err
	}
	now := *m
	now.Version, now.PublishedAt = last.Version, last.PublishedAt
	changed, err := differences(last, &now)
	if err != nil || len(changed) > 0 {
		return nil, err
	}
	return last, nil
}

// furnish completes the options of a model by what the catalogue says of the products.
func furnish(ctx context.Context, c *call.Call, groups []contract.Group) error {
	var skus []string
	for _, g := range groups {
		for _, o := range g.Options {
			skus = append(skus, o.SKU)
		}
	}
	products, err := offer.Products(ctx, c.Tx, skus, c.Now)
	if err != nil {
		return err
	}
	var f problem.Fields
	for i, g := range groups {
		for j := range g.Options {
			o := &g.Options[j]
			p := products[o.SKU]
			if p == nil {
				f.Add(fmt.Sprintf("/groups/%d/options/%d/sku", i, j), "invalid_value", "There is no product "+o.SKU+". Put it first.")
				continue
			}
			if o.Title == "" {
				o.Title = p.Name
			}
			own := o.Attributes
			o.Attributes = maps.Clone(p.Attributes)
			if o.Attributes == nil {
				o.Attributes = own
			} else {
				maps.Copy(o.Attributes, own)
			}
		}
	}
	return f.Err()
}

// model returns a compiled model, or not_found.
func (s *Service) model(ctx context.Context, c *call.Call, sku string, version int) (*configure.Model, error) {
	m, err := s.models.Load(ctx, c.Tx, sku, version)
	if errors.Is(err, store.ErrNotFound) {
		return nil, call.NotFound("configuration model")
	}
	return m, err
}
