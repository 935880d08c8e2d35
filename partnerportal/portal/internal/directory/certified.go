package directory

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
)

// defaultLookAhead is how many days ahead credentials that end are looked for, where the programme does not say.
const defaultLookAhead = 60

// CountsCredentials says that the portal counts a requirement from what people hold.
func CountsCredentials(r program.Requirement) bool {
	return len(r.CredentialDefinitionIDs) > 0
}

// Held are the credentials of a partner's people that are in force at an instant.
type Held []store.HoldingsOfRow

// HeldBy reads what a partner's people hold, if one of the tiers asks for it.
func HeldBy(ctx context.Context, tx *store.Tx, tiers []policy.Tier, partnerID string, at time.Time) (Held, error) {
	if !slices.ContainsFunc(tiers, func(t policy.Tier) bool { return slices.ContainsFunc(t.Requirements, CountsCredentials) }) {
		return nil, nil
	}
	return tx.HoldingsOf(ctx, store.HoldingsOfParams{PartnerID: partnerID, At: store.Micros(at)})
}

// Progress is how far they meet a requirement now, and until when, if nobody renews.
func (h Held) Progress(r program.Requirement, p *policy.Program, now time.Time) program.Progress {
	held := h.asked(r, store.Micros(now))
	t := tally{each: cmp.Or(r.PeopleEach, 1), people: r.Kind == program.RequirementKindCertifiedPeople, holders: map[string]int{}, credentials: map[string]int{}}
	for _, one := range held {
		t.change(one, 1)
	}
	progress := Missing(r, t.count(), partnerportal.Money{}, partnerportal.SourceStamp{System: "portal", Kind: "portal", AsOf: now})
	if !progress.Met {
		return progress
	}
	for i, one := range held {
		if one.ValidUntil == 0 {
			break
		}
		t.change(one, -1)
		if i+1 < len(held) && held[i+1].ValidUntil == one.ValidUntil { // they end together
			continue
		}
		if t.count() < r.Threshold {
			progress.LapsesOn, progress.Left = p.Today(store.Time(one.ValidUntil)), t.count()
			break
		}
	}
	return progress
}

// asked are those that a requirement asks for and that are in force at an instant, in the order in which they end.
func (h Held) asked(r program.Requirement, at int64) Held {
	held := slices.DeleteFunc(slices.Clone(h), func(one store.HoldingsOfRow) bool {
		return !slices.Contains(r.CredentialDefinitionIDs, one.DefinitionID) || one.ValidUntil != 0 && one.ValidUntil <= at
	})
	slices.SortFunc(held, func(a, b store.HoldingsOfRow) int {
		return cmp.Compare(uint64(a.ValidUntil)-1, uint64(b.ValidUntil)-1) // 0, for ever, comes last
	})
	return held
}

// tally counts what a requirement asks for: people who hold any of the definitions, each once; or definitions that enough people hold.
type tally struct {
	people      bool
	each        int            // how many people are enough
	enough      int            // definitions
	holders     map[string]int // of each definition
	credentials map[string]int // of each person
}

func (t *tally) change(held store.HoldingsOfRow, by int) {
	was := t.holders[held.DefinitionID] >= t.each
	t.holders[held.DefinitionID] += by
	switch is := t.holders[held.DefinitionID] >= t.each; {
	case is && !was:
		t.enough++
	case was && !is:
		t.enough--
	}
	if t.credentials[held.HolderID] += by; t.credentials[held.HolderID] == 0 {
		delete(t.credentials, held.HolderID)
	}
}

func (t *tally) count() int {
	if t.people {
		return len(t.credentials)
	}
	return t.enough
}

// Endangered says that a member's tier would not be earned again today, or will not be within the days that the programme looks ahead.
func (s Standing) Endangered(p *policy.Program, now time.Time) bool {
	return s.AtRisk || !s.LapsesOn.IsZero() && !p.Today(now).Before(WarnOn(p, s.LapsesOn))
}

// WarnOn is the day on which a member is told that something lapses.
func WarnOn(p *policy.Program, lapsesOn partnerportal.Date) partnerportal.Date {
	return lapsesOn.AddDays(-cmp.Or(p.Membership.AtRiskDays, defaultLookAhead))
}
