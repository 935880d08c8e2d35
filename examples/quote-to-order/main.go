// Quote-to-order takes a registered deal to an accepted order in one session: configure, quote, print, accept, order, with nothing typed
// twice. It writes the quote as quote.pdf.
//
//	go run ./examples/quote-to-order
//	go run ./examples/quote-to-order -interactive
//
// run offline, on a portal of their own; with -interactive you choose the options in the terminal. To do the same elsewhere, for a deal
// that you have registered:
//
//	PARTNERPORTAL_API_KEY=ppk_… go run ./examples/quote-to-order -portal https://portal.example.com -deal deal_… -sku RACK-42 \
//		-po PO-2026-1001 -accepted-by "Ada Lovelace <ada@globex.com>"
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/mail"
	"os"
	"os/signal"
)

const usage = `Usage: quote-to-order [flags]

Starts a session for a registered deal, configures a product, quotes it, writes the quote as PDF, accepts it for the customer and orders.
What a broken configuration lacks is shown with the ways out that the portal offers; the first one is taken, or the one that you choose
with -interactive. Without -portal all this happens offline, on a portal of its own with a deal and a catalogue.

With -portal the partner's credentials come from the environment: PARTNERPORTAL_API_KEY, or PARTNERPORTAL_CLIENT_ID and
PARTNERPORTAL_CLIENT_SECRET; -deal and -sku say what to quote, -accepted-by who of the customer has agreed, and -po under which number: the order
is a real one.

Flags:
`

// job is what the program is asked for.
type job struct {
	deal, sku   string
	document    string // where the PDF goes
	po          string
	customer    *mail.Address // who accepts the quote
	interactive bool
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdin, os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "quote-to-order:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, in io.Reader, out io.Writer) (err error) {
	var j job
	flags := flag.NewFlagSet("quote-to-order", flag.ContinueOnError)
	url := flags.String("portal", "", "the `address` of a portal; without it one of its own is used")
	flags.StringVar(&j.deal, "deal", "", "the `id` of the registered deal; needed with -portal")
	flags.StringVar(&j.sku, "sku", "", "the `product` to configure; needed with -portal")
	flags.StringVar(&j.document, "out", "quote.pdf", "the `file` that the quote is written to")
	flags.StringVar(&j.po, "po", "", "the `number` of the purchase order; needed with -portal")
	acceptedBy := flags.String("accepted-by", "", "the `person` who accepts the quote for the customer, as \"Name <address>\"; needed with -portal")
	flags.BoolVar(&j.interactive, "interactive", false, "choose the options in the terminal")
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), usage)
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q; see -help", flags.Arg(0))
	}
	if *url == "" {
		j.po, *acceptedBy = cmp.Or(j.po, "PO-2026-1001"), cmp.Or(*acceptedBy, "Ada Lovelace <ada@globex.com>")
	}
	if j.customer, err = mail.ParseAddress(*acceptedBy); err != nil && *acceptedBy != "" {
		return fmt.Errorf("-accepted-by: %w", err)
	}
	w, err := open(ctx, *url, &j)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	ask := automatic
	if j.interactive {
		ask = interactive(ctx, in, out)
	}
	return w.order(ctx, out, j, ask)
}
