package main

import (
	"context"

	"github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/sandbox"
)

// vendor decides on what a partner sends in.
type vendor interface {
	approve(ctx context.Context, request *mdf.Request) error
	approveClaim(ctx context.Context, claim *mdf.Claim) error
	pay(ctx context.Context, claim *mdf.Claim) error
}

// person is a vendor that has the portal's desk. What it saw is what it decides on: IfMatch.
type person struct{ desk *mdf.Client }

func (p person) approve(ctx context.Context, request *mdf.Request) error {
	_, err := p.desk.ApproveRequest(ctx, request.ID, mdf.Approval{Comment: "Bring the new rack."}, partnerportal.IfMatch(request))
	return err
}

func (p person) approveClaim(ctx context.Context, claim *mdf.Claim) error {
	_, err := p.desk.ApproveClaim(ctx, claim.ID, mdf.ClaimApproval{}, partnerportal.IfMatch(claim))
	return err
}

func (p person) pay(ctx context.Context, claim *mdf.Claim) error {
	_, err := p.desk.PayClaim(ctx, claim.ID, mdf.Payment{Reference: "PAY-7781"})
	return err
}

// simulated is the vendor that a sandbox plays.
type simulated struct{ *sandbox.Client }

func newSimulated(partner *partnerportal.Client) simulated { return simulated{sandbox.New(partner)} }

func (s simulated) allocate(ctx context.Context, amount partnerportal.Money) error {
	_, err := s.AllocateMDF(ctx, sandbox.MDFAllocation{Amount: amount})
	return err
}

func (s simulated) approve(ctx context.Context, request *mdf.Request) error {
	_, err := s.SimulateMDFRequest(ctx, request.ID, sandbox.MDFRequestSimulation{Action: sandbox.MDFRequestActionApprove})
	return err
}

func (s simulated) approveClaim(ctx context.Context, claim *mdf.Claim) error {
	_, err := s.SimulateMDFClaim(ctx, claim.ID, sandbox.MDFClaimSimulation{Action: sandbox.MDFClaimActionApprove})
	return err
}

func (s simulated) pay(ctx context.Context, claim *mdf.Claim) error {
	_, err := s.SimulateMDFClaim(ctx, claim.ID, sandbox.MDFClaimSimulation{Action: sandbox.MDFClaimActionPay})
	return err
}
