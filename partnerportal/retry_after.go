package partnerportal

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// forever stands for waits beyond what a Duration holds.
const forever = time.Duration(math.MaxInt64)

// retryAfter reads how long the portal asks to wait; ok is false when it does not ask, or not understandably. Seconds that
// overflow are forever: taken as zero they would make a hot loop out of a plea to stay away. All three forms of a date are
// accepted, and a date is measured against the answer's own Date, because the clocks of the two ends may differ.
func retryAfter(h http.Header, now time.Time) (wait time.Duration, ok bool) {
	text := strings.Trim(h.Get("Retry-After"), " \t")
	if isDigits(text) {
		seconds, err := strconv.ParseInt(text, 10, 64)
		if err != nil || seconds > int64(forever/time.Second) {
			return forever, true
		}
		return time.Duration(seconds) * time.Second, true
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0, false
	}
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	return max(at.Sub(now), 0), true // Sub saturates
}
