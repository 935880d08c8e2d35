package mdf

import (
	"context"
	"fmt"

	contract "github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// ListRequestActivity returns a page of a request's timeline.
func (s *Service) ListRequestActivity(ctx context.Context, id string, p *contract.ListRequestActivityParams) (*partnerportal.ActivityPage, error) {
	c := call.From(ctx)
	r, err := readRequest(ctx, c, id)
	if err != nil {
		return nil, err
	}
	return feed.Timeline(ctx, c.Tx, r.ID, c.Caller.Side, r.PartnerID, store.Page{Cursor: p.Cursor, Limit: p.Limit, Segment: p.Segment}, wording)
}

// ListClaimActivity returns a page of a claim's timeline.
func (s *Service) ListClaimActivity(ctx context.Context, id string, p *contract.ListClaimActivityParams) (*partnerportal.ActivityPage, error) {
	c := call.From(ctx)
	k, err := readClaim(ctx, c, id)
	if err != nil {
		return nil, err
	}
	return feed.Timeline(ctx, c.Tx, k.ID, c.Caller.Side, k.PartnerID, store.Page{Cursor: p.Cursor, Limit: p.Limit, Segment: p.Segment}, wording)
}

// sentences say what happened to requests and claims, to the partner and to the vendor.
var sentences = feed.Sentences{
	contract.EventRequestCreated:          {"You started a draft.", ""},
	contract.EventRequestUpdated:          {"The request was changed.", "The request was changed."},
	contract.EventRequestSubmitted:        {"You asked for the money.", "The partner asks for the money."},
	contract.EventRequestResubmitted:      {"You sent the request back with changes.", "The partner sent the request back with changes."},
	contract.EventRequestReviewStarted:    {"The vendor is looking at the request.", "The review has begun."},
	contract.EventRequestChangesRequested: {"The vendor asks you for changes.", "The partner was asked for changes."},
	contract.EventRequestApproved:         {"The vendor approved the request.", "The request was approved."},
	contract.EventRequestRejected:         {"The vendor rejected the request.", "The request was rejected."},
	contract.EventRequestWithdrawn:        {"The request was withdrawn.", "The request was withdrawn."},
	contract.EventRequestCanceled:         {"The request was canceled.", "The request was canceled."},
	contract.EventRequestClosed:           {"All of the money is settled.", "All of the money is settled."},
	contract.EventAmendmentRequested:      {"You proposed a change.", "The partner proposes a change."},
	contract.EventAmendmentApproved:       {"Your change was accepted.", "The change was accepted."},
	contract.EventAmendmentRejected:       {"Your change was refused.", "The change was refused."},
	contract.EventActivityStarted:         {"An activity began.", "An activity began."},
	contract.EventActivityCompleted:       {"An activity is over.", "An activity is over."},
	contract.EventActivityCanceled:        {"An activity was canceled.", "An activity was canceled."},
	contract.EventActivityExpired:         {"An activity was not claimed in time.", "An activity was not claimed in time."},
	contract.EventClaimDueSoon:            {"An activity is to be claimed soon.", "An activity is to be claimed soon."},
	contract.EventClaimCreated:            {"You started a draft.", ""},
	contract.EventClaimUpdated:            {"The claim was changed.", "The claim was changed."},
	contract.EventClaimSubmitted:          {"You claimed what you spent.", "The partner claims what it spent."},
	contract.EventClaimResubmitted:        {"You sent the claim back with changes.", "The partner sent the claim back with changes."},
	contract.EventClaimReviewStarted:      {"The vendor is looking at the claim.", "The review has begun."},
	contract.EventClaimChangesRequested:   {"The vendor asks you for changes.", "The partner was asked for changes."},
	contract.EventClaimApproved:           {"The vendor approved the claim.", "The claim was approved."},
	contract.EventClaimRejected:           {"The vendor rejected the claim.", "The claim was rejected."},
	contract.EventClaimWithdrawn:          {"The claim was withdrawn.", "The claim was withdrawn."},
	contract.EventClaimScheduled:          {"The payment is planned.", "The payment is planned."},
	contract.EventClaimPaid:               {"The claim was paid.", "The claim was paid."},
	contract.EventClaimPaymentFailed:      {"The payment failed; the vendor will try again.", "The payment failed."},
}

// wording turns an event into words for one side.
func wording(e feed.Event, side partnerportal.Side) string {
	text := sentences.For(e, side)
	switch {
	case e.Facts["reminder"] == true:
		return "The requested changes are still due."
	case e.Facts["reason"] == "changes_overdue":
		return "The requested changes did not come in time; it was withdrawn."
	case e.Type == contract.EventClaimDueSoon:
		return fmt.Sprintf("%s %v days are left.", text, e.Facts["days"])
	}
	if amount, ok := e.Facts["amount"].(string); ok && text != "" {
		return fmt.Sprintf("%s (%s %v)", text, amount, e.Facts["currency"])
	}
	return text
}
