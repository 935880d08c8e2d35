package assets_test

import (
	"bytes"
	"image"
	"image/color"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/mdf/assets"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/files"
)

func TestBannerCarriesTheLogo(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		for name, template := range map[string][]byte{"banner.png": encoded(t, plain(400, 200, white)), "banner.jpg": jpegOf(t, plain(400, 200, white))} {
			a := d.publishes(name, template, banner)
			seen, err := d.acme.Get(ctx, a.ID)
			require.NoError(t, err)
			assert.Equal(t, []assets.Action{assets.ActionDownload, assets.ActionCoBrand}, seen.AllowedActions)

			job, err := d.acme.CoBrand(ctx, a.ID, d.branded())
			require.NoError(t, err)
			assert.Equal(t, assets.JobStatusQueued, job.Status)
			assert.Equal(t, "Acme Partners", job.Values[1].Text, "from the partner's record")
			_, err = d.acme.CreateLink(ctx, a.ID, assets.LinkRequest{JobID: job.ID})
			require.ErrorIs(t, err, assets.ErrJobNotReady)
			_, err = d.globex.GetJob(ctx, job.ID)
			require.ErrorIs(t, err, partnerportal.ErrNotFound)

			d.draws()
			job, err = d.acme.GetJob(ctx, job.ID)
			require.NoError(t, err)
			require.Equal(t, assets.JobStatusReady, job.Status, job.Error)
			assert.True(t, job.Over())
			assert.Equal(t, name, job.Output.Name)
			assert.Equal(t, noon.AddDate(0, 0, 30), job.ExpiresAt)
			assert.Equal(t, []string{"asset.cobrand_ready"}, d.heard(d.Acme, job.ID))

			content := d.downloads(d.acme, a.ID, assets.LinkRequest{JobID: job.ID})
			assert.EqualValues(t, len(content), job.Output.Size)
			made := picture(t, content)
			assert.Equal(t, image.Pt(400, 200), made.Bounds().Size())
			assert.InDelta(t, 255, at(made, 70, 70).R, 3)
			assert.InDelta(t, 0, at(made, 70, 70).G, 3, "the logo is red")
			assert.InDelta(t, 255, at(made, 10, 190).G, 3, "the paper is white")
			preview, err := d.acme.OpenJobPreview(ctx, job.ID)
			require.NoError(t, err)
			assert.Equal(t, "image/png", preview.MediaType)
			assert.Equal(t, made.Bounds(), picture(t, all(t, preview)).Bounds())

			counted, err := d.vendor.Get(ctx, a.ID)
			require.NoError(t, err)
			assert.EqualValues(t, 1, counted.CoBrands)
			_, err = d.vendor.Withdraw(ctx, a.ID, assets.Withdrawal{Reason: "Old logo."})
			require.NoError(t, err)
			_, err = d.acme.OpenJobPreview(ctx, job.ID)
			require.ErrorIs(t, err, assets.ErrWithdrawn)
			_, err = d.acme.CreateLink(ctx, a.ID, assets.LinkRequest{JobID: job.ID})
			require.ErrorIs(t, err, assets.ErrWithdrawn)
			assert.Contains(t, d.heard(d.Acme, a.ID), assets.EventWithdrawn)
		}
		jobs, err := d.vendor.ListJobs(ctx, assets.ListJobsParams{Status: []assets.JobStatus{assets.JobStatusReady}, PartnerID: []string{d.AcmeID}})
		require.NoError(t, err)
		assert.Len(t, jobs.Items, 2)
		jobs, err = d.globex.ListJobs(ctx, assets.ListJobsParams{})
		require.NoError(t, err)
		assert.Empty(t, jobs.Items)
	})
}

// flyer is a change that makes a template of a PDF of two pages.
func flyer(a *assets.NewAsset, fileID string) {
	a.CoBrand = assets.Template{FileID: fileID, Zones: []assets.Zone{
		{ID: "logo", Kind: assets.ZoneKindLogo, Page: 2, X: 20, Y: 20, Width: 80, Height: 40, Required: true},
		{ID: "headline", Kind: assets.ZoneKindText, X: 20, Y: 20, Width: 260, Height: 40, Bold: true, Color: "#003366"},
		{ID: "web", Kind: assets.ZoneKindURL, X: 20, Y: 70, Width: 260, Height: 20},
		{ID: "legal", Kind: assets.ZoneKindText, Page: 2, X: 20, Y: 170, Width: 260, Height: 20, Text: "Trademarks belong to their owners.", Locked: true},
	}}
}

func TestPDFCarriesTheLogo(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		a := d.publishes("flyer.pdf", brochure(t, 2), flyer)
		values := append(d.branded().Values, assets.ZoneValue{Zone: "headline", Text: "Акме и Ακμή"}, assets.ZoneValue{Zone: "web", Text: "https://acme.example"})
		job, err := d.acme.CoBrand(ctx, a.ID, assets.CoBranding{Values: values})
		require.NoError(t, err)
		assert.Len(t, job.Values, 4, "with the legal notice")
		d.draws()
		job, err = d.acme.GetJob(ctx, job.ID)
		require.NoError(t, err)
		require.Equal(t, assets.JobStatusReady, job.Status, job.Error)
		assert.False(t, job.Preview)
		_, err = d.acme.OpenJobPreview(ctx, job.ID)
		require.ErrorIs(t, err, assets.ErrNoPreview)

		made := d.downloads(d.acme, a.ID, assets.LinkRequest{JobID: job.ID})
		pictures, err := api.ExtractImagesRaw(bytes.NewReader(made), []string{"1-2"}, nil)
		require.NoError(t, err)
		assert.Empty(t, pictures[0])
		assert.Len(t, pictures[1], 1, "the logo is on the second page")
	})
}

func TestWhatIsWrongWithCoBranding(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		a := d.publishes("flyer.pdf", brochure(t, 2), flyer)
		pic := d.publishes("banner.png", encoded(t, plain(400, 200, white)), banner)
		logo := d.branded().Values[0]
		small := d.uploads(d.Acme, files.PurposeLogo, "small.png", encoded(t, plain(49, 200, red)))
		foreign := d.uploads(d.Globex, files.PurposeLogo, "logo.png", encoded(t, plain(100, 100, red)))
		document := d.uploads(d.Acme, files.PurposeProof, "invoice.pdf", brochure(t, 1))
		broken := d.uploads(d.Acme, files.PurposeLogo, "half.png", encoded(t, plain(100, 100, red))[:20])
		for name, c := range map[string]struct {
			asset  *assets.Asset
			values []assets.ZoneValue
			code   partnerportal.ErrorCode
			want   []string
		}{
			"no logo":          {a, nil, assets.ErrZone, []string{"/values required"}},
			"unknown zone":     {a, []assets.ZoneValue{logo, {Zone: "footer", Text: "x"}}, assets.ErrZone, []string{"/values/1/zone invalid_value"}},
			"twice":            {a, []assets.ZoneValue{logo, logo}, assets.ErrZone, []string{"/values/1/zone duplicate"}},
			"locked":           {a, []assets.ZoneValue{logo, {Zone: "legal", Text: "x"}}, assets.ErrZone, []string{"/values/1/zone not_permitted"}},
			"text for logo":    {a, []assets.ZoneValue{{Zone: "logo", Text: "Acme"}}, assets.ErrZone, []string{"/values/0/file_id required"}},
			"logo for text":    {a, []assets.ZoneValue{logo, {Zone: "headline", FileID: logo.FileID}}, assets.ErrZone, []string{"/values/1 not_permitted"}},
			"no such glyph":    {a, []assets.ZoneValue{logo, {Zone: "headline", Text: "株式会社"}}, assets.ErrZone, []string{"/values/1/text invalid_value"}},
			"too long":         {a, []assets.ZoneValue{logo, {Zone: "headline", Text: strings.Repeat("many words ", 100)}}, assets.ErrZone, []string{"/values/1/text out_of_range"}},
			"more than it may": {pic, []assets.ZoneValue{logo, {Zone: "headline", Text: strings.Repeat("a ", 31) + "b"}}, assets.ErrZone, []string{"/values/1/text out_of_range"}},
			"no web address":   {a, []assets.ZoneValue{logo, {Zone: "web", Text: "javascript:alert(1)"}}, assets.ErrZone, []string{"/values/1/text invalid_format"}},
			"not its own":      {a, []assets.ZoneValue{{Zone: "logo", FileID: foreign}}, assets.ErrZone, []string{"/values/0/file_id invalid_value"}},
			"no picture":       {a, []assets.ZoneValue{{Zone: "logo", FileID: document}}, assets.ErrZone, []string{"/values/0/file_id invalid_value"}},
			"broken":           {a, []assets.ZoneValue{{Zone: "logo", FileID: broken}}, assets.ErrZone, []string{"/values/0/file_id invalid_value"}},
			"too small":        {pic, []assets.ZoneValue{{Zone: "logo", FileID: small}}, assets.ErrLogoTooSmall, []string{"/values/0/file_id out_of_range"}},
		} {
			_, err := d.acme.CoBrand(ctx, c.asset.ID, assets.CoBranding{Values: c.values})
			require.ErrorIs(t, err, c.code, name)
			assert.Equal(t, c.want, faults(t, err), name)
		}
		twice := d.publishes("twice.pdf", brochure(t, 1), func(a *assets.NewAsset, fileID string) {
			a.CoBrand = assets.Template{FileID: fileID, Zones: []assets.Zone{
				{ID: "left", Kind: assets.ZoneKindLogo, Width: 50, Height: 50}, {ID: "right", Kind: assets.ZoneKindLogo, X: 60, Width: 50, Height: 50},
			}}
		})
		huge := d.uploads(d.Acme, files.PurposeLogo, "huge.png", encoded(t, image.NewPaletted(image.Rect(0, 0, 6000, 6000), color.Palette{red})))
		_, err := d.acme.CoBrand(ctx, twice.ID, assets.CoBranding{Values: []assets.ZoneValue{{Zone: "left", FileID: huge}}})
		require.NoError(t, err)
		_, err = d.acme.CoBrand(ctx, twice.ID, assets.CoBranding{Values: []assets.ZoneValue{{Zone: "left", FileID: huge}, {Zone: "right", FileID: huge}}})
		require.ErrorIs(t, err, assets.ErrZone, "all of a job's pictures are held at once")
		assert.Equal(t, []string{"/values/1/file_id out_of_range"}, faults(t, err))
		bare := d.publishes("bare.pdf", brochure(t, 1), nil)
		_, err = d.acme.CoBrand(ctx, bare.ID, assets.CoBranding{Values: []assets.ZoneValue{logo}})
		require.ErrorIs(t, err, assets.ErrNotCoBrandable)
		f, err := files.New(d.Acme).Get(ctx, small)
		require.NoError(t, err)
		assert.False(t, f.Used)
	})
}

func TestWhatIsWrongWithATemplate(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		pdf := d.uploads(d.Vendor, files.PurposeAsset, "gtx.pdf", brochure(t, 1))
		half := d.uploads(d.Vendor, files.PurposeAsset, "half.pdf", brochure(t, 1)[:300])
		table := d.uploads(d.Vendor, files.PurposeAsset, "a.csv", []byte("a,b\n1,2\n3,4\n"))
		zone := func(change func(z *assets.Zone)) []assets.Zone {
			z := assets.Zone{ID: "z", Kind: assets.ZoneKindText, X: 0, Y: 0, Width: 100, Height: 20}
			change(&z)
			return []assets.Zone{z}
		}
		fine := zone(func(*assets.Zone) {})
		for name, c := range map[string]struct {
			file  string
			of    string
			zones []assets.Zone
			want  []string
		}{
			"another file":     {pdf, half, fine, []string{"/co_brand/file_id invalid_value"}},
			"half a PDF":       {half, half, fine, []string{"/co_brand/file_id invalid_value"}},
			"no template":      {table, table, fine, []string{"/co_brand/file_id invalid_value"}},
			"no such page":     {pdf, pdf, zone(func(z *assets.Zone) { z.Page = 2 }), []string{"/co_brand/zones/0/page out_of_range"}},
			"beside the page":  {pdf, pdf, zone(func(z *assets.Zone) { z.X = 201 }), []string{"/co_brand/zones/0 out_of_range"}},
			"below the page":   {pdf, pdf, zone(func(z *assets.Zone) { z.Y = 181 }), []string{"/co_brand/zones/0 out_of_range"}},
			"the same name":    {pdf, pdf, append(fine, fine...), []string{"/co_brand/zones/1/id duplicate"}},
			"locked and empty": {pdf, pdf, zone(func(z *assets.Zone) { z.Locked = true }), []string{"/co_brand/zones/0/locked not_permitted"}},
			"two defaults": {pdf, pdf, zone(func(z *assets.Zone) { z.Text, z.DefaultFrom = "a", assets.ZoneSourcePartnerName }),
				[]string{"/co_brand/zones/0/default_from not_permitted"}},
			"a default logo": {pdf, pdf, zone(func(z *assets.Zone) { z.Kind, z.Text = assets.ZoneKindLogo, "a" }), []string{"/co_brand/zones/0 not_permitted"}},
			"pixels of text": {pdf, pdf, zone(func(z *assets.Zone) { z.MinWidth = 10 }), []string{"/co_brand/zones/0/min_width not_permitted"}},
			"default too long": {pdf, pdf, zone(func(z *assets.Zone) { z.Text = strings.Repeat("many words ", 20) }),
				[]string{"/co_brand/zones/0/text out_of_range"}},
		} {
			_, err := d.vendor.Create(t.Context(), assets.NewAsset{
				Title: name, Files: []assets.NewFile{{FileID: c.file}}, CoBrand: assets.Template{FileID: c.of, Zones: c.zones},
			})
			require.ErrorIs(t, err, assets.ErrZone, name)
			assert.Equal(t, c.want, faults(t, err), name)
		}
	})
}

func TestOutputsAreClearedAway(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		a := d.publishes("banner.png", encoded(t, plain(400, 200, white)), banner)
		branding := d.branded()
		logo := branding.Values[0].FileID
		job, err := d.acme.CoBrand(ctx, a.ID, branding)
		require.NoError(t, err)
		d.draws()
		used, err := files.New(d.Acme).Get(ctx, logo)
		require.NoError(t, err)
		assert.True(t, used.Used)
		d.Advance(30*24*time.Hour - time.Minute)
		link, err := d.acme.CreateLink(ctx, a.ID, assets.LinkRequest{JobID: job.ID})
		require.NoError(t, err)

		d.Advance(time.Minute)
		job, err = d.acme.GetJob(ctx, job.ID)
		require.NoError(t, err)
		assert.Equal(t, assets.JobStatusExpired, job.Status)
		_, err = d.acme.CreateLink(ctx, a.ID, assets.LinkRequest{JobID: job.ID})
		require.ErrorIs(t, err, assets.ErrJobNotReady)
		_, err = d.acme.OpenJobPreview(ctx, job.ID)
		require.ErrorIs(t, err, assets.ErrNoPreview)
		assert.Equal(t, http.StatusGone, d.browse(link.URL).StatusCode)
		used, err = files.New(d.Acme).Get(ctx, logo)
		require.NoError(t, err)
		assert.False(t, used.Used, "nobody uses the logo any more")
	})
}

func TestJobOfAnEarlierVersion(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		template := encoded(t, plain(400, 200, white))
		a := d.publishes("banner.png", template, banner)
		job, err := d.acme.CoBrand(ctx, a.ID, d.branded())
		require.NoError(t, err)
		_, err = d.vendor.AddVersion(ctx, a.ID, assets.NewVersion{Files: []assets.NewFile{{FileID: d.uploads(d.Vendor, files.PurposeAsset, "new.pdf", brochure(t, 1))}}})
		require.NoError(t, err)
		d.draws()
		job, err = d.acme.GetJob(ctx, job.ID)
		require.NoError(t, err)
		assert.Equal(t, assets.JobStatusReady, job.Status)
		_, err = d.acme.CreateLink(ctx, a.ID, assets.LinkRequest{JobID: job.ID})
		require.ErrorIs(t, err, assets.ErrJobNotReady, "it is of files that are not to be used any more")
		_, err = d.acme.CoBrand(ctx, a.ID, d.branded())
		require.ErrorIs(t, err, assets.ErrNotCoBrandable)
	})
}

func TestPreviewOfAnAsset(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		a := d.publishes("gtx.pdf", brochure(t, 1), func(a *assets.NewAsset, _ string) {
			cover := d.uploads(d.Vendor, files.PurposeAsset, "cover.jpg", jpegOf(t, plain(1600, 800, red)))
			back := d.uploads(d.Vendor, files.PurposeAsset, "back.png", encoded(t, plain(10, 10, white)))
			a.Files = append(a.Files, assets.NewFile{FileID: back}, assets.NewFile{FileID: cover, Role: assets.FileRolePreview})
		})
		assert.False(t, a.Preview)
		_, err := d.acme.OpenPreview(ctx, a.ID)
		require.ErrorIs(t, err, assets.ErrNoPreview, "none yet")
		d.draws()
		seen, err := d.acme.Get(ctx, a.ID)
		require.NoError(t, err)
		assert.True(t, seen.Preview)
		preview, err := d.acme.OpenPreview(ctx, a.ID)
		require.NoError(t, err)
		assert.Equal(t, "cover.png", preview.Name)
		shown := picture(t, all(t, preview))
		assert.Equal(t, image.Pt(800, 400), shown.Bounds().Size())
		assert.InDelta(t, 255, at(shown, 400, 200).R, 3)

		plainPDF := d.uploads(d.Vendor, files.PurposeAsset, "gtx.pdf", brochure(t, 1))
		a, err = d.vendor.AddVersion(ctx, a.ID, assets.NewVersion{Files: []assets.NewFile{{FileID: plainPDF}}})
		require.NoError(t, err)
		assert.False(t, a.Preview, "the picture was of other files")
		d.draws()
		_, err = d.acme.OpenPreview(ctx, a.ID)
		require.ErrorIs(t, err, assets.ErrNoPreview, "there is no picture in it")
	})
}

func TestPictureThatCannotBeDrawn(t *testing.T) {
	engines(t, func(t *testing.T, d *desk) {
		t.Helper()
		ctx := t.Context()
		a := d.publishes("banner.png", encoded(t, plain(400, 200, white)), banner)
		whole := encoded(t, plain(100, 100, red))
		half := d.uploads(d.Acme, files.PurposeLogo, "half.png", whole[:len(whole)-30]) // its size is there, its pixels are not
		job, err := d.acme.CoBrand(ctx, a.ID, assets.CoBranding{Values: []assets.ZoneValue{{Zone: "logo", FileID: half}}})
		require.NoError(t, err)
		d.draws()
		job, err = d.acme.GetJob(ctx, job.ID)
		require.NoError(t, err)
		assert.Equal(t, assets.JobStatusFailed, job.Status)
		assert.Contains(t, job.Error, "The picture cannot be read")
		assert.Equal(t, []string{"asset.cobrand_failed"}, d.heard(d.Acme, job.ID))
		_, err = d.acme.CreateLink(ctx, a.ID, assets.LinkRequest{JobID: job.ID})
		require.ErrorIs(t, err, assets.ErrJobNotReady)
	})
}
