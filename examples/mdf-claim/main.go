// Mdf-claim takes market development funds from the first wish to the last cent: a partner asks for them in one call, the vendor
// approves, the partner claims with an invoice and a photo, the vendor pays, and the ledger shows where the money was all along.
//
//	go run ./examples/mdf-claim
//
// runs offline, on a portal of its own. To do the same in a sandbox:
//
//	PARTNERPORTAL_API_KEY=ppk_… go run ./examples/mdf-claim -portal https://sandbox.example.com
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
)

const usage = `Usage: mdf-claim [flags]

Asks for market development funds, has them approved, claims them with an invoice (PDF) and a photo (PNG) that it makes itself,
has them paid, and shows the ledger with its identity. Without -portal it does so offline, on a portal of its own.

With -portal the partner's credentials come from the environment: PARTNERPORTAL_API_KEY, or PARTNERPORTAL_CLIENT_ID and
PARTNERPORTAL_CLIENT_SECRET. The vendor's part is played by the sandbox, which also grants the money, or done with the API key in
PARTNERPORTAL_VENDOR_API_KEY, if there is one; the partner then needs an allocation. Each run asks for 2500.00 USD.

Flags:
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "mdf-claim:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) (err error) {
	flags := flag.NewFlagSet("mdf-claim", flag.ContinueOnError)
	url := flags.String("portal", "", "the `address` of a portal; without it one of its own is used")
	folder := flags.String("proof", "", "a `folder` to keep the invoice and the photo in")
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
	w, err := open(ctx, *url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	return w.claim(ctx, out, *folder)
}
