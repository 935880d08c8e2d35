package account

import (
	"context"
	"strconv"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	contract "github.com/partnerportal/partnerportal-go/partnerportal/account"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
)

// Profile shows the partner as it stands in its programme.
func (s *Service) Profile(ctx context.Context, params *contract.ProfileParams) (*contract.Profile, error) {
	c := call.From(ctx)
	partner, rules, err := subject(ctx, c, params.PartnerID)
	if err != nil {
		return nil, err
	}
	p := &contract.Profile{
		PartnerID: partner.ID, Name: partner.Name, Status: string(partner.Status), ProgramID: partner.ProgramID, Country: partner.Country,
		Domains: partner.Domains, Territories: partner.Territories, Families: partner.Families,
	}
	m, standing, err := standingOf(ctx, c, partner, rules)
	if err != nil {
		return nil, err
	}
	p.Tier = tierOf(c, rules, partner, m, standing)
	if m != nil {
		p.MembershipID, p.MemberSinceOn, p.RenewsOn = m.ID, m.StartsOn, m.EndsOn
		p.Progress = requirements(standing.Progress, m.EndsOn)
	}
	return p, nil
}

func (v *screen) tier(ctx context.Context) (contract.Tier, error) {
	m, standing, err := standingOf(ctx, v.c, v.partner, v.rules)
	if err != nil {
		return contract.Tier{}, err
	}
	return tierOf(v.c, v.rules, v.partner, m, standing), nil
}

// standingOf is the partner's membership of its programme with its standing, or nil when it has none.
func standingOf(ctx context.Context, c *call.Call, partner *policy.Partner, rules *policy.Program) (*directory.Member, directory.Standing, error) {
	members, err := directory.MembersOf(ctx, c.Tx, partner.ID)
	if err != nil {
		return nil, directory.Standing{}, err
	}
	for _, m := range members {
		if m.ProgramID == rules.ID && m.Status != program.MembershipStatusPending {
			standing, err := directory.StandingOf(ctx, c.Tx, rules, m, c.Now)
			return m, standing, err
		}
	}
	return nil, directory.Standing{}, nil
}

// tierOf is the tier that the partner has; a host may have given it one without a membership.
func tierOf(c *call.Call, rules *policy.Program, partner *policy.Partner, m *directory.Member, standing directory.Standing) contract.Tier {
	t := contract.Tier{TierID: partner.Tier, Rank: partner.TierRank, Productive: partner.Productive, Source: portalStamp()}
	if tier := directory.TierOf(rules, partner.Tier); tier != nil {
		t.Name = tier.Name
	}
	if m == nil {
		return t
	}
	t.Source.AsOf, t.ReviewOn, t.AtRisk = m.UpdatedAt, m.EndsOn, standing.Endangered(rules, c.Now)
	t.Gap = gap(c, rules, m, standing)
	t.NextTierName, t.Missing = standing.Next.Name, requirements(standing.Next.Missing, m.EndsOn)
	return t
}

// gap is what the partner's own tier asks for and is missing, by the end of the term, or will be within the days that the programme looks
// ahead.
func gap(c *call.Call, rules *policy.Program, m *directory.Member, standing directory.Standing) []contract.Requirement {
	var all []contract.Requirement
	for i, r := range requirements(standing.Progress, m.EndsOn) {
		lapsesOn := standing.Progress[i].LapsesOn
		if r.Met && (lapsesOn.IsZero() || rules.Today(c.Now).Before(directory.WarnOn(rules, lapsesOn))) {
			continue
		}
		if r.Met {
			r.DeadlineOn = lapsesOn
		}
		all = append(all, r)
	}
	return all
}

// requirements are what was measured, in the words of the account.
func requirements(progress []program.Progress, deadline partnerportal.Date) []contract.Requirement {
	var all []contract.Requirement
	for _, p := range progress {
		r := contract.Requirement{ID: p.RequirementID, Name: p.Name, Kind: string(p.Kind), Met: p.Met, DeadlineOn: deadline, Source: p.Source}
		if p.Source.Kind == portalKind {
			r.Source.AsOf = portalStamp().AsOf // counted at this moment, which the summary states once
		}
		if p.Kind == program.RequirementKindRevenue {
			r.Threshold, r.Current = p.Amount.Amount(), p.CurrentAmount.Amount()
			if !p.Met {
				r.Missing = p.MissingAmount.Amount()
			}
		} else {
			r.Threshold, r.Current = strconv.Itoa(p.Threshold), strconv.Itoa(p.Current)
			if !p.Met {
				r.Missing = strconv.Itoa(p.Missing)
			}
		}
		if !p.LapsesOn.IsZero() {
			r.LapsesOn, r.Left = p.LapsesOn, strconv.Itoa(p.Left)
		}
		if p.Source.Error != "" {
			r.Current, r.Missing = "", ""
		}
		all = append(all, r)
	}
	return all
}
