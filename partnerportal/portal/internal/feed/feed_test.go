package feed_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store/storetest"
)

var (
	noon   = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	vendor = call.Caller{Side: partnerportal.SideVendor, ClientID: "cli_1", Name: "Ada of the vendor"}
)

// engines open a store of their kind for one test.
var engines = map[string]func(t *testing.T) *store.Store{"sqlite": inMemory, "postgres": onPostgres}

func inMemory(t *testing.T) *store.Store {
	t.Helper()
	return openAt(t, "sqlite::memory:")
}

func onPostgres(t *testing.T) *store.Store {
	t.Helper()
	return openAt(t, storetest.Postgres(t))
}

func openAt(t *testing.T, dsn string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), dsn)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	return s
}

// emit runs one operation that says these events.
func emit(ctx context.Context, s *store.Store, f *feed.Feed, caller call.Caller, events ...feed.Event) error {
	return s.Write(ctx, func(tx *store.Tx) error {
		c := &call.Call{Caller: caller, Now: noon, Tx: tx, Feed: f, RequestID: "req_1"}
		ctx := call.With(ctx, c)
		for _, e := range events {
			if err := c.Emit(ctx, e); err != nil {
				return err
			}
		}
		return c.Flush(ctx)
	})
}

func timeline(t *testing.T, s *store.Store, side partnerportal.Side, partnerID string, page store.Page) *partnerportal.ActivityPage {
	t.Helper()
	got, err := feed.Timeline(t.Context(), s.Read(), "deal_1", side, partnerID, page, func(e feed.Event, side partnerportal.Side) string {
		return fmt.Sprint(e.Type, " for the ", side, ": ", e.Facts["days"])
	})
	require.NoError(t, err)
	return got
}

func texts(page *partnerportal.ActivityPage) []string {
	found := []string{}
	for _, a := range page.Items {
		found = append(found, a.Text)
	}
	return found
}

func TestTimelineShowsEachSideItsOwn(t *testing.T) {
	t.Parallel()
	for name, open := range engines {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			event := func(kind, partnerID string, audience feed.Audience) feed.Event {
				return feed.Event{Type: kind, ResourceType: "deal", ResourceID: "deal_1", PartnerID: partnerID, Audience: audience, Facts: map[string]any{"days": 30}}
			}
			require.NoError(t, emit(t.Context(), s, feed.New(), vendor,
				event("deal.submitted", "par_a", feed.Both), event("deal.watched", "par_a", feed.Vendor),
				event("deal.reminded", "par_a", feed.Partner), event("deal.passed", "par_b", feed.Both)))
			assert.Equal(t, []string{"deal.reminded for the partner: 30", "deal.submitted for the partner: 30"},
				texts(timeline(t, s, partnerportal.SidePartner, "par_a", store.Page{})))
			assert.Equal(t, []string{"deal.passed for the vendor: 30", "deal.watched for the vendor: 30", "deal.submitted for the vendor: 30"},
				texts(timeline(t, s, partnerportal.SideVendor, "", store.Page{})))

			first := timeline(t, s, partnerportal.SideVendor, "", store.Page{Limit: 2})
			require.NotEmpty(t, first.Page.NextCursor)
			rest := timeline(t, s, partnerportal.SideVendor, "", store.Page{Limit: 2, Cursor: first.Page.NextCursor})
			assert.Len(t, rest.Items, 1)
			assert.Empty(t, rest.Page.NextCursor)
			both := 0
			for _, segment := range []string{"0/2", "1/2"} {
				both += len(timeline(t, s, partnerportal.SideVendor, "", store.Page{Segment: segment}).Items)
			}
			assert.Equal(t, 3, both)

			own, others := first.Items[0], timeline(t, s, partnerportal.SidePartner, "par_a", store.Page{}).Items[0]
			assert.Equal(t, noon, own.At)
			assert.Equal(t, "Ada of the vendor", own.Actor.Name)
			assert.Equal(t, partnerportal.Actor{Side: partnerportal.SideVendor, Name: "Vendor"}, others.Actor, "no names of the vendor's people")
		})
	}
}

func TestSequenceHasNoGaps(t *testing.T) {
	t.Parallel()
	for name, open := range engines {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			refused := errors.New("refused")
			broken := feed.New()
			broken.Subscribe("deal.bad", func(context.Context, feed.Event) error { return refused })
			var group sync.WaitGroup
			for i := range 8 {
				group.Go(func() {
					for range 10 {
						e := feed.Event{Type: "deal.good", ResourceID: fmt.Sprint(i), Audience: feed.Both}
						assert.NoError(t, emit(t.Context(), s, feed.New(), vendor, e, e))
						assert.ErrorIs(t, emit(t.Context(), s, broken, vendor, e, feed.Event{Type: "deal.bad"}), refused)
					}
				})
			}
			group.Wait()
			q := store.Query{Table: "events", Sort: "sequence", Columns: "sequence", Page: store.Page{Limit: 1000}}
			numbers, _, err := store.List(t.Context(), s.Read(), q, func(dest func(...any) error) (n int64, err error) { return n, dest(&n) })
			require.NoError(t, err)
			require.Len(t, numbers, 160)
			for i, n := range numbers {
				require.EqualValues(t, i+1, n)
			}
		})
	}
}

func TestSubscribersActInTheSameTransaction(t *testing.T) {
	t.Parallel()
	for name, open := range engines {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			f := feed.New()
			f.Subscribe("lead.converted", func(ctx context.Context, e feed.Event) error {
				c := call.From(ctx)
				return c.Emit(ctx, feed.Event{Type: "deal.created", ResourceID: "deal_1", Audience: feed.Both, Facts: e.Facts})
			})
			require.NoError(t, emit(t.Context(), s, f, vendor, feed.Event{Type: "lead.converted", ResourceID: "lead_1", Audience: feed.Both, Facts: map[string]any{"days": 1}}))
			assert.Equal(t, []string{"deal.created for the vendor: 1"}, texts(timeline(t, s, partnerportal.SideVendor, "", store.Page{})))
			require.NoError(t, emit(t.Context(), s, f, vendor), "an operation without events takes no number")
		})
	}
}
