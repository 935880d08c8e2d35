package program

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/partnerportal/program"
)

// The deadlines of a membership.
const (
	timerNotice = "membership.notice" // a member at risk is told that the term ends soon
	timerEnd    = "membership.end"    // the term is over
	timerGrace  = "membership.grace"  // so is the grace period
	timerWatch  = "membership.watch"  // credentials end that the tier needs
)

// beginTerm starts a term on a day.
func beginTerm(m *directory.Member, rules *contract.Program, on partnerportal.Date) {
	m.StartsOn, m.EndsOn, m.GraceEndsOn = on, lastDay(on, rules.Membership.TermMonths), partnerportal.Date{}
}

// lastDay is the day before the one so many months later; where that month has no such day, before its last one.
func lastDay(on partnerportal.Date, months int) partnerportal.Date {
	return on.AddMonths(months).AddDays(-1)
}

// renew makes a running term longer by another one, and begins a new one where the old has passed.
func renew(m *directory.Member, rules *contract.Program, today partnerportal.Date) {
	if m.GraceEndsOn.IsZero() && !m.EndsOn.Before(today) {
		m.EndsOn = lastDay(m.EndsOn.AddDays(1), rules.Membership.TermMonths)
		return
	}
	beginTerm(m, rules, today)
}

// setTimers replaces the deadlines of a membership by those of its state.
func setTimers(ctx context.Context, c *call.Call, rules *contract.Program, m *directory.Member) error {
	if err := c.Tx.DropTimers(ctx, m.ID); err != nil {
		return err
	}
	due := map[string][]time.Time{}
	switch m.Status {
	case active:
		due[timerEnd] = []time.Time{rules.EndOfDay(m.EndsOn)}
		for _, days := range rules.Membership.NoticeDays {
			due[timerNotice] = append(due[timerNotice], rules.EndOfDay(m.EndsOn.AddDays(-days)))
		}
	case grace:
		due[timerGrace] = []time.Time{rules.EndOfDay(m.GraceEndsOn)}
	}
	for kind, times := range due {
		for _, at := range times {
			if kind == timerNotice && !at.After(c.Now) {
				continue
			}
			if err := c.Tx.PutTimer(ctx, store.PutTimerParams{Kind: kind, ResourceID: m.ID, DueAt: store.Micros(at)}); err != nil {
				return err
			}
		}
	}
	return watch(ctx, c, rules, m)
}

// watch sets the day on which a member is told that its tier is at risk because credentials end.
func watch(ctx context.Context, c *call.Call, rules *contract.Program, m *directory.Member) error {
	if err := c.Tx.DropTimersOfKind(ctx, store.DropTimersOfKindParams{ResourceID: m.ID, Kind: timerWatch}); err != nil {
		return err
	}
	if m.Status != active && m.Status != grace {
		return nil
	}
	standing, err := directory.StandingOf(ctx, c.Tx, rules, m, c.Now)
	if err != nil || standing.LapsesOn.IsZero() || standing.Endangered(rules, c.Now) {
		return err
	}
	at := rules.EndOfDay(directory.WarnOn(rules, standing.LapsesOn).AddDays(-1))
	return c.Tx.PutTimer(ctx, store.PutTimerParams{Kind: timerWatch, ResourceID: m.ID, DueAt: store.Micros(at)})
}

// Fire acts on a deadline of a membership.
func (s *Service) Fire(ctx context.Context, kind, membershipID string, _ time.Time) error {
	c := call.From(ctx)
	m, rules, err := readMember(ctx, c, membershipID)
	if err != nil {
		return err
	}
	standing, err := directory.StandingOf(ctx, c.Tx, rules, m, c.Now)
	if err != nil {
		return err
	}
	switch kind {
	case timerNotice:
		if !standing.AtRisk {
			return nil
		}
		return emitMember(ctx, c, m, contract.EventMembershipAtRisk, map[string]any{"ends_on": m.EndsOn.String()})
	case timerWatch:
		if !standing.Endangered(rules, c.Now) {
			return watch(ctx, c, rules, m)
		}
		return endangered(ctx, c, m, standing)
	case timerEnd:
		return endTerm(ctx, c, rules, m, standing)
	case timerGrace:
		return endGrace(ctx, c, rules, m, standing)
	}
	return fmt.Errorf("a membership has no deadlines of the kind %q", kind)
}

// endTerm reviews a member at the end of its term: the next one begins, or a grace period.
func endTerm(ctx context.Context, c *call.Call, rules *contract.Program, m *directory.Member, standing directory.Standing) error {
	if !standing.AtRisk && rules.Membership.AutoRenew {
		return carryOn(ctx, c, rules, m, m.EndsOn.AddDays(1))
	}
	if rules.Membership.GraceDays == 0 {
		return endGrace(ctx, c, rules, m, standing)
	}
	m.Status, m.GraceEndsOn = grace, m.EndsOn.AddDays(rules.Membership.GraceDays)
	if err := saveMember(ctx, c, m); err != nil {
		return err
	}
	if err := setTimers(ctx, c, rules, m); err != nil {
		return err
	}
	return emitMember(ctx, c, m, contract.EventMembershipGraceStarted, map[string]any{"ends_on": m.GraceEndsOn.String()}, "/status")
}

// endGrace takes a tier away that was not earned again: the member goes down to the one it has earned, or is none any more.
func endGrace(ctx context.Context, c *call.Call, rules *contract.Program, m *directory.Member, standing directory.Standing) error {
	earned := directory.TierOf(rules, standing.Earned)
	if !rules.Membership.AutoRenew || earned == nil {
		m.Status = contract.MembershipStatusLapsed
		if err := showTier(ctx, c, m, nil); err != nil {
			return err
		}
		if err := saveMember(ctx, c, m); err != nil {
			return err
		}
		return emitMember(ctx, c, m, contract.EventMembershipLapsed, nil, "/status")
	}
	if earned.ID != m.TierID {
		if err := moveTo(ctx, c, rules, m, earned); err != nil {
			return err
		}
	}
	return carryOn(ctx, c, rules, m, rules.Today(c.Now))
}

// carryOn begins the next term.
func carryOn(ctx context.Context, c *call.Call, rules *contract.Program, m *directory.Member, on partnerportal.Date) error {
	m.Status = active
	beginTerm(m, rules, on)
	if err := saveMember(ctx, c, m); err != nil {
		return err
	}
	if err := setTimers(ctx, c, rules, m); err != nil {
		return err
	}
	return emitMember(ctx, c, m, contract.EventMembershipRenewed, nil, "/starts_on", "/ends_on")
}

// moveTo puts a member into another tier.
func moveTo(ctx context.Context, c *call.Call, rules *contract.Program, m *directory.Member, tier *contract.Tier) error {
	before := m.TierID
	standing, err := directory.StandingOf(ctx, c.Tx, rules, m, c.Now)
	if err != nil {
		return err
	}
	m.TierID = tier.ID
	if err := showTier(ctx, c, m, tier); err != nil {
		return err
	}
	if err := saveMember(ctx, c, m); err != nil {
		return err
	}
	if err := watch(ctx, c, rules, m); err != nil {
		return err
	}
	if err := emitMember(ctx, c, m, contract.EventMembershipTierChanged, map[string]any{"previous_tier_id": before}, "/tier_id"); err != nil {
		return err
	}
	return warn(ctx, c, rules, m, standing.Endangered(rules, c.Now))
}

// showTier writes the tier, nil for none, where the other rooms read it: into the partner, when it is that of its own programme.
func showTier(ctx context.Context, c *call.Call, m *directory.Member, tier *contract.Tier) error {
	if err := c.Tx.Lock(ctx, "partner "+m.PartnerID); err != nil {
		return err
	}
	p, err := directory.LoadPartner(ctx, c.Tx, m.PartnerID)
	if err != nil || p.ProgramID != m.ProgramID {
		return err
	}
	before := *p
	if directory.SetTier(p, tier); p.Tier == before.Tier && p.TierRank == before.TierRank && p.Productive == before.Productive {
		return nil
	}
	return directory.SavePartner(ctx, c.Tx, &before, p, c.Now)
}

// reassess makes a change that may bring a member further, tells what it has reached, and draws the conclusions.
func reassess(ctx context.Context, c *call.Call, rules *contract.Program, m *directory.Member, change func() error) error {
	if len(rules.Tiers) == 0 || m.Status == pending {
		return change()
	}
	before, err := directory.StandingOf(ctx, c.Tx, rules, m, c.Now)
	if err != nil {
		return err
	}
	if err := change(); err != nil {
		return err
	}
	after, err := directory.StandingOf(ctx, c.Tx, rules, m, c.Now)
	if err != nil {
		return err
	}
	for _, was := range unmet(m, before) {
		if slices.Contains(unmet(m, after), was) {
			continue
		}
		facts := map[string]any{"requirement_id": was.requirement, "tier_id": was.tier}
		if err := emitMember(ctx, c, m, contract.EventMembershipRequirementMet, facts, "/progress"); err != nil {
			return err
		}
	}
	if m.Status == grace && !after.AtRisk && rules.Membership.AutoRenew {
		if err := carryOn(ctx, c, rules, m, rules.Today(c.Now)); err != nil {
			return err
		}
	}
	if err := warn(ctx, c, rules, m, before.Endangered(rules, c.Now)); err != nil {
		return err
	}
	if err := watch(ctx, c, rules, m); err != nil {
		return err
	}
	earned, own := directory.TierOf(rules, after.Earned), directory.TierOf(rules, m.TierID)
	if rules.Membership.AutoPromote && earned != nil && (own == nil || earned.Rank > own.Rank) {
		return moveTo(ctx, c, rules, m, earned)
	}
	return nil
}

// warn tells a member that its tier is at risk, if it was not before.
func warn(ctx context.Context, c *call.Call, rules *contract.Program, m *directory.Member, before bool) error {
	standing, err := directory.StandingOf(ctx, c.Tx, rules, m, c.Now)
	if err != nil || before || !standing.Endangered(rules, c.Now) {
		return err
	}
	return endangered(ctx, c, m, standing)
}

// endangered tells a member that its tier is not earned again, or will not be from a day on.
func endangered(ctx context.Context, c *call.Call, m *directory.Member, s directory.Standing) error {
	facts := map[string]any{"ends_on": m.EndsOn.String()}
	if !s.AtRisk {
		facts["lapses_on"] = s.LapsesOn.String()
	}
	return emitMember(ctx, c, m, contract.EventMembershipAtRisk, facts, "/at_risk")
}

// goal is a requirement of a tier: of another tier it may ask for more.
type goal struct{ tier, requirement string }

// unmet are the goals that a member has still to reach, for its own tier and the next.
func unmet(m *directory.Member, s directory.Standing) []goal {
	var goals []goal
	for _, p := range s.Progress {
		if !p.Met {
			goals = append(goals, goal{m.TierID, p.RequirementID})
		}
	}
	for _, p := range s.Next.Missing {
		goals = append(goals, goal{s.Next.TierID, p.RequirementID})
	}
	return goals
}

// terminate ends a membership with the partnership.
func terminate(ctx context.Context, c *call.Call, m *directory.Member, reason string) error {
	m.Status, m.Reason = contract.MembershipStatusTerminated, reason
	if err := showTier(ctx, c, m, nil); err != nil {
		return err
	}
	if err := saveMember(ctx, c, m); err != nil {
		return err
	}
	if err := c.Tx.DropTimers(ctx, m.ID); err != nil {
		return err
	}
	return emitMember(ctx, c, m, contract.EventMembershipTerminated, nil, "/status")
}
