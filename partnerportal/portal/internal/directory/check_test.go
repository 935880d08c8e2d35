package directory_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
)

// The rules of deals and leads are checked where the administration is tested; these are those of members and tiers.
func TestTiersAreChecked(t *testing.T) {
	t.Parallel()
	good := func() policy.Program {
		p := policy.Default()
		p.Tiers = []policy.Tier{{ID: "silver", Name: "Silver", Rank: 1}, {ID: "gold", Name: "Gold", Rank: 2, Requirements: []program.Requirement{
			{ID: "revenue", Kind: program.RequirementKindRevenue, Amount: partnerportal.MustMoney("1", "USD")},
			{ID: "people", Kind: program.RequirementKindCertifiedPeople, Threshold: 1},
		}}}
		return p
	}
	p := good()
	require.NoError(t, directory.CheckProgram(&p))
	for fault, change := range map[string]func(p *policy.Program){
		"/status invalid_enum":                       func(p *policy.Program) { p.Status = "frozen" },
		"/membership/term_months out_of_range":       func(p *policy.Program) { p.Membership.TermMonths = 0 },
		"/membership/grace_days out_of_range":        func(p *policy.Program) { p.Membership.GraceDays = -1 },
		"/membership/notice_days/1 out_of_range":     func(p *policy.Program) { p.Membership.NoticeDays = []int{60, 0} },
		"/tiers/0/id invalid_format":                 func(p *policy.Program) { p.Tiers[0].ID = "no spaces" },
		"/tiers/1/id duplicate_key":                  func(p *policy.Program) { p.Tiers[1].ID = "silver" },
		"/tiers/0/name required":                     func(p *policy.Program) { p.Tiers[0].Name = " " },
		"/tiers/1/rank duplicate_key":                func(p *policy.Program) { p.Tiers[1].Rank = 1 },
		"/tiers/1/rank out_of_range":                 func(p *policy.Program) { p.Tiers[1].Rank = 1001 },
		"/tiers/1/requirements/1/id duplicate_key":   func(p *policy.Program) { p.Tiers[1].Requirements[1].ID = "revenue" },
		"/tiers/1/requirements/0/amount required":    func(p *policy.Program) { p.Tiers[1].Requirements[0].Amount = partnerportal.Money{} },
		"/tiers/1/requirements/1/threshold required": func(p *policy.Program) { p.Tiers[1].Requirements[1].Threshold = 0 },
		"/tiers/1/requirements/0/threshold not_permitted": func(p *policy.Program) {
			p.Tiers[1].Requirements[0].Threshold = 3
		},
		"/tiers/1/requirements/1/amount not_permitted": func(p *policy.Program) {
			p.Tiers[1].Requirements[1].Amount = partnerportal.MustMoney("1", "USD")
		},
	} {
		p := good()
		change(&p)
		var refusal *partnerportal.Error
		require.ErrorAs(t, directory.CheckProgram(&p), &refusal, fault)
		require.Len(t, refusal.Fields, 1, fault)
		assert.Equal(t, fault, refusal.Fields[0].Pointer+" "+refusal.Fields[0].Code)
	}
}
