package events_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	contract "github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/deliver"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store/storetest"
)

var scopes = []string{"events:read", "deals:read", "leads:read", "webhooks:read", "webhooks:write"}

var (
	vendor = call.Caller{Side: partnerportal.SideVendor, ClientID: "cli_v", Scopes: scopes}
	acme   = call.Caller{Side: partnerportal.SidePartner, PartnerID: "par_acme", ClientID: "cli_a", Scopes: scopes}
)

// room is the service over a store of its own.
type room struct {
	*events.Service

	store *store.Store
	now   time.Time // the room's clock; it begins with the real time, by which the feed records
}

// engines runs a test on each engine.
func engines(t *testing.T, test func(t *testing.T, dsn string)) {
	t.Helper()
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) { test(t, "sqlite::memory:") })
	t.Run("postgres", func(t *testing.T) { test(t, storetest.Postgres(t)) })
}

func newRoom(t testing.TB, dsn string) *room {
	t.Helper()
	s, err := store.Open(t.Context(), dsn)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	r := &room{store: s, now: time.Now().UTC().Truncate(time.Microsecond)}
	r.Service = events.New(events.Config{Retention: 30 * 24 * time.Hour, Guard: &deliver.Guard{}, Now: func() time.Time { return r.now }})
	return r
}

// emit stores events of deals, of Acme's if nothing else is said.
func (r *room) emit(t testing.TB, happened ...feed.Event) {
	t.Helper()
	require.NoError(t, r.store.Write(t.Context(), func(tx *store.Tx) error {
		c := &call.Call{Caller: vendor, Now: time.Now().UTC(), Tx: tx, Feed: feed.New()}
		for _, e := range happened {
			if e.PartnerID == "" {
				e.PartnerID = acme.PartnerID
			}
			if e.Audience == "" {
				e.Audience = feed.Both
			}
			e.ResourceType, e.ResourceID, e.Revision = "deal", "deal_1", 1
			if err := c.Emit(call.With(t.Context(), c), e); err != nil {
				return err
			}
		}
		return c.Flush(t.Context())
	}))
}

func (r *room) list(t testing.TB, caller call.Caller, params contract.ListParams) (*contract.Page, error) {
	t.Helper()
	ctx := call.With(t.Context(), &call.Call{Caller: caller, Now: time.Now().UTC(), Tx: r.store.Read(), Live: true})
	return r.List(ctx, &params)
}

func TestEachSideReadsItsOwn(t *testing.T) {
	engines(t, func(t *testing.T, dsn string) {
		t.Helper()
		r := newRoom(t, dsn)
		r.emit(t, feed.Event{Type: "deal.both", State: "in_review", PartnerState: "submitted", ChangedFields: []string{"/status"},
			Facts: map[string]any{"number": "D-1", "rule_id": "r1", "a_room_s_own": "canary"}},
			feed.Event{Type: "deal.vendor", Audience: feed.Vendor}, feed.Event{Type: "deal.partner", Audience: feed.Partner},
			feed.Event{Type: "deal.other", PartnerID: "par_other"})

		page, err := r.list(t, acme, contract.ListParams{})
		require.NoError(t, err)
		require.Len(t, page.Items, 2)
		first := page.Items[0]
		assert.Equal(t, contract.Data{State: "submitted", ChangedFields: []string{"/status"}, Actor: partnerportal.Actor{Side: partnerportal.SideVendor},
			Facts: map[string]any{"number": "D-1"}}, first.Data)
		assert.Equal(t, contract.Subject{Type: "deal", ID: "deal_1", Version: 1, URL: "/v1/deals/deal_1"}, first.Subject)
		assert.True(t, first.Live)
		assert.Equal(t, "deal.partner", page.Items[1].Type)

		page, err = r.list(t, vendor, contract.ListParams{})
		require.NoError(t, err)
		require.Len(t, page.Items, 3)
		assert.Equal(t, contract.Data{State: "in_review", ChangedFields: []string{"/status"}, Actor: partnerportal.Actor{Side: partnerportal.SideVendor, ID: "cli_v"},
			Facts: map[string]any{"number": "D-1", "rule_id": "r1"}}, page.Items[0].Data)
		assert.Equal(t, "deal.other", page.Items[2].Type)
		assert.False(t, page.HasMore)

		narrow := acme
		narrow.Scopes = []string{"events:read"}
		page, err = r.list(t, narrow, contract.ListParams{Cursor: first.ID})
		require.NoError(t, err, "a cursor stays good when scopes are taken away")
		assert.Empty(t, page.Items)
	})
}

// A database that was restored from a backup has forgotten events that a reader has seen, and will number others like them.
func TestCursorAheadOfTheFeedHasExpired(t *testing.T) {
	engines(t, func(t *testing.T, dsn string) {
		t.Helper()
		r := newRoom(t, dsn)
		r.emit(t, feed.Event{Type: "deal.a"}, feed.Event{Type: "deal.b"})
		page, err := r.list(t, acme, contract.ListParams{Cursor: contract.FromHere})
		require.NoError(t, err)
		require.NoError(t, r.store.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.AdvanceCounter(t.Context(), store.AdvanceCounterParams{Name: "events", Step: -1})
			return err
		}))
		_, err = r.list(t, acme, contract.ListParams{Cursor: page.Cursor})
		require.ErrorIs(t, err, contract.ErrCursorExpired)
	})
}

// FuzzCursor: no cursor but those that were given out is taken, and what is refused is refused in one way.
func FuzzCursor(f *testing.F) {
	r := newRoom(f, "sqlite::memory:")
	r.emit(f, feed.Event{Type: "deal.a"})
	page, err := r.list(f, vendor, contract.ListParams{})
	require.NoError(f, err)
	for _, seed := range []string{page.Cursor, page.Items[0].ID, "now", "", "evt_", "AAAA", strings.Repeat("A", 1024), "\x00", "' OR 1=1 --"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, cursor string) {
		if cursor == "" || cursor == contract.FromHere || cursor == page.Items[0].ID {
			return
		}
		_, err := r.list(t, acme, contract.ListParams{Cursor: cursor})
		require.ErrorIs(t, err, partnerportal.ErrorCode("cursor_invalid"))
	})
}

// BenchmarkList reads a page of 100 from the middle of a feed of 50,000 events, of which one partner has a hundredth.
func BenchmarkList(b *testing.B) {
	r := newRoom(b, "sqlite:"+b.TempDir()+"/feed.db")
	var batch []feed.Event
	for i := range 50_000 {
		e := feed.Event{Type: "deal.updated", PartnerID: fmt.Sprintf("par_%d", i%100), State: "approved", Facts: map[string]any{"number": "D-000001"}}
		if i%100 == 7 {
			e.PartnerID = acme.PartnerID
		}
		if batch = append(batch, e); len(batch) == 1000 {
			r.emit(b, batch...)
			batch = nil
		}
	}
	for name, caller := range map[string]call.Caller{"vendor": vendor, "partner": acme} {
		half, err := r.list(b, caller, contract.ListParams{Limit: 250})
		require.NoError(b, err)
		for what, params := range map[string]contract.ListParams{
			"page": {Cursor: half.Cursor}, "idle": {Cursor: contract.FromHere}, "no match": {Cursor: half.Cursor, Type: []string{"lead.*"}},
		} {
			b.Run(name+"/"+what, func(b *testing.B) {
				ctx := call.With(context.Background(), &call.Call{Caller: caller, Now: time.Now(), Tx: r.store.Read()})
				for b.Loop() {
					if _, err := r.List(ctx, &params); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
