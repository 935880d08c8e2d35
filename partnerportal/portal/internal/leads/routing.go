package leads

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/match"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
)

// The rules by which partners are chosen, as Routing.Rule names them.
const (
	ruleNamed = "named"                       // the vendor named them
	ruleFit   = "territory-product-tier-load" // the portal chose
)

// applicant is a partner that could get a lead.
type applicant struct {
	policy.Partner

	Open int64 // leads that it has on offer or works on
	Had  bool  // it was offered this lead before and did not keep it
}

// route ranks the applicants for a lead, best first, and says of each what counted; excluded ones come last. It is a pure
// function: the same facts give the same order, with equal scores in the order of the partners' ids.
func route(lead *leads.Lead, applicants []applicant, maxOpen int) []leads.Candidate {
	candidates := make([]leads.Candidate, len(applicants))
	for i := range applicants {
		candidates[i] = assess(lead, &applicants[i], maxOpen)
	}
	slices.SortFunc(candidates, func(a, b leads.Candidate) int {
		if a.Excluded != b.Excluded {
			if a.Excluded {
				return 1
			}
			return -1
		}
		return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(a.PartnerID, b.PartnerID))
	})
	return candidates
}

// assess gives points for each fit, weighted so that territory counts before product, product before tier, tier before load.
func assess(lead *leads.Lead, a *applicant, maxOpen int) leads.Candidate {
	c, where := leads.Candidate{PartnerID: a.ID}, territory(lead)
	for _, why := range obstacles(lead, a, maxOpen) {
		c.Excluded, c.Reasons = true, append(c.Reasons, why)
	}
	if c.Excluded {
		return c
	}
	count := func(points int, what string) {
		c.Score += points
		c.Reasons = append(c.Reasons, fmt.Sprintf("%.180s: %+d", what, points))
	}
	switch {
	case len(a.Territories) == 0:
		count(1000, "serves every territory")
	case slices.Contains(a.Territories, where):
		count(3000, "serves "+where)
	default:
		count(2000, "serves the country of "+where)
	}
	if len(a.Families) > 0 && len(lead.ProductInterest) > 0 {
		count(500, "authorised for "+strings.Join(lead.ProductInterest, ", "))
	}
	if rank := min(max(a.TierRank, 0), 4); rank > 0 {
		count(100*rank, "tier "+cmp.Or(a.Tier, fmt.Sprint(a.TierRank)))
	}
	if a.Open > 0 {
		count(-int(min(a.Open, 99)), fmt.Sprintf("%d open leads", a.Open))
	}
	return c
}

// obstacles are the rules that keep an applicant from a lead.
func obstacles(lead *leads.Lead, a *applicant, maxOpen int) (why []string) {
	where := territory(lead)
	wants := match.Scope{Families: lead.ProductInterest, Territories: []string{where}} // a blank one is none
	may := match.Scope{Families: a.Families, Territories: a.Territories}
	if !a.Active() {
		why = append(why, "is "+cmp.Or(string(a.Status), "not active"))
	}
	if a.Had {
		why = append(why, "had this lead before")
	}
	if !match.Covers(may, wants, []string{match.ByTerritory}) {
		why = append(why, "does not serve "+cmp.Or(where, "every territory"))
	}
	if len(lead.ProductInterest) > 0 && !match.Covers(may, wants, []string{match.ByProductFamily}) {
		why = append(why, fmt.Sprintf("%.180s", "is not authorised for all of "+strings.Join(lead.ProductInterest, ", ")))
	}
	if maxOpen > 0 && a.Open >= int64(maxOpen) {
		why = append(why, fmt.Sprintf("has %d open leads of at most %d", a.Open, maxOpen))
	}
	return why
}
