package quotes

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/pricing"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/quotes"
)

// policyResource is the type of price policies in the feed.
const policyResource = "price_policy"

// policyOf is the price policy of a programme: version 0, which prices at list, where the vendor has written none.
func policyOf(ctx context.Context, c *call.Call, programID string) (*contract.PricePolicy, error) {
	doc, err := c.Tx.PricePolicy(ctx, programID)
	if errors.Is(err, store.ErrNotFound) {
		return &contract.PricePolicy{ProgramID: programID, Rounding: contract.RoundingHalfEven, Stacking: contract.StackingSequential}, nil
	}
	if err != nil {
		return nil, err
	}
	p := new(contract.PricePolicy)
	if err := json.Unmarshal([]byte(doc), p); err != nil {
		return nil, fmt.Errorf("the price policy of %s: %w", programID, err)
	}
	return p, nil
}

// GetPricePolicy returns the price policy of a programme.
func (s *Service) GetPricePolicy(ctx context.Context, programID string) (*contract.PricePolicy, error) {
	c := call.From(ctx)
	if err := isProgram(ctx, c, programID); err != nil {
		return nil, err
	}
	return policyOf(ctx, c, programID)
}

func isProgram(ctx context.Context, c *call.Call, programID string) error {
	_, err := c.Tx.Program(ctx, programID)
	return call.OrNotFound(err, "programme")
}

// PutPricePolicy writes the next version of a price policy, unless it says the same as the last.
func (s *Service) PutPricePolicy(ctx context.Context, programID, ifMatch string, body *contract.PricePolicyInput) (*contract.PricePolicy, error) {
	c := call.From(ctx)
	if !c.Caller.Vendor() {
		return nil, problem.WrongSide(c.Caller.Side)
	}
	if err := isProgram(ctx, c, programID); err != nil {
		return nil, err
	}
	if err := c.Tx.Lock(ctx, "price_policy/"+programID); err != nil {
		return nil, err
	}
	last, err := policyOf(ctx, c, programID)
	if err != nil {
		return nil, err
	}
	if err := problem.Unchanged("The price policy", ifMatch, last.Revision); err != nil {
		return nil, err
	}
	if err := checkPolicy(ctx, c, programID, body); err != nil {
		return nil, err
	}
	next, err := nextPolicy(last, body)
	if err != nil || next.Version == last.Version {
		return next, err
	}
	next.CreatedAt, next.CreatedBy = c.Now, c.Caller.Actor()
	doc, err := json.Marshal(next)
	if err != nil {
		return nil, err
	}
	if err := c.Tx.InsertPricePolicy(ctx, store.InsertPricePolicyParams{
		ProgramID: programID, Version: next.Version, Bucket: store.Bucket(fmt.Sprint(programID, next.Version)), CreatedAt: store.Micros(c.Now), Doc: string(doc),
	}); err != nil {
		return nil, err
	}
	return next, c.Emit(ctx, feed.Event{
		Type: contract.EventPricePolicyUpdated, ResourceType: policyResource, ResourceID: programID, Revision: next.Revision, Audience: feed.Vendor,
		Facts: map[string]any{"version": next.Version}, ChangedFields: []string{"/version"}, State: "active",
	})
}

// checkPolicy refuses what cannot be computed with, and tiers that the programme does not have.
func checkPolicy(ctx context.Context, c *call.Call, programID string, body *contract.PricePolicyInput) error {
	if _, err := pricing.Compile(body); err != nil {
		return err
	}
	program, err := directory.Load(ctx, c.Tx, programID)
	if err != nil {
		return err
	}
	var f problem.Fields
	for i, d := range body.TierDiscounts {
		if directory.TierOf(program, d.TierID) == nil {
			f.Add(fmt.Sprintf("/tier_discounts/%d/tier_id", i), "invalid_value", "The programme has no such tier.")
		}
	}
	return f.Err()
}

// nextPolicy is the last policy when it says the same, and otherwise the next version.
func nextPolicy(last *contract.PricePolicy, body *contract.PricePolicyInput) (*contract.PricePolicy, error) {
	doc, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	p := &contract.PricePolicy{Stacking: contract.StackingSequential}
	if err := json.Unmarshal(doc, p); err != nil {
		return nil, err
	}
	p.ProgramID, p.Rounding, p.Version, p.Revision, p.CreatedAt, p.CreatedBy = last.ProgramID, last.Rounding, last.Version, last.Revision, last.CreatedAt, last.CreatedBy
	before, err := json.Marshal(last)
	if err != nil {
		return nil, err
	}
	after, err := json.Marshal(p)
	if err != nil || bytes.Equal(before, after) {
		return last, err
	}
	p.Version++
	p.Revision = p.Version
	return p, nil
}

// ListPricePolicyVersions returns a page of the versions of a price policy.
func (s *Service) ListPricePolicyVersions(ctx context.Context, programID string, p *contract.ListPricePolicyVersionsParams) (*contract.PricePolicyPage, error) {
	c := call.From(ctx)
	if err := isProgram(ctx, c, programID); err != nil {
		return nil, err
	}
	q := store.Query{Table: "price_policies", Sort: "version", Desc: true, Tie: "program_id", Page: store.Page{Cursor: p.Cursor, Limit: p.Limit, Segment: p.Segment}}
	q.Where("program_id = ?", programID)
	items, next, err := store.List(ctx, c.Tx, q, func(dest func(...any) error) (v contract.PricePolicy, err error) {
		var doc string
		if err := dest(&doc); err != nil {
			return v, err
		}
		err = json.Unmarshal([]byte(doc), &v)
		return v, err
	})
	if err != nil {
		return nil, err
	}
	return &contract.PricePolicyPage{Items: items, Page: partnerportal.PageInfo{NextCursor: next}}, nil
}
