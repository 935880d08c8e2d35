package account

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	contract "github.com/partnerportal/partnerportal-go/partnerportal/account"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/figures"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// commission is a commission as it is stored. What depends on the reader is empty.
type commission struct {
	contract.Commission

	HeldFrom     contract.CommissionStatus `json:"held_from,omitzero"`     // to which a release goes back
	DisputedFrom contract.CommissionStatus `json:"disputed_from,omitzero"` // to which an upheld one goes back

	counted []figures.Part // what it adds to its partner's sums now
}

// parts are what a commission adds to its partner's sums.
func (k *commission) parts() []figures.Part {
	part := figures.Part{Amount: k.Amount, Count: 1}
	switch k.Status {
	case contract.CommissionStatusPending:
		part.Name = figures.CommissionsPending
	case contract.CommissionStatusApproved, contract.CommissionStatusScheduled:
		part.Name = figures.CommissionsDue
	case contract.CommissionStatusOnHold, contract.CommissionStatusDisputed:
		part.Name = figures.CommissionsOnHold
	case contract.CommissionStatusPaid, contract.CommissionStatusReversed:
		part.Name, part.Day = figures.CommissionsPaid, k.PaidOn
	default:
		return nil
	}
	return []figures.Part{part}
}

func decodeCommission(doc string) (*commission, error) {
	k := new(commission)
	if err := json.Unmarshal([]byte(doc), k); err != nil {
		return nil, fmt.Errorf("a commission: %w", err)
	}
	k.counted = k.parts()
	return k, nil
}

func readCommission(ctx context.Context, c *call.Call, id string) (*commission, error) {
	doc, err := c.Tx.Commission(ctx, id)
	if err != nil {
		return nil, call.OrNotFound(err, commissionResource)
	}
	k, err := decodeCommission(doc)
	if err != nil {
		return nil, err
	}
	return k, mayKnow(c, k.PartnerID, commissionResource)
}

// insert stores a new commission and tells of it.
func (k *commission) insert(ctx context.Context, c *call.Call) error {
	k.ID, k.Revision, k.CreatedAt, k.UpdatedAt = ids.New(ids.Commission, c.Now), 1, c.Now, c.Now
	doc, err := json.Marshal(k)
	if err != nil {
		return err
	}
	if err := c.Tx.InsertCommission(ctx, store.InsertCommissionParams{
		ID: k.ID, Bucket: store.Bucket(k.ID), PartnerID: k.PartnerID, Status: string(k.Status), Kind: string(k.Kind), Currency: k.Amount.Currency(),
		DealID: k.DealID, OrderID: k.OrderID, PayoutID: k.PayoutID, EarnedAt: store.Micros(k.EarnedAt), Revision: 1,
		CreatedAt: store.Micros(c.Now), UpdatedAt: store.Micros(c.Now), Doc: string(doc),
	}); err != nil {
		return err
	}
	if err := k.count(ctx, c); err != nil {
		return err
	}
	return k.tell(ctx, c, contract.EventCommissionAccrued)
}

// update stores a commission that was changed, and tells of it; without an event it is for a payout to tell.
func (k *commission) update(ctx context.Context, c *call.Call, event string) error {
	read := k.Revision
	k.Revision, k.UpdatedAt = read+1, c.Now
	doc, err := json.Marshal(k)
	if err != nil {
		return err
	}
	if err := store.Changed(c.Tx.UpdateCommission(ctx, store.UpdateCommissionParams{
		ID: k.ID, Revision: read, Status: string(k.Status), PayoutID: k.PayoutID, UpdatedAt: store.Micros(c.Now), Doc: string(doc),
	})); err != nil {
		return err
	}
	if err := k.count(ctx, c); err != nil || event == "" {
		return err
	}
	return k.tell(ctx, c, event)
}

func (k *commission) count(ctx context.Context, c *call.Call) error {
	now := k.parts()
	if err := figures.Move(ctx, c.Tx, k.PartnerID, c.Now, k.counted, now); err != nil {
		return err
	}
	k.counted = now
	return nil
}

func (k *commission) tell(ctx context.Context, c *call.Call, event string) error {
	facts := map[string]any{"kind": k.Kind, "deal_id": k.DealID}
	if k.OrderID != "" {
		facts["order_id"] = k.OrderID
	}
	return c.Emit(ctx, feed.Event{
		Type: event, ResourceType: commissionResource, ResourceID: k.ID, Revision: k.Revision, PartnerID: k.PartnerID, Audience: feed.Both,
		Facts: facts, ChangedFields: []string{"/status"}, State: string(k.Status),
	})
}

// view is the commission as the caller sees it.
func (k *commission) view(c *call.Call) *contract.Commission {
	seen := k.Commission
	seen.AllowedActions = allowedOnCommission(k, c.Caller)
	return &seen
}

// GetCommission returns a commission.
func (s *Service) GetCommission(ctx context.Context, commissionID string) (*contract.Commission, error) {
	c := call.From(ctx)
	k, err := readCommission(ctx, c, commissionID)
	if err != nil {
		return nil, err
	}
	return k.view(c), nil
}

// ListCommissions returns a page of commissions: a partner's own, or all of them to the vendor.
func (s *Service) ListCommissions(ctx context.Context, params *contract.ListCommissionsParams) (*contract.CommissionPage, error) {
	c := call.From(ctx)
	q := store.Query{Table: "commissions", Page: store.Page{Cursor: params.Cursor, Limit: params.Limit, Segment: params.Segment}}
	if err := q.OrderBy(params.Sort); err != nil {
		return nil, err
	}
	if err := onlyPartner(&q, c, params.PartnerID); err != nil {
		return nil, err
	}
	store.WhereIn(&q, "status", params.Status)
	store.WhereIn(&q, "kind", params.Kind)
	if params.PayoutID != "" {
		q.Where("payout_id = ?", params.PayoutID)
	}
	if params.DealID != "" {
		q.Where("deal_id = ?", params.DealID)
	}
	if params.OrderID != "" {
		q.Where("order_id = ?", params.OrderID)
	}
	q.UpdatedSince(params.UpdatedSince)
	items, next, err := store.List(ctx, c.Tx, q, func(dest func(...any) error) (contract.Commission, error) {
		var doc string
		if err := dest(&doc); err != nil {
			return contract.Commission{}, err
		}
		k, err := decodeCommission(doc)
		if err != nil {
			return contract.Commission{}, err
		}
		return *k.view(c), nil
	})
	if err != nil {
		return nil, err
	}
	return &contract.CommissionPage{Items: items, Page: partnerportal.PageInfo{NextCursor: next}}, nil
}

// transition is one line of the table: in these states, this side may do this, and it leads there; "" is for the operation to say.
type transition struct {
	action contract.CommissionAction
	from   []contract.CommissionStatus
	by     partnerportal.Side
	to     contract.CommissionStatus
	event  string
}

type commissionStates = []contract.CommissionStatus

// The states of commissions that people act on.
const (
	pending  = contract.CommissionStatusPending
	approved = contract.CommissionStatusApproved
	held     = contract.CommissionStatusOnHold
	disputed = contract.CommissionStatusDisputed
	paid     = contract.CommissionStatusPaid
	void     = contract.CommissionStatusVoid
)

// commissionTable is all that people do with commissions. What a payout does with them is in payouts.go.
var commissionTable = []transition{
	{contract.CommissionActionApprove, commissionStates{pending}, partnerportal.SideVendor, approved, contract.EventCommissionApproved},
	{contract.CommissionActionHold, commissionStates{pending, approved}, partnerportal.SideVendor, held, contract.EventCommissionHeld},
	{contract.CommissionActionRelease, commissionStates{held}, partnerportal.SideVendor, "", contract.EventCommissionReleased},
	{contract.CommissionActionDispute, commissionStates{pending, approved, held}, partnerportal.SidePartner, disputed, contract.EventCommissionDisputed},
	{contract.CommissionActionResolve, commissionStates{disputed}, partnerportal.SideVendor, "", contract.EventCommissionResolved},
	{contract.CommissionActionVoid, commissionStates{pending, approved, held}, partnerportal.SideVendor, void, contract.EventCommissionVoided},
	{contract.CommissionActionReverse, commissionStates{paid}, partnerportal.SideVendor, "", contract.EventCommissionReversed},
}

// scopeOf is what a caller of a side needs to change commissions.
var scopeOf = map[partnerportal.Side]string{partnerportal.SidePartner: "account:write", partnerportal.SideVendor: "account:review"}

func allowedOnCommission(k *commission, caller call.Caller) []contract.CommissionAction {
	actions := []contract.CommissionAction{}
	for _, t := range commissionTable {
		if t.by == caller.Side && slices.Contains(t.from, k.Status) && caller.May(scopeOf[t.by]) && k.Kind != contract.CommissionKindClawback {
			actions = append(actions, t.action) // a claw-back stands: it is itself the answer to a mistake
		}
	}
	return actions
}
