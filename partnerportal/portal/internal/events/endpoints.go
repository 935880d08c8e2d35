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
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// resource is the kind of endpoints among the kinds that have events.
const resource = "webhook_endpoint"

// endpoint is an endpoint as it is stored, with what its row has as JSON or sealed.
type endpoint struct {
	store.WebhookEndpoint

	wanted []string      // Types
	opens  []string      // Scopes
	keys   []deliver.Key // Keys, newest first
}

// read returns an endpoint of the caller's own: a partner's, or the vendor's.
func read(ctx context.Context, c *call.Call, endpointID string) (*endpoint, error) {
	row, err := c.Tx.Endpoint(ctx, endpointID)
	if errors.Is(err, store.ErrNotFound) || err == nil && row.Owner != c.Caller.Owner() {
		return nil, call.NotFound("webhook endpoint")
	}
	if err != nil {
		return nil, err
	}
	return unpack(c.Tx, row)
}

func unpack(tx *store.Tx, row store.WebhookEndpoint) (*endpoint, error) {
	e := &endpoint{WebhookEndpoint: row}
	var err error
	if e.keys, err = deliver.OpenKeys(tx, row.ID, row.Keys); err != nil {
		return nil, err
	}
	if err := errors.Join(json.Unmarshal([]byte(row.Types), &e.wanted), json.Unmarshal([]byte(row.Scopes), &e.opens)); err != nil {
		return nil, fmt.Errorf("webhook endpoint %s: %w", row.ID, err)
	}
	return e, nil
}

// pack is the reverse of unpack.
func (e *endpoint) pack(tx *store.Tx) error {
	types, err := json.Marshal(e.wanted)
	if err != nil {
		return err
	}
	scopes, err := json.Marshal(e.opens)
	if err != nil {
		return err
	}
	e.Types, e.Scopes = string(types), string(scopes)
	e.Keys, err = deliver.SealKeys(tx, e.ID, e.keys)
	return err
}

// GetEndpoint returns an endpoint of the caller's.
func (s *Service) GetEndpoint(ctx context.Context, endpointID string) (*contract.Endpoint, error) {
	c := call.From(ctx)
	e, err := read(ctx, c, endpointID)
	if err != nil {
		return nil, err
	}
	return s.view(ctx, c, e)
}

// ListEndpoints returns a page of the caller's endpoints. Nobody has many, so they are read one by one.
func (s *Service) ListEndpoints(ctx context.Context, params *contract.ListEndpointsParams) (*contract.EndpointPage, error) {
	c := call.From(ctx)
	q := store.Query{Table: "webhook_endpoints", Sort: "created_at", Desc: true, Columns: "id",
		Page: store.Page{Cursor: params.Cursor, Limit: params.Limit, Segment: params.Segment}}
	q.Where("owner = ?", c.Caller.Owner())
	store.WhereIn(&q, "status", params.Status)
	ids, next, err := store.List(ctx, c.Tx, q, func(dest func(...any) error) (id string, err error) {
		err = dest(&id)
		return id, err
	})
	if err != nil {
		return nil, err
	}
	page := &contract.EndpointPage{Items: []contract.Endpoint{}, Page: partnerportal.PageInfo{NextCursor: next}}
	for _, id := range ids {
		e, err := s.GetEndpoint(ctx, id)
		if errors.Is(err, partnerportal.ErrNotFound) { // deleted a moment ago
			continue
		}
		if err != nil {
			return nil, err
		}
		page.Items = append(page.Items, *e)
	}
	return page, nil
}

// view is an endpoint as its owner sees it: all but the secrets.
func (s *Service) view(ctx context.Context, c *call.Call, e *endpoint) (*contract.Endpoint, error) {
	waiting, err := c.Tx.CountWaiting(ctx, e.ID)
	if err != nil {
		return nil, err
	}
	seen := &contract.Endpoint{
		ID: e.ID, Revision: e.Revision, Status: contract.EndpointStatus(e.Status), URL: e.Url, Types: e.wanted, Scheme: contract.Scheme(e.Scheme),
		Description: e.Description, Scopes: e.opens, Keys: []contract.EndpointKey{}, Waiting: waiting, LastSuccessAt: store.Time(e.LastSuccessAt),
		FailingSince: store.Time(e.FailingSince), DisabledAt: store.Time(e.DisabledAt), DisabledReason: contract.DisableReason(e.DisabledReason),
		Livemode: c.Live, CreatedAt: store.Time(e.CreatedAt), UpdatedAt: store.Time(e.UpdatedAt), AllowedActions: allowed(e, c.Caller),
	}
	if e.ChallengeAt != 0 {
		seen.Challenge = contract.Challenge{SentAt: store.Time(e.ChallengeAt), Failure: contract.Failure(e.ChallengeFailure), Status: int(e.ChallengeStatus)}
	}
	if seen.Status == contract.EndpointStatusEnabled && e.FailingSince != 0 {
		seen.DisablesAt = seen.FailingSince.Add(deliver.DisableAfter)
	}
	for _, k := range e.live(s.now()) {
		shown := contract.EndpointKey{Fingerprint: k.Key.Fingerprint(), CreatedAt: k.CreatedAt, ExpiresAt: k.ExpiresAt}
		if public, ok := k.Key.Public(); ok {
			shown.PublicKey, seen.JWKSURL = public.Reveal(), "/.well-known/webhooks/"+e.ID+"/jwks.json"
		}
		seen.Keys = append(seen.Keys, shown)
	}
	return seen, nil
}

// open takes an endpoint out for an action, and leads it to the action's state: nobody else changes it until the transaction ends, the
// sender neither, the caller has read the revision that it states, and the endpoint's state allows the action.
func (s *Service) open(ctx context.Context, endpointID, ifMatch string, action contract.EndpointAction) (*call.Call, *endpoint, error) {
	c := call.From(ctx)
	if _, err := read(ctx, c, endpointID); err != nil { // first, because the lock of another's endpoint would hold up what is sent to it
		return nil, nil, err
	}
	if err := deliver.Lock(ctx, c.Tx, endpointID); err != nil {
		return nil, nil, err
	}
	e, err := read(ctx, c, endpointID)
	if err != nil {
		return nil, nil, err
	}
	if err := problem.Unchanged("The webhook endpoint", ifMatch, e.Revision); err != nil {
		return nil, nil, err
	}
	to, ok := next(e, action)
	if !ok {
		return nil, nil, invalidState(c, e, action)
	}
	e.Status = string(to)
	return c, e, nil
}

// save stores the endpoint as a new revision.
func (s *Service) save(ctx context.Context, c *call.Call, e *endpoint) error {
	if err := e.pack(c.Tx); err != nil {
		return err
	}
	e.UpdatedAt = store.Micros(s.now())
	if err := store.Changed(c.Tx.UpdateEndpoint(ctx, store.UpdateEndpointParams{
		ID: e.ID, Revision: e.Revision, Status: e.Status, Url: e.Url, Types: e.Types, Scopes: e.Scopes, Scheme: e.Scheme, Description: e.Description,
		Keys: e.Keys, ChallengeAt: e.ChallengeAt, ChallengeFailure: e.ChallengeFailure, ChallengeStatus: e.ChallengeStatus, UpdatedAt: e.UpdatedAt,
	})); err != nil {
		return err
	}
	e.Revision++
	return nil
}

// answer saves the endpoint and shows it.
func (s *Service) answer(ctx context.Context, c *call.Call, e *endpoint) (*contract.Endpoint, error) {
	if err := s.save(ctx, c, e); err != nil {
		return nil, err
	}
	return s.view(ctx, c, e)
}

// mustAnswer makes the endpoint wait for the answer to a challenge; ask sends it.
func (s *Service) mustAnswer(e *endpoint) {
	e.Status, e.ChallengeAt, e.ChallengeFailure, e.ChallengeStatus = string(contract.EndpointStatusPending), store.Micros(s.now()), "", 0
}

// ask sends a ping, which is the challenge, in place of those that are on their way.
func (s *Service) ask(ctx context.Context, c *call.Call, e *endpoint) error {
	return deliver.Challenge(ctx, c.Tx, e.ID, s.now(), func(eventID, challenge string) ([]byte, error) {
		return json.Marshal(about(c, e, contract.Event{ID: eventID, Type: deliver.PingType, Live: c.Live, Data: contract.Data{Challenge: challenge}}))
	})
}

// about completes an event that nobody but the endpoint is sent, and that tells of it.
func about(c *call.Call, e *endpoint, event contract.Event) contract.Event {
	event.Timestamp, event.APIVersion, event.Tenant = c.Now, apiVersion, e.Owner
	event.Subject = contract.Subject{Type: resource, ID: e.ID, Version: e.Revision, URL: kindOf(resource).path + e.ID}
	return event
}
