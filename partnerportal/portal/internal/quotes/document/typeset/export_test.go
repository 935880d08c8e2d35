package typeset

import (
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
)

// Read is what is read at the glyphs of a line, from left to right.
func (l Line) Read() []string {
	var read []string
	for _, g := range l.glyphs {
		read = append(read, g.text)
	}
	return read
}

// Families are the fonts of a line's glyphs.
func (l Line) Families() []string {
	var names []string
	for _, g := range l.glyphs {
		names = append(names, g.face.name)
	}
	return names
}

// Quadratic are the points of a cubic curve as it is written, in half units, each with whether it is on the curve.
func Quadratic(p0, p1, p2, p3 [2]float32) (points [][2]int, on []bool) {
	at := func(p [2]float32) opentype.SegmentPoint { return opentype.SegmentPoint{X: p[0], Y: p[1]} }
	g := newSimpleGlyph(&font.GlyphOutline{Segments: []font.Segment{
		{Op: opentype.SegmentOpMoveTo, Args: [3]opentype.SegmentPoint{at(p0)}},
		{Op: opentype.SegmentOpCubeTo, Args: [3]opentype.SegmentPoint{at(p1), at(p2), at(p3)}},
	}})
	for _, p := range g.points {
		points, on = append(points, [2]int{int(p.x), int(p.y)}), append(on, p.on)
	}
	return points, on
}
