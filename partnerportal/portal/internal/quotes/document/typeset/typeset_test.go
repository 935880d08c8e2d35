package typeset_test

import (
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/quotes/document/typeset"
)

var style = typeset.Style{Size: 10}

func setter(tb testing.TB, files ...string) *typeset.Setter {
	tb.Helper()
	var fonts [][]byte
	for _, name := range files {
		data, err := os.ReadFile("/usr/share/fonts/" + name)
		if err != nil {
			tb.Skip("needs Debian's fonts-noto-cjk and fonts-noto-core: ", err)
		}
		fonts = append(fonts, data)
	}
	f, err := typeset.NewFonts(fonts...)
	require.NoError(tb, err)
	return f.Setter("en")
}

const (
	cjk        = "opentype/noto/NotoSansCJK-Regular.ttc"
	cjkBold    = "opentype/noto/NotoSansCJK-Bold.ttc"
	arabic     = "truetype/noto/NotoSansArabic-Regular.ttf"
	hebrew     = "truetype/noto/NotoSansHebrew-Regular.ttf"
	devanagari = "truetype/noto/NotoSansDevanagari-Regular.ttf"
)

func TestLinesFit(t *testing.T) {
	t.Parallel()
	s := setter(t)
	b := s.Set("The quick brown fox\njumps over the Donaudampfschifffahrtsgesellschaft.", style, 60)
	for _, l := range b.Lines {
		assert.LessOrEqual(t, l.Width, 60.0)
	}
	assert.Equal(t, []string{"The quick", "brown fox", "jumps over", "the"}, lines(b)[:4])
	assert.Equal(t, "Donaudampfschifffahrtsgesellschaft.", strings.Join(lines(b)[4:], ""), "a word that is too wide is broken")
	assert.InDelta(t, float64(len(b.Lines))*13, b.Height(), 1e-9)
	wide := s.Set("The quick brown fox jumps over the lazy dog.", style, 0)
	assert.Len(t, wide.Lines, 1)
	assert.Greater(t, s.Set("Fox", typeset.Style{Size: 10, Bold: true}, 0).Width(), s.Set("Fox", style, 0).Width())
}

func lines(b typeset.Block) []string {
	all := make([]string, len(b.Lines))
	for i, l := range b.Lines {
		all[i] = strings.Join(l.Read(), "")
	}
	return all
}

func TestFontsInTheirOrder(t *testing.T) {
	t.Parallel()
	s := setter(t, arabic, cjk, cjkBold)
	assert.Equal(t, []string{"Go"}, families(s.Set("Łódź Ωμέγα Жук 123", style, 0)))
	assert.Equal(t, []string{"Go", "NotoSansArabic"}, families(s.Set("GTX شركة", style, 0)))
	assert.Equal(t, []string{"Go", "NotoSansCJKJP"}, families(s.Set("GTX 株式会社", style, 0)))
	narrow, wide := s.Set("株", style, 0), s.Set("株", typeset.Style{Size: 10, Bold: true}, 0)
	assert.Empty(t, narrow.Missing)
	assert.Empty(t, wide.Missing)
	assert.Equal(t, []rune{'ह', '😀'}, s.Set("ह 😀ह", style, 0).Missing, "each once")
}

func families(b typeset.Block) []string {
	var all []string
	for _, l := range b.Lines {
		all = append(all, l.Families()...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// What stands from left to right is what a reader of the script expects to see.
func TestDirections(t *testing.T) {
	t.Parallel()
	s := setter(t, arabic, hebrew, devanagari)
	for text, want := range map[string]struct {
		seen string
		rtl  bool
	}{
		"שלום 123":               {"123 םולש", true},
		"Acme שלום 123 (x)":      {"Acme 123 םולש (x)", false},
		"שלום GTX-200 עולם":      {"םלוע GTX-200 םולש", true},
		"Acme שלום 1,234.50%, x": {"Acme 1,234.50% םולש, x", false},
		"שלום x 1 y":             {"x 1 y םולש", true},
		"a שלום 1 2 b":           {"a 2 1 םולש b", false},
		"abc":                    {"abc", false},
	} {
		b := s.Set(text, style, 0)
		assert.Equal(t, want.rtl, b.RTL, text)
		assert.Equal(t, want.seen, lines(b)[0], text)
	}
	number := lines(s.Set("Acme شركة 2026 الاتصالات Ltd", style, 0))[0]
	assert.Less(t, strings.Index(number, "2026"), strings.LastIndex(number, "ك"), "the number stands between the words, and they from right to left")
	assert.NotEqual(t, 3*s.Set("ه", style, 0).Width(), s.Set("ههه", style, 0).Width(), "letters are joined")
	assert.Equal(t, []string{"ﻻ"}, s.Set("لا", style, 0).Lines[0].Read(), "a ligature is one glyph, and one character")
	assert.Equal(t, "हिन्दी", strings.Join(s.Set("हिन्दी", style, 0).Lines[0].Read(), ""), "signs that are drawn before their letter are read behind it")
}

func TestClean(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		" a  b\t\tc ": "a b c", "a\r\nb\rc\u2028d": "a\nb\nc\nd", "e\u0301": "é", "100\u202E001": "100001", "a\x00\x1bb": "a b", "\n\n": "", "a\n\n\n\nb": "a\n\nb",
		"a\xffb": "a\uFFFDb", "so\u00ADft\uFEFF": "soft", "\u200Da\u200C \u200Db\u200C\u200Dc": "a b\u200Cc", "x" + strings.Repeat("\u0331", 99): "x" + strings.Repeat("\u0331", 8),
	} {
		assert.Equal(t, want, typeset.Clean(text), "%q", text)
	}
}

func TestNoFonts(t *testing.T) {
	t.Parallel()
	for name, data := range map[string][]byte{"empty": nil, "text": []byte("no font"), "half": gobold.TTF[:500]} {
		_, err := typeset.NewFonts(gomono.TTF, data)
		assert.ErrorContains(t, err, "font 2: ", name)
	}
}

// Whatever the text: lines fit, and what is read in them is the text.
func checkSet(t require.TestingT, s *typeset.Setter, text string, width float64) {
	b := s.Set(text, style, width)
	var read strings.Builder
	for _, l := range b.Lines {
		clusters := 0
		for _, r := range l.Read() {
			read.WriteString(r)
			if r != "" {
				clusters++
			}
		}
		if clusters > 1 && len(b.Missing) == 0 {
			require.LessOrEqual(t, l.Width, width+0.01)
		}
	}
	require.Equal(t, letters(typeset.Clean(text)), letters(read.String()), "%q", text)
}

// letters are the characters of a text, sorted, without spaces and without their forms.
func letters(text string) string {
	var all []rune
	for _, r := range norm.NFKD.String(text) {
		if !unicode.IsSpace(r) {
			all = append(all, r)
		}
	}
	slices.Sort(all)
	return string(all)
}

func TestAnyText(t *testing.T) {
	t.Parallel()
	s := setter(t, arabic, cjk, hebrew, devanagari)
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.SampledFrom([]string{
			"GTX-200", "office", "Łódź", "Ωμέγα", "Жук", "株式会社", "かな", "한국", "شركة", "لا", "سَلْمَان", "שלום", "हिन्दी", "क्षत्रिय", "123", "(", ")", "–", "e\u0301", "𠀋", "\n", "\u200D", "😀",
		}), 0, 30).Draw(t, "words")
		checkSet(t, s, strings.Join(words, rapid.SampledFrom([]string{" ", ""}).Draw(t, "between")), rapid.Float64Range(20, 200).Draw(t, "width"))
	})
}

func FuzzSet(f *testing.F) {
	s := setter(f)
	for _, text := range []string{"office fi", "שלום 123", "a\u202Eb", "Z\u0301\u0323", "\u0600\u06DD1", "क्षत्रिय", "a\u2066b\u2069"} {
		f.Add(text, 50.0)
	}
	f.Fuzz(func(t *testing.T, text string, width float64) {
		if !(width >= 10 && width <= 1000) {
			width = 100
		}
		checkSet(t, s, text, width)
	})
}

// A cubic curve stays where it is, but for a unit of a font's 1,000 or 2,000.
func TestCurves(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var p [4][2]float32
		for i := range p {
			p[i] = [2]float32{float32(rapid.IntRange(-500, 1500).Draw(t, "x")), float32(rapid.IntRange(-500, 1500).Draw(t, "y"))}
		}
		points, on := typeset.Quadratic(p[0], p[1], p[2], p[3])
		if len(points) == 0 || points[len(points)-1] != [2]int{int(p[3][0]) * 2, int(p[3][1]) * 2} {
			return // it ends where it began
		}
		parts := len(points) / 2
		for i := range parts {
			require.True(t, on[2*i] && !on[2*i+1])
			for _, u := range []float64{0, 0.25, 0.5, 0.75, 1} {
				a, b, c := points[2*i], points[2*i+1], points[2*i+2]
				at := (float64(i) + u) / float64(parts)
				for d := range 2 {
					quadratic := (1-u)*(1-u)*float64(a[d]) + 2*u*(1-u)*float64(b[d]) + u*u*float64(c[d])
					v := 1 - at
					cubic := 2 * (v*v*v*float64(p[0][d]) + 3*v*v*at*float64(p[1][d]) + 3*v*at*at*float64(p[2][d]) + at*at*at*float64(p[3][d]))
					require.LessOrEqual(t, math.Abs(quadratic-cubic), 2.0, "in half units")
				}
			}
		}
	})
}
