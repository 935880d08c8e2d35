package quotes_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/quotes"
)

// From a registered deal to the customer's yes, with every step of the price.
func Example() {
	ctx := context.Background()
	cpq := newCounter().client() // quotes.New(pp), with a portal in this process

	quote, err := cpq.Create(ctx, quotes.NewQuote{DealID: "deal_01jd0000000000000000000000", Lines: []quotes.LineInput{{SKU: "SRV-1", Quantity: 10}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, step := range quote.Lines[0].Components {
		fmt.Println(step.Kind, step.Percent, step.Amount)
	}
	if quote, err = cpq.Present(ctx, quote.ID); err != nil {
		fmt.Println(err)
		return
	}
	quote, err = cpq.Accept(ctx, quote.ID, quotes.Acceptance{Name: "Ada Lovelace", Email: "ada@acme.com"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(quote.Number, quote.Status, quote.Totals.Total)
	// Output:
	// list  10000.00 USD
	// deal_registration 8 -800.00 USD
	// Q-000001 accepted 9200.00 USD
}

// A preview says what a quote would cost, and what cannot be sold.
func ExampleClient_Preview() {
	ctx := context.Background()
	cpq := newCounter().client() // quotes.New(pp), with a portal in this process

	line := quotes.LineInput{SKU: "SRV-0", Quantity: 3}
	_, err := cpq.Preview(ctx, quotes.NewQuote{Lines: []quotes.LineInput{line}})
	if next := quotes.ReplacementOf(err); next != "" {
		fmt.Println(line.SKU, "is not sold any more, but", next)
		line.SKU = next
	}
	preview, err := cpq.Preview(ctx, quotes.NewQuote{Lines: []quotes.LineInput{line}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(preview.Totals.Total)
	// Output:
	// SRV-0 is not sold any more, but SRV-1
	// 2760.00 USD
}

// When prices have moved, the refusal says by how much and why; the next version has the prices of now.
func ExampleDriftOf() {
	ctx := context.Background()
	vendor := newCounter()
	cpq := vendor.client() // quotes.New(pp), with a portal in this process

	quote, err := cpq.Create(ctx, quotes.NewQuote{Lines: []quotes.LineInput{{SKU: "SRV-1", Quantity: 10}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	vendor.protected = false // months go by
	_, err = cpq.Present(ctx, quote.ID)
	if drift := quotes.DriftOf(err); drift != nil {
		fmt.Println(drift.Before, "->", drift.After, "deal registration expired:", drift.DealRegistrationExpired)
		for _, line := range drift.Lines {
			fmt.Println(line.SKU, line.Difference, line.Reasons[0].Message)
		}
	}
	next, err := cpq.Revise(ctx, quote.ID)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(next.Number, "version", next.Version, "at", next.Totals.Total)
	// Output:
	// 9200.00 USD -> 10000.00 USD deal registration expired: true
	// SRV-1 800.00 USD The protection of the deal has ended.
	// Q-000001 version 2 at 10000.00 USD
}

// A session carries the deal and its customer to the quote; whoever has its id can go on with it.
func ExampleClient_StartSession() {
	ctx := context.Background()
	cpq := newCounter().client() // quotes.New(pp), with a portal in this process

	session, err := cpq.StartSession(ctx, quotes.NewSession{DealID: "deal_1"})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = cpq.Create(ctx, quotes.NewQuote{SessionID: session.ID, Lines: []quotes.LineInput{{SKU: "SRV-1", Quantity: 10}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	resumed, err := cpq.GetSession(ctx, session.ID) // tomorrow, in another program
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(resumed.DealID, resumed.QuoteID, "until", resumed.ExpiresAt.Format(time.DateOnly))
	for _, entry := range resumed.Steps {
		fmt.Println(entry.Step)
	}
	// Output:
	// deal_1 quo_1 until 2026-11-29
	// started
	// quoted
}

// A price that the policy does not give is asked of the vendor, for so many units.
func ExampleClient_CreateSpecialPricing() {
	ctx := context.Background()
	cpq := newCounter().client() // quotes.New(pp), with a portal in this process

	quote, err := cpq.Create(ctx, quotes.NewQuote{Lines: []quotes.LineInput{{SKU: "SRV-1", Quantity: 10}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	bid, err := cpq.CreateSpecialPricing(ctx, quotes.NewSpecialPricing{
		QuoteID: quote.ID, Justification: "The incumbent offers 820.00.", Submit: true,
		Lines: []quotes.SpecialLineInput{{LineID: quote.Lines[0].ID, Quantity: 100, RequestedUnitPrice: partnerportal.MustMoney("800.00", "USD")}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(bid.Number, bid.Status, bid.Lines[0].Quantity, "at", bid.Lines[0].RequestedUnitPrice)
	// Output: SP-000001 submitted 100 at 800.00 USD
}

// A quote is read like any file.
func ExampleClient_OpenDocument() {
	ctx := context.Background()
	cpq := newCounter().client() // quotes.New(pp), with a portal in this process

	pdf, err := cpq.OpenDocument(ctx, "quo_1", quotes.OpenDocumentParams{Locale: "de"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer pdf.Close()
	fmt.Println(pdf.Name, pdf.MediaType, pdf.Size)
	if _, err := io.Copy(os.Stdout, pdf); err != nil { // into a file, as a rule
		fmt.Println(err)
	}
	// Output:
	// Q-000001-v1.pdf application/pdf 8
	// %PDF-1.7
}

// A patch replaces the lines, so those that stay are said again.
func ExampleLine_Input() {
	quote := quotes.Quote{Lines: []quotes.Line{{ID: "qln_1", SKU: "SRV-1", Quantity: 10, Note: "With rails."}}} // as Get returns it
	lines := []quotes.LineInput{{SKU: "SUP-1", TermMonths: 36}}
	for i := range quote.Lines {
		lines = append(lines, quote.Lines[i].Input())
	}
	patch := quotes.Patch{Lines: partnerportal.Set(lines)} // for Update, with partnerportal.IfMatch(&quote)
	said, err := json.Marshal(patch)
	fmt.Println(string(said), err)
	// Output: {"lines":[{"sku":"SUP-1","term_months":36},{"id":"qln_1","sku":"SRV-1","quantity":10,"note":"With rails."}]} <nil>
}

// How many units of a line have a special price is in its components.
func ExampleLine_SpecialQuantity() {
	line := quotes.Line{SKU: "SRV-1", Quantity: 10, Components: []quotes.Component{
		{Kind: quotes.ComponentKindList, Amount: usd("10000.00")},
		{Kind: quotes.ComponentKindSpecialBid, Amount: usd("-800.00"), Quantity: 4, Ref: "spc_1"},
	}}
	fmt.Println(line.SpecialQuantity(), "of", line.Quantity)
	// Output: 4 of 10
}

// What stands in the way of selling a product is said with the refusal.
func ExampleMissingOf() {
	err := refused(quotes.ErrProductNotAuthorised, "missing", []quotes.Missing{{Kind: "tier", ProgramID: "default", TierRankMin: 3, TierRank: 2}}) // of Create, say
	for _, m := range quotes.MissingOf(err) {
		fmt.Println(m.Kind, "of rank", m.TierRankMin, "needed, has", m.TierRank)
	}
	// Output: tier of rank 3 needed, has 2
}

// A configuration that was kept although it breaks rules cannot be quoted.
func ExampleViolationsOf() {
	err := refused(quotes.ErrConfigurationInvalid, "violations", []quotes.Violation{{RuleID: "power", Message: "It needs more power."}}) // of Create, say
	for _, v := range quotes.ViolationsOf(err) {
		fmt.Println(v.RuleID+":", v.Message)
	}
	// Output: power: It needs more power.
}

// Whoever holds on to an old version is led to the last.
func ExampleLatestOf() {
	err := refused(quotes.ErrNotLatestVersion, "latest_id", "quo_2") // of Accept, say
	fmt.Println(quotes.LatestOf(err))
	// Output: quo_2
}

// Other orders may have taken what a special price was for.
func ExampleRemainingOf() {
	err := refused("special_pricing_exhausted", "remaining", []quotes.Remaining{{SKU: "SRV-1", Remaining: 2, Wanted: 5}}) // of orders.Place
	for _, r := range quotes.RemainingOf(err) {
		fmt.Println(r.Remaining, "of", r.Wanted, r.SKU, "are left")
	}
	// Output: 2 of 5 SRV-1 are left
}

// A document is never printed with boxes: the characters that no font has are named.
func ExampleGlyphsOf() {
	err := refused(quotes.ErrGlyphMissing, "characters", "株") // of CreateDocument, say
	fmt.Println(quotes.GlyphsOf(err))
	// Output: 株
}

// A product that is not sold any more names the one that takes its place.
func ExampleReplacementOf() {
	err := refused(quotes.ErrProductEndOfSale, "replacement", "SRV-1") // of Create, say
	fmt.Println(quotes.ReplacementOf(err))
	// Output: SRV-1
}
