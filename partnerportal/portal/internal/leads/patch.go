package leads

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"

	"github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// Update changes what the caller may change of a lead.
func (s *Service) Update(ctx context.Context, leadID, ifMatch string, body *leads.Patch) (*leads.Lead, error) {
	c := call.From(ctx)
	d, err := openVisible(ctx, c, leadID)
	if err != nil {
		return nil, err
	}
	named, err := membersOf(body)
	if err != nil {
		return nil, err
	}
	// What is named counts, not what would change: else a guess that is let through would confirm a masked value.
	if err := d.mayName(c, pointersOf(named)); err != nil {
		return nil, err
	}
	if err := problem.Unchanged("The lead", ifMatch, d.Revision); err != nil {
		return nil, err
	}
	before := d.views(c)
	d.apply(body)
	if err := d.check(ctx, c); err != nil {
		return nil, err
	}
	if refs, ok := body.ExternalRefs.Get(); ok || body.ExternalRefs.IsNull() {
		if err := d.setRefs(ctx, c, refs); err != nil {
			return nil, err
		}
	}
	return d.saveUpdate(ctx, c, before)
}

// mayName refuses a change of members that are not the caller's to change, or not now.
func (d *dossier) mayName(c *call.Call, named []string) error {
	seen := d.seenBy(c)
	if seen.Organization.Masked && (slices.Contains(named, "/organization") || slices.Contains(named, "/contact")) {
		return problem.New(http.StatusForbidden, leads.ErrMasked, "The organisation and the contact are masked until you accept the lead.")
	}
	if err := d.mine(c, leads.ActionUpdate); err != nil {
		return err
	}
	may, ever := editable(seen, c.Caller), ownMembers(d.Direction, c.Caller.Side)
	var never []partnerportal.FieldError
	late := false
	for _, pointer := range named {
		switch {
		case slices.Contains(may, pointer):
		case slices.Contains(ever, pointer):
			late = true
		default:
			never = append(never, problem.Field(pointer, "not_permitted", "This is not yours to change."))
		}
	}
	if never != nil {
		return invalid(never...)
	}
	if late {
		return invalidState(c, seen, leads.ActionUpdate)
	}
	return nil
}

// apply carries a patch out on everything but the references, which have an owner.
func (d *dossier) apply(patch *leads.Patch) {
	patch.Title.Apply(&d.Title)
	patch.Summary.Apply(&d.Summary)
	patch.Organization.Apply(&d.Organization)
	patch.Contact.Apply(&d.Contact)
	patch.Consent.Apply(&d.Consent)
	patch.Origin.Apply(&d.Origin)
	patch.ProductInterest.Apply(&d.ProductInterest)
	patch.EstimatedValue.Apply(&d.EstimatedValue)
	patch.Rating.Apply(&d.Rating)
	patch.Qualification.Apply(&d.Qualification)
	patch.Territory.Apply(&d.Territory)
	patch.ProgramID.Apply(&d.ProgramID)
	patch.AssignedUserID.Apply(&d.AssignedUserID)
}

// Upsert makes the vendor's lead with this reference what the body says.
func (s *Service) Upsert(ctx context.Context, system, refID, ifMatch string, body *leads.NewLead) (*leads.Lead, error) {
	c := call.From(ctx)
	if !c.Caller.Vendor() {
		return nil, problem.WrongSide(c.Caller.Side)
	}
	with := *body
	with.ExternalRefs = withRef(body.ExternalRefs, partnerportal.ExternalRef{System: system, ID: refID})
	id, err := c.Tx.Ref(ctx, store.RefParams{Owner: vendor, ResourceType: resource, System: system, RefID: refID})
	if errors.Is(err, store.ErrNotFound) {
		if ifMatch != "" { // "*" too asks for a lead that exists
			return nil, problem.New(http.StatusPreconditionFailed, "revision_mismatch", "There is no lead with this reference yet.")
		}
		return create(ctx, c, &with)
	}
	if err != nil {
		return nil, err
	}
	d, err := open(ctx, c, id)
	if err != nil {
		return nil, err
	}
	if err := problem.Unchanged("The lead", ifMatch, d.Revision); err != nil {
		return nil, err
	}
	before := d.views(c)
	if err := d.fill(ctx, c, &with); err != nil {
		return nil, err
	}
	if err := d.setRefs(ctx, c, with.ExternalRefs); err != nil {
		return nil, err
	}
	changed, err := diff(before[vendor], d.forVendor())
	if err != nil {
		return nil, err
	}
	// Where the values come from may always be brought up to date.
	changed = slices.DeleteFunc(changed, func(pointer string) bool { return pointer == "/source" })
	if err := d.mayName(c, changed); err != nil {
		return nil, err
	}
	return d.saveUpdate(ctx, c, before)
}

// withRef adds a reference unless it is there.
func withRef(refs []partnerportal.ExternalRef, ref partnerportal.ExternalRef) []partnerportal.ExternalRef {
	same := func(r partnerportal.ExternalRef) bool { return r.System == ref.System && r.ID == ref.ID }
	if slices.ContainsFunc(refs, same) {
		return refs
	}
	return append(slices.Clone(refs), ref)
}

// views are the lead as everybody sees it who follows it, by owner.
func (d *dossier) views(c *call.Call) map[string]*leads.Lead {
	views := map[string]*leads.Lead{vendor: d.forVendor()}
	if d.PartnerID != "" {
		views[d.PartnerID] = d.partnerView(c, d.PartnerID)
	}
	for _, o := range d.pending() {
		views[o.PartnerID] = d.partnerView(c, o.PartnerID)
	}
	return views
}

// saveUpdate saves a change of members and tells everybody what of it shows in its own view.
func (d *dossier) saveUpdate(ctx context.Context, c *call.Call, before map[string]*leads.Lead) (*leads.Lead, error) {
	if err := d.save(ctx, c); err != nil {
		return nil, err
	}
	after := d.views(c)
	for _, owner := range slices.Sorted(maps.Keys(before)) {
		changed, err := diff(before[owner], after[owner])
		if err != nil {
			return nil, err
		}
		if len(changed) == 0 {
			continue
		}
		h := happened{event: leads.EventUpdated, partnerID: owner, audience: feed.Partner, fields: changed}
		if owner == vendor {
			h.partnerID, h.audience = d.PartnerID, feed.Vendor
		}
		if err := d.emit(ctx, c, h); err != nil {
			return nil, err
		}
	}
	return d.answer(c), nil
}

// diff are the JSON pointers of the members that differ, but for the marks that every change leaves.
func diff(before, after *leads.Lead) ([]string, error) {
	was, err := membersOf(before)
	if err != nil {
		return nil, err
	}
	is, err := membersOf(after)
	if err != nil {
		return nil, err
	}
	for _, mark := range []string{"revision", "updated_at"} {
		delete(was, mark)
		delete(is, mark)
	}
	for name, value := range is {
		if bytes.Equal(was[name], value) {
			delete(is, name)
		}
		delete(was, name)
	}
	maps.Copy(is, was) // what is gone
	return pointersOf(is), nil
}

func membersOf(v any) (map[string]json.RawMessage, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var object map[string]json.RawMessage
	return object, json.Unmarshal(data, &object)
}

func pointersOf(object map[string]json.RawMessage) []string {
	pointers := make([]string, 0, len(object))
	for name := range object {
		pointers = append(pointers, "/"+name)
	}
	slices.Sort(pointers)
	return pointers
}
