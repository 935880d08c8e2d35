package deals

import (
	"context"
	"fmt"
	"net/http"
	"time"

	contract "github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
)

// extensionRefused says why a deal cannot be extended now, or nil.
func extensionRefused(r *record, now time.Time) error {
	switch p := r.Protection; {
	case r.Status != contract.StatusApproved || !isProtected(p.Status) || !now.Before(p.ExpiresAt):
		return problem.New(http.StatusConflict, contract.ErrNotProtected, "The deal has no protection that could be extended.")
	case r.PendingExtension != "":
		return problem.New(http.StatusConflict, contract.ErrExtensionPending, "An extension is waiting for its decision.")
	case p.ExtensionsRemaining <= 0:
		return problem.New(http.StatusConflict, contract.ErrExtensionLimit, "The protection was extended as often as the programme allows.")
	case now.Before(p.ExtensionOpensAt):
		e := problem.New(http.StatusConflict, contract.ErrExtensionNotOpen, "An extension can be asked for from "+p.ExtensionOpensAt.Format(time.RFC3339)+".")
		return problem.With(e, "extension_opens_at", p.ExtensionOpensAt)
	}
	return nil
}

// RequestExtension asks for a longer protection.
func (s *Service) RequestExtension(ctx context.Context, dealID string, body *contract.ExtensionRequest) (*contract.Extension, error) {
	c := call.From(ctx)
	if err := rightSide(c.Caller, contract.ActionRequestExtension); err != nil {
		return nil, err
	}
	d, err := s.open(ctx, c, dealID, "")
	if err != nil {
		return nil, err
	}
	if err := extensionRefused(&d.record, c.Now); err != nil {
		return nil, err
	}
	until := body.RequestedUntil
	if until.IsZero() {
		until = d.latestDay()
	}
	if err := d.checkUntil(until, "/requested_until"); err != nil {
		return nil, err
	}
	if body.Reason == "" {
		return nil, invalid(problem.Field("/reason", "required", "Say why."))
	}
	x := &contract.Extension{
		ID: ids.New(ids.Extension, c.Now), DealID: d.ID, Revision: 1, Status: contract.RequestStatusPending, RequestedUntil: until, Reason: body.Reason, CreatedAt: c.Now,
	}
	for _, e := range body.Evidence {
		x.Evidence = append(x.Evidence, evidence(c, e))
	}
	d.PendingExtension = x.ID
	d.tell(contract.EventExtensionRequested, map[string]any{"extension_id": x.ID, "until": until}, "/protection")
	if err := d.save(ctx, c); err != nil {
		return nil, err
	}
	return x, addPart(ctx, c, d.ID, part{id: x.ID, kind: partExtension, status: string(x.Status), createdAt: c.Now}, x)
}

// latestDay is the last day to which the programme extends the present protection.
func (d *dossier) latestDay() partnerportal.Date {
	return d.lastDay().AddDays(d.program.Deal.ExtensionDays)
}

func (d *dossier) checkUntil(until partnerportal.Date, pointer string) error {
	switch {
	case !until.After(d.lastDay()):
		return invalid(problem.Field(pointer, "out_of_range", "The protection lasts until "+d.lastDay().String()+" already."))
	case until.After(d.latestDay()):
		e := invalid(problem.Field(pointer, "out_of_range", fmt.Sprintf("The programme extends by %d days at most, until %s.", d.program.Deal.ExtensionDays, d.latestDay())))
		e.Code = contract.ErrExtensionTooLong
		return e
	}
	return nil
}

// ApproveExtension lengthens the protection.
func (s *Service) ApproveExtension(ctx context.Context, dealID, extensionID string, body *contract.ExtensionApproval) (*contract.Extension, error) {
	c, d, x, err := s.pendingExtension(ctx, dealID, extensionID, byVendor)
	if err != nil {
		return nil, err
	}
	x.GrantedUntil = body.GrantedUntil
	if x.GrantedUntil.IsZero() {
		x.GrantedUntil = x.RequestedUntil
	}
	if err := d.checkUntil(x.GrantedUntil, "/granted_until"); err != nil {
		return nil, err
	}
	d.Protection.Status = contract.ProtectionStatusExtended
	d.Protection.ExtensionsUsed++
	d.Protection.ExtensionsRemaining--
	d.endOn(x.GrantedUntil)
	d.tell(contract.EventExtensionApproved, map[string]any{"extension_id": x.ID, "until": x.GrantedUntil}, "/protection")
	return s.decideExtension(ctx, c, d, x, contract.RequestStatusApproved, body.Comment)
}

// RejectExtension refuses it.
func (s *Service) RejectExtension(ctx context.Context, dealID, extensionID string, body *contract.Decision) (*contract.Extension, error) {
	c, d, x, err := s.pendingExtension(ctx, dealID, extensionID, byVendor)
	if err != nil {
		return nil, err
	}
	d.tell(contract.EventExtensionRejected, map[string]any{"extension_id": x.ID}, "/protection")
	return s.decideExtension(ctx, c, d, x, contract.RequestStatusRejected, body.Reason)
}

// WithdrawExtension takes it back.
func (s *Service) WithdrawExtension(ctx context.Context, dealID, extensionID string) (*contract.Extension, error) {
	c, d, x, err := s.pendingExtension(ctx, dealID, extensionID, byPartner)
	if err != nil {
		return nil, err
	}
	d.tell(contract.EventUpdated, map[string]any{"extension_id": x.ID}, "/protection")
	return s.decideExtension(ctx, c, d, x, contract.RequestStatusWithdrawn, "")
}

func (s *Service) pendingExtension(ctx context.Context, dealID, extensionID string, by sides) (*call.Call, *dossier, *contract.Extension, error) {
	c := call.From(ctx)
	d, err := s.open(ctx, c, dealID, "")
	if err != nil {
		return nil, nil, nil, err
	}
	x, err := readPart[contract.Extension](ctx, c, d.ID, partExtension, extensionID)
	if err != nil {
		return nil, nil, nil, err
	}
	if sideOf(c.Caller) != by {
		return nil, nil, nil, problem.WrongSide(c.Caller.Side)
	}
	if x.Status != contract.RequestStatusPending {
		return nil, nil, nil, requestState(partExtension, x.Status)
	}
	return c, d, x, nil
}

// requestState refuses to decide twice.
func requestState(kind string, status contract.RequestStatus) error {
	e := problem.New(http.StatusConflict, partnerportal.ErrInvalidState, "The "+kind+" is "+string(status)+" already.")
	e.CurrentState, e.AllowedActions = string(status), []string{}
	return e
}

func (s *Service) decideExtension(ctx context.Context, c *call.Call, d *dossier, x *contract.Extension, status contract.RequestStatus, text string) (*contract.Extension, error) {
	d.PendingExtension = ""
	if err := d.save(ctx, c); err != nil {
		return nil, err
	}
	if err := closeExtension(ctx, c, x, status, text); err != nil {
		return nil, err
	}
	return extensionView(c, x), nil
}

func closeExtension(ctx context.Context, c *call.Call, x *contract.Extension, status contract.RequestStatus, text string) error {
	x.Revision++
	x.Status, x.DecidedAt, x.DecidedBy, x.DecisionText = status, c.Now, c.Caller.Actor(), text
	return changePart(ctx, c, x.ID, x.Revision, status, x)
}

// dropRequests takes back what waits for a decision about a deal that has ended.
func (s *Service) dropRequests(ctx context.Context, c *call.Call, d *dossier) error {
	const why = "The deal has ended."
	if d.PendingExtension != "" {
		x, err := readPart[contract.Extension](ctx, c, d.ID, partExtension, d.PendingExtension)
		if err != nil {
			return err
		}
		if err := c.As(call.System, func() error { return closeExtension(ctx, c, x, contract.RequestStatusWithdrawn, why) }); err != nil {
			return err
		}
	}
	if d.PendingAmendment != "" {
		a, err := readPart[contract.Amendment](ctx, c, d.ID, partAmendment, d.PendingAmendment)
		if err != nil {
			return err
		}
		if err := c.As(call.System, func() error { return closeAmendment(ctx, c, a, contract.RequestStatusWithdrawn, why) }); err != nil {
			return err
		}
	}
	d.PendingExtension, d.PendingAmendment = "", ""
	return nil
}
