// Portal hosts the partner portal that this module carries, for clients in any language.
//
//	go run ./examples/portal -addr 127.0.0.1:8080 -db portal.db -sandbox
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "portal:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) (err error) {
	flags := flag.NewFlagSet("portal", flag.ContinueOnError)
	addr := flags.String("addr", "127.0.0.1:8080", "the `address` to listen on")
	db := flags.String("db", "portal.db", "the SQLite `file`, \":memory:\", or a postgres:// URL")
	sandbox := flags.Bool("sandbox", false, "open a sandbox: its clock can be turned and the vendor be played")
	loopback := flags.Bool("loopback-webhooks", false, "let webhooks go to this machine too: only where nobody else can call the portal, through a proxy neither")
	flags.Usage = func() {
		fmt.Fprintf(flags.Output(), "Usage: portal [flags]\n\nHosts the partner portal. The first start makes a vendor and two demo partners and prints their credentials;\n"+
			"they are shown once. GET /docs has the contract to browse, /healthz and /readyz are for probes. Webhooks go to public\n"+
			"https addresses.\n\nFlags:\n")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q; see -help", flags.Arg(0))
	}

	logger := slog.New(slog.NewTextHandler(os.Stderr, nil))
	options := []portal.Option{portal.WithLogger(logger)}
	if *sandbox {
		options = append(options, portal.WithSandbox())
	}
	if *loopback {
		options = append(options, portal.WithLoopbackWebhooks())
	}
	p, err := portal.Open(ctx, dsn(*db), options...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", *addr)
	if err != nil {
		return err
	}
	if err := firstStart(ctx, p.Admin(), out); err != nil {
		return errors.Join(err, listener.Close())
	}
	fmt.Fprintf(out, "The portal listens on http://%s; the contract is at http://%[1]s/docs.\n", listener.Addr())
	return serve(ctx, p, listener, logger)
}

// dsn completes a file name; URLs and full data source names stay as they are.
func dsn(db string) string {
	if strings.HasPrefix(db, "postgres:") || strings.HasPrefix(db, "postgresql:") || strings.HasPrefix(db, "sqlite:") {
		return db
	}
	return "sqlite:" + db
}

// serve answers until ctx ends, then lets running requests finish.
func serve(ctx context.Context, p *portal.Portal, listener net.Listener, logger *slog.Logger) error {
	server := &http.Server{
		Handler:           p,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       2 * time.Minute,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
	background := make(chan error, 1)
	timers, stopTimers := context.WithCancel(context.WithoutCancel(ctx))
	defer stopTimers()
	go func() { background <- p.Run(timers) }()
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()

	select {
	case err := <-served:
		return err
	case err := <-background:
		return errors.Join(err, server.Close())
	case <-ctx.Done():
	}
	logger.Info("stopping; running requests finish first")
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	err := server.Shutdown(grace)
	stopTimers()
	if runErr := <-background; !errors.Is(runErr, context.Canceled) {
		err = errors.Join(err, runErr)
	}
	return err
}
