package pricing

import (
	"fmt"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	contract "github.com/partnerportal/partnerportal-go/quotes"
)

// Compile checks a price policy and reads its percentages and conditions. What is wrong it refuses with validation_failed, each fault with its place.
func Compile(in *contract.PricePolicyInput) (*Policy, error) {
	p, f := new(Policy), new(problem.Fields)
	problem.OneOf(f, "/stacking", in.Stacking, "", contract.StackingSequential, contract.StackingAdditive)
	p.additive = in.Stacking == contract.StackingAdditive
	p.limit = readRate(f, "/max_discount_percent", in.MaxDiscountPercent)

	p.tiers = rows(f, "/tier_discounts", in.TierDiscounts, func(d contract.PriceTierDiscount) (string, any) {
		return d.Percent, [2]string{d.TierID, fold(d.Family)}
	})
	p.volumes = rows(f, "/volume_discounts", in.VolumeDiscounts, func(d contract.PriceVolumeDiscount) (string, any) {
		return d.Percent, [3]any{d.SKU, fold(d.Family), d.MinQuantity}
	})
	for i := range p.volumes {
		p.volumes[i].note = fmt.Sprintf("from %d", p.volumes[i].rule.MinQuantity)
	}
	p.terms = rows(f, "/term_discounts", in.TermDiscounts, func(d contract.PriceTermDiscount) (string, any) { return d.Percent, d.TermMonths })
	for i := range p.terms {
		p.terms[i].note = fmt.Sprintf("%d months", p.terms[i].rule.TermMonths)
	}
	p.deals = rows(f, "/deal_registration", in.DealRegistration, func(d contract.PriceDealDiscount) (string, any) { return d.Percent, fold(d.Family) })
	p.freight = rows(f, "/freight", in.Freight, func(d contract.PriceFreight) (string, any) {
		return d.Percent, [2]string{d.Country, d.Flat.Currency()}
	})
	p.taxes = rows(f, "/taxes", in.Taxes, func(d contract.PriceTax) (string, any) {
		return d.Percent, [3]string{d.Country, fold(regionOf(d.Country, d.Region)), d.Name}
	})
	p.promotions = promotions(f, in.Promotions)
	checkFreight(f, in.Freight)
	p.partner = authority(f, in.Manual)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return p, nil
}

// rows reads the percentages of rules, and refuses two for the same.
func rows[T any](f *problem.Fields, pointer string, rules []T, of func(T) (percent string, key any)) []row[T] {
	read, first := make([]row[T], len(rules)), make(map[any]int, len(rules))
	for i, rule := range rules {
		at := fmt.Sprintf("%s/%d", pointer, i)
		percent, key := of(rule)
		read[i] = row[T]{rule: rule, rate: readRate(f, at+"/percent", percent)}
		if same, twice := first[key]; twice {
			f.Add(at, "duplicate_key", fmt.Sprintf("The rule %s/%d is for the same. Keep one of them.", pointer, same))
			continue
		}
		first[key] = i
	}
	return read
}

func readRate(f *problem.Fields, pointer, percent string) rate {
	r, err := newRate(percent)
	if err != nil {
		f.Add(pointer, "invalid_format", percentRule)
	}
	return r
}

func promotions(f *problem.Fields, given []contract.PricePromotion) []promotion {
	read, codes, steps := make([]promotion, len(given)), map[string]bool{}, uint64(0)
	for i, promo := range given {
		at := fmt.Sprintf("/promotions/%d", i)
		read[i] = promotion{PricePromotion: promo, code: fold(promo.Code), rate: readRate(f, at+"/percent", promo.Percent)}
		if codes[read[i].code] {
			f.Add(at+"/code", "duplicate_key", "Another promotion has this code.")
		}
		codes[read[i].code] = true
		if !promo.ValidFromOn.IsZero() && !promo.ValidToOn.IsZero() && promo.ValidToOn.Before(promo.ValidFromOn) {
			f.Add(at+"/valid_to_on", "out_of_range", "Give a day that is not before the first.")
		}
		var err error
		if read[i].when, err = conditionOf(promo.When); err != nil {
			f.Add(at+"/when", "invalid_expression", err.Error())
		}
		if steps += read[i].when.cost; steps > costMost {
			f.Add(at+"/when", "too_expensive", "With this one, the conditions of all promotions take too long together. Write simpler ones, or fewer.")
			steps = 0
		}
	}
	return read
}

func checkFreight(f *problem.Fields, rules []contract.PriceFreight) {
	for i, rule := range rules {
		at := fmt.Sprintf("/freight/%d", i)
		payable, err := rule.Flat.Round()
		switch {
		case (rule.Percent == "") == rule.Flat.IsZero():
			f.Add(at, "invalid_value", "Give a percentage or an amount.")
		case rule.Flat.Sign() < 0:
			f.Add(at+"/flat/amount", "out_of_range", "Give an amount that is not below zero.")
		case err != nil || payable != rule.Flat:
			f.Add(at+"/flat/amount", "invalid_format", "Give no fractions of the smallest unit of "+rule.Flat.Currency()+".")
		}
	}
}

// authority reads what the partner decides, and wants thresholds that rise: whoever decides beyond one, decides more.
func authority(f *problem.Fields, a contract.PriceAuthority) rate {
	partner := readRate(f, "/manual/partner_percent", a.PartnerPercent)
	before := partner
	for i, t := range a.Thresholds {
		at := fmt.Sprintf("/manual/thresholds/%d/percent", i)
		next := readRate(f, at, t.Percent)
		if next.points <= before.points {
			f.Add(at, "out_of_range", "Give more than what is decided below.")
		}
		before = next
	}
	return partner
}
