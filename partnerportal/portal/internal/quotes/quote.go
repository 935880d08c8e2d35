package quotes

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/quoting"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	contract "github.com/partnerportal/partnerportal-go/quotes"
)

// quoteResource is the type of quotes in the feed.
const quoteResource = "quote"

// record is a quote as it is stored: what the contract shows of it, and what only the portal knows.
type record struct {
	quoting.Stored

	Reminders []int `json:"reminders,omitempty"` // days before its end, as the policy had them when the end was set
	OwnTerm   bool  `json:"own_term,omitempty"`  // the partner has said until when it is valid
}

// dossier is a quote while one operation works on it.
type dossier struct {
	record

	refs      []partnerportal.ExternalRef // under which it is found now
	deadlines []deadline                  // that stand now
	told      []feed.Event
}

func decodeQuote(doc string) (*record, error) {
	r := new(record)
	if err := json.Unmarshal([]byte(doc), r); err != nil {
		return nil, fmt.Errorf("a quote: %w", err)
	}
	return r, nil
}

// readQuote returns a quote that the caller may know of.
func readQuote(ctx context.Context, c *call.Call, id string) (*record, error) {
	doc, err := c.Tx.Quote(ctx, id)
	if err != nil {
		return nil, call.OrNotFound(err, "quote")
	}
	r, err := decodeQuote(doc)
	if err != nil {
		return nil, err
	}
	if c.Caller.Side == partnerportal.SidePartner && r.PartnerID != c.Caller.PartnerID {
		return nil, call.NotFound("quote")
	}
	return r, nil
}

// lockQuote takes a quote out to be changed. Until the transaction ends nobody else does.
func lockQuote(ctx context.Context, c *call.Call, id string) (*dossier, error) {
	if err := c.Tx.Lock(ctx, "quote/"+id); err != nil {
		return nil, err
	}
	r, err := readQuote(ctx, c, id)
	if err != nil {
		return nil, err
	}
	return &dossier{record: *r, refs: slices.Clone(r.ExternalRefs), deadlines: r.due()}, nil
}

// openQuote takes a quote out for an action of the caller that its state must allow.
func openQuote(ctx context.Context, id, ifMatch string, action contract.Action) (*call.Call, *dossier, error) {
	c := call.From(ctx)
	if !offers.Concerns(by(c), action) {
		return nil, nil, problem.WrongSide(c.Caller.Side)
	}
	d, err := lockQuote(ctx, c, id)
	if err != nil {
		return nil, nil, err
	}
	if err := problem.Unchanged("The quote", ifMatch, d.Revision); err != nil {
		return nil, nil, err
	}
	if d.Status == contract.StatusSuperseded && slices.Contains(ofLatest, action) {
		return nil, nil, quoting.NotLatest(ctx, c.Tx, &d.Quote)
	}
	if (action == contract.ActionPresent || action == contract.ActionAccept) && d.over(c) {
		return nil, nil, tooLate(&d.record)
	}
	if !offers.Can(d.Status, by(c), action) {
		return nil, nil, problem.Untimely("quote", d.Status, action, d.allowed(c))
	}
	return c, d, nil
}

// over says that the last day of the quote is over. The clock decides, not the deadline, which may come late.
func (r *record) over(c *call.Call) bool {
	return r.Status == contract.StatusExpired || slices.Contains(offered, r.Status) && !c.Now.Before(r.ExpiresAt)
}

func tooLate(r *record) error {
	e := problem.New(http.StatusConflict, contract.ErrQuoteExpired, "The quote was valid until the end of "+r.ValidUntilOn.String()+". Revise it.")
	return problem.With(e, "expires_at", r.ExpiresAt)
}

// ofLatest are the actions for which the version before is the wrong one.
var ofLatest = []contract.Action{contract.ActionPresent, contract.ActionAccept, contract.ActionRevise}

// lastVersion returns the last version of a quote that the caller may know of.
func lastVersion(ctx context.Context, c *call.Call, id string) (*record, error) {
	r, err := readQuote(ctx, c, id)
	for err == nil && r.NextVersionID != "" {
		r, err = readQuote(ctx, c, r.NextVersionID)
	}
	return r, err
}

// enter changes the state, as the table has it.
func (d *dossier) enter(c *call.Call, action contract.Action, to contract.Status) error {
	return offers.Enter(&d.Status, by(c), action, to)
}

// tell notes what happened, to be published when the quote is saved.
func (d *dossier) tell(event string, facts map[string]any, changed ...string) {
	if facts == nil {
		facts = map[string]any{}
	}
	facts["number"], facts["version"] = d.Number, d.Version
	d.told = append(d.told, feed.Event{Type: event, Facts: facts, ChangedFields: changed})
}

// answer saves the quote and shows it.
func (d *dossier) answer(ctx context.Context, c *call.Call) (*contract.Quote, error) {
	if err := d.save(ctx, c); err != nil {
		return nil, err
	}
	return d.seenBy(c), nil
}

// save writes the quote with its references and deadlines, and says what happened.
func (d *dossier) save(ctx context.Context, c *call.Call) error {
	before := d.Revision
	d.Revision, d.UpdatedAt = before+1, c.Now
	if err := d.write(ctx, c, before); err != nil {
		return err
	}
	if err := d.saveRefs(ctx, c); err != nil {
		return err
	}
	if err := setDeadlines(ctx, c, d.ID, d.deadlines, d.due()); err != nil {
		return err
	}
	d.deadlines = d.due()
	return d.publish(ctx, c)
}

// publish says what happened.
func (d *dossier) publish(ctx context.Context, c *call.Call) error {
	told := d.told
	d.told = nil
	for _, e := range told {
		e.ResourceType, e.ResourceID, e.Revision = quoteResource, d.ID, d.Revision
		e.PartnerID, e.Audience, e.State = d.PartnerID, feed.Both, string(d.Status)
		if err := c.Emit(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// write stores the quote over the revision before.
func (d *dossier) write(ctx context.Context, c *call.Call, before int64) error {
	doc, err := json.Marshal(&d.record)
	if err != nil {
		return err
	}
	latest := int64(0)
	if d.Latest {
		latest = 1
	}
	if before == 0 {
		return c.Tx.InsertQuote(ctx, store.InsertQuoteParams{
			ID: d.ID, Number: d.Number, Version: int64(d.Version), Latest: latest, Bucket: store.Bucket(d.ID), PartnerID: d.PartnerID, DealID: d.DealID,
			SessionID: d.SessionID, SpecialPricingID: d.SpecialPricingID, Status: string(d.Status), Revision: d.Revision,
			CreatedAt: store.Micros(d.CreatedAt), UpdatedAt: store.Micros(d.UpdatedAt), Doc: string(doc),
		})
	}
	return store.Changed(c.Tx.UpdateQuote(ctx, store.UpdateQuoteParams{
		ID: d.ID, Revision: before, Latest: latest, SpecialPricingID: d.SpecialPricingID, Status: string(d.Status),
		UpdatedAt: store.Micros(d.UpdatedAt), Doc: string(doc),
	}))
}

// allowed is what the caller may do with the quote.
func (r *record) allowed(c *call.Call) []contract.Action {
	return slices.DeleteFunc(offers.Allowed(r.Status, c.Caller, domain), func(a contract.Action) bool {
		switch a {
		case contract.ActionPresent:
			return r.ApprovalNeeded || r.over(c)
		case contract.ActionRequestApproval:
			return !r.ApprovalNeeded
		case contract.ActionAccept:
			return r.over(c)
		case contract.ActionOrder:
			return !c.Caller.May("orders:write")
		case contract.ActionCreateDocument: // what nobody has seen expires and is revised, too
			return r.PresentedAt.IsZero()
		}
		return false
	})
}

// editable are the members that a partner may change in a draft.
var editable = []string{
	"/special_pricing_id", "/customer", "/contacts", "/parties", "/title", "/lines", "/adjustments", "/promotion_codes", "/valid_until_on", "/terms",
	"/notes", "/external_refs",
}

// seenBy is the quote with what the caller may do with it.
func (r *record) seenBy(c *call.Call) *contract.Quote {
	seen := r.Quote
	seen.CreatedBy = feed.ActorFor(seen.CreatedBy, c.Caller.Side)
	seen.Approvals = slices.Clone(seen.Approvals)
	for i := range seen.Approvals {
		seen.Approvals[i].DecidedBy = feed.ActorFor(seen.Approvals[i].DecidedBy, c.Caller.Side)
	}
	seen.AllowedActions, seen.EditableFields = r.allowed(c), []string{}
	if slices.Contains(seen.AllowedActions, contract.ActionUpdate) {
		seen.EditableFields = editable
	}
	return &seen
}

// Get returns a quote that the caller may know of.
func (s *Service) Get(ctx context.Context, quoteID string) (*contract.Quote, error) {
	c := call.From(ctx)
	r, err := readQuote(ctx, c, quoteID)
	if err != nil {
		return nil, err
	}
	return r.seenBy(c), nil
}

// line finds one of the quote's lines.
func (r *record) line(id string) *contract.Line {
	i := slices.IndexFunc(r.Lines, func(l contract.Line) bool { return l.ID == id })
	if i < 0 {
		return nil
	}
	return &r.Lines[i]
}
