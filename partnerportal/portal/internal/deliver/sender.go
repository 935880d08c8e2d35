package deliver

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// How long an endpoint may go without a success before its owner is warned, and before it is sent nothing any more.
const (
	WarnAfter      = 24 * time.Hour
	WarnAgainAfter = 72 * time.Hour
	DisableAfter   = 120 * time.Hour
)

// What an endpoint is told of itself: the types that [Source.Tell] is given.
const (
	TypeEnabled   = "webhook_endpoint.enabled"
	TypeDisabling = "webhook_endpoint.disabling"
	TypeDisabled  = "webhook_endpoint.disabled"
)

// Why an endpoint is disabled.
const (
	ReasonGone    = "gone"    // it answered 410
	ReasonFailing = "failing" // nothing but failures for DisableAfter
)

// Outgoing is an event as one endpoint is sent it.
type Outgoing struct {
	EventID    string // the webhook-id
	EventType  string
	SubjectID  string          // what the order is kept for; of one subject an endpoint has at most one event under way
	Subject    json.RawMessage // for the delivery's record; may be nil
	Body       json.RawMessage // what is signed and sent, byte for byte
	Sequence   int64           // its place in the feed
	OccurredAt time.Time
}

// Source knows what there is to send. Its methods run in the Sender's transactions, which may run more than once.
type Source interface {
	// Next returns what the endpoint is to be sent of what happened behind e.Position: at most limit events in the order of the feed, and
	// the position behind them, which moves on though nothing is for this endpoint. more says that there may be more behind it.
	Next(ctx context.Context, tx *store.Tx, e store.WebhookEndpoint, limit int) (found []Outgoing, position int64, more bool, err error)
	// Active says whether the owner may be sent anything now.
	Active(ctx context.Context, tx *store.Tx, owner string) (bool, error)
	// Tell publishes that the portal changed the endpoint's state, or is about to. e is the endpoint after the change. It comes last in
	// the transaction.
	Tell(ctx context.Context, tx *store.Tx, e store.WebhookEndpoint, eventType string, facts map[string]any) error
}

// Config is what a [Sender] is made of.
type Config struct {
	Store     *store.Store
	Source    Source
	Transport http.RoundTripper // [Guard.Transport]; anything else only in tests
	Logger    *slog.Logger      // nil is silent
	Now       func() time.Time  // nil is time.Now: deliveries live by the real time, also in a sandbox
	Random    func() float64    // nil is math/rand's; of the schedule's jitter

	// MostWaiting is how many deliveries wait for an endpoint before events are left in the feed; 0 is 10,000. It bounds what a dead endpoint
	// costs, and is high, because a subject that cannot be delivered must not keep the others away.
	MostWaiting int
}

// Sender sends what the feed holds to the endpoints that listen to it. Several, in as many processes, may work on one database: what one
// is at, the others leave alone, and go on with when its lease has ended.
type Sender struct {
	Config

	poster   *Poster
	wake     chan struct{}
	relaying chan struct{}   // held by the one relay that a Sender has at a time
	asks     chan chan error // of Settle, to a relay that runs already
}

// New returns a Sender.
func New(c Config) *Sender {
	c.Logger = cmp.Or(c.Logger, slog.New(slog.DiscardHandler))
	c.MostWaiting = cmp.Or(c.MostWaiting, 10_000)
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Random == nil {
		c.Random = rand.Float64
	}
	return &Sender{
		Config: c, poster: NewPoster(c.Transport, c.Now),
		wake: make(chan struct{}, 1), relaying: make(chan struct{}, 1), asks: make(chan chan error),
	}
}

// Wake tells [Sender.Run] that something was committed. It never blocks; without it, what is new is found within a second.
func (s *Sender) Wake() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Run sends until ctx ends. Attempts under way are broken off then, and made again by whoever runs next.
func (s *Sender) Run(ctx context.Context) {
	select {
	case s.relaying <- struct{}{}:
		defer func() { <-s.relaying }()
		newRelay(s).run(ctx, false)
	case <-ctx.Done():
	}
}

// Settle sends what is due now, and returns when nothing is: what failed waits for its time, and what other processes are at is left to
// them. It is for hosts that do not run [Sender.Run], and for tests; while Run runs, it waits until that has nothing to do.
func (s *Sender) Settle(ctx context.Context) error {
	for ctx.Err() == nil {
		settled := make(chan error, 1)
		select {
		case s.asks <- settled:
		case s.relaying <- struct{}{}:
			r := newRelay(s)
			r.asks = []chan error{settled}
			r.run(ctx, true)
			<-s.relaying
		case <-ctx.Done():
			return ctx.Err()
		}
		select {
		case err := <-settled:
			if !errors.Is(err, errStopped) {
				return err
			}
		case <-ctx.Done():
		}
	}
	return ctx.Err()
}

// Close closes the connections that were kept. End [Sender.Run] first.
func (s *Sender) Close() {
	if kept, ok := s.Transport.(interface{ CloseIdleConnections() }); ok {
		kept.CloseIdleConnections()
	}
}

// errStopped is what a relay that ends answers to those that wait for it to settle.
var errStopped = errors.New("the relay stopped")

// Clean deletes the deliveries that were made before an instant, waiting ones too: what the feed keeps no longer is not sent any more.
func (s *Sender) Clean(ctx context.Context, before time.Time) error {
	old, err := s.Store.Read().EndpointsWithOld(ctx, store.Micros(before))
	if err != nil {
		return err
	}
	for _, endpointID := range old {
		err := s.Store.Write(ctx, func(tx *store.Tx) error {
			if err := Lock(ctx, tx, endpointID); err != nil {
				return err
			}
			if _, err := tx.DropDeliveries(ctx, store.DropDeliveriesParams{EndpointID: endpointID, Before: store.Micros(before)}); err != nil {
				return err
			}
			// The first of a queue may be gone: another one goes first now.
			return tx.StartQueues(ctx, store.StartQueuesParams{EndpointID: endpointID, Now: store.Micros(s.Now())})
		})
		if err != nil {
			return err
		}
	}
	return nil
}
