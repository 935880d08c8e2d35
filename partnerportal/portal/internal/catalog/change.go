package catalog

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/offer"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/policy"
	contract "github.com/partnerportal/partnerportal-go/quotes/catalog"
)

func load(ctx context.Context, c *call.Call, id string) (*offer.Stored, error) {
	doc, err := c.Tx.Product(ctx, id)
	if err != nil {
		return nil, call.OrNotFound(err, productResource)
	}
	return offer.DecodeProduct(doc)
}

func loadBySKU(ctx context.Context, c *call.Call, sku string) (*offer.Stored, error) {
	doc, err := c.Tx.ProductBySKU(ctx, sku)
	if err != nil {
		return nil, call.OrNotFound(err, productResource)
	}
	return offer.DecodeProduct(doc)
}

// change stores a product as it is after a change, tells of it, and returns what differs. Without a difference nothing happens.
func change(ctx context.Context, c *call.Call, before, after *offer.Stored) ([]string, error) {
	if err := settle(ctx, c, after); err != nil {
		return nil, err
	}
	if !reflect.DeepEqual(before.Authorisation, after.Authorisation) { // a tier that is gone since stands in the way of nothing else
		if err := checkTier(ctx, c, &after.Product); err != nil {
			return nil, err
		}
	}
	changed, err := differences(before.Product, after.Product)
	if err != nil || len(changed) == 0 && before.Revision > 0 {
		return changed, err
	}
	if err := save(ctx, c, before, after); err != nil {
		return nil, err
	}
	return changed, c.Emit(ctx, told(before, after, changed))
}

// told is the event of a change.
func told(before, after *offer.Stored, changed []string) feed.Event {
	kind, facts := contract.EventProductUpdated, map[string]any{"sku": after.SKU}
	switch moved := before.Lifecycle != after.Lifecycle; {
	case before.Revision == 0:
		kind, changed = contract.EventProductCreated, []string{"/lifecycle"}
	case moved && after.Lifecycle == contract.LifecycleEndOfSale:
		kind = contract.EventProductEndOfSale
	case moved && after.Lifecycle == contract.LifecycleRetired:
		kind = contract.EventProductRetired
	}
	if after.ReplacedBySKU != "" && (kind == contract.EventProductEndOfSale || kind == contract.EventProductRetired) {
		facts["replaced_by_sku"] = after.ReplacedBySKU
	}
	return event(kind, productResource, after.ID, after.Revision, string(after.Lifecycle), facts, changed...)
}

// endSale ends the sale of a product whose last day is over. A deadline that was meant for another day passes without effect.
func endSale(ctx context.Context, c *call.Call, id string) error {
	before, err := load(ctx, c, id)
	if errors.Is(err, partnerportal.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	after := *before
	_, err = change(ctx, c, before, &after)
	return err
}

// settle completes what is said of a product, and holds it against the rules.
func settle(ctx context.Context, c *call.Call, p *offer.Stored) error {
	p.UOM = cmp.Or(p.UOM, "each")
	p.Billing.Model = cmp.Or(p.Billing.Model, contract.BillingModelOneTime)
	p.Lifecycle = cmp.Or(p.Lifecycle, contract.LifecycleActive)
	if err := check(&p.Product); err != nil {
		return err
	}
	p.EndsAt = time.Time{}
	if !p.EndOfSaleOn.IsZero() {
		rules, err := directory.Load(ctx, c.Tx, policy.DefaultID)
		if err != nil {
			return err
		}
		p.EndsAt = rules.EndOfDay(p.EndOfSaleOn)
	}
	p.Lifecycle = p.At(c.Now).Lifecycle
	return nil
}

func check(p *contract.Product) error {
	var f problem.Fields
	f.Text("/name", p.Name, 200)
	problem.OneOf(&f, "/kind", p.Kind, contract.ProductKindHardware, contract.ProductKindSoftware, contract.ProductKindSubscription,
		contract.ProductKindService, contract.ProductKindSupport, contract.ProductKindBundle)
	if p.ReplacedBySKU == p.SKU {
		f.Add("/replaced_by_sku", "invalid_value", "A product cannot stand in for itself.")
	}
	if p.Billing.Model == contract.BillingModelOneTime && len(p.Billing.Terms)+len(p.Billing.Frequencies) > 0 {
		f.Add("/billing/model", "invalid_value", "What is sold once has no terms. Give the model recurring, or leave them out.")
	}
	for name := range p.Attributes {
		if !isAttribute(name) {
			f.Add("/attributes/"+pointerOf(name), "invalid_format", "Begin the name with a letter, and give up to 64 letters, digits, dots, hyphens and underscores.")
		}
	}
	seen := map[[2]string]bool{}
	for i, ref := range p.ExternalRefs {
		key := [2]string{ref.System, ref.ID}
		if seen[key] {
			f.Add(fmt.Sprintf("/external_refs/%d", i), "duplicate_key", "Give each reference once.")
		}
		seen[key] = true
	}
	return f.Err()
}

func isAttribute(name string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	return name != "" && len(name) <= 64 && strings.Contains(letters, name[:1]) && strings.Trim(name, letters+"0123456789._-") == ""
}

// pointerOf is a name as a part of a JSON pointer.
func pointerOf(name string) string { return strings.NewReplacer("~", "~0", "/", "~1").Replace(name) }

// checkTier wants a tier to exist of which a product asks for the rank.
func checkTier(ctx context.Context, c *call.Call, p *contract.Product) error {
	programID, least := offer.TierNeeded(p)
	if least == 0 {
		return nil
	}
	rules, err := directory.Load(ctx, c.Tx, programID)
	if errors.Is(err, partnerportal.ErrValidation) {
		return problem.Invalid("/authorisation/program_id", "invalid_value", "There is no such programme.")
	}
	return reachable(err, rules, least)
}

func reachable(err error, rules *policy.Program, least int) error {
	if err != nil {
		return err
	}
	for _, tier := range rules.Tiers {
		if tier.Rank >= least {
			return nil
		}
	}
	return problem.Invalid("/authorisation/tier_rank_min", "out_of_range", fmt.Sprintf("No tier of the programme %s has a rank this high: nobody could sell it.", rules.ID))
}

// save stores a product as its next revision.
func save(ctx context.Context, c *call.Call, before, after *offer.Stored) error {
	after.Revision, after.UpdatedAt = before.Revision+1, c.Now
	if before.Revision == 0 {
		after.CreatedAt = c.Now
	}
	after.Authorised, after.Missing, after.AllowedActions, after.EditableFields = false, nil, nil, nil
	doc, err := json.Marshal(after)
	if err != nil {
		return err
	}
	programID, least := offer.TierNeeded(&after.Product)
	search := strings.ToLower(after.SKU + "\n" + after.VendorSKU + "\n" + after.Name)
	if before.Revision == 0 {
		err = c.Tx.InsertProduct(ctx, store.InsertProductParams{
			ID: after.ID, Sku: after.SKU, Bucket: store.Bucket(after.ID), Family: after.Family, Kind: string(after.Kind), Lifecycle: string(after.Lifecycle),
			EndsAt: store.Micros(after.EndsAt), TierProgram: programID, TierRankMin: int64(least), Search: search,
			CreatedAt: store.Micros(after.CreatedAt), UpdatedAt: store.Micros(after.UpdatedAt), Doc: string(doc),
		})
	} else {
		err = store.Changed(c.Tx.UpdateProduct(ctx, store.UpdateProductParams{
			ID: after.ID, Revision: before.Revision, Family: after.Family, Kind: string(after.Kind), Lifecycle: string(after.Lifecycle),
			EndsAt: store.Micros(after.EndsAt), TierProgram: programID, TierRankMin: int64(least), Search: search, ConfigVersion: int64(after.ConfigVersion),
			UpdatedAt: store.Micros(after.UpdatedAt), Doc: string(doc),
		}))
	}
	if err != nil {
		return err
	}
	return connect(ctx, c, after)
}

// connect keeps what of a product is looked for: the credentials that it needs, its external references, and its deadline.
func connect(ctx context.Context, c *call.Call, p *offer.Stored) error {
	if err := c.Tx.DropProductNeeds(ctx, p.ID); err != nil {
		return err
	}
	for _, id := range p.Authorisation.CredentialDefinitionIDs {
		if err := c.Tx.PutProductNeed(ctx, store.PutProductNeedParams{ProductID: p.ID, DefinitionID: id}); err != nil {
			return err
		}
	}
	if err := saveRefs(ctx, c, p); err != nil {
		return err
	}
	if err := c.Tx.DropTimers(ctx, p.ID); err != nil {
		return err
	}
	if p.EndsAt.IsZero() || p.Lifecycle != contract.LifecycleActive {
		return nil
	}
	return c.Tx.PutTimer(ctx, store.PutTimerParams{Kind: endDeadline, ResourceID: p.ID, DueAt: store.Micros(p.EndsAt)})
}

// saveRefs keeps the product's external references findable; each names one product.
func saveRefs(ctx context.Context, c *call.Call, p *offer.Stored) error {
	owner := c.Caller.Owner()
	if err := c.Tx.DropRefs(ctx, store.DropRefsParams{ResourceID: p.ID, Owner: owner}); err != nil {
		return err
	}
	for i, ref := range p.ExternalRefs {
		switch _, err := c.Tx.Ref(ctx, store.RefParams{Owner: owner, ResourceType: productResource, System: ref.System, RefID: ref.ID}); {
		case err == nil:
			return problem.Invalid(fmt.Sprintf("/external_refs/%d", i), "duplicate_key", "Another product has this reference.")
		case !errors.Is(err, store.ErrNotFound):
			return err
		}
		if err := c.Tx.InsertRef(ctx, store.InsertRefParams{Owner: owner, ResourceType: productResource, System: ref.System, RefID: ref.ID, ResourceID: p.ID}); err != nil {
			return err
		}
	}
	return nil
}
