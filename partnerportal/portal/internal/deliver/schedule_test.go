package deliver_test

import (
	"math"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/deliver"
)

// schedule has the waits before the second to the tenth attempt.
var schedule = []time.Duration{
	5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

func middle() float64 { return 0.5 }

func TestSchedule(t *testing.T) {
	t.Parallel()
	failed := deliver.Attempt{Failure: deliver.FailureStatus, Status: 500}
	for i, want := range schedule {
		delay, more := deliver.Next(i+1, failed, false, middle)
		assert.True(t, more)
		assert.Equal(t, want, delay, "after attempt %d", i+1)

		delay, more = deliver.Next(i+1, failed, true, middle)
		assert.Equal(t, i < 2, more, "a ping after attempt %d", i+1)
		if more {
			assert.Equal(t, want, delay)
		}
	}
	for _, c := range []struct {
		attempt int
		a       deliver.Attempt
	}{
		{10, failed},
		{11, failed},
		{math.MaxInt, failed},
		{1, deliver.Attempt{Status: 204}},
		{1, deliver.Attempt{Failure: deliver.FailureGone, Status: 410}},
	} {
		delay, more := deliver.Next(c.attempt, c.a, false, middle)
		assert.False(t, more, "%+v", c)
		assert.Zero(t, delay)
	}
}

func TestOverloadedEndpoints(t *testing.T) {
	t.Parallel()
	for _, a := range []deliver.Attempt{
		{Failure: deliver.FailureTimeout},
		{Failure: deliver.FailureStatus, Status: 429},
		{Failure: deliver.FailureStatus, Status: 503},
	} {
		for _, random := range []float64{0, 0.25, 0.999} {
			delay, more := deliver.Next(1, a, false, func() float64 { return random })
			assert.True(t, more)
			assert.GreaterOrEqual(t, delay, time.Minute, "%+v", a)
		}
		delay, _ := deliver.Next(2, a, false, middle)
		assert.Equal(t, 5*time.Minute, delay, "later waits are long enough")
	}
}

func TestJitter(t *testing.T) {
	t.Parallel()
	t.Run("case 154 10,000 samples stay within 20 percent", func(t *testing.T) {
		t.Parallel()
		random := rand.New(rand.NewPCG(1, 154))
		failed := deliver.Attempt{Failure: deliver.FailureConnect}
		low, high := math.Inf(1), 0.0
		for i := range 10_000 {
			attempt := i%len(schedule) + 1
			delay, more := deliver.Next(attempt, failed, false, random.Float64)
			require.True(t, more)
			share := float64(delay) / float64(schedule[attempt-1])
			low, high = min(low, share), max(high, share)
		}
		assert.GreaterOrEqual(t, low, 0.8-1e-9)
		assert.LessOrEqual(t, high, 1.2)
		assert.InDelta(t, 0.8, low, 0.01, "both ends are reached")
		assert.InDelta(t, 1.2, high, 0.01, "both ends are reached")
	})
}

// Whatever came of an attempt, the next one is soon enough to matter and late enough not to hurt.
func TestNextProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		attempt := rapid.IntRange(-1, 12).Draw(t, "attempt")
		a := deliver.Attempt{
			Failure:    rapid.SampledFrom([]string{"", deliver.FailureStatus, deliver.FailureTimeout, deliver.FailureGone, deliver.FailureInterrupted}).Draw(t, "failure"),
			Status:     rapid.SampledFrom([]int{0, 200, 429, 500, 503}).Draw(t, "status"),
			RetryAfter: time.Duration(rapid.Int64().Draw(t, "retry after")),
		}
		ping := rapid.Bool().Draw(t, "ping")
		random := rapid.Float64Range(0, math.Nextafter(1, 0)).Draw(t, "random")
		delay, more := deliver.Next(attempt, a, ping, func() float64 { return random })
		own, also := deliver.Next(attempt, deliver.Attempt{Failure: a.Failure, Status: a.Status}, ping, func() float64 { return random })
		require.Equal(t, also, more, "a Retry-After decides nothing but the delay")
		if !more {
			require.Zero(t, delay)
			return
		}
		require.GreaterOrEqual(t, delay, 4*time.Second)
		require.GreaterOrEqual(t, delay, own)
		require.LessOrEqual(t, delay, 2*own)
		if a.RetryAfter >= own && a.RetryAfter <= 2*own {
			require.Equal(t, a.RetryAfter, delay, "what is asked within reason is given")
		}
	})
}

// answering is a Poster whose endpoint answers so.
func answering(status int, header http.Header, now time.Time) *deliver.Poster {
	return deliver.NewPoster(roundTrip(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: header, Body: http.NoBody}, nil
	}), func() time.Time { return now })
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		text  string
		asked time.Duration
		delay time.Duration // after the second attempt, whose own delay is 5 minutes
	}{
		{"999999", 999999 * time.Second, 10 * time.Minute},
		{"99999999999999999999999999", math.MaxInt64 / time.Second * time.Second, 10 * time.Minute},
		{"9223372037", math.MaxInt64 / time.Second * time.Second, 10 * time.Minute},
		{"420", 7 * time.Minute, 7 * time.Minute},
		{" 420\t", 7 * time.Minute, 7 * time.Minute},
		{"10", 10 * time.Second, 5 * time.Minute},
		{"0", 0, 5 * time.Minute},
		{"-1", 0, 5 * time.Minute},
		{"+420", 0, 5 * time.Minute},
		{"420.5", 0, 5 * time.Minute},
		{"soon", 0, 5 * time.Minute},
		{"", 0, 5 * time.Minute},
		{"Sun, 22 Nov 2026 12:08:00 GMT", 8 * time.Minute, 8 * time.Minute},
		{"Sunday, 22-Nov-26 12:08:00 GMT", 8 * time.Minute, 8 * time.Minute},
		{"Sun Nov 22 12:08:00 2026", 8 * time.Minute, 8 * time.Minute},
		{"Sun, 22 Nov 2026 11:59:59 GMT", 0, 5 * time.Minute},
		{"Thu, 01 Jan 1970 00:00:00 GMT", 0, 5 * time.Minute},
		{"Fri, 31 Dec 9999 23:59:59 GMT", math.MaxInt64, 10 * time.Minute},
	} {
		t.Run("case 152 "+c.text, func(t *testing.T) {
			t.Parallel()
			a := answering(500, http.Header{"Retry-After": {c.text}}, now).Post(t.Context(), message(t, "https://crm.example.com/"))
			assert.Equal(t, c.asked, a.RetryAfter)
			delay, more := deliver.Next(2, a, false, middle)
			assert.True(t, more)
			assert.Equal(t, c.delay, delay)
		})
	}

	t.Run("case 152 a date by the clock of the endpoint, which is an hour ahead", func(t *testing.T) {
		t.Parallel()
		a := answering(503, http.Header{"Retry-After": {"Sun, 22 Nov 2026 13:08:00 GMT"}, "Date": {"Sun, 22 Nov 2026 13:00:00 GMT"}}, now).
			Post(t.Context(), message(t, "https://crm.example.com/"))
		assert.Equal(t, 8*time.Minute, a.RetryAfter)
	})
	t.Run("of a success nothing is asked", func(t *testing.T) {
		t.Parallel()
		a := answering(200, http.Header{"Retry-After": {"420"}}, now).Post(t.Context(), message(t, "https://crm.example.com/"))
		assert.Zero(t, a.RetryAfter)
	})
}

// What an endpoint answers is anybody's text; it moves the next attempt within bounds and no further.
func FuzzRetryAfter(f *testing.F) {
	for _, text := range []string{"999999", "-1", "0", "Sun, 22 Nov 2026 12:08:00 GMT", "18446744073709551616", "1e9", "\x00"} {
		f.Add(text, "Sun, 22 Nov 2026 12:00:00 GMT")
	}
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text, date string) {
		a := answering(503, http.Header{"Retry-After": {text}, "Date": {date}}, now).Post(t.Context(), message(t, "https://crm.example.com/"))
		require.GreaterOrEqual(t, a.RetryAfter, time.Duration(0))
		delay, more := deliver.Next(3, a, false, middle)
		require.True(t, more)
		require.GreaterOrEqual(t, delay, 30*time.Minute)
		require.LessOrEqual(t, delay, time.Hour)
	})
}
