// Follow prints what happens in a partner portal, as it happens, by asking: it needs no public address and no open port. It
// keeps in a file how far it has come, so it may be stopped, killed and updated at any time and loses nothing.
//
//	go run ./examples/follow
//
// runs offline: it opens a sandbox, lets a partner and a vendor work in it, is stopped in the middle, started again, and says
// whether it has seen everything. To follow a portal:
//
//	PARTNERPORTAL_API_KEY=ppk_… go run ./examples/follow -url https://portal.example.com -cursor events.cursor
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
	"strings"
	"syscall"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "follow:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("follow", flag.ContinueOnError)
	url := flags.String("url", "", "the `address` of a portal; without it a sandbox of its own is followed for a while")
	cursor := flags.String("cursor", "events.cursor", "the `file` that keeps how far it has come, with -url")
	poll := flags.Duration("poll", 2*time.Second, "how long to wait when nothing has happened, with -url")
	types := flags.String("types", "", "the event `types` to follow, such as \"deal.*,lead.offered\"; all without it")
	flags.Usage = func() {
		fmt.Fprintf(flags.Output(), "Usage: follow [flags]\n\nPrints what happens in a partner portal until it is stopped. With -url the credentials come from the environment:\n"+
			"PARTNERPORTAL_API_KEY, or PARTNERPORTAL_CLIENT_ID and PARTNERPORTAL_CLIENT_SECRET; they need the scope events:read.\n\nFlags:\n")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q; see -help", flags.Arg(0))
	}
	if *url == "" {
		return demo(ctx, out)
	}

	client, err := partnerportal.New(*url, partnerportal.FromEnv())
	if err != nil {
		return err
	}
	var filter events.ListParams
	if *types != "" {
		filter.Type = strings.Split(*types, ",")
	}
	err = events.Follow(ctx, events.New(client), events.FileCursor(*cursor), func(_ context.Context, e events.Event) error {
		show(out, e)
		return nil
	}, events.WithFilter(filter), events.WithPoll(*poll), events.WithLogger(slog.New(slog.NewTextHandler(os.Stderr, nil))))
	if errors.Is(err, context.Canceled) { // Ctrl-C is how it ends
		return nil
	}
	return err
}

func show(out io.Writer, e events.Event) {
	fmt.Fprintf(out, "  %s  %-24s %s version %d is %s %s\n",
		e.Timestamp.Format(time.DateTime), e.Type, e.Subject.ID, e.Subject.Version, e.Data.State, strings.Join(e.Data.ChangedFields, " "))
}
