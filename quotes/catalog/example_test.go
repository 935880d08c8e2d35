package catalog_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
)

// What does not fit together says why, and how it would.
func Example() {
	ctx := context.Background()
	goods := newClient(new(shop)) // catalog.New(pp)

	v, err := goods.Validate(ctx, catalog.ConfigurationCheck{SKU: "GTX-9000", Selections: []catalog.Selection{{Group: "boards", SKU: "GPU", Quantity: 4}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, broken := range v.Violations {
		fmt.Println(broken.Message)
		for _, change := range broken.Fixes[0].Changes {
			fmt.Println("→", change.Op, change.Quantity, change.SKU)
		}
	}
	v, err = goods.Validate(ctx, catalog.ConfigurationCheck{SKU: "GTX-9000", Selections: v.Violations[0].Fixes[0].Selections})
	fmt.Println(v.Valid, err)
	// Output:
	// It needs more power.
	// → add 1 PSU-800
	// true <nil>
}

// A file is imported as often as it is exported; what has not changed is not written. Rows with faults are told with line, column and rule.
func ExampleClient_ImportProducts() {
	ctx := context.Background()
	goods := newClient(new(shop))
	const export = "SKU;Name;Kind;attr:watts\nGTX-9000;GTX 9000 chassis;hardware;450\nGTX-1;;hardware;\nGTX-S;GTX support;maintenance;\n"

	for range 2 {
		result, err := goods.ImportProducts(ctx, strings.NewReader(export), catalog.ImportOptions{})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("created", result.Created, "updated", result.Updated, "unchanged", result.Unchanged)
		for _, refusal := range result.Refused {
			fmt.Println(refusal)
		}
	}
	// Output:
	// created 1 updated 0 unchanged 0
	// line 3, name: it may not be empty (value_missing)
	// line 4, kind "maintenance": it is none of hardware, software, subscription, service, support, bundle (value_unknown)
	// created 0 updated 0 unchanged 1
	// line 3, name: it may not be empty (value_missing)
	// line 4, kind "maintenance": it is none of hardware, software, subscription, service, support, bundle (value_unknown)
}

// A price list is kept complete: what the file does not have any more is removed.
func ExampleClient_ImportPrices() {
	ctx := context.Background()
	goods := newClient(new(shop))
	for _, export := range []string{"sku,list_price\nA,100\nB,20.50\n", "sku,list_price\nA,110\n"} {
		result, err := goods.ImportPrices(ctx, "europe", strings.NewReader(export), catalog.ImportOptions{Complete: true})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("created", result.Created, "updated", result.Updated, "removed", result.Removed)
	}
	// Output:
	// created 2 updated 0 removed 0
	// created 0 updated 1 removed 1
}

// A program reads a product, changes it and puts it back; somebody who was faster is not overruled.
func ExampleProduct_Input() {
	ctx := context.Background()
	goods := newClient(new(shop))
	put, err := goods.Put(ctx, "GTX-9000", catalog.ProductInput{Name: "GTX 9000", Kind: catalog.ProductKindHardware})
	if err != nil {
		fmt.Println(err)
		return
	}
	in := put.Product.Input()
	in.ReplacedBySKU = "GTX-9500"
	put, err = goods.Put(ctx, "GTX-9000", in, partnerportal.IfMatch(&put.Product))
	fmt.Println(put.Product.ReplacedBySKU, put.Product.Sellable(), err)
	_, err = goods.Put(ctx, "GTX-9000", in, partnerportal.IfMatchRevision(1))
	fmt.Println(errors.Is(err, partnerportal.ErrorCode("revision_mismatch")))
	// Output:
	// GTX-9500 true <nil>
	// true
}

// An entry of a price list is told by product, term and smallest quantity.
func ExamplePriceEntry_Key() {
	e := catalog.PriceEntry{SKU: "GTX-S", TermMonths: 12, ListPrice: partnerportal.MustMoney("99", "EUR")}
	fmt.Println(e.Key())
	// Output: {GTX-S 12 1}
}

func ExampleRefusal_String() {
	fmt.Println(catalog.Refusal{Line: 7, Column: "list_price", Value: "1,50", Rule: "amount_malformed", Message: "write it with a point"})
	// Output: line 7, list_price "1,50": write it with a point (amount_malformed)
}

func ExampleProduct_Sellable() {
	p := catalog.Product{Lifecycle: catalog.LifecycleActive, Missing: []catalog.Missing{{Kind: catalog.MissingKindCredential, CredentialDefinitionID: "gtx-engineer"}}}
	fmt.Println(p.Sellable(), p.Missing[0].CredentialDefinitionID)
	// Output: false gtx-engineer
}
