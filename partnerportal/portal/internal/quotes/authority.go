package quotes

import (
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/pricing"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/quoting"
	contract "github.com/partnerportal/partnerportal-go/quotes"
)

// unapproved are the discounts that are larger than what the partner may decide, and that nobody has approved.
func (r *record) unapproved(policy *contract.PricePolicy) []contract.ApprovalLine {
	limit := pricing.Points(policy.Manual.PartnerPercent)
	var lines []contract.ApprovalLine
	for i := range r.Lines {
		l := &r.Lines[i]
		if n := pricing.Decided(l); n > max(limit, r.Granted[l.ID].Allows(l)) {
			lines = append(lines, contract.ApprovalLine{LineID: l.ID, RequestedPercent: pricing.Percent(n)})
		}
	}
	return lines
}

// decider is who may approve discounts: of the vendor's thresholds, the first that reaches the largest. It reports false when none does.
func decider(policy *contract.PricePolicy, lines []contract.ApprovalLine) (role string, ok bool) {
	largest := int64(0)
	for _, l := range lines {
		largest = max(largest, pricing.Points(l.RequestedPercent))
	}
	for _, t := range policy.Manual.Thresholds {
		if largest <= pricing.Points(t.Percent) {
			return t.Role, true
		}
	}
	return "", len(policy.Manual.Thresholds) == 0
}

// grants keeps what was approved.
func (r *record) grants(lines []contract.ApprovalLine) {
	if r.Granted == nil {
		r.Granted = map[string]quoting.Grant{}
	}
	for _, a := range lines {
		l := r.line(a.LineID)
		r.Granted[a.LineID] = quoting.Grant{Percent: a.ApprovedPercent, Quantity: l.Quantity, TermMonths: l.TermMonths, SpecialPricingID: l.SpecialPricingID}
	}
}
