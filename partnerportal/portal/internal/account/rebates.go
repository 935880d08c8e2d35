package account

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	contract "github.com/partnerportal/partnerportal-go/partnerportal/account"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
)

// timerSettle is the deadline that ends a rebate's quarter.
const timerSettle = "rebate.settle"

// rebate is a rebate as it is stored.
type rebate struct {
	contract.Rebate

	Revision int64 `json:"revision"`
}

// countForRebate adds business to the quarter that it is of, or to the present one when that quarter is settled already.
func (s *Service) countForRebate(ctx context.Context, c *call.Call, rules *policy.Program, p *contract.Plan, b business) error {
	r, err := rebateOf(ctx, c, p, b.partnerID, b.amount.Currency(), b.on)
	if err != nil {
		return err
	}
	if r.Status != contract.RebateStatusAccruing {
		if r, err = rebateOf(ctx, c, p, b.partnerID, b.amount.Currency(), rules.Today(c.Now)); err != nil {
			return err
		}
	}
	if r.Achieved, err = r.Achieved.Add(b.amount); err != nil {
		return err
	}
	before := r.RatePercent
	if r.RatePercent, r.Accrued, err = earned(p, r.Achieved); err != nil {
		return err
	}
	r.NextThreshold = partnerportal.Money{}
	for _, rate := range p.Rates {
		if rate.From.TenThousandths() > r.Achieved.TenThousandths() {
			r.NextThreshold = rate.From
			break
		}
	}
	if err := r.save(ctx, c); err != nil {
		return err
	}
	if r.Revision == 1 {
		due := store.PutTimerParams{Kind: timerSettle, ResourceID: r.ID, DueAt: store.Micros(rules.EndOfDay(r.PeriodToOn))}
		if err := c.Tx.PutTimer(ctx, due); err != nil {
			return err
		}
	}
	if r.RatePercent != before {
		return r.tell(ctx, c, contract.EventRebateTierReached, "/rate_percent", "/accrued")
	}
	return nil
}

// rebateOf is the partner's rebate of the quarter with a day; it has no revision when it is new.
func rebateOf(ctx context.Context, c *call.Call, p *contract.Plan, partnerID, currency string, day partnerportal.Date) (*rebate, error) {
	from := partnerportal.Date{Year: day.Year, Month: (day.Month-1)/3*3 + 1, Day: 1}
	to := partnerportal.DateOf(from.In(time.UTC).AddDate(0, 3, -1))
	doc, err := c.Tx.RebateOf(ctx, store.RebateOfParams{PartnerID: partnerID, PlanID: p.ID, Currency: currency, PeriodTo: to.String()})
	if err == nil {
		r := new(rebate)
		return r, json.Unmarshal([]byte(doc), r)
	}
	if !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	nothing, err := partnerportal.NewMoney(0, currency)
	return &rebate{Rebate: contract.Rebate{
		ID: ids.New(ids.Rebate, c.Now), PartnerID: partnerID, PlanID: p.ID, Status: contract.RebateStatusAccruing, PeriodFromOn: from, PeriodToOn: to,
		Achieved: nothing, Accrued: nothing,
	}}, err
}

func (r *rebate) save(ctx context.Context, c *call.Call) error {
	read := r.Revision
	r.Revision++
	doc, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if read == 0 {
		return c.Tx.InsertRebate(ctx, store.InsertRebateParams{
			ID: r.ID, Bucket: store.Bucket(r.ID), PartnerID: r.PartnerID, PlanID: r.PlanID, Currency: r.Achieved.Currency(), PeriodTo: r.PeriodToOn.String(),
			Status: string(r.Status), Revision: 1, CreatedAt: store.Micros(c.Now), Doc: string(doc),
		})
	}
	return store.Changed(c.Tx.UpdateRebate(ctx, store.UpdateRebateParams{ID: r.ID, Revision: read, Status: string(r.Status), Doc: string(doc)}))
}

func (r *rebate) tell(ctx context.Context, c *call.Call, event string, changed ...string) error {
	return c.Emit(ctx, feed.Event{
		Type: event, ResourceType: rebateResource, ResourceID: r.ID, Revision: r.Revision, PartnerID: r.PartnerID, Audience: feed.Both,
		ChangedFields: changed, State: string(r.Status),
	})
}

// Fire acts on a deadline: a quarter is over, and its rebate becomes a commission.
func (s *Service) Fire(ctx context.Context, kind, resourceID string, _ time.Time) error {
	if kind != timerSettle {
		return fmt.Errorf("no deadline of accounts is called %q", kind)
	}
	c := call.From(ctx)
	doc, err := c.Tx.Rebate(ctx, resourceID)
	if err != nil {
		return err
	}
	r := new(rebate)
	if err := json.Unmarshal([]byte(doc), r); err != nil {
		return err
	}
	r.Status = contract.RebateStatusMissed
	if r.Accrued.Sign() > 0 {
		if err := settle(ctx, c, r); err != nil {
			return err
		}
	}
	r.NextThreshold = partnerportal.Money{}
	if err := r.save(ctx, c); err != nil {
		return err
	}
	return r.tell(ctx, c, contract.EventRebateSettled, "/status")
}

func settle(ctx context.Context, c *call.Call, r *rebate) error {
	p, err := readPlan(ctx, c.Tx, r.PlanID)
	if err != nil {
		return err
	}
	rules, err := directory.Load(ctx, c.Tx, p.ProgramID)
	if err != nil {
		return err
	}
	k := newCommission(rules, p, r.PartnerID, r.Accrued, inDay(rules, c.Now, r.PeriodToOn))
	k.Kind, k.BasisAmount, k.RatePercent = contract.CommissionKindRebate, r.Achieved, r.RatePercent
	if err := k.insert(ctx, c); err != nil {
		return err
	}
	r.Status, r.CommissionID = contract.RebateStatusSettled, k.ID
	return nil
}

// GetRebate returns a rebate as things stand.
func (s *Service) GetRebate(ctx context.Context, rebateID string) (*contract.Rebate, error) {
	c := call.From(ctx)
	doc, err := c.Tx.Rebate(ctx, rebateID)
	if err != nil {
		return nil, call.OrNotFound(err, rebateResource)
	}
	r := new(rebate)
	if err := json.Unmarshal([]byte(doc), r); err != nil {
		return nil, err
	}
	return &r.Rebate, mayKnow(c, r.PartnerID, rebateResource)
}

// ListRebates returns a page of rebates: a partner's own, or all of them to the vendor.
func (s *Service) ListRebates(ctx context.Context, params *contract.ListRebatesParams) (*contract.RebatePage, error) {
	c := call.From(ctx)
	q := store.Query{Table: "rebates", Sort: "created_at", Desc: true, Page: store.Page{Cursor: params.Cursor, Limit: params.Limit, Segment: params.Segment}}
	if err := onlyPartner(&q, c, params.PartnerID); err != nil {
		return nil, err
	}
	store.WhereIn(&q, "status", params.Status)
	items, next, err := store.List(ctx, c.Tx, q, func(dest func(...any) error) (contract.Rebate, error) {
		r, err := scanDoc[contract.Rebate](dest)
		if err != nil {
			return contract.Rebate{}, err
		}
		return *r, nil
	})
	if err != nil {
		return nil, err
	}
	return &contract.RebatePage{Items: items, Page: partnerportal.PageInfo{NextCursor: next}}, nil
}
