package mdf

import (
	"context"
	"errors"

	contract "github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// CreateTemplate makes a plan from which partners ask.
func (s *Service) CreateTemplate(ctx context.Context, body *contract.NewTemplate) (*contract.Template, error) {
	c := call.From(ctx)
	t := &contract.Template{
		ID: ids.New(ids.Template, c.Now), FundID: body.FundID, Name: body.Name, Title: body.Title, Objective: body.Objective,
		VendorBrandUse: body.VendorBrandUse, Activities: body.Activities, Livemode: c.Live, CreatedAt: c.Now,
	}
	return t, saveTemplate(ctx, c, t)
}

// UpdateTemplate changes a template, or retires it.
func (s *Service) UpdateTemplate(ctx context.Context, id, ifMatch string, body *contract.TemplatePatch) (*contract.Template, error) {
	c := call.From(ctx)
	t, err := readTemplate(ctx, c, id)
	if err != nil {
		return nil, err
	}
	if err := problem.Unchanged("It", ifMatch, t.Revision); err != nil {
		return nil, err
	}
	body.Name.Apply(&t.Name)
	body.FundID.Apply(&t.FundID)
	body.Title.Apply(&t.Title)
	body.Objective.Apply(&t.Objective)
	body.VendorBrandUse.Apply(&t.VendorBrandUse)
	body.Activities.Apply(&t.Activities)
	body.Retired.Apply(&t.Retired)
	if t.Name == "" || len(t.Activities) == 0 {
		return nil, invalid(problem.Field("/name", "required", "A template has a name and at least one activity."))
	}
	return t, saveTemplate(ctx, c, t)
}

// GetTemplate returns a template, retired ones too.
func (s *Service) GetTemplate(ctx context.Context, id string) (*contract.Template, error) {
	return readTemplate(ctx, call.From(ctx), id)
}

func readTemplate(ctx context.Context, c *call.Call, id string) (*contract.Template, error) {
	doc, err := c.Tx.MDFTemplate(ctx, id)
	if err != nil {
		return nil, call.OrNotFound(err, "template")
	}
	return decode[contract.Template](doc)
}

func saveTemplate(ctx context.Context, c *call.Call, t *contract.Template) error {
	if t.FundID != "" {
		if _, err := readFund(ctx, c, t.FundID); errors.Is(err, partnerportal.ErrNotFound) {
			return invalid(problem.Field("/fund_id", "invalid_value", "Name one of the vendor's funds, or leave it out."))
		} else if err != nil {
			return err
		}
	}
	before, retired := t.Revision, int64(0)
	t.Revision, t.UpdatedAt = before+1, c.Now
	if t.Retired {
		retired = 1
	}
	doc, err := encode(t)
	if err != nil {
		return err
	}
	at := store.Micros(c.Now)
	if before == 0 {
		return c.Tx.InsertMDFTemplate(ctx, store.InsertMDFTemplateParams{
			ID: t.ID, Bucket: store.Bucket(t.ID), Retired: retired, Revision: t.Revision, CreatedAt: at, UpdatedAt: at, Doc: doc,
		})
	}
	return store.Changed(c.Tx.UpdateMDFTemplate(ctx, store.UpdateMDFTemplateParams{ID: t.ID, Revision: before, Retired: retired, UpdatedAt: at, Doc: doc}))
}
