package deals

import (
	"context"
	"time"

	contract "github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/figures"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// Withdraw ends a deal that was not decided yet.
func (s *Service) Withdraw(ctx context.Context, dealID, ifMatch string, body *contract.Closing) (*contract.Deal, error) {
	c, d, err := s.act(ctx, dealID, ifMatch, contract.ActionWithdraw)
	if err != nil {
		return nil, err
	}
	d.enter(contract.ActionWithdraw)
	d.Outcome = contract.OutcomeNone
	d.Close = contract.Close{ReasonCode: "withdrawn", Note: body.Reason, ClosedAt: c.Now}
	d.tell(contract.EventWithdrawn, nil, "/status", "/outcome", "/close")
	return s.release(ctx, c, d)
}

// Win closes an approved deal as won.
func (s *Service) Win(ctx context.Context, dealID, ifMatch string, said *contract.Win) (*contract.Deal, error) {
	c, d, err := s.act(ctx, dealID, ifMatch, contract.ActionWin)
	if err != nil {
		return nil, err
	}
	body := d.proposed(*said)
	var f faults
	if body.ActualAmount.IsZero() {
		f.add("/actual_amount", "required", "Give the amount of the order.")
	} else if body.ActualAmount.Sign() <= 0 {
		f.add("/actual_amount", "out_of_range", "Give an amount above zero.")
	}
	if (body.OrderRef.System == "" || body.OrderRef.ID == "") && len(body.Evidence) == 0 {
		f.add("/order_ref", "required", "Give the order's reference, or evidence.")
	}
	closedAt := d.closedAt(c, body.ClosedOn, &f)
	if err := f.err(); err != nil {
		return nil, err
	}
	d.enter(contract.ActionWin)
	d.Outcome = contract.OutcomeWon
	d.Close = contract.Close{Note: body.Note, ClosedAt: closedAt, ActualAmount: body.ActualAmount, OrderRef: body.OrderRef}
	d.tell(contract.EventWon, nil, "/status", "/outcome", "/close", "/protection")
	if d.WonOn = body.ClosedOn; d.WonOn.IsZero() {
		d.WonOn = d.program.Today(c.Now)
	}
	d.carry(feed.DealWon{ProgramID: d.ProgramID, Amount: body.ActualAmount, ClosedAt: closedAt, ClosedOn: d.WonOn})
	if err := s.end(ctx, c, d); err != nil {
		return nil, err
	}
	if err := keepEvidence(ctx, c, d, "", body.Evidence); err != nil {
		return nil, err
	}
	return view(c, &d.record), nil
}

// Lose closes an approved deal as lost.
func (s *Service) Lose(ctx context.Context, dealID, ifMatch string, body *contract.Loss) (*contract.Deal, error) {
	c, d, err := s.act(ctx, dealID, ifMatch, contract.ActionLose)
	if err != nil {
		return nil, err
	}
	var f faults
	if body.Code == "" {
		f.add("/code", "required", "Say why by a code.")
	}
	closedAt := d.closedAt(c, body.ClosedOn, &f)
	if err := f.err(); err != nil {
		return nil, err
	}
	d.enter(contract.ActionLose)
	d.Outcome = contract.OutcomeLost
	d.Close = contract.Close{ReasonCode: string(body.Code), Competitor: body.Competitor, Note: body.Note, ClosedAt: closedAt}
	d.tell(contract.EventLost, map[string]any{"code": body.Code}, "/status", "/outcome", "/close", "/protection")
	if err := s.end(ctx, c, d); err != nil {
		return nil, err
	}
	return view(c, &d.record), nil
}

// Cancel ends an approved deal that was neither won nor lost.
func (s *Service) Cancel(ctx context.Context, dealID, ifMatch string, body *contract.Closing) (*contract.Deal, error) {
	c, d, err := s.act(ctx, dealID, ifMatch, contract.ActionCancel)
	if err != nil {
		return nil, err
	}
	if c.Caller.Vendor() && body.Reason == "" {
		return nil, invalid(problem.Field("/reason", "required", "The vendor gives a reason when it takes a protection away."))
	}
	d.enter(contract.ActionCancel)
	d.Outcome = contract.OutcomeNone
	d.Close = contract.Close{ReasonCode: "canceled", Note: body.Reason, ClosedAt: c.Now}
	d.tell(contract.EventCanceled, nil, "/status", "/outcome", "/close", "/protection")
	if err := s.end(ctx, c, d); err != nil {
		return nil, err
	}
	return view(c, &d.record), nil
}

// end gives an approved deal's protection back.
func (s *Service) end(ctx context.Context, c *call.Call, d *dossier) error {
	d.Protection.Status = contract.ProtectionStatusReleased
	if d.Status == contract.StatusCanceled && c.Caller.Vendor() {
		d.Protection.Status = contract.ProtectionStatusRevoked
	}
	if err := s.dropRequests(ctx, c, d); err != nil {
		return err
	}
	return s.letGo(ctx, c, d)
}

// closedAt is the instant of a closing day: now, or the end of a day in the past.
func (d *dossier) closedAt(c *call.Call, on partnerportal.Date, f *faults) time.Time {
	if on.IsZero() {
		return c.Now
	}
	if on.After(d.program.Today(c.Now)) {
		f.add("/closed_on", "out_of_range", "The day is yet to come. Give today or earlier.")
	}
	if end := d.program.EndOfDay(on); end.Before(c.Now) {
		return end
	}
	return c.Now
}

// remove deletes a draft and all that hangs on it.
func (d *dossier) remove(ctx context.Context, c *call.Call) error {
	if err := c.Tx.DropRefs(ctx, store.DropRefsParams{ResourceID: d.ID, Owner: d.PartnerID}); err != nil {
		return err
	}
	if err := c.Tx.DropTimers(ctx, d.ID); err != nil {
		return err
	}
	if err := figures.Move(ctx, c.Tx, d.PartnerID, c.Now, d.counted, nil); err != nil {
		return err
	}
	return store.Changed(c.Tx.DeleteDeal(ctx, store.DeleteDealParams{ID: d.ID, Revision: d.was.Revision}))
}
