package leads

import (
	"context"
	"errors"

	"github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// Accept gives a lead to the partner that takes it first; called by the vendor it accepts a referral.
func (s *Service) Accept(ctx context.Context, leadID, ifMatch string) (*leads.Lead, error) {
	c := call.From(ctx)
	if c.Caller.Vendor() {
		return acceptReferral(ctx, c, leadID, ifMatch)
	}
	d, err := openFor(ctx, c, leadID, leads.ActionAccept)
	if err != nil {
		return nil, err
	}
	own, err := d.answerable(c, leads.ActionAccept)
	if err != nil {
		return nil, err
	}
	if err := d.ready(c, leads.ActionAccept, ifMatch); err != nil {
		return nil, err
	}
	rules, err := d.rules(ctx, c)
	if err != nil {
		return nil, err
	}
	if err := d.enter(partnerportal.SidePartner, leads.ActionAccept, leads.StatusAccepted); err != nil {
		return nil, err
	}
	own.Status, own.AnsweredAt = leads.OfferStatusAccepted, c.Now
	losers := d.end(c, leads.OfferStatusLostRace)
	d.PartnerID, d.Turn.Next = own.PartnerID, nil
	if err := d.startClocks(ctx, c, rules); err != nil {
		return nil, err
	}
	if err := d.save(ctx, c); err != nil {
		return nil, err
	}
	if err := d.emit(ctx, c, happened{event: leads.EventAccepted, partnerID: d.PartnerID}); err != nil {
		return nil, err
	}
	for _, loser := range losers {
		if err := d.emit(ctx, c, happened{
			event: leads.EventUpdated, partnerID: loser.PartnerID, audience: feed.Partner,
			facts: map[string]any{"lost_race": true}, fields: []string{"/offer/status", "/status"},
		}); err != nil {
			return nil, err
		}
	}
	return d.answer(c), nil
}

// Decline refuses an offer; the lead goes on to the next partner, or back.
func (s *Service) Decline(ctx context.Context, leadID, ifMatch string, body *leads.Declining) (*leads.Lead, error) {
	c := call.From(ctx)
	d, err := openFor(ctx, c, leadID, leads.ActionDecline)
	if err != nil {
		return nil, err
	}
	own, err := d.answerable(c, leads.ActionDecline)
	if err != nil {
		return nil, err
	}
	if err := d.ready(c, leads.ActionDecline, ifMatch); err != nil {
		return nil, err
	}
	own.Status, own.AnsweredAt, own.DeclineReason, own.DeclineNote = leads.OfferStatusDeclined, c.Now, body.Reason, body.Note
	failed := happened{event: leads.EventDeclined, partnerID: own.PartnerID, facts: map[string]any{"reason": string(body.Reason), "offer": own.ID}}
	if err := d.goOn(ctx, c, failed); err != nil {
		return nil, err
	}
	return d.answer(c), nil
}

// Recall takes an offered lead back from everybody who could still accept it.
func (s *Service) Recall(ctx context.Context, leadID, ifMatch string, body *leads.Recalling) (*leads.Lead, error) {
	c := call.From(ctx)
	d, err := openFor(ctx, c, leadID, leads.ActionRecall)
	if err != nil {
		return nil, err
	}
	if err := d.ready(c, leads.ActionRecall, ifMatch); err != nil {
		return nil, err
	}
	if err := d.enter(partnerportal.SideVendor, leads.ActionRecall, leads.StatusRecalled); err != nil {
		return nil, err
	}
	out := d.end(c, leads.OfferStatusRecalled)
	d.Turn.Next, d.SLA, d.CloseNote = nil, leads.SLA{}, body.Reason
	if err := d.save(ctx, c); err != nil {
		return nil, err
	}
	for _, o := range out {
		if err := d.emit(ctx, c, happened{event: leads.EventRecalled, partnerID: o.PartnerID}); err != nil {
			return nil, err
		}
	}
	return d.answer(c), nil
}

// answerable returns the caller's offer if it still can be answered. What stands in the way is told by the partner's own offer
// alone, before anything that the lead itself could give away.
func (d *dossier) answerable(c *call.Call, action leads.Action) (*offer, error) {
	own := d.offerOf(c.Caller.PartnerID)
	switch {
	case own == nil: // its own referral
		return nil, invalidState(c, d.seenBy(c), action)
	case own.Status == leads.OfferStatusLostRace && action == leads.ActionAccept:
		return nil, taken()
	case own.Status == leads.OfferStatusExpired, ranOut(&own.Offer, c.Now):
		return nil, offerExpired()
	case own.Status != leads.OfferStatusPending:
		return nil, invalidState(c, d.seenBy(c), action)
	}
	return own, nil
}

// end ends all pending offers.
func (d *dossier) end(c *call.Call, status leads.OfferStatus) []*offer {
	ended := d.pending()
	for _, o := range ended {
		o.Status, o.AnsweredAt = status, c.Now
	}
	return ended
}

// goOn saves the lead after an offer failed, and passes it on: others may still accept, or it is the next one's turn, or it
// falls back to the vendor. failed tells what happened.
func (d *dossier) goOn(ctx context.Context, c *call.Call, failed ...happened) error {
	var next *offer
	if len(d.pending()) == 0 {
		partnerID, err := d.nextInTurn(ctx, c)
		if err != nil {
			return err
		}
		if partnerID != "" {
			next = d.offerTo(c, partnerID)
		} else if failed, err = d.fallBack(ctx, c, c.Caller.Side, leads.ActionDecline, failed); err != nil {
			return err
		}
	}
	if err := d.save(ctx, c); err != nil {
		return err
	}
	for _, h := range failed {
		if err := d.emit(ctx, c, h); err != nil {
			return err
		}
	}
	if next == nil {
		return nil
	}
	return d.tellOffered(ctx, c, next)
}

// nextInTurn is the next partner of a round robin that can still take leads, or "".
func (d *dossier) nextInTurn(ctx context.Context, c *call.Call) (string, error) {
	for len(d.Turn.Next) > 0 {
		id := d.Turn.Next[0]
		d.Turn.Next = d.Turn.Next[1:]
		partner, err := directory.LoadPartner(ctx, c.Tx, id)
		switch {
		case errors.Is(err, store.ErrNotFound):
		case err != nil:
			return "", err
		case partner.Active():
			return id, nil
		}
	}
	return "", nil
}

// fallBack returns the lead to the vendor: for another distribution, or for good after the last round. It adds to what happened.
func (d *dossier) fallBack(ctx context.Context, c *call.Call, side partnerportal.Side, action leads.Action, before []happened) ([]happened, error) {
	rules, err := d.rules(ctx, c)
	if err != nil {
		return nil, err
	}
	to, event := leads.StatusReturned, leads.EventReturned
	if rules.MaxRounds > 0 && d.Routing.Round >= rules.MaxRounds {
		to, event = leads.StatusUnplaced, leads.EventUnplaced
	}
	if err := d.enter(side, action, to); err != nil {
		return nil, err
	}
	if to == leads.StatusReturned && action == leads.ActionReturn {
		return before, nil // the partner's own event says so
	}
	return append(before, happened{event: event}), nil
}
