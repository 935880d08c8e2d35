package main

// This file is a whole receiver: copy it, and put your own work where handlers and once are.
//
// It registers its address with the portal on its first start, reads from the change feed what it has missed, and then takes what
// the portal pushes, through the same handlers. What an event brings about and the note that it was handled are committed in one
// transaction of one SQLite file. So an event that comes twice is handled once, and one whose handling was cut short comes again.

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	_ "modernc.org/sqlite" // the "sqlite" driver of database/sql

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

// wanted are the events that handlers knows. The portal sends no others.
var wanted = []string{deals.EventCreated, deals.EventUpdated, deals.EventSubmitted, deals.EventApproved, leads.EventOffered}

const (
	hookPath     = "/hooks/portal"
	secretFromOS = "PARTNERPORTAL_WEBHOOK_SECRET" // the environment's secret, for endpoints that somebody else has registered

	// hourly is how often the feed is read beside the pushes. What the portal gave up is there, and the place in the feed moves by
	// nothing else: if it never did, a receiver that ran for longer than the portal keeps events could not be started again.
	hourly = time.Hour
)

// receiver is told where things are, and does the rest.
type receiver struct {
	client     *partnerportal.Client // of the partner; its scopes are events:read, webhooks:read and webhooks:write, and those of what it reads
	addr       string                // listens here
	url        string                // the portal reaches us here; "" when that is addr itself
	dbFile     string                // the inbox, the place in the feed, and the work
	secretFile string                // the secret, readable by us alone
	logger     *slog.Logger
	again      time.Duration                          // reads the feed so often while it runs; 0 is hourly
	handled    func(ev webhook.Header, backfill bool) // is told of every event that was handled; may be called from many goroutines

	db    *sql.DB
	inbox *webhook.SQLStore
	at    string // url, or what comes of addr
}

// run receives until ctx ends. It calls ready when it has caught up with the feed and the portal sends to it.
func (r *receiver) run(ctx context.Context, ready func(caughtUp int)) (err error) {
	if err := r.open(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.db.Close()) }()
	// Listen first and answer last: until we have caught up, the portal waits in line, and no event overtakes one that was missed.
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", r.addr)
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }() // a server that ran has closed it
	if r.at = r.url; r.at == "" {
		r.at = "http://" + listener.Addr().String() + hookPath
	}
	known, err := r.register(ctx)
	if err != nil {
		return fmt.Errorf("register %s: %w", r.at, err)
	}
	hooks, err := r.handlers(known.Secret)
	if err != nil {
		return err
	}
	source := events.Source(events.New(r.client), events.ListParams{Type: wanted})
	place := r.inbox.Checkpoint("portal")
	caughtUp, err := webhook.Backfill(ctx, hooks, source, place)
	if err != nil {
		return fmt.Errorf("after %d events: %w", caughtUp, err)
	}
	return r.serve(ctx, listener, hooks, func(ctx context.Context) error {
		if err := r.enable(ctx, known.EndpointID); err != nil {
			return err
		}
		ready(caughtUp)
		every := time.NewTicker(cmp.Or(r.again, hourly))
		defer every.Stop()
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-every.C:
			}
			if _, err := webhook.Backfill(ctx, hooks, source, place); err != nil && ctx.Err() == nil {
				r.logger.WarnContext(ctx, "the feed could not be read, trying again later", "error", err)
			}
		}
	})
}

// open opens the database durably: an event that was acknowledged must not be forgotten when the power fails.
func (r *receiver) open(ctx context.Context) (err error) {
	r.db, err = sql.Open("sqlite", r.dbFile+"?_txlock=immediate&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("open %s: %w", r.dbFile, err), r.db.Close())
		}
	}()
	r.db.SetMaxOpenConns(1) // SQLite writes one transaction at a time; here they wait for their turn
	if r.inbox, err = webhook.NewSQLStore(ctx, r.db); err != nil {
		return err
	}
	_, err = r.db.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS work (event_id TEXT, type TEXT, subject TEXT, version BIGINT, note TEXT, pushed BOOLEAN);
		CREATE TABLE IF NOT EXISTS parked (body TEXT, reason TEXT)`)
	return err
}

// handlers says what is done with which event. Events tell little and nothing personal: where that is not enough, webhook.Fetch reads
// the resource as it is now.
func (r *receiver) handlers(secret string) (*webhook.Receiver, error) {
	key, err := webhook.ParseKey(secret)
	if err != nil {
		return nil, err
	}
	verifier, err := webhook.NewVerifier(webhook.StaticKeys(key))
	if err != nil {
		return nil, err
	}
	hooks := webhook.NewReceiver(verifier, webhook.WithDedupe(r.inbox, 0), webhook.WithPark(r.park), webhook.WithErrorHook(r.failed))
	for _, changed := range []string{deals.EventCreated, deals.EventUpdated, deals.EventSubmitted} {
		webhook.On(hooks, changed, func(ctx context.Context, ev webhook.Event[events.Data]) error {
			return r.once(ctx, ev.Header, ev.Backfill, "is "+ev.Data.State)
		})
	}
	webhook.On(hooks, deals.EventApproved, webhook.Fetch(deals.New(r.client).Get, func(ctx context.Context, ev webhook.Event[deals.Deal]) error {
		return r.once(ctx, ev.Header, ev.Backfill, fmt.Sprintf("%s is protected until %s", ev.Data.Number, ev.Data.Protection.ExpiresAt.Format(time.DateOnly)))
	}))
	webhook.On(hooks, leads.EventOffered, webhook.Fetch(leads.New(r.client).Get, func(ctx context.Context, ev webhook.Event[leads.Lead]) error {
		return r.once(ctx, ev.Header, ev.Backfill, fmt.Sprintf("%s waits until %s", ev.Data.Number, ev.Data.SLA.AcceptBy.Format(time.DateTime)))
	}))
	return hooks, nil
}

// once does the work of an event in the transaction that also notes it as handled: both become true, or neither. The table takes an
// event any number of times, so it would show if one were handled twice.
func (r *receiver) once(ctx context.Context, ev webhook.Header, backfill bool, note string) error {
	err := r.inbox.InTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO work (event_id, type, subject, version, note, pushed) VALUES ($1, $2, $3, $4, $5, $6)`,
			ev.ID, ev.Type, ev.Subject.ID, ev.Subject.Version, note, !backfill)
		return err
	})
	if err == nil {
		r.handled(ev, backfill)
	}
	return err
}

// park keeps an event that no handler will ever understand, for somebody to look at.
func (r *receiver) park(ctx context.Context, body []byte, reason error) error {
	_, err := r.db.ExecContext(ctx, `INSERT INTO parked (body, reason) VALUES ($1, $2)`, string(body), reason.Error())
	return err
}

func (r *receiver) failed(ctx context.Context, err *webhook.Error, ev webhook.Header) {
	if ctx.Err() == nil { // else we are being stopped, and come back to it
		r.logger.WarnContext(ctx, "a delivery was not handled", "event", ev.ID, "type", ev.Type, "error", err)
	}
}

// serve answers until meanwhile returns, then lets running deliveries finish.
func (r *receiver) serve(ctx context.Context, listener net.Listener, hooks http.Handler, meanwhile func(ctx context.Context) error) error {
	mux := http.NewServeMux()
	mux.Handle(hookPath, hooks)
	server := &http.Server{
		Handler:           mux,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		ErrorLog:          slog.NewLogLogger(r.logger.Handler(), slog.LevelWarn),
	}
	serving, cancel := context.WithCancel(ctx)
	defer cancel()
	served := make(chan error, 1)
	go func() {
		defer cancel()
		served <- server.Serve(listener)
	}()
	err := meanwhile(serving)
	grace, release := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer release()
	err = errors.Join(err, server.Shutdown(grace))
	if ended := <-served; !errors.Is(ended, http.ErrServerClosed) {
		return ended
	}
	return err
}

// registration is what we have to remember of our endpoint. The portal tells the secret once.
type registration struct {
	EndpointID string `json:"endpoint_id"`
	Secret     string `json:"secret"`
}

// register makes sure that the portal knows where we listen and what we want.
func (r *receiver) register(ctx context.Context) (registration, error) {
	if secret := os.Getenv(secretFromOS); secret != "" {
		return registration{Secret: secret}, nil
	}
	client := events.New(r.client)
	known, err := loadRegistration(r.secretFile)
	if errors.Is(err, fs.ErrNotExist) {
		known, err = r.registerAnew(ctx, client)
	}
	if err != nil {
		return known, err
	}
	endpoint, err := client.GetEndpoint(ctx, known.EndpointID)
	switch {
	case errors.Is(err, partnerportal.ErrNotFound): // somebody deleted it
		return r.registerAnew(ctx, client)
	case err == nil && (endpoint.URL != r.at || !slices.Equal(endpoint.Types, wanted)): // we moved, or want other events than those it was made for
		_, err = client.UpdateEndpoint(ctx, endpoint.ID, events.EndpointPatch{
			URL: partnerportal.Set(r.at), Types: partnerportal.Set(wanted),
		}, partnerportal.IfMatch(endpoint))
	}
	return known, err
}

// registerAnew creates the endpoint. There is one already if we lost its secret, or died before it was written: then it gets another,
// and the old one is void.
func (r *receiver) registerAnew(ctx context.Context, client *events.Client) (registration, error) {
	for endpoint, err := range client.AllEndpoints(ctx, events.ListEndpointsParams{}) {
		switch {
		case err != nil:
			return registration{}, err
		case endpoint.URL == r.at:
			rotated, err := client.RotateSecret(ctx, endpoint.ID, events.Rotation{RevokeOld: true})
			return r.remember(rotated, err)
		}
	}
	return r.remember(client.CreateEndpoint(ctx, events.EndpointForm{URL: r.at, Types: wanted, Description: "examples/webhook-receiver"}))
}

func (r *receiver) remember(created *events.EndpointSecret, err error) (registration, error) {
	if err != nil {
		return registration{}, err
	}
	known := registration{EndpointID: created.Endpoint.ID, Secret: created.Secret}
	return known, known.save(r.secretFile)
}

func loadRegistration(file string) (known registration, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return known, err
	}
	if err := json.Unmarshal(text, &known); err != nil || known.EndpointID == "" {
		return known, fmt.Errorf("%s is not what we wrote; remove it to get another secret", file) // the cause might quote the secret
	}
	return known, nil
}

// save replaces the file as a whole. A new file of os.CreateTemp can be read by its owner alone.
func (known registration) save(file string) error {
	text, err := json.Marshal(known)
	if err != nil {
		return err
	}
	next, err := os.CreateTemp(filepath.Dir(file), ".webhook-*")
	if err != nil {
		return err
	}
	defer os.Remove(next.Name()) // after the rename there is none
	_, err = next.Write(append(text, '\n'))
	if err = errors.Join(err, next.Sync(), next.Close()); err != nil {
		return err
	}
	return os.Rename(next.Name(), file)
}

// enable waits until the portal has challenged us and has our answer, and asks for a challenge where the last one failed or the
// portal gave us up. An endpoint that its owner paused stays so.
func (r *receiver) enable(ctx context.Context, endpointID string) error {
	if endpointID == "" {
		return nil
	}
	client := events.New(r.client)
	for asked := false; ; {
		endpoint, err := client.GetEndpoint(ctx, endpointID)
		if err != nil {
			return err
		}
		failed := endpoint.Status == events.EndpointStatusDisabled || endpoint.Challenge.Failure != ""
		switch {
		case endpoint.Status == events.EndpointStatusEnabled:
			return nil
		case endpoint.Status == events.EndpointStatusPaused:
			r.logger.WarnContext(ctx, "the endpoint is paused: until it is enabled, nothing is pushed", "endpoint", endpointID)
			return nil
		case failed && asked:
			return fmt.Errorf("the portal cannot reach %s: %s %d", r.at, endpoint.Challenge.Failure, endpoint.Challenge.Status)
		case failed:
			if _, err := client.EnableEndpoint(ctx, endpointID); err != nil {
				return err
			}
			asked = true
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}
