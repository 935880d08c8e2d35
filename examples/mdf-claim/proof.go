package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"

	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// bill is an invoice of a supplier, and what there is to see of its work.
type bill struct {
	Number, Supplier string
	Amount           partnerportal.Money
}

// pdf is the invoice, as small as a PDF can be: a page, its text, a font, and the table that says where each of them begins.
// What is printed has no parentheses or backslashes, which PDF would want escaped.
func (b bill) pdf() []byte {
	text := fmt.Sprintf("BT /F1 20 Tf 72 760 Td (%s) Tj 0 -40 Td (Invoice %s) Tj 0 -28 Td (Customer event: %s) Tj ET", b.Supplier, b.Number, b.Amount)
	var out bytes.Buffer
	var offsets []int
	fmt.Fprint(&out, "%PDF-1.4\n")
	for i, object := range []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(text), text),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
	} {
		offsets = append(offsets, out.Len())
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	table := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, offset := range offsets {
		fmt.Fprintf(&out, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&out, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, table)
	return out.Bytes()
}

// photo is the stand, drawn: a roof over stripes in the colours of the day, which the number of the invoice decides, so that no two
// events look the same.
func (b bill) photo() ([]byte, error) {
	sum := sha256.Sum256([]byte(b.Number))
	stripes, roof := color.NRGBA{R: sum[0], G: sum[1], B: sum[2], A: 255}, color.NRGBA{R: sum[3], G: sum[4], B: sum[5], A: 255}

	stand := image.NewRGBA(image.Rect(0, 0, 640, 400))
	draw.Draw(stand, stand.Bounds(), image.White, image.Point{}, draw.Src)
	for x := 80; x < 560; x += 60 {
		draw.Draw(stand, image.Rect(x, 120, x+30, 360), image.NewUniform(stripes), image.Point{}, draw.Src)
	}
	draw.Draw(stand, image.Rect(60, 70, 580, 120), image.NewUniform(roof), image.Point{}, draw.Src)
	var out bytes.Buffer
	if err := png.Encode(&out, stand); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
