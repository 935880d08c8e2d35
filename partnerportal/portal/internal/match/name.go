package match

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Name normalises the name of a company, so that "ACME GmbH & Co. KG",
// "Acme" and "The Acme Company, Inc." are all "acme". The result is words of
// letters and digits, parted by single spaces. Name(Name(s)) == Name(s), and
// only a name of nothing but apostrophes and invisible characters becomes empty.
func Name(s string) string {
	s = fold(s)
	name := words(s)
	if name == "" { // a name of symbols alone: keep them, or all such names would be equal
		return strings.Join(strings.Fields(s), " ")
	}
	return dropLegalForms(name)
}

// words turns all punctuation to single spaces, '&' to "and", and joins
// initialisms that are spelt with dots or slashes: "s.r.o." is "sro", "A/S" is "as".
func words(s string) string {
	var (
		out      strings.Builder
		initials bool // the last word is a single letter, or letters joined
		last     int  // end of the last word in s
	)
	out.Grow(len(s))
	for start := 0; start < len(s); {
		r, size := utf8.DecodeRuneInString(s[start:])
		if r == '&' {
			join(&out, "and", " ")
			start, last, initials = start+size, start+size, false
			continue
		}
		if !inWord(r) {
			start += size
			continue
		}
		end := start + size
		for end < len(s) {
			next, n := utf8.DecodeRuneInString(s[end:])
			if !inWord(next) {
				break
			}
			end += n
		}
		// Only scripts that have case write initialisms with dots.
		single := end == start+size && unicode.IsLower(r)
		gap := s[last:start]
		if initials && single && (gap == "." || gap == "/") {
			join(&out, s[start:end], "")
		} else {
			join(&out, s[start:end], " ")
		}
		start, last, initials = end, end, single
	}
	return out.String()
}

func join(out *strings.Builder, word, separator string) {
	if out.Len() > 0 {
		out.WriteString(separator)
	}
	out.WriteString(word)
}

func inWord(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || '0' <= r && r <= '9'
	}
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r))
}
