// Webhook-receiver takes what a partner portal pushes, and handles each event exactly once, whatever is stopped, killed or sent
// twice: see receiver.go, which is made to be copied.
//
//	go run ./examples/webhook-receiver
//
// runs offline: it opens a portal, receives, is stopped, misses 1,000 changes, is started again, and says what it has handled. The
// same with two processes, in two terminals:
//
//	go run ./examples/portal -loopback-webhooks                       # prints credentials when it first starts
//
//	export PARTNERPORTAL_CLIENT_ID=… PARTNERPORTAL_CLIENT_SECRET=…    # those of demo partner 1
//	go run ./examples/webhook-receiver -portal http://127.0.0.1:8080  # registers, and says when it is enabled; stop it with Ctrl-C
//	go run ./examples/webhook-receiver -portal http://127.0.0.1:8080 -changes 1000
//	go run ./examples/webhook-receiver -portal http://127.0.0.1:8080  # handled=1000 lost=0 twice=0
//
// The receiver needs no public address there, as that portal also sends to this machine.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
)

const usage = `Usage: webhook-receiver [flags]

Receives what happens in a partner portal until it is stopped. On its first start it registers its address; on every start it reads
from the change feed what it has missed, and then says what it has handled in all. Credentials come from the environment:
PARTNERPORTAL_API_KEY, or PARTNERPORTAL_CLIENT_ID and PARTNERPORTAL_CLIENT_SECRET; they need the scopes events:read, deals:read,
leads:read, webhooks:read and webhooks:write. With PARTNERPORTAL_WEBHOOK_SECRET (whsec_…) nothing is registered.

Without -portal it shows all this offline, on a portal of its own that it throws away.

Flags:
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "webhook-receiver:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	r := &receiver{logger: slog.New(slog.NewTextHandler(os.Stderr, nil))}
	flags := flag.NewFlagSet("webhook-receiver", flag.ContinueOnError)
	portalURL := flags.String("portal", "", "the `address` of a portal")
	flags.StringVar(&r.addr, "addr", "127.0.0.1:8090", "the `address` to listen on")
	flags.StringVar(&r.url, "url", "", "the `address` at which the portal reaches the receiver, when that is not -addr: https://…/hooks/portal")
	flags.StringVar(&r.dbFile, "db", "webhook-receiver.db", "the SQLite `file` of what was handled")
	flags.StringVar(&r.secretFile, "secret", "webhook-receiver.secret", "the `file` that keeps the endpoint's secret")
	count := flags.Int("changes", 0, "with -portal, make this `number` of changes as the partner and end; without, how many changes are missed (1000)")
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
	case *count < 0:
		return fmt.Errorf("-changes %d: nothing can be taken back", *count)
	case *portalURL == "" && *count == 0:
		*count = 1000
		fallthrough
	case *portalURL == "":
		return demo(ctx, out, *count, patience)
	}

	var err error
	if r.client, err = partnerportal.New(*portalURL, partnerportal.FromEnv()); err != nil {
		return err
	}
	if *count > 0 {
		return change(ctx, r.client, *count, out)
	}
	w := &watch{receiver: r, out: out}
	err = w.run(ctx, func() {})
	if errors.Is(err, context.Canceled) { // Ctrl-C is how it ends
		return nil
	}
	return err
}

const changesPerDeal = 20

// change makes n changes as the partner: it drafts deals, and goes on changing each. Every change is one event.
func change(ctx context.Context, client *partnerportal.Client, n int, out io.Writer) error {
	registry := deals.New(client)
	var deal *deals.Deal
	for i := range n {
		var err error
		if i%changesPerDeal == 0 {
			customer := fmt.Sprintf("Customer %d", i/changesPerDeal+1)
			deal, err = registry.Create(ctx, deals.Registration{Customer: partnerportal.Organization{Name: customer, Country: "US"}})
		} else {
			deal, err = registry.Update(ctx, deal.ID, deals.Patch{Probability: partnerportal.Set(i % changesPerDeal)}, partnerportal.IfMatch(deal))
		}
		if err != nil {
			return fmt.Errorf("change %d: %w", i+1, err)
		}
		if made := i + 1; made%250 == 0 || made == n {
			fmt.Fprintf(out, "  … %d changes made\n", made)
		}
	}
	return nil
}
