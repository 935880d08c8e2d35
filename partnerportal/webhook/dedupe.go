package webhook

import (
	"context"
	"time"
)

// DedupeStore remembers which events were handled, so that a handler sees each once although senders repeat themselves. Several
// receivers, and several processes, may share one.
//
// An event is claimed before its handler runs and committed after it succeeded: a process that dies in between leaves a claim whose
// lease runs out, and the next delivery runs the handler. An event is never lost that way; it is handled twice only if the process
// dies after the handler's effects and before the commit, which [SQLStore.InTx] closes too.
type DedupeStore interface {
	// Claim takes the event for c.Owner during c.Lease, atomically, unless it is done or another owner's lease lasts.
	Claim(ctx context.Context, c Claim) (ClaimState, error)
	// Commit marks the event as done for c.Keep. It does nothing when c.Owner has lost the claim.
	Commit(ctx context.Context, c Claim) error
	// Release gives the event back, so that the next delivery is Fresh. It does nothing when c.Owner does not hold the claim, and
	// never undoes a Commit.
	Release(ctx context.Context, c Claim) error
}

// Claim is one attempt to handle an event.
type Claim struct {
	Key   string        // source and id of the event, as "source:id"
	Owner string        // unlike that of any other attempt
	Lease time.Duration // how long the attempt may take: the time for handlers and 5 s
	Keep  time.Duration // how long the event is remembered once it is done
}

// ClaimState is the answer to a [Claim].
type ClaimState int

// The answers of [DedupeStore].Claim.
const (
	Fresh    ClaimState = iota // claimed: run the handler
	InFlight                   // another attempt is at it
	Done                       // was handled before
)

// ClaimFrom returns the claim under which a handler runs. With it, a store that is not database/sql can do as [SQLStore.InTx] does:
// mark Key as done, if Owner still holds it, in the transaction of the handler's own writes.
func ClaimFrom(ctx context.Context) (Claim, bool) {
	a, ok := ctx.Value(attemptKey{}).(*attempt)
	if !ok {
		return Claim{}, false
	}
	return a.claim, true
}

// attempt is one run of a handler. It is the handler's context too, by which the claim reaches the store.
type attempt struct {
	context.Context //nolint:containedctx // see above

	claim     Claim
	order     SequenceStore // of the handler, when it skips stale events and this one has a version
	subject   string
	version   int64
	committed bool // by InTx, so that the receiver need not
}

type attemptKey struct{}

// Value returns the attempt itself for its key.
func (a *attempt) Value(key any) any {
	if _, ok := key.(attemptKey); ok {
		return a
	}
	return a.Context.Value(key)
}
