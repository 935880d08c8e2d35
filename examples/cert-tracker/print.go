package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/partnerportal/partnerportal-go/partnerportal/account"
)

// print is the outlook for people.
func (o *outlook) print(out io.Writer) error {
	fmt.Fprintf(out, "Certifications of %s that end by %s\n\n", o.PartnerID, o.Until.Format(time.DateOnly))
	if len(o.Endings) == 0 {
		fmt.Fprintln(out, "None.")
	}
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, e := range o.Endings {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", e.EndsAt.Format(time.DateOnly), e.days(), printable(e.Person), printable(e.Title), printable(e.what()))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	printTier(out, &o.Tier)
	return nil
}

// printable takes out what a terminal would obey: people are called what somebody typed in.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsGraphic(r) {
			return '\uFFFD'
		}
		return r
	}, text)
}

func (e *ending) days() string {
	switch {
	case e.Ended:
		return "ended"
	case e.DaysLeft == 1:
		return "in 1 day"
	}
	return fmt.Sprintf("in %d days", e.DaysLeft)
}

func (e *ending) what() string {
	switch {
	case e.Refused != "":
		return "refused: " + e.Refused
	case e.Renewal == requested:
		return "renewal asked for on " + e.RequestedAt.Format(time.DateOnly)
	case e.Renewal == possible:
		return "can be renewed until " + e.ClosesAt.Format(time.DateOnly)
	case e.Renewal == notYet:
		return "can be renewed from " + e.OpensAt.Format(time.DateOnly)
	}
	return "has to be earned anew"
}

// printTier says what becomes of the tier if nobody renews anything.
func printTier(out io.Writer, tier *account.Tier) {
	if tier.Name == "" {
		return
	}
	fmt.Fprintf(out, "\nTier %s", printable(tier.Name))
	if !tier.AtRisk {
		fmt.Fprintln(out, " is safe.")
		return
	}
	fmt.Fprintln(out, " is at risk:")
	for _, r := range tier.Gap {
		name, now := printable(cmp.Or(r.Name, r.Kind)), cmp.Or(r.Current, "unknown")
		fmt.Fprintf(out, "  %s: %s of %s", name, now, r.Threshold)
		if !r.LapsesOn.IsZero() {
			fmt.Fprintf(out, ", %s of %s on %s", r.Left, r.Threshold, r.LapsesOn)
		}
		if !r.DeadlineOn.IsZero() {
			fmt.Fprintf(out, "; needed by %s", r.DeadlineOn)
		}
		fmt.Fprintln(out)
	}
}
