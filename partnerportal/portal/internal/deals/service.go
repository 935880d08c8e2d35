// Package deals is the portal's deals room: it takes registrations, finds who holds a customer already, keeps the order in which
// partners came, and protects what the vendor approved.
//
// states.go is the table of what may happen. An operation changes a [dossier], a working copy of one deal, and saves it once;
// the view decides what a caller sees of it. Everything works on the transaction of the [call.Call] in the context.
//
// # Who is protected
//
// What a deal stands for is its claim: the customer and the scope it was submitted with. A claim counts from the submission until
// the deal is decided against, closed or expired, and only then. The rules that follow hold under every policy of a programme:
//
//   - The earlier priority blocks the later one, never the other way round, unless the earlier deal grew into the later one's
//     claim afterwards.
//   - No deal is approved with exclusive protection while another one is, for the same customer and an overlapping scope: not by
//     an override, not by an amendment, not by a reinstatement, not for the same partner.
//   - An approval that the vendor has ruled to be no conflict, or to be shared, is protected without exclusivity beside the
//     other one. A shared exclusive protection becomes shared on both sides.
//   - A services deal joins another partner's business: it claims no exclusivity, so it neither blocks nor is blocked.
package deals

import (
	"context"
	"encoding/json"
	"fmt"

	contract "github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
)

// resource is the type of deals in the feed and among the external references.
const resource = "deal"

// vendorOwner is whose references the vendor's are; see [call.Caller.Owner].
const vendorOwner = "vendor"

// Service implements the deals operations of the contract.
type Service struct {
	enricher Enricher
}

var _ contract.Server = (*Service)(nil)

// New returns a Service that asks enricher for what it does not know of a customer; nil asks the partner's own former deals.
func New(enricher Enricher) *Service {
	if enricher == nil {
		enricher = formerDeals{}
	}
	return &Service{enricher: enricher}
}

// Subscribe lets a converted lead become a draft, and a deal know of its quotes and orders.
func (s *Service) Subscribe(f *feed.Feed) {
	f.Subscribe("lead.converted", s.draftOfLead)
	f.Subscribe("quote.created", s.quoted)
	f.Subscribe("order.submitted", s.ordered)
	f.Subscribe("order.completed", s.arrived)
}

// Get returns a deal as the caller may see it.
func (s *Service) Get(ctx context.Context, dealID string) (*contract.Deal, error) {
	c := call.From(ctx)
	r, err := read(ctx, c, dealID)
	if err != nil {
		return nil, err
	}
	return view(c, r), nil
}

// GetByRef returns the deal to which the partner gave the reference, or the vendor by converting it.
func (s *Service) GetByRef(ctx context.Context, system, refID string) (*contract.Deal, error) {
	c := call.From(ctx)
	id, err := c.ByRef(ctx, resource, system, refID)
	if err != nil {
		return nil, err
	}
	return s.Get(ctx, id)
}

// read returns a deal that the caller may know of.
func read(ctx context.Context, c *call.Call, dealID string) (*record, error) {
	r, err := readAny(ctx, c, dealID)
	if err != nil {
		return nil, err
	}
	if c.Caller.Side == partnerportal.SidePartner && r.PartnerID != c.Caller.PartnerID {
		return nil, call.NotFound(resource)
	}
	return r, nil
}

func readAny(ctx context.Context, c *call.Call, dealID string) (*record, error) {
	doc, err := c.Tx.Deal(ctx, dealID)
	if err != nil {
		return nil, call.OrNotFound(err, resource)
	}
	return decodeRecord(dealID, doc)
}

func decodeRecord(id, doc string) (*record, error) {
	r := new(record)
	if err := json.Unmarshal([]byte(doc), r); err != nil {
		return nil, fmt.Errorf("deal %s: %w", id, err)
	}
	return r, nil
}

// open takes a deal out to be changed: the caller may know of it, and has read the revision that it states.
func (s *Service) open(ctx context.Context, c *call.Call, dealID, ifMatch string) (*dossier, error) {
	r, err := read(ctx, c, dealID)
	if err != nil {
		return nil, err
	}
	if err := matches(ctx, c, r.ID, r.Revision, ifMatch); err != nil {
		return nil, err
	}
	d, err := unfold(ctx, c, r)
	if err != nil {
		return nil, err
	}
	return d, s.settle(ctx, c, d)
}

// act takes a deal out for an action that its state and the caller's side must allow.
func (s *Service) act(ctx context.Context, dealID, ifMatch string, action contract.Action) (*call.Call, *dossier, error) {
	c := call.From(ctx)
	if err := rightSide(c.Caller, action); err != nil {
		return nil, nil, err
	}
	d, err := s.open(ctx, c, dealID, ifMatch)
	if err != nil {
		return nil, nil, err
	}
	if _, ok := next(d.Status, action); !ok {
		return nil, nil, invalidState(c, &d.record, action)
	}
	return c, d, nil
}

// answer saves the deal and shows it.
func (s *Service) answer(ctx context.Context, c *call.Call, d *dossier) (*contract.Deal, error) {
	if err := d.save(ctx, c); err != nil {
		return nil, err
	}
	return view(c, &d.record), nil
}

// settle lets a protection that is over end before anybody acts on the deal: the clock decides, not when its timer is served.
func (s *Service) settle(ctx context.Context, c *call.Call, d *dossier) error {
	if d.Status != contract.StatusApproved || c.Now.Before(d.Protection.ExpiresAt) {
		return nil
	}
	return c.As(call.System, func() error { return s.expire(ctx, c, d) })
}
