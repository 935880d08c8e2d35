package partnerportal_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const inProgress = `{"code":"idempotency_in_progress"}`

// TestRetries is the policy as a table: what the portal does, step by step, against what the caller gets and how often the request
// was sent. Numbers are rows of the fault table in research/reliability.md, 4.1.
func TestRetries(t *testing.T) {
	t.Parallel()
	put := &partnerportal.Request{Op: putThing, PathArgs: []string{"t1"}, Body: thing{}}
	patch := &partnerportal.Request{Op: patchThing, PathArgs: []string{"t1"}, Body: thing{}}
	remove := &partnerportal.Request{Op: deleteThing, PathArgs: []string{"t1"}}
	unknown, unavailable := partnerportal.ErrOutcomeUnknown, partnerportal.ErrUnavailable
	limited, unexpected := partnerportal.ErrRateLimited, partnerportal.ErrUnexpectedContent
	for name, tc := range map[string]struct {
		request  *partnerportal.Request
		steps    []step
		attempts int
		is       []error // nil: it succeeds
		isNot    []error
	}{
		// Row 1: refused connections are retried for every method.
		"1 GET refused":  {get("t1"), []step{broken(refused), ok(`{}`)}, 2, nil, nil},
		"1 POST refused": {poke(), []step{broken(refused), broken(refused), ok(`{}`)}, 3, nil, nil},
		"1 POST dead":    {poke(), []step{broken(refused)}, 4, []error{unavailable}, []error{unknown}},
		// Row 2: a name that does not exist will not come into being; a name server in trouble may recover.
		"2 no such host":  {get("t1"), []step{broken(&net.DNSError{IsNotFound: true})}, 1, []error{unavailable}, nil},
		"2 DNS temporary": {poke(), []step{broken(&net.DNSError{IsTemporary: true}), ok(`{}`)}, 2, nil, nil},
		// Row 4: a reset after sending is safe to repeat for reads and with a key only.
		"4 GET reset":         {get("t1"), []step{broken(reset), ok(`{}`)}, 2, nil, nil},
		"4 PUT reset":         {put, []step{broken(reset), ok(`{}`)}, 2, nil, nil},
		"4 keyed POST reset":  {create(), []step{broken(reset), ok(`{}`)}, 2, nil, nil},
		"4 keyed POST dead":   {create(), []step{broken(reset)}, 4, []error{unknown, unavailable}, nil},
		"4 POST reset":        {poke(), []step{broken(reset), ok(`{}`)}, 1, []error{unknown, unavailable}, nil},
		"4 PATCH reset":       {patch, []step{broken(reset), ok(`{}`)}, 1, []error{unknown}, nil},
		"4 GET dead":          {get("t1"), []step{broken(reset)}, 4, []error{unavailable}, []error{unknown}},
		"4 POST refused last": {create(), []step{broken(reset), broken(refused)}, 4, []error{unknown}, nil},
		// Row 10: 429 is turned away unread, for every method.
		"10 POST 429":       {poke(), []step{status(429), status(429), ok(`{}`)}, 3, nil, nil},
		"10 POST 429 storm": {poke(), []step{status(429)}, 4, []error{limited}, []error{unknown}},
		// Row 11: flaps.
		"11 GET 500":   {get("t1"), []step{status(500), ok(`{}`)}, 2, nil, nil},
		"11 GET 502":   {get("t1"), []step{status(502), ok(`{}`)}, 2, nil, nil},
		"11 GET 503":   {get("t1"), []step{status(503), ok(`{}`)}, 2, nil, nil},
		"11 GET 504":   {get("t1"), []step{status(504), ok(`{}`)}, 2, nil, nil},
		"11 GET 408":   {get("t1"), []step{status(408), ok(`{}`)}, 2, nil, nil},
		"11 GET 425":   {get("t1"), []step{status(425), ok(`{}`)}, 2, nil, nil},
		"11 GET 501":   {get("t1"), []step{status(501)}, 1, []error{unavailable}, nil},
		"11 GET 505":   {get("t1"), []step{status(505)}, 1, []error{unavailable}, nil},
		"11 POST 503":  {poke(), []step{status(503)}, 1, []error{unknown, unavailable}, nil},
		"11 keyed 503": {create(), []step{status(503), status(502), ok(`{}`)}, 3, nil, nil},
		"11 GET 404":   {get("t1"), []step{status(404)}, 1, []error{partnerportal.ErrNotFound}, nil},
		"11 GET 400":   {get("t1"), []step{status(400)}, 1, []error{partnerportal.ErrValidation}, nil},
		// Row 13: what is not the contract's is not asked for again; of a write it says nothing certain.
		"13 HTML":         {get("t1"), []step{{status: 200, body: "<html>", header: http.Header{"Content-Type": {"text/html"}}}}, 1, []error{unexpected}, []error{unknown}},
		"13 HTML on POST": {create(), []step{{status: 200, body: "<html>", header: http.Header{"Content-Type": {"text/html"}}}}, 1, []error{unexpected, unknown}, nil},
		"13 empty 200":    {get("t1"), []step{ok("")}, 1, []error{unexpected}, nil},
		"13 204":          {get("t1"), []step{{status: 204}}, 1, []error{unexpected}, nil},
		"13 wrong type":   {get("t1"), []step{ok(`{"id":7}`)}, 1, []error{unexpected}, nil},
		// Row 7: broken JSON is taken for an answer cut off.
		"7 cut off GET":  {get("t1"), []step{ok(`{"id":"t1"`), ok(`{"id":"t1"}`)}, 2, nil, nil},
		"7 cut off POST": {poke(), []step{ok(`{"id":"t1"`)}, 1, []error{unexpected, unknown}, nil},
		// Row 15.
		"15 nested": {get("t1"), []step{ok(strings.Repeat("[", 100_000))}, 1, []error{unexpected}, nil},
		// Row 18.
		"18 redirect":     {get("t1"), []step{{status: 307, header: http.Header{"Location": {"https://evil.test/"}}}}, 1, []error{partnerportal.ErrRedirected}, nil},
		"18 bad redirect": {create(), []step{{status: 302, header: http.Header{"Location": {"https://evil.test:x%%/"}}}}, 1, []error{partnerportal.ErrRedirected}, []error{unknown}},
		// Row 23: another payload under the same key is never sent again, nor under a new key.
		"23 key reused": {create(), []step{problem(422, `{"code":"idempotency_key_reused"}`)}, 1, []error{partnerportal.ErrIdempotencyKeyReused}, []error{partnerportal.ErrValidation}},
		// Row 24: 409 of the first request still running against a business conflict.
		"24 in progress": {create(), []step{problem(409, inProgress), problem(409, inProgress), ok(`{}`)}, 3, nil, nil},
		"24 conflict":    {create(), []step{problem(409, `{"code":"conflict_blocked"}`)}, 1, []error{partnerportal.ErrorCode("conflict_blocked")}, []error{unknown}},
		// Row 25: a refusal after an unknown attempt may be the trace of our own success; with a key it is certain.
		"25 PUT 412 after reset":    {put, []step{broken(reset), status(412)}, 2, []error{unknown, partnerportal.ErrStale}, nil},
		"25 PUT 412":                {put, []step{status(412)}, 1, []error{partnerportal.ErrStale}, []error{unknown}},
		"25 DELETE 404 after 503":   {remove, []step{status(503), status(404)}, 2, []error{unknown, partnerportal.ErrNotFound}, nil},
		"25 DELETE 403 after 503":   {remove, []step{status(503), status(403)}, 2, []error{partnerportal.ErrForbidden}, []error{unknown}},
		"25 keyed 409 after reset":  {create(), []step{broken(reset), problem(409, `{"code":"conflict_blocked"}`)}, 2, []error{partnerportal.ErrorCode("conflict_blocked")}, []error{unknown}},
		"25 keyed 429 after unsure": {create(), []step{broken(reset), status(429)}, 4, []error{unknown, limited}, nil},
		// Row 32: a list is not started again behind the caller's back.
		"32 cursor expired": {get("t1"), []step{problem(410, `{"code":"cursor_expired"}`)}, 1, []error{partnerportal.ErrCursorExpired}, nil},
		// 3.3: without a source of other tokens a 401 is final.
		"28 401": {get("t1"), []step{status(401)}, 1, []error{partnerportal.ErrUnauthorized}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := play(tc.steps...)
				err := scripted(t, s).Do(t.Context(), tc.request, new(thing))
				assert.Equal(t, tc.attempts, s.count(), "attempts")
				for _, request := range s.seen {
					assert.Equal(t, s.seen[0].body, request.body)
					assert.Equal(t, s.seen[0].header["Idempotency-Key"], request.header["Idempotency-Key"], "one key per call")
				}
				if tc.is == nil {
					require.NoError(t, err)
					return
				}
				for _, want := range tc.is {
					require.ErrorIs(t, err, want)
				}
				for _, not := range tc.isNot {
					require.NotErrorIs(t, err, not)
				}
				e := asError(t, err)
				assert.Equal(t, tc.attempts, e.Attempts)
				assert.Equal(t, tc.request.Op.ID, e.Operation)
				assert.Equal(t, s.seen[0].header.Get("Idempotency-Key"), e.IdempotencyKey())
			})
		})
	}
}

// Row 10 and 33: how long the client waits before the second attempt.
func TestWaits(t *testing.T) {
	t.Parallel()
	// The bubble's clock starts on 2000-01-01; the portal's runs an hour ahead of it.
	date := "Sat, 01 Jan 2000 01:00:00 GMT"
	ahead := func(retryAfter string) step {
		return step{status: 503, body: `{}`, header: http.Header{"Retry-After": {retryAfter}, "Date": {date}}}
	}
	ms, s := time.Millisecond, time.Second
	for name, tc := range map[string]struct {
		first    step
		min, max time.Duration
	}{
		"no connection":       {broken(refused), 0, 200 * ms},
		"broken connection":   {broken(reset), 0, 200 * ms},
		"503":                 {status(503), 0, 50 * ms},
		"429":                 {status(429), 0, s},
		"429 for 3 s":         {retryIn(429, "3"), 3 * s, 3300 * ms},
		"503 for 60 s":        {retryIn(503, "60"), 60 * s, 66 * s},
		"500 for 2 s":         {retryIn(500, " 2 "), 2 * s, 2200 * ms},
		"zero":                {retryIn(503, "0"), 0, 50 * ms},
		"negative":            {retryIn(503, "-5"), 0, 50 * ms},
		"not a number":        {retryIn(503, "soon"), 0, 50 * ms},
		"fraction":            {retryIn(503, "1.5"), 0, 50 * ms},
		"RFC 1123, own clock": {retryIn(503, "Sat, 01 Jan 2000 00:00:10 GMT"), 10 * s, 11 * s},
		"RFC 1123":            {ahead("Sat, 01 Jan 2000 01:00:10 GMT"), 10 * s, 11 * s},
		"RFC 850":             {ahead("Saturday, 01-Jan-00 01:00:10 GMT"), 10 * s, 11 * s},
		"asctime":             {ahead("Sat Jan  1 01:00:10 2000"), 10 * s, 11 * s},
		"past date":           {ahead("Sat, 01 Jan 2000 00:00:10 GMT"), 0, 50 * ms},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal := play(tc.first, ok(`{}`))
				require.NoError(t, scripted(t, portal).Do(t.Context(), get("t1"), nil))
				waited := portal.seen[1].at.Sub(portal.seen[0].at)
				assert.GreaterOrEqual(t, waited, tc.min)
				assert.LessOrEqual(t, waited, tc.max)
			})
		})
	}
}

// The bound of the wait doubles up to its cap, and the waits fill the whole range below it.
func TestBackoffSpreads(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		policy := partnerportal.RetryPolicy{MaxAttempts: 6, BaseDelay: time.Second, MaxDelay: 3 * time.Second, Budget: 1_000_000}
		bounds := []time.Duration{time.Second, 2 * time.Second, 3 * time.Second, 3 * time.Second, 3 * time.Second}
		longest, shortest := make([]time.Duration, 5), []time.Duration{time.Hour, time.Hour, time.Hour, time.Hour, time.Hour}
		for range 200 {
			s := play(broken(refused))
			require.Error(t, scripted(t, s, partnerportal.WithRetry(policy)).Do(t.Context(), get("t1"), nil))
			for i := range bounds {
				wait := s.seen[i+1].at.Sub(s.seen[i].at)
				longest[i], shortest[i] = max(longest[i], wait), min(shortest[i], wait)
			}
		}
		for i, bound := range bounds {
			assert.LessOrEqual(t, longest[i], bound)
			assert.Greater(t, longest[i], bound*3/4)
			assert.Less(t, shortest[i], bound/4)
		}
	})
}

// Row 10: asked to stay away for longer than it waits, the client returns at once and says for how long.
func TestRetryAfterBeyondTheCap(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]time.Duration{
		"61":                   61 * time.Second,
		"3600":                 time.Hour,
		"9223372037":           1<<63 - 1, // one second more than a Duration holds
		"18446744074":          1<<63 - 1,
		"99999999999999999999": 1<<63 - 1,
	} {
		synctest.Test(t, func(t *testing.T) {
			s, began := play(retryIn(429, value)), time.Now()
			err := scripted(t, s).Do(t.Context(), get("t1"), nil)
			require.ErrorIs(t, err, partnerportal.ErrRateLimited)
			assert.Equal(t, want, asError(t, err).RetryAfter)
			assert.Zero(t, time.Since(began))
			assert.Equal(t, 1, s.count())
		})
	}
}

// The budget keeps a thousand callers on a dead portal from making four thousand requests. Row 12.
func TestBudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := play(status(503))
		pp := scripted(t, s)
		var callers sync.WaitGroup
		for range 1000 {
			callers.Go(func() { _ = pp.Do(t.Context(), get("t1"), nil) })
		}
		callers.Wait()
		assert.Equal(t, 1000+500/5, s.count())

		err := pp.Do(t.Context(), get("t1"), nil)
		require.ErrorContains(t, err, "retry budget empty")
		assert.Equal(t, 1, asError(t, err).Attempts)

		s.steps = []step{ok(`{}`)}
		for range 10 {
			require.NoError(t, pp.Do(t.Context(), get("t1"), nil))
		}
		s.steps = []step{status(503)}
		require.Error(t, pp.Do(t.Context(), get("t1"), nil))
		assert.Equal(t, 1101+10+3, s.count(), "ten successes pay for two retries")
	})
}

func TestBudgetOfBrokenConnections(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := play(broken(reset))
		pp := scripted(t, s, partnerportal.WithRetry(partnerportal.RetryPolicy{Budget: 20}))
		require.Error(t, pp.Do(t.Context(), get("t1"), nil))
		assert.Equal(t, 3, s.count(), "each retry takes ten")
	})
}

// A wait that would outlast the caller's time is not begun: the caller gets the portal's last word while there is time to act.
func TestDeadlines(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		step  step
		opts  []partnerportal.RequestOption
		limit time.Duration // of the context; 0: none
		after time.Duration
		is    error
		has   string
	}{
		"wait beyond deadline": {retryIn(503, "10"), nil, 5 * time.Second, 0, partnerportal.ErrUnavailable, "no time left"},
		"own timeout":          {retryIn(503, "10"), []partnerportal.RequestOption{partnerportal.WithTimeout(5 * time.Second)}, 0, 0, partnerportal.ErrUnavailable, "no time left"},
		"context ends":         {step{takes: time.Hour}, nil, 5 * time.Second, 5 * time.Second, context.DeadlineExceeded, "deadline"},
		"timeout ends": {step{takes: time.Hour}, []partnerportal.RequestOption{partnerportal.WithTimeout(5 * time.Second)}, time.Minute, 5 * time.Second,
			context.DeadlineExceeded, "in time"},
		"default of two minutes": {step{takes: time.Hour}, []partnerportal.RequestOption{partnerportal.WithAttemptTimeout(time.Hour)}, 0, 2 * time.Minute,
			context.DeadlineExceeded, "in time"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx := t.Context()
				if tc.limit > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, tc.limit)
					defer cancel()
				}
				began := time.Now()
				err := scripted(t, play(tc.step)).Do(ctx, get("t1"), nil, tc.opts...)
				require.ErrorIs(t, err, tc.is)
				require.ErrorContains(t, err, tc.has)
				assert.Equal(t, tc.after, time.Since(began))
			})
		})
	}
}

// Row 8: an attempt that hangs is given up, and another one made.
func TestAttemptTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := play(step{takes: time.Hour}, ok(`{}`))
		require.NoError(t, scripted(t, s).Do(t.Context(), get("t1"), nil))
		assert.GreaterOrEqual(t, s.seen[1].at.Sub(s.seen[0].at), 30*time.Second)

		s = play(step{takes: time.Hour}, ok(`{}`))
		err := scripted(t, s, partnerportal.WithAttemptTimeout(time.Second)).Do(t.Context(), poke(), nil)
		require.ErrorIs(t, err, partnerportal.ErrOutcomeUnknown)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		var timeout interface{ Timeout() bool }
		require.ErrorAs(t, err, &timeout)
		assert.True(t, timeout.Timeout())
		assert.Equal(t, 1, s.count())
	})
}

// Row 35: the caller's context ends the call wherever it is, at once.
func TestCancel(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		request *partnerportal.Request
		step    step
		unknown bool
	}{
		"before the answer":     {get("t1"), step{takes: time.Hour}, false},
		"of a write":            {poke(), step{takes: time.Hour}, true},
		"between attempts":      {get("t1"), retryIn(503, "50"), false},
		"between writes":        {create(), retryIn(503, "50"), true},
		"between rejected ones": {create(), retryIn(429, "50"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(20*time.Second, cancel)
				began := time.Now()
				err := scripted(t, play(tc.step)).Do(ctx, tc.request, nil)
				require.ErrorIs(t, err, context.Canceled)
				assert.Equal(t, 20*time.Second, time.Since(began))
				assert.Equal(t, tc.unknown, errors.Is(err, partnerportal.ErrOutcomeUnknown))
				if tc.step.status != 0 {
					assert.Equal(t, tc.step.status, asError(t, err).Status, "the portal's last word is kept")
				}
			})
		})
	}
	t.Run("before anything", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err := scripted(t, play(broken(context.Canceled))).Do(ctx, get("t1"), nil)
		require.ErrorIs(t, err, context.Canceled)
	})
}

func TestRetryPerCall(t *testing.T) {
	t.Parallel()
	s := play(status(503))
	err := scripted(t, s).Do(t.Context(), get("t1"), nil, partnerportal.WithRetry(partnerportal.RetryPolicy{MaxAttempts: 1}))
	require.ErrorIs(t, err, partnerportal.ErrUnavailable)
	assert.Equal(t, 1, s.count())
	assert.Equal(t, "things.get: 503 service unavailable", err.Error())
}

func asError(t testing.TB, err error) *partnerportal.Error {
	t.Helper()
	e, ok := errors.AsType[*partnerportal.Error](err)
	require.True(t, ok, "%T is not *partnerportal.Error", err)
	return e
}
