package portaltest_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

func registration(p *portaltest.Portal, domain string) deals.Registration {
	return deals.Registration{
		Customer:        partnerportal.Organization{Name: domain, Country: "US", Domain: domain},
		Amount:          partnerportal.MustMoney("125000", "USD"),
		ExpectedCloseOn: partnerportal.DateOf(p.Now().AddDate(0, 3, 0)),
		Products:        []deals.Product{{Family: "GTX", Quantity: 10}},
	}
}

func TestThreeCallers(t *testing.T) {
	t.Parallel()
	p := portaltest.New(t)
	deal, err := deals.New(p.Acme).Register(t.Context(), registration(p, "initech.com"))
	require.NoError(t, err)
	assert.Equal(t, p.AcmeID, deal.PartnerID)
	_, err = deals.New(p.Globex).Get(t.Context(), deal.ID)
	require.ErrorIs(t, err, partnerportal.ErrNotFound, "it is Acme's")
	deal, err = deals.New(p.Vendor).Approve(t.Context(), deal.ID, deals.Approval{})
	require.NoError(t, err)
	assert.Equal(t, deals.StatusApproved, deal.Status)

	assert.Positive(t, p.Advance(91*24*time.Hour))
	deal, err = deals.New(p.Acme).Get(t.Context(), deal.ID)
	require.NoError(t, err)
	assert.Equal(t, deals.StatusExpired, deal.Status)
}

func TestWebhooksReachTheTest(t *testing.T) {
	t.Parallel()
	p := portaltest.New(t)
	heard := make(chan string, 10)
	server := httptest.NewUnstartedServer(nil)
	created, err := events.New(p.Acme).CreateEndpoint(t.Context(), events.EndpointForm{URL: "http://" + server.Listener.Addr().String(), Types: []string{"deal.*"}})
	require.NoError(t, err)
	key, err := webhook.ParseKey(created.Secret)
	require.NoError(t, err)
	verifier, err := webhook.NewVerifier(webhook.StaticKeys(key))
	require.NoError(t, err)
	server.Config.Handler = webhook.NewReceiver(verifier, webhook.WithUnknown(func(_ context.Context, ev webhook.Event[json.RawMessage]) {
		heard <- ev.Type
	}))
	server.Start()
	t.Cleanup(server.Close)

	p.DeliverWebhooks() // the challenge
	_, err = deals.New(p.Acme).Create(t.Context(), registration(p, "initech.com"))
	require.NoError(t, err)
	p.DeliverWebhooks()
	require.Len(t, heard, 1, "it has arrived when DeliverWebhooks returns")
	assert.Equal(t, deals.EventCreated, <-heard)
}

func TestMorePartners(t *testing.T) {
	t.Parallel()
	p := portaltest.New(t)
	id := p.Partner(portal.Partner{Name: "Initrode", Territories: []string{"FR"}})
	c := p.Client(portal.ClientSpec{PartnerID: id, Name: "Reader", Scopes: []string{"deals:read"}})
	_, err := deals.New(c).List(t.Context(), deals.ListParams{})
	require.NoError(t, err)
	_, err = deals.New(c).Register(t.Context(), registration(p, "initech.com"))
	require.ErrorIs(t, err, partnerportal.ErrForbidden)
}

func TestFailNext(t *testing.T) {
	t.Parallel()
	p := portaltest.New(t)
	p.FailNext(2, http.StatusServiceUnavailable)
	var resp partnerportal.Response
	_, err := deals.New(p.Acme).Register(t.Context(), registration(p, "initech.com"), partnerportal.WithResponse(&resp))
	require.NoError(t, err)
	assert.Equal(t, 3, resp.Attempts)
	sent := p.Requests("deals.register")
	require.Len(t, sent, 3)
	for _, r := range sent {
		assert.Equal(t, sent[0].Header.Get("Idempotency-Key"), r.Header.Get("Idempotency-Key"), "one key for all attempts")
	}

	p.FailNext(1, http.StatusTooManyRequests, portaltest.RetryAfter(time.Second), portaltest.On("deals.get"))
	_, err = deals.New(p.Acme).List(t.Context(), deals.ListParams{})
	require.NoError(t, err, "the fault waits for its operation")
	start := time.Now()
	_, err = deals.New(p.Acme).Get(t.Context(), "deal_1")
	require.ErrorIs(t, err, partnerportal.ErrNotFound)
	assert.GreaterOrEqual(t, time.Since(start), time.Second)
}

func TestFailTokens(t *testing.T) {
	t.Parallel()
	p := portaltest.New(t)
	p.FailNext(1, http.StatusBadRequest, portaltest.On("auth.token"))
	_, err := deals.New(p.Acme).List(t.Context(), deals.ListParams{})
	require.Error(t, err)
	_, err = deals.New(p.Globex).List(t.Context(), deals.ListParams{})
	require.NoError(t, err)
}

// The answer is lost on the way: the portal has the deal, and the repeated call with the same key gives it and no second one.
func TestLoseNext(t *testing.T) {
	t.Parallel()
	p := portaltest.New(t)
	p.LoseNext(1)
	deal, err := deals.New(p.Acme).Register(t.Context(), registration(p, "initech.com"))
	require.NoError(t, err)
	require.Len(t, p.Requests("deals.register"), 2)
	page, err := deals.New(p.Acme).List(t.Context(), deals.ListParams{})
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	assert.Equal(t, deal.ID, page.Items[0].ID)
}

func TestDropNext(t *testing.T) {
	t.Parallel()
	p := portaltest.New(t)
	p.DropNext(1, portaltest.On("leads.list"))
	_, err := leads.New(p.Acme).List(t.Context(), leads.ListParams{})
	require.NoError(t, err)
	assert.Len(t, p.Requests("leads.list"), 2)
}

func TestRequestsShowNoSecrets(t *testing.T) {
	t.Parallel()
	p := portaltest.New(t)
	_, err := deals.New(p.Acme).Register(t.Context(), registration(p, "initech.com"), partnerportal.WithIdempotencyKey("crm-1"))
	require.NoError(t, err)
	all := p.Requests("")
	require.Len(t, all, 2)
	assert.Equal(t, "auth.token", all[0].Operation)
	assert.Nil(t, all[0].Body)
	assert.Equal(t, "deals.register", all[1].Operation)
	assert.Equal(t, "POST", all[1].Method)
	assert.Equal(t, "/v1/deals/quick", all[1].Path)
	assert.Equal(t, "crm-1", all[1].Header.Get("Idempotency-Key"))
	assert.Contains(t, string(all[1].Body), "initech.com")
	for _, r := range all {
		assert.Empty(t, r.Header.Get("Authorization"))
	}
	p.ForgetRequests()
	assert.Empty(t, p.Requests(""))
}

func TestURL(t *testing.T) {
	t.Parallel()
	p := portaltest.New(t)
	p.FailNext(1, http.StatusTeapot)
	for _, want := range []int{http.StatusTeapot, http.StatusUnauthorized} {
		resp, err := http.Get(p.URL() + "/v1/deals")
		require.NoError(t, err)
		_, err = io.Copy(io.Discard, resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		assert.Equal(t, want, resp.StatusCode)
	}
	p.DropNext(1)
	fresh := http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // a kept connection would be tried twice
	_, err := fresh.Get(p.URL() + "/v1/deals")
	require.Error(t, err)
	assert.ErrorIs(t, err, io.EOF)
}
