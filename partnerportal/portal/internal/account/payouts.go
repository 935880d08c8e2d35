package account

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	contract "github.com/partnerportal/partnerportal-go/partnerportal/account"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// nextPayout is the day of the next payment, or none.
func nextPayout(ctx context.Context, tx *store.Tx, partnerID string) (partnerportal.Date, error) {
	day, err := tx.NextPayout(ctx, partnerID)
	if errors.Is(err, store.ErrNotFound) {
		return partnerportal.Date{}, nil
	}
	if err != nil {
		return partnerportal.Date{}, err
	}
	return partnerportal.ParseDate(day)
}

// SchedulePayout collects what is due.
func (s *Service) SchedulePayout(ctx context.Context, body *contract.PayoutOrder) (*contract.Payout, error) {
	c := call.From(ctx)
	if !c.Caller.Vendor() {
		return nil, problem.WrongSide(c.Caller.Side)
	}
	_, rules, err := subject(ctx, c, body.PartnerID)
	if errors.Is(err, partnerportal.ErrNotFound) {
		return nil, problem.Invalid("/partner_id", "invalid_value", "There is no such partner.")
	}
	if err != nil {
		return nil, err
	}
	if err := checkOrder(body); err != nil {
		return nil, err
	}
	if err := c.Tx.Lock(ctx, "payouts of "+body.PartnerID); err != nil {
		return nil, err
	}
	docs, err := c.Tx.DueCommissions(ctx, store.DueCommissionsParams{
		PartnerID: body.PartnerID, Currency: body.Currency, EarnedBefore: store.Micros(rules.EndOfDay(body.PeriodToOn)),
	})
	if err != nil {
		return nil, err
	}
	due := make([]*commission, len(docs))
	for i, doc := range docs {
		if due[i], err = decodeCommission(doc); err != nil {
			return nil, err
		}
	}
	p, lines, err := newPayout(c, body, due)
	if err != nil {
		return nil, err
	}
	if err := p.insert(ctx, c, lines); err != nil {
		return nil, err
	}
	for _, k := range due {
		k.Status, k.PayoutID = contract.CommissionStatusScheduled, p.ID
		if err := k.update(ctx, c, ""); err != nil {
			return nil, err
		}
	}
	if err := p.tell(ctx, c, contract.EventPayoutScheduled); err != nil {
		return nil, err
	}
	return p.view(c, lines), nil
}

func checkOrder(o *contract.PayoutOrder) error {
	var f problem.Fields
	if o.ScheduledOn.Before(o.PeriodToOn) {
		f.Add("/scheduled_on", "out_of_range", "Pay when the period has ended.")
	}
	if !o.Minimum.IsZero() && o.Minimum.Currency() != o.Currency {
		f.Add("/minimum", "currency_mismatch", "Give the minimum in "+o.Currency+".")
	}
	if !o.TaxWithheld.IsZero() && (o.TaxWithheld.Currency() != o.Currency || o.TaxWithheld.Sign() != 0 && !isPayable(o.TaxWithheld)) {
		f.Add("/tax_withheld", "invalid_value", "Give an amount in "+o.Currency+" that is not below zero, no finer than the smallest unit.")
	}
	return f.Err()
}

// payout is a payout as it is stored, without its lines.
type payout struct {
	contract.Payout

	Told string `json:"told,omitzero"` // the failure that finance has told last: it stands in the books for good
}

// newPayout adds up what is due.
func newPayout(c *call.Call, o *contract.PayoutOrder, due []*commission) (*payout, []contract.PayoutLine, error) {
	sum, err := partnerportal.NewMoney(0, o.Currency)
	if err != nil {
		return nil, nil, err
	}
	lines := make([]contract.PayoutLine, len(due))
	for i, k := range due {
		if sum, err = sum.Add(k.Amount); err != nil {
			return nil, nil, err
		}
		lines[i] = contract.PayoutLine{
			CommissionID: k.ID, Kind: k.Kind, DealID: k.DealID, OrderID: k.OrderID, BasisAmount: k.BasisAmount, RatePercent: k.RatePercent, EarnedAt: k.EarnedAt, Amount: k.Amount,
		}
	}
	if sum.Sign() <= 0 {
		return nil, nil, problem.With(problem.New(http.StatusConflict, contract.ErrNothingDue, "Nothing is due to the partner in "+o.Currency+" for the period."), "current", sum)
	}
	if !o.Minimum.IsZero() && sum.TenThousandths() < o.Minimum.TenThousandths() {
		e := problem.New(http.StatusConflict, contract.ErrMinimumNotReached, "Only "+sum.String()+" is due, which is less than the minimum of "+o.Minimum.String()+".")
		return nil, nil, problem.With(problem.With(e, "current", sum), "minimum", o.Minimum)
	}
	p := &payout{Payout: contract.Payout{
		ID: ids.New(ids.Payout, c.Now), PartnerID: o.PartnerID, Status: contract.PayoutStatusScheduled, Amount: sum, TaxWithheld: o.TaxWithheld, Method: o.Method,
		PeriodToOn: o.PeriodToOn, ScheduledOn: o.ScheduledOn, LineCount: len(lines), Revision: 1, CreatedAt: c.Now, UpdatedAt: c.Now,
	}}
	if p.Method == "" {
		p.Method = contract.PayoutMethodTransfer
	}
	if !o.TaxWithheld.IsZero() {
		if p.Amount, err = sum.Sub(o.TaxWithheld); err != nil {
			return nil, nil, err
		}
		if p.Amount.Sign() < 0 {
			return nil, nil, problem.Invalid("/tax_withheld", "out_of_range", "Only "+sum.String()+" is due.")
		}
	}
	return p, lines, nil
}

func (p *payout) insert(ctx context.Context, c *call.Call, lines []contract.PayoutLine) error {
	n, err := c.Tx.NextNumber(ctx, payoutResource)
	if err != nil {
		return err
	}
	p.Number = fmt.Sprintf("P-%06d", n)
	doc, err := json.Marshal(p)
	if err != nil {
		return err
	}
	list, err := json.Marshal(lines)
	if err != nil {
		return err
	}
	return c.Tx.InsertPayout(ctx, store.InsertPayoutParams{
		ID: p.ID, Number: p.Number, Bucket: store.Bucket(p.ID), PartnerID: p.PartnerID, Status: string(p.Status), ScheduledOn: p.ScheduledOn.String(),
		Revision: 1, CreatedAt: store.Micros(c.Now), UpdatedAt: store.Micros(c.Now), Doc: string(doc), Lines: string(list),
	})
}

func readPayout(ctx context.Context, c *call.Call, id string) (*payout, []contract.PayoutLine, error) {
	row, err := c.Tx.Payout(ctx, id)
	if err != nil {
		return nil, nil, call.OrNotFound(err, payoutResource)
	}
	p, lines := new(payout), []contract.PayoutLine{}
	if err := errors.Join(json.Unmarshal([]byte(row.Doc), p), json.Unmarshal([]byte(row.Lines), &lines)); err != nil {
		return nil, nil, fmt.Errorf("payout %s: %w", id, err)
	}
	return p, lines, mayKnow(c, p.PartnerID, payoutResource)
}

func (p *payout) view(c *call.Call, lines []contract.PayoutLine) *contract.Payout {
	seen := p.Payout
	seen.Lines, seen.AllowedActions = lines, allowedOnPayout(p, c.Caller)
	return &seen
}

func (p *payout) tell(ctx context.Context, c *call.Call, event string) error {
	return c.Emit(ctx, feed.Event{
		Type: event, ResourceType: payoutResource, ResourceID: p.ID, Revision: p.Revision, PartnerID: p.PartnerID, Audience: feed.Both,
		Facts: map[string]any{"number": p.Number}, ChangedFields: []string{"/status"}, State: string(p.Status),
	})
}

// GetPayout returns a payout with its lines.
func (s *Service) GetPayout(ctx context.Context, payoutID string) (*contract.Payout, error) {
	c := call.From(ctx)
	p, lines, err := readPayout(ctx, c, payoutID)
	if err != nil {
		return nil, err
	}
	return p.view(c, lines), nil
}

// ListPayouts returns a page of payouts without their lines: a partner's own, or all of them to the vendor.
func (s *Service) ListPayouts(ctx context.Context, params *contract.ListPayoutsParams) (*contract.PayoutPage, error) {
	c := call.From(ctx)
	q := store.Query{Table: "payouts", Page: store.Page{Cursor: params.Cursor, Limit: params.Limit, Segment: params.Segment}}
	if err := q.OrderBy(params.Sort); err != nil {
		return nil, err
	}
	if err := onlyPartner(&q, c, params.PartnerID); err != nil {
		return nil, err
	}
	store.WhereIn(&q, "status", params.Status)
	q.UpdatedSince(params.UpdatedSince)
	items, next, err := store.List(ctx, c.Tx, q, func(dest func(...any) error) (contract.Payout, error) {
		p, err := scanDoc[payout](dest)
		if err != nil {
			return contract.Payout{}, err
		}
		return *p.view(c, nil), nil
	})
	if err != nil {
		return nil, err
	}
	return &contract.PayoutPage{Items: items, Page: partnerportal.PageInfo{NextCursor: next}}, nil
}

// payoutTransition is one line of the table: in these states the vendor may do this, and it leads there.
type payoutTransition struct {
	action contract.PayoutAction
	from   []contract.PayoutStatus
	to     contract.PayoutStatus
	event  string
}

// payoutTable is what the vendor does with payouts.
var payoutTable = []payoutTransition{
	{contract.PayoutActionComplete, []contract.PayoutStatus{contract.PayoutStatusScheduled}, contract.PayoutStatusCompleted, contract.EventPayoutCompleted},
	{contract.PayoutActionFail, []contract.PayoutStatus{contract.PayoutStatusScheduled}, contract.PayoutStatusFailed, contract.EventPayoutFailed},
	{contract.PayoutActionRetry, []contract.PayoutStatus{contract.PayoutStatusFailed}, contract.PayoutStatusScheduled, contract.EventPayoutScheduled},
	{contract.PayoutActionCancel, []contract.PayoutStatus{contract.PayoutStatusScheduled, contract.PayoutStatusFailed}, contract.PayoutStatusCanceled, contract.EventPayoutCanceled},
}

func allowedOnPayout(p *payout, caller call.Caller) []contract.PayoutAction {
	actions := []contract.PayoutAction{}
	for _, t := range payoutTable {
		if slices.Contains(t.from, p.Status) && caller.Vendor() && caller.May("account:review") {
			actions = append(actions, t.action)
		}
	}
	return actions
}
