package mdf

import (
	"context"
	"maps"

	contract "github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
)

// The types of this room's resources in the feed.
const (
	kindFund       = "mdf_fund"
	kindAllocation = "mdf_allocation"
	kindRequest    = "mdf_request"
	kindClaim      = "mdf_claim"
)

// publish emits an event. Facts that are empty are left out.
func publish(ctx context.Context, c *call.Call, e feed.Event) error {
	if rehearsing(ctx) != nil {
		return nil
	}
	maps.DeleteFunc(e.Facts, func(_ string, v any) bool { return v == "" || v == nil })
	if e.Audience == "" {
		e.Audience = feed.Both
	}
	return c.Emit(ctx, e)
}

func (f *fund) tell(ctx context.Context, c *call.Call, event string, fields ...string) error {
	return publish(ctx, c, feed.Event{
		Type: event, ResourceType: kindFund, ResourceID: f.ID, Revision: f.Revision, State: string(f.Status), Audience: feed.Vendor, ChangedFields: fields,
	})
}

func (p *purse) tell(ctx context.Context, c *call.Call, event string, facts map[string]any, fields ...string) error {
	if event == contract.EventBalanceChanged {
		fields = []string{"/balance", "/sequence"}
	}
	return publish(ctx, c, feed.Event{
		Type: event, ResourceType: kindAllocation, ResourceID: p.ID, Revision: p.Revision, PartnerID: p.PartnerID,
		State: string(p.Status), Facts: facts, ChangedFields: fields,
	})
}
