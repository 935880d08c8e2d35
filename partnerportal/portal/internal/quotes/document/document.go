// Package document makes the documents of quotes: PDFs that a customer signs, and workbooks to calculate with. It is pure: a quote, the names
// and logos of who offers it, fonts and a language go in, and bytes come out, the same ones for the same input.
//
// A character that no font has is an error that names it and its place, and never a box.
package document

import (
	"errors"
	"fmt"
	"image"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	contract "github.com/partnerportal/partnerportal-go/quotes"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/quotes/document/typeset"
)

// Company is one of those who offer a quote, as it is shown.
type Company struct {
	Name    string
	Address []string      // line by line, with whatever else belongs into a letterhead
	Logo    image.Image   // nil: the name stands for it
	Color   typeset.Color // of headings and of the total; black is a dark blue
}

// Press makes documents. It is safe for concurrent use.
type Press struct {
	fonts  *typeset.Fonts
	vendor Company
}

// New makes a press with a vendor's letterhead. The fonts, see [typeset.NewFonts], are for what the Go fonts lack.
func New(fonts [][]byte, vendor Company) (*Press, error) {
	read, err := typeset.NewFonts(fonts...)
	if err != nil {
		return nil, err
	}
	if vendor.Color == (typeset.Color{}) {
		vendor.Color = typeset.Color{0x1B, 0x3A, 0x5C}
	}
	vendor.Logo = printed(vendor.Logo)
	return &Press{fonts: read, vendor: vendor}, nil
}

// Input is what a document is made of.
type Input struct {
	Kind    contract.DocumentKind
	Quote   *contract.Quote
	Partner Company
	Locale  string         // BCP 47; a language without words of its own gets English ones with its own numbers
	Zone    *time.Location // of days; nil is UTC
}

// Output is a document.
type Output struct {
	Name, MediaType string
	Locale          string // what was asked for, see [Locale]
	Content         []byte
}

// Media types of documents.
const (
	mediaPDF  = "application/pdf"
	mediaXLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// MostText is how many characters the lines, notes and terms of a document may have together: some hundreds of pages, for which about a
// second is needed.
const MostText = 1_000_000

// ErrTooLong says that a quote has more text than [MostText].
var ErrTooLong = errors.New("document: the quote has too much text")

// Render makes a document. The error is a [*GlyphError] when a text cannot be set, or [ErrTooLong].
func (p *Press) Render(in Input) (*Output, error) {
	text := utf8.RuneCountInString(in.Quote.Notes) + utf8.RuneCountInString(in.Quote.Terms)
	for _, l := range in.Quote.Lines {
		text += utf8.RuneCountInString(l.Name) + utf8.RuneCountInString(l.Description) + utf8.RuneCountInString(l.Note)
	}
	if text > MostText {
		return nil, ErrTooLong
	}
	s := newSheet(p, in)
	out := &Output{
		Name: fmt.Sprintf("%s-v%d.%s", fileName(in.Quote.Number), in.Quote.Version, in.Kind), Locale: s.format.locale,
	}
	var err error
	switch in.Kind {
	case contract.DocumentKindPDF:
		out.MediaType = mediaPDF
		out.Content, err = s.pdf()
	case contract.DocumentKindXLSX:
		out.MediaType = mediaXLSX
		out.Content, err = s.xlsx()
	default:
		return nil, fmt.Errorf("document: %q is no kind of document", in.Kind)
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// fileName is a number without what the name of a file cannot have.
func fileName(number string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return '_'
	}, number)
}

// GlyphError says which characters of a quote no font has. The host adds fonts with portal.WithFonts.
type GlyphError struct{ Glyphs []Glyph }

// Glyph names what is missing for a text.
type Glyph struct {
	Pointer    string // of the text in the quote, such as /lines/3/name; of what is not part of the quote: /partner or /vendor
	Characters string // each once
}

func (e *GlyphError) Error() string {
	var b strings.Builder
	b.WriteString("document: no font has")
	for i, g := range e.Glyphs {
		if i > 0 {
			b.WriteString(",")
		}
		fmt.Fprintf(&b, " %s of %s", g.Names(), g.Pointer)
	}
	return b.String()
}

// Names are the characters as people look them up, such as U+1F600 😀; of many the first ones.
func (g Glyph) Names() string {
	const most = 10
	var names []string
	for _, r := range g.Characters {
		if len(names) == most {
			names = append(names, "…")
			break
		}
		name := fmt.Sprintf("U+%04X", r)
		if strconv.IsGraphic(r) {
			name += " " + string(r)
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// missing notes what a text lacks.
func (e *GlyphError) missing(pointer string, characters []rune) {
	if len(characters) == 0 {
		return
	}
	if i := slices.IndexFunc(e.Glyphs, func(g Glyph) bool { return g.Pointer == pointer }); i >= 0 {
		for _, r := range characters {
			if !strings.ContainsRune(e.Glyphs[i].Characters, r) {
				e.Glyphs[i].Characters += string(r)
			}
		}
		return
	}
	e.Glyphs = append(e.Glyphs, Glyph{Pointer: pointer, Characters: string(characters)})
}
