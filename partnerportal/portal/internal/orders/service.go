// Package orders is the portal's room for orders: it makes one of an accepted quote, holds it against what has changed since, and keeps
// where each unit of it is.
//
// states.go is the table of what may happen; lines.go counts units. An operation changes a [dossier], a working copy of one order, and saves it
// once. What an order brings about elsewhere goes over the feed, in the same transaction: the quote is ordered, the deal proposed as won,
// the commission earned; of an order that comes to nothing, the quote is free again. What is done to an order locks it, and then what it changes
// elsewhere; what places one locks its quote, and then its partner's orders.
package orders

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/offer"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	contract "github.com/partnerportal/partnerportal-go/quotes/orders"
)

// resource is the type of orders in the feed and among the external references.
const resource = "order"

// Service implements the orders operations of the contract.
type Service struct {
	models   *offer.Models
	finance  bool          // there is a finance system, which may give credit
	freshFor time.Duration // after which what it said is stale
}

var _ contract.Server = (*Service)(nil)

// New returns a Service that holds configurations against these models. Only where there is a finance system is credit looked at; what it said is
// stale after freshFor.
func New(models *offer.Models, finance bool, freshFor time.Duration) *Service {
	return &Service{models, finance, freshFor}
}

// order is an order as it is stored. What depends on the reader is empty.
type order struct {
	contract.Order

	HeldFrom  contract.Status `json:"held_from,omitzero"`  // to which a release goes back
	AskedFrom contract.Status `json:"asked_from,omitzero"` // to which it goes back if it is not canceled
}

func decode(doc string) (*order, error) {
	o := new(order)
	if err := json.Unmarshal([]byte(doc), o); err != nil {
		return nil, fmt.Errorf("an order: %w", err)
	}
	return o, nil
}

// read returns an order that the caller may know of.
func read(ctx context.Context, c *call.Call, id string) (*order, error) {
	doc, err := c.Tx.Order(ctx, id)
	if err != nil {
		return nil, call.OrNotFound(err, resource)
	}
	o, err := decode(doc)
	if err != nil {
		return nil, err
	}
	if c.Caller.Side == partnerportal.SidePartner && o.PartnerID != c.Caller.PartnerID {
		return nil, call.NotFound(resource)
	}
	return o, nil
}

// take reads an order that the caller may know of, to change it: whoever else wants to waits.
func take(ctx context.Context, c *call.Call, id, ifMatch string) (*dossier, error) {
	if err := c.Tx.Lock(ctx, "order/"+id); err != nil {
		return nil, err
	}
	o, err := read(ctx, c, id)
	if err != nil {
		return nil, err
	}
	if err := problem.Unchanged("The "+resource, ifMatch, o.Revision); err != nil {
		return nil, err
	}
	return &dossier{order: *o, read: o.Revision}, nil
}

// act takes an order out for an action that its state and the caller's side must allow.
func act(ctx context.Context, id, ifMatch string, action contract.Action) (*call.Call, *dossier, error) {
	c := call.From(ctx)
	d, err := take(ctx, c, id, ifMatch)
	if err != nil {
		return nil, nil, err
	}
	if err := table.Check(resource, d.Status, action, c.Caller, allowed(&d.order, c.Caller)); err != nil {
		return nil, nil, err
	}
	return c, d, nil
}

// view is the order as the caller sees it.
func (o *order) view(c *call.Call) *contract.Order {
	seen := o.Order
	seen.AllowedActions, seen.EditableFields = allowed(o, c.Caller), editable(o, c.Caller)
	seen.CreatedBy = feed.ActorFor(seen.CreatedBy, c.Caller.Side)
	seen.Invoices = slices.Clone(o.Invoices)
	for i := range seen.Invoices {
		seen.Invoices[i].AllowedActions = allowedOnInvoice(&seen.Invoices[i], c.Caller)
	}
	return &seen
}

// Get returns an order.
func (s *Service) Get(ctx context.Context, orderID string) (*contract.Order, error) {
	c := call.From(ctx)
	o, err := read(ctx, c, orderID)
	if err != nil {
		return nil, err
	}
	return o.view(c), nil
}

// GetByRef returns the order to which the partner gave the reference, or the vendor when it acknowledged it.
func (s *Service) GetByRef(ctx context.Context, system, refID string) (*contract.Order, error) {
	c := call.From(ctx)
	id, err := c.ByRef(ctx, resource, system, refID)
	if err != nil {
		return nil, err
	}
	return s.Get(ctx, id)
}
