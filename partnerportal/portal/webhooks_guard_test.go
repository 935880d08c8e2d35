package portal_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
)

// Case 156: an endpoint that the portal or its owner has stopped is sent nothing until it has answered.
func TestCase156NothingIsSentWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	p, h := portaltest.New(t), listen(t)
	ctx, acme := t.Context(), events.New(p.Acme)
	e := h.subscribe(t, p, p.Acme, events.EndpointForm{})
	change := func() {
		_, err := deals.New(p.Acme).Create(ctx, registrationOf("initech.com"))
		require.NoError(t, err)
		p.DeliverWebhooks()
	}
	h.answerWith(http.StatusGone)
	change()
	e, err := acme.GetEndpoint(ctx, e.ID)
	require.NoError(t, err)
	require.Equal(t, events.EndpointStatusDisabled, e.Status)
	assert.Equal(t, events.DisableReasonGone, e.DisabledReason)
	before := h.requests()
	_, err = acme.EnableEndpoint(ctx, e.ID)
	require.ErrorIs(t, err, events.ErrEndpointCoolingDown)
	change()
	_, err = acme.TestEndpoint(ctx, e.ID)
	require.ErrorIs(t, err, partnerportal.ErrInvalidState)
	assert.Equal(t, before, h.requests())

	// Paused by its owner, and asked again while it is down.
	other := listen(t)
	o := other.subscribe(t, p, p.Acme, events.EndpointForm{})
	_, err = acme.PauseEndpoint(ctx, o.ID)
	require.NoError(t, err)
	change()
	other.answerWith(http.StatusServiceUnavailable)
	_, err = acme.EnableEndpoint(ctx, o.ID)
	require.NoError(t, err)
	p.DeliverWebhooks()
	before = other.requests()
	change()
	assert.Equal(t, before, other.requests(), "nothing but the ping")
	other.answerWith(0)
	_, err = acme.EnableEndpoint(ctx, o.ID)
	require.NoError(t, err)
	p.DeliverWebhooks()
	assert.Equal(t, []string{deals.EventCreated, deals.EventCreated}, typesOf(keep(other.events(t), func(e events.Event) bool { return e.Subject.Type == "deal" })), "it goes on where it stopped")
}

// TestWebhookGuard lets endpoints be where the host says, and nowhere else.
func TestWebhookGuard(t *testing.T) {
	t.Parallel()
	p := portaltest.New(t, portal.WithWebhookGuard(portal.WebhookGuard{
		AllowHTTP: true, Ports: []uint16{9000}, Prefixes: []netip.Prefix{netip.MustParsePrefix("10.20.0.0/16")},
	}))
	for url, allowed := range map[string]bool{
		"http://10.20.0.5:9000/": true, "https://hooks.example.com:9000/": true,
		"https://10.20.0.5/": false, "http://10.21.0.5:9000/": false, "http://127.0.0.1:9000/": false,
	} {
		_, err := events.New(p.Acme).CreateEndpoint(t.Context(), events.EndpointForm{URL: url})
		assert.Equal(t, allowed, err == nil, "%s: %v", url, err)
	}
}

// Case 144, at registration: each refused before anything is sent, with the field and the rule.
func TestCase144AddressesThatAreRefused(t *testing.T) {
	t.Parallel()
	p := portaltest.Wrap(t, openSandbox(t, "sqlite::memory:")) // no exception for this machine
	ctx, acme := t.Context(), events.New(p.Acme)
	good, err := acme.CreateEndpoint(ctx, events.EndpointForm{URL: "https://Hooks.Example.COM:443/in?x=1"})
	require.NoError(t, err)
	assert.Equal(t, "https://hooks.example.com/in?x=1", good.Endpoint.URL)
	for _, bad := range []string{
		"https://user:pass@hooks.example.com/", "https://user@hooks.example.com/", "https://hooks.example.com:22/", "https://hooks.example.com:80/", "file:///etc/passwd",
		"http://hooks.example.com/", "gopher://hooks.example.com/", "//hooks.example.com/", "/hooks", "https:///hooks", "https://раураl.com/", "https://xn--mnchen-3ya.xn--com-\u0430/",
		"https://[fe80::1%25eth0]/", "https://hooks.example.com/#fragment", "https://127.0.0.1/", "https://[::1]/", "https://169.254.169.254/latest/meta-data/",
		"https://10.0.0.1/", "https://[::ffff:10.0.0.1]/", "https://0x7f.1/", "https://2130706433/", "https://localhost/", "https://hooks.example.com\\@10.0.0.1/", " https://hooks.example.com/",
	} {
		_, err := acme.CreateEndpoint(ctx, events.EndpointForm{URL: bad})
		require.ErrorIs(t, err, events.ErrEndpointNotAllowed, bad)
		refusal, _ := errors.AsType[*partnerportal.Error](err)
		require.Len(t, refusal.Fields, 1)
		assert.Equal(t, "/url", refusal.Fields[0].Pointer)
		assert.NotEmpty(t, refusal.Fields[0].Message)
		_, err = acme.UpdateEndpoint(ctx, good.Endpoint.ID, events.EndpointPatch{URL: partnerportal.Set(bad)}, partnerportal.IfMatch(good))
		require.ErrorIs(t, err, events.ErrEndpointNotAllowed, bad)
	}
}

// TestEndpointsAreTheirOwners: whatever is asked of another's endpoint or delivery, there is none.
func TestEndpointsAreTheirOwners(t *testing.T) {
	t.Parallel()
	p, h := portaltest.New(t), listen(t)
	ctx := t.Context()
	e := h.subscribe(t, p, p.Acme, events.EndpointForm{})
	_, err := deals.New(p.Acme).Create(ctx, registrationOf("initech.com"))
	require.NoError(t, err)
	p.DeliverWebhooks()
	page, err := events.New(p.Acme).ListDeliveries(ctx, e.ID, events.ListDeliveriesParams{Limit: 1})
	require.NoError(t, err)
	delivery, tag := page.Items[0].ID, partnerportal.IfMatch(e)
	for name, client := range map[string]*partnerportal.Client{"a rival": p.Globex, "the vendor": p.Vendor} {
		c := events.New(client)
		for what, attempt := range map[string]func() error{
			"get":       func() error { _, err := c.GetEndpoint(ctx, e.ID); return err },
			"update":    func() error { _, err := c.UpdateEndpoint(ctx, e.ID, events.EndpointPatch{}, tag); return err },
			"delete":    func() error { return c.DeleteEndpoint(ctx, e.ID, tag) },
			"enable":    func() error { _, err := c.EnableEndpoint(ctx, e.ID); return err },
			"pause":     func() error { _, err := c.PauseEndpoint(ctx, e.ID); return err },
			"rotate":    func() error { _, err := c.RotateSecret(ctx, e.ID, events.Rotation{}); return err },
			"test":      func() error { _, err := c.TestEndpoint(ctx, e.ID); return err },
			"recover":   func() error { _, err := c.RecoverDeliveries(ctx, e.ID, events.Recovery{Since: time.Now()}); return err },
			"log":       func() error { _, err := c.ListDeliveries(ctx, e.ID, events.ListDeliveriesParams{}); return err },
			"delivery":  func() error { _, err := c.GetDelivery(ctx, delivery); return err },
			"redeliver": func() error { _, err := c.Redeliver(ctx, delivery); return err },
		} {
			require.ErrorIs(t, attempt(), partnerportal.ErrNotFound, "%s: %s", name, what)
		}
		list, err := c.ListEndpoints(ctx, events.ListEndpointsParams{})
		require.NoError(t, err)
		assert.Empty(t, list.Items, name)
	}
	seen, err := events.New(p.Acme).GetEndpoint(ctx, e.ID)
	require.NoError(t, err)
	assert.Equal(t, e.Revision, seen.Revision)

	require.NoError(t, events.New(p.Acme).DeleteEndpoint(ctx, e.ID, tag))
	_, err = events.New(p.Acme).GetDelivery(ctx, delivery)
	require.ErrorIs(t, err, partnerportal.ErrNotFound, "its log went with it")
}

// TestEachSideHearsItsOwn: the vendor and each partner hear of their own, each as it may see it, and somebody whose access ended of nothing.
func TestEachSideHearsItsOwn(t *testing.T) {
	t.Parallel()
	p := portaltest.New(t)
	ctx := t.Context()
	acme, globex, vendor := listen(t), listen(t), listen(t)
	acme.subscribe(t, p, p.Acme, events.EndpointForm{})
	globex.subscribe(t, p, p.Globex, events.EndpointForm{})
	vendor.subscribe(t, p, p.Vendor, events.EndpointForm{Types: []string{"deal.*"}})
	deal, err := deals.New(p.Acme).Register(ctx, registrationOf("initech.com"))
	require.NoError(t, err)
	_, err = deals.New(p.Vendor).StartReview(ctx, deal.ID, deals.ReviewStart{})
	require.NoError(t, err)
	p.DeliverWebhooks()
	dealsOnly := events.ListParams{Type: []string{"deal.*"}}
	assert.Equal(t, walk(t, events.New(p.Vendor), dealsOnly), vendor.events(t))
	mine := acme.events(t)
	assert.Equal(t, walk(t, events.New(p.Acme), dealsOnly), keep(mine, func(e events.Event) bool { return e.Subject.Type == "deal" }))
	body, err := json.Marshal(mine)
	require.NoError(t, err)
	assert.NotContains(t, string(body), "Vendor desk")
	assert.Empty(t, keep(globex.events(t), func(e events.Event) bool { return e.Subject.Type == "deal" }))

	suspended, err := p.Admin().Partner(ctx, p.AcmeID)
	require.NoError(t, err)
	suspended.Status = "suspended"
	_, err = p.Admin().UpdatePartner(ctx, *suspended)
	require.NoError(t, err)
	_, err = deals.New(p.Vendor).Approve(ctx, deal.ID, deals.Approval{})
	require.NoError(t, err)
	p.DeliverWebhooks()
	assert.Empty(t, acme.events(t))
	assert.NotEmpty(t, vendor.events(t))
	suspended.Status = "active"
	_, err = p.Admin().UpdatePartner(ctx, *suspended)
	require.NoError(t, err)
	p.DeliverWebhooks()
	assert.NotEmpty(t, acme.events(t), "it waited")
}
