package webhook_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

// receiverCase is a row of the list of adversarial cases: what a receiver must do about it.
type receiverCase struct {
	number int
	name   string
	run    func(t *testing.T)
}

// TestReceiverCases runs cases 79 to 124 and makes sure that none is missing.
func TestReceiverCases(t *testing.T) {
	t.Parallel()
	all := [][]receiverCase{admissionCases, envelopeCases, outcomeCases, storeCases, orderCases, connectionCases, keySourceCases}
	seen := map[int]bool{}
	for _, cases := range all {
		for _, c := range cases {
			assert.False(t, seen[c.number], "case %d is there twice", c.number)
			seen[c.number] = true
			t.Run(fmt.Sprintf("%03d %s", c.number, c.name), func(t *testing.T) {
				t.Parallel()
				c.run(t)
			})
		}
	}
	for n := 79; n <= 124; n++ {
		assert.True(t, seen[n], "case %d is missing", n)
	}
}

// deal is the data of the tests' events.
type deal struct {
	ID      string `json:"deal_id"`
	Revenue int64  `json:"revenue"`
}

// hook is a receiver under test, with a sender that has its key.
type hook struct {
	*webhook.Receiver
	t      *testing.T
	signer *webhook.Signer

	mu    sync.Mutex
	calls []string // ids of the events that the handler saw
	codes []webhook.Code
	fail  error // what the handler returns
}

// newHook returns a receiver with a handler for deal.approved that counts.
func newHook(t *testing.T, opts ...webhook.ReceiverOption) *hook {
	t.Helper()
	h := newBareHook(t, opts...)
	webhook.On(h.Receiver, "deal.approved", h.handle)
	return h
}

func newBareHook(t *testing.T, opts ...webhook.ReceiverOption) *hook {
	t.Helper()
	key := webhook.GenerateSecret()
	v, err := webhook.NewVerifier(webhook.StaticKeys(key))
	require.NoError(t, err)
	signer, err := webhook.NewSigner(key)
	require.NoError(t, err)
	h := &hook{t: t, signer: signer}
	opts = append([]webhook.ReceiverOption{webhook.WithErrorHook(h.note)}, opts...)
	h.Receiver = webhook.NewReceiver(v, opts...)
	return h
}

func (h *hook) handle(_ context.Context, ev webhook.Event[deal]) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.calls = append(h.calls, ev.ID)
	return h.fail
}

func (h *hook) note(_ context.Context, err *webhook.Error, _ webhook.Header) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.codes = append(h.codes, err.Code)
}

func (h *hook) called() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.calls)
}

func (h *hook) failing(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.fail = err
}

// event returns the JSON of an event; the data is a deal's unless given.
func event(id, eventType string, data ...string) []byte {
	if len(data) == 0 {
		data = []string{`{"deal_id":"deal_1","revenue":9007199254740993,"later":{"member":[1]}}`}
	}
	return fmt.Appendf(nil, `{"id":%q,"type":%q,"timestamp":"2026-11-22T09:30:00Z","api_version":"2026-11-01","live":true,`+
		`"tenant":"tnt_1","subject":{"type":"deal","id":"deal_1","version":7,"url":"https://portal.example.com/v1/deals/deal_1"},"data":%s}`,
		id, eventType, data[0])
}

// versioned returns an event of a version of deal_1.
func versioned(id, eventType string, version int) []byte {
	return bytes.Replace(event(id, eventType), []byte(`"version":7`), fmt.Appendf(nil, `"version":%d`, version), 1)
}

// request signs a body now; the id of the message is msg_1 unless the body is an event with its own.
func (h *hook) request(body []byte) *http.Request {
	h.t.Helper()
	id := "msg_1"
	var named struct{ ID string }
	if json.Unmarshal(body, &named) == nil && named.ID != "" && !strings.Contains(named.ID, ".") {
		id = named.ID
	}
	q := httptest.NewRequest(http.MethodPost, "/hooks", bytes.NewReader(body))
	q.Header.Set("Content-Type", "application/json")
	require.NoError(h.t, h.signer.SetHeaders(q.Header, id, time.Now(), body))
	return q
}

func (h *hook) serve(q *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, q)
	return w
}

// deliver sends a body and returns the status.
func (h *hook) deliver(body []byte) int {
	h.t.Helper()
	return h.serve(h.request(body)).Code
}

// refused asserts the answer to a request that must not reach the handler.
func (h *hook) refused(q *http.Request, status int, code webhook.Code) {
	h.t.Helper()
	w := h.serve(q)
	assert.Equal(h.t, status, w.Code)
	assert.JSONEq(h.t, `{"code":"`+string(code)+`"}`, w.Body.String(), "and nothing but the code")
	assert.Zero(h.t, h.called(), "the handler ran")
	assert.Contains(h.t, h.codes, code, "the hook was not told")
}

//nolint:thelper // these are the tests
var admissionCases = []receiverCase{
	{79, "valid", func(t *testing.T) {
		h := newBareHook(t)
		var got webhook.Event[deal]
		webhook.On(h.Receiver, "deal.approved", func(_ context.Context, ev webhook.Event[deal]) error { got = ev; return nil })
		assert.Equal(t, 204, h.deliver(event("evt_1", "deal.approved")))
		assert.Equal(t, webhook.Event[deal]{
			Header: webhook.Header{
				ID: "evt_1", Type: "deal.approved", Timestamp: time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC),
				APIVersion: "2026-11-01", Live: true, Tenant: "tnt_1",
				Subject: webhook.Subject{Type: "deal", ID: "deal_1", Version: 7, URL: "https://portal.example.com/v1/deals/deal_1"},
			},
			Data: deal{ID: "deal_1", Revenue: 9007199254740993},
		}, got)
	}},
	{80, "same id again", func(t *testing.T) {
		h := newHook(t)
		for range 3 {
			assert.Equal(t, 204, h.deliver(event("evt_1", "deal.approved")))
		}
		assert.Equal(t, 1, h.called())
	}},
	{81, "50 at once with the same id", func(t *testing.T) {
		h := newBareHook(t)
		finish := make(chan struct{})
		webhook.On(h.Receiver, "deal.approved", func(ctx context.Context, ev webhook.Event[deal]) error {
			<-finish
			return h.handle(ctx, ev)
		})
		answers := make(chan *httptest.ResponseRecorder, 50)
		for range 50 {
			q := h.request(event("evt_1", "deal.approved"))
			go func() { answers <- h.serve(q) }()
		}
		for range 49 {
			w := <-answers
			assert.Equal(t, 409, w.Code)
			assert.Equal(t, "5", w.Header().Get("Retry-After"))
		}
		close(finish)
		assert.Equal(t, 204, (<-answers).Code)
		assert.Equal(t, 204, h.deliver(event("evt_1", "deal.approved")))
		assert.Equal(t, 1, h.called())
	}},
	{82, "GET", func(t *testing.T) {
		h := newHook(t)
		w := h.serve(httptest.NewRequest(http.MethodGet, "/hooks", http.NoBody))
		assert.Equal(t, 405, w.Code)
		assert.Equal(t, "POST", w.Header().Get("Allow"))
	}},
	{83, "Content-Encoding gzip", func(t *testing.T) {
		h := newHook(t)
		q := h.request(event("evt_1", "deal.approved"))
		q.Header.Set("Content-Encoding", "gzip")
		h.refused(q, 415, webhook.ErrUnsupportedMedia)
		q = h.request(event("evt_1", "deal.approved"))
		q.Header.Set("Content-Encoding", "identity")
		assert.Equal(t, 204, h.serve(q).Code)
	}},
	{84, "Content-Type text/plain", func(t *testing.T) {
		for _, media := range []string{"text/plain", "", "application/x-www-form-urlencoded", "application/", ";"} {
			h := newHook(t)
			q := h.request(event("evt_1", "deal.approved"))
			q.Header.Set("Content-Type", media)
			h.refused(q, 415, webhook.ErrUnsupportedMedia)
		}
	}},
	{85, "Content-Type with charset", func(t *testing.T) {
		for _, media := range []string{"application/json; charset=utf-8", "Application/JSON", "application/cloudevents+json"} {
			q := newHook(t)
			r := q.request(event("evt_1", "deal.approved"))
			r.Header.Set("Content-Type", media)
			assert.Equal(t, 204, q.serve(r).Code, media)
		}
	}},
	{86, "Content-Length over the limit", func(t *testing.T) {
		h := newHook(t, webhook.WithMaxBody(100))
		q := h.request(event("evt_1", "deal.approved"))
		unread := &countingReader{}
		q.Body = unread
		h.refused(q, 413, webhook.ErrBodyTooLarge)
		assert.Zero(t, unread.reads, "the body was read")
	}},
	{87, "chunked, over the limit", func(t *testing.T) {
		h := newHook(t, webhook.WithMaxBody(100))
		q := h.request(event("evt_1", "deal.approved"))
		q.ContentLength = -1
		h.refused(q, 413, webhook.ErrBodyTooLarge)
	}},
	{88, "exactly the limit", func(t *testing.T) {
		body := event("evt_1", "deal.approved")
		for _, length := range []int64{int64(len(body)), -1} {
			h := newHook(t, webhook.WithMaxBody(int64(len(body))))
			q := h.request(body)
			q.ContentLength = length
			assert.Equal(t, 204, h.serve(q).Code)
		}
	}},
	{93, "body tampered", func(t *testing.T) {
		h := newHook(t)
		q := h.request(event("evt_1", "deal.approved"))
		q.Body = readCloser{strings.NewReader(strings.Replace(string(event("evt_1", "deal.approved")), "deal_1", "deal_2", 1))}
		h.refused(q, 401, webhook.ErrSignatureMismatch)
	}},
	{102, "random headers and bodies", func(t *testing.T) {
		h := newHook(t)
		random := randomSource(102)
		for range 2000 {
			q := httptest.NewRequest(http.MethodPost, "/hooks", bytes.NewReader(random.bytes(200)))
			q.Header.Set("Content-Type", "application/json")
			for _, name := range []string{"Webhook-Id", "Webhook-Timestamp", "Webhook-Signature"} {
				q.Header[name] = []string{string(random.bytes(40))}
			}
			assert.GreaterOrEqual(t, h.serve(q).Code, 400)
		}
		assert.Zero(t, h.called())
	}},
	{111, "test event at a live receiver", func(t *testing.T) {
		h := newHook(t, webhook.WithLiveOnly())
		test := bytes.Replace(event("evt_1", "deal.approved"), []byte(`"live":true`), []byte(`"live":false`), 1)
		assert.Equal(t, 204, h.deliver(test))
		assert.Zero(t, h.called())
		assert.Equal(t, 204, h.deliver(event("evt_2", "deal.approved")))
		assert.Equal(t, 1, h.called())
	}},
}

// FuzzReceiver sends what nobody signed.
func FuzzReceiver(f *testing.F) {
	f.Add("evt_1", "1732267800", "v1,", "application/json", event("evt_1", "deal.approved"))
	key := webhook.GenerateSecret()
	v, err := webhook.NewVerifier(webhook.StaticKeys(key), webhook.WithClock(func() time.Time { return time.Unix(1732267800, 0) }))
	require.NoError(f, err)
	r := webhook.NewReceiver(v)
	webhook.On(r, "deal.approved", func(context.Context, webhook.Event[deal]) error { panic("accepted") })
	f.Fuzz(func(t *testing.T, id, at, signature, media string, body []byte) {
		q := httptest.NewRequest(http.MethodPost, "/hooks", bytes.NewReader(body))
		q.Header = http.Header{"Webhook-Id": {id}, "Webhook-Timestamp": {at}, "Webhook-Signature": {signature}, "Content-Type": {media}}
		w := httptest.NewRecorder()
		r.ServeHTTP(w, q)
		assert.Contains(t, []int{400, 401, 415}, w.Code)
	})
}
