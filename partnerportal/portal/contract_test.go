package portal_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/openapi"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store/storetest"
)

// generalCodes are the problem codes that any operation may answer with, so that the contract need not repeat them.
var generalCodes = []string{
	"unauthorized", "invalid_token", "insufficient_scope", "partner_suspended", "rate_limited", "internal_error", "not_found", "forbidden",
	"validation_failed", "unsupported_media_type", "body_too_large", "body_unreadable", "precondition_required", "revision_mismatch",
	"idempotency_key_required", "idempotency_key_reused", "idempotency_in_progress", "cursor_invalid",
}

// checked is the portal behind a checkpoint: every request and every answer is held against the contract, with the validator's
// full reading of OpenAPI 3.1 and none of the portal's own code.
type checked struct {
	portal http.Handler
	routes map[string]*routers.Route // by operation id
	mux    *http.ServeMux

	mu       sync.Mutex
	answered map[string]int // successes by operation id
	problems map[string]bool
	faults   []string
}

func newChecked(t testing.TB, p http.Handler) *checked {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(openapi.Document)
	require.NoError(t, err)
	c := &checked{portal: p, routes: map[string]*routers.Route{}, mux: http.NewServeMux(), answered: map[string]int{}, problems: map[string]bool{}}
	for path, item := range doc.Paths.Map() {
		base := partnerportal.BasePath
		if len(item.Servers) > 0 {
			base = ""
		}
		for method, op := range item.Operations() {
			c.routes[op.OperationID] = &routers.Route{Spec: doc, Path: path, PathItem: item, Method: method, Operation: op}
			c.mux.Handle(method+" "+base+path, c.operation(op.OperationID))
		}
	}
	return c
}

func (c *checked) ServeHTTP(w http.ResponseWriter, r *http.Request) { c.mux.ServeHTTP(w, r) }

// operation passes one request on and checks both directions.
func (c *checked) operation(id string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		forward, kept := r.Clone(r.Context()), r.Clone(r.Context())
		forward.Body, kept.Body = io.NopCloser(bytes.NewReader(body)), io.NopCloser(bytes.NewReader(body))
		recorder := httptest.NewRecorder()
		c.portal.ServeHTTP(recorder, forward)
		c.check(id, kept, recorder.Result(), recorder.Body.Bytes())
		maps.Copy(w.Header(), recorder.Header())
		w.WriteHeader(recorder.Code)
		_, _ = w.Write(recorder.Body.Bytes())
	}
}

func (c *checked) check(id string, r *http.Request, resp *http.Response, body []byte) {
	route := c.routes[id]
	args := map[string]string{}
	for part := range strings.SplitSeq(route.Path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			name = strings.TrimSuffix(name, "}")
			args[name] = r.PathValue(name)
		}
	}
	options := &openapi3filter.Options{MultiError: true, IncludeResponseStatus: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, ExcludeReadOnlyValidations: true}
	request := &openapi3filter.RequestValidationInput{Request: r, PathParams: args, Route: route, Options: options}
	c.mu.Lock()
	defer c.mu.Unlock()
	report := func(format string, args ...any) {
		c.faults = append(c.faults, id+": "+fmt.Sprintf(format, args...))
	}
	if resp.StatusCode < 300 {
		c.answered[id]++
		if err := openapi3filter.ValidateRequest(r.Context(), request); err != nil {
			report("the SDK's request: %v", err)
		}
	} else if resp.StatusCode != http.StatusNotModified {
		c.checkProblem(id, resp, body, report)
	}
	err := openapi3filter.ValidateResponse(r.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: request, Status: resp.StatusCode, Header: resp.Header, Body: io.NopCloser(bytes.NewReader(body)), Options: options,
	})
	if err != nil {
		report("the answer %d: %v\n%s", resp.StatusCode, err, body)
	}
	if resp.Header.Get("X-Request-Id") == "" {
		report("no X-Request-Id")
	}
}

// checkProblem holds a problem's code against those that the operation declares.
func (c *checked) checkProblem(id string, resp *http.Response, body []byte, report func(string, ...any)) {
	if id == "auth.token" {
		return
	}
	var problem struct {
		Code   string
		Status int
	}
	if err := json.Unmarshal(body, &problem); err != nil || problem.Status != resp.StatusCode {
		report("%d without problem details: %s", resp.StatusCode, body)
		return
	}
	c.problems[problem.Code] = true
	var declared []string
	list, _ := c.routes[id].Operation.Extensions["x-problem-codes"].([]any)
	for _, code := range list {
		declared = append(declared, fmt.Sprint(code))
	}
	if !slices.Contains(declared, problem.Code) && !slices.Contains(generalCodes, problem.Code) {
		report("undeclared problem code %s", problem.Code)
	}
}

// TestEveryOperation drives the SDK through a story in which every operation of the contract succeeds at least once.
func TestEveryOperation(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) { everyOperation(t, "sqlite::memory:") })
	t.Run("postgres", func(t *testing.T) { everyOperation(t, storetest.Postgres(t)) })
}

func everyOperation(t *testing.T, dsn string) {
	t.Helper()
	s := newStory(t, dsn)
	s.deals()
	s.conflicts()
	s.leads()
	s.files()
	s.mdf()
	s.assets()
	s.catalog()
	s.quotes()
	s.specialPricing()
	s.program()
	s.money()
	s.sessions()
	s.orders()
	s.training()
	s.credentials()
	s.sandbox()
	s.webhooks()
	s.rarely()
	s.unattended()
	s.feed()
	for _, fault := range s.checked.faults {
		t.Error(fault)
	}
	var never []string
	for id := range s.checked.routes {
		if s.checked.answered[id] == 0 {
			never = append(never, id)
		}
	}
	slices.Sort(never)
	assert.Empty(t, never, "operations that never succeeded")
	t.Logf("%d operations, problem codes seen: %v", len(s.checked.routes), slices.Sorted(maps.Keys(s.checked.problems)))
}

// TestEveryOperationIsGuarded: without credentials no operation answers anything but 401, and none is missing.
func TestEveryOperationIsGuarded(t *testing.T) {
	t.Parallel()
	p := open(t)
	weak := as(t, p, "", "sandbox:manage")
	for id, route := range newChecked(t, p).routes {
		if id == "auth.token" {
			continue
		}
		target := partnerportal.BasePath + strings.NewReplacer("{", "", "}", "").Replace(route.Path)
		a := anonymous(t, p).send(t.Context(), route.Method, target, "")
		assert.Equal(t, http.StatusUnauthorized, a.status, id)
		if strings.HasPrefix(id, "sandbox.") {
			continue
		}
		a = weak.send(t.Context(), route.Method, target, "")
		assert.Equal(t, http.StatusForbidden, a.status, id)
		assert.EqualValues(t, "insufficient_scope", a.problem.Code, id)
	}
}

// TestRouterAndContractAgree: what the generated code demands is what the document says.
func TestRouterAndContractAgree(t *testing.T) {
	t.Parallel()
	p := open(t, portal.WithSandbox())
	vendor, acme := as(t, p, ""), as(t, p, partner(t, p, "Acme"), "deals:read", "deals:write", "leads:read", "leads:write", "mdf:read", "mdf:write", "assets:write", "catalog:write", "quotes:write", "orders:write", "training:write", "credentials:write", "program:write", "sandbox:manage")
	for id, route := range newChecked(t, p).routes {
		for _, ref := range slices.Concat(route.PathItem.Parameters, route.Operation.Parameters) {
			if ref.Value.In != openapi3.ParameterInHeader || !ref.Value.Required {
				continue
			}
			status := map[string]int{"If-Match": http.StatusPreconditionRequired, "Idempotency-Key": http.StatusBadRequest}[ref.Value.Name]
			require.NotZero(t, status, "%s: required header %s", id, ref.Value.Name)
			target := partnerportal.BasePath + strings.NewReplacer("{", "", "}", "").Replace(route.Path)
			a := acme.send(t.Context(), route.Method, target, "")
			if a.status == http.StatusForbidden {
				a = vendor.send(t.Context(), route.Method, target, "")
			}
			assert.Equal(t, status, a.status, "%s: %s", id, a.body)
		}
	}
}
