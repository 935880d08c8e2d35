package deals

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	contract "github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/match"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
)

// faults collects all that is wrong with a request, so that a partner hears of everything at once.
type faults struct {
	fields []partnerportal.FieldError
	codes  []partnerportal.ErrorCode // one for each field: what to call the problem when it is the only kind
}

func (f *faults) add(pointer, code, message string) {
	f.addAs(partnerportal.ErrValidation, pointer, code, message)
}

func (f *faults) addAs(as partnerportal.ErrorCode, pointer, code, message string) {
	f.fields = append(f.fields, problem.Field(pointer, code, message))
	f.codes = append(f.codes, as)
}

// err is the refusal, or nil. Faults of one special kind give it their code.
func (f *faults) err() error {
	if len(f.fields) == 0 {
		return nil
	}
	e := invalid(f.fields...)
	if codes := slices.Compact(slices.Clone(f.codes)); len(codes) == 1 {
		e.Code = codes[0]
	}
	return e
}

// checkDraft holds what must be right from the start.
func (f *faults) checkDraft(d *contract.Deal) {
	if strings.TrimSpace(d.Customer.Name) == "" {
		f.add("/customer/name", "required", "Give the customer's name.")
	}
	f.checkRefs(d.ExternalRefs)
}

func (f *faults) checkRefs(refs []partnerportal.ExternalRef) {
	seen := map[[2]string]bool{}
	for i, ref := range refs {
		if key := [2]string{ref.System, ref.ID}; seen[key] {
			f.add(pointer("external_refs", i), "duplicate_key", "Give each reference once.")
		} else {
			seen[key] = true
		}
	}
}

func pointer(list string, i int, members ...string) string {
	return "/" + strings.Join(append([]string{list, strconv.Itoa(i)}, members...), "/")
}

// checkSubmission holds what a registration must say to be judged.
func (f *faults) checkSubmission(d *contract.Deal, p *policy.Program, today partnerportal.Date) {
	f.checkDraft(d)
	f.checkCustomer(d.Customer)
	f.checkScope(d)
	f.checkAmount(d.Amount, p.Deal.MinimumValue)
	f.checkCloseDate(d.ExpectedCloseOn, today, p.Deal.MaxCloseMonths)
	f.checkParties(d)
	if p.Deal.RequireTerms && d.TermsAcceptedAt.IsZero() {
		f.add("/terms_accepted", "required", "Accept the programme's terms.")
	}
}

func (f *faults) checkCustomer(customer partnerportal.Organization) {
	if customer.Country == "" {
		f.add("/customer/country", "required", "Give the customer's country.")
	} else if _, err := match.Country(customer.Country); err != nil {
		f.add("/customer/country", "invalid_value", "Give an ISO 3166-1 alpha-2 country code.")
	}
	if customer.Domain != "" {
		if _, err := match.Domain(customer.Domain); err == match.ErrInvalid { //nolint:errorlint // Domain's errors are plain values
			f.add("/customer/domain", "invalid_format", "Give an internet domain, such as acme.com.")
			return
		}
	}
	if !identifiable(customer) && customer.Address.City == "" {
		code, message := "required", "Give the customer's domain, D-U-N-S number, an address with a city, or a customer id."
		if customer.Domain != "" {
			code, message = "invalid_value", "This domain identifies nobody. Give another one, a D-U-N-S number, an address with a city, or a customer id."
		}
		f.add("/customer/domain", code, message)
	}
}

// identifiable says that the customer can be told from others by more than its name.
func identifiable(customer partnerportal.Organization) bool {
	id := identify(customer, "", nil)
	return id.Host.Site != "" || id.DUNS != "" || len(id.Refs) > 0
}

func (f *faults) checkScope(d *contract.Deal) {
	if len(d.Products) == 0 && strings.TrimSpace(d.SolutionArea) == "" {
		f.add("/products", "required", "Give at least one product family, or a solution area.")
	}
	for i, p := range d.Products {
		if strings.TrimSpace(p.Family) == "" {
			f.add(pointer("products", i, "family"), "required", "Give the product family.")
		}
	}
	if _, err := match.Territory(d.Territory); err != nil && d.Territory != "" && d.Territory != d.Customer.Country {
		f.add("/territory", "invalid_value", `Give a country code ("US") or a region of one ("US-CA").`)
	}
}

func (f *faults) checkAmount(amount, minimum partnerportal.Money) {
	switch {
	case amount.IsZero():
		f.add("/amount", "required", "Give the amount.")
	case amount.Sign() <= 0:
		f.add("/amount", "out_of_range", "Give an amount above zero.")
	case below(amount, minimum):
		f.addAs(contract.ErrBelowMinimum, "/amount", "out_of_range", "The programme registers deals from "+minimum.String()+".")
	}
}

// below compares within one currency; an amount in another is for a person to judge.
func below(amount, minimum partnerportal.Money) bool {
	order, err := amount.Cmp(minimum)
	return err == nil && order < 0
}

func (f *faults) checkCloseDate(on, today partnerportal.Date, months int) {
	latest := monthsLater(today, months)
	switch {
	case on.IsZero():
		f.add("/expected_close_on", "required", "Give the day on which you expect to win.")
	case on.Before(today):
		f.addAs(contract.ErrCloseDateOutOfRange, "/expected_close_on", "out_of_range", "The day is past. Give today or later.")
	case months > 0 && on.After(latest):
		f.addAs(contract.ErrCloseDateOutOfRange, "/expected_close_on", "out_of_range", fmt.Sprintf("Give a day within %d months, until %s.", months, latest))
	}
}

func (f *faults) checkParties(d *contract.Deal) {
	distributors, shares := 0, 0
	for i, party := range d.Parties {
		switch party.Role {
		case partnerportal.PartyRoleDistributor:
			distributors++
		case partnerportal.PartyRoleVendor, partnerportal.PartyRoleReseller, partnerportal.PartyRoleSubReseller,
			partnerportal.PartyRoleServiceProvider, partnerportal.PartyRoleInfluencer:
		default:
			f.add(pointer("parties", i, "role"), "invalid_enum", "Name a role beside the customer, which is no party.")
		}
		if party.SharePercent == "" {
			continue
		}
		hundredths, ok := percent(party.SharePercent)
		if !ok {
			f.add(pointer("parties", i, "share_percent"), "invalid_format", "Give a percentage from 0 to 100.")
		}
		shares += hundredths
	}
	if shares > wholePercent {
		f.add("/parties", "out_of_range", "The shares come to more than 100 percent.")
	}
	if d.Route == contract.RouteTwoTier && distributors != 1 {
		f.add("/parties", map[bool]string{true: "too_few", false: "too_many"}[distributors == 0], "A two-tier deal names exactly one distributor.")
	}
}

// wholePercent is 100 percent, counted in hundredths of one.
const wholePercent = 100_00

// percent reads a percentage with up to two decimals exactly, as hundredths of a percent.
func percent(s string) (hundredths int, ok bool) {
	whole, decimals, _ := strings.Cut(s, ".")
	if len(decimals) > 2 || whole == "" || len(whole) > 3 {
		return 0, false
	}
	digits := whole + (decimals + "00")[:2]
	if strings.Trim(digits, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(digits)
	return n, err == nil && n <= wholePercent
}

// monthsLater is the same day so many months later, or the last day of that month where there is no such.
func monthsLater(day partnerportal.Date, months int) partnerportal.Date {
	month := int(day.Month) - 1 + months
	later := partnerportal.Date{Year: day.Year + month/12, Month: time.Month(month%12 + 1), Day: day.Day}
	for !later.IsValid() {
		later.Day--
	}
	return later
}

// authorised refuses families and territories that the partner may not sell.
func authorised(d *contract.Deal, partner *policy.Partner) error {
	scope := claimOf(d).scope()
	mine := match.Scope{Families: partner.Families, Territories: partner.Territories}
	if !match.Covers(mine, scope, []string{match.ByProductFamily}) {
		e := problem.New(http.StatusForbidden, contract.ErrProductNotAuthorised, "You are not authorised for every product family of this deal.")
		e.Fields = unauthorisedFamilies(d, mine)
		return e
	}
	if !match.Covers(mine, scope, []string{match.ByTerritory}) {
		e := problem.New(http.StatusForbidden, contract.ErrTerritoryNotAuthorised, "You are not authorised for the territory of this deal.")
		e.Fields = []partnerportal.FieldError{problem.Field("/territory", "not_permitted", "Your territories are "+strings.Join(partner.Territories, ", ")+".")}
		return e
	}
	return nil
}

func unauthorisedFamilies(d *contract.Deal, mine match.Scope) []partnerportal.FieldError {
	fields := []partnerportal.FieldError{}
	for i, p := range d.Products {
		if !match.Covers(mine, match.Scope{Families: []string{p.Family}}, []string{match.ByProductFamily}) {
			fields = append(fields, problem.Field(pointer("products", i, "family"), "not_permitted", "Your product families are "+strings.Join(mine.Families, ", ")+"."))
		}
	}
	if len(d.Products) == 0 {
		fields = append(fields, problem.Field("/solution_area", "not_permitted", "Your product families are "+strings.Join(mine.Families, ", ")+"."))
	}
	return fields
}

// autoApproval is the first rule of the programme that approves the deal without a person.
func autoApproval(d *contract.Deal, rules policy.DealRules, partner *policy.Partner) (policy.AutoApproval, bool) {
	scope := claimOf(d).scope()
	for _, rule := range rules.AutoApprove {
		covered := match.Covers(match.Scope{Families: rule.Families, Territories: rule.Territories}, scope, []string{match.ByProductFamily, match.ByTerritory})
		if covered && partner.TierRank >= rule.MinTierRank && (len(rule.Types) == 0 || slices.Contains(rule.Types, string(d.Type))) && within(d.Amount, rule.MaxAmount) {
			return rule, true
		}
	}
	return policy.AutoApproval{}, false
}

// within says that an amount is at most the limit. One in another currency is not.
func within(amount, limit partnerportal.Money) bool {
	if limit.IsZero() {
		return true
	}
	order, err := amount.Cmp(limit)
	return err == nil && order <= 0
}

// fillDefaults says what a submission leaves to be understood.
func fillDefaults(d *contract.Deal) {
	if d.Type == "" {
		d.Type = contract.TypeNewBusiness
	}
	if d.Route == "" {
		d.Route = contract.RouteOneTier
	}
	if d.Origin == "" {
		d.Origin = contract.OriginPartner
	}
	if d.Territory == "" {
		d.Territory = d.Customer.Country
	}
	if d.Name == "" && d.Customer.Name != "" {
		d.Name = d.Customer.Name
		if scope := claimOf(d); len(scope.Families) > 0 {
			d.Name += " – " + scope.Families[0]
		}
		d.Name = clip(d.Name, 255)
	}
}

// clip shortens a text to at most n characters.
func clip(s string, n int) string {
	if runes := []rune(s); len(runes) > n {
		return string(runes[:n])
	}
	return s
}
