package portal

import (
	"cmp"
	"context"
	"fmt"

	"github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/sandbox"
)

// SeeMDFRequest fails when the caller must not know of the request.
func (d desk) SeeMDFRequest(ctx context.Context, requestID string) error {
	_, err := d.mdf.GetRequest(ctx, requestID)
	return err
}

// SeeMDFClaim fails when the caller must not know of the claim.
func (d desk) SeeMDFClaim(ctx context.Context, claimID string) error {
	_, err := d.mdf.GetClaim(ctx, claimID)
	return err
}

// DecideMDFRequest does what the vendor is to do with a request and returns the request's status then.
func (d desk) DecideMDFRequest(ctx context.Context, id string, action sandbox.MDFRequestAction, text string) (string, error) {
	said := cmp.Or(text, simulated)
	var r *mdf.Request
	var err error
	switch action {
	case sandbox.MDFRequestActionStartReview:
		r, err = d.mdf.StartRequestReview(ctx, id, "")
	case sandbox.MDFRequestActionRequestChanges:
		r, err = d.mdf.RequestChanges(ctx, id, "", &mdf.ChangeRequest{Message: said})
	case sandbox.MDFRequestActionApprove:
		r, err = d.mdf.ApproveRequest(ctx, id, "", &mdf.Approval{Comment: text})
	case sandbox.MDFRequestActionReject:
		r, err = d.mdf.RejectRequest(ctx, id, "", &mdf.Rejection{Reason: mdf.ReasonCodeOther, Text: said})
	case sandbox.MDFRequestActionApproveAmendment:
		r, err = d.mdf.ApproveAmendment(ctx, id, "", &mdf.Note{Text: text})
	case sandbox.MDFRequestActionRejectAmendment:
		r, err = d.mdf.RejectAmendment(ctx, id, "", &mdf.Note{Text: text})
	default:
		err = fmt.Errorf("the contract lets the vendor play %q, the desk cannot", action)
	}
	if err != nil {
		return "", err
	}
	return string(r.Status), nil
}

// DecideMDFClaim does what the vendor is to do with a claim and returns the claim's status then.
func (d desk) DecideMDFClaim(ctx context.Context, id string, action sandbox.MDFClaimAction, text string) (string, error) {
	said := cmp.Or(text, simulated)
	var k *mdf.Claim
	var err error
	switch action {
	case sandbox.MDFClaimActionStartReview:
		k, err = d.mdf.StartClaimReview(ctx, id, "")
	case sandbox.MDFClaimActionRequestChanges:
		k, err = d.mdf.RequestClaimChanges(ctx, id, "", &mdf.ChangeRequest{Message: said})
	case sandbox.MDFClaimActionApprove:
		k, err = d.mdf.ApproveClaim(ctx, id, "", &mdf.ClaimApproval{Comment: text})
	case sandbox.MDFClaimActionReject:
		k, err = d.mdf.RejectClaim(ctx, id, "", &mdf.Rejection{Reason: mdf.ReasonCodeOther, Text: said})
	case sandbox.MDFClaimActionSchedule:
		k, err = d.mdf.ScheduleClaim(ctx, id, "", &mdf.Scheduling{ScheduledOn: partnerportal.DateOf(call.From(ctx).Now).AddDays(7)})
	case sandbox.MDFClaimActionPay:
		k, err = d.mdf.PayClaim(ctx, id, "", &mdf.Payment{Reference: "sandbox"})
	case sandbox.MDFClaimActionFailPayment:
		k, err = d.mdf.FailPayment(ctx, id, "", &mdf.PaymentFailure{Reason: said})
	default:
		err = fmt.Errorf("the contract lets the vendor play %q, the desk cannot", action)
	}
	if err != nil {
		return "", err
	}
	return string(k.Status), nil
}

// AllocateMDF invents a fund and gives all of it to one partner.
func (d desk) AllocateMDF(ctx context.Context, partnerID string, amount partnerportal.Money) (allocationID, status string, err error) {
	today := partnerportal.DateOf(call.From(ctx).Now)
	fund, err := d.mdf.CreateFund(ctx, &mdf.NewFund{
		Name: "Sandbox fund", Kind: mdf.FundKindDiscretionary, Currency: amount.Currency(), Budget: amount,
		Period: mdf.Period{SpendFrom: today, SpendTo: today.AddDays(180)},
	})
	if err != nil {
		return "", "", err
	}
	if _, err := d.mdf.OpenFund(ctx, fund.ID, ""); err != nil {
		return "", "", err
	}
	alc, err := d.mdf.Allocate(ctx, &mdf.NewAllocation{FundID: fund.ID, PartnerID: partnerID, Amount: amount})
	if err != nil {
		return "", "", err
	}
	return alc.ID, string(alc.Status), nil
}
