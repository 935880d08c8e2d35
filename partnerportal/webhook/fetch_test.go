package webhook_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

// registry is a client as Fetch takes one. It knows deal_1, unless it has an answer of its own.
type registry struct {
	answer error
	silent bool
	asked  []string
}

type callOption func()

func (r *registry) Get(_ context.Context, id string, opts ...callOption) (*deal, error) {
	r.asked = append(r.asked, id)
	switch {
	case r.answer != nil:
		return nil, r.answer
	case r.silent:
		return nil, nil //nolint:nilnil // a client that is broken
	}
	return &deal{ID: id, Revenue: 42 + int64(len(opts))}, nil
}

// answered is an error with the status of an answer, which says whether a resource was not found, as those of the SDK do.
type answered int

func (a answered) Error() string  { return fmt.Sprint("answered ", int(a)) }
func (a answered) NotFound() bool { return a == 404 }

func TestFetchGivesTheResourceAsItIs(t *testing.T) {
	t.Parallel()
	h, r := newBareHook(t), new(registry)
	var seen []webhook.Event[deal]
	webhook.On(h.Receiver, "deal.approved", webhook.Fetch(r.Get, func(ctx context.Context, ev webhook.Event[deal]) error {
		claim, ok := webhook.ClaimFrom(ctx)
		assert.True(t, ok, "the context is the handler's")
		assert.Equal(t, ":"+ev.ID, claim.Key)
		seen = append(seen, ev)
		return nil
	}))
	assert.Equal(t, 204, h.deliver(event("evt_1", "deal.approved")))
	require.Len(t, seen, 1)
	assert.Equal(t, deal{ID: "deal_1", Revenue: 42}, seen[0].Data)
	assert.Equal(t, "evt_1", seen[0].ID)
	assert.EqualValues(t, 7, seen[0].Subject.Version)
	assert.False(t, seen[0].Backfill)

	_, err := webhook.Backfill(t.Context(), h.Receiver, feed{event("evt_1", "deal.approved"), event("evt_2", "deal.approved")}, new(memoryCheckpoint))
	require.NoError(t, err)
	require.Len(t, seen, 2)
	assert.True(t, seen[1].Backfill)
	assert.Equal(t, []string{"deal_1", "deal_1"}, r.asked, "an event that was handled is not fetched for again")
}

func TestFetchFails(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		registry registry
		data     []byte
		status   int
	}{
		"down":           {registry: registry{answer: errBroken}, status: 500},
		"refused":        {registry: registry{answer: answered(403)}, status: 500},
		"deleted":        {registry: registry{answer: fmt.Errorf("deals.get: %w", answered(404))}, status: 202},
		"nothing at all": {registry: registry{silent: true}, status: 500},
		"no subject":     {data: []byte(`{"id":"evt_1","type":"deal.approved","data":{}}`), status: 202},
	} {
		h := newBareHook(t)
		webhook.On(h.Receiver, "deal.approved", webhook.Fetch(tc.registry.Get, h.handle))
		body := tc.data
		if body == nil {
			body = event("evt_1", "deal.approved")
		}
		assert.Equal(t, tc.status, h.deliver(body), name)
		assert.Zero(t, h.called(), name)
	}
	h, r := newBareHook(t), new(registry)
	webhook.On(h.Receiver, "deal.approved", webhook.Fetch(r.Get, h.handle))
	h.failing(answered(404)) // of something else that the handler looked for
	assert.Equal(t, 500, h.deliver(event("evt_1", "deal.approved")))
}

// A backfill must get past a resource that was deleted meanwhile: nobody could ever read it again.
func TestFetchDoesNotHoldABackfillBack(t *testing.T) {
	t.Parallel()
	h, r := newBareHook(t), &registry{answer: answered(404)}
	webhook.On(h.Receiver, "deal.created", webhook.Fetch(r.Get, h.handle))
	webhook.On(h.Receiver, "deal.approved", h.handle)
	_, err := webhook.Backfill(t.Context(), h.Receiver, feed{event("evt_1", "deal.created"), event("evt_2", "deal.approved")}, new(memoryCheckpoint))
	require.NoError(t, err)
	assert.Equal(t, []string{"evt_2"}, h.calls)
	assert.Equal(t, []webhook.Code{webhook.ErrHandler}, h.codes, "told, not passed over in silence")
}

func TestFetchNeedsBothFunctions(t *testing.T) {
	t.Parallel()
	assert.Panics(t, func() { webhook.Fetch[deal, callOption](nil, newBareHook(t).handle) })
	assert.Panics(t, func() { webhook.Fetch(new(registry).Get, nil) })
}

// The handler wants the deal, not the news of it: Get of a client is all that it takes.
func ExampleFetch() {
	registry := new(registry) // deals.New(pp)
	receiver := newExampleReceiver()
	webhook.On(receiver, "deal.approved", webhook.Fetch(registry.Get, func(_ context.Context, ev webhook.Event[deal]) error {
		fmt.Println(ev.Type, ev.Data.ID, ev.Data.Revenue)
		return nil
	}))
	fmt.Println(receiver.Dispatch(context.Background(), event("evt_1", "deal.approved")))
	// Output:
	// deal.approved deal_1 42
	// <nil>
}
