package deals

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	contract "github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
)

// Create makes a draft.
func (s *Service) Create(ctx context.Context, body *contract.Registration) (*contract.Deal, error) {
	c := call.From(ctx)
	d, _, err := s.begin(ctx, c, body)
	if err != nil {
		return nil, err
	}
	var f faults
	f.checkDraft(&d.Deal)
	if err := f.err(); err != nil {
		return nil, err
	}
	return s.answer(ctx, c, d)
}

// begin makes the dossier of a deal that does not exist yet.
func (s *Service) begin(ctx context.Context, c *call.Call, body *contract.Registration) (*dossier, *policy.Partner, error) {
	if c.Caller.Side != partnerportal.SidePartner {
		return nil, nil, problem.New(http.StatusForbidden, "forbidden", "Deals are registered by partners.")
	}
	p, partner, err := mayRegister(ctx, c, c.Caller.PartnerID, body.ProgramID)
	if err != nil {
		return nil, nil, err
	}
	d, err := newDossier(ctx, c, p, partner.ID, ids.New(ids.Deal, c.Now))
	if err != nil {
		return nil, nil, err
	}
	apply(&d.Deal, *body)
	d.ProgramID = p.ID
	noteTiming(&d.record, body, c.Now)
	return d, partner, nil
}

func newDossier(ctx context.Context, c *call.Call, p *policy.Program, partnerID, id string) (*dossier, error) {
	number, err := c.Tx.NextNumber(ctx, resource)
	if err != nil {
		return nil, err
	}
	d := &dossier{program: p, loaded: true, record: record{Deal: contract.Deal{
		ID: id, Number: fmt.Sprintf("D-%06d", number), PartnerID: partnerID, ProgramID: p.ID, Status: contract.StatusDraft,
		Outcome: contract.OutcomeOpen, Livemode: c.Live, CreatedAt: c.Now, CreatedBy: c.Caller.Actor(),
		Protection: contract.Protection{Status: contract.ProtectionStatusNone},
	}}}
	d.tell(contract.EventCreated, nil, "/status")
	return d, nil
}

// mayRegister says under which programme a partner registers: its own, as long as both are active.
func mayRegister(ctx context.Context, c *call.Call, partnerID, programID string) (*policy.Program, *policy.Partner, error) {
	partner, err := directory.LoadPartner(ctx, c.Tx, partnerID)
	if err != nil {
		return nil, nil, err
	}
	p, err := directory.Load(ctx, c.Tx, partner.ProgramID)
	if err != nil {
		return nil, nil, err
	}
	if programID != "" && programID != p.ID { // another programme's rules are not for the partner to choose
		return nil, nil, invalid(problem.Field("/program_id", "invalid_value", "Name your own programme, or leave it out."))
	}
	if !p.InForce() || !partner.Active() {
		return nil, nil, problem.New(http.StatusForbidden, contract.ErrProgramNotActive, "The programme takes no registrations from you at present.")
	}
	return p, partner, nil
}

// Upsert makes a draft under an external reference, or changes the deal that has it.
func (s *Service) Upsert(ctx context.Context, system, refID, ifMatch string, body *contract.Registration) (*contract.Deal, error) {
	c := call.From(ctx)
	if c.Caller.Side != partnerportal.SidePartner {
		return nil, problem.WrongSide(c.Caller.Side)
	}
	named := func(ref partnerportal.ExternalRef) bool { return ref.System == system && ref.ID == refID }
	if !slices.ContainsFunc(body.ExternalRefs, named) {
		body.ExternalRefs = append(slices.Clone(body.ExternalRefs), partnerportal.ExternalRef{System: system, ID: refID})
	}
	existing, err := s.GetByRef(ctx, system, refID)
	if isUnknown(err) {
		if ifMatch != "" {
			return nil, problem.New(http.StatusPreconditionFailed, "revision_mismatch", "There is no deal with this reference yet.")
		}
		return s.Create(ctx, body)
	}
	if err != nil {
		return nil, err
	}
	// What the call leaves out stays as it is: the reference's owner may know less of the deal than the portal does by now.
	said := *body
	said.TermsAccepted, said.Timing = false, partnerportal.Timing{}
	patch, err := call.Tree(said)
	if err != nil {
		return nil, err
	}
	delete(patch, "started_at")
	patch["external_refs"], err = jsonOf(withRefs(existing.ExternalRefs, body.ExternalRefs))
	if err != nil {
		return nil, err
	}
	return s.change(ctx, existing.ID, ifMatch, patch)
}

// withRefs adds references, the known ones first.
func withRefs(known, more []partnerportal.ExternalRef) []partnerportal.ExternalRef {
	all := slices.Clone(known)
	for _, ref := range more {
		at := slices.IndexFunc(all, func(r partnerportal.ExternalRef) bool { return r.System == ref.System && r.ID == ref.ID })
		if at < 0 {
			all = append(all, ref)
		} else if ref.URL != "" {
			all[at].URL = ref.URL
		}
	}
	return all
}

func jsonOf(v any) (any, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var out any
	return out, json.Unmarshal(data, &out)
}

// Update changes fields of a deal.
func (s *Service) Update(ctx context.Context, dealID, ifMatch string, body *contract.Patch) (*contract.Deal, error) {
	patch, err := call.Tree(body)
	if err != nil {
		return nil, err
	}
	return s.change(ctx, dealID, ifMatch, patch)
}

// change merges a patch into the registration, if only editable fields come out different.
func (s *Service) change(ctx context.Context, dealID, ifMatch string, patch map[string]any) (*contract.Deal, error) {
	c := call.From(ctx)
	if err := rightSide(c.Caller, contract.ActionUpdate); err != nil {
		return nil, err
	}
	d, err := s.open(ctx, c, dealID, ifMatch)
	if err != nil {
		return nil, err
	}
	before, err := call.Tree(registrationOf(&d.Deal))
	if err != nil {
		return nil, err
	}
	target, err := call.Tree(registrationOf(&d.Deal))
	if err != nil {
		return nil, err
	}
	after, err := registrationFrom(call.Merge(target, patch))
	if err != nil {
		return nil, invalid(problem.Field("", "invalid_format", "The merged registration does not decode: "+clip(err.Error(), 200)))
	}
	apply(&d.Deal, after)
	now, err := call.Tree(registrationOf(&d.Deal))
	if err != nil {
		return nil, err
	}
	changed := difference(before, now)
	if len(changed) == 0 {
		return view(c, &d.record), nil // in any state: a job that repeats itself is not wrong
	}
	if _, ok := next(d.Status, contract.ActionUpdate); !ok {
		return nil, invalidState(c, &d.record, contract.ActionUpdate)
	}
	if err := s.checkChange(d, c, changed); err != nil {
		return nil, err
	}
	unstamp(&d.Deal, changed...)
	if d.Status == contract.StatusDraft {
		forgetDerived(&d.Deal, changed)
	}
	d.tell(contract.EventUpdated, nil, changed...)
	return s.answer(ctx, c, d)
}

func (s *Service) checkChange(d *dossier, c *call.Call, changed []string) error {
	var f faults
	may := editable(&d.record, c.Caller)
	for _, p := range changed {
		if !covered(p, may) {
			f.add(p, "not_permitted", "This field cannot be changed while the deal is "+problem.Words(string(d.Status))+".")
		}
	}
	f.checkDraft(&d.Deal)
	if slices.Contains(changed, "/program_id") && d.ProgramID != d.program.ID {
		f.add("/program_id", "invalid_value", "The programme is your own; leave it out.")
	}
	return f.err()
}

// forgetDerived clears what the portal had made of fields that have changed; a submission makes it anew.
func forgetDerived(d *contract.Deal, changed []string) {
	if !slices.ContainsFunc(changed, func(p string) bool {
		return p == "/products" || p == "/solution_area" || p == "/customer/name" || p == "/customer/country"
	}) {
		return
	}
	for _, p := range d.Prefilled {
		switch p.Pointer {
		case "/name":
			d.Name = ""
		case "/territory":
			d.Territory = ""
		}
	}
	unstamp(d, "/name", "/territory")
}

// Delete removes a draft.
func (s *Service) Delete(ctx context.Context, dealID, ifMatch string) error {
	c, d, err := s.act(ctx, dealID, ifMatch, contract.ActionDelete)
	if err != nil {
		return err
	}
	return d.remove(ctx, c)
}

// Clone copies a deal that has ended into a new draft.
func (s *Service) Clone(ctx context.Context, dealID string) (*contract.Deal, error) {
	c, old, err := s.act(ctx, dealID, "", contract.ActionClone)
	if err != nil {
		return nil, err
	}
	copied := registrationOf(&old.Deal)
	copied.ProgramID, copied.ExternalRefs = "", nil // a reference names one deal
	d, _, err := s.begin(ctx, c, &copied)
	if err != nil {
		return nil, err
	}
	d.RenewalOf = old.ID
	return s.answer(ctx, c, d)
}

// draftOfLead makes the draft that a converted lead becomes, with the id that the lead names already.
func (s *Service) draftOfLead(ctx context.Context, e feed.Event) error {
	c := call.From(ctx)
	lead, ok := e.Payload.(feed.LeadConversion)
	if !ok {
		return fmt.Errorf("lead %s: the event brings a %T", e.ResourceID, e.Payload)
	}
	var registration contract.Registration
	if err := json.Unmarshal(lead.Registration, &registration); err != nil {
		return fmt.Errorf("lead %s: %w", e.ResourceID, err)
	}
	p, partner, err := mayRegister(ctx, c, e.PartnerID, registration.ProgramID)
	if err != nil {
		return err
	}
	d, err := newDossier(ctx, c, p, partner.ID, lead.DealID)
	if err != nil {
		return err
	}
	apply(&d.Deal, registration)
	d.ProgramID, d.LeadID = p.ID, e.ResourceID
	stamp(&d.Deal, lead.Source, lead.Prefilled...)
	return d.save(ctx, c)
}
