// Package assets is the portal's room for co-marketing assets: the library, downloads by short-lived links, and co-branding.
//
// What is drawn, previews and what jobs make, is drawn in the background and outside of transactions (work.go); how, is the business
// of package brand. Deadlines (deadlines.go) publish and end assets, and clear away what jobs have made.
package assets

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	contract "github.com/partnerportal/partnerportal-go/mdf/assets"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/blob"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// What the feed calls the resources.
const (
	assetResource = "asset"
	jobResource   = "cobrand_job"
)

// Transact runs do in a transaction of its own, as the portal itself. It may run it again.
type Transact func(ctx context.Context, do func(ctx context.Context) error) error

// Service implements the assets operations of the contract.
type Service struct {
	blobs    blob.Store
	transact Transact
	wake     chan struct{} // holds a token when there may be something to draw
}

var _ contract.Server = (*Service)(nil)

// New returns a Service that keeps what it draws in blobs.
func New(blobs blob.Store, transact Transact) *Service {
	return &Service{blobs: blobs, transact: transact, wake: make(chan struct{}, 1)}
}

// load returns an asset as it is stored, with what is counted beside it.
func load(ctx context.Context, c *call.Call, id string) (*contract.Asset, error) {
	row, err := c.Tx.Asset(ctx, id)
	if err != nil {
		return nil, call.OrNotFound(err, assetResource)
	}
	return decode(row)
}

func decode(row store.AssetRow) (*contract.Asset, error) {
	a := new(contract.Asset)
	if err := json.Unmarshal([]byte(row.Doc), a); err != nil {
		return nil, fmt.Errorf("an asset: %w", err)
	}
	a.Preview, a.Downloads, a.CoBrands = row.Preview == row.Version, row.Downloads, row.CoBrands
	return a, nil
}

// ended says that the time of an asset is over.
func ended(a *contract.Asset, now time.Time) bool {
	return !a.ExpiresAt.IsZero() && !a.ExpiresAt.After(now)
}

// document is an asset as it is stored: without what depends on the reader, and what is counted elsewhere.
func document(a *contract.Asset) (string, error) {
	stored := *a
	stored.Access, stored.Preview, stored.Downloads, stored.CoBrands, stored.AllowedActions, stored.EditableFields = "", false, 0, 0, nil, nil
	doc, err := json.Marshal(stored)
	return string(doc), err
}

// insert stores a new asset.
func insert(ctx context.Context, c *call.Call, a *contract.Asset) error {
	a.Revision, a.CreatedAt, a.UpdatedAt = 1, c.Now, c.Now
	doc, err := document(a)
	if err != nil {
		return err
	}
	if err := c.Tx.InsertAsset(ctx, store.InsertAssetParams{
		ID: a.ID, Bucket: store.Bucket(a.ID), Status: string(a.Status), Kind: string(a.Kind), Version: int64(a.Version), Revision: a.Revision,
		CreatedAt: store.Micros(a.CreatedAt), UpdatedAt: store.Micros(a.UpdatedAt), Doc: doc,
	}); err != nil {
		return err
	}
	return tag(ctx, c, a)
}

// update stores an asset as its next revision.
func update(ctx context.Context, c *call.Call, a *contract.Asset) error {
	read := a.Revision
	a.Revision, a.UpdatedAt = read+1, c.Now
	doc, err := document(a)
	if err != nil {
		return err
	}
	if err := store.Changed(c.Tx.UpdateAsset(ctx, store.UpdateAssetParams{
		ID: a.ID, Revision: read, Status: string(a.Status), Kind: string(a.Kind), PublishedAt: store.Micros(a.PublishedAt), Version: int64(a.Version),
		UpdatedAt: store.Micros(a.UpdatedAt), Doc: doc,
	})); err != nil {
		return err
	}
	return tag(ctx, c, a)
}

// tag notes by what lists are filtered.
func tag(ctx context.Context, c *call.Call, a *contract.Asset) error {
	if err := c.Tx.DropAssetTags(ctx, a.ID); err != nil {
		return err
	}
	for _, t := range append(tags("locale:", a.Locales), tags("product:", a.Products)...) {
		if err := c.Tx.PutAssetTag(ctx, store.PutAssetTagParams{Tag: t, AssetID: a.ID}); err != nil {
			return err
		}
	}
	return nil
}

func tags(prefix string, values []string) []string {
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = prefix + v
	}
	return all
}

// refuse answers that something cannot be had, for a reason that has a code.
func refuse(status int, code partnerportal.ErrorCode, detail string) error {
	return problem.New(status, code, detail)
}
