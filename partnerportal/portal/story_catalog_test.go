package portal_test

import (
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
)

// catalog: the vendor fills the catalogue, prices it and says what fits together; Acme looks at it and configures a server.
func (s *story) catalog() {
	s.products()
	s.priceLists()
	s.configurations()
}

func (s *story) products() {
	t, ctx, acme, vendor := s.t, s.ctx, s.acme.catalog, s.vendor.catalog
	product := did[catalog.Product](s)
	put := func(sku string, change func(p *catalog.ProductInput)) *catalog.ProductPut {
		in := catalog.ProductInput{Name: sku, Kind: catalog.ProductKindHardware, Family: "GTX", Attributes: map[string]string{"watts": "400"}}
		if change != nil {
			change(&in)
		}
		return did[catalog.ProductPut](s)(vendor.Put(ctx, sku, in))
	}
	assert.True(t, put("SRV", nil).Created)
	assert.Empty(t, put("SRV", nil).ChangedFields)
	put("CPU", nil)
	put("PSU", nil)
	assert.Equal(t, []string{"/uom"}, put("CPU", func(p *catalog.ProductInput) { p.UOM = "piece" }).ChangedFields)
	_, err := vendor.Put(ctx, "SRV", catalog.ProductInput{Name: "SRV", Kind: catalog.ProductKindHardware, ReplacedBySKU: "SRV"})
	s.refused("validation_failed", err)

	last := partnerportal.DateOf(s.p.Now()).AddDays(1)
	put("OLD-1", func(p *catalog.ProductInput) { p.EndOfSaleOn = last })
	put("OLD-2", func(p *catalog.ProductInput) { p.EndOfSaleOn, p.ReplacedBySKU = last, "SRV" })
	s.advance(3 * 24 * time.Hour)
	old := product(acme.GetBySKU(ctx, "OLD-1"))
	assert.Equal(t, catalog.LifecycleEndOfSale, old.Lifecycle)
	product(vendor.Retire(ctx, old.ID, partnerportal.IfMatch(old)))
	_, err = vendor.Retire(ctx, old.ID)
	s.refused("invalid_state", err)
	product(vendor.Retire(ctx, product(acme.GetBySKU(ctx, "OLD-2")).ID))
	srv := product(acme.GetBySKU(ctx, "SRV"))
	product(vendor.Update(ctx, srv.ID, catalog.ProductPatch{Description: partnerportal.Set("A server.")}, partnerportal.IfMatch(srv)))
	assert.Equal(t, "A server.", product(acme.Get(ctx, srv.ID)).Description)
	assert.Len(t, did[catalog.Page](s)(acme.List(ctx, catalog.ListParams{Family: []string{"GTX"}, Authorised: true, Lifecycle: []catalog.Lifecycle{catalog.LifecycleActive}})).Items, 3)
}

func (s *story) priceLists() {
	t, ctx, acme, vendor := s.t, s.ctx, s.acme.catalog, s.vendor.catalog
	list := did[catalog.PriceList](s)
	in := catalog.PriceListInput{Name: "World", Currency: "USD"}
	list(vendor.PutPriceList(ctx, "world", in))
	_, err := vendor.ActivatePriceList(ctx, "world")
	s.refused("price_list_empty", err)
	usd := func(amount string) partnerportal.Money { return partnerportal.MustMoney(amount, "USD") }
	entries := did[catalog.EntriesPut](s)
	put := entries(vendor.PutEntries(ctx, "world", catalog.PriceEntries{Entries: []catalog.PriceEntry{
		{SKU: "SRV", ListPrice: usd("1000")}, {SKU: "CPU", ListPrice: usd("200")}, {SKU: "PSU", MinQuantity: 1, ListPrice: usd("80")}, {SKU: "PSU", MinQuantity: 10, ListPrice: usd("75"), NetPrice: usd("60")},
	}}))
	list(vendor.ActivatePriceList(ctx, "world", partnerportal.IfMatch(&put.PriceList)))
	entries(vendor.PutEntries(ctx, "world", catalog.PriceEntries{Entries: []catalog.PriceEntry{{SKU: "CPU", ListPrice: usd("210")}}, Remove: []catalog.PriceKey{{SKU: "PSU", MinQuantity: 10}}}))
	in.ValidToOn = partnerportal.DateOf(s.p.Now()).AddDays(3650)
	list(vendor.PutPriceList(ctx, "world", in))
	assert.Len(t, did[catalog.PriceListPage](s)(acme.ListPriceLists(ctx, catalog.ListPriceListsParams{Currency: []string{"USD"}})).Items, 1)
	assert.Equal(t, 3, list(acme.GetPriceList(ctx, "world")).EntryCount)
	assert.Len(t, did[catalog.PriceEntryPage](s)(acme.ListEntries(ctx, "world", catalog.ListEntriesParams{})).Items, 3)
	list(vendor.RetirePriceList(ctx, "world"))
	_, err = acme.GetPriceList(ctx, "world")
	s.refused("not_found", err)
	list(vendor.ActivatePriceList(ctx, "world")) // quotes need it
}

func (s *story) configurations() {
	t, ctx, acme, vendor := s.t, s.ctx, s.acme.catalog, s.vendor.catalog
	model := did[catalog.Model](s)
	in := catalog.ModelInput{
		Groups: []catalog.Group{
			{ID: "cpu", Min: 1, Options: []catalog.Option{{SKU: "CPU", Default: true, MaxQuantity: 4}}},
			{ID: "power", Options: []catalog.Option{{SKU: "PSU", MaxQuantity: 4}}},
		},
		Rules: []catalog.Rule{{ID: "power", Kind: catalog.RuleKindSumLimit, Then: `sum("cpu", "watts") <= sum("power", "watts")`, Message: "It needs more power."}},
	}
	m := model(vendor.PublishModel(ctx, "SRV", in))
	in.Rules[0].Then = `cpus > 1`
	_, err := vendor.PublishModel(ctx, "SRV", in)
	s.refused("rule_invalid", err)
	assert.Equal(t, m, model(acme.GetModel(ctx, "SRV", catalog.GetModelParams{})))
	assert.Len(t, did[catalog.ModelPage](s)(acme.ListModels(ctx, "SRV", catalog.ListModelsParams{})).Items, 1)

	v := did[catalog.Validation](s)(acme.Validate(ctx, catalog.ConfigurationCheck{SKU: "SRV"}))
	assert.False(t, v.Valid)
	configuration := did[catalog.Configuration](s)
	wrong := configuration(acme.Configure(ctx, catalog.ConfigurationInput{SKU: "SRV"}))
	d := s.approved("skynet.com")
	right := configuration(acme.Configure(ctx, catalog.ConfigurationInput{SKU: "SRV", DealID: d.ID, Selections: v.Violations[0].Fixes[0].Selections}))
	assert.True(t, right.Result.Valid)
	assert.Equal(t, wrong.ID, configuration(acme.GetConfiguration(ctx, wrong.ID)).ID)
	assert.Len(t, did[catalog.ConfigurationPage](s)(vendor.ListConfigurations(ctx, catalog.ListConfigurationsParams{SKU: []string{"SRV"}})).Items, 2)
}
