// Package portal is a complete partner portal to embed: an http.Handler that implements the whole contract, on SQLite or
// PostgreSQL.
//
//	p, err := portal.Open(ctx, "sqlite:portal.db")
//	if err != nil { … }
//	defer p.Close()
//	go p.Run(ctx)
//	err = http.ListenAndServe("127.0.0.1:8080", p)
//
// Partners and the vendor's rules are managed through the API (package program) or with [Portal.Admin], which also makes clients.
// Beside the operations below /v1 the portal answers /oauth2/token, /.well-known/webhooks/… (the public keys of webhook endpoints),
// /openapi.json, /docs (the contract to browse), /healthz (the process lives) and /readyz (it can serve); and what anybody needs to verify
// a credential: /.well-known/credentials/… (public keys), /credentials/… (status lists, the issuer, what is certified), and /verify/{id}, a
// page for people.
//
// What other systems own, such as the balance that finance has posted, the portal pulls from them with its age ([WithFinance], [WithCRM],
// [WithLMS]); see package source.
//
// With [WithSandbox] the portal is a sandbox: its clock can be turned forward and its vendor be played, so that integrators can
// test what happens when a deal is approved or a protection ends. Package portaltest wraps such a portal for Go tests.
package portal

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/authn"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/blob"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/contract"
	dealsroom "github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/deliver"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	programroom "github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/program"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
)

// Dialect is the engine behind a database.
type Dialect = store.Dialect

// The engines that a portal runs on.
const (
	SQLite     = store.SQLite
	PostgreSQL = store.PostgreSQL
)

// Portal is a partner portal. It is an http.Handler, safe for concurrent use; several processes may share one PostgreSQL database.
type Portal struct {
	options  options
	store    *store.Store
	contract *contract.Contract
	auth     *authn.Authenticator
	blobs    blob.Store // of files and what is made of them
	feed     *feed.Feed
	rooms    *rooms
	webhooks *deliver.Sender
	handler  http.Handler

	clock    *clock
	firing   chan struct{} // held by whoever acts on timers, so that they are acted on in order
	pulling  chan struct{} // held by whoever reads the other systems
	underway underway
	limiters sync.Map // client id to *rate.Limiter
}

// Open opens the portal in the database that dsn names, and creates or updates the tables it needs:
// "sqlite:portal.db" is a file, "sqlite::memory:" lives as long as the Portal, "postgres://user@host/name" is a server.
func Open(ctx context.Context, dsn string, opts ...Option) (*Portal, error) {
	o, err := newOptions(opts)
	if err != nil {
		return nil, err
	}
	if o.files == nil {
		o.files = besideDatabase(dsn)
	}
	s, err := store.Open(ctx, dsn)
	if err != nil {
		return nil, err
	}
	p, err := newPortal(ctx, s, o)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return p, nil
}

// New opens the portal in a database that the host manages and [Portal.Close] leaves open. For SQLite, transactions must begin
// immediately, foreign keys be enforced and a busy timeout be set, as "_txlock=immediate&_pragma=foreign_keys(1)" does.
func New(ctx context.Context, db *sql.DB, dialect Dialect, opts ...Option) (*Portal, error) {
	o, err := newOptions(opts)
	if err != nil {
		return nil, err
	}
	s, err := store.New(ctx, db, dialect)
	if err != nil {
		return nil, err
	}
	return newPortal(ctx, s, o)
}

func newPortal(ctx context.Context, s *store.Store, o options) (*Portal, error) {
	spec, err := contract.Load()
	if err != nil {
		return nil, err
	}
	if o.files == nil {
		o.files = blob.None{}
	}
	p := &Portal{
		options: o, store: s, contract: spec, auth: authn.New(s, o.tokenLifetime), feed: feed.New(), blobs: o.files,
		clock: &clock{base: o.now}, firing: make(chan struct{}, 1), pulling: make(chan struct{}, 1),
	}
	if err := p.firstStart(ctx); err != nil {
		return nil, err
	}
	if err := p.clock.load(ctx, s.Read()); err != nil {
		return nil, err
	}
	if !o.sandbox && p.clock.offset.Load() != 0 {
		return nil, errors.New("portal: the database is a sandbox's, whose clock was turned: open it with WithSandbox")
	}
	p.rooms = newRooms(p)
	p.webhooks = deliver.New(deliver.Config{
		Store: s, Transport: o.guard.Transport(), Logger: o.logger,
		Source: p.rooms.events.Source(func(caller call.Caller, tx *store.Tx) *call.Call { return p.newCall(caller, "", tx) }),
	})
	p.handler = p.routes() //nolint:contextcheck // each request brings its own
	return p, nil
}

// firstStart gives a new portal the default programme, and one of an earlier version the sums that it lacks.
func (p *Portal) firstStart(ctx context.Context) error {
	_, err := p.store.Read().Program(ctx, policy.DefaultID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return p.store.Write(ctx, func(tx *store.Tx) error {
		if err != nil {
			rules := policy.Default()
			if err := directory.Put(ctx, tx, &rules, p.Now()); err != nil {
				return err
			}
		}
		return dealsroom.CountAll(ctx, tx, p.Now(), func(d *deals.Deal, wonOn partnerportal.Date) error {
			return programroom.CountOlder(ctx, tx, d, wonOn)
		})
	})
}

// Close closes the database if [Open] opened it, and removes the files of a portal in memory. End [Portal.Run] and the HTTP server first.
func (p *Portal) Close() error {
	p.webhooks.Close()
	err := p.store.Close()
	if temporary, ok := p.blobs.(*blob.Temp); ok {
		err = errors.Join(err, temporary.Close())
	}
	return err
}

// Now returns the portal's time: that of [WithClock], in a sandbox plus all turns of the clock.
func (p *Portal) Now() time.Time { return p.clock.now() }

// newCall is one operation that begins now.
func (p *Portal) newCall(caller call.Caller, requestID string, tx *store.Tx) *call.Call {
	return &call.Call{Caller: caller, Now: p.clock.now(), Tx: tx, Feed: p.feed, RequestID: requestID, Live: !p.options.sandbox}
}

var _ http.Handler = (*Portal)(nil)
