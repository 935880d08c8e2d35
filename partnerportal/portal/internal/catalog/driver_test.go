package catalog_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store/storetest"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
)

// noon is when all tests begin; their clocks go on only when they are turned.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// desk is a portal with the vendor at its desk and two partners: Acme in the US, Globex in Germany.
type desk struct {
	*portaltest.Portal

	t                    *testing.T
	vendor, acme, globex *catalog.Client
}

// engines runs a test on each database engine that is at hand.
func engines(t *testing.T, test func(t *testing.T, d *desk)) {
	t.Helper()
	t.Parallel()
	for name, dsn := range storetest.Engines {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inner, err := portal.Open(t.Context(), dsn(t), portal.WithSandbox(), portal.WithClock(func() time.Time { return noon }))
			require.NoError(t, err)
			p := portaltest.Wrap(t, inner)
			test(t, &desk{Portal: p, t: t, vendor: catalog.New(p.Vendor), acme: catalog.New(p.Acme), globex: catalog.New(p.Globex)})
		})
	}
}

// puts is a product that is hardware, put as change leaves it.
func (d *desk) puts(sku string, change func(p *catalog.ProductInput)) *catalog.ProductPut {
	d.t.Helper()
	in := catalog.ProductInput{Name: "Product " + sku, Kind: catalog.ProductKindHardware, Family: "GTX"}
	if change != nil {
		change(&in)
	}
	out, err := d.vendor.Put(d.t.Context(), sku, in)
	require.NoError(d.t, err)
	return out
}

// tiers gives the default programme two of them, and Acme the lower one.
func (d *desk) tiers() {
	d.t.Helper()
	ctx, office := d.t.Context(), program.New(d.Vendor)
	p, err := office.Get(ctx, program.DefaultID)
	require.NoError(d.t, err)
	p.Tiers = []program.Tier{{ID: "silver", Name: "Silver", Rank: 1}, {ID: "gold", Name: "Gold", Rank: 2}}
	_, err = office.Put(ctx, p.ID, *p)
	require.NoError(d.t, err)
	_, err = office.Enrol(ctx, program.Enrolment{PartnerID: d.AcmeID, ProgramID: program.DefaultID, TierID: "silver"})
	require.NoError(d.t, err)
}

// joinsAnother makes a second programme, and Acme a member of it.
func (d *desk) joinsAnother() {
	d.t.Helper()
	ctx, office := d.t.Context(), program.New(d.Vendor)
	second, err := office.Get(ctx, program.DefaultID)
	require.NoError(d.t, err)
	second.ID, second.Name, second.Tiers = "second", "Second", []program.Tier{{ID: "one", Name: "One", Rank: 3}}
	_, err = office.Put(ctx, second.ID, *second)
	require.NoError(d.t, err)
	_, err = office.Enrol(ctx, program.Enrolment{PartnerID: d.AcmeID, ProgramID: second.ID, TierID: "one"})
	require.NoError(d.t, err)
}

// server publishes the model of a server: a chassis with processors, memory, disks and power supplies.
func (d *desk) server() *catalog.Model {
	d.t.Helper()
	watts := map[string]string{"CPU-8": "95", "CPU-16": "165", "DISK-1": "8", "PSU-400": "400", "PSU-800": "800"}
	d.puts("SRV", nil)
	for _, sku := range []string{"CPU-8", "CPU-16", "RAM-16", "RAM-32", "DISK-1", "RAID", "PSU-400", "PSU-800"} {
		d.puts(sku, func(p *catalog.ProductInput) {
			if w := watts[sku]; w != "" {
				p.Attributes = map[string]string{"watts": w}
			}
		})
	}
	m, err := d.vendor.PublishModel(d.t.Context(), "SRV", serverModel())
	require.NoError(d.t, err)
	return m
}

func serverModel() catalog.ModelInput {
	return catalog.ModelInput{
		Groups: []catalog.Group{
			{ID: "cpu", Title: "Processor", Min: 1, Max: 1, Options: []catalog.Option{{SKU: "CPU-8", Default: true, MaxQuantity: 2}, {SKU: "CPU-16", MaxQuantity: 2}}},
			{ID: "ram", Title: "Memory", Min: 1, Options: []catalog.Option{{SKU: "RAM-16", Default: true, MaxQuantity: 16}, {SKU: "RAM-32", MaxQuantity: 16}}},
			{ID: "disk", Options: []catalog.Option{{SKU: "DISK-1", MaxQuantity: 24}}},
			{ID: "extra", Options: []catalog.Option{{SKU: "RAID", MaxQuantity: 1}}},
			{ID: "power", Title: "Power supply", Min: 1, Max: 1, Options: []catalog.Option{{SKU: "PSU-400", Default: true, MaxQuantity: 2}, {SKU: "PSU-800", MaxQuantity: 2}}},
		},
		Rules: []catalog.Rule{
			{ID: "raid", Kind: catalog.RuleKindRequires, When: `qty("DISK-1") > 2`, Then: `selected("RAID")`, Message: "More than two disks need a RAID controller."},
			{ID: "slots", Kind: catalog.RuleKindRatio, Then: `total("ram") <= 8 * total("cpu")`, Message: "A processor has eight slots for memory."},
			{ID: "power", Kind: catalog.RuleKindSumLimit, Then: `sum("cpu", "watts") + sum("disk", "watts") + 100.0 <= sum("power", "watts")`, Message: "It needs more power."},
			{ID: "spare", Kind: catalog.RuleKindRecommends, When: `total("disk") >= 8`, Then: `total("power") >= 2`, Message: "Take a second power supply."},
		},
	}
}

func pick(group, sku string, quantity int) catalog.Selection {
	return catalog.Selection{Group: group, SKU: sku, Quantity: quantity}
}

// heard are the events of the catalogue that a caller reads, each as "type id facts".
func (d *desk) heard(pp *partnerportal.Client) []string {
	d.t.Helper()
	page, err := events.New(pp).List(d.t.Context(), events.ListParams{ResourceType: []string{"product", "price_list", "config_model", "configuration"}, Limit: 1000})
	require.NoError(d.t, err)
	heard := []string{}
	for _, e := range page.Items {
		heard = append(heard, fmt.Sprint(e.Type, " ", e.Data.Facts))
	}
	return heard
}

// faults are the field errors of a refusal as "pointer code".
func faults(t testing.TB, err error) []string {
	t.Helper()
	var e *partnerportal.Error
	require.ErrorAs(t, err, &e)
	found := []string{}
	for _, f := range e.Fields {
		found = append(found, f.Pointer+" "+f.Code)
	}
	return found
}
