package configure

import (
	"fmt"
	"iter"

	"github.com/partnerportal/partnerportal-go/quotes/catalog"
)

// outcome is what a check finds.
type outcome string

const (
	holds   outcome = ""
	tooFew  outcome = "too few"
	tooMany outcome = "too many"
	broken  outcome = "broken"
)

// checks are the numbers of all that is checked: first the groups, then the options, then the rules.
func (m *Model) checks() iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range len(m.groups) + len(m.options) + len(m.rules) {
			if !yield(i) {
				return
			}
		}
	}
}

// Where the checks of options and rules begin.
func (m *Model) firstOption() int { return len(m.groups) }
func (m *Model) firstRule() int   { return len(m.groups) + len(m.options) }

// broken is what a check finds of amounts.
func (m *Model) broken(check int, a amounts) outcome {
	switch {
	case check < m.firstOption():
		g := &m.groups[check]
		return within(m.count(g, a), g.min, g.max)
	case check < m.firstRule():
		o := &m.options[check-m.firstOption()]
		n := a[check-m.firstOption()]
		if n == 0 {
			return holds
		}
		return within(n, o.min, o.max)
	}
	return m.keeps(&m.rules[check-m.firstRule()], a)
}

func within(n, least, most int) outcome {
	switch {
	case n < least:
		return tooFew
	case n > most:
		return tooMany
	}
	return holds
}

// count is how many different options of a group are selected.
func (m *Model) count(g *group, a amounts) int {
	n := 0
	for _, amount := range a[g.first:g.end] {
		if amount > 0 {
			n++
		}
	}
	return n
}

// matters says that a check makes a configuration invalid.
func (m *Model) matters(check int) bool {
	return check < m.firstRule() || m.rules[check-m.firstRule()].severity == catalog.SeverityError
}

// asked are the options that a check asks about.
func (m *Model) asked(check int) []int {
	switch {
	case check < m.firstOption():
		g := &m.groups[check]
		return span(g.first, g.end)
	case check < m.firstRule():
		return []int{check - m.firstOption()}
	}
	return m.rules[check-m.firstRule()].options
}

func span(first, end int) []int {
	all := make([]int, 0, end-first)
	for i := first; i < end; i++ {
		all = append(all, i)
	}
	return all
}

// violation says in words what a check finds.
func (m *Model) violation(check int, why outcome, s *reading) catalog.Violation {
	v := catalog.Violation{Severity: catalog.SeverityError, Pointer: s.pointer(m.asked(check)...), Fixes: []catalog.Fix{}}
	switch {
	case check < m.firstOption():
		g := &m.groups[check]
		v.Group, v.Kind, v.Pointer = g.id, catalog.ViolationKindGroupMin, "/selections"
		v.Message = fmt.Sprintf("Select at least %d of %s.", g.min, g.title)
		if why == tooMany {
			v.Kind = catalog.ViolationKindGroupMax
			v.Message = fmt.Sprintf("Select at most %d of %s.", g.max, g.title)
		}
	case check < m.firstRule():
		o := &m.options[check-m.firstOption()]
		v.Group, v.SKU, v.Kind = o.group, o.sku, catalog.ViolationKindOptionMin
		v.Message = fmt.Sprintf("Select at least %d of %s, or none.", o.min, o.title)
		if why == tooMany {
			v.Kind = catalog.ViolationKindOptionMax
			v.Message = fmt.Sprintf("Select at most %d of %s.", o.max, o.title)
		}
	default:
		r := &m.rules[check-m.firstRule()]
		v.Kind, v.RuleID, v.RuleKind, v.Severity, v.Message = catalog.ViolationKindRule, r.id, r.kind, r.severity, r.message
	}
	return v
}

func unknownOption(selection catalog.Selection, s *reading) catalog.Violation {
	return catalog.Violation{
		Kind: catalog.ViolationKindUnknownOption, Group: selection.Group, SKU: selection.SKU, Severity: catalog.SeverityError, Fixes: []catalog.Fix{},
		Pointer: fmt.Sprintf("/selections/%d", s.places[place{selection.Group, selection.SKU}]),
		Message: fmt.Sprintf("The model has no group %s with an option %s.", selection.Group, selection.SKU),
	}
}
