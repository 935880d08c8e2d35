package events

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	contract "github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/deliver"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// stretch is how many events, anybody's, one look for those of an endpoint goes through: it is made in a transaction that keeps others
// waiting, and must come to an end, however far behind the endpoint is and however rare what it wants.
const stretch = 100_000

// Source is where the sender of webhooks gets what it sends: of the feed, what the owner of an endpoint could read there itself.
type Source struct {
	service *Service
	open    func(caller call.Caller, tx *store.Tx) *call.Call
}

var _ deliver.Source = (*Source)(nil)

// Source returns the sender's source. open begins an operation of the portal's own.
func (s *Service) Source(open func(caller call.Caller, tx *store.Tx) *call.Call) *Source {
	return &Source{s, open}
}

// Next returns what happened behind an endpoint's position, up to limit events, as GET /events would show it.
func (s *Source) Next(ctx context.Context, tx *store.Tx, row store.WebhookEndpoint, limit int) (found []deliver.Outgoing, position int64, more bool, err error) {
	e, err := unpack(tx, row)
	if err != nil {
		return nil, 0, false, err
	}
	head, err := tx.FeedHead(ctx) // first, as in List
	if err != nil {
		return nil, 0, false, err
	}
	// What is no longer kept is not sent either, to an endpoint that was paused for that long.
	floor, err := lost(ctx, tx, s.service.horizon())
	if err != nil {
		return nil, 0, false, err
	}
	after := max(row.Position, floor)
	until := min(head, after+stretch)
	c := s.open(e.reader(), tx)
	q := visible(c)
	q.Limit = limit
	q.Where("sequence > ?", after)
	q.Where("sequence <= ?", until)
	q.Where("resource_id <> ?", row.ID) // what became of its deliveries is for the others: else each failure made the next
	filter(&q, &contract.ListParams{Type: e.wanted})
	events, next, err := store.List(ctx, tx, q, scan(c))
	if err != nil {
		return nil, 0, false, err
	}
	for _, event := range events {
		o, err := outgoing(event)
		if err != nil {
			return nil, 0, false, err
		}
		found = append(found, o)
	}
	if next != "" {
		return found, events[len(events)-1].sequence, true, nil
	}
	return found, until, until < head, nil
}

// reader is who reads the feed for the endpoint: its owner, with the scopes that it was given.
func (e *endpoint) reader() call.Caller {
	caller := call.Caller{Side: partnerportal.SideVendor, Scopes: e.opens}
	if e.Owner != caller.Owner() {
		caller.Side, caller.PartnerID = partnerportal.SidePartner, e.Owner
	}
	return caller
}

func outgoing(e event) (deliver.Outgoing, error) {
	subject, err := json.Marshal(e.Subject)
	if err != nil {
		return deliver.Outgoing{}, err
	}
	body, err := json.Marshal(e.Event)
	return deliver.Outgoing{
		EventID: e.ID, EventType: e.Type, SubjectID: e.Subject.ID, Subject: subject, Body: body, Sequence: e.sequence, OccurredAt: e.Timestamp,
	}, err
}

// Active says whether an owner may be sent anything: the vendor always, a partner while its access is not suspended.
func (s *Source) Active(ctx context.Context, tx *store.Tx, owner string) (bool, error) {
	if owner == (call.Caller{}).Owner() {
		return true, nil
	}
	partner, err := directory.LoadPartner(ctx, tx, owner)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil && partner.Status == "active", err
}

// Tell publishes what became of an endpoint, to its owner and nobody else. It is the last thing in its transaction.
func (s *Source) Tell(ctx context.Context, tx *store.Tx, row store.WebhookEndpoint, eventType string, facts map[string]any) error {
	c := s.open(call.System, tx)
	event := feed.Event{
		Type: eventType, ResourceType: resource, ResourceID: row.ID, Revision: row.Revision, Audience: feed.Vendor,
		Facts: facts, ChangedFields: changedBy[eventType], State: row.Status,
	}
	if row.Owner != (call.Caller{}).Owner() {
		event.PartnerID, event.Audience = row.Owner, feed.Partner
	}
	if err := c.Emit(call.With(ctx, c), event); err != nil {
		return err
	}
	return c.Flush(ctx)
}

var changedBy = map[string][]string{
	deliver.TypeEnabled:  {"/status"},
	deliver.TypeDisabled: {"/status", "/disabled_at", "/disabled_reason"},
}
