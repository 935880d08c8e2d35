package deliver_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/deliver"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store/storetest"
	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

// rig is a store with a sender on it, a clock, and a network that is a Go function for each host.
type rig struct {
	t      testing.TB
	store  *store.Store
	sender *deliver.Sender
	source *source
	net    *network
	clock  *clock
	log    *bytes.Buffer
}

// onEngines runs a test on SQLite and, where there is one, on PostgreSQL.
func onEngines(t *testing.T, test func(t *testing.T, r *rig)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, newRig(t, "sqlite::memory:"))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, newRig(t, storetest.Postgres(t)))
	})
}

// newRig returns a rig whose clock only the test moves.
func newRig(t testing.TB, dsn string) *rig {
	t.Helper()
	start := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	return newRigAt(t, dsn, func() time.Time { return start })
}

// newBubble returns a rig whose clock is that of the synctest bubble around it.
func newBubble(t testing.TB) *rig {
	t.Helper()
	return newRigAt(t, "sqlite::memory:", time.Now)
}

func newRigAt(t testing.TB, dsn string, now func() time.Time) *rig {
	t.Helper()
	s, err := store.Open(t.Context(), dsn)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	r := &rig{
		t: t, store: s, source: &source{}, net: &network{hosts: map[string]http.HandlerFunc{}}, log: &bytes.Buffer{},
		clock: &clock{base: now},
	}
	r.sender = r.another()
	return r
}

// another returns one more sender, as another process has it.
func (r *rig) another() *deliver.Sender {
	return deliver.New(deliver.Config{
		Store: r.store, Source: r.source, Transport: r.net, Now: r.clock.Now, Random: func() float64 { return 0.5 },
		Logger: slog.New(slog.NewTextHandler(r.log, nil)),
	})
}

// settle delivers what is due.
func (r *rig) settle() {
	r.t.Helper()
	require.NoError(r.t, r.sender.Settle(r.t.Context()))
}

// after settles again when some time has passed.
func (r *rig) after(d time.Duration) {
	r.t.Helper()
	r.clock.advance(d)
	r.settle()
}

func (r *rig) write(fn func(tx *store.Tx) error) {
	r.t.Helper()
	require.NoError(r.t, r.store.Write(r.t.Context(), fn))
}

// endpoint registers an endpoint, enabled, of the vendor, at https://<host>/.
func (r *rig) endpoint(host string, handler http.HandlerFunc) (id string) {
	r.t.Helper()
	return r.register("vendor", "enabled", host, handler)
}

func (r *rig) register(owner, status, host string, handler http.HandlerFunc) (id string) {
	r.t.Helper()
	r.net.listen(host, handler)
	return r.insert(owner, status, "https://"+host+"/")
}

func (r *rig) insert(owner, status, url string) (id string) {
	r.t.Helper()
	id = ids.New(ids.Endpoint, r.clock.Now())
	secret := webhook.GenerateSecret()
	r.write(func(tx *store.Tx) error {
		keys, err := deliver.SealKeys(tx, id, []deliver.Key{{Key: secret, CreatedAt: r.clock.Now()}})
		if err != nil {
			return err
		}
		return tx.InsertEndpoint(r.t.Context(), store.InsertEndpointParams{
			ID: id, Owner: owner, Status: status, Url: url, Types: "[]", Scopes: "[]", Scheme: "v1", Keys: keys,
			ChallengeAt: store.Micros(r.clock.Now()), CreatedAt: store.Micros(r.clock.Now()),
		})
	})
	return id
}

// happen commits one event of each subject, in this order.
func (r *rig) happen(subjects ...string) {
	r.t.Helper()
	r.happenTo("", subjects...)
}

func (r *rig) happenTo(partner string, subjects ...string) {
	r.t.Helper()
	events := make([]feed.Event, len(subjects))
	for i, subject := range subjects {
		events[i] = feed.Event{Type: "deal.updated", ResourceType: "deal", ResourceID: subject, PartnerID: partner, OccurredAt: r.clock.Now()}
	}
	r.write(func(tx *store.Tx) error { return feed.Append(r.t.Context(), tx, events) })
}

func (r *rig) row(endpointID string) store.WebhookEndpoint {
	r.t.Helper()
	e, err := r.store.Read().Endpoint(r.t.Context(), endpointID)
	require.NoError(r.t, err)
	return e
}

// deliveries are those of an endpoint, in the order in which they were made.
func (r *rig) deliveries(endpointID string) (found []store.WebhookDelivery) {
	r.t.Helper()
	q := store.Query{Table: "webhook_deliveries", Sort: "created_at", Columns: "id"}
	q.Limit = 1000
	q.Where("endpoint_id = ?", endpointID)
	made, _, err := store.List(r.t.Context(), r.store.Read(), q, func(dest func(...any) error) (id string, err error) {
		err = dest(&id)
		return id, err
	})
	require.NoError(r.t, err)
	for _, id := range made {
		d, err := r.store.Read().Delivery(r.t.Context(), id)
		require.NoError(r.t, err)
		found = append(found, d)
	}
	return found
}

// entry is an attempt in a delivery's log.
type entry struct {
	At           time.Time `json:"at"`
	Status       int       `json:"status"`
	Failure      string    `json:"failure"`
	Fingerprints []string  `json:"key_fingerprints"`
}

func (r *rig) attempts(d store.WebhookDelivery) (entries []entry) {
	r.t.Helper()
	require.NoError(r.t, json.Unmarshal([]byte(d.Log), &entries))
	return entries
}

// clock is the senders' time.
type clock struct {
	base  func() time.Time
	ahead atomic.Int64
}

func (c *clock) Now() time.Time          { return c.base().Add(time.Duration(c.ahead.Load())) }
func (c *clock) advance(d time.Duration) { c.ahead.Add(int64(d)) }

// network is the Internet: a handler for each host. Like a real one it ends when the request's context does.
type network struct {
	mu    sync.Mutex
	hosts map[string]http.HandlerFunc
}

func (n *network) listen(host string, handler http.HandlerFunc) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.hosts[host] = handler
}

func (n *network) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	n.mu.Lock()
	handler := n.hosts[req.URL.Host]
	n.mu.Unlock()
	answered := make(chan *http.Response, 1)
	go func() {
		w := &answer{header: http.Header{}}
		handler(w, req)
		answered <- &http.Response{
			StatusCode: max(w.status, 200), Header: w.header, Body: io.NopCloser(&w.body), ProtoMajor: 1, ProtoMinor: 1, Request: req,
		}
	}()
	select {
	case resp := <-answered:
		return resp, nil
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
}

// answer is an http.ResponseWriter; httptest's recorder is not made for answers without a status.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) Write(b []byte) (int, error) { return a.body.Write(b) }
func (a *answer) WriteHeader(status int)      { a.status = status }

// source reads the feed for endpoints, which are sent everything, and hears what is told of them.
type source struct {
	mu       sync.Mutex
	told     []string
	inactive map[string]bool // owners
	fails    error           // of Next
	of       string          // the endpoint for which it fails
}

func (s *source) Next(ctx context.Context, tx *store.Tx, e store.WebhookEndpoint, limit int) ([]deliver.Outgoing, int64, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fails != nil && e.ID == s.of {
		return nil, 0, false, s.fails
	}
	head, err := tx.FeedHead(ctx)
	if err != nil {
		return nil, 0, false, err
	}
	q := store.Query{Table: "events", Sort: "sequence", Columns: "sequence, id, type, resource_id, occurred_at"}
	q.Limit = limit
	q.Where("sequence > ?", e.Position)
	q.Where("sequence <= ?", head)
	if e.Owner != "vendor" {
		q.Where("partner_id = ?", e.Owner)
	}
	found, more, err := store.List(ctx, tx, q, func(dest func(...any) error) (o deliver.Outgoing, err error) {
		var at int64
		err = dest(&o.Sequence, &o.EventID, &o.EventType, &o.SubjectID, &at)
		o.OccurredAt, o.Body = store.Time(at), fmt.Appendf(nil, `{"id":%q,"sequence":%d,"subject":%q}`, o.EventID, o.Sequence, o.SubjectID)
		return o, err
	})
	if more != "" {
		head = found[len(found)-1].Sequence
	}
	return found, head, more != "", err
}

func (s *source) Active(_ context.Context, _ *store.Tx, owner string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.inactive[owner], nil
}

func (s *source) Tell(_ context.Context, _ *store.Tx, e store.WebhookEndpoint, eventType string, facts map[string]any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told = append(s.told, strings.TrimSpace(fmt.Sprintln(eventType, e.Status, facts["reason"])))
	return nil
}

func (s *source) change(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

// inbox is what an endpoint was sent.
type inbox struct {
	mu   sync.Mutex
	all  []arrival
	next func(m arrival) int // status of the answer; nil takes everything
}

type arrival struct {
	ID        string
	Sequence  int64
	Subject   string
	Timestamp string
	Body      string
	header    http.Header
}

func (r *inbox) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	m := arrival{Body: string(body), Timestamp: req.Header.Get("webhook-timestamp"), header: req.Header}
	if err := json.Unmarshal(body, &m); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	status := http.StatusNoContent
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.next != nil {
		status = r.next(m)
	}
	r.all = append(r.all, m)
	w.WriteHeader(status)
}

// of returns the sequence numbers that arrived, of one subject, "" for all.
func (r *inbox) of(subject string) (sequences []int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.all {
		if subject == "" || m.Subject == subject {
			sequences = append(sequences, m.Sequence)
		}
	}
	return sequences
}
