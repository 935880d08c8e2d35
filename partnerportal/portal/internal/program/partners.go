package program

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/partnerportal/program"
)

// ListPartners returns a page of partners; a partner sees itself.
func (s *Service) ListPartners(ctx context.Context, params *contract.ListPartnersParams) (*contract.PartnerPage, error) {
	c := call.From(ctx)
	q := store.Query{Table: "partners", Page: store.Page{Cursor: params.Cursor, Limit: params.Limit, Segment: params.Segment}}
	if err := q.OrderBy(params.Sort); err != nil {
		return nil, err
	}
	if !c.Caller.Vendor() {
		q.Where("id = ?", c.Caller.PartnerID)
	}
	q.UpdatedSince(params.UpdatedSince)
	store.WhereIn(&q, "status", params.Status)
	store.WhereIn(&q, "program_id", params.ProgramID)
	if params.ExternalRef != "" {
		system, id, ok := strings.Cut(params.ExternalRef, ":")
		if !ok {
			return nil, problem.BadQuery("?external_ref", "invalid_format", `Write the reference as "system:id".`)
		}
		q.Where("id IN (SELECT resource_id FROM external_refs WHERE owner = ? AND resource_type = ? AND system = ? AND ref_id = ?)",
			c.Caller.Owner(), partnerResource, system, id)
	}
	items, next, err := store.List(ctx, c.Tx, q, func(dest func(...any) error) (p contract.Partner, err error) {
		var doc string
		if err := dest(&doc); err != nil {
			return p, err
		}
		err = json.Unmarshal([]byte(doc), &p)
		return *partnerFor(c, &p), err
	})
	if err != nil {
		return nil, err
	}
	return &contract.PartnerPage{Items: items, Page: partnerportal.PageInfo{NextCursor: next}}, nil
}

// GetPartner returns a partner.
func (s *Service) GetPartner(ctx context.Context, partnerID string) (*contract.Partner, error) {
	c := call.From(ctx)
	p, err := readPartner(ctx, c, partnerID)
	if err != nil {
		return nil, err
	}
	return partnerFor(c, p), nil
}

func readPartner(ctx context.Context, c *call.Call, partnerID string) (*contract.Partner, error) {
	if !c.Caller.Vendor() && partnerID != c.Caller.PartnerID {
		return nil, call.NotFound(partnerResource)
	}
	p, err := directory.LoadPartner(ctx, c.Tx, partnerID)
	return p, call.OrNotFound(err, partnerResource)
}

// partnerFor is a partner as the caller may see it.
func partnerFor(c *call.Call, p *contract.Partner) *contract.Partner {
	p.AllowedActions = partners.allowed(c.Caller, p.Status)
	if !c.Caller.Vendor() {
		p.ExternalRefs = nil // the vendor's, of its own systems
	}
	return p
}

// InvitePartner invites a company, or records that it applied.
func (s *Service) InvitePartner(ctx context.Context, body *contract.Invitation) (*contract.Partner, error) {
	c := call.From(ctx)
	if err := c.OnlyVendor(); err != nil {
		return nil, err
	}
	p := &contract.Partner{
		ID: ids.New(ids.Partner, c.Now), Status: invited, ProgramID: body.ProgramID, Name: body.Name, LegalName: body.LegalName, Types: body.Types,
		Country: body.Country, Website: body.Website, Domains: body.Domains, Territories: body.Territories, Families: body.Families,
		Currency: body.Currency, AccountManager: body.AccountManager, Contact: body.Contact, ExternalRefs: body.ExternalRefs,
	}
	event := contract.EventPartnerInvited
	if body.Applied {
		p.Status, event = applied, contract.EventPartnerApplied
	}
	if err := directory.CheckPartner(p); err != nil {
		return nil, err
	}
	if err := alone(ctx, c, p); err != nil {
		return nil, err
	}
	if err := directory.CreatePartner(ctx, c.Tx, p, c.Now); err != nil {
		return nil, err
	}
	return partnerFor(c, p), emitPartner(ctx, c, p, event, "/status")
}

// alone refuses a partner that is there already. Invitations with the same domain come one after the other.
func alone(ctx context.Context, c *call.Call, p *contract.Partner) error {
	for _, domain := range slices.Sorted(slices.Values(p.Domains)) {
		if err := c.Tx.Lock(ctx, "partner of "+domain); err != nil {
			return err
		}
	}
	return directory.OwnDomains(ctx, c.Tx, p)
}

// StartPartnerReview takes an application into review.
func (s *Service) StartPartnerReview(ctx context.Context, partnerID, ifMatch string) (*contract.Partner, error) {
	return s.decide(ctx, partnerID, ifMatch, contract.PartnerActionStartReview, "")
}

// RequestPartnerChanges sends an application back.
func (s *Service) RequestPartnerChanges(ctx context.Context, partnerID, ifMatch string, body *contract.Ruling) (*contract.Partner, error) {
	return s.decide(ctx, partnerID, ifMatch, contract.PartnerActionRequestChanges, body.Reason)
}

// RejectPartner refuses an application.
func (s *Service) RejectPartner(ctx context.Context, partnerID, ifMatch string, body *contract.Ruling) (*contract.Partner, error) {
	return s.decide(ctx, partnerID, ifMatch, contract.PartnerActionReject, body.Reason)
}

// SuspendPartner takes a partner's access away.
func (s *Service) SuspendPartner(ctx context.Context, partnerID, ifMatch string, body *contract.Ruling) (*contract.Partner, error) {
	return s.decide(ctx, partnerID, ifMatch, contract.PartnerActionSuspend, body.Reason)
}

// ReinstatePartner gives a suspended partner its access back.
func (s *Service) ReinstatePartner(ctx context.Context, partnerID, ifMatch string, body *contract.Ruling) (*contract.Partner, error) {
	return s.decide(ctx, partnerID, ifMatch, contract.PartnerActionReinstate, body.Reason)
}

// ApprovePartner lets a partner in and makes it a member of its programme.
func (s *Service) ApprovePartner(ctx context.Context, partnerID, ifMatch string, body *contract.PartnerApproval) (*contract.Partner, error) {
	c, p, event, err := s.act(ctx, partnerID, ifMatch, contract.PartnerActionApprove)
	if err != nil {
		return nil, err
	}
	rules, tier, err := openProgram(ctx, c, p.ProgramID, body.TierID)
	if err != nil {
		return nil, err
	}
	before := *p
	p.Status, p.Reason = in, body.Comment
	directory.SetTier(p, tier)
	if err := s.savePartner(ctx, c, &before, p, event, "/status", "/tier"); err != nil {
		return nil, err
	}
	if _, err := enrol(ctx, c, rules, tier, p.ID, active); err != nil {
		return nil, err
	}
	return partnerFor(c, p), nil
}

// TerminatePartner ends the partnership, and its memberships.
func (s *Service) TerminatePartner(ctx context.Context, partnerID, ifMatch string, body *contract.Ruling) (*contract.Partner, error) {
	c := call.From(ctx)
	if _, err := s.decide(ctx, partnerID, ifMatch, contract.PartnerActionTerminate, body.Reason); err != nil {
		return nil, err
	}
	members, err := directory.MembersOf(ctx, c.Tx, partnerID)
	if err != nil {
		return nil, err
	}
	for _, m := range members {
		if err := terminate(ctx, c, m, body.Reason); err != nil {
			return nil, err
		}
	}
	return s.GetPartner(ctx, partnerID)
}

// decide does what only changes a partner's state.
func (s *Service) decide(ctx context.Context, partnerID, ifMatch string, action contract.PartnerAction, reason string) (*contract.Partner, error) {
	c, p, event, err := s.act(ctx, partnerID, ifMatch, action)
	if err != nil {
		return nil, err
	}
	before := *p
	p.Status, _, _ = partners.next(p.Status, action)
	p.Reason = reason
	if err := s.savePartner(ctx, c, &before, p, event, "/status", "/reason"); err != nil {
		return nil, err
	}
	return partnerFor(c, p), nil
}

// act takes a partner out for an action that its state must allow.
func (s *Service) act(ctx context.Context, partnerID, ifMatch string, action contract.PartnerAction) (*call.Call, *contract.Partner, string, error) {
	c := call.From(ctx)
	if err := c.OnlyVendor(); err != nil {
		return nil, nil, "", err
	}
	if err := c.Tx.Lock(ctx, "partner "+partnerID); err != nil {
		return nil, nil, "", err
	}
	p, err := readPartner(ctx, c, partnerID)
	if err != nil {
		return nil, nil, "", err
	}
	if err := problem.Unchanged("The "+partnerResource, ifMatch, p.Revision); err != nil {
		return nil, nil, "", err
	}
	_, event, ok := partners.next(p.Status, action)
	if !ok {
		return nil, nil, "", problem.Untimely(partnerResource, p.Status, action, partners.allowed(c.Caller, p.Status))
	}
	return c, p, event, nil
}

// UpdatePartner changes what is said of a partner.
func (s *Service) UpdatePartner(ctx context.Context, partnerID, ifMatch string, body *contract.PartnerPatch) (*contract.Partner, error) {
	c, p, event, err := s.act(ctx, partnerID, ifMatch, contract.PartnerActionUpdate)
	if err != nil {
		return nil, err
	}
	before := *p
	body.Name.Apply(&p.Name)
	body.LegalName.Apply(&p.LegalName)
	body.Types.Apply(&p.Types)
	body.Country.Apply(&p.Country)
	body.Website.Apply(&p.Website)
	body.Domains.Apply(&p.Domains)
	body.Territories.Apply(&p.Territories)
	body.Families.Apply(&p.Families)
	body.Currency.Apply(&p.Currency)
	body.AccountManager.Apply(&p.AccountManager)
	body.Contact.Apply(&p.Contact)
	body.ExternalRefs.Apply(&p.ExternalRefs)
	if err := directory.CheckPartner(p); err != nil {
		return nil, err
	}
	if err := alone(ctx, c, p); err != nil {
		return nil, err
	}
	named, err := call.Named(body)
	if err != nil {
		return nil, err
	}
	if err := s.savePartner(ctx, c, &before, p, event, named...); err != nil {
		return nil, err
	}
	return partnerFor(c, p), nil
}

func (s *Service) savePartner(ctx context.Context, c *call.Call, before, p *contract.Partner, event string, changed ...string) error {
	if err := directory.SavePartner(ctx, c.Tx, before, p, c.Now); err != nil {
		return err
	}
	if before.Active() != p.Active() {
		c.OnCommit(s.forget)
	}
	return emitPartner(ctx, c, p, event, changed...)
}

func emitPartner(ctx context.Context, c *call.Call, p *contract.Partner, event string, changed ...string) error {
	return c.Emit(ctx, feed.Event{
		Type: event, ResourceType: partnerResource, ResourceID: p.ID, Revision: p.Revision, PartnerID: p.ID, Audience: feed.Both,
		Facts: map[string]any{}, ChangedFields: changed, State: string(p.Status),
	})
}

// openProgram is a programme that takes members, with the tier that they start in: the one named, or else the lowest.
func openProgram(ctx context.Context, c *call.Call, programID, tierID string) (*contract.Program, *contract.Tier, error) {
	p, err := directory.Load(ctx, c.Tx, programID)
	if err != nil {
		return nil, nil, err
	}
	if !p.InForce() {
		return nil, nil, problem.New(http.StatusConflict, contract.ErrNotActive, "The programme takes no members: it is "+string(p.Status)+".")
	}
	if tierID == "" {
		return p, directory.LowestTier(p), nil
	}
	tier := directory.TierOf(p, tierID)
	if tier == nil {
		return nil, nil, noSuchTier(p)
	}
	return p, tier, nil
}

func noSuchTier(p *contract.Program) error {
	known := make([]string, len(p.Tiers))
	for i, t := range p.Tiers {
		known[i] = t.ID
	}
	return problem.Invalid("/tier_id", "invalid_value", "The programme has no such tier. Its tiers are: "+strings.Join(known, ", ")+".")
}
