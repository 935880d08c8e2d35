package events

import (
	"context"
	"encoding/json"
	"time"

	contract "github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/deliver"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// coolDown is how long an endpoint that the portal has disabled stays so: a program that enables whatever is disabled would have the
// portal knock at a dead door all day.
const coolDown = 5 * time.Minute

// EnableEndpoint asks the endpoint again whether it listens. The answer enables it, not this call.
func (s *Service) EnableEndpoint(ctx context.Context, endpointID, ifMatch string) (*contract.Endpoint, error) {
	c, e, err := s.open(ctx, endpointID, ifMatch, contract.EndpointActionEnable)
	if err != nil {
		return nil, err
	}
	if wait := store.Time(e.DisabledAt).Add(coolDown).Sub(s.now()); wait > 0 {
		return nil, coolingDown(wait)
	}
	s.mustAnswer(e)
	if err := s.save(ctx, c, e); err != nil {
		return nil, err
	}
	if err := s.ask(ctx, c, e); err != nil {
		return nil, err
	}
	return s.view(ctx, c, e)
}

// PauseEndpoint stops what waits from being sent.
func (s *Service) PauseEndpoint(ctx context.Context, endpointID, ifMatch string) (*contract.Endpoint, error) {
	c, e, err := s.open(ctx, endpointID, ifMatch, contract.EndpointActionPause)
	if err != nil {
		return nil, err
	}
	return s.answer(ctx, c, e)
}

// DeleteEndpoint deletes the endpoint and everything on its way to it.
func (s *Service) DeleteEndpoint(ctx context.Context, endpointID, ifMatch string) error {
	c, e, err := s.open(ctx, endpointID, ifMatch, contract.EndpointActionDelete)
	if err != nil {
		return err
	}
	if err := c.Tx.DeleteDeliveries(ctx, e.ID); err != nil {
		return err
	}
	return store.Changed(c.Tx.DeleteEndpoint(ctx, store.DeleteEndpointParams{ID: e.ID, Revision: e.Revision}))
}

// TestEndpoint sends an event that means nothing.
func (s *Service) TestEndpoint(ctx context.Context, endpointID string) (*contract.Delivery, error) {
	c, e, err := s.open(ctx, endpointID, "", contract.EndpointActionTest)
	if err != nil {
		return nil, err
	}
	asked := feed.ActorFor(c.Caller.Actor(), c.Caller.Side)
	asked.Name = "" // it may be somebody's
	event := about(c, e, contract.Event{ID: ids.New(ids.Event, s.now()), Type: deliver.TestType, Data: contract.Data{State: e.Status, Actor: asked}})
	body, err := json.Marshal(event)
	if err != nil {
		return nil, err
	}
	return s.enqueue(ctx, c, e, deliver.Outgoing{EventID: event.ID, EventType: event.Type, Body: body, OccurredAt: event.Timestamp})
}

// RecoverDeliveries starts the deliveries anew that were given up.
func (s *Service) RecoverDeliveries(ctx context.Context, endpointID string, body *contract.Recovery) (*contract.Recovered, error) {
	c, e, err := s.open(ctx, endpointID, "", contract.EndpointActionRecover)
	if err != nil {
		return nil, err
	}
	if !body.Until.IsZero() && !body.Since.Before(body.Until) {
		return nil, invalid(problem.Field("/until", "out_of_range", "Give an instant after since."))
	}
	n, err := deliver.Recover(ctx, c.Tx, e.ID, body.Since, body.Until, s.now())
	if err != nil {
		return nil, err
	}
	return &contract.Recovered{Deliveries: n}, nil
}
