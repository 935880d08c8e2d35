package quotes

import (
	"context"
	"errors"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/quoting"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/states"
	contract "github.com/partnerportal/partnerportal-go/quotes"
)

// subscribeSessions lets what is made in a session be noted in it.
func (s *Service) subscribeSessions(f *feed.Feed) {
	f.Subscribe("configuration.created", noteConfigured)
	f.Subscribe(contract.EventCreated, noteQuoted)
	f.Subscribe("order.submitted", noteOrdered)
}

// noteConfigured keeps the last configuration. The catalogue knows of no sessions: whether this one may be used is decided here.
func noteConfigured(ctx context.Context, e feed.Event) error {
	made, err := feed.Payload[feed.Configured](e)
	if err != nil {
		return err
	}
	if made.SessionID == "" {
		return nil
	}
	w, err := useSession(ctx, made.SessionID)
	if err != nil {
		return err
	}
	c := call.From(ctx)
	w.ConfigurationID = made.ConfigurationID
	w.step(c, contract.SessionStepConfigured, made.ConfigurationID)
	return w.save(ctx, c, contract.EventSessionConfigured, known("configuration_id", made.ConfigurationID), []string{"/configuration_id"})
}

func noteQuoted(ctx context.Context, e feed.Event) error {
	made, err := feed.Payload[feed.QuoteMade](e)
	if err != nil {
		return err
	}
	w, err := stillOpen(ctx, made.SessionID)
	if err != nil || w == nil {
		return err
	}
	c := call.From(ctx)
	w.QuoteID = made.QuoteID
	if w.DealID == "" {
		w.DealID = made.DealID
	}
	w.step(c, contract.SessionStepQuoted, made.QuoteID)
	return w.save(ctx, c, contract.EventSessionQuoted, known("quote_id", made.QuoteID), []string{"/quote_id"})
}

func noteOrdered(ctx context.Context, e feed.Event) error {
	placed, err := feed.Payload[feed.OrderPlaced](e)
	if err != nil {
		return err
	}
	w, err := stillOpen(ctx, placed.SessionID)
	if err != nil || w == nil {
		return err
	}
	c := call.From(ctx)
	w.QuoteID, w.OrderID = placed.QuoteID, placed.OrderID
	if err := sessions.Enter(&w.Status, states.Portal, sessionOrdered, contract.SessionStatusOrdered); err != nil {
		return err
	}
	w.step(c, contract.SessionStepOrdered, placed.OrderID)
	return w.save(ctx, c, contract.EventSessionOrdered, known("quote_id", placed.QuoteID, "order_id", placed.OrderID), []string{"/status", "/order_id"})
}

// note keeps a step of a quote, such as its presentation, in the quote's session, if that is still open.
func note(ctx context.Context, sessionID string, step contract.SessionStep, quoteID string) error {
	w, err := stillOpen(ctx, sessionID)
	if err != nil || w == nil {
		return err
	}
	c := call.From(ctx)
	w.step(c, step, quoteID)
	return w.save(ctx, c, "", nil, nil)
}

// useSession takes out the open session that a call of its partner names.
func useSession(ctx context.Context, id string) (*workspace, error) {
	c := call.From(ctx)
	w, err := lockSession(ctx, c, id)
	if err != nil && !errors.Is(err, partnerportal.ErrNotFound) {
		return nil, err
	}
	if err != nil || w.PartnerID != c.Caller.PartnerID {
		return nil, problem.Invalid("/session_id", "invalid_value", "You have no session of this id.")
	}
	if w.Status != contract.SessionStatusOpen {
		return nil, problem.Invalid("/session_id", "invalid_state", "The session is "+string(w.Status)+". Start another one.")
	}
	return w, nil
}

// stillOpen is a session to note something in, nil when there is none or it is over: what began in it goes on without it.
func stillOpen(ctx context.Context, sessionID string) (*workspace, error) {
	if sessionID == "" {
		return nil, nil
	}
	w, err := lockSession(ctx, call.From(ctx), sessionID)
	if errors.Is(err, partnerportal.ErrNotFound) || err == nil && w.Status != contract.SessionStatusOpen {
		return nil, nil
	}
	return w, err
}

// expireSession ends a session that nobody used for its term.
func expireSession(ctx context.Context, id string) error {
	c := call.From(ctx)
	if err := c.Tx.Lock(ctx, sessionLock+id); err != nil {
		return err
	}
	stored, err := quoting.LoadSession(ctx, c.Tx, id)
	if err != nil {
		return call.OrNotFound(err, "session")
	}
	w := &workspace{*stored}
	if !w.overdue(c) {
		return nil
	}
	if err := sessions.Enter(&w.Status, states.Portal, sessionOverdue, contract.SessionStatusExpired); err != nil {
		return err
	}
	w.step(c, contract.SessionStepExpired, "")
	return w.save(ctx, c, contract.EventSessionExpired, nil, []string{"/status"})
}
