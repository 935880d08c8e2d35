package deliver

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

const (
	inAll       = 64 // attempts at once
	forSlow     = 16 // of inAll, for all the endpoints that fail or are slow
	perPartner  = 16 // of the rest, for all the endpoints of one partner, which may have them play well and dead by turns
	perEndpoint = 4
	untried     = 2 // of perEndpoint, until the endpoint has taken some; one would let a subject wait for another

	slowAnswer = 5 * time.Second
	poll       = time.Second // other processes commit too
	lease      = 2 * Timeout // the attempt, its record, and clocks that differ

	turnsAtOnce = 4                // on SQLite they queue for the one writer, and others must get at it too
	turnTimeout = 10 * time.Second // a database that hangs
	plainFor    = 10 * time.Second // after a turn that failed, or found enough waiting
	closedFor   = 10 * time.Second // an owner who is sent nothing now is no matter of seconds
)

// vendor is the owner whose portal it is, and who has it to itself if it likes.
const vendor = "vendor"

// relay is one run of a [Sender]. Its goroutine alone decides what happens next and owns all that is written here; what takes time, which
// is transactions and attempts, runs beside it and reports back. So no endpoint waits for another, and there is nothing to lock.
type relay struct {
	*Sender

	lines     map[string]*line
	ready     []*line        // to have a turn, in this order
	turns     int            // under way
	busy      [2]int         // attempts under way or promised to a turn, by lane
	partners  map[string]int // those of the quick lane, by partner
	taken     chan *turn
	attempted chan outcome
	asks      []chan error // whoever waits until nothing is due
	failures  []error      // for them
}

// line is what a relay knows of one endpoint.
type line struct {
	id      string
	owner   string
	lane    lane
	credit  int       // attempts in a row that the endpoint took quickly
	busy    int       // attempts under way or promised
	turning bool      // a turn is under way
	ready   bool      // in relay.ready
	done    []outcome // to be recorded
	rests   time.Time // not to be visited before
	plain   time.Time // until then no events are read for it
	full    int       // attempts until it is worth while to read some all the same
}

// lane is what an endpoint takes its attempts from. Those that fail or are slow share a part of them: however many there are, they never
// take what the others need.
type lane int

const (
	quick lane = iota
	slow
)

func newRelay(s *Sender) *relay {
	return &relay{
		Sender: s, lines: map[string]*line{}, partners: map[string]int{},
		taken: make(chan *turn, turnsAtOnce), attempted: make(chan outcome, inAll), // whoever reports never waits
	}
}

// run relays until ctx ends or, with once, nobody asks any more.
func (r *relay) run(ctx context.Context, once bool) {
	defer r.stop(ctx)
	ticker := time.NewTicker(poll)
	defer ticker.Stop()
	rest := time.NewTimer(0)
	defer rest.Stop()
	look, wake := true, r.wake
	for ctx.Err() == nil {
		if look {
			began := time.Now()
			r.look(ctx)
			wake = nil // however much is committed, looking takes a fifth of the time at most
			rest.Reset(4 * time.Since(began))
		}
		r.begin(ctx)
		if r.settled(ctx) && once {
			return
		}
		look = false
		select {
		case o := <-r.attempted:
			r.land(o)
			for range len(r.attempted) { // what came meanwhile is recorded in the same transaction
				r.land(<-r.attempted)
			}
		case t := <-r.taken:
			r.goOn(ctx, t)
		case ask := <-r.Sender.asks:
			r.asks, r.failures = append(r.asks, ask), nil
		case <-wake:
			look = true
		case <-rest.C:
			wake = r.wake
		case <-ticker.C:
			look = true
		case <-ctx.Done():
		}
	}
}

// look finds out which endpoints have something to do.
func (r *relay) look(ctx context.Context) {
	now := r.Now()
	asking, cancel := context.WithTimeout(ctx, turnTimeout) // while it waits here, nothing else goes on
	defer cancel()
	atWork, err := r.Store.Read().EndpointsAtWork(asking, store.EndpointsAtWorkParams{
		Now: store.Micros(now), Warn: store.Micros(now.Add(-WarnAfter)), WarnAgain: store.Micros(now.Add(-WarnAgainAfter)),
		Disable: store.Micros(now.Add(-DisableAfter)),
	})
	r.report(ctx, "look for deliveries", err)
	for _, e := range atWork {
		l := r.lines[e.ID]
		if l == nil {
			l = &line{id: e.ID, owner: e.Owner}
			if e.FailingSince > 0 {
				l.lane = slow
			}
			r.lines[e.ID] = l
		}
		if !now.Before(l.rests) {
			r.visit(l)
		}
	}
	for _, l := range r.lines {
		if len(l.done) > 0 && !now.Before(l.rests) { // its last turn failed
			r.visit(l)
		}
	}
}

// visit gives the endpoint a turn when there is room for one.
func (r *relay) visit(l *line) {
	if !l.ready {
		l.ready = true
		r.ready = append(r.ready, l)
	}
}

// begin starts the turns of those endpoints that are ready and for which there is room.
func (r *relay) begin(ctx context.Context) {
	kept := r.ready[:0]
	for _, l := range r.ready {
		room := r.room(l)
		if l.turning || r.turns == turnsAtOnce || room == 0 && len(l.done) == 0 {
			kept = append(kept, l)
			continue
		}
		t := &turn{line: l, lane: l.lane, done: l.done, room: room, alone: l.busy == 0, plain: r.Now().Before(l.plain)}
		l.ready, l.turning, l.done = false, true, nil
		r.occupy(l, l.lane, room)
		r.turns++
		go func() {
			// A turn that has begun is not broken off: whether it was committed would remain open.
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), turnTimeout)
			defer cancel()
			t.err = r.take(ctx, t)
			r.taken <- t
		}()
	}
	clear(r.ready[len(kept):])
	r.ready = kept
}

// room is how many attempts may begin now. An endpoint earns the four that it may have: those that died together leave something for the
// others.
func (r *relay) room(l *line) int {
	free := min(inAll-forSlow-r.busy[quick], perPartner-r.partners[l.owner])
	if l.lane == slow {
		free = forSlow - r.busy[slow]
	}
	return max(0, min(free, perEndpoint-l.busy, untried+l.credit-l.busy))
}

// occupy takes room for n attempts, or gives it back.
func (r *relay) occupy(l *line, lane lane, n int) {
	l.busy += n
	r.busy[lane] += n
	if lane == slow || l.owner == vendor {
		return
	}
	if r.partners[l.owner] += n; r.partners[l.owner] == 0 {
		delete(r.partners, l.owner)
	}
}

// goOn acts on the end of a turn.
func (r *relay) goOn(ctx context.Context, t *turn) {
	l, now := t.line, r.Now()
	r.turns--
	l.turning = false
	r.occupy(l, t.lane, len(t.claimed)-t.room)
	for _, j := range t.claimed {
		go func() { r.attempted <- r.attempt(ctx, j) }()
	}
	if t.told {
		r.Wake()
	}
	if t.full {
		l.plain, l.full = now.Add(plainFor), fanOutBatch // to count what waits is work
	}
	switch {
	case t.err != nil && !t.plain: // what is on its way already need not suffer for an event that cannot be read
		r.report(ctx, "deliver to "+l.id, t.err)
		l.plain, l.done = now.Add(plainFor), append(t.done, l.done...)
		r.visit(l)
	case t.err != nil:
		r.report(ctx, "deliver to "+l.id, t.err)
		l.rests, l.done = now.Add(poll), append(t.done, l.done...)
	case t.more || t.room == 0 || len(l.done) > 0:
		r.visit(l)
	case t.closed:
		l.rests = now.Add(closedFor)
	case t.stuck:
		l.rests = now.Add(poll)
	case l.busy == 0 && !l.ready && l.lane == quick && now.After(l.plain):
		delete(r.lines, l.id) // there is nothing to remember
	}
}

// attempt sends one delivery.
func (r *relay) attempt(ctx context.Context, j job) outcome {
	d := j.delivery
	ping := d.EventType == PingType
	a := r.poster.Post(ctx, Message{URL: j.url, Keys: j.keys, ID: d.EventID, Body: []byte(d.Body), KeepAnswer: ping})
	if ping && a.Failure == "" && !givesBack(a.Body, d.Body) {
		a.Failure = FailureChallengeFailed
	}
	return outcome{job: j, Attempt: a, interrupted: a.Failure == FailureInterrupted && ctx.Err() != nil}
}

// land acts on the end of an attempt.
func (r *relay) land(o outcome) {
	l := o.line
	r.occupy(l, o.lane, -1)
	l.done = append(l.done, o)
	if l.full--; l.full == 0 {
		l.plain = time.Time{}
	}
	switch {
	case o.interrupted:
	case o.Failure != "" || o.Took > slowAnswer:
		l.lane, l.credit = slow, 0
	default:
		l.lane, l.credit = quick, min(l.credit+1, perEndpoint)
	}
	r.visit(l)
}

// settled answers those that wait until nothing is due, when that is so, and says whether nobody waits.
func (r *relay) settled(ctx context.Context) bool {
	if len(r.asks) == 0 || !r.idle() {
		return len(r.asks) == 0
	}
	r.look(ctx) // what was committed since the last look
	if !r.idle() {
		r.begin(ctx)
		return false
	}
	r.answer(errors.Join(r.failures...))
	return true
}

func (r *relay) idle() bool {
	return r.turns == 0 && r.busy == [2]int{} && len(r.ready) == 0
}

func (r *relay) answer(err error) {
	for _, ask := range r.asks {
		ask <- err
	}
	r.asks = nil
}

// stop waits for what is under way, which ends soon because ctx has, and records what came of it: what was broken off is due again at once
// and need not wait until its lease has ended.
func (r *relay) stop(ctx context.Context) {
	for r.turns > 0 || r.busy != [2]int{} {
		select {
		case o := <-r.attempted:
			r.land(o)
		case t := <-r.taken:
			r.goOn(ctx, t)
		}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), turnTimeout)
	defer cancel()
	for _, l := range r.lines {
		if len(l.done) > 0 {
			r.report(ctx, "record deliveries to "+l.id, r.take(ctx, &turn{line: l, done: l.done}))
		}
	}
	r.answer(errStopped)
}

func (r *relay) report(ctx context.Context, what string, err error) {
	if err != nil && ctx.Err() == nil {
		if len(r.asks) > 0 { // else they would pile up for as long as Run runs
			r.failures = append(r.failures, fmt.Errorf("%s: %w", what, err))
		}
		r.Logger.ErrorContext(ctx, "webhooks: failed to "+what, "error", err)
	}
}
