package partnerportal_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Row 37: over all faults, no text that the SDK makes shows a secret: credentials, token, idempotency key, query or body.
func TestNoTextShowsASecret(t *testing.T) {
	t.Parallel()
	const canary = "CANARY"
	leaky := &url.Error{Op: "Get", URL: "https://portal.test/v1/things?q=CANARY", Err: reset}
	html := http.Header{"Content-Type": {"text/html"}}
	token := ok(`{"access_token":"CANARY-token-0123456789"}`)
	for name, steps := range map[string][]step{
		"success":          {token, ok(`{"id":"CANARY"}`)},
		"problem":          {token, problem(409, `{"code":"c","title":"CANARY","detail":"CANARY","note":"CANARY"}`)},
		"html":             {token, {status: 200, body: "<p>Bearer CANARY-token-0123456789</p>", header: html}},
		"transport":        {token, broken(leaky)},
		"redirect":         {token, {status: 302, header: http.Header{"Location": {"https://CANARY.test/%zz"}}}},
		"401":              {token, status(401), token, status(401)},
		"503":              {token, status(503)},
		"token refused":    {{status: 401, body: `{"error":"invalid_client","error_description":"CANARY"}`}},
		"token HTML":       {{status: 500, body: "CANARY", header: html}, {status: 400, body: "CANARY", header: html}},
		"token JSON":       {ok(`{"CANARY"`)},
		"token kind":       {ok(`{"access_token":"CANARY","token_type":"CANARY"}`)},
		"token characters": {ok(`{"access_token":"CANARY\n"}`)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var logs bytes.Buffer
			logger := slog.New(slog.NewJSONHandler(&logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
			pp := scripted(t, play(steps...), partnerportal.WithLogger(logger), partnerportal.WithClientCredentials("id", canary),
				partnerportal.WithRetry(partnerportal.RetryPolicy{BaseDelay: 1, MaxDelay: 1}))
			err := pp.Do(t.Context(), &partnerportal.Request{Op: makeThing, Query: url.Values{"q": {canary}}, Body: thing{Name: canary}},
				new(thing), partnerportal.WithIdempotencyKey(canary))
			shown := shownBy(pp) + logs.String()
			if err != nil {
				shown += err.Error() + fmt.Sprintf("%+v %#v", err, errors.Unwrap(err))
				logger.Error("failed", "err", err)
				e := *asError(t, err)
				e.Title, e.Detail, e.Extensions = "", "", nil // what the portal said is shown to those who look at it
				shown += shownBy(e) + logs.String()
			}
			if strings.Contains(shown, canary) {
				t.Errorf("shown: %.2000s", shown)
			}
			assert.Contains(t, logs.String(), "things.create")
		})
	}
}

// shownBy prints v in every way that people print things.
func shownBy(v any) string {
	out := fmt.Sprintf("%v %+v %#v %s %q %x", v, v, v, v, v, v)
	data, _ := json.Marshal(v)
	return out + string(data)
}

func TestSecret(t *testing.T) {
	t.Parallel()
	type config struct {
		Secret partnerportal.Secret
		hidden partnerportal.Secret
	}
	c := config{partnerportal.NewSecret("hunter2"), partnerportal.NewSecret("hunter2")}
	var logs strings.Builder
	slog.New(slog.NewTextHandler(&logs, nil)).Info("x", "secret", c.Secret, "config", c)
	shown := shownBy(c) + shownBy(c.Secret) + shownBy(&c) + logs.String()
	assert.NotContains(t, shown, "hunter2")
	assert.NotContains(t, shown, fmt.Sprintf("%x", "hunter2"))
	assert.Contains(t, shown, "REDACTED")
	assert.Equal(t, "hunter2", c.hidden.Reveal())

	var read config
	require.NoError(t, json.Unmarshal([]byte(`{"Secret":"s"}`), &read))
	assert.Equal(t, "s", read.Secret.Reveal())
	assert.False(t, read.Secret.IsZero())
	assert.True(t, partnerportal.NewSecret("").IsZero())
	assert.Empty(t, partnerportal.Secret{}.Reveal())
}
