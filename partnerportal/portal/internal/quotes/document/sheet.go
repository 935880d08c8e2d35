package document

import (
	"fmt"
	"strings"
	"time"

	contract "github.com/partnerportal/partnerportal-go/quotes"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/quotes/document/typeset"
)

// sheet is one document while it is made: what is common to all kinds.
type sheet struct {
	*contract.Quote
	format  *format
	vendor  Company
	partner Company
	zone    *time.Location
	setter  *typeset.Setter
	glyphs  GlyphError
}

func newSheet(p *Press, in Input) *sheet {
	s := &sheet{Quote: in.Quote, format: newFormat(in.Locale), vendor: p.vendor, partner: in.Partner, zone: in.Zone}
	s.setter = p.fonts.Setter(s.format.locale)
	s.partner.Logo = printed(s.partner.Logo)
	if s.zone == nil {
		s.zone = time.UTC
	}
	return s
}

// at is when the document's content was settled, which is when it counts as made.
func (s *sheet) at() time.Time {
	if !s.PresentedAt.IsZero() {
		return s.PresentedAt
	}
	return s.Pricing.PricedAt
}

func (s *sheet) day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return s.format.date(partnerportal.DateOf(t.In(s.zone)))
}

// standing says why nobody can sign the document, and is empty when somebody can.
func (s *sheet) standing() string {
	switch s.Status {
	case contract.StatusPresented, contract.StatusAccepted, contract.StatusOrdered:
		return ""
	case contract.StatusSuperseded:
		return s.format.Superseded
	case contract.StatusExpired:
		return s.format.Expired
	case contract.StatusDeclined:
		return s.format.Declined
	case contract.StatusCanceled:
		return s.format.Canceled
	}
	return s.format.Draft
}

// fact is a label with its value.
type fact struct{ label, value string }

func (s *sheet) facts() []fact {
	f := s.format
	facts := []fact{{f.Number, s.Number}, {f.Version, f.count(s.Version)}, {f.Date, s.day(s.at())}}
	if !s.ValidUntilOn.IsZero() {
		facts = append(facts, fact{f.ValidUntil, f.date(s.ValidUntilOn)})
	}
	return facts
}

// sums are the steps from the list price to the total, without the total. The customer reads one discount: how it comes about is between the
// partner and the vendor.
func (s *sheet) sums() []sum {
	f, t := s.format, s.Totals
	sums := []sum{{label: f.ListTotal, amount: t.List}}
	if discount, err := t.Net.Sub(t.List); err == nil && discount.Sign() != 0 {
		sums = append(sums, sum{label: f.Reduction, amount: discount})
	}
	sums = append(sums, sum{label: f.Net, amount: t.Net, strong: true})
	if t.Freight.Sign() != 0 {
		sums = append(sums, sum{label: f.Freight, amount: t.Freight})
	}
	for i, tax := range t.Taxes {
		label := tax.Name
		if tax.Percent != "" {
			label += " " + f.percent(tax.Percent)
		}
		sums = append(sums, sum{label: label, amount: tax.Amount, pointer: fmt.Sprintf("/totals/taxes/%d/name", i)})
	}
	if len(t.Taxes) == 0 && t.Tax.Sign() != 0 {
		sums = append(sums, sum{label: f.Tax, amount: t.Tax})
	}
	return sums
}

type sum struct {
	label, pointer string
	amount         partnerportal.Money
	strong         bool
}

// text is a text of the quote with its place in it.
type text struct{ pointer, text string }

// customer is who the quote is for, as on an envelope.
func (s *sheet) customer() (name text, lines []text) {
	c := s.Customer
	name = text{"/customer/name", c.Name}
	if name.text == "" {
		name = text{"/customer/legal_name", c.LegalName}
	} else if c.LegalName != "" && c.LegalName != c.Name {
		lines = append(lines, text{"/customer/legal_name", c.LegalName})
	}
	if name.text == "" {
		name = text{"/customer/domain", c.Domain}
	}
	a := c.Address
	lines = append(lines, text{"/customer/address/line1", a.Line1}, text{"/customer/address/line2", a.Line2},
		text{"/customer/address", joined(" ", a.PostalCode, a.City, a.Region)}, text{"/customer/country", s.format.country(c.Country)})
	for i, p := range s.Contacts {
		if p.Primary || len(s.Contacts) == 1 {
			at := fmt.Sprintf("/contacts/%d", i)
			lines = append(lines, text{at, joined(", ", joined(" ", p.GivenName, p.FamilyName), p.Title)}, text{at, joined(" · ", p.Email, p.Phone)})
			break
		}
	}
	return name, some(lines)
}

// others are the companies beside the customer and the partner.
func (s *sheet) others() (names []text) {
	for i, p := range s.Parties {
		if p.PartnerID != s.PartnerID && p.Organization.Name != "" {
			names = append(names, text{fmt.Sprintf("/parties/%d/organization/name", i), p.Organization.Name})
		}
	}
	return names
}

// about is what is said of a line below its name.
func (s *sheet) about(i int) []text {
	l := s.Lines[i]
	at := fmt.Sprintf("/lines/%d", i)
	optional := ""
	if l.Optional {
		optional = s.format.Optional
	}
	unit := ""
	if !shortUnit(l.UOM) {
		unit = l.UOM
	}
	return some([]text{
		{at + "/sku", joined(" · ", optional, l.SKU, unit, s.term(l))}, {at + "/description", l.Description}, {at + "/note", l.Note},
	})
}

// term is how long a line's contract is, and from when.
func (s *sheet) term(l contract.Line) string {
	f, term, from := s.format, "", ""
	switch {
	case l.TermMonths == 1:
		term = f.Month
	case l.TermMonths > 1:
		term = fmt.Sprintf(f.Terms, l.TermMonths)
	}
	if !l.StartsOn.IsZero() {
		from = fmt.Sprintf(f.From, f.date(l.StartsOn))
	}
	return joined(" ", term, from)
}

// numbers are the positions of the lines as people count them: 1, 2, and 2.1 for what belongs to line 2.
func (s *sheet) numbers() []string {
	numbers := make([]string, len(s.Lines))
	of, children := map[string]string{}, map[string]int{}
	top := 0
	for i, l := range s.Lines {
		if parent, ok := of[l.ParentLineID]; ok && l.ParentLineID != "" {
			children[l.ParentLineID]++
			numbers[i] = fmt.Sprintf("%s.%d", parent, children[l.ParentLineID])
		} else {
			top++
			numbers[i] = fmt.Sprint(top)
		}
		of[l.ID] = numbers[i]
	}
	return numbers
}

func (s *sheet) hasOptions() bool {
	for _, l := range s.Lines {
		if l.Optional {
			return true
		}
	}
	return false
}

// unit is what one costs after all discounts.
func unit(l contract.Line) partnerportal.Money {
	if !l.NetUnit.IsZero() || l.Quantity == 0 {
		return l.NetUnit
	}
	one, err := l.Net.MulRat(1, int64(l.Quantity))
	if err != nil {
		return partnerportal.Money{}
	}
	return one
}

// joined puts a separator between texts that are not empty.
func joined(separator string, texts ...string) string {
	var given []string
	for _, t := range texts {
		if t != "" {
			given = append(given, t)
		}
	}
	return strings.Join(given, separator)
}

func some(texts []text) (given []text) {
	for _, t := range texts {
		if typeset.Clean(t.text) != "" {
			given = append(given, t)
		}
	}
	return given
}
