package quotes

import (
	"context"
	"errors"
	"net/http"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/pricing"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/quoting"
	contract "github.com/partnerportal/partnerportal-go/quotes"
)

// price makes the prices of now, and says whether somebody must approve them.
func (d *dossier) price(ctx context.Context, c *call.Call) error {
	in, err := pricing.Load(ctx, c.Tx, &d.Quote, c.Now)
	if err != nil {
		return err
	}
	priced, err := pricing.Price(in)
	if err != nil {
		return err
	}
	priced.Fill(&d.Quote)
	d.Currency = d.Pricing.Currency
	policy, err := policyOf(ctx, c, d.ProgramID)
	if err != nil {
		return err
	}
	d.ApprovalNeeded = len(d.unapproved(policy)) > 0
	return nil
}

// Price prices a draft anew.
func (s *Service) Price(ctx context.Context, quoteID, ifMatch string) (*contract.Quote, error) {
	c, d, err := openQuote(ctx, quoteID, ifMatch, contract.ActionPrice)
	if err != nil {
		return nil, err
	}
	if err := d.price(ctx, c); err != nil {
		return nil, err
	}
	d.tellPriced()
	if err := note(ctx, d.SessionID, contract.SessionStepPriced, d.ID); err != nil {
		return nil, err
	}
	return d.answer(ctx, c)
}

func (d *dossier) tellPriced() {
	d.tell(contract.EventPriced, money(d.Totals.Total), "/lines", "/totals", "/pricing")
}

// money are the facts of an amount.
func money(m partnerportal.Money) map[string]any {
	return map[string]any{"amount": m.Amount(), "currency": m.Currency()}
}

// stillCosts refuses a quote whose configurations break a rule of now, however fresh it is: nobody could order it. And it refuses one whose prices are not
// fresh any more and would be others now.
func (s *Service) stillCosts(ctx context.Context, c *call.Call, d *dossier) error {
	broken, err := quoting.Violations(ctx, c.Tx, s.models, &d.Quote, c.Now)
	if err != nil {
		return err
	}
	if len(broken) > 0 {
		e := problem.New(http.StatusConflict, contract.ErrConfigurationInvalid, "A configuration breaks a rule by now: "+broken[0].Message+" Configure anew, and quote what comes of it.")
		return problem.With(e, "violations", broken)
	}
	if c.Now.Before(d.Pricing.FreshUntil) {
		return nil
	}
	now, err := quoting.Check(ctx, c.Tx, s.models, &d.Stored, c.Now)
	if err != nil {
		return err
	}
	if !now.Drift.Changed {
		return nil
	}
	way := "Price it, and look at it again."
	if d.Status != contract.StatusDraft {
		way = "Revise it."
	}
	return problem.With(problem.New(http.StatusConflict, contract.ErrPriceChanged, "The quote would cost something else now. "+way), "drift", now.Drift)
}

// Check says how a quote differs from what it would be now.
func (s *Service) Check(ctx context.Context, quoteID string) (*contract.Drift, error) {
	c := call.From(ctx)
	r, err := readQuote(ctx, c, quoteID)
	if err != nil {
		return nil, err
	}
	now, err := quoting.Check(ctx, c.Tx, s.models, &r.Stored, c.Now)
	if err != nil {
		return nil, err
	}
	return &now.Drift, nil
}

// isNotFound says that something is not there, or not for the caller.
func isNotFound(err error) bool { return errors.Is(err, partnerportal.ErrNotFound) }
