package directory

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/match"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
)

// The values that rules may have.
var (
	matchKeys     = []string{match.KeyDomain, match.KeySubdomain, match.KeyDUNS, match.KeyNameCountry, match.KeyCustomerID}
	overlapScopes = []string{match.ByProductFamily, match.ByTerritory}
	dealTypes     = []string{string(deals.TypeNewBusiness), string(deals.TypeExpansion), string(deals.TypeRenewal),
		string(deals.TypeCompetitiveReplacement), string(deals.TypeServices)}
)

// rules collects what is wrong with a programme or a partner.
type rules struct{ problem.Fields }

// CheckProgram completes and checks a programme's rules.
func CheckProgram(p *policy.Program) error {
	var f rules
	if p.Status == "" {
		p.Status = program.StatusActive
	}
	f.Identifier("/id", p.ID)
	f.Text("/name", p.Name, 120)
	problem.OneOf(&f.Fields, "/status", p.Status, program.StatusDraft, program.StatusActive, program.StatusRetired)
	if _, err := time.LoadLocation(p.TimeZone); err != nil || p.TimeZone == "" || p.TimeZone == "Local" {
		f.Add("/time_zone", "invalid_value", `Give an IANA time zone, such as "Europe/Berlin".`)
	}
	if len(p.Currency) != 3 || strings.Trim(p.Currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		f.Add("/currency", "invalid_format", `Give an ISO 4217 code, such as "USD".`)
	}
	f.deal(&p.Deal, p.Currency)
	f.lead(&p.Lead)
	f.membership(&p.Membership)
	f.tiers(p.Tiers)
	return f.Err()
}

func (f *rules) deal(r *policy.DealRules, currency string) {
	f.Between("/deal/protection_days", r.ProtectionDays, 1, 365)
	for i, days := range r.ExpiringNoticeDays {
		f.Between(fmt.Sprintf("/deal/expiring_notice_days/%d", i), days, 1, 365)
	}
	f.Between("/deal/max_extensions", r.MaxExtensions, 0, 100)
	f.Between("/deal/extension_days", r.ExtensionDays, 0, 365)
	if r.MaxExtensions > 0 && r.ExtensionDays == 0 {
		f.Add("/deal/extension_days", "out_of_range", "Say how long an extension may be, or allow none.")
	}
	f.Between("/deal/extension_opens_before", r.ExtensionOpensBefore, 0, 365)
	problem.OneOf(&f.Fields, "/deal/exclusivity", r.Exclusivity, program.ExclusivityExclusive, program.ExclusivityShared, program.ExclusivityNone)
	problem.AllOf(&f.Fields, "/deal/match_keys", r.MatchKeys, matchKeys...)
	if len(r.MatchKeys) == 0 {
		f.Add("/deal/match_keys", "too_few", "Say by what customers are recognised, or no conflict is ever found.")
	}
	problem.AllOf(&f.Fields, "/deal/overlap_scope", r.OverlapScope, overlapScopes...)
	problem.OneOf(&f.Fields, "/deal/conflict_policy", r.ConflictPolicy,
		program.ConflictPolicyFirstValidWins, program.ConflictPolicyReview, program.ConflictPolicyMultipleAllowed)
	problem.OneOf(&f.Fields, "/deal/submit_on_conflict", r.SubmitOnConflict, program.SubmitPolicyBlock, program.SubmitPolicyAllowReview)
	problem.OneOf(&f.Fields, "/deal/disclosure", r.Disclosure, program.DisclosureNone, program.DisclosureExistence, program.DisclosureExistenceAndExpiry)
	f.Between("/deal/changes_due_days", r.ChangesDueDays, 1, 365)
	f.Between("/deal/appeal_days", r.AppealDays, 0, 365)
	f.Between("/deal/review_sla_hours", r.ReviewSLAHours, 1, 8760)
	f.Between("/deal/max_close_months", r.MaxCloseMonths, 1, 120)
	f.Between("/deal/prechecks_per_day", r.PreChecksPerDay, 0, 1_000_000)
	f.amount("/deal/minimum_value", r.MinimumValue)
	if !r.MinimumValue.IsZero() && r.MinimumValue.Currency() != currency {
		f.Add("/deal/minimum_value/currency", "invalid_value", "Give it in the programme's currency.")
	}
	if r.DiscountPercent != "" && !isPercent(r.DiscountPercent) {
		f.Add("/deal/discount_percent", "invalid_format", `Give a percentage from 0 to 100 with at most two decimals, such as "5.00".`)
	}
	for i, rule := range r.AutoApprove {
		at := fmt.Sprintf("/deal/auto_approve/%d", i)
		f.Text(at+"/id", rule.ID, 64)
		f.amount(at+"/max_amount", rule.MaxAmount)
		problem.AllOf(&f.Fields, at+"/types", rule.Types, dealTypes...)
		r.AutoApprove[i].Territories = f.territories(at+"/territories", rule.Territories)
	}
}

func (f *rules) lead(r *policy.LeadRules) {
	f.Between("/lead/accept_within_hours", r.AcceptWithinHours, 1, 8760)
	f.Between("/lead/first_contact_within_hours", r.FirstContactWithinHours, 1, 8760)
	f.Between("/lead/update_every_days", r.UpdateEveryDays, 1, 365)
	f.Between("/lead/max_rounds", r.MaxRounds, 1, 100)
	f.Between("/lead/max_open_per_partner", r.MaxOpenPerPartner, 1, 1_000_000)
}

func (f *rules) membership(r *policy.MembershipRules) {
	f.Between("/membership/term_months", r.TermMonths, 1, 120)
	f.Between("/membership/grace_days", r.GraceDays, 0, 365)
	f.Between("/membership/at_risk_days", r.AtRiskDays, 0, 730)
	for i, days := range r.NoticeDays {
		f.Between(fmt.Sprintf("/membership/notice_days/%d", i), days, 1, 365)
	}
}

// tiers have ids and ranks of their own: a member is in one tier, and of two tiers one is the higher.
func (f *rules) tiers(tiers []policy.Tier) {
	ids, ranks := map[string]bool{}, map[int]bool{}
	for i, t := range tiers {
		at := fmt.Sprintf("/tiers/%d", i)
		f.Identifier(at+"/id", t.ID)
		f.Text(at+"/name", t.Name, 120)
		f.Between(at+"/rank", t.Rank, 0, 1000)
		if ids[t.ID] {
			f.Add(at+"/id", "duplicate_key", "Another tier has this id.")
		}
		if ranks[t.Rank] {
			f.Add(at+"/rank", "duplicate_key", "Another tier has this rank.")
		}
		ids[t.ID], ranks[t.Rank] = true, true
		f.requirements(at, t.Requirements)
	}
}

func (f *rules) requirements(tier string, requirements []program.Requirement) {
	ids := map[string]bool{}
	for i, r := range requirements {
		at := fmt.Sprintf("%s/requirements/%d", tier, i)
		f.Identifier(at+"/id", r.ID)
		if ids[r.ID] {
			f.Add(at+"/id", "duplicate_key", "Another requirement of the tier has this id.")
		}
		ids[r.ID] = true
		switch {
		case r.Kind == program.RequirementKindRevenue && r.Amount.Sign() <= 0:
			f.Add(at+"/amount", "required", "Say how much revenue is the least.")
		case r.Kind == program.RequirementKindRevenue && r.Threshold != 0:
			f.Add(at+"/threshold", "not_permitted", "Revenue has an amount and no threshold.")
		case r.Kind != program.RequirementKindRevenue && r.Threshold < 1:
			f.Add(at+"/threshold", "required", "Say how many are the least, one or more.")
		case r.Kind != program.RequirementKindRevenue && !r.Amount.IsZero():
			f.Add(at+"/amount", "not_permitted", "Only revenue has an amount.")
		}
		f.credentials(at, r)
	}
}

// credentials are named by requirements that count them, and by no others.
func (f *rules) credentials(at string, r program.Requirement) {
	counts := r.Kind == program.RequirementKindCertifiedPeople || r.Kind == program.RequirementKindCredential
	named := len(r.CredentialDefinitionIDs)
	if named > 0 && !counts {
		f.Add(at+"/credential_definition_ids", "not_permitted", "Only certified_people and credential count credentials.")
	}
	for i, id := range r.CredentialDefinitionIDs {
		if slices.Contains(r.CredentialDefinitionIDs[:i], id) {
			f.Add(fmt.Sprintf("%s/credential_definition_ids/%d", at, i), "duplicate", "Name each definition once.")
		}
	}
	if r.Kind != program.RequirementKindCredential {
		if r.PeopleEach != 0 {
			f.Add(at+"/people_each", "not_permitted", "Only credential counts people for each definition.")
		}
		return
	}
	f.Between(at+"/people_each", r.PeopleEach, 0, 10_000)
	if named > 0 && r.Threshold > named {
		f.Add(at+"/threshold", "out_of_range", fmt.Sprintf("Only %d definitions are named: nobody could meet it.", named))
	}
}

// territories checks each and writes it as the rest of the portal compares it.
func (f *rules) territories(pointer string, given []string) []string {
	kept := make([]string, 0, len(given))
	for i, text := range given {
		territory, err := match.Territory(text)
		if err != nil {
			f.Add(fmt.Sprintf("%s/%d", pointer, i), "invalid_format", `Give a country ("US") or a region of one ("US-CA").`)
		}
		kept = append(kept, territory)
	}
	return kept
}

func (f *rules) amount(pointer string, m partnerportal.Money) {
	if m.Sign() < 0 {
		f.Add(pointer, "out_of_range", "Give an amount of zero or more.")
	}
}

func isPercent(text string) bool {
	whole, decimals, _ := strings.Cut(text, ".")
	digits := strings.Trim(whole+decimals, "0123456789") == ""
	return digits && len(whole) >= 1 && len(whole) <= 3 && len(decimals) <= 2 && !strings.HasSuffix(text, ".") &&
		(len(whole) < 3 || whole == "100" && strings.Trim(decimals, "0") == "")
}
