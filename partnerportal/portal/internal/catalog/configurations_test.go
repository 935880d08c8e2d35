package catalog_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
)

func TestConfigurationExplainsItself(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		d.server()
		v, err := d.acme.Validate(ctx, catalog.ConfigurationCheck{SKU: "SRV"})
		require.NoError(t, err)
		assert.True(t, v.Valid)
		assert.Equal(t, []catalog.Selection{pick("cpu", "CPU-8", 1), pick("ram", "RAM-16", 1), pick("power", "PSU-400", 1)}, v.DefaultsApplied)
		assert.Equal(t, []catalog.ConfigurationLine{{SKU: "SRV", Quantity: 1}, {SKU: "CPU-8", Quantity: 1, ParentSKU: "SRV"}, {SKU: "RAM-16", Quantity: 1, ParentSKU: "SRV"},
			{SKU: "PSU-400", Quantity: 1, ParentSKU: "SRV"}}, v.Lines)

		v, err = d.acme.Validate(ctx, catalog.ConfigurationCheck{SKU: "SRV", Selections: []catalog.Selection{pick("disk", "DISK-1", 10), pick("cpu", "CPU-16", 2)}})
		require.NoError(t, err)
		assert.False(t, v.Valid)
		var broken []string
		for _, violation := range v.Violations {
			broken = append(broken, violation.RuleID+" "+string(violation.Severity)+" "+violation.Pointer)
			require.NotEmpty(t, violation.Fixes, violation.RuleID)
			for _, fix := range violation.Fixes {
				checked, err := d.acme.Validate(ctx, catalog.ConfigurationCheck{SKU: "SRV", Selections: fix.Selections})
				require.NoError(t, err)
				assert.True(t, checked.Valid, "%s: %+v", violation.RuleID, fix.Changes)
				assert.Empty(t, checked.DefaultsApplied)
				assert.Equal(t, fix.Selections, checked.Selections)
			}
		}
		assert.Equal(t, []string{"raid error /selections/0", "power error /selections/1", "spare warning /selections/0"}, broken)
		assert.Equal(t, []catalog.Change{{Op: catalog.OpAdd, Group: "extra", SKU: "RAID", Quantity: 1}, {Op: catalog.OpSet, Group: "power", SKU: "PSU-400", Quantity: 2}}, v.Violations[0].Fixes[0].Changes)

		_, err = d.acme.Validate(ctx, catalog.ConfigurationCheck{SKU: "SRV", Selections: []catalog.Selection{pick("disk", "DISK-1", 1), pick("disk", "DISK-1", 2)}})
		assert.Equal(t, []string{"/selections/1 duplicate_key"}, faults(t, err))
		_, err = d.acme.Validate(ctx, catalog.ConfigurationCheck{SKU: "SRV", Version: 2})
		require.ErrorIs(t, err, partnerportal.ErrNotFound)
		_, err = d.acme.Validate(ctx, catalog.ConfigurationCheck{SKU: "RAID"})
		require.ErrorIs(t, err, partnerportal.ErrNotFound)
	})
}

// No way out may lead to a product that this partner cannot sell.
func TestFixesKeepToWhatCanBeSold(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		d.server()
		d.puts("RAID", func(p *catalog.ProductInput) { p.Authorisation.CredentialDefinitionIDs = []string{"storage"} })
		d.puts("PSU-800", func(p *catalog.ProductInput) { p.Lifecycle, p.ReplacedBySKU = catalog.LifecycleEndOfSale, "PSU-900" })
		ask := catalog.ConfigurationCheck{SKU: "SRV", Selections: []catalog.Selection{pick("disk", "DISK-1", 3)}}
		adds := func(c *catalog.Client) map[string]bool {
			added := map[string]bool{}
			v, err := c.Validate(ctx, ask)
			require.NoError(t, err)
			require.Len(t, v.Violations, 1)
			for _, fix := range v.Violations[0].Fixes {
				for _, change := range fix.Changes {
					if change.Op == catalog.OpAdd {
						added[change.SKU] = true
					}
				}
			}
			require.NotEmpty(t, v.Violations[0].Fixes)
			return added
		}
		assert.True(t, adds(d.vendor)["RAID"])
		assert.Empty(t, adds(d.acme))

		ask.Selections = append(ask.Selections, pick("power", "PSU-800", 1))
		found, err := d.acme.Validate(ctx, ask)
		require.NoError(t, err)
		require.NotEmpty(t, found.Violations[0].Fixes)
		for _, fix := range found.Violations[0].Fixes {
			fixed, err := d.acme.Validate(ctx, catalog.ConfigurationCheck{SKU: "SRV", Selections: fix.Selections})
			require.NoError(t, err)
			assert.True(t, fixed.Valid, "what cannot be sold goes with the way out: %+v", fix)
		}

		v, err := d.acme.Validate(ctx, catalog.ConfigurationCheck{SKU: "SRV", Selections: []catalog.Selection{pick("extra", "RAID", 1), pick("power", "PSU-800", 1)}})
		require.NoError(t, err)
		assert.Empty(t, v.Violations)
		assert.False(t, v.Valid, "it fits together, and cannot be sold")
		require.Len(t, v.ProductErrors, 2)
		assert.Equal(t, []string{"RAID", "product_not_authorised", "storage"}, []string{v.ProductErrors[0].SKU, v.ProductErrors[0].Code, v.ProductErrors[0].Missing[0].CredentialDefinitionID})
		assert.Equal(t, []string{"PSU-800", "product_end_of_sale", "PSU-900"}, []string{v.ProductErrors[1].SKU, v.ProductErrors[1].Code, v.ProductErrors[1].ReplacedBySKU})
	})
}

func TestSelectionsThatAreRefused(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		d.server()
		many := make([]catalog.Selection, 1001)
		for i := range many {
			many[i] = pick("ram", fmt.Sprint("RAM-", i), 1)
		}
		for want, selections := range map[string][]catalog.Selection{
			"/selections/1 duplicate_key":         {pick("ram", "RAM-16", 1), pick("ram", "RAM-16", 2)},
			"/selections/0/quantity out_of_range": {pick("ram", "RAM-16", -1)},
			"/selections/1/quantity out_of_range": {pick("ram", "RAM-16", 1), pick("ram", "RAM-32", math.MaxInt)},
			"/selections/0/sku invalid_format":    {pick("ram", "RAM 16", 1)},
			"/selections too_many":                many,
		} {
			check := catalog.ConfigurationCheck{SKU: "SRV", Selections: selections}
			_, err := d.acme.Validate(t.Context(), check)
			assert.Equal(t, []string{want}, faults(t, err))
			_, err = d.acme.Configure(t.Context(), catalog.ConfigurationInput{SKU: "SRV", Selections: selections})
			assert.Equal(t, []string{want}, faults(t, err))
		}
		v, err := d.acme.Validate(t.Context(), catalog.ConfigurationCheck{SKU: "SRV", Selections: many[:1000]})
		require.NoError(t, err)
		assert.Len(t, v.Violations, 998, "all that the model does not have")
		for _, violation := range v.Violations {
			require.Empty(t, violation.Fixes, "a list of everything that is wrong is no way out, and 60 of it would be megabytes")
		}
	})
}

func TestModelVersionsNeverChange(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		first := d.server()
		assert.Equal(t, 1, first.Version)
		assert.Equal(t, map[string]string{"watts": "95"}, first.Groups[0].Options[0].Attributes)
		assert.Equal(t, "Product CPU-8", first.Groups[0].Options[0].Title)
		same, err := d.vendor.PublishModel(ctx, "SRV", serverModel())
		require.NoError(t, err)
		assert.Equal(t, first, same)

		kept, err := d.acme.Configure(ctx, catalog.ConfigurationInput{SKU: "SRV", Selections: []catalog.Selection{pick("disk", "DISK-1", 2)}})
		require.NoError(t, err)
		assert.Equal(t, 1, kept.Version)

		stricter := serverModel()
		stricter.Rules[0].When = `qty("DISK-1") > 1`
		second, err := d.vendor.PublishModel(ctx, "SRV", stricter)
		require.NoError(t, err)
		assert.Equal(t, 2, second.Version)
		p, err := d.acme.GetBySKU(ctx, "SRV")
		require.NoError(t, err)
		assert.Equal(t, 2, p.ConfigVersion)
		old, err := d.acme.GetModel(ctx, "SRV", catalog.GetModelParams{Version: 1})
		require.NoError(t, err)
		assert.Equal(t, first, old)
		last, err := d.acme.GetModel(ctx, "SRV", catalog.GetModelParams{})
		require.NoError(t, err)
		assert.Equal(t, second, last)
		page, err := d.acme.ListModels(ctx, "SRV", catalog.ListModelsParams{Limit: 1})
		require.NoError(t, err)
		assert.Equal(t, 2, page.Items[0].Version)
		assert.NotEmpty(t, page.Page.NextCursor)

		for version, valid := range map[int]bool{0: false, 1: true, 2: false} {
			v, err := d.acme.Validate(ctx, catalog.ConfigurationCheck{SKU: "SRV", Version: version, Selections: kept.Result.Selections})
			require.NoError(t, err)
			assert.Equal(t, valid, v.Valid, version)
		}
		// A product that learns something is a reason for a new version, and none for the old ones to change.
		d.puts("CPU-8", func(p *catalog.ProductInput) { p.Attributes = map[string]string{"watts": "300"} })
		third, err := d.vendor.PublishModel(ctx, "SRV", stricter)
		require.NoError(t, err)
		assert.Equal(t, 3, third.Version)
		d.puts("SRV", func(p *catalog.ProductInput) { p.Name = "Renamed" })
		p, err = d.acme.GetBySKU(ctx, "SRV")
		require.NoError(t, err)
		assert.Equal(t, 3, p.ConfigVersion, "a put of the product keeps its model")
	})
}

func TestModelsThatAreNotPublished(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		d.server()
		_, err := d.vendor.PublishModel(ctx, "NONE", serverModel())
		require.ErrorIs(t, err, partnerportal.ErrNotFound)
		_, err = d.acme.PublishModel(ctx, "SRV", serverModel())
		require.Equal(t, 403, statusOf(err))
		m := serverModel()
		m.Groups[0].Options[0].SKU = "CPU-9"
		_, err = d.vendor.PublishModel(ctx, "SRV", m)
		assert.Equal(t, []string{"/groups/0/options/0/sku invalid_value"}, faults(t, err))
		m = serverModel()
		m.Rules[0].Then, m.Rules[2].When = `selectd("RAID")`, `qty("CPU-9") > 0`
		_, err = d.vendor.PublishModel(ctx, "SRV", m)
		require.ErrorIs(t, err, catalog.ErrRule)
		assert.Equal(t, []string{"/rules/2/when invalid_value"}, faults(t, err)[:1])
		var e *partnerportal.Error
		require.ErrorAs(t, err, &e)
		assert.Equal(t, `Column 5: no group has an option "CPU-9"`, e.Fields[0].Message)
		last, err := d.vendor.GetModel(ctx, "SRV", catalog.GetModelParams{})
		require.NoError(t, err)
		assert.Equal(t, 1, last.Version)
	})
}

func TestConfigurationsAreKept(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		d.server()
		deal, err := deals.New(d.Acme).Register(ctx, deals.Registration{
			Customer: partnerportal.Organization{Name: "Initech", Country: "US", Domain: "initech.com"}, Amount: usd("1000"),
			ExpectedCloseOn: partnerportal.DateOf(noon.AddDate(0, 3, 0)), Products: []deals.Product{{Family: "GTX", Quantity: 1}},
		})
		require.NoError(t, err)
		in := catalog.ConfigurationInput{SKU: "SRV", Name: "Two disks", DealID: deal.ID, Selections: []catalog.Selection{pick("disk", "DISK-1", 2)}}
		kept, err := d.acme.Configure(ctx, in)
		require.NoError(t, err)
		assert.True(t, kept.Result.Valid)
		assert.Equal(t, d.AcmeID, kept.PartnerID)
		in.Selections = []catalog.Selection{pick("disk", "DISK-1", 3)}
		wrong, err := d.acme.Configure(ctx, in)
		require.NoError(t, err)
		assert.False(t, wrong.Result.Valid, "the work is kept, though it cannot be quoted")
		assert.NotEmpty(t, wrong.Result.Violations[0].Fixes)

		read, err := d.acme.GetConfiguration(ctx, kept.ID)
		require.NoError(t, err)
		assert.Equal(t, kept, read)
		for _, c := range []*catalog.Client{d.acme, d.vendor} {
			page, err := c.ListConfigurations(ctx, catalog.ListConfigurationsParams{DealID: []string{deal.ID}, SKU: []string{"SRV"}})
			require.NoError(t, err)
			require.Len(t, page.Items, 2)
			assert.Equal(t, wrong.ID, page.Items[0].ID)
			assert.Empty(t, page.Items[0].Result.Violations[0].Fixes, "as lists of them would be megabytes")
		}
		_, err = d.globex.GetConfiguration(ctx, kept.ID)
		require.ErrorIs(t, err, partnerportal.ErrNotFound)
		page, err := d.globex.ListConfigurations(ctx, catalog.ListConfigurationsParams{})
		require.NoError(t, err)
		assert.Empty(t, page.Items)
		_, err = d.globex.ListConfigurations(ctx, catalog.ListConfigurationsParams{PartnerID: []string{d.AcmeID}})
		require.ErrorIs(t, err, partnerportal.ErrValidation)
		_, err = d.globex.Configure(ctx, in)
		assert.Equal(t, []string{"/deal_id invalid_value"}, faults(t, err))
		_, err = d.vendor.Configure(ctx, in)
		require.Equal(t, 403, statusOf(err), "the vendor's own would be nobody's")
		heard := d.heard(d.Acme)
		assert.Equal(t, "configuration.created map[deal_id:"+deal.ID+" sku:SRV version:1]", heard[len(heard)-1])
		assert.NotContains(t, d.heard(d.Globex), heard[len(heard)-1])
	})
}
