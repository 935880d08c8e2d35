package program

import (
	"context"
	"errors"
	"net/http"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/partnerportal/program"
)

// List returns a page of programmes; a partner's without drafts.
func (s *Service) List(ctx context.Context, params *contract.ListParams) (*contract.Page, error) {
	c := call.From(ctx)
	q := store.Query{Table: "programs", Sort: "created_at", Page: store.Page{Cursor: params.Cursor, Limit: params.Limit, Segment: params.Segment}}
	store.WhereIn(&q, "status", params.Status)
	if !c.Caller.Vendor() {
		q.Where("status <> ?", string(contract.StatusDraft))
	}
	items, next, err := store.List(ctx, c.Tx, q, func(dest func(...any) error) (contract.Program, error) {
		var doc string
		if err := dest(&doc); err != nil {
			return contract.Program{}, err
		}
		p, err := directory.DecodeProgram(doc)
		if err != nil {
			return contract.Program{}, err
		}
		return *programFor(c, p), nil
	})
	if err != nil {
		return nil, err
	}
	return &contract.Page{Items: items, Page: partnerportal.PageInfo{NextCursor: next}}, nil
}

// Get returns a programme.
func (s *Service) Get(ctx context.Context, programID string) (*contract.Program, error) {
	c := call.From(ctx)
	p, err := load(ctx, c, programID)
	if err != nil {
		return nil, err
	}
	if !c.Caller.Vendor() && p.Status == contract.StatusDraft {
		return nil, call.NotFound("programme")
	}
	return programFor(c, p), nil
}

// programFor is a programme as the caller may see it: from the rules of approval a partner would learn how to pass unseen.
func programFor(c *call.Call, p *contract.Program) *contract.Program {
	if !c.Caller.Vendor() {
		p.Deal.AutoApprove = nil
	}
	return p
}

// Put creates a programme, or replaces its rules.
func (s *Service) Put(ctx context.Context, programID, ifMatch string, body *contract.Program) (*contract.Program, error) {
	c := call.From(ctx)
	if err := c.OnlyVendor(); err != nil {
		return nil, err
	}
	body.ID = programID
	if err := c.Tx.Lock(ctx, "program "+programID); err != nil {
		return nil, err
	}
	before, err := load(ctx, c, programID)
	switch {
	case err == nil:
		if err := problem.Unchanged("The programme", ifMatch, before.Revision); err != nil {
			return nil, err
		}
	case !errors.Is(err, partnerportal.ErrNotFound):
		return nil, err
	case ifMatch != "":
		return nil, problem.New(http.StatusPreconditionFailed, "revision_mismatch", "There is no programme with this id yet.")
	}
	if err := directory.CheckProgram(body); err != nil {
		return nil, err
	}
	if err := directory.Put(ctx, c.Tx, body, c.Now); err != nil {
		return nil, err
	}
	if before != nil {
		if err := watchAll(ctx, c, before, body); err != nil {
			return nil, err
		}
	}
	return body, c.Emit(ctx, feed.Event{
		Type: contract.EventUpdated, ResourceType: programResource, ResourceID: body.ID, Revision: body.Revision,
		Audience: feed.Vendor, Facts: map[string]any{}, State: string(body.Status),
	})
}
