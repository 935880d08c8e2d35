package offer

import (
	"cmp"
	"slices"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
)

// Serves says whether a price list is in force for the partner on a day.
func (b *Buyer) Serves(l *catalog.PriceList, on partnerportal.Date) bool {
	return l.Status == catalog.PriceListStatusActive && b.Concerns(l) &&
		!on.Before(l.ValidFromOn) && (l.ValidToOn.IsZero() || !on.After(l.ValidToOn))
}

// Concerns says whether a price list is for the partner, whatever the day and its state. A partner of whom no country is known gets only lists
// for everywhere.
func (b *Buyer) Concerns(l *catalog.PriceList) bool {
	if !b.near(l) {
		return false
	}
	programID, forAll := memberOf(l)
	if forAll {
		return true
	}
	tier, member := b.Tiers[programID]
	return member && (l.TierID == "" || l.TierID == tier)
}

// near says that the partner's country is one of the list's.
func (b *Buyer) near(l *catalog.PriceList) bool {
	return len(l.Regions) == 0 || slices.Contains(l.Regions, b.Country)
}

// askedFor says that the partner's memberships decide on whether a price list is for it.
func (b *Buyer) askedFor(l *catalog.PriceList) bool {
	_, forAll := memberOf(l)
	return !forAll && b.near(l)
}

// memberOf is the programme whose members a price list is for, or that it is for all partners.
func memberOf(l *catalog.PriceList) (programID string, forAll bool) {
	if l.ProgramID == "" && l.TierID == "" {
		return "", true
	}
	return cmp.Or(l.ProgramID, policy.DefaultID), false
}

// Under is the buyer as a member of one programme alone: price lists for members of its other programmes are not for what it buys under this one.
func (b *Buyer) Under(programID string) *Buyer {
	under := *b
	under.Tiers = map[string]string{}
	if tier, member := b.Tiers[programID]; member {
		under.Tiers[programID] = tier
	}
	return &under
}

// Choose returns the one price list that counts for the partner on a day, nil when none does: those for its tier come before those for its programme,
// these before those for all; then those for its country before those for everywhere; then the one that began last; then the id that sorts last. The
// lists are all in one currency.
func (b *Buyer) Choose(lists []catalog.PriceList, on partnerportal.Date) *catalog.PriceList {
	var best *catalog.PriceList
	for i := range lists {
		if l := &lists[i]; b.Serves(l, on) && (best == nil || prefer(l, best) > 0) {
			best = l
		}
	}
	return best
}

// prefer is positive when a counts before b.
func prefer(a, b *catalog.PriceList) int {
	return cmp.Or(
		cmp.Compare(closeness(a), closeness(b)),
		cmp.Compare(min(len(a.Regions), 1), min(len(b.Regions), 1)),
		a.ValidFromOn.Compare(b.ValidFromOn),
		cmp.Compare(a.ID, b.ID),
	)
}

func closeness(l *catalog.PriceList) int {
	switch {
	case l.TierID != "":
		return 2
	case l.ProgramID != "":
		return 1
	}
	return 0
}
