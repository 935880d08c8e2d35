package typeset

import (
	"fmt"
	"math"
	"strings"
	"unicode"

	"github.com/go-text/typesetting/font"
)

// subset is a font of the glyphs of one face that a document uses. A glyph is called by a code, which is its character where it has one of its own,
// and else a code of the private use area: for joined letters, ligatures, characters beyond the first 65,536.
type subset struct {
	face   *face
	name   string
	glyphs []font.GID // by their number in the subset, less one: number 0 is the glyph for what is missing
	number map[font.GID]int
	codes  map[shape]rune
	shapes map[rune]shape
	order  []rune // the codes as they were given
	next   rune
}

// shape is a glyph with what is read where it stands.
type shape struct {
	id   font.GID
	text string
}

// Codes are given out from the private use area, which has room for more than a subset may have.
const (
	private  = '\uE000'
	mostInIt = 4000
)

// subsets are the fonts of a document, in the order in which it came to use them.
type subsets struct {
	all     []*subset
	current map[*face]*subset
}

// run is a part of a line that is set in one font and needs no corrections.
type run struct {
	font  string
	x, y  float64 // in points, from the beginning of the base line to the right and up
	codes string
}

// drift is how far, in thousandths of the size, a glyph may be from its place, because PDFs have whole widths, before a new run begins.
const drift = 3

// encode gives each glyph of a line its code, and splits the line into runs.
func (s *subsets) encode(line Line) []run {
	var runs []run
	var codes strings.Builder
	var last *subset
	end, high := 0.0, 0.0 // where the run's next glyph would come to stand
	flush := func() {
		if codes.Len() > 0 {
			runs[len(runs)-1].codes = codes.String()
			codes.Reset()
		}
	}
	for _, g := range line.glyphs {
		in, code := s.code(g)
		if in != last || math.Abs(g.x-end) > drift || g.y != high {
			flush()
			runs = append(runs, run{font: in.name, x: g.x / em * line.size, y: g.y / em * line.size})
			last, end, high = in, g.x, g.y
		}
		codes.WriteRune(code)
		end += math.Round(in.face.advance(g.id))
	}
	flush()
	return runs
}

// code is what a glyph is called by, in which subset.
func (s *subsets) code(g glyph) (*subset, rune) {
	what := shape{g.id, g.text}
	in := s.current[g.face]
	if in != nil {
		if code, known := in.codes[what]; known {
			return in, code
		}
	}
	if in == nil || len(in.codes) == mostInIt {
		in = &subset{
			face: g.face, name: fmt.Sprintf("%s-%d", g.face.name, len(s.all)), next: private,
			number: map[font.GID]int{}, codes: map[shape]rune{}, shapes: map[rune]shape{},
		}
		if s.current == nil {
			s.current = map[*face]*subset{}
		}
		s.current[g.face] = in
		s.all = append(s.all, in)
	}
	return in, in.add(what)
}

func (s *subset) add(what shape) rune {
	if _, known := s.number[what.id]; !known {
		s.glyphs = append(s.glyphs, what.id)
		s.number[what.id] = len(s.glyphs)
	}
	code, ok := own(what.text)
	if _, taken := s.shapes[code]; taken || !ok {
		code = s.next
		s.next++
	}
	s.codes[what], s.shapes[code] = code, what
	s.order = append(s.order, code)
	return code
}

// own is the one character of a text, if it may be a code.
func own(text string) (rune, bool) {
	r := []rune(text)
	if len(r) != 1 || r[0] > 0xFFFD || unicode.IsControl(r[0]) || unicode.Is(unicode.Co, r[0]) {
		return 0, false
	}
	return r[0], true
}

// identical says that each code is what it stands for, as fpdf takes it.
func (s *subset) identical() bool { return s.next == private }

// advance is how far a glyph moves on, in thousandths.
func (f *face) advance(id font.GID) float64 {
	return float64(f.face.HorizontalAdvance(id)) * em / float64(f.font.Upem())
}
