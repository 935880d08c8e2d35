package mdf

import (
	"context"
	"errors"
	"fmt"
	"slices"

	contract "github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/states"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// claim is a claim as it is stored: what the contract shows of it, and what only the portal knows.
type claim struct {
	contract.Claim

	// Standing is, by activity, what this claim has in the account claimed.
	Standing map[string]partnerportal.Money `json:"standing,omitempty"`
}

// folder is a claim while one operation works on it, with the request that it belongs to once money moves.
type folder struct {
	claim

	request   *dossier
	deadlines []deadline
	told      []happened
}

// CreateClaim makes a draft.
func (s *Service) CreateClaim(ctx context.Context, body *contract.NewClaim) (*contract.Claim, error) {
	c := call.From(ctx)
	k, err := s.claimOf(ctx, c, body)
	if err != nil {
		return nil, err
	}
	k.tell(contract.EventClaimCreated, map[string]any{"number": k.Number, "request_id": k.RequestID})
	return k.answer(ctx, c)
}

// claimOf makes a claim of what was said. It is not saved yet.
func (s *Service) claimOf(ctx context.Context, c *call.Call, body *contract.NewClaim) (*folder, error) {
	if c.Caller.Side != partnerportal.SidePartner {
		return nil, problem.WrongSide(c.Caller.Side)
	}
	r, err := readRequest(ctx, c, body.RequestID)
	if errors.Is(err, partnerportal.ErrNotFound) {
		return nil, invalid(problem.Field("/request_id", "invalid_value", "Name one of your requests."))
	}
	if err != nil {
		return nil, err
	}
	if !slices.Contains(granted, r.Status) {
		return nil, invalidState("request", r.Status, contract.RequestAction("claim"), r.allowed(c))
	}
	number, err := c.Tx.NextNumber(ctx, kindClaim)
	if err != nil {
		return nil, err
	}
	k := &folder{claim: claim{Claim: contract.Claim{
		ID: ids.New(ids.Claim, c.Now), Number: fmt.Sprintf("C-%06d", number), PartnerID: r.PartnerID, FundID: r.FundID, AllocationID: r.AllocationID,
		RequestID: r.ID, Status: contract.ClaimStatusDraft, PayTo: body.PayTo, Results: body.Results, Lines: []contract.ClaimLine{},
		Livemode: c.Live, CreatedAt: c.Now,
	}}}
	return k, k.setLines(ctx, c, r, body.Lines)
}

// UpdateClaim changes a claim that is the partner's to write.
func (s *Service) UpdateClaim(ctx context.Context, id, ifMatch string, body *contract.ClaimPatch) (*contract.Claim, error) {
	c := call.From(ctx)
	k, err := openClaimFor(ctx, c, id, contract.ClaimActionUpdate, ifMatch)
	if err != nil {
		return nil, err
	}
	var fields []string
	var lines []contract.NewClaimLine
	apply(&fields, "/lines", body.Lines, &lines)
	apply(&fields, "/pay_to", body.PayTo, &k.PayTo)
	apply(&fields, "/results", body.Results, &k.Results)
	if slices.Contains(fields, "/lines") {
		r, err := readRequest(ctx, c, k.RequestID)
		if err != nil {
			return nil, err
		}
		if err := k.setLines(ctx, c, r, lines); err != nil {
			return nil, err
		}
	}
	k.tell(contract.EventClaimUpdated, nil, fields...)
	return k.answer(ctx, c)
}

func readClaim(ctx context.Context, c *call.Call, id string) (*claim, error) {
	doc, err := c.Tx.Claim(ctx, id)
	if err != nil {
		return nil, call.OrNotFound(err, "claim")
	}
	k, err := decode[claim](doc)
	if err != nil {
		return nil, err
	}
	if !mine(c, k.PartnerID) || c.Caller.Vendor() && k.Status == contract.ClaimStatusDraft {
		return nil, call.NotFound("claim")
	}
	return k, nil
}

// openClaim takes a claim out to be changed. Until the transaction ends nobody else does.
func openClaim(ctx context.Context, c *call.Call, id string) (*folder, error) {
	if r := rehearsing(ctx); r != nil {
		return r.claim(id)
	}
	if err := c.Tx.Lock(ctx, "mdf/claim/"+id); err != nil {
		return nil, err
	}
	k, err := readClaim(ctx, c, id)
	if err != nil {
		return nil, err
	}
	return &folder{claim: *k, deadlines: k.due()}, nil
}

// openClaimFor takes a claim out for an action of the caller that its state must allow.
func openClaimFor(ctx context.Context, c *call.Call, id string, action contract.ClaimAction, ifMatch string) (*folder, error) {
	if !claims.Concerns(states.SideOf(c.Caller), action) {
		return nil, problem.WrongSide(c.Caller.Side)
	}
	k, err := openClaim(ctx, c, id)
	if err != nil {
		return nil, err
	}
	if err := problem.Unchanged("It", ifMatch, k.Revision); err != nil {
		return nil, err
	}
	if !claims.Can(k.Status, states.SideOf(c.Caller), action) {
		return nil, invalidState("claim", k.Status, action, claims.Allowed(k.Status, c.Caller, domain))
	}
	return k, nil
}

// opensRequest takes out the request and the allocation that pays, once.
func (k *folder) opensRequest(ctx context.Context, c *call.Call) (err error) {
	if k.request != nil {
		return nil
	}
	if k.request, err = openRequest(ctx, c, k.RequestID); err != nil {
		return err
	}
	return k.request.opensPurse(ctx, c)
}

// enter changes the state, as the table has it.
func (k *folder) enter(c *call.Call, action contract.ClaimAction, to contract.ClaimStatus) error {
	return claims.Enter(&k.Status, states.SideOf(c.Caller), action, to)
}

func (k *folder) tell(event string, facts map[string]any, fields ...string) {
	k.told = append(k.told, happened{event: event, facts: facts, fields: fields})
}

// save writes the claim with its deadlines and says what happened; then the request, and the money that moved.
func (k *folder) save(ctx context.Context, c *call.Call) error {
	before := k.Revision
	k.Revision, k.UpdatedAt = before+1, c.Now
	if err := k.total(); err != nil {
		return err
	}
	if err := k.store(ctx, c, before); err != nil {
		return err
	}
	if k.request == nil {
		return nil
	}
	return k.request.save(ctx, c)
}

// store writes the claim over the revision before, and publishes what happened.
func (k *folder) store(ctx context.Context, c *call.Call, before int64) error {
	if r := rehearsing(ctx); r != nil {
		r.saveClaim(k)
		return nil
	}
	doc, err := encode(k.claim)
	if err != nil {
		return err
	}
	at := store.Micros(c.Now)
	if before == 0 {
		err = c.Tx.InsertClaim(ctx, store.InsertClaimParams{
			ID: k.ID, Number: k.Number, Bucket: store.Bucket(k.ID), PartnerID: k.PartnerID, FundID: k.FundID, RequestID: k.RequestID,
			Status: string(k.Status), Revision: k.Revision, CreatedAt: at, UpdatedAt: at, Doc: doc,
		})
	} else {
		err = store.Changed(c.Tx.UpdateClaim(ctx, store.UpdateClaimParams{ID: k.ID, Revision: before, Status: string(k.Status), UpdatedAt: at, Doc: doc}))
	}
	if err != nil {
		return err
	}
	if err := setDeadlines(ctx, c, k.ID, k.deadlines, k.due()); err != nil {
		return err
	}
	return k.publish(ctx, c)
}

// publish says what happened. A draft is nobody's business but the partner's.
func (k *folder) publish(ctx context.Context, c *call.Call) error {
	audience := feed.Both
	if k.SubmittedAt.IsZero() {
		audience = feed.Partner
	}
	for _, h := range k.told {
		if err := publish(ctx, c, feed.Event{
			Type: h.event, ResourceType: kindClaim, ResourceID: k.ID, Revision: k.Revision, PartnerID: k.PartnerID, Audience: audience,
			State: string(k.Status), Facts: h.facts, ChangedFields: h.fields,
		}); err != nil {
			return err
		}
	}
	k.told = nil
	return nil
}

// due are the deadlines of a claim: for changes that were asked for.
func (k *claim) due() []deadline {
	if k.Status == contract.ClaimStatusChangesRequested {
		return answerBy(k.Review.ChangesDueAt)
	}
	return nil
}

// total adds the lines up.
func (k *claim) total() (err error) {
	if len(k.Lines) == 0 {
		k.ClaimedTotal = partnerportal.Money{}
		return nil
	}
	currency := k.Lines[0].Spent.Currency()
	if k.ClaimedTotal, err = sum(currency, k.Lines, func(l *contract.ClaimLine) partnerportal.Money { return l.Claimed }); err != nil {
		return err
	}
	if k.Review.DecidedAt.IsZero() || k.Status == contract.ClaimStatusRejected {
		return nil
	}
	k.ApprovedTotal, err = sum(currency, k.Lines, func(l *contract.ClaimLine) partnerportal.Money { return l.ApprovedAmount })
	return err
}

func (k *folder) answer(ctx context.Context, c *call.Call) (*contract.Claim, error) {
	if err := k.save(ctx, c); err != nil {
		return nil, err
	}
	return k.seenBy(c), nil
}

// GetClaim returns a claim that the caller may know of.
func (s *Service) GetClaim(ctx context.Context, id string) (*contract.Claim, error) {
	c := call.From(ctx)
	k, err := readClaim(ctx, c, id)
	if err != nil {
		return nil, err
	}
	return k.seenBy(c), nil
}

func (k *claim) seenBy(c *call.Call) *contract.Claim {
	seen := k.Claim
	seen.AllowedActions, seen.EditableFields = claims.Allowed(k.Status, c.Caller, domain), []string{}
	if slices.Contains(seen.AllowedActions, contract.ClaimActionUpdate) {
		seen.EditableFields = []string{"/lines", "/pay_to", "/results"}
	}
	return &seen
}
