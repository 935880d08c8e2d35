package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
)

// tier is the tier that the partner has in a programme, and what it lacks now or will lack by then if nobody renews.
type tier struct {
	ProgramID string             `json:"program_id"`
	Name      string             `json:"name"`
	ReviewOn  partnerportal.Date `json:"review_on"` // the last day of the term, or of the grace period
	InGrace   bool               `json:"in_grace,omitzero"`
	Gap       []program.Progress `json:"gap"`
}

// tiersOf reads what becomes of the partner's tiers. The memberships say of each requirement when it lapses, however far ahead that is; what
// the programme warns of already is there in any case.
func tiersOf(ctx context.Context, client *partnerportal.Client, partnerIDs []string, until time.Time) ([]tier, error) {
	tiers := []tier{}
	for m, err := range program.New(client).AllMemberships(ctx, program.ListMembershipsParams{
		PartnerID: partnerIDs, Status: []program.MembershipStatus{program.MembershipStatusActive, program.MembershipStatusGrace},
	}) {
		if err != nil {
			return nil, err
		}
		if m.TierID == "" {
			continue
		}
		t := tier{ProgramID: m.ProgramID, Name: m.TierName, ReviewOn: m.EndsOn, Gap: []program.Progress{}}
		if m.Status == program.MembershipStatusGrace {
			t.InGrace, t.ReviewOn = true, m.GraceEndsOn
		}
		for _, r := range m.Progress {
			if !r.Met || !r.LapsesOn.IsZero() && (m.AtRisk || !r.LapsesOn.After(partnerportal.DateOf(until))) {
				t.Gap = append(t.Gap, r)
			}
		}
		tiers = append(tiers, t)
	}
	return tiers, nil
}

// print says what becomes of the tier if nobody renews anything.
func (t *tier) print(out io.Writer) {
	fmt.Fprintf(out, "\nTier %s", printable(t.Name))
	if t.ProgramID != program.DefaultID {
		fmt.Fprintf(out, " of %s", printable(t.ProgramID))
	}
	if len(t.Gap) == 0 {
		fmt.Fprintln(out, " is safe.")
		return
	}
	until := "is reviewed on"
	if t.InGrace {
		until = "has grace until"
	}
	fmt.Fprintf(out, " is at risk; it %s %s:\n", until, t.ReviewOn)
	for _, r := range t.Gap {
		current, threshold := strconv.Itoa(r.Current), strconv.Itoa(r.Threshold)
		if r.Kind == program.RequirementKindRevenue {
			current, threshold = r.CurrentAmount.String(), r.Amount.String()
		}
		if r.Source.Error != "" {
			current = "unknown"
		}
		fmt.Fprintf(out, "  %s: %s of %s", printable(cmp.Or(r.Name, string(r.Kind))), current, threshold)
		if r.Met {
			fmt.Fprintf(out, ", %d of %s on %s", r.Left, threshold, r.LapsesOn)
		}
		fmt.Fprintln(out)
	}
}
