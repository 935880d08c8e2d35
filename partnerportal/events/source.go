package events

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

// Source lets [webhook.Backfill] read the change feed: events that deliveries did not bring come to the same handlers, and those
// that they did are not handled again. Params choose the events, as the endpoint's types do. Their Cursor is where the first
// backfill of all begins, the oldest event that the portal keeps if it is empty; [FromHere] passes over what happened before. For
// [webhook.ErrCursorExpired], see [Snapshot].
func Source(c *Client, params ListParams) webhook.EventLister { return &source{c.c, params} }

type source struct {
	client *partnerportal.Client
	params ListParams
}

// rawPage is a [Page] whose events are as the portal wrote them, which is as it delivers them: members that this version of the SDK
// does not know reach the handlers too.
type rawPage struct {
	Items   []json.RawMessage `json:"items"`
	Cursor  string            `json:"cursor"`
	HasMore bool              `json:"has_more"`
}

// ListEvents implements [webhook.EventLister].
func (s *source) ListEvents(ctx context.Context, after string, limit int) ([]json.RawMessage, string, error) {
	params := s.params
	if after != "" {
		params.Cursor = after
	}
	if params.Limit == 0 || params.Limit > limit {
		params.Limit = limit
	}
	for {
		page, err := partnerportal.Invoke[rawPage](ctx, s.client, &partnerportal.Request{Op: &opList, Query: &params})
		if errors.Is(err, ErrCursorExpired) {
			return nil, "", fmt.Errorf("%w: %w", webhook.ErrCursorExpired, err)
		}
		if err != nil {
			return nil, "", err
		}
		if len(page.Items) > 0 || !page.HasMore || page.Cursor == params.Cursor {
			return page.Items, page.Cursor, nil
		}
		params.Cursor = page.Cursor // nothing of this page matched: not the end yet
	}
}

// Dispatch returns a handler for [Follow] that gives the events to r's handlers, as if they had been delivered: with the same memory
// of what was handled, so that a program may follow the feed and have an endpoint too; but without members that this version of the
// SDK does not know. An event that a handler refused for good
// ([webhook.Permanent]) counts as handled; any other failure makes Follow come back to it.
func Dispatch(r *webhook.Receiver) func(ctx context.Context, e Event) error {
	return func(ctx context.Context, e Event) error {
		body, err := json.Marshal(e)
		if err != nil {
			return Skip(err)
		}
		err = r.Dispatch(ctx, body)
		if errors.Is(err, webhook.ErrInvalidEnvelope) { // nor will it be valid the next time
			return Skip(err)
		}
		return err
	}
}
