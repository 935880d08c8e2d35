package deals

import (
	"context"
	"encoding/json"
	"slices"

	contract "github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/match"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// List returns a page of deals: a partner's own, or all of them to the vendor.
func (s *Service) List(ctx context.Context, params *contract.ListParams) (*contract.Page, error) {
	c := call.From(ctx)
	q := store.Query{Table: "deals", Page: store.Page{Cursor: params.Cursor, Limit: params.Limit, Segment: params.Segment}}
	if err := q.OrderBy(params.Sort); err != nil {
		return nil, err
	}
	if c.Caller.Side == partnerportal.SidePartner {
		q.Where("partner_id = ?", c.Caller.PartnerID)
		if slices.ContainsFunc(params.PartnerID, func(id string) bool { return id != c.Caller.PartnerID }) {
			return nil, problem.BadQuery("?partner_id", "not_permitted", "Only the vendor chooses among partners.")
		}
	} else {
		store.WhereIn(&q, "partner_id", params.PartnerID)
	}
	store.WhereIn(&q, "status", params.Status)
	store.WhereIn(&q, "outcome", params.Outcome)
	store.WhereIn(&q, "program_id", params.ProgramID)
	q.UpdatedSince(params.UpdatedSince)
	if !params.ExpiresBefore.IsZero() {
		q.Where("expires_at > 0 AND expires_at < ?", store.Micros(params.ExpiresBefore))
	}
	if err := c.WhereRef(&q, resource, params.ExternalRef); err != nil {
		return nil, err
	}
	if err := whereDomain(&q, params.CustomerDomain); err != nil {
		return nil, err
	}
	items, next, err := store.List(ctx, c.Tx, q, func(dest func(...any) error) (contract.Deal, error) {
		r, err := scanDoc[record](dest)
		if err != nil {
			return contract.Deal{}, err
		}
		return *view(c, r), nil
	})
	if err != nil {
		return nil, err
	}
	return &contract.Page{Items: items, Page: partnerportal.PageInfo{NextCursor: next}}, nil
}

func whereDomain(q *store.Query, domain string) error {
	if domain == "" {
		return nil
	}
	host, err := match.Domain(domain)
	if err != nil {
		return problem.BadQuery("?customer_domain", "invalid_value", "Give a domain that identifies a customer, such as acme.com.")
	}
	q.Where("customer_domain = ?", host.Site)
	return nil
}

func scanDoc[T any](dest func(...any) error) (*T, error) {
	var doc string
	if err := dest(&doc); err != nil {
		return nil, err
	}
	v := new(T)
	return v, json.Unmarshal([]byte(doc), v)
}

// listParts returns a page of what hangs on a deal, as the caller may see it.
func listParts[T any](ctx context.Context, dealID, kind string, page store.Page, see func(*call.Call, *T) *T) ([]T, partnerportal.PageInfo, error) {
	c := call.From(ctx)
	if _, err := read(ctx, c, dealID); err != nil {
		return nil, partnerportal.PageInfo{}, err
	}
	q := store.Query{Table: "deal_parts", Sort: "created_at", Desc: true, Page: page}
	q.Where("deal_id = ?", dealID)
	q.Where("kind = ?", kind)
	q.Where("side IN (?, ?)", bothSides, string(c.Caller.Side))
	items, next, err := store.List(ctx, c.Tx, q, func(dest func(...any) error) (T, error) {
		v, err := scanDoc[T](dest)
		if err != nil {
			return *new(T), err
		}
		return *see(c, v), nil
	})
	return items, partnerportal.PageInfo{NextCursor: next}, err
}

// ListExtensions returns a page of a deal's extensions.
func (s *Service) ListExtensions(ctx context.Context, dealID string, p *contract.ListExtensionsParams) (*contract.ExtensionPage, error) {
	items, page, err := listParts(ctx, dealID, partExtension, store.Page{Cursor: p.Cursor, Limit: p.Limit, Segment: p.Segment}, extensionView)
	if err != nil {
		return nil, err
	}
	return &contract.ExtensionPage{Items: items, Page: page}, nil
}

// ListAmendments returns a page of a deal's amendments.
func (s *Service) ListAmendments(ctx context.Context, dealID string, p *contract.ListAmendmentsParams) (*contract.AmendmentPage, error) {
	items, page, err := listParts(ctx, dealID, partAmendment, store.Page{Cursor: p.Cursor, Limit: p.Limit, Segment: p.Segment}, amendmentView)
	if err != nil {
		return nil, err
	}
	return &contract.AmendmentPage{Items: items, Page: page}, nil
}

// ListAttachments returns a page of what is attached to a deal.
func (s *Service) ListAttachments(ctx context.Context, dealID string, p *contract.ListAttachmentsParams) (*contract.AttachmentPage, error) {
	items, page, err := listParts(ctx, dealID, partAttachment, store.Page{Cursor: p.Cursor, Limit: p.Limit, Segment: p.Segment}, func(c *call.Call, a *contract.Attachment) *contract.Attachment {
		a.CreatedBy = feed.ActorFor(a.CreatedBy, c.Caller.Side)
		return a
	})
	if err != nil {
		return nil, err
	}
	return &contract.AttachmentPage{Items: items, Page: page}, nil
}

// ListNotes returns a page of a deal's notes.
func (s *Service) ListNotes(ctx context.Context, dealID string, p *contract.ListNotesParams) (*partnerportal.NotePage, error) {
	items, page, err := listParts(ctx, dealID, partNote, store.Page{Cursor: p.Cursor, Limit: p.Limit, Segment: p.Segment}, func(c *call.Call, n *partnerportal.Note) *partnerportal.Note {
		n.Author = feed.ActorFor(n.Author, c.Caller.Side)
		return n
	})
	if err != nil {
		return nil, err
	}
	return &partnerportal.NotePage{Items: items, Page: page}, nil
}

// ListConflicts returns a page of conflicts: of a partner's own deals, or all of them to the vendor.
func (s *Service) ListConflicts(ctx context.Context, params *contract.ListConflictsParams) (*contract.ConflictPage, error) {
	q := store.Query{Page: store.Page{Cursor: params.Cursor, Limit: params.Limit, Segment: params.Segment}}
	store.WhereIn(&q, "status", params.Status)
	q.UpdatedSince(params.UpdatedSince)
	return listConflicts(ctx, q)
}

// ListDealConflicts returns a page of a deal's conflicts.
func (s *Service) ListDealConflicts(ctx context.Context, dealID string, p *contract.ListDealConflictsParams) (*contract.ConflictPage, error) {
	if _, err := read(ctx, call.From(ctx), dealID); err != nil {
		return nil, err
	}
	q := store.Query{Page: store.Page{Cursor: p.Cursor, Limit: p.Limit, Segment: p.Segment}}
	q.Where("deal_id = ?", dealID)
	return listConflicts(ctx, q)
}

func listConflicts(ctx context.Context, q store.Query) (*contract.ConflictPage, error) {
	c := call.From(ctx)
	q.Table, q.Sort, q.Desc = "conflicts", "created_at", true
	if c.Caller.Side == partnerportal.SidePartner {
		q.Where("partner_id = ?", c.Caller.PartnerID)
	}
	items, next, err := store.List(ctx, c.Tx, q, func(dest func(...any) error) (contract.Conflict, error) {
		cf, err := scanDoc[conflict](dest)
		if err != nil {
			return contract.Conflict{}, err
		}
		return *viewConflict(c, cf), nil
	})
	if err != nil {
		return nil, err
	}
	return &contract.ConflictPage{Items: items, Page: partnerportal.PageInfo{NextCursor: next}}, nil
}
