package portal_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
)

const referral = `{"title":"Storage refresh","organization":{"name":"Initech","country":"US"},"contact":{"email":"peter@initech.example"},"consent":{"may_contact":true}}`

func TestCredentialsAreNeeded(t *testing.T) {
	t.Parallel()
	p := open(t)
	for header, code := range map[string]string{
		"": "unauthorized", "Basic abc": "unauthorized", "Bearer": "unauthorized", "Bearer ": "unauthorized",
		"Bearer ppt_unknown": "invalid_token", "Bearer ppk_unknown": "invalid_token", "Bearer pps_secret": "invalid_token", "bearer x": "invalid_token",
	} {
		a := anonymous(t, p).with("Authorization", header).get("/v1/leads")
		assert.Equal(t, http.StatusUnauthorized, a.status, header)
		assert.EqualValues(t, code, a.problem.Code, header)
		assert.Equal(t, code == "invalid_token", strings.Contains(a.header.Get("WWW-Authenticate"), `error="invalid_token"`), header)
		assert.Equal(t, a.header.Get("X-Request-Id"), a.problem.RequestID, header)
	}
}

func TestScopesAreNeeded(t *testing.T) {
	t.Parallel()
	p := open(t)
	c := as(t, p, partner(t, p, "Acme"), "deals:read")
	a := c.with("Idempotency-Key", "k").post("/v1/leads", referral)
	assert.Equal(t, http.StatusForbidden, a.status)
	assert.EqualValues(t, "insufficient_scope", a.problem.Code)
	assert.Contains(t, a.problem.Detail, "leads:write or leads:review")
	assert.Contains(t, a.header.Get("WWW-Authenticate"), `scope="leads:write leads:review"`)
}

func TestContractIsEnforced(t *testing.T) {
	t.Parallel()
	p := open(t)
	c := as(t, p, partner(t, p, "Acme"))
	keyed := c.with("Idempotency-Key", "k")
	long := strings.Repeat("x", 300)
	for name, test := range map[string]struct {
		answer *answer
		status int
		code   string
		faults []string
	}{
		"missing members": {keyed.post("/v1/leads", `{}`), 422, "validation_failed", []string{"/organization required", "/title required"}},
		"every fault at once": {
			keyed.post("/v1/leads", `{"title":"`+long+`","organization":{"name":7,"country":"usa","sektor":"x","a/b":1},"rating":"lukewarm"}`),
			422, "validation_failed", []string{
				"/organization/a~1b not_permitted", "/organization/country invalid_format", "/organization/name invalid_format",
				"/organization/sektor not_permitted", "/rating invalid_enum", "/title out_of_range",
			},
		},
		"null":            {keyed.post("/v1/leads", `{"title":null,"organization":{"name":"x"}}`), 422, "validation_failed", []string{"/title invalid_value"}},
		"empty text":      {keyed.post("/v1/leads", `{"title":"","organization":{"name":"x"}}`), 422, "validation_failed", []string{"/title required"}},
		"31 February":     {keyed.post("/v1/leads", `{"title":"x","organization":{"name":"x"},"consent":{"may_contact":true,"obtained_at":"2026-02-31T00:00:00Z"}}`), 422, "validation_failed", []string{"/consent/obtained_at invalid_format"}},
		"not an object":   {keyed.post("/v1/leads", `[1]`), 422, "validation_failed", []string{" invalid_format"}},
		"not JSON":        {keyed.post("/v1/leads", `{"title":`), 400, "validation_failed", []string{}},
		"two documents":   {keyed.post("/v1/leads", referral+referral), 400, "validation_failed", []string{}},
		"no body":         {keyed.post("/v1/leads", ""), 400, "validation_failed", []string{}},
		"blank body":      {keyed.post("/v1/leads", "  \n"), 400, "validation_failed", []string{}},
		"another type":    {keyed.with("Content-Type", "text/xml").post("/v1/leads", "<lead/>"), 415, "unsupported_media_type", []string{}},
		"type with words": {keyed.with("Content-Type", "application/json; charset=utf-8").post("/v1/leads", `{}`), 422, "validation_failed", []string{"/organization required", "/title required"}},
		"too large":       {keyed.post("/v1/leads", `{"title":"`+strings.Repeat("x", 1<<20)+`"}`), 413, "body_too_large", []string{}},
		"no key":          {c.post("/v1/leads", referral), 400, "idempotency_key_required", []string{}},
		"odd key":         {c.with("Idempotency-Key", "a b").post("/v1/leads", referral), 400, "validation_failed", []string{"Idempotency-Key invalid_format"}},
		"long key":        {c.with("Idempotency-Key", long).post("/v1/leads", referral), 400, "validation_failed", []string{"Idempotency-Key out_of_range"}},
		"no If-Match":     {c.with("Content-Type", "application/merge-patch+json").send(t.Context(), http.MethodPatch, "/v1/leads/lead_1", `{}`), 428, "precondition_required", []string{}},
		"patch as JSON":   {c.with("If-Match", `"r1"`).send(t.Context(), http.MethodPatch, "/v1/leads/lead_1", `{}`), 415, "unsupported_media_type", []string{}},
		"patch of null or object": {
			c.with("If-Match", `"r1"`).with("Content-Type", "application/merge-patch+json").send(t.Context(), http.MethodPatch, "/v1/leads/lead_1", `{"contact":{"email":5},"estimated_value":7}`),
			422, "validation_failed", []string{"/contact/email invalid_format", "/estimated_value invalid_format"},
		},
		"limit 0":          {c.get("/v1/leads?limit=0"), 400, "validation_failed", []string{"?limit out_of_range"}},
		"limit x":          {c.get("/v1/leads?limit=x"), 400, "validation_failed", []string{"?limit invalid_format"}},
		"unknown status":   {c.get("/v1/leads?status=new&status=odd"), 400, "validation_failed", []string{"?status invalid_enum"}},
		"misspelt filter":  {c.get("/v1/leads?statuss=new"), 400, "validation_failed", []string{"?statuss not_permitted"}},
		"odd segment":      {c.get("/v1/leads?segment=9/3"), 400, "validation_failed", []string{"?segment invalid_value"}},
		"foreign cursor":   {c.get("/v1/leads?cursor=abc"), 400, "cursor_invalid", []string{"?cursor invalid_value"}},
		"impossible id":    {c.get("/v1/leads/" + long), 404, "not_found", []string{}},
		"no such resource": {c.get("/v1/leads/lead_1"), 404, "not_found", []string{}},
	} {
		assert.Equal(t, test.status, test.answer.status, "%s: %s", name, test.answer.body)
		assert.EqualValues(t, test.code, test.answer.problem.Code, name)
		assert.Equal(t, test.faults, test.answer.faults(), name)
		assert.Equal(t, "application/problem+json", test.answer.header.Get("Content-Type"), name)
		for _, f := range test.answer.problem.Fields {
			assert.NotEmpty(t, f.Message, name)
		}
	}
}

func TestMessagesSayWhatToDoAndNotWhatWasSent(t *testing.T) {
	t.Parallel()
	p := open(t)
	c := as(t, p, partner(t, p, "Acme")).with("Idempotency-Key", "k")
	a := c.post("/v1/leads", `{"title":"`+strings.Repeat("hunter2 ", 40)+`","organization":{"country":"hunter2","duns":"hunter2"},"rating":"hunter2"}`)
	said := map[string]string{}
	for _, f := range a.problem.Fields {
		said[f.Pointer] = f.Message
	}
	assert.Equal(t, "Give at most 255 characters.", said["/title"])
	assert.Equal(t, "Use one of: hot, warm, cold.", said["/rating"])
	assert.Contains(t, said["/organization/country"], "ISO 3166-1 alpha-2")
	assert.NotContains(t, string(a.body), "hunter2")
}

func TestPathsAndMethods(t *testing.T) {
	t.Parallel()
	p := open(t)
	c := as(t, p, partner(t, p, "Acme"))
	for target, want := range map[string]struct {
		method string
		status int
		code   string
		allow  string
	}{
		"/":                {http.MethodGet, 404, "not_found", ""},
		"/v1":              {http.MethodGet, 404, "not_found", ""},
		"/v1/nothing":      {http.MethodPost, 404, "not_found", ""},
		"/v1/leads":        {http.MethodDelete, 405, "method_not_allowed", "GET, HEAD, POST"},
		"/v1/leads/lead_1": {http.MethodPut, 405, "method_not_allowed", "GET, HEAD, PATCH"},
		"/healthz":         {http.MethodPost, 405, "method_not_allowed", "GET, HEAD"},
		"/openapi.json":    {http.MethodPut, 405, "method_not_allowed", "GET, HEAD"},
	} {
		a := c.send(t.Context(), want.method, target, "")
		assert.Equal(t, want.status, a.status, target)
		assert.EqualValues(t, want.code, a.problem.Code, target)
		assert.Equal(t, want.allow, a.header.Get("Allow"), target)
		assert.NotEmpty(t, a.problem.RequestID, target)
	}
	assert.Equal(t, http.StatusOK, c.send(t.Context(), http.MethodHead, "/v1/leads", "").status)
}

func TestSameKeySameAnswer(t *testing.T) {
	t.Parallel()
	p := open(t)
	acme, globex := partner(t, p, "Acme"), partner(t, p, "Globex")
	c := as(t, p, acme).with("Idempotency-Key", "crm-1")
	first := c.post("/v1/leads", referral)
	require.Equal(t, http.StatusCreated, first.status, "%s", first.body)
	assert.Empty(t, first.header.Get("Idempotency-Replayed"))

	again := c.post("/v1/leads", referral)
	assert.Equal(t, first.status, again.status)
	assert.Equal(t, string(first.body), string(again.body))
	assert.Equal(t, "true", again.header.Get("Idempotency-Replayed"))
	assert.Equal(t, first.header.Get("ETag"), again.header.Get("ETag"))
	assert.NotEmpty(t, again.header.Get("ETag"))
	assert.NotEqual(t, first.header.Get("X-Request-Id"), again.header.Get("X-Request-Id"))

	colleague := as(t, p, acme).with("Idempotency-Key", "crm-1").post("/v1/leads", referral)
	assert.Equal(t, string(first.body), string(colleague.body), "keys are the partner's, not the client's")

	other := c.post("/v1/leads", strings.Replace(referral, "Storage", "Network", 1))
	assert.Equal(t, http.StatusUnprocessableEntity, other.status)
	assert.EqualValues(t, "idempotency_key_reused", other.problem.Code)

	elsewhere := as(t, p, globex).with("Idempotency-Key", "crm-1").post("/v1/leads", referral)
	require.Equal(t, http.StatusCreated, elsewhere.status)
	assert.NotEqual(t, string(first.body), string(elsewhere.body), "another partner's key is another key")
	assert.Empty(t, elsewhere.header.Get("Idempotency-Replayed"))
}

func TestRefusalsAreNotKept(t *testing.T) {
	t.Parallel()
	p := open(t)
	c := as(t, p, partner(t, p, "Acme")).with("Idempotency-Key", "crm-1")
	require.Equal(t, http.StatusUnprocessableEntity, c.post("/v1/leads", strings.Replace(referral, "true", "false", 1)).status)
	assert.Equal(t, http.StatusCreated, c.post("/v1/leads", referral).status)
}

// gate is a clock that can be made to wait, or to break, in the middle of an operation.
type gate struct {
	entered chan struct{}
	leave   chan struct{}
	armed   atomic.Bool
	breaks  atomic.Bool
}

func (g *gate) now() time.Time {
	if g.breaks.Load() {
		panic("the clock fell off the wall at ppk_topsecret")
	}
	if g.armed.CompareAndSwap(true, false) {
		close(g.entered)
		<-g.leave
	}
	return time.Now()
}

func TestKeyInFlight(t *testing.T) {
	t.Parallel()
	g := &gate{entered: make(chan struct{}), leave: make(chan struct{})}
	p := openAt(t, "sqlite:"+t.TempDir()+"/portal.db", portal.WithClock(g.now))
	c := as(t, p, partner(t, p, "Acme")).with("Idempotency-Key", "crm-1")
	require.Equal(t, http.StatusOK, c.get("/v1/leads").status)

	g.armed.Store(true)
	var first *answer
	var group sync.WaitGroup
	group.Go(func() { first = c.post("/v1/leads", referral) })
	<-g.entered
	second := c.post("/v1/leads", referral)
	close(g.leave)
	group.Wait()

	assert.Equal(t, http.StatusConflict, second.status)
	assert.EqualValues(t, "idempotency_in_progress", second.problem.Code)
	assert.Equal(t, "1", second.header.Get("Retry-After"))
	assert.Equal(t, http.StatusCreated, first.status)
	assert.Equal(t, string(first.body), string(c.post("/v1/leads", referral).body))
}

func TestOneKeyManyAtOnce(t *testing.T) {
	t.Parallel()
	p := openAt(t, "sqlite:"+t.TempDir()+"/portal.db")
	c := as(t, p, partner(t, p, "Acme"))
	var mu sync.Mutex
	bodies := map[string]int{}
	var group sync.WaitGroup
	for range 32 {
		group.Go(func() {
			a := c.with("Idempotency-Key", "crm-1").post("/v1/leads", referral)
			mu.Lock()
			defer mu.Unlock()
			if a.status == http.StatusCreated {
				bodies[string(a.body)]++
			} else {
				assert.EqualValues(t, "idempotency_in_progress", a.problem.Code)
			}
		})
	}
	group.Wait()
	assert.Len(t, bodies, 1)
	var page leads.Page
	c.get("/v1/leads").decode(t, &page)
	assert.Len(t, page.Items, 1)
}

func TestStaleRevisions(t *testing.T) {
	t.Parallel()
	p := open(t)
	c := as(t, p, "")
	created := c.with("Idempotency-Key", "k").post("/v1/leads", referral)
	require.Equal(t, http.StatusCreated, created.status)
	var lead leads.Lead
	created.decode(t, &lead)
	patch := c.with("Content-Type", "application/merge-patch+json")
	change := func(tag string) *answer {
		return patch.with("If-Match", tag).send(t.Context(), http.MethodPatch, "/v1/leads/"+lead.ID, `{"title":"Changed"}`)
	}
	for _, tag := range []string{`"r99"`, `r1`, `W/"r1"`, `garbage`} {
		a := change(tag)
		assert.Equal(t, http.StatusPreconditionFailed, a.status, "%s: %s", tag, a.body)
		assert.EqualValues(t, "revision_mismatch", a.problem.Code, tag)
	}
	fresh := change(created.header.Get("ETag"))
	require.Equal(t, http.StatusOK, fresh.status, "%s", fresh.body)
	assert.NotEqual(t, created.header.Get("ETag"), fresh.header.Get("ETag"))
	assert.Equal(t, http.StatusPreconditionFailed, change(created.header.Get("ETag")).status)
}

func TestFailuresTellNothing(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	g := new(gate)
	p := open(t, portal.WithClock(g.now), portal.WithLogger(slog.New(slog.NewJSONHandler(&log, nil))))
	c := as(t, p, partner(t, p, "Acme"))
	g.breaks.Store(true)
	a := c.with("Idempotency-Key", "k").post("/v1/leads", referral)
	assert.Equal(t, http.StatusInternalServerError, a.status)
	assert.EqualValues(t, "internal_error", a.problem.Code)
	assert.NotContains(t, string(a.body), "wall")
	assert.Contains(t, log.String(), "fell off the wall")
	assert.Contains(t, log.String(), a.problem.RequestID)

	g.breaks.Store(false)
	assert.Equal(t, http.StatusCreated, c.with("Idempotency-Key", "k").post("/v1/leads", referral).status, "nothing is locked, nothing was kept")
}

func TestLogHoldsNoSecrets(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	p := open(t, portal.WithLogger(slog.New(slog.NewJSONHandler(&log, nil))))
	id := partner(t, p, "Acme")
	c := as(t, p, id).with("X-Request-Id", "from-the-caller_1")
	c.with("Idempotency-Key", "canary-key").get("/v1/leads?external_ref=crm:canary-query")
	c.with("X-Request-Id", "forged\nline").get("/v1/leads")
	c.with("Authorization", "Bearer ppk_canary").get("/v1/leads")
	c.with("Idempotency-Key", "canary-key").post("/v1/leads", strings.Replace(referral, "Storage", "canary-body", 1))
	text := log.String()
	assert.NotContains(t, text, "canary")
	assert.NotContains(t, text, strings.TrimPrefix(c.header.Get("Authorization"), "Bearer "))
	assert.NotContains(t, text, "forged")

	var entry struct {
		Operation       string `json:"operation"`
		Path            string `json:"path"`
		Status          int    `json:"status"`
		PartnerID       string `json:"partner_id"`
		CallerRequestID string `json:"caller_request_id"`
	}
	line, _, _ := strings.Cut(text, "\n")
	require.NoError(t, json.Unmarshal([]byte(line), &entry))
	assert.Equal(t, "leads.list", entry.Operation)
	assert.Equal(t, "/v1/leads", entry.Path)
	assert.Equal(t, http.StatusOK, entry.Status)
	assert.Equal(t, id, entry.PartnerID)
	assert.Equal(t, "from-the-caller_1", entry.CallerRequestID)
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	p := open(t, portal.WithRateLimit(0.1, 2))
	id := partner(t, p, "Acme")
	c, other := as(t, p, id), as(t, p, id)
	for range 2 {
		a := c.get("/v1/leads")
		require.Equal(t, http.StatusOK, a.status)
		assert.Contains(t, a.header.Get("RateLimit"), `"client";r=`)
	}
	a := c.get("/v1/leads")
	assert.Equal(t, http.StatusTooManyRequests, a.status)
	assert.EqualValues(t, "rate_limited", a.problem.Code)
	assert.Equal(t, "10", a.header.Get("Retry-After"))
	assert.Equal(t, http.StatusOK, other.get("/v1/leads").status, "each client has its own allowance")
}
