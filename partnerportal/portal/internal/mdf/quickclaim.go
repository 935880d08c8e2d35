package mdf

import (
	"context"

	contract "github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
)

// QuickClaim claims one invoice in one call.
func (s *Service) QuickClaim(ctx context.Context, body *contract.QuickClaim) (*contract.Claim, error) {
	c := call.From(ctx)
	activityID, err := claimable(ctx, c, body)
	if err != nil {
		return nil, err
	}
	line := contract.NewClaimLine{
		ActivityID: activityID, InvoiceNumber: body.InvoiceNumber, InvoicedOn: body.InvoicedOn, Supplier: body.Supplier,
		Spent: body.Spent, Claimed: body.Claimed, Final: body.Final,
	}
	for _, id := range body.FileIDs {
		line.Evidence = append(line.Evidence, contract.NewEvidence{FileID: id})
	}
	k, err := s.claimOf(ctx, c, &contract.NewClaim{
		RequestID: body.RequestID, PayTo: body.PayTo, Results: body.Results, Lines: []contract.NewClaimLine{line},
	})
	if err != nil {
		return nil, err
	}
	if err := k.submit(ctx, c, contract.ClaimActionSubmit); err != nil {
		return nil, err
	}
	return k.answer(ctx, c)
}

// claimable is the activity that is named, or the only one that can be claimed.
func claimable(ctx context.Context, c *call.Call, body *contract.QuickClaim) (string, error) {
	if body.ActivityID != "" {
		return body.ActivityID, nil
	}
	r, err := readRequest(ctx, c, body.RequestID)
	if err != nil {
		return "", err
	}
	var open []string
	for _, a := range r.Activities {
		if a.Committed.Sign() > 0 {
			open = append(open, a.ID)
		}
	}
	switch len(open) {
	case 1:
		return open[0], nil
	case 0:
		for _, a := range r.Activities { // let the claim say what is wrong with it
			return a.ID, nil
		}
	}
	return "", invalid(problem.Field("/activity_id", "required", "Name the activity: several can be claimed."))
}
