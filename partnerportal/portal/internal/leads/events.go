package leads

import (
	"cmp"
	"context"
	"errors"
	"maps"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// happened is an event of a lead. Without an audience both sides may read it, or the vendor alone when no partner is named.
type happened struct {
	event     string
	partnerID string
	audience  feed.Audience
	facts     map[string]any
	fields    []string
	payload   any
}

// emit publishes an event of the lead as it was saved.
func (d *dossier) emit(ctx context.Context, c *call.Call, h happened) error {
	everybody, seen := feed.Vendor, ""
	facts := map[string]any{}
	maps.Copy(facts, h.facts)
	if h.partnerID != "" {
		everybody, seen = feed.Both, string(d.partnerView(c, h.partnerID).Status)
		if h.audience != feed.Partner { // the vendor reads who it was; the partner knows
			name, err := partnerName(ctx, c, h.partnerID)
			if err != nil {
				return err
			}
			facts["partner"] = name
		}
	}
	return c.Emit(ctx, feed.Event{
		Type: h.event, ResourceType: resource, ResourceID: d.ID, Revision: d.Revision, PartnerID: h.partnerID,
		Audience: cmp.Or(h.audience, everybody), Facts: facts, ChangedFields: h.fields, Payload: h.payload,
		State: string(d.Status), PartnerState: seen,
	})
}

func partnerName(ctx context.Context, c *call.Call, id string) (string, error) {
	p, err := directory.LoadPartner(ctx, c.Tx, id)
	if errors.Is(err, store.ErrNotFound) {
		return id, nil
	}
	if err != nil {
		return "", err
	}
	return p.Name, nil
}
