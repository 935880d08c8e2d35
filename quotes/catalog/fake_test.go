package catalog_test

import (
	"context"
	"net/http"
	"slices"
	"sync"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
)

// shop stands in for a portal: it keeps products and one price list in memory. What it does not do, no test asks of it.
type shop struct {
	catalog.Server

	mu       sync.Mutex
	products map[string]catalog.Product
	entries  []catalog.PriceEntry
	calls    map[string]int
	down     func(operation string) error // asked before each call
}

func (s *shop) called(operation string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.calls == nil {
		s.calls, s.products = map[string]int{}, map[string]catalog.Product{}
	}
	s.calls[operation]++
	if s.down == nil {
		return nil
	}
	return s.down(operation)
}

func (s *shop) List(_ context.Context, params *catalog.ListParams) (*catalog.Page, error) {
	if err := s.called("list"); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	page := &catalog.Page{Items: []catalog.Product{}}
	for _, sku := range params.SKU {
		if p, ok := s.products[sku]; ok {
			page.Items = append(page.Items, p)
		}
	}
	return page, nil
}

func (s *shop) Put(_ context.Context, sku, ifMatch string, in *catalog.ProductInput) (*catalog.ProductPut, error) {
	if err := s.called("put"); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	before, exists := s.products[sku]
	if exists && ifMatch != before.ETag() {
		return nil, &partnerportal.Error{Status: http.StatusPreconditionFailed, Code: "revision_mismatch", Detail: "The product has changed since you read it."}
	}
	if in.Authorisation.TierRankMin > 9 {
		return nil, &partnerportal.Error{Status: http.StatusUnprocessableEntity, Code: partnerportal.ErrValidation,
			Fields: []partnerportal.FieldError{{Pointer: "/authorisation/tier_rank_min", Code: "out_of_range", Message: "No tier has a rank this high."}}}
	}
	p := catalog.Product{
		ID: "prd_" + sku, SKU: sku, Revision: before.Revision + 1, Name: in.Name, Kind: in.Kind, Family: in.Family, VendorSKU: in.VendorSKU, Description: in.Description,
		UOM: in.UOM, Billing: in.Billing, Attributes: in.Attributes, Authorisation: in.Authorisation, EndOfSaleOn: in.EndOfSaleOn, ReplacedBySKU: in.ReplacedBySKU,
		ExternalRefs: in.ExternalRefs, Lifecycle: in.Lifecycle, Authorised: true,
	}
	if p.UOM == "" {
		p.UOM = "each"
	}
	if p.Billing.Model == "" {
		p.Billing.Model = catalog.BillingModelOneTime
	}
	if p.Lifecycle == "" {
		p.Lifecycle = catalog.LifecycleActive
	}
	s.products[sku] = p
	return &catalog.ProductPut{Product: p, Created: !exists, ChangedFields: []string{"/name"}}, nil
}

func (s *shop) GetPriceList(_ context.Context, id string) (*catalog.PriceList, error) {
	if id != "europe" {
		return nil, &partnerportal.Error{Status: http.StatusNotFound, Code: "not_found"}
	}
	return &catalog.PriceList{ID: id, Currency: "EUR"}, nil
}

func (s *shop) ListEntries(_ context.Context, _ string, params *catalog.ListEntriesParams) (*catalog.PriceEntryPage, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	page := &catalog.PriceEntryPage{Items: []catalog.PriceEntry{}}
	for _, e := range s.entries {
		if len(params.SKU) == 0 || slices.Contains(params.SKU, e.SKU) {
			page.Items = append(page.Items, e)
		}
	}
	return page, nil
}

func (s *shop) PutEntries(_ context.Context, _, _ string, body *catalog.PriceEntries) (*catalog.EntriesPut, error) {
	if err := s.called("put_entries"); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, e := range body.Entries {
		if e.SKU == "FORBIDDEN" {
			return nil, &partnerportal.Error{Status: http.StatusUnprocessableEntity, Code: partnerportal.ErrValidation,
				Fields: []partnerportal.FieldError{{Pointer: "/entries/" + string(rune('0'+i)) + "/sku", Code: "invalid_value", Message: "Not this one."}}}
		}
	}
	put := new(catalog.EntriesPut)
	for _, e := range body.Entries {
		e.MinQuantity = max(e.MinQuantity, 1)
		i := slices.IndexFunc(s.entries, func(known catalog.PriceEntry) bool { return known.Key() == e.Key() })
		switch {
		case i < 0:
			s.entries, put.Created = append(s.entries, e), put.Created+1
		case s.entries[i] == e:
			put.Unchanged++
		default:
			s.entries[i], put.Updated = e, put.Updated+1
		}
	}
	for _, k := range body.Remove {
		before := len(s.entries)
		s.entries = slices.DeleteFunc(s.entries, func(e catalog.PriceEntry) bool { return e.Key() == k })
		put.Removed += before - len(s.entries)
	}
	return put, nil
}

func (s *shop) Validate(_ context.Context, body *catalog.ConfigurationCheck) (*catalog.Validation, error) {
	v := &catalog.Validation{SKU: body.SKU, Version: 1, Valid: true, Selections: body.Selections}
	if !slices.ContainsFunc(body.Selections, func(x catalog.Selection) bool { return x.SKU == "PSU-800" }) {
		v.Valid = false
		v.Violations = []catalog.Violation{{
			Kind: catalog.ViolationKindRule, RuleID: "power", Severity: catalog.SeverityError, Pointer: "/selections/0", Message: "It needs more power.",
			Fixes: []catalog.Fix{{
				Changes:    []catalog.Change{{Op: catalog.OpAdd, Group: "power", SKU: "PSU-800", Quantity: 1}},
				Selections: append(body.Selections, catalog.Selection{Group: "power", SKU: "PSU-800", Quantity: 1}),
			}},
		}}
	}
	return v, nil
}

func newClient(s *shop) *catalog.Client {
	router := partnerportal.NewRouter()
	catalog.Mount(router, s)
	pp, err := partnerportal.New("https://portal.example.com", partnerportal.WithHandler(router), partnerportal.WithAPIKey("ppk_example"), partnerportal.WithRetry(partnerportal.RetryPolicy{MaxAttempts: 1}))
	if err != nil {
		panic(err)
	}
	return catalog.New(pp)
}
