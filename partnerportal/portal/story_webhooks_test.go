package portal_test

import (
	"net/http"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
)

// webhooks: Acme lets the portal tell it of its deals, is down for a while, and changes its mind.
func (s *story) webhooks() {
	t, ctx, acme := s.t, s.ctx, s.acme.events
	endpoint, delivery := did[events.Endpoint](s), did[events.Delivery](s)
	h := listen(t)

	created := did[events.EndpointSecret](s)(acme.CreateEndpoint(ctx, events.EndpointForm{URL: h.url, Types: []string{"deal.*"}, Description: "CRM"}))
	id := created.Endpoint.ID
	_, err := acme.CreateEndpoint(ctx, events.EndpointForm{URL: "https://127.0.0.1:8443/#me"})
	s.refused("endpoint_not_allowed", err)
	_, err = acme.CreateEndpoint(ctx, events.EndpointForm{URL: h.url, Types: []string{"deal.*", "weather.turned"}})
	s.refused("validation_failed", err)
	_, err = acme.TestEndpoint(ctx, id)
	s.refused("invalid_state", err)
	h.trust(t, created.Secret)
	s.deliver()
	e := endpoint(acme.GetEndpoint(ctx, id))
	assert.Equal(t, events.EndpointStatusEnabled, e.Status)
	_, err = s.globex.events.GetEndpoint(ctx, id)
	s.refused("not_found", err)

	e = endpoint(acme.UpdateEndpoint(ctx, id, events.EndpointPatch{Types: partnerportal.Set([]string{"deal.*", "lead.*"}), Description: partnerportal.Null[string]()}, partnerportal.IfMatch(e)))
	_, err = acme.UpdateEndpoint(ctx, id, events.EndpointPatch{}, partnerportal.IfMatchRevision(1))
	s.refused("revision_mismatch", err)
	e = endpoint(acme.PauseEndpoint(ctx, id, partnerportal.IfMatch(e)))
	s.approved("vandelay.com")
	s.deliver()
	assert.Empty(t, h.events(t), "paused")
	e = endpoint(acme.EnableEndpoint(ctx, id, partnerportal.IfMatch(e)))
	assert.Equal(t, events.EndpointStatusPending, e.Status)
	s.deliver()
	assert.NotEmpty(t, h.events(t))
	assert.Len(t, did[events.EndpointPage](s)(acme.ListEndpoints(ctx, events.ListEndpointsParams{Status: []events.EndpointStatus{events.EndpointStatusEnabled}})).Items, 1)

	rotated := did[events.EndpointSecret](s)(acme.RotateSecret(ctx, id, events.Rotation{OverlapSeconds: 3600}))
	for range 2 {
		did[events.EndpointSecret](s)(acme.RotateSecret(ctx, id, events.Rotation{Scheme: events.SchemeV1A}))
	}
	_, err = acme.RotateSecret(ctx, id, events.Rotation{})
	s.refused("too_many_keys", err)
	h.trust(t, rotated.Secret)
	test := delivery(acme.TestEndpoint(ctx, id))
	s.deliver()
	assert.Equal(t, events.DeliveryStatusDelivered, delivery(acme.GetDelivery(ctx, test.ID)).Status)
	again := delivery(acme.Redeliver(ctx, test.ID))
	assert.Equal(t, test.EventID, again.EventID)
	s.deliver()
	did[events.Recovered](s)(acme.RecoverDeliveries(ctx, id, events.Recovery{Since: time.Now().Add(-time.Hour)}))
	assert.NotEmpty(t, did[events.DeliveryPage](s)(acme.ListDeliveries(ctx, id, events.ListDeliveriesParams{Limit: 5})).Page.NextCursor)

	h.answerWith(http.StatusGone)
	s.approved("kramerica.com")
	s.deliver()
	e = endpoint(acme.GetEndpoint(ctx, id))
	assert.Equal(t, events.DisableReasonGone, e.DisabledReason)
	assert.Positive(t, e.Waiting)
	_, err = acme.EnableEndpoint(ctx, id)
	s.refused("endpoint_cooling_down", err)
	s.ok(acme.DeleteEndpoint(ctx, id, partnerportal.IfMatch(e)))

	for range 20 {
		did[events.EndpointSecret](s)(s.vendor.events.CreateEndpoint(ctx, events.EndpointForm{URL: h.url}))
	}
	_, err = s.vendor.events.CreateEndpoint(ctx, events.EndpointForm{URL: h.url})
	s.refused("too_many_endpoints", err)
}

func (s *story) deliver() {
	s.t.Helper()
	s.ok(s.p.DeliverWebhooks(s.ctx))
}
