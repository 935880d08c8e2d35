package portal

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/quotes/document"
)

// Brand is the vendor's letterhead on the documents that the portal makes.
type Brand struct {
	Name    string   // at most 120 characters
	Address []string // at most 6 lines of at most 120 characters: where the vendor is, and what else belongs on its letters
	Logo    []byte   // a PNG, JPEG or WebP of at most 25 megapixels; without one the name stands for it
	Color   string   // of headings and totals, as #rrggbb; one on which white can be read
}

// WithBrand puts the vendor's letterhead on the documents of quotes. Without it they show the partner alone.
func WithBrand(b Brand) Option {
	return func(o *options) error {
		letterhead, err := b.letterhead()
		if err != nil {
			return fmt.Errorf("WithBrand: %w", err)
		}
		o.letterhead = letterhead
		return nil
	}
}

// WithFonts adds fonts to those that documents are set in. The Go fonts, which the portal carries, have Latin, Greek and Cyrillic; what they lack is
// set in the first of these that has it: TrueType or OpenType files, or collections of them, regular ones and bold ones. Debian's
// fonts-noto-cjk and NotoSansArabic of fonts-noto-core are such. A text with a character that no font has makes no document: the answer is
// glyph_missing, with the character and its place. The glyphs that a document uses become part of it, so the fonts' licences must allow that.
func WithFonts(fonts ...[]byte) Option {
	return func(o *options) error {
		o.fonts = append(o.fonts, fonts...)
		return nil
	}
}

func (b Brand) letterhead() (c document.Company, err error) {
	const mostText, mostLines = 120, 6
	for _, line := range append([]string{b.Name}, b.Address...) {
		if len([]rune(line)) > mostText {
			return c, fmt.Errorf("%.20q… is longer than %d characters", line, mostText)
		}
	}
	if len(b.Address) > mostLines {
		return c, fmt.Errorf("the address has %d lines and may have %d", len(b.Address), mostLines)
	}
	c.Name, c.Address = b.Name, b.Address
	if b.Color != "" {
		digits, found := strings.CutPrefix(b.Color, "#")
		if _, err := fmt.Sscanf(digits, "%02x%02x%02x", &c.Color[0], &c.Color[1], &c.Color[2]); err != nil || !found || len(digits) != 6 {
			return c, fmt.Errorf("the color %q is not written as #rrggbb", b.Color)
		}
	}
	if b.Logo == nil {
		return c, nil
	}
	c.Logo, err = document.Logo(bytes.NewReader(b.Logo))
	return c, err
}
