package portal_test

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
)

type tokenAnswer struct {
	AccessToken      string `json:"access_token"`
	TokenType        string `json:"token_type"`
	ExpiresIn        int    `json:"expires_in"`
	Scope            string `json:"scope"`
	Error            string `json:"error"`
	ErrorDescription string `json:"error_description"`
}

func clientOf(t testing.TB, p *portal.Portal, scopes ...string) *portal.Credentials {
	t.Helper()
	c, err := p.Admin().CreateClient(t.Context(), portal.ClientSpec{PartnerID: partner(t, p, "Acme"), Name: "Acme CRM", Scopes: scopes})
	require.NoError(t, err)
	return c
}

func basic(id, secret string) string {
	r := http.Request{Header: http.Header{}}
	r.SetBasicAuth(url.QueryEscape(id), url.QueryEscape(secret))
	return r.Header.Get("Authorization")
}

func TestTokenIsIssued(t *testing.T) {
	t.Parallel()
	p := open(t)
	c := clientOf(t, p, "deals:read", "leads:read")
	grant := url.Values{"grant_type": {"client_credentials"}}
	inForm := url.Values{"grant_type": {"client_credentials"}, "client_id": {c.ClientID}, "client_secret": {c.ClientSecret}, "scope": {"leads:read"}}
	for name, test := range map[string]struct {
		answer *answer
		scope  string
	}{
		"basic": {anonymous(t, p).with("Authorization", basic(c.ClientID, c.ClientSecret)).form("/oauth2/token", grant), "deals:read leads:read"},
		"form":  {anonymous(t, p).form("/oauth2/token", inForm), "leads:read"},
	} {
		var token tokenAnswer
		require.Equal(t, http.StatusOK, test.answer.status, name)
		test.answer.decode(t, &token)
		assert.True(t, strings.HasPrefix(token.AccessToken, "ppt_"), name)
		assert.Equal(t, "Bearer", token.TokenType, name)
		assert.Equal(t, 3600, token.ExpiresIn, name)
		assert.Equal(t, test.scope, token.Scope, name)
		assert.Equal(t, "no-store", test.answer.header.Get("Cache-Control"), name)
		assert.NotEmpty(t, test.answer.header.Get("X-Request-Id"), name)

		bearer := anonymous(t, p).with("Authorization", "Bearer "+token.AccessToken)
		assert.Equal(t, http.StatusOK, bearer.get("/v1/leads").status, name)
	}
}

func TestTokenIsRefused(t *testing.T) {
	t.Parallel()
	p := open(t)
	c := clientOf(t, p, "deals:read")
	revoked := clientOf(t, p)
	require.NoError(t, p.Admin().RevokeClient(t.Context(), revoked.ClientID))
	key, err := p.Admin().CreateAPIKey(t.Context(), portal.ClientSpec{Name: "Key"})
	require.NoError(t, err)
	clients, err := p.Admin().Clients(t.Context())
	require.NoError(t, err)
	keyID := clients[len(clients)-1].ID

	good := url.Values{"grant_type": {"client_credentials"}, "client_id": {c.ClientID}, "client_secret": {c.ClientSecret}}
	change := func(pairs ...string) url.Values {
		form := maps.Clone(good)
		for i := 0; i < len(pairs); i += 2 {
			form.Set(pairs[i], pairs[i+1])
		}
		return form
	}
	none := url.Values{"grant_type": {"client_credentials"}}
	plain := anonymous(t, p)
	const token = "/oauth2/token"
	for name, test := range map[string]struct {
		answer *answer
		status int
		code   string
	}{
		"no grant type":       {plain.form(token, change("grant_type", "")), 400, "invalid_request"},
		"another grant type":  {plain.form(token, change("grant_type", "password")), 400, "unsupported_grant_type"},
		"foreign scope":       {plain.form(token, change("scope", "deals:review")), 400, "invalid_scope"},
		"wrong secret":        {plain.form(token, change("client_secret", "pps_wrong")), 401, "invalid_client"},
		"unknown client":      {plain.form(token, change("client_id", "cli_nobody")), 401, "invalid_client"},
		"revoked client":      {plain.form(token, change("client_id", revoked.ClientID, "client_secret", revoked.ClientSecret)), 401, "invalid_client"},
		"an API key":          {plain.form(token, change("client_id", keyID, "client_secret", key)), 401, "invalid_client"},
		"no credentials":      {plain.form(token, none), 401, "invalid_client"},
		"two ways at once":    {plain.with("Authorization", basic(c.ClientID, c.ClientSecret)).form(token, good), 400, "invalid_request"},
		"broken basic":        {plain.with("Authorization", "Basic !!").form(token, none), 401, "invalid_client"},
		"broken encoding":     {plain.with("Authorization", "Basic JTpQ").form(token, none), 401, "invalid_client"},
		"JSON":                {plain.post(token, `{"grant_type":"client_credentials"}`), 400, "invalid_request"},
		"given twice":         {plain.form(token, url.Values{"grant_type": {"client_credentials", "client_credentials"}}), 400, "invalid_request"},
		"secret in the query": {plain.form(token+"?client_id="+c.ClientID+"&client_secret="+c.ClientSecret, none), 401, "invalid_client"},
		"too large":           {plain.form(token, change("scope", strings.Repeat("x", 20<<10))), 400, "invalid_request"},
	} {
		var refused tokenAnswer
		test.answer.decode(t, &refused)
		assert.Equal(t, test.status, test.answer.status, name)
		assert.Equal(t, test.code, refused.Error, name)
		assert.Empty(t, refused.AccessToken, name)
		assert.Equal(t, "no-store", test.answer.header.Get("Cache-Control"), name)
		if test.status == 401 {
			assert.Contains(t, test.answer.header.Get("WWW-Authenticate"), "Basic", name)
		}
	}
	unknown, wrong := plain.form(token, change("client_id", "cli_nobody")), plain.form(token, change("client_secret", "pps_wrong"))
	assert.Equal(t, string(unknown.body), string(wrong.body), "no hint whether the client exists")
	assert.Equal(t, http.StatusMethodNotAllowed, plain.get(token).status)
}

func TestTokensEnd(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		end  func(t *testing.T, p *portal.Portal, clientID, partnerID string)
		code string
	}{
		"revoked": {func(t *testing.T, p *portal.Portal, clientID, _ string) {
			t.Helper()
			require.NoError(t, p.Admin().RevokeClient(t.Context(), clientID))
			require.NoError(t, p.Admin().RevokeClient(t.Context(), clientID), "again")
		}, "invalid_token"},
		"suspended": {func(t *testing.T, p *portal.Portal, _, partnerID string) {
			t.Helper()
			partner, err := p.Admin().Partner(t.Context(), partnerID)
			require.NoError(t, err)
			partner.Status = "suspended"
			_, err = p.Admin().UpdatePartner(t.Context(), *partner)
			require.NoError(t, err)
		}, "partner_suspended"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := open(t)
			partnerID := partner(t, p, "Acme")
			c := as(t, p, partnerID)
			require.Equal(t, http.StatusOK, c.get("/v1/leads").status)
			clients, err := p.Admin().Clients(t.Context())
			require.NoError(t, err)
			test.end(t, p, clients[0].ID, partnerID)
			a := c.get("/v1/leads")
			assert.EqualValues(t, test.code, a.problem.Code)
		})
	}
}

func TestRevocationOfAnotherReplicaArrives(t *testing.T) {
	t.Parallel()
	dsn := "sqlite:" + t.TempDir() + "/portal.db"
	here, there := openAt(t, dsn), openAt(t, dsn)
	c := as(t, here, partner(t, here, "Acme"))
	require.Equal(t, http.StatusOK, c.get("/v1/leads").status)
	clients, err := there.Admin().Clients(t.Context())
	require.NoError(t, err)
	require.NoError(t, there.Admin().RevokeClient(t.Context(), clients[0].ID))
	assert.Eventually(t, func() bool { return c.get("/v1/leads").status == http.StatusUnauthorized }, time.Minute, 50*time.Millisecond)
}
