package quotes

import (
	"context"
	"errors"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/quotes"
)

// listed is the start of a list: its page, order, what changed lately, and whose it is.
func listed(c *call.Call, table string, page store.Page, sort partnerportal.Sort, since time.Time, partnerIDs []string) (store.Query, error) {
	q := store.Query{Table: table, Page: page}
	if err := q.OrderBy(sort); err != nil {
		return q, err
	}
	q.UpdatedSince(since)
	if c.Caller.Side == partnerportal.SidePartner {
		if len(partnerIDs) > 0 {
			return q, problem.BadQuery("?partner_id", "not_permitted", "Only the vendor chooses among partners.")
		}
		q.Where("partner_id = ?", c.Caller.PartnerID)
	}
	store.WhereIn(&q, "partner_id", partnerIDs)
	return q, nil
}

// List returns a page of quotes: a partner's own, or all of them to the vendor.
func (s *Service) List(ctx context.Context, p *contract.ListParams) (*contract.Page, error) {
	c := call.From(ctx)
	q, err := listed(c, "quotes", store.Page{Cursor: p.Cursor, Limit: p.Limit, Segment: p.Segment}, p.Sort, p.UpdatedSince, p.PartnerID)
	if err != nil {
		return nil, err
	}
	store.WhereIn(&q, "status", p.Status)
	store.WhereIn(&q, "deal_id", p.DealID)
	if p.SessionID != "" {
		q.Where("session_id = ?", p.SessionID)
	}
	if p.Number != "" {
		q.Where("number = ?", p.Number)
	}
	if p.Latest {
		q.Where("latest = ?", 1)
	}
	if err := c.WhereRef(&q, quoteResource, p.ExternalRef); err != nil {
		return nil, err
	}
	return pageOf(ctx, c, q)
}

func pageOf(ctx context.Context, c *call.Call, q store.Query) (*contract.Page, error) {
	items, next, err := store.List(ctx, c.Tx, q, func(dest func(...any) error) (contract.Quote, error) {
		var doc string
		if err := dest(&doc); err != nil {
			return contract.Quote{}, err
		}
		r, err := decodeQuote(doc)
		if err != nil {
			return contract.Quote{}, err
		}
		return *r.seenBy(c), nil
	})
	if err != nil {
		return nil, err
	}
	return &contract.Page{Items: items, Page: partnerportal.PageInfo{NextCursor: next}}, nil
}

// ListVersions returns a page of the versions of a quote.
func (s *Service) ListVersions(ctx context.Context, quoteID string, p *contract.ListVersionsParams) (*contract.Page, error) {
	c := call.From(ctx)
	r, err := readQuote(ctx, c, quoteID)
	if err != nil {
		return nil, err
	}
	q := store.Query{Table: "quotes", Sort: "version", Desc: true, Page: store.Page{Cursor: p.Cursor, Limit: p.Limit, Segment: p.Segment}}
	q.Where("number = ?", r.Number)
	return pageOf(ctx, c, q)
}

// ListForDeal returns a page of the quotes for a deal that the caller may know of.
func (s *Service) ListForDeal(ctx context.Context, dealID string, p *contract.ListForDealParams) (*contract.Page, error) {
	c := call.From(ctx)
	if c.Caller.Side == partnerportal.SidePartner {
		if _, err := readDeal(ctx, c, dealID); err != nil {
			if errors.Is(err, partnerportal.ErrValidation) {
				return nil, call.NotFound("deal")
			}
			return nil, err
		}
	} else if _, err := c.Tx.Deal(ctx, dealID); err != nil {
		return nil, call.OrNotFound(err, "deal")
	}
	q := store.Query{Table: "quotes", Sort: "created_at", Desc: true, Page: store.Page{Cursor: p.Cursor, Limit: p.Limit, Segment: p.Segment}}
	q.Where("deal_id = ?", dealID)
	return pageOf(ctx, c, q)
}

// ListSpecialPricing returns a page of special pricing that the caller may know of.
func (s *Service) ListSpecialPricing(ctx context.Context, p *contract.ListSpecialPricingParams) (*contract.SpecialPricingPage, error) {
	c := call.From(ctx)
	q, err := listed(c, "special_pricings", store.Page{Cursor: p.Cursor, Limit: p.Limit, Segment: p.Segment}, p.Sort, p.UpdatedSince, p.PartnerID)
	if err != nil {
		return nil, err
	}
	if c.Caller.Vendor() {
		q.Where("submitted = 1")
	}
	store.WhereIn(&q, "status", p.Status)
	store.WhereIn(&q, "quote_id", p.QuoteID)
	store.WhereIn(&q, "deal_id", p.DealID)
	items, next, err := store.List(ctx, c.Tx, q, func(dest func(...any) error) (contract.SpecialPricing, error) {
		var doc string
		if err := dest(&doc); err != nil {
			return contract.SpecialPricing{}, err
		}
		b, err := decodeSpecial(doc)
		if err != nil {
			return contract.SpecialPricing{}, err
		}
		return *b.seenBy(c), nil
	})
	if err != nil {
		return nil, err
	}
	return &contract.SpecialPricingPage{Items: items, Page: partnerportal.PageInfo{NextCursor: next}}, nil
}
