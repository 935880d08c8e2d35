package quotes

import (
	"context"
	"encoding/json"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/quoting"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/states"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/quotes"
)

const (
	sessionResource = "quote_session"
	sessionLock     = "session/"
	sessionExpire   = "session.expire" // the kind of its deadline
	// sessionTerm is for how long a session stays open while nobody uses it.
	sessionTerm = 7 * 24 * time.Hour
	// mostSteps is how many steps a session lists. What is done beyond them counts, and is not listed.
	mostSteps = 1000
)

// What only the portal itself does with a session.
const (
	sessionOrdered contract.SessionAction = "order"
	sessionOverdue contract.SessionAction = "expire"
)

var sessions = states.Table[contract.SessionStatus, contract.SessionAction]{
	states.On(contract.SessionActionUpdate, states.Partner, states.In(contract.SessionStatusOpen)),
	states.On(contract.SessionActionAbandon, states.Partner, states.In(contract.SessionStatusOpen), contract.SessionStatusAbandoned),
	states.On(sessionOrdered, states.Portal, states.In(contract.SessionStatusOpen), contract.SessionStatusOrdered),
	states.On(sessionOverdue, states.Portal, states.In(contract.SessionStatusOpen), contract.SessionStatusExpired),
}

// workspace is a session that an operation works on.
type workspace struct {
	contract.Session
}

func by(c *call.Call) states.Sides { return states.SideOf(c.Caller) }

// known are facts of those values that are not empty.
func known(pairs ...string) map[string]any {
	facts := map[string]any{}
	for ; len(pairs) > 1; pairs = pairs[2:] {
		if pairs[1] != "" {
			facts[pairs[0]] = pairs[1]
		}
	}
	return facts
}

// readSession returns a session that the caller may know of, or not_found.
func readSession(ctx context.Context, c *call.Call, id string) (*workspace, error) {
	stored, err := quoting.LoadSession(ctx, c.Tx, id)
	if err != nil {
		return nil, call.OrNotFound(err, "session")
	}
	if c.Caller.Side == partnerportal.SidePartner && stored.PartnerID != c.Caller.PartnerID {
		return nil, call.NotFound("session")
	}
	w := &workspace{*stored}
	if w.overdue(c) {
		w.Status = contract.SessionStatusExpired
	}
	return w, nil
}

// overdue says that an open session is over: the clock ends it, and the deadline may come late.
func (w *workspace) overdue(c *call.Call) bool {
	return w.Status == contract.SessionStatusOpen && !c.Now.Before(w.ExpiresAt)
}

// lockSession is [readSession] for a change: until the transaction ends nobody else makes one.
func lockSession(ctx context.Context, c *call.Call, id string) (*workspace, error) {
	if err := c.Tx.Lock(ctx, sessionLock+id); err != nil {
		return nil, err
	}
	return readSession(ctx, c, id)
}

// openSession takes a session out for an action of the caller that its state must allow.
func openSession(ctx context.Context, c *call.Call, id, ifMatch string, action contract.SessionAction) (*workspace, error) {
	w, err := lockSession(ctx, c, id)
	if err != nil {
		return nil, err
	}
	if err := problem.Unchanged("The session", ifMatch, w.Revision); err != nil {
		return nil, err
	}
	return w, sessions.Check("session", w.Status, action, c.Caller, w.allowed(c))
}

// step notes something that happened. Pricing again and again is one step.
func (w *workspace) step(c *call.Call, step contract.SessionStep, resourceID string) {
	last := len(w.Steps) - 1
	if last >= 0 && w.Steps[last].Step == step && w.Steps[last].ResourceID == resourceID {
		w.Steps[last].At = c.Now
		return
	}
	if len(w.Steps) < mostSteps {
		w.Steps = append(w.Steps, contract.SessionEntry{Step: step, At: c.Now, ResourceID: resourceID})
	}
}

// answer saves the session and shows it.
func (w *workspace) answer(ctx context.Context, c *call.Call, event string, facts map[string]any, changed []string) (*contract.Session, error) {
	if err := w.save(ctx, c, event, facts, changed); err != nil {
		return nil, err
	}
	return w.view(c), nil
}

// save stores the session, says what happened, and gives it more time.
func (w *workspace) save(ctx context.Context, c *call.Call, event string, facts map[string]any, changed []string) error {
	read := w.Revision
	w.Revision, w.UpdatedAt = read+1, c.Now
	if err := c.Tx.DropTimers(ctx, w.ID); err != nil {
		return err
	}
	if w.Status == contract.SessionStatusOpen {
		w.ExpiresAt = c.Now.Add(sessionTerm)
		if err := c.Tx.PutTimer(ctx, store.PutTimerParams{Kind: sessionExpire, ResourceID: w.ID, DueAt: store.Micros(w.ExpiresAt)}); err != nil {
			return err
		}
	}
	if err := w.write(ctx, c, read); err != nil || event == "" {
		return err
	}
	return c.Emit(ctx, feed.Event{
		Type: event, ResourceType: sessionResource, ResourceID: w.ID, Revision: w.Revision, PartnerID: w.PartnerID, Audience: feed.Both,
		Facts: facts, ChangedFields: changed, State: string(w.Status),
	})
}

func (w *workspace) write(ctx context.Context, c *call.Call, read int64) error {
	doc, err := json.Marshal(w)
	if err != nil {
		return err
	}
	at := store.Micros(c.Now)
	if read == 0 {
		return c.Tx.InsertQuoteSession(ctx, store.InsertQuoteSessionParams{
			ID: w.ID, Bucket: store.Bucket(w.ID), PartnerID: w.PartnerID, DealID: w.DealID, Status: string(w.Status), Revision: 1,
			CreatedAt: at, UpdatedAt: at, Doc: string(doc),
		})
	}
	return store.Changed(c.Tx.UpdateQuoteSession(ctx, store.UpdateQuoteSessionParams{
		ID: w.ID, Revision: read, DealID: w.DealID, Status: string(w.Status), UpdatedAt: at, Doc: string(doc),
	}))
}

func (w *workspace) allowed(c *call.Call) []contract.SessionAction {
	return sessions.Allowed(w.Status, c.Caller, domain)
}

// view is the session as the caller sees it.
func (w *workspace) view(c *call.Call) *contract.Session {
	seen := w.Session
	seen.CreatedBy = feed.ActorFor(seen.CreatedBy, c.Caller.Side)
	seen.AllowedActions, seen.EditableFields = w.allowed(c), []string{}
	if len(seen.AllowedActions) > 0 {
		seen.EditableFields = []string{"/deal_id", "/customer", "/configuration_id"}
	}
	return &seen
}
