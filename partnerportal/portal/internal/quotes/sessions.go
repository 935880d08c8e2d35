package quotes

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/quotes"
)

// StartSession begins to keep what is known, so that nobody types it again on the way to the order.
func (s *Service) StartSession(ctx context.Context, body *contract.NewSession) (*contract.Session, error) {
	c := call.From(ctx)
	if c.Caller.Side != partnerportal.SidePartner {
		return nil, problem.WrongSide(c.Caller.Side)
	}
	w := &workspace{Session: contract.Session{
		ID: ids.New(ids.Session, c.Now), Status: contract.SessionStatusOpen, PartnerID: c.Caller.PartnerID, DealID: body.DealID,
		Customer: body.Customer, Livemode: c.Live, CreatedAt: c.Now, CreatedBy: c.Caller.Actor(),
	}}
	if err := w.takeDeal(ctx, c); err != nil {
		return nil, err
	}
	w.step(c, contract.SessionStepStarted, "")
	return w.answer(ctx, c, contract.EventSessionStarted, known("deal_id", w.DealID), nil)
}

// GetSession returns a session, over or not.
func (s *Service) GetSession(ctx context.Context, sessionID string) (*contract.Session, error) {
	c := call.From(ctx)
	w, err := readSession(ctx, c, sessionID)
	if err != nil {
		return nil, err
	}
	return w.view(c), nil
}

// ListSessions returns a page of sessions.
func (s *Service) ListSessions(ctx context.Context, params *contract.ListSessionsParams) (*contract.SessionPage, error) {
	c := call.From(ctx)
	q, err := listed(c, "quote_sessions", store.Page{Cursor: params.Cursor, Limit: params.Limit, Segment: params.Segment}, params.Sort, params.UpdatedSince, params.PartnerID)
	if err != nil {
		return nil, err
	}
	store.WhereIn(&q, "status", params.Status)
	store.WhereIn(&q, "deal_id", params.DealID)
	items, next, err := store.List(ctx, c.Tx, q, func(dest func(...any) error) (contract.Session, error) {
		var doc string
		if err := dest(&doc); err != nil {
			return contract.Session{}, err
		}
		w := new(workspace)
		if err := json.Unmarshal([]byte(doc), w); err != nil {
			return contract.Session{}, fmt.Errorf("a session: %w", err)
		}
		return *w.view(c), nil
	})
	if err != nil {
		return nil, err
	}
	return &contract.SessionPage{Items: items, Page: partnerportal.PageInfo{NextCursor: next}}, nil
}

// UpdateSession changes what an open session knows. What was made in it stays as it is.
func (s *Service) UpdateSession(ctx context.Context, sessionID, ifMatch string, body *contract.SessionPatch) (*contract.Session, error) {
	c := call.From(ctx)
	w, err := openSession(ctx, c, sessionID, ifMatch, contract.SessionActionUpdate)
	if err != nil {
		return nil, err
	}
	if deal, ok := body.DealID.Get(); ok && deal != w.DealID {
		w.Customer = partnerportal.Organization{} // another deal has another customer
	}
	if w.Session, err = call.Patched(w.Session, body); err != nil {
		return nil, err
	}
	if err := w.takeDeal(ctx, c); err != nil {
		return nil, err
	}
	if w.ConfigurationID != "" {
		if _, err := readConfiguration(ctx, c, "/configuration_id", w.ConfigurationID); err != nil {
			return nil, err
		}
	}
	changed, err := call.Named(body)
	if err != nil {
		return nil, err
	}
	return w.answer(ctx, c, contract.EventSessionUpdated, nil, changed)
}

// AbandonSession ends a session without an order.
func (s *Service) AbandonSession(ctx context.Context, sessionID, ifMatch string, body *contract.Remark) (*contract.Session, error) {
	c := call.From(ctx)
	w, err := openSession(ctx, c, sessionID, ifMatch, contract.SessionActionAbandon)
	if err != nil {
		return nil, err
	}
	if err := sessions.Enter(&w.Status, by(c), contract.SessionActionAbandon, contract.SessionStatusAbandoned); err != nil {
		return nil, err
	}
	w.CloseNote = body.Note
	w.step(c, contract.SessionStepAbandoned, "")
	return w.answer(ctx, c, contract.EventSessionAbandoned, nil, []string{"/status"})
}

// takeDeal looks the session's deal up, and takes the customer from it when nothing else is said.
func (w *workspace) takeDeal(ctx context.Context, c *call.Call) error {
	if w.DealID == "" {
		return nil
	}
	d, err := readDeal(ctx, c, w.DealID)
	if err != nil {
		return err
	}
	if w.Customer.Name == "" {
		w.Customer = d.Customer
	}
	return nil
}
