package quotes

import (
	"context"
	"slices"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
)

// saveRefs keeps the quote findable by its external references; the partner has each of them once. Those of a version that was
// superseded lead to the next one.
func (d *dossier) saveRefs(ctx context.Context, c *call.Call) error {
	refs := d.ExternalRefs
	if !d.Latest {
		refs = nil
	}
	if slices.Equal(refs, d.refs) {
		return nil
	}
	if err := c.KeepRefs(ctx, d.PartnerID, quoteResource, d.ID, refs); err != nil {
		return err
	}
	d.refs = slices.Clone(refs)
	return nil
}
