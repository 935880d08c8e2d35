package quotes

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/states"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/quotes"
)

// specialResource is the type of special pricing in the feed.
const specialResource = "special_pricing"

// special is special pricing that an operation works on. What depends on the reader is empty; see seenBy.
type special struct {
	contract.SpecialPricing

	before []deadline // that stand in the database
	told   []feed.Event
}

func decodeSpecial(doc string) (*special, error) {
	b := new(special)
	if err := json.Unmarshal([]byte(doc), &b.SpecialPricing); err != nil {
		return nil, fmt.Errorf("special pricing: %w", err)
	}
	b.before = b.due()
	return b, nil
}

// readSpecial returns special pricing that the caller may know of. What was never sent to the vendor is nobody's business but the partner's.
func readSpecial(ctx context.Context, c *call.Call, id string) (*special, error) {
	doc, err := c.Tx.SpecialPricing(ctx, id)
	if err != nil {
		return nil, call.OrNotFound(err, "special pricing")
	}
	b, err := decodeSpecial(doc)
	if err != nil {
		return nil, err
	}
	if c.Caller.Side == partnerportal.SidePartner && b.PartnerID != c.Caller.PartnerID ||
		c.Caller.Vendor() && b.SubmittedAt.IsZero() {
		return nil, call.NotFound("special pricing")
	}
	return b, nil
}

// lockSpecial is [readSpecial] for a change: until the transaction ends nobody else makes one.
func lockSpecial(ctx context.Context, c *call.Call, id string) (*special, error) {
	if err := c.Tx.Lock(ctx, "special_pricing/"+id); err != nil {
		return nil, err
	}
	return readSpecial(ctx, c, id)
}

// openSpecial takes special pricing out for an action of the caller that its state must allow.
func openSpecial(ctx context.Context, id, ifMatch string, action contract.SpecialPricingAction) (*call.Call, *special, error) {
	c := call.From(ctx)
	b, err := lockSpecial(ctx, c, id)
	if err != nil {
		return nil, nil, err
	}
	if err := problem.Unchanged("The special pricing", ifMatch, b.Revision); err != nil {
		return nil, nil, err
	}
	if action == contract.SpecialPricingActionAcceptCounter && b.Status == contract.SpecialPricingStatusCountered && b.over(c) {
		return nil, nil, problem.InvalidState("The offer stood until the end of "+b.ValidUntilOn.String()+": ask anew.", b.Status, b.allowed(c))
	}
	return c, b, specials.Check("special pricing", b.Status, action, c.Caller, b.allowed(c))
}

func (b *special) allowed(c *call.Call) []contract.SpecialPricingAction {
	return slices.DeleteFunc(specials.Allowed(b.Status, c.Caller, domain), func(a contract.SpecialPricingAction) bool {
		return a == contract.SpecialPricingActionAcceptCounter && b.over(c)
	})
}

// over says that the time of the special pricing, or of the vendor's offer, is over. The clock decides, not the deadline, which may come late.
func (b *special) over(c *call.Call) bool {
	return !c.Now.Before(b.ExpiresAt)
}

// tell notes what happened, to be published when the special pricing is saved.
func (b *special) tell(event string, facts map[string]any, changed ...string) {
	if facts == nil {
		facts = map[string]any{}
	}
	facts["number"], facts["quote_id"] = b.Number, b.QuoteID
	b.told = append(b.told, feed.Event{Type: event, Facts: facts, ChangedFields: changed})
}

// answer saves the special pricing and shows it.
func (b *special) answer(ctx context.Context, c *call.Call) (*contract.SpecialPricing, error) {
	if err := b.save(ctx, c); err != nil {
		return nil, err
	}
	return b.seenBy(c), nil
}

// save writes the special pricing with its deadline, and says what happened.
func (b *special) save(ctx context.Context, c *call.Call) error {
	read := b.Revision
	b.Revision, b.UpdatedAt = read+1, c.Now
	if err := b.write(ctx, c, read); err != nil {
		return err
	}
	if err := setDeadlines(ctx, c, b.ID, b.before, b.due()); err != nil {
		return err
	}
	b.before = b.due()
	told := b.told
	b.told = nil
	for _, e := range told {
		e.ResourceType, e.ResourceID, e.Revision, e.PartnerID, e.State = specialResource, b.ID, b.Revision, b.PartnerID, string(b.Status)
		e.Audience = feed.Both
		if e.Type == contract.EventSpecialPricingCreated || b.SubmittedAt.IsZero() {
			e.Audience = feed.Partner
		}
		if err := c.Emit(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// due is when the special pricing, or the vendor's offer, expires.
func (b *special) due() []deadline {
	if !specials.Can(b.Status, states.Portal, specialExpire) {
		return nil
	}
	return []deadline{{timerSpecial, b.ExpiresAt}}
}

func (b *special) write(ctx context.Context, c *call.Call, read int64) error {
	doc, err := json.Marshal(&b.SpecialPricing)
	if err != nil {
		return err
	}
	submitted := int64(0)
	if !b.SubmittedAt.IsZero() {
		submitted = 1
	}
	if read == 0 {
		return c.Tx.InsertSpecialPricing(ctx, store.InsertSpecialPricingParams{
			ID: b.ID, Number: b.Number, Bucket: store.Bucket(b.ID), PartnerID: b.PartnerID, QuoteID: b.QuoteID, DealID: b.DealID, Status: string(b.Status),
			Submitted: submitted, Revision: b.Revision, CreatedAt: store.Micros(b.CreatedAt), UpdatedAt: store.Micros(b.UpdatedAt), Doc: string(doc),
		})
	}
	return store.Changed(c.Tx.UpdateSpecialPricing(ctx, store.UpdateSpecialPricingParams{
		ID: b.ID, Revision: read, Status: string(b.Status), Submitted: submitted, UpdatedAt: store.Micros(b.UpdatedAt), Doc: string(doc),
	}))
}

// seenBy is the special pricing with what the caller may do with it.
func (b *special) seenBy(c *call.Call) *contract.SpecialPricing {
	seen := b.SpecialPricing
	seen.DecidedBy = feed.ActorFor(seen.DecidedBy, c.Caller.Side)
	seen.AllowedActions, seen.EditableFields = b.allowed(c), []string{}
	if slices.Contains(seen.AllowedActions, contract.SpecialPricingActionUpdate) {
		seen.EditableFields = []string{"/lines", "/justification", "/competitor", "/evidence_file_ids"}
	}
	return &seen
}

// GetSpecialPricing returns special pricing that the caller may know of.
func (s *Service) GetSpecialPricing(ctx context.Context, id string) (*contract.SpecialPricing, error) {
	c := call.From(ctx)
	b, err := readSpecial(ctx, c, id)
	if err != nil {
		return nil, err
	}
	return b.seenBy(c), nil
}

// ListSpecialPricingActivity returns a page of the timeline of special pricing.
func (s *Service) ListSpecialPricingActivity(ctx context.Context, id string, p *contract.ListSpecialPricingActivityParams) (*partnerportal.ActivityPage, error) {
	c := call.From(ctx)
	b, err := readSpecial(ctx, c, id)
	if err != nil {
		return nil, err
	}
	return feed.Timeline(ctx, c.Tx, b.ID, c.Caller.Side, b.PartnerID, store.Page{Cursor: p.Cursor, Limit: p.Limit, Segment: p.Segment}, specialSentences.For)
}

// specialSentences say what happened to special pricing, to the partner and to the vendor.
var specialSentences = feed.Sentences{
	contract.EventSpecialPricingCreated:          {"You made the request.", "The partner made the request."},
	contract.EventSpecialPricingUpdated:          {"You changed the request.", "The partner changed the request."},
	contract.EventSpecialPricingSubmitted:        {"You asked for special pricing.", "The partner asks for special pricing."},
	contract.EventSpecialPricingChangesRequested: {"The vendor asks you for changes.", "The partner was asked for changes."},
	contract.EventSpecialPricingCountered:        {"The vendor offers other prices.", "Other prices were offered."},
	contract.EventSpecialPricingApproved:         {"The special prices can be used.", "The special prices can be used."},
	contract.EventSpecialPricingRejected:         {"The vendor refused the request.", "The request was refused."},
	contract.EventSpecialPricingWithdrawn:        {"You took the request back.", "The partner took the request back."},
	contract.EventSpecialPricingExpired:          {"The special prices expired.", "The special prices expired."},
	contract.EventSpecialPricingUsed:             {"An order used special prices.", "An order used special prices."},
	contract.EventSpecialPricingReturned:         {"Units that were canceled can be ordered again.", "Units that were canceled can be ordered again."},
	contract.EventSpecialPricingConsumed:         {"All units have been ordered.", "All units have been ordered."},
}
