package credentials_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/account"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
	"github.com/partnerportal/partnerportal-go/training/credentials"
	"github.com/partnerportal/partnerportal-go/training/credentials/badge"
)

// TestALife turns the clock through the life of a credential: issue, renewal window, notices, renewal in time, expiry, late renewal,
// and revocation. At each stop a third party finds what the portal says.
func TestALife(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		d.opens()
		d.defines("gtx", engineer())
		k := d.certifies("gtx", "Ada")
		end := k.ValidUntil

		_, err := d.vendor.Renew(ctx, k.ID, credentials.Renewal{})
		require.ErrorIs(t, err, credentials.ErrRenewalNotOpen)
		assert.Equal(t, k.RenewalOpensAt, credentials.OpensAt(err))
		assert.NotContains(t, d.reads(k.ID).AllowedActions, credentials.ActionRequestRenewal)

		d.Advance(k.RenewalOpensAt.Sub(d.Now()))
		k = d.reads(k.ID)
		assert.Equal(t, credentials.StatusRenewalOpen, k.Status)
		assert.Equal(t, []credentials.Action{credentials.ActionRequestRenewal}, k.AllowedActions)
		k = got(d.acme.RequestRenewal(ctx, k.ID, partnerportal.IfMatch(k)))(t)
		assert.Equal(t, d.Now(), k.RenewalRequestedAt)
		assert.Equal(t, k, got(d.acme.RequestRenewal(ctx, k.ID))(t), "asking again changes nothing")

		d.Advance(85 * day) // past the notices of 30 and 7 days
		k = got(d.vendor.Renew(ctx, k.ID, credentials.Renewal{Score: "91"}))(t)
		assert.Equal(t, end.AddDate(2, 0, 0), k.ValidUntil, "who is early loses nothing")
		assert.Equal(t, []any{credentials.StatusIssued, 1, "91", d.Now(), noon}, []any{k.Status, k.Renewals, k.Score, k.ValidFrom, k.AwardedAt})
		v := d.judges(k.ID)
		require.NoError(t, v.Err())
		assert.Equal(t, k.ValidUntil, v.Credential.ValidUntil)

		end = k.ValidUntil
		d.Advance(end.Sub(d.Now()))
		assert.Equal(t, credentials.StatusExpired, d.reads(k.ID).Status)
		assert.Equal(t, badge.ReasonExpired, d.judges(k.ID).Validity.Reason)
		d.Advance(30*day - time.Second)
		k = got(d.vendor.Renew(ctx, k.ID, credentials.Renewal{}))(t)
		assert.Equal(t, []any{credentials.StatusIssued, d.Now(), d.Now().AddDate(2, 0, 0)}, []any{k.Status, k.ValidFrom, k.ValidUntil}, "late, from now on")
		require.NoError(t, d.judges(k.ID).Err())

		short := engineer()
		short.ValidityMonths, short.Renewal.WindowDays = 6, 60
		d.defines("short", short)
		gone := d.certifies("short", "Grace")
		d.Advance(gone.RenewalClosesAt.Sub(d.Now()))
		_, err = d.vendor.Renew(ctx, gone.ID, credentials.Renewal{})
		require.ErrorIs(t, err, credentials.ErrRenewalClosed)
		_, err = d.acme.RequestRenewal(ctx, gone.ID)
		require.ErrorIs(t, err, credentials.ErrRenewalClosed)

		k = got(d.vendor.Revoke(ctx, k.ID, credentials.Revocation{Code: credentials.RevocationCodeMisconduct, Reason: "Sold the exam."}))(t)
		assert.Equal(t, []any{credentials.StatusRevoked, credentials.RevocationCodeMisconduct, d.Now()}, []any{k.Status, k.Revocation.Code, k.Revocation.At})
		assert.Equal(t, badge.ReasonRevoked, d.judges(k.ID).Status.Reason)
		assert.Empty(t, d.reads(k.ID).AllowedActions)
		for _, err := range []error{last(d.vendor.Renew(ctx, k.ID, credentials.Renewal{})), last(d.vendor.Supersede(ctx, k.ID, credentials.Replacement{})), last(d.acme.RequestRenewal(ctx, k.ID))} {
			require.ErrorIs(t, err, partnerportal.ErrInvalidState)
		}
		assert.Equal(t, []string{
			"credential.issued", "credential.renewal_open", "credential.renewal_requested", "credential.expiring", "credential.expiring", "credential.renewed",
			"credential.renewal_open", "credential.expiring", "credential.expiring", "credential.expired", "credential.renewed",
			"credential.revoked",
		}, d.happened(k.ID))
	})
}

// TestDeadlinesThatAreLate: what has ended is over, also before anybody has acted on the deadline; acting on it later changes nothing more.
func TestDeadlinesThatAreLate(t *testing.T) {
	t.Parallel()
	var late atomic.Int64
	d := newDesk(t, "sqlite::memory:", portal.WithClock(func() time.Time { return noon.Add(time.Duration(late.Load())) }))
	ctx := t.Context()
	d.opens()
	d.defines("gtx", engineer())
	k := d.certifies("gtx", "Ada")
	late.Store(int64(k.ValidUntil.Sub(noon)))
	assert.Equal(t, credentials.StatusExpired, d.reads(k.ID).Status)
	assert.Equal(t, []string{"credential.issued"}, d.happened(k.ID))
	_, page := d.fetches("/verify/" + k.ID)
	assert.Contains(t, page, "ended on")
	_, err := d.vendor.Supersede(ctx, k.ID, credentials.Replacement{})
	require.ErrorIs(t, err, partnerportal.ErrInvalidState)
	k = got(d.vendor.Renew(ctx, k.ID, credentials.Renewal{}))(t)
	assert.Equal(t, []string{"credential.issued", "credential.expired", "credential.renewed"}, d.happened(k.ID))
	_, err = d.Tick(ctx)
	require.NoError(t, err)
	assert.Equal(t, k.ValidUntil, d.reads(k.ID).ValidUntil)
	assert.Len(t, d.happened(k.ID), 3)
}

func TestRenewedByItself(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		d.opens()
		def := engineer()
		def.Renewal.Method = credentials.RenewalMethodAutomatic
		d.defines("auto", def)
		k := d.certifies("auto", "Ada")
		d.Advance(k.RenewalOpensAt.Sub(d.Now()))
		k = d.reads(k.ID)
		assert.Equal(t, []any{credentials.StatusIssued, 1, noon.AddDate(4, 0, 0)}, []any{k.Status, k.Renewals, k.ValidUntil}, "by itself, when the window opens")
		assert.Equal(t, []string{"credential.issued", "credential.renewal_open", "credential.renewed"}, d.happened(k.ID))

		def.Status = credentials.DefinitionStatusRetired
		d.defines("auto", def)
		d.Advance(k.RenewalOpensAt.Sub(d.Now()))
		assert.Equal(t, credentials.StatusRenewalOpen, d.reads(k.ID).Status, "but not of a definition that is retired")
		_, err := d.vendor.Renew(t.Context(), k.ID, credentials.Renewal{})
		require.ErrorIs(t, err, credentials.ErrDefinitionRetired)
	})
}

func TestWhatLastsForEver(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		d.opens()
		def := engineer()
		def.ValidityMonths, def.Renewal = 0, credentials.RenewalRules{}
		d.defines("for-ever", def)
		k := d.certifies("for-ever", "Ada")
		d.Advance(3000 * day)
		assert.Equal(t, credentials.StatusIssued, d.reads(k.ID).Status)
		require.NoError(t, d.judges(k.ID).Err())
		_, err := d.vendor.Renew(t.Context(), k.ID, credentials.Renewal{})
		require.ErrorIs(t, err, credentials.ErrNotRenewable)
	})
}

// TestATierIsLost turns the clock until a tier is lost: at risk before it hurts, expired, the end of the term, grace, and down.
func TestATierIsLost(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		d.opens()
		def := engineer()
		def.ValidityMonths, def.Renewal.WindowDays = 6, 60
		d.defines("gtx", def)
		m := d.joins(program.Requirement{
			ID: "certified", Kind: program.RequirementKindCertifiedPeople, Name: "Engineers", Threshold: 2, CredentialDefinitionIDs: []string{"gtx"},
		})
		assert.True(t, d.member(m.ID).AtRisk, "nobody is certified yet")
		d.certifies("gtx", "Ada")
		d.certifies("gtx", "Grace")
		m = d.member(m.ID)
		assert.False(t, m.AtRisk)
		require.Len(t, m.Progress, 1)
		lapse := partnerportal.DateOf(noon.AddDate(0, 6, 0))
		assert.Equal(t, []any{2, true, lapse, 0, lapse}, []any{m.Progress[0].Current, m.Progress[0].Met, m.Progress[0].LapsesOn, m.Progress[0].Left, m.LapsesOn})
		assert.Equal(t, []string{"membership.enrolled", "membership.requirement_met"}, d.happened(m.ID))
		summary := func() *account.Summary { return got(account.New(d.Acme).Summary(ctx, account.SummaryParams{}))(t) }
		assert.Empty(t, summary().Tier.Gap)

		d.Advance(lapse.AddDays(-60).In(time.UTC).Sub(d.Now())) // the programme looks 60 days ahead
		m = d.member(m.ID)
		assert.True(t, m.AtRisk, "before it hurts")
		assert.True(t, m.Progress[0].Met)
		assert.Equal(t, []string{"membership.enrolled", "membership.requirement_met", "membership.at_risk"}, d.happened(m.ID))
		tier := summary().Tier
		require.Len(t, tier.Gap, 1)
		assert.Equal(t, []any{true, "certified", lapse, "0", true}, []any{tier.AtRisk, tier.Gap[0].ID, tier.Gap[0].DeadlineOn, tier.Gap[0].Left, tier.Gap[0].Met})

		d.Advance(lapse.AddDays(-20).In(time.UTC).Sub(d.Now()))
		wanted := map[account.AttentionKind]account.Attention{}
		for _, a := range summary().Attention {
			wanted[a.Kind] = a
		}
		assert.Equal(t, lapse.In(time.UTC), wanted[account.AttentionKindTierAtRisk].DueAt, "the day before it is over")
		ending := wanted[account.AttentionKindCredentialExpiring]
		assert.Equal(t, []any{"request_renewal", "GTX Engineer ends for one of your people"}, []any{ending.Action, ending.Title})

		d.Advance(lapse.AddDays(1).In(time.UTC).Sub(d.Now()))
		m = d.member(m.ID)
		assert.Equal(t, []any{0, false, "gold", program.MembershipStatusActive}, []any{m.Progress[0].Current, m.Progress[0].Met, m.TierID, m.Status}, "lost, but not yet the tier")
		d.Advance(m.EndsOn.AddDays(1).In(time.UTC).Sub(d.Now()))
		m = d.member(m.ID)
		assert.Equal(t, []any{program.MembershipStatusGrace, "gold"}, []any{m.Status, m.TierID})
		d.Advance(m.GraceEndsOn.AddDays(1).In(time.UTC).Sub(d.Now()))
		m = d.member(m.ID)
		assert.Equal(t, []any{program.MembershipStatusActive, "silver"}, []any{m.Status, m.TierID}, "after the grace period")
	})
}

// TestATierIsSaved: the same, but for a late renewal within the grace period, in whose transaction the next term begins.
func TestATierIsSaved(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		d.opens()
		def := engineer()
		def.ValidityMonths, def.Renewal.LateDays = 12, 30
		d.defines("gtx", def)
		m := d.joins(program.Requirement{ID: "spec", Kind: program.RequirementKindCredential, Threshold: 1, CredentialDefinitionIDs: []string{"gtx"}})
		k := d.certifies("gtx", "Ada")
		d.Advance(m.EndsOn.AddDays(1).In(time.UTC).Sub(d.Now()) + time.Hour)
		assert.Equal(t, credentials.StatusRenewalOpen, d.reads(k.ID).Status)
		d.Advance(day)
		assert.Equal(t, credentials.StatusExpired, d.reads(k.ID).Status)
		require.Equal(t, program.MembershipStatusActive, d.member(m.ID).Status, "its term began while there was somebody")
		got(d.vendor.Renew(t.Context(), k.ID, credentials.Renewal{}))(t)
		m = d.member(m.ID)
		assert.Equal(t, []any{false, "gold", 1}, []any{m.AtRisk, m.TierID, m.Progress[0].Current})
	})
}

// TestRevocationPutsATierAtRisk in the same transaction, and tells so.
func TestRevocationPutsATierAtRisk(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		d.opens()
		d.defines("gtx", engineer())
		d.defines("mx", engineer())
		m := d.joins(program.Requirement{ID: "specs", Kind: program.RequirementKindCredential, Threshold: 2, PeopleEach: 2, CredentialDefinitionIDs: []string{"gtx", "mx"}})
		var all []*credentials.Credential
		for _, name := range []string{"Ada", "Grace"} {
			k := d.certifies("gtx", name)
			all = append(all, k, got(d.vendor.Issue(ctx, credentials.NewCredential{DefinitionID: "mx", LearnerID: k.Holder.LearnerID}))(t))
		}
		assert.False(t, d.member(m.ID).AtRisk, "two people for each of the two")
		got(d.vendor.Revoke(ctx, all[0].ID, credentials.Revocation{Code: credentials.RevocationCodeIssuedInError}))(t)
		after := d.member(m.ID)
		assert.Equal(t, []any{true, 1, 1}, []any{after.AtRisk, after.Progress[0].Current, after.Progress[0].Missing})
		got(d.vendor.Issue(ctx, credentials.NewCredential{DefinitionID: "gtx", LearnerID: all[0].Holder.LearnerID}))(t)
		assert.False(t, d.member(m.ID).AtRisk)
		assert.Equal(t, []string{"membership.enrolled", "membership.requirement_met", "membership.at_risk", "membership.requirement_met"}, d.happened(m.ID))
	})
}

// TestLookingFartherAhead: a programme that looks farther ahead has its members told earlier, also those who were members before.
func TestLookingFartherAhead(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		d.opens()
		d.defines("gtx", engineer())
		m := d.joins(program.Requirement{ID: "certified", Kind: program.RequirementKindCertifiedPeople, Threshold: 1, CredentialDefinitionIDs: []string{"gtx"}})
		k := d.certifies("gtx", "Ada")
		office := program.New(d.Vendor)
		p := got(office.Get(ctx, program.DefaultID))(t)
		p.Membership.AtRiskDays = 365
		got(office.Put(ctx, p.ID, *p))(t)
		d.Advance(partnerportal.DateOf(k.ValidUntil).AddDays(-365).In(time.UTC).Sub(d.Now()) - time.Second)
		assert.False(t, d.member(m.ID).AtRisk)
		d.Advance(time.Second)
		assert.True(t, d.member(m.ID).AtRisk)
		assert.Contains(t, d.happened(m.ID), "membership.at_risk")
	})
}

// TestTheOldOneIsTakenAway: what has ended counted no more, so revoking it takes nothing from the one that was issued in its place.
func TestTheOldOneIsTakenAway(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		d.opens()
		d.defines("gtx", engineer())
		m := d.joins(program.Requirement{ID: "certified", Kind: program.RequirementKindCertifiedPeople, Threshold: 1, CredentialDefinitionIDs: []string{"gtx"}})
		old := d.certifies("gtx", "Ada")
		d.Advance(old.ValidUntil.Sub(d.Now()))
		fresh := got(d.vendor.Issue(ctx, credentials.NewCredential{DefinitionID: "gtx", LearnerID: old.Holder.LearnerID}))(t)
		got(d.vendor.Revoke(ctx, old.ID, credentials.Revocation{Code: credentials.RevocationCodeMisconduct}))(t)
		assert.Equal(t, 1, d.member(m.ID).Progress[0].Current)
		got(d.vendor.Revoke(ctx, fresh.ID, credentials.Revocation{Code: credentials.RevocationCodeMisconduct}))(t)
		assert.Zero(t, d.member(m.ID).Progress[0].Current)
	})
}

// TestOneOfAKind: who was certified anew after the end has no use for a late renewal of the old credential, until the new one is gone.
func TestOneOfAKind(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		d.opens()
		course := d.course("one")
		def := engineer()
		def.CourseIDs, def.AutoIssue = []string{course.ID}, true
		d.defines("gtx", def)
		old := d.certifies("gtx", "Ada")
		d.Advance(old.ValidUntil.Sub(d.Now()))
		fresh := got(d.vendor.Issue(ctx, credentials.NewCredential{DefinitionID: "gtx", LearnerID: old.Holder.LearnerID}))(t)
		for _, err := range []error{last(d.vendor.Renew(ctx, old.ID, credentials.Renewal{})), last(d.acme.RequestRenewal(ctx, old.ID))} {
			require.ErrorIs(t, err, credentials.ErrAlreadyHeld)
			assert.Equal(t, fresh.ID, credentials.ExistingID(err))
		}
		got(d.vendor.Revoke(ctx, fresh.ID, credentials.Revocation{Code: credentials.RevocationCodeIssuedInError}))(t)
		got(d.vendor.Renew(ctx, old.ID, credentials.Renewal{}))(t)
		d.completes(old.Holder.LearnerID, course.ID, d.Now())
		assert.Len(t, d.held(old.Holder.LearnerID), 2, "training leads to no other one while the old one stands")
	})
}

// TestARiskIsToldWhenItBegins: whatever puts a tier at risk tells so once, be it that the programme looks farther ahead or that the tier is another.
func TestARiskIsToldWhenItBegins(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx, office := t.Context(), program.New(d.Vendor)
		d.opens()
		def := engineer()
		def.ValidityMonths, def.Renewal.WindowDays = 3, 30
		d.defines("gtx", def)
		m := d.joins(program.Requirement{ID: "certified", Kind: program.RequirementKindCertifiedPeople, Threshold: 1, CredentialDefinitionIDs: []string{"gtx"}})
		d.certifies("gtx", "Ada")
		p := got(office.Get(ctx, program.DefaultID))(t)
		p.Membership.AtRiskDays = 365
		p = got(office.Put(ctx, p.ID, *p))(t)
		assert.True(t, d.member(m.ID).AtRisk)
		told := []string{"membership.enrolled", "membership.requirement_met", "membership.at_risk"}
		assert.Equal(t, told, d.happened(m.ID))
		p.Membership.AtRiskDays = 300
		got(office.Put(ctx, p.ID, *p))(t)
		d.Advance(day)
		assert.Equal(t, told, d.happened(m.ID), "it is at risk as before")

		got(office.ChangeTier(ctx, m.ID, program.TierChange{TierID: "silver", Reason: "For now."}))(t)
		assert.False(t, d.member(m.ID).AtRisk)
		got(office.ChangeTier(ctx, m.ID, program.TierChange{TierID: "gold", Reason: "Again."}))(t)
		assert.True(t, d.member(m.ID).AtRisk)
		assert.Equal(t, append(told, "membership.tier_changed", "membership.tier_changed", "membership.at_risk"), d.happened(m.ID))
	})
}
