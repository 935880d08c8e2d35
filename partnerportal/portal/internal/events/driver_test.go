package events_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	contract "github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

const hooks = "https://crm.example.com/hooks"

// try runs one operation of a caller in a transaction, as the portal's pipeline does.
func try[T any](t testing.TB, r *room, caller call.Caller, operation func(ctx context.Context) (T, error)) (T, error) {
	t.Helper()
	var result T
	err := r.store.Write(t.Context(), func(tx *store.Tx) error {
		c := r.call(caller, tx)
		var err error
		if result, err = operation(call.With(t.Context(), c)); err != nil {
			return err
		}
		return c.Flush(t.Context())
	})
	return result, err
}

// do is try for what must succeed.
func do[T any](t testing.TB, r *room, caller call.Caller, operation func(ctx context.Context) (T, error)) T {
	t.Helper()
	result, err := try(t, r, caller, operation)
	require.NoError(t, err)
	return result
}

func (r *room) call(caller call.Caller, tx *store.Tx) *call.Call {
	return &call.Call{Caller: caller, Now: r.now, Tx: tx, Feed: feed.New(), Live: true}
}

func (r *room) create(t testing.TB, caller call.Caller, form contract.EndpointForm) *contract.EndpointSecret {
	t.Helper()
	if form.URL == "" {
		form.URL = hooks
	}
	return do(t, r, caller, func(ctx context.Context) (*contract.EndpointSecret, error) { return r.CreateEndpoint(ctx, &form) })
}

func (r *room) get(t testing.TB, caller call.Caller, id string) *contract.Endpoint {
	t.Helper()
	return do(t, r, caller, func(ctx context.Context) (*contract.Endpoint, error) { return r.GetEndpoint(ctx, id) })
}

func (r *room) update(t testing.TB, caller call.Caller, id string, patch contract.EndpointPatch) (*contract.Endpoint, error) {
	t.Helper()
	return try(t, r, caller, func(ctx context.Context) (*contract.Endpoint, error) { return r.UpdateEndpoint(ctx, id, "*", &patch) })
}

// answered does what the sender does when a challenge came back.
func (r *room) answered(t testing.TB, id string) {
	t.Helper()
	r.sender(t, func(tx *store.Tx) (int64, error) {
		return tx.EnableEndpoint(t.Context(), store.EnableEndpointParams{ID: id, At: store.Micros(r.now)})
	})
}

// disabled does what the sender does when an endpoint is given up.
func (r *room) disabled(t testing.TB, id string) {
	t.Helper()
	r.sender(t, func(tx *store.Tx) (int64, error) {
		return tx.DisableEndpoint(t.Context(), store.DisableEndpointParams{ID: id, At: store.Micros(r.now), Reason: "failing"})
	})
}

func (r *room) sender(t testing.TB, change func(tx *store.Tx) (int64, error)) {
	t.Helper()
	require.NoError(t, r.store.Write(t.Context(), func(tx *store.Tx) error {
		n, err := change(tx)
		if err == nil && n != 1 {
			err = errors.New("the sender changed nothing")
		}
		return err
	}))
}

// row is the endpoint as the sender sees it.
func (r *room) row(t testing.TB, id string) store.WebhookEndpoint {
	t.Helper()
	row, err := r.store.Read().Endpoint(t.Context(), id)
	require.NoError(t, err)
	return row
}
