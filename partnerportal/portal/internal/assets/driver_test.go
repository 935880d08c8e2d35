package assets_test

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"io"
	"testing"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/mdf/assets"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/files"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store/storetest"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
)

// noon is when all tests begin; their clocks go on only when they are turned.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

var (
	red   = color.NRGBA{R: 255, A: 255}
	white = color.NRGBA{R: 255, G: 255, B: 255, A: 255}
)

// desk is a portal with the vendor at its desk and two partners: Acme in the US, Globex in Germany.
type desk struct {
	*portaltest.Portal

	t                    *testing.T
	vendor, acme, globex *assets.Client
}

// engines runs a test on each database engine that is at hand.
func engines(t *testing.T, test func(t *testing.T, d *desk)) {
	t.Helper()
	t.Parallel()
	for name, dsn := range storetest.Engines {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newDesk(t, dsn(t)))
		})
	}
}

func newDesk(t *testing.T, dsn string, opts ...portal.Option) *desk {
	t.Helper()
	opts = append([]portal.Option{portal.WithSandbox(), portal.WithFileDir(t.TempDir()), portal.WithClock(func() time.Time { return noon })}, opts...)
	inner, err := portal.Open(t.Context(), dsn, opts...)
	require.NoError(t, err)
	p := portaltest.Wrap(t, inner)
	return &desk{Portal: p, t: t, vendor: assets.New(p.Vendor), acme: assets.New(p.Acme), globex: assets.New(p.Globex)}
}

// uploads sends a file and returns its id.
func (d *desk) uploads(pp *partnerportal.Client, purpose files.Purpose, name string, content []byte) string {
	d.t.Helper()
	f, err := files.New(pp).Upload(d.t.Context(), files.Upload{Purpose: purpose, File: files.Content{Name: name, Reader: bytes.NewReader(content)}})
	require.NoError(d.t, err)
	return f.ID
}

// adds puts a file into the library, as a draft.
func (d *desk) adds(name string, content []byte, change func(a *assets.NewAsset, fileID string)) *assets.Asset {
	d.t.Helper()
	fileID := d.uploads(d.Vendor, files.PurposeAsset, name, content)
	a := assets.NewAsset{Title: name, Files: []assets.NewFile{{FileID: fileID}}}
	if change != nil {
		change(&a, fileID)
	}
	made, err := d.vendor.Create(d.t.Context(), a)
	require.NoError(d.t, err)
	return made
}

// publishes adds a file and publishes it at once.
func (d *desk) publishes(name string, content []byte, change func(a *assets.NewAsset, fileID string)) *assets.Asset {
	d.t.Helper()
	a, err := d.vendor.Publish(d.t.Context(), d.adds(name, content, change).ID, assets.Publication{})
	require.NoError(d.t, err)
	return a
}

// banner is a change that makes a template of a picture of 400 by 200 pixels: a logo and a headline.
func banner(a *assets.NewAsset, fileID string) {
	a.CoBrand = assets.Template{FileID: fileID, Zones: []assets.Zone{
		{ID: "logo", Kind: assets.ZoneKindLogo, Label: "Your logo", X: 20, Y: 20, Width: 100, Height: 100, Required: true, MinWidth: 50},
		{ID: "headline", Kind: assets.ZoneKindText, X: 140, Y: 20, Width: 240, Height: 60, MaxLength: 60, DefaultFrom: assets.ZoneSourcePartnerName},
	}}
}

// branded is what Acme puts on a banner.
func (d *desk) branded() assets.CoBranding {
	d.t.Helper()
	return assets.CoBranding{Values: []assets.ZoneValue{{Zone: "logo", FileID: d.uploads(d.Acme, files.PurposeLogo, "logo.png", encoded(d.t, plain(100, 100, red)))}}}
}

// downloads is the content of a file of an asset.
func (d *desk) downloads(c *assets.Client, assetID string, what assets.LinkRequest) []byte {
	d.t.Helper()
	var b bytes.Buffer
	n, err := c.Download(d.t.Context(), assetID, what, &b)
	require.NoError(d.t, err)
	assert.EqualValues(d.t, b.Len(), n)
	return b.Bytes()
}

// draws has the portal do what it does in the background.
func (d *desk) draws() {
	d.t.Helper()
	require.NoError(d.t, d.DrawAssets(d.t.Context()))
}

// heard are the types of the events of an asset or job that a caller reads.
func (d *desk) heard(pp *partnerportal.Client, id string) []string {
	d.t.Helper()
	page, err := events.New(pp).List(d.t.Context(), events.ListParams{ResourceType: []string{"asset", "cobrand_job"}, ResourceID: id, Limit: 1000})
	require.NoError(d.t, err)
	var types []string
	for _, e := range page.Items {
		types = append(types, e.Type)
	}
	return types
}

// tiers gives the default programme two of them, and Acme the lower one.
func (d *desk) tiers() {
	d.t.Helper()
	ctx, office := d.t.Context(), program.New(d.Vendor)
	p, err := office.Get(ctx, program.DefaultID)
	require.NoError(d.t, err)
	p.Tiers = []program.Tier{{ID: "silver", Name: "Silver", Rank: 1}, {ID: "gold", Name: "Gold", Rank: 2}}
	_, err = office.Put(ctx, p.ID, *p)
	require.NoError(d.t, err)
	_, err = office.Enrol(ctx, program.Enrolment{PartnerID: d.AcmeID, ProgramID: program.DefaultID, TierID: "silver"})
	require.NoError(d.t, err)
}

// rises moves Acme up.
func (d *desk) rises(tier string) {
	d.t.Helper()
	ctx, office := d.t.Context(), program.New(d.Vendor)
	page, err := office.ListMemberships(ctx, program.ListMembershipsParams{PartnerID: []string{d.AcmeID}})
	require.NoError(d.t, err)
	require.Len(d.t, page.Items, 1)
	_, err = office.ChangeTier(ctx, page.Items[0].ID, program.TierChange{TierID: tier, Reason: "Because."})
	require.NoError(d.t, err)
}

// plain is a picture of one colour.
func plain(width, height int, c color.Color) *image.NRGBA {
	picture := image.NewNRGBA(image.Rect(0, 0, width, height))
	draw.Draw(picture, picture.Bounds(), image.NewUniform(c), image.Point{}, draw.Src)
	return picture
}

func encoded(t testing.TB, picture image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, picture))
	return b.Bytes()
}

func jpegOf(t testing.TB, picture image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, picture, nil))
	return b.Bytes()
}

func picture(t testing.TB, content []byte) image.Image {
	t.Helper()
	p, _, err := image.Decode(bytes.NewReader(content))
	require.NoError(t, err)
	return p
}

func at(p image.Image, x, y int) color.NRGBA {
	c, _ := color.NRGBAModel.Convert(p.At(x, y)).(color.NRGBA)
	return c
}

// brochure is a PDF of so many pages, 300 by 200 points.
func brochure(t testing.TB, pages int) []byte {
	t.Helper()
	doc := fpdf.NewCustom(&fpdf.InitType{UnitStr: "pt", Size: fpdf.SizeType{Wd: 300, Ht: 200}})
	doc.SetFont("Helvetica", "", 12)
	for range pages {
		doc.AddPage()
		doc.Text(20, 180, "Made by the vendor")
	}
	var b bytes.Buffer
	require.NoError(t, doc.Output(&b))
	return b.Bytes()
}

func all(t testing.TB, content *partnerportal.Download) []byte {
	t.Helper()
	data, err := io.ReadAll(content)
	require.NoError(t, err)
	require.NoError(t, content.Close())
	return data
}

// faults are the field errors of a refusal as "pointer code".
func faults(t testing.TB, err error) []string {
	t.Helper()
	var e *partnerportal.Error
	require.ErrorAs(t, err, &e)
	found := []string{}
	for _, f := range e.Fields {
		found = append(found, f.Pointer+" "+f.Code)
	}
	return found
}
