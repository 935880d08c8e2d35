package deals

import (
	"context"
	"encoding/json"
	"slices"

	contract "github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/figures"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
)

// dossier is a deal that an operation works on. Nothing is written before save, which writes all that belongs together: the deal,
// the keys it is found by, its references, conflicts and deadlines, and what is to be told of it.
type dossier struct {
	record
	program *policy.Program

	was       contract.Deal  // as it was read; its revision is 0 when the deal is new
	indexed   []string       // the keys under which it is found now
	counted   []figures.Part // what it adds to its partner's sums now
	conflicts []*conflict    // once loaded or made
	loaded    bool
	events    []feed.Event
}

func unfold(ctx context.Context, c *call.Call, r *record) (*dossier, error) {
	p, err := directory.Load(ctx, c.Tx, r.ProgramID)
	if err != nil {
		return nil, err
	}
	d := &dossier{record: *r, program: p, was: r.Deal}
	if d.counted, err = parts(r); err != nil {
		return nil, err
	}
	if indexedIn(r.Status) {
		d.indexed = r.Claim.index(r.PartnerID)
	}
	return d, nil
}

// indexedIn says that a deal in the state has keys. An approved one keeps them until it is seen to have expired.
func indexedIn(status contract.Status) bool {
	switch status {
	case contract.StatusSubmitted, contract.StatusInReview, contract.StatusChangesRequested, contract.StatusApproved:
		return true
	}
	return false
}

// tell notes an event for when the deal is saved.
func (d *dossier) tell(event string, facts map[string]any, changed ...string) {
	d.tellTo(feed.Both, event, facts, changed...)
}

func (d *dossier) tellTo(audience feed.Audience, event string, facts map[string]any, changed ...string) {
	if facts == nil {
		facts = map[string]any{}
	}
	facts["number"] = d.Number
	d.events = append(d.events, feed.Event{
		Type: event, ResourceType: resource, ResourceID: d.ID, PartnerID: d.PartnerID, Audience: audience, Facts: facts, ChangedFields: changed,
	})
}

// carry gives the event told last what its subscribers need and nobody else sees.
func (d *dossier) carry(payload any) { d.events[len(d.events)-1].Payload = payload }

// enter moves the deal to the state to which an action leads.
func (d *dossier) enter(action contract.Action) {
	to, ok := next(d.Status, action)
	if !ok {
		panic("deals: " + string(action) + " from " + string(d.Status) + " was not checked")
	}
	d.Status = to
}

func (d *dossier) save(ctx context.Context, c *call.Call) error {
	d.Revision, d.UpdatedAt = d.was.Revision+1, c.Now
	d.countConflicts()
	if err := d.write(ctx, c); err != nil {
		return err
	}
	for _, step := range []func(context.Context, *call.Call) error{d.reindex, d.count, d.saveRefs, d.saveConflicts, d.setTimers, d.publish} {
		if err := step(ctx, c); err != nil {
			return err
		}
	}
	d.was = d.Deal
	return nil
}

func (d *dossier) write(ctx context.Context, c *call.Call) error {
	doc, err := json.Marshal(&d.record)
	if err != nil {
		return err
	}
	domain, expires := identify(d.Customer, d.PartnerID, nil).Host.Site, int64(0)
	if d.Status == contract.StatusApproved || d.Status == contract.StatusExpired { // elsewhere the protection did not run out
		expires = store.Micros(d.Protection.ExpiresAt)
	}
	if d.was.Revision == 0 {
		return c.Tx.InsertDeal(ctx, store.InsertDealParams{
			ID: d.ID, Number: d.Number, Bucket: store.Bucket(d.ID), PartnerID: d.PartnerID, ProgramID: d.ProgramID,
			Status: string(d.Status), Outcome: string(d.Outcome), Priority: d.Priority, CustomerDomain: domain, ExpiresAt: expires,
			Revision: d.Revision, CreatedAt: store.Micros(d.CreatedAt), UpdatedAt: store.Micros(d.UpdatedAt), Doc: string(doc), WonOn: d.wonDay(),
		})
	}
	return store.Changed(c.Tx.UpdateDeal(ctx, store.UpdateDealParams{
		ID: d.ID, Revision: d.was.Revision, ProgramID: d.ProgramID, Status: string(d.Status), Outcome: string(d.Outcome),
		Priority: d.Priority, CustomerDomain: domain, ExpiresAt: expires, UpdatedAt: store.Micros(d.UpdatedAt), Doc: string(doc), WonOn: d.wonDay(),
	}))
}

// reindex makes the deal be found by what it stands for, and not at all when it stands for nothing any more.
func (d *dossier) reindex(ctx context.Context, c *call.Call) error {
	var keys []string
	if indexedIn(d.Status) {
		keys = d.Claim.index(d.PartnerID)
	}
	if slices.Equal(keys, d.indexed) {
		return nil
	}
	if len(d.indexed) > 0 {
		if err := c.Tx.DropDealKeys(ctx, d.ID); err != nil {
			return err
		}
	}
	for _, key := range keys {
		if err := c.Tx.PutDealKey(ctx, store.PutDealKeyParams{MatchKey: key, DealID: d.ID}); err != nil {
			return err
		}
	}
	d.indexed = keys
	return nil
}

// saveRefs keeps the deal's external references findable; the partner has each of them once.
func (d *dossier) saveRefs(ctx context.Context, c *call.Call) error {
	if slices.Equal(d.ExternalRefs, d.was.ExternalRefs) {
		return nil
	}
	return c.KeepRefs(ctx, d.PartnerID, resource, d.ID, d.ExternalRefs)
}

// setTimers replaces the deadlines when the deal's state sets others.
func (d *dossier) setTimers(ctx context.Context, c *call.Call) error {
	if d.Status == d.was.Status && d.Protection.ExpiresAt.Equal(d.was.Protection.ExpiresAt) && d.Review.ChangesDueAt.Equal(d.was.Review.ChangesDueAt) {
		return nil
	}
	if d.was.Revision > 0 {
		if err := c.Tx.DropTimers(ctx, d.ID); err != nil {
			return err
		}
	}
	for _, t := range deadlines(&d.record, d.program) {
		if !t.at.After(c.Now) {
			continue
		}
		if err := c.Tx.PutTimer(ctx, store.PutTimerParams{Kind: t.kind, ResourceID: d.ID, DueAt: store.Micros(t.at)}); err != nil {
			return err
		}
	}
	return nil
}

func (d *dossier) publish(ctx context.Context, c *call.Call) error {
	events := d.events
	d.events = nil
	for _, e := range events {
		e.Revision, e.State = d.Revision, string(d.Status)
		if err := c.Emit(ctx, e); err != nil {
			return err
		}
	}
	return nil
}
