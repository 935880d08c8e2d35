package mdf_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	contract "github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// room is the room on a store of its own, driven by many callers at once as the portal's pipeline would, without the wire between.
// Operations can be made to fail at the last moment, when all has been written and nothing committed.
type room struct {
	*mdf.Service

	store *store.Store
	feed  *feed.Feed
	days  atomic.Int64 // that the clock has been turned
}

// errInjected is the failure that a test asked for.
var errInjected = errors.New("injected")

// atLast is the key of what happens, in a context, when all has been written and nothing committed.
type atLast struct{}

func newRoom(t testing.TB, dsn string, partnerIDs ...string) *room {
	t.Helper()
	s, err := store.Open(t.Context(), dsn)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	r := roomOf(s)
	require.NoError(t, s.Write(t.Context(), func(tx *store.Tx) error {
		program := policy.Default()
		if err := directory.Put(t.Context(), tx, &program, noon); err != nil {
			return err
		}
		for _, id := range partnerIDs {
			p := policy.Partner{ID: id, Name: "Partner " + id, Status: "active", ProgramID: policy.DefaultID}
			doc, err := json.Marshal(p)
			if err != nil {
				return err
			}
			if err := tx.InsertPartner(t.Context(), store.InsertPartnerParams{ID: id, Status: "active", ProgramID: policy.DefaultID, Doc: string(doc)}); err != nil {
				return err
			}
		}
		return nil
	}))
	return r
}

func roomOf(s *store.Store) *room {
	r := &room{Service: mdf.New(), store: s, feed: feed.New()}
	r.feed.Subscribe(contract.EventBalanceChanged, func(ctx context.Context, _ feed.Event) error {
		if act, ok := ctx.Value(atLast{}).(func() error); ok {
			return act()
		}
		return nil
	})
	return r
}

func (r *room) now() time.Time { return noon.AddDate(0, 0, int(r.days.Load())) }

func (r *room) day(n int) partnerportal.Date { return partnerportal.DateOf(r.now()).AddDays(n) }

var theVendor = call.Caller{Side: partnerportal.SideVendor, ClientID: "cli_vendor", Name: "Vera", Scopes: []string{"mdf:read", "mdf:review"}}

func partner(id string) call.Caller {
	return call.Caller{Side: partnerportal.SidePartner, PartnerID: id, ClientID: "cli_" + id, Name: "Paul", Scopes: []string{"mdf:read", "mdf:write"}}
}

// as runs one operation in a transaction of its own.
func as[T any](ctx context.Context, r *room, who call.Caller, do func(ctx context.Context) (T, error)) (T, error) {
	var result T
	err := r.store.Write(ctx, func(tx *store.Tx) error {
		c := &call.Call{Caller: who, Now: r.now(), Tx: tx, Feed: r.feed, RequestID: "req_1", Live: true}
		var err error
		if result, err = do(call.With(ctx, c)); err != nil {
			return err
		}
		return c.Flush(ctx)
	})
	return result, err
}

// turn turns the clock by some days and lets fall due what does, late, as when the portal was down.
func (r *room) turn(ctx context.Context, days int) error {
	r.days.Add(int64(days))
	return r.fall(ctx, func(time.Time) time.Time { return r.now() })
}

// live lets so many days pass: what falls due does so at its time.
func (r *room) live(ctx context.Context, days int) error {
	r.days.Add(int64(days))
	return r.fall(ctx, func(due time.Time) time.Time { return due })
}

// fall lets everything happen that is due, each thing in a transaction of its own. When one fails it is tried again, as the
// portal would.
func (r *room) fall(ctx context.Context, at func(due time.Time) time.Time) error {
	until, failed := store.Micros(r.now()), false
	for {
		ctx := ctx
		if failed {
			ctx = context.WithValue(ctx, atLast{}, nil) // the next try is not failed again
		}
		timer, err := r.store.Read().FirstTimer(ctx, until)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		err = r.store.Write(ctx, func(tx *store.Tx) error {
			taken, err := tx.TakeTimer(ctx, store.TakeTimerParams{ResourceID: timer.ResourceID, Kind: timer.Kind, DueAt: timer.DueAt})
			if err != nil || taken == 0 {
				return err
			}
			c := &call.Call{Caller: call.System, Now: at(store.Time(timer.DueAt)), Tx: tx, Feed: r.feed, Live: true}
			ctx := call.With(ctx, c)
			if err := r.Fire(ctx, timer.Kind, timer.ResourceID, store.Time(timer.DueAt)); err != nil {
				return fmt.Errorf("%s of %s: %w", timer.Kind, timer.ResourceID, err)
			}
			return c.Flush(ctx)
		})
		if err != nil && !errors.Is(err, errInjected) {
			return err
		}
		failed = true
	}
}

// proof puts an uploaded file of a partner where claims find it.
func (r *room) proof(ctx context.Context, partnerID, id string) error {
	return r.store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.InsertFile(ctx, store.InsertFileParams{ID: id, Owner: partnerID, CreatedAt: store.Micros(noon), ExpiresAt: store.Micros(noon.AddDate(0, 0, 7))}); err != nil {
			return err
		}
		_, err := tx.KeepFile(ctx, store.KeepFileParams{ID: id, Purpose: "proof", Name: "invoice.pdf", MediaType: "application/pdf", Size: 1, SHA256: hash(id)})
		return err
	})
}
