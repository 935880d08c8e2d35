// Crm-import registers the opportunities of a CRM export as deals of a partner portal: the embedded one, or any by -url.
//
//	go run ./examples/crm-import -pipeline sales_pipeline.csv -accounts accounts.csv -products products.csv
//
// An export is read (csv.go), cleaned with the help of the accounts and products (clean.go, reference.go, spelling.go, country.go),
// put in the order in which it can be repeated (plan.go), registered (register.go) and reported on (report.go). Every row ends up
// in exactly one bucket, and the last line of the output counts them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// scopes are what an import needs to do.
var scopes = []string{"deals:read", "deals:write"}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // who presses Ctrl-C twice does not want to wait
	os.Exit((&program{stdout: os.Stdout, stderr: os.Stderr}).run(ctx, os.Args[1:]))
}

// program is the command with what it is connected to.
type program struct {
	stdout, stderr io.Writer
	between        func(http.Handler) http.Handler // what tests put before the embedded portal
}

// run returns the exit status.
func (p *program) run(ctx context.Context, args []string) int {
	s, err := parse(args, p.stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	}
	if err := p.load(ctx, s); err != nil {
		fmt.Fprintln(p.stderr, "crm-import:", err)
		return 1
	}
	return 0
}

// load does the whole job. The report is written for a run that was stopped, too.
func (p *program) load(ctx context.Context, s *settings) (err error) {
	ref, err := readReference(s.accounts, s.products, s.currency)
	if err != nil {
		return err
	}
	rows, err := readTable[opportunity](s.pipeline)
	if err != nil {
		return err
	}
	today := partnerportal.DateOf(time.Now().UTC())
	if s.url == "" {
		today = p.asOf(s, rows, today)
	}
	candidates, results := clean(rows, ref, s)

	client, closePortal, err := p.connect(ctx, s, today)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closePortal()) }()
	done, finish := progress(p.stderr, len(candidates))
	r := &registrar{
		deals: deals.New(client), system: s.system, today: today, acceptTerms: s.acceptTerms,
		concurrency: s.concurrency, results: results, done: done,
	}
	stopped := r.run(ctx, plan(candidates))
	finish()
	if ctx.Err() != nil {
		stopped = errors.New("interrupted") // whatever call it was that noticed
	}

	out := &report{file: s.pipeline, rows: rows, results: results, corrections: ref.corrections}
	return errors.Join(stopped, p.tell(s, out))
}

// asOf is the day on which the embedded portal stands.
func (p *program) asOf(s *settings, rows []row[opportunity], today partnerportal.Date) partnerportal.Date {
	if !s.asOf.IsZero() {
		return s.asOf
	}
	if latest := newest(rows); !latest.IsZero() {
		fmt.Fprintf(p.stderr, "The portal stands on %v, the newest date in the file. Set another one with -as-of.\n", latest)
		return latest
	}
	return today
}

// clean gives each row its result, or makes a candidate of it whose result the portal will give.
func clean(rows []row[opportunity], ref *reference, s *settings) ([]*candidate, []result) {
	c := &cleaner{reference: ref, currency: s.currency, all: s.all, lines: make(map[string]int, len(rows))}
	results := make([]result, len(rows))
	var candidates []*candidate
	for i, r := range rows {
		d, res := c.clean(r)
		results[i] = res
		if d != nil {
			d.row = i
			candidates = append(candidates, d)
		}
	}
	return candidates, results
}

func (p *program) connect(ctx context.Context, s *settings, today partnerportal.Date) (*partnerportal.Client, func() error, error) {
	if s.url != "" {
		client, err := s.connect()
		return client, func() error { return nil }, err
	}
	portal, err := openEmbedded(ctx, s.db, s.partner, today)
	if err != nil {
		return nil, nil, fmt.Errorf("the portal in %s: %w", s.db, err)
	}
	client, err := portal.connect(p.between)
	if err != nil {
		return nil, nil, errors.Join(err, portal.close(ctx))
	}
	// Closing must also work after Ctrl-C.
	return client, func() error { return portal.close(context.WithoutCancel(ctx)) }, nil
}

// tell writes the report, and the summary as the last line of all.
func (p *program) tell(s *settings, r *report) error {
	var saving error
	if s.report != "" {
		saving = r.save(s.report)
	}
	total := count(r.results)
	if n := total[pending]; n > 0 {
		fmt.Fprintf(p.stderr, "Stopped with %d of %d rows not reached. Nothing is lost: run the same command again.\n", n, len(r.rows))
	}
	printing := r.print(p.stdout, s.report)
	_, err := fmt.Fprintln(p.stdout, total)
	return errors.Join(saving, printing, err)
}
