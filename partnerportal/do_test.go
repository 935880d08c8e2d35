package partnerportal_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type revision string

func (r revision) ETag() string { return string(r) }

func TestRequest(t *testing.T) {
	t.Parallel()
	type params struct {
		Status []string  `url:"status,omitempty"`
		Since  time.Time `url:"since,omitempty"`
		Limit  int       `url:"limit,omitempty"`
	}
	for name, tc := range map[string]struct {
		request *partnerportal.Request
		opts    []partnerportal.RequestOption
		line    string
		header  map[string]string // "" means not sent
		body    string
	}{
		"get": {request: get("t1"), line: "GET /v1/things/t1",
			header: map[string]string{"Accept": "application/json, application/problem+json", "Authorization": "Bearer ppk_1",
				"Content-Type": "", "Idempotency-Key": "", "If-Match": ""}},
		"escaped id": {request: get("a/b c?d#e%2F;é"), line: "GET /v1/things/a%2Fb%20c%3Fd%23e%252F%3B%C3%A9"},
		"list": {request: &partnerportal.Request{Op: listThings, Query: params{Status: []string{"a", "b&c"}, Limit: 5}},
			line: "GET /v1/things?limit=5&status=a&status=b%26c"},
		"values": {request: &partnerportal.Request{Op: listThings, Query: url.Values{"q": {"x y"}}}, line: "GET /v1/things?q=x+y"},
		"create": {request: create(), line: "POST /v1/things", body: `{"id":"","name":"new"}`,
			header: map[string]string{"Content-Type": "application/json"}},
		"given key": {request: create(), opts: []partnerportal.RequestOption{partnerportal.WithIdempotencyKey("crm-1")}, line: "POST /v1/things",
			header: map[string]string{"Idempotency-Key": "crm-1"}, body: `{"id":"","name":"new"}`},
		"empty body": {request: &partnerportal.Request{Op: makeThing, Body: []byte{}}, line: "POST /v1/things", header: map[string]string{"Content-Type": ""}},
		"patch": {request: &partnerportal.Request{Op: patchThing, PathArgs: []string{"t1"}, Body: []byte(`{"name":null}`)},
			opts: []partnerportal.RequestOption{partnerportal.IfMatch(revision(`"r7"`))}, line: "PATCH /v1/things/t1", body: `{"name":null}`,
			header: map[string]string{"Content-Type": "application/merge-patch+json", "If-Match": `"r7"`}},
		"revision": {request: &partnerportal.Request{Op: putThing, PathArgs: []string{"t1"}},
			opts: []partnerportal.RequestOption{partnerportal.IfMatchRevision(12), partnerportal.WithHeader("accept-language", "de"),
				partnerportal.WithSegments(2), partnerportal.WithPrefetch()},
			line: "PUT /v1/things/t1", header: map[string]string{"If-Match": `"r12"`, "Accept-Language": "de", "Content-Type": ""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := play(ok(`{}`))
			require.NoError(t, scripted(t, s, partnerportal.WithAPIKey("ppk_1")).Do(t.Context(), tc.request, nil, tc.opts...))
			sent := s.seen[0]
			assert.Equal(t, tc.line, sent.method+" "+sent.target)
			assert.Equal(t, tc.body, sent.body)
			for key, want := range tc.header {
				assert.Equal(t, want, sent.header.Get(key), key)
			}
		})
	}
}

func TestKeysAreRandomAndValid(t *testing.T) {
	t.Parallel()
	s := play(ok(`{}`))
	pp := scripted(t, s)
	keys := map[string]bool{}
	for range 100 {
		require.NoError(t, pp.Do(t.Context(), create(), nil))
	}
	for _, request := range s.seen {
		key := request.header.Get("Idempotency-Key")
		assert.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, key)
		keys[key] = true
	}
	assert.Len(t, keys, 100)
}

// What cannot be sent is refused with the argument's name, and nothing is sent.
func TestRequestRefused(t *testing.T) {
	t.Parallel()
	option := func(o partnerportal.RequestOption) []partnerportal.RequestOption {
		return []partnerportal.RequestOption{o}
	}
	for says, tc := range map[string]struct {
		request *partnerportal.Request
		opts    []partnerportal.RequestOption
	}{
		"things.get: invalid_argument: thing_id is empty": {get(""), nil},
		`thing_id is "."`:                                          {get("."), nil},
		`thing_id is ".."`:                                         {get(".."), nil},
		"thing_id holds a control character":                       {get("a\nb"), nil},
		"thing_id is missing":                                      {&partnerportal.Request{Op: getThing}, nil},
		`takes 1 arguments, not 2`:                                 {&partnerportal.Request{Op: getThing, PathArgs: []string{"a", "b"}}, nil},
		`takes 0 arguments, not 1`:                                 {&partnerportal.Request{Op: listThings, PathArgs: []string{"a"}}, nil},
		"has an open brace":                                        {&partnerportal.Request{Op: &partnerportal.Operation{Method: "GET", Path: "/a/{b"}}, nil},
		"the method \"G T\" is not one":                            {&partnerportal.Request{Op: &partnerportal.Operation{Method: "G T", Path: "/a"}}, nil},
		"the request has no operation":                             {&partnerportal.Request{}, nil},
		"the query cannot be encoded":                              {&partnerportal.Request{Op: listThings, Query: 7}, nil},
		"the body cannot be encoded":                               {&partnerportal.Request{Op: makeThing, Body: make(chan int)}, nil},
		"the operation takes no idempotency key":                   {poke(), option(partnerportal.WithIdempotencyKey("k"))},
		"an idempotency key has 1 to 255 characters, this one 0":   {create(), option(partnerportal.WithIdempotencyKey(""))},
		"an idempotency key has 1 to 255 characters, this one 256": {create(), option(partnerportal.WithIdempotencyKey(strings.Repeat("k", 256)))},
		"visible ASCII characters, the one at position 1 is not":   {create(), option(partnerportal.WithIdempotencyKey("k k"))},
		"IfMatch: the resource has no revision":                    {create(), option(partnerportal.IfMatch(revision("")))},
		"WithResponse: the response is nil":                        {create(), option(partnerportal.WithResponse(nil))},
		`WithHeader: "X Y" is not a header name`:                   {create(), option(partnerportal.WithHeader("X Y", "z"))},
		"WithHeader: Authorization is set by the SDK":              {create(), option(partnerportal.WithHeader("authorization", "z"))},
		"WithHeader: the value of X-Y holds a control character":   {create(), option(partnerportal.WithHeader("X-Y", "a\r\nb"))},
		"a request option is nil":                                  {create(), option(nil)},
		"WithTimeout: 0s is not a positive time":                   {create(), option(partnerportal.WithTimeout(0))},
	} {
		s := play(ok(`{}`))
		err := scripted(t, s).Do(t.Context(), tc.request, nil, tc.opts...)
		require.ErrorIs(t, err, partnerportal.ErrInvalidArgument, says)
		require.ErrorContains(t, err, says)
		assert.Zero(t, s.count())
	}
	var nobody context.Context
	require.ErrorContains(t, scripted(t, play(ok(""))).Do(nobody, get("t1"), nil), "the context is nil")
	require.ErrorContains(t, scripted(t, play(ok(""))).Do(t.Context(), nil, nil), "no operation")
}

func TestInvoke(t *testing.T) {
	t.Parallel()
	pp := scripted(t, play(ok(`{"id":"t1","name":"Acme","unknown":{}}`), status(404)))
	got, err := partnerportal.Invoke[thing](t.Context(), pp, get("t1"))
	require.NoError(t, err)
	assert.Equal(t, &thing{"t1", "Acme"}, got)
	got, err = partnerportal.Invoke[thing](t.Context(), pp, get("t1"))
	require.ErrorIs(t, err, partnerportal.ErrNotFound)
	assert.Nil(t, got)
}

func TestWithResponse(t *testing.T) {
	t.Parallel()
	header := http.Header{"X-Request-Id": {"req_1"}, "Idempotency-Replayed": {"true"}, "Etag": {`"r3"`},
		"Ratelimit": {`"default";r=50;t=30, "burst";r=0, broken, "neg";r=-1, "frac";r=1.5`}}
	pp := scripted(t, play(status(503), step{status: 201, body: `{"id":"t1"}`, header: header}, problem(404, `{"code":"not_found"}`), broken(refused)))
	var r partnerportal.Response
	require.NoError(t, pp.Do(t.Context(), create(), nil, partnerportal.WithResponse(&r)))
	assert.Equal(t, 201, r.Status)
	assert.Equal(t, 2, r.Attempts)
	assert.Equal(t, "req_1", r.RequestID)
	assert.True(t, r.Replayed)
	assert.JSONEq(t, `{"id":"t1"}`, string(r.Body))
	assert.Equal(t, `"r3"`, r.ETag())
	assert.Equal(t, []partnerportal.RateLimit{{Policy: "default", Remaining: 50, Reset: 30 * time.Second}, {Policy: "burst"}}, r.RateLimits())

	body := r.Body
	require.Error(t, pp.Do(t.Context(), get("t1"), nil, partnerportal.WithResponse(&r)))
	assert.Equal(t, 404, r.Status)
	assert.JSONEq(t, `{"id":"t1"}`, string(body), "a body is the caller's to keep")
	once := partnerportal.WithRetry(partnerportal.RetryPolicy{MaxAttempts: 1})
	require.Error(t, pp.Do(t.Context(), get("t1"), nil, partnerportal.WithResponse(&r), once))
	assert.Equal(t, partnerportal.Response{Attempts: 1}, r)
}

// Row 14: an answer is read up to its limit, decompressed or not, and no further.
func TestLimits(t *testing.T) {
	t.Parallel()
	limits := partnerportal.WithLimits(partnerportal.Limits{Response: 100, Error: 50})
	read := 0
	endless := func(status int) step {
		return step{respond: func(*http.Request) (*http.Response, error) {
			resp := answer(status, http.Header{"Content-Type": {"application/problem+json"}}, "")
			resp.ContentLength = -1
			resp.Body = io.NopCloser(readerFunc(func(p []byte) (int, error) {
				read += len(p)
				return copy(p, strings.Repeat(" ", len(p))), nil
			}))
			return resp, nil
		}}
	}
	err := scripted(t, play(endless(200)), limits).Do(t.Context(), create(), nil)
	require.ErrorIs(t, err, partnerportal.ErrUnexpectedContent)
	require.ErrorIs(t, err, partnerportal.ErrOutcomeUnknown)
	require.ErrorContains(t, err, "larger than 100 bytes")
	err = scripted(t, play(endless(404)), limits).Do(t.Context(), get("t1"), nil)
	require.ErrorIs(t, err, partnerportal.ErrNotFound)
	assert.Less(t, read, 10_000)

	exact := scripted(t, play(ok(`"`+strings.Repeat("x", 98)+`"`)), limits)
	var text string
	require.NoError(t, exact.Do(t.Context(), get("t1"), &text))
	assert.Len(t, text, 98)
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestWithHandler(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/things/{id}", func(w http.ResponseWriter, r *http.Request) {
		assert.Empty(t, r.URL.Host)
		assert.Equal(t, "in-process", r.Host)
		assert.Equal(t, "/v1/things/a%2Fb", r.RequestURI)
		assert.NotNil(t, r.Body)
		r.Header.Set("Authorization", "changed")
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusEarlyHints)
		w.WriteHeader(http.StatusOK)
		w.Header().Set("X-Late", "1")
		w.(http.Flusher).Flush()
		_, _ = fmt.Fprintf(w, `{"id":%q}`, r.PathValue("id"))
	})
	mux.HandleFunc("POST /v1/things", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	mux.HandleFunc("DELETE /v1/things/{id}", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) })
	pp, err := partnerportal.New("", partnerportal.WithHandler(mux), partnerportal.WithAPIKey("ppk_1"))
	require.NoError(t, err)

	var r partnerportal.Response
	got, err := partnerportal.Invoke[thing](t.Context(), pp, get("a/b"), partnerportal.WithResponse(&r))
	require.NoError(t, err)
	assert.Equal(t, "a/b", got.ID)
	assert.Empty(t, r.Header.Get("X-Late"))
	require.NoError(t, pp.Do(t.Context(), &partnerportal.Request{Op: deleteThing, PathArgs: []string{"t1"}}, nil))

	once := partnerportal.WithRetry(partnerportal.RetryPolicy{MaxAttempts: 1})
	require.ErrorIs(t, pp.Do(t.Context(), create(), nil, once), partnerportal.ErrOutcomeUnknown, "an aborted answer says nothing")
	err = pp.Do(t.Context(), &partnerportal.Request{Op: listThings}, nil)
	require.ErrorContains(t, err, "405 method not allowed")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, pp.Do(ctx, get("a/b"), nil), context.Canceled)
}
