package configure

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// branches are the steps that lead from a place to where a check holds. Where no single one does, they are those that may lead nearer.
func (r *repair) branches(here *state, check int) [][]step {
	a := r.with(here.steps)
	if check < r.firstOption() {
		return r.fillGroup(check, a)
	}
	if check < r.firstRule() {
		return r.adjust(check-r.firstOption(), a)
	}
	rule := &r.rules[check-r.firstRule()]
	found := slices.Clone(rule.remedies)
	found = slices.DeleteFunc(found, func(steps []step) bool { return r.addsUnsellable(steps, a) })
	for i, s := range found {
		found[i] = slices.DeleteFunc(slices.Clone(s), func(s step) bool { return a[s.option] == s.quantity })
	}
	found = slices.DeleteFunc(found, func(steps []step) bool { return len(steps) == 0 })
	var nearer [][]step
	for _, o := range r.nearest(rule.options, a) {
		if r.tries <= 0 || len(found) >= mostBranches {
			break
		}
		better, other := r.turn(o, check, a)
		found, nearer = append(found, better...), append(nearer, other...)
	}
	if len(found) == 0 {
		found = nearer
	}
	return found[:min(len(found), mostBranches)]
}

// nearest puts the options that are selected first: what is there already is changed rather than more added.
func (r *repair) nearest(options []int, a amounts) []int {
	return slices.SortedStableFunc(slices.Values(options), func(x, y int) int { return cmp.Compare(min(a[y], 1), min(a[x], 1)) })
}

func (r *repair) addsUnsellable(steps []step, a amounts) bool {
	return slices.ContainsFunc(steps, func(s step) bool { return s.quantity > 0 && a[s.option] == 0 && !r.canAdd(s.option) })
}

// fillGroup selects as many more of a group as it lacks, or removes as many as there are too many: any one, or else neighbours.
func (r *repair) fillGroup(check int, a amounts) [][]step {
	g := &r.groups[check]
	n := r.count(g, a)
	var candidates []step
	for o := g.first; o < g.end; o++ {
		switch {
		case n < g.min && a[o] == 0 && r.canAdd(o):
			candidates = append(candidates, step{o, r.options[o].least()})
		case n > g.max && a[o] > 0:
			candidates = append(candidates, step{o, 0})
		}
	}
	wanted := max(g.min-n, n-g.max)
	var found [][]step
	for i := 0; i+wanted <= len(candidates) && len(found) < mostBranches; i++ {
		found = append(found, candidates[i:i+wanted])
	}
	return found
}

// adjust brings a quantity back into its bounds, or removes it.
func (r *repair) adjust(o int, a amounts) [][]step {
	bounded := min(max(a[o], r.options[o].least()), r.options[o].max)
	return [][]step{{{o, bounded}}, {{o, 0}}}
}

// turn changes the quantity of one option until a rule holds: to nothing, to fewer, to more. What of this it cannot reach is in nearer.
func (r *repair) turn(o, check int, a amounts) (found, nearer [][]step) {
	now, opt := a[o], &r.options[o]
	holdsAt := func(quantity int) bool {
		b := slices.Clone(a)
		b[o] = quantity
		return r.try(check, b) == holds
	}
	offer := func(quantity int, reached bool) {
		steps := r.swap(o, quantity, a)
		if reached {
			found = append(found, steps)
		} else {
			nearer = append(nearer, steps)
		}
	}
	if now > 0 {
		offer(0, holdsAt(0))
		if now > opt.least() {
			if fewer, ok := bisect(opt.least(), now-1, -1, holdsAt); ok {
				offer(fewer, true)
			}
		}
	}
	if now == 0 && !r.canAdd(o) || now >= opt.max {
		return found, nearer
	}
	from := max(now+1, opt.least())
	more, ok := bisect(from, opt.max, 1, holdsAt)
	if !ok {
		more = from
		if opt.max < maxQuantity {
			more = opt.max
		}
	}
	offer(more, ok)
	return found, nearer
}

// bisect looks in a range for the quantity nearest to one end with which something holds: the low end where direction is 1, the high one where
// it is -1. It strides away in growing steps and then halves the last one, which finds the nearest if what holds once holds from there on.
func bisect(low, high, direction int, holdsAt func(int) bool) (int, bool) {
	near, far := low, high
	if direction < 0 {
		near, far = high, low
	}
	past, at := near-direction, near // it does not hold at past
	for stride := 1; !holdsAt(at); stride *= 2 {
		if at == far {
			return 0, false
		}
		past, at = at, at+direction*min(stride, direction*(far-at))
	}
	for at-past != direction {
		middle := past + (at-past)/2
		if holdsAt(middle) {
			at = middle
		} else {
			past = middle
		}
	}
	return at, true
}

// swap sets a quantity. What is added to a group that takes only one stands in for what is there.
func (r *repair) swap(o, quantity int, a amounts) []step {
	steps := []step{{o, quantity}}
	g := &r.groups[r.options[o].groupAt]
	if a[o] > 0 || quantity == 0 || g.max > 1 {
		return steps
	}
	for other := g.first; other < g.end; other++ {
		if other != o && a[other] > 0 {
			steps = append(steps, step{other, 0})
		}
	}
	return steps
}

// merge takes further steps; those that lead back to where it all began are none.
func merge(steps, more []step, from amounts) []step {
	next := slices.Clone(steps)
	for _, s := range more {
		i, known := slices.BinarySearchFunc(next, s.option, func(s step, o int) int { return cmp.Compare(s.option, o) })
		switch back := s.quantity == from[s.option]; {
		case known && back:
			next = slices.Delete(next, i, i+1)
		case known:
			next[i].quantity = s.quantity
		case !back:
			next = slices.Insert(next, i, s)
		}
	}
	return next
}

// differing are the options that two lists of steps leave in different quantities.
func differing(a, b []step) []int {
	var options []int
	for _, s := range a {
		if !slices.Contains(b, s) {
			options = append(options, s.option)
		}
	}
	for _, s := range b {
		if !slices.Contains(a, s) {
			options = append(options, s.option)
		}
	}
	return options
}

// covers says that steps do all that other ones do, and so are no better.
func covers(steps, other []step) bool {
	return !slices.ContainsFunc(other, func(s step) bool { return !slices.Contains(steps, s) })
}

func keyOf(steps []step) string {
	var key []byte
	for _, s := range steps {
		key = binary.AppendUvarint(binary.AppendUvarint(key, uint64(s.option)), uint64(s.quantity))
	}
	return string(key)
}
