package program

import (
	"context"
	"slices"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/partnerportal/program"
)

// noteHolding keeps who holds what, and draws the conclusions for each of the partner's memberships, in the transaction in which a
// credential was issued, renewed or taken away.
func noteHolding(ctx context.Context, e feed.Event) error {
	h, err := feed.Payload[feed.Holding](e)
	if err != nil {
		return err
	}
	c := call.From(ctx)
	if err := c.Tx.Lock(ctx, "results "+h.PartnerID); err != nil { // two at once must not both be the one that was missing
		return err
	}
	members, err := directory.MembersOf(ctx, c.Tx, h.PartnerID)
	if err != nil {
		return err
	}
	change := func() error { return keepHolding(ctx, c.Tx, h) }
	for _, m := range members {
		rules, err := directory.Load(ctx, c.Tx, m.ProgramID)
		if err != nil {
			return err
		}
		within := change
		change = func() error { return reassess(ctx, c, rules, m, within) }
	}
	return change()
}

func keepHolding(ctx context.Context, tx *store.Tx, h feed.Holding) error {
	if !h.Held {
		return tx.DropHolding(ctx, store.DropHoldingParams{PartnerID: h.PartnerID, DefinitionID: h.DefinitionID, HolderID: h.HolderID})
	}
	return tx.KeepHolding(ctx, store.KeepHoldingParams{
		PartnerID: h.PartnerID, DefinitionID: h.DefinitionID, HolderID: h.HolderID, ValidUntil: store.Micros(h.ValidUntil),
	})
}

// watchAll looks at all members anew when their programme asks for credentials: what it asks for may have changed, and how far it looks ahead.
func watchAll(ctx context.Context, c *call.Call, before, rules *contract.Program) error {
	if !slices.ContainsFunc(rules.Tiers, func(t contract.Tier) bool { return slices.ContainsFunc(t.Requirements, directory.CountsCredentials) }) {
		return nil
	}
	docs, err := c.Tx.MembersOfProgram(ctx, rules.ID)
	if err != nil {
		return err
	}
	for _, doc := range docs {
		m, err := directory.DecodeMember(doc)
		if err != nil {
			return err
		}
		standing, err := directory.StandingOf(ctx, c.Tx, before, m, c.Now)
		if err != nil {
			return err
		}
		if err := warn(ctx, c, rules, m, standing.Endangered(before, c.Now)); err != nil {
			return err
		}
		if err := watch(ctx, c, rules, m); err != nil {
			return err
		}
	}
	return nil
}
