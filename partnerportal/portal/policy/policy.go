// Package policy is what a vendor decides for its portal, as data: programmes with their rules, and the partners who work under them.
package policy

import (
	"time"
	_ "time/tzdata" // a programme's deadlines end at midnight in its own zone, wherever the portal runs

	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// DefaultID is the programme that a portal starts with.
const DefaultID = "default"

// Program is a set of rules under which partners work.
type Program struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Inactive bool      `json:"inactive,omitempty"` // no new registrations
	TimeZone string    `json:"time_zone"`          // IANA name; days end at 24:00 there
	Currency string    `json:"currency"`           // ISO 4217 code
	Deal     DealRules `json:"deal"`
	Lead     LeadRules `json:"lead"`
}

// DealRules are the rules of deal registration.
type DealRules struct {
	ProtectionDays       int    `json:"protection_days"`        // 1 to 365
	ExpiringNoticeDays   []int  `json:"expiring_notice_days"`   // days before the end on which the partner is told
	MaxExtensions        int    `json:"max_extensions"`         // how often a protection may be extended
	ExtensionDays        int    `json:"extension_days"`         // the longest extension
	ExtensionOpensBefore int    `json:"extension_opens_before"` // days before the end from which an extension may be asked for
	Exclusivity          string `json:"exclusivity"`            // exclusive, shared or none

	// MatchKeys say what makes two customers the same: domain, subdomain, duns, name_country, customer_id.
	MatchKeys []string `json:"match_keys"`
	// CustomerIDSystems are the systems whose customer ids mean the same to every partner, such as the vendor's CRM or a public register. Ids of other
	// systems identify a customer only among a partner's own deals.
	CustomerIDSystems []string `json:"customer_id_systems,omitempty"`
	// OverlapScope says what makes two registrations the same business: product_family, territory.
	OverlapScope []string `json:"overlap_scope"`
	// ConflictPolicy is first_valid_wins (an earlier registration blocks), review (it is only noted) or multiple_allowed.
	ConflictPolicy string `json:"conflict_policy"`
	// SubmitOnConflict is block (a conflicting registration is refused) or allow_review (it waits for a ruling).
	SubmitOnConflict string `json:"submit_on_conflict"`
	// Disclosure is what a partner learns of the other side: none, existence or existence_and_expiry.
	Disclosure string `json:"disclosure"`

	ChangesDueDays  int `json:"changes_due_days"`  // how long a partner has to answer a request for changes
	AppealDays      int `json:"appeal_days"`       // how long a rejection may be appealed
	ReviewSLAHours  int `json:"review_sla_hours"`  // how soon the vendor promises to decide
	MaxCloseMonths  int `json:"max_close_months"`  // how far ahead a close date may lie
	PreChecksPerDay int `json:"prechecks_per_day"` // a partner's quota; more would be an oracle for rivals' pipelines

	// MinimumValue is the smallest amount that may be registered, in the programme's currency; zero means any.
	MinimumValue partnerportal.Money `json:"minimum_value,omitzero"`
	RequireTerms bool                `json:"require_terms,omitempty"` // a submission must accept the terms
	// DiscountPercent is granted with an approval, for instance "5.00".
	DiscountPercent  string `json:"discount_percent,omitempty"`
	DiscountPolicyID string `json:"discount_policy_id,omitempty"`

	// AutoApprove are rules of which the first that fits approves a submission without conflicts at once.
	AutoApprove []AutoApproval `json:"auto_approve,omitempty"`
}

// AutoApproval is a rule that approves without a person. An empty field fits everything.
type AutoApproval struct {
	ID          string              `json:"id"`                      // what the deal's approval step names
	MaxAmount   partnerportal.Money `json:"max_amount,omitzero"`     // the largest amount, in its currency
	Families    []string            `json:"families,omitempty"`      // product families
	Territories []string            `json:"territories,omitempty"`   // countries and regions
	MinTierRank int                 `json:"min_tier_rank,omitempty"` // the lowest rank of a partner's tier
	Types       []string            `json:"types,omitempty"`         // deal types, such as new_business
}

// LeadRules are the rules of lead distribution.
type LeadRules struct {
	AcceptWithinHours       int `json:"accept_within_hours"`        // how long an offer stands
	FirstContactWithinHours int `json:"first_contact_within_hours"` // how soon after accepting the contact is to be approached
	UpdateEveryDays         int `json:"update_every_days"`          // how often the partner is to report
	MaxRounds               int `json:"max_rounds"`                 // distributions until a lead is unplaced
	MaxOpenPerPartner       int `json:"max_open_per_partner"`       // open leads from which the portal passes a partner over
}

// Default returns the rules that a portal starts with.
func Default() Program {
	return Program{
		ID: DefaultID, Name: "Partner programme", TimeZone: "UTC", Currency: "USD",
		Deal: DealRules{
			ProtectionDays: 90, ExpiringNoticeDays: []int{30, 14, 7, 1},
			MaxExtensions: 1, ExtensionDays: 90, ExtensionOpensBefore: 30,
			Exclusivity: "exclusive", MatchKeys: []string{"domain", "subdomain", "duns", "name_country", "customer_id"},
			OverlapScope: []string{"product_family", "territory"}, ConflictPolicy: "first_valid_wins", SubmitOnConflict: "block",
			Disclosure: "existence", CustomerIDSystems: []string{"vendor", "vendor_crm", "lei", "vat", "gln"}, ChangesDueDays: 14, AppealDays: 14, ReviewSLAHours: 48, MaxCloseMonths: 24, PreChecksPerDay: 200,
		},
		Lead: LeadRules{AcceptWithinHours: 48, FirstContactWithinHours: 24, UpdateEveryDays: 14, MaxRounds: 3, MaxOpenPerPartner: 50},
	}
}

// Partner is a company that sells for the vendor.
type Partner struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	Status      string   `json:"status"` // active or suspended
	ProgramID   string   `json:"program_id"`
	Country     string   `json:"country,omitempty"`
	Domains     []string `json:"domains,omitempty"`     // its own
	Territories []string `json:"territories,omitempty"` // where it may register; empty means everywhere
	Families    []string `json:"families,omitempty"`    // product families it may register; empty means all
	Tier        string   `json:"tier,omitempty"`
	TierRank    int      `json:"tier_rank,omitempty"` // higher is better
	Productive  bool     `json:"productive,omitempty"`

	CreatedAt time.Time `json:"created_at"`
}

// Active says that the partner may act.
func (p *Partner) Active() bool { return p.Status == "active" }

// EndOfDay is 24:00 of a day in the programme's time zone: when a deadline given as a day ends.
func (p *Program) EndOfDay(day partnerportal.Date) time.Time {
	return day.AddDays(1).In(p.location()).UTC()
}

// Today is the day that it is in the programme's time zone.
func (p *Program) Today(now time.Time) partnerportal.Date {
	return partnerportal.DateOf(now.In(p.location()))
}

func (p *Program) location() *time.Location {
	loc, err := time.LoadLocation(p.TimeZone)
	if err != nil {
		return time.UTC // the administration refuses unknown zones
	}
	return loc
}
