package events_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

// receiverWith is the receiver of an endpoint, with its secrets, newest first.
func receiverWith(t testing.TB, secrets ...string) *webhook.Receiver {
	t.Helper()
	keys := make([]webhook.Key, len(secrets))
	for i, secret := range secrets {
		key, err := webhook.ParseKey(secret)
		require.NoError(t, err)
		keys[i] = key
	}
	v, err := webhook.NewVerifier(webhook.StaticKeys(keys...))
	require.NoError(t, err)
	return webhook.NewReceiver(v)
}

func TestEveryEndpointOperationTravels(t *testing.T) {
	t.Parallel()
	f, ctx := new(fake), t.Context()
	client := connect(t, f)

	_, err := client.CreateEndpoint(ctx, events.EndpointForm{URL: "http://crm.example.com/hooks"})
	require.ErrorIs(t, err, events.ErrEndpointNotAllowed)
	created, err := client.CreateEndpoint(ctx, events.EndpointForm{URL: "https://crm.example.com/hooks", Types: []string{"deal.*"}, Description: "CRM"})
	require.NoError(t, err)
	assert.Equal(t, events.EndpointStatusPending, created.Endpoint.Status)
	f.receiver = receiverWith(t, created.Secret)
	id := created.Endpoint.ID

	asked, err := client.EnableEndpoint(ctx, id)
	require.NoError(t, err)
	assert.Equal(t, events.EndpointStatusPending, asked.Status)
	e, err := client.GetEndpoint(ctx, id)
	require.NoError(t, err)
	assert.Equal(t, events.EndpointStatusEnabled, e.Status)
	assert.Equal(t, []string{"deal.*"}, e.Types)

	_, err = client.UpdateEndpoint(ctx, id, events.EndpointPatch{Types: partnerportal.Null[[]string]()}, partnerportal.IfMatchRevision(7))
	require.ErrorIs(t, err, partnerportal.ErrStale)
	e, err = client.UpdateEndpoint(ctx, id, events.EndpointPatch{Types: partnerportal.Null[[]string](), Description: partnerportal.Set("PSA")}, partnerportal.IfMatch(e))
	require.NoError(t, err)
	assert.Empty(t, e.Types)
	assert.Equal(t, "PSA", e.Description)

	rotated, err := client.RotateSecret(ctx, id, events.Rotation{OverlapSeconds: 3600}, partnerportal.IfMatch(e))
	require.NoError(t, err)
	assert.NotEqual(t, created.Secret, rotated.Secret)
	assert.Len(t, rotated.Endpoint.Keys, 2)
	assert.Equal(t, e.ETag(), rotated.ETag())
	for range 2 {
		_, err = client.RotateSecret(ctx, id, events.Rotation{})
		require.NoError(t, err)
	}
	_, err = client.RotateSecret(ctx, id, events.Rotation{})
	require.ErrorIs(t, err, events.ErrTooManyKeys)

	asked2, err := client.TestEndpoint(ctx, id)
	require.NoError(t, err)
	assert.Equal(t, events.DeliveryStatusWaiting, asked2.Status)
	tested, err := client.GetDelivery(ctx, asked2.ID)
	require.NoError(t, err)
	assert.Equal(t, events.DeliveryStatusDelivered, tested.Status)
	assert.Equal(t, []events.Attempt{{At: noon, DurationMillis: 84, Status: http.StatusNoContent}}, tested.Attempts)

	f.receiver = nil
	again, err := client.Redeliver(ctx, tested.ID)
	require.NoError(t, err)
	assert.Equal(t, tested.EventID, again.EventID)
	page, err := client.ListDeliveries(ctx, id, events.ListDeliveriesParams{Status: []events.DeliveryStatus{events.DeliveryStatusFailed}})
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	assert.Equal(t, again.ID, page.Items[0].ID)
	assert.Equal(t, events.FailureStatus, page.Items[0].LastFailure)
	recovered, err := client.RecoverDeliveries(ctx, id, events.Recovery{Since: noon})
	require.NoError(t, err)
	assert.EqualValues(t, 1, recovered.Deliveries)
	assert.Equal(t, events.Recovery{Since: noon}, f.recovered)
	deliveries := 0
	for d, err := range client.AllDeliveries(ctx, id, events.ListDeliveriesParams{}) {
		require.NoError(t, err)
		assert.Equal(t, id, d.EndpointID)
		deliveries++
	}
	assert.Equal(t, 2, deliveries)

	_, err = client.PauseEndpoint(ctx, id)
	require.NoError(t, err)
	for e, err := range client.AllEndpoints(ctx, events.ListEndpointsParams{Status: []events.EndpointStatus{events.EndpointStatusPaused}}) {
		require.NoError(t, err)
		assert.Equal(t, id, e.ID)
		require.NoError(t, client.DeleteEndpoint(ctx, id, partnerportal.IfMatch(&e)))
	}
	list, err := client.ListEndpoints(ctx, events.ListEndpointsParams{})
	require.NoError(t, err)
	assert.Empty(t, list.Items)
	_, err = client.GetEndpoint(ctx, id)
	require.ErrorIs(t, err, partnerportal.ErrNotFound)
}

func TestEndpointThatCoolsDownSaysForHowLong(t *testing.T) {
	t.Parallel()
	f := new(fake)
	f.endpoints = []*endpoint{{Endpoint: events.Endpoint{ID: "we_1", Revision: 1, Status: events.EndpointStatusDisabled}}}
	_, err := connect(t, f).EnableEndpoint(t.Context(), "we_1")
	require.ErrorIs(t, err, events.ErrEndpointCoolingDown)
	var refused *partnerportal.Error
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, 5*time.Minute, refused.RetryAfter)
}

// The secret leaves an EndpointSecret by its field and as JSON, which is how it travels, and in no other way.
func TestSecretIsNotShown(t *testing.T) {
	t.Parallel()
	const secret = "whsec_ZXhhbXBsZWV4YW1wbGVleGFtcGxlZXhhbXBsZQ=="
	s := events.EndpointSecret{Endpoint: events.Endpoint{ID: "we_1", Revision: 3}, Secret: secret}
	var out bytes.Buffer
	for _, v := range []any{s, &s, []events.EndpointSecret{s}, struct{ Created *events.EndpointSecret }{&s}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("created", "value", s, "pointer", &s)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("created", "value", s, "pointer", &s)
	assert.NotContains(t, out.String(), secret)
	assert.NotContains(t, out.String(), fmt.Sprintf("%x", secret))
	assert.Contains(t, out.String(), "secret of we_1")

	wire, err := json.Marshal(s)
	require.NoError(t, err)
	assert.Contains(t, string(wire), secret)
	assert.Equal(t, `"r3"`, s.ETag())
}
