package events_test

import (
	"context"
	"database/sql"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	contract "github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/deliver"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store/storetest"
)

func with(scopes ...string) call.Caller {
	narrow := acme
	narrow.Scopes = scopes
	return narrow
}

func faults(err error) []string {
	refusal, ok := err.(*partnerportal.Error) //nolint:errorlint // the room's own, as it is
	if !ok {
		return nil
	}
	found := []string{}
	for _, f := range refusal.Fields {
		found = append(found, f.Pointer+" "+f.Code)
	}
	return found
}

func TestTypesMustBeReadable(t *testing.T) {
	engines(t, func(t *testing.T, dsn string) {
		t.Helper()
		r := newRoom(t, dsn)
		for _, tc := range []struct {
			caller call.Caller
			types  []string
			want   []string
		}{
			{acme, []string{"deal.*", "lead.offered", "webhook_endpoint.disabled"}, nil},
			{acme, nil, nil},
			{with("webhooks:write", "deals:read"), nil, nil},
			{acme, []string{"deal.*", "weather.*", "webhook.test"}, []string{"/types/1 invalid_value", "/types/2 invalid_value"}},
			{with("webhooks:write", "mdf:read", "assets:read"), []string{"mdf.claim_paid", "mdf.*", "asset.cobrand_ready"}, nil},
			{with("webhooks:write", "mdf:read"), []string{"mdf_claim.paid", "asset.*"}, []string{"/types/0 invalid_value", "/types/1 not_permitted"}},
			{with("webhooks:write", "leads:read"), []string{"lead.*", "deal.won"}, []string{"/types/1 not_permitted"}},
			{with("webhooks:write"), nil, []string{"/types not_permitted"}},
		} {
			_, err := try(t, r, tc.caller, func(ctx context.Context) (*contract.EndpointSecret, error) {
				return r.CreateEndpoint(ctx, &contract.EndpointForm{URL: hooks, Types: tc.types})
			})
			if tc.want == nil {
				require.NoError(t, err, tc.types)
				continue
			}
			require.ErrorIs(t, err, partnerportal.ErrValidation)
			assert.Equal(t, tc.want, faults(err))
		}
	})
}

// Whoever aims an endpoint anew has it sent what that caller may read, and nothing that was meant for somebody with more scopes.
func TestAnEndpointReadsNoMoreThanWhoAimedIt(t *testing.T) {
	engines(t, func(t *testing.T, dsn string) {
		t.Helper()
		r := newRoom(t, dsn)
		strong := acme
		strong.Scopes = append([]string{"mdf:read"}, scopes...)
		opened := r.create(t, strong, contract.EndpointForm{}).Endpoint
		assert.Equal(t, []string{"deals:read", "leads:read", "webhooks:read", "mdf:read"}, opened.Scopes, "each once, whatever it opens")
		id, enqueued := opened.ID, []string{}
		r.answered(t, id)
		r.emit(t, feed.Event{Type: "deal.won"})
		for _, kind := range []string{"deal.won", "mdf.claim_paid"} { // the latter of what the feed calls a mdf_claim
			enqueued = append(enqueued, do(t, r, strong, func(ctx context.Context) (string, error) {
				return deliver.Enqueue(ctx, call.From(ctx).Tx, id, r.now, deliver.Outgoing{EventID: "evt_1", EventType: kind, Body: []byte("{}")})
			}))
		}
		assert.Equal(t, []string{"deal.won"}, r.next(t, id))

		weak := with("webhooks:read", "webhooks:write", "leads:read")
		seen, err := r.update(t, weak, id, contract.EndpointPatch{Description: partnerportal.Set("Mine")})
		require.NoError(t, err)
		assert.Contains(t, seen.Scopes, "deals:read", "a description aims at nothing")
		seen, err = r.update(t, weak, id, contract.EndpointPatch{URL: partnerportal.Set("https://elsewhere.example.com/")})
		require.NoError(t, err)
		assert.Equal(t, []string{"leads:read", "webhooks:read"}, seen.Scopes)
		assert.Equal(t, contract.EndpointStatusPending, seen.Status, "a new address has to answer")
		assert.Empty(t, r.next(t, id))
		for _, id := range enqueued {
			_, err = try(t, r, acme, func(ctx context.Context) (*contract.Delivery, error) { return r.GetDelivery(ctx, id) })
			require.ErrorIs(t, err, partnerportal.ErrNotFound, "it could have been sent again, to the new address")
		}

		id = r.create(t, acme, contract.EndpointForm{Types: []string{"deal.*"}}).Endpoint.ID
		_, err = r.update(t, weak, id, contract.EndpointPatch{URL: partnerportal.Set("https://elsewhere.example.com/")})
		require.ErrorIs(t, err, partnerportal.ErrValidation)
		assert.Equal(t, []string{"/types/0 not_permitted"}, faults(err))
	})
}

func TestPatch(t *testing.T) {
	engines(t, func(t *testing.T, dsn string) {
		t.Helper()
		r := newRoom(t, dsn)
		id := r.create(t, acme, contract.EndpointForm{Types: []string{"deal.*"}, Description: "CRM"}).Endpoint.ID
		r.answered(t, id)
		seen, err := r.update(t, acme, id, contract.EndpointPatch{URL: partnerportal.Set(hooks), Types: partnerportal.Null[[]string](), Description: partnerportal.Null[string]()})
		require.NoError(t, err)
		assert.Equal(t, contract.EndpointStatusEnabled, seen.Status, "the same address need not answer again")
		assert.Equal(t, []string{}, seen.Types)
		assert.Empty(t, seen.Description)
		assert.EqualValues(t, 2, seen.Revision)
		_, err = try(t, r, acme, func(ctx context.Context) (*contract.Endpoint, error) {
			return r.UpdateEndpoint(ctx, id, `"r1"`, &contract.EndpointPatch{})
		})
		require.ErrorIs(t, err, partnerportal.ErrStale)
	})
}

// Forty at once still make no more than twenty.
func TestTwentyEndpointsAreEnough(t *testing.T) {
	engines(t, func(t *testing.T, dsn string) {
		t.Helper()
		r := newRoom(t, dsn)
		var group sync.WaitGroup
		var refused atomic.Int64
		for range 40 {
			group.Go(func() {
				_, err := try(t, r, acme, func(ctx context.Context) (*contract.EndpointSecret, error) {
					return r.CreateEndpoint(ctx, &contract.EndpointForm{URL: hooks})
				})
				if err != nil {
					assert.ErrorIs(t, err, contract.ErrTooManyEndpoints)
					refused.Add(1)
				}
			})
		}
		group.Wait()
		assert.EqualValues(t, 20, refused.Load())
		other := acme
		other.PartnerID = "par_other"
		r.create(t, other, contract.EndpointForm{})
		page := do(t, r, acme, func(ctx context.Context) (*contract.EndpointPage, error) {
			return r.ListEndpoints(ctx, &contract.ListEndpointsParams{Limit: 15})
		})
		assert.Len(t, page.Items, 15)
		page = do(t, r, acme, func(ctx context.Context) (*contract.EndpointPage, error) {
			return r.ListEndpoints(ctx, &contract.ListEndpointsParams{Cursor: page.Page.NextCursor})
		})
		assert.Len(t, page.Items, 5)
		assert.Empty(t, page.Page.NextCursor)
	})
}

// While the sender disables an endpoint its owner changes it: the change waits, and does not bring back what it had read before.
func TestAnOwnersChangeDoesNotUndoTheSenders(t *testing.T) {
	t.Parallel()
	dsn := storetest.Postgres(t) // on SQLite there is one writer at a time
	r := newRoom(t, dsn)
	db, err := sql.Open("pgx", dsn)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, db.Close()) })
	id := r.create(t, acme, contract.EndpointForm{}).Endpoint.ID
	r.answered(t, id)
	changed := make(chan error)
	require.NoError(t, r.store.Write(t.Context(), func(tx *store.Tx) error {
		if err := deliver.Lock(t.Context(), tx, id); err != nil {
			return err
		}
		if _, err := tx.DisableEndpoint(t.Context(), store.DisableEndpointParams{ID: id, At: 1, Reason: "gone"}); err != nil {
			return err
		}
		go func() {
			_, err := r.update(t, acme, id, contract.EndpointPatch{Description: partnerportal.Set("CRM")})
			changed <- err
		}()
		return somebodyWaits(t, db)
	}))
	require.NoError(t, <-changed)
	seen := r.get(t, acme, id)
	assert.Equal(t, contract.EndpointStatusDisabled, seen.Status)
	assert.Equal(t, "CRM", seen.Description)
}

// somebodyWaits returns when a transaction waits for another.
func somebodyWaits(t *testing.T, db *sql.DB) error {
	t.Helper()
	for {
		var waits bool
		if err := db.QueryRowContext(t.Context(), "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)").Scan(&waits); err != nil || waits {
			return err
		}
	}
}
