package leads

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// save stores what changed. A lead that did not change keeps its revision: that a rival declined must not show.
func (d *dossier) save(ctx context.Context, c *call.Call) error {
	changed, err := d.saveLead(ctx, c)
	if err != nil {
		return err
	}
	readers := map[string]bool{} // whose view has to be written anew
	if changed && d.PartnerID != "" {
		readers[d.PartnerID] = true
	}
	for i, o := range d.offers {
		if o.before != o.Status || changed && o.Status == leads.OfferStatusPending {
			readers[o.PartnerID] = true
		}
		if err := saveOffer(ctx, c, o, i+1); err != nil {
			return err
		}
	}
	for _, partnerID := range slices.Sorted(maps.Keys(readers)) {
		if err := d.saveView(ctx, c, partnerID); err != nil {
			return err
		}
	}
	return nil
}

func (d *dossier) saveLead(ctx context.Context, c *call.Call) (changed bool, err error) {
	doc, err := encode(&d.record)
	if err != nil || doc == d.stored {
		return false, err
	}
	before := d.Revision
	d.Revision, d.UpdatedAt = before+1, c.Now
	if doc, err = encode(&d.record); err != nil {
		return false, err
	}
	isNew := d.stored == ""
	d.stored = doc
	at := store.Micros(c.Now)
	if isNew {
		return true, c.Tx.InsertLead(ctx, store.InsertLeadParams{
			ID: d.ID, Number: d.Number, Bucket: store.Bucket(d.ID), Direction: string(d.Direction), Status: string(d.Status),
			Rating: string(d.Rating), PartnerID: d.PartnerID, Revision: d.Revision, CreatedAt: at, UpdatedAt: at, Doc: doc,
		})
	}
	return true, store.Changed(c.Tx.UpdateLead(ctx, store.UpdateLeadParams{
		ID: d.ID, Revision: before, Status: string(d.Status), Rating: string(d.Rating), PartnerID: d.PartnerID, UpdatedAt: at, Doc: doc,
	}))
}

func saveOffer(ctx context.Context, c *call.Call, o *offer, position int) error {
	if o.before == o.Status {
		return nil
	}
	doc, err := encode(&o.Offer)
	if err != nil {
		return err
	}
	was := o.before
	o.before = o.Status
	if was == "" {
		if err := c.Tx.InsertOffer(ctx, store.InsertOfferParams{
			ID: o.ID, LeadID: o.LeadID, PartnerID: o.PartnerID, Status: string(o.Status), Bucket: store.Bucket(o.ID),
			Position: int64(position), AcceptBy: store.Micros(o.AcceptBy), CreatedAt: store.Micros(o.OfferedAt), Doc: doc,
		}); err != nil {
			return err
		}
		return c.Tx.PutTimer(ctx, store.PutTimerParams{Kind: timerOffer, ResourceID: o.ID, DueAt: store.Micros(o.AcceptBy)})
	}
	if err := store.Changed(c.Tx.UpdateOffer(ctx, store.UpdateOfferParams{
		ID: o.ID, OldStatus: string(was), NewStatus: string(o.Status), Doc: doc,
	})); err != nil {
		return err
	}
	return c.Tx.DropTimers(ctx, o.ID)
}

func (d *dossier) saveView(ctx context.Context, c *call.Call, partnerID string) error {
	seen := d.partnerView(c, partnerID)
	doc, err := encode(seen)
	if err != nil {
		return err
	}
	return c.Tx.PutLeadView(ctx, store.PutLeadViewParams{
		LeadID: d.ID, PartnerID: partnerID, Bucket: store.Bucket(d.ID), Direction: string(seen.Direction), Status: string(seen.Status),
		Rating: string(seen.Rating), CreatedAt: store.Micros(seen.CreatedAt), UpdatedAt: store.Micros(seen.UpdatedAt), Doc: doc,
	})
}

// setRefs replaces the caller's references to the lead.
func (d *dossier) setRefs(ctx context.Context, c *call.Call, refs []partnerportal.ExternalRef) error {
	owner := c.Caller.Owner()
	if err := c.KeepRefs(ctx, owner, resource, d.ID, refs); err != nil {
		return err
	}
	if d.Refs == nil {
		d.Refs = map[string][]partnerportal.ExternalRef{}
	}
	d.Refs[owner] = refs
	if len(refs) == 0 {
		delete(d.Refs, owner)
	}
	return nil
}

func encode(v any) (string, error) {
	data, err := json.Marshal(v)
	return string(data), err
}
