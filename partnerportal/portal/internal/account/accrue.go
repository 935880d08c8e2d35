package account

import (
	"cmp"
	"context"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	contract "github.com/partnerportal/partnerportal-go/partnerportal/account"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
)

// business is what earns: a deal that was won, or an order that has arrived.
type business struct {
	trigger         contract.Trigger
	partnerID       string
	dealID, orderID string
	programID       string
	amount          partnerportal.Money
	at              time.Time
	on              partnerportal.Date // in the programme's time zone
}

// won lets a deal earn.
func (s *Service) won(ctx context.Context, e feed.Event) error {
	won, err := feed.Payload[feed.DealWon](e)
	if err != nil {
		return err
	}
	return s.earn(ctx, business{
		trigger: contract.TriggerDealWon, partnerID: e.PartnerID, dealID: e.ResourceID, programID: won.ProgramID, amount: won.Amount, at: won.ClosedAt, on: won.ClosedOn,
	})
}

// arrived lets an order earn.
func (s *Service) arrived(ctx context.Context, e feed.Event) error {
	done, err := feed.Payload[feed.OrderCompleted](e)
	if err != nil {
		return err
	}
	return s.earn(ctx, business{
		trigger: contract.TriggerOrderCompleted, partnerID: e.PartnerID, dealID: done.DealID, orderID: done.OrderID, programID: done.ProgramID,
		amount: done.Amount, at: done.CompletedAt, on: done.CompletedOn,
	})
}

// earn accrues what a piece of business earns, by every plan of its programme that pays for such on that day.
func (s *Service) earn(ctx context.Context, b business) error {
	c := call.From(ctx)
	docs, err := c.Tx.PlansOfProgram(ctx, b.programID)
	plans, err := decodeAll(docs, err, func(p *contract.Plan) *contract.Plan { return p })
	if err != nil || len(plans) == 0 {
		return err
	}
	rules, err := directory.Load(ctx, c.Tx, b.programID)
	if err != nil {
		return err
	}
	for _, p := range plans {
		if earnedOn(p) != b.trigger || !holds(p, b.on, b.amount.Currency()) {
			continue
		}
		if p.Kind == contract.CommissionKindRebate {
			err = s.countForRebate(ctx, c, rules, p, b)
		} else {
			err = accrue(ctx, c, rules, p, b)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// earnedOn is what a plan pays for.
func earnedOn(p *contract.Plan) contract.Trigger { return cmp.Or(p.EarnedOn, contract.TriggerDealWon) }

// accrue makes the commission of one piece of business by one plan. One of nothing is none.
func accrue(ctx context.Context, c *call.Call, rules *policy.Program, p *contract.Plan, b business) error {
	rate, amount, err := earned(p, b.amount)
	if err != nil || amount.Sign() == 0 {
		return err
	}
	k := newCommission(rules, p, b.partnerID, amount, inDay(rules, b.at, b.on))
	k.DealID, k.OrderID, k.BasisAmount, k.RatePercent = b.dealID, b.orderID, b.amount, rate
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
