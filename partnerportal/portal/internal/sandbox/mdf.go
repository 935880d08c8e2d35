package sandbox

import (
	"context"
	"net/http"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/sandbox"
)

// SimulateMDFRequest plays the vendor's part for a request for market development funds that the caller can see.
func (s *Service) SimulateMDFRequest(ctx context.Context, requestID string, body *sandbox.MDFRequestSimulation) (*sandbox.Outcome, error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	if err := s.desk.SeeMDFRequest(ctx, requestID); err != nil {
		return nil, err
	}
	c, out := call.From(ctx), &sandbox.Outcome{ID: requestID}
	err := c.As(vendor, func() (err error) {
		out.Status, err = s.desk.DecideMDFRequest(ctx, requestID, body.Action, body.Text)
		return err
	})
	return out, hush(c, err)
}

// SimulateMDFClaim plays the vendor's part for a claim that the caller can see.
func (s *Service) SimulateMDFClaim(ctx context.Context, claimID string, body *sandbox.MDFClaimSimulation) (*sandbox.Outcome, error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	if err := s.desk.SeeMDFClaim(ctx, claimID); err != nil {
		return nil, err
	}
	c, out := call.From(ctx), &sandbox.Outcome{ID: claimID}
	err := c.As(vendor, func() (err error) {
		out.Status, err = s.desk.DecideMDFClaim(ctx, claimID, body.Action, body.Text)
		return err
	})
	return out, hush(c, err)
}

// AllocateMDF gives the partner that calls invented money.
func (s *Service) AllocateMDF(ctx context.Context, body *sandbox.MDFAllocation) (*sandbox.Outcome, error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	c := call.From(ctx)
	partnerID := c.Caller.PartnerID
	if partnerID == "" {
		return nil, &partnerportal.Error{Status: http.StatusUnprocessableEntity, Code: partnerportal.ErrValidation,
			Detail: "Only a partner is given invented money; the vendor allocates from funds of its own."}
	}
	out := new(sandbox.Outcome)
	err := c.As(vendor, func() (err error) {
		out.ID, out.Status, err = s.desk.AllocateMDF(ctx, partnerID, body.Amount)
		return err
	})
	return out, err
}
