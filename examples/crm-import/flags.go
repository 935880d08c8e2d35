package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// settings are what the command line says.
type settings struct {
	pipeline, accounts, products string
	all                          bool
	currency, system             string
	report                       string
	concurrency                  int

	db, partner string // the embedded portal
	asOf        partnerportal.Date

	url, clientID, clientSecret string // another portal
	acceptTerms                 bool
}

const usage = `crm-import registers the open opportunities of a CRM export as deals of a partner portal.

  go run ./examples/crm-import -pipeline sales_pipeline.csv -accounts accounts.csv -products products.csv

It may be run again at any time, after an interruption or with a newer export: what is registered is never registered twice. Rows
that cannot be registered, and those that meet a conflict, are listed with file, line, column and reason. The last line of the
output counts every row once:

  registered=N already_registered=N conflicts=N refused=N skipped=N total=N

Without -url it works on a portal of its own, kept in the file -db, which approves at once. With -url, the credentials come from
-client-id and -client-secret, or from the environment: PARTNERPORTAL_CLIENT_ID and PARTNERPORTAL_CLIENT_SECRET, or
PARTNERPORTAL_API_KEY. Other users of the machine can see flags, but not the environment.

  go run ./examples/crm-import -pipeline p.csv -accounts a.csv -products pr.csv -url https://portal.example.com -report rows.csv

Closed rows are skipped. With -all they are registered and closed too, before the open ones: use it from the first run on, as an
open deal blocks others of the same customer and product family.

The exit status is 0 when all rows are accounted for, 1 when the run was stopped or failed, and 2 when the command line is wrong.

Flags:
`

// parse reads the command line. The error is flag.ErrHelp when help was asked for, which has been printed then.
func parse(args []string, stderr io.Writer) (*settings, error) {
	s := new(settings)
	f := flag.NewFlagSet("crm-import", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.Usage = func() {
		fmt.Fprint(stderr, usage)
		f.PrintDefaults()
	}
	f.StringVar(&s.pipeline, "pipeline", "", "CSV `file` of the opportunities: opportunity_id, product, account, deal_stage, engage_date, close_date, close_value (required)")
	f.StringVar(&s.accounts, "accounts", "", "CSV `file` of the customers: account, sector, office_location (required)")
	f.StringVar(&s.products, "products", "", "CSV `file` of the products: product, series, sales_price (required)")
	f.BoolVar(&s.all, "all", false, "register and close the closed rows too")
	f.StringVar(&s.currency, "currency", "USD", "ISO 4217 `code` of the amounts, which the export leaves out")
	f.StringVar(&s.system, "system", "crm", "`name` of the CRM in external references; keep it from run to run")
	f.StringVar(&s.report, "report", "", "write the findings row by row to this CSV `file`, and only their kinds to standard output")
	f.IntVar(&s.concurrency, "concurrency", 4, "customers worked on at the same time")
	f.StringVar(&s.db, "db", "crm-import.db", "SQLite `file` of the embedded portal")
	f.StringVar(&s.partner, "partner", "CRM import", "`name` of the partner in the embedded portal")
	f.TextVar(&s.asOf, "as-of", partnerportal.Date{}, "`day` (YYYY-MM-DD) on which the embedded portal stands (default the newest date in the pipeline file)")
	f.StringVar(&s.url, "url", "", "`URL` of another portal")
	f.StringVar(&s.clientID, "client-id", "", "client `id` for the portal at -url")
	f.StringVar(&s.clientSecret, "client-secret", "", "client `secret` for the portal at -url")
	f.BoolVar(&s.acceptTerms, "accept-terms", false, "accept the programme's terms with each registration, where the portal asks for it")
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	given := map[string]bool{}
	f.Visit(func(fl *flag.Flag) { given[fl.Name] = true })
	if err := s.check(f.Args(), given); err != nil {
		fmt.Fprintf(stderr, "crm-import: %v\nSee crm-import -help.\n", err)
		return nil, err
	}
	return s, nil
}

func (s *settings) check(rest []string, given map[string]bool) error {
	if len(rest) > 0 {
		return fmt.Errorf("%q is not a flag", rest[0])
	}
	for name, value := range map[string]string{"-pipeline": s.pipeline, "-accounts": s.accounts, "-products": s.products} {
		if value == "" {
			return fmt.Errorf("%s is missing: -pipeline, -accounts and -products name the three files", name)
		}
	}
	if s.concurrency < 1 {
		return errors.New("-concurrency must be at least 1")
	}
	if s.system == "" {
		return errors.New("-system must not be empty")
	}
	if _, err := partnerportal.ParseMoney("1", s.currency); err != nil {
		return fmt.Errorf("-currency: %w", err)
	}
	for _, name := range []string{"db", "partner", "as-of"} {
		if s.url != "" && given[name] {
			return fmt.Errorf("-%s is for the embedded portal, and -url names another one", name)
		}
	}
	if s.url == "" && cmp.Or(s.clientID, s.clientSecret) != "" {
		return errors.New("-client-id and -client-secret are for a portal at -url")
	}
	return nil
}

// connect makes a client of the portal at -url.
func (s *settings) connect() (*partnerportal.Client, error) {
	credentials := partnerportal.FromEnv()
	if cmp.Or(s.clientID, s.clientSecret) != "" {
		credentials = partnerportal.WithClientCredentials(s.clientID, s.clientSecret, scopes...)
	}
	return partnerportal.New(s.url, credentials, partnerportal.WithApplication("crm-import", partnerportal.Version))
}
