package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"
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
	for _, t := range o.Tiers {
		t.print(out)
	}
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
