// Package directory keeps the vendor's programmes, partners and memberships in the store: every room reads them, the programme room
// and the administration in Go write them, by the same rules.
package directory

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
)

// Load returns a programme; "" is the default one.
func Load(ctx context.Context, tx *store.Tx, id string) (*policy.Program, error) {
	if id == "" {
		id = policy.DefaultID
	}
	doc, err := tx.Program(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, problem.Invalid("/program_id", "invalid_value", "There is no such programme. Name one of the vendor's, or leave it out.")
	}
	if err != nil {
		return nil, err
	}
	return DecodeProgram(doc)
}

// DecodeProgram reads a stored programme.
func DecodeProgram(doc string) (*policy.Program, error) {
	p := new(policy.Program)
	if err := json.Unmarshal([]byte(doc), p); err != nil {
		return nil, fmt.Errorf("a programme: %w", err)
	}
	if p.Membership.TermMonths == 0 { // it was stored before there were memberships
		p.Membership = policy.Default().Membership
	}
	return p, nil
}

// LoadPartner returns a partner, or [store.ErrNotFound].
func LoadPartner(ctx context.Context, tx *store.Tx, id string) (*policy.Partner, error) {
	doc, err := tx.Partner(ctx, id)
	if err != nil {
		return nil, err
	}
	p := new(policy.Partner)
	if err := json.Unmarshal([]byte(doc), p); err != nil {
		return nil, fmt.Errorf("partner %s: %w", id, err)
	}
	return p, nil
}

// Partners returns all partners, the oldest first.
func Partners(ctx context.Context, tx *store.Tx) ([]policy.Partner, error) {
	docs, err := tx.Partners(ctx)
	if err != nil {
		return nil, err
	}
	partners := make([]policy.Partner, len(docs))
	for i, doc := range docs {
		if err := json.Unmarshal([]byte(doc), &partners[i]); err != nil {
			return nil, fmt.Errorf("partners: %w", err)
		}
	}
	return partners, nil
}

// Put stores a programme that was checked, as its next revision.
func Put(ctx context.Context, tx *store.Tx, p *policy.Program, now time.Time) error {
	p.Revision, p.CreatedAt, p.UpdatedAt = 1, now, now
	switch before, err := Load(ctx, tx, p.ID); {
	case err == nil:
		if err := keepsTiers(ctx, tx, before, p); err != nil {
			return err
		}
		p.Revision, p.CreatedAt = before.Revision+1, before.CreatedAt
	case !errors.Is(err, partnerportal.ErrValidation): // that there is none
		return err
	}
	doc, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return tx.PutProgram(ctx, store.PutProgramParams{
		ID: p.ID, Status: string(p.Status), Bucket: store.Bucket(p.ID), CreatedAt: store.Micros(p.CreatedAt), Doc: string(doc),
	})
}

// keepsTiers refuses to take a tier away from its members, and tells those whose tier changed.
func keepsTiers(ctx context.Context, tx *store.Tx, before, after *policy.Program) error {
	for i, was := range before.Tiers {
		is := TierOf(after, was.ID)
		if is != nil && is.Rank == was.Rank && is.Productive == was.Productive {
			continue
		}
		members, err := tx.MembersOfTier(ctx, store.MembersOfTierParams{ProgramID: before.ID, TierID: was.ID})
		if err != nil || len(members) == 0 {
			return err
		}
		if is == nil {
			e := problem.New(http.StatusConflict, program.ErrTierInUse, fmt.Sprintf("%d partners are in the tier %q. Move them to another tier first.", len(members), was.ID))
			e.Fields = []partnerportal.FieldError{problem.Field(fmt.Sprintf("/tiers/%d", i), "not_permitted", "Keep the tier.")}
			return e
		}
		for _, id := range members {
			if err := retier(ctx, tx, id, after.ID, is); err != nil {
				return err
			}
		}
	}
	return nil
}

// retier shows a member of a tier what the tier has become.
func retier(ctx context.Context, tx *store.Tx, partnerID, programID string, tier *policy.Tier) error {
	if err := tx.Lock(ctx, "partner "+partnerID); err != nil {
		return err
	}
	partner, err := LoadPartner(ctx, tx, partnerID)
	if err != nil || partner.ProgramID != programID {
		return err
	}
	SetTier(partner, tier)
	return writePartner(ctx, tx, partner)
}

// TierOf is a programme's tier with an id, or nil.
func TierOf(p *policy.Program, id string) *policy.Tier {
	i := slices.IndexFunc(p.Tiers, func(t policy.Tier) bool { return t.ID == id })
	if i < 0 {
		return nil
	}
	return &p.Tiers[i]
}

// LowestTier is where members start, or nil in a programme without tiers.
func LowestTier(p *policy.Program) *policy.Tier {
	var lowest *policy.Tier
	for i := range p.Tiers {
		if lowest == nil || p.Tiers[i].Rank < lowest.Rank {
			lowest = &p.Tiers[i]
		}
	}
	return lowest
}

// SetTier notes a partner's tier, nil for none, where every room sees it.
func SetTier(p *policy.Partner, t *policy.Tier) {
	p.Tier, p.TierRank, p.Productive = "", 0, false
	if t != nil {
		p.Tier, p.TierRank, p.Productive = t.ID, t.Rank, t.Productive
	}
}
