package configure

import (
	"cmp"
	"container/heap"
	"maps"
	"slices"

	"github.com/partnerportal/partnerportal-go/quotes/catalog"
)

// The bounds of the search for ways out.
const (
	mostFixes    = 3    // for one violation
	mostTargets  = 20   // violations for which ways out are looked for
	mostSteps    = 32   // of one fix, and as many that remove what is unknown
	mostBranches = 48   // that are followed from one place
	mostTries    = 6000 // for all violations together: places that are looked at, and rules of up to stepsPerTry that are held against them
	stepsPerTry  = 100
)

// remedy looks for ways out of each violation, with a fair part of the bound for each.
func (m *Model) remedy(v *catalog.Validation, s *reading, sellable func(string) bool) {
	r := &repair{Model: m, from: s.amounts, sellable: sellable, asked: map[string]bool{}}
	for check := range m.checks() {
		if m.broken(check, s.amounts) != holds && m.matters(check) {
			r.wrong = append(r.wrong, check)
		}
	}
	targets := m.targets(v.Violations[:min(len(v.Violations), mostTargets)])
	if len(targets) == 0 || len(s.unknown) > mostSteps {
		return
	}
	for o, n := range s.amounts {
		if n > 0 && !r.canAdd(o) {
			r.withdrawn = append(r.withdrawn, step{o, 0})
		}
	}
	for i, target := range targets {
		r.tries = mostTries / len(targets)
		for _, found := range r.search(target) {
			v.Violations[i].Fixes = append(v.Violations[i].Fixes, r.fix(found, s))
		}
	}
}

// targets are the checks that violations are of, noCheck for unknown options.
func (m *Model) targets(violations []catalog.Violation) []int {
	rules := make(map[string]int, len(m.rules))
	for i := range m.rules {
		rules[m.rules[i].id] = m.firstRule() + i
	}
	targets := make([]int, len(violations))
	for i, v := range violations {
		switch v.Kind {
		case catalog.ViolationKindUnknownOption:
			targets[i] = noCheck
		case catalog.ViolationKindRule:
			targets[i] = rules[v.RuleID]
		case catalog.ViolationKindOptionMin, catalog.ViolationKindOptionMax:
			targets[i] = m.firstOption() + m.places[place{v.Group, v.SKU}]
		default:
			targets[i] = slices.IndexFunc(m.groups, func(g group) bool { return g.id == v.Group })
		}
	}
	return targets
}

// noCheck is the target where nothing is left to be repaired but the rest.
const noCheck = -1

// repair is a search for amounts with which all is well.
type repair struct {
	*Model

	from      amounts
	wrong     []int  // what is broken there, and matters
	withdrawn []step // what was selected and cannot be sold: no way out has it
	sellable  func(string) bool
	asked     map[string]bool // what sellable said
	tries     int             // that are left
}

// state is a place in the search: some steps away from where it began.
type state struct {
	steps  []step // by option
	wrong  []int  // the checks that are broken here, in their order
	size   int    // by how much they change what was selected
	serial int    // of two that are as good, the one that was found first goes first
}

// cost is what a way out through a state is hoped to cost: its steps, and one for each check that is still broken.
func (s *state) cost() int { return len(s.steps) + len(s.wrong) }

// search returns the ways out of a target with the fewest steps that it finds. The best place is followed first, so that a way out that is small
// is found before a large one, most often.
func (r *repair) search(target int) [][]step {
	start := &state{wrong: r.withTarget(r.wrong, target)}
	open := &frontier{{steps: r.withdrawn, wrong: r.after(start, r.withdrawn, target), size: r.size(r.withdrawn)}}
	seen := map[string]bool{}
	var found [][]step
	for open.Len() > 0 && len(found) < mostFixes && r.tries > 0 {
		here, _ := heap.Pop(open).(*state)
		if len(here.wrong) == 0 {
			if steps := r.spare(here.steps, target); !slices.ContainsFunc(found, func(other []step) bool { return covers(steps, other) }) {
				found = append(found, steps)
			}
			continue
		}
		if len(here.steps) >= mostSteps {
			continue
		}
		repaired := here.wrong[0]
		if slices.Contains(here.wrong, target) {
			repaired = target
		}
		for _, more := range r.branches(here, repaired) {
			next := merge(here.steps, more, r.from)
			key := keyOf(next)
			if seen[key] || len(next) > mostSteps {
				continue
			}
			seen[key] = true
			heap.Push(open, &state{steps: next, wrong: r.after(here, next, target), size: r.size(next), serial: len(seen)})
		}
	}
	slices.SortStableFunc(found, func(a, b []step) int {
		return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(r.size(a), r.size(b)))
	})
	return found
}

// withTarget adds a target that does not matter by itself, as a recommendation does not.
func (r *repair) withTarget(wrong []int, target int) []int {
	if target == noCheck || slices.Contains(wrong, target) {
		return wrong
	}
	return slices.Sorted(slices.Values(append([]int{target}, wrong...)))
}

// after are the checks that are broken once these steps are taken: only those of options that differ are looked at again.
func (r *repair) after(here *state, next []step, target int) []int {
	r.tries--
	touched := map[int]bool{}
	for _, s := range differing(here.steps, next) {
		for _, check := range r.affects[s] {
			touched[check] = true
		}
	}
	wrong := slices.DeleteFunc(slices.Clone(here.wrong), func(check int) bool { return touched[check] })
	now := r.with(next)
	for _, check := range slices.Sorted(maps.Keys(touched)) {
		if (r.matters(check) || check == target) && r.try(check, now) != holds {
			wrong = append(wrong, check)
		}
	}
	slices.Sort(wrong)
	return wrong
}

// with are the amounts after some steps.
func (r *repair) with(steps []step) amounts {
	a := slices.Clone(r.from)
	for _, s := range steps {
		a[s.option] = s.quantity
	}
	return a
}

// try holds a check against amounts, and counts that.
func (r *repair) try(check int, a amounts) outcome {
	if check >= r.firstRule() {
		r.tries -= r.rules[check-r.firstRule()].cost
	}
	return r.broken(check, a)
}

// spare leaves out steps that are not needed.
func (r *repair) spare(steps []step, target int) []step {
	all := r.withTarget(r.wrong, target)
	start := &state{wrong: all}
	for i := 0; i < len(steps) && len(steps) > 1; {
		if slices.Contains(r.withdrawn, steps[i]) {
			i++
			continue
		}
		fewer := slices.Delete(slices.Clone(steps), i, i+1)
		if len(r.after(start, fewer, target)) == 0 {
			steps = fewer
			continue
		}
		i++
	}
	return steps
}

// size is by how many units steps change what was selected. What they take away counts twice: somebody wanted it.
func (r *repair) size(steps []step) int {
	n := 0
	for _, s := range steps {
		more := s.quantity - r.from[s.option]
		n += max(more, -2*more)
	}
	return n
}

// canAdd asks once for each product whether it can be sold.
func (r *repair) canAdd(option int) bool {
	if r.sellable == nil {
		return true
	}
	sku := r.options[option].sku
	answer, known := r.asked[sku]
	if !known {
		answer = r.sellable(sku)
		r.asked[sku] = answer
	}
	return answer
}

// fix is a way out in the words of the contract. Options that the model does not have are removed with it.
func (r *repair) fix(steps []step, s *reading) catalog.Fix {
	f := catalog.Fix{Changes: []catalog.Change{}, Selections: r.selections(r.with(steps))}
	for _, unknown := range s.unknown {
		f.Changes = append(f.Changes, catalog.Change{Op: catalog.OpRemove, Group: unknown.Group, SKU: unknown.SKU})
	}
	for _, s := range steps {
		change := catalog.Change{Op: catalog.OpSet, Group: r.options[s.option].group, SKU: r.options[s.option].sku, Quantity: s.quantity}
		switch {
		case s.quantity == 0:
			change.Op = catalog.OpRemove
		case r.from[s.option] == 0:
			change.Op = catalog.OpAdd
		}
		f.Changes = append(f.Changes, change)
	}
	return f
}

// frontier are the places from which the search may go on, the most promising first.
type frontier []*state

func (f frontier) Len() int { return len(f) }
func (f frontier) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(f[i].cost(), f[j].cost()), cmp.Compare(len(f[i].wrong), len(f[j].wrong)),
		cmp.Compare(f[i].size, f[j].size), cmp.Compare(f[i].serial, f[j].serial)) < 0
}
func (f frontier) Swap(i, j int) { f[i], f[j] = f[j], f[i] }

// Push is for package heap.
func (f *frontier) Push(s any) {
	if s, ok := s.(*state); ok {
		*f = append(*f, s)
	}
}

// Pop is for package heap.
func (f *frontier) Pop() any {
	last := len(*f) - 1
	s := (*f)[last]
	*f = (*f)[:last]
	return s
}
