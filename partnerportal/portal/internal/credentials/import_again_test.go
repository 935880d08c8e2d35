package credentials_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
	"github.com/partnerportal/partnerportal-go/training"
	"github.com/partnerportal/partnerportal-go/training/credentials"
	"github.com/partnerportal/partnerportal-go/training/credentials/badge"
)

// TestABadgeIsTakenAlong: what was brought in for somebody who has left counts for the next partner, and only there.
func TestABadgeIsTakenAlong(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx, other := t.Context(), newAcademy(t)
		d.defines("networks", accepting())
		got(d.vendor.PutTrustedIssuer(ctx, "academy", other.trust(noon, true)))(t)
		m := d.joins(program.Requirement{ID: "certified", Kind: program.RequirementKindCertifiedPeople, Threshold: 1, CredentialDefinitionIDs: []string{"networks"}})
		ada, next := d.learns(d.Acme, "Ada"), d.learns(d.Globex, "Ada")
		text := other.issues("1", ada.Email, nil)
		k := got(d.acme.Import(ctx, credentials.ImportRequest{LearnerID: ada.ID, Badge: text}))(t)
		got(training.New(d.Acme).Offboard(ctx, ada.ID))(t)
		fresh := got(d.globex.Import(ctx, credentials.ImportRequest{LearnerID: next.ID, Badge: text}))(t)
		assert.Equal(t, []any{credentials.StatusIssued, k.ID}, []any{fresh.Status, fresh.Supersedes})
		assert.Equal(t, []any{credentials.StatusSuperseded, fresh.ID}, []any{d.reads(k.ID).Status, d.reads(k.ID).SupersededBy})
		got(training.New(d.Acme).Return(ctx, ada.ID))(t)
		assert.Zero(t, d.member(m.ID).Progress[0].Current)
		_, err := d.acme.Import(ctx, credentials.ImportRequest{LearnerID: ada.ID, Badge: text})
		require.ErrorIs(t, err, credentials.ErrDuplicate)

		got(d.vendor.Revoke(ctx, fresh.ID, credentials.Revocation{Code: credentials.RevocationCodeMisconduct}))(t)
		got(training.New(d.Globex).Offboard(ctx, next.ID))(t)
		_, err = d.acme.Import(ctx, credentials.ImportRequest{LearnerID: ada.ID, Badge: text})
		require.ErrorIs(t, err, credentials.ErrDuplicate, "what the vendor took away is not brought in again by leaving")
	})
}

// TestABadgeThatItsIssuerHasRenewed keeps its id, as ours do. It takes the place of the one before, and nobody loses a day: unless it cannot be
// checked, or ends no later.
func TestABadgeThatItsIssuerHasRenewed(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx, other := t.Context(), newAcademy(t)
		d.defines("networks", accepting())
		trusted := got(d.vendor.PutTrustedIssuer(ctx, "academy", other.trust(noon, true)))(t)
		m := d.joins(program.Requirement{ID: "certified", Kind: program.RequirementKindCertifiedPeople, Threshold: 1, CredentialDefinitionIDs: []string{"networks"}})
		ada := d.learns(d.Acme, "Ada")
		brings := func(years int) (*credentials.Credential, error) {
			return d.acme.Import(ctx, credentials.ImportRequest{LearnerID: ada.ID, Badge: other.issues("1", ada.Email, func(c *badge.Credential) {
				c.ValidFrom, c.ValidUntil = d.Now(), noon.AddDate(years, 0, 0)
			})})
		}
		first := got(brings(1))(t)
		_, err := brings(1)
		require.ErrorIs(t, err, credentials.ErrDuplicate)
		second := got(brings(2))(t)
		assert.Equal(t, []any{credentials.StatusIssued, noon.AddDate(2, 0, 0), first.ID}, []any{second.Status, second.ValidUntil, second.Supersedes})
		assert.Equal(t, []any{credentials.StatusSuperseded, second.ID}, []any{d.reads(first.ID).Status, d.reads(first.ID).SupersededBy})
		_, err = brings(1)
		require.ErrorIs(t, err, credentials.ErrDuplicate, "an older one takes nobody's place")

		trusted = got(d.vendor.PutTrustedIssuer(ctx, "academy", other.trust(d.Now(), false), partnerportal.IfMatch(trusted)))(t)
		_, err = brings(3)
		require.ErrorIs(t, err, credentials.ErrDuplicate, "nor does one of which nobody knows whether it was revoked")
		assert.Equal(t, []any{1, partnerportal.DateOf(second.ValidUntil)}, []any{d.member(m.ID).Progress[0].Current, d.member(m.ID).Progress[0].LapsesOn})

		d.Advance(second.ValidUntil.Sub(d.Now()))
		assert.Equal(t, credentials.StatusExpired, d.reads(second.ID).Status)
		got(d.vendor.PutTrustedIssuer(ctx, "academy", other.trust(d.Now(), true), partnerportal.IfMatch(trusted)))(t)
		third := got(brings(4))(t)
		assert.Equal(t, []any{credentials.StatusIssued, 1}, []any{third.Status, d.member(m.ID).Progress[0].Current}, "late, too")
		got(d.vendor.Revoke(ctx, third.ID, credentials.Revocation{Code: credentials.RevocationCodeMisconduct}))(t)
		_, err = brings(5)
		require.ErrorIs(t, err, credentials.ErrDuplicate, "what the vendor took away stays so")
	})
}

// TestADoubtIsNotTheEnd: what its issuer suspends, or what the keys that were brought in do not fit, counts no more, and counts again when that is over.
func TestADoubtIsNotTheEnd(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx, other, mistaken := t.Context(), newAcademy(t), newAcademy(t)
		other.key.ID, mistaken.key.ID = "key-1", "key-1"
		d.defines("networks", accepting())
		trusts := func(a *academy) {
			t.Helper()
			trusted := a.trust(noon, false)
			list, err := badge.SignStatusList(badge.StatusList{ID: academyList, Issuer: academyID, Purpose: badge.Suspension, ValidFrom: noon, Bits: a.bits}, a.key)
			require.NoError(t, err)
			trusted.StatusLists = []credentials.StatusSnapshot{{URL: academyList, Badge: list}}
			got(d.vendor.PutTrustedIssuer(ctx, "academy", trusted))(t)
		}
		trusts(other)
		m := d.joins(program.Requirement{ID: "certified", Kind: program.RequirementKindCertifiedPeople, Threshold: 1, CredentialDefinitionIDs: []string{"networks"}})
		ada := d.learns(d.Acme, "Ada")
		k := got(d.acme.Import(ctx, credentials.ImportRequest{LearnerID: ada.ID, Badge: other.issues("1", ada.Email, func(c *badge.Credential) {
			c.CredentialStatus = badge.Statuses{badge.Status(academyList, 7, badge.Suspension)}
		})}))(t)
		stands := func(status credentials.Status, counted int) {
			t.Helper()
			assert.Equal(t, []any{status, counted}, []any{d.reads(k.ID).Status, d.member(m.ID).Progress[0].Current})
		}
		stands(credentials.StatusIssued, 1)
		require.NoError(t, other.bits.Set(7, true))
		trusts(other)
		stands(credentials.StatusPending, 0)
		assert.False(t, got(d.acme.Verify(ctx, k.ID))(t).OK)
		require.NoError(t, other.bits.Set(7, false))
		trusts(other)
		stands(credentials.StatusIssued, 1)
		trusts(mistaken)
		stands(credentials.StatusPending, 0)
		trusts(other)
		stands(credentials.StatusIssued, 1)
		assert.Equal(t, []string{"credential.imported", "credential.imported", "credential.issued", "credential.imported", "credential.issued"}, d.happened(k.ID))
	})
}
