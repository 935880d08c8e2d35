package leads

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
)

// The kinds of timers of this room. An offer's belongs to the offer, the others to the lead.
const (
	timerOffer        = "lead.offer_expire"
	timerFirstContact = "lead.first_contact"
	timerUpdate       = "lead.update_due"
)

// Fire acts on a timer. It may be late or stale: the lead decides whether there still is anything to do.
func (s *Service) Fire(ctx context.Context, kind, resourceID string, dueAt time.Time) error {
	c := call.From(ctx)
	leadID := resourceID
	if kind == timerOffer {
		var err error
		if leadID, err = c.Tx.LeadOfOffer(ctx, resourceID); errors.Is(err, store.ErrNotFound) {
			return nil
		} else if err != nil {
			return err
		}
	}
	d, err := open(ctx, c, leadID)
	if errors.Is(err, partnerportal.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	switch kind {
	case timerOffer:
		return d.expire(ctx, c, resourceID)
	case timerFirstContact:
		if d.SLA.FirstContactAt.IsZero() && d.SLA.FirstContactBy.Equal(dueAt) {
			return d.breach(ctx, c, leads.SLAClockFirstContact)
		}
	case timerUpdate:
		if d.SLA.UpdateBy.Equal(dueAt) {
			return d.breach(ctx, c, leads.SLAClockUpdate)
		}
	}
	return nil
}

// expire ends an offer that nobody answered, and passes the lead on.
func (d *dossier) expire(ctx context.Context, c *call.Call, offerID string) error {
	i := slices.IndexFunc(d.offers, func(o *offer) bool { return o.ID == offerID })
	if i < 0 || !ranOut(&d.offers[i].Offer, c.Now) {
		return nil
	}
	late := d.offers[i]
	late.Status = leads.OfferStatusExpired
	d.note(leads.SLAClockAccept)
	return d.goOn(ctx, c,
		happened{event: leads.EventOfferExpired, partnerID: late.PartnerID},
		happened{event: leads.EventSLABreached, partnerID: late.PartnerID, facts: map[string]any{"clock": string(leads.SLAClockAccept)}})
}

// breach notes that the partner let a clock run out.
func (d *dossier) breach(ctx context.Context, c *call.Call, clock leads.SLAClock) error {
	if d.Direction != down || d.PartnerID == "" || slices.Contains(over, d.Status) {
		return nil
	}
	d.note(clock)
	if err := d.save(ctx, c); err != nil {
		return err
	}
	return d.emit(ctx, c, happened{event: leads.EventSLABreached, partnerID: d.PartnerID, facts: map[string]any{"clock": string(clock)}})
}

func (d *dossier) note(clock leads.SLAClock) {
	if !slices.Contains(d.SLA.Breached, clock) {
		d.SLA.Breached = append(slices.Clone(d.SLA.Breached), clock)
	}
}

// startClocks begins what the partner is held to when it has accepted: the first contact, and a report every so many days.
func (d *dossier) startClocks(ctx context.Context, c *call.Call, rules policy.LeadRules) error {
	d.SLA = leads.SLA{AcceptBy: d.SLA.AcceptBy, UpdateEveryDays: rules.UpdateEveryDays}
	if rules.FirstContactWithinHours > 0 {
		d.SLA.FirstContactBy = c.Now.Add(hours(rules.FirstContactWithinHours))
		if err := c.Tx.PutTimer(ctx, store.PutTimerParams{
			Kind: timerFirstContact, ResourceID: d.ID, DueAt: store.Micros(d.SLA.FirstContactBy),
		}); err != nil {
			return err
		}
	}
	return d.restartUpdateClock(ctx, c)
}

// restartUpdateClock runs from acceptance and from every contact. The first contact also stops its own clock.
func (d *dossier) restartUpdateClock(ctx context.Context, c *call.Call) error {
	if !d.SLA.FirstContactAt.IsZero() {
		if err := c.Tx.DropTimersOfKind(ctx, store.DropTimersOfKindParams{ResourceID: d.ID, Kind: timerFirstContact}); err != nil {
			return err
		}
	}
	if d.SLA.UpdateEveryDays <= 0 {
		return nil
	}
	if err := c.Tx.DropTimersOfKind(ctx, store.DropTimersOfKindParams{ResourceID: d.ID, Kind: timerUpdate}); err != nil {
		return err
	}
	d.SLA.UpdateBy = c.Now.AddDate(0, 0, d.SLA.UpdateEveryDays)
	return c.Tx.PutTimer(ctx, store.PutTimerParams{Kind: timerUpdate, ResourceID: d.ID, DueAt: store.Micros(d.SLA.UpdateBy)})
}
