package pricing

import (
	"slices"
	"strings"

	contract "github.com/partnerportal/partnerportal-go/quotes"
)

// addFreight adds what transport costs: a percentage of the net of each line that is shipped, or an amount for the whole quote, of which each line carries as
// much as it is of the net of all. Optional lines carry nothing of the amount.
func (p *pricer) addFreight() error {
	found := mostSpecific(p.Policy.freight, func(f *contract.PriceFreight) int64 {
		if !f.Flat.IsZero() && f.Flat.Currency() != p.Currency {
			return 0
		}
		return specific(f.Country, p.Country)
	})
	rule := found.rule
	if rule.Flat.IsZero() {
		for i := range p.lines {
			if err := p.shipByShare(&p.lines[i], rule, found.rate); err != nil {
				return atLine(i, err)
			}
		}
		return nil
	}
	n, err := p.cents.count("/freight/flat", rule.Flat)
	if err != nil {
		return err
	}
	return p.spread(n, func(l *line) bool { return l.counted() && shipped(rule, l) }, func(l *line, part int64) error {
		l.freight = part
		return p.show(l, contract.Component{Kind: contract.ComponentKindFreight}, part)
	})
}

func (p *pricer) shipByShare(l *line, rule contract.PriceFreight, r rate) (err error) {
	if r.points == 0 || !shipped(rule, l) {
		return nil
	}
	if l.freight, err = p.cents.share(l.net(), r); err != nil {
		return err
	}
	return p.show(l, contract.Component{Kind: contract.ComponentKindFreight, Percent: r.text}, l.freight)
}

// shipped says that a rule is about a product of this kind: hardware, when it names none.
func shipped(rule contract.PriceFreight, l *line) bool {
	if len(rule.Kinds) == 0 {
		return l.Kind == "hardware"
	}
	return slices.Contains(rule.Kinds, l.Kind)
}

// addTaxes adds the taxes of the customer's country and region, each of net and freight.
func (p *pricer) addTaxes(l *line) error {
	of, err := p.cents.add(l.net(), l.freight)
	if err != nil {
		return err
	}
	for i := range p.Policy.taxes {
		tax := &p.Policy.taxes[i]
		if !p.taxed(tax.rule) {
			continue
		}
		n, err := p.cents.share(of, tax.rate)
		if err != nil {
			return err
		}
		if l.tax, err = p.cents.add(l.tax, n); err != nil {
			return err
		}
		if err := p.show(l, contract.Component{Kind: contract.ComponentKindTax, Percent: tax.rate.text, Ref: tax.rule.Name}, n); err != nil {
			return err
		}
	}
	return nil
}

func (p *pricer) taxed(rule contract.PriceTax) bool {
	return rule.Country == p.Country && (rule.Region == "" || strings.EqualFold(regionOf(rule.Country, rule.Region), regionOf(p.Country, p.Region)))
}

// regionOf is a state or province as it is compared: US-CA is the CA of the US.
func regionOf(country, region string) string {
	prefix := country + "-"
	if len(region) > len(prefix) && strings.EqualFold(region[:len(prefix)], prefix) {
		return region[len(prefix):]
	}
	return region
}
