package pricing

import (
	"context"
	"strconv"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/offer"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
	contract "github.com/partnerportal/partnerportal-go/quotes"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
)

// shelf finds the products and the list prices of lines.
type shelf struct {
	tx      *store.Tx
	program *policy.Program
	buyer   *offer.Buyer
	now     time.Time
	again   bool // protected prices stay

	currency string
	products map[string]*catalog.Product
	listID   string
	entries  map[string][]catalog.PriceEntry // by SKU
}

// fill reads the lines that can be priced into the input, and says of the others why they cannot.
func (s *shelf) fill(ctx context.Context, in *Input, q *contract.Quote) ([]Fault, error) {
	skus := make([]string, len(q.Lines))
	for i, l := range q.Lines {
		skus[i] = l.SKU
	}
	var err error
	if s.products, err = offer.Products(ctx, s.tx, skus, s.now); err != nil {
		return nil, err
	}
	if err := s.open(ctx, in, skus); err != nil {
		return nil, err
	}
	var faults []Fault
	for i := range q.Lines {
		line, fault := s.line(&q.Lines[i])
		if fault != nil {
			fault.Line, fault.LineID, fault.SKU = i, q.Lines[i].ID, q.Lines[i].SKU
			faults = append(faults, *fault)
			continue
		}
		if line.protected {
			in.Pricing.Notes = append(in.Pricing.Notes, contract.Note{
				Code: contract.NoteCodePriceProtected, LineID: line.ID, Ref: line.PriceListID, At: line.PriceProtectedUntilAt,
				Message: "The list price stays what it was, as the price list protects it.",
			})
		}
		in.Lines = append(in.Lines, Line{Line: line.Line})
	}
	return faults, nil
}

// open reads what the price list that counts says of the products. Lists for members of other programmes do not.
func (s *shelf) open(ctx context.Context, in *Input, skus []string) error {
	lists, err := offer.PriceLists(ctx, s.tx, in.Currency)
	if err != nil {
		return err
	}
	list := s.buyer.Under(s.program.ID).Choose(lists, in.Today)
	if list == nil {
		return nil
	}
	s.listID, in.Pricing.PriceListID = list.ID, list.ID
	entries, err := offer.Entries(ctx, s.tx, list, skus)
	s.entries = make(map[string][]catalog.PriceEntry, len(skus))
	for _, e := range entries {
		s.entries[e.SKU] = append(s.entries[e.SKU], e)
	}
	return err
}

// shelved is a line with its product and list price.
type shelved struct {
	contract.Line
	protected bool // and the price is no longer that of the list
}

func (s *shelf) line(asked *contract.Line) (*shelved, *Fault) {
	product := s.products[asked.SKU]
	if fault := s.unsellable(asked.SKU, product); fault != nil {
		return nil, fault
	}
	l := &shelved{Line: *asked}
	l.Name, l.Description, l.Family, l.Kind, l.UOM = product.Name, product.Description, product.Family, string(product.Kind), product.UOM
	found := s.priced(&l.Line, product)
	if s.again && asked.PriceProtectedUntilAt.After(s.now) {
		l.protected = !found || l.ListUnit != asked.ListUnit || l.BreakUnit != asked.BreakUnit || l.FixedUnit != asked.FixedUnit
		l.PriceListID, l.PriceProtectedUntilAt, l.TermMonths = asked.PriceListID, asked.PriceProtectedUntilAt, asked.TermMonths
		l.ListUnit, l.BreakUnit, l.FixedUnit = asked.ListUnit, asked.BreakUnit, asked.FixedUnit
		return l, nil
	}
	if !found {
		return nil, &Fault{
			Code: contract.ErrPriceMissing, Drift: contract.DriftCodePriceMissing, Message: s.unpriced(asked),
		}
	}
	return l, nil
}

// unpriced says what has no price.
func (s *shelf) unpriced(l *contract.Line) string {
	switch {
	case s.listID == "":
		return "No price list in " + s.currency + " applies to the partner: ask for one, or quote in another currency."
	case l.TermMonths == 0:
		return "The price list that applies has no price of " + l.SKU + "."
	}
	return "The price list that applies has no price of " + l.SKU + " for " + strconv.Itoa(l.TermMonths) + " months."
}

// priced puts the list price on a line, and says whether there is one: that of the term that was asked for or, when none was, of the product without a
// term, or else of its first.
func (s *shelf) priced(l *contract.Line, product *catalog.Product) bool {
	terms := []int{l.TermMonths}
	if l.TermMonths == 0 && len(product.Billing.Terms) > 0 {
		terms = append(terms, product.Billing.Terms[0])
	}
	for _, months := range terms {
		smallest, largest := priceIn(s.entries[l.SKU], months, l.Quantity)
		if smallest == nil {
			continue
		}
		l.TermMonths, l.PriceListID = months, s.listID
		l.PriceProtectedUntilAt = endOf(s.program, largest.PriceProtectedUntilOn)
		l.ListUnit, l.BreakUnit, l.FixedUnit = smallest.ListPrice, largest.ListPrice, largest.NetPrice
		if l.BreakUnit.TenThousandths() >= l.ListUnit.TenThousandths() { // no discount for so many
			l.ListUnit, l.BreakUnit = largest.ListPrice, partnerportal.Money{}
		}
		return true
	}
	return false
}

// priceIn finds the price among what a price list says of a product: the entries for the term, of which those count that the quantity reaches. The one for the smallest
// quantity is the list price, the one for the largest the price for so many.
func priceIn(entries []catalog.PriceEntry, months, quantity int) (smallest, largest *catalog.PriceEntry) {
	for i := range entries {
		e := &entries[i]
		if e.TermMonths != months || e.MinQuantity > quantity {
			continue
		}
		if smallest == nil || e.MinQuantity < smallest.MinQuantity {
			smallest = e
		}
		if largest == nil || e.MinQuantity > largest.MinQuantity {
			largest = e
		}
	}
	return smallest, largest
}

// unsellable says why the partner cannot sell a product, nil when it can.
func (s *shelf) unsellable(sku string, p *catalog.Product) *Fault {
	switch {
	case p == nil:
		return &Fault{Code: partnerportal.ErrValidation, Drift: contract.DriftCodeProductRetired, Message: "There is no product " + sku + "."}
	case p.Lifecycle != catalog.LifecycleActive:
		f := &Fault{
			Code: contract.ErrProductEndOfSale, Drift: contract.DriftCodeProductEndOfSale,
			Message: p.SKU + " is not sold any more.", Replacement: p.ReplacedBySKU,
		}
		if p.Lifecycle == catalog.LifecycleRetired {
			f.Drift = contract.DriftCodeProductRetired
		}
		if f.Replacement != "" {
			f.Message += " Its replacement is " + f.Replacement + "."
		}
		return f
	}
	if missing := s.buyer.Missing(p); len(missing) > 0 {
		return &Fault{
			Code: contract.ErrProductNotAuthorised, Drift: contract.DriftCodeProductNotAuthorised,
			Message: "The partner is not authorised to sell " + p.SKU + ".", Missing: missing,
		}
	}
	return nil
}
