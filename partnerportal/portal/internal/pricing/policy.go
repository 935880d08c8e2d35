package pricing

import (
	"slices"
	"strconv"
	"strings"

	contract "github.com/partnerportal/partnerportal-go/quotes"
)

// Policy is a price policy that was checked, with its percentages read. [Compile] makes it; the zero Policy prices at list.
type Policy struct {
	additive   bool
	tiers      []row[contract.PriceTierDiscount]
	volumes    []row[contract.PriceVolumeDiscount]
	terms      []row[contract.PriceTermDiscount]
	promotions []promotion
	deals      []row[contract.PriceDealDiscount]
	freight    []row[contract.PriceFreight]
	taxes      []row[contract.PriceTax]
	limit      rate // of all discounts of a line together
	partner    rate // of the discounts by hand that need no approval
}

// row is a rule of the policy with its percentage.
type row[T any] struct {
	rule T
	rate rate
	note string // what a component says of it
}

type promotion struct {
	contract.PricePromotion

	code string // as it is compared
	rate rate
	when condition
}

// PartnerPoints is the largest discount by hand that a partner gives without approval, in ten-thousandths of a percent.
func (p *Policy) PartnerPoints() int64 { return p.partner.points }

// tier is what a tier gives: the rule for the family counts before the one for all.
func (p *Policy) tier(id, family string) rate {
	return mostSpecific(p.tiers, func(d *contract.PriceTierDiscount) int64 {
		if d.TierID != id {
			return 0
		}
		return specific(d.Family, family)
	}).rate
}

// dealRegistration is what a protected deal gives: the rule for the family, or else what the deal itself was granted, or else the rule for all.
func (p *Policy) dealRegistration(family, granted string) rate {
	r := mostSpecific(p.deals, func(d *contract.PriceDealDiscount) int64 { return specific(d.Family, family) })
	if r.rule.Family == "" && granted != "" {
		return mustRate(granted)
	}
	return r.rate
}

// volume is what a quantity gives: of the most specific rules that fit, those for the product before those for its family, the one with the largest quantity.
func (p *Policy) volume(l *line) row[contract.PriceVolumeDiscount] {
	return mostSpecific(p.volumes, func(d *contract.PriceVolumeDiscount) int64 {
		if d.MinQuantity > l.Quantity || d.SKU != "" && d.SKU != l.SKU {
			return 0
		}
		fits := specific(d.Family, l.Family)
		switch {
		case fits == 0:
			return 0
		case d.SKU != "":
			fits += 2
		}
		return fits<<32 + int64(d.MinQuantity)
	})
}

// term is what the length of a contract gives: the rule with the longest that it reaches.
func (p *Policy) term(months int) row[contract.PriceTermDiscount] {
	return mostSpecific(p.terms, func(d *contract.PriceTermDiscount) int64 {
		if d.TermMonths > months {
			return 0
		}
		return int64(d.TermMonths)
	})
}

// mostSpecific is the rule that fits best, the first among equals. How well one fits is above 0.
func mostSpecific[T any](rows []row[T], fit func(*T) int64) (best row[T]) {
	most := int64(0)
	for i := range rows {
		if n := fit(&rows[i].rule); n > most {
			most, best = n, rows[i]
		}
	}
	return best
}

// specific says how well a rule for a family, or "" for all, fits a family.
func specific(rule, family string) int64 {
	switch {
	case rule == "":
		return 1
	case strings.EqualFold(rule, family):
		return 2
	}
	return 0
}

// same finds a family.
func same(family string) func(string) bool {
	return func(other string) bool { return strings.EqualFold(other, family) }
}

// bestPromotion is the promotion that gives a line most, the first among equals, or nil.
func (p *pricer) bestPromotion(l *line) *promotion {
	var best *promotion
	for i := range p.Policy.promotions {
		promo := &p.Policy.promotions[i]
		if (best == nil || promo.rate.points > best.rate.points) && p.fits(promo, l) {
			best = promo
		}
	}
	return best
}

func (p *pricer) fits(promo *promotion, l *line) bool {
	switch {
	case !promo.Automatic && !slices.ContainsFunc(p.Codes, same(promo.Code)),
		p.Today.Before(promo.ValidFromOn),
		!promo.ValidToOn.IsZero() && p.Today.After(promo.ValidToOn),
		len(promo.Families) > 0 && !slices.ContainsFunc(promo.Families, same(l.Family)),
		len(promo.SKUs) > 0 && !slices.Contains(promo.SKUs, l.SKU):
		return false
	}
	return promo.when.holds(p, l)
}

// noteCodes says which of the codes gave nothing. A promotion that has not begun is unknown: nobody shall find it by guessing.
func (p *pricer) noteCodes() {
	for _, code := range p.Codes {
		known := slices.ContainsFunc(p.Policy.promotions, func(promo promotion) bool { return promo.code == fold(code) && !p.Today.Before(promo.ValidFromOn) })
		switch {
		case p.given[fold(code)]:
		case known:
			p.note(nil, contract.NoteCodePromotionNotApplicable, code, "The promotion "+strconv.Quote(code)+" gives nothing here.")
		default:
			p.note(nil, contract.NoteCodePromotionUnknown, code, "There is no promotion "+strconv.Quote(code)+".")
		}
	}
}

func fold(code string) string { return strings.ToLower(code) }
