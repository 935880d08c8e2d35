package leads

import (
	"context"
	"net/http"
	"time"

	"github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
)

// clockSkew is how far a partner's clock may run ahead of the portal's.
const clockSkew = 5 * time.Minute

// LogContact records that the partner approached the contact.
func (s *Service) LogContact(ctx context.Context, leadID, ifMatch string, body *leads.ContactLog) (*leads.Lead, error) {
	c := call.From(ctx)
	d, err := openHeld(ctx, c, leadID, leads.ActionContact, ifMatch)
	if err != nil {
		return nil, err
	}
	if !d.Consent.MayContact {
		return nil, consentMissing(http.StatusConflict)
	}
	at := body.At.UTC().Truncate(time.Microsecond)
	switch {
	case body.At.IsZero():
		at = c.Now
	case at.After(c.Now.Add(clockSkew)):
		return nil, invalid(problem.Field("/at", "out_of_range", "A contact that is yet to come cannot be logged."))
	case at.After(c.Now):
		at = c.Now
	}
	if err := d.enter(partnerportal.SidePartner, leads.ActionContact, leads.StatusWorking); err != nil {
		return nil, err
	}
	d.Contacts = append(d.Contacts, contacted{At: at, Channel: body.Channel, Note: body.Note})
	if at.After(d.LastContactAt) {
		d.LastContactAt = at
	}
	if d.SLA.FirstContactAt.IsZero() {
		d.SLA.FirstContactAt = at
	}
	if err := d.restartUpdateClock(ctx, c); err != nil {
		return nil, err
	}
	if err := d.save(ctx, c); err != nil {
		return nil, err
	}
	if err := d.emit(ctx, c, happened{
		event: leads.EventContacted, partnerID: d.PartnerID,
		facts: map[string]any{"channel": string(body.Channel), "contact": len(d.Contacts) - 1},
	}); err != nil {
		return nil, err
	}
	return d.answer(c), nil
}

// Return gives a lead back. The partner is out: what it could read of the lead is masked again.
func (s *Service) Return(ctx context.Context, leadID, ifMatch string, body *leads.Returning) (*leads.Lead, error) {
	c := call.From(ctx)
	d, err := openHeld(ctx, c, leadID, leads.ActionReturn, ifMatch)
	if err != nil {
		return nil, err
	}
	own := d.offerOf(c.Caller.PartnerID)
	own.Status, own.AnsweredAt, own.DeclineReason, own.DeclineNote = leads.OfferStatusDeclined, c.Now, body.Reason, body.Note
	what := []happened{{event: leads.EventReturned, partnerID: own.PartnerID, facts: map[string]any{"reason": string(body.Reason), "offer": own.ID}}}
	if what, err = d.fallBack(ctx, c, partnerportal.SidePartner, leads.ActionReturn, what); err != nil {
		return nil, err
	}
	d.PartnerID, d.AssignedUserID, d.SLA, d.LastContactAt = "", "", leads.SLA{}, time.Time{} // the next one starts afresh
	if err := c.Tx.DropTimers(ctx, d.ID); err != nil {
		return nil, err
	}
	if err := d.save(ctx, c); err != nil {
		return nil, err
	}
	for _, h := range what {
		if err := d.emit(ctx, c, h); err != nil {
			return nil, err
		}
	}
	return d.answer(c), nil
}

// Close ends a lead that led nowhere.
func (s *Service) Close(ctx context.Context, leadID, ifMatch string, body *leads.Closing) (*leads.Lead, error) {
	c := call.From(ctx)
	d, err := openHeld(ctx, c, leadID, leads.ActionClose, ifMatch)
	if err != nil {
		return nil, err
	}
	if err := d.enter(c.Caller.Side, leads.ActionClose, leads.StatusClosed); err != nil {
		return nil, err
	}
	d.CloseReason, d.CloseNote = body.Reason, body.Note
	if err := d.finish(ctx, c, happened{
		event: leads.EventClosed, partnerID: d.PartnerID, facts: map[string]any{"reason": string(body.Reason)},
	}); err != nil {
		return nil, err
	}
	return d.answer(c), nil
}

// finish saves a lead that has come to its end, stops its clocks, and tells.
func (d *dossier) finish(ctx context.Context, c *call.Call, h happened) error {
	if err := c.Tx.DropTimers(ctx, d.ID); err != nil {
		return err
	}
	if err := d.save(ctx, c); err != nil {
		return err
	}
	return d.emit(ctx, c, h)
}
