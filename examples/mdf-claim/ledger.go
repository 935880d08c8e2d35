package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// show prints the ledger of an allocation, and checks at each entry that no cent was created or lost.
func show(ctx context.Context, funds *mdf.Client, out io.Writer, allocationID string) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "#\tentry\tfrom\tto\tamount\t│\tavailable\theld\tcommitted\tclaimed\tpayable\tpaid\t")
	entries := 0
	for e, err := range funds.AllEntries(ctx, mdf.ListEntriesParams{AllocationID: allocationID}) {
		if err != nil {
			return err
		}
		b := e.Balance
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t│\t%s\t%s\t%s\t%s\t%s\t%s\t\n", e.Sequence, e.Type, e.From, e.To, e.Amount.Amount(),
			b.Available.Amount(), b.Held.Amount(), b.Committed.Amount(), b.Claimed.Amount(), b.Payable.Amount(), b.Paid.Amount())
		if err := check(b); err != nil {
			return fmt.Errorf("entry %d: %w", e.Sequence, err)
		}
		entries++
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nidentity holds at all %d entries: allocated = available + held + committed + claimed + payable + paid + expired + converted\n", entries)
	return nil
}

// check holds a balance to the identity of the ledger.
func check(b mdf.Balance) error {
	sum, err := partnerportal.NewMoney(0, b.Allocated.Currency())
	if err != nil {
		return err
	}
	for _, account := range []partnerportal.Money{b.Available, b.Held, b.Committed, b.Claimed, b.Payable, b.Paid, b.Expired, b.Converted} {
		if account.Sign() < 0 {
			return fmt.Errorf("an account is at %s", account)
		}
		if sum, err = sum.Add(account); err != nil {
			return err
		}
	}
	if sum != b.Allocated {
		return fmt.Errorf("the accounts add up to %s of %s", sum, b.Allocated)
	}
	return nil
}
