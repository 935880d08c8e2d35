package match

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/unicode/rangetable"
)

// fold makes spellings of one name equal that differ only in case, width,
// ligatures, accents, apostrophes or invisible characters.
// fold(fold(s)) == fold(s).
func fold(s string) string {
	if isASCII(s) {
		return strings.Map(visible, strings.ToLower(s))
	}
	// One round is enough for all but rare texts, where a character that is
	// dropped stood between two that compose. Such a text settles in the next.
	for range 4 {
		t := foldOnce(s)
		if t == s || isASCII(t) {
			return t
		}
		s = t
	}
	return s
}

func foldOnce(s string) string {
	s = strings.Map(visible, norm.NFKD.String(s)) // before case folding, which makes a letter of the Greek iota subscript
	s = cases.Fold().String(s)
	s = strokes.Replace(s)
	return norm.NFKC.String(s)
}

// visible drops apostrophes, which, unlike other punctuation, part no words
// ("McDonald's" is "McDonalds"), and all that is [dropped]. An acute accent that
// stands alone has become a space and a mark before it gets here.
func visible(r rune) rune {
	switch r {
	case '\'', '`', '‘', '’', '‛', 'ʼ', 'ʻ':
		return -1
	}
	if r >= utf8.RuneSelf && unicode.Is(dropped, r) {
		return -1
	}
	return r
}

// dropped holds what a reader does not see or a writer leaves out: control
// characters of layout and direction, variation selectors, and [diacritics].
var dropped = rangetable.Merge(unicode.Cf, unicode.Me, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point, diacritics)

// diacritics are the marks of Latin, Greek and Cyrillic, and the vowel points of
// Hebrew and Arabic. The marks that carry the sound in Devanagari, Thai or Kana
// are not among them.
var diacritics = &unicode.RangeTable{R16: []unicode.Range16{
	{Lo: 0x0300, Hi: 0x036f, Stride: 1}, // combining diacritical marks
	{Lo: 0x0483, Hi: 0x0487, Stride: 1}, // Cyrillic titlo and its like
	{Lo: 0x0591, Hi: 0x05bd, Stride: 1}, // Hebrew accents and points
	{Lo: 0x05bf, Hi: 0x05bf, Stride: 1},
	{Lo: 0x05c1, Hi: 0x05c2, Stride: 1},
	{Lo: 0x05c4, Hi: 0x05c5, Stride: 1},
	{Lo: 0x05c7, Hi: 0x05c7, Stride: 1},
	{Lo: 0x0640, Hi: 0x0640, Stride: 1}, // Arabic tatweel, a stretched line
	{Lo: 0x064b, Hi: 0x0652, Stride: 1}, // Arabic vowel points
	{Lo: 0x0670, Hi: 0x0670, Stride: 1},
	{Lo: 0x1ab0, Hi: 0x1aff, Stride: 1}, // combining diacritical marks extended
	{Lo: 0x1dc0, Hi: 0x1dff, Stride: 1}, // ... supplement
	{Lo: 0x20d0, Hi: 0x20ff, Stride: 1}, // ... for symbols
	{Lo: 0xfe20, Hi: 0xfe2f, Stride: 1}, // combining half marks
}}

// strokes are the Latin letters whose mark Unicode does not take apart.
var strokes = strings.NewReplacer("ı", "i", "ø", "o", "ł", "l", "đ", "d", "ħ", "h", "ŧ", "t", "æ", "ae", "œ", "oe")

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
