package document

import (
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // what logos are
	_ "image/png"
	"io"
	"math"

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp" // too
)

// mostDecoded is how many pixels a logo may have; each takes some bytes while it is made smaller.
const mostDecoded = 25_000_000

// Logo reads a company's logo: PNG, JPEG or WebP, of at most 25 megapixels, which are counted before they are decoded.
func Logo(r io.ReadSeeker) (image.Image, error) {
	size, _, err := image.DecodeConfig(r)
	if err != nil {
		return nil, fmt.Errorf("the logo is no PNG, JPEG or WebP that can be read: %w", err)
	}
	if size.Width < 1 || size.Height < 1 || size.Width > mostDecoded/size.Height {
		return nil, errors.New("the logo has more than 25 megapixels, or none")
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	picture, _, err := image.Decode(r)
	if err != nil {
		return nil, fmt.Errorf("the logo cannot be read: %w", err)
	}
	return printed(picture), nil
}

// mostPixels is as many as a logo needs in print, from side to side.
const mostPixels = 900

// printed is a picture as it goes into documents: without more pixels than a printer shows, and nothing else that was in its file.
func printed(picture image.Image) image.Image {
	if picture == nil || picture.Bounds().Empty() {
		return nil
	}
	from := picture.Bounds()
	scale := min(1, mostPixels/float64(max(from.Dx(), from.Dy())))
	size := image.Rect(0, 0, max(1, int(math.Round(float64(from.Dx())*scale))), max(1, int(math.Round(float64(from.Dy())*scale))))
	to := image.NewNRGBA(size)
	draw.CatmullRom.Scale(to, size, picture, from, draw.Src, nil)
	return to
}

// fit is the size of a picture within a box.
func fit(picture image.Image, width, height float64) (w, h float64) {
	b := picture.Bounds()
	scale := min(width/float64(b.Dx()), height/float64(b.Dy()))
	return float64(b.Dx()) * scale, float64(b.Dy()) * scale
}
