package main_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/deals"
	crmimport "github.com/partnerportal/partnerportal-go/examples/crm-import"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
)

const (
	accounts = `account,sector,year_established,revenue,employees,office_location,subsidiary_of
Acme Corporation,technollogy,1996,1100.04,2822,United States,
Betatech,medical,1986,647.18,1185,Kenya,
Bioholding,medical,2012,587.34,1356,Philippyns,
Lost Isle,retail,2012,587.34,1356,Atlantis,
`
	products = `product,series,sales_price
GTX Basic,GTX,550
GTX Pro,GTX,4821
MG Special,MG,55
GTK 500,GTK,26768
Free Trial,MG,0
`
	// The one conflict: A03 and A04 are open, of one customer and family.
	pipeline = header +
		"A04,Ann,GTX Basic,Acme Corporation,Engaging,11/2/2016,,\n" +
		"A01,Ann,GTX Basic,Acme Corporation,Won,10/20/2016,3/1/2017,1054\n" +
		"A02,Ann,GTXPro,Acme Corporation,Lost,10/25/2016,3/11/2017,0\n" +
		"A03,Ann,GTX Pro,acme corporation,Prospecting,,,\n" +
		"A05,Ann,MG Special,Acme Corporation,Engaging,11/1/2016,,\n" +
		"B01,Bob,GTK 500,Betatech,Engaging,11/1/2016,,\n" +
		"C01,Bob,GTX Basic,Bioholding,Engaging,11/1/2016,,\n"
)

// job is a folder with an export, and a portal on which it is imported.
type job struct{ dir string }

func newJob(t *testing.T, pipeline string) job {
	t.Helper()
	j := job{t.TempDir()}
	for name, content := range map[string]string{"pipeline.csv": pipeline, "accounts.csv": accounts, "products.csv": products} {
		require.NoError(t, os.WriteFile(j.path(name), []byte(content), 0o600))
	}
	return j
}

func (j job) path(name string) string { return filepath.Join(j.dir, name) }

func (j job) args(more ...string) []string {
	args := []string{"-pipeline", j.path("pipeline.csv"), "-accounts", j.path("accounts.csv"), "-products", j.path("products.csv")}
	if !strings.Contains(strings.Join(more, " "), "-url") {
		args = append(args, "-db", j.path("portal.db"))
	}
	return append(args, more...)
}

// outcome is what a run leaves behind.
type outcome struct {
	status         int
	stdout, stderr string
	summary        string // the last line
}

func run(ctx context.Context, between func(http.Handler) http.Handler, args ...string) outcome {
	var stdout, stderr bytes.Buffer
	status := crmimport.Run(ctx, &stdout, &stderr, between, args...)
	lines := strings.Split(strings.TrimSuffix(stdout.String(), "\n"), "\n")
	return outcome{status, stdout.String(), stderr.String(), lines[len(lines)-1]}
}

// imports runs the job, which must account for all rows.
func (j job) imports(t *testing.T, more ...string) outcome {
	t.Helper()
	out := run(t.Context(), nil, j.args(more...)...)
	require.Equal(t, 0, out.status, out.stderr)
	return out
}

// states asks the portal how each opportunity's deal stands now.
func (j job) states(t *testing.T) map[string]deals.Status {
	t.Helper()
	p, err := portal.Open(t.Context(), "sqlite:"+j.path("portal.db"))
	require.NoError(t, err)
	defer p.Close()
	return states(t, vendor(t, p))
}

func vendor(t *testing.T, p *portal.Portal) *deals.Client {
	t.Helper()
	key, err := p.Admin().CreateAPIKey(t.Context(), portal.ClientSpec{Name: "test", Scopes: []string{"deals:read", "deals:review"}})
	require.NoError(t, err)
	client, err := partnerportal.New("", partnerportal.WithHandler(p), partnerportal.WithAPIKey(key))
	require.NoError(t, err)
	return deals.New(client)
}

func states(t *testing.T, c *deals.Client) map[string]deals.Status {
	t.Helper()
	states := map[string]deals.Status{}
	for d, err := range c.All(t.Context(), deals.ListParams{}) {
		require.NoError(t, err)
		require.Len(t, d.ExternalRefs, 1)
		require.NotContains(t, states, d.ExternalRefs[0].ID, "registered twice")
		states[d.ExternalRefs[0].ID] = d.Status
	}
	return states
}

func TestRegistersOpenRowsOnce(t *testing.T) {
	t.Parallel()
	j := newJob(t, pipeline)
	first := j.imports(t)
	assert.Equal(t, "registered=4 already_registered=0 conflicts=1 refused=0 skipped=2 total=7", first.summary)
	assert.Contains(t, first.stderr, "The portal stands on 2017-03-11")
	assert.Contains(t, first.stderr, "registering: 5 of 5")
	assert.Contains(t, first.stdout, `pipeline.csv:5: opportunity A03: account "Acme Corporation": the customer has an open deal for GTX`)
	assert.Contains(t, first.stdout, "of opportunity A04", "what it conflicts with, in the CRM's terms")
	for _, c := range []string{
		`office_location "Philippyns" was read as "PH", once`, `sector "technollogy" was read as "technology", once`,
		`account "acme corporation" was read as "Acme Corporation", once`,
	} {
		assert.Contains(t, first.stdout, c)
	}
	want := map[string]deals.Status{"A04": "approved", "A05": "approved", "B01": "approved", "C01": "approved"}
	assert.Equal(t, want, j.states(t))

	second := j.imports(t)
	assert.Equal(t, "registered=0 already_registered=4 conflicts=1 refused=0 skipped=2 total=7", second.summary)
	assert.Equal(t, want, j.states(t))
}

func TestClosesClosedRows(t *testing.T) {
	t.Parallel()
	j := newJob(t, pipeline)
	assert.Equal(t, "registered=6 already_registered=0 conflicts=1 refused=0 skipped=0 total=7", j.imports(t, "-all").summary)
	want := map[string]deals.Status{"A01": "won", "A02": "lost", "A04": "approved", "A05": "approved", "B01": "approved", "C01": "approved"}
	assert.Equal(t, want, j.states(t))
	assert.Equal(t, "registered=0 already_registered=6 conflicts=1 refused=0 skipped=0 total=7", j.imports(t, "-all").summary)

	// A later export, in which an open opportunity was won: its deal is closed, and makes room for the one it blocked.
	later := strings.Replace(pipeline, "Engaging,11/2/2016,,", "Won,11/2/2016,4/1/2017,600", 1)
	require.NoError(t, os.WriteFile(j.path("pipeline.csv"), []byte(later), 0o600))
	assert.Equal(t, "registered=1 already_registered=6 conflicts=0 refused=0 skipped=0 total=7", j.imports(t, "-all").summary)
	want["A04"], want["A03"] = "won", "approved"
	assert.Equal(t, want, j.states(t))
}

func TestDealsSayWhatTheFilesSay(t *testing.T) {
	t.Parallel()
	j := newJob(t, pipeline)
	j.imports(t, "-all", "-as-of", "2017-06-30", "-currency", "EUR", "-system", "sugar")
	p, err := portal.Open(t.Context(), "sqlite:"+j.path("portal.db"))
	require.NoError(t, err)
	defer p.Close()
	deal := map[string]deals.Deal{}
	for d, err := range vendor(t, p).All(t.Context(), deals.ListParams{}) {
		require.NoError(t, err)
		assert.Equal(t, "sugar", d.ExternalRefs[0].System)
		deal[d.ExternalRefs[0].ID] = d
	}
	won, lost, open := deal["A01"], deal["A02"], deal["C01"]
	assert.Equal(t, "1054.00 EUR", won.Close.ActualAmount.String())
	assert.Equal(t, "2017-06-30", won.ExpectedCloseOn.String(), "the portal takes no day in the past")
	assert.Equal(t, "4821.00 EUR", lost.Amount.String(), "what was lost was worth its list price")
	assert.Equal(t, "other", lost.Close.ReasonCode)
	assert.Equal(t, "Bioholding: GTX Basic", open.Name)
	assert.Equal(t, "PH", open.Customer.Country)
	assert.Equal(t, "medical", open.Customer.Industry)
	assert.Equal(t, "GTX", open.Products[0].Family)
	assert.Equal(t, "550.00 EUR", open.Amount.String())
	assert.Equal(t, "2017-09-28", open.ExpectedCloseOn.String(), "90 days on")
	assert.Equal(t, deals.SalesStageQualified, open.SalesStage)
}

func TestRefusesDirtyRowsAndSaysWhy(t *testing.T) {
	t.Parallel()
	dirty := header +
		"A01,Ann,GTX Pro,Acme Corporation,Engaging,11/1/2016,,\n" +
		"D02,Ann,GTX Pro,,Engaging,11/1/2016,,\n" +
		"D03,Ann,GTX Prp,Acme Corp,Engaging,11/1/2016,31/12/2017,-5\n" +
		"D04,Ann,GTX Pro,Lost Isle,Engaging,11/1/2016,,\n" +
		"D05,Ann,GTX Pro,Acme Corporation,Dreaming,11/1/2016,,\n" +
		"A01,Ann,GTX Pro,Betatech,Engaging,11/1/2016,,\n" +
		",Ann,GTX Pro,Betatech,Engaging,11/1/2016,,\n" +
		"D08,Ann,GTX Pro,Betatech,Won,11/1/2016,3/1/2017,0\n" +
		"D09,Ann,Free Trial,Betatech,Lost,11/1/2016,3/1/2017,0\n" +
		"D10,Ann,GTX Pro,Betatech,Lost\n" +
		"D11,Ann,GTX Pro,Betatech,Lost,11/1/2016,3/1/2017,\"1,054\"\n" +
		"D12,Ann,,Betatech,Won,11/1/2016,2/30/2017,\n" +
		"D13,Ann,GTX Pro,Betatech,Engaging,,3/11/2027,\n" // more than 24 months ahead: the portal refuses it
	j := newJob(t, dirty)
	out := j.imports(t, "-all", "-as-of", "2017-03-11", "-report", j.path("report.csv"))
	assert.Equal(t, "registered=1 already_registered=0 conflicts=0 refused=12 skipped=0 total=13", out.summary)

	file, err := os.Open(j.path("report.csv"))
	require.NoError(t, err)
	defer file.Close()
	records, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	assert.Equal(t, "result,file,line,opportunity_id,column,value,rule,why,what_to_do,deal", strings.Join(records[0], ","))
	var got []string
	for _, r := range records[1:] {
		assert.Equal(t, []string{"refused", "pipeline.csv"}, r[:2])
		assert.NotEmpty(t, r[7], "why")
		got = append(got, strings.Join(r[2:7], "|"))
	}
	assert.Equal(t, []string{
		"3|D02|account||account_missing",
		"4|D03|account|Acme Corp|account_unknown",
		"4|D03|product|GTX Prp|product_unknown",
		"4|D03|close_date|31/12/2017|date_malformed",
		"5|D04|account|Lost Isle|country_unknown",
		"6|D05|deal_stage|Dreaming|stage_unknown",
		"7|A01|opportunity_id|A01|id_repeated",
		"8||opportunity_id||id_missing",
		"9|D08|close_value|0|value_missing",
		"10|D09|product|Free Trial|price_unusable",
		"11|D10|||row_unreadable",
		"12|D11|close_value|1,054|value_malformed",
		"13|D12|product||product_missing",
		"13|D12|close_date|2/30/2017|date_malformed",
		"14|D13|close_date|2027-03-11|close_date_out_of_range",
	}, got)
	assert.Contains(t, out.stdout, "Refused: account_missing, once. Enter the account in the CRM, and export again.")
	assert.NotContains(t, out.stdout, "pipeline.csv:3", "the rows are in the file")
}

func TestOtherPartnersConflictsAreMasked(t *testing.T) {
	t.Parallel()
	j := newJob(t, pipeline)
	j.imports(t, "-partner", "Rival Ltd")
	out := j.imports(t)
	assert.Equal(t, "registered=0 already_registered=0 conflicts=5 refused=0 skipped=2 total=7", out.summary)
	assert.Contains(t, out.stdout, "conflict_blocked")
	assert.NotContains(t, out.stdout, "Rival")
}

func TestPortalThatDecidesLater(t *testing.T) {
	t.Parallel()
	p, err := portal.Open(t.Context(), "sqlite::memory:")
	require.NoError(t, err)
	defer p.Close()
	server := httptest.NewServer(p)
	defer server.Close()
	partner, err := p.Admin().CreatePartner(t.Context(), portal.Partner{Name: "Acme Resale"})
	require.NoError(t, err)
	credentials, err := p.Admin().CreateClient(t.Context(), portal.ClientSpec{PartnerID: partner.ID, Name: "import", Scopes: []string{"deals:read", "deals:write"}})
	require.NoError(t, err)
	reviewer := vendor(t, p)

	j := newJob(t, pipeline)
	remote := []string{"-all", "-url", server.URL, "-client-id", credentials.ClientID, "-client-secret", credentials.ClientSecret}
	out := j.imports(t, remote...)
	assert.Equal(t, "registered=4 already_registered=0 conflicts=3 refused=0 skipped=0 total=7", out.summary)
	assert.Contains(t, out.stdout, "Registered: closing_waits, once. Run the same command again after the approval.")

	for d, err := range reviewer.All(t.Context(), deals.ListParams{Status: []deals.Status{deals.StatusSubmitted}}) {
		require.NoError(t, err)
		_, err := reviewer.Approve(t.Context(), d.ID, deals.Approval{})
		require.NoError(t, err)
	}
	out = j.imports(t, remote...)
	assert.Equal(t, "registered=1 already_registered=4 conflicts=2 refused=0 skipped=0 total=7", out.summary)
	assert.Equal(t, deals.StatusWon, states(t, reviewer)["A01"], "closed by the second run, which found it registered")
	assert.Equal(t, deals.StatusSubmitted, states(t, reviewer)["A02"], "and so made room")
}

func TestStopsAndGoesOn(t *testing.T) {
	t.Parallel()
	j := newJob(t, pipeline)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ctrlC := func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h.ServeHTTP(w, r)
			if r.URL.Path == "/v1/deals/quick" {
				cancel()
			}
		})
	}
	out := run(ctx, ctrlC, j.args("-all", "-concurrency", "1")...)
	assert.Equal(t, 1, out.status)
	assert.Contains(t, out.stderr, "run the same command again")
	assert.Contains(t, out.stderr, "crm-import: interrupted\n")
	assert.Regexp(t, `^registered=0 already_registered=0 conflicts=0 refused=0 skipped=0 total=0$`, out.summary)

	out = j.imports(t, "-all")
	assert.Equal(t, "registered=5 already_registered=1 conflicts=1 refused=0 skipped=0 total=7", out.summary)
}

func TestPortalOutOfReach(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	j := newJob(t, pipeline)
	out := run(t.Context(), nil, j.args("-url", server.URL, "-client-id", "id", "-client-secret", "secret")...)
	assert.Equal(t, 1, out.status)
	assert.Contains(t, out.stderr, "Stopped with 5 of 7 rows not reached.")
	assert.Equal(t, "registered=0 already_registered=0 conflicts=0 refused=0 skipped=2 total=2", out.summary)
	assert.NotContains(t, out.stdout+out.stderr, "secret")
}

func TestCommandLine(t *testing.T) {
	t.Parallel()
	out := run(t.Context(), nil, "-help")
	assert.Equal(t, 0, out.status)
	assert.Contains(t, out.stderr, "go run ./examples/crm-import -pipeline")

	files := []string{"-pipeline", "p", "-accounts", "a", "-products", "b"}
	for want, args := range map[string][]string{
		"-pipeline, -accounts and -products name the three files": {"-pipeline", "p"},
		"is not a flag":                            append(files, "more"),
		"-concurrency must be at least 1":          append(files, "-concurrency", "0"),
		"-as-of is for the embedded portal":        append(files, "-url", "https://portal.example.com", "-as-of", "2017-01-01"),
		"-client-id and -client-secret are for":    append(files, "-client-id", "x"),
		"-currency":                                append(files, "-currency", "dollars"),
		"invalid value \"tomorrow\" for flag -as-": append(files, "-as-of", "tomorrow"),
	} {
		out := run(t.Context(), nil, args...)
		assert.Equal(t, 2, out.status, args)
		assert.Contains(t, out.stderr, want)
	}
	out = run(t.Context(), nil, files...)
	assert.Equal(t, 1, out.status)
	assert.Contains(t, out.stderr, "no such file")
}

var summaryLine = regexp.MustCompile(`^registered=(\d+) already_registered=(\d+) conflicts=(\d+) refused=(\d+) skipped=(\d+) total=(\d+)$`)

// sums reads a summary line and checks that it adds up.
func sums(t *testing.T, line string) (registered, already, conflicts, total int) {
	t.Helper()
	require.Regexp(t, summaryLine, line)
	var refused, skipped int
	_, err := fmt.Sscanf(line, "registered=%d already_registered=%d conflicts=%d refused=%d skipped=%d total=%d", &registered, &already, &conflicts, &refused, &skipped, &total)
	require.NoError(t, err)
	assert.Equal(t, total, registered+already+conflicts+refused+skipped)
	return registered, already, conflicts, total
}
