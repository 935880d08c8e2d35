package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	address     = regexp.MustCompile(`listens on http://(\S+:\d+);`)
	credentials = regexp.MustCompile(`client_id (\S+)  client_secret (\S+)`)
)

func TestFirstStartPrintsCredentialsThatWork(t *testing.T) {
	t.Parallel()
	db := filepath.Join(t.TempDir(), "portal.db")
	url, text, stop := host(t, "-addr", "127.0.0.1:0", "-db", db, "-sandbox")
	found := credentials.FindAllStringSubmatch(text, -1)
	require.Len(t, found, 3, text)
	for _, pair := range found {
		client, err := partnerportal.New(url, partnerportal.WithClientCredentials(pair[1], pair[2]))
		require.NoError(t, err)
		_, err = deals.New(client).List(t.Context(), deals.ListParams{})
		require.NoError(t, err)
	}
	for _, path := range []string{"/healthz", "/readyz", "/openapi.json", "/docs"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+path, nil)
		require.NoError(t, err)
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		_ = resp.Body.Close()
		assert.Equal(t, http.StatusOK, resp.StatusCode, path)
	}
	stop()

	_, text, stop = host(t, "-addr", "127.0.0.1:0", "-db", db)
	assert.NotContains(t, text, "client_secret", "secrets are shown once")
	stop()
}

// A loopback address alone says nothing: behind a proxy on this machine, anybody calls.
func TestWebhooksGoToThisMachineWhenAsked(t *testing.T) {
	t.Parallel()
	for flag, want := range map[string]error{"-loopback-webhooks": nil, "-loopback-webhooks=false": events.ErrEndpointNotAllowed} {
		url, text, stop := host(t, "-addr", "127.0.0.1:0", "-db", ":memory:", flag)
		pair := credentials.FindStringSubmatch(text)
		require.NotNil(t, pair, text)
		client, err := partnerportal.New(url, partnerportal.WithClientCredentials(pair[1], pair[2]))
		require.NoError(t, err)
		_, err = events.New(client).CreateEndpoint(t.Context(), events.EndpointForm{URL: "http://127.0.0.1:8090/hooks/portal"})
		require.ErrorIs(t, err, want, flag)
		stop()
	}
}

// host runs the program until stop is called, and returns its address and what it said when it listened.
func host(t *testing.T, args ...string) (url, text string, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	in, out := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := run(ctx, args, out)
		_ = out.Close()
		done <- err
	}()
	for lines := bufio.NewScanner(in); lines.Scan(); {
		text += lines.Text() + "\n"
		if strings.Contains(lines.Text(), "listens") {
			break
		}
	}
	go func() { _, _ = io.Copy(io.Discard, in) }()
	port := address.FindStringSubmatch(text)
	require.NotNil(t, port, text)
	return "http://" + port[1], text, func() {
		cancel()
		require.NoError(t, <-done, "a stop is no failure")
	}
}

func TestBadCommandLines(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-nonsense"}, {"stray"}, {"-db", "mysql://nowhere", "-addr", "127.0.0.1:0"}, {"-db", ":memory:", "-addr", "not an address"}} {
		require.Error(t, run(t.Context(), args, io.Discard), "%v", args)
	}
}
