package assets

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	contract "github.com/partnerportal/partnerportal-go/mdf/assets"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/assets/brand"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// AddVersion gives an asset new files.
func (s *Service) AddVersion(ctx context.Context, assetID, ifMatch string, body *contract.NewVersion) (*contract.Asset, error) {
	c, a, err := act(ctx, assetID, ifMatch, contract.ActionAddVersion)
	if err != nil {
		return nil, err
	}
	if err := dropBlob(ctx, c, previewOf(a), workLease); err != nil {
		return nil, err
	}
	a.Version++
	if err := s.furnish(ctx, c, a, body.Files, body.CoBrand); err != nil {
		return nil, err
	}
	if err := update(ctx, c, a); err != nil {
		return nil, err
	}
	if err := s.remember(ctx, c, a, body.Note); err != nil {
		return nil, err
	}
	if err := tell(ctx, c, a, contract.EventVersionAdded, "/version", "/files", "/co_brand"); err != nil {
		return nil, err
	}
	return s.Get(ctx, a.ID)
}

// ListVersions returns a page of an asset's versions.
func (s *Service) ListVersions(ctx context.Context, assetID string, params *contract.ListVersionsParams) (*contract.VersionPage, error) {
	c := call.From(ctx)
	if _, _, err := find(ctx, c, assetID); err != nil {
		return nil, err
	}
	q := store.Query{
		Table: "asset_versions", Sort: "number", Desc: true, Page: store.Page{Cursor: params.Cursor, Limit: params.Limit, Segment: params.Segment},
	}
	q.Where("asset_id = ?", assetID)
	items, next, err := store.List(ctx, c.Tx, q, decodeDoc[contract.Version])
	if err != nil {
		return nil, err
	}
	return &contract.VersionPage{Items: items, Page: partnerportal.PageInfo{NextCursor: next}}, nil
}

// decodeDoc reads a document of a list.
func decodeDoc[T any](dest func(...any) error) (v T, err error) {
	var doc string
	if err := dest(&doc); err != nil {
		return v, err
	}
	err = json.Unmarshal([]byte(doc), &v)
	return v, err
}

// furnish gives an asset files that the vendor has uploaded, and perhaps a template among them.
func (s *Service) furnish(ctx context.Context, c *call.Call, a *contract.Asset, files []contract.NewFile, template contract.Template) error {
	var f problem.Fields
	a.Files, a.CoBrand = make([]contract.File, 0, len(files)), template
	for i, file := range files {
		at := fmt.Sprintf("/files/%d", i)
		if slices.ContainsFunc(a.Files, func(other contract.File) bool { return other.FileID == file.FileID }) {
			f.Add(at+"/file_id", "duplicate", "Name each file once.")
			continue
		}
		if file.Locale != "" {
			checkLocale(&f, at+"/locale", file.Locale)
		}
		kept, err := c.Tx.UseFile(ctx, c.Caller.Owner(), file.FileID)
		if errors.Is(err, store.ErrNotFound) {
			f.Add(at+"/file_id", "invalid_value", "There is no such file. Upload it first, as the vendor.")
			continue
		}
		if err != nil {
			return err
		}
		if file.Role == "" {
			file.Role = contract.FileRoleMain
		}
		if file.Role == contract.FileRolePreview && !isPicture(kept.MediaType) {
			f.Add(at+"/role", "not_permitted", "A preview is a PNG, JPEG or WebP.")
		}
		a.Files = append(a.Files, contract.File{
			FileID: kept.ID, Role: file.Role, Locale: file.Locale, Name: kept.Name, MediaType: kept.MediaType, Size: kept.Size, SHA256: kept.SHA256,
		})
	}
	if err := f.Err(); err != nil {
		return err
	}
	if !a.CoBrandable() {
		return nil
	}
	return s.checkTemplate(ctx, a)
}

// remember keeps a version, and has its preview drawn.
func (s *Service) remember(ctx context.Context, c *call.Call, a *contract.Asset, note string) error {
	doc, err := json.Marshal(contract.Version{Number: a.Version, Note: note, Files: a.Files, CoBrand: a.CoBrand, CreatedAt: c.Now})
	if err != nil {
		return err
	}
	id := ids.New(ids.Version, c.Now)
	if err := c.Tx.InsertAssetVersion(ctx, store.InsertAssetVersionParams{
		ID: id, AssetID: a.ID, Number: int64(a.Version), Bucket: store.Bucket(id), CreatedAt: store.Micros(c.Now), Doc: string(doc),
	}); err != nil {
		return err
	}
	if pictured(a) == nil {
		return nil
	}
	return s.queue(ctx, c, previewWork, a.ID)
}

// versionOf returns the version of an asset with a number.
func versionOf(ctx context.Context, c *call.Call, assetID string, number int) (*contract.Version, error) {
	doc, err := c.Tx.AssetVersion(ctx, store.AssetVersionParams{AssetID: assetID, Number: int64(number)})
	if err != nil {
		return nil, err
	}
	v := new(contract.Version)
	return v, json.Unmarshal([]byte(doc), v)
}

// pictured is the file that an asset's preview shows, or nil.
func pictured(a *contract.Asset) *contract.File {
	var first *contract.File
	for i := range a.Files {
		switch f := &a.Files[i]; {
		case !isPicture(f.MediaType):
		case f.Role == contract.FileRolePreview:
			return f
		case first == nil:
			first = f
		}
	}
	return first
}

func isPicture(media string) bool {
	return media == brand.PNG || media == brand.JPEG || media == "image/webp"
}

// previewOf is the name under which the picture of an asset's version is kept.
func previewOf(a *contract.Asset) string { return fmt.Sprintf("%s_v%d_preview", a.ID, a.Version) }

// fileOf is a file among others, or nil.
func fileOf(files []contract.File, id string) *contract.File {
	i := slices.IndexFunc(files, func(f contract.File) bool { return f.FileID == id })
	if i < 0 {
		return nil
	}
	return &files[i]
}
