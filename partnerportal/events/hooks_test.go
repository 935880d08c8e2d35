package events_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

// hooks is the part of a portal that has webhook endpoints. It sends at once and in process, to the one receiver that stands at the
// address of all endpoints, and tries once.
type hooks struct {
	mu        sync.Mutex
	receiver  http.Handler // nil: nobody listens
	endpoints []*endpoint  // the newest last
	log       []*events.Delivery
	recovered events.Recovery
}

type endpoint struct {
	events.Endpoint

	signing []webhook.Key // newest first
}

func notFound() error { return &partnerportal.Error{Status: http.StatusNotFound, Code: "not_found"} }

func (h *hooks) find(id, ifMatch string) (*endpoint, error) {
	i := slices.IndexFunc(h.endpoints, func(e *endpoint) bool { return e.ID == id })
	switch {
	case i < 0:
		return nil, notFound()
	case ifMatch != "" && ifMatch != h.endpoints[i].ETag():
		return nil, &partnerportal.Error{Status: http.StatusPreconditionFailed, Code: "revision_mismatch"}
	}
	return h.endpoints[i], nil
}

// change does something to an endpoint, as one change of it.
func (h *hooks) change(id, ifMatch string, do func(e *endpoint)) (*events.Endpoint, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	e, err := h.find(id, ifMatch)
	if err != nil {
		return nil, err
	}
	e.Revision++
	do(e)
	shown := e.Endpoint
	return &shown, nil
}

func (h *hooks) ListEndpoints(_ context.Context, params *events.ListEndpointsParams) (*events.EndpointPage, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	page := &events.EndpointPage{Items: []events.Endpoint{}}
	for _, e := range slices.Backward(h.endpoints) {
		if len(params.Status) == 0 || slices.Contains(params.Status, e.Status) {
			page.Items = append(page.Items, e.Endpoint)
		}
	}
	return page, nil
}

func (h *hooks) CreateEndpoint(_ context.Context, body *events.EndpointForm) (*events.EndpointSecret, error) {
	if !strings.HasPrefix(body.URL, "https://") {
		return nil, &partnerportal.Error{Status: http.StatusUnprocessableEntity, Code: events.ErrEndpointNotAllowed, Detail: "The address is not https."}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	e := &endpoint{Endpoint: events.Endpoint{
		ID: "we_" + strconv.Itoa(len(h.endpoints)+1), Revision: 1, Status: events.EndpointStatusPending, URL: body.URL, Types: body.Types,
		Scheme: events.SchemeV1, Description: body.Description, CreatedAt: noon, UpdatedAt: noon,
	}}
	h.endpoints = append(h.endpoints, e)
	return e.renew(false), nil
}

// renew gives the endpoint another secret.
func (e *endpoint) renew(revoke bool) *events.EndpointSecret {
	if revoke {
		e.signing = nil
	}
	key := webhook.GenerateSecret()
	e.signing, e.Keys = append([]webhook.Key{key}, e.signing...), nil
	for _, k := range e.signing {
		e.Keys = append(e.Keys, events.EndpointKey{Fingerprint: k.Fingerprint(), CreatedAt: noon})
	}
	return &events.EndpointSecret{Endpoint: e.Endpoint, Secret: key.Reveal()}
}

func (h *hooks) GetEndpoint(_ context.Context, id string) (*events.Endpoint, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	e, err := h.find(id, "")
	if err != nil {
		return nil, err
	}
	shown := e.Endpoint
	return &shown, nil
}

func (h *hooks) UpdateEndpoint(_ context.Context, id, ifMatch string, body *events.EndpointPatch) (*events.Endpoint, error) {
	return h.change(id, ifMatch, func(e *endpoint) {
		body.URL.Apply(&e.URL)
		body.Types.Apply(&e.Types)
		body.Description.Apply(&e.Description)
	})
}

func (h *hooks) DeleteEndpoint(_ context.Context, id, ifMatch string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	gone, err := h.find(id, ifMatch)
	h.endpoints = slices.DeleteFunc(h.endpoints, func(e *endpoint) bool { return e == gone })
	return err
}

// EnableEndpoint answers with what it knows before the challenge is back, as a portal does.
func (h *hooks) EnableEndpoint(_ context.Context, id, ifMatch string) (*events.Endpoint, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	e, err := h.find(id, ifMatch)
	if err != nil {
		return nil, err
	}
	if e.Status == events.EndpointStatusDisabled { // just now
		return nil, &partnerportal.Error{Status: http.StatusTooManyRequests, Code: events.ErrEndpointCoolingDown, RetryAfter: 5 * time.Minute}
	}
	e.Status = events.EndpointStatusPending
	asked := e.Endpoint
	ping := events.Event{ID: "evt_ping", Type: events.EventPing, Data: events.Data{Challenge: "R2D2"}}
	if answer := h.send(e, ping); answer.Code == http.StatusOK && strings.Contains(answer.Body.String(), "R2D2") {
		e.Status = events.EndpointStatusEnabled
	}
	return &asked, nil
}

func (h *hooks) PauseEndpoint(_ context.Context, id, ifMatch string) (*events.Endpoint, error) {
	return h.change(id, ifMatch, func(e *endpoint) { e.Status = events.EndpointStatusPaused })
}

func (h *hooks) RotateSecret(_ context.Context, id, ifMatch string, body *events.Rotation) (*events.EndpointSecret, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	e, err := h.find(id, ifMatch)
	if err != nil {
		return nil, err
	}
	if len(e.signing) == 4 && !body.RevokeOld {
		return nil, &partnerportal.Error{Status: http.StatusConflict, Code: events.ErrTooManyKeys}
	}
	return e.renew(body.RevokeOld), nil
}

func (h *hooks) TestEndpoint(_ context.Context, id string) (*events.Delivery, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	e, err := h.find(id, "")
	if err != nil {
		return nil, err
	}
	return h.deliver(e, "evt_test_"+strconv.Itoa(len(h.log)+1), events.EventTest), nil
}

func (h *hooks) RecoverDeliveries(_ context.Context, id string, body *events.Recovery) (*events.Recovered, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, err := h.find(id, ""); err != nil {
		return nil, err
	}
	h.recovered = *body
	again := new(events.Recovered)
	for _, d := range h.log {
		if d.Status == events.DeliveryStatusFailed {
			d.Status, again.Deliveries = events.DeliveryStatusWaiting, again.Deliveries+1
		}
	}
	return again, nil
}

func (h *hooks) ListDeliveries(_ context.Context, id string, params *events.ListDeliveriesParams) (*events.DeliveryPage, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, err := h.find(id, ""); err != nil {
		return nil, err
	}
	page := &events.DeliveryPage{Items: []events.Delivery{}}
	for _, d := range slices.Backward(h.log) {
		if d.EndpointID == id && (len(params.Status) == 0 || slices.Contains(params.Status, d.Status)) {
			short := *d
			short.Attempts = nil
			page.Items = append(page.Items, short)
		}
	}
	return page, nil
}

func (h *hooks) GetDelivery(_ context.Context, id string) (*events.Delivery, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	i := slices.IndexFunc(h.log, func(d *events.Delivery) bool { return d.ID == id })
	if i < 0 {
		return nil, notFound()
	}
	shown := *h.log[i]
	return &shown, nil
}

func (h *hooks) Redeliver(ctx context.Context, id string) (*events.Delivery, error) {
	former, err := h.GetDelivery(ctx, id)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	e, err := h.find(former.EndpointID, "")
	if err != nil {
		return nil, err
	}
	return h.deliver(e, former.EventID, former.EventType), nil
}

// deliver sends an event and writes down what came of it. It answers with what was known before, as a portal does.
func (h *hooks) deliver(e *endpoint, eventID, eventType string) *events.Delivery {
	d := &events.Delivery{
		ID: "whd_" + strconv.Itoa(len(h.log)+1), EndpointID: e.ID, EventID: eventID, EventType: eventType,
		Status: events.DeliveryStatusWaiting, CreatedAt: noon,
	}
	h.log = append(h.log, d)
	asked := *d
	answer := h.send(e, events.Event{ID: eventID, Type: eventType, Timestamp: noon, APIVersion: "v1"})
	attempt := events.Attempt{At: noon, DurationMillis: 84, Status: answer.Code}
	d.Status, d.AttemptCount, d.LastStatus = events.DeliveryStatusDelivered, 1, answer.Code
	if answer.Code >= http.StatusMultipleChoices {
		attempt.Failure = events.FailureStatus
		d.Status, d.LastFailure = events.DeliveryStatusFailed, attempt.Failure
	}
	d.Attempts = []events.Attempt{attempt}
	return &asked
}

// send posts an event, signed with all keys, and returns what the receiver answers.
func (h *hooks) send(e *endpoint, ev events.Event) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	if h.receiver == nil {
		answer.Code = http.StatusBadGateway
		return answer
	}
	body, err := json.Marshal(ev)
	if err != nil {
		panic(err)
	}
	signer, err := webhook.NewSigner(e.signing...)
	if err != nil {
		panic(err)
	}
	r := httptest.NewRequest(http.MethodPost, e.URL, bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	if err := signer.SetHeaders(r.Header, ev.ID, time.Now(), body); err != nil {
		panic(err)
	}
	h.receiver.ServeHTTP(answer, r)
	return answer
}
