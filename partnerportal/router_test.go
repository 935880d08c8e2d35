package partnerportal_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type routed struct {
	Name     string `json:"name"`
	Revision int64  `json:"revision"`
}

func (r *routed) ETag() string { return partnerportal.ETag(r.Revision) }

var (
	opFetch  = partnerportal.Operation{ID: "routed.fetch", Method: http.MethodGet, Path: "/routed/{id}"}
	opMake   = partnerportal.Operation{ID: "routed.make", Method: http.MethodPost, Path: "/routed", Status: 201, Idempotent: true, KeyRequired: true}
	opChange = partnerportal.Operation{ID: "routed.change", Method: http.MethodPatch, Path: "/routed/{id}", IfMatch: true}
	opRemove = partnerportal.Operation{ID: "routed.remove", Method: http.MethodDelete, Path: "/routed/{id}", Status: 204}
	opBreak  = partnerportal.Operation{ID: "routed.break", Method: http.MethodGet, Path: "/broken/{how}"}
)

func newRouter(heard *[]string, middleware ...partnerportal.Middleware) *partnerportal.Router {
	r := partnerportal.NewRouter(middleware...)
	r.OnError = func(in *partnerportal.Incoming, err error) { *heard = append(*heard, in.Op.ID+": "+err.Error()) }
	r.Handle(&opFetch, func(in *partnerportal.Incoming) (any, error) {
		return &routed{Name: in.PathValue("id"), Revision: 3}, nil
	})
	decoded := func(in *partnerportal.Incoming) (any, error) {
		body := new(routed)
		if err := in.Decode(body); err != nil {
			return nil, err
		}
		return body, nil
	}
	r.Handle(&opMake, decoded)
	r.Handle(&opChange, decoded)
	r.Handle(&opRemove, func(*partnerportal.Incoming) (any, error) { return nil, nil })
	r.Handle(&opBreak, func(in *partnerportal.Incoming) (any, error) {
		switch in.PathValue("how") {
		case "panic":
			panic("secret of the implementation")
		case "plain":
			return nil, errors.New("secret of the implementation")
		case "typed":
			return nil, &partnerportal.Error{Status: 429, Code: "slow_down", RetryAfter: 1500 * time.Millisecond,
				Extensions: map[string]json.RawMessage{"existing_id": json.RawMessage(`"x1"`)}}
		}
		return make(chan int), nil // cannot be encoded
	})
	return r
}

func ask(t *testing.T, h http.Handler, method, target, body string, header ...string) (*http.Response, string) {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	resp := w.Result()
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp, string(data)
}

func TestRouterAnswers(t *testing.T) {
	t.Parallel()
	var heard []string
	r := newRouter(&heard)
	for name, c := range map[string]struct {
		method, target, body string
		header               []string
		status               int
		answer               string // a part of it
		absent               string
	}{
		"result":            {method: "GET", target: "/v1/routed/a%2Fb", status: 200, answer: `{"name":"a/b","revision":3}`},
		"created":           {method: "POST", target: "/v1/routed", body: `{"name":"n"}`, header: []string{"Idempotency-Key", "k"}, status: 201, answer: `"n"`},
		"no content":        {method: "DELETE", target: "/v1/routed/x", status: 204},
		"no key":            {method: "POST", target: "/v1/routed", body: `{}`, status: 400, answer: "idempotency_key_required"},
		"no If-Match":       {method: "PATCH", target: "/v1/routed/x", body: `{}`, status: 428, answer: "precondition_required"},
		"no body":           {method: "PATCH", target: "/v1/routed/x", header: []string{"If-Match", `"r1"`}, status: 400, answer: "needs a JSON body"},
		"broken body":       {method: "PATCH", target: "/v1/routed/x", body: `{`, header: []string{"If-Match", `"r1"`}, status: 400, answer: "validation_failed"},
		"wrong type":        {method: "PATCH", target: "/v1/routed/x", body: `{"name":7}`, header: []string{"If-Match", `"r1"`}, status: 422, answer: `"pointer":"/name"`},
		"body over 1 MiB":   {method: "PATCH", target: "/v1/routed/x", body: `"` + strings.Repeat("x", 1<<20) + `"`, header: []string{"If-Match", `"r1"`}, status: 413, answer: "body_too_large"},
		"unknown path":      {method: "GET", target: "/v1/nothing", status: 404, answer: "not_found"},
		"unknown method":    {method: "PUT", target: "/v1/routed/x", status: 405, answer: "method_not_allowed"},
		"panic":             {method: "GET", target: "/v1/broken/panic", status: 500, answer: "internal_error", absent: "secret"},
		"untyped error":     {method: "GET", target: "/v1/broken/plain", status: 500, answer: "internal_error", absent: "secret"},
		"typed error":       {method: "GET", target: "/v1/broken/typed", status: 429, answer: `"existing_id":"x1"`},
		"unencodable value": {method: "GET", target: "/v1/broken/value", status: 500, answer: "internal_error"},
	} {
		resp, body := ask(t, r, c.method, c.target, c.body, c.header...)
		assert.Equal(t, c.status, resp.StatusCode, name)
		assert.Contains(t, body, c.answer, name)
		if c.absent != "" {
			assert.NotContains(t, body, c.absent, name)
		}
		assert.Equal(t, "nosniff", resp.Header.Get("X-Content-Type-Options"), name)
		if c.status >= 400 {
			assert.Equal(t, "application/problem+json", resp.Header.Get("Content-Type"), name)
		}
	}
	assert.Len(t, heard, 3, "a panic, an untyped error and an answer that does not encode are the portal's own")
}

func TestRouterHeaders(t *testing.T) {
	t.Parallel()
	var heard []string
	mark := func(next partnerportal.Endpoint) partnerportal.Endpoint {
		return func(in *partnerportal.Incoming) (*partnerportal.Reply, error) {
			in.RequestID = "req_1"
			reply, err := next(in)
			if err == nil {
				reply.Header.Set("X-Mark", in.Op.ID)
			}
			return reply, err
		}
	}
	r := newRouter(&heard, mark)

	resp, _ := ask(t, r, "GET", "/v1/routed/x", "")
	assert.Equal(t, `"r3"`, resp.Header.Get("ETag"))
	assert.Equal(t, "req_1", resp.Header.Get("X-Request-Id"))
	assert.Equal(t, "routed.fetch", resp.Header.Get("X-Mark"))

	resp, body := ask(t, r, "GET", "/v1/broken/typed", "")
	assert.Equal(t, "2", resp.Header.Get("Retry-After"), "never earlier than asked")
	assert.Contains(t, body, `"request_id":"req_1"`)

	resp, _ = ask(t, r, "PUT", "/v1/routed/x", "")
	assert.Contains(t, resp.Header.Get("Allow"), "PATCH")
}

// A client and a Router share the operations, so they understand each other.
func TestRouterServesTheClient(t *testing.T) {
	t.Parallel()
	var heard []string
	pp, err := partnerportal.New("", partnerportal.WithHandler(newRouter(&heard)))
	require.NoError(t, err)

	got, err := partnerportal.Invoke[routed](t.Context(), pp, &partnerportal.Request{Op: &opFetch, PathArgs: []string{"a/b c"}})
	require.NoError(t, err)
	assert.Equal(t, "a/b c", got.Name)

	err = pp.Do(t.Context(), &partnerportal.Request{Op: &opBreak, PathArgs: []string{"typed"}}, nil, partnerportal.WithRetry(partnerportal.RetryPolicy{MaxAttempts: 1}))
	require.ErrorIs(t, err, partnerportal.ErrRateLimited)
	var e *partnerportal.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, 2*time.Second, e.RetryAfter)
	var existing string
	found, err := e.Extension("existing_id", &existing)
	require.NoError(t, err)
	assert.True(t, found)
	assert.Equal(t, "x1", existing)
}
