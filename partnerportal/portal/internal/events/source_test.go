package events_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	contract "github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/deliver"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
)

func (r *room) source() *events.Source { return r.Source(r.call) }

// next are the types of what the sender finds for an endpoint.
func (r *room) next(t *testing.T, id string) []string {
	t.Helper()
	found, _, _, err := r.source().Next(t.Context(), r.store.Read(), r.row(t, id), 100)
	require.NoError(t, err)
	types := []string{}
	for _, o := range found {
		types = append(types, o.EventType)
	}
	return types
}

// What is sent is byte for byte what the owner could read.
func TestSentIsWhatTheFeedShows(t *testing.T) {
	engines(t, func(t *testing.T, dsn string) {
		t.Helper()
		r := newRoom(t, dsn)
		r.emit(t, feed.Event{Type: "deal.before"})
		acmes, vendors := r.create(t, acme, contract.EndpointForm{}).Endpoint.ID, r.create(t, vendor, contract.EndpointForm{}).Endpoint.ID
		r.emit(t, feed.Event{Type: "deal.both", State: "in_review", PartnerState: "submitted", Facts: map[string]any{"number": "D-1", "rule_id": "r1", "own": "canary"}},
			feed.Event{Type: "deal.vendor", Audience: feed.Vendor}, feed.Event{Type: "deal.partner", Audience: feed.Partner}, feed.Event{Type: "deal.other", PartnerID: "par_other"})
		for id, caller := range map[string]call.Caller{acmes: acme, vendors: vendor} {
			found, position, more, err := r.source().Next(t.Context(), r.store.Read(), r.row(t, id), 100)
			require.NoError(t, err)
			assert.False(t, more)
			assert.EqualValues(t, 5, position)
			page, err := r.list(t, caller, contract.ListParams{})
			require.NoError(t, err)
			shown := page.Items[1:] // all but what was before
			require.Len(t, found, len(shown))
			for i, o := range found {
				body, err := json.Marshal(shown[i])
				require.NoError(t, err)
				assert.Equal(t, string(body), string(o.Body))
				subject, err := json.Marshal(shown[i].Subject)
				require.NoError(t, err)
				assert.Equal(t, string(subject), string(o.Subject))
				assert.Equal(t, shown[i].ID, o.EventID)
				assert.Equal(t, shown[i].Type, o.EventType)
				assert.Equal(t, "deal_1", o.SubjectID)
				assert.Equal(t, shown[i].Timestamp, o.OccurredAt)
			}
		}
	})
}

func TestPositionMovesOn(t *testing.T) {
	engines(t, func(t *testing.T, dsn string) {
		t.Helper()
		r := newRoom(t, dsn)
		all := r.create(t, acme, contract.EndpointForm{}).Endpoint.ID
		won := r.create(t, acme, contract.EndpointForm{Types: []string{"deal.won"}}).Endpoint.ID
		r.emit(t, feed.Event{Type: "deal.a"}, feed.Event{Type: "deal.b"}, feed.Event{Type: "deal.won"}, feed.Event{Type: "deal.c"})
		steps := []struct {
			limit    int
			types    []string
			position int64
			more     bool
		}{{2, []string{"deal.a", "deal.b"}, 2, true}, {2, []string{"deal.won", "deal.c"}, 4, false}, {2, []string{}, 4, false}}
		row := r.row(t, all)
		for _, step := range steps {
			found, position, more, err := r.source().Next(t.Context(), r.store.Read(), row, step.limit)
			require.NoError(t, err)
			assert.Len(t, found, len(step.types))
			for i, want := range step.types {
				assert.Equal(t, want, found[i].EventType)
				assert.Equal(t, row.Position+int64(i)+1, found[i].Sequence)
			}
			assert.Equal(t, step.position, position)
			assert.Equal(t, step.more, more)
			row.Position = position
		}
		assert.Equal(t, []string{"deal.won"}, r.next(t, won))
		_, position, _, err := r.source().Next(t.Context(), r.store.Read(), r.row(t, won), 1)
		require.NoError(t, err)
		assert.EqualValues(t, 4, position, "past what is not for it")
	})
}

// An endpoint that was away for very long catches up in stretches, so that no look at the feed takes longer than a transaction may.
func TestCatchesUpInStretches(t *testing.T) {
	engines(t, func(t *testing.T, dsn string) {
		t.Helper()
		r := newRoom(t, dsn)
		id := r.create(t, vendor, contract.EndpointForm{Types: []string{"deal.won"}}).Endpoint.ID
		require.NoError(t, r.store.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.AdvanceCounter(t.Context(), store.AdvanceCounterParams{Name: "events", Step: 250_000})
			return err
		}))
		r.emit(t, feed.Event{Type: "deal.won"})
		row, looks := r.row(t, id), 0
		for more := true; more; looks++ {
			found, position, again, err := r.source().Next(t.Context(), r.store.Read(), row, 100)
			require.NoError(t, err)
			assert.LessOrEqual(t, position-row.Position, int64(100_000))
			assert.Equal(t, again, len(found) == 0, "what it wants is at the end")
			row.Position, more = position, again
		}
		assert.Equal(t, 3, looks)
		assert.EqualValues(t, 250_001, row.Position)
	})
}

func TestWhatIsNoLongerKeptIsNotSent(t *testing.T) {
	engines(t, func(t *testing.T, dsn string) {
		t.Helper()
		r := newRoom(t, dsn)
		id := r.create(t, acme, contract.EndpointForm{}).Endpoint.ID
		r.emit(t, feed.Event{Type: "deal.old"})
		assert.Equal(t, []string{"deal.old"}, r.next(t, id))
		r.now = r.now.Add(31 * 24 * time.Hour)
		assert.Empty(t, r.next(t, id))
		_, position, _, err := r.source().Next(t.Context(), r.store.Read(), r.row(t, id), 1)
		require.NoError(t, err)
		assert.EqualValues(t, 1, position)
	})
}

// What became of an endpoint is for its owner, by the feed and by the owner's other endpoints: it itself is not told of its own failures.
func TestTell(t *testing.T) {
	engines(t, func(t *testing.T, dsn string) {
		t.Helper()
		r := newRoom(t, dsn)
		globex := acme
		globex.PartnerID = "par_globex"
		failing, other := r.create(t, acme, contract.EndpointForm{}).Endpoint.ID, r.create(t, acme, contract.EndpointForm{}).Endpoint.ID
		vendors := r.create(t, vendor, contract.EndpointForm{}).Endpoint.ID
		rivals := r.create(t, globex, contract.EndpointForm{}).Endpoint.ID
		r.answered(t, failing)
		tell := func(id, eventType string, facts map[string]any) {
			row := r.row(t, id)
			require.NoError(t, r.store.Write(t.Context(), func(tx *store.Tx) error {
				return r.source().Tell(t.Context(), tx, row, eventType, facts)
			}))
		}
		tell(failing, deliver.TypeDisabling, map[string]any{"failing_since": "2026-11-22T12:00:00Z", "disables_at": "2026-11-27T12:00:00Z", "own": "canary"})
		r.disabled(t, failing)
		tell(failing, deliver.TypeDisabled, map[string]any{"reason": "gone"})
		both := []string{deliver.TypeDisabling, deliver.TypeDisabled}
		assert.Equal(t, both, r.next(t, other))
		for _, id := range []string{failing, vendors, rivals} {
			assert.Empty(t, r.next(t, id))
		}
		page, err := r.list(t, acme, contract.ListParams{Type: []string{"webhook_endpoint.*"}})
		require.NoError(t, err)
		require.Len(t, page.Items, 2)
		assert.Equal(t, contract.Subject{Type: "webhook_endpoint", ID: failing, Version: 1, URL: "/v1/webhook_endpoints/" + failing}, page.Items[0].Subject)
		assert.Equal(t, contract.Data{State: "enabled", Actor: partnerportal.Actor{Side: partnerportal.SideSystem},
			Facts: map[string]any{"failing_since": "2026-11-22T12:00:00Z", "disables_at": "2026-11-27T12:00:00Z"}}, page.Items[0].Data)
		assert.Equal(t, contract.Data{State: "disabled", Actor: partnerportal.Actor{Side: partnerportal.SideSystem},
			ChangedFields: []string{"/status", "/disabled_at", "/disabled_reason"}, Facts: map[string]any{"reason": "gone"}}, page.Items[1].Data)
		for _, caller := range []call.Caller{vendor, globex, with("events:read", "deals:read")} {
			page, err = r.list(t, caller, contract.ListParams{})
			require.NoError(t, err)
			assert.Empty(t, page.Items)
		}

		tell(vendors, deliver.TypeEnabled, nil)
		page, err = r.list(t, vendor, contract.ListParams{})
		require.NoError(t, err)
		require.Len(t, page.Items, 1)
		assert.Equal(t, "vendor", page.Items[0].Tenant)
	})
}

func TestActive(t *testing.T) {
	engines(t, func(t *testing.T, dsn string) {
		t.Helper()
		r := newRoom(t, dsn)
		rules := policy.Default()
		require.NoError(t, r.store.Write(t.Context(), func(tx *store.Tx) error { return directory.Put(t.Context(), tx, &rules, r.now) }))
		for id, status := range map[string]string{"par_a": "active", "par_s": "suspended"} {
			require.NoError(t, r.store.Write(t.Context(), func(tx *store.Tx) error {
				return tx.InsertPartner(t.Context(), store.InsertPartnerParams{ID: id, Status: status, ProgramID: rules.ID, Doc: `{"id":"` + id + `","status":"` + status + `"}`})
			}))
		}
		for owner, want := range map[string]bool{"vendor": true, "par_a": true, "par_s": false, "par_gone": false} {
			active, err := r.source().Active(t.Context(), r.store.Read(), owner)
			require.NoError(t, err)
			assert.Equal(t, want, active, owner)
		}
	})
}
