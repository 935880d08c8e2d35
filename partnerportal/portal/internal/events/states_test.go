package events_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	contract "github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/deliver"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store/storetest"
)

// lives lead a new endpoint to each state that matters.
var lives = map[string]func(t *testing.T, r *room, id string){
	"pending":                   func(*testing.T, *room, string) {},
	"enabled":                   func(t *testing.T, r *room, id string) { t.Helper(); r.answered(t, id) },
	"paused":                    func(t *testing.T, r *room, id string) { t.Helper(); r.answered(t, id); pause(t, r, id) },
	"paused before it answered": func(t *testing.T, r *room, id string) { t.Helper(); pause(t, r, id) },
	"disabled": func(t *testing.T, r *room, id string) {
		t.Helper()
		r.answered(t, id)
		r.disabled(t, id)
		r.now = r.now.Add(time.Hour)
	},
}

func pause(t *testing.T, r *room, id string) {
	t.Helper()
	do(t, r, acme, func(ctx context.Context) (*contract.Endpoint, error) { return r.PauseEndpoint(ctx, id, "") })
}

// The table once more, as the contract tells it: a change of one must be meant for both.
func TestWhatIsOfferedIsWhatIsDone(t *testing.T) {
	engines(t, func(t *testing.T, dsn string) {
		t.Helper()
		for life, want := range map[string][]contract.EndpointAction{
			"pending":                   {"enable", "pause", "rotate", "update", "delete"},
			"enabled":                   {"pause", "rotate", "test", "recover", "update", "delete"},
			"paused":                    {"enable", "rotate", "test", "recover", "update", "delete"},
			"paused before it answered": {"enable", "rotate", "recover", "update", "delete"},
			"disabled":                  {"enable", "rotate", "update", "delete"},
		} {
			r := newRoom(t, dsn)
			e := r.create(t, acme, contract.EndpointForm{}).Endpoint
			lives[life](t, r, e.ID)
			seen := r.get(t, acme, e.ID)
			assert.Equal(t, want, seen.AllowedActions, life)
			reader := acme
			reader.Scopes = []string{"webhooks:read"}
			assert.Equal(t, []contract.EndpointAction{}, r.get(t, reader, e.ID).AllowedActions)

			for action, attempt := range attempts(r, e.ID) {
				undo := errors.New("it would have been done")
				_, err := try(t, r, acme, func(ctx context.Context) (any, error) {
					if err := attempt(ctx); err != nil {
						return nil, err
					}
					return nil, undo
				})
				if slices.Contains(want, action) {
					require.ErrorIs(t, err, undo, "%s: %s", life, action)
					continue
				}
				require.ErrorIs(t, err, partnerportal.ErrInvalidState, "%s: %s", life, action)
				refusal, ok := errors.AsType[*partnerportal.Error](err)
				require.True(t, ok)
				assert.Equal(t, string(seen.Status), refusal.CurrentState)
				assert.Len(t, refusal.AllowedActions, len(want))
			}
		}
	})
}

func attempts(r *room, id string) map[contract.EndpointAction]func(ctx context.Context) error {
	return map[contract.EndpointAction]func(ctx context.Context) error{
		contract.EndpointActionEnable: func(ctx context.Context) error { return no(r.EnableEndpoint(ctx, id, "")) },
		contract.EndpointActionPause:  func(ctx context.Context) error { return no(r.PauseEndpoint(ctx, id, "")) },
		contract.EndpointActionRotate: func(ctx context.Context) error { return no(r.RotateSecret(ctx, id, "", &contract.Rotation{})) },
		contract.EndpointActionTest:   func(ctx context.Context) error { return no(r.TestEndpoint(ctx, id)) },
		contract.EndpointActionRecover: func(ctx context.Context) error {
			return no(r.RecoverDeliveries(ctx, id, &contract.Recovery{Since: time.Now()}))
		},
		contract.EndpointActionUpdate: func(ctx context.Context) error { return no(r.UpdateEndpoint(ctx, id, "*", &contract.EndpointPatch{})) },
		contract.EndpointActionDelete: func(ctx context.Context) error { return r.DeleteEndpoint(ctx, id, "*") },
	}
}

func no[T any](_ T, err error) error { return err }

// Case 156: nothing but an answered challenge enables an endpoint, and not at once after the portal has given it up.
func TestCase156EnablingNeedsAnAnswer(t *testing.T) {
	engines(t, func(t *testing.T, dsn string) {
		t.Helper()
		r := newRoom(t, dsn)
		e := r.create(t, acme, contract.EndpointForm{}).Endpoint
		r.answered(t, e.ID)
		r.disabled(t, e.ID)
		enable := func(ctx context.Context) (*contract.Endpoint, error) { return r.EnableEndpoint(ctx, e.ID, "") }
		_, err := try(t, r, acme, enable)
		require.ErrorIs(t, err, contract.ErrEndpointCoolingDown)
		refusal, _ := errors.AsType[*partnerportal.Error](err)
		assert.Equal(t, 429, refusal.Status)
		assert.Equal(t, 5*time.Minute, refusal.RetryAfter)
		assert.Equal(t, contract.EndpointStatusDisabled, r.get(t, acme, e.ID).Status)

		r.now = r.now.Add(5 * time.Minute)
		seen := do(t, r, acme, enable)
		assert.Equal(t, contract.EndpointStatusPending, seen.Status)
		assert.NotZero(t, seen.Challenge.SentAt)
		assert.NotZero(t, seen.DisabledAt, "until it has answered, one can read why it was disabled")
		assert.Equal(t, seen.Status, do(t, r, acme, enable).Status, "asking again does not help")
		r.answered(t, e.ID)
		seen = r.get(t, acme, e.ID)
		assert.Equal(t, contract.EndpointStatusEnabled, seen.Status)
		assert.Zero(t, seen.DisabledAt)
		assert.Zero(t, seen.Challenge)
	})
}

// Whoever names another's endpoint does not touch its lock, which would hold up what is sent to it: the refusal comes while the sender has it.
func TestOthersEndpointsAreNotLocked(t *testing.T) {
	t.Parallel()
	r := newRoom(t, storetest.Postgres(t))
	id := r.create(t, vendor, contract.EndpointForm{}).Endpoint.ID
	require.NoError(t, r.store.Write(t.Context(), func(tx *store.Tx) error {
		if err := deliver.Lock(t.Context(), tx, id); err != nil {
			return err
		}
		_, err := try(t, r, acme, func(ctx context.Context) (*contract.Endpoint, error) {
			ctx, cancel := context.WithTimeout(ctx, time.Minute) // else this would wait for itself
			defer cancel()
			return r.PauseEndpoint(ctx, id, "")
		})
		require.ErrorIs(t, err, partnerportal.ErrNotFound)
		return nil
	}))
}
