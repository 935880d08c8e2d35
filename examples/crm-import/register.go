package main

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// registrar sends candidates to a portal. What it promises rests on three things, of which each would do alone most of the time:
//
//   - The idempotency key is derived from the opportunity's id. A run that was killed after the portal had committed and before
//     the answer came is answered the same again, and nothing is registered twice.
//   - The opportunity is the deal's external reference, of which a portal takes one deal only: that holds when the keys have been
//     forgotten, or the row has changed since.
//   - The order of [plan], by which conflicts come out alike.
type registrar struct {
	deals       *deals.Client
	system      string // what the external references call the CRM
	today       partnerportal.Date
	acceptTerms bool
	concurrency int
	results     []result // one for each row; each candidate writes its own only
	done        func()   // called after each candidate, from any goroutine
}

// run works through the lanes. It returns early when ctx ends or the portal fails in a way that the next row would meet too; what
// was not reached stays pending.
func (r *registrar) run(ctx context.Context, lanes []lane) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(r.concurrency)
	for _, l := range lanes {
		group.Go(func() error {
			byDeal := make(map[string]*candidate, len(l))
			for _, d := range l {
				if err := ctx.Err(); err != nil {
					return err
				}
				res, err := r.register(ctx, d, byDeal)
				if err != nil {
					return fmt.Errorf("opportunity %s: %w", d.id, err)
				}
				r.results[d.row] = res
				r.done()
			}
			return nil
		})
	}
	return group.Wait()
}

// register brings one candidate to where the CRM has it. byDeal knows the deals of the lane so far.
func (r *registrar) register(ctx context.Context, d *candidate, byDeal map[string]*candidate) (result, error) {
	var answer partnerportal.Response
	deal, err := r.deals.Register(ctx, r.registration(d), partnerportal.WithIdempotencyKey(r.key(d, "register")), partnerportal.WithResponse(&answer))
	res := result{bucket: registered}
	switch {
	case err == nil && answer.Replayed:
		// The answer is what the deal was when it was registered. What it is now decides whether it still has to be closed.
		res.bucket = alreadyRegistered
		deal, err = r.deals.Get(ctx, deal.ID)
	case errors.Is(err, deals.ErrDuplicateRef), errors.Is(err, partnerportal.ErrIdempotencyKeyReused):
		// Registered by an earlier run whose key is forgotten, or from a row that read otherwise.
		res.bucket = alreadyRegistered
		deal, err = r.deals.GetByRef(ctx, r.system, d.id)
		if errors.Is(err, partnerportal.ErrNotFound) {
			return refusal(finding{Column: "opportunity_id", Value: d.id, Rule: "reference_taken", Why: "the portal has seen this id before, but not on a deal that it still has"}), nil
		}
	}
	if err != nil {
		return r.refused(d, err, byDeal)
	}
	byDeal[deal.ID] = d
	res.deal = deal.Number
	if deal.Conflicts.Open > 0 && deal.Outcome == deals.OutcomeOpen {
		res.findings = append(res.findings, finding{
			Column: "account", Value: d.account.name, Rule: "conflict_open", Why: fmt.Sprintf("deal %s is registered, and in a conflict that the vendor rules on", deal.Number),
		})
	}
	note, err := r.settle(ctx, d, deal)
	if note != nil {
		res.findings = append(res.findings, *note)
	}
	return res, err
}

// settle closes the deal of a closed row. It is also what finishes the work of a run that was killed between the two calls. The
// finding is for a deal that cannot be brought to where the CRM has it.
func (r *registrar) settle(ctx context.Context, d *candidate, deal *deals.Deal) (*finding, error) {
	differs := func(rule, why string) *finding {
		return &finding{Column: "deal_stage", Value: string(d.stage.outcome), Rule: rule, Why: fmt.Sprintf("deal %s %s", deal.Number, why)}
	}
	switch {
	case deal.Outcome == d.stage.outcome && deal.Status != deals.StatusDraft:
		return nil, nil
	case deal.Status == deals.StatusApproved:
	case deal.Status == deals.StatusSubmitted, deal.Status == deals.StatusInReview, deal.Status == deals.StatusChangesRequested:
		return differs("closing_waits", fmt.Sprintf("is %s, and can be closed once the vendor has approved it", deal.Status)), nil
	default:
		return differs("state_differs", fmt.Sprintf("is %s in the portal", deal.Status)), nil
	}
	err := r.close(ctx, d, deal.ID)
	var refused *partnerportal.Error
	if errors.As(err, &refused) && (errors.Is(err, partnerportal.ErrInvalidState) || errors.Is(err, partnerportal.ErrValidation)) {
		return differs("closing_refused", "could not be closed: "+reason(refused)), nil
	}
	return nil, err
}

func (r *registrar) close(ctx context.Context, d *candidate, dealID string) error {
	if d.stage.outcome == deals.OutcomeLost {
		_, err := r.deals.Lose(ctx, dealID, deals.Loss{
			Code: deals.LossCodeOther, Note: "Closed as lost in the CRM, which has no reason.", ClosedOn: d.closedOn,
		}, partnerportal.WithIdempotencyKey(r.key(d, "lose")))
		return err
	}
	_, err := r.deals.Win(ctx, dealID, deals.Win{
		ActualAmount: d.amount, ClosedOn: d.closedOn,
		// An export has no order numbers, so the CRM's record is the evidence.
		Evidence: []deals.NewEvidence{{Kind: deals.EvidenceKindNote, Ref: r.system + ":" + d.id, Text: "Closed as won in the CRM at " + d.amount.String() + "."}},
	}, partnerportal.WithIdempotencyKey(r.key(d, "win")))
	return err
}

// key is the same for the same intent in every run.
func (r *registrar) key(d *candidate, intent string) string {
	return partnerportal.DeriveKey("crm-import", r.system+"/"+d.id+"/"+intent)
}

// daysToClose is how long an open deal without a date in the CRM is given.
const daysToClose = 90

func (r *registrar) registration(d *candidate) deals.Registration {
	expected := d.closedOn
	switch {
	case expected.IsZero():
		expected = r.today.AddDays(daysToClose)
	case expected.Before(r.today):
		expected = r.today // of a closed deal, or one that is late; a portal takes no day that has passed
	}
	return deals.Registration{
		Name: d.account.name + ": " + d.product.name,
		Customer: partnerportal.Organization{
			Name: d.account.name, Country: d.account.country, Industry: d.account.sector,
			ExternalRefs: []partnerportal.ExternalRef{{System: r.system, ID: d.account.name}},
		},
		Products:        []deals.Product{{Family: d.product.family, Quantity: 1, UnitPrice: d.product.price}},
		Amount:          d.amount,
		AmountBasis:     d.basis,
		ExpectedCloseOn: expected,
		SalesStage:      d.stage.sales,
		Origin:          deals.OriginPartner,
		ExternalRefs:    []partnerportal.ExternalRef{{System: r.system, ID: d.id}},
		TermsAccepted:   r.acceptTerms,
	}
}

// refused sorts out a failed registration: a conflict, a refusal of this row, or a failure that ends the run.
func (r *registrar) refused(d *candidate, err error, byDeal map[string]*candidate) (result, error) {
	var e *partnerportal.Error
	if !errors.As(err, &e) || e.Ambiguous {
		return result{}, err
	}
	switch e.Code {
	case deals.ErrOwnDuplicate:
		return result{bucket: conflict, findings: []finding{ownDuplicate(d, e, byDeal)}}, nil
	case deals.ErrConflict:
		return result{bucket: conflict, findings: []finding{blocked(d, e)}}, nil
	case deals.ErrProductNotAuthorised, deals.ErrTerritoryNotAuthorised:
		return result{bucket: refused, findings: refusals(d, e)}, nil
	}
	if errors.Is(err, partnerportal.ErrValidation) {
		return result{bucket: refused, findings: refusals(d, e)}, nil
	}
	return result{}, err
}
