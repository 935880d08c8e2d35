package portal_test

import (
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store/storetest"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

// TestWebhooks: what happens reaches the endpoint, as the feed shows it, once the endpoint has answered its challenge.
func TestWebhooks(t *testing.T) {
	t.Parallel()
	test := func(t *testing.T, dsn string) {
		t.Helper()
		inner, err := portal.Open(t.Context(), dsn, portal.WithSandbox(), portal.WithLoopbackWebhooks())
		require.NoError(t, err)
		p, h := portaltest.Wrap(t, inner), listen(t)
		ctx, acme := t.Context(), events.New(p.Acme)
		created, err := acme.CreateEndpoint(ctx, events.EndpointForm{URL: h.url, Types: []string{"deal.*"}, Description: "CRM"})
		require.NoError(t, err)
		id := created.Endpoint.ID
		assert.Equal(t, events.EndpointStatusPending, created.Endpoint.Status)
		assert.Equal(t, []string{"deals:read", "leads:read", "webhooks:read", "mdf:read", "program:read", "account:read", "assets:read", "catalog:read", "orders:read", "quotes:read", "training:read", "credentials:read"}, created.Endpoint.Scopes)
		assert.Equal(t, created.Endpoint.CreatedAt, created.Endpoint.Challenge.SentAt)

		_, err = deals.New(p.Acme).Register(ctx, registrationOf("initech.com"))
		require.NoError(t, err)
		h.answerWith(http.StatusNotFound)
		p.DeliverWebhooks()
		e, err := acme.GetEndpoint(ctx, id)
		require.NoError(t, err)
		assert.Equal(t, events.EndpointStatusPending, e.Status)
		assert.Equal(t, http.StatusNotFound, e.Challenge.Status)
		_, err = acme.UpdateEndpoint(ctx, id, events.EndpointPatch{Description: partnerportal.Set("CRM of Acme")}, partnerportal.IfMatch(e))
		require.NoError(t, err)
		e, err = acme.GetEndpoint(ctx, id)
		require.NoError(t, err)
		assert.Equal(t, http.StatusNotFound, e.Challenge.Status, "what is wrong with the address stays to be read")

		h.answerWith(0)
		h.trust(t, created.Secret)
		_, err = acme.EnableEndpoint(ctx, id, partnerportal.IfMatch(e))
		require.NoError(t, err)
		p.DeliverWebhooks()
		e, err = acme.GetEndpoint(ctx, id)
		require.NoError(t, err)
		assert.Equal(t, events.EndpointStatusEnabled, e.Status)
		assert.NotZero(t, e.LastSuccessAt)
		assert.Zero(t, e.Waiting)
		_, err = deals.New(p.Globex).Register(ctx, registrationOf("rival.com"))
		require.NoError(t, err)
		_, err = deals.New(p.Acme).Register(ctx, registrationOf("hooli.com"))
		require.NoError(t, err)
		p.DeliverWebhooks()
		assert.Equal(t, walk(t, acme, events.ListParams{Type: []string{"deal.*"}}), h.events(t), "what happened while it was pending too, and nothing of others")
		assert.Empty(t, h.errors)
	}
	t.Run("sqlite", func(t *testing.T) { test(t, "sqlite::memory:") })
	t.Run("postgres", func(t *testing.T) { test(t, storetest.Postgres(t)) })
}

// TestSecretsAreShownOnce, and lie open nowhere: not in later answers, not in the database.
func TestSecretsAreShownOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	inner, err := portal.Open(t.Context(), "sqlite:"+filepath.Join(dir, "portal.db"), portal.WithSandbox(), portal.WithLoopbackWebhooks())
	require.NoError(t, err)
	p, h := portaltest.Wrap(t, inner), listen(t)
	ctx, acme := t.Context(), events.New(p.Acme)
	key := partnerportal.WithIdempotencyKey("endpoint-1")
	created, err := acme.CreateEndpoint(ctx, events.EndpointForm{URL: h.url}, key)
	require.NoError(t, err)
	again, err := acme.CreateEndpoint(ctx, events.EndpointForm{URL: h.url}, key)
	require.NoError(t, err)
	assert.Equal(t, created, again, "the first answer may have been lost on the way")
	rotated, err := acme.RotateSecret(ctx, created.Endpoint.ID, events.Rotation{}, partnerportal.IfMatch(created))
	require.NoError(t, err)
	assert.NotEqual(t, created.Secret, rotated.Secret)
	h.trust(t, rotated.Secret)
	p.DeliverWebhooks()

	var r partnerportal.Response
	_, err = acme.ListEndpoints(ctx, events.ListEndpointsParams{}, partnerportal.WithResponse(&r))
	require.NoError(t, err)
	read := string(r.Body)
	_, err = acme.ListDeliveries(ctx, created.Endpoint.ID, events.ListDeliveriesParams{}, partnerportal.WithResponse(&r))
	require.NoError(t, err)
	read += string(r.Body)
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			data, err := os.ReadFile(path)
			require.NoError(t, err)
			read += string(data)
		}
		return err
	}))
	assert.Contains(t, read, created.Endpoint.ID)
	for _, secret := range []string{created.Secret, rotated.Secret} {
		require.NotEmpty(t, secret)
		if strings.Contains(read, strings.TrimPrefix(secret, "whsec_")) { // assert.NotContains would print all that was read
			t.Error("a secret lies open")
		}
	}
}

func TestKeyPairs(t *testing.T) {
	t.Parallel()
	p, h := portaltest.New(t), listen(t)
	ctx, acme := t.Context(), events.New(p.Acme)
	created, err := acme.CreateEndpoint(ctx, events.EndpointForm{URL: h.url, Scheme: events.SchemeV1A})
	require.NoError(t, err)
	assert.Empty(t, created.Secret)
	source, err := webhook.JWKS(p.URL()+created.Endpoint.JWKSURL, webhook.JWKSOptions{})
	require.NoError(t, err)
	h.mu.Lock()
	h.source = source
	h.mu.Unlock()
	p.DeliverWebhooks()
	_, err = deals.New(p.Acme).Create(ctx, registrationOf("initech.com"))
	require.NoError(t, err)
	p.DeliverWebhooks()
	assert.Equal(t, []string{deals.EventCreated}, typesOf(h.events(t)))

	stranger := anonymous(t, p.Portal)
	a := stranger.get(created.Endpoint.JWKSURL)
	assert.Equal(t, http.StatusOK, a.status)
	assert.Equal(t, "max-age=3600", a.header.Get("Cache-Control"))
	var set struct{ Keys []map[string]string }
	a.decode(t, &set)
	require.Len(t, set.Keys, 1)
	assert.NotContains(t, set.Keys[0], "d")
	shared, err := acme.CreateEndpoint(ctx, events.EndpointForm{URL: h.url})
	require.NoError(t, err)
	assert.Empty(t, shared.Endpoint.JWKSURL)
	for _, id := range []string{shared.Endpoint.ID, "we_unknown", "%00"} {
		a = stranger.get("/.well-known/webhooks/" + id + "/jwks.json")
		assert.Equal(t, http.StatusNotFound, a.status, id)
		assert.EqualValues(t, "not_found", a.problem.Code)
	}
	assert.Equal(t, http.StatusMethodNotAllowed, stranger.post(created.Endpoint.JWKSURL, "").status)
}

// TestRotationKeepsAReceiverGoing: during the overlap a receiver with either secret takes what comes, and after a revocation only the new one is good.
func TestRotationKeepsAReceiverGoing(t *testing.T) {
	t.Parallel()
	p, h := portaltest.New(t), listen(t)
	ctx, acme := t.Context(), events.New(p.Acme)
	e := h.subscribe(t, p, p.Acme, events.EndpointForm{})
	test := func() *events.Delivery {
		d, err := acme.TestEndpoint(ctx, e.ID)
		require.NoError(t, err)
		p.DeliverWebhooks()
		d, err = acme.GetDelivery(ctx, d.ID)
		require.NoError(t, err)
		return d
	}
	second, err := acme.RotateSecret(ctx, e.ID, events.Rotation{})
	require.NoError(t, err)
	assert.Equal(t, events.DeliveryStatusDelivered, test().Status, "the receiver has the old secret still")
	h.trust(t, second.Secret)
	d := test()
	assert.Equal(t, events.DeliveryStatusDelivered, d.Status)
	require.Len(t, d.Attempts, 1)
	assert.Equal(t, []string{second.Endpoint.Keys[0].Fingerprint, second.Endpoint.Keys[1].Fingerprint}, d.Attempts[0].KeyFingerprints)

	third, err := acme.RotateSecret(ctx, e.ID, events.Rotation{RevokeOld: true})
	require.NoError(t, err)
	assert.Len(t, third.Endpoint.Keys, 1)
	d = test()
	assert.Equal(t, events.DeliveryStatusWaiting, d.Status)
	assert.Equal(t, events.FailureStatus, d.LastFailure)
	assert.Equal(t, http.StatusUnauthorized, d.LastStatus)
}

// TestTheLog: what was sent can be looked at, sent again and, when it was given up, recovered.
func TestTheLog(t *testing.T) {
	t.Parallel()
	p, h := portaltest.New(t), listen(t)
	ctx, acme := t.Context(), events.New(p.Acme)
	e := h.subscribe(t, p, p.Acme, events.EndpointForm{})
	_, err := deals.New(p.Acme).Register(ctx, registrationOf("initech.com"))
	require.NoError(t, err)
	p.DeliverWebhooks()
	first := h.events(t)
	require.Equal(t, []string{deals.EventCreated, deals.EventSubmitted}, typesOf(first))

	list := func(params events.ListDeliveriesParams) []events.Delivery {
		var found []events.Delivery
		for d, err := range acme.AllDeliveries(ctx, e.ID, params) {
			require.NoError(t, err)
			found = append(found, d)
		}
		return found
	}
	all := list(events.ListDeliveriesParams{Limit: 1})
	require.Len(t, all, 3)
	assert.Equal(t, []string{deals.EventSubmitted, deals.EventCreated, events.EventPing}, []string{all[0].EventType, all[1].EventType, all[2].EventType}, "newest first")
	assert.Equal(t, first[1].Subject, all[0].Subject)
	assert.Zero(t, all[2].Subject)
	assert.Empty(t, all[0].Attempts)
	for want, params := range map[int]events.ListDeliveriesParams{
		3: {Status: []events.DeliveryStatus{events.DeliveryStatusDelivered}},
		2: {EventType: []string{deals.EventCreated, deals.EventSubmitted}},
		1: {EventID: first[0].ID},
		0: {CreatedSince: time.Now().Add(time.Hour)},
	} {
		assert.Len(t, list(params), want, "%+v", params)
	}
	d, err := acme.GetDelivery(ctx, all[1].ID)
	require.NoError(t, err)
	assert.Equal(t, first[0].ID, d.EventID)
	assert.Equal(t, events.DeliveryStatusDelivered, d.Status)
	require.Len(t, d.Attempts, 1)
	assert.Equal(t, http.StatusNoContent, d.Attempts[0].Status)
	assert.Zero(t, d.NextAttemptAt)

	repeated, err := acme.Redeliver(ctx, d.ID)
	require.NoError(t, err)
	assert.NotEqual(t, d.ID, repeated.ID)
	assert.Equal(t, d.EventID, repeated.EventID)
	assert.Equal(t, d.Subject, repeated.Subject)
	assert.Equal(t, events.DeliveryStatusWaiting, repeated.Status)
	assert.NotZero(t, repeated.NextAttemptAt)
	p.DeliverWebhooks()
	assert.Equal(t, first[:1], h.events(t), "the same bytes: the receiver knows it by its id")
	_, err = acme.Redeliver(ctx, all[2].ID)
	require.ErrorIs(t, err, partnerportal.ErrInvalidState, "a challenge is not sent twice")

	test, err := acme.TestEndpoint(ctx, e.ID)
	require.NoError(t, err)
	assert.Zero(t, test.Subject)
	p.DeliverWebhooks()
	got := h.events(t)
	require.Len(t, got, 1)
	assert.Equal(t, events.EventTest, got[0].Type)
	assert.Equal(t, test.EventID, got[0].ID)
	assert.False(t, got[0].Live)
	assert.Equal(t, p.AcmeID, got[0].Tenant)

	recovered, err := acme.RecoverDeliveries(ctx, e.ID, events.Recovery{Since: time.Now().Add(-time.Hour)})
	require.NoError(t, err)
	assert.Zero(t, recovered.Deliveries, "nothing was given up")
	_, err = acme.RecoverDeliveries(ctx, e.ID, events.Recovery{Since: time.Now(), Until: time.Now().Add(-time.Hour)})
	require.ErrorIs(t, err, partnerportal.ErrValidation)
}

// TestRecovery: the endpoint is gone, and is given another address; what was given up is sent there when its owner asks for it.
func TestRecovery(t *testing.T) {
	t.Parallel()
	p, h := portaltest.New(t), listen(t)
	ctx, acme := t.Context(), events.New(p.Acme)
	e := h.subscribe(t, p, p.Acme, events.EndpointForm{Types: []string{"deal.*"}})
	h.answerWith(http.StatusGone)
	_, err := deals.New(p.Acme).Register(ctx, registrationOf("initech.com"))
	require.NoError(t, err)
	p.DeliverWebhooks()
	h.answerWith(0)
	e, err = acme.GetEndpoint(ctx, e.ID)
	require.NoError(t, err)
	require.Equal(t, events.EndpointStatusDisabled, e.Status)
	assert.EqualValues(t, 1, e.Waiting)
	_, err = acme.UpdateEndpoint(ctx, e.ID, events.EndpointPatch{URL: partnerportal.Set(h.url + "/new")}, partnerportal.IfMatch(e))
	require.NoError(t, err)
	p.DeliverWebhooks()
	all := walk(t, acme, events.ListParams{Type: []string{"deal.*"}})
	assert.Equal(t, all[1:], h.events(t), "what waited")

	for _, none := range []events.Recovery{{Since: p.Now().Add(time.Hour)}, {Since: p.Now().Add(-time.Hour), Until: p.Now().Add(-time.Minute)}} {
		recovered, err := acme.RecoverDeliveries(ctx, e.ID, none)
		require.NoError(t, err)
		assert.Zero(t, recovered.Deliveries)
	}
	recovered, err := acme.RecoverDeliveries(ctx, e.ID, events.Recovery{Since: p.Now().Add(-time.Hour)})
	require.NoError(t, err)
	assert.EqualValues(t, 1, recovered.Deliveries)
	p.DeliverWebhooks()
	assert.Equal(t, all[:1], h.events(t))
}
