package portal

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/match"
)

// The values that rules may have.
var (
	matchKeys        = []string{match.KeyDomain, match.KeySubdomain, match.KeyDUNS, match.KeyNameCountry, match.KeyCustomerID}
	overlapScopes    = []string{match.ByProductFamily, match.ByTerritory}
	exclusivities    = []string{"exclusive", "shared", "none"}
	conflictPolicies = []string{"first_valid_wins", "review", "multiple_allowed"}
	submitPolicies   = []string{"block", "allow_review"}
	disclosures      = []string{"none", "existence", "existence_and_expiry"}
	dealTypes        = []string{"new_business", "expansion", "renewal", "competitive_replacement", "services"}
	partnerStatuses  = []string{"active", "suspended"}
)

// fields collects what is wrong, to say it all at once.
type fields []partnerportal.FieldError

func (f *fields) add(pointer, code, message string) {
	*f = append(*f, partnerportal.FieldError{Pointer: pointer, Code: code, Message: message})
}

func (f *fields) err() error {
	if len(*f) == 0 {
		return nil
	}
	return &partnerportal.Error{Status: http.StatusUnprocessableEntity, Code: partnerportal.ErrValidation,
		Detail: (*f)[0].Message, Fields: *f}
}

func refuse(pointer, code, message string) error {
	var f fields
	f.add(pointer, code, message)
	return f.err()
}

func (f *fields) text(pointer, value string, most int) {
	switch n := len([]rune(value)); {
	case strings.TrimSpace(value) == "":
		f.add(pointer, "required", "Give it a name.")
	case n > most:
		f.add(pointer, "out_of_range", fmt.Sprintf("Give at most %d characters.", most))
	}
}

func (f *fields) between(pointer string, value, least, most int) {
	if value < least || value > most {
		f.add(pointer, "out_of_range", fmt.Sprintf("Give a number from %d to %d.", least, most))
	}
}

func (f *fields) oneOf(pointer, value string, values []string) {
	if !slices.Contains(values, value) {
		f.add(pointer, "invalid_enum", "Use one of: "+strings.Join(values, ", ")+".")
	}
}

func (f *fields) allOf(pointer string, given, values []string) {
	for i, value := range given {
		f.oneOf(fmt.Sprintf("%s/%d", pointer, i), value, values)
	}
}

// territories checks each and writes it as the rest of the portal compares it.
func (f *fields) territories(pointer string, given []string) []string {
	kept := make([]string, 0, len(given))
	for i, text := range given {
		territory, err := match.Territory(text)
		if err != nil {
			f.add(fmt.Sprintf("%s/%d", pointer, i), "invalid_format", `Give a country ("US") or a region of one ("US-CA").`)
		}
		kept = append(kept, territory)
	}
	return kept
}

func (f *fields) amount(pointer string, m partnerportal.Money) {
	if m.Sign() < 0 {
		f.add(pointer, "out_of_range", "Give an amount of zero or more.")
	}
}

// checkPartner completes and checks a partner.
func checkPartner(p *Partner) error {
	var f fields
	if p.Status == "" {
		p.Status = partnerStatuses[0]
	}
	if p.ProgramID == "" {
		p.ProgramID = DefaultProgramID
	}
	f.identifier("/id", p.ID)
	f.text("/name", p.Name, 120)
	f.oneOf("/status", p.Status, partnerStatuses)
	if p.Country != "" {
		country, err := match.Country(p.Country)
		if err != nil {
			f.add("/country", "invalid_format", `Give an ISO 3166-1 alpha-2 code, such as "US".`)
		}
		p.Country = country
	}
	domains := make([]string, 0, len(p.Domains))
	for i, text := range p.Domains {
		host, err := match.Domain(text)
		if err != nil {
			f.add(fmt.Sprintf("/domains/%d", i), "invalid_format", "Give an internet domain of the partner's own.")
		}
		domains = append(domains, host.Name)
	}
	p.Domains = domains
	p.Territories = f.territories("/territories", p.Territories)
	for i, family := range p.Families {
		f.text(fmt.Sprintf("/families/%d", i), family, 120)
	}
	f.between("/tier_rank", p.TierRank, 0, 1000)
	return f.err()
}

// identifier checks an id that a host chose itself: it travels in URLs and logs.
func (f *fields) identifier(pointer, id string) {
	if len(id) == 0 || len(id) > 64 || strings.ContainsFunc(id, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '-' && r != '_'
	}) {
		f.add(pointer, "invalid_format", "Give up to 64 letters, digits, hyphens and underscores.")
	}
}

// checkProgram checks a programme's rules.
func checkProgram(p *Program) error {
	var f fields
	f.identifier("/id", p.ID)
	f.text("/name", p.Name, 120)
	if _, err := time.LoadLocation(p.TimeZone); err != nil || p.TimeZone == "" || p.TimeZone == "Local" {
		f.add("/time_zone", "invalid_value", `Give an IANA time zone, such as "Europe/Berlin".`)
	}
	if len(p.Currency) != 3 || strings.Trim(p.Currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		f.add("/currency", "invalid_format", `Give an ISO 4217 code, such as "USD".`)
	}
	f.dealRules(&p.Deal, p.Currency)
	f.leadRules(&p.Lead)
	return f.err()
}

func (f *fields) dealRules(r *DealRules, currency string) {
	f.between("/deal/protection_days", r.ProtectionDays, 1, 365)
	for i, days := range r.ExpiringNoticeDays {
		f.between(fmt.Sprintf("/deal/expiring_notice_days/%d", i), days, 1, 365)
	}
	f.between("/deal/max_extensions", r.MaxExtensions, 0, 100)
	f.between("/deal/extension_days", r.ExtensionDays, 0, 365)
	if r.MaxExtensions > 0 && r.ExtensionDays == 0 {
		f.add("/deal/extension_days", "out_of_range", "Say how long an extension may be, or allow none.")
	}
	f.between("/deal/extension_opens_before", r.ExtensionOpensBefore, 0, 365)
	f.oneOf("/deal/exclusivity", r.Exclusivity, exclusivities)
	f.allOf("/deal/match_keys", r.MatchKeys, matchKeys)
	if len(r.MatchKeys) == 0 {
		f.add("/deal/match_keys", "too_few", "Say by what customers are recognised, or no conflict is ever found.")
	}
	f.allOf("/deal/overlap_scope", r.OverlapScope, overlapScopes)
	f.oneOf("/deal/conflict_policy", r.ConflictPolicy, conflictPolicies)
	f.oneOf("/deal/submit_on_conflict", r.SubmitOnConflict, submitPolicies)
	f.oneOf("/deal/disclosure", r.Disclosure, disclosures)
	f.between("/deal/changes_due_days", r.ChangesDueDays, 1, 365)
	f.between("/deal/appeal_days", r.AppealDays, 0, 365)
	f.between("/deal/review_sla_hours", r.ReviewSLAHours, 1, 8760)
	f.between("/deal/max_close_months", r.MaxCloseMonths, 1, 120)
	f.between("/deal/prechecks_per_day", r.PreChecksPerDay, 0, 1_000_000)
	f.amount("/deal/minimum_value", r.MinimumValue)
	if !r.MinimumValue.IsZero() && r.MinimumValue.Currency() != currency {
		f.add("/deal/minimum_value/currency", "invalid_value", "Give it in the programme's currency.")
	}
	if r.DiscountPercent != "" && !isPercent(r.DiscountPercent) {
		f.add("/deal/discount_percent", "invalid_format", `Give a percentage from 0 to 100 with at most two decimals, such as "5.00".`)
	}
	for i, rule := range r.AutoApprove {
		at := fmt.Sprintf("/deal/auto_approve/%d", i)
		f.text(at+"/id", rule.ID, 64)
		f.amount(at+"/max_amount", rule.MaxAmount)
		f.allOf(at+"/types", rule.Types, dealTypes)
		r.AutoApprove[i].Territories = f.territories(at+"/territories", rule.Territories)
	}
}

func (f *fields) leadRules(r *LeadRules) {
	f.between("/lead/accept_within_hours", r.AcceptWithinHours, 1, 8760)
	f.between("/lead/first_contact_within_hours", r.FirstContactWithinHours, 1, 8760)
	f.between("/lead/update_every_days", r.UpdateEveryDays, 1, 365)
	f.between("/lead/max_rounds", r.MaxRounds, 1, 100)
	f.between("/lead/max_open_per_partner", r.MaxOpenPerPartner, 1, 1_000_000)
}

func isPercent(text string) bool {
	whole, decimals, _ := strings.Cut(text, ".")
	digits := strings.Trim(whole+decimals, "0123456789") == ""
	return digits && len(whole) >= 1 && len(whole) <= 3 && len(decimals) <= 2 && !strings.HasSuffix(text, ".") &&
		(len(whole) < 3 || whole == "100" && strings.Trim(decimals, "0") == "")
}

// checkClient completes and checks a caller: no scope is made up, and none of the vendor's goes to a partner.
func (a *Admin) checkClient(spec *ClientSpec) error {
	var f fields
	f.text("/name", spec.Name, 120)
	known := a.p.contract.Scopes()
	mayHave := slices.DeleteFunc(slices.Clone(known), func(scope string) bool {
		return spec.PartnerID != "" && strings.HasSuffix(scope, ":review") ||
			spec.PartnerID == "" && strings.HasSuffix(scope, ":write") && scope != "webhooks:write" // both sides have endpoints
	})
	for i, scope := range spec.Scopes {
		at := fmt.Sprintf("/scopes/%d", i)
		f.oneOf(at, scope, known)
		if spec.PartnerID != "" && strings.HasSuffix(scope, ":review") {
			f.add(at, "not_permitted", "Only the vendor's own clients may decide.")
		}
	}
	if len(spec.Scopes) == 0 {
		spec.Scopes = slices.DeleteFunc(mayHave, func(scope string) bool { return scope == "sandbox:manage" && !a.p.options.sandbox })
	}
	slices.Sort(spec.Scopes)
	spec.Scopes = slices.Compact(spec.Scopes)
	return f.err()
}
