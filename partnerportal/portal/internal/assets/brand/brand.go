// Package brand puts a partner's logo and words on what a vendor has made: pictures (PNG, JPEG) and PDFs. It knows zones and
// contents, and nothing of a portal.
//
// Pictures come from people, so their sizes are read before they are decoded, and nothing larger than 50 megapixels is. Texts are
// set in the Go fonts, which have Latin, Greek and Cyrillic and go into PDFs; a character that they lack is an error and never a box.
package brand

import (
	"errors"
	"fmt"
	"image"
	"io"

	contract "github.com/partnerportal/partnerportal-go/mdf/assets"
)

// What a template can be.
const (
	PNG  = "image/png"
	JPEG = "image/jpeg"
	PDF  = "application/pdf"
)

// ErrContent says that a content is not what it has to be; the text says in which way, for the person who brought it.
var ErrContent = errors.New("brand")

func unfit(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrContent}, args...)...)
}

// Size is how large a picture is in pixels, or a page in points.
type Size struct{ Width, Height int }

// Mark is what goes into a zone: a text, or a picture.
type Mark struct {
	Zone    contract.Zone
	Text    string
	Picture image.Image
}

// Pages measures a template; a picture has one page.
func Pages(media string, template io.ReadSeeker) ([]Size, error) {
	switch media {
	case PNG, JPEG:
		size, err := PictureSize(template)
		return []Size{size}, err
	case PDF:
		return pdfPages(template)
	}
	return nil, unfit("A template is a PNG, a JPEG or a PDF, not %s.", media)
}
