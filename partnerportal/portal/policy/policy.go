// Package policy is what a vendor decides for its portal, as data: programmes with their rules, and the partners who work under
// them. The types are those of the contract, so that a host in Go and a desk behind the API say the same.
package policy

import (
	_ "time/tzdata" // a programme's deadlines end at midnight in its own zone, wherever the portal runs

	"github.com/partnerportal/partnerportal-go/partnerportal/program"
)

// DefaultID is the programme that a portal starts with.
const DefaultID = program.DefaultID

type (
	// Program is a set of rules under which partners work.
	Program = program.Program
	// DealRules are the rules of deal registration.
	DealRules = program.DealRules
	// AutoApproval is a rule that approves without a person.
	AutoApproval = program.AutoApproval
	// LeadRules are the rules of lead distribution.
	LeadRules = program.LeadRules
	// MembershipRules are the rules of terms, grace periods and moving up.
	MembershipRules = program.MembershipRules
	// Tier is a level of a programme.
	Tier = program.Tier
	// Partner is a company that sells for the vendor.
	Partner = program.Partner
)

// Default returns the rules that a portal starts with.
func Default() Program {
	return Program{
		ID: DefaultID, Name: "Partner programme", Status: program.StatusActive, TimeZone: "UTC", Currency: "USD",
		Deal: DealRules{
			ProtectionDays: 90, ExpiringNoticeDays: []int{30, 14, 7, 1},
			MaxExtensions: 1, ExtensionDays: 90, ExtensionOpensBefore: 30,
			Exclusivity: program.ExclusivityExclusive, MatchKeys: []string{"domain", "subdomain", "duns", "name_country", "customer_id"},
			OverlapScope: []string{"product_family", "territory"}, ConflictPolicy: program.ConflictPolicyFirstValidWins,
			SubmitOnConflict: program.SubmitPolicyBlock, Disclosure: program.DisclosureExistence,
			CustomerIDSystems: []string{"vendor", "vendor_crm", "lei", "vat", "gln"}, ChangesDueDays: 14, AppealDays: 14,
			ReviewSLAHours: 48, MaxCloseMonths: 24, PreChecksPerDay: 200,
		},
		Lead:       LeadRules{AcceptWithinHours: 48, FirstContactWithinHours: 24, UpdateEveryDays: 14, MaxRounds: 3, MaxOpenPerPartner: 50},
		Membership: MembershipRules{TermMonths: 12, GraceDays: 30, NoticeDays: []int{60, 30}, AutoRenew: true},
	}
}
