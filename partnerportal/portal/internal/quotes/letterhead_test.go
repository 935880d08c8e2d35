package quotes_test

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"testing"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/files"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
	"github.com/partnerportal/partnerportal-go/quotes"
)

func picture(t *testing.T, c color.Color) []byte {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, 120, 40))
	draw.Draw(m, m.Bounds(), image.NewUniform(c), image.Point{}, draw.Src)
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, m))
	return b.Bytes()
}

// Documents have the vendor's logo, which the host gives, and the partner's, which the partner uploads.
func TestLettersOfBoth(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := furnish(t, portaltest.New(t, portal.WithFileDir(t.TempDir()), portal.WithBrand(portal.Brand{
		Name: "Globex Networks", Address: []string{"1 Harbour Road, Dublin"}, Logo: picture(t, color.NRGBA{0, 128, 0, 255}), Color: "#0b4f3c",
	})))
	q := w.quote()
	logos := func() int {
		d := must[*partnerportal.Download](t)(w.acme.OpenDocument(ctx, q.ID, quotes.OpenDocumentParams{}))
		content, err := io.ReadAll(d)
		require.NoError(t, err)
		require.NoError(t, d.Close())
		pictures, err := api.ExtractImagesRaw(bytes.NewReader(content), nil, nil)
		require.NoError(t, err)
		return len(pictures[0])
	}
	before := logos()
	f := must[*files.File](t)(files.New(w.Acme).Upload(ctx, files.Upload{
		Purpose: files.PurposeLogo, File: files.Content{Name: "logo.png", Reader: bytes.NewReader(picture(t, color.NRGBA{180, 0, 0, 255}))},
	}))
	must[*program.Partner](t)(program.New(w.Acme).SetLogo(ctx, w.AcmeID, program.Logo{FileID: f.ID}))
	assert.Equal(t, before+1, logos())
}
