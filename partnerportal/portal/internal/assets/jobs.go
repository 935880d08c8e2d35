package assets

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	contract "github.com/partnerportal/partnerportal-go/mdf/assets"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/assets/brand"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/directory"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/feed"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// keepOutputs is for how many days what a job has made can be downloaded.
const keepOutputs = 30

// CoBrand begins to put the partner's logo and words on an asset.
func (s *Service) CoBrand(ctx context.Context, assetID string, body *contract.CoBranding) (*contract.Job, error) {
	c := call.From(ctx)
	if c.Caller.Side != partnerportal.SidePartner {
		return nil, problem.WrongSide(c.Caller.Side)
	}
	a, err := obtain(ctx, c, assetID)
	if err != nil {
		return nil, err
	}
	if !a.CoBrandable() {
		return nil, refuse(http.StatusConflict, contract.ErrNotCoBrandable, "The asset has no places for a logo.")
	}
	if err := accepts(c, a, body.AcceptTerms); err != nil {
		return nil, err
	}
	partner, err := directory.LoadPartner(ctx, c.Tx, c.Caller.PartnerID)
	if err != nil {
		return nil, err
	}
	var f problem.Fields
	values := fill(&f, a.CoBrand.Zones, body.Values, partner)
	if len(f) == 0 && len(values) == 0 {
		f.Add("/values", "required", "Fill one zone at least.")
	}
	if err := invalid(contract.ErrZone, f); err != nil {
		return nil, err
	}
	if err := s.takePictures(ctx, c, a, body.Values); err != nil {
		return nil, err
	}
	j := &contract.Job{
		ID: ids.New(ids.CoBrandJob, c.Now), AssetID: a.ID, AssetVersion: a.Version, PartnerID: partner.ID, Status: contract.JobStatusQueued,
		Values: values, Revision: 1, CreatedAt: c.Now,
	}
	doc, err := json.Marshal(j)
	if err != nil {
		return nil, err
	}
	if err := c.Tx.InsertCoBrandJob(ctx, store.InsertCoBrandJobParams{
		ID: j.ID, AssetID: j.AssetID, PartnerID: j.PartnerID, Status: string(j.Status), Bucket: store.Bucket(j.ID), Revision: j.Revision,
		CreatedAt: store.Micros(c.Now), UpdatedAt: store.Micros(c.Now), Doc: string(doc),
	}); err != nil {
		return nil, err
	}
	if err := errors.Join(c.Tx.CountAssetCoBrand(ctx, a.ID), c.Tx.PutAssetHolder(ctx, store.PutAssetHolderParams{AssetID: a.ID, PartnerID: partner.ID})); err != nil {
		return nil, err
	}
	return j, s.queue(ctx, c, coBrandWork, j.ID)
}

// takePictures keeps the partner's pictures for a job, and measures them.
func (s *Service) takePictures(ctx context.Context, c *call.Call, a *contract.Asset, given []contract.ZoneValue) error {
	var wrong, small problem.Fields
	var pixels int
	for i, v := range given {
		if v.FileID == "" {
			continue
		}
		at := fmt.Sprintf("/values/%d/file_id", i)
		z := a.CoBrand.Zones[slices.IndexFunc(a.CoBrand.Zones, func(z contract.Zone) bool { return z.ID == v.Zone })]
		size, err := s.takePicture(ctx, c, v.FileID)
		switch {
		case errors.Is(err, store.ErrNotFound):
			wrong.Add(at, "invalid_value", labelOf(z)+": there is no such file of yours. Upload it first.")
		case errors.Is(err, errNoPicture):
			wrong.Add(at, "invalid_value", labelOf(z)+": this is no PNG, JPEG or WebP.")
		case errors.Is(err, brand.ErrContent):
			wrong.Add(at, "invalid_value", labelOf(z)+": "+reason(err))
		case err != nil:
			return err
		}
		if err != nil {
			continue
		}
		if pixels += size.Width * size.Height; pixels > brand.MostPixels {
			wrong.Add(at, "out_of_range", labelOf(z)+": all pictures together may have 50 million pixels.")
		}
		if size.Width < z.MinWidth {
			small.Add(at, "out_of_range", fmt.Sprintf("%s: the picture is %d pixels wide; %d are needed.", labelOf(z), size.Width, z.MinWidth))
		}
	}
	if err := invalid(contract.ErrZone, wrong); err != nil {
		return err
	}
	return invalid(contract.ErrLogoTooSmall, small)
}

var errNoPicture = errors.New("assets: not a picture")

// takePicture keeps a picture of the caller's, and measures it.
func (s *Service) takePicture(ctx context.Context, c *call.Call, fileID string) (brand.Size, error) {
	file, err := c.Tx.UseFile(ctx, c.Caller.Owner(), fileID)
	if err != nil {
		return brand.Size{}, err
	}
	if !isPicture(file.MediaType) {
		return brand.Size{}, errNoPicture
	}
	content, err := s.blobs.Open(ctx, file.ID)
	if err != nil {
		return brand.Size{}, err
	}
	defer content.Close()
	return brand.PictureSize(content)
}

// loadJob returns a job that the caller may know of.
func loadJob(ctx context.Context, c *call.Call, id string) (*contract.Job, error) {
	doc, err := c.Tx.CoBrandJob(ctx, id)
	if err != nil {
		return nil, call.OrNotFound(err, "job")
	}
	j := new(contract.Job)
	if err := json.Unmarshal([]byte(doc), j); err != nil {
		return nil, fmt.Errorf("job %s: %w", id, err)
	}
	if c.Caller.Side == partnerportal.SidePartner && j.PartnerID != c.Caller.PartnerID {
		return nil, call.NotFound("job")
	}
	return j, nil
}

// saveJob stores a job as its next revision.
func saveJob(ctx context.Context, c *call.Call, j *contract.Job) error {
	read := j.Revision
	j.Revision++
	doc, err := json.Marshal(j)
	if err != nil {
		return err
	}
	return store.Changed(c.Tx.UpdateCoBrandJob(ctx, store.UpdateCoBrandJobParams{
		ID: j.ID, Revision: read, Status: string(j.Status), UpdatedAt: store.Micros(c.Now), Doc: string(doc),
	}))
}

// finish ends a job, and tells its partner.
func finish(ctx context.Context, c *call.Call, j *contract.Job, event string) error {
	j.FinishedAt, j.ExpiresAt = c.Now, c.Now.AddDate(0, 0, keepOutputs)
	if err := saveJob(ctx, c, j); err != nil {
		return err
	}
	if err := c.Tx.PutTimer(ctx, store.PutTimerParams{Kind: jobDeadline, ResourceID: j.ID, DueAt: store.Micros(j.ExpiresAt)}); err != nil {
		return err
	}
	return c.Emit(ctx, feed.Event{
		Type: event, ResourceType: jobResource, ResourceID: j.ID, Revision: j.Revision, PartnerID: j.PartnerID, Audience: feed.Both,
		Facts: map[string]any{"asset_id": j.AssetID, "version": j.AssetVersion}, ChangedFields: []string{"/status"}, State: string(j.Status),
	})
}

// expireJob gives back what a job used and made.
func expireJob(ctx context.Context, c *call.Call, id string) error {
	j, err := loadJob(ctx, c, id)
	if err != nil {
		return err
	}
	for _, v := range j.Values {
		if v.FileID == "" {
			continue
		}
		if err := c.Tx.ReleaseFile(ctx, j.PartnerID, v.FileID, c.Now); err != nil {
			return err
		}
	}
	for _, name := range []string{j.ID, jobPreview(j)} {
		if err := dropBlob(ctx, c, name, 0); err != nil {
			return err
		}
	}
	j.Status, j.Preview = contract.JobStatusExpired, false
	return saveJob(ctx, c, j)
}

func jobPreview(j *contract.Job) string { return j.ID + "_preview" }

// GetJob returns a job.
func (s *Service) GetJob(ctx context.Context, jobID string) (*contract.Job, error) {
	return loadJob(ctx, call.From(ctx), jobID)
}

// ListJobs returns a page of jobs, a partner's own.
func (s *Service) ListJobs(ctx context.Context, params *contract.ListJobsParams) (*contract.JobPage, error) {
	c := call.From(ctx)
	q := store.Query{
		Table: "cobrand_jobs", Sort: "created_at", Desc: true, Page: store.Page{Cursor: params.Cursor, Limit: params.Limit, Segment: params.Segment},
	}
	if err := ownOnly(c, &q, params.PartnerID); err != nil {
		return nil, err
	}
	store.WhereIn(&q, "asset_id", params.AssetID)
	store.WhereIn(&q, "status", params.Status)
	items, next, err := store.List(ctx, c.Tx, q, decodeDoc[contract.Job])
	if err != nil {
		return nil, err
	}
	return &contract.JobPage{Items: items, Page: partnerportal.PageInfo{NextCursor: next}}, nil
}
