package deals

import (
	"context"
	"fmt"

	contract "github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// ListActivity returns a page of a deal's timeline.
func (s *Service) ListActivity(ctx context.Context, dealID string, p *contract.ListActivityParams) (*partnerportal.ActivityPage, error) {
	c := call.From(ctx)
	r, err := read(ctx, c, dealID)
	if err != nil {
		return nil, err
	}
	return feed.Timeline(ctx, c.Tx, r.ID, c.Caller.Side, r.PartnerID, store.Page{Cursor: p.Cursor, Limit: p.Limit, Segment: p.Segment}, wording)
}

// sentences says what happened, to the partner and to the vendor.
var sentences = feed.Sentences{
	contract.EventCreated:            {"You started a draft.", "The partner started a draft."},
	contract.EventUpdated:            {"The deal was changed.", "The deal was changed."},
	contract.EventSubmitted:          {"You registered the deal.", "The partner registered the deal."},
	contract.EventReviewStarted:      {"The vendor is looking at the deal.", "The review has begun."},
	contract.EventChangesRequested:   {"The vendor asks you for changes.", "The partner was asked for changes."},
	contract.EventResubmitted:        {"You sent the deal back with changes.", "The partner sent the deal back with changes."},
	contract.EventApproved:           {"The vendor approved the deal.", "The deal was approved."},
	contract.EventRejected:           {"The vendor rejected the deal.", "The deal was rejected."},
	contract.EventRecalled:           {"You took the deal back to draft and gave up its place.", "The partner took the deal back to draft."},
	contract.EventWithdrawn:          {"The deal was withdrawn.", "The deal was withdrawn."},
	contract.EventAppealed:           {"You appealed the rejection.", "The partner appealed the rejection."},
	contract.EventProtectionStarted:  {"Your protection began.", "The protection began."},
	contract.EventExpiring:           {"Your protection is about to end.", "The protection is about to end."},
	contract.EventExpired:            {"Your protection has ended.", "The protection has ended."},
	contract.EventExtensionRequested: {"You asked for a longer protection.", "The partner asks for a longer protection."},
	contract.EventExtensionApproved:  {"Your protection was extended.", "The protection was extended."},
	contract.EventExtensionRejected:  {"Your protection was not extended.", "The extension was refused."},
	contract.EventAmendmentRequested: {"You proposed a change.", "The partner proposes a change."},
	contract.EventAmendmentApproved:  {"Your change was accepted.", "The change was accepted."},
	contract.EventAmendmentRejected:  {"Your change was refused.", "The change was refused."},
	contract.EventConverted:          {"The vendor took the deal into its CRM.", "The deal was linked to an opportunity."},
	contract.EventConversionFailed:   {"The vendor could not take the deal into its CRM.", "The deal could not be linked to an opportunity."},
	contract.EventWon:                {"The deal was won.", "The deal was won."},
	contract.EventLost:               {"The deal was lost.", "The deal was lost."},
	contract.EventCanceled:           {"The deal was canceled.", "The deal was canceled."},
	contract.EventReinstated:         {"The vendor protects the deal again.", "The deal was reinstated."},
	contract.EventConflictOpened:     {"Somebody else may hold this customer; the vendor will decide.", "The deal conflicts with another one."},
	contract.EventConflictResolved:   {"A conflict of the deal was settled.", "A conflict was settled."},
}

// wording turns an event into words for one side.
func wording(e feed.Event, side partnerportal.Side) string {
	text := sentences.For(e, side)
	switch {
	case e.Facts["part"] == "/notes":
		return "A note was added."
	case e.Facts["part"] == "/attachments":
		return "The attachments were changed."
	case e.Facts["reminder"] == true:
		return "The requested changes are still due."
	case e.Facts["reason"] == "changes_overdue":
		return "The requested changes did not come in time; the deal was withdrawn."
	case e.Type == contract.EventExpiring:
		return fmt.Sprintf("%s %v days are left.", text, e.Facts["days"])
	case e.Type == contract.EventApproved && e.Facts["rule_id"] != "":
		return "The deal was approved by a rule of the programme."
	}
	return text
}
