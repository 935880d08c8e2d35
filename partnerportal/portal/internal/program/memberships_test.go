package program_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
)

const day = 24 * time.Hour

// enrol makes a partner a member in a tier, "" for the lowest.
func (d *desk) enrol(partnerID, tierID string) *program.Membership {
	d.t.Helper()
	m, err := d.vendor.Enrol(d.t.Context(), program.Enrolment{PartnerID: partnerID, ProgramID: program.DefaultID, TierID: tierID})
	require.NoError(d.t, err)
	return m
}

func (d *desk) member(id string) *program.Membership {
	d.t.Helper()
	m, err := d.vendor.GetMembership(d.t.Context(), id)
	require.NoError(d.t, err)
	return m
}

func (d *desk) tierOf(partnerID string) []any {
	d.t.Helper()
	p, err := d.vendor.GetPartner(d.t.Context(), partnerID)
	require.NoError(d.t, err)
	return []any{p.Tier, p.TierRank, p.Productive}
}

// missing are what the next tier still asks for, as "requirement how much".
func missing(m *program.Membership) map[string]any {
	found := map[string]any{}
	for _, p := range m.NextTier.Missing {
		found[p.RequirementID] = p.Missing
		if p.Kind == program.RequirementKindRevenue {
			found[p.RequirementID] = p.MissingAmount
		}
	}
	return found
}

func TestProgressSaysWhatIsMissing(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		d.rules(tiers)
		m := d.enrol(d.AcmeID, "")
		assert.Equal(t, "member", m.TierID)
		assert.Equal(t, []any{"member", 1, false}, d.tierOf(d.AcmeID))
		assert.Equal(t, map[string]any{"revenue": usd("100000"), "deals": 2}, missing(m))
		assert.False(t, m.AtRisk)

		d.sells(d.Acme, "initech", "60000")
		m = d.member(m.ID)
		assert.Equal(t, map[string]any{"revenue": usd("40000"), "deals": 1}, missing(m))
		d.sells(d.Acme, "hooli", "40000")
		d.sells(d.Globex, "umbrella", "900000")
		m = d.member(m.ID)
		assert.Equal(t, "silver", m.EarnedTierID)
		assert.Empty(t, m.NextTier.Missing)
		assert.Equal(t, "member", m.TierID, "the vendor moves it")

		m, err := d.vendor.ChangeTier(ctx, m.ID, program.TierChange{TierID: "silver", Reason: "Earned."}, partnerportal.IfMatch(m))
		require.NoError(t, err)
		assert.Equal(t, "Gold", m.NextTier.Name)
		assert.Equal(t, map[string]any{"revenue": usd("400000"), "certified": 4}, missing(m))
		assert.Equal(t, "Nobody has reported a value yet.", m.NextTier.Missing[1].Source.Error)
		assert.Equal(t, []any{"silver", 2, true}, d.tierOf(d.AcmeID))

		lms := partnerportal.SourceStamp{System: "skilljar", Kind: "lms", AsOf: d.Now().Add(-time.Hour)}
		m, err = d.vendor.ReportProgress(ctx, m.ID, program.ProgressReport{RequirementID: "certified", Current: 3, Source: lms})
		require.NoError(t, err)
		assert.Equal(t, map[string]any{"revenue": usd("400000"), "certified": 1}, missing(m))
		assert.Equal(t, "skilljar", m.NextTier.Missing[1].Source.System)
		m, err = d.vendor.ReportProgress(ctx, m.ID, program.ProgressReport{RequirementID: "certified", Current: 4, Source: lms})
		require.NoError(t, err)
		assert.Equal(t, map[string]any{"revenue": usd("400000")}, missing(m))

		_, err = d.vendor.ReportProgress(ctx, m.ID, program.ProgressReport{RequirementID: "revenue", Current: 4, Source: lms})
		require.ErrorIs(t, err, partnerportal.ErrValidation, "the portal counts that itself")
		_, err = d.vendor.ChangeTier(ctx, m.ID, program.TierChange{TierID: "platinum", Reason: "Why not."})
		require.ErrorIs(t, err, partnerportal.ErrValidation)
		_, err = program.New(d.Globex).GetMembership(ctx, m.ID)
		require.ErrorIs(t, err, partnerportal.ErrNotFound)

		assert.Equal(t, []string{"membership.enrolled", "membership.requirement_met", "membership.requirement_met", "membership.tier_changed", "membership.requirement_met"},
			d.happened("membership", m.ID))
		page, err := events.New(d.Acme).List(ctx, events.ListParams{Type: []string{program.EventMembershipTierChanged}})
		require.NoError(t, err)
		require.Len(t, page.Items, 1)
		assert.Equal(t, map[string]any{"program_id": "default", "tier_id": "silver", "previous_tier_id": "member"}, page.Items[0].Data.Facts)
	})
}

// What was reached counts on its day in the programme's time zone: at once, and not in the year after.
func TestResultsAreOfTheProgrammesDays(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		d.rules(func(p *program.Program) {
			p.TimeZone = "Pacific/Auckland" // where the next day has begun
			p.Tiers = []program.Tier{{ID: "member", Name: "Member", Rank: 1}, {ID: "silver", Name: "Silver", Rank: 2, Requirements: []program.Requirement{
				{ID: "term", Kind: program.RequirementKindDealsWon, Threshold: 5, Period: program.RequirementPeriodTerm},
				{ID: "registered", Kind: program.RequirementKindDealsRegistered, Threshold: 5, Period: program.RequirementPeriodTerm},
				{ID: "year", Kind: program.RequirementKindDealsWon, Threshold: 5, Period: program.RequirementPeriodCalendarYear},
			}}}
		})
		m := d.enrol(d.AcmeID, "")
		d.sells(d.Acme, "initech", "100")
		assert.Equal(t, map[string]any{"term": 4, "registered": 4, "year": 4}, missing(d.member(m.ID)))

		d.rules(func(p *program.Program) { p.TimeZone = "America/New_York" }) // where 24:00 is in the next day of UTC
		late := d.registers(d.Acme, "hooli", time.Time{}, partnerportal.Timing{})
		_, err := deals.New(d.Vendor).Approve(t.Context(), late.ID, deals.Approval{})
		require.NoError(t, err)
		_, err = deals.New(d.Acme).Win(t.Context(), late.ID, deals.Win{
			ActualAmount: usd("100"), OrderRef: partnerportal.ExternalRef{System: "erp", ID: "1"}, ClosedOn: partnerportal.Date{Year: 2025, Month: 12, Day: 31},
		})
		require.NoError(t, err)
		d.Advance(2 * day)
		assert.Equal(t, 4, missing(d.member(m.ID))["year"], "it was won in the year before")
	})
}

func TestTierThatIsNotEarnedAgainIsLost(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		d.rules(tiers)
		m := d.enrol(d.AcmeID, "silver")
		assert.True(t, m.AtRisk)
		assert.Equal(t, partnerportal.DateOf(d.Now()), m.StartsOn)
		d.Advance(340 * day)
		assert.Equal(t, []string{"membership.enrolled", "membership.at_risk", "membership.at_risk"}, d.happened("membership", m.ID), "60 and 30 days before")
		d.Advance(26 * day)
		after := d.member(m.ID)
		assert.Equal(t, program.MembershipStatusGrace, after.Status)
		assert.Equal(t, m.EndsOn.AddDays(30), after.GraceEndsOn)
		assert.Equal(t, []any{"silver", 2, true}, d.tierOf(d.AcmeID), "it keeps its tier in the meantime")
		d.Advance(31 * day)
		after = d.member(m.ID)
		assert.Equal(t, program.MembershipStatusActive, after.Status)
		assert.Equal(t, "member", after.TierID, "it goes down to what it has earned")
		assert.True(t, after.GraceEndsOn.IsZero())
		assert.Equal(t, []any{"member", 1, false}, d.tierOf(d.AcmeID))
		assert.Equal(t, []string{"membership.grace_started", "membership.tier_changed", "membership.renewed"}, d.happened("membership", m.ID)[3:])
	})
}

func TestTermFollowsTerm(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		d.rules(tiers)
		m := d.enrol(d.AcmeID, "silver")
		d.Advance(300 * day)
		d.sells(d.Acme, "initech", "99999")
		d.sells(d.Acme, "hooli", "1")
		assert.False(t, d.member(m.ID).AtRisk)
		d.Advance(66 * day)
		after := d.member(m.ID)
		assert.Equal(t, m.EndsOn.AddDays(1), after.StartsOn)
		assert.Equal(t, "silver", after.TierID)
		assert.Equal(t, []string{"membership.enrolled", "membership.requirement_met", "membership.requirement_met", "membership.renewed"},
			d.happened("membership", m.ID), "and nobody was warned")

		longer, err := d.vendor.RenewMembership(ctx, m.ID)
		require.NoError(t, err)
		assert.Equal(t, after.StartsOn, longer.StartsOn)
		assert.Equal(t, after.EndsOn.Year+1, longer.EndsOn.Year)
	})
}

func TestGraceEndsWithTheRequirement(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		d.rules(tiers)
		m := d.enrol(d.AcmeID, "silver")
		d.Advance(370 * day)
		require.Equal(t, program.MembershipStatusGrace, d.member(m.ID).Status)
		d.sells(d.Acme, "initech", "100000")
		require.Equal(t, program.MembershipStatusGrace, d.member(m.ID).Status, "one deal is missing")
		d.sells(d.Acme, "hooli", "1")
		after := d.member(m.ID)
		assert.Equal(t, program.MembershipStatusActive, after.Status)
		assert.Equal(t, partnerportal.DateOf(d.Now()), after.StartsOn)
		d.Advance(40 * day)
		assert.Equal(t, "silver", d.member(m.ID).TierID, "the grace period is forgotten")
	})
}

func TestMembershipLapses(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		d.rules(func(p *program.Program) {
			p.Membership = program.MembershipRules{TermMonths: 1, GraceDays: 0, AutoRenew: false}
		})
		m := d.enrol(d.AcmeID, "")
		assert.Empty(t, m.TierID, "a programme without tiers")
		d.Advance(32 * day)
		after := d.member(m.ID)
		assert.Equal(t, program.MembershipStatusLapsed, after.Status)
		assert.Empty(t, after.AllowedActions)
		assert.NotEqual(t, m.ID, d.enrol(d.AcmeID, "").ID, "it may come back")
	})
}

func TestMembersMoveUpByThemselves(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		d.rules(func(p *program.Program) { tiers(p); p.Membership.AutoPromote = true })
		m := d.enrol(d.AcmeID, "")
		d.sells(d.Acme, "initech", "100000")
		assert.Equal(t, "member", d.member(m.ID).TierID)
		d.sells(d.Acme, "hooli", "1")
		assert.Equal(t, "silver", d.member(m.ID).TierID)
		assert.Equal(t, []any{"silver", 2, true}, d.tierOf(d.AcmeID))
	})
}

func TestPartnerAsksToBeAMember(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		d.rules(tiers)
		_, err := d.acme.Enrol(ctx, program.Enrolment{ProgramID: program.DefaultID, TierID: "gold"})
		require.ErrorIs(t, err, partnerportal.ErrValidation)
		_, err = d.acme.Enrol(ctx, program.Enrolment{ProgramID: program.DefaultID, PartnerID: d.GlobexID})
		require.ErrorIs(t, err, partnerportal.ErrValidation)
		m, err := d.acme.Enrol(ctx, program.Enrolment{ProgramID: program.DefaultID})
		require.NoError(t, err)
		assert.Equal(t, program.MembershipStatusPending, m.Status)
		assert.Empty(t, m.AllowedActions)
		assert.Equal(t, []any{"", 0, false}, d.tierOf(d.AcmeID))
		_, err = d.acme.Enrol(ctx, program.Enrolment{ProgramID: program.DefaultID})
		require.ErrorIs(t, err, program.ErrAlreadyEnrolled)
		assert.Equal(t, m.ID, program.ExistingID(err))

		m, err = d.vendor.ApproveMembership(ctx, m.ID)
		require.NoError(t, err)
		assert.Equal(t, program.MembershipStatusActive, m.Status)
		assert.Equal(t, []any{"member", 1, false}, d.tierOf(d.AcmeID))
		m, err = d.vendor.TerminateMembership(ctx, m.ID, program.Ruling{Reason: "It sells nothing."})
		require.NoError(t, err)
		assert.Equal(t, "It sells nothing.", m.Reason)
		assert.Equal(t, []any{"", 0, false}, d.tierOf(d.AcmeID))

		d.rules(func(p *program.Program) { p.Status = program.StatusRetired })
		_, err = d.acme.Enrol(ctx, program.Enrolment{ProgramID: program.DefaultID})
		require.ErrorIs(t, err, program.ErrNotActive)
	})
}

func TestPartnerIsAMemberOnce(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		const callers = 8
		results := make([]error, callers)
		var group sync.WaitGroup
		for i := range callers {
			group.Go(func() {
				_, results[i] = d.vendor.Enrol(t.Context(), program.Enrolment{ProgramID: program.DefaultID, PartnerID: d.AcmeID})
			})
		}
		group.Wait()
		enrolled := 0
		for _, err := range results {
			if err == nil {
				enrolled++
				continue
			}
			assert.ErrorIs(t, err, program.ErrAlreadyEnrolled)
		}
		assert.Equal(t, 1, enrolled)
	})
}

// Two deals that are won at once reach a requirement together; that is told once.
func TestRequirementIsMetOnce(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		d.rules(tiers)
		m := d.enrol(d.AcmeID, "")
		const rivals = 6
		won := make([]*deals.Deal, rivals)
		for i := range won {
			won[i] = d.registers(d.Acme, fmt.Sprint("initech", i), time.Time{}, partnerportal.Timing{})
		}
		var group sync.WaitGroup
		for _, deal := range won {
			group.Go(func() { d.wins(d.Acme, deal, "100000") })
		}
		group.Wait()
		assert.Equal(t, []string{"membership.enrolled", "membership.requirement_met", "membership.requirement_met"}, d.happened("membership", m.ID))
		assert.Equal(t, "silver", d.member(m.ID).EarnedTierID)
	})
}

func TestTiersInUseStay(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		p := d.rules(tiers)
		d.enrol(d.AcmeID, "silver")
		fewer := *p
		fewer.Tiers = p.Tiers[:2]
		_, err := d.vendor.Put(ctx, p.ID, fewer)
		require.ErrorIs(t, err, program.ErrTierInUse)
		d.rules(func(p *program.Program) { p.Tiers[2].Rank, p.Tiers[2].Productive = 20, false })
		assert.Equal(t, []any{"silver", 20, false}, d.tierOf(d.AcmeID), "the new rank is its members'")
		d.rules(func(p *program.Program) { p.Tiers = p.Tiers[1:] })
	})
}
