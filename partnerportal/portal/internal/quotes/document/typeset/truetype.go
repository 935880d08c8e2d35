package typeset

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
)

// A font's units are halved in its subset: outlines of TrueType fonts have points between two units, which so keep their place.
const finer = 2

// trueType writes a subset as a font: outlines of any kind become TrueType's, which are as exact as half a unit and have no hints.
func (s *subset) trueType() []byte {
	var glyf, loca, hmtx []byte
	maxPoints, maxContours := 0, 0
	var box bounds
	loca = be32(loca, 0, 0)
	hmtx = be16(hmtx, s.face.font.Upem(), 0)
	// The glyph for what is missing has been written, and is empty.
	for _, id := range s.glyphs {
		g := newSimpleGlyph(s.face.outline(id))
		maxPoints, maxContours = max(maxPoints, len(g.points)), max(maxContours, len(g.ends))
		box = box.with(g.box)
		glyf = g.append(glyf)
		loca = be32(loca, uint32(len(glyf)))
		hmtx = be16(hmtx, uint16(math.Round(float64(s.face.face.HorizontalAdvance(id))*finer)), uint16(g.box.x0))
	}
	weight := uint16(400)
	if s.face.bold {
		weight = 700
	}
	n := uint16(len(s.glyphs) + 1)
	upem := s.face.font.Upem() * finer
	up, down := s.extents()
	table := func(tag string, content []byte) opentype.Table {
		return opentype.Table{Tag: opentype.MustNewTag(tag), Content: content}
	}
	os2 := make([]byte, 96)
	binary.BigEndian.PutUint16(os2, 4)
	binary.BigEndian.PutUint16(os2[4:], weight)
	for at, v := range map[int]int16{68: up, 70: down, 88: int16(float64(upem) * 0.7)} { // how high capitals are is only a hint
		binary.BigEndian.PutUint16(os2[at:], uint16(v))
	}
	post := make([]byte, 32)
	binary.BigEndian.PutUint32(post, 0x30000)
	return opentype.WriteTTF([]opentype.Table{
		table("OS/2", os2),
		table("cmap", s.cmap()),
		table("glyf", glyf),
		table("head", be16(nil, 1, 0, 1, 0, 0, 0, 0x5F0F, 0x3CF5, 0, upem, 0, 0, 0, 0, 0, 0, 0, 0,
			uint16(box.x0), uint16(box.y0), uint16(box.x1), uint16(box.y1), 0, 8, 2, 1, 0)),
		table("hhea", be16(nil, 1, 0, uint16(up), uint16(down), 0, upem, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, n)),
		table("hmtx", hmtx),
		table("loca", loca),
		table("maxp", be16(nil, 1, 0, n, uint16(maxPoints), uint16(maxContours), 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0)),
		table("name", be16(nil, 0, 0, 6)),
		table("post", post),
	})
}

func (s *subset) extents() (up, down int16) {
	e, _ := s.face.face.FontHExtents()
	return int16(e.Ascender * finer), int16(e.Descender * finer)
}

// cmap tells the glyph of each code (format 4, one segment per code).
func (s *subset) cmap() []byte {
	codes := slices.Sorted(slices.Values(s.order))
	segments := len(codes) + 1
	var ends, starts, deltas []byte
	for _, c := range codes {
		ends, starts = be16(ends, uint16(c)), be16(starts, uint16(c))
		deltas = be16(deltas, uint16(s.number[s.shapes[c].id]-int(c)))
	}
	ends, starts, deltas = be16(ends, 0xFFFF, 0), be16(starts, 0xFFFF), be16(deltas, 1)
	log := uint16(math.Log2(float64(segments)))
	search := uint16(2) << log
	table := be16(nil, 0, 1, 3, 1, 0, 12, 4, uint16(16+8*segments), 0, uint16(2*segments), search, log, uint16(2*segments)-search)
	return slices.Concat(table, ends, starts, deltas, make([]byte, 2*segments))
}

// simpleGlyph is an outline as TrueType has it: points on and beside its curves.
type simpleGlyph struct {
	points []point
	ends   []int // the last point of each contour
	box    bounds
}

type point struct {
	x, y int16
	on   bool
}

type bounds struct{ x0, y0, x1, y1 int16 }

func (b bounds) with(o bounds) bounds {
	return bounds{min(b.x0, o.x0), min(b.y0, o.y0), max(b.x1, o.x1), max(b.y1, o.y1)}
}

func newSimpleGlyph(o *font.GlyphOutline) simpleGlyph {
	var g simpleGlyph
	if o == nil {
		return g
	}
	var at opentype.SegmentPoint
	for _, s := range o.Segments {
		switch s.Op {
		case opentype.SegmentOpMoveTo:
			g.close()
			g.add(s.Args[0], true)
			at = s.Args[0]
		case opentype.SegmentOpLineTo:
			g.add(s.Args[0], true)
			at = s.Args[0]
		case opentype.SegmentOpQuadTo:
			g.add(s.Args[0], false)
			g.add(s.Args[1], true)
			at = s.Args[1]
		case opentype.SegmentOpCubeTo:
			g.cube(at, s.Args[0], s.Args[1], s.Args[2])
			at = s.Args[2]
		}
	}
	g.close()
	for i, p := range g.points {
		if i == 0 {
			g.box = bounds{p.x, p.y, p.x, p.y}
		}
		g.box = g.box.with(bounds{p.x, p.y, p.x, p.y})
	}
	return g
}

func (g *simpleGlyph) add(p opentype.SegmentPoint, on bool) {
	g.points = append(g.points, point{whole(p.X), whole(p.Y), on})
}

func whole(v float32) int16 {
	return int16(max(math.MinInt16, min(math.MaxInt16, math.Round(float64(v)*finer))))
}

// close ends a contour, which returns to its first point by itself.
func (g *simpleGlyph) close() {
	first := 0
	if n := len(g.ends); n > 0 {
		first = g.ends[n-1] + 1
	}
	if last := len(g.points) - 1; last > first && g.points[last] == g.points[first] {
		g.points = g.points[:last]
	}
	if len(g.points) > first {
		g.ends = append(g.ends, len(g.points)-1)
	}
}

// cube adds a cubic curve as so many quadratic ones that no point is farther than half a unit from where it was. (Between a cubic
// curve cut into n parts and the quadratic ones are at most √3/36·|p3-3·p2+3·p1-p0|/n³.)
func (g *simpleGlyph) cube(p0, p1, p2, p3 opentype.SegmentPoint) {
	bend := math.Hypot(float64(p3.X-3*p2.X+3*p1.X-p0.X), float64(p3.Y-3*p2.Y+3*p1.Y-p0.Y))
	n := max(1, int(math.Ceil(math.Cbrt(bend*math.Sqrt(3)/36/0.5))))
	for i := range n {
		t0, t1 := float32(i)/float32(n), float32(i+1)/float32(n)
		a, b := cubeAt(p0, p1, p2, p3, t0), cubeAt(p0, p1, p2, p3, t1)
		// The tangents at both ends meet in the control point, a sixth of the way of t each from the middle of what they reach.
		da, db := cubeSlope(p0, p1, p2, p3, t0), cubeSlope(p0, p1, p2, p3, t1)
		step := (t1 - t0) / 4
		g.add(opentype.SegmentPoint{X: (a.X+b.X)/2 + (da.X-db.X)*step, Y: (a.Y+b.Y)/2 + (da.Y-db.Y)*step}, false)
		g.add(b, true)
	}
}

func cubeAt(p0, p1, p2, p3 opentype.SegmentPoint, t float32) opentype.SegmentPoint {
	u := 1 - t
	a, b, c, d := u*u*u, 3*u*u*t, 3*u*t*t, t*t*t
	return opentype.SegmentPoint{X: a*p0.X + b*p1.X + c*p2.X + d*p3.X, Y: a*p0.Y + b*p1.Y + c*p2.Y + d*p3.Y}
}

func cubeSlope(p0, p1, p2, p3 opentype.SegmentPoint, t float32) opentype.SegmentPoint {
	u := 1 - t
	a, b, c := 3*u*u, 6*u*t, 3*t*t
	return opentype.SegmentPoint{
		X: a*(p1.X-p0.X) + b*(p2.X-p1.X) + c*(p3.X-p2.X),
		Y: a*(p1.Y-p0.Y) + b*(p2.Y-p1.Y) + c*(p3.Y-p2.Y),
	}
}

// append writes the glyph, with words for all coordinates, behind others.
func (g simpleGlyph) append(to []byte) []byte {
	if len(g.points) == 0 {
		return to
	}
	to = be16(to, uint16(len(g.ends)), uint16(g.box.x0), uint16(g.box.y0), uint16(g.box.x1), uint16(g.box.y1))
	for _, end := range g.ends {
		to = be16(to, uint16(end))
	}
	to = be16(to, 0)
	for _, p := range g.points {
		if p.on {
			to = append(to, 1)
		} else {
			to = append(to, 0)
		}
	}
	var x, y int16
	for _, p := range g.points {
		to = be16(to, uint16(p.x-x))
		x = p.x
	}
	for _, p := range g.points {
		to = be16(to, uint16(p.y-y))
		y = p.y
	}
	return append(to, make([]byte, -len(to)&3)...)
}

func be16(to []byte, words ...uint16) []byte {
	for _, w := range words {
		to = binary.BigEndian.AppendUint16(to, w)
	}
	return to
}

func be32(to []byte, words ...uint32) []byte {
	for _, w := range words {
		to = binary.BigEndian.AppendUint32(to, w)
	}
	return to
}
