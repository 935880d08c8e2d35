package catalog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/configure"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/offer"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/quotes/catalog"
)

// Validate checks a configuration.
func (s *Service) Validate(ctx context.Context, body *contract.ConfigurationCheck) (*contract.Validation, error) {
	return s.validate(ctx, call.From(ctx), body)
}

func (s *Service) validate(ctx context.Context, c *call.Call, body *contract.ConfigurationCheck) (*contract.Validation, error) {
	if err := checkSelections(body.Selections); err != nil {
		return nil, err
	}
	m, err := s.model(ctx, c, body.SKU, body.Version)
	if err != nil {
		return nil, err
	}
	shelf, err := stock(ctx, c, m)
	if err != nil {
		return nil, err
	}
	v := m.Validate(body.Selections, shelf.sells)
	for _, l := range v.Lines {
		v.ProductErrors = append(v.ProductErrors, shelf.errors(l.SKU)...)
	}
	v.Valid = v.Valid && len(v.ProductErrors) == 0
	return v, nil
}

// checkSelections refuses selections that could be read in two ways.
func checkSelections(selections []contract.Selection) error {
	var f problem.Fields
	seen := map[[2]string]bool{}
	for i, s := range selections {
		key := [2]string{s.Group, s.SKU}
		if seen[key] {
			f.Add(fmt.Sprintf("/selections/%d", i), "duplicate_key", fmt.Sprintf("%s is selected twice in %s. Give it once, with its quantity.", s.SKU, s.Group))
		}
		seen[key] = true
	}
	return f.Err()
}

// shelf says of the products of a model whether the caller can sell them.
type shelf struct {
	buyer    *offer.Buyer // nil for the vendor
	products map[string]*contract.Product
}

// stock reads the products of a model: all at once, as the search for ways out may ask for each.
func stock(ctx context.Context, c *call.Call, m *configure.Model) (*shelf, error) {
	b, err := buyer(ctx, c)
	if err != nil {
		return nil, err
	}
	products, err := offer.Products(ctx, c.Tx, append(m.SKUs(), m.SKU), c.Now)
	return &shelf{b, products}, err
}

// sells is asked for each product that a way out might have.
func (s *shelf) sells(sku string) bool { return len(s.errors(sku)) == 0 }

// errors are why the caller cannot sell a product.
func (s *shelf) errors(sku string) []contract.ProductError {
	p := s.products[sku]
	if p == nil {
		return []contract.ProductError{{SKU: sku, Code: codeUnknown, Message: "There is no such product any more."}}
	}
	var found []contract.ProductError
	switch p.Lifecycle {
	case contract.LifecycleEndOfSale:
		found = append(found, contract.ProductError{SKU: sku, Code: codeEndOfSale, Message: p.Name + " is not sold any more.", ReplacedBySKU: p.ReplacedBySKU})
	case contract.LifecycleRetired:
		found = append(found, contract.ProductError{SKU: sku, Code: codeRetired, Message: p.Name + " was taken out of the catalogue.", ReplacedBySKU: p.ReplacedBySKU})
	}
	if s.buyer == nil {
		return found
	}
	if missing := s.buyer.Missing(p); len(missing) > 0 {
		found = append(found, contract.ProductError{SKU: sku, Code: codeNotAuthorised, Message: "You are not authorised to sell " + p.Name + ".", Missing: missing})
	}
	return found
}

// Why a product cannot be sold.
const (
	codeUnknown       = "product_unknown"
	codeEndOfSale     = "product_end_of_sale"
	codeRetired       = "product_retired"
	codeNotAuthorised = "product_not_authorised"
)

// Configure keeps a configuration.
func (s *Service) Configure(ctx context.Context, body *contract.ConfigurationInput) (*contract.Configuration, error) {
	c := call.From(ctx)
	if err := checkDeal(ctx, c, body.DealID); err != nil {
		return nil, err
	}
	v, err := s.validate(ctx, c, &contract.ConfigurationCheck{SKU: body.SKU, Version: body.Version, Selections: body.Selections})
	if err != nil {
		return nil, err
	}
	made := &contract.Configuration{
		ID: ids.New(ids.Configured, c.Now), PartnerID: c.Caller.PartnerID, SKU: v.SKU, Version: v.Version, Name: body.Name,
		DealID: body.DealID, SessionID: body.SessionID, Result: *v, CreatedAt: c.Now,
	}
	doc, err := json.Marshal(withoutFixes(made))
	if err != nil {
		return nil, err
	}
	if err := c.Tx.InsertConfiguration(ctx, store.InsertConfigurationParams{
		ID: made.ID, Bucket: store.Bucket(made.ID), PartnerID: made.PartnerID, Sku: made.SKU, DealID: made.DealID, CreatedAt: store.Micros(c.Now), Doc: string(doc),
	}); err != nil {
		return nil, err
	}
	state := "valid"
	if !v.Valid {
		state = "invalid"
	}
	facts := map[string]any{"sku": made.SKU, "version": made.Version}
	if made.DealID != "" {
		facts["deal_id"] = made.DealID
	}
	e := event(contract.EventConfigurationCreated, configurationResource, made.ID, 1, state, facts, "/selections")
	e.PartnerID = made.PartnerID
	e.Payload = feed.Configured{ConfigurationID: made.ID, SessionID: made.SessionID, DealID: made.DealID, Valid: v.Valid}
	return made, c.Emit(ctx, e)
}

// withoutFixes is a configuration as it is kept: ways out are many, and of the moment.
func withoutFixes(made *contract.Configuration) *contract.Configuration {
	kept := *made
	kept.Result.Violations = slices.Clone(made.Result.Violations)
	for i := range kept.Result.Violations {
		kept.Result.Violations[i].Fixes = []contract.Fix{}
	}
	return &kept
}

// checkDeal wants a deal, if there is one, to be the caller's own.
func checkDeal(ctx context.Context, c *call.Call, id string) error {
	if id == "" {
		return nil
	}
	doc, err := c.Tx.Deal(ctx, id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	var deal deals.Deal
	if err == nil {
		if err := json.Unmarshal([]byte(doc), &deal); err != nil {
			return fmt.Errorf("a deal: %w", err)
		}
	}
	if deal.ID == "" || deal.PartnerID != c.Caller.PartnerID {
		return problem.Invalid("/deal_id", "invalid_value", "There is no such deal of yours. Name one, or leave it out.")
	}
	return nil
}

// GetConfiguration returns a configuration: a partner's own, to the vendor any.
func (s *Service) GetConfiguration(ctx context.Context, id string) (*contract.Configuration, error) {
	c := call.From(ctx)
	made, err := offer.Configuration(ctx, c.Tx, id)
	if err != nil {
		return nil, call.OrNotFound(err, configurationResource)
	}
	if !c.Caller.Vendor() && made.PartnerID != c.Caller.PartnerID {
		return nil, call.NotFound(configurationResource)
	}
	return made, nil
}

// ListConfigurations returns a page of configurations.
func (s *Service) ListConfigurations(ctx context.Context, params *contract.ListConfigurationsParams) (*contract.ConfigurationPage, error) {
	c := call.From(ctx)
	q := store.Query{Table: "configurations", Sort: "created_at", Desc: true, Page: store.Page{Cursor: params.Cursor, Limit: params.Limit, Segment: params.Segment}}
	if c.Caller.Vendor() {
		store.WhereIn(&q, "partner_id", params.PartnerID)
	} else {
		if len(params.PartnerID) > 0 {
			return nil, problem.BadQuery("?partner_id", "not_permitted", "Only the vendor may ask for other partners' configurations.")
		}
		q.Where("partner_id = ?", c.Caller.PartnerID)
	}
	store.WhereIn(&q, "sku", params.SKU)
	store.WhereIn(&q, "deal_id", params.DealID)
	items, next, err := store.List(ctx, c.Tx, q, func(dest func(...any) error) (contract.Configuration, error) {
		var doc string
		if err := dest(&doc); err != nil {
			return contract.Configuration{}, err
		}
		made, err := offer.DecodeConfiguration(doc)
		if err != nil {
			return contract.Configuration{}, err
		}
		return *made, nil
	})
	if err != nil {
		return nil, err
	}
	return &contract.ConfigurationPage{Items: items, Page: partnerportal.PageInfo{NextCursor: next}}, nil
}
