package pricing

import (
	"strconv"
	"strings"

	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// rate is a percentage: as it was written, and in ten-thousandths of a percent.
type rate struct {
	text   string
	points int64
}

// whole is 100 %.
const whole = 100_0000

// newRate reads a percentage from 0 to 100 with at most four decimals. "" is none at all.
func newRate(text string) (rate, error) {
	if text == "" {
		return rate{}, nil
	}
	before, after, point := strings.Cut(text, ".")
	digits := before + (after + "0000")[:max(4, len(after))]
	n, err := strconv.ParseUint(digits, 10, 32)
	if err != nil || len(before) == 0 || len(before) > 3 || len(after) > 4 || point && after == "" || n > whole {
		return rate{}, partnerportal.ErrMoneyFormat
	}
	return rate{text, int64(n)}, nil
}

// given says that there is a percentage, which may be 0.
func (r rate) given() bool { return r.text != "" }

// mustRate is newRate for what has been checked: a rate that cannot be read gives nothing.
func mustRate(text string) rate {
	r, _ := newRate(text)
	return r
}

const percentRule = "Give a percentage from 0 to 100 with at most four decimals."
