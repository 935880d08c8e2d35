package mdf

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	contract "github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
)

// CreateRequest makes a draft.
func (s *Service) CreateRequest(ctx context.Context, body *contract.NewRequest) (*contract.Request, error) {
	c := call.From(ctx)
	d, err := s.draft(ctx, c, body)
	if err != nil {
		return nil, err
	}
	d.tell(contract.EventRequestCreated, map[string]any{"number": d.Number})
	return d.answer(ctx, c)
}

// draft makes a request of what was said. It is not saved yet.
func (s *Service) draft(ctx context.Context, c *call.Call, body *contract.NewRequest) (*dossier, error) {
	if c.Caller.Side != partnerportal.SidePartner {
		return nil, problem.WrongSide(c.Caller.Side)
	}
	number, err := c.Tx.NextNumber(ctx, kindRequest)
	if err != nil {
		return nil, err
	}
	d := &dossier{request: request{Request: contract.Request{
		ID: ids.New(ids.MDFRequest, c.Now), Number: fmt.Sprintf("M-%06d", number), PartnerID: c.Caller.PartnerID, Status: contract.RequestStatusDraft,
		FundID: body.FundID, AllocationID: body.AllocationID, Title: body.Title, Objective: body.Objective, CampaignID: body.CampaignID,
		VendorBrandUse: body.VendorBrandUse, Expected: body.Expected, Custom: body.Custom, Activities: []contract.Activity{},
		Livemode: c.Live, CreatedAt: c.Now,
	}}}
	d.timing = body.Timing
	noteTiming(&d.Request, body.Started, body.Timing, c.Now)
	if err := d.attach(ctx, c, body.Attachments); err != nil {
		return nil, err
	}
	return d, d.setActivities(ctx, c, body.Activities)
}

// UpdateRequest changes a request that is the partner's to write.
func (s *Service) UpdateRequest(ctx context.Context, id, ifMatch string, body *contract.RequestPatch) (*contract.Request, error) {
	c := call.From(ctx)
	d, err := openRequestFor(ctx, c, id, contract.RequestActionUpdate, ifMatch)
	if err != nil {
		return nil, err
	}
	var fields []string
	apply(&fields, "/fund_id", body.FundID, &d.FundID)
	apply(&fields, "/allocation_id", body.AllocationID, &d.AllocationID)
	apply(&fields, "/title", body.Title, &d.Title)
	apply(&fields, "/objective", body.Objective, &d.Objective)
	apply(&fields, "/campaign_id", body.CampaignID, &d.CampaignID)
	apply(&fields, "/vendor_brand_use", body.VendorBrandUse, &d.VendorBrandUse)
	apply(&fields, "/expected", body.Expected, &d.Expected)
	apply(&fields, "/custom", body.Custom, &d.Custom)
	var activities []contract.NewActivity
	apply(&fields, "/activities", body.Activities, &activities)
	files := d.Attachments
	apply(&fields, "/attachments", body.Attachments, &files)
	if err := d.mayChange(fields); err != nil {
		return nil, err
	}
	if slices.Contains(fields, "/attachments") {
		if err := d.attach(ctx, c, files); err != nil {
			return nil, err
		}
	}
	if slices.Contains(fields, "/activities") {
		if err := d.setActivities(ctx, c, activities); err != nil {
			return nil, err
		}
	}
	d.tell(contract.EventRequestUpdated, nil, fields...)
	return d.answer(ctx, c)
}

// mayChange refuses members that cannot be changed now.
func (d *dossier) mayChange(fields []string) error {
	var faults []partnerportal.FieldError
	for _, field := range fields {
		if !slices.Contains(d.editable(), field) {
			faults = append(faults, problem.Field(field, "invalid_state", "The request stays with the allocation that it was submitted for."))
		}
	}
	if d.Title == "" {
		faults = append(faults, problem.Field("/title", "required", "Give the request a title."))
	}
	if len(faults) > 0 {
		return invalid(faults...)
	}
	return nil
}

// setActivities replaces what will be done. What the fund's rules complete is completed when they are known.
func (d *dossier) setActivities(ctx context.Context, c *call.Call, items []contract.NewActivity) error {
	currency, err := d.plannedCurrency(ctx, c)
	if err != nil {
		return err
	}
	if currency == "" && len(items) > 0 {
		currency = items[0].Cost.Currency()
	}
	a := amounts{currency: currency}
	d.Activities = []contract.Activity{}
	for i, item := range items {
		at := fmt.Sprintf("/activities/%d", i)
		a.check(at+"/cost", item.Cost)
		a.check(at+"/requested_amount", item.RequestedAmount)
		ends := cmp.Or(item.EndsOn, item.StartsOn)
		if ends.Before(item.StartsOn) {
			a.faults = append(a.faults, problem.Field(at+"/ends_on", "out_of_range", "An activity must not end before it begins."))
		}
		d.Activities = append(d.Activities, contract.Activity{
			ID: ids.New(ids.Activity, c.Now), Type: item.Type, Title: cmp.Or(item.Title, d.Title), StartsOn: item.StartsOn, EndsOn: ends,
			Location: item.Location, Suppliers: item.Suppliers, Cost: item.Cost, RequestedAmount: item.RequestedAmount,
			ReimbursementPercent: item.ReimbursementPercent, Decision: contract.ActivityDecisionPending, Status: contract.ActivityStatusPlanned,
		})
	}
	return a.err()
}

// plannedCurrency is that of the fund or allocation that a draft names, and "" if it names none.
func (d *dossier) plannedCurrency(ctx context.Context, c *call.Call) (string, error) {
	if d.AllocationID != "" {
		a, err := readAllocation(ctx, c, d.AllocationID)
		if errors.Is(err, partnerportal.ErrNotFound) || err == nil && a.PartnerID != d.PartnerID {
			return "", invalid(problem.Field("/allocation_id", "invalid_value", "Name one of your allocations."))
		}
		if err != nil {
			return "", err
		}
		if d.FundID == "" {
			d.FundID = a.FundID
		}
		if d.FundID != a.FundID {
			return "", invalid(problem.Field("/allocation_id", "invalid_value", "Name an allocation of the fund."))
		}
	}
	if d.FundID == "" {
		return "", nil
	}
	f, err := d.fund(ctx, c)
	if err != nil {
		return "", err
	}
	return f.Currency, nil
}

// fund reads the fund of the request, which the partner must know.
func (d *dossier) fund(ctx context.Context, c *call.Call) (*fund, error) {
	f, err := readFund(ctx, c, d.FundID)
	if err == nil {
		var seen bool
		if seen, err = f.visible(ctx, c); err == nil && seen {
			return f, nil
		}
	}
	if err == nil || errors.Is(err, partnerportal.ErrNotFound) {
		err = invalid(problem.Field("/fund_id", "invalid_value", "Name one of the funds that you see, or leave it out."))
	}
	return nil, err
}

// noteTiming keeps how long a person took; the portal's own clock has the last word when the request is submitted.
func noteTiming(r *contract.Request, started time.Time, t partnerportal.Timing, now time.Time) {
	if !started.IsZero() && !started.After(now) {
		r.Telemetry.FormOpenedAt = started.UTC()
	}
	r.Telemetry.ActiveSeconds, r.Telemetry.FieldsTyped, r.Telemetry.FieldsPrefilled = t.ActiveSeconds, t.FieldsTyped, t.FieldsPrefilled
}
