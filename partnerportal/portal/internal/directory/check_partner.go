package directory

import (
	"fmt"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/match"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
)

var partnerStatuses = []program.PartnerStatus{
	program.PartnerStatusActive, program.PartnerStatusSuspended, program.PartnerStatusInvited, program.PartnerStatusApplied,
	program.PartnerStatusInReview, program.PartnerStatusChangesRequested, program.PartnerStatusRejected, program.PartnerStatusTerminated,
}

// CheckPartner completes and checks a partner.
func CheckPartner(p *policy.Partner) error {
	var f rules
	if p.Status == "" {
		p.Status = program.PartnerStatusActive
	}
	if p.ProgramID == "" {
		p.ProgramID = policy.DefaultID
	}
	f.Identifier("/id", p.ID)
	f.Text("/name", p.Name, 120)
	problem.OneOf(&f.Fields, "/status", p.Status, partnerStatuses...)
	if p.Country != "" {
		country, err := match.Country(p.Country)
		if err != nil {
			f.Add("/country", "invalid_format", `Give an ISO 3166-1 alpha-2 code, such as "US".`)
		}
		p.Country = country
	}
	domains := make([]string, 0, len(p.Domains))
	for i, text := range p.Domains {
		host, err := match.Domain(text)
		if err != nil {
			f.Add(fmt.Sprintf("/domains/%d", i), "invalid_format", "Give an internet domain of the partner's own.")
		}
		domains = append(domains, host.Name)
	}
	p.Domains = domains
	p.Territories = f.territories("/territories", p.Territories)
	for i, family := range p.Families {
		f.Text(fmt.Sprintf("/families/%d", i), family, 120)
	}
	f.Between("/tier_rank", p.TierRank, 0, 1000)
	return f.Err()
}
