package portal_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store/storetest"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
)

// feed reads the feed of the story so far, from its beginning, as each of them.
func (s *story) feed() {
	s.t.Helper()
	var all []events.Event
	for who, reader := range map[string]side{s.acmeID: s.acme, s.globexID: s.globex, "": s.vendor} {
		found := walk(s.t, reader.events, events.ListParams{Limit: 20})
		require.NotEmpty(s.t, found)
		all = append(all, found...)
		for _, e := range found {
			assert.NotEmpty(s.t, e.Data.State, e.Type)
			_, pattern := s.checked.mux.Handler(httptest.NewRequest(http.MethodGet, e.Subject.URL, nil))
			assert.Regexp(s.t, `^GET .*/\{\w+\}$`, pattern, "%s is read at %s", e.Subject.Type, e.Subject.URL)
			assert.True(s.t, strings.HasSuffix(e.Subject.URL, "/"+e.Subject.ID), e.Subject.URL)
			if slices.Contains([]string{"product", "price_list", "config_model", "course", "learning_path", "class_session", "training_rule"}, e.Subject.Type) {
				assert.Equal(s.t, "vendor", e.Tenant)
			} else if who != "" {
				assert.Equal(s.t, who, e.Tenant)
			}
		}
		last := found[len(found)-1]
		assert.Equal(s.t, last, *did[events.Event](s)(reader.events.Get(s.ctx, last.ID)))
	}
	documented(s.t, all)
	nothingMadeUp(s.t, all)
	_, err := s.acme.events.List(s.ctx, events.ListParams{PartnerID: []string{s.globexID}})
	s.refused("validation_failed", err)
	_, err = s.acme.events.List(s.ctx, events.ListParams{Cursor: "made up"})
	s.refused("cursor_invalid", err)
}

// walk reads what there is behind params.Cursor.
func walk(t testing.TB, c *events.Client, params events.ListParams) []events.Event {
	t.Helper()
	var found []events.Event
	for {
		page, err := c.List(t.Context(), params)
		require.NoError(t, err)
		found = append(found, page.Items...)
		if params.Cursor = page.Cursor; !page.HasMore {
			return found
		}
	}
}

func idsOf(found []events.Event) []string {
	ids := make([]string, len(found))
	for i, e := range found {
		ids[i] = e.ID
	}
	return ids
}

func typesOf(found []events.Event) []string {
	types := make([]string, len(found))
	for i, e := range found {
		types[i] = e.Type
	}
	return types
}

// TestFeedLosesNothing: 16 writers change deals while readers behind cursors follow, the vendor and a partner, unfiltered and
// filtered. Each sees each of its events exactly once, in the one order of the commits.
func TestFeedLosesNothing(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) { feedLosesNothing(t, "sqlite:"+filepath.Join(t.TempDir(), "portal.db")) })
	t.Run("postgres", func(t *testing.T) { feedLosesNothing(t, storetest.Postgres(t)) })
}

func feedLosesNothing(t *testing.T, dsn string) {
	t.Helper()
	writers, each := 16, 12
	if raceDetector { // which makes SQLite, in Go, ten times slower
		each = 3
	}
	p := portaltest.Wrap(t, openSandbox(t, dsn))
	var busy atomic.Int64
	busy.Store(int64(writers))
	var writing, reading sync.WaitGroup
	for w := range writers {
		partner := []*partnerportal.Client{p.Acme, p.Globex}[w%2]
		writing.Go(func() {
			defer busy.Add(-1)
			for i := range each {
				_, err := deals.New(partner).Register(t.Context(), registrationOf(fmt.Sprintf("%x.com", sha256.Sum224([]byte{byte(w), byte(i)}))))
				if !assert.NoError(t, err) {
					return
				}
			}
		})
	}
	readers := map[string]*cursorReader{
		"vendor":        {client: events.New(p.Vendor)},
		"vendor, typed": {client: events.New(p.Vendor), params: events.ListParams{Type: []string{deals.EventSubmitted}, Limit: 3}},
		"partner":       {client: events.New(p.Acme), params: events.ListParams{Limit: 7}},
		"nothing":       {client: events.New(p.Globex), params: events.ListParams{Type: []string{"lead.*"}}},
	}
	for _, r := range readers {
		reading.Go(func() {
			for {
				last := busy.Load() == 0 // one more round after the writers are done
				if r.round(t) && last {
					return
				}
			}
		})
	}
	writing.Wait()
	reading.Wait()

	all := walk(t, events.New(p.Vendor), events.ListParams{})
	require.Len(t, idsOf(all), 2*writers*each, "created and submitted")
	assert.Equal(t, idsOf(all), idsOf(readers["vendor"].found))
	assert.Equal(t, idsOf(keep(all, func(e events.Event) bool { return e.Type == deals.EventSubmitted })), idsOf(readers["vendor, typed"].found))
	assert.Equal(t, idsOf(keep(all, func(e events.Event) bool { return e.Tenant == p.AcmeID })), idsOf(readers["partner"].found))
	assert.Empty(t, readers["nothing"].found)
	versions := map[string]int64{}
	for _, e := range all {
		assert.GreaterOrEqual(t, e.Subject.Version, versions[e.Subject.ID])
		versions[e.Subject.ID] = e.Subject.Version
	}

	// The one that matched nothing has moved on all the same: what comes next is all that its cursor shows.
	lead, err := leads.New(p.Vendor).Create(t.Context(), leads.NewLead{Title: "x", Organization: leads.Organization{Name: "Y"}, Consent: leads.Consent{MayContact: true}})
	require.NoError(t, err)
	_, err = leads.New(p.Vendor).Distribute(t.Context(), lead.ID, leads.Distribution{Mode: leads.OfferModeExclusive, PartnerIDs: []string{p.GlobexID}})
	require.NoError(t, err)
	idle := readers["nothing"]
	idle.params.Type = nil
	assert.True(t, idle.round(t))
	assert.Equal(t, []string{leads.EventOffered}, typesOf(idle.found))
}

// cursorReader follows a feed from its beginning.
type cursorReader struct {
	client *events.Client
	params events.ListParams
	found  []events.Event
}

// round reads the next page and says whether it was the last for now.
func (r *cursorReader) round(t *testing.T) (done bool) {
	t.Helper()
	page, err := r.client.List(t.Context(), r.params)
	if !assert.NoError(t, err) {
		return true
	}
	r.found = append(r.found, page.Items...)
	r.params.Cursor = page.Cursor
	return !page.HasMore
}

func keep(all []events.Event, that func(events.Event) bool) []events.Event {
	return slices.DeleteFunc(slices.Clone(all), func(e events.Event) bool { return !that(e) })
}

func openSandbox(t *testing.T, dsn string) *portal.Portal {
	t.Helper()
	p, err := portal.Open(t.Context(), dsn, portal.WithSandbox())
	require.NoError(t, err)
	return p // whoever wraps it closes it
}

func registrationOf(domain string) deals.Registration {
	return deals.Registration{
		Customer:        partnerportal.Organization{Name: domain, Country: "US", Domain: domain},
		Amount:          partnerportal.MustMoney("125000", "USD"),
		ExpectedCloseOn: partnerportal.DateOf(time.Now().AddDate(0, 1, 0)),
		Products:        []deals.Product{{Family: "GTX", Quantity: 10}},
	}
}

// TestFeedTellsAPartnerNothingOfOthers: no event, cursor or event id of one side helps the other, and nothing in the bytes
// that a partner reads names a rival, a person or what is behind a mask.
func TestFeedTellsAPartnerNothingOfOthers(t *testing.T) {
	t.Parallel()
	p := portaltest.New(t)
	ctx := t.Context()
	var wire strings.Builder
	read := func(c *partnerportal.Client, params events.ListParams) []events.Event {
		found := walk(t, events.New(c), params)
		body, err := json.Marshal(found)
		require.NoError(t, err)
		wire.Write(body)
		return found
	}
	lead, err := leads.New(p.Vendor).Create(ctx, leads.NewLead{
		Title: "Canary title", Organization: leads.Organization{Name: "Canary organization", Country: "US"},
		Contact: leads.Contact{GivenName: "Canary person", Email: "canary@initrode.com"}, Consent: leads.Consent{MayContact: true},
	})
	require.NoError(t, err)
	_, err = leads.New(p.Vendor).Distribute(ctx, lead.ID, leads.Distribution{Mode: leads.OfferModeBroadcast, PartnerIDs: []string{p.AcmeID, p.GlobexID}})
	require.NoError(t, err)
	_, err = leads.New(p.Globex).Accept(ctx, lead.ID) // Acme loses the race
	require.NoError(t, err)
	_, err = leads.New(p.Globex).LogContact(ctx, lead.ID, leads.ContactLog{Channel: leads.ContactChannelPhone, Note: "Canary note"})
	require.NoError(t, err)
	rival, err := deals.New(p.Globex).Register(ctx, registrationOf("canary-rival.com"))
	require.NoError(t, err)
	_, err = deals.New(p.Vendor).AddNote(ctx, rival.ID, partnerportal.NewNote{Text: "Canary internal", Internal: true})
	require.NoError(t, err)
	own, err := deals.New(p.Acme).Register(ctx, registrationOf("acme-customer.com"))
	require.NoError(t, err)
	_, err = deals.New(p.Vendor).Approve(ctx, own.ID, deals.Approval{Comment: "Canary comment"})
	require.NoError(t, err)

	seen := read(p.Acme, events.ListParams{})
	assert.Equal(t, []string{leads.EventOffered, leads.EventUpdated, deals.EventCreated, deals.EventSubmitted, deals.EventApproved, deals.EventProtectionStarted}, typesOf(seen))
	assert.Equal(t, string(leads.StatusRecalled), seen[1].Data.State, "to Acme the lead is recalled; that Globex has it is not told")
	assert.Equal(t, partnerportal.Actor{Side: partnerportal.SideVendor}, seen[4].Data.Actor, "the vendor's people are the vendor")
	assert.NotEmpty(t, seen[2].Data.Actor.ID, "its own clients are told apart, so that one can leave out its own changes")
	for _, params := range []events.ListParams{{ResourceID: rival.ID}, {Cursor: events.FromHere}, {Type: []string{leads.EventContacted}}, {ResourceType: []string{"conflict"}}} {
		assert.Empty(t, read(p.Acme, params))
	}
	for _, canary := range []string{"anary", p.GlobexID, "Globex", rival.ID, "sequence", "partner\":\"", "Acme CRM", "Vendor desk"} {
		assert.NotContains(t, wire.String(), canary)
	}

	theirs := walk(t, events.New(p.Globex), events.ListParams{ResourceID: rival.ID})
	require.NotEmpty(t, theirs)
	page, err := events.New(p.Globex).List(ctx, events.ListParams{Limit: 1})
	require.NoError(t, err)
	vendors, err := events.New(p.Vendor).List(ctx, events.ListParams{Limit: 1})
	require.NoError(t, err)
	for _, cursor := range []string{page.Cursor, vendors.Cursor, theirs[0].ID, "evt_unknown", "AAAA", page.Cursor + "A", strings.Repeat("A", 48)} {
		_, err = events.New(p.Acme).List(ctx, events.ListParams{Cursor: cursor})
		require.ErrorIs(t, err, partnerportal.ErrorCode("cursor_invalid"), cursor)
	}
	_, err = events.New(p.Acme).Get(ctx, theirs[0].ID)
	require.ErrorIs(t, err, partnerportal.ErrNotFound)

	// Two cursors of one place differ, and have one length: nothing can be read off them.
	first, err := events.New(p.Acme).Now(ctx)
	require.NoError(t, err)
	second, err := events.New(p.Acme).Now(ctx)
	require.NoError(t, err)
	assert.NotEqual(t, first, second)
	assert.Len(t, second, len(first))
}

func TestFeedShowsOnlyWhatTheScopesAllow(t *testing.T) {
	t.Parallel()
	p := portaltest.New(t)
	_, err := deals.New(p.Acme).Register(t.Context(), registrationOf("initech.com"))
	require.NoError(t, err)
	for scope, want := range map[string]int{"deals:read": 2, "leads:read": 0, "": 0} {
		c := p.Client(portal.ClientSpec{PartnerID: p.AcmeID, Name: "Narrow", Scopes: strings.Fields("events:read " + scope)})
		assert.Len(t, walk(t, events.New(c), events.ListParams{}), want, scope)
	}
	c := p.Client(portal.ClientSpec{PartnerID: p.AcmeID, Name: "None", Scopes: []string{"deals:read"}})
	_, err = events.New(c).List(t.Context(), events.ListParams{})
	require.ErrorIs(t, err, partnerportal.ErrForbidden)
}

func TestFeedFilters(t *testing.T) {
	t.Parallel()
	p := portaltest.New(t)
	ctx, vendor := t.Context(), events.New(p.Vendor)
	first, err := deals.New(p.Acme).Register(ctx, registrationOf("initech.com"))
	require.NoError(t, err)
	_, err = deals.New(p.Globex).Register(ctx, registrationOf("hooli.com"))
	require.NoError(t, err)
	_, err = leads.New(p.Vendor).Create(ctx, leads.NewLead{Title: "x", Organization: leads.Organization{Name: "Y"}, Consent: leads.Consent{MayContact: true}})
	require.NoError(t, err)
	all := walk(t, vendor, events.ListParams{})
	require.Len(t, all, 5)
	for _, tc := range []struct {
		params events.ListParams
		want   []int // places in all
	}{
		{events.ListParams{Type: []string{"deal.*"}}, []int{0, 1, 2, 3}},
		{events.ListParams{Type: []string{"lead.*", deals.EventCreated}}, []int{0, 2, 4}},
		{events.ListParams{Type: []string{"dea_.*"}}, nil},
		{events.ListParams{ResourceType: []string{"lead"}}, []int{4}},
		{events.ListParams{ResourceID: first.ID}, []int{0, 1}},
		{events.ListParams{PartnerID: []string{p.GlobexID}}, []int{2, 3}},
		{events.ListParams{Cursor: all[2].ID}, []int{3, 4}},
		{events.ListParams{Cursor: all[4].ID}, nil},
	} {
		var want []string
		for _, i := range tc.want {
			want = append(want, all[i].ID)
		}
		assert.ElementsMatch(t, want, idsOf(walk(t, vendor, tc.params)), "%+v", tc.params)
	}
	for _, bad := range []events.ListParams{{Type: []string{"*"}}, {Type: []string{"deal"}}, {Type: []string{"Deal.%"}}, {Limit: 1001}} {
		_, err := vendor.List(ctx, bad)
		require.ErrorIs(t, err, partnerportal.ErrValidation, "%+v", bad)
	}
	assert.Equal(t, "vendor", all[4].Tenant)
	assert.False(t, all[4].Live, "a sandbox")
}

// TestExpiredCursor: a reader that was away for too long is told so, and one that lost nothing is not.
func TestExpiredCursor(t *testing.T) {
	t.Parallel()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "portal.db")+"?_txlock=immediate&_pragma=foreign_keys(1)&_pragma=busy_timeout(5000)")
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, db.Close()) })
	inner, err := portal.New(t.Context(), db, portal.SQLite, portal.WithEventRetention(48*time.Hour), portal.WithSandbox())
	require.NoError(t, err)
	p := portaltest.Wrap(t, inner)
	ctx, acme, globex := t.Context(), events.New(p.Acme), events.New(p.Globex)
	age := func(d time.Duration) {
		_, err := db.ExecContext(ctx, "UPDATE events SET recorded_at = recorded_at - ?", d.Microseconds())
		require.NoError(t, err)
	}
	acmes, err := acme.Now(ctx)
	require.NoError(t, err)
	globexes, err := globex.Now(ctx)
	require.NoError(t, err)
	deal, err := deals.New(p.Acme).Register(ctx, registrationOf("initech.com"))
	require.NoError(t, err)
	old := walk(t, acme, events.ListParams{})
	require.Len(t, old, 2)
	age(49 * time.Hour)

	_, err = acme.List(ctx, events.ListParams{Cursor: acmes, Type: []string{deals.EventWon}})
	require.ErrorIs(t, err, events.ErrCursorExpired, "whatever the filter")
	require.ErrorIs(t, err, partnerportal.ErrorStatus(410))
	_, err = acme.List(ctx, events.ListParams{Cursor: old[0].ID})
	require.ErrorIs(t, err, events.ErrCursorExpired)
	assert.Empty(t, walk(t, acme, events.ListParams{}), "from the beginning is from what is kept")
	_, err = acme.Get(ctx, old[0].ID)
	require.ErrorIs(t, err, partnerportal.ErrNotFound)
	assert.Empty(t, walk(t, acme, events.ListParams{Cursor: old[1].ID}), "it had seen all")
	assert.Empty(t, walk(t, globex, events.ListParams{Cursor: globexes}), "what it could not see it did not lose")

	_, err = deals.New(p.Vendor).Approve(ctx, deal.ID, deals.Approval{})
	require.NoError(t, err)
	assert.Equal(t, []string{deals.EventApproved, deals.EventProtectionStarted}, typesOf(walk(t, acme, events.ListParams{})))
	page, err := deals.New(p.Acme).ListActivity(ctx, deal.ID, deals.ListActivityParams{})
	require.NoError(t, err)
	assert.Len(t, page.Items, 4, "the timeline goes back to the beginning")
}

func TestCursorOutlivesARestart(t *testing.T) {
	t.Parallel()
	dsn := "sqlite:" + filepath.Join(t.TempDir(), "portal.db")
	store, handled := new(events.MemoryCursor), []string{}
	var key string
	for run := range 3 {
		p, err := portal.Open(t.Context(), dsn)
		require.NoError(t, err)
		if key == "" {
			key, err = p.Admin().CreateAPIKey(t.Context(), portal.ClientSpec{PartnerID: partner(t, p, "Acme"), Name: "Follower"})
			require.NoError(t, err)
		}
		pp, err := partnerportal.New("https://portal.test", partnerportal.WithHandler(p), partnerportal.WithAPIKey(key))
		require.NoError(t, err)
		_, err = deals.New(pp).Create(t.Context(), registrationOf(fmt.Sprintf("run-%d.com", run)))
		require.NoError(t, err)
		ctx, stop := context.WithCancel(t.Context())
		require.ErrorIs(t, events.Follow(ctx, events.New(pp), store, func(_ context.Context, e events.Event) error {
			handled = append(handled, e.ID)
			stop()
			return nil
		}), context.Canceled)
		require.NoError(t, p.Close())
	}
	slices.Sort(handled)
	assert.Len(t, slices.Compact(handled), 3)
}

func TestEventRetentionHasLimits(t *testing.T) {
	t.Parallel()
	for _, d := range []time.Duration{0, time.Minute, 11 * 365 * 24 * time.Hour} {
		_, err := portal.Open(t.Context(), "sqlite::memory:", portal.WithEventRetention(d))
		require.ErrorContains(t, err, "WithEventRetention", d)
	}
}
