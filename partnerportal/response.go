package partnerportal

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Response tells of a call what its result does not. See [WithResponse].
type Response struct {
	// Status is the HTTP status of the last answer; 0 when there was none.
	Status int
	// Header holds the headers of the last answer.
	Header http.Header
	// RequestID identifies the exchange in the portal's records.
	RequestID string
	// Attempts is the number of times the request was sent.
	Attempts int
	// Replayed says that the portal had carried the call out before, under the same idempotency key, and repeats its first answer.
	Replayed bool
	// Body is the last answer as it came, decompressed: what this version of the SDK does not know is in it.
	Body []byte
}

// ETag returns the entity tag of the answer, for [IfMatch].
func (r *Response) ETag() string { return r.Header.Get("ETag") }

// RateLimit is what the portal says about one of its limits.
type RateLimit struct {
	// Policy names the limit.
	Policy string
	// Remaining is the number of requests left until Reset; it is not a promise.
	Remaining int64
	// Reset is the time, counted from the answer, after which there is more; 0 when the portal does not say.
	Reset time.Duration
}

// RateLimits reads the RateLimit header of the answer: a list of limits such as "default";r=50;t=30. What is malformed is left out.
func (r *Response) RateLimits() []RateLimit {
	var limits []RateLimit
	for _, line := range r.Header.Values("RateLimit") {
		for item := range strings.SplitSeq(line, ",") {
			if limit, ok := parseRateLimit(item); ok {
				limits = append(limits, limit)
			}
		}
	}
	return limits
}

func parseRateLimit(item string) (RateLimit, bool) {
	name, params, _ := strings.Cut(strings.TrimSpace(item), ";")
	limit := RateLimit{Policy: strings.Trim(name, `"`), Remaining: -1}
	if limit.Policy == "" {
		return limit, false
	}
	for param := range strings.SplitSeq(params, ";") {
		key, text, _ := strings.Cut(strings.TrimSpace(param), "=")
		n, err := strconv.ParseInt(text, 10, 64)
		switch {
		case key == "r" && err == nil:
			limit.Remaining = n
		case key == "t" && err == nil && n >= 0 && n <= int64(forever/time.Second):
			limit.Reset = time.Duration(n) * time.Second
		}
	}
	return limit, limit.Remaining >= 0
}

// isJSON reports whether the headers announce JSON of any kind.
func isJSON(h http.Header) bool {
	kind, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	kind = strings.TrimSpace(kind)
	return strings.EqualFold(kind, "application/json") ||
		len(kind) > 5 && strings.EqualFold(kind[len(kind)-5:], "+json")
}
