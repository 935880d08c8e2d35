package assets

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"time"

	contract "github.com/partnerportal/partnerportal-go/mdf/assets"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

const (
	linkLife = 15 * time.Minute
	// DownloadPath is where links are followed without credentials.
	DownloadPath = "/downloads/"
	linkSeal     = "link to an asset"
)

// entry is a download as it is stored: with the content that the link is to.
type entry struct {
	contract.Download

	Blob   string          `json:"blob"`
	Output contract.Output `json:"output"`
}

// CreateLink gives a link to a file of an asset.
func (s *Service) CreateLink(ctx context.Context, assetID string, body *contract.LinkRequest) (*contract.Link, error) {
	c := call.From(ctx)
	a, err := obtain(ctx, c, assetID)
	if err != nil {
		return nil, err
	}
	if err := accepts(c, a, body.AcceptTerms); err != nil {
		return nil, err
	}
	e := &entry{Download: contract.Download{
		ID: ids.New(ids.Download, c.Now), AssetID: a.ID, Version: a.Version, FileID: body.FileID, JobID: body.JobID, PartnerID: c.Caller.PartnerID,
		By: c.Caller.Actor(), DealID: body.DealID, TermsAccepted: body.AcceptTerms && a.Terms != "", CreatedAt: c.Now,
	}}
	if body.JobID != "" {
		err = made(ctx, c, a, e)
	} else {
		err = picked(a, e)
	}
	if err != nil {
		return nil, err
	}
	if err := log(ctx, c, a, e); err != nil {
		return nil, err
	}
	expiresAt := c.Now.Add(linkLife)
	token := c.Tx.Seal(append(binary.BigEndian.AppendUint64(nil, uint64(store.Micros(expiresAt))), e.ID...), linkSeal)
	return &contract.Link{
		ID: e.ID, Token: token, URL: DownloadPath + token, ExpiresAt: expiresAt, Version: a.Version, Name: e.Output.Name, MediaType: e.Output.MediaType,
		Size: e.Output.Size, SHA256: e.Output.SHA256,
	}, nil
}

// accepts refuses a partner that does not accept the terms of an asset.
func accepts(c *call.Call, a *contract.Asset, accepted bool) error {
	if a.Terms == "" || accepted || c.Caller.Vendor() {
		return nil
	}
	e := problem.New(http.StatusUnprocessableEntity, contract.ErrTerms, "The asset has terms. Show them, and say that they are accepted.")
	e.Fields = []partnerportal.FieldError{problem.Field("/accept_terms", "required", "Accept the terms of the asset.")}
	return e
}

// picked notes the file that is wanted.
func picked(a *contract.Asset, e *entry) error {
	if e.FileID == "" {
		e.FileID = a.Files[0].FileID
		for _, f := range a.Files {
			if f.Role == contract.FileRoleMain {
				e.FileID = f.FileID
				break
			}
		}
	}
	f := fileOf(a.Files, e.FileID)
	if f == nil {
		return problem.Invalid("/file_id", "invalid_value", "The asset has no such file, or has it no longer.")
	}
	e.Name, e.Blob, e.Output = f.Name, f.FileID, contract.Output{Name: f.Name, MediaType: f.MediaType, Size: f.Size, SHA256: f.SHA256}
	return nil
}

// made notes what a job has made.
func made(ctx context.Context, c *call.Call, a *contract.Asset, e *entry) error {
	if e.FileID != "" {
		return problem.Invalid("/file_id", "not_permitted", "Name a file or a job, not both.")
	}
	j, err := loadJob(ctx, c, e.JobID)
	if err != nil {
		return err
	}
	switch {
	case j.AssetID != a.ID:
		return problem.Invalid("/job_id", "invalid_value", "The job is on another asset.")
	case j.AssetVersion != a.Version:
		return refuse(http.StatusConflict, contract.ErrJobNotReady, "The asset has newer files since the job. Make it anew.")
	case j.Status != contract.JobStatusReady:
		return refuse(http.StatusConflict, contract.ErrJobNotReady, "The job is "+problem.Words(string(j.Status))+".")
	}
	e.Name, e.Blob, e.Output = j.Output.Name, j.ID, j.Output
	return nil
}

// log keeps an entry, and remembers that its partner has something of the asset.
func log(ctx context.Context, c *call.Call, a *contract.Asset, e *entry) error {
	doc, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if err := c.Tx.InsertAssetDownload(ctx, store.InsertAssetDownloadParams{
		ID: e.ID, AssetID: a.ID, PartnerID: e.PartnerID, Bucket: store.Bucket(e.ID), CreatedAt: store.Micros(c.Now), Doc: string(doc),
	}); err != nil {
		return err
	}
	if e.PartnerID == "" {
		return nil
	}
	if err := c.Tx.CountAssetDownload(ctx, a.ID); err != nil {
		return err
	}
	if err := c.Tx.PutAssetHolder(ctx, store.PutAssetHolderParams{AssetID: a.ID, PartnerID: e.PartnerID}); err != nil {
		return err
	}
	facts := map[string]any{"version": a.Version}
	if e.DealID != "" {
		facts["deal_id"] = e.DealID
	}
	return c.Emit(ctx, feed.Event{
		Type: contract.EventDownloaded, ResourceType: assetResource, ResourceID: a.ID, Revision: a.Revision, PartnerID: e.PartnerID,
		Audience: feed.Both, Facts: facts, State: string(a.Status),
	})
}

// ListDownloads returns a page of the log; to a partner its own downloads.
func (s *Service) ListDownloads(ctx context.Context, assetID string, params *contract.ListDownloadsParams) (*contract.DownloadPage, error) {
	c := call.From(ctx)
	if _, _, err := find(ctx, c, assetID); err != nil {
		return nil, err
	}
	q := store.Query{
		Table: "asset_downloads", Sort: "created_at", Desc: true, Page: store.Page{Cursor: params.Cursor, Limit: params.Limit, Segment: params.Segment},
	}
	q.Where("asset_id = ?", assetID)
	if err := ownOnly(c, &q, params.PartnerID); err != nil {
		return nil, err
	}
	found, next, err := store.List(ctx, c.Tx, q, decodeDoc[entry])
	if err != nil {
		return nil, err
	}
	page := &contract.DownloadPage{Items: make([]contract.Download, len(found)), Page: partnerportal.PageInfo{NextCursor: next}}
	for i, e := range found {
		page.Items[i] = e.Download
	}
	return page, nil
}

// ownOnly keeps a partner to what is its own, and the vendor to the partners that it asks for.
func ownOnly(c *call.Call, q *store.Query, partners []string) error {
	if !c.Caller.Vendor() {
		if len(partners) > 0 {
			return problem.BadQuery("?partner_id", "not_permitted", "Only the vendor may ask for other partners.")
		}
		q.Where("partner_id = ?", c.Caller.PartnerID)
	}
	store.WhereIn(q, "partner_id", partners)
	return nil
}

// Open returns the content that a link is to. It asks for nothing but the token, which stands for what its holder was allowed
// when it was given; that the asset stands and the partner may still act is looked at again.
func (s *Service) Open(ctx context.Context, token string) (*partnerportal.Download, error) {
	c := call.From(ctx)
	plain, ok := c.Tx.Unseal(token, linkSeal)
	if !ok || len(plain) < 8 {
		return nil, call.NotFound("link")
	}
	if expiresAt := int64(binary.BigEndian.Uint64(plain)); expiresAt <= store.Micros(c.Now) {
		return nil, linkOver()
	}
	doc, err := c.Tx.AssetDownload(ctx, string(plain[8:]))
	if err != nil {
		return nil, err
	}
	var e entry
	if err := json.Unmarshal([]byte(doc), &e); err != nil {
		return nil, fmt.Errorf("download %s: %w", plain[8:], err)
	}
	if err := holds(ctx, c, &e); err != nil {
		return nil, err
	}
	return s.content(ctx, e.Blob, e.Output)
}

func linkOver() error {
	return refuse(http.StatusGone, contract.ErrLinkExpired, "The link works no longer. Ask for another one.")
}

// holds refuses a partner's link whose asset has ended or changed, or whose partner is out.
func holds(ctx context.Context, c *call.Call, e *entry) error {
	if e.PartnerID == "" {
		return nil
	}
	a, err := load(ctx, c, e.AssetID)
	if err != nil {
		return err
	}
	if a.Status == published && ended(a, c.Now) {
		a.Status = expired
	}
	if err := stands(a); err != nil {
		return err
	}
	partner, err := directory.LoadPartner(ctx, c.Tx, e.PartnerID)
	if err != nil {
		return err
	}
	if a.Version != e.Version || !partner.Active() {
		return linkOver()
	}
	return nil
}

// content opens what lies in the file store.
func (s *Service) content(ctx context.Context, name string, o contract.Output) (*partnerportal.Download, error) {
	content, err := s.blobs.Open(ctx, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, linkOver()
	}
	if err != nil {
		return nil, fmt.Errorf("assets: the content %s: %w", name, err)
	}
	d := &partnerportal.Download{ReadCloser: content, Name: o.Name, MediaType: o.MediaType, Size: o.Size}
	if o.SHA256 != "" {
		d.ETag = `"` + o.SHA256 + `"`
	}
	return d, nil
}
