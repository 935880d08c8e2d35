package webhook_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

var errBroken = errors.New("the CRM is down")

//nolint:thelper // these are the tests
var outcomeCases = []receiverCase{
	{94, "handler error, then retry", func(t *testing.T) {
		h := newHook(t)
		h.failing(errBroken)
		assert.Equal(t, 500, h.deliver(event("evt_1", "deal.approved")))
		h.failing(nil)
		assert.Equal(t, 204, h.deliver(event("evt_1", "deal.approved")))
		assert.Equal(t, 2, h.called())
		assert.Equal(t, []webhook.Code{webhook.ErrHandler}, h.codes)
	}},
	{95, "handler panic, then retry", func(t *testing.T) {
		h := newBareHook(t)
		calls := 0
		webhook.On(h.Receiver, "deal.approved", func(context.Context, webhook.Event[deal]) error {
			if calls++; calls == 1 {
				panic(http.ErrAbortHandler)
			}
			return nil
		})
		assert.Equal(t, 500, h.deliver(event("evt_1", "deal.approved")))
		assert.Equal(t, 204, h.deliver(event("evt_1", "deal.approved")))
		assert.Equal(t, 2, calls)
		assert.Equal(t, []webhook.Code{webhook.ErrHandlerPanic}, h.codes)
	}},
	{96, "permanent error, then redelivery", func(t *testing.T) {
		var kept []string
		var reason error
		h := newHook(t, webhook.WithPark(func(_ context.Context, body []byte, why error) error {
			kept, reason = append(kept, string(body)), why
			return nil
		}))
		h.failing(fmt.Errorf("deal.approved: %w", webhook.Permanent(errBroken)))
		body := event("evt_1", "deal.approved")
		assert.Equal(t, 202, h.deliver(body))
		assert.Equal(t, 204, h.deliver(body))
		assert.Equal(t, 1, h.called())
		assert.Equal(t, []string{string(body)}, kept)
		assert.ErrorIs(t, reason, errBroken)
	}},
}

func TestPermanentWithoutPark(t *testing.T) {
	t.Parallel()
	h := newHook(t)
	h.failing(webhook.Permanent(errBroken))
	assert.Equal(t, 202, h.deliver(event("evt_1", "deal.approved")))
	assert.Equal(t, 204, h.deliver(event("evt_1", "deal.approved")))
	assert.Equal(t, 1, h.called())
}

func TestParkFails(t *testing.T) {
	t.Parallel()
	disk := errors.New("disk full")
	h := newHook(t, webhook.WithPark(func(context.Context, []byte, error) error { return disk }))
	h.failing(webhook.Permanent(errBroken))
	err := h.Dispatch(t.Context(), event("evt_1", "deal.approved"))
	require.ErrorIs(t, err, disk)
	require.ErrorIs(t, err, errBroken)
	assert.Equal(t, 500, h.deliver(event("evt_1", "deal.approved")), "released, so it runs again")
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for wait, want := range map[time.Duration]string{1500 * time.Millisecond: "2", 0: "1", 30 * time.Second: "30"} {
		h := newHook(t)
		h.failing(fmt.Errorf("later: %w", webhook.RetryAfter(errBroken, wait)))
		w := h.serve(h.request(event("evt_1", "deal.approved")))
		assert.Equal(t, 503, w.Code)
		assert.Equal(t, want, w.Header().Get("Retry-After"))
	}
	require.NoError(t, webhook.RetryAfter(nil, time.Second))
	require.NoError(t, webhook.Permanent(nil))
	assert.ErrorIs(t, webhook.RetryAfter(errBroken, 0), errBroken)
}

func TestPing(t *testing.T) {
	t.Parallel()
	h := newHook(t)
	w := h.serve(h.request(event("evt_1", "webhook.ping", `{"challenge":"a\"b"}`)))
	assert.Equal(t, 200, w.Code)
	assert.Equal(t, "application/json", w.Header().Get("Content-Type"))
	assert.JSONEq(t, `{"challenge":"a\"b"}`, w.Body.String())
	assert.Equal(t, 204, h.deliver(event("evt_2", "webhook.ping", `{}`)))
	assert.Equal(t, 400, h.deliver(event("evt_3", "webhook.ping", `{"challenge":7}`)))
	assert.Equal(t, 400, h.deliver(event("evt_4", "webhook.ping", `{"challenge":"`+strings.Repeat("x", 1025)+`"}`)))
	unsigned := h.request(event("evt_5", "webhook.ping", `{"challenge":"x"}`))
	unsigned.Header.Set("Webhook-Id", "evt_6")
	h.refused(unsigned, 401, webhook.ErrSignatureMismatch)
	assert.NoError(t, h.Dispatch(t.Context(), event("evt_7", "webhook.ping", `{"challenge":"x"}`)))
}

func TestDispatch(t *testing.T) {
	t.Parallel()
	h := newHook(t)
	require.NoError(t, h.Dispatch(t.Context(), event("evt_1", "deal.approved")))
	assert.Equal(t, 204, h.deliver(event("evt_1", "deal.approved")), "the same memory")
	assert.Equal(t, 1, h.called())
	assert.ErrorIs(t, h.Dispatch(t.Context(), []byte(`{"type":"deal.approved"}`)), webhook.ErrInvalidEnvelope, "no id")
	assert.ErrorIs(t, h.Dispatch(t.Context(), []byte(`{`)), webhook.ErrInvalidEnvelope)
	h.failing(errBroken)
	err := h.Dispatch(t.Context(), event("evt_2", "deal.approved"))
	require.ErrorIs(t, err, webhook.ErrHandler)
	assert.ErrorIs(t, err, errBroken)
	h.failing(webhook.Permanent(errBroken))
	assert.NoError(t, h.Dispatch(t.Context(), event("evt_3", "deal.approved")))
}

func TestDispatchTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newBareHook(t, webhook.WithHandlerTimeout(3*time.Second))
		webhook.On(h.Receiver, "deal.approved", func(ctx context.Context, _ webhook.Event[deal]) error {
			<-ctx.Done()
			return ctx.Err()
		})
		begin := time.Now()
		err := h.Dispatch(t.Context(), event("evt_1", "deal.approved"))
		require.ErrorIs(t, err, webhook.ErrHandlerTimeout)
		assert.Equal(t, 3*time.Second, time.Since(begin))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		assert.ErrorIs(t, h.Dispatch(ctx, event("evt_1", "deal.approved")), context.Canceled, "the caller's end is the handler's")
	})
}

func TestRegistration(t *testing.T) {
	t.Parallel()
	h := newHook(t)
	assert.PanicsWithValue(t, "webhook: On was called twice for deal.approved", func() {
		webhook.On(h.Receiver, "deal.approved", func(context.Context, webhook.Event[int]) error { return nil })
	})
	for _, eventType := range []string{"", "webhook.ping"} {
		assert.Panics(t, func() { webhook.On(h.Receiver, eventType, h.handle) })
	}
	assert.Panics(t, func() { webhook.On[deal](h.Receiver, "deal.won", nil) })
	assert.Panics(t, func() { webhook.NewReceiver(nil) })
	assert.Panics(t, func() { webhook.WithDedupe(nil, 0) })
	assert.Panics(t, func() { webhook.SkipStale(nil) })
	assert.Panics(t, func() { newHook(t, webhook.WithHandlerTimeout(-1)) })
}

// TestHookPanics makes sure that an observer's mistake changes no answer.
func TestHookPanics(t *testing.T) {
	t.Parallel()
	h := newHook(t, webhook.WithErrorHook(func(context.Context, *webhook.Error, webhook.Header) { panic("hook") }))
	h.failing(errBroken)
	assert.Equal(t, 500, h.deliver(event("evt_1", "deal.approved")))
	assert.Equal(t, 405, h.serve(&http.Request{Method: http.MethodPut, Header: http.Header{}}).Code)
}

// TestEventsAreCopies keeps what a handler got and has the receiver use its memory again.
func TestEventsAreCopies(t *testing.T) {
	t.Parallel()
	var kept []webhook.Event[json.RawMessage]
	keep := func(_ context.Context, ev webhook.Event[json.RawMessage]) { kept = append(kept, ev) }
	h := newBareHook(t, webhook.WithUnknown(keep))
	webhook.On(h.Receiver, "deal.approved", func(ctx context.Context, ev webhook.Event[json.RawMessage]) error {
		keep(ctx, ev)
		return nil
	})
	for i := range 20 {
		for _, eventType := range []string{"deal.approved", "deal.other"} {
			data := fmt.Sprintf(`{"n":"%s"}`, strings.Repeat(fmt.Sprint(i%10), 10))
			require.Equal(t, 204, h.deliver(event(fmt.Sprintf("evt_%d_%s", i, eventType[5:]), eventType, data)))
		}
	}
	for i, ev := range kept {
		assert.JSONEq(t, fmt.Sprintf(`{"n":"%s"}`, strings.Repeat(fmt.Sprint(i/2%10), 10)), string(ev.Data))
		assert.Contains(t, ev.ID, fmt.Sprintf("evt_%d_", i/2))
	}
	assert.Len(t, kept, 40)
}
