package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

// hook is Acme's webhook endpoint: an HTTP server on this machine.
type hook struct {
	client   *events.Client
	endpoint events.Endpoint
	key      webhook.Key
	server   *http.Server
	heard    chan webhook.Event[events.Data]
}

// openHook registers the endpoint and serves it. It listens before it registers, as the challenge comes at once; and answers after,
// as the secret to verify it with comes with the registration.
func openHook(ctx context.Context, acme *partnerportal.Client, eventType string) (*hook, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	h := &hook{client: events.New(acme), heard: make(chan webhook.Event[events.Data], 16)}
	created, err := h.client.CreateEndpoint(ctx, events.EndpointForm{URL: "http://" + listener.Addr().String() + "/hooks/portal", Types: []string{eventType}})
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	h.endpoint = created.Endpoint
	if h.key, err = webhook.ParseKey(created.Secret); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	verifier, err := webhook.NewVerifier(webhook.StaticKeys(h.key))
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	receiver := webhook.NewReceiver(verifier)
	webhook.On(receiver, eventType, func(_ context.Context, ev webhook.Event[events.Data]) error {
		h.heard <- ev
		return nil
	})
	mux := http.NewServeMux()
	mux.Handle("/hooks/portal", receiver)
	h.server = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		if err := h.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			fmt.Fprintln(os.Stderr, "quickstart: the webhook endpoint stopped:", err)
		}
	}()
	return h, nil
}

// enabled lets the portal send its challenge, which Run does by itself where a portal stays open.
func (h *hook) enabled(ctx context.Context, p *portal.Portal) (string, error) {
	if err := p.DeliverWebhooks(ctx); err != nil {
		return "", err
	}
	endpoint, err := h.client.GetEndpoint(ctx, h.endpoint.ID)
	if err != nil {
		return "", err
	}
	if endpoint.Status != events.EndpointStatusEnabled {
		return "", fmt.Errorf("the endpoint is %s: %s", endpoint.Status, endpoint.Challenge.Failure)
	}
	return fmt.Sprintf("%s is %s, with the key %v", endpoint.URL, endpoint.Status, h.key), nil
}

// verified lets the portal send what has happened. The handler hears only what has the right signature.
func (h *hook) verified(ctx context.Context, p *portal.Portal) (string, error) {
	if err := p.DeliverWebhooks(ctx); err != nil {
		return "", err
	}
	var last webhook.Event[events.Data]
	count := len(h.heard)
	for range count {
		last = <-h.heard
	}
	if count == 0 {
		return "", errors.New("no webhook came")
	}
	return fmt.Sprintf("%d webhooks came and were verified; the last is %s of %v, %v days left, with a signature %s of the key %v",
		count, last.Type, last.Data.Facts["number"], last.Data.Facts["days"], h.endpoint.Scheme, h.key), nil
}

func (h *hook) close() {
	if h != nil {
		_ = h.server.Close()
	}
}
