package catalog

import (
	"cmp"
	"context"
	"encoding/json"
	"io"
	"maps"
	"strconv"
	"strings"
	"sync"

	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// productColumns are the columns of a file of products.
var productColumns = []string{"sku", "name", "kind", "family", "vendor_sku", "description", "uom", "billing", "terms", "frequencies", "lifecycle",
	"end_of_sale_on", "replaced_by_sku", "credentials", "program_id", "tier_rank_min", "attr:…", "ref:…"}

// productFields leads from the members of [ProductInput] to the columns that they were read from.
var productFields = map[string]string{"billing": "billing", "authorisation": "tier_rank_min", "attributes": "attr:…", "external_refs": "ref:…"}

// ImportProducts brings the catalogue up to date with a CSV file. It may be repeated with the same file or a newer one, after an interruption or
// every night: a product is told by its SKU, and what has not changed is only read, a hundred products in a call.
//
// The first line names the columns, in any order: sku, name and kind, and of family, vendor_sku, description, uom, billing (one_time, recurring,
// usage), terms (months), frequencies, lifecycle, end_of_sale_on (YYYY-MM-DD), replaced_by_sku, credentials, program_id and tier_rank_min those
// that are wanted. Several values of one cell are parted by semicolons. A column "attr:watts" is an attribute, "ref:erp" the product's id in
// another system. Columns are parted by commas, semicolons or tabs; any other column is an error, as it may be one of these, misspelt. Fields without a
// column stay as they are in the catalogue; an empty cell clears its field, but for lifecycle: a product that was retired stays so until it says otherwise.
//
// A row with faults is in the result's Refused and not imported, the others are; rows without any value are passed over. The error is for a file that cannot be read, an ended context, or a
// portal that does not answer; the result then says how far the import came. Scopes: catalog:read, catalog:review.
func (c *Client) ImportProducts(ctx context.Context, file io.Reader, opts ImportOptions) (*ImportResult, error) {
	t, err := openTable(file, productColumns, "sku", "name", "kind")
	if err != nil {
		return new(ImportResult), err
	}
	m := &importing[productRow]{opts: opts, table: t, parse: parseProduct, size: 100, key: func(p productRow) string { return p.sku }}
	m.send = func(ctx context.Context, batch []line[productRow]) error { return c.putProducts(ctx, m, batch) }
	return m.run(ctx)
}

// productRow is what a row says of a product, on top of what the catalogue says.
type productRow struct {
	sku   string
	apply func(in *ProductInput)
}

func parseProduct(p *parser) productRow {
	sku := p.sku("sku", true)
	var said ProductInput
	said.Name, said.Family, said.VendorSKU = p.must("name", 200), p.text("family", 120), p.text("vendor_sku", 64)
	said.Description, said.UOM = p.text("description", 4000), cmp.Or(p.text("uom", 32), "each")
	said.Kind = word(p, "kind", ProductKindHardware, ProductKindSoftware, ProductKindSubscription, ProductKindService, ProductKindSupport, ProductKindBundle)
	if p.row.cells["kind"] == "" {
		p.refuse("kind", "value_missing", "it may not be empty")
	}
	said.Billing = parseBilling(p)
	said.Lifecycle = word(p, "lifecycle", LifecycleActive, LifecycleEndOfSale, LifecycleRetired)
	said.EndOfSaleOn, said.ReplacedBySKU = p.day("end_of_sale_on"), p.sku("replaced_by_sku", false)
	if said.ReplacedBySKU == sku && sku != "" {
		p.refuse("replaced_by_sku", "replaced_by_itself", "a product cannot stand in for itself")
	}
	said.Authorisation = Authorisation{CredentialDefinitionIDs: p.list("credentials"), ProgramID: p.text("program_id", 64), TierRankMin: p.number("tier_rank_min", 0, 0, 1000)}
	for _, column := range p.table.header {
		if strings.Contains(column, ":") {
			p.text(column, 500)
		}
	}
	return productRow{sku, func(in *ProductInput) { overlay(p, in, &said) }}
}

func parseBilling(p *parser) Billing {
	b := Billing{Model: cmp.Or(word(p, "billing", BillingModelOneTime, BillingModelRecurring, BillingModelUsage), BillingModelOneTime)}
	for _, text := range p.list("terms") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 240 {
			p.refuse("terms", "number_malformed", "terms are whole numbers of months from 1 to 240, parted by semicolons")
			break
		}
		b.Terms = append(b.Terms, n)
	}
	for _, text := range p.list("frequencies") {
		b.Frequencies = append(b.Frequencies, oneOf(p, "frequencies", text, []Frequency{FrequencyMonthly, FrequencyQuarterly, FrequencyYearly, FrequencyUpfront}))
	}
	if b.Model == BillingModelOneTime && len(b.Terms)+len(b.Frequencies) > 0 && p.table.has("billing") {
		p.refuse("billing", "billing_contradicts", "what is sold once has no terms and frequencies: say recurring, or leave them empty")
	}
	return b
}

// overlay puts what a row says over what the catalogue says. Fields without a column stay.
func overlay(p *parser, in, said *ProductInput) {
	in.Name, in.Kind = said.Name, said.Kind
	for column, set := range map[string]func(){
		"family":          func() { in.Family = said.Family },
		"vendor_sku":      func() { in.VendorSKU = said.VendorSKU },
		"description":     func() { in.Description = said.Description },
		"uom":             func() { in.UOM = said.UOM },
		"billing":         func() { in.Billing.Model = said.Billing.Model },
		"terms":           func() { in.Billing.Terms = said.Billing.Terms },
		"frequencies":     func() { in.Billing.Frequencies = said.Billing.Frequencies },
		"lifecycle":       func() { in.Lifecycle = cmp.Or(said.Lifecycle, in.Lifecycle) },
		"end_of_sale_on":  func() { in.EndOfSaleOn = said.EndOfSaleOn },
		"replaced_by_sku": func() { in.ReplacedBySKU = said.ReplacedBySKU },
		"credentials":     func() { in.Authorisation.CredentialDefinitionIDs = said.Authorisation.CredentialDefinitionIDs },
		"program_id":      func() { in.Authorisation.ProgramID = said.Authorisation.ProgramID },
		"tier_rank_min":   func() { in.Authorisation.TierRankMin = said.Authorisation.TierRankMin },
	} {
		if p.table.has(column) {
			set()
		}
	}
	for _, column := range p.table.header {
		value := p.row.cells[column]
		switch kind, name, _ := strings.Cut(column, ":"); kind {
		case "attr":
			in.Attributes = withAttribute(in.Attributes, name, value)
		case "ref":
			in.ExternalRefs = withRef(in.ExternalRefs, name, value)
		}
	}
}

func withAttribute(attributes map[string]string, name, value string) map[string]string {
	next := map[string]string{}
	maps.Copy(next, attributes)
	if next[name] = value; value == "" {
		delete(next, name)
	}
	return next
}

// withRef replaces the reference to one system in its place.
func withRef(refs []partnerportal.ExternalRef, system, id string) []partnerportal.ExternalRef {
	var next []partnerportal.ExternalRef
	for _, r := range refs {
		if r.System != system {
			next = append(next, r)
		} else if id != "" {
			r.ID = id
			next, id = append(next, r), ""
		}
	}
	if id != "" {
		next = append(next, partnerportal.ExternalRef{System: system, ID: id})
	}
	return next
}

// putProducts reads what the catalogue says of a batch, and puts what differs.
func (c *Client) putProducts(ctx context.Context, m *importing[productRow], batch []line[productRow]) error {
	if len(batch) == 0 {
		return nil
	}
	skus := make([]string, len(batch))
	for i, l := range batch {
		skus[i] = l.value.sku
	}
	known := map[string]*Product{}
	for p, err := range c.All(ctx, ListParams{SKU: skus, Limit: len(skus)}) {
		if err != nil {
			return err
		}
		known[p.SKU] = &p
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	free := make(chan struct{}, min(max(cmp.Or(m.opts.Concurrency, 4), 1), 32))
	var mu sync.Mutex
	var group sync.WaitGroup
	for _, l := range batch {
		in, before := ProductInput{}, known[l.value.sku]
		if before != nil {
			in = before.Input()
		}
		l.value.apply(&in)
		if before != nil && same(before.Input(), in) {
			mu.Lock()
			m.count(false, false)
			mu.Unlock()
			continue
		}
		if m.opts.DryRun {
			m.count(before == nil, true)
			continue
		}
		free <- struct{}{}
		group.Go(func() {
			defer func() { <-free }()
			put, refusals, err := c.putProduct(ctx, l, in, before)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err != nil:
				stop(err)
			case refusals != nil:
				m.refuse(refusals...)
			default:
				m.count(put.Created, len(put.ChangedFields) > 0)
			}
		})
	}
	group.Wait()
	return context.Cause(ctx)
}

// putProduct puts one product. Somebody who changed it meanwhile is not overruled.
func (c *Client) putProduct(ctx context.Context, l line[productRow], in ProductInput, before *Product) (*ProductPut, []Refusal, error) {
	var opts []partnerportal.RequestOption
	if before != nil {
		opts = append(opts, partnerportal.IfMatch(before))
	}
	put, err := c.Put(ctx, l.value.sku, in, opts...)
	if err != nil {
		refusals, err := objections(l.number, "", productFields, err)
		return nil, refusals, err
	}
	return put, nil, nil
}

// count counts a row that was imported, or would be.
func (m *importing[T]) count(created, changed bool) {
	switch {
	case created:
		m.result.Created++
	case changed:
		m.result.Updated++
	default:
		m.result.Unchanged++
	}
}

// same compares two products as they travel.
func same(a, b ProductInput) bool {
	x, err := json.Marshal(a)
	if err != nil {
		return false
	}
	y, err := json.Marshal(b)
	return err == nil && string(x) == string(y)
}
