package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/account"
)

// printScreen prints the summary as a table of figures, and what wants to be done below it.
func printScreen(out io.Writer, sum *account.Summary) error {
	fmt.Fprintf(out, "Money of %s from %s to %s, in %s\n\n", sum.PartnerID, sum.Period.FromOn, sum.Period.ToOn, sum.Currency)
	t := table{tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)}

	revenue := sum.RevenueYTD
	t.figure("Revenue this year", revenue.Value, revenue.Source, change(revenue), others(revenue.PerCurrency))

	pipeline := sum.OpenPipeline
	t.figure("Open pipeline", pipeline.Value, pipeline.Source, counted(pipeline.Count, "deal"), others(pipeline.PerCurrency))
	t.part("weighted", pipeline.Weighted, "")
	t.part("protection ends soon", pipeline.ExpiringSoon.Value, counted(pipeline.ExpiringSoon.Count, "deal"))

	mdf := sum.MDF
	t.figure("MDF available", mdf.Available, mdf.Source, ofAllocated(mdf), others(mdf.PerCurrency))
	t.part("held", mdf.Held, counted(mdf.OpenRequests, "open request"))
	t.part("committed", mdf.Committed, awaiting(mdf.ClaimsAwaitingProof))
	t.part("claimed", mdf.Claimed, "")
	t.part("payable", mdf.Payable, "")
	t.part("paid", mdf.Paid, "")
	t.part("expired", mdf.Expired, "")
	for _, e := range mdf.Expiring {
		t.part("expires if nothing is done", e.Amount, "at "+e.ExpiresAt.Format("2006-01-02 15:04 MST"))
	}

	owed := sum.Commissions
	t.figure("Commissions due", owed.Due, owed.Source, next(owed), others(owed.PerCurrency))
	t.part("pending", owed.Pending, "")
	t.part("on hold", owed.OnHold, "")
	t.part("paid this year", owed.PaidYTD, "")
	if err := t.Flush(); err != nil {
		return err
	}
	printTier(out, &sum.Tier)
	printAttention(out, sum.Attention)
	if sum.Freshness.Stale {
		fmt.Fprintf(out, "\nSome of this is old or unknown. Systems that could not be read: %s\n", cmp.Or(strings.Join(sum.Freshness.FailedSources, ", "), "none"))
	}
	return nil
}

// table has the columns name, amount, note and origin.
type table struct{ *tabwriter.Writer }

// figure is a row with its source. What could not be read is unknown: a zero would be a lie.
func (t table) figure(name string, amount partnerportal.Money, source partnerportal.SourceStamp, notes ...string) {
	if source.Error != "" {
		fmt.Fprintf(t, "%s\tunknown\t%s\t%s\n", name, source.Error, source.System)
		return
	}
	fmt.Fprintf(t, "%s\t%15s\t%s\t%s\n", name, written(amount), joined(notes), origin(source))
}

// part is a row below a figure. What is nothing is left out.
func (t table) part(name string, amount partnerportal.Money, note string) {
	if amount.Sign() != 0 {
		fmt.Fprintf(t, "  %s\t%15s\t%s\t\n", name, written(amount), note)
	}
}

// origin says which system owns a figure and as of when; the portal's own figures are as of now.
func origin(source partnerportal.SourceStamp) string {
	if source.Kind == "portal" || source.AsOf.IsZero() {
		return source.System
	}
	from := source.System + ", as of " + source.AsOf.Format("2006-01-02 15:04")
	if source.Stale {
		from += ", stale"
	}
	return from
}

func printTier(out io.Writer, tier *account.Tier) {
	if tier.Name == "" {
		return
	}
	fmt.Fprintf(out, "\nTier %s", tier.Name)
	if tier.AtRisk {
		fmt.Fprint(out, ", at risk")
	}
	if tier.NextTierName != "" {
		fmt.Fprintf(out, "; %s also asks for:", tier.NextTierName)
	}
	fmt.Fprintln(out)
	for _, r := range tier.Missing {
		fmt.Fprintf(out, "  %s: %s of %s\n", cmp.Or(r.Name, r.Kind), cmp.Or(r.Current, "unknown"), r.Threshold)
	}
}

func printAttention(out io.Writer, attention []account.Attention) {
	if len(attention) == 0 {
		return
	}
	fmt.Fprintln(out, "\nTo do:")
	for _, a := range attention {
		due := ""
		if !a.DueAt.IsZero() {
			due = ", by " + a.DueAt.Format(time.DateOnly)
		}
		fmt.Fprintf(out, "  %s%s\n", a.Title, due)
	}
}

// printLines prints what a figure is made of, and the sum, which is the figure.
func printLines(ctx context.Context, out io.Writer, money *account.Client, figure string, of account.SummaryParams, asJSON bool) error {
	sum, err := partnerportal.NewMoney(0, of.Currency)
	if err != nil {
		return err
	}
	var all []account.Line
	for line, err := range money.AllLines(ctx, figure, account.ListLinesParams{PartnerID: of.PartnerID, Currency: of.Currency}) {
		if err != nil {
			return err
		}
		if sum, err = sum.Add(line.Amount); err != nil {
			return err
		}
		all = append(all, line)
	}
	if asJSON {
		return printJSON(out, all)
	}
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, line := range all {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%15s\n", line.At.Format(time.DateOnly), line.ResourceType, cmp.Or(line.Number, line.ResourceID), line.Status, written(line.Amount))
	}
	fmt.Fprintf(t, "\t%s\tsum\t\t%15s\n", figure, written(sum))
	return t.Flush()
}

// written is an amount in the currency of the screen, with thousands apart.
func written(m partnerportal.Money) string {
	sign, digits := "", m.Amount()
	if m.Sign() < 0 {
		sign, digits = "-", digits[1:]
	}
	whole, cents, _ := strings.Cut(digits, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if cents != "" {
		whole += "." + cents
	}
	return sign + whole
}

func change(r account.Revenue) string {
	if r.ChangePercent == "" {
		return ""
	}
	return fmt.Sprintf("%s %% against %s", r.ChangePercent, written(r.PriorYear))
}

func ofAllocated(m account.MDF) string {
	if m.Allocated.Sign() == 0 {
		return ""
	}
	return "of " + written(m.Allocated) + " allocated"
}

func awaiting(activities int) string {
	if activities == 0 {
		return ""
	}
	return counted(activities, "activity to claim") // of which there is mostly one
}

func next(c account.Commissions) string {
	if c.NextPayoutOn.IsZero() {
		return ""
	}
	return "next payout on " + c.NextPayoutOn.String()
}

// others are amounts in other currencies, which nobody converts.
func others(amounts []partnerportal.Money) string {
	var also []string
	for _, m := range amounts {
		also = append(also, m.String())
	}
	if len(also) == 0 {
		return ""
	}
	return "also " + strings.Join(also, ", ")
}

func counted(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

func joined(notes []string) string {
	var said []string
	for _, note := range notes {
		if note != "" {
			said = append(said, note)
		}
	}
	return strings.Join(said, "; ")
}
