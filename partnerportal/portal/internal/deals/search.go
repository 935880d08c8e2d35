package deals

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	contract "github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/match"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
)

// rival is somebody who may hold the same customer for overlapping business.
type rival struct {
	deal    *stance // nil when the vendor keeps the customer for itself
	holder  contract.Holder
	match   match.Match
	overlap match.Extent
	within  bool // the rival's scope takes in all of the claim: narrowing it does not help
}

// stance is what the search reads of a deal. Many are read for every registration of a sought-after customer.
type stance struct {
	ID         string          `json:"id"`
	PartnerID  string          `json:"partner_id"`
	ProgramID  string          `json:"program_id"`
	Status     contract.Status `json:"status"`
	Priority   int64           `json:"priority"`
	Claim      claim           `json:"claim"`
	Protection struct {
		Exclusivity contract.Exclusivity `json:"exclusivity"`
		ExpiresAt   time.Time            `json:"expires_at"`
	} `json:"protection"`
}

// stands says that the deal holds its claim at that time: it is undecided, or protected.
func (s *stance) stands(now time.Time) bool {
	return indexedIn(s.Status) && (s.Status != contract.StatusApproved || now.Before(s.Protection.ExpiresAt))
}

// exclusive says that nobody else may be protected exclusively beside the deal.
func (s *stance) exclusive(now time.Time) bool {
	return s.Status == contract.StatusApproved && s.stands(now) && s.Protection.Exclusivity == contract.ExclusivityExclusive
}

// strong says that the two customers are the same, not only alike.
func (r rival) strong() bool { return r.match.Severity() == match.Strong }

// seeker is whose claim is compared with others.
type seeker struct {
	dealID    string // "" for a pre-check
	partnerID string
	claim     claim
}

// lock keeps everybody else from deciding on these customers until the transaction ends. The names are sorted, so that two
// transactions cannot wait for each other.
func lock(ctx context.Context, c *call.Call, partnerID string, claims ...claim) error {
	var names []string
	for _, cl := range claims {
		for _, key := range cl.keys(partnerID) {
			names = append(names, "deals "+key)
		}
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if err := c.Tx.Lock(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// rivals finds all who stand for the same or a similar customer and overlapping business, in the order of their priority.
func rivals(ctx context.Context, c *call.Call, program *policy.Program, who seeker) ([]rival, error) {
	found := search{c: c, program: program, who: who, seen: map[string]bool{}}
	for _, key := range who.claim.keys(who.partnerID) { // of any programme: the pair decides which of them count
		if err := found.reserved(ctx, key); err != nil {
			return nil, err
		}
		rows, err := c.Tx.DealsByKey(ctx, key)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			if err := found.deal(ctx, row.ID, row.Doc); err != nil {
				return nil, err
			}
		}
	}
	id := who.claim.identity(who.partnerID, program.Deal.CustomerIDSystems)
	if near := nearKey(id); near != "" && slices.Contains(program.Deal.MatchKeys, match.KeyNameCountry) {
		rows, err := c.Tx.LatestDealsByKey(ctx, near)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			if err := found.deal(ctx, row.ID, row.Doc); err != nil {
				return nil, err
			}
		}
	}
	slices.SortStableFunc(found.rivals, func(a, b rival) int { return int(priorityOf(a) - priorityOf(b)) })
	return found.rivals, nil
}

// survey finds who stands for what the deal claims, after locking the claims until the transaction ends. The deal's own conflicts
// are loaded with it.
func (d *dossier) survey(ctx context.Context, c *call.Call, claims ...claim) ([]rival, error) {
	if err := lock(ctx, c, d.PartnerID, claims...); err != nil {
		return nil, err
	}
	found, err := rivals(ctx, c, d.program, seeker{dealID: d.ID, partnerID: d.PartnerID, claim: d.Claim})
	if err != nil {
		return nil, err
	}
	return found, d.load(ctx, c)
}

func priorityOf(r rival) int64 {
	if r.deal == nil {
		return 0 // the vendor was there before everybody
	}
	return r.deal.Priority
}

// search collects rivals, each of them once.
type search struct {
	c       *call.Call
	program *policy.Program
	who     seeker
	seen    map[string]bool
	rivals  []rival

	others map[string]policy.DealRules // what counts between this programme and another one
}

// between are the rules for a pair of deals. Two programmes may see customers and scopes differently; what either of them takes
// for the same is the same between them, so that no programme is a way around another's protections.
func (s *search) between(ctx context.Context, programID string) (policy.DealRules, error) {
	if programID == s.program.ID {
		return s.program.Deal, nil
	}
	if rules, known := s.others[programID]; known {
		return rules, nil
	}
	other, err := directory.Load(ctx, s.c.Tx, programID)
	if err != nil {
		return policy.DealRules{}, err
	}
	rules := s.program.Deal
	rules.MatchKeys = either(rules.MatchKeys, other.Deal.MatchKeys)
	rules.CustomerIDSystems = either(rules.CustomerIDSystems, other.Deal.CustomerIDSystems)
	rules.OverlapScope = slices.DeleteFunc(slices.Clone(rules.OverlapScope), func(on string) bool { return !slices.Contains(other.Deal.OverlapScope, on) })
	if s.others == nil {
		s.others = map[string]policy.DealRules{}
	}
	s.others[programID] = rules
	return rules, nil
}

func either(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

func (s *search) deal(ctx context.Context, id, doc string) error {
	if id == s.who.dealID || s.seen[id] {
		return nil
	}
	s.seen[id] = true
	r := new(stance)
	if err := json.Unmarshal([]byte(doc), r); err != nil {
		return fmt.Errorf("deal %s: %w", id, err)
	}
	if !r.stands(s.c.Now) {
		return nil
	}
	holder := contract.HolderOtherPartner
	if r.PartnerID == s.who.partnerID {
		holder = contract.HolderSelf
	}
	rules, err := s.between(ctx, r.ProgramID)
	if err != nil {
		return err
	}
	s.add(rules, rival{deal: r, holder: holder}, r.Claim, r.PartnerID)
	return nil
}

func (s *search) reserved(ctx context.Context, key string) error {
	rows, err := s.c.Tx.ReservedByKey(ctx, key)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if s.seen[row.Doc] {
			continue
		}
		s.seen[row.Doc] = true
		var customer partnerportal.Organization
		if err := json.Unmarshal([]byte(row.Doc), &customer); err != nil {
			return fmt.Errorf("reserved account: %w", err)
		}
		holder := contract.HolderHouseAccount // the vendor's own name for the holder is not for partners
		if row.Holder == string(contract.HolderVendorDirect) {
			holder = contract.HolderVendorDirect
		}
		s.add(s.program.Deal, rival{holder: holder}, claim{Customer: customer}, vendorOwner)
	}
	return nil
}

func (s *search) add(rules policy.DealRules, r rival, theirs claim, owner string) {
	id := s.who.claim.identity(s.who.partnerID, rules.CustomerIDSystems)
	r.match = id.Compare(theirs.identity(owner, rules.CustomerIDSystems)).Under(rules.MatchKeys)
	r.overlap = match.Overlap(s.who.claim.scope(), theirs.scope(), rules.OverlapScope)
	r.within = match.Covers(theirs.scope(), s.who.claim.scope(), rules.OverlapScope)
	if len(r.match) > 0 && r.overlap != match.Disjoint {
		s.rivals = append(s.rivals, r)
	}
}

// clash says that two claims are of the same customer and overlapping business.
func clash(rules policy.DealRules, a claim, aOwner string, b claim, bOwner string) bool {
	same := a.identity(aOwner, rules.CustomerIDSystems).Compare(b.identity(bOwner, rules.CustomerIDSystems)).Under(rules.MatchKeys).Severity() == match.Strong
	return same && match.Overlap(a.scope(), b.scope(), rules.OverlapScope) != match.Disjoint
}

// meets says that a claim finds another one in the search, see search.add.
func meets(rules policy.DealRules, a claim, aOwner string, b claim, bOwner string) bool {
	on := a.identity(aOwner, rules.CustomerIDSystems).Compare(b.identity(bOwner, rules.CustomerIDSystems)).Under(rules.MatchKeys)
	return len(on) > 0 && match.Overlap(a.scope(), b.scope(), rules.OverlapScope) != match.Disjoint
}

// The values of a programme's rules.
const (
	policyFirst    = "first_valid_wins"
	policyMultiple = "multiple_allowed"
	submitReview   = "allow_review"
	discloseNone   = "none"
	discloseExpiry = "existence_and_expiry"
)

// verdict is what a rival means for a deal.
type verdict int

const (
	harmlessRival verdict = iota
	advisory              // for a person to look at
	blocking
	own // the partner's own deal for the same business
)

// judge says what a rival means for the deal. former is what the deal stood for until now: whom it met there already, it is
// still ahead of or behind; whom it meets only now was there first, whatever the priorities.
func (d *dossier) judge(r rival, former *claim, c *call.Call) verdict {
	rules := d.program.Deal
	if r.holder == contract.HolderSelf {
		if r.strong() && r.deal.Claim.Services == d.Claim.Services {
			return own
		}
		return harmlessRival
	}
	if r.deal != nil && rules.ConflictPolicy == policyMultiple {
		return harmlessRival
	}
	if former != nil && r.deal != nil && r.deal.Priority > d.Priority && !r.deal.exclusive(c.Now) && clash(rules, *former, d.PartnerID, r.deal.Claim, r.deal.PartnerID) {
		return harmlessRival
	}
	joins := d.Claim.Services || r.deal != nil && r.deal.Claim.Services
	if !r.strong() || joins || rules.ConflictPolicy != policyFirst {
		return advisory
	}
	return blocking
}

// reveal tells the caller of rivals, as far as the programme discloses them: for each kind of holder at most one match, so that
// nobody can count.
func reveal(caller call.Caller, rules policy.DealRules, services bool, found []rival) []contract.Match {
	matches := []contract.Match{}
	for _, r := range found {
		if rules.Disclosure == discloseNone && r.holder != contract.HolderSelf && !caller.Vendor() {
			continue
		}
		m := contract.Match{Holder: r.holder, ScopeOverlap: contract.ScopeOverlap(r.overlap), MatchedOn: kinds(r.match), Options: waysOut(r, rules, services)}
		if r.strong() {
			m.Score = "1"
		}
		if r.deal != nil && (r.holder == contract.HolderSelf || caller.Vendor()) {
			m.ExistingDealID = r.deal.ID
		}
		if r.deal != nil && (r.holder == contract.HolderSelf || caller.Vendor() || rules.Disclosure == discloseExpiry) {
			m.ProtectedUntil = r.deal.Protection.ExpiresAt
		}
		at := slices.IndexFunc(matches, func(other contract.Match) bool {
			return other.Holder == m.Holder && other.ExistingDealID == m.ExistingDealID
		})
		if at < 0 {
			matches = append(matches, m)
			continue
		}
		matches[at] = mergeMatches(matches[at], m)
	}
	return matches
}

func mergeMatches(a, b contract.Match) contract.Match {
	for _, kind := range b.MatchedOn {
		if !slices.Contains(a.MatchedOn, kind) {
			a.MatchedOn = append(a.MatchedOn, kind)
		}
	}
	if b.ScopeOverlap == contract.ScopeOverlapFull {
		a.ScopeOverlap = b.ScopeOverlap
	}
	a.Score = firstOf(a.Score, b.Score)
	if b.ProtectedUntil.After(a.ProtectedUntil) {
		a.ProtectedUntil = b.ProtectedUntil
	}
	// A way out must lead past all of them.
	a.Options = slices.DeleteFunc(a.Options, func(o contract.WayOut) bool { return !slices.Contains(b.Options, o) })
	return a
}

func kinds(m match.Match) []contract.MatchKind {
	on := []contract.MatchKind{}
	for _, e := range m.On() {
		on = append(on, contract.MatchKind(e))
	}
	return on
}

// waysOut are what the partner can do about a rival, each of which works.
func waysOut(r rival, rules policy.DealRules, services bool) []contract.WayOut {
	ways := []contract.WayOut{}
	if r.holder == contract.HolderSelf {
		return ways
	}
	if r.deal != nil && !r.within {
		ways = append(ways, contract.WayOutNarrowScope)
	}
	if !services {
		ways = append(ways, contract.WayOutJoinAsServices)
	}
	if r.deal != nil && r.deal.Status == contract.StatusApproved && rules.Disclosure == discloseExpiry {
		ways = append(ways, contract.WayOutWaitUntil)
	}
	if rules.SubmitOnConflict == submitReview || rules.ConflictPolicy != policyFirst {
		ways = append(ways, contract.WayOutSubmitForReview)
	}
	return ways
}

// scoreText writes a score with at most two decimals.
func scoreText(score float64) string {
	if score >= 1 {
		return "1"
	}
	return strconv.FormatFloat(score, 'f', 2, 64)
}
