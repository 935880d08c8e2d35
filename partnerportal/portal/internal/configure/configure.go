// Package configure decides whether what was selected for a product fits together: by the groups and options of a configuration model, and by
// its rules, which are written in the Common Expression Language (CEL). For what does not fit it looks for ways out, and gives none that it has
// not checked.
//
// It is pure: a compiled [Model] is a value without ties to the store or the clock, and safe for concurrent use.
package configure

import (
	"slices"
	"strconv"

	"cel.dev/cel-go/cel"

	"github.com/partnerportal/partnerportal-go/quotes/catalog"
)

// maxQuantity is the most that can be selected of an option which does not say.
const maxQuantity = 1_000_000

// Model is a compiled configuration model.
type Model struct {
	SKU     string
	Version int

	groups  []group
	options []option // of all groups, in their order
	places  map[place]int
	rules   []rule
	terms   []term  // what rules ask of selections
	affects [][]int // by option: the checks whose outcome may change with it
}

// place names an option: a product may be in several groups.
type place struct{ group, sku string }

type group struct {
	id, title   string
	min, max    int
	first, end  int  // its options
	defaultable bool // something of it may be selected by default
}

type option struct {
	place

	groupAt    int // among the groups
	title      string
	isDefault  bool
	min, max   int
	attributes map[string]string
}

// least is how many are selected when nobody says how many.
func (o *option) least() int { return max(o.min, 1) }

type rule struct {
	id         string
	kind       catalog.RuleKind
	severity   catalog.Severity
	message    string
	when, then cel.Program // when may be nil, for always
	options    []int       // that it asks about, in their order
	cost       int         // of deciding it, in tries
	remedies   [][]step
}

// step selects a quantity of an option, 0 for none.
type step struct{ option, quantity int }

// term is what a rule asks of selections: a sum over options, or how many of them are selected.
type term struct {
	kind    termKind
	options []int
	weights []int64 // of a sum, for each of the options, in millionths
}

// amounts are how many of each option are selected.
type amounts []int

// SKUs are the products that can be selected, each once.
func (m *Model) SKUs() []string {
	all := make([]string, len(m.options))
	for i := range m.options {
		all[i] = m.options[i].sku
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Validate checks selections, and looks for ways out of what is wrong. No way out has a product that is not sellable; nil is for all are.
// Selections of an option that the model does not have are wrong, and left out of everything else.
func (m *Model) Validate(selections []catalog.Selection, sellable func(sku string) bool) *catalog.Validation {
	v := &catalog.Validation{
		SKU: m.SKU, Version: m.Version, Valid: true,
		Violations: []catalog.Violation{}, DefaultsApplied: []catalog.Selection{}, ProductErrors: []catalog.ProductError{},
	}
	s := m.read(selections)
	for _, d := range m.applyDefaults(s) {
		v.DefaultsApplied = append(v.DefaultsApplied, m.selection(d.option, d.quantity))
	}
	v.Selections, v.Lines = m.selections(s.amounts), m.lines(s.amounts)
	for _, selection := range s.unknown {
		v.Violations = append(v.Violations, unknownOption(selection, s))
	}
	for check := range m.checks() {
		if why := m.broken(check, s.amounts); why != holds {
			v.Violations = append(v.Violations, m.violation(check, why, s))
		}
	}
	slices.SortStableFunc(v.Violations, func(a, b catalog.Violation) int { return rank(a.Severity) - rank(b.Severity) })
	v.Valid = len(v.Violations) == 0 || v.Violations[0].Severity != catalog.SeverityError
	m.remedy(v, s, sellable)
	return v
}

func rank(s catalog.Severity) int {
	if s == catalog.SeverityError {
		return 0
	}
	return 1
}

// reading is what selections say.
type reading struct {
	amounts amounts
	named   map[int]bool // groups of which they say something
	at      map[int]int  // where an option is selected
	unknown []catalog.Selection
	places  map[place]int // where selections are, those of unknown options too
}

func (m *Model) read(selections []catalog.Selection) *reading {
	s := &reading{amounts: make(amounts, len(m.options)), named: map[int]bool{}, at: map[int]int{}, places: map[place]int{}}
	for i, selection := range selections {
		at := place{selection.Group, selection.SKU}
		s.places[at] = i
		o, known := m.places[at]
		if !known {
			s.unknown = append(s.unknown, selection)
			continue
		}
		s.amounts[o] += selection.Quantity
		s.at[o], s.named[m.options[o].groupAt] = i, true
	}
	return s
}

// applyDefaults selects what is selected when nobody says otherwise: the default options of groups that are not named, then what rules of the kind
// default add, in the order of the model.
func (m *Model) applyDefaults(s *reading) []step {
	var applied []step
	for i := range m.options {
		if o := &m.options[i]; o.isDefault && !s.named[o.groupAt] {
			applied = append(applied, step{i, o.least()})
		}
	}
	for _, d := range applied {
		s.amounts[d.option] = d.quantity
	}
	for i := range m.rules {
		r := &m.rules[i]
		if r.kind != catalog.RuleKindDefault || m.keeps(r, s.amounts) == holds {
			continue
		}
		if slices.ContainsFunc(r.remedies[0], func(d step) bool { return s.named[m.options[d.option].groupAt] }) {
			continue
		}
		for _, d := range r.remedies[0] {
			s.amounts[d.option] = d.quantity
			applied = append(applied, d)
		}
	}
	return applied
}

func (m *Model) selection(option, quantity int) catalog.Selection {
	o := &m.options[option]
	return catalog.Selection{Group: o.group, SKU: o.sku, Quantity: quantity}
}

// selections are amounts as selections that mean nothing else: of a group that is empty, and that defaults would fill, they say so.
func (m *Model) selections(a amounts) []catalog.Selection {
	all := []catalog.Selection{}
	for _, g := range m.groups {
		empty := true
		for i := g.first; i < g.end; i++ {
			if a[i] > 0 {
				all = append(all, m.selection(i, a[i]))
				empty = false
			}
		}
		if empty && g.defaultable {
			all = append(all, m.selection(g.first, 0))
		}
	}
	return all
}

// lines are the products of amounts, each once, the configured one first.
func (m *Model) lines(a amounts) []catalog.ConfigurationLine {
	lines := []catalog.ConfigurationLine{{SKU: m.SKU, Quantity: 1}}
	at := map[string]int{}
	for i, n := range a {
		if n == 0 {
			continue
		}
		sku := m.options[i].sku
		if line, ok := at[sku]; ok {
			lines[line].Quantity += n
			continue
		}
		at[sku] = len(lines)
		lines = append(lines, catalog.ConfigurationLine{SKU: sku, Quantity: n, ParentSKU: m.SKU})
	}
	return lines
}

// pointer leads to the first of the options that is selected, or to all selections.
func (s *reading) pointer(options ...int) string {
	for _, o := range options {
		if i, ok := s.at[o]; ok {
			return "/selections/" + strconv.Itoa(i)
		}
	}
	return "/selections"
}
