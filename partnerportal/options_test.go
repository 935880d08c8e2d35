package partnerportal_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"
)

type options = []partnerportal.Option

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	key := partnerportal.WithAPIKey("ppk_1")
	handler := partnerportal.WithHandler(http.NotFoundHandler())
	for name, tc := range map[string]struct {
		base string
		opts options
		says string
	}{
		"no URL":             {"", nil, "base URL: must begin with https://"},
		"no scheme":          {"portal.example.com", nil, "must begin with https://"},
		"other scheme":       {"ftp://portal.example.com", nil, "must begin with https://"},
		"no host":            {"https:///v1", nil, "has no host"},
		"password":           {"https://user:hunter2@portal.example.com", nil, "must not hold a user or password"},
		"query":              {"https://portal.example.com?key=hunter2", nil, "must not have a query"},
		"fragment":           {"https://portal.example.com#x", nil, "must not have a query or fragment"},
		"dots":               {"https://portal.example.com/a/../b", nil, "path that is not plain"},
		"escaped path":       {"https://portal.example.com/a%2Fb", nil, "path that is not plain"},
		"broken":             {"https://portal.example.com:hunter2", nil, "cannot be parsed"},
		"plain key":          {"http://portal.example.com", options{key}, "WithAPIKey: credentials are not sent over plain http to portal.example.com"},
		"plain token URL":    {"https://portal.example.com", options{partnerportal.WithClientCredentials("a", "b"), partnerportal.WithTokenURL("http://idp.example.com/token")}, "WithTokenURL: the client secret is not sent over plain http"},
		"two credentials":    {"https://portal.example.com", options{key, partnerportal.WithClientCredentials("a", "b")}, "WithAPIKey and WithClientCredentials exclude each other"},
		"empty secret":       {"https://portal.example.com", options{partnerportal.WithClientCredentials("a", "")}, "the client ID or the secret is empty"},
		"bad scope":          {"https://portal.example.com", options{partnerportal.WithClientCredentials("a", "b", "x y")}, `"x y" is not a scope`},
		"bad key":            {"https://portal.example.com", options{partnerportal.WithAPIKey("hunter2\n")}, "WithAPIKey: a key consists of visible ASCII characters"},
		"bad token URL":      {"https://portal.example.com", options{partnerportal.WithTokenURL("idp")}, "WithTokenURL: not a plain https URL"},
		"token URL alone":    {"https://portal.example.com", options{partnerportal.WithTokenURL("https://idp.example.com/t")}, "WithTokenURL needs WithClientCredentials"},
		"nil source":         {"https://portal.example.com", options{partnerportal.WithTokenSource(nil)}, "the source is nil"},
		"nil client":         {"https://portal.example.com", options{partnerportal.WithHTTPClient(nil)}, "the client is nil"},
		"nil handler":        {"https://portal.example.com", options{partnerportal.WithHandler(nil)}, "the handler is nil"},
		"nil logger":         {"https://portal.example.com", options{partnerportal.WithLogger(nil)}, "the logger is nil"},
		"nil option":         {"https://portal.example.com", options{nil}, "an option is nil"},
		"handler and client": {"https://portal.example.com", options{handler, partnerportal.WithHTTPClient(&http.Client{})}, "exclude each other"},
		"application":        {"https://portal.example.com", options{partnerportal.WithApplication("acme crm", "1")}, "WithApplication: \"acme crm\""},
		"timeout":            {"https://portal.example.com", options{partnerportal.WithTimeout(-time.Second)}, "WithTimeout: -1s is not a positive time"},
		"attempt timeout":    {"https://portal.example.com", options{partnerportal.WithAttemptTimeout(0)}, "WithAttemptTimeout: 0s is not a positive time"},
		"retry":              {"https://portal.example.com", options{partnerportal.WithRetry(partnerportal.RetryPolicy{MaxAttempts: -1})}, "negative"},
		"limits":             {"https://portal.example.com", options{partnerportal.WithLimits(partnerportal.Limits{Error: -1})}, "WithLimits: a limit is negative"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := partnerportal.New(tc.base, tc.opts...)
			require.ErrorContains(t, err, tc.says)
			assert.Contains(t, err.Error(), "partnerportal.New: ")
			assert.NotContains(t, err.Error(), "hunter2")
		})
	}
}

func TestNewAccepts(t *testing.T) {
	t.Parallel()
	key := partnerportal.WithAPIKey("ppk_1")
	for base, tc := range map[string]struct {
		opts options
		want string
	}{
		"https://portal.example.com":       {options{key}, "https://portal.example.com"},
		"https://Portal.Example.COM/":      {options{key}, "https://portal.example.com"},
		"https://portal.example.com/v1":    {options{key}, "https://portal.example.com"},
		"https://portal.example.com/v1/":   {options{key}, "https://portal.example.com"},
		"https://example.com/partners":     {options{key}, "https://example.com/partners"},
		"http://localhost:8080":            {options{key}, "http://localhost:8080"},
		"http://127.0.0.1:8080":            {options{key}, "http://127.0.0.1:8080"},
		"http://[::1]:8080":                {options{key}, "http://[::1]:8080"},
		"http://portal.example.com":        {nil, "http://portal.example.com"},
		"http://portal.internal":           {options{key, partnerportal.WithInsecure()}, "http://portal.internal"},
		"http://portal.test":               {options{key, partnerportal.WithHandler(http.NotFoundHandler())}, "http://portal.test"},
		"":                                 {options{key, partnerportal.WithHandler(http.NotFoundHandler())}, "http://in-process"},
		"https://portal.example.com:8443/": {options{partnerportal.WithLimits(partnerportal.Limits{}), partnerportal.WithTimeout(time.Second)}, "https://portal.example.com:8443"},
	} {
		pp, err := partnerportal.New(base, tc.opts...)
		require.NoError(t, err, base)
		assert.Equal(t, tc.want, pp.BaseURL())
		assert.Equal(t, "partnerportal.Client("+tc.want+")", fmt.Sprintf("%+v", pp))
		pp.CloseIdleConnections()
	}
}

func TestFromEnv(t *testing.T) {
	for name, tc := range map[string]struct{ key, id, secret, says string }{
		"key":       {"ppk_1", "", "", ""},
		"client":    {"", "id", "secret", ""},
		"nothing":   {"", "", "", "set PARTNERPORTAL_API_KEY, or"},
		"no secret": {"", "id", "", "set PARTNERPORTAL_API_KEY, or"},
		"both":      {"ppk_1", "id", "", "both PARTNERPORTAL_API_KEY"},
		"bad key":   {"ppk 1", "", "", "PARTNERPORTAL_API_KEY is not a key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("PARTNERPORTAL_API_KEY", tc.key)
			t.Setenv("PARTNERPORTAL_CLIENT_ID", tc.id)
			t.Setenv("PARTNERPORTAL_CLIENT_SECRET", tc.secret)
			_, err := partnerportal.New("https://portal.example.com", partnerportal.FromEnv())
			if tc.says == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, tc.says)
			}
		})
	}
}

// The caller's http.Client is copied: changing it afterwards changes nothing, and it is not changed itself.
func TestHTTPClientIsCopied(t *testing.T) {
	t.Parallel()
	s := play(ok(`{}`))
	hc := &http.Client{Transport: s, Timeout: time.Minute}
	pp, err := partnerportal.New("https://portal.test", partnerportal.WithHTTPClient(hc), partnerportal.WithTokenSource(
		oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "t"})))
	require.NoError(t, err)
	hc.Transport = nil
	require.NoError(t, pp.Do(t.Context(), get("t1"), nil))
	assert.Equal(t, 1, s.count())
	assert.Equal(t, &http.Client{Timeout: time.Minute}, hc)
}
