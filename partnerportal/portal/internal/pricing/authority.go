package pricing

import (
	"math/bits"
	"strconv"
	"strings"

	contract "github.com/partnerportal/partnerportal-go/quotes"
)

// Points are the ten-thousandths of a percent of a percentage that the contract has let through; "" is 0.
func Points(percent string) int64 { return mustRate(percent).points }

// Percent writes points as the contract has them.
func Percent(points int64) string {
	text := strconv.FormatInt(points/1_0000, 10)
	if part := points % 1_0000; part > 0 {
		text += "." + strings.TrimRight(strconv.FormatInt(1_0000+part, 10)[1:], "0")
	}
	return text
}

// Decided is how much of a line somebody took off by hand, in points of what was left after all other discounts: the percentage that was
// said, or the smallest that gives as much.
func Decided(l *contract.Line) int64 {
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
		return Points(said)
	}
	if left = off + uint64(max(l.Net.TenThousandths(), 0)); off == 0 || left == 0 {
		return 0
	}
	high, low := bits.Mul64(off, whole)
	n, rest := bits.Div64(high, low, left) // off is at most left, so n is at most a hundred
	if rest > 0 {
		n++
	}
	return int64(n)
}
