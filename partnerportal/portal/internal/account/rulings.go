package account

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	contract "github.com/partnerportal/partnerportal-go/partnerportal/account"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
)

// rule takes a commission through an action: do changes what the table does not.
func (s *Service) rule(ctx context.Context, id, ifMatch string, action contract.CommissionAction, do func(c *call.Call, k *commission) error) (*contract.Commission, error) {
	c := call.From(ctx)
	i := slices.IndexFunc(commissionTable, func(t transition) bool { return t.action == action })
	t := commissionTable[i]
	if t.by != c.Caller.Side {
		return nil, problem.WrongSide(c.Caller.Side)
	}
	k, err := readCommission(ctx, c, id)
	if err != nil {
		return nil, err
	}
	if err := problem.Unchanged("The "+commissionResource, ifMatch, k.Revision); err != nil {
		return nil, err
	}
	if allowed := allowedOnCommission(k, c.Caller); !slices.Contains(allowed, action) {
		return nil, problem.Untimely(commissionResource, k.Status, action, allowed)
	}
	if err := do(c, k); err != nil {
		return nil, err
	}
	if t.to != "" {
		k.Status = t.to
	}
	if err := k.update(ctx, c, t.event); err != nil {
		return nil, err
	}
	return k.view(c), nil
}

// ApproveCommission makes an accrued commission due.
func (s *Service) ApproveCommission(ctx context.Context, commissionID, ifMatch string, _ *contract.Ruling) (*contract.Commission, error) {
	return s.rule(ctx, commissionID, ifMatch, contract.CommissionActionApprove, func(*call.Call, *commission) error { return nil })
}

// HoldCommission holds a commission back.
func (s *Service) HoldCommission(ctx context.Context, commissionID, ifMatch string, body *contract.Ruling) (*contract.Commission, error) {
	return s.rule(ctx, commissionID, ifMatch, contract.CommissionActionHold, func(_ *call.Call, k *commission) error {
		k.HeldFrom, k.Reason = k.Status, body.Reason
		return needReason(body.Reason)
	})
}

// ReleaseCommission makes a commission what it was before it was held.
func (s *Service) ReleaseCommission(ctx context.Context, commissionID, ifMatch string, body *contract.Ruling) (*contract.Commission, error) {
	return s.rule(ctx, commissionID, ifMatch, contract.CommissionActionRelease, func(_ *call.Call, k *commission) error {
		k.Status, k.HeldFrom, k.Reason = k.HeldFrom, "", body.Reason
		return nil
	})
}

// VoidCommission takes a commission out of all figures.
func (s *Service) VoidCommission(ctx context.Context, commissionID, ifMatch string, body *contract.Ruling) (*contract.Commission, error) {
	return s.rule(ctx, commissionID, ifMatch, contract.CommissionActionVoid, func(_ *call.Call, k *commission) error {
		k.Reason = body.Reason
		return needReason(body.Reason)
	})
}

// DisputeCommission keeps a commission from being paid until the vendor has decided.
func (s *Service) DisputeCommission(ctx context.Context, commissionID, ifMatch string, body *contract.Dispute) (*contract.Commission, error) {
	return s.rule(ctx, commissionID, ifMatch, contract.CommissionActionDispute, func(_ *call.Call, k *commission) error {
		k.DisputedFrom, k.Reason, k.Expected = k.Status, body.Reason, body.Expected
		if !body.Expected.IsZero() {
			return sameCurrency("/expected", body.Expected, k.Amount)
		}
		return nil
	})
}

// ResolveDispute decides on a disputed commission.
func (s *Service) ResolveDispute(ctx context.Context, commissionID, ifMatch string, body *contract.Resolution) (*contract.Commission, error) {
	return s.rule(ctx, commissionID, ifMatch, contract.CommissionActionResolve, func(c *call.Call, k *commission) error {
		k.Reason = body.Comment
		switch body.Outcome {
		case contract.DisputeOutcomeUpheld:
			k.Status, k.DisputedFrom = k.DisputedFrom, ""
		case contract.DisputeOutcomeVoid:
			k.Status = contract.CommissionStatusVoid
		case contract.DisputeOutcomeCorrected:
			k.Status = contract.CommissionStatusVoid
			return correct(ctx, c, k, body.Amount)
		default:
			return problem.Invalid("/outcome", "invalid_enum", "Use one of: upheld, void, corrected.")
		}
		return nil
	})
}

// correct accrues what a commission should have been.
func correct(ctx context.Context, c *call.Call, k *commission, amount partnerportal.Money) error {
	if err := payable("/amount", amount); err != nil {
		return err
	}
	if err := sameCurrency("/amount", amount, k.Amount); err != nil {
		return err
	}
	right := &commission{Commission: contract.Commission{
		PartnerID: k.PartnerID, PlanID: k.PlanID, Kind: k.Kind, Status: contract.CommissionStatusApproved, DealID: k.DealID, OrderID: k.OrderID, BasisAmount: k.BasisAmount,
		Amount: amount, EarnedAt: k.EarnedAt, DueOn: k.DueOn, Source: portalStamp(),
	}}
	return right.insert(ctx, c)
}

// ReverseCommission takes back what was paid, or a part of it.
func (s *Service) ReverseCommission(ctx context.Context, commissionID, ifMatch string, body *contract.Reversal) (*contract.Commission, error) {
	return s.rule(ctx, commissionID, ifMatch, contract.CommissionActionReverse, func(c *call.Call, k *commission) error {
		left := k.Amount
		if !k.TakenBack.IsZero() {
			var err error
			if left, err = k.Amount.Sub(k.TakenBack); err != nil {
				return err
			}
		}
		amount := body.Amount
		if amount.IsZero() {
			amount = left
		}
		if err := payable("/amount", amount); err != nil {
			return err
		}
		if err := sameCurrency("/amount", amount, left); err != nil {
			return err
		}
		if more, err := amount.Cmp(left); err != nil || more > 0 {
			return problem.With(problem.New(http.StatusConflict, contract.ErrReversalExceeds,
				"Only "+left.String()+" of the commission is left to be taken back."), "left", left)
		}
		return takeBack(ctx, c, k, amount, left, body.Reason)
	})
}

func takeBack(ctx context.Context, c *call.Call, k *commission, amount, left partnerportal.Money, reason string) error {
	negative, err := amount.Neg()
	if err != nil {
		return err
	}
	clawback := &commission{Commission: contract.Commission{
		PartnerID: k.PartnerID, PlanID: k.PlanID, Kind: contract.CommissionKindClawback, Status: contract.CommissionStatusApproved, DealID: k.DealID, OrderID: k.OrderID,
		Amount: negative, EarnedAt: c.Now, ReversalOf: k.ID, Reason: reason, Source: portalStamp(),
	}}
	if err := clawback.insert(ctx, c); err != nil {
		return err
	}
	if k.TakenBack.IsZero() {
		k.TakenBack = amount
	} else if k.TakenBack, err = k.TakenBack.Add(amount); err != nil {
		return err
	}
	k.Reason = reason
	if amount == left {
		k.Status = contract.CommissionStatusReversed
	}
	return nil
}

func needReason(reason string) error {
	if strings.TrimSpace(reason) == "" {
		return problem.Invalid("/reason", "required", "Say why: the partner reads it.")
	}
	return nil
}

// payable wants an amount that can be paid: above nothing, and no finer than the currency's minor unit.
func payable(pointer string, amount partnerportal.Money) error {
	if amount.IsZero() {
		return problem.Invalid(pointer, "required", "Give the amount.")
	}
	if !isPayable(amount) {
		return problem.Invalid(pointer, "out_of_range", "Give an amount above zero, no finer than the currency's smallest unit.")
	}
	return nil
}

func isPayable(amount partnerportal.Money) bool {
	whole, err := amount.Round()
	return err == nil && whole == amount && amount.Sign() > 0
}

func sameCurrency(pointer string, amount, other partnerportal.Money) error {
	if amount.Currency() != other.Currency() {
		return problem.Invalid(pointer, "currency_mismatch", "Give the amount in "+other.Currency()+".")
	}
	return nil
}
