package deals

import (
	"context"
	"fmt"
	"net/http"
	"time"

	contract "github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// StartReview takes a submitted deal into review.
func (s *Service) StartReview(ctx context.Context, dealID, ifMatch string, body *contract.ReviewStart) (*contract.Deal, error) {
	c, d, err := s.act(ctx, dealID, ifMatch, contract.ActionStartReview)
	if err != nil {
		return nil, err
	}
	d.enter(contract.ActionStartReview)
	d.Review.StartedAt = c.Now
	d.Review.AssignedTo = c.Caller.Actor()
	if body.AssignedTo != "" {
		d.Review.AssignedTo = partnerportal.Actor{Side: partnerportal.SideVendor, Name: body.AssignedTo}
	}
	d.tell(contract.EventReviewStarted, nil, "/status", "/review")
	return s.answer(ctx, c, d)
}

// RequestChanges sends a deal back. The vendor's clock stands still meanwhile.
func (s *Service) RequestChanges(ctx context.Context, dealID, ifMatch string, body *contract.ChangeRequest) (*contract.Deal, error) {
	c, d, err := s.act(ctx, dealID, ifMatch, contract.ActionRequestChanges)
	if err != nil {
		return nil, err
	}
	var f faults
	for i, change := range body.Changes {
		if !isField(change.Pointer) {
			f.add(pointer("changes", i, "pointer"), "invalid_value", "Name a field of the registration, such as /amount.")
		}
		if change.Message == "" {
			f.add(pointer("changes", i, "message"), "required", "Say what is wrong with the field.")
		}
	}
	if len(body.Changes) == 0 {
		f.add("/changes", "required", "Name the fields to change.")
	}
	if body.Message == "" {
		f.add("/message", "required", "Say what is missing.")
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	d.enter(contract.ActionRequestChanges)
	d.SLALeft = max(0, d.Review.SLADueAt.Sub(c.Now))
	d.Review.SLADueAt = time.Time{}
	d.Review.ChangesRequested = body.Changes
	d.Review.ChangesDueAt = d.program.EndOfDay(d.program.Today(c.Now).AddDays(d.program.Deal.ChangesDueDays))
	d.Review.Reason = contract.DecisionReason{Code: "changes_requested", Text: body.Message, InternalNote: body.InternalNote}
	d.tell(contract.EventChangesRequested, map[string]any{"due_at": d.Review.ChangesDueAt}, "/status", "/review")
	return s.answer(ctx, c, d)
}

// overrideRule marks the step of an approval that sets conflicts aside; only the vendor sees it.
const overrideRule = "override"

// Approve approves a deal and starts its protection.
func (s *Service) Approve(ctx context.Context, dealID, ifMatch string, body *contract.Approval) (*contract.Deal, error) {
	c, d, err := s.act(ctx, dealID, ifMatch, contract.ActionApprove)
	if err != nil {
		return nil, err
	}
	if err := d.load(ctx, c); err != nil {
		return nil, err
	}
	if err := d.setAside(c, body.OverrideReason); err != nil {
		return nil, err
	}
	exclusivity, err := s.exclusivity(ctx, c, d, body.Exclusivity)
	if err != nil {
		return nil, err
	}
	d.approve(c, approval{exclusivity: exclusivity, days: body.ProtectionDays, comment: body.Comment, note: body.InternalNote, benefits: body.Benefits})
	return s.answer(ctx, c, d)
}

// setAside closes the conflicts that keep the deal from being approved, if the vendor gives a reason.
func (d *dossier) setAside(c *call.Call, reason string) error {
	var blocks []*conflict
	ids := []string{}
	for _, cf := range d.conflicts {
		if cf.blocks() {
			blocks, ids = append(blocks, cf), append(ids, cf.ID)
		}
	}
	if len(blocks) == 0 {
		return nil
	}
	if reason == "" {
		e := problem.New(http.StatusConflict, contract.ErrConflictUnresolved, fmt.Sprintf("%d conflicts keep the deal from being approved. Settle them, or give an override_reason.", len(ids)))
		return problem.With(e, "conflict_ids", ids)
	}
	for _, cf := range blocks {
		cf.Status, cf.dirty = contract.ConflictStatusDismissed, true
		// Not "by the vendor's ruling": an override does not say that there is no conflict.
		cf.Decision = contract.Resolution{Rationale: "The registration was approved in spite of the conflict.", DecidedBy: call.System.Actor(), DecidedAt: c.Now}
		d.tellTo(cf.audience(), contract.EventConflictResolved, cf.facts(), "/conflicts")
	}
	d.addStep(contract.ApprovalStep{RuleID: overrideRule, ApproverRole: "reviewer", Approver: c.Caller.Actor(), Status: "approved", DecidedAt: c.Now, Comment: reason})
	return nil
}

func (d *dossier) addStep(step contract.ApprovalStep) {
	step.Step = len(d.Review.Approvals) + 1
	d.Review.Approvals = append(d.Review.Approvals, step)
}

// approval is what a person or a rule grants.
type approval struct {
	exclusivity   contract.Exclusivity
	days          int // 0: as the programme has it
	comment, note string
	benefits      contract.Benefits
	rule          string
}

func (d *dossier) approve(c *call.Call, a approval) {
	rules := d.program.Deal
	d.enter(contract.ActionApprove)
	if a.days == 0 {
		a.days = rules.ProtectionDays
	}
	d.protect(c.Now, a.days, a.exclusivity)
	d.Benefits = a.benefits
	if d.Benefits == (contract.Benefits{}) {
		d.Benefits = contract.Benefits{DiscountPercent: rules.DiscountPercent, DiscountPolicyID: rules.DiscountPolicyID}
	}
	d.Review.DecidedAt = c.Now
	d.Review.Reason = contract.DecisionReason{Code: "approved", Text: a.comment, InternalNote: a.note}
	role := "reviewer"
	if a.rule != "" {
		role = "rule"
	}
	d.addStep(contract.ApprovalStep{RuleID: a.rule, ApproverRole: role, Approver: c.Caller.Actor(), Status: "approved", DecidedAt: c.Now, Comment: a.comment})
	d.tell(contract.EventApproved, map[string]any{"rule_id": a.rule}, "/status", "/review", "/benefits")
	d.tell(contract.EventProtectionStarted, map[string]any{"expires_at": d.Protection.ExpiresAt}, "/protection")
}

// Reject rejects a deal.
func (s *Service) Reject(ctx context.Context, dealID, ifMatch string, body *contract.Rejection) (*contract.Deal, error) {
	c, d, err := s.act(ctx, dealID, ifMatch, contract.ActionReject)
	if err != nil {
		return nil, err
	}
	if body.Code == "" {
		return nil, invalid(problem.Field("/code", "required", "Say why by a code."))
	}
	d.enter(contract.ActionReject)
	d.Outcome = contract.OutcomeNone
	d.Review.DecidedAt = c.Now
	d.Review.Reason = contract.DecisionReason{Code: string(body.Code), Text: body.Text, InternalNote: body.InternalNote}
	if d.Review.AppealedAt.IsZero() {
		d.Review.AppealUntil = d.program.EndOfDay(d.program.Today(c.Now).AddDays(d.program.Deal.AppealDays))
	}
	d.addStep(contract.ApprovalStep{ApproverRole: "reviewer", Approver: c.Caller.Actor(), Status: "rejected", DecidedAt: c.Now, Comment: body.Text})
	d.tell(contract.EventRejected, map[string]any{"code": body.Code}, "/status", "/outcome", "/review")
	return s.release(ctx, c, d)
}

// Appeal asks for a second look. The deal comes back to where it stood in the order, but not ahead of those who were approved, or
// who registered what it now disputes, in the meantime: those are conflicts to be settled.
func (s *Service) Appeal(ctx context.Context, dealID, ifMatch string, body *contract.Appeal) (*contract.Deal, error) {
	c, d, err := s.act(ctx, dealID, ifMatch, contract.ActionAppeal)
	if err != nil {
		return nil, err
	}
	if !guards[appealOpen](&d.record, c.Now) {
		detail := "The time to appeal is over."
		if !d.Review.AppealedAt.IsZero() {
			detail = "A rejection can be appealed once."
		}
		return nil, problem.New(http.StatusConflict, contract.ErrAppealClosed, detail)
	}
	var f faults
	if body.Text == "" {
		f.add("/text", "required", "Say why the decision should be looked at again.")
	}
	if len(body.Evidence) == 0 {
		f.add("/evidence", "required", "Add what supports the appeal.")
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	found, err := d.survey(ctx, c, d.Claim)
	if err != nil {
		return nil, err
	}
	d.dispute(c, found, nil)
	d.enter(contract.ActionAppeal)
	d.Outcome = contract.OutcomeOpen
	d.Review.AppealedAt, d.Review.DecidedAt = c.Now, time.Time{}
	d.Review.SLADueAt = c.Now.Add(time.Duration(d.program.Deal.ReviewSLAHours) * time.Hour)
	d.tell(contract.EventAppealed, nil, "/status", "/outcome", "/review")
	d.announceConflicts()
	if err := d.save(ctx, c); err != nil {
		return nil, err
	}
	if err := keepEvidence(ctx, c, d, body.Text, body.Evidence); err != nil {
		return nil, err
	}
	return view(c, &d.record), nil
}

// Reinstate protects an expired deal again.
func (s *Service) Reinstate(ctx context.Context, dealID, ifMatch string, body *contract.Reinstatement) (*contract.Deal, error) {
	c, d, err := s.act(ctx, dealID, ifMatch, contract.ActionReinstate)
	if err != nil {
		return nil, err
	}
	exclusivity, err := s.exclusivity(ctx, c, d, d.Protection.Exclusivity)
	if err != nil {
		return nil, err
	}
	days := body.ProtectionDays
	if days == 0 {
		days = d.program.Deal.ProtectionDays
	}
	d.enter(contract.ActionReinstate)
	d.Outcome, d.Close = contract.OutcomeOpen, contract.Close{}
	d.protect(c.Now, days, exclusivity)
	d.Review.Reason = contract.DecisionReason{Code: "reinstated", Text: body.Reason}
	d.tell(contract.EventReinstated, nil, "/status", "/outcome", "/review")
	d.tell(contract.EventProtectionStarted, map[string]any{"expires_at": d.Protection.ExpiresAt}, "/protection")
	return s.answer(ctx, c, d)
}

// Convert links a deal to the opportunity in the vendor's CRM, by which the vendor finds it from then on.
func (s *Service) Convert(ctx context.Context, dealID, ifMatch string, body *contract.ConversionReport) (*contract.Deal, error) {
	c, d, err := s.act(ctx, dealID, ifMatch, contract.ActionConvert)
	if err != nil {
		return nil, err
	}
	linked := body.OpportunityRef.System != "" && body.OpportunityRef.ID != ""
	switch {
	case linked == (body.Error != ""):
		return nil, invalid(problem.Field("/opportunity_ref", "required", "Give either the opportunity, or the error that kept it from being made."))
	case linked:
		if err := d.link(ctx, c, body); err != nil {
			return nil, err
		}
		d.tell(contract.EventConverted, nil, "/conversion")
	default:
		d.Conversion.Error = body.Error
		d.tell(contract.EventConversionFailed, nil, "/conversion")
	}
	return s.answer(ctx, c, d)
}

func (d *dossier) link(ctx context.Context, c *call.Call, body *contract.ConversionReport) error {
	if err := c.Tx.DropRefs(ctx, store.DropRefsParams{ResourceID: d.ID, Owner: vendorOwner}); err != nil {
		return err
	}
	if err := c.TakeRef(ctx, vendorOwner, resource, d.ID, body.OpportunityRef); isRefusal(err) {
		return invalid(problem.Field("/opportunity_ref", "duplicate_key", "Another deal is linked to this opportunity."))
	} else if err != nil {
		return err
	}
	d.Conversion = contract.Conversion{OpportunityRef: body.OpportunityRef, ConvertedAt: c.Now, Method: firstOf(string(body.Method), "auto")}
	return nil
}
