package leads

import (
	"context"

	"github.com/partnerportal/partnerportal-go/deals/leads"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
)

// StartReview takes a referral into review.
func (s *Service) StartReview(ctx context.Context, leadID, ifMatch string) (*leads.Lead, error) {
	c := call.From(ctx)
	return decide(ctx, c, leadID, ifMatch, leads.ActionStartReview, leads.StatusInReview, "", leads.EventReviewStarted)
}

// Reject rejects a referral. The reason is the partner's to read.
func (s *Service) Reject(ctx context.Context, leadID, ifMatch string, body *leads.Rejection) (*leads.Lead, error) {
	c := call.From(ctx)
	return decide(ctx, c, leadID, ifMatch, leads.ActionReject, leads.StatusRejected, body.Text, leads.EventRejected)
}

func acceptReferral(ctx context.Context, c *call.Call, leadID, ifMatch string) (*leads.Lead, error) {
	return decide(ctx, c, leadID, ifMatch, leads.ActionAccept, leads.StatusAccepted, "", leads.EventAccepted)
}

// decide is a step of the vendor's on the way of a referral.
func decide(
	ctx context.Context, c *call.Call, leadID, ifMatch string, action leads.Action, to leads.Status, note string, event string,
) (*leads.Lead, error) {
	d, err := openFor(ctx, c, leadID, action)
	if err != nil {
		return nil, err
	}
	if err := d.ready(c, action, ifMatch); err != nil {
		return nil, err
	}
	if err := d.enter(partnerportal.SideVendor, action, to); err != nil {
		return nil, err
	}
	d.CloseNote = note
	if err := d.save(ctx, c); err != nil {
		return nil, err
	}
	if err := d.emit(ctx, c, happened{event: event, partnerID: d.PartnerID}); err != nil {
		return nil, err
	}
	return d.answer(c), nil
}
