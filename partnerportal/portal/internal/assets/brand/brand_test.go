package brand_test

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"runtime"
	"strings"
	"testing"

	"codeberg.org/go-pdf/fpdf"
	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	contract "github.com/partnerportal/partnerportal-go/mdf/assets"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/assets/brand"
)

var (
	red   = color.NRGBA{R: 255, A: 255}
	white = color.NRGBA{R: 255, G: 255, B: 255, A: 255}
)

// plain is a picture of one colour.
func plain(width, height int, c color.Color) *image.NRGBA {
	picture := image.NewNRGBA(image.Rect(0, 0, width, height))
	draw.Draw(picture, picture.Bounds(), image.NewUniform(c), image.Point{}, draw.Src)
	return picture
}

// brochure is a PDF of so many pages, 300 by 200 points, that each say which they are.
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

func at(x, y, width, height int) contract.Zone {
	return contract.Zone{ID: "z", Kind: contract.ZoneKindText, X: x, Y: y, Width: width, Height: height}
}

// inked is the part of a picture that differs from a colour.
func inked(picture image.Image, paper color.Color) image.Rectangle {
	var ink image.Rectangle
	b := picture.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if color.NRGBAModel.Convert(picture.At(x, y)) != paper {
				ink = ink.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return ink
}

func TestTextStaysInItsZone(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"latin": "Acme Partners", "greek": "Συνεργάτες της Αθήνας", "cyrillic": "Партнёры в Москве", "two lines": "Acme\nPartners",
		"long": strings.Repeat("Acme sells and serves the GTX. ", 8), "composed": "Café Zürich",
	} {
		zone := at(40, 30, 200, 60)
		for _, zone.Align = range []contract.Align{"", contract.AlignCenter, contract.AlignRight} {
			marked, err := brand.OnPicture(plain(300, 200, white), []brand.Mark{{Zone: zone, Text: text}})
			require.NoError(t, err, name)
			ink := inked(marked, white)
			assert.False(t, ink.Empty(), name)
			assert.True(t, ink.In(image.Rect(39, 29, 241, 91)), "%s, %s: %v", name, zone.Align, ink)
		}
		assert.Empty(t, brand.Missing(text), name)
	}
}

func TestAlignment(t *testing.T) {
	t.Parallel()
	zone := at(0, 0, 300, 40)
	zone.FontSize, zone.Color = 20, "#ff0000"
	middle := map[contract.Align]int{}
	for _, zone.Align = range []contract.Align{contract.AlignLeft, contract.AlignCenter, contract.AlignRight} {
		marked, err := brand.OnPicture(plain(300, 40, white), []brand.Mark{{Zone: zone, Text: "Acme"}})
		require.NoError(t, err)
		ink := inked(marked, white)
		middle[zone.Align] = (ink.Min.X + ink.Max.X) / 2
	}
	assert.Less(t, middle[contract.AlignLeft], 60)
	assert.InDelta(t, 150, middle[contract.AlignCenter], 2)
	assert.Greater(t, middle[contract.AlignRight], 240)
}

func TestTextThatDoesNotFit(t *testing.T) {
	t.Parallel()
	_, err := brand.Set(at(0, 0, 100, 20), strings.Repeat("many words ", 30))
	require.ErrorIs(t, err, brand.ErrTooLong)
	_, err = brand.Set(at(0, 0, 30, 20), "Donaudampfschiff")
	require.ErrorIs(t, err, brand.ErrTooLong, "a word is not broken")
	small, err := brand.Set(at(0, 0, 100, 20), "Acme Partners and friends")
	require.NoError(t, err)
	large, err := brand.Set(at(0, 0, 100, 20), "Acme")
	require.NoError(t, err)
	assert.Greater(t, large.Size, small.Size)
}

func TestMissingCharacters(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "株式会社", brand.Missing("Acme 株式会社 株"))
	assert.Equal(t, "😀", brand.Missing("hi 😀😀"))
	assert.Equal(t, "\x00", brand.Missing("a\x00b"))
	assert.Empty(t, brand.Missing("e\u0301")) // é in two characters
}

func TestLogoIsShownWhole(t *testing.T) {
	t.Parallel()
	zone := at(10, 10, 100, 100)
	zone.Kind = contract.ZoneKindLogo
	marked, err := brand.OnPicture(plain(200, 200, white), []brand.Mark{{Zone: zone, Picture: plain(40, 20, red)}})
	require.NoError(t, err)
	assert.Equal(t, image.Rect(10, 35, 110, 85), inked(marked, white))
}

func TestImageFillsItsZone(t *testing.T) {
	t.Parallel()
	zone := at(10, 10, 100, 50)
	zone.Kind = contract.ZoneKindImage
	picture := plain(100, 400, red) // only its middle is seen
	draw.Draw(picture, image.Rect(0, 0, 100, 100), image.NewUniform(white), image.Point{}, draw.Src)
	marked, err := brand.OnPicture(plain(200, 200, white), []brand.Mark{{Zone: zone, Picture: picture}})
	require.NoError(t, err)
	assert.Equal(t, image.Rect(10, 10, 110, 60), inked(marked, white))
}

func TestTransparentLogo(t *testing.T) {
	t.Parallel()
	zone := at(0, 0, 10, 10)
	zone.Kind = contract.ZoneKindLogo
	marked, err := brand.OnPicture(plain(10, 10, red), []brand.Mark{{Zone: zone, Picture: plain(10, 10, color.Transparent)}})
	require.NoError(t, err)
	assert.True(t, inked(marked, red).Empty())
}

// bomb is a PNG that says it is very large.
func bomb(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, 60_000, 1))))
	data := b.Bytes()
	copy(data[16:24], []byte{0, 1, 0, 0, 0, 1, 0, 0}) // 65,536 squared; the check sum of the header is the decoder's business
	return data
}

func TestContentThatIsRefused(t *testing.T) {
	t.Parallel()
	for name, data := range map[string][]byte{"bomb": bomb(t), "text": []byte("hello"), "half": brochure(t, 1)[:200], "nothing": nil} {
		for _, media := range []string{brand.PNG, brand.JPEG, brand.PDF} {
			_, err := brand.Pages(media, bytes.NewReader(data))
			require.ErrorIs(t, err, brand.ErrContent, "%s as %s", name, media)
		}
		_, err := brand.Picture(bytes.NewReader(data))
		require.ErrorIs(t, err, brand.ErrContent, name)
		err = brand.OnPDF(io.Discard, bytes.NewReader(data), []brand.Mark{{Zone: at(0, 0, 100, 20), Text: "Acme"}})
		require.ErrorIs(t, err, brand.ErrContent, name)
	}
	_, err := brand.Pages("image/gif", bytes.NewReader(nil))
	require.ErrorIs(t, err, brand.ErrContent)
	err = brand.OnPDF(io.Discard, bytes.NewReader(brochure(t, 1)), []brand.Mark{{Zone: contract.Zone{Page: 2, Width: 10, Height: 10}, Text: "A"}})
	require.ErrorIs(t, err, brand.ErrContent, "there is no second page")
}

func TestPDF(t *testing.T) {
	t.Parallel()
	template := brochure(t, 3)
	pages, err := brand.Pages(brand.PDF, bytes.NewReader(template))
	require.NoError(t, err)
	assert.Equal(t, []brand.Size{{300, 200}, {300, 200}, {300, 200}}, pages)

	logo, headline, footer := at(20, 20, 80, 40), at(120, 20, 160, 40), at(20, 100, 260, 30)
	logo.Kind, footer.Page, footer.Bold = contract.ZoneKindLogo, 3, true
	var out bytes.Buffer
	require.NoError(t, brand.OnPDF(&out, bytes.NewReader(template), []brand.Mark{
		{Zone: logo, Picture: plain(400, 200, red)}, {Zone: headline, Text: "Ζήτω η Acme"}, {Zone: footer, Text: "Партнёры"},
	}))

	pages, err = brand.Pages(brand.PDF, bytes.NewReader(out.Bytes()))
	require.NoError(t, err)
	assert.Len(t, pages, 3)
	pictures, err := api.ExtractImagesRaw(bytes.NewReader(out.Bytes()), []string{"1-3"}, nil)
	require.NoError(t, err)
	assert.Len(t, pictures[0], 1, "the logo is on the first page")
	assert.Empty(t, pictures[1])
	assert.Empty(t, pictures[2])
	info, err := api.PDFInfo(bytes.NewReader(out.Bytes()), "out.pdf", nil, true, nil)
	require.NoError(t, err)
	embedded := 0
	for _, f := range info.Fonts {
		if f.Embedded {
			embedded++
		}
	}
	assert.GreaterOrEqual(t, embedded, 2, "%+v", info.Fonts)
}

// TestPagesAsTheyAreShown: zones are measured from the corner that people see, and the marks lie there.
func TestPagesAsTheyAreShown(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		from, to string
		want     brand.Size
		matrix   string // where the overlay's lower left corner goes
	}{
		"turned":      {"/Type /Page\n", "/Type /Page\n/Rotate 90\n", brand.Size{200, 300}, "0.00000 0.00000 cm"},
		"cropped":     {"/MediaBox [0 0 300.00 200.00]", "/MediaBox [0 0 300 200]\n/CropBox [50 20 250 180]", brand.Size{200, 160}, "50.00000 20.00000 cm"},
		"not at zero": {"/MediaBox [0 0 300.00 200.00]", "/MediaBox [100 100 400 300]", brand.Size{300, 200}, "100.00000 100.00000 cm"},
	} {
		template := strings.Replace(string(brochure(t, 1)), c.from, c.to, 1)
		require.Contains(t, template, c.to, name)
		pages, err := brand.Pages(brand.PDF, strings.NewReader(template))
		require.NoError(t, err, name)
		assert.Equal(t, []brand.Size{c.want}, pages, name)
		var out bytes.Buffer
		require.NoError(t, brand.OnPDF(&out, strings.NewReader(template), []brand.Mark{{Zone: at(20, 20, 160, 40), Text: "Acme"}}), name)
		doc, err := api.ReadValidateAndOptimize(bytes.NewReader(out.Bytes()), model.NewDefaultConfiguration())
		require.NoError(t, err, name)
		page, _, _, err := doc.PageDict(1, false)
		require.NoError(t, err, name)
		content, err := doc.PageContent(page, 1)
		require.NoError(t, err, name)
		assert.Contains(t, string(content), c.matrix+" /GS0 gs /Fm0 Do", name)
	}
}

func TestPreview(t *testing.T) {
	t.Parallel()
	assert.Equal(t, image.Pt(800, 200), brand.Preview(plain(4000, 1000, red)).Bounds().Size())
	assert.Equal(t, image.Pt(1, 800), brand.Preview(plain(1, 4000, red)).Bounds().Size())
	small := plain(10, 10, red)
	assert.Same(t, small, brand.Preview(small))
}

func FuzzPages(f *testing.F) {
	f.Add(brochure(f, 1))
	f.Add(bomb(f))
	f.Add([]byte("\xff\xd8\xff\xe0"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, media := range []string{brand.PNG, brand.JPEG, brand.PDF} {
			pages, err := brand.Pages(media, bytes.NewReader(data))
			if err != nil {
				require.ErrorIs(t, err, brand.ErrContent)
				continue
			}
			for _, p := range pages {
				_ = p.Width * p.Height
			}
		}
	})
}

// endless is a picture that is far higher than wide, and takes no memory by itself.
type endless struct{ image.Uniform }

func (*endless) Bounds() image.Rectangle { return image.Rect(0, 0, 2, 20_000_000) }

// A picture that is small as a file, and large when it is drawn, takes no gigabytes on the way to its place.
func TestLargePicturesAreScaledWithoutMemory(t *testing.T) { //nolint:paralleltest // measures the memory that the process takes
	zone := at(0, 0, 50, 50)
	zone.Kind = contract.ZoneKindLogo
	picture := &endless{*image.NewUniform(red)}
	for name, draw := range map[string]func() error{
		"picture": func() error {
			_, err := brand.OnPicture(plain(50, 50, white), []brand.Mark{{Zone: zone, Picture: picture}})
			return err
		},
		"PDF": func() error {
			return brand.OnPDF(io.Discard, bytes.NewReader(brochure(t, 1)), []brand.Mark{{Zone: zone, Picture: picture}})
		},
		"preview": func() error { brand.Preview(picture); return nil },
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		require.NoError(t, draw(), name)
		runtime.ReadMemStats(&after)
		assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(64<<20), name)
	}
}
