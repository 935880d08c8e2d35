package typeset

import (
	"slices"

	"github.com/go-text/typesetting/bidi"
	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/shaping"
	unicodebidi "golang.org/x/text/unicode/bidi"
	"golang.org/x/text/unicode/norm"
)

// directionOf is that of the first letter of a text that has one.
func directionOf(text []rune) di.Direction {
	for _, r := range text {
		p, _ := unicodebidi.LookupRune(r)
		switch p.Class() {
		case unicodebidi.L:
			return di.DirectionLTR
		case unicodebidi.R, unicodebidi.AL:
			return di.DirectionRTL
		}
	}
	return di.DirectionLTR
}

// levelsOf is how deep each character stands in texts of the other direction; odd ones run from right to left.
func levelsOf(text []rune, direction di.Direction) []bidi.Level {
	first := bidi.LeftToRight
	if direction == di.DirectionRTL {
		first = bidi.RightToLeft
	}
	var p bidi.Paragraph
	levels := make([]bidi.Level, len(text))
	runs := p.Segment(text, first)
	for i := range runs.NumRuns() {
		run := runs.Run(i)
		deep := run.End
		if run.Level == 2 && direction == di.DirectionLTR {
			deep = run.Start + numberAt(text[run.Start:run.End])
		}
		for at := run.Start; at < run.End; at++ {
			if at < deep {
				levels[at] = run.Level
			}
		}
	}
	return levels
}

// numberAt is how long the number is that a text begins with. In a text from left to right it alone is two levels deep when it follows one from
// right to left, but the library says only where directions change, and what stands behind the number has the same one.
func numberAt(text []rune) int {
	end := 0
	for i, r := range text {
		switch p, _ := unicodebidi.LookupRune(r); p.Class() {
		case unicodebidi.EN, unicodebidi.AN, unicodebidi.ET, unicodebidi.NSM:
			end = i + 1
		case unicodebidi.ES, unicodebidi.CS:
			if i > end { // the second in a row belongs to no number
				return end
			}
		default:
			return end
		}
	}
	return end
}

// atOneLevel cuts a run where the level changes: the library cuts where the direction does, and a number within Hebrew and the Latin behind it have
// the same one.
func atOneLevel(run shaping.Input, levels []bidi.Level) (parts []shaping.Input) {
	for start := run.RunStart; start < run.RunEnd; {
		end := start + 1
		for end < run.RunEnd && levels[end] == levels[start] {
			end++
		}
		part := run
		part.RunStart, part.RunEnd = start, end
		parts = append(parts, part)
		start = end
	}
	return parts
}

// visual puts the runs of a line in the order in which they stand from left to right (rule L2 of UAX 9; the library's own order leaves numbers
// within Arabic within Latin where they are).
func visual(line shaping.Line, levels []bidi.Level) []shaping.Output {
	level := func(run shaping.Output) bidi.Level { return levels[run.Runes.Offset] }
	order := slices.Clone(line)
	highest := bidi.Level(0)
	for _, run := range order {
		highest = max(highest, level(run))
	}
	for l := highest; l > 0; l-- {
		for start := 0; start < len(order); start++ {
			end := start
			for end < len(order) && level(order[end]) >= l {
				end++
			}
			slices.Reverse(order[start:end])
			start = max(start, end)
		}
	}
	return order
}

// reader tells what is read at each glyph of a run. A glyph may stand for several characters, and several glyphs for one, so they come in
// clusters; readers of PDFs turn the glyphs of a word that runs from right to left around, one by one.
type reader struct {
	text    []rune
	rtl     bool
	cluster []rune // what the glyphs of the present cluster stand for
	left    int    // how many of these glyphs are to come
}

func (r *reader) next(g shaping.Glyph) string {
	if r.left == 0 {
		r.cluster, r.left = r.text[g.TextIndex():g.TextIndex()+g.RunesCount()], g.GlyphsCount()
		if r.rtl {
			r.cluster = turned(r.cluster)
		}
	}
	r.left--
	n := min(1, len(r.cluster))
	switch {
	case r.left == 0:
		n = len(r.cluster)
	case r.rtl && g.Advance == 0:
		n = 0 // a mark is read with its letter
	}
	read := r.cluster[:n]
	r.cluster = r.cluster[n:]
	return string(read)
}

// turned is a cluster from its end to its beginning, but for the ligatures of Arabic, which Unicode has a character for: some readers turn what
// a glyph stands for around, and some do not.
func turned(cluster []rune) []rune {
	for ligature := '\uFEF5'; ligature <= '\uFEFC'; ligature++ {
		if norm.NFKC.String(string(ligature)) == string(cluster) {
			return []rune{ligature}
		}
	}
	back := slices.Clone(cluster)
	slices.Reverse(back)
	return back
}
