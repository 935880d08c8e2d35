package assets

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/text/language"

	contract "github.com/partnerportal/partnerportal-go/mdf/assets"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/match"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// List returns a page of assets; to partners those that are or were published.
func (s *Service) List(ctx context.Context, params *contract.ListParams) (*contract.Page, error) {
	c := call.From(ctx)
	r, err := readerOf(ctx, c)
	if err != nil {
		return nil, err
	}
	q := store.Query{
		Table: "assets", Columns: "doc, version, preview, downloads, co_brands",
		Page: store.Page{Cursor: params.Cursor, Limit: params.Limit, Segment: params.Segment},
	}
	if err := q.OrderBy(params.Sort); err != nil {
		return nil, err
	}
	if r.partner != nil {
		q.Where("published_at > 0")
		store.WhereIn(&q, "status", []contract.Status{published, expired, withdrawn})
	}
	q.UpdatedSince(params.UpdatedSince)
	store.WhereIn(&q, "kind", params.Kind)
	store.WhereIn(&q, "status", params.Status)
	whereTagged(&q, tags("locale:", params.Locale))
	whereTagged(&q, tags("product:", params.Product))
	items, next, err := store.List(ctx, c.Tx, q, func(dest func(...any) error) (contract.Asset, error) {
		var row store.AssetRow
		if err := dest(&row.Doc, &row.Version, &row.Preview, &row.Downloads, &row.CoBrands); err != nil {
			return contract.Asset{}, err
		}
		a, err := decode(row)
		if err != nil {
			return contract.Asset{}, err
		}
		return *a, nil
	})
	if err != nil {
		return nil, err
	}
	for i := range items {
		if _, err := r.view(ctx, &items[i]); err != nil {
			return nil, err
		}
	}
	return &contract.Page{Items: items, Page: partnerportal.PageInfo{NextCursor: next}}, nil
}

// whereTagged keeps assets that have one of the tags; no tags keep all.
func whereTagged(q *store.Query, tags []string) {
	if len(tags) == 0 {
		return
	}
	args := make([]any, len(tags))
	for i, t := range tags {
		args[i] = t
	}
	q.Where("id IN (SELECT asset_id FROM asset_tags WHERE tag IN (?"+strings.Repeat(", ?", len(tags)-1)+"))", args...)
}

// Get returns an asset.
func (s *Service) Get(ctx context.Context, assetID string) (*contract.Asset, error) {
	a, _, err := find(ctx, call.From(ctx), assetID)
	return a, err
}

// Create adds an asset as a draft.
func (s *Service) Create(ctx context.Context, body *contract.NewAsset) (*contract.Asset, error) {
	c := call.From(ctx)
	if !c.Caller.Vendor() {
		return nil, problem.WrongSide(c.Caller.Side)
	}
	a := &contract.Asset{
		ID: ids.New(ids.Asset, c.Now), Status: draft, Title: body.Title, Description: body.Description, Kind: body.Kind, Locales: body.Locales,
		Products: body.Products, CampaignIDs: body.CampaignIDs, ProgramID: body.ProgramID, TierMin: body.TierMin, Territories: body.Territories,
		Terms: body.Terms, ExpiresAt: body.ExpiresAt, Version: 1,
	}
	if err := check(ctx, c, a); err != nil {
		return nil, err
	}
	if err := s.furnish(ctx, c, a, body.Files, body.CoBrand); err != nil {
		return nil, err
	}
	if err := insert(ctx, c, a); err != nil {
		return nil, err
	}
	if err := s.remember(ctx, c, a, ""); err != nil {
		return nil, err
	}
	if err := tell(ctx, c, a, contract.EventCreated, "/status"); err != nil {
		return nil, err
	}
	return s.Get(ctx, a.ID)
}

// Update changes what is said of an asset.
func (s *Service) Update(ctx context.Context, assetID, ifMatch string, body *contract.Patch) (*contract.Asset, error) {
	c, a, err := act(ctx, assetID, ifMatch, contract.ActionUpdate)
	if err != nil {
		return nil, err
	}
	before := *a
	body.Title.Apply(&a.Title)
	body.Description.Apply(&a.Description)
	body.Kind.Apply(&a.Kind)
	body.Locales.Apply(&a.Locales)
	body.Products.Apply(&a.Products)
	body.CampaignIDs.Apply(&a.CampaignIDs)
	body.ProgramID.Apply(&a.ProgramID)
	body.TierMin.Apply(&a.TierMin)
	body.Territories.Apply(&a.Territories)
	body.Terms.Apply(&a.Terms)
	body.ExpiresAt.Apply(&a.ExpiresAt)
	if err := check(ctx, c, a); err != nil {
		return nil, err
	}
	if !a.ExpiresAt.Equal(before.ExpiresAt) {
		if err := s.expireAt(ctx, c, a); err != nil {
			return nil, err
		}
	}
	if err := update(ctx, c, a); err != nil {
		return nil, err
	}
	named, err := call.Named(body)
	if err != nil {
		return nil, err
	}
	if err := tell(ctx, c, a, contract.EventUpdated, named...); err != nil {
		return nil, err
	}
	if a.Status == published && ended(a, c.Now) {
		if err := expire(ctx, c, a); err != nil {
			return nil, err
		}
	}
	return s.Get(ctx, a.ID)
}

// act takes an asset out for something that the vendor does with it, if its state allows.
func act(ctx context.Context, assetID, ifMatch string, action contract.Action) (*call.Call, *contract.Asset, error) {
	c := call.From(ctx)
	if !c.Caller.Vendor() {
		return nil, nil, problem.WrongSide(c.Caller.Side)
	}
	if err := c.Tx.Lock(ctx, "asset "+assetID); err != nil {
		return nil, nil, err
	}
	a, err := load(ctx, c, assetID)
	if err != nil {
		return nil, nil, err
	}
	if err := problem.Unchanged("The asset", ifMatch, a.Revision); err != nil {
		return nil, nil, err
	}
	if a.Status == published && ended(a, c.Now) { // its deadline is late
		if err := expire(ctx, c, a); err != nil {
			return nil, nil, err
		}
	}
	return c, a, may(c.Caller, a, action)
}

// check holds what is said of an asset against the rules, and writes it the one way.
func check(ctx context.Context, c *call.Call, a *contract.Asset) error {
	var f problem.Fields
	f.Text("/title", a.Title, 200)
	for i, locale := range a.Locales {
		checkLocale(&f, fmt.Sprintf("/locales/%d", i), locale)
	}
	for i, t := range a.Territories {
		territory, err := match.Territory(t)
		if err != nil {
			f.Add(fmt.Sprintf("/territories/%d", i), "invalid_format", `Give a country ("US") or a region of one ("US-CA").`)
			continue
		}
		a.Territories[i] = territory
	}
	slices.Sort(a.Territories)
	a.Territories = slices.Compact(a.Territories)
	if a.Terms != "" && strings.TrimSpace(a.Terms) == "" {
		f.Add("/terms", "invalid_value", "Write terms, or leave them out.")
	}
	if err := f.Err(); err != nil {
		return err
	}
	if a.ProgramID == "" && a.TierMin == "" {
		return nil
	}
	p, err := directory.Load(ctx, c.Tx, programOf(a))
	if err != nil {
		return err
	}
	if a.TierMin != "" && directory.TierOf(p, a.TierMin) == nil {
		return problem.Invalid("/tier_min", "invalid_value", fmt.Sprintf("The programme %s has no such tier.", p.ID))
	}
	return nil
}

func checkLocale(f *problem.Fields, pointer, locale string) {
	if _, err := language.Parse(locale); err != nil {
		f.Add(pointer, "invalid_format", `Give a language as in BCP 47, such as "de" or "pt-BR".`)
	}
}

// invalid refuses a request for its fields, with a code of its own.
func invalid(code partnerportal.ErrorCode, f problem.Fields) error {
	if len(f) == 0 {
		return nil
	}
	e := problem.New(http.StatusUnprocessableEntity, code, f[0].Message)
	e.Fields = f
	return e
}
