package deals

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	contract "github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
)

// conflict is a conflict as it is stored.
type conflict struct {
	contract.Conflict
	PartnerID   string `json:"partner_id"`            // whose deal is in question
	Undisclosed bool   `json:"undisclosed,omitempty"` // the partner is not told

	was   int64 // the revision that was read; 0 when it is new
	dirty bool
}

// unsettled says that the conflict waits for a ruling.
func (cf *conflict) unsettled() bool {
	return cf.Status == contract.ConflictStatusOpen || cf.Status == contract.ConflictStatusEscalated
}

// blocks says that the conflict keeps its deal from being approved.
func (cf *conflict) blocks() bool {
	return cf.Severity == contract.ConflictSeverityBlocking && (cf.unsettled() || cf.Status == contract.ConflictStatusUpheld)
}

func decodeConflict(doc string) (*conflict, error) {
	cf := new(conflict)
	if err := json.Unmarshal([]byte(doc), cf); err != nil {
		return nil, fmt.Errorf("conflict: %w", err)
	}
	cf.was = cf.Revision
	return cf, nil
}

func decodeConflicts(docs []string) ([]*conflict, error) {
	all := make([]*conflict, 0, len(docs))
	for _, doc := range docs {
		cf, err := decodeConflict(doc)
		if err != nil {
			return nil, err
		}
		all = append(all, cf)
	}
	return all, nil
}

// load reads the deal's conflicts, once.
func (d *dossier) load(ctx context.Context, c *call.Call) error {
	if d.loaded {
		return nil
	}
	docs, err := c.Tx.ConflictsOfDeal(ctx, d.ID)
	if err != nil {
		return err
	}
	d.conflicts, err = decodeConflicts(docs)
	d.loaded = err == nil
	return err
}

// countConflicts keeps the summary on the deal, so that lists need not look at conflicts.
func (d *dossier) countConflicts() {
	if !d.loaded {
		return
	}
	d.Conflicts = contract.ConflictSummary{}
	for _, cf := range d.conflicts {
		if len(d.Conflicts.IDs) < 100 {
			d.Conflicts.IDs = append(d.Conflicts.IDs, cf.ID)
		}
		if cf.unsettled() {
			d.Conflicts.Open++
		}
		if cf.blocks() {
			d.Conflicts.Blocking++
		}
	}
}

func (d *dossier) saveConflicts(ctx context.Context, c *call.Call) error {
	for _, cf := range d.conflicts {
		if err := cf.save(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

func (cf *conflict) save(ctx context.Context, c *call.Call) error {
	if !cf.dirty {
		return nil
	}
	cf.Revision, cf.UpdatedAt = cf.was+1, c.Now
	doc, err := json.Marshal(cf)
	if err != nil {
		return err
	}
	if cf.was == 0 {
		seenBy := cf.PartnerID
		if cf.Undisclosed {
			seenBy = "" // lists of partners go by this column
		}
		err = c.Tx.InsertConflict(ctx, store.InsertConflictParams{
			ID: cf.ID, DealID: cf.DealID, AgainstID: cf.Against.DealID, PartnerID: seenBy, Status: string(cf.Status), Severity: string(cf.Severity),
			Bucket: store.Bucket(cf.ID), Revision: cf.Revision, CreatedAt: store.Micros(cf.CreatedAt), UpdatedAt: store.Micros(cf.UpdatedAt), Doc: string(doc),
		})
	} else {
		err = store.Changed(c.Tx.UpdateConflict(ctx, store.UpdateConflictParams{
			ID: cf.ID, Revision: cf.was, Status: string(cf.Status), Severity: string(cf.Severity), UpdatedAt: store.Micros(cf.UpdatedAt), Doc: string(doc),
		}))
	}
	cf.was, cf.dirty = cf.Revision, false
	return err
}

// meet looks for those who stand in the deal's way. It refuses the deal, or leaves conflicts for somebody to settle, as the
// programme has it. former is what the deal stood for until now, nil when it stood for nothing.
func (s *Service) meet(ctx context.Context, c *call.Call, d *dossier, former *claim) error {
	claims := []claim{d.Claim}
	if former != nil {
		claims = append(claims, *former)
	}
	found, err := d.survey(ctx, c, claims...)
	if err != nil {
		return err
	}
	var block []rival
	for _, r := range found {
		switch d.judge(r, former, c) {
		case own:
			e := problem.New(http.StatusConflict, contract.ErrOwnDuplicate, "You have registered this business already.")
			return problem.With(e, "existing_id", r.deal.ID)
		case blocking:
			if d.known(r) == nil {
				block = append(block, r)
			}
		}
	}
	if len(block) > 0 && d.program.Deal.SubmitOnConflict != submitReview {
		return conflictBlocked(c, d, block)
	}
	d.dispute(c, found, former)
	return nil
}

func conflictBlocked(c *call.Call, d *dossier, block []rival) error {
	e := problem.New(http.StatusConflict, contract.ErrConflict, "Somebody else holds this customer for the same business.")
	return problem.With(e, "conflict", map[string]any{"matches": reveal(c.Caller, d.program.Deal, d.Claim.Services, block)})
}

// known is the conflict that there is about a rival already.
func (d *dossier) known(r rival) *conflict {
	for _, cf := range d.conflicts {
		if cf.Against.Holder == r.holder && (r.deal == nil || cf.Against.DealID == r.deal.ID) && !cf.lapsed() {
			return cf
		}
	}
	return nil
}

// lapsed says that the portal closed the conflict because there was nothing left to decide: it may come up again.
func (cf *conflict) lapsed() bool {
	return cf.Status == contract.ConflictStatusDismissed && cf.Decision.DecidedBy.Side == call.System.Side
}

// dispute opens conflicts about new rivals and closes those that have gone.
func (d *dossier) dispute(c *call.Call, found []rival, former *claim) {
	for _, cf := range d.conflicts {
		gone := !slices.ContainsFunc(found, func(r rival) bool { return d.known(r) == cf })
		if gone && (cf.unsettled() || cf.Status == contract.ConflictStatusUpheld) {
			d.lapse(c, cf, "The registrations no longer overlap.")
		}
	}
	for _, r := range found {
		v := d.judge(r, former, c)
		if v != advisory && v != blocking || d.known(r) != nil {
			continue
		}
		cf := &conflict{PartnerID: d.PartnerID, dirty: true, Undisclosed: d.program.Deal.Disclosure == discloseNone, Conflict: contract.Conflict{
			ID: ids.New(ids.Conflict, c.Now), DealID: d.ID, Kind: kindOf(r), Severity: contract.ConflictSeverityAdvisory, Status: contract.ConflictStatusOpen,
			Against: contract.Against{Holder: r.holder}, MatchedOn: kinds(r.match), Score: scoreText(r.match.Score()),
			ScopeOverlap: contract.ScopeOverlap(r.overlap), CreatedAt: c.Now,
		}}
		if r.deal != nil {
			cf.Against.DealID = r.deal.ID
		}
		if v == blocking {
			cf.Severity = contract.ConflictSeverityBlocking
		}
		d.conflicts = append(d.conflicts, cf)
		d.Undisclosed = d.Undisclosed || cf.Undisclosed
	}
}

func kindOf(r rival) contract.ConflictKind {
	switch r.holder {
	case contract.HolderVendorDirect:
		return contract.ConflictKindVendorDirect
	case contract.HolderHouseAccount:
		return contract.ConflictKindAccountReserved
	}
	return contract.ConflictKindOtherPartner
}

// announceConflicts tells of those that are new.
func (d *dossier) announceConflicts() {
	for _, cf := range d.conflicts {
		if cf.was == 0 {
			d.tellTo(cf.audience(), contract.EventConflictOpened, cf.facts(), "/conflicts")
		}
	}
}

func (cf *conflict) audience() feed.Audience {
	if cf.Undisclosed {
		return feed.Vendor
	}
	return feed.Both
}

func (cf *conflict) facts() map[string]any {
	return map[string]any{"conflict_id": cf.ID, "severity": cf.Severity, "status": cf.Status}
}

// lapse closes a conflict about which nothing is left to decide.
func (d *dossier) lapse(c *call.Call, cf *conflict, why string) {
	cf.Status, cf.dirty = contract.ConflictStatusDismissed, true
	cf.Decision = contract.Resolution{Outcome: contract.ConflictOutcomeDismissed, Rationale: why, DecidedBy: call.System.Actor(), DecidedAt: c.Now}
	d.tellTo(cf.audience(), contract.EventConflictResolved, cf.facts(), "/conflicts")
}

// release saves a deal that no longer stands in anybody's way: its own conflicts are moot, and those who waited behind it are told.
func (s *Service) release(ctx context.Context, c *call.Call, d *dossier) (*contract.Deal, error) {
	if err := s.letGo(ctx, c, d); err != nil {
		return nil, err
	}
	return view(c, &d.record), nil
}

func (s *Service) letGo(ctx context.Context, c *call.Call, d *dossier) error {
	if err := d.load(ctx, c); err != nil {
		return err
	}
	for _, cf := range d.conflicts {
		if cf.unsettled() || cf.Status == contract.ConflictStatusUpheld {
			d.lapse(c, cf, "The registration no longer stands.")
		}
	}
	if err := d.save(ctx, c); err != nil {
		return err
	}
	return s.promote(ctx, c, d)
}

// promote tells those who waited behind the deal that they no longer do.
func (s *Service) promote(ctx context.Context, c *call.Call, d *dossier) error {
	return s.promoteIf(ctx, c, d, "The other registration no longer stands.", func(*record, *policy.Program) bool { return true })
}

// makeRoom tells those who waited behind the deal and do not meet what it stands for now.
func (s *Service) makeRoom(ctx context.Context, c *call.Call, d *dossier) error {
	return s.promoteIf(ctx, c, d, "The registrations no longer overlap.", func(behind *record, p *policy.Program) bool {
		return !meets(p.Deal, behind.Claim, behind.PartnerID, d.Claim, d.PartnerID)
	})
}

func (s *Service) promoteIf(ctx context.Context, c *call.Call, d *dossier, why string, free func(behind *record, p *policy.Program) bool) error {
	waiting, err := c.Tx.ConflictsAgainst(ctx, d.ID)
	if err != nil {
		return err
	}
	behind, err := decodeConflicts(waiting)
	if err != nil {
		return err
	}
	for _, cf := range behind {
		if !cf.unsettled() && cf.Status != contract.ConflictStatusUpheld {
			continue
		}
		if err := c.As(call.System, func() error { return s.moveUp(ctx, c, cf.DealID, d.ID, why, free) }); err != nil {
			return err
		}
	}
	return nil
}

// moveUp tells the partner behind, if it is free of it, that one of those ahead has gone.
func (s *Service) moveUp(ctx context.Context, c *call.Call, dealID, goneID, why string, free func(*record, *policy.Program) bool) error {
	r, err := readAny(ctx, c, dealID)
	if err != nil {
		return err
	}
	d, err := unfold(ctx, c, r)
	if err != nil {
		return err
	}
	if !free(&d.record, d.program) {
		return nil
	}
	if err := d.load(ctx, c); err != nil {
		return err
	}
	for _, cf := range d.conflicts {
		if cf.Against.DealID == goneID && (cf.unsettled() || cf.Status == contract.ConflictStatusUpheld) {
			d.lapse(c, cf, why)
		}
	}
	return d.save(ctx, c)
}
