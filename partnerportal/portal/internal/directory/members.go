package directory

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
)

// Member is a membership as it is stored. What depends on the moment is empty here: its progress, and what the caller may do.
type Member struct {
	program.Membership

	// Reports are what other systems measured, by requirement.
	Reports map[string]Report `json:"reports,omitempty"`
}

// Report is what another system said of a requirement last.
type Report struct {
	Current int                       `json:"current"`
	Source  partnerportal.SourceStamp `json:"source"`
}

// Stands says that the membership gives what it promises: it is active, or in its grace.
func (m *Member) Stands() bool {
	return m.Status == program.MembershipStatusActive || m.Status == program.MembershipStatusGrace
}

// LoadMember returns a membership, or not_found.
func LoadMember(ctx context.Context, tx *store.Tx, id string) (*Member, error) {
	doc, err := tx.Membership(ctx, id)
	if err != nil {
		return nil, call.OrNotFound(err, "membership")
	}
	return DecodeMember(doc)
}

// DecodeMember reads a stored membership.
func DecodeMember(doc string) (*Member, error) {
	m := new(Member)
	if err := json.Unmarshal([]byte(doc), m); err != nil {
		return nil, fmt.Errorf("a membership: %w", err)
	}
	return m, nil
}

// MembersOf returns a partner's memberships that are not over, the oldest first.
func MembersOf(ctx context.Context, tx *store.Tx, partnerID string) ([]*Member, error) {
	docs, err := tx.MembershipsOfPartner(ctx, partnerID)
	if err != nil {
		return nil, err
	}
	members := make([]*Member, len(docs))
	for i, doc := range docs {
		if members[i], err = DecodeMember(doc); err != nil {
			return nil, err
		}
	}
	return members, nil
}

// InsertMember stores a new membership.
func InsertMember(ctx context.Context, tx *store.Tx, m *Member) error {
	doc, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return tx.InsertMembership(ctx, store.InsertMembershipParams{
		ID: m.ID, Bucket: store.Bucket(m.ID), PartnerID: m.PartnerID, ProgramID: m.ProgramID, TierID: m.TierID, Status: string(m.Status),
		Revision: m.Revision, CreatedAt: store.Micros(m.CreatedAt), UpdatedAt: store.Micros(m.UpdatedAt), Doc: string(doc),
	})
}

// UpdateMember stores a membership as the revision after the one that was read.
func UpdateMember(ctx context.Context, tx *store.Tx, m *Member) error {
	read := m.Revision
	m.Revision++
	doc, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return store.Changed(tx.UpdateMembership(ctx, store.UpdateMembershipParams{
		ID: m.ID, Revision: read, TierID: m.TierID, Status: string(m.Status), UpdatedAt: store.Micros(m.UpdatedAt), Doc: string(doc),
	}))
}
