package leads

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// List returns a page of leads: the vendor's of all, a partner's of its views, so that filters and order go by what it sees.
func (s *Service) List(ctx context.Context, params *leads.ListParams) (*leads.Page, error) {
	c := call.From(ctx)
	q := store.Query{Table: "leads", Page: store.Page{Cursor: params.Cursor, Limit: params.Limit, Segment: params.Segment}}
	scan := scanRecord(c)
	if c.Caller.Side == partnerportal.SidePartner {
		q.Table, q.Tie = "lead_views", "lead_id"
		q.Where("partner_id = ?", c.Caller.PartnerID)
		scan = scanView(c)
		if len(params.PartnerID) > 0 {
			return nil, problem.BadQuery("?partner_id", "not_permitted", "Only the vendor may ask for other partners' leads.")
		}
	}
	if err := filter(&q, c, params); err != nil {
		return nil, err
	}
	items, next, err := store.List(ctx, c.Tx, q, scan)
	if err != nil {
		return nil, err
	}
	return &leads.Page{Items: items, Page: partnerportal.PageInfo{NextCursor: next}}, nil
}

func filter(q *store.Query, c *call.Call, params *leads.ListParams) error {
	if err := q.OrderBy(params.Sort); err != nil {
		return err
	}
	q.UpdatedSince(params.UpdatedSince)
	if params.ExternalRef != "" {
		system, id, ok := strings.Cut(params.ExternalRef, ":")
		if !ok {
			return problem.BadQuery("?external_ref", "invalid_format", `Write the reference as "system:id".`)
		}
		idColumn := "id"
		if q.Tie != "" {
			idColumn = q.Tie
		}
		q.Where(idColumn+" IN (SELECT resource_id FROM external_refs WHERE owner = ? AND resource_type = ? AND system = ? AND ref_id = ?)",
			c.Caller.Owner(), resource, system, id)
	}
	if params.Direction != "" {
		q.Where("direction = ?", string(params.Direction))
	}
	store.WhereIn(q, "partner_id", params.PartnerID)
	store.WhereIn(q, "status", params.Status)
	store.WhereIn(q, "rating", params.Rating)
	return nil
}

type scanner[T any] func(dest func(...any) error) (T, error)

func scanRecord(c *call.Call) scanner[leads.Lead] {
	return func(dest func(...any) error) (leads.Lead, error) {
		var doc string
		if err := dest(&doc); err != nil {
			return leads.Lead{}, err
		}
		var r record
		if err := json.Unmarshal([]byte(doc), &r); err != nil {
			return leads.Lead{}, err
		}
		return *withAffordances(r.forVendor(), c.Caller, c.Now), nil
	}
}

func scanView(c *call.Call) scanner[leads.Lead] {
	return func(dest func(...any) error) (leads.Lead, error) {
		var doc string
		if err := dest(&doc); err != nil {
			return leads.Lead{}, err
		}
		seen, err := decodeView(c, doc)
		if err != nil {
			return leads.Lead{}, err
		}
		return *seen, nil
	}
}

// ListOffers returns a page of a lead's offers, the latest first: a partner's own, or all of them.
func (s *Service) ListOffers(ctx context.Context, leadID string, params *leads.ListOffersParams) (*leads.OfferPage, error) {
	c := call.From(ctx)
	if _, err := s.Get(ctx, leadID); err != nil {
		return nil, err
	}
	q := store.Query{Table: "lead_offers", Sort: "position", Desc: true, Page: store.Page{Cursor: params.Cursor, Limit: params.Limit, Segment: params.Segment}}
	q.Where("lead_id = ?", leadID)
	if c.Caller.Side == partnerportal.SidePartner {
		q.Where("partner_id = ?", c.Caller.PartnerID)
	}
	items, next, err := store.List(ctx, c.Tx, q, func(dest func(...any) error) (o leads.Offer, err error) {
		var doc string
		if err := dest(&doc); err != nil {
			return o, err
		}
		return o, json.Unmarshal([]byte(doc), &o)
	})
	if err != nil {
		return nil, err
	}
	return &leads.OfferPage{Items: items, Page: partnerportal.PageInfo{NextCursor: next}}, nil
}

// ListActivity returns a page of a lead's timeline in the caller's words.
func (s *Service) ListActivity(ctx context.Context, leadID string, params *leads.ListActivityParams) (*partnerportal.ActivityPage, error) {
	c := call.From(ctx)
	if _, err := s.Get(ctx, leadID); err != nil {
		return nil, err
	}
	d, err := readDossier(ctx, c, leadID)
	if err != nil {
		return nil, err
	}
	page := store.Page{Cursor: params.Cursor, Limit: params.Limit, Segment: params.Segment}
	return feed.Timeline(ctx, c.Tx, leadID, c.Caller.Side, c.Caller.PartnerID, page, d.wording)
}
