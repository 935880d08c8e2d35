package match

import (
	"slices"
	"strings"
)

// The dimensions of a scope, the values of a programme's overlap_scope.
const (
	ByProductFamily = "product_family"
	ByTerritory     = "territory"
)

// Scope is the business with a customer that a registration covers. An empty
// list, or one of blanks alone, means everything: that errs on the side of
// showing an overlap to a person.
type Scope struct {
	Families    []string // product families; case does not matter
	Territories []string // countries and regions, "US", "US-CA"; a country covers its regions
}

// Extent says how far two scopes overlap.
type Extent string

// The values of scope_overlap.
const (
	Full     Extent = "full"    // both cover the same
	Partial  Extent = "partial" // both cover something, and one of them more
	Disjoint Extent = "none"    // nothing is covered by both
)

// Overlap compares two scopes along the given dimensions; others, and unknown
// ones, are ignored. Without any dimension the customer alone decides: full.
// It is symmetric. Scopes are disjoint if they are so in one dimension.
func Overlap(a, b Scope, on []string) Extent {
	for _, d := range dimensions(on) {
		if !d.touch(d.of(a), d.of(b)) {
			return Disjoint
		}
	}
	if Covers(a, b, on) && Covers(b, a, on) {
		return Full
	}
	return Partial
}

// Covers reports whether the outer scope takes in all of the inner one. Where
// it does, no narrowing of the inner scope gets out of the outer one's way.
func Covers(outer, inner Scope, on []string) bool {
	for _, d := range dimensions(on) {
		if !d.within(d.of(inner), d.of(outer)) {
			return false
		}
	}
	return true
}

// dimension is how the items of one list of a scope are read and compared.
type dimension struct {
	of    func(Scope) []string
	holds func(outer, inner string) bool
}

var (
	families    = dimension{func(s Scope) []string { return items(s.Families) }, strings.EqualFold}
	territories = dimension{func(s Scope) []string { return items(s.Territories) }, holdsTerritory}
)

func dimensions(on []string) []dimension {
	var ds []dimension
	if slices.Contains(on, ByProductFamily) {
		ds = append(ds, families)
	}
	if slices.Contains(on, ByTerritory) {
		ds = append(ds, territories)
	}
	return ds
}

func items(list []string) []string {
	out := make([]string, 0, len(list))
	for _, item := range list {
		if item = strings.TrimSpace(item); item != "" {
			out = append(out, item)
		}
	}
	return out
}

func holdsTerritory(outer, inner string) bool {
	if strings.EqualFold(outer, inner) {
		return true
	}
	country, _, _ := strings.Cut(inner, "-")
	return strings.EqualFold(outer, country)
}

func (d dimension) touch(a, b []string) bool {
	if len(a) == 0 || len(b) == 0 {
		return true
	}
	return slices.ContainsFunc(a, func(x string) bool {
		return slices.ContainsFunc(b, func(y string) bool { return d.holds(x, y) || d.holds(y, x) })
	})
}

// within reports whether every inner item is held by an outer one.
func (d dimension) within(inner, outer []string) bool {
	if len(outer) == 0 {
		return true
	}
	return len(inner) > 0 && !slices.ContainsFunc(inner, func(x string) bool {
		return !slices.ContainsFunc(outer, func(y string) bool { return d.holds(y, x) })
	})
}
