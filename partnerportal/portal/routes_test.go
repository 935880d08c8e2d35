package portal_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/openapi"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
)

func TestDocument(t *testing.T) {
	t.Parallel()
	c := anonymous(t, open(t))
	a := c.get("/openapi.json")
	require.Equal(t, http.StatusOK, a.status)
	assert.Equal(t, "application/json", a.header.Get("Content-Type"))
	assert.JSONEq(t, string(openapi.Document), string(a.body))
	again := c.with("If-None-Match", a.header.Get("ETag")).get("/openapi.json")
	assert.Equal(t, http.StatusNotModified, again.status)
	assert.Empty(t, again.body)
}

// Everything that the page asks a browser for must come from the portal: it is read on machines without a network.
func TestDocsNeedNoNetwork(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(open(t))
	defer server.Close()
	get := func(path string) (string, http.Header) {
		resp, err := http.Get(server.URL + path)
		require.NoError(t, err)
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, resp.StatusCode, path)
		return string(text), resp.Header
	}
	page, header := get("/docs")
	assert.Contains(t, header.Get("Content-Security-Policy"), "default-src 'self'")
	assert.Contains(t, page, "/openapi.json")
	assets := regexp.MustCompile(`(?:src|href)="([^"]+)"`).FindAllStringSubmatch(page, -1)
	require.GreaterOrEqual(t, len(assets), 3)
	for _, asset := range assets {
		require.True(t, strings.HasPrefix(asset[1], "/docs/"), asset[1])
		content, _ := get(asset[1])
		assert.NotEmpty(t, content, asset[1])
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	p, err := portal.Open(t.Context(), "sqlite::memory:")
	require.NoError(t, err)
	c := anonymous(t, p)
	assert.Equal(t, http.StatusOK, c.get("/healthz").status)
	assert.Equal(t, http.StatusOK, c.get("/readyz").status)
	assert.Equal(t, http.StatusOK, c.send(t.Context(), http.MethodHead, "/readyz", "").status)

	require.NoError(t, p.Close())
	assert.Equal(t, http.StatusOK, c.get("/healthz").status, "the process lives")
	a := c.get("/readyz")
	assert.Equal(t, http.StatusServiceUnavailable, a.status)
	assert.EqualValues(t, "not_ready", a.problem.Code)
	a = c.with("Authorization", "Bearer ppk_x").get("/v1/leads")
	assert.Equal(t, http.StatusInternalServerError, a.status)
	assert.NotContains(t, string(a.body), "database is closed")
	a = c.form("/oauth2/token", map[string][]string{"grant_type": {"client_credentials"}, "client_id": {"a"}, "client_secret": {"b"}})
	assert.Equal(t, http.StatusInternalServerError, a.status)
}
