package deliver

import (
	"net/http"
	"time"
)

// waits are those of Standard Webhooks: ten attempts over three days, so that an endpoint may be down for a weekend.
var waits = []time.Duration{
	5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

const (
	pingWaits  = 2                // of the same list: whoever registers an endpoint sits there and waits
	jitter     = 0.2              // each way
	overloaded = 75 * time.Second // with jitter, at least a minute
)

// Next says how long to wait after a failed attempt, the attempt-th of its delivery counted from 1, and whether there is another
// at all. There is none after a success, a 410, the tenth attempt, or a ping's third. random returns numbers in [0, 1).
//
// An endpoint that timed out or answered 429 or 503 gets at least a minute. A Retry-After can make the wait longer, at most twofold:
// it is the endpoint's wish, and not its right to keep deliveries here for ever.
func Next(attempt int, a Attempt, ping bool, random func() float64) (delay time.Duration, more bool) {
	left := waits
	if ping {
		left = waits[:pingWaits]
	}
	if a.Failure == "" || a.Failure == FailureGone || attempt > len(left) {
		return 0, false
	}
	wait := left[max(attempt, 1)-1]
	if a.Failure == FailureTimeout || a.Status == http.StatusTooManyRequests || a.Status == http.StatusServiceUnavailable {
		wait = max(wait, overloaded)
	}
	wait = time.Duration(float64(wait) * (1 - jitter + 2*jitter*random()))
	return min(max(wait, a.RetryAfter), 2*wait), true
}
