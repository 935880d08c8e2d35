package source

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// Bounds of one reading of a learning record store. One that has more is read on from there the next time.
const (
	xapiVersion  = "1.0.3"
	maxPage      = 32 << 20 // bytes of a page
	maxPages     = 2_000
	maxRecords   = 200_000
	pageSize     = 500 // statements; the store may give fewer
	xapiAttempts = 4
)

// XAPIConfig says where a learning record store (LRS) is, and how to read it.
type XAPIConfig struct {
	// Endpoint is the store's xAPI endpoint, to which "/statements" is added, such as "https://lrs.example.com/xapi".
	Endpoint string
	// System is the store's name in source stamps; the endpoint's host when it is empty. At most 64 characters.
	System string
	// Username and Password are sent with HTTP Basic authentication, Token as a bearer token.
	Username, Password, Token string
	// Course reads the IRI of an activity as a course's code; "" for activities that are no courses. [LastSegment] when it is nil.
	Course func(activity string) string
	// Client sends the requests; one with a limit of a minute for each when it is nil.
	Client *http.Client
}

// XAPI reads the statements of a learning record store by xAPI 1.0.3 (part 3, 2.1.3). It is an [LMS], and a [Resumer]: a portal asks for
// what was stored since its last reading, and what it has read is as of the store's own X-Experience-API-Consistent-Through. What a statement voids
// is taken back; who may do so the store has decided. A request that fails is sent up to four times, as the store's Retry-After says or with growing pauses.
type XAPI struct {
	statements *url.URL
	system     string
	course     func(string) string
	authorize  func(*http.Request)
	client     *retryablehttp.Client
}

var _ Resumer = (*XAPI)(nil)

// NewXAPI returns a learning record store. It is not asked yet.
func NewXAPI(c XAPIConfig) (*XAPI, error) {
	endpoint, err := url.Parse(strings.TrimSuffix(c.Endpoint, "/"))
	if err != nil || endpoint.Host == "" || endpoint.Scheme != "https" && endpoint.Scheme != "http" || endpoint.RawQuery != "" || endpoint.User != nil {
		return nil, fmt.Errorf("xAPI: the endpoint %q is no address of the form https://lrs.example.com/xapi", c.Endpoint)
	}
	if (c.Username == "") == (c.Token == "") {
		return nil, errors.New("xAPI: give either a user name with its password or a token")
	}
	x := &XAPI{statements: endpoint.JoinPath("statements"), system: cmp.Or(c.System, endpoint.Host), course: c.Course, client: retryablehttp.NewClient()}
	if len(x.system) > 64 {
		return nil, errors.New("xAPI: the system's name is longer than 64 characters")
	}
	if x.course == nil {
		x.course = LastSegment
	}
	x.authorize = func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+c.Token) }
	if c.Token == "" {
		x.authorize = func(r *http.Request) { r.SetBasicAuth(c.Username, c.Password) }
	}
	client := *cmp.Or(c.Client, &http.Client{Timeout: time.Minute})
	client.CheckRedirect = x.stays
	x.client.HTTPClient = &client
	x.client.Logger, x.client.RetryMax, x.client.RetryWaitMin, x.client.RetryWaitMax = nil, xapiAttempts-1, time.Second, 30*time.Second
	x.client.ErrorHandler = retryablehttp.PassthroughErrorHandler
	x.client.CheckRetry = func(ctx context.Context, resp *http.Response, err error) (bool, error) {
		if errors.Is(err, errElsewhere) {
			return false, err
		}
		return retryablehttp.DefaultRetryPolicy(ctx, resp, err)
	}
	return x, nil
}

// LMS reads all statements.
func (x *XAPI) LMS(ctx context.Context) (*Learning, error) { return x.LMSSince(ctx, time.Time{}) }

// LMSSince reads the statements that were stored after an instant. Of a store that is read page by page the first page's word counts: what is
// stored meanwhile need not be on a later one.
func (x *XAPI) LMSSince(ctx context.Context, since time.Time) (*Learning, error) {
	l := &Learning{Stamp: Stamp{System: x.system}, Records: []Record{}}
	page := *x.statements
	query := url.Values{"ascending": {"true"}, "limit": {strconv.Itoa(pageSize)}}
	if !since.IsZero() {
		query.Set("since", since.UTC().Format(time.RFC3339Nano))
	}
	page.RawQuery = query.Encode()
	seen := map[string]bool{}
	var last, through time.Time
	for next := &page; ; {
		p, vouched, err := x.page(ctx, next)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", x.system, err)
		}
		if next == &page || vouched.Before(through) {
			through = vouched
		}
		stored, err := x.take(l, p.Statements)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", x.system, err)
		}
		if stored.After(last) {
			last = stored
		}
		whole := p.More == ""
		if whole || len(seen) >= maxPages || len(l.Records) >= maxRecords {
			l.AsOf = asOf(since, last, through, whole)
			return l, nil
		}
		if next, err = x.more(p.More); err != nil || seen[p.More] {
			return nil, fmt.Errorf("%s: %w", x.system, cmp.Or(err, errors.New("the store's pages go round in a circle")))
		}
		seen[p.More] = true
	}
}

// overlap is what is read again of a store that does not say up to when nothing is missing: two statements may be stored at once, and the
// one that was stored first be seen last.
const overlap = time.Minute

// asOf is up to when nothing is missing: as the store says of a reading that has come to its end, and before the last statement of one
// that stops before, as they come in the order in which they were stored, and several at one instant when they came together. What the store
// does not vouch for yet is read again.
func asOf(since, last, through time.Time, whole bool) time.Time {
	switch {
	case last.IsZero() && (through.IsZero() || !whole):
		through = since
	case !whole && (through.IsZero() || !last.After(through)):
		through = last.Add(-time.Millisecond) // to which stores round
	case through.IsZero():
		through = last.Add(-overlap)
	}
	if through.Before(since) {
		return since
	}
	return through
}

// statementPage is a StatementResult.
type statementPage struct {
	Statements []json.RawMessage `json:"statements"`
	More       string            `json:"more"`
}

func (x *XAPI) page(ctx context.Context, address *url.URL) (p statementPage, through time.Time, err error) {
	r, err := retryablehttp.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return p, through, err
	}
	r.Header.Set("Accept", "application/json")
	r.Header.Set("X-Experience-API-Version", xapiVersion)
	x.authorize(r.Request)
	resp, err := x.client.Do(r)
	if err != nil {
		return p, through, unsigned(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return p, through, fmt.Errorf("the store answers %s", resp.Status)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxPage+1))
	if err != nil {
		return p, through, fmt.Errorf("the answer stops: %w", err)
	}
	if len(body) > maxPage {
		return p, through, fmt.Errorf("the answer is larger than %d bytes", maxPage)
	}
	if err := json.Unmarshal(body, &p); err != nil {
		return p, through, fmt.Errorf("the answer is no StatementResult: %w", err)
	}
	if text := resp.Header.Get("X-Experience-API-Consistent-Through"); text != "" {
		if through, err = time.Parse(time.RFC3339, text); err != nil {
			return p, through, fmt.Errorf("X-Experience-API-Consistent-Through %q is no instant", text)
		}
	}
	return p, through.UTC(), nil
}

// unsigned takes the address out of an error of net/http: where more is, may be a secret.
func unsigned(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

// take notes the records of a page, and says when its last statement was stored.
func (x *XAPI) take(l *Learning, statements []json.RawMessage) (stored time.Time, err error) {
	for i, raw := range statements {
		err := takeStatement(raw, func(s *statement) error {
			if s.Stored.After(stored) {
				stored = s.Stored.UTC()
			}
			record, ok, err := s.record(x.course)
			if ok {
				l.Records = append(l.Records, record)
			}
			return err
		})
		if err != nil {
			return stored, fmt.Errorf("statement %d of a page: %w", i+1, err)
		}
	}
	return stored, nil
}

// more is where the next page is: at the same host, for the credentials go there.
func (x *XAPI) more(text string) (*url.URL, error) {
	u, err := x.statements.Parse(text)
	if err != nil || !x.here(u) {
		return nil, errElsewhere
	}
	return u, nil
}

// errElsewhere says that a store wants the credentials to be sent to somebody else.
var errElsewhere = errors.New("the store sends elsewhere for more")

func (x *XAPI) here(u *url.URL) bool {
	return u.Scheme == x.statements.Scheme && u.Host == x.statements.Host
}

// stays follows a redirect within the store. Go would send the credentials along to a host below the store's, and without encryption.
func (x *XAPI) stays(r *http.Request, via []*http.Request) error {
	if !x.here(r.URL) || len(via) > 3 {
		return errElsewhere
	}
	return nil
}
