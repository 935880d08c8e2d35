package leads

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
)

// dossier is a lead with all its offers, oldest first, while one operation works on it.
type dossier struct {
	record

	offers []*offer
	stored string // the lead's document as it was read; "" for a new lead
}

// offer is an offer and what the store knows of it: before is its stored status, "" for a new one.
type offer struct {
	leads.Offer

	before leads.OfferStatus
}

// open reads a lead in order to change it. Until the transaction ends nobody else does.
func open(ctx context.Context, c *call.Call, leadID string) (*dossier, error) {
	if err := c.Tx.Lock(ctx, "lead/"+leadID); err != nil {
		return nil, err
	}
	return readDossier(ctx, c, leadID)
}

func readDossier(ctx context.Context, c *call.Call, leadID string) (*dossier, error) {
	r, err := readRecord(ctx, c, leadID)
	if err != nil {
		return nil, err
	}
	d := &dossier{record: *r}
	if d.stored, err = encode(&d.record); err != nil {
		return nil, err
	}
	docs, err := c.Tx.OffersOfLead(ctx, leadID)
	if err != nil {
		return nil, err
	}
	for _, doc := range docs {
		o := new(offer)
		if err := json.Unmarshal([]byte(doc), &o.Offer); err != nil {
			return nil, fmt.Errorf("an offer of lead %s: %w", leadID, err)
		}
		o.before = o.Status
		d.offers = append(d.offers, o)
	}
	return d, nil
}

// openFor reads a lead for an action of the caller. Whose action it is comes first: that tells nothing about the lead.
func openFor(ctx context.Context, c *call.Call, leadID string, action leads.Action) (*dossier, error) {
	if !concerns(c.Caller.Side, action) {
		return nil, problem.WrongSide(c.Caller.Side)
	}
	return openVisible(ctx, c, leadID)
}

// openVisible reads a lead that the caller knows of. A partner that was never offered it must not learn that it exists.
func openVisible(ctx context.Context, c *call.Call, leadID string) (*dossier, error) {
	d, err := open(ctx, c, leadID)
	if err != nil {
		return nil, err
	}
	if c.Caller.Side == partnerportal.SidePartner && d.PartnerID != c.Caller.PartnerID && d.offerOf(c.Caller.PartnerID) == nil {
		return nil, call.NotFound(resource)
	}
	return d, nil
}

// ready checks what all actions need: the caller's revision, and a state in which the table has the action.
func (d *dossier) ready(c *call.Call, action leads.Action, ifMatch string) error {
	if err := problem.Unchanged("The lead", ifMatch, d.Revision); err != nil {
		return err
	}
	if !can(&d.Lead, c.Caller.Side, action) {
		return invalidState(c, d.seenBy(c), action)
	}
	return nil
}

// openHeld reads a lead for an action of the partner that holds it.
func openHeld(ctx context.Context, c *call.Call, leadID string, action leads.Action, ifMatch string) (*dossier, error) {
	d, err := openFor(ctx, c, leadID, action)
	if err != nil {
		return nil, err
	}
	if err := d.mine(c, action); err != nil {
		return nil, err
	}
	return d, d.ready(c, action, ifMatch)
}

// mine refuses a partner that does not hold the lead: one that is still offered it may accept first, any other is out.
func (d *dossier) mine(c *call.Call, action leads.Action) error {
	if c.Caller.Side != partnerportal.SidePartner || d.PartnerID == c.Caller.PartnerID {
		return nil
	}
	if o := d.offerOf(c.Caller.PartnerID); o != nil && o.Status == leads.OfferStatusPending {
		return invalidState(c, d.seenBy(c), action)
	}
	return notAssigned()
}

// enter changes the state, as the table has it.
func (d *dossier) enter(side partnerportal.Side, action leads.Action, to leads.Status) error {
	if !leadsTo(d.Direction, side, action, d.Status, to) {
		return fmt.Errorf("leads: the table has no way from %s to %s by %s of the %s", d.Status, to, action, side)
	}
	d.Status = to
	return nil
}

// offerOf is a partner's last offer, or nil.
func (d *dossier) offerOf(partnerID string) *offer {
	for _, o := range slices.Backward(d.offers) {
		if o.PartnerID == partnerID {
			return o
		}
	}
	return nil
}

// pending are the offers that wait for an answer.
func (d *dossier) pending() []*offer {
	var waiting []*offer
	for _, o := range d.offers {
		if o.Status == leads.OfferStatusPending {
			waiting = append(waiting, o)
		}
	}
	return waiting
}

// seenBy is the lead as the caller sees it, without affordances.
func (d *dossier) seenBy(c *call.Call) *leads.Lead {
	if c.Caller.Side == partnerportal.SidePartner {
		return d.partnerView(c, c.Caller.PartnerID)
	}
	return d.forVendor()
}

func (d *dossier) partnerView(c *call.Call, partnerID string) *leads.Lead {
	var own leads.Offer
	if o := d.offerOf(partnerID); o != nil {
		own = o.Offer
	}
	return d.forPartner(partnerID, own, c.Now)
}

// answer is what an operation returns after its work.
func (d *dossier) answer(c *call.Call) *leads.Lead {
	return withAffordances(d.seenBy(c), c.Caller, c.Now)
}
