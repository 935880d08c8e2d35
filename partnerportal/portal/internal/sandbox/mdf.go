package sandbox

import (
	"context"

	"github.com/partnerportal/partnerportal-go/partnerportal/sandbox"
)

// SimulateMDFRequest plays the vendor's part for a request for market development funds that the caller can see.
func (s *Service) SimulateMDFRequest(ctx context.Context, requestID string, body *sandbox.MDFRequestSimulation) (*sandbox.Outcome, error) {
	return s.simulate(ctx, requestID, s.desk.SeeMDFRequest, func() (string, error) {
		return s.desk.DecideMDFRequest(ctx, requestID, body.Action, body.Text)
	})
}

// SimulateMDFClaim plays the vendor's part for a claim that the caller can see.
func (s *Service) SimulateMDFClaim(ctx context.Context, claimID string, body *sandbox.MDFClaimSimulation) (*sandbox.Outcome, error) {
	return s.simulate(ctx, claimID, s.desk.SeeMDFClaim, func() (string, error) {
		return s.desk.DecideMDFClaim(ctx, claimID, body.Action, body.Text)
	})
}

// AllocateMDF gives the partner that calls invented money.
func (s *Service) AllocateMDF(ctx context.Context, body *sandbox.MDFAllocation) (*sandbox.Outcome, error) {
	const onlyPartner = "Only a partner is given invented money; the vendor allocates from funds of its own."
	return s.invent(ctx, onlyPartner, func(partnerID string) (string, string, error) {
		return s.desk.AllocateMDF(ctx, partnerID, body.Amount)
	})
}
