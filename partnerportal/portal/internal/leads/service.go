package leads

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
)

// Service implements the leads operations of the contract.
type Service struct{}

var _ leads.Server = (*Service)(nil)

// New returns a Service.
func New() *Service { return &Service{} }

// vendor is the owner of what is not a partner's; see [call.Caller.Owner].
const vendor = "vendor"

// resource is the type of leads in the feed and among the external references.
const resource = "lead"

// Create makes a lead of the vendor's, or takes a partner's referral in.
func (s *Service) Create(ctx context.Context, body *leads.NewLead) (*leads.Lead, error) {
	c := call.From(ctx)
	return create(ctx, c, body)
}

func create(ctx context.Context, c *call.Call, body *leads.NewLead) (*leads.Lead, error) {
	d := &dossier{record: record{Lead: leads.Lead{
		ID: ids.New(ids.Lead, c.Now), Direction: down, Status: leads.StatusNew, Livemode: c.Live, CreatedAt: c.Now,
	}}}
	event := leads.EventCreated
	if c.Caller.Side == partnerportal.SidePartner {
		if !body.Consent.MayContact {
			return nil, consentMissing(422)
		}
		d.Direction, d.Status, d.PartnerID, event = up, leads.StatusSubmitted, c.Caller.PartnerID, leads.EventSubmitted
	}
	if err := d.fill(ctx, c, body); err != nil {
		return nil, err
	}
	if err := d.setRefs(ctx, c, body.ExternalRefs); err != nil {
		return nil, err
	}
	number, err := c.Tx.NextNumber(ctx, resource)
	if err != nil {
		return nil, err
	}
	d.Number = fmt.Sprintf("L-%06d", number)
	if err := d.save(ctx, c); err != nil {
		return nil, err
	}
	if err := d.emit(ctx, c, happened{event: event, partnerID: d.PartnerID}); err != nil {
		return nil, err
	}
	return d.answer(c), nil
}

// Get returns a lead as the caller may see it.
func (s *Service) Get(ctx context.Context, leadID string) (*leads.Lead, error) {
	c := call.From(ctx)
	if c.Caller.Side == partnerportal.SidePartner {
		doc, err := c.Tx.LeadView(ctx, store.LeadViewParams{LeadID: leadID, PartnerID: c.Caller.PartnerID})
		if err != nil {
			return nil, call.OrNotFound(err, resource)
		}
		return decodeView(c, doc)
	}
	r, err := readRecord(ctx, c, leadID)
	if err != nil {
		return nil, err
	}
	return withAffordances(r.forVendor(), c.Caller, c.Now), nil
}

// GetByRef returns the lead to which the caller gave the reference.
func (s *Service) GetByRef(ctx context.Context, system, refID string) (*leads.Lead, error) {
	c := call.From(ctx)
	id, err := c.ByRef(ctx, resource, system, refID)
	if err != nil {
		return nil, err
	}
	return s.Get(ctx, id)
}

func readRecord(ctx context.Context, c *call.Call, leadID string) (*record, error) {
	doc, err := c.Tx.Lead(ctx, leadID)
	if err != nil {
		return nil, call.OrNotFound(err, resource)
	}
	r := new(record)
	if err := json.Unmarshal([]byte(doc), r); err != nil {
		return nil, fmt.Errorf("lead %s: %w", leadID, err)
	}
	return r, nil
}

func decodeView(c *call.Call, doc string) (*leads.Lead, error) {
	seen := new(leads.Lead)
	if err := json.Unmarshal([]byte(doc), seen); err != nil {
		return nil, fmt.Errorf("a partner's view of a lead: %w", err)
	}
	return withAffordances(seen, c.Caller, c.Now), nil
}

// rules are the lead's programme's.
func (d *dossier) rules(ctx context.Context, c *call.Call) (policy.LeadRules, error) {
	p, err := directory.Load(ctx, c.Tx, d.ProgramID)
	if err != nil {
		return policy.LeadRules{}, err
	}
	return p.Lead, nil
}
