// Cert-tracker says which of a partner's people lose which certification in the next 90 days, and what that does to the partner's tiers.
// It asks for the renewals when it is told to.
//
//	go run ./examples/cert-tracker
//
// runs offline, on a portal of its own in which four people are certified; with -renew it asks for what can be renewed now. For the
// people of a partner in another portal:
//
//	PARTNERPORTAL_API_KEY=ppk_… go run ./examples/cert-tracker -portal https://portal.example.com -renew
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
)

const usage = `Usage: cert-tracker [flags]

Prints which certifications of a partner's people end soon, what can be done about each, and what it does to the partner's tier.
Without -portal it does so for a demo portal of its own, offline.

With -portal the credentials come from the environment: PARTNERPORTAL_API_KEY, or PARTNERPORTAL_CLIENT_ID and
PARTNERPORTAL_CLIENT_SECRET; they need the scopes credentials:read, training:read, program:read and account:read, and with -renew
credentials:write. Credentials of the vendor need -partner, and ask for no renewals: that is the partner's to do.

Flags:
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "cert-tracker:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) (err error) {
	flags := flag.NewFlagSet("cert-tracker", flag.ContinueOnError)
	url := flags.String("portal", "", "the `address` of a portal; without it a demo portal is used")
	partner := flags.String("partner", "", "the `id` of the partner, for the vendor's credentials")
	days := flags.Int("days", 90, "how many `days` to look ahead")
	renew := flags.Bool("renew", false, "ask for the renewal of what can be renewed now")
	asJSON := flags.Bool("json", false, "print JSON")
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), usage)
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch {
	case flags.NArg() > 0:
		return fmt.Errorf("unexpected argument %q; see -help", flags.Arg(0))
	case *days < 0 || *days > 3650:
		return fmt.Errorf("-days %d: want 0 to 3650", *days)
	}

	client, closePortal, err := open(ctx, *url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closePortal()) }()
	outlook, err := look(ctx, client, *partner, *days)
	if err != nil {
		return err
	}
	var refused error
	if *renew {
		refused = outlook.renew(ctx, client)
	}
	if *asJSON {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		return errors.Join(enc.Encode(outlook), refused)
	}
	return errors.Join(outlook.print(out), refused)
}

// open connects to the portal at url, or opens the demo.
func open(ctx context.Context, url string) (*partnerportal.Client, func() error, error) {
	if url == "" {
		return openDemo(ctx)
	}
	client, err := partnerportal.New(url, partnerportal.FromEnv())
	return client, func() error { return nil }, err
}
