package webhook

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Receiver is the http.Handler of a webhook endpoint: it verifies deliveries, drops duplicates and calls the handlers of [On]. Mount
// it where no middleware reads the body first. It answers
//
//   - 204: handled, or handled before, or of a type without handler; 202: parked, see [Permanent];
//   - 200 with the challenge: a ping, by which senders find out whether the endpoint listens;
//   - the status of the [Code] otherwise, with {"code": …} as the only content. The sender then tries again.
type Receiver struct {
	verifier    *Verifier
	handlers    map[string]*handler
	store       DedupeStore
	keep        time.Duration
	source      string
	liveOnly    bool
	maxBody     int64
	readTimeout time.Duration
	timeout     time.Duration
	unknown     func(context.Context, Event[json.RawMessage])
	park        func(context.Context, []byte, error) error
	hook        func(context.Context, *Error, Header)
	owner       string // begins the names of this receiver's claims
	claims      atomic.Uint64
}

// NewReceiver returns a Receiver of what v verifies. Without options it remembers 100,000 events for 31 days in memory, and takes
// bodies up to 1 MiB.
func NewReceiver(v *Verifier, opts ...ReceiverOption) *Receiver {
	if v == nil {
		panic("webhook: NewReceiver without a Verifier")
	}
	r := &Receiver{
		verifier: v, handlers: map[string]*handler{}, keep: defaultKeep, maxBody: 1 << 20,
		readTimeout: 10 * time.Second, timeout: 10 * time.Second, owner: rand.Text() + "-",
	}
	for _, opt := range opts {
		opt(r)
	}
	if r.store == nil {
		r.store = NewMemoryStore(0)
	}
	return r
}

// ServeHTTP receives one delivery. What is cheap to refuse is refused first: nothing of a body is read before the headers are in
// order, nothing of it is looked at before the signature is.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	a := answer{w: w}
	defer a.close() // a late answer must not touch w when we have returned
	// A handler is not stopped because the sender hung up: its work is wanted, and has its own limit.
	ctx := context.WithoutCancel(q.Context())
	if refused := r.admit(q); refused != nil {
		r.refuse(ctx, &a, refused, Header{})
		return
	}
	p, err := r.verifier.open(q.Header)
	if err != nil {
		r.refuse(ctx, &a, asError(err), Header{})
		return
	}
	body := takeBuffer()
	defer body.release()
	if refused := r.read(w, q, body); refused != nil {
		r.refuse(ctx, &a, refused, Header{ID: p.id})
		return
	}
	d, err := p.verify(body.bytes)
	if err != nil {
		r.refuse(ctx, &a, asError(err), Header{ID: p.id})
		return
	}
	env, err := parseEnvelope(d.Body)
	if err == nil && env.ID == "" {
		env.ID = d.ID // a plain Standard Webhooks payload has none of its own
	}
	if err == nil && !validID(env.ID) {
		err = errBadID
	}
	switch {
	case err != nil:
		r.refuse(ctx, &a, fail(ErrInvalidEnvelope, err), Header{ID: d.ID})
	case env.Type == pingType:
		r.pong(ctx, &a, &env)
	default:
		if failed := r.deliver(ctx, &env, d.Body, &a); failed != nil {
			r.refuse(ctx, &a, failed, env.Header)
			return
		}
		a.send(http.StatusNoContent, nil)
	}
}

var errBadID = errors.New("the id is not 1 to 128 of the characters A-Z a-z 0-9 _ -")

// admit checks what the request says of itself besides the signed headers.
func (r *Receiver) admit(q *http.Request) *Error {
	if q.Method != http.MethodPost {
		return fail(ErrMethod, nil)
	}
	if e := q.Header.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return fail(ErrUnsupportedMedia, errors.New("the body is compressed: the signature covers the bytes sent, so senders do not"))
	}
	if t := q.Header.Get("Content-Type"); t != "application/json" { // which almost every request has
		media, _, err := mime.ParseMediaType(t)
		if err != nil || media != "application/json" && !strings.HasSuffix(media, "+json") {
			return fail(ErrUnsupportedMedia, errors.New("the Content-Type is not JSON"))
		}
	}
	if q.ContentLength > r.maxBody {
		return fail(ErrBodyTooLarge, nil)
	}
	return nil
}

// pong answers the sender's question before it enables the endpoint.
func (r *Receiver) pong(ctx context.Context, a *answer, env *envelope) {
	var ping struct {
		Challenge string `json:"challenge"`
	}
	if len(env.data) > 0 && json.Unmarshal(env.data, &ping) != nil || len(ping.Challenge) > 1024 {
		r.refuse(ctx, a, fail(ErrInvalidEnvelope, errors.New("a ping whose challenge is not a string of up to 1024 bytes")), env.Header)
		return
	}
	if ping.Challenge == "" { // a mere sign of life
		a.send(http.StatusNoContent, nil)
		return
	}
	body, _ := json.Marshal(ping) //nolint:errchkjson // a string always marshals
	a.send(http.StatusOK, body)
}

// refuse answers with what went wrong, and tells the hook all of it.
func (r *Receiver) refuse(ctx context.Context, a *answer, e *Error, ev Header) {
	if a.fail(e) || e.Code != ErrHandlerTimeout { // a handler that ran out of time was told of when it did
		r.tell(ctx, e, ev)
	}
}

// tell gives an error to the hook, whose own mistakes harm no delivery.
func (r *Receiver) tell(ctx context.Context, e *Error, ev Header) {
	if r.hook != nil {
		defer func() { _ = recover() }()
		r.hook(ctx, e, ev)
	}
}

// claim makes the claim for an event. Its owner is unlike any other of this or another process.
func (r *Receiver) claim(id string) Claim {
	return Claim{
		Key: r.source + ":" + id, Owner: r.owner + strconv.FormatUint(r.claims.Add(1), 36),
		Lease: r.timeout + leaseSlack, Keep: r.keep,
	}
}

func asError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return fail(ErrHandler, err)
}
