package events

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	contract "github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// maxEndpoints is how many endpoints an owner may have.
const maxEndpoints = 20

// CreateEndpoint registers an endpoint and sends it a challenge.
func (s *Service) CreateEndpoint(ctx context.Context, body *contract.EndpointForm) (*contract.EndpointSecret, error) {
	c := call.From(ctx)
	e := &endpoint{WebhookEndpoint: store.WebhookEndpoint{ID: ids.New(ids.Endpoint, s.now()), Owner: c.Caller.Owner(), Revision: 1, Description: body.Description}}
	if err := s.aim(c, e, body.URL, body.Types); err != nil {
		return nil, err
	}
	if err := roomLeft(ctx, c); err != nil {
		return nil, err
	}
	head, err := c.Tx.FeedHead(ctx) // it is sent what happens from now on
	if err != nil {
		return nil, err
	}
	secret := e.addKey(body.Scheme, s.now())
	s.mustAnswer(e)
	if err := e.pack(c.Tx); err != nil {
		return nil, err
	}
	e.CreatedAt = e.ChallengeAt
	e.UpdatedAt = e.CreatedAt
	if err := c.Tx.InsertEndpoint(ctx, store.InsertEndpointParams{
		ID: e.ID, Owner: e.Owner, Status: e.Status, Url: e.Url, Types: e.Types, Scopes: e.Scopes, Scheme: e.Scheme, Description: e.Description,
		Keys: e.Keys, Position: head, ChallengeAt: e.ChallengeAt, CreatedAt: e.CreatedAt, Bucket: store.Bucket(e.ID),
	}); err != nil {
		return nil, err
	}
	if err := s.ask(ctx, c, e); err != nil {
		return nil, err
	}
	return s.withSecret(ctx, c, e, secret)
}

// roomLeft refuses one endpoint too many. Two that are registered at once are counted one after the other.
func roomLeft(ctx context.Context, c *call.Call) error {
	if err := c.Tx.Lock(ctx, "webhook endpoints of "+c.Caller.Owner()); err != nil {
		return err
	}
	n, err := c.Tx.CountEndpoints(ctx, c.Caller.Owner())
	if err == nil && n >= maxEndpoints {
		err = problem.New(http.StatusConflict, contract.ErrTooManyEndpoints,
			"There are "+strconv.Itoa(maxEndpoints)+" webhook endpoints, which is as many as one may have. Delete one first.")
	}
	return err
}

// UpdateEndpoint changes what the patch names.
func (s *Service) UpdateEndpoint(ctx context.Context, endpointID, ifMatch string, body *contract.EndpointPatch) (*contract.Endpoint, error) {
	c, e, err := s.open(ctx, endpointID, ifMatch, contract.EndpointActionUpdate)
	if err != nil {
		return nil, err
	}
	before := *e
	target, wanted := e.Url, e.wanted
	body.URL.Apply(&target)
	body.Types.Apply(&wanted)
	body.Description.Apply(&e.Description)
	if !body.URL.IsZero() || !body.Types.IsZero() {
		if err := s.aim(c, e, target, wanted); err != nil {
			return nil, err
		}
	}
	moved := e.Url != before.Url
	if moved {
		s.mustAnswer(e)
	}
	if err := s.save(ctx, c, e); err != nil {
		return nil, err
	}
	if moved {
		if err := s.ask(ctx, c, e); err != nil {
			return nil, err
		}
	}
	if err := e.forget(ctx, c, before.opens); err != nil {
		return nil, err
	}
	return s.view(ctx, c, e)
}

// forget drops the deliveries of kinds that the endpoint was sent before and is not any more. They wait, or can be sent again, with what
// somebody with more scopes could read; now they would reach whoever has fewer.
func (e *endpoint) forget(ctx context.Context, c *call.Call, opened []string) error {
	for _, k := range kinds {
		if !slices.Contains(opened, k.scope) || slices.Contains(e.opens, k.scope) {
			continue
		}
		if err := c.Tx.DropDeliveriesOfKind(ctx, store.DropDeliveriesOfKindParams{EndpointID: e.ID, Prefix: k.types + "."}); err != nil {
			return err
		}
	}
	return nil
}

// aim gives the endpoint its address and the events it wants, of those that the caller may read.
func (s *Service) aim(c *call.Call, e *endpoint, target string, wanted []string) error {
	if err := mayWant(c.Caller, wanted); err != nil {
		return err
	}
	if target != e.Url {
		u, err := s.guard.CheckURL(target)
		if err != nil {
			return notAllowed(err)
		}
		e.Url = u.String()
	}
	e.wanted, e.opens = append([]string{}, wanted...), []string{}
	for _, k := range kinds {
		if c.Caller.May(k.scope) {
			e.opens = append(e.opens, k.scope)
		}
	}
	e.opens = slices.Compact(e.opens)
	return nil
}

// mayWant refuses types that would never arrive, because there are none of the kind or because the caller may not read it.
func mayWant(caller call.Caller, wanted []string) error {
	var faults []partnerportal.FieldError
	refuse := func(i int, code, message string) {
		faults = append(faults, problem.Field("/types/"+strconv.Itoa(i), code, message))
	}
	for i, t := range wanted {
		name, _, _ := strings.Cut(t, ".")
		switch j := slices.IndexFunc(kinds, func(k kind) bool { return k.types == name }); {
		case j < 0:
			refuse(i, "invalid_value", "No event has a type that begins with "+name+".")
		case !caller.May(kinds[j].scope):
			refuse(i, "not_permitted", "Events whose type begins with "+name+" need the scope "+kinds[j].scope+".")
		}
	}
	if len(wanted) == 0 && !slices.ContainsFunc(kinds, func(k kind) bool { return caller.May(k.scope) }) {
		faults = append(faults, problem.Field("/types", "not_permitted", "The caller has none of the scopes that events need."))
	}
	if len(faults) > 0 {
		return invalid(faults...)
	}
	return nil
}
