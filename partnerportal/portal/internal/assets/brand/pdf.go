package brand

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"io"
	"maps"
	"math"
	"slices"
	"sync"

	"codeberg.org/go-pdf/fpdf"
	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
	"golang.org/x/image/draw"
)

// The marks of a page are drawn by one library on a page of their own, with the fonts inside, which the other one lays over the
// template's page. So the template's own content is kept as it is, and a text can be searched and copied.

// onTop lays a page over another, lower left on lower left.
const onTop = "scale:1 abs, pos:bl, off:0 0, rot:0, op:1"

// config keeps the library off the host's home folder and off the network, and within limits that suit a brochure.
var config = sync.OnceValue(func() *model.Configuration {
	api.DisableConfigDir()
	c := model.NewDefaultConfiguration()
	c.Offline, c.ValidationMode = true, model.ValidationRelaxed
	const mb = 1 << 20
	c.Limits.MaxStreamBytes, c.Limits.MaxDecodeBytes, c.Limits.MaxImageBytes, c.Limits.MaxImagePixels = 64*mb, 256*mb, 256*mb, MostPixels
	c.Limits.MaxObjectCount, c.Limits.MaxXRefEntries, c.Limits.MaxObjectStreamCount = 1_000_000, 1_000_000, 100_000
	return c
})

func configuration() *model.Configuration {
	c := *config() // each run writes into its own
	return &c
}

// pdfPages measures the pages of a PDF as a reader shows them: cropped, and turned.
func pdfPages(template io.ReadSeeker) ([]Size, error) {
	doc, err := api.ReadAndValidate(template, configuration())
	if err != nil {
		return nil, unfit("The PDF cannot be read: %v.", err)
	}
	pages := make([]Size, doc.PageCount)
	for i := range pages {
		_, _, page, err := doc.PageDict(i+1, false)
		if err != nil || page == nil || page.MediaBox == nil {
			return nil, unfit("The PDF's page %d cannot be read.", i+1)
		}
		shown := page.MediaBox
		if page.CropBox != nil {
			shown = page.CropBox
		}
		pages[i] = Size{int(math.Round(shown.Width())), int(math.Round(shown.Height()))}
		if page.Rotate%180 != 0 {
			pages[i] = Size{pages[i].Height, pages[i].Width}
		}
	}
	return pages, nil
}

// OnPDF writes a PDF with marks on its pages.
func OnPDF(w io.Writer, template io.ReadSeeker, marks []Mark) error {
	byPage := map[int][]Mark{}
	for _, m := range marks {
		page := max(1, m.Zone.Page)
		byPage[page] = append(byPage[page], m)
	}
	pages, err := pdfPages(template)
	if err != nil {
		return err
	}
	if _, err := template.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if len(marks) == 0 {
		_, err := io.Copy(w, template)
		return err
	}
	numbers := slices.Sorted(maps.Keys(byPage))
	if last := numbers[len(numbers)-1]; last > len(pages) {
		return unfit("The PDF has %d pages, and a zone is on page %d.", len(pages), last)
	}
	marked, err := overlay(numbers, byPage, pages)
	if err != nil {
		return err
	}
	stamps := map[int][]*model.Watermark{}
	for i, page := range numbers {
		stamp, err := api.PDFWatermarkForReadSeeker(bytes.NewReader(marked), i+1, onTop, true, false, types.POINTS)
		if err != nil {
			return fmt.Errorf("brand: %w", err)
		}
		stamps[page] = []*model.Watermark{stamp}
	}
	if err := api.AddWatermarksSliceMap(template, w, stamps, configuration()); err != nil {
		return unfit("The PDF cannot be written on: %v.", err)
	}
	return nil
}

// overlay draws the marks of each page on a page of the same size, with nothing beneath.
func overlay(numbers []int, byPage map[int][]Mark, pages []Size) ([]byte, error) {
	doc := fpdf.NewCustom(&fpdf.InitType{UnitStr: "pt", Size: paper(pages[0])})
	doc.SetMargins(0, 0, 0)
	doc.SetAutoPageBreak(false, 0)
	doc.AddUTF8FontFromBytes("go", "", regular().data)
	doc.AddUTF8FontFromBytes("go", "B", bold().data)
	for _, n := range numbers {
		doc.AddPageFormat("P", paper(pages[n-1]))
		for i, m := range byPage[n] {
			if err := mark(doc, m, fmt.Sprintf("%d/%d", n, i)); err != nil {
				return nil, err
			}
		}
	}
	var b bytes.Buffer
	if err := doc.Output(&b); err != nil {
		return nil, fmt.Errorf("brand: %w", err)
	}
	return b.Bytes(), nil
}

func paper(s Size) fpdf.SizeType {
	return fpdf.SizeType{Wd: float64(s.Width), Ht: float64(s.Height)}
}

// mark draws a mark on the current page; name is for its picture.
func mark(doc *fpdf.Fpdf, m Mark, name string) error {
	if m.Picture != nil {
		return show(doc, m, name)
	}
	setting, err := Set(m.Zone, m.Text)
	if err != nil {
		return err
	}
	style := ""
	if m.Zone.Bold {
		style = "B"
	}
	c := colorOf(m.Zone)
	doc.SetFont("go", style, setting.Size)
	doc.SetTextColor(int(c.R), int(c.G), int(c.B))
	for _, line := range setting.Lines {
		doc.Text(line.X, line.Y, line.Text)
	}
	return nil
}

// show draws a mark's picture, with no more pixels than a printer shows. It is written anew, so nothing else that was in its file,
// such as where it was taken, gets into the PDF.
func show(doc *fpdf.Fpdf, m Mark, name string) error {
	to, from := fit(m.Zone, m.Picture.Bounds())
	size := image.Rect(0, 0, min(from.Dx(), int(math.Ceil(to.width*printedPerPt))), min(from.Dy(), int(math.Ceil(to.height*printedPerPt))))
	picture := image.NewNRGBA(size)
	scale(picture, size, m.Picture, from, draw.Src)
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		return err
	}
	options := fpdf.ImageOptions{ImageType: "png"}
	doc.RegisterImageOptionsReader(name, options, &b)
	doc.ImageOptions(name, to.x, to.y, to.width, to.height, false, options, 0, "")
	if err := doc.Error(); err != nil {
		return fmt.Errorf("brand: %w", err)
	}
	return nil
}
