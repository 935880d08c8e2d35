package account

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	contract "github.com/partnerportal/partnerportal-go/partnerportal/account"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
)

// earn accrues what a won deal earns, by every plan of its programme that holds on the day of the win.
func (s *Service) earn(ctx context.Context, e feed.Event) error {
	won, ok := e.Payload.(feed.DealWon)
	if !ok {
		return fmt.Errorf("%s of %s carries %T", e.Type, e.ResourceID, e.Payload)
	}
	c := call.From(ctx)
	docs, err := c.Tx.PlansOfProgram(ctx, won.ProgramID)
	plans, err := decodeAll(docs, err, func(p *contract.Plan) *contract.Plan { return p })
	if err != nil || len(plans) == 0 {
		return err
	}
	rules, err := directory.Load(ctx, c.Tx, won.ProgramID)
	if err != nil {
		return err
	}
	for _, p := range plans {
		if !holds(p, won.ClosedOn, won.Amount.Currency()) {
			continue
		}
		if p.Kind == contract.CommissionKindRebate {
			err = s.countForRebate(ctx, c, rules, p, e.PartnerID, won)
		} else {
			err = accrue(ctx, c, rules, p, e, won)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// accrue makes the commission of one deal by one plan. One of nothing is none.
func accrue(ctx context.Context, c *call.Call, rules *policy.Program, p *contract.Plan, e feed.Event, won feed.DealWon) error {
	rate, amount, err := earned(p, won.Amount)
	if err != nil || amount.Sign() == 0 {
		return err
	}
	k := newCommission(rules, p, e.PartnerID, amount, inDay(rules, won.ClosedAt, won.ClosedOn))
	k.DealID, k.BasisAmount, k.RatePercent = e.ResourceID, won.Amount, rate
	return k.insert(ctx, c)
}

// newCommission is what a plan pays, pending unless the plan approves at once.
func newCommission(rules *policy.Program, p *contract.Plan, partnerID string, amount partnerportal.Money, at time.Time) *commission {
	k := &commission{Commission: contract.Commission{
		PartnerID: partnerID, PlanID: p.ID, Kind: p.Kind, Status: pending, Amount: amount, EarnedAt: at,
		DueOn: rules.Today(at).AddDays(cmp.Or(p.DueDays, usualDueDays)), Source: portalStamp(),
	}}
	if p.AutoApprove {
		k.Status = approved
	}
	return k
}

// inDay is an instant of a day: 24:00 of it is its last instant, and not the first of the next, to which a payout's period would not reach.
func inDay(rules *policy.Program, at time.Time, day partnerportal.Date) time.Time {
	if end := rules.EndOfDay(day); !at.Before(end) {
		return end.Add(-time.Microsecond)
	}
	return at
}
