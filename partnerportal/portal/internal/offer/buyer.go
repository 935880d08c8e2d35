package offer

import (
	"context"
	"slices"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
)

// Buyer is a partner with all that decides on what it may sell, and at which prices.
type Buyer struct {
	PartnerID string
	Country   string            // where it works
	ProgramID string            // under which it works in the first place
	Tiers     map[string]string // its tier in each programme that it is a member of, "" for none
	Ranks     map[string]int    // the ranks of these tiers
	Holders   map[string]int    // how many of its people hold a credential, by definition
}

// BuyerOf returns a partner as a buyer, or [store.ErrNotFound].
func BuyerOf(ctx context.Context, tx *store.Tx, partnerID string, now time.Time) (*Buyer, error) {
	partner, err := directory.LoadPartner(ctx, tx, partnerID)
	if err != nil {
		return nil, err
	}
	b := memberAtHome(partner)
	b.Ranks = map[string]int{partner.ProgramID: partner.TierRank}
	if err := b.join(ctx, tx); err != nil {
		return nil, err
	}
	for programID, tierID := range b.Tiers {
		if programID == partner.ProgramID || tierID == "" {
			continue
		}
		p, err := directory.Load(ctx, tx, programID)
		if err != nil {
			return nil, err
		}
		if tier := directory.TierOf(p, tierID); tier != nil {
			b.Ranks[programID] = tier.Rank
		}
	}
	b.Holders, err = directory.Holders(ctx, tx, partner.ID, now)
	return b, err
}

// memberAtHome is a partner as a member of the programme under which it works alone.
func memberAtHome(p *policy.Partner) *Buyer {
	return &Buyer{PartnerID: p.ID, Country: p.Country, ProgramID: p.ProgramID, Tiers: map[string]string{p.ProgramID: p.Tier}}
}

// join adds the programmes in which the partner has a membership that stands. The tier of its own programme stands in the partner.
func (b *Buyer) join(ctx context.Context, tx *store.Tx) error {
	members, err := directory.MembersOf(ctx, tx, b.PartnerID)
	if err != nil {
		return err
	}
	for _, m := range members {
		if m.Stands() {
			b.Tiers[m.ProgramID] = m.TierID
		}
	}
	return nil
}

// Concerned are the partners for whom one of the price lists is, whatever the day and their states.
func Concerned(ctx context.Context, tx *store.Tx, lists ...*catalog.PriceList) ([]string, error) {
	partners, err := directory.Partners(ctx, tx)
	if err != nil {
		return nil, err
	}
	var found []string
	for i := range partners {
		b := memberAtHome(&partners[i])
		if slices.ContainsFunc(lists, b.askedFor) {
			if err := b.join(ctx, tx); err != nil {
				return nil, err
			}
		}
		if slices.ContainsFunc(lists, b.Concerns) {
			found = append(found, b.PartnerID)
		}
	}
	return found, nil
}

// Missing is what the partner lacks to sell a product; nothing when it may sell it.
func (b *Buyer) Missing(p *catalog.Product) []catalog.Missing {
	var missing []catalog.Missing
	for _, id := range p.Authorisation.CredentialDefinitionIDs {
		if b.Holders[id] == 0 {
			missing = append(missing, catalog.Missing{Kind: catalog.MissingKindCredential, CredentialDefinitionID: id})
		}
	}
	programID, least := TierNeeded(p)
	if rank := b.Ranks[programID]; rank < least {
		missing = append(missing, catalog.Missing{Kind: catalog.MissingKindTier, ProgramID: programID, TierRankMin: least, TierRank: rank})
	}
	return missing
}

// TierNeeded is the programme whose tiers count for a product, and the lowest rank that may sell it, 0 for any.
func TierNeeded(p *catalog.Product) (programID string, least int) {
	if p.Authorisation.TierRankMin == 0 {
		return "", 0
	}
	if p.Authorisation.ProgramID == "" {
		return policy.DefaultID, p.Authorisation.TierRankMin
	}
	return p.Authorisation.ProgramID, p.Authorisation.TierRankMin
}
