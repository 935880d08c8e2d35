package mdf

import (
	"cmp"
	"context"
	"errors"
	"slices"

	contract "github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
)

// QuickRequest asks for the money with the few words that cannot be known: from what, when, and how much.
func (s *Service) QuickRequest(ctx context.Context, body *contract.QuickRequest) (*contract.Request, error) {
	c := call.From(ctx)
	p, err := planOf(ctx, c, body)
	if err != nil {
		return nil, err
	}
	check := amounts{}
	check.check("/amount", body.Amount)
	if err := check.err(); err != nil {
		return nil, err
	}
	said := &contract.NewRequest{
		FundID: body.FundID, AllocationID: body.AllocationID, Title: cmp.Or(body.Title, p.title), Objective: p.objective,
		CampaignID: body.CampaignID, VendorBrandUse: p.brand, Expected: body.Expected, Started: body.Started, Timing: body.Timing,
	}
	if said.FundID == "" && said.AllocationID == "" {
		if said.FundID, err = p.openFund(ctx, c); err != nil {
			return nil, err
		}
	}
	d, err := s.draft(ctx, c, said)
	if err != nil {
		return nil, err
	}
	d.SourceID, d.filled = p.source, []string{"/fund_id", "/allocation_id", "/title", "/objective", "/activities"}
	if err := d.plan(ctx, c, p, body); err != nil {
		return nil, err
	}
	if err := d.submit(ctx, c, contract.RequestActionSubmit); err != nil {
		return nil, err
	}
	return d.answer(ctx, c)
}

// plan is what a quick request is made from: what is done on which day after the first, and how the amount is divided.
type plan struct {
	source, fundID   string
	title, objective string
	brand            bool
	activities       []planned
}

type planned struct {
	contract.NewActivity

	after, days     int   // after the first day; how long
	weight          int64 // of the amount
	cost, requested int64 // what a past request said, to keep their relation; nothing where the percentage alone says the cost
}

// planOf reads the one source that is named.
func planOf(ctx context.Context, c *call.Call, body *contract.QuickRequest) (*plan, error) {
	named := 0
	for _, source := range []string{body.TemplateID, body.RequestID, string(body.Type)} {
		if source != "" {
			named++
		}
	}
	if named != 1 {
		return nil, invalid(problem.Field("/template_id", "required", "Name either a template, a past request, or the kind of the activity."))
	}
	switch {
	case body.TemplateID != "":
		return planOfTemplate(ctx, c, body.TemplateID)
	case body.RequestID != "":
		return planOfRequest(ctx, c, body.RequestID)
	}
	title := problem.Words(string(body.Type)) + " on " + body.StartsOn.String()
	return &plan{title: title, activities: []planned{{NewActivity: contract.NewActivity{Type: body.Type}, days: 1, weight: 1}}}, nil
}

func planOfTemplate(ctx context.Context, c *call.Call, id string) (*plan, error) {
	t, err := readTemplate(ctx, c, id)
	if errors.Is(err, partnerportal.ErrNotFound) || err == nil && t.Retired {
		return nil, invalid(problem.Field("/template_id", "invalid_value", "Name one of the vendor's templates that are not retired."))
	}
	if err != nil {
		return nil, err
	}
	p := &plan{source: t.ID, fundID: t.FundID, title: cmp.Or(t.Title, t.Name), objective: t.Objective, brand: t.VendorBrandUse}
	for _, a := range t.Activities {
		p.activities = append(p.activities, planned{
			NewActivity: contract.NewActivity{Type: a.Type, Title: a.Title, Suppliers: a.Suppliers, ReimbursementPercent: a.ReimbursementPercent},
			after:       a.StartsAfterDays, days: max(1, a.DurationDays), weight: int64(max(1, a.Weight)),
		})
	}
	return p, nil
}

func planOfRequest(ctx context.Context, c *call.Call, id string) (*plan, error) {
	r, err := readRequest(ctx, c, id)
	if errors.Is(err, partnerportal.ErrNotFound) || err == nil && len(r.Activities) == 0 {
		return nil, invalid(problem.Field("/request_id", "invalid_value", "Name one of your requests that has activities."))
	}
	if err != nil {
		return nil, err
	}
	p := &plan{source: r.ID, fundID: r.FundID, title: r.Title, objective: r.Objective, brand: r.VendorBrandUse}
	first := r.Activities[0].StartsOn
	for _, a := range r.Activities {
		first = earlier(first, a.StartsOn)
	}
	for _, a := range r.Activities {
		requested := a.RequestedAmount.TenThousandths()
		p.activities = append(p.activities, planned{
			NewActivity: contract.NewActivity{
				Type: a.Type, Title: a.Title, Location: a.Location, Suppliers: a.Suppliers, ReimbursementPercent: a.ReimbursementPercent,
			},
			after: a.StartsOn.DaysSince(first), days: a.EndsOn.DaysSince(a.StartsOn) + 1, weight: max(1, requested),
			cost: a.Cost.TenThousandths(), requested: requested,
		})
	}
	return p, nil
}

// openFund is the fund of the source while requests can be made of it, and "" when the portal shall choose.
func (p *plan) openFund(ctx context.Context, c *call.Call) (string, error) {
	if p.fundID == "" {
		return "", nil
	}
	f, err := readFund(ctx, c, p.fundID)
	if err != nil || f.Status != contract.FundStatusOpen {
		return "", err
	}
	return f.ID, nil
}

// plan makes the activities: moved to the new days, and with their parts of the amount.
func (d *dossier) plan(ctx context.Context, c *call.Call, p *plan, body *contract.QuickRequest) error {
	weights := make([]int64, len(p.activities))
	for i, a := range p.activities {
		weights[i] = a.weight
	}
	parts, err := split(body.Amount, weights)
	if err != nil {
		return err
	}
	var items []contract.NewActivity
	for i, a := range p.activities {
		a.StartsOn = body.StartsOn.AddDays(a.after)
		a.EndsOn = a.StartsOn.AddDays(a.days - 1)
		if len(p.activities) == 1 && !body.EndsOn.IsZero() {
			a.EndsOn = body.EndsOn
		}
		a.RequestedAmount = parts[i]
		if a.Cost, err = a.costFor(parts[i]); err != nil {
			return err
		}
		items = append(items, a.NewActivity)
	}
	items = slices.DeleteFunc(items, func(a contract.NewActivity) bool { return a.RequestedAmount.Sign() == 0 })
	return d.setActivities(ctx, c, items)
}

// costFor is the cost of an activity that asks for this amount, in the relation that the source had, and never so little that the
// percentage would not give the amount. Without a source it follows from the percentage of the fund.
func (a *planned) costFor(requested partnerportal.Money) (partnerportal.Money, error) {
	if a.cost == 0 || a.requested == 0 {
		return partnerportal.Money{}, nil
	}
	cost, err := part(requested, a.cost, a.requested)
	if err != nil {
		return cost, err
	}
	if basisPoints(a.ReimbursementPercent) == 0 { // of a draft; that of the fund is not known yet
		return cost, nil
	}
	least, err := leastCost(requested, a.ReimbursementPercent)
	if err != nil {
		return cost, err
	}
	if less(cost, least) {
		return least, nil
	}
	return cost, nil
}
