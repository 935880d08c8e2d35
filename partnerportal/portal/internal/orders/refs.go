package orders

import (
	"context"
	"errors"
	"slices"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// keepRefs lets the partner's references lead to a new order. Whoever orders again what came to nothing says the same again, so references of such an
// order of the same quote are as free as its purchase order number.
func (d *dossier) keepRefs(ctx context.Context, c *call.Call) error {
	for _, ref := range d.ExternalRefs {
		id, err := c.Tx.Ref(ctx, store.RefParams{Owner: d.PartnerID, ResourceType: resource, System: ref.System, RefID: ref.ID})
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		doc, err := c.Tx.Order(ctx, id)
		if err != nil {
			return err
		}
		before, err := decode(doc)
		if err != nil {
			return err
		}
		if before.QuoteID != d.QuoteID || !slices.Contains(nothing, before.Status) {
			continue
		}
		if err := c.Tx.DropRef(ctx, store.DropRefParams{ResourceID: id, Owner: d.PartnerID, System: ref.System, RefID: ref.ID}); err != nil {
			return err
		}
	}
	return c.KeepRefs(ctx, d.PartnerID, resource, d.ID, d.ExternalRefs)
}
