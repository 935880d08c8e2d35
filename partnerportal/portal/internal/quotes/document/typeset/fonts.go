package typeset

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
)

// Fonts are what texts are set in: the Go fonts (Latin, Greek, Cyrillic), and those of the host for what they lack. They are safe for
// concurrent use.
type Fonts struct{ regular, bold []*typeface }

// typeface is one font as it was read.
type typeface struct {
	font *font.Font
	name string
	bold bool
}

// NewFonts reads fonts: TrueType, OpenType (CFF too) and collections of these, of which the first is taken: the collections that there are
// hold one set of glyphs, and the language of the text decides which of them are shown. A character is set in the first font that has it and
// has the right weight, the Go fonts before all. Fonts that have no outlines (emoji of pictures) are refused.
func NewFonts(files ...[]byte) (*Fonts, error) {
	fonts := &Fonts{}
	for i, data := range append([][]byte{goregular.TTF, gobold.TTF}, files...) {
		t, err := read(data)
		if err != nil {
			return nil, fmt.Errorf("font %d: %w", i-1, err) // the first one of the host is number 1
		}
		if t.bold {
			fonts.bold = append(fonts.bold, t)
		} else {
			fonts.regular = append(fonts.regular, t)
		}
	}
	return fonts, nil
}

func read(data []byte) (*typeface, error) {
	loaders, err := opentype.NewLoaders(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	if len(loaders) == 0 {
		return nil, errors.New("it is an empty collection")
	}
	loader := loaders[0]
	if !hasAny(loader, "glyf", "CFF ", "CFF2") {
		return nil, errors.New("it has no outlines (glyf, CFF or CFF2)")
	}
	f, err := font.NewFont(loader)
	if err != nil {
		return nil, err
	}
	about := f.Describe()
	return &typeface{font: f, name: plainName(about.Family), bold: about.Aspect.Weight >= font.WeightSemibold}, nil
}

func hasAny(l *opentype.Loader, tables ...string) bool {
	for _, t := range tables {
		if l.HasTable(opentype.MustNewTag(t)) {
			return true
		}
	}
	return false
}

// plainName is a family's name without what a name in a PDF cannot have.
func plainName(family string) string {
	var plain []byte
	for _, c := range []byte(family) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' {
			plain = append(plain, c)
		}
	}
	return string(plain)
}

// face is a typeface in one document, which keeps what it has looked up.
type face struct {
	*typeface
	face     *font.Face
	outlines map[font.GID]*font.GlyphOutline // nil: not to be drawn
}

// fallback are faces in the order in which they are asked for a character.
type fallback []*face

func faces(first, then []*typeface) fallback {
	all := make(fallback, 0, len(first)+len(then))
	for _, t := range append(append([]*typeface{}, first...), then...) {
		all = append(all, &face{typeface: t, face: font.NewFace(t.font), outlines: map[font.GID]*font.GlyphOutline{}})
	}
	return all
}

// ResolveFace is the first that has a character, or else the first of all, which draws nothing for it.
func (fonts fallback) ResolveFace(r rune) *font.Face {
	for _, f := range fonts {
		if _, ok := f.face.NominalGlyph(r); ok {
			return f.face
		}
	}
	return fonts[0].face
}

func (fonts fallback) of(of *font.Face) *face {
	for _, f := range fonts {
		if f.face == of {
			return f
		}
	}
	return fonts[0]
}

// outline is how a glyph is drawn, nil when it cannot be: it is the glyph of what the font lacks, or a picture.
func (f *face) outline(id font.GID) *font.GlyphOutline {
	if o, known := f.outlines[id]; known {
		return o
	}
	var drawn *font.GlyphOutline
	if o, ok := f.face.GlyphDataOutline(id); ok && id != 0 {
		drawn = &o
	}
	f.outlines[id] = drawn
	return drawn
}

func (f *face) draws(id font.GID) bool { return f.outline(id) != nil }

// lacks notes which characters of a cluster that cannot be drawn are not in the font, or else all of them.
func (f *face) lacks(cluster []rune, lacking []bool) {
	found := false
	for i, r := range cluster {
		if id, ok := f.face.NominalGlyph(r); !ok || !f.draws(id) {
			lacking[i], found = true, true
		}
	}
	for i := range cluster {
		lacking[i] = lacking[i] || !found
	}
}
