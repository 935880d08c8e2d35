package main

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// account is a customer of the pipeline, as the accounts file has it.
type account struct {
	name, sector, country string
	fault                 *finding // why its deals cannot be registered
}

// product is what is sold. Its family is what a registration protects.
type product struct {
	name, family string
	price        partnerportal.Money
	fault        *finding
}

// reference is what the two smaller files say, by folded names. A fault in a row of theirs costs the deals that refer to it, and
// those only.
type reference struct {
	accounts map[string]*account
	products map[string]*product
	corrections
}

type accountRow struct {
	Name    string `csv:"account"`
	Sector  string `csv:"sector"`
	Country string `csv:"office_location"`
}

type productRow struct {
	Name   string `csv:"product"`
	Series string `csv:"series"`
	Price  string `csv:"sales_price"`
}

// sectors are the lines of business that a misspelt sector is corrected to. Others are passed on as they are.
var sectors = []string{
	"agriculture", "automotive", "construction", "consulting", "education", "employment", "energy", "entertainment", "finance",
	"government", "healthcare", "hospitality", "insurance", "legal", "logistics", "manufacturing", "marketing", "media", "medical",
	"pharmaceuticals", "retail", "services", "software", "technology", "telecommunications", "transportation", "travel", "utilities",
}

func readReference(accountsPath, productsPath, currency string) (*reference, error) {
	ref := &reference{accounts: map[string]*account{}, products: map[string]*product{}, corrections: corrections{}}
	accounts, err := readTable[accountRow](accountsPath)
	if err != nil {
		return nil, err
	}
	file := filepath.Base(accountsPath)
	for _, r := range accounts {
		key := fold(r.Value.Name)
		if key == "" {
			return nil, nameless(file, r.Line, r.Fault)
		}
		if ref.accounts[key] == nil { // of two rows for one account the first counts
			ref.accounts[key] = ref.account(file, r)
		}
	}
	products, err := readTable[productRow](productsPath)
	if err != nil {
		return nil, err
	}
	file = filepath.Base(productsPath)
	for _, r := range products {
		key := fold(r.Value.Name)
		if key == "" {
			return nil, nameless(file, r.Line, r.Fault)
		}
		if ref.products[key] == nil {
			ref.products[key] = newProduct(file, r, currency)
		}
	}
	return ref, nil
}

// nameless is the one fault that concerns the whole file: nobody can tell whose deals the row should have been for.
func nameless(file string, line int, fault string) error {
	return fmt.Errorf("%s, line %d: %s", file, line, cmp.Or(fault, "the row has no name"))
}

func (ref *reference) account(file string, r row[accountRow]) *account {
	a := &account{name: r.Value.Name, sector: r.Value.Sector}
	if r.Fault != "" {
		a.fault = &finding{Column: "account", Rule: "account_unreadable", Value: a.name, Why: fmt.Sprintf("%s, line %d: %s", file, r.Line, r.Fault)}
		return a
	}
	if known, ok := nearest(fold(a.sector), slices.Values(sectors)); ok && fold(a.sector) != known {
		ref.add("sector", a.sector, known)
		a.sector = known
	}
	code, corrected, ok := country(r.Value.Country)
	if !ok {
		a.fault = &finding{
			Column: "account", Value: a.name, Rule: "country_unknown",
			Why: fmt.Sprintf("%s, line %d, column office_location: %q is no country that this program knows", file, r.Line, r.Value.Country),
		}
		return a
	}
	if corrected {
		ref.add("office_location", r.Value.Country, code)
	}
	a.country = code
	return a
}

func newProduct(file string, r row[productRow], currency string) *product {
	p := &product{name: r.Value.Name, family: r.Value.Series}
	fault := func(rule, why string) *product {
		p.fault = &finding{Column: "product", Value: p.name, Rule: rule, Why: fmt.Sprintf("%s, line %d: %s", file, r.Line, why)}
		return p
	}
	if r.Fault != "" {
		return fault("product_unreadable", r.Fault)
	}
	if p.family == "" {
		return fault("family_missing", "column series is empty, and it is what a registration protects")
	}
	price, err := partnerportal.ParseMoney(r.Value.Price, currency)
	if err != nil || price.Sign() <= 0 {
		return fault("price_unusable", fmt.Sprintf("column sales_price: %q is not an amount above zero, such as 4821 or 4821.50", r.Value.Price))
	}
	p.price = price
	return p
}

// findAccount and findProduct look a name up, and note when it was written in another way.

func (ref *reference) findAccount(name string) (*account, *finding) {
	if name == "" {
		return nil, &finding{Column: "account", Rule: "account_missing", Why: "a deal is registered for a customer, and the row names none"}
	}
	a := ref.accounts[fold(name)]
	if a == nil {
		f := &finding{Column: "account", Value: name, Rule: "account_unknown", Why: "the accounts file does not have it"}
		if key, ok := nearest(fold(name), maps.Keys(ref.accounts)); ok {
			f.Why += fmt.Sprintf("; %q is spelt nearly so", ref.accounts[key].name)
		}
		return nil, f
	}
	if a.fault != nil {
		return nil, a.fault
	}
	ref.add("account", name, a.name)
	return a, nil
}

func (ref *reference) findProduct(name string) (*product, *finding) {
	if name == "" {
		return nil, &finding{Column: "product", Rule: "product_missing", Why: "a deal is registered for a product family, and the row names no product"}
	}
	p := ref.products[fold(name)]
	if p == nil {
		f := &finding{Column: "product", Value: name, Rule: "product_unknown", Why: "the products file does not have it"}
		if key, ok := nearest(fold(name), maps.Keys(ref.products)); ok {
			f.Why += fmt.Sprintf("; %q is spelt nearly so", ref.products[key].name)
		}
		return nil, f
	}
	if p.fault != nil {
		return nil, p.fault
	}
	ref.add("product", name, p.name)
	return p, nil
}
