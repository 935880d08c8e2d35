package quotes

import (
	"math/bits"
	"strconv"
	"strings"

	contract "github.com/partnerportal/partnerportal-go/quotes"
)

// Percentages are counted in ten-thousandths of a percent.
const hundred = 100_0000

// points reads a percentage that the contract has let through; "" is 0.
func points(percent string) int64 {
	before, after, _ := strings.Cut(percent, ".")
	n, _ := strconv.ParseInt(before+(after + "0000")[:4], 10, 64)
	return n
}

// percent writes points as the contract has them.
func percent(points int64) string {
	text := strconv.FormatInt(points/1_0000, 10)
	if part := points % 1_0000; part > 0 {
		text += "." + strings.TrimRight(strconv.FormatInt(1_0000+part, 10)[1:], "0")
	}
	return text
}

// decided is how much of a line somebody took off by hand, in points of what was left after all other discounts: the percentage that was
// said, or the smallest that gives as much.
func decided(l *contract.Line) int64 {
	var off, left uint64
	said, steps := "", 0
	for _, c := range l.Components {
		if c.Kind != contract.ComponentKindManual || c.Amount.Sign() >= 0 {
			continue
		}
		off += uint64(-c.Amount.TenThousandths())
		said, steps = c.Percent, steps+1
	}
	if steps == 1 && said != "" {
		return points(said)
	}
	if left = off + uint64(max(l.Net.TenThousandths(), 0)); off == 0 || left == 0 {
		return 0
	}
	high, low := bits.Mul64(off, hundred)
	n, rest := bits.Div64(high, low, left) // off is at most left, so n is at most a hundred
	if rest > 0 {
		n++
	}
	return int64(n)
}

// unapproved are the discounts that are larger than what the partner may decide, and that nobody has approved.
func (r *record) unapproved(policy *contract.PricePolicy) []contract.ApprovalLine {
	limit := points(policy.Manual.PartnerPercent)
	var lines []contract.ApprovalLine
	for i := range r.Lines {
		l := &r.Lines[i]
		n := decided(l)
		g, ok := r.Granted[l.ID]
		if n <= limit || ok && g.covers(l, n) {
			continue
		}
		lines = append(lines, contract.ApprovalLine{LineID: l.ID, RequestedPercent: percent(n)})
	}
	return lines
}

// decider is who may approve discounts: of the vendor's thresholds, the first that reaches the largest. It reports false when none does.
func decider(policy *contract.PricePolicy, lines []contract.ApprovalLine) (role string, ok bool) {
	largest := int64(0)
	for _, l := range lines {
		largest = max(largest, points(l.RequestedPercent))
	}
	for _, t := range policy.Manual.Thresholds {
		if largest <= points(t.Percent) {
			return t.Role, true
		}
	}
	return "", len(policy.Manual.Thresholds) == 0
}

// grants keeps what was approved.
func (r *record) grants(lines []contract.ApprovalLine) {
	if r.Granted == nil {
		r.Granted = map[string]grant{}
	}
	for _, a := range lines {
		l := r.line(a.LineID)
		r.Granted[a.LineID] = grant{Percent: a.ApprovedPercent, Quantity: l.Quantity, TermMonths: l.TermMonths, SpecialPricingID: l.SpecialPricingID}
	}
}
