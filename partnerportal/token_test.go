package partnerportal_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"
)

// issuer is a portal with a token endpoint: it numbers the tokens it issues and accepts the newest only.
type issuer struct {
	fetches, calls atomic.Int64
	expiresIn      int
	takes          time.Duration
	token          func(n int64) step // nil: a good token
	revoked        atomic.Int64       // tokens up to this number are refused
}

func (p *issuer) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Path != "/oauth2/token" {
		p.calls.Add(1)
		var n int64
		_, _ = fmt.Sscanf(req.Header.Get("Authorization"), "Bearer t%d", &n)
		if n <= p.revoked.Load() {
			return answer(401, nil, `{"code":"token_expired"}`), nil
		}
		return answer(200, nil, `{}`), nil
	}
	n := p.fetches.Add(1)
	if p.takes > 0 {
		select {
		case <-time.After(p.takes):
		case <-req.Context().Done():
			return nil, req.Context().Err()
		}
	}
	if p.token != nil {
		st := p.token(n)
		if st.err != nil {
			return nil, st.err
		}
		return answer(st.status, st.header, st.body), nil
	}
	return answer(200, nil, fmt.Sprintf(`{"access_token":"t%d","token_type":"Bearer","expires_in":%d}`, n, p.expiresIn)), nil
}

func (p *issuer) client(t testing.TB) *partnerportal.Client {
	t.Helper()
	pp, err := partnerportal.New("https://portal.test", partnerportal.WithClientCredentials("id", "s3cret", "deals:read"),
		partnerportal.WithHTTPClient(&http.Client{Transport: p}))
	require.NoError(t, err)
	return pp
}

func TestTokenIsSharedAndRenewed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &issuer{expiresIn: 3600}
		pp := p.client(t)
		call := func() { assert.NoError(t, pp.Do(t.Context(), get("t1"), nil)) }

		var callers sync.WaitGroup
		for range 50 {
			callers.Go(call)
		}
		callers.Wait()
		assert.EqualValues(t, 1, p.fetches.Load(), "one fetch for fifty callers")

		<-time.After(54 * time.Minute)
		call()
		synctest.Wait()
		assert.EqualValues(t, 1, p.fetches.Load())
		<-time.After(2 * time.Minute) // less than five minutes are left
		call()
		synctest.Wait()
		assert.EqualValues(t, 2, p.fetches.Load(), "renewed before it expires")
		<-time.After(2 * time.Hour)
		call()
		assert.EqualValues(t, 3, p.fetches.Load(), "renewed after it expired")
	})
}

// Row 29: a lifetime of five seconds is used for four of them; no lifetime means until refused.
func TestTokenLifetimes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &issuer{expiresIn: 5}
		pp := p.client(t)
		for range 39 {
			require.NoError(t, pp.Do(t.Context(), get("t1"), nil))
			<-time.After(100 * time.Millisecond)
		}
		assert.EqualValues(t, 1, p.fetches.Load())

		p = &issuer{}
		pp = p.client(t)
		require.NoError(t, pp.Do(t.Context(), get("t1"), nil))
		<-time.After(1000 * time.Hour)
		require.NoError(t, pp.Do(t.Context(), get("t1"), nil))
		assert.EqualValues(t, 1, p.fetches.Load())
	})
}

// Row 28: a hundred refusals of one token cause one fetch and no failure.
func TestTokenRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &issuer{expiresIn: 3600}
		pp := p.client(t)
		require.NoError(t, pp.Do(t.Context(), get("t1"), nil))
		p.revoked.Store(1)
		var callers sync.WaitGroup
		for range 100 {
			callers.Go(func() { assert.NoError(t, pp.Do(t.Context(), poke(), nil)) })
		}
		callers.Wait()
		assert.EqualValues(t, 2, p.fetches.Load())

		p.revoked.Store(1 << 40)
		before := p.calls.Load()
		err := pp.Do(t.Context(), get("t1"), nil)
		require.ErrorIs(t, err, partnerportal.ErrUnauthorized)
		assert.Equal(t, before+2, p.calls.Load(), "one resend, then the refusal stands")
		assert.Equal(t, 2, asError(t, err).Attempts)
	})
}

// Row 30: the token expires between two pages.
func TestTokenExpiresWithinList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &issuer{expiresIn: 60}
		pp := p.client(t)
		pages := 0
		seq := partnerportal.Paginate(t.Context(), "", nil, func(ctx context.Context, cursor, _ string) ([]int, string, error) {
			pages++
			<-time.After(30 * time.Second)
			return []int{pages}, strings.Repeat("c", pages)[:pages%5], pp.Do(ctx, get("t1"), nil)
		})
		items, err := partnerportal.Collect(seq)
		require.NoError(t, err)
		assert.Equal(t, []int{1, 2, 3, 4, 5}, items)
		assert.Greater(t, p.fetches.Load(), int64(1))
	})
}

// Row 29: what the token endpoint may answer, how often it is asked, and what the caller is told.
func TestTokenFailures(t *testing.T) {
	t.Parallel()
	token := func(fields string) step { return ok(`{"access_token":"t1","expires_in":60` + fields + `}`) }
	for name, tc := range map[string]struct {
		answers []step
		fetches int
		err     string // "": the call succeeds
		is      error
	}{
		"503 once":         {[]step{status(503), token("")}, 2, "", nil},
		"429 once":         {[]step{retryIn(429, "2"), token("")}, 2, "", nil},
		"429 for an hour":  {[]step{retryIn(429, "3600")}, 1, "retry after 1h0m0s", partnerportal.ErrRateLimited},
		"reset once":       {[]step{broken(reset), token("")}, 2, "", nil},
		"503 for ever":     {[]step{status(503)}, 3, "things.get: no_access_token: oauth2.token: 503 no_access_token", partnerportal.ErrUnavailable},
		"refused for ever": {[]step{broken(refused)}, 3, "connection refused", partnerportal.ErrNoToken},
		"invalid_client":   {[]step{{status: 401, body: `{"error":"invalid_client","error_description":"s3cret"}`}}, 1, "oauth2.token: 401 invalid_client", partnerportal.ErrUnauthorized},
		"invalid_scope":    {[]step{{status: 400, body: `{"error":"invalid_scope"}`}}, 1, "400 invalid_scope", partnerportal.ErrorCode("invalid_scope")},
		"error in a 200":   {[]step{ok(`{"error":"invalid_client"}`)}, 1, "invalid_client", partnerportal.ErrNoToken},
		"HTML":             {[]step{{status: 200, body: "<html>", header: http.Header{"Content-Type": {"text/html"}}}}, 1, "the answer is not a token", partnerportal.ErrNoToken},
		"no token":         {[]step{ok(`{}`)}, 1, "the answer is not a token", partnerportal.ErrNoToken},
		"redirect":         {[]step{{status: 307, header: http.Header{"Location": {"https://evil.test/token"}}}}, 1, "307", partnerportal.ErrNoToken},
		"other kind":       {[]step{token(`,"token_type":"DPoP"`)}, 1, "not of the type Bearer", partnerportal.ErrNoToken},
		"line break":       {[]step{ok(`{"access_token":"a\nb"}`)}, 1, "characters that no token has", partnerportal.ErrNoToken},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := &issuer{token: func(n int64) step { return tc.answers[min(int(n), len(tc.answers))-1] }}
				err := p.client(t).Do(t.Context(), get("t1"), nil)
				assert.EqualValues(t, tc.fetches, p.fetches.Load())
				if tc.err == "" {
					require.NoError(t, err)
					return
				}
				require.ErrorContains(t, err, tc.err)
				require.ErrorIs(t, err, tc.is)
				assert.Zero(t, p.calls.Load(), "nothing is sent without a token")
				assert.NotContains(t, err.Error(), "s3cret")
			})
		})
	}
}

// A failing endpoint is asked once a second by however many callers, one that refuses the client once in half a minute.
func TestTokenFailuresAreRemembered(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		answer step
		pause  time.Duration
	}{
		"failure": {step{status: 400, body: `{"error":"server_error"}`}, time.Second},
		"refusal": {step{status: 401, body: `{"error":"invalid_client"}`}, 30 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := &issuer{token: func(int64) step { return tc.answer }}
				pp := p.client(t)
				for range 20 {
					require.Error(t, pp.Do(t.Context(), get("t1"), nil))
				}
				assert.EqualValues(t, 1, p.fetches.Load())
				<-time.After(tc.pause - time.Millisecond)
				require.Error(t, pp.Do(t.Context(), get("t1"), nil))
				assert.EqualValues(t, 1, p.fetches.Load())
				<-time.After(time.Millisecond)
				require.Error(t, pp.Do(t.Context(), get("t1"), nil))
				assert.EqualValues(t, 2, p.fetches.Load())
			})
		})
	}
}

// Row 29 and 35: a caller waits for a token no longer than its own context, and leaves the fetch to the others.
func TestTokenWaitEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &issuer{expiresIn: 3600, takes: 2 * time.Second}
		pp := p.client(t)
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		began := time.Now()
		require.ErrorIs(t, pp.Do(ctx, get("t1"), nil), context.DeadlineExceeded)
		assert.Equal(t, 50*time.Millisecond, time.Since(began))
		require.NoError(t, pp.Do(t.Context(), get("t1"), nil))
		assert.Equal(t, 2*time.Second, time.Since(began))
		assert.EqualValues(t, 1, p.fetches.Load(), "the second caller joins the fetch that the first one left")

		p = &issuer{takes: time.Hour}
		began = time.Now()
		require.ErrorIs(t, p.client(t).Do(t.Context(), get("t1"), nil), partnerportal.ErrNoToken)
		assert.Equal(t, 15*time.Second, time.Since(began), "a fetch has its own end")
	})
}

// A token that is about to expire serves on while a new one cannot be had.
func TestTokenServesOnWhileRenewalFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &issuer{}
		p.token = func(n int64) step {
			if n == 1 {
				return ok(`{"access_token":"t1","expires_in":3600}`)
			}
			return status(503)
		}
		pp := p.client(t)
		require.NoError(t, pp.Do(t.Context(), get("t1"), nil))
		<-time.After(57 * time.Minute)
		for range 10 {
			require.NoError(t, pp.Do(t.Context(), get("t1"), nil))
			<-time.After(100 * time.Millisecond)
		}
		<-time.After(4 * time.Minute)
		require.ErrorIs(t, pp.Do(t.Context(), get("t1"), nil), partnerportal.ErrNoToken)
	})
}

type sourceFunc func() (*oauth2.Token, error)

func (f sourceFunc) Token() (*oauth2.Token, error) { return f() }

func TestTokenSource(t *testing.T) {
	t.Parallel()
	p := &issuer{}
	p.revoked.Store(1)
	n := 0
	pp, err := partnerportal.New("https://portal.test", partnerportal.WithHTTPClient(&http.Client{Transport: p}),
		partnerportal.WithTokenSource(sourceFunc(func() (*oauth2.Token, error) {
			n++
			return &oauth2.Token{AccessToken: fmt.Sprintf("t%d", n)}, nil
		})))
	require.NoError(t, err)
	require.NoError(t, pp.Do(t.Context(), get("t1"), nil), "the refused token is replaced by the source's next one")
	assert.Equal(t, 2, n)
	assert.EqualValues(t, 2, p.calls.Load())

	// A source that has no other token is not worth a second attempt.
	pp, err = partnerportal.New("https://portal.test", partnerportal.WithHTTPClient(&http.Client{Transport: p}),
		partnerportal.WithTokenSource(oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "t0"})))
	require.NoError(t, err)
	before := p.calls.Load()
	err = pp.Do(t.Context(), get("t1"), nil)
	require.ErrorIs(t, err, partnerportal.ErrUnauthorized)
	assert.Equal(t, partnerportal.ErrorCode("token_expired"), asError(t, err).Code)
	assert.Equal(t, before+1, p.calls.Load())

	failing := errors.New("vault sealed")
	pp, err = partnerportal.New("https://portal.test", partnerportal.WithHTTPClient(&http.Client{Transport: p}),
		partnerportal.WithTokenSource(sourceFunc(func() (*oauth2.Token, error) { return nil, failing })))
	require.NoError(t, err)
	err = pp.Do(t.Context(), get("t1"), nil)
	require.ErrorIs(t, err, failing)
	require.ErrorIs(t, err, partnerportal.ErrNoToken)
}

func TestTokenRequest(t *testing.T) {
	t.Parallel()
	s := play(ok(`{"access_token":"t1"}`), ok(`{}`))
	pp := scripted(t, s, partnerportal.WithClientCredentials("id", "s3cret/+", "deals:read", "mdf:read"), partnerportal.WithApplication("acme-crm", "2.3.0"))
	require.NoError(t, pp.Do(t.Context(), get("t1"), nil))
	require.Equal(t, 2, s.count())
	fetch, call := s.seen[0], s.seen[1]
	assert.Equal(t, "POST", fetch.method)
	assert.Equal(t, "/oauth2/token", fetch.target)
	assert.Equal(t, "grant_type=client_credentials&scope=deals%3Aread+mdf%3Aread", fetch.body)
	assert.Equal(t, "Basic aWQ6czNjcmV0JTJGJTJC", fetch.header.Get("Authorization"))
	assert.Regexp(t, `^acme-crm/2\.3\.0 partnerportal-go/`, fetch.header.Get("User-Agent"))
	assert.Equal(t, "Bearer t1", call.header.Get("Authorization"))
}
