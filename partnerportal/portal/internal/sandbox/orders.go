package sandbox

import (
	"context"

	"github.com/partnerportal/partnerportal-go/partnerportal/sandbox"
)

// SimulateQuote plays the vendor's part for a quote that the caller can see.
func (s *Service) SimulateQuote(ctx context.Context, quoteID string, body *sandbox.QuoteSimulation) (*sandbox.Outcome, error) {
	return s.simulate(ctx, quoteID, s.desk.SeeQuote, func() (string, error) { return s.desk.DecideQuote(ctx, quoteID, body.Action, body.Text) })
}

// SimulateSpecialPricing plays the vendor's part for special pricing that the caller can see.
func (s *Service) SimulateSpecialPricing(ctx context.Context, id string, body *sandbox.SpecialPricingSimulation) (*sandbox.Outcome, error) {
	return s.simulate(ctx, id, s.desk.SeeSpecialPricing, func() (string, error) {
		return s.desk.DecideSpecialPricing(ctx, id, body.Action, body.Text)
	})
}

// SimulateOrder plays the vendor's part for an order that the caller can see.
func (s *Service) SimulateOrder(ctx context.Context, orderID string, body *sandbox.OrderSimulation) (*sandbox.Outcome, error) {
	return s.simulate(ctx, orderID, s.desk.SeeOrder, func() (string, error) { return s.desk.DecideOrder(ctx, orderID, body.Action, body.Text) })
}
