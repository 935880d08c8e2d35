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
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	address     = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)
	credentials = regexp.MustCompile(`client_id (\S+)  client_secret (\S+)`)
)

func TestFirstStartPrintsCredentialsThatWork(t *testing.T) {
	t.Parallel()
	db := filepath.Join(t.TempDir(), "portal.db")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	in, out := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := run(ctx, []string{"-addr", "127.0.0.1:0", "-db", db, "-sandbox"}, out)
		_ = out.Close()
		done <- err
	}()
	var text strings.Builder
	for lines := bufio.NewScanner(in); lines.Scan(); {
		text.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), "listens") {
			break
		}
	}
	go func() { _, _ = io.Copy(io.Discard, in) }()

	url := address.FindString(text.String())
	found := credentials.FindAllStringSubmatch(text.String(), -1)
	require.Len(t, found, 3, text.String())
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
	cancel()
	require.NoError(t, <-done, "a stop is no failure")

	again, stop := context.WithCancel(t.Context())
	second := &untilListening{stop: stop}
	require.NoError(t, run(again, []string{"-addr", "127.0.0.1:0", "-db", db}, second))
	assert.NotContains(t, second.String(), "client_secret", "secrets are shown once")
}

// untilListening stops the program as soon as it says that it listens.
type untilListening struct {
	strings.Builder

	stop context.CancelFunc
}

func (w *untilListening) Write(data []byte) (int, error) {
	if strings.Contains(string(data), "listens") {
		w.stop()
	}
	return w.Builder.Write(data)
}

func TestBadCommandLines(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-nonsense"}, {"stray"}, {"-db", "mysql://nowhere"}, {"-db", ":memory:", "-addr", "not an address"}} {
		require.Error(t, run(t.Context(), args, io.Discard), "%v", args)
	}
}
