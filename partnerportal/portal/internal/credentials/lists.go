package credentials

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/training/credentials"
)

// List returns a page of credentials, a partner's own.
func (s *Service) List(ctx context.Context, params *contract.ListParams) (*contract.Page, error) {
	c := call.From(ctx)
	q := store.Query{Table: "credentials", Page: store.Page{Cursor: params.Cursor, Limit: params.Limit, Segment: params.Segment}}
	if err := q.OrderBy(params.Sort); err != nil {
		return nil, err
	}
	if !c.Caller.Vendor() {
		q.Where("partner_id = ?", c.Caller.PartnerID)
		if len(params.PartnerID) > 0 {
			return nil, problem.BadQuery("?partner_id", "not_permitted", "Only the vendor may ask for other partners' credentials.")
		}
	}
	q.UpdatedSince(params.UpdatedSince)
	if !params.ExpiresBefore.IsZero() {
		q.Where("valid_until > 0 AND valid_until < ?", store.Micros(params.ExpiresBefore))
	}
	if !params.ExpiresAfter.IsZero() {
		q.Where("(valid_until = 0 OR valid_until >= ?)", store.Micros(params.ExpiresAfter))
	}
	store.WhereIn(&q, "partner_id", params.PartnerID)
	store.WhereIn(&q, "definition_id", params.DefinitionID)
	store.WhereIn(&q, "learner_id", params.LearnerID)
	store.WhereIn(&q, "status", params.Status)
	items, next, err := store.List(ctx, c.Tx, q, func(dest func(...any) error) (contract.Credential, error) {
		var doc string
		if err := dest(&doc); err != nil {
			return contract.Credential{}, err
		}
		k := new(credential)
		if err := json.Unmarshal([]byte(doc), &k.Credential); err != nil {
			return contract.Credential{}, fmt.Errorf("a credential: %w", err)
		}
		return *view(c, k), nil
	})
	if err != nil {
		return nil, err
	}
	return &contract.Page{Items: items, Page: partnerportal.PageInfo{NextCursor: next}}, nil
}
