package events_test

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// fake is a portal with a feed to which a test appends. Its cursors are "after:N"; an event's id is "evt_N".
type fake struct {
	hooks

	mu     sync.Mutex
	types  []string
	asked  []events.ListParams
	refuse []error // answers of the next polls; nil is none
	limit  int
	later  map[int]string // what happens after so many polls
}

func (f *fake) happen(types ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.types = append(f.types, types...)
}

// happenLater lets something happen when the feed was asked so many times.
func (f *fake) happenLater(polls int, what string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.later = map[int]string{polls: what}
}

func (f *fake) fail(errs ...error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.refuse = append(f.refuse, errs...)
}

func (f *fake) polls() []events.ListParams {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked
}

func (f *fake) event(i int) events.Event {
	id := strconv.Itoa(i + 1)
	return events.Event{
		ID: "evt_" + id, Type: f.types[i], Timestamp: noon, APIVersion: "v1", Live: true, Tenant: "par_1",
		Subject: events.Subject{Type: "deal", ID: "deal_" + id, Version: 1, URL: "/v1/deals/deal_" + id},
		Data:    events.Data{State: "approved", ChangedFields: []string{"/status"}, Facts: map[string]any{"number": "D-" + id}},
	}
}

func (f *fake) List(_ context.Context, params *events.ListParams) (*events.Page, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, *params)
	if len(f.refuse) > 0 {
		err := f.refuse[0]
		f.refuse = f.refuse[1:]
		if err != nil {
			return nil, err
		}
	}
	at := 0
	switch {
	case params.Cursor == events.FromHere:
		at = len(f.types)
	case params.Cursor != "":
		_, n, _ := strings.Cut(strings.Replace(params.Cursor, "_", ":", 1), ":")
		at, _ = strconv.Atoi(n)
	}
	page := &events.Page{Items: []events.Event{}, RetentionFrom: noon}
	for ; at < len(f.types) && (f.limit == 0 || len(page.Items) < f.limit); at++ {
		if len(params.Type) == 0 || params.Type[0] == f.types[at] {
			page.Items = append(page.Items, f.event(at))
		}
	}
	page.Cursor, page.HasMore = "after:"+strconv.Itoa(at), at < len(f.types)
	if next := f.later[len(f.asked)]; next != "" {
		f.types = append(f.types, next)
	}
	return page, nil
}

func (f *fake) Get(_ context.Context, eventID string) (*events.Event, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	i, err := strconv.Atoi(strings.TrimPrefix(eventID, "evt_"))
	if err != nil || i < 1 || i > len(f.types) {
		return nil, notFound()
	}
	e := f.event(i - 1)
	return &e, nil
}

func connect(t testing.TB, f events.Server) *events.Client {
	t.Helper()
	router := partnerportal.NewRouter()
	events.Mount(router, f)
	pp, err := partnerportal.New("https://portal.test", partnerportal.WithHandler(router), partnerportal.WithAPIKey("ppk_test"),
		partnerportal.WithRetry(partnerportal.RetryPolicy{MaxAttempts: 1}))
	require.NoError(t, err)
	return events.New(pp)
}

var (
	down    = &partnerportal.Error{Status: http.StatusServiceUnavailable, Code: "not_ready"}
	busy    = &partnerportal.Error{Status: http.StatusTooManyRequests, Code: "rate_limited", RetryAfter: 40 * time.Second}
	gone    = &partnerportal.Error{Status: http.StatusGone, Code: partnerportal.ErrCursorExpired}
	noScope = &partnerportal.Error{Status: http.StatusForbidden, Code: "insufficient_scope"}
)
