package call

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// ByRef returns the id of the resource to which the caller gave an external reference.
func (c *Call) ByRef(ctx context.Context, resourceType, system, refID string) (string, error) {
	id, err := c.Tx.Ref(ctx, store.RefParams{Owner: c.Caller.Owner(), ResourceType: resourceType, System: system, RefID: refID})
	return id, OrNotFound(err, resourceType)
}

// WhereRef keeps the resources with a reference, written "system:id": to which a partner gave it, or anybody for the vendor.
func (c *Call) WhereRef(q *store.Query, resourceType, ref string) error {
	if ref == "" {
		return nil
	}
	system, id, ok := strings.Cut(ref, ":")
	if !ok || system == "" || id == "" {
		return problem.BadQuery("?external_ref", "invalid_format", `Write the reference as "system:id".`)
	}
	condition, args := "id IN (SELECT resource_id FROM external_refs WHERE resource_type = ? AND system = ? AND ref_id = ?", []any{resourceType, system, id}
	if c.Caller.Side == partnerportal.SidePartner {
		condition, args = condition+" AND owner = ?", append(args, c.Caller.PartnerID)
	}
	q.Where(condition+")", args...)
	return nil
}

// KeepRefs replaces an owner's references to a resource. Each names one resource of a type.
func (c *Call) KeepRefs(ctx context.Context, owner, resourceType, resourceID string, refs []partnerportal.ExternalRef) error {
	var f problem.Fields
	for i, ref := range refs {
		if slices.ContainsFunc(refs[:i], func(r partnerportal.ExternalRef) bool { return r.System == ref.System && r.ID == ref.ID }) {
			f.Add(fmt.Sprintf("/external_refs/%d", i), "duplicate_key", "Give each reference once.")
		}
	}
	if err := f.Err(); err != nil {
		return err
	}
	if err := c.Tx.DropRefs(ctx, store.DropRefsParams{ResourceID: resourceID, Owner: owner}); err != nil {
		return err
	}
	for _, ref := range refs {
		if err := c.TakeRef(ctx, owner, resourceType, resourceID, ref); err != nil {
			return err
		}
	}
	return nil
}

// TakeRef gives a resource one more of an owner's references.
func (c *Call) TakeRef(ctx context.Context, owner, resourceType, resourceID string, ref partnerportal.ExternalRef) error {
	existing, err := c.Tx.Ref(ctx, store.RefParams{Owner: owner, ResourceType: resourceType, System: ref.System, RefID: ref.ID})
	if err == nil {
		e := problem.New(http.StatusConflict, "duplicate_external_ref", "You have given this reference to another "+resourceType+".")
		return problem.With(e, "existing_id", existing)
	}
	if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return c.Tx.InsertRef(ctx, store.InsertRefParams{Owner: owner, ResourceType: resourceType, System: ref.System, RefID: ref.ID, ResourceID: resourceID})
}
