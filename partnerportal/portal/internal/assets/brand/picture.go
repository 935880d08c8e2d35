package brand

import (
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"math"
	"strconv"

	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
	_ "golang.org/x/image/webp" // logos come in it

	contract "github.com/partnerportal/partnerportal-go/mdf/assets"
)

// MostPixels is how many a picture may have, and all of a job that are held at once: 200 MB when decoded.
const MostPixels = 50_000_000

const (
	mostScaled   = 8_000_000 // that are kept of a picture on the way to another size, 32 bytes each
	previewSide  = 800       // of the longer side
	jpegQuality  = 92
	printedPerPt = 300.0 / 72 // pixels of a picture in a PDF
)

// PictureSize reads how large a picture is, without decoding it.
func PictureSize(r io.Reader) (Size, error) {
	config, _, err := image.DecodeConfig(r)
	switch {
	case err != nil:
		return Size{}, unfit("The picture cannot be read: %v.", err)
	case config.Width < 1 || config.Height < 1 || config.Width > MostPixels/config.Height:
		return Size{}, unfit("The picture has %d by %d pixels; up to 50 million are possible.", config.Width, config.Height)
	}
	return Size{config.Width, config.Height}, nil
}

// Picture decodes a picture that is not too large.
func Picture(r io.ReadSeeker) (image.Image, error) {
	if _, err := PictureSize(r); err != nil {
		return nil, err
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	picture, _, err := image.Decode(r)
	if err != nil {
		return nil, unfit("The picture cannot be read: %v.", err)
	}
	return picture, nil
}

// OnPicture puts marks on a picture.
func OnPicture(template image.Image, marks []Mark) (image.Image, error) {
	canvas := canvasFor(template)
	draw.Draw(canvas, canvas.Bounds(), template, template.Bounds().Min, draw.Src)
	for _, m := range marks {
		if m.Picture != nil {
			to, from := fit(m.Zone, m.Picture.Bounds())
			scale(canvas, rectangle(to), m.Picture, from, draw.Over)
			continue
		}
		if err := write(canvas, m); err != nil {
			return nil, err
		}
	}
	return canvas, nil
}

// canvasFor is a canvas of a picture's size. Drawing on one whose pixels hide what is beneath, and encoding it, is many times faster;
// where something shines through, it must not lose its colour.
func canvasFor(picture image.Image) draw.Image {
	at := image.Rectangle{Max: picture.Bounds().Size()}
	if p, ok := picture.(interface{ Opaque() bool }); ok && p.Opaque() {
		return image.NewRGBA(at)
	}
	return image.NewNRGBA(at)
}

// write sets a mark's text on a canvas.
func write(canvas draw.Image, m Mark) error {
	setting, err := Set(m.Zone, m.Text)
	if err != nil {
		return err
	}
	face, err := opentype.NewFace(typefaceOf(m.Zone).font, &opentype.FaceOptions{Size: setting.Size, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		return fmt.Errorf("brand: %w", err)
	}
	defer face.Close()
	d := font.Drawer{Dst: canvas, Src: image.NewUniform(colorOf(m.Zone)), Face: face}
	for _, line := range setting.Lines {
		d.Dot = fixed.Point26_6{X: fixed.Int26_6(line.X * 64), Y: fixed.Int26_6(line.Y * 64)}
		d.DrawString(line.Text)
	}
	return nil
}

// colorOf is the colour of a zone's text.
func colorOf(z contract.Zone) color.NRGBA {
	c := color.NRGBA{A: 255}
	if len(z.Color) != len("#rrggbb") {
		return c
	}
	if rgb, err := strconv.ParseUint(z.Color[1:], 16, 24); err == nil {
		c.R, c.G, c.B = uint8(rgb>>16), uint8(rgb>>8), uint8(rgb)
	}
	return c
}

// box is a rectangle on a page.
type box struct{ x, y, width, height float64 }

func rectangle(b box) image.Rectangle {
	round := func(v float64) int { return int(math.Round(v)) }
	r := image.Rect(round(b.x), round(b.y), round(b.x+b.width), round(b.y+b.height))
	return image.Rect(r.Min.X, r.Min.Y, max(r.Max.X, r.Min.X+1), max(r.Max.Y, r.Min.Y+1))
}

// fit says where in its zone a picture goes, and which part of it: a logo goes whole into the zone, an image fills it and loses what
// is too much above and below, or left and right.
func fit(z contract.Zone, picture image.Rectangle) (to box, from image.Rectangle) {
	to, from = box{float64(z.X), float64(z.Y), float64(z.Width), float64(z.Height)}, picture
	wide, high := float64(picture.Dx()), float64(picture.Dy())
	if z.Kind == contract.ZoneKindImage {
		scale := max(to.width/wide, to.height/high)
		return to, cut(picture, to.width/scale, to.height/scale).Intersect(picture)
	}
	scale := min(to.width/wide, to.height/high)
	left, over := to.width-wide*scale, to.height-high*scale
	return box{to.x + left*shift(z.Align), to.y + over/2, wide * scale, high * scale}, from
}

// cut is the middle of a picture, so wide and high.
func cut(picture image.Rectangle, wide, high float64) image.Rectangle {
	w, h := max(1, int(math.Round(wide))), max(1, int(math.Round(high)))
	at := picture.Min.Add(image.Pt((picture.Dx()-w)/2, (picture.Dy()-h)/2))
	return image.Rectangle{Min: at, Max: at.Add(image.Pt(w, h))}
}

// Encode writes a picture as PNG or JPEG.
func Encode(w io.Writer, picture image.Image, media string) error {
	if media == JPEG {
		return jpeg.Encode(w, picture, &jpeg.Options{Quality: jpegQuality})
	}
	return png.Encode(w, picture)
}

// Preview is a picture, at most 800 pixels wide and high.
func Preview(picture image.Image) image.Image {
	size := picture.Bounds().Size()
	longest := max(size.X, size.Y)
	if longest <= previewSide {
		return picture
	}
	small := image.NewNRGBA(image.Rect(0, 0, max(1, size.X*previewSide/longest), max(1, size.Y*previewSide/longest)))
	scale(small, small.Bounds(), picture, picture.Bounds(), draw.Src)
	return small
}

// scale brings a picture to another size. The good way keeps as many pixels as the picture is high and its place is wide, which of
// some megapixels is gigabytes: such a picture goes the way that keeps none.
func scale(canvas draw.Image, to image.Rectangle, picture image.Image, from image.Rectangle, op draw.Op) {
	if to.Dx() > mostScaled/max(1, from.Dy()) {
		draw.ApproxBiLinear.Scale(canvas, to, picture, from, op, nil)
		return
	}
	draw.CatmullRom.Scale(canvas, to, picture, from, op, nil)
}
