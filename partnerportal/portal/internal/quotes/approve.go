package quotes

import (
	"cmp"
	"context"
	"fmt"
	"net/http"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/pricing"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	contract "github.com/partnerportal/partnerportal-go/quotes"
)

// RequestApproval asks the vendor to approve the discounts that the partner may not decide.
func (s *Service) RequestApproval(ctx context.Context, quoteID, ifMatch string, body *contract.ApprovalRequest) (*contract.Quote, error) {
	c, d, err := openQuote(ctx, quoteID, ifMatch, contract.ActionRequestApproval)
	if err != nil {
		return nil, err
	}
	if err := s.stillCosts(ctx, c, d); err != nil {
		return nil, err
	}
	policy, err := policyOf(ctx, c, d.ProgramID)
	if err != nil {
		return nil, err
	}
	lines := d.unapproved(policy)
	if len(lines) == 0 {
		return nil, problem.New(http.StatusConflict, contract.ErrApprovalNotNeeded, "You may decide these discounts yourself: present the quote.")
	}
	role, ok := decider(policy, lines)
	if !ok {
		most := policy.Manual.Thresholds[len(policy.Manual.Thresholds)-1].Percent
		e := problem.New(http.StatusConflict, contract.ErrDiscountExceedsAuthority, "Nobody may approve more than "+most+" %. Ask for special pricing.")
		return nil, problem.With(e, "max_percent", most)
	}
	if err := d.enter(c, contract.ActionRequestApproval, contract.StatusPendingApproval); err != nil {
		return nil, err
	}
	d.Approvals = append(d.Approvals, contract.Approval{
		ID: ids.New(ids.Approval, c.Now), Status: contract.ApprovalStatusPending, Role: role, LimitPercent: cmp.Or(policy.Manual.PartnerPercent, "0"),
		Lines: lines, Justification: body.Justification, RequestedAt: c.Now,
	})
	d.tell(contract.EventApprovalRequested, money(d.Totals.Total), "/status", "/approvals")
	return d.answer(ctx, c)
}

// decide notes what the vendor made of the discounts.
func (d *dossier) decide(c *call.Call, status contract.ApprovalStatus, comment string) *contract.Approval {
	a := &d.Approvals[len(d.Approvals)-1]
	a.Status, a.DecidedAt, a.DecidedBy, a.Comment = status, c.Now, c.Caller.Actor(), comment
	return a
}

// Approve approves the discounts that were asked for. What nobody presents expires as what nobody accepts does: an approval is of its time. If the day
// that the partner has named is over by now, that is at once, and the next version has the approval without the day.
func (s *Service) Approve(ctx context.Context, quoteID, ifMatch string, body *contract.Remark) (*contract.Quote, error) {
	c, d, err := openQuote(ctx, quoteID, ifMatch, contract.ActionApprove)
	if err != nil {
		return nil, err
	}
	a := d.decide(c, contract.ApprovalStatusApproved, body.Note)
	for i := range a.Lines {
		a.Lines[i].ApprovedPercent = a.Lines[i].RequestedPercent
	}
	d.grants(a.Lines)
	d.ApprovalNeeded = false
	policy, err := policyOf(ctx, c, d.ProgramID)
	if err != nil {
		return nil, err
	}
	if err := d.limit(ctx, c, &policy.Quote); err != nil {
		return nil, err
	}
	if err := d.enter(c, contract.ActionApprove, contract.StatusReady); err != nil {
		return nil, err
	}
	d.tell(contract.EventApproved, map[string]any{"expires_at": d.ExpiresAt}, "/status", "/approvals", "/valid_until_on", "/expires_at")
	return d.answer(ctx, c)
}

// Counter offers other discounts, which need no other approval.
func (s *Service) Counter(ctx context.Context, quoteID, ifMatch string, body *contract.CounterOffer) (*contract.Quote, error) {
	c, d, err := openQuote(ctx, quoteID, ifMatch, contract.ActionCounter)
	if err != nil {
		return nil, err
	}
	a := d.decide(c, contract.ApprovalStatusCountered, body.Comment)
	offer := map[string]string{}
	for i, l := range body.Lines {
		at := fmt.Sprintf("/lines/%d/line_id", i)
		if d.line(l.LineID) == nil {
			return nil, problem.Invalid(at, "invalid_value", "The quote has no such line.")
		}
		if _, twice := offer[l.LineID]; twice {
			return nil, problem.Invalid(at, "duplicate_key", "Name each line once.")
		}
		offer[l.LineID] = l.Percent
	}
	for i := range a.Lines {
		l := &a.Lines[i]
		l.ApprovedPercent = cmp.Or(offer[l.LineID], a.LimitPercent)
	}
	d.offer(offer, pricing.Points(a.LimitPercent))
	var granted []contract.ApprovalLine
	for _, l := range body.Lines {
		granted = append(granted, contract.ApprovalLine{LineID: l.LineID, ApprovedPercent: l.Percent})
	}
	d.grants(granted)
	if err := d.enter(c, contract.ActionCounter, contract.StatusDraft); err != nil {
		return nil, err
	}
	if err := d.price(ctx, c); err != nil {
		return nil, err
	}
	d.tell(contract.EventCountered, money(d.Totals.Total), "/status", "/approvals", "/lines", "/adjustments", "/totals", "/pricing")
	return d.answer(ctx, c)
}

// offer gives each line the discount that the vendor offers. A line that it does not name keeps what it has, up to what the partner may
// decide. What was decided for the whole quote is a matter of the lines from then on.
func (d *dossier) offer(percents map[string]string, limit int64) {
	whole := len(d.Adjustments) > 0
	for i := range d.Lines {
		l := &d.Lines[i]
		has := pricing.Decided(l)
		p, named := percents[l.ID]
		switch {
		case named:
			l.Adjustment = contract.Adjustment{Percent: p, Reason: l.Adjustment.Reason}
		case has > limit:
			l.Adjustment = contract.Adjustment{Percent: pricing.Percent(limit), Reason: l.Adjustment.Reason}
		case whole:
			l.Adjustment = contract.Adjustment{Percent: pricing.Percent(has), Reason: l.Adjustment.Reason}
		}
		if pricing.Points(l.Adjustment.Percent) == 0 && l.Adjustment.Amount.IsZero() {
			l.Adjustment = contract.Adjustment{}
		}
	}
	d.Adjustments = nil
}

// Reject refuses the discounts that were asked for.
func (s *Service) Reject(ctx context.Context, quoteID, ifMatch string, body *contract.Rejection) (*contract.Quote, error) {
	return s.back(ctx, quoteID, ifMatch, contract.ActionReject, contract.ApprovalStatusRejected, contract.EventRejected, body.Reason)
}

// RequestChanges sends the quote back for changes.
func (s *Service) RequestChanges(ctx context.Context, quoteID, ifMatch string, body *contract.Rejection) (*contract.Quote, error) {
	return s.back(ctx, quoteID, ifMatch, contract.ActionRequestChanges, contract.ApprovalStatusChangesRequested, contract.EventChangesRequested, body.Reason)
}

// back makes a quote that waits for approval a draft again.
func (s *Service) back(ctx context.Context, quoteID, ifMatch string, action contract.Action, status contract.ApprovalStatus, event, reason string) (*contract.Quote, error) {
	c, d, err := openQuote(ctx, quoteID, ifMatch, action)
	if err != nil {
		return nil, err
	}
	d.decide(c, status, reason)
	if err := d.enter(c, action, contract.StatusDraft); err != nil {
		return nil, err
	}
	d.tell(event, nil, "/status", "/approvals")
	return d.answer(ctx, c)
}
