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

// Standing is where a member stands against what the tiers of its programme ask for.
type Standing struct {
	Progress []program.Progress // with what its own tier asks for
	Next     program.NextTier   // the tier above; zero at the top
	Earned   string             // the highest tier whose requirements are met, "" for none
	AtRisk   bool               // its own tier's are not
	LapsesOn partnerportal.Date // when the first of them no longer is, as credentials end; zero where none does, or AtRisk
}

// StandingOf measures a member now. Its days are those of the programme's time zone, in which results are kept.
func StandingOf(ctx context.Context, tx *store.Tx, p *policy.Program, m *Member, now time.Time) (Standing, error) {
	held, err := HeldBy(ctx, tx, p.Tiers, m.PartnerID, now)
	if err != nil {
		return Standing{}, err
	}
	return Judge(p.Tiers, m.TierID, func(r program.Requirement) (program.Progress, error) {
		if CountsCredentials(r) {
			return held.Progress(r, p, now), nil
		}
		return measure(ctx, tx, m, r, now, p.Today(now))
	})
}

// Judge holds a member of a tier, "" for none, against all tiers. Tiers are earned one by one: whoever meets gold without
// meeting silver has met gold.
func Judge(tiers []policy.Tier, tierID string, measure func(program.Requirement) (program.Progress, error)) (Standing, error) {
	s := Standing{Progress: []program.Progress{}}
	ranked := slices.SortedFunc(slices.Values(tiers), func(a, b policy.Tier) int { return cmp.Compare(a.Rank, b.Rank) })
	own := slices.IndexFunc(ranked, func(t policy.Tier) bool { return t.ID == tierID })
	for i, tier := range ranked {
		progress := make([]program.Progress, len(tier.Requirements))
		for j, r := range tier.Requirements {
			var err error
			if progress[j], err = measure(r); err != nil {
				return s, err
			}
		}
		missing := slices.DeleteFunc(slices.Clone(progress), func(p program.Progress) bool { return p.Met })
		if len(missing) == 0 {
			s.Earned = tier.ID
		}
		switch i {
		case own:
			s.Progress, s.AtRisk, s.LapsesOn = progress, len(missing) > 0, firstLapse(progress)
		case own + 1:
			s.Next = program.NextTier{TierID: tier.ID, Name: tier.Name, Rank: tier.Rank, Missing: missing}
		}
	}
	return s, nil
}

// firstLapse is the first day on which one of the requirements will be met no longer; zero when none lapses, or one is not met today.
func firstLapse(progress []program.Progress) partnerportal.Date {
	var first partnerportal.Date
	for _, p := range progress {
		switch {
		case !p.Met:
			return partnerportal.Date{}
		case !p.LapsesOn.IsZero() && (first.IsZero() || p.LapsesOn.Before(first)):
			first = p.LapsesOn
		}
	}
	return first
}

// Missing states a value against a requirement: whether it is met, and what is missing.
func Missing(r program.Requirement, count int, amount partnerportal.Money, source partnerportal.SourceStamp) program.Progress {
	p := program.Progress{RequirementID: r.ID, Kind: r.Kind, Name: r.Name, Period: period(r), Source: source}
	if r.Kind != program.RequirementKindRevenue {
		p.Current, p.Threshold, p.Missing = count, r.Threshold, max(0, r.Threshold-count)
		p.Met = source.Error == "" && p.Missing == 0
		return p
	}
	p.CurrentAmount, p.Amount = amount, r.Amount
	left, err := r.Amount.Sub(amount)
	if p.Met = err == nil && left.Sign() <= 0; !p.Met {
		p.MissingAmount = left
	}
	return p
}

// measure is a requirement's value now: what the portal counts itself, or what was reported last.
func measure(ctx context.Context, tx *store.Tx, m *Member, r program.Requirement, now time.Time, today partnerportal.Date) (program.Progress, error) {
	first, last := span(period(r), m.StartsOn, today)
	portal := partnerportal.SourceStamp{System: "portal", Kind: "portal", AsOf: now}
	switch r.Kind {
	case program.RequirementKindRevenue:
		sum, err := tx.SumResults(ctx, store.SumResultsParams{
			PartnerID: m.PartnerID, ProgramID: m.ProgramID, Kind: ResultWon, Currency: r.Amount.Currency(), FromDay: first, ToDay: last,
		})
		if err != nil {
			return program.Progress{}, err
		}
		amount, err := partnerportal.NewMoney(sum.Amount, r.Amount.Currency())
		return Missing(r, 0, amount, portal), err
	case program.RequirementKindDealsWon, program.RequirementKindDealsRegistered:
		kind := ResultWon
		if r.Kind == program.RequirementKindDealsRegistered {
			kind = ResultRegistered
		}
		n, err := tx.CountResults(ctx, store.CountResultsParams{PartnerID: m.PartnerID, ProgramID: m.ProgramID, Kind: kind, FromDay: first, ToDay: last})
		return Missing(r, int(n), partnerportal.Money{}, portal), err
	}
	report, ok := m.Reports[r.ID]
	if !ok {
		report.Source = partnerportal.SourceStamp{System: "unknown", Kind: "manual", Error: "Nobody has reported a value yet."}
	}
	return Missing(r, report.Current, partnerportal.Money{}, report.Source), nil
}

// The kinds of results that the portal counts day by day.
const (
	ResultWon        = "won"
	ResultRegistered = "registered"
)

// Day numbers a day as results are kept, from 1970-01-01 on.
func Day(d partnerportal.Date) int64 {
	return int64(d.DaysSince(partnerportal.Date{Year: 1970, Month: time.January, Day: 1}))
}

func period(r program.Requirement) program.RequirementPeriod {
	return cmp.Or(r.Period, program.RequirementPeriodRolling12M)
}

// span is the first and the last day of a period that contains today.
func span(p program.RequirementPeriod, termStart, today partnerportal.Date) (first, last int64) {
	last = Day(today)
	switch p {
	case program.RequirementPeriodCalendarYear:
		return Day(partnerportal.Date{Year: today.Year, Month: time.January, Day: 1}), last
	case program.RequirementPeriodTerm:
		return Day(termStart), last
	case program.RequirementPeriodEver:
		return 0, last
	}
	yearAgo := partnerportal.Date{Year: today.Year - 1, Month: today.Month, Day: today.Day}
	if !yearAgo.IsValid() { // of 29 February
		yearAgo.Day = 28
	}
	return Day(yearAgo.AddDays(1)), last
}
