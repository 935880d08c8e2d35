package quotes

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	contract "github.com/partnerportal/partnerportal-go/quotes"
)

// What holds where a policy says nothing.
const validDays = 30

var reminderDays = []int{7, 1}

// Present presents the quote to the customer: from now on this version never changes.
func (s *Service) Present(ctx context.Context, quoteID, ifMatch string) (*contract.Quote, error) {
	c, d, err := openQuote(ctx, quoteID, ifMatch, contract.ActionPresent)
	if err != nil {
		return nil, err
	}
	policy, err := policyOf(ctx, c, d.ProgramID)
	if err != nil {
		return nil, err
	}
	// Of a draft the policy of now says who decides; what the vendor has approved is ready, whatever it says.
	if d.Status == contract.StatusDraft && len(d.unapproved(policy)) > 0 {
		return nil, problem.New(http.StatusConflict, contract.ErrApprovalRequired, "A discount is larger than what you may decide: ask for approval.")
	}
	if err := d.addressed(policy); err != nil {
		return nil, err
	}
	if err := s.stillCosts(ctx, c, d); err != nil {
		return nil, err
	}
	if err := d.limit(ctx, c, &policy.Quote); err != nil {
		return nil, err
	}
	if !c.Now.Before(d.ExpiresAt) {
		return nil, problem.Invalid("/valid_until_on", "out_of_range", "The quote would end before it begins: give today or a day to come.")
	}
	if err := d.enter(c, contract.ActionPresent, contract.StatusPresented); err != nil {
		return nil, err
	}
	d.PresentedAt = c.Now
	facts := money(d.Totals.Total)
	facts["expires_at"] = d.ExpiresAt
	d.tell(contract.EventPresented, facts, "/status", "/valid_until_on", "/expires_at", "/presented_at")
	if err := note(ctx, d.SessionID, contract.SessionStepPresented, d.ID); err != nil {
		return nil, err
	}
	return d.answer(ctx, c)
}

// addressed wants to know to whom the quote is presented, and as much of where that is as the taxes depend on.
func (d *dossier) addressed(policy *contract.PricePolicy) error {
	country := d.Customer.Country
	switch {
	case strings.TrimSpace(d.Customer.Name) == "":
		return problem.Invalid("/customer/name", "required", "Say to whom the quote is presented.")
	case country == "" && len(policy.Taxes) > 0:
		return problem.Invalid("/customer/country", "required", "Say in which country the customer is: the taxes depend on it.")
	case d.Customer.Address.Region == "" && slices.ContainsFunc(policy.Taxes, func(t contract.PriceTax) bool { return t.Country == country && t.Region != "" }):
		return problem.Invalid("/customer/address/region", "required", "Say in which state or province the customer is: the taxes depend on it.")
	}
	return nil
}

// limit sets until when the quote is valid: to the end of the day that the partner has named, or for as many days from now as the policy says.
func (d *dossier) limit(ctx context.Context, c *call.Call, rules *contract.PriceQuoteRules) error {
	program, err := directory.Load(ctx, c.Tx, d.ProgramID)
	if err != nil {
		return err
	}
	if !d.OwnTerm {
		d.ValidUntilOn = program.Today(c.Now).AddDays(cmp.Or(rules.ValidDays, validDays))
	}
	d.ExpiresAt, d.Reminders = program.EndOfDay(d.ValidUntilOn), rules.ReminderDays
	if d.Reminders == nil {
		d.Reminders = reminderDays
	}
	return nil
}

// Accept records that the customer accepts.
func (s *Service) Accept(ctx context.Context, quoteID, ifMatch string, body *contract.Acceptance) (*contract.Quote, error) {
	c, d, err := openQuote(ctx, quoteID, ifMatch, contract.ActionAccept)
	if err != nil {
		return nil, err
	}
	a := *body
	if a.AcceptedAt.IsZero() {
		a.AcceptedAt = c.Now
	}
	a.AcceptedAt = a.AcceptedAt.UTC()
	if err := d.checkAcceptance(c, &a); err != nil {
		return nil, err
	}
	if err := d.enter(c, contract.ActionAccept, contract.StatusAccepted); err != nil {
		return nil, err
	}
	d.Acceptance, d.AcceptedAt = a, c.Now
	d.tell(contract.EventAccepted, money(d.Totals.Total), "/status", "/acceptance", "/accepted_at")
	if err := note(ctx, d.SessionID, contract.SessionStepAccepted, d.ID); err != nil {
		return nil, err
	}
	return d.answer(ctx, c)
}

// checkAcceptance wants an acceptance by somebody, while the quote was there to be accepted.
func (d *dossier) checkAcceptance(c *call.Call, a *contract.Acceptance) error {
	var f problem.Fields
	f.Text("/name", a.Name, 255)
	if !strings.Contains(a.Email, "@") {
		f.Add("/email", "invalid_format", "Give an e-mail address.")
	}
	switch at := a.AcceptedAt; {
	case at.After(c.Now):
		f.Add("/accepted_at", "out_of_range", "Nobody accepts in the future.")
	case at.Before(d.PresentedAt):
		f.Add("/accepted_at", "out_of_range", "Nobody accepts a quote before it is presented.")
	}
	return f.Err()
}

// Decline records that the customer declines.
func (s *Service) Decline(ctx context.Context, quoteID, ifMatch string, body *contract.Decline) (*contract.Quote, error) {
	c, d, err := openQuote(ctx, quoteID, ifMatch, contract.ActionDecline)
	if err != nil {
		return nil, err
	}
	if err := d.enter(c, contract.ActionDecline, contract.StatusDeclined); err != nil {
		return nil, err
	}
	d.Decline = *body
	d.tell(contract.EventDeclined, map[string]any{"reason": string(body.Reason)}, "/status", "/decline")
	return d.answer(ctx, c)
}

// Cancel ends a quote that has not been ordered.
func (s *Service) Cancel(ctx context.Context, quoteID, ifMatch string, body *contract.Remark) (*contract.Quote, error) {
	c, d, err := openQuote(ctx, quoteID, ifMatch, contract.ActionCancel)
	if err != nil {
		return nil, err
	}
	if d.Status == contract.StatusPendingApproval {
		d.withdrawApproval(c)
	}
	if err := d.enter(c, contract.ActionCancel, contract.StatusCanceled); err != nil {
		return nil, err
	}
	d.CloseNote = body.Note
	d.tell(contract.EventCanceled, nil, "/status")
	return d.answer(ctx, c)
}

// withdrawApproval ends a request for approval that nobody has to decide any more.
func (d *dossier) withdrawApproval(c *call.Call) {
	a := &d.Approvals[len(d.Approvals)-1]
	a.Status, a.DecidedAt, a.DecidedBy = contract.ApprovalStatusCanceled, c.Now, partnerportal.Actor{}
}
