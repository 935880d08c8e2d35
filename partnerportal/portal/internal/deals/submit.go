package deals

import (
	"context"
	"slices"
	"time"

	contract "github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
)

// Register creates and submits a deal at once, or nothing.
func (s *Service) Register(ctx context.Context, body *contract.Registration) (*contract.Deal, error) {
	c := call.From(ctx)
	d, partner, err := s.begin(ctx, c, body)
	if err != nil {
		return nil, err
	}
	if err := s.submit(ctx, c, d, partner); err != nil {
		return nil, err
	}
	return view(c, &d.record), nil
}

// Submit submits a draft.
func (s *Service) Submit(ctx context.Context, dealID, ifMatch string, body *contract.Submission) (*contract.Deal, error) {
	c, d, err := s.act(ctx, dealID, ifMatch, contract.ActionSubmit)
	if err != nil {
		return nil, err
	}
	if body.TermsAccepted && d.TermsAcceptedAt.IsZero() {
		d.TermsAcceptedAt = c.Now
	}
	p, partner, err := mayRegister(ctx, c, d.PartnerID, "")
	if err != nil {
		return nil, err
	}
	d.program, d.ProgramID = p, p.ID // the partner may have moved on since it wrote the draft
	if err := s.submit(ctx, c, d, partner); err != nil {
		return nil, err
	}
	return view(c, &d.record), nil
}

// submit checks a draft, finds its place in the order, and approves it where a rule does.
func (s *Service) submit(ctx context.Context, c *call.Call, d *dossier, partner *policy.Partner) error {
	if err := s.complete(ctx, c, d, partner); err != nil {
		return err
	}
	d.Claim = claimOf(&d.Deal)
	if err := s.meet(ctx, c, d, nil); err != nil {
		return err
	}
	if err := s.takePriority(ctx, c, d); err != nil {
		return err
	}
	first := d.Telemetry.SubmittedAt.IsZero()
	measure(&d.Deal, c.Now)
	d.enter(contract.ActionSubmit)
	d.Review = contract.Review{SLADueAt: c.Now.Add(time.Duration(d.program.Deal.ReviewSLAHours) * time.Hour)}
	d.tell(contract.EventSubmitted, map[string]any{"priority": d.Priority}, "/status", "/priority", "/registered_at")
	if first { // what is recalled and sent again is not measured twice
		d.carry(timed(d))
	}
	d.announceConflicts()
	if err := d.save(ctx, c); err != nil {
		return err
	}
	return s.autoApprove(ctx, c, d, partner)
}

// complete fills in what is known or understood, and refuses what is missing or not allowed.
func (s *Service) complete(ctx context.Context, c *call.Call, d *dossier, partner *policy.Partner) error {
	s.enrich(ctx, &d.Deal)
	unnamed, unplaced := d.Name == "", d.Territory == ""
	fillDefaults(&d.Deal)
	source := portalStamp("", time.Time{}, c.Now)
	if unnamed && d.Name != "" {
		stamp(&d.Deal, source, "/name")
	}
	if unplaced && d.Territory != "" {
		stamp(&d.Deal, source, "/territory")
	}
	var f faults
	f.checkSubmission(&d.Deal, d.program, d.program.Today(c.Now))
	if err := f.err(); err != nil {
		return err
	}
	return authorised(&d.Deal, partner)
}

// takePriority puts the deal behind all that were registered before. The counter is locked until the transaction ends, so that
// numbers, times and commits come in one order.
func (s *Service) takePriority(ctx context.Context, c *call.Call, d *dossier) error {
	priority, err := c.Tx.NextNumber(ctx, "priority")
	if err != nil {
		return err
	}
	at, err := c.Tx.RaiseCounter(ctx, store.RaiseCounterParams{Name: "registered_at", Value: store.Micros(c.Now)})
	if err != nil {
		return err
	}
	d.Priority, d.RegisteredAt = priority, store.Time(at)
	return nil
}

// measure says how long the registration took, by the portal's clock.
func measure(d *contract.Deal, now time.Time) {
	t := &d.Telemetry
	t.SubmittedAt = now
	if !t.FormOpenedAt.IsZero() {
		t.ElapsedSeconds = int(now.Sub(t.FormOpenedAt) / time.Second)
		t.ActiveSeconds = min(t.ActiveSeconds, t.ElapsedSeconds)
	}
	t.FieldsPrefilled += len(d.Prefilled)
}

// timed is what the measurement of the programme needs of a registration.
func timed(d *dossier) feed.Timed {
	t := d.Telemetry
	filled := d.Filled
	for _, p := range d.Prefilled {
		filled = append(slices.Clip(filled), p.Pointer)
	}
	return feed.Timed{Flow: "deal_registration", ProgramID: d.ProgramID, Started: t.FormOpenedAt, Filled: filled, Timing: partnerportal.Timing{
		ActiveSeconds: t.ActiveSeconds, FieldsTyped: t.FieldsTyped, FieldsPrefilled: t.FieldsPrefilled, Typed: d.Typed,
	}}
}

// autoApprove approves what a rule allows and nobody disputes.
func (s *Service) autoApprove(ctx context.Context, c *call.Call, d *dossier, partner *policy.Partner) error {
	rule, ok := autoApproval(&d.Deal, d.program.Deal, partner)
	if !ok || len(d.conflicts) > 0 {
		return nil
	}
	exclusivity, err := s.exclusivity(ctx, c, d, "")
	if isRefusal(err) { // somebody is protected: for a person to decide
		return nil
	}
	if err != nil {
		return err
	}
	return c.As(call.System, func() error {
		d.approve(c, approval{exclusivity: exclusivity, rule: rule.ID})
		return d.save(ctx, c)
	})
}

// Recall takes a submitted deal back to draft. Its place in the order is given up.
func (s *Service) Recall(ctx context.Context, dealID, ifMatch string) (*contract.Deal, error) {
	c, d, err := s.act(ctx, dealID, ifMatch, contract.ActionRecall)
	if err != nil {
		return nil, err
	}
	d.enter(contract.ActionRecall)
	d.Priority, d.RegisteredAt, d.Review, d.Claim = 0, time.Time{}, contract.Review{}, claim{}
	d.tell(contract.EventRecalled, nil, "/status", "/priority", "/registered_at")
	return s.release(ctx, c, d)
}

// Resubmit answers a request for changes. In time, the deal keeps its place in the order.
func (s *Service) Resubmit(ctx context.Context, dealID, ifMatch string) (*contract.Deal, error) {
	c, d, err := s.act(ctx, dealID, ifMatch, contract.ActionResubmit)
	if err != nil {
		return nil, err
	}
	_, partner, err := mayRegister(ctx, c, d.PartnerID, "")
	if err != nil {
		return nil, err
	}
	if err := s.complete(ctx, c, d, partner); err != nil {
		return nil, err
	}
	former, late := d.Claim, c.Now.After(d.Review.ChangesDueAt)
	d.Claim = claimOf(&d.Deal)
	if late { // and nothing of the former claim is left
		d.Priority = 0
		err = s.meet(ctx, c, d, nil)
	} else {
		err = s.meet(ctx, c, d, &former)
	}
	if err != nil {
		return nil, err
	}
	if late {
		if err := s.promote(ctx, c, d); err != nil {
			return nil, err
		}
		if err := s.takePriority(ctx, c, d); err != nil {
			return nil, err
		}
	}
	d.enter(contract.ActionResubmit)
	d.Review = contract.Review{SLADueAt: c.Now.Add(d.SLALeft), Approvals: d.Review.Approvals, AppealedAt: d.Review.AppealedAt}
	d.SLALeft = 0
	d.tell(contract.EventResubmitted, map[string]any{"priority": d.Priority}, "/status", "/review")
	d.announceConflicts()
	if err := d.save(ctx, c); err != nil {
		return nil, err
	}
	if err := s.makeRoom(ctx, c, d); err != nil {
		return nil, err
	}
	return view(c, &d.record), nil
}
