package typeset

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/png"
	"time"
	"unicode/utf16"

	"codeberg.org/go-pdf/fpdf"
)

// Color is red, green and blue.
type Color [3]uint8

// Paper is a document that is being drawn: pages of things in their places, in points from the upper left. What is drawn later lies above.
type Paper struct {
	Width, Height float64
	Pages         []*Page
	fonts         subsets
}

// Page is one page of a [Paper].
type Page struct {
	fonts *subsets
	marks []func(*writer)
}

// Align is where in its width a text stands.
type Align float64

// What is left of the width goes behind a text, before it, or half and half.
const (
	Left   Align = 0
	Center Align = 0.5
	Right  Align = 1
)

// Add begins a new page.
func (p *Paper) Add() *Page {
	page := &Page{fonts: &p.fonts}
	p.Pages = append(p.Pages, page)
	return page
}

// Text draws lines from the upper left of their place downward.
func (p *Page) Text(b Block, x, y, width float64, align Align, color Color) {
	p.Lines(b, 0, len(b.Lines), x, y, width, align, color)
}

// Lines draws some of the lines of a block, from one up to another, which it leaves out.
func (p *Page) Lines(b Block, from, to int, x, y, width float64, align Align, color Color) {
	base := y + (b.Style.Height()-b.Style.Size)/2 + ascent*b.Style.Size
	for i, line := range b.Lines[from:to] {
		left, at := x+(width-line.Width)*float64(align), base+float64(i)*b.Style.Height()
		for _, run := range p.fonts.encode(line) {
			p.marks = append(p.marks, func(w *writer) {
				w.pdf.SetFont(run.font, "", line.size)
				w.pdf.SetTextColor(int(color[0]), int(color[1]), int(color[2]))
				w.pdf.Text(left+run.x, at-run.y, run.codes)
			})
		}
	}
}

// ascent is from the upper edge of what is set to its base line, in sizes.
const ascent = 0.8

// Fill draws a filled rectangle.
func (p *Page) Fill(x, y, width, height float64, color Color) {
	p.marks = append(p.marks, func(w *writer) {
		w.pdf.SetFillColor(int(color[0]), int(color[1]), int(color[2]))
		w.pdf.Rect(x, y, width, height, "F")
	})
}

// Rule draws a straight line to the right.
func (p *Page) Rule(x, y, width, thickness float64, color Color) {
	p.marks = append(p.marks, func(w *writer) {
		w.pdf.SetDrawColor(int(color[0]), int(color[1]), int(color[2]))
		w.pdf.SetLineWidth(thickness)
		w.pdf.Line(x, y, x+width, y)
	})
}

// Picture draws a picture. The same picture is written once, however often it is drawn.
func (p *Page) Picture(picture image.Image, x, y, width, height float64) {
	p.marks = append(p.marks, func(w *writer) { w.picture(picture, x, y, width, height) })
}

// Meta is what a PDF says of itself.
type Meta struct {
	Title, Author, Subject, Lang string
	At                           time.Time // when it was made; the zero time stands for 1970
}

// writer writes marks with fpdf.
type writer struct {
	pdf      *fpdf.Fpdf
	pictures map[image.Image]string
	err      error
}

// PDF writes the document. The glyphs that it uses become fonts, see [subset], whose characters are told in a second part of the file,
// as an editor of PDFs would append it: fpdf itself takes it that a code is its character.
func (p *Paper) PDF(meta Meta) ([]byte, error) {
	w := &writer{pdf: p.open(meta), pictures: map[image.Image]string{}}
	for _, s := range p.fonts.all {
		w.pdf.AddUTF8FontFromBytes(s.name, "", s.trueType())
	}
	for _, page := range p.Pages {
		w.pdf.AddPage()
		for _, mark := range page.marks {
			mark(w)
		}
	}
	if w.err != nil {
		return nil, w.err
	}
	var b bytes.Buffer
	if err := w.pdf.Output(&b); err != nil {
		return nil, fmt.Errorf("typeset: %w", err)
	}
	return p.fonts.readable(b.Bytes())
}

func (p *Paper) open(meta Meta) *fpdf.Fpdf {
	doc := fpdf.NewCustom(&fpdf.InitType{UnitStr: "pt", Size: fpdf.SizeType{Wd: p.Width, Ht: p.Height}})
	doc.SetMargins(0, 0, 0)
	doc.SetAutoPageBreak(false, 0)
	doc.SetCatalogSort(true)
	at := meta.At
	if at.IsZero() {
		at = time.Unix(0, 0)
	}
	doc.SetCreationDate(at.UTC())
	doc.SetModificationDate(at.UTC())
	doc.SetTitle(utf16be(meta.Title), false)
	doc.SetAuthor(utf16be(meta.Author), false)
	doc.SetSubject(utf16be(meta.Subject), false)
	doc.SetProducer("partnerportal-go", false)
	doc.SetLang(meta.Lang)
	return doc
}

// utf16be is a text as a PDF says it of itself. fpdf's own way panics at texts that are not well formed.
func utf16be(text string) string {
	if text = Clean(text); text == "" {
		return ""
	}
	b := []byte("\xFE\xFF")
	for _, u := range utf16.Encode([]rune(text)) {
		b = binary.BigEndian.AppendUint16(b, u)
	}
	return string(b)
}

func (w *writer) picture(picture image.Image, x, y, width, height float64) {
	if w.err != nil {
		return
	}
	options := fpdf.ImageOptions{ImageType: "png"}
	name, known := w.pictures[picture]
	if !known {
		var b bytes.Buffer
		if w.err = png.Encode(&b, picture); w.err != nil {
			return
		}
		name = fmt.Sprintf("picture%d", len(w.pictures))
		w.pictures[picture] = name
		w.pdf.RegisterImageOptionsReader(name, options, &b)
	}
	w.pdf.ImageOptions(name, x, y, width, height, false, options, 0, "")
}
