package mdf

import (
	"context"
	"time"

	contract "github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// listed is the start of a list: its page, order, and what changed lately.
func listed(table string, page store.Page, sort partnerportal.Sort, since time.Time) (store.Query, error) {
	q := store.Query{Table: table, Page: page}
	if err := q.OrderBy(sort); err != nil {
		return q, err
	}
	q.UpdatedSince(since)
	return q, nil
}

// owned keeps what is the caller's, or what is of the partners that the vendor asks for.
func owned(q *store.Query, c *call.Call, partnerIDs []string) error {
	if c.Caller.Side != partnerportal.SidePartner {
		store.WhereIn(q, "partner_id", partnerIDs)
		return nil
	}
	if len(partnerIDs) > 0 {
		return problem.BadQuery("?partner_id", "not_permitted", "Only the vendor may ask for other partners' money.")
	}
	q.Where("partner_id = ?", c.Caller.PartnerID)
	return nil
}

// documents reads a page of stored documents as the caller sees them.
func documents[T, V any](ctx context.Context, c *call.Call, q store.Query, view func(*T) *V) ([]V, partnerportal.PageInfo, error) {
	items, next, err := store.List(ctx, c.Tx, q, func(dest func(...any) error) (v V, err error) {
		var doc string
		if err := dest(&doc); err != nil {
			return v, err
		}
		t, err := decode[T](doc)
		if err != nil {
			return v, err
		}
		return *view(t), nil
	})
	return items, partnerportal.PageInfo{NextCursor: next}, err
}

// ListFunds returns a page of the funds that the caller may know of.
func (s *Service) ListFunds(ctx context.Context, p *contract.ListFundsParams) (*contract.FundPage, error) {
	c := call.From(ctx)
	q, err := listed("mdf_funds", store.Page{Cursor: p.Cursor, Limit: p.Limit, Segment: p.Segment}, p.Sort, p.UpdatedSince)
	if err != nil {
		return nil, err
	}
	if c.Caller.Side == partnerportal.SidePartner {
		own, err := directory.LoadPartner(ctx, c.Tx, c.Caller.PartnerID)
		if err != nil {
			return nil, err
		}
		q.Where("status <> ?", string(contract.FundStatusDraft))
		q.Where("(program_id = ? OR id IN (SELECT fund_id FROM mdf_allocations WHERE partner_id = ?))", own.ProgramID, own.ID)
	}
	store.WhereIn(&q, "status", p.Status)
	store.WhereIn(&q, "kind", p.Kind)
	q.Columns = "doc, allocated"
	items, next, err := store.List(ctx, c.Tx, q, func(dest func(...any) error) (contract.Fund, error) {
		var doc string
		var allocated int64
		if err := dest(&doc, &allocated); err != nil {
			return contract.Fund{}, err
		}
		f, err := decodeFund(doc, allocated)
		if err != nil {
			return contract.Fund{}, err
		}
		return *f.seenBy(c), nil
	})
	if err != nil {
		return nil, err
	}
	return &contract.FundPage{Items: items, Page: partnerportal.PageInfo{NextCursor: next}}, nil
}

// ListTemplates returns a page of templates.
func (s *Service) ListTemplates(ctx context.Context, p *contract.ListTemplatesParams) (*contract.TemplatePage, error) {
	c := call.From(ctx)
	q, err := listed("mdf_templates", store.Page{Cursor: p.Cursor, Limit: p.Limit, Segment: p.Segment}, p.Sort, p.UpdatedSince)
	if err != nil {
		return nil, err
	}
	if !p.Retired {
		q.Where("retired = ?", 0)
	}
	items, page, err := documents(ctx, c, q, func(t *contract.Template) *contract.Template { return t })
	if err != nil {
		return nil, err
	}
	return &contract.TemplatePage{Items: items, Page: page}, nil
}

// ListAllocations returns a page of allocations.
func (s *Service) ListAllocations(ctx context.Context, p *contract.ListAllocationsParams) (*contract.AllocationPage, error) {
	c := call.From(ctx)
	q, err := listed("mdf_allocations", store.Page{Cursor: p.Cursor, Limit: p.Limit, Segment: p.Segment}, p.Sort, p.UpdatedSince)
	if err != nil {
		return nil, err
	}
	if err := owned(&q, c, p.PartnerID); err != nil {
		return nil, err
	}
	store.WhereIn(&q, "status", p.Status)
	store.WhereIn(&q, "fund_id", p.FundID)
	items, page, err := documents(ctx, c, q, func(a *allocation) *contract.Allocation { return a.seenBy(c) })
	if err != nil {
		return nil, err
	}
	return &contract.AllocationPage{Items: items, Page: page}, nil
}

// ListRequests returns a page of requests. Drafts are nobody's business but the partner's.
func (s *Service) ListRequests(ctx context.Context, p *contract.ListRequestsParams) (*contract.RequestPage, error) {
	c := call.From(ctx)
	q, err := listed("mdf_requests", store.Page{Cursor: p.Cursor, Limit: p.Limit, Segment: p.Segment}, p.Sort, p.UpdatedSince)
	if err != nil {
		return nil, err
	}
	if err := owned(&q, c, p.PartnerID); err != nil {
		return nil, err
	}
	if c.Caller.Vendor() {
		q.Where("status <> ?", string(contract.RequestStatusDraft))
	}
	store.WhereIn(&q, "status", p.Status)
	store.WhereIn(&q, "fund_id", p.FundID)
	if p.CampaignID != "" {
		q.Where("campaign_id = ?", p.CampaignID)
	}
	items, page, err := documents(ctx, c, q, func(r *request) *contract.Request { return r.seenBy(c) })
	if err != nil {
		return nil, err
	}
	return &contract.RequestPage{Items: items, Page: page}, nil
}

// ListClaims returns a page of claims. Drafts are nobody's business but the partner's.
func (s *Service) ListClaims(ctx context.Context, p *contract.ListClaimsParams) (*contract.ClaimPage, error) {
	c := call.From(ctx)
	q, err := listed("mdf_claims", store.Page{Cursor: p.Cursor, Limit: p.Limit, Segment: p.Segment}, p.Sort, p.UpdatedSince)
	if err != nil {
		return nil, err
	}
	if err := owned(&q, c, p.PartnerID); err != nil {
		return nil, err
	}
	if c.Caller.Vendor() {
		q.Where("status <> ?", string(contract.ClaimStatusDraft))
	}
	store.WhereIn(&q, "status", p.Status)
	store.WhereIn(&q, "request_id", p.RequestID)
	store.WhereIn(&q, "fund_id", p.FundID)
	items, page, err := documents(ctx, c, q, func(k *claim) *contract.Claim { return k.seenBy(c) })
	if err != nil {
		return nil, err
	}
	return &contract.ClaimPage{Items: items, Page: page}, nil
}

// ListEntries returns a page of the ledger: that of one allocation by its sequence, and otherwise the oldest entries first.
func (s *Service) ListEntries(ctx context.Context, p *contract.ListEntriesParams) (*contract.EntryPage, error) {
	c := call.From(ctx)
	q := store.Query{Table: "mdf_ledger", Sort: "created_at", Page: store.Page{Cursor: p.Cursor, Limit: p.Limit, Segment: p.Segment}}
	if err := owned(&q, c, p.PartnerID); err != nil {
		return nil, err
	}
	if p.AllocationID != "" {
		q.Sort = "sequence"
		q.Where("allocation_id = ?", p.AllocationID)
		q.Where("sequence > ?", p.After)
	} else if p.After != 0 {
		return nil, problem.BadQuery("?after", "required", "A sequence is that of one allocation: name it with allocation_id.")
	}
	store.WhereIn(&q, "fund_id", p.FundID)
	store.WhereIn(&q, "type", p.Type)
	if p.Account != "" {
		q.Where("(from_account = ? OR to_account = ?)", string(p.Account), string(p.Account))
	}
	if p.RequestID != "" {
		q.Where("request_id = ?", p.RequestID)
	}
	if p.ClaimID != "" {
		q.Where("claim_id = ?", p.ClaimID)
	}
	items, page, err := documents(ctx, c, q, func(e *contract.Entry) *contract.Entry { return entrySeenBy(c, e) })
	if err != nil {
		return nil, err
	}
	return &contract.EntryPage{Items: items, Page: page}, nil
}

// entrySeenBy is an entry as the caller sees it. The other end of a transfer may be another partner's.
func entrySeenBy(c *call.Call, e *contract.Entry) *contract.Entry {
	e.Actor = feed.ActorFor(e.Actor, c.Caller.Side)
	if c.Caller.Side == partnerportal.SidePartner {
		e.CounterpartID = ""
	}
	return e
}
