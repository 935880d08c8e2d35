// Package typeset sets texts of any script into lines and puts them, with the glyphs they use, into PDFs. It knows lengths, fonts and
// glyphs, and nothing of quotes.
//
// A text is split where its direction, its script or the font that has its characters changes, shaped (ligatures, joined letters,
// marks in their places) and broken into lines as Unicode says, by go-text/typesetting. fpdf writes the PDF. What stands between
// the two is this package: fpdf takes TrueType fonts by characters, and shaping yields glyphs of any kind of OpenType font, so the glyphs
// that a document uses become TrueType fonts of their own (see [Paper.PDF]). No library that does this, such as tdewolff/canvas or
// boxesandglue/textshape, could be resolved where this was written.
//
// The same input gives the same bytes.
package typeset

import (
	"slices"
	"strings"
	"unicode"

	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/unicode/norm"
)

// em is the size at which texts are shaped, whatever they are set in: widths are then in thousandths of the size, as in PDFs.
const em = 1000

// Style is how a text is set.
type Style struct {
	Size    float64 // in points
	Bold    bool
	Leading float64 // from one line to the next, in sizes; 0 is 1.3
}

// Height is from one line to the next, in points.
func (s Style) Height() float64 {
	if s.Leading == 0 {
		return 1.3 * s.Size
	}
	return s.Leading * s.Size
}

// Block is a text that has been set.
type Block struct {
	Lines   []Line
	Style   Style
	RTL     bool   // whether it reads from right to left, which is where its lines begin
	Missing []rune // characters that no font has, each once, in their order
}

// Height is how high a block is, in points.
func (b Block) Height() float64 { return float64(len(b.Lines)) * b.Style.Height() }

// Width is how wide the widest line of a block is, in points.
func (b Block) Width() float64 {
	widest := 0.0
	for _, l := range b.Lines {
		widest = max(widest, l.Width)
	}
	return widest
}

// Line is one line of glyphs, from left to right whatever the direction of the text.
type Line struct {
	Width  float64 // in points
	size   float64
	glyphs []glyph
}

// glyph is one glyph at its place, in thousandths of the size from the left end of the line.
type glyph struct {
	face *face
	id   font.GID
	text string // what is read where it stands; empty when a neighbour stands for it too
	x, y float64
}

// Setter sets the texts of one document. It is not safe for concurrent use.
type Setter struct {
	regular, bold []*face
	lang          language.Language
	segments      shaping.Segmenter
	shaper        shaping.HarfbuzzShaper
	wrapper       shaping.LineWrapper
}

// Setter begins a document in a language (a BCP 47 tag), which decides between forms of a letter where languages share it.
func (f *Fonts) Setter(lang string) *Setter {
	return &Setter{regular: faces(f.regular, f.bold), bold: faces(f.bold, f.regular), lang: language.NewLanguage(lang)}
}

// Set sets a text into lines of at most so many points, and each of its paragraphs into lines of its own. A word that is wider is broken. A
// width of 0 breaks lines nowhere else than between paragraphs.
func (s *Setter) Set(text string, style Style, width float64) Block {
	b := Block{Style: style}
	for paragraph := range strings.SplitSeq(Clean(text), "\n") {
		if paragraph == "" {
			b.Lines = append(b.Lines, Line{size: style.Size})
			continue
		}
		s.paragraph(&b, []rune(paragraph), width)
	}
	return b
}

func (s *Setter) paragraph(b *Block, text []rune, width float64) {
	direction := directionOf(text)
	b.RTL = b.RTL || direction == di.DirectionRTL
	fonts := fallback(s.regular)
	if b.Style.Bold {
		fonts = s.bold
	}
	input := shaping.Input{
		Text: text, RunEnd: len(text), Direction: direction, Size: fixed.I(em), Language: s.languageOf(text),
	}
	levels := levelsOf(text, direction)
	var runs []shaping.Output
	for _, run := range s.segments.Split(input, fonts) {
		for _, part := range atOneLevel(run, levels) {
			runs = append(runs, s.shaper.Shape(part))
		}
	}
	most := fixed.Int26_6(1 << 30)
	if width > 0 {
		most = fixed.Int26_6(width / b.Style.Size * em * 64)
	}
	config := shaping.WrapConfig{Direction: direction, DisableTrailingWhitespaceTrim: true} // place does it, where the line really ends
	lines, _ := s.wrapper.WrapParagraphF(config, most, text, shaping.NewSliceIterator(runs))
	lacking := make([]bool, len(text))
	for _, line := range lines {
		b.Lines = append(b.Lines, place(fonts, text, visual(line, levels), b.Style.Size, lacking))
	}
	for i, r := range text {
		if lacking[i] && !slices.Contains(b.Missing, r) {
			b.Missing = append(b.Missing, r)
		}
	}
}

// place walks along a line and notes where each glyph stands, and which characters are lacking, as no font has them. The spaces at the end of
// a line take no place.
func place(fonts fallback, text []rune, runs []shaping.Output, size float64, lacking []bool) Line {
	line := Line{size: size}
	end := 0
	for _, run := range runs {
		end = max(end, run.Runes.Offset+run.Runes.Count)
	}
	for end > 0 && text[end-1] == ' ' {
		end--
	}
	dot := 0.0
	for _, run := range runs {
		f := fonts.of(run.Face)
		read := reader{text: text, rtl: run.Direction.Progression() == di.TowardTopLeft}
		for _, g := range run.Glyphs {
			if g.TextIndex() >= end {
				continue
			}
			if !f.draws(g.GlyphID) {
				f.lacks(text[g.TextIndex():g.TextIndex()+g.RunesCount()], lacking[g.TextIndex():])
			}
			line.glyphs = append(line.glyphs, glyph{
				face: f, id: g.GlyphID, text: read.next(g), x: dot + units(g.XOffset), y: units(g.YOffset),
			})
			dot += units(g.Advance)
		}
	}
	line.Width = dot / em * size
	return line
}

func units(x fixed.Int26_6) float64 { return float64(x) / 64 }

// languageOf is the document's language, unless a text shows by its letters that it is in another one: Chinese, Japanese and Korean share
// characters and draw them differently.
func (s *Setter) languageOf(text []rune) language.Language {
	han := false
	for _, r := range text {
		switch {
		case unicode.In(r, unicode.Hiragana, unicode.Katakana):
			return "ja"
		case unicode.Is(unicode.Hangul, r):
			return "ko"
		case unicode.Is(unicode.Han, r):
			han = true
		}
	}
	if primary, _, _ := strings.Cut(string(s.lang), "-"); han && primary != "ja" && primary != "ko" && primary != "zh" {
		return "zh-cn"
	}
	return s.lang
}

// mostMarks is how many marks a letter has at most; languages do with fewer, and pranks do not.
const mostMarks = 8

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n")

// Clean is a text as it is set: composed characters, none that are for control (those that turn the direction of what follows are an old trick
// to show another amount than the one that is meant), single spaces, and at most one empty line between paragraphs.
func Clean(text string) string {
	text = norm.NFC.String(strings.ToValidUTF8(text, "\uFFFD"))
	text = lineEnds.Replace(text)
	marks, last := 0, ' '
	text = strings.Map(func(r rune) rune {
		before := last
		if last = r; unicode.Is(unicode.M, r) {
			marks++
		} else {
			marks = 0
		}
		switch {
		case r == '\n':
			return r
		case marks > mostMarks, invisible(r), joins(r) && (unicode.IsSpace(before) || joins(before)):
			return -1
		case unicode.IsControl(r):
			return ' '
		}
		return r
	}, text)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		words := strings.Fields(line)
		for n := range words {
			words[n] = strings.TrimRightFunc(words[n], joins)
		}
		lines[i] = strings.Join(words, " ")
	}
	text = strings.Join(lines, "\n")
	for strings.Contains(text, "\n\n\n") {
		text = strings.ReplaceAll(text, "\n\n\n", "\n\n")
	}
	return strings.Trim(text, "\n")
}

// invisible characters do nothing good: they turn the direction of what follows, or mark places in a text that is not set here.
func invisible(r rune) bool {
	return unicode.Is(unicode.Bidi_Control, r) || r == '\u00AD' || r == '\u200B' || r == '\uFEFF' || r >= '\u2060' && r <= '\u206F'
}

// joins says of the two joiners, which some scripts need within words and which mean nothing elsewhere.
func joins(r rune) bool { return r == '\u200C' || r == '\u200D' }
