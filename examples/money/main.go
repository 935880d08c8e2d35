// Money prints a partner's money on one screen: what it has sold, may still win, may spend and is owed, each figure with the system
// that it comes from and how old it is.
//
//	go run ./examples/money
//
// runs offline, on a portal of its own in which a partner and a vendor have worked and a finance system has dropped its files. For
// the money in another portal:
//
//	PARTNERPORTAL_API_KEY=ppk_… go run ./examples/money -portal https://portal.example.com
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/account"
)

const usage = `Usage: money [flags]

Prints a partner's money on one screen. Without -portal it does so for a demo portal of its own, offline.

With -portal the credentials come from the environment: PARTNERPORTAL_API_KEY, or PARTNERPORTAL_CLIENT_ID and
PARTNERPORTAL_CLIENT_SECRET; they need the scope account:read. Credentials of the vendor need -partner.

A figure whose system cannot be read is shown as unknown, and never as zero.

Flags:
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "money:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) (err error) {
	flags := flag.NewFlagSet("money", flag.ContinueOnError)
	url := flags.String("portal", "", "the `address` of a portal; without it a demo portal is used")
	var params account.SummaryParams
	flags.StringVar(&params.PartnerID, "partner", "", "the `id` of the partner, for the vendor's credentials")
	flags.StringVar(&params.Currency, "currency", "", "the ISO 4217 `code` of the figures (default that in which the partner is paid)")
	asJSON := flags.Bool("json", false, "print the answer as JSON")
	lines := flags.String("lines", "", "print the records that a `figure` is the sum of, such as open_pipeline, revenue_ytd, mdf_available, commissions_due")
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

	client, closePortal, err := open(ctx, *url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closePortal()) }()
	money := account.New(client)
	sum, err := money.Summary(ctx, params)
	switch {
	case err != nil:
		return err
	case *lines != "":
		params.Currency = sum.Currency
		return printLines(ctx, out, money, *lines, params, *asJSON)
	case *asJSON:
		return printJSON(out, sum)
	}
	return printScreen(out, sum)
}

// open connects to the portal at url, or opens the demo.
func open(ctx context.Context, url string) (*partnerportal.Client, func() error, error) {
	if url == "" {
		return openDemo(ctx)
	}
	client, err := partnerportal.New(url, partnerportal.FromEnv())
	return client, func() error { return nil }, err
}

func printJSON(out io.Writer, v any) error {
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
