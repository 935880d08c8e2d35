// Package catalog is what partners sell: products, the price lists that say what they cost, and configuration models that say what fits
// together, with rules that explain themselves.
//
// A partner looks for what it may sell, and lets the portal check a configuration; what does not fit comes with ways out that do:
//
//	goods := catalog.New(pp)
//	for p, err := range goods.All(ctx, catalog.ListParams{Family: []string{"GTX"}, Authorised: true}) {
//		…
//	}
//	v, err := goods.Validate(ctx, catalog.ConfigurationCheck{SKU: "GTX-9000", Selections: selections})
//	for _, broken := range v.Violations {
//		fmt.Println(broken.Message, broken.Fixes)
//	}
//	kept, err := goods.Configure(ctx, catalog.ConfigurationInput{SKU: "GTX-9000", DealID: deal.ID, Selections: v.Violations[0].Fixes[0].Selections})
//
// A vendor keeps the catalogue by SKU: [Client.Put] creates a product or replaces what is said of it, and writes nothing when nothing differs.
// [Client.ImportProducts] and [Client.ImportPrices] do that with a whole CSV file, as often as it is read.
package catalog

import "github.com/partnerportal/partnerportal-go/partnerportal"

// What a portal answers when it refuses, for errors.Is.
const (
	// ErrRule says that a rule of a configuration model cannot be used; the problem's errors name it and the column.
	ErrRule = partnerportal.ErrorCode("rule_invalid")
	// ErrNoEntries says that the price list has no entries, and so cannot be put into force.
	ErrNoEntries = partnerportal.ErrorCode("price_list_empty")
)

// What happens to the catalogue, as the change feed names it.
const (
	EventProductCreated       = "product.created"        // a product was added
	EventProductUpdated       = "product.updated"        // what is said of it changed
	EventProductEndOfSale     = "product.end_of_sale"    // its last day of sale is over
	EventProductRetired       = "product.retired"        // it was taken out of the catalogue
	EventPriceListActivated   = "price_list.activated"   // it is in force
	EventPriceListUpdated     = "price_list.updated"     // it changed while in force, or its entries did
	EventPriceListRetired     = "price_list.retired"     // it prices nothing any more
	EventConfigModelPublished = "config_model.published" // there is a new version of it
	EventConfigurationCreated = "configuration.created"  // it was kept
)

// Sellable says that the caller can sell the product now: it is authorised to, and the product's time is not over.
func (p *Product) Sellable() bool { return p.Authorised && p.Lifecycle == LifecycleActive }

// Input is what is said of the product, to be changed and put again.
func (p *Product) Input() ProductInput {
	in := ProductInput{
		VendorSKU: p.VendorSKU, Name: p.Name, Description: p.Description, Family: p.Family, Kind: p.Kind, UOM: p.UOM, Billing: p.Billing,
		Attributes: p.Attributes, Authorisation: p.Authorisation, EndOfSaleOn: p.EndOfSaleOn, ReplacedBySKU: p.ReplacedBySKU, ExternalRefs: p.ExternalRefs,
	}
	if p.Lifecycle != LifecycleEndOfSale || p.EndOfSaleOn.IsZero() { // else the day decides
		in.Lifecycle = p.Lifecycle
	}
	return in
}

// Key tells the entry from the others of its price list.
func (e *PriceEntry) Key() PriceKey {
	return PriceKey{SKU: e.SKU, TermMonths: e.TermMonths, MinQuantity: max(e.MinQuantity, 1)}
}
