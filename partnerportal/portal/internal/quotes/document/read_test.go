package document_test

import (
	"bytes"
	"fmt"
	"image"
	"os/exec"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"
)

// poppler runs one of poppler's programs over a PDF; a test that needs it is skipped where it is not installed.
func poppler(tb testing.TB, pdf []byte, name string, args ...string) []byte {
	tb.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		tb.Skip("needs poppler-utils: ", err)
	}
	program := exec.CommandContext(tb.Context(), path, args...)
	program.Stdin = bytes.NewReader(pdf)
	var said bytes.Buffer
	program.Stderr = &said
	out, err := program.Output()
	require.NoError(tb, err, said.String())
	assert.Empty(tb, said.String(), "a reader complains of nothing")
	return out
}

// read is what a program reads on each page, as [plain] has it.
func read(tb testing.TB, pdf []byte) []string {
	tb.Helper()
	pages := strings.Split(string(poppler(tb, pdf, "pdftotext", "-layout", "-", "-")), "\f")
	for i := range pages {
		pages[i] = plain(pages[i])
	}
	return pages[:len(pages)-1]
}

// plain is a text without what a reader of PDFs cannot know: where lines end, how wide spaces are, the shapes of joined letters, and the signs
// that it puts around text from right to left.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, norm.NFKC.String(text))
}

// grouped is an amount with commas between its thousands.
func grouped(amount string) string {
	sign, digits := "", amount
	if strings.HasPrefix(amount, "-") {
		sign, digits = "-", amount[1:]
	}
	whole, fraction, found := strings.Cut(digits, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if found {
		whole += "." + fraction
	}
	return sign + whole
}

// within draws the pages and holds that nothing is beyond their margins.
func within(tb testing.TB, pdf []byte, name string) []*image.RGBA {
	tb.Helper()
	var pages []*image.RGBA
	for rest := poppler(tb, pdf, "pdftoppm", "-r", "48"); len(rest) > 0; {
		var page *image.RGBA
		page, rest = picture(tb, rest)
		pages = append(pages, page)
		outer, beyond := page.Bounds(), 0
		inner := outer.Inset(14)
		for _, edge := range []image.Rectangle{
			{outer.Min, image.Pt(outer.Max.X, inner.Min.Y)}, {image.Pt(0, inner.Max.Y), outer.Max},
			{outer.Min, image.Pt(inner.Min.X, outer.Max.Y)}, {image.Pt(inner.Max.X, 0), outer.Max},
		} {
			for y := edge.Min.Y; y < edge.Max.Y; y++ {
				for x := edge.Min.X; x < edge.Max.X; x++ {
					if page.Pix[page.PixOffset(x, y)] < 200 {
						beyond++
					}
				}
			}
		}
		assert.Zero(tb, beyond, "%s: what is drawn beyond the margins of page %d", name, len(pages))
	}
	require.NotEmpty(tb, pages)
	return pages
}

// picture reads the first of several pictures in the format PPM.
func picture(tb testing.TB, data []byte) (page *image.RGBA, rest []byte) {
	tb.Helper()
	var width, height int
	_, err := fmt.Sscanf(string(data[:min(20, len(data))]), "P6\n%d %d\n255\n", &width, &height)
	require.NoError(tb, err)
	data = data[len(fmt.Sprintf("P6\n%d %d\n255\n", width, height)):]
	page = image.NewRGBA(image.Rect(0, 0, width, height))
	for i := range width * height {
		copy(page.Pix[4*i:], data[3*i:3*i+3])
		page.Pix[4*i+3] = 0xFF
	}
	return page, data[3*width*height:]
}

// parts are a name, or, of one from right to left, what stands between Latin words: pdftotext takes a line of a table for one from left to
// right, and puts them in that order.
func parts(name string) []string {
	if !strings.ContainsFunc(name, func(r rune) bool { return unicode.In(r, unicode.Arabic, unicode.Hebrew) }) {
		return []string{name}
	}
	return strings.FieldsFunc(name, func(r rune) bool { return r < 0x80 && r != ' ' })
}
