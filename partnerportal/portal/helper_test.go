package portal_test

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
)

// raw is a caller without an SDK, for what a well-behaved client never sends.
type raw struct {
	t       testing.TB
	handler http.Handler
	header  http.Header
}

// answer is what came back.
type answer struct {
	status  int
	header  http.Header
	body    []byte
	problem partnerportal.Error
}

// open opens a portal in memory for the time of the test.
func open(t testing.TB, opts ...portal.Option) *portal.Portal {
	t.Helper()
	return openAt(t, "sqlite::memory:", opts...)
}

func openAt(t testing.TB, dsn string, opts ...portal.Option) *portal.Portal {
	t.Helper()
	p, err := portal.Open(t.Context(), dsn, opts...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, p.Close()) })
	return p
}

// partner creates an active partner.
func partner(t testing.TB, p *portal.Portal, name string) string {
	t.Helper()
	created, err := p.Admin().CreatePartner(t.Context(), portal.Partner{Name: name, Country: "US"})
	require.NoError(t, err)
	return created.ID
}

// as authenticates with an API key of a new caller.
func as(t testing.TB, p *portal.Portal, partnerID string, scopes ...string) *raw {
	t.Helper()
	key, err := p.Admin().CreateAPIKey(t.Context(), portal.ClientSpec{PartnerID: partnerID, Name: "Test", Scopes: scopes})
	require.NoError(t, err)
	return (&raw{t: t, handler: p, header: http.Header{}}).with("Authorization", "Bearer "+key)
}

// anonymous sends no credentials.
func anonymous(t testing.TB, p *portal.Portal) *raw {
	t.Helper()
	return &raw{t: t, handler: p, header: http.Header{}}
}

func (c *raw) with(name, value string) *raw {
	other := *c
	other.header = c.header.Clone()
	other.header.Set(name, value)
	return &other
}

func (c *raw) send(ctx context.Context, method, target, body string) *answer {
	c.t.Helper()
	r := httptest.NewRequestWithContext(ctx, method, target, strings.NewReader(body))
	maps.Copy(r.Header, c.header)
	if body != "" && r.Header.Get("Content-Type") == "" {
		r.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	a := &answer{status: w.Code, header: w.Result().Header, body: w.Body.Bytes()}
	if strings.Contains(a.header.Get("Content-Type"), "problem+json") {
		require.NoError(c.t, json.Unmarshal(a.body, &a.problem))
	}
	return a
}

func (c *raw) get(target string) *answer {
	c.t.Helper()
	return c.send(c.t.Context(), http.MethodGet, target, "")
}

func (c *raw) post(target, body string) *answer {
	c.t.Helper()
	return c.send(c.t.Context(), http.MethodPost, target, body)
}

func (c *raw) form(target string, values url.Values) *answer {
	c.t.Helper()
	return c.with("Content-Type", "application/x-www-form-urlencoded").post(target, values.Encode())
}

// decode reads a successful answer.
func (a *answer) decode(t testing.TB, v any) {
	t.Helper()
	require.NoError(t, json.Unmarshal(a.body, v), "%s", a.body)
}

// faults are the field errors as "pointer code".
func (a *answer) faults() []string {
	found := []string{}
	for _, f := range a.problem.Fields {
		found = append(found, f.Pointer+" "+f.Code)
	}
	return found
}
