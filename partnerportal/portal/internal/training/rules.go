package training

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/training"
)

// ListRules returns a page of rules.
func (s *Service) ListRules(ctx context.Context, params *contract.ListRulesParams) (*contract.RulePage, error) {
	q := store.Query{Table: "training_rules", Sort: "created_at", Desc: true, Page: store.Page{Cursor: params.Cursor, Limit: params.Limit, Segment: params.Segment}}
	items, page, err := list[contract.Rule](ctx, begin(ctx), q)
	return &contract.RulePage{Items: items, Page: page}, err
}

// GetRule returns a rule.
func (s *Service) GetRule(ctx context.Context, ruleID string) (*contract.Rule, error) {
	return loadRule(ctx, begin(ctx), ruleID)
}

func loadRule(ctx context.Context, w *work, id string) (*contract.Rule, error) {
	doc, err := w.Tx.TrainingRule(ctx, id)
	if err != nil {
		return nil, call.OrNotFound(err, "rule")
	}
	r := new(contract.Rule)
	return r, decode(doc, r)
}

// PutRule makes training mandatory, or changes for whom.
func (s *Service) PutRule(ctx context.Context, ruleID, ifMatch string, body *contract.RuleForm) (*contract.Rule, error) {
	w := begin(ctx)
	if err := w.onlyVendor(); err != nil {
		return nil, err
	}
	if err := w.Tx.Lock(ctx, "training rule "+ruleID); err != nil {
		return nil, err
	}
	before, err := loadRule(ctx, w, ruleID)
	if errors.Is(err, partnerportal.ErrNotFound) {
		before, err = &contract.Rule{CreatedAt: w.Now}, nil
	}
	if err != nil {
		return nil, err
	}
	if err := problem.Unchanged("The rule", ifMatch, before.Revision); err != nil {
		return nil, err
	}
	r := &contract.Rule{
		ID: ruleID, Name: body.Name, CourseID: body.CourseID, PathID: body.PathID, Roles: body.Roles, ProgramID: body.ProgramID, TierIDs: body.TierIDs,
		DueDays: body.DueDays, Revision: before.Revision + 1, CreatedAt: before.CreatedAt, UpdatedAt: w.Now,
	}
	if err := w.checkRule(ctx, r); err != nil {
		return nil, err
	}
	doc, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	if err := w.Tx.PutTrainingRule(ctx, store.PutTrainingRuleParams{ID: r.ID, Bucket: store.Bucket(r.ID), CreatedAt: store.Micros(r.CreatedAt), Doc: string(doc)}); err != nil {
		return nil, err
	}
	return r, errors.Join(w.tellRule(ctx, r, contract.EventRuleChanged, "active"), reconsiderAll(ctx, w.Call))
}

// checkRule holds a rule against what there is.
func (w *work) checkRule(ctx context.Context, r *contract.Rule) error {
	var f problem.Fields
	f.Text("/name", r.Name, 200)
	if err := f.Err(); err != nil {
		return err
	}
	if err := w.checkTarget(ctx, targetOf(r)); err != nil {
		return err
	}
	if r.ProgramID == "" && len(r.TierIDs) == 0 {
		return nil
	}
	rules, err := directory.Load(ctx, w.Tx, r.ProgramID)
	if err != nil {
		return err
	}
	r.ProgramID = rules.ID
	for i, id := range r.TierIDs {
		if directory.TierOf(rules, id) == nil {
			f.Add(fmt.Sprintf("/tier_ids/%d", i), "invalid_value", "The programme has no such tier.")
		}
	}
	return f.Err()
}

// DeleteRule ends a rule.
func (s *Service) DeleteRule(ctx context.Context, ruleID, ifMatch string) error {
	w := begin(ctx)
	if err := w.onlyVendor(); err != nil {
		return err
	}
	r, err := loadRule(ctx, w, ruleID)
	if err != nil {
		return err
	}
	if err := problem.Unchanged("The rule", ifMatch, r.Revision); err != nil {
		return err
	}
	if err := store.Changed(w.Tx.DropTrainingRule(ctx, ruleID)); err != nil {
		return err
	}
	r.Revision++
	return errors.Join(w.tellRule(ctx, r, contract.EventRuleRemoved, "removed"), reconsiderAll(ctx, w.Call))
}

// tellRule tells all partners: each may read all rules, which may come to hold for its people.
func (w *work) tellRule(ctx context.Context, r *contract.Rule, event, state string) error {
	return w.Emit(ctx, feed.Event{
		Type: event, ResourceType: ruleResource, ResourceID: r.ID, Revision: r.Revision, PartnerID: feed.Everyone, Audience: feed.Both, State: state,
	})
}
