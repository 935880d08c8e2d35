package program

import (
	"context"
	"errors"
	"maps"
	"net/http"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/partnerportal/program"
)

// ListMemberships returns a page of memberships, a partner's own.
func (s *Service) ListMemberships(ctx context.Context, params *contract.ListMembershipsParams) (*contract.MembershipPage, error) {
	c := call.From(ctx)
	q := store.Query{Table: "memberships", Page: store.Page{Cursor: params.Cursor, Limit: params.Limit, Segment: params.Segment}}
	if err := q.OrderBy(params.Sort); err != nil {
		return nil, err
	}
	if !c.Caller.Vendor() {
		q.Where("partner_id = ?", c.Caller.PartnerID)
		if len(params.PartnerID) > 0 {
			return nil, problem.BadQuery("?partner_id", "not_permitted", "Only the vendor may ask for other partners' memberships.")
		}
	}
	q.UpdatedSince(params.UpdatedSince)
	store.WhereIn(&q, "partner_id", params.PartnerID)
	store.WhereIn(&q, "program_id", params.ProgramID)
	store.WhereIn(&q, "tier_id", params.TierID)
	store.WhereIn(&q, "status", params.Status)
	found, next, err := store.List(ctx, c.Tx, q, func(dest func(...any) error) (*directory.Member, error) {
		var doc string
		if err := dest(&doc); err != nil {
			return nil, err
		}
		return directory.DecodeMember(doc)
	})
	if err != nil {
		return nil, err
	}
	page := &contract.MembershipPage{Items: make([]contract.Membership, len(found)), Page: partnerportal.PageInfo{NextCursor: next}}
	rules := map[string]*contract.Program{} // most of a page is of one programme
	for i, m := range found {
		if rules[m.ProgramID] == nil {
			if rules[m.ProgramID], err = directory.Load(ctx, c.Tx, m.ProgramID); err != nil {
				return nil, err
			}
		}
		seen, err := view(ctx, c, rules[m.ProgramID], m)
		if err != nil {
			return nil, err
		}
		page.Items[i] = *seen
	}
	return page, nil
}

// GetMembership returns a membership with its progress.
func (s *Service) GetMembership(ctx context.Context, membershipID string) (*contract.Membership, error) {
	c := call.From(ctx)
	m, rules, err := readMember(ctx, c, membershipID)
	if err != nil {
		return nil, err
	}
	return view(ctx, c, rules, m)
}

func readMember(ctx context.Context, c *call.Call, id string) (*directory.Member, *contract.Program, error) {
	m, err := directory.LoadMember(ctx, c.Tx, id)
	if err != nil {
		return nil, nil, err
	}
	if c.Caller.Side == partnerportal.SidePartner && m.PartnerID != c.Caller.PartnerID {
		return nil, nil, call.NotFound(membershipResource)
	}
	rules, err := directory.Load(ctx, c.Tx, m.ProgramID)
	return m, rules, err
}

// view is a membership as of now.
func view(ctx context.Context, c *call.Call, rules *contract.Program, m *directory.Member) (*contract.Membership, error) {
	seen := m.Membership
	seen.Progress, seen.AllowedActions = []contract.Progress{}, memberships.allowed(c.Caller, m.Status)
	if tier := directory.TierOf(rules, m.TierID); tier != nil {
		seen.TierName, seen.TierRank = tier.Name, tier.Rank
	}
	if m.Status != pending && m.Status != active && m.Status != grace {
		return &seen, nil
	}
	s, err := directory.StandingOf(ctx, c.Tx, rules, m, c.Now)
	if err != nil {
		return nil, err
	}
	seen.Progress, seen.NextTier, seen.EarnedTierID, seen.AtRisk, seen.LapsesOn = s.Progress, s.Next, s.Earned, s.Endangered(rules, c.Now), s.LapsesOn
	return &seen, nil
}

// Enrol makes a partner a member of a programme, or takes its wish to be one.
func (s *Service) Enrol(ctx context.Context, body *contract.Enrolment) (*contract.Membership, error) {
	c := call.From(ctx)
	partnerID, status := body.PartnerID, active
	if c.Caller.Side == partnerportal.SidePartner {
		if partnerID != "" && partnerID != c.Caller.PartnerID {
			return nil, problem.Invalid("/partner_id", "not_permitted", "You can only enrol yourself.")
		}
		if body.TierID != "" {
			return nil, problem.Invalid("/tier_id", "not_permitted", "The vendor says in which tier you start.")
		}
		partnerID, status = c.Caller.PartnerID, pending
	}
	rules, tier, err := openProgram(ctx, c, body.ProgramID, body.TierID)
	if err != nil {
		return nil, err
	}
	switch p, err := directory.LoadPartner(ctx, c.Tx, partnerID); {
	case errors.Is(err, store.ErrNotFound):
		return nil, problem.Invalid("/partner_id", "invalid_value", "There is no such partner.")
	case err != nil:
		return nil, err
	case !p.Active():
		return nil, problem.New(http.StatusConflict, contract.ErrNotActive, "The partner is "+problem.Words(string(p.Status))+". Approve it first.")
	}
	m, err := enrol(ctx, c, rules, tier, partnerID, status)
	if err != nil {
		return nil, err
	}
	return view(ctx, c, rules, m)
}

// enrol makes a membership that starts in a tier, nil for none.
func enrol(ctx context.Context, c *call.Call, rules *contract.Program, tier *contract.Tier, partnerID string, status contract.MembershipStatus) (*directory.Member, error) {
	if err := c.Tx.Lock(ctx, "member "+partnerID); err != nil {
		return nil, err
	}
	others, err := directory.MembersOf(ctx, c.Tx, partnerID)
	if err != nil {
		return nil, err
	}
	for _, other := range others {
		if other.ProgramID == rules.ID {
			e := problem.New(http.StatusConflict, contract.ErrAlreadyEnrolled, "The partner's membership of the programme is "+string(other.Status)+".")
			return nil, problem.With(e, "existing_id", other.ID)
		}
	}
	m := &directory.Member{Membership: contract.Membership{
		ID: ids.New(ids.Membership, c.Now), PartnerID: partnerID, ProgramID: rules.ID, Status: status, Revision: 1, CreatedAt: c.Now, UpdatedAt: c.Now,
	}}
	if tier != nil {
		m.TierID = tier.ID
	}
	event := contract.EventMembershipRequested
	if status == active {
		event = contract.EventMembershipEnrolled
		beginTerm(m, rules, rules.Today(c.Now))
		if err := showTier(ctx, c, m, tier); err != nil {
			return nil, err
		}
	}
	if err := directory.InsertMember(ctx, c.Tx, m); err != nil {
		return nil, err
	}
	if err := setTimers(ctx, c, rules, m); err != nil {
		return nil, err
	}
	return m, emitMember(ctx, c, m, event, nil, "/status")
}

// ApproveMembership accepts a partner that asked to be a member.
func (s *Service) ApproveMembership(ctx context.Context, membershipID, ifMatch string) (*contract.Membership, error) {
	return s.change(ctx, membershipID, ifMatch, contract.MembershipActionApprove, func(c *call.Call, rules *contract.Program, m *directory.Member) error {
		beginTerm(m, rules, rules.Today(c.Now))
		return showTier(ctx, c, m, directory.TierOf(rules, m.TierID))
	})
}

// RenewMembership begins another term, or makes the present one longer.
func (s *Service) RenewMembership(ctx context.Context, membershipID, ifMatch string) (*contract.Membership, error) {
	return s.change(ctx, membershipID, ifMatch, contract.MembershipActionRenew, func(c *call.Call, rules *contract.Program, m *directory.Member) error {
		renew(m, rules, rules.Today(c.Now))
		return nil
	})
}

// TerminateMembership ends a membership.
func (s *Service) TerminateMembership(ctx context.Context, membershipID, ifMatch string, body *contract.Ruling) (*contract.Membership, error) {
	return s.change(ctx, membershipID, ifMatch, contract.MembershipActionTerminate, func(c *call.Call, _ *contract.Program, m *directory.Member) error {
		m.Reason = body.Reason
		return showTier(ctx, c, m, nil)
	})
}

// ChangeTier moves a member, whatever its progress is.
func (s *Service) ChangeTier(ctx context.Context, membershipID, ifMatch string, body *contract.TierChange) (*contract.Membership, error) {
	c, m, rules, err := s.actOn(ctx, membershipID, ifMatch, contract.MembershipActionChangeTier)
	if err != nil {
		return nil, err
	}
	tier := directory.TierOf(rules, body.TierID)
	if tier == nil {
		return nil, noSuchTier(rules)
	}
	m.Reason = body.Reason
	if err := moveTo(ctx, c, rules, m, tier); err != nil {
		return nil, err
	}
	return view(ctx, c, rules, m)
}

// ReportProgress keeps what another system measured.
func (s *Service) ReportProgress(ctx context.Context, membershipID, ifMatch string, body *contract.ProgressReport) (*contract.Membership, error) {
	c, m, rules, err := s.actOn(ctx, membershipID, ifMatch, contract.MembershipActionReportProgress)
	if err != nil {
		return nil, err
	}
	if err := reportable(rules, body.RequirementID); err != nil {
		return nil, err
	}
	err = reassess(ctx, c, rules, m, func() error {
		if m.Reports == nil {
			m.Reports = map[string]directory.Report{}
		}
		source := body.Source
		if source.AsOf.IsZero() {
			source.AsOf = c.Now
		}
		source.FetchedAt = c.Now
		m.Reports[body.RequirementID] = directory.Report{Current: body.Current, Source: source}
		return saveMember(ctx, c, m)
	})
	if err != nil {
		return nil, err
	}
	return view(ctx, c, rules, m)
}

// reportable refuses values of requirements that are not there, or that the portal counts itself.
func reportable(rules *contract.Program, id string) error {
	for _, tier := range rules.Tiers {
		for _, r := range tier.Requirements {
			switch {
			case r.ID != id:
			case r.Kind == contract.RequirementKindRevenue, r.Kind == contract.RequirementKindDealsWon, r.Kind == contract.RequirementKindDealsRegistered,
				directory.CountsCredentials(r):
				return problem.Invalid("/requirement_id", "not_permitted", "The portal counts this itself.")
			default:
				return nil
			}
		}
	}
	return problem.Invalid("/requirement_id", "invalid_value", "No tier of the programme has such a requirement.")
}

// change does what moves a membership to another state.
func (s *Service) change(ctx context.Context, id, ifMatch string, action contract.MembershipAction, do func(*call.Call, *contract.Program, *directory.Member) error) (*contract.Membership, error) {
	c, m, rules, err := s.actOn(ctx, id, ifMatch, action)
	if err != nil {
		return nil, err
	}
	to, event, _ := memberships.next(m.Status, action)
	m.Status = to
	if err := do(c, rules, m); err != nil {
		return nil, err
	}
	if err := saveMember(ctx, c, m); err != nil {
		return nil, err
	}
	if err := setTimers(ctx, c, rules, m); err != nil {
		return nil, err
	}
	if err := emitMember(ctx, c, m, event, nil, "/status"); err != nil {
		return nil, err
	}
	return view(ctx, c, rules, m)
}

// actOn takes a membership out for an action that its state must allow.
func (s *Service) actOn(ctx context.Context, id, ifMatch string, action contract.MembershipAction) (*call.Call, *directory.Member, *contract.Program, error) {
	c := call.From(ctx)
	if err := c.OnlyVendor(); err != nil {
		return nil, nil, nil, err
	}
	m, rules, err := readMember(ctx, c, id)
	if err != nil {
		return nil, nil, nil, err
	}
	if err := problem.Unchanged("The "+membershipResource, ifMatch, m.Revision); err != nil {
		return nil, nil, nil, err
	}
	if _, _, ok := memberships.next(m.Status, action); !ok {
		return nil, nil, nil, problem.Untimely(membershipResource, m.Status, action, memberships.allowed(c.Caller, m.Status))
	}
	return c, m, rules, nil
}

func saveMember(ctx context.Context, c *call.Call, m *directory.Member) error {
	m.UpdatedAt = c.Now
	return directory.UpdateMember(ctx, c.Tx, m)
}

func emitMember(ctx context.Context, c *call.Call, m *directory.Member, event string, facts map[string]any, changed ...string) error {
	said := map[string]any{"program_id": m.ProgramID, "tier_id": m.TierID}
	maps.Copy(said, facts)
	return c.Emit(ctx, feed.Event{
		Type: event, ResourceType: membershipResource, ResourceID: m.ID, Revision: m.Revision, PartnerID: m.PartnerID, Audience: feed.Both,
		Facts: said, ChangedFields: changed, State: string(m.Status),
	})
}
