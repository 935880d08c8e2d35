package brand

import (
	"errors"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/unicode/norm"

	contract "github.com/partnerportal/partnerportal-go/mdf/assets"
)

// ErrTooLong says that a text does not fit into its zone, however small it is set.
var ErrTooLong = errors.New("brand: the text is too long for its place")

const (
	smallest = 6.0  // size of a text that people can read
	largest  = 72.0 // size of a text whose zone names none
	leading  = 1.2  // from one line to the next, in sizes
)

// typeface is a font that texts are set in.
type typeface struct {
	data []byte // as PDFs carry it
	font *sfnt.Font
	em   fixed.Int26_6 // at this size all measures are whole units
	// Above and below the base line, in sizes.
	ascent, descent float64
}

var (
	regular = sync.OnceValue(func() *typeface { return parse(goregular.TTF) })
	bold    = sync.OnceValue(func() *typeface { return parse(gobold.TTF) })
)

func parse(data []byte) *typeface {
	f, err := sfnt.Parse(data)
	if err != nil {
		panic(err) // it is part of this program
	}
	t := &typeface{data: data, font: f, em: fixed.I(int(f.UnitsPerEm()))}
	m, err := f.Metrics(nil, t.em, font.HintingNone)
	if err != nil {
		panic(err)
	}
	t.ascent, t.descent = float64(m.Ascent)/float64(t.em), float64(m.Descent)/float64(t.em)
	return t
}

func typefaceOf(z contract.Zone) *typeface {
	if z.Bold {
		return bold()
	}
	return regular()
}

// Plain is a text as it is set: composed characters, no space around lines.
func Plain(text string) string {
	lines := strings.Split(norm.NFC.String(strings.ReplaceAll(text, "\r\n", "\n")), "\n")
	for i, line := range lines {
		lines[i] = strings.Join(strings.Fields(line), " ")
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// Missing are the characters of a text that the fonts do not have, each once.
func Missing(text string) string {
	var buffer sfnt.Buffer
	var missing strings.Builder
	for _, r := range Plain(text) {
		if r == '\n' || strings.ContainsRune(missing.String(), r) {
			continue
		}
		if i, err := regular().font.GlyphIndex(&buffer, r); err != nil || i == 0 || unicode.IsControl(r) {
			missing.WriteRune(r)
		}
	}
	return missing.String()
}

// width is how wide a line is, in sizes.
func (t *typeface) width(line string) float64 {
	var buffer sfnt.Buffer
	var sum fixed.Int26_6
	for _, r := range line {
		i, err := t.font.GlyphIndex(&buffer, r)
		if err != nil {
			continue
		}
		if advance, err := t.font.GlyphAdvance(&buffer, i, t.em, font.HintingNone); err == nil {
			sum += advance
		}
	}
	return float64(sum) / float64(t.em)
}

// Setting is a text with its lines in their places.
type Setting struct {
	Size  float64
	Lines []Line
}

// Line is a line of a text: where its base line begins, from the upper left of the page.
type Line struct {
	Text string
	X, Y float64
}

// Set sets a text into a zone, as large as fits. It is [ErrTooLong] when nothing readable fits.
func Set(z contract.Zone, text string) (Setting, error) {
	t, text := typefaceOf(z), Plain(text)
	size := float64(z.FontSize)
	if size == 0 {
		size = min(largest, float64(z.Height))
	}
	for ; size >= smallest; size -= 0.5 {
		lines, ok := t.wrap(text, float64(z.Width)/size)
		if height := t.height(len(lines)) * size; ok && height <= float64(z.Height) {
			return t.place(z, lines, size, height), nil
		}
	}
	return Setting{}, ErrTooLong
}

// height is how high so many lines are, in sizes.
func (t *typeface) height(lines int) float64 {
	return t.ascent + t.descent + float64(lines-1)*leading
}

// wrap breaks a text into lines that are at most so wide, in sizes, and reports false when a word is wider.
func (t *typeface) wrap(text string, most float64) (lines []string, ok bool) {
	space := t.width(" ")
	for paragraph := range strings.SplitSeq(text, "\n") {
		line, used := "", 0.0
		for word := range strings.SplitSeq(paragraph, " ") {
			wide := t.width(word)
			switch {
			case wide > most:
				return nil, false
			case line == "":
				line, used = word, wide
			case used+space+wide <= most:
				line, used = line+" "+word, used+space+wide
			default:
				lines = append(lines, line)
				line, used = word, wide
			}
		}
		lines = append(lines, line)
	}
	return lines, true
}

func (t *typeface) place(z contract.Zone, lines []string, size, height float64) Setting {
	s := Setting{Size: size, Lines: make([]Line, len(lines))}
	y := float64(z.Y) + (float64(z.Height)-height)/2 + t.ascent*size
	for i, line := range lines {
		left := float64(z.Width) - t.width(line)*size
		s.Lines[i] = Line{Text: line, X: float64(z.X) + left*shift(z.Align), Y: y + float64(i)*leading*size}
	}
	return s
}

// shift is how much of the space that is left stands before what is aligned.
func shift(a contract.Align) float64 {
	switch a {
	case contract.AlignCenter:
		return 0.5
	case contract.AlignRight:
		return 1
	}
	return 0
}
