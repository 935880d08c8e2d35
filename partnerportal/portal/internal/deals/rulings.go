package deals

import (
	"context"
	"slices"

	contract "github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
)

// ruling is what the vendor may do with a conflict.
type ruling struct {
	action  string
	from    []contract.ConflictStatus
	to      contract.ConflictStatus
	outcome contract.ConflictOutcome // when the vendor names none
}

var (
	open   = []contract.ConflictStatus{contract.ConflictStatusOpen}
	awaits = []contract.ConflictStatus{contract.ConflictStatusOpen, contract.ConflictStatusEscalated}

	dismiss  = ruling{"dismiss", awaits, contract.ConflictStatusDismissed, contract.ConflictOutcomeDismissed}
	uphold   = ruling{"uphold", awaits, contract.ConflictStatusUpheld, contract.ConflictOutcomeFirstWins}
	share    = ruling{"share", awaits, contract.ConflictStatusShared, contract.ConflictOutcomeCoSell}
	escalate = ruling{"escalate", open, contract.ConflictStatusEscalated, ""}

	rulings = []ruling{dismiss, uphold, share, escalate}
)

const addEvidence = "add_evidence"

func conflictActions(cf *conflict, caller call.Caller) []string {
	actions := []string{}
	if sideOf(caller) == byVendor && caller.May("deals:review") {
		for _, r := range rulings {
			if slices.Contains(r.from, cf.Status) {
				actions = append(actions, r.action)
			}
		}
	}
	if cf.unsettled() && caller.May("deals:write", "deals:review") {
		actions = append(actions, addEvidence)
	}
	return actions
}

func conflictState(c *call.Call, cf *conflict, action string) error {
	detail := "The conflict is " + problem.Words(string(cf.Status)) + ", and in this state there is no " + problem.Words(action) + "."
	return problem.InvalidState(detail, cf.Status, conflictActions(cf, c.Caller))
}

// readConflict returns a conflict that the caller may know of: a partner those of its own deals.
func readConflict(ctx context.Context, c *call.Call, id string) (*conflict, error) {
	doc, err := c.Tx.Conflict(ctx, id)
	if err != nil {
		return nil, call.OrNotFound(err, "conflict")
	}
	cf, err := decodeConflict(doc)
	if err != nil {
		return nil, err
	}
	if c.Caller.Side == partnerportal.SidePartner && (cf.PartnerID != c.Caller.PartnerID || cf.Undisclosed) {
		return nil, call.NotFound("conflict")
	}
	return cf, nil
}

// GetConflict returns a conflict.
func (s *Service) GetConflict(ctx context.Context, conflictID string) (*contract.Conflict, error) {
	c := call.From(ctx)
	cf, err := readConflict(ctx, c, conflictID)
	if err != nil {
		return nil, err
	}
	return viewConflict(c, cf), nil
}

// AddEvidence adds to what either side brings up.
func (s *Service) AddEvidence(ctx context.Context, conflictID string, body *contract.NewEvidence) (*contract.Conflict, error) {
	c := call.From(ctx)
	cf, err := readConflict(ctx, c, conflictID)
	if err != nil {
		return nil, err
	}
	if !cf.unsettled() {
		return nil, conflictState(c, cf, addEvidence)
	}
	const most = 200
	if len(cf.Evidence) >= most {
		return nil, invalid(problem.Field("", "too_many", "A conflict takes 200 pieces of evidence."))
	}
	added := evidence(c, *body)
	if added.Ref == "" && added.Text == "" {
		return nil, invalid(problem.Field("/text", "required", "Say what the evidence shows, or where it is."))
	}
	cf.Evidence, cf.dirty = append(cf.Evidence, added), true
	if err := cf.save(ctx, c); err != nil {
		return nil, err
	}
	return viewConflict(c, cf), nil
}

func evidence(c *call.Call, e contract.NewEvidence) contract.Evidence {
	return contract.Evidence{Kind: e.Kind, Ref: e.Ref, Text: e.Text, AddedAt: c.Now, AddedBy: c.Caller.Actor()}
}

// DismissConflict finds that there is no conflict.
func (s *Service) DismissConflict(ctx context.Context, conflictID, ifMatch string, body *contract.ConflictRuling) (*contract.Conflict, error) {
	return s.rule(ctx, conflictID, ifMatch, dismiss, body)
}

// UpholdConflict finds for the other side.
func (s *Service) UpholdConflict(ctx context.Context, conflictID, ifMatch string, body *contract.ConflictRuling) (*contract.Conflict, error) {
	return s.rule(ctx, conflictID, ifMatch, uphold, body)
}

// ShareConflict lets both sides work the customer.
func (s *Service) ShareConflict(ctx context.Context, conflictID, ifMatch string, body *contract.ConflictRuling) (*contract.Conflict, error) {
	return s.rule(ctx, conflictID, ifMatch, share, body)
}

// EscalateConflict hands the conflict up. It goes on blocking.
func (s *Service) EscalateConflict(ctx context.Context, conflictID, ifMatch string, body *contract.ConflictRuling) (*contract.Conflict, error) {
	return s.rule(ctx, conflictID, ifMatch, escalate, body)
}

func (s *Service) rule(ctx context.Context, conflictID, ifMatch string, r ruling, body *contract.ConflictRuling) (*contract.Conflict, error) {
	c := call.From(ctx)
	if !c.Caller.Vendor() {
		return nil, problem.WrongSide(c.Caller.Side)
	}
	seen, err := readConflict(ctx, c, conflictID)
	if err != nil {
		return nil, err
	}
	if err := matches(ctx, c, "", seen.Revision, ifMatch); err != nil {
		return nil, err
	}
	if !slices.Contains(r.from, seen.Status) {
		return nil, conflictState(c, seen, r.action)
	}
	if err := checkRuling(seen, body); err != nil {
		return nil, err
	}
	d, err := s.open(ctx, c, seen.DealID, "")
	if err != nil {
		return nil, err
	}
	if err := d.load(ctx, c); err != nil {
		return nil, err
	}
	cf := d.conflicts[slices.IndexFunc(d.conflicts, func(cf *conflict) bool { return cf.ID == conflictID })]
	if !slices.Contains(r.from, cf.Status) { // the deal had expired unseen
		return nil, conflictState(c, cf, r.action)
	}
	cf.Status, cf.dirty = r.to, true
	cf.Decision = contract.Resolution{Outcome: contract.ConflictOutcome(firstOf(string(body.Outcome), string(r.outcome))), Rationale: body.Rationale,
		Shares: body.Shares, DecidedBy: c.Caller.Actor(), DecidedAt: c.Now}
	switch r.to {
	case contract.ConflictStatusUpheld:
		cf.Severity = contract.ConflictSeverityBlocking
	case contract.ConflictStatusShared:
		err = s.yield(ctx, c, cf.Against.DealID, d)
	}
	if err != nil {
		return nil, err
	}
	if !cf.unsettled() {
		d.tellTo(cf.audience(), contract.EventConflictResolved, cf.facts(), "/conflicts")
	}
	if err := d.save(ctx, c); err != nil {
		return nil, err
	}
	return viewConflict(c, cf), nil
}

// yield takes exclusivity from protections that are shared by a ruling.
func (s *Service) yield(ctx context.Context, c *call.Call, againstID string, d *dossier) error {
	if d.Protection.Exclusivity == contract.ExclusivityExclusive {
		d.Protection.Exclusivity = contract.ExclusivityShared
	}
	if againstID == "" {
		return nil
	}
	r, err := readAny(ctx, c, againstID)
	if isUnknown(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if r.Status != contract.StatusApproved || r.Protection.Exclusivity != contract.ExclusivityExclusive {
		return nil
	}
	other, err := unfold(ctx, c, r)
	if err != nil {
		return err
	}
	other.Protection.Exclusivity = contract.ExclusivityShared
	other.tell(contract.EventUpdated, nil, "/protection/exclusivity")
	return other.save(ctx, c)
}

// checkRuling holds that shares are of the two deals and come to at most the whole.
func checkRuling(cf *conflict, body *contract.ConflictRuling) error {
	var f faults
	sum, seen := 0, map[string]bool{}
	for i, s := range body.Shares {
		hundredths, ok := percent(s.Percent)
		if !ok {
			f.add(pointer("shares", i, "percent"), "invalid_format", "Give a percentage from 0 to 100.")
		}
		sum += hundredths
		if s.DealID != cf.DealID && (s.DealID != cf.Against.DealID || s.DealID == "") {
			f.add(pointer("shares", i, "deal_id"), "invalid_value", "Name one of the two deals of the conflict.")
		} else if seen[s.DealID] {
			f.add(pointer("shares", i, "deal_id"), "duplicate_key", "Give each deal one share.")
		}
		seen[s.DealID] = true
	}
	if sum > wholePercent {
		f.add("/shares", "out_of_range", "The shares come to more than 100 percent.")
	}
	if body.Rationale == "" {
		f.add("/rationale", "required", "Say why.")
	}
	return f.err()
}
