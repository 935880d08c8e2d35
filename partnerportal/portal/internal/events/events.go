// Package events is the portal's room for the change feed: it shows each reader what happened to the resources that it may
// read, in the order of the commits. Webhook endpoints are readers who are told; package deliver sends what this one lets them see.
package events

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	contract "github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/deliver"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// Config is what a [Service] goes by.
type Config struct {
	Retention time.Duration    // how far back events can be read; they stay in the database, where timelines read them
	Guard     *deliver.Guard   // where events may be sent
	Now       func() time.Time // the real time, nil is time.Now: a sandbox's clock jumps over weeks in an instant
}

// Service answers the contract's events operations.
type Service struct {
	retention time.Duration
	guard     *deliver.Guard
	clock     func() time.Time
}

// New returns a Service.
func New(c Config) *Service {
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Service{retention: c.Retention, guard: c.Guard, clock: c.Now}
}

// now is the real time as the database keeps it.
func (s *Service) now() time.Time { return s.clock().UTC().Truncate(time.Microsecond) }

// horizon is since when events can be read.
func (s *Service) horizon() time.Time { return s.now().Add(-s.retention) }

// List returns the next events behind a cursor.
func (s *Service) List(ctx context.Context, params *contract.ListParams) (*contract.Page, error) {
	c := call.From(ctx)
	if c.Caller.Side == partnerportal.SidePartner && len(params.PartnerID) > 0 {
		return nil, badFilter("?partner_id", "not_permitted", "Only the vendor may ask for other partners' events.")
	}
	// The head comes first: what is committed after it is left for the next page, wherever its number lies.
	head, err := c.Tx.FeedHead(ctx)
	if err != nil {
		return nil, err
	}
	horizon := s.horizon()
	after, err := s.position(ctx, c, params.Cursor, head, horizon)
	if err != nil {
		return nil, err
	}
	q := visible(c)
	q.Limit = params.Limit
	q.Where("sequence > ?", after)
	q.Where("sequence <= ?", head)
	filter(&q, params)
	found, next, err := store.List(ctx, c.Tx, q, scan(c))
	if err != nil {
		return nil, err
	}
	page := &contract.Page{Items: []contract.Event{}, HasMore: next != "", RetentionFrom: horizon}
	for _, e := range found {
		page.Items = append(page.Items, e.Event)
	}
	if page.HasMore {
		head = found[len(found)-1].sequence
	}
	page.Cursor = writeCursor(c, head)
	return page, nil
}

// Get returns an event that the feed shows.
func (s *Service) Get(ctx context.Context, eventID string) (*contract.Event, error) {
	c := call.From(ctx)
	q := visible(c)
	q.Where("recorded_at >= ?", store.Micros(s.horizon()))
	found, err := one(ctx, c, q, eventID)
	if err != nil {
		return nil, err
	}
	if found == nil {
		return nil, call.NotFound("event")
	}
	return &found.Event, nil
}

// one reads the event with an id, nil when the query does not show it.
func one(ctx context.Context, c *call.Call, q store.Query, eventID string) (*event, error) {
	q.Where("id = ?", eventID)
	found, _, err := store.List(ctx, c.Tx, q, scan(c))
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// position is the sequence number behind which a cursor goes on.
func (s *Service) position(ctx context.Context, c *call.Call, cursor string, head int64, horizon time.Time) (int64, error) {
	if cursor == contract.FromHere {
		return head, nil
	}
	floor, err := lost(ctx, c.Tx, horizon)
	if err != nil {
		return 0, err
	}
	if cursor == "" {
		return floor, nil
	}
	at, ok := readCursor(c, cursor)
	if !ok {
		e, err := one(ctx, c, own(c), cursor) // the scopes of a follower may have become fewer since it read the event
		if err != nil {
			return 0, err
		}
		if e == nil {
			return 0, invalidCursor()
		}
		at = e.sequence
	}
	if at > head { // the database was restored from a backup: what the reader has seen since is not what happened
		return 0, expiredCursor(horizon)
	}
	if at >= floor {
		return at, nil
	}
	// Events of others that are gone are no loss to this reader, and whether there were any is not its business.
	q := visible(c)
	q.Limit = 1
	q.Where("sequence > ?", at)
	q.Where("sequence <= ?", floor)
	missed, _, err := store.List(ctx, c.Tx, q, scan(c))
	if err != nil {
		return 0, err
	}
	if len(missed) > 0 {
		return 0, expiredCursor(horizon)
	}
	return floor, nil
}

// lost is the sequence number of the last event that is no longer kept.
func lost(ctx context.Context, tx *store.Tx, horizon time.Time) (int64, error) {
	floor, err := tx.FeedFloor(ctx, store.Micros(horizon))
	if errors.Is(err, store.ErrNotFound) {
		return 0, nil
	}
	return floor, err
}

func invalidCursor() error {
	const detail = `The cursor is not one that this caller was given. Use the cursor of an earlier answer, the id of an event, or "now".`
	return &partnerportal.Error{Status: http.StatusBadRequest, Code: "cursor_invalid", Detail: detail,
		Fields: []partnerportal.FieldError{{Pointer: "?cursor", Code: "invalid_value", Message: detail}}}
}

func expiredCursor(horizon time.Time) error {
	return &partnerportal.Error{Status: http.StatusGone, Code: partnerportal.ErrCursorExpired,
		Detail: "Events behind the cursor are no longer kept; the feed goes back to " + horizon.Format(time.RFC3339) + ". " +
			"Take a new cursor with GET /v1/events?cursor=now, read what you keep of deals, leads and the like from their lists, and go on from that cursor."}
}

func badFilter(pointer, code, message string) error {
	return &partnerportal.Error{Status: http.StatusBadRequest, Code: partnerportal.ErrValidation, Detail: message,
		Fields: []partnerportal.FieldError{{Pointer: pointer, Code: code, Message: message}}}
}

var _ contract.Server = (*Service)(nil)

// kind is a kind of resources that has events.
type kind struct {
	name  string // as events have it
	types string // what the types of its events begin with
	scope string // what a caller needs to read the resource, and so its events; the same for all kinds with these types
	path  string // where the resource is read
}

// A room that emits events has its rows here. Those of one scope stand together.
var kinds = []kind{
	{"deal", "deal", "deals:read", "/v1/deals/"},
	{"lead", "lead", "leads:read", "/v1/leads/"},
	{resource, resource, "webhooks:read", "/v1/webhook_endpoints/"},
	{"mdf_fund", "mdf", "mdf:read", "/v1/mdf/funds/"},
	{"mdf_allocation", "mdf", "mdf:read", "/v1/mdf/allocations/"},
	{"mdf_request", "mdf", "mdf:read", "/v1/mdf/requests/"},
	{"mdf_claim", "mdf", "mdf:read", "/v1/mdf/claims/"},
	{"program", "program", "program:read", "/v1/programs/"},
	{"partner", "partner", "program:read", "/v1/partners/"},
	{"membership", "membership", "program:read", "/v1/memberships/"},
	{"commission", "commission", "account:read", "/v1/commissions/"},
	{"payout", "payout", "account:read", "/v1/payouts/"},
	{"rebate", "rebate", "account:read", "/v1/rebates/"},
	{"asset", "asset", "assets:read", "/v1/assets/"},
	{"cobrand_job", "asset", "assets:read", "/v1/cobrand-jobs/"},
	{"product", "product", "catalog:read", "/v1/products/"},
	{"price_list", "price_list", "catalog:read", "/v1/price-lists/"},
	{"config_model", "config_model", "catalog:read", "/v1/config-models/"},
	{"configuration", "configuration", "catalog:read", "/v1/configurations/"},
	{"order", "order", "orders:read", "/v1/orders/"},
	{"quote", "quote", "quotes:read", "/v1/quotes/"},
	{"special_pricing", "special_pricing", "quotes:read", "/v1/special-pricing/"},
	{"price_policy", "price_policy", "quotes:review", "/v1/price-policies/"},
	{"quote_session", "session", "quotes:read", "/v1/sessions/"},
	{"learner", "learner", "training:read", "/v1/learners/"},
	{"course", "training", "training:read", "/v1/courses/"},
	{"learning_path", "training", "training:read", "/v1/learning-paths/"},
	{"class_session", "training", "training:read", "/v1/class-sessions/"},
	{"enrolment", "training", "training:read", "/v1/enrolments/"},
	{"training_rule", "training", "training:read", "/v1/training-rules/"},
	{"credential", "credential", "credentials:read", "/v1/credentials/"},
}

func kindOf(resourceType string) kind {
	i := slices.IndexFunc(kinds, func(k kind) bool { return k.name == resourceType })
	if i < 0 {
		return kind{name: resourceType}
	}
	return kinds[i]
}
