// Catalog-import brings a vendor's catalogue and price list up to date with two CSV files, as an ERP system exports them: columns in any order,
// faults included. What cannot be imported is told line by line, with the column and the rule; what has not changed is not written, so it may
// run every night.
//
//	go run ./examples/catalog-import
//
// runs offline, with files of its own, on a portal of its own, twice. With files and a portal:
//
//	PARTNERPORTAL_API_KEY=ppk_… go run ./examples/catalog-import -products products.csv -prices prices.csv -list world -portal https://portal.example.com
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
)

const usage = `Usage: catalog-import [flags]

Imports products, and the prices of one price list, from CSV files. Without -portal it does so offline, on a portal of its own, with
small files that have faults, and shows what a partner then sees.

With -portal the vendor's credentials come from the environment: PARTNERPORTAL_API_KEY, or PARTNERPORTAL_CLIENT_ID and
PARTNERPORTAL_CLIENT_SECRET. The exit status is 0 when all rows are imported, and 1 when some were refused or it failed.

Flags:
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "catalog-import:", err)
		os.Exit(1)
	}
}

// job is what the command line asks for.
type job struct {
	products, prices, list, currency, portal string
	opts                                     catalog.ImportOptions
}

func run(ctx context.Context, args []string, out io.Writer) error {
	var j job
	flags := flag.NewFlagSet("catalog-import", flag.ContinueOnError)
	flags.StringVar(&j.portal, "portal", "", "the `address` of a portal; without it one of its own is used")
	flags.StringVar(&j.products, "products", "", "a CSV `file` of products: sku, name, kind and more")
	flags.StringVar(&j.prices, "prices", "", "a CSV `file` of prices: sku, list_price and more")
	flags.StringVar(&j.list, "list", "world", "the `id` of the price list")
	flags.StringVar(&j.currency, "currency", "USD", "the ISO 4217 `code` of the price list, when it is new")
	flags.BoolVar(&j.opts.DryRun, "dry-run", false, "compare, and write nothing")
	flags.BoolVar(&j.opts.Complete, "complete", false, "remove prices that the file does not have")
	flags.IntVar(&j.opts.FromLine, "from-line", 0, "go on in this `line` of the first file, where an import was stopped")
	flags.IntVar(&j.opts.Concurrency, "concurrency", 4, "how many products are put at a time")
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
	case j.portal == "" && j.products+j.prices == "":
		return demonstrate(ctx, out)
	case j.portal == "":
		return errors.New("-portal is missing: it says where the files go")
	}
	pp, err := partnerportal.New(j.portal, partnerportal.FromEnv(), partnerportal.WithApplication("catalog-import", partnerportal.Version))
	if err != nil {
		return err
	}
	return j.run(ctx, catalog.New(pp), out)
}

// run imports what files there are.
func (j *job) run(ctx context.Context, goods *catalog.Client, out io.Writer) error {
	opts := j.opts
	opts.Progress = func(r catalog.ImportResult) { fmt.Fprintf(out, "  up to line %d\n", r.NextLine-1) }
	refused := 0
	for _, step := range []struct {
		what, name string
		run        func(file io.Reader, opts catalog.ImportOptions) (*catalog.ImportResult, error)
	}{
		{"products", j.products, func(file io.Reader, opts catalog.ImportOptions) (*catalog.ImportResult, error) {
			return goods.ImportProducts(ctx, file, opts)
		}},
		{"prices", j.prices, func(file io.Reader, opts catalog.ImportOptions) (*catalog.ImportResult, error) {
			return importPrices(ctx, goods, j, file, opts)
		}},
	} {
		if step.name == "" {
			continue
		}
		file, err := os.Open(step.name)
		if err != nil {
			return err
		}
		fmt.Fprintln(out, step.name)
		result, err := step.run(file, opts)
		report(out, step.what, result)
		if err = errors.Join(err, file.Close()); err != nil {
			return fmt.Errorf("%s: %w; go on with -from-line %d", step.name, err, result.NextLine)
		}
		refused, opts.FromLine = refused+len(result.Refused), 0
	}
	if refused > 0 {
		return errors.New("some rows were refused")
	}
	return nil
}

// importPrices imports prices into a list, which is made when there is none yet.
func importPrices(ctx context.Context, goods *catalog.Client, j *job, file io.Reader, opts catalog.ImportOptions) (*catalog.ImportResult, error) {
	if _, err := goods.GetPriceList(ctx, j.list); errors.Is(err, partnerportal.ErrNotFound) && !opts.DryRun {
		if _, err := goods.PutPriceList(ctx, j.list, catalog.PriceListInput{Name: j.list, Currency: j.currency}); err != nil {
			return new(catalog.ImportResult), err
		}
	}
	return goods.ImportPrices(ctx, j.list, file, opts)
}

// report says what became of a file.
func report(out io.Writer, what string, r *catalog.ImportResult) {
	fmt.Fprintf(out, "%s: %d rows, %d created, %d updated, %d unchanged, %d removed\n", what, r.Rows, r.Created, r.Updated, r.Unchanged, r.Removed)
	for _, refusal := range r.Refused {
		fmt.Fprintln(out, "  refused:", refusal)
	}
}
