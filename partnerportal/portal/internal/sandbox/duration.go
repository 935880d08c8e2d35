package sandbox

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

var errDuration = errors.New("sandbox: not an ISO 8601 duration of weeks, or of days, hours, minutes and seconds")

// units are the designators in their order. A day is 24 hours here: the clock that is turned knows no time zone.
var units = []struct {
	sign byte
	time bool // behind the T
	size time.Duration
}{
	{'W', false, 7 * 24 * time.Hour}, {'D', false, 24 * time.Hour},
	{'H', true, time.Hour}, {'M', true, time.Minute}, {'S', true, time.Second},
}

// parseDuration reads "P2W", "P30D", "PT36H" or "P1DT2H3M4S". Months and years have no fixed length and are not taken.
func parseDuration(text string) (time.Duration, error) {
	rest, ok := strings.CutPrefix(text, "P")
	if !ok {
		return 0, errDuration
	}
	var total time.Duration
	inTime, next := false, 0
	for rest != "" {
		if !inTime && rest[0] == 'T' {
			inTime, rest = true, rest[1:]
			if rest == "" {
				return 0, errDuration
			}
		}
		digits := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
		if digits < 1 {
			return 0, errDuration
		}
		unit := next
		for unit < len(units) && (units[unit].sign != rest[digits] || units[unit].time != inTime) {
			unit++
		}
		n, err := strconv.ParseInt(rest[:digits], 10, 64)
		if unit == len(units) || err != nil || n > int64((math.MaxInt64-total)/units[unit].size) {
			return 0, errDuration
		}
		total += time.Duration(n) * units[unit].size
		next, rest = unit+1, rest[digits+1:]
		if units[unit].sign == 'W' && rest != "" {
			return 0, errDuration
		}
	}
	if next == 0 {
		return 0, errDuration
	}
	return total, nil
}
