// Package call carries what one operation works with: who calls, when, and in which transaction. The portal's pipeline makes
// one for each request, the timers one for each deadline.
package call

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// Caller is who acts.
type Caller struct {
	Side      partnerportal.Side
	PartnerID string // "" on the vendor's side and for the portal itself
	ClientID  string
	Name      string
	Scopes    []string
}

// System is the portal itself, when a deadline passes.
var System = Caller{Side: partnerportal.SideSystem, Name: "Portal"}

// Owner is whose idempotency keys, external references and quotas the caller uses: the partner's, or the vendor's.
func (c Caller) Owner() string {
	if c.Side == partnerportal.SidePartner {
		return c.PartnerID
	}
	return "vendor"
}

// Vendor says that the caller acts for the vendor.
func (c Caller) Vendor() bool { return c.Side == partnerportal.SideVendor }

// May says that the caller has one of the scopes.
func (c Caller) May(scopes ...string) bool {
	return len(scopes) == 0 || slices.ContainsFunc(scopes, func(s string) bool { return slices.Contains(c.Scopes, s) })
}

// Actor is the caller as resources show it.
func (c Caller) Actor() partnerportal.Actor {
	return partnerportal.Actor{Side: c.Side, ID: c.ClientID, Name: c.Name}
}

// Call is one operation under way.
type Call struct {
	Caller    Caller
	Now       time.Time // the portal's clock, once for the whole operation, UTC in microseconds
	Tx        *store.Tx
	Feed      *feed.Feed
	RequestID string
	Live      bool // false in a sandbox

	events    []feed.Event
	committed []func()
}

type contextKey struct{}

// With returns a context that carries c.
func With(ctx context.Context, c *Call) context.Context {
	return context.WithValue(ctx, contextKey{}, c)
}

// From returns the call that ctx carries. The pipeline always puts one there.
func From(ctx context.Context) *Call {
	c, ok := ctx.Value(contextKey{}).(*Call)
	if !ok {
		panic("call: the context carries no call")
	}
	return c
}

// OnlyVendor refuses partners what is the vendor's to do.
func (c *Call) OnlyVendor() error {
	if c.Caller.Vendor() {
		return nil
	}
	return problem.WrongSide(c.Caller.Side)
}

// As runs do with another caller in the same transaction, as when a sandbox plays the vendor.
func (c *Call) As(caller Caller, do func() error) error {
	before := c.Caller
	c.Caller = caller
	defer func() { c.Caller = before }()
	return do()
}

// Emit publishes an event: subscribers act on it at once, in this transaction; [Call.Flush] stores it.
func (c *Call) Emit(ctx context.Context, e feed.Event) error {
	e.Actor, e.OccurredAt, e.RequestID = c.Caller.Actor(), c.Now, c.RequestID
	if e.PartnerID != "" && c.Caller.Side == partnerportal.SidePartner && c.Caller.PartnerID != e.PartnerID {
		e.Actor = System.Actor() // a partner must not learn which other one it was
	}
	c.events = append(c.events, e)
	return c.Feed.Deliver(ctx, e)
}

// Flush stores the events. It comes last in the transaction: the counter it takes orders all writers until the commit.
func (c *Call) Flush(ctx context.Context) error {
	return feed.Append(ctx, c.Tx, c.events)
}

// OnCommit lets act run when the operation's transaction has been committed, for what is outside of it, such as a memory.
func (c *Call) OnCommit(act func()) { c.committed = append(c.committed, act) }

// Committed runs what [Call.OnCommit] was given.
func (c *Call) Committed() {
	for _, act := range c.committed {
		act()
	}
}

// OrNotFound is err, or [NotFound] when what was read is not there.
func OrNotFound(err error, what string) error {
	if errors.Is(err, store.ErrNotFound) {
		return NotFound(what)
	}
	return err
}

// NotFound is the answer for what does not exist, or not for this caller: the two must look the same.
func NotFound(what string) error {
	return &partnerportal.Error{Status: http.StatusNotFound, Code: "not_found", Detail: "There is no such " + what + "."}
}
