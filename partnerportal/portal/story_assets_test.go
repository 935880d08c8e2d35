package portal_test

import (
	"bytes"
	"image"
	"image/png"
	"io"

	"github.com/stretchr/testify/assert"

	"github.com/partnerportal/partnerportal-go/mdf/assets"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/files"
)

// picture uploads a picture of some size.
func (s *story) picture(c *files.Client, purpose files.Purpose, width, height int) string {
	s.t.Helper()
	var b bytes.Buffer
	s.ok(png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))))
	return did[files.File](s)(c.Upload(s.ctx, files.Upload{Purpose: purpose, File: files.Content{Name: "picture.png", Reader: &b}})).ID
}

// assets: the vendor publishes a banner, Acme downloads it and puts its logo on it, and the vendor takes it back.
func (s *story) assets() {
	t, ctx, acme, vendor := s.t, s.ctx, s.acme.assets, s.vendor.assets
	asset, job := did[assets.Asset](s), did[assets.Job](s)
	banner := s.picture(s.vendor.files, files.PurposeAsset, 400, 200)
	template := assets.Template{FileID: banner, Zones: []assets.Zone{
		{ID: "logo", Kind: assets.ZoneKindLogo, X: 10, Y: 10, Width: 100, Height: 50, Required: true, MinWidth: 20},
		{ID: "name", Kind: assets.ZoneKindText, X: 120, Y: 10, Width: 200, Height: 50, DefaultFrom: assets.ZoneSourcePartnerName},
	}}

	a := asset(vendor.Create(ctx, assets.NewAsset{Title: "Banner", Kind: assets.KindBanner, Files: []assets.NewFile{{FileID: banner}}, CoBrand: template}))
	_, err := vendor.Create(ctx, assets.NewAsset{Title: "Banner", Files: []assets.NewFile{{FileID: banner}}, CoBrand: assets.Template{FileID: "none", Zones: template.Zones}})
	s.refused("zone_invalid", err)
	a = asset(vendor.Get(ctx, a.ID))
	a = asset(vendor.Update(ctx, a.ID, assets.Patch{Terms: partnerportal.Set("Show it as it is."), Locales: partnerportal.Set([]string{"en"})}, partnerportal.IfMatch(a)))
	a = asset(vendor.AddVersion(ctx, a.ID, assets.NewVersion{Files: []assets.NewFile{{FileID: banner}}, CoBrand: template, Note: "Again."}))
	a = asset(vendor.Publish(ctx, a.ID, assets.Publication{}, partnerportal.IfMatch(a)))
	_, err = vendor.Publish(ctx, a.ID, assets.Publication{})
	s.refused("invalid_state", err)
	assert.Len(t, did[assets.Page](s)(acme.List(ctx, assets.ListParams{Locale: []string{"en"}})).Items, 1)
	assert.Len(t, did[assets.VersionPage](s)(acme.ListVersions(ctx, a.ID, assets.ListVersionsParams{})).Items, 2)
	_, err = acme.OpenPreview(ctx, a.ID)
	s.refused("preview_missing", err)

	_, err = acme.CreateLink(ctx, a.ID, assets.LinkRequest{})
	s.refused("terms_not_accepted", err)
	_, err = acme.Download(ctx, a.ID, assets.LinkRequest{AcceptTerms: true}, io.Discard)
	s.ok(err)
	assert.Len(t, did[assets.DownloadPage](s)(vendor.ListDownloads(ctx, a.ID, assets.ListDownloadsParams{})).Items, 1)

	small := s.picture(s.acme.files, files.PurposeLogo, 10, 10)
	_, err = acme.CoBrand(ctx, a.ID, assets.CoBranding{AcceptTerms: true, Values: []assets.ZoneValue{{Zone: "logo", FileID: small}}})
	s.refused("logo_too_small", err)
	logo := s.picture(s.acme.files, files.PurposeLogo, 100, 50)
	j := job(acme.CoBrand(ctx, a.ID, assets.CoBranding{AcceptTerms: true, Values: []assets.ZoneValue{{Zone: "logo", FileID: logo}}}))
	_, err = acme.CreateLink(ctx, a.ID, assets.LinkRequest{AcceptTerms: true, JobID: j.ID})
	s.refused("job_not_ready", err)
	s.ok(s.p.DrawAssets(ctx))
	assert.Equal(t, assets.JobStatusReady, job(acme.GetJob(ctx, j.ID)).Status)
	assert.Len(t, did[assets.JobPage](s)(acme.ListJobs(ctx, assets.ListJobsParams{AssetID: []string{a.ID}})).Items, 1)
	for _, preview := range []*partnerportal.Download{
		did[partnerportal.Download](s)(acme.OpenPreview(ctx, a.ID)), did[partnerportal.Download](s)(acme.OpenJobPreview(ctx, j.ID)),
	} {
		_, err := png.Decode(preview)
		s.ok(err)
		s.ok(preview.Close())
	}

	link := did[assets.Link](s)(acme.CreateLink(ctx, a.ID, assets.LinkRequest{AcceptTerms: true, JobID: j.ID}))
	asset(vendor.Withdraw(ctx, a.ID, assets.Withdrawal{Reason: "A new logo."}))
	_, err = acme.Open(ctx, link.Token)
	s.refused("asset_withdrawn", err)
	asset(vendor.Archive(ctx, a.ID))
	_, err = acme.Get(ctx, a.ID)
	s.refused("not_found", err)
}
