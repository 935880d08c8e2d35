package configure

import (
	"math"
	"strconv"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// keeps says whether amounts keep to a rule. One that cannot be decided, because its numbers leave 64 bits, is broken.
func (m *Model) keeps(r *rule, a amounts) outcome {
	q := &question{m, a}
	if r.when != nil && !decide(r.when, q, true) {
		return holds
	}
	if decide(r.then, q, false) {
		return holds
	}
	return broken
}

// decide evaluates an expression; undecided is what it is when it cannot be.
func decide(p cel.Program, q *question, undecided bool) bool {
	value, _, err := p.Eval(q)
	if err != nil {
		return undecided
	}
	b, ok := value.(types.Bool)
	return ok && bool(b)
}

// question is what a rule is asked, with the amounts that answer its variables.
type question struct {
	model   *Model
	amounts amounts
}

var _ cel.Activation = (*question)(nil)

// ResolveName is the value of a variable.
func (q *question) ResolveName(name string) (any, bool) {
	i, err := strconv.Atoi(name[1:])
	if err != nil || name[0] != '@' || i >= len(q.model.terms) {
		return nil, false
	}
	return q.model.terms[i].of(q.amounts), true
}

// Parent is nil: there is nothing around a question.
func (q *question) Parent() cel.Activation { return nil }

// of is what a term is for some amounts.
func (t *term) of(a amounts) ref.Val {
	if t.kind == sum {
		return types.Double(t.sum(a))
	}
	n := 0
	for _, o := range t.options {
		if t.kind != count {
			n += a[o]
		} else if a[o] > 0 {
			n++
		}
	}
	return types.Int(n)
}

// sum is exact to the millionth as long as a float64 can say so.
func (t *term) sum(a amounts) float64 {
	var exact int64
	var about float64
	for i, o := range t.options {
		exact += t.weights[i] * int64(a[o]) // may wrap around, and then does not count
		about += float64(t.weights[i]) * float64(a[o])
	}
	if math.Abs(about) < 1<<53 {
		about = float64(exact)
	}
	return about / millionths
}
