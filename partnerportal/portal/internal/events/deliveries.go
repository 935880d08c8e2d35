package events

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	contract "github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/deliver"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// ListDeliveries returns a page of an endpoint's deliveries, without their attempts.
func (s *Service) ListDeliveries(ctx context.Context, endpointID string, params *contract.ListDeliveriesParams) (*contract.DeliveryPage, error) {
	c := call.From(ctx)
	if _, err := read(ctx, c, endpointID); err != nil {
		return nil, err
	}
	q := store.Query{Table: "webhook_deliveries", Sort: "created_at", Desc: true,
		Columns: "id, event_id, event_type, subject, status, attempts, next_at, claim, created_at, delivered_at, last_failure, last_status",
		Page:    store.Page{Cursor: params.Cursor, Limit: params.Limit, Segment: params.Segment}}
	q.Where("endpoint_id = ?", endpointID)
	store.WhereIn(&q, "status", params.Status)
	store.WhereIn(&q, "event_type", params.EventType)
	if params.EventID != "" {
		q.Where("event_id = ?", params.EventID)
	}
	if !params.CreatedSince.IsZero() {
		q.Where("created_at >= ?", store.Micros(params.CreatedSince))
	}
	items, next, err := store.List(ctx, c.Tx, q, func(dest func(...any) error) (contract.Delivery, error) {
		d := store.WebhookDelivery{EndpointID: endpointID}
		if err := dest(&d.ID, &d.EventID, &d.EventType, &d.Subject, &d.Status, &d.Attempts, &d.NextAt, &d.Claim, &d.CreatedAt, &d.DeliveredAt,
			&d.LastFailure, &d.LastStatus); err != nil {
			return contract.Delivery{}, err
		}
		return summary(&d)
	})
	if err != nil {
		return nil, err
	}
	return &contract.DeliveryPage{Items: items, Page: partnerportal.PageInfo{NextCursor: next}}, nil
}

// GetDelivery returns a delivery with its attempts.
func (s *Service) GetDelivery(ctx context.Context, deliveryID string) (*contract.Delivery, error) {
	c := call.From(ctx)
	d, err := readDelivery(ctx, c, deliveryID)
	if err != nil {
		return nil, err
	}
	return record(d)
}

// Redeliver sends the event of a delivery once more, in the bytes of then.
func (s *Service) Redeliver(ctx context.Context, deliveryID string) (*contract.Delivery, error) {
	d, err := readDelivery(ctx, call.From(ctx), deliveryID)
	if err != nil {
		return nil, err
	}
	c, e, err := s.open(ctx, d.EndpointID, "", redeliver)
	if err != nil {
		return nil, err
	}
	if d, err = readDelivery(ctx, c, deliveryID); err != nil { // it may be gone since
		return nil, err
	}
	if d.EventType == deliver.PingType { // its challenge is over
		return nil, invalidState(c, e, redeliver)
	}
	return s.enqueue(ctx, c, e, deliver.Outgoing{
		EventID: d.EventID, EventType: d.EventType, Subject: []byte(d.Subject), Body: []byte(d.Body), OccurredAt: store.Time(d.OccurredAt),
	})
}

// enqueue sends something to the endpoint beside what waits for it.
func (s *Service) enqueue(ctx context.Context, c *call.Call, e *endpoint, o deliver.Outgoing) (*contract.Delivery, error) {
	id, err := deliver.Enqueue(ctx, c.Tx, e.ID, s.now(), o)
	if err != nil {
		return nil, err
	}
	return s.GetDelivery(ctx, id)
}

// readDelivery returns a delivery to an endpoint of the caller's own.
func readDelivery(ctx context.Context, c *call.Call, deliveryID string) (*store.WebhookDelivery, error) {
	d, err := c.Tx.Delivery(ctx, deliveryID)
	if err == nil {
		_, err = read(ctx, c, d.EndpointID)
	}
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, partnerportal.ErrNotFound) {
		return nil, call.NotFound("webhook delivery")
	}
	return &d, err
}

// summary is a delivery as lists show it.
func summary(d *store.WebhookDelivery) (contract.Delivery, error) {
	seen := contract.Delivery{
		ID: d.ID, EndpointID: d.EndpointID, EventID: d.EventID, EventType: d.EventType, Status: contract.DeliveryStatus(d.Status),
		AttemptCount: int(d.Attempts), LastFailure: contract.Failure(d.LastFailure), LastStatus: int(d.LastStatus),
		CreatedAt: store.Time(d.CreatedAt), DeliveredAt: store.Time(d.DeliveredAt),
	}
	if d.Claim == "" { // else an attempt is under way, and next_at is when it counts as lost
		seen.NextAttemptAt = store.Time(d.NextAt)
	}
	if d.Subject != "" {
		if err := json.Unmarshal([]byte(d.Subject), &seen.Subject); err != nil {
			return seen, fmt.Errorf("webhook delivery %s: %w", d.ID, err)
		}
	}
	return seen, nil
}

// record is a delivery with its attempts.
func record(d *store.WebhookDelivery) (*contract.Delivery, error) {
	seen, err := summary(d)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(d.Log), &seen.Attempts); err != nil {
		return nil, fmt.Errorf("webhook delivery %s: %w", d.ID, err)
	}
	return &seen, nil
}
