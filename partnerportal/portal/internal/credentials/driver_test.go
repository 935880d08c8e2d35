package credentials_test

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store/storetest"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
	"github.com/partnerportal/partnerportal-go/training"
	"github.com/partnerportal/partnerportal-go/training/credentials"
	"github.com/partnerportal/partnerportal-go/training/credentials/badge"
)

// noon is when all tests begin; their clocks go on only when they are turned.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

const (
	day    = 24 * time.Hour
	public = "https://portal.test" // where the public reaches the portal
)

// desk is a portal with the vendor at its desk and two partners.
type desk struct {
	*portaltest.Portal

	t                    testing.TB
	vendor, acme, globex *credentials.Client
}

// engines runs a test on each database engine that is at hand.
func engines(t *testing.T, test func(t *testing.T, d *desk)) {
	t.Helper()
	t.Parallel()
	for name, dsn := range storetest.Engines {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newDesk(t, dsn(t)))
		})
	}
}

func newDesk(t testing.TB, dsn string, opts ...portal.Option) *desk {
	t.Helper()
	opts = append([]portal.Option{portal.WithSandbox(), portal.WithFileDir(t.TempDir()), portal.WithClock(func() time.Time { return noon })}, opts...)
	inner, err := portal.Open(t.Context(), dsn, opts...)
	require.NoError(t, err)
	p := portaltest.Wrap(t, inner)
	return &desk{Portal: p, t: t, vendor: credentials.New(p.Vendor), acme: credentials.New(p.Acme), globex: credentials.New(p.Globex)}
}

// opens lets the vendor issue credentials.
func (d *desk) opens() *credentials.Issuer {
	d.t.Helper()
	return got(d.vendor.PutIssuer(d.t.Context(), credentials.Issuer{Name: "Vendor", URL: public, Email: "badges@vendor.example"}))(d.t)
}

// engineer is a definition that lasts two years and is renewed by an exam, in a window of 90 days and 30 days late.
func engineer() credentials.Definition {
	return credentials.Definition{
		Name: "GTX Engineer", Description: "Installs and operates GTX.", Criteria: credentials.Criteria{Narrative: "Passed the GTX engineer exam."}, ValidityMonths: 24,
		Renewal: credentials.RenewalRules{Method: credentials.RenewalMethodExam, WindowDays: 90, LateDays: 30, NoticeDays: []int{30, 7}},
	}
}

func (d *desk) defines(id string, def credentials.Definition) *credentials.Definition {
	d.t.Helper()
	return got(d.vendor.PutDefinition(d.t.Context(), id, def))(d.t)
}

// learns adds one of a partner's people, under the address name@company.example.
func (d *desk) learns(pp *partnerportal.Client, name string) *training.Learner {
	d.t.Helper()
	return got(training.New(pp).AddLearner(d.t.Context(), training.NewLearner{Name: name, Email: strings.ToLower(name) + "@company.example"}))(d.t)
}

// certifies makes a credential of one of Acme's people.
func (d *desk) certifies(definitionID, name string) *credentials.Credential {
	d.t.Helper()
	person := d.learns(d.Acme, name)
	return got(d.vendor.Issue(d.t.Context(), credentials.NewCredential{DefinitionID: definitionID, LearnerID: person.ID}))(d.t)
}

// reads a credential as it is now.
func (d *desk) reads(id string) *credentials.Credential {
	d.t.Helper()
	return got(d.acme.Get(d.t.Context(), id))(d.t)
}

// judges is what a third party finds who fetches what is published, and asks for nothing else.
func (d *desk) judges(id string, options ...badge.Option) badge.Verdict {
	d.t.Helper()
	doc := got(d.acme.OpenBadge(d.t.Context(), id))(d.t)
	return d.verifies([]byte(doc.Badge), options...)
}

func (d *desk) verifies(data []byte, options ...badge.Option) badge.Verdict {
	d.t.Helper()
	bundle, err := badge.Fetch(d.t.Context(), d.visitor(), []badge.Source{{ID: public + "/credentials/issuer", Name: "Vendor", JWKS: public + "/.well-known/credentials/jwks.json"}}, data)
	require.NoError(d.t, err)
	return badge.Verify(data, bundle, append([]badge.Option{badge.At(d.Now())}, options...)...)
}

// visitor is somebody without credentials, for whom the portal is at its public address.
func (d *desk) visitor() *http.Client {
	return &http.Client{Transport: visits(func(r *http.Request) (*http.Response, error) {
		if !strings.HasPrefix(r.URL.String(), public+"/") {
			assert.Fail(d.t, "somebody asks elsewhere", r.URL.String())
		}
		w := httptest.NewRecorder()
		d.ServeHTTP(w, r)
		return w.Result(), nil
	})}
}

type visits func(*http.Request) (*http.Response, error)

func (v visits) RoundTrip(r *http.Request) (*http.Response, error) { return v(r) }

// fetches is what anybody gets at a path.
func (d *desk) fetches(path string) (*http.Response, string) {
	d.t.Helper()
	r, err := http.NewRequestWithContext(d.t.Context(), http.MethodGet, public+path, http.NoBody)
	require.NoError(d.t, err)
	resp, err := d.visitor().Do(r)
	require.NoError(d.t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(d.t, err)
	return resp, string(body)
}

// happened are the types of the events of a resource, as Acme hears of them.
func (d *desk) happened(id string) []string {
	d.t.Helper()
	page := got(events.New(d.Acme).List(d.t.Context(), events.ListParams{ResourceID: id, Limit: 1000}))(d.t)
	var types []string
	for _, e := range page.Items {
		types = append(types, e.Type)
	}
	return types
}

// joins makes Acme a gold member of a programme that asks for what is given.
func (d *desk) joins(requirement program.Requirement) *program.Membership {
	d.t.Helper()
	ctx, office := d.t.Context(), program.New(d.Vendor)
	p := got(office.Get(ctx, program.DefaultID))(d.t)
	p.Tiers = []program.Tier{{ID: "silver", Name: "Silver", Rank: 1}, {ID: "gold", Name: "Gold", Rank: 2, Requirements: []program.Requirement{requirement}}}
	got(office.Put(ctx, p.ID, *p))(d.t)
	return got(office.Enrol(ctx, program.Enrolment{PartnerID: d.AcmeID, ProgramID: program.DefaultID, TierID: "gold"}))(d.t)
}

func (d *desk) member(id string) *program.Membership {
	d.t.Helper()
	return got(program.New(d.Acme).GetMembership(d.t.Context(), id))(d.t)
}

// got is what a call returned, which must have succeeded.
func got[T any](v *T, err error) func(t testing.TB) *T {
	return func(t testing.TB) *T {
		t.Helper()
		require.NoError(t, err)
		return v
	}
}

// faults are the field errors of a refusal as "pointer code".
func faults(t testing.TB, err error) []string {
	t.Helper()
	var e *partnerportal.Error
	require.ErrorAs(t, err, &e)
	found := []string{}
	for _, f := range e.Fields {
		found = append(found, f.Pointer+" "+f.Code)
	}
	return found
}

// content is what a download holds.
func content(t testing.TB, d *partnerportal.Download, err error) []byte {
	t.Helper()
	require.NoError(t, err)
	data, err := io.ReadAll(d)
	require.NoError(t, err)
	require.NoError(t, d.Close())
	return data
}

// asMap reads JSON as somebody who does not know its types.
func asMap(t testing.TB, text string) map[string]any {
	t.Helper()
	var m map[string]any
	require.NoError(t, json.Unmarshal([]byte(text), &m))
	return m
}

// dot is a picture of one colour, as wide as high.
func dot(t testing.TB, side int) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, side, side))))
	return b.Bytes()
}
