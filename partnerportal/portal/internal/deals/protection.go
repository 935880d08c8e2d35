package deals

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	contract "github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
)

func isProtected(s contract.ProtectionStatus) bool {
	return s == contract.ProtectionStatusActive || s == contract.ProtectionStatusExtended
}

// lastDay is the day with whose end the protection ends.
func (d *dossier) lastDay() partnerportal.Date {
	return d.program.Today(d.Protection.ExpiresAt.Add(-time.Nanosecond))
}

// protect starts a window of so many days for what the deal stands for.
func (d *dossier) protect(now time.Time, days int, exclusivity contract.Exclusivity) {
	d.Protection = contract.Protection{
		Status: contract.ProtectionStatusActive, Exclusivity: exclusivity, StartsAt: now,
		ExtensionsRemaining: d.program.Deal.MaxExtensions,
	}
	d.protectClaim()
	d.endOn(d.program.Today(now).AddDays(days))
}

// protectClaim shows what is protected.
func (d *dossier) protectClaim() {
	d.Protection.Families, d.Protection.Territories = d.Claim.Families, d.Claim.Territories
	d.Protection.CustomerKey = clip(d.Claim.customerKey(d.PartnerID), 300)
}

func (d *dossier) endOn(day partnerportal.Date) {
	d.Protection.ExpiresAt = d.program.EndOfDay(day)
	d.Protection.ExtensionOpensAt = d.program.EndOfDay(day.AddDays(-d.program.Deal.ExtensionOpensBefore))
}

// exclusivity is how an approval protects the deal now: as the vendor asks, or else as the programme and the rulings have it. It
// refuses exclusive protection while another deal has it.
func (s *Service) exclusivity(ctx context.Context, c *call.Call, d *dossier, asked contract.Exclusivity) (contract.Exclusivity, error) {
	if err := lock(ctx, c, d.PartnerID, d.Claim); err != nil {
		return "", err
	}
	if err := d.load(ctx, c); err != nil {
		return "", err
	}
	shared, err := d.sharesWith(ctx, c)
	if err != nil {
		return "", err
	}
	held, ruled, err := s.heldExclusively(ctx, c, d)
	if err != nil {
		return "", err
	}
	given := asked
	if given == "" {
		given = contract.Exclusivity(d.program.Deal.Exclusivity)
		if given == contract.ExclusivityExclusive && (d.Claim.Services || shared || held && ruled) {
			given = contract.ExclusivityShared
		}
	}
	if given == contract.ExclusivityExclusive && (held || shared) {
		return "", problem.New(http.StatusConflict, contract.ErrProtectionTaken,
			"Another deal is protected for this customer and an overlapping scope. Settle the conflict as shared, or approve without exclusivity.")
	}
	return given, nil
}

// heldExclusively says whether another deal is protected exclusively for the same business, and whether the vendor has ruled each
// time that this is no conflict.
func (s *Service) heldExclusively(ctx context.Context, c *call.Call, d *dossier) (held, ruled bool, err error) {
	found, err := rivals(ctx, c, d.program, seeker{dealID: d.ID, partnerID: d.PartnerID, claim: d.Claim})
	if err != nil {
		return false, false, err
	}
	ruled = true
	for _, r := range found {
		if r.deal == nil || !r.strong() || !r.deal.exclusive(c.Now) {
			continue
		}
		held = true
		cf := d.known(r)
		ruled = ruled && cf != nil && cf.Status == contract.ConflictStatusDismissed
	}
	return held, ruled, nil
}

// sharesWith says that the vendor has ruled that the deal shares the customer, with a deal before or behind it that still stands.
func (d *dossier) sharesWith(ctx context.Context, c *call.Call) (bool, error) {
	docs, err := c.Tx.ConflictsAgainst(ctx, d.ID)
	if err != nil {
		return false, err
	}
	behind, err := decodeConflicts(docs)
	if err != nil {
		return false, err
	}
	for _, cf := range append(behind, d.conflicts...) {
		if cf.Status != contract.ConflictStatusShared {
			continue
		}
		other := cf.Against.DealID
		if other == d.ID {
			other = cf.DealID
		}
		if other == "" { // the vendor itself
			return true, nil
		}
		r, err := readAny(ctx, c, other)
		if isUnknown(err) {
			continue // a draft by then, and deleted
		}
		if err != nil {
			return false, err
		}
		if indexedIn(r.Status) && (r.Status != contract.StatusApproved || c.Now.Before(r.Protection.ExpiresAt)) {
			return true, nil
		}
	}
	return false, nil
}

// deadline is when the portal has to act on a deal.
type deadline struct {
	kind string
	at   time.Time
}

// The kinds of deadlines. The days of a notice follow its kind.
const (
	timerExpire   = "deal.expire"
	timerExpiring = "deal.expiring:"
	timerReminder = "deal.changes_reminder"
	timerOverdue  = "deal.changes_overdue"
)

// reminderDays are how long before the due day a partner is reminded of requested changes.
var reminderDays = []int{3, 1}

// deadlines are all that a deal's state sets. A timer that is not among them any more is stale.
func deadlines(r *record, p *policy.Program) []deadline {
	switch r.Status {
	case contract.StatusApproved:
		end := r.Protection.ExpiresAt
		last := p.Today(end.Add(-time.Nanosecond))
		all := []deadline{{timerExpire, end}}
		for _, days := range p.Deal.ExpiringNoticeDays {
			all = append(all, deadline{timerExpiring + strconv.Itoa(days), p.EndOfDay(last.AddDays(-days))})
		}
		return all
	case contract.StatusChangesRequested:
		due := r.Review.ChangesDueAt
		last := p.Today(due.Add(-time.Nanosecond))
		all := []deadline{{timerOverdue, due}}
		for _, days := range reminderDays {
			all = append(all, deadline{timerReminder, p.EndOfDay(last.AddDays(-days))})
		}
		return all
	}
	return nil
}

// Fire acts on a deadline. One that the deal no longer has is ignored.
func (s *Service) Fire(ctx context.Context, kind, resourceID string, dueAt time.Time) error {
	c := call.From(ctx)
	r, err := readAny(ctx, c, resourceID)
	if isUnknown(err) {
		return nil
	}
	if err != nil {
		return err
	}
	d, err := unfold(ctx, c, r)
	if err != nil {
		return err
	}
	if !d.expects(kind, dueAt) {
		return nil
	}
	switch kind {
	case timerExpire:
		return s.expire(ctx, c, d)
	case timerOverdue:
		return s.overdue(ctx, c, d)
	case timerReminder:
		d.tell(contract.EventChangesRequested, map[string]any{"reminder": true, "due_at": d.Review.ChangesDueAt})
	default:
		days, err := strconv.Atoi(strings.TrimPrefix(kind, timerExpiring))
		if err != nil {
			return fmt.Errorf("deals: unknown timer %q", kind)
		}
		d.tell(contract.EventExpiring, map[string]any{"days": days, "expires_at": d.Protection.ExpiresAt})
	}
	return d.publish(ctx, c) // nothing has changed
}

func (d *dossier) expects(kind string, dueAt time.Time) bool {
	for _, t := range deadlines(&d.record, d.program) {
		if t.kind == kind && t.at.Equal(dueAt) {
			return true
		}
	}
	return false
}

// expire ends a protection. Those who wait behind the deal are told.
func (s *Service) expire(ctx context.Context, c *call.Call, d *dossier) error {
	d.enter(actionExpire)
	d.Outcome, d.Protection.Status = contract.OutcomeNone, contract.ProtectionStatusExpired
	d.tell(contract.EventExpired, nil, "/status", "/outcome", "/protection")
	if err := s.dropRequests(ctx, c, d); err != nil {
		return err
	}
	return s.letGo(ctx, c, d)
}

// overdue withdraws a deal whose changes never came.
func (s *Service) overdue(ctx context.Context, c *call.Call, d *dossier) error {
	d.enter(actionOverdue)
	d.Outcome = contract.OutcomeNone
	d.Close = contract.Close{ReasonCode: "changes_overdue", ClosedAt: c.Now}
	d.tell(contract.EventWithdrawn, map[string]any{"reason": "changes_overdue"}, "/status", "/outcome", "/close")
	return s.letGo(ctx, c, d)
}
