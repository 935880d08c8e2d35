package portal_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

// hook is what is behind an endpoint: a receiver on this machine that keeps what it took.
type hook struct {
	url string

	mu      sync.Mutex
	source  webhook.KeySource
	refuse  int // a status to answer with instead; 0 lets the receiver answer
	arrived int // requests, pings among them
	took    []json.RawMessage
	errors  []*webhook.Error
}

func listen(t testing.TB) *hook {
	t.Helper()
	h := &hook{source: webhook.StaticKeys()}
	v, err := webhook.NewVerifier(h)
	require.NoError(t, err)
	receiver := webhook.NewReceiver(v, webhook.WithErrorHook(func(_ context.Context, err *webhook.Error, _ webhook.Header) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.errors = append(h.errors, err)
	}))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		r.Body = io.NopCloser(bytes.NewReader(body))
		if status := h.note(); status != 0 {
			w.WriteHeader(status)
			return
		}
		answer := httptest.NewRecorder()
		receiver.ServeHTTP(answer, r)
		if answer.Code == http.StatusNoContent {
			h.keep(body)
		}
		maps.Copy(w.Header(), answer.Header())
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
	}))
	t.Cleanup(server.Close)
	h.url = server.URL
	return h
}

// Keys makes the hook the source of its own keys, which become known when the endpoint is registered.
func (h *hook) Keys(ctx context.Context) ([]webhook.Key, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.source.Keys(ctx)
}

func (h *hook) note() (status int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.arrived++
	return h.refuse
}

func (h *hook) keep(body []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.took = append(h.took, body)
}

// trust makes the hook take what is signed with these secrets.
func (h *hook) trust(t testing.TB, secrets ...string) {
	t.Helper()
	var keys []webhook.Key
	for _, secret := range secrets {
		k, err := webhook.ParseKey(secret)
		require.NoError(t, err)
		keys = append(keys, k)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.source = webhook.StaticKeys(keys...)
}

// answerWith lets the hook answer everything with a status, 0 what the receiver makes of it.
func (h *hook) answerWith(status int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.refuse = status
}

// events are the events that it took, in their order; it then forgets them.
func (h *hook) events(t testing.TB) []events.Event {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	found := []events.Event{}
	for _, body := range h.took {
		var e events.Event
		require.NoError(t, json.Unmarshal(body, &e))
		found = append(found, e)
	}
	h.took = nil
	return found
}

func (h *hook) requests() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.arrived
}

// deliverer is a portal that can be told to deliver now.
type deliverer interface{ DeliverWebhooks() }

// subscribe registers the hook as an endpoint of the client's and lets it answer the challenge.
func (h *hook) subscribe(t testing.TB, p deliverer, client *partnerportal.Client, form events.EndpointForm) *events.Endpoint {
	t.Helper()
	form.URL = h.url
	created, err := events.New(client).CreateEndpoint(t.Context(), form)
	require.NoError(t, err)
	h.trust(t, created.Secret)
	p.DeliverWebhooks()
	e, err := events.New(client).GetEndpoint(t.Context(), created.Endpoint.ID)
	require.NoError(t, err)
	require.Equal(t, events.EndpointStatusEnabled, e.Status)
	return e
}
