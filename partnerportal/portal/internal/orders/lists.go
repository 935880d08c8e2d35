package orders

import (
	"context"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/quotes/orders"
)

// List returns a page of orders: a partner's own, or all of them to the vendor.
func (s *Service) List(ctx context.Context, params *contract.ListParams) (*contract.Page, error) {
	c := call.From(ctx)
	q, err := query(c, params)
	if err != nil {
		return nil, err
	}
	items, next, err := store.List(ctx, c.Tx, q, func(dest func(...any) error) (contract.Order, error) {
		var doc string
		if err := dest(&doc); err != nil {
			return contract.Order{}, err
		}
		o, err := decode(doc)
		if err != nil {
			return contract.Order{}, err
		}
		return *o.view(c), nil
	})
	if err != nil {
		return nil, err
	}
	return &contract.Page{Items: items, Page: partnerportal.PageInfo{NextCursor: next}}, nil
}

func query(c *call.Call, params *contract.ListParams) (store.Query, error) {
	q := store.Query{Table: "orders", Page: store.Page{Cursor: params.Cursor, Limit: params.Limit, Segment: params.Segment}}
	if err := q.OrderBy(params.Sort); err != nil {
		return q, err
	}
	if !c.Caller.Vendor() {
		if len(params.PartnerID) > 0 {
			return q, problem.BadQuery("?partner_id", "not_permitted", "Only the vendor chooses among partners.")
		}
		q.Where("partner_id = ?", c.Caller.PartnerID)
	}
	store.WhereIn(&q, "partner_id", params.PartnerID)
	store.WhereIn(&q, "status", params.Status)
	store.WhereIn(&q, "deal_id", params.DealID)
	for _, wanted := range []struct{ column, value string }{
		{"quote_id", params.QuoteID}, {"session_id", params.SessionID}, {"number", params.Number},
	} {
		if wanted.value != "" {
			q.Where(wanted.column+" = ?", wanted.value)
		}
	}
	if params.PONumber != "" {
		q.Where("po_key = ?", poKey(params.PONumber))
	}
	q.UpdatedSince(params.UpdatedSince)
	return q, c.WhereRef(&q, resource, params.ExternalRef)
}
