package feed

import (
	"context"
	"encoding/json"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// Wording turns an event into words for one side; "" leaves it out.
type Wording func(e Event, side partnerportal.Side) string

// Sentences say what happened, by the event's type, to the partner and to the vendor.
type Sentences map[string]struct{ Partner, Vendor string }

// For is the sentence for one side, "" when there is none.
func (s Sentences) For(e Event, side partnerportal.Side) string {
	if side == partnerportal.SidePartner {
		return s[e.Type].Partner
	}
	return s[e.Type].Vendor
}

// Timeline is a page of what happened to one resource, newest first, as the side may know it. partnerID limits a partner to
// events that were its own: a lead passes through several hands.
func Timeline(ctx context.Context, tx *store.Tx, resourceID string, side partnerportal.Side, partnerID string, page store.Page, words Wording) (*partnerportal.ActivityPage, error) {
	q := store.Query{Table: "events", Sort: "sequence", Desc: true, Columns: "id, type, facts, actor, occurred_at", Page: page}
	q.Where("resource_id = ?", resourceID)
	hidden := Partner
	if side == partnerportal.SidePartner {
		hidden = Vendor
		q.Where("partner_id = ?", partnerID)
	}
	q.Where("audience <> ?", string(hidden))
	items, next, err := store.List(ctx, tx, q, func(dest func(...any) error) (partnerportal.Activity, error) {
		var e Event
		var id, facts, actor string
		var at int64
		if err := dest(&id, &e.Type, &facts, &actor, &at); err != nil {
			return partnerportal.Activity{}, err
		}
		if err := json.Unmarshal([]byte(facts), &e.Facts); err != nil {
			return partnerportal.Activity{}, err
		}
		if err := json.Unmarshal([]byte(actor), &e.Actor); err != nil {
			return partnerportal.Activity{}, err
		}
		return partnerportal.Activity{ID: id, At: store.Time(at), Type: e.Type, Text: words(e, side), Actor: ActorFor(e.Actor, side)}, nil
	})
	if err != nil {
		return nil, err
	}
	return &partnerportal.ActivityPage{Items: items, Page: partnerportal.PageInfo{NextCursor: next}}, nil
}

// ActorFor is an actor as a side may see it: the vendor's people are only the vendor to a partner.
func ActorFor(a partnerportal.Actor, side partnerportal.Side) partnerportal.Actor {
	if side == partnerportal.SidePartner && a.Side == partnerportal.SideVendor {
		return partnerportal.Actor{Side: a.Side, Name: "Vendor"}
	}
	return a
}
