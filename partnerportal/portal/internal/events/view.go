package events

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	contract "github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// apiVersion is the contract that events are written in: that of the base path.
const apiVersion = "v1"

// Facts that leave the portal, by name, so that one that a room adds for its own use stays inside until somebody decides.
var (
	partnerFacts = []string{"accept_by", "activity_id", "amendment_id", "amount", "asset_id", "available", "channel", "claim_id", "clock", "code",
		"configuration_id", "conflict_id", "credential_id", "currency", "days", "deal_id", "definition_id", "disables_at", "due_at", "due_on",
		"ends_on", "entries", "expires_at", "extension_id", "failing_since", "fund_id", "invoice_id", "kind", "lapses_on", "learner_id",
		"ledger_sequence", "line_id", "lost_race", "mode", "number", "order_id", "part", "previous_tier_id", "priority", "program_id", "quantity",
		"quote_id", "reason", "reminder", "replaced_by_sku", "request_id", "requirement_id", "rule", "severity", "sku", "status", "tier_id", "until",
		"version"}
	vendorFacts = append([]string{"rule_id"}, partnerFacts...)
)

// own is the part of the feed that is meant for the caller's side, and partner.
func own(c *call.Call) store.Query {
	q := store.Query{Table: "events", Sort: "sequence", Columns: "sequence, id, type, resource_type, resource_id, revision, partner_id, " +
		"actor, facts, changed_fields, occurred_at, state, partner_state"}
	hidden := feed.Partner
	if !c.Caller.Vendor() {
		hidden = feed.Vendor
		q.Where("partner_id IN (?, ?)", c.Caller.PartnerID, feed.Everyone)
	}
	q.Where("audience <> ?", string(hidden))
	return q
}

// visible is what the caller may read of its own part.
func visible(c *call.Call) store.Query {
	q := own(c)
	readable := []string{""} // no kind at all: a caller may have none of the scopes
	for _, k := range kinds {
		if c.Caller.May(k.scope) {
			readable = append(readable, k.name)
		}
	}
	store.WhereIn(&q, "resource_type", readable)
	return q
}

// filter keeps what the caller asks for.
func filter(q *store.Query, params *contract.ListParams) {
	store.WhereIn(q, "resource_type", params.ResourceType)
	store.WhereIn(q, "partner_id", params.PartnerID)
	if params.ResourceID != "" {
		q.Where("resource_id = ?", params.ResourceID)
	}
	var conditions []string
	var args []any
	for _, t := range params.Type {
		if prefix, ok := strings.CutSuffix(t, "*"); ok { // not LIKE, to which the underscores of names are wildcards
			conditions, args = append(conditions, "substr(type, 1, "+strconv.Itoa(len(prefix))+") = ?"), append(args, prefix)
			continue
		}
		conditions, args = append(conditions, "type = ?"), append(args, t)
	}
	if len(conditions) > 0 {
		q.Where("("+strings.Join(conditions, " OR ")+")", args...)
	}
}

// event is an event as the reader sees it, and its place.
type event struct {
	contract.Event

	sequence int64
}

func scan(c *call.Call) func(dest func(...any) error) (event, error) {
	return func(dest func(...any) error) (event, error) {
		e := event{Event: contract.Event{APIVersion: apiVersion, Live: c.Live}}
		var partnerState, actor, facts, changed string
		var occurredAt int64
		if err := dest(&e.sequence, &e.ID, &e.Type, &e.Subject.Type, &e.Subject.ID, &e.Subject.Version, &e.Tenant,
			&actor, &facts, &changed, &occurredAt, &e.Data.State, &partnerState); err != nil {
			return event{}, err
		}
		if err := errors.Join(json.Unmarshal([]byte(actor), &e.Data.Actor), json.Unmarshal([]byte(facts), &e.Data.Facts),
			json.Unmarshal([]byte(changed), &e.Data.ChangedFields)); err != nil {
			return event{}, fmt.Errorf("event %s: %w", e.ID, err)
		}
		e.Timestamp = store.Time(occurredAt)
		if e.Tenant == "" || e.Tenant == feed.Everyone {
			e.Tenant = string(partnerportal.SideVendor)
		}
		e.Subject.URL = kindOf(e.Subject.Type).path + url.PathEscape(e.Subject.ID) // a SKU may have a slash
		shown := vendorFacts
		if !c.Caller.Vendor() {
			shown, e.Data.State = partnerFacts, cmp.Or(partnerState, e.Data.State)
		}
		maps.DeleteFunc(e.Data.Facts, func(name string, _ any) bool { return !slices.Contains(shown, name) })
		e.Data.Actor = feed.ActorFor(e.Data.Actor, c.Caller.Side)
		e.Data.Actor.Name = "" // it may be somebody's
		return e, nil
	}
}
