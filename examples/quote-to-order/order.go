package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/partnerportal/partnerportal-go/quotes"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
	"github.com/partnerportal/partnerportal-go/quotes/orders"
)

// order goes from the deal to the order. The session carries what is known: of the later calls, each says only what is new.
func (w *world) order(ctx context.Context, out io.Writer, j job, ask chooser) error {
	cat, cpq, desk := catalog.New(w.partner), quotes.New(w.partner), orders.New(w.partner)
	started := time.Now()

	session, err := cpq.StartSession(ctx, quotes.NewSession{DealID: j.deal})
	if err != nil {
		return fmt.Errorf("start a session: %w", err)
	}
	fmt.Fprintf(out, "Session %s for %s.\n\n", session.ID, session.Customer.Name)

	selections, err := configure(ctx, out, cat, j.sku, ask)
	if err != nil {
		return fmt.Errorf("configure %s: %w", j.sku, err)
	}
	if _, err := cat.Configure(ctx, catalog.ConfigurationInput{SKU: j.sku, Selections: selections, SessionID: session.ID}); err != nil {
		return fmt.Errorf("keep the configuration: %w", err)
	}
	quote, err := cpq.Create(ctx, quotes.NewQuote{SessionID: session.ID})
	if err != nil {
		return fmt.Errorf("quote: %w", err)
	}
	printQuote(out, quote)

	if quote, err = cpq.Present(ctx, quote.ID); err != nil {
		return fmt.Errorf("present the quote: %w", err)
	}
	if err := writeDocument(ctx, cpq, quote.ID, j.document); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nPresented until %s, written to %s.\n", quote.ValidUntilOn, j.document)

	if quote, err = cpq.Accept(ctx, quote.ID, quotes.Acceptance{Name: j.customer.Name, Email: j.customer.Address}); err != nil {
		return fmt.Errorf("accept the quote: %w", err)
	}
	order, err := desk.Place(ctx, orders.Placement{SessionID: session.ID, PONumber: j.po})
	if errors.Is(err, orders.ErrPriceChanged) {
		return fmt.Errorf("the price has moved by %v since the quote was accepted: %w", orders.PriceChangeOf(err).Difference, err)
	}
	if err != nil {
		return fmt.Errorf("order: %w", err)
	}
	fmt.Fprintf(out, "Accepted by %s; order %s over %v is %s.\n\n", quote.Acceptance.Name, order.Number, order.Totals.Total, order.Status)

	if session, err = cpq.GetSession(ctx, session.ID); err != nil {
		return err
	}
	fmt.Fprintf(out, "The session is %s after %v:\n", session.Status, time.Since(started).Round(time.Millisecond))
	for _, s := range session.Steps {
		fmt.Fprintf(out, "  %-11s %s\n", s.Step, s.ResourceID)
	}
	return nil
}

// printQuote shows each line with all steps from the list price to the net.
func printQuote(out io.Writer, q *quotes.Quote) {
	fmt.Fprintf(out, "Quote %s, version %d:\n", q.Number, q.Version)
	for _, line := range q.Lines {
		fmt.Fprintf(out, "  %3d x %-28s %18v\n", line.Quantity, line.Name, line.Net)
		for _, c := range line.Components {
			percent := ""
			if c.Percent != "" {
				percent = c.Percent + " %"
			}
			fmt.Fprintf(out, "        %-17s %8s  %15v\n", c.Kind, percent, c.Amount)
		}
	}
	fmt.Fprintf(out, "  %-34s %18v\n  %-34s %18v\n", "List price", q.Totals.List, "Net", q.Totals.Net)
	fmt.Fprintf(out, "  %-34s %18v\n", "Total with freight and tax", q.Totals.Total)
	for _, n := range q.Pricing.Notes {
		fmt.Fprintln(out, "  Note:", n.Message)
	}
}

// writeDocument streams the quote's PDF to a file; on failure there is none.
func writeDocument(ctx context.Context, cpq *quotes.Client, quoteID, name string) (err error) {
	pdf, err := cpq.OpenDocument(ctx, quoteID, quotes.OpenDocumentParams{})
	if err != nil {
		return fmt.Errorf("print the quote: %w", err)
	}
	defer pdf.Close()
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() {
		if err = errors.Join(err, file.Close()); err != nil {
			err = errors.Join(err, os.Remove(name))
		}
	}()
	_, err = io.Copy(file, pdf)
	return err
}
