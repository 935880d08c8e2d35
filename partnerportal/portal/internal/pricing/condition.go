package pricing

import (
	"errors"
	"fmt"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/cost"
)

// condition is a promotion's CEL expression over a line: quantity, term_months (int), sku, family, kind, country, region, tier (string), and quote_list
// (int), the list price of the whole quote in whole units of its currency. The zero condition always holds.
type condition struct {
	program cel.Program
	cost    uint64 // that an evaluation has at most, as it is estimated
}

// costMost bounds what the conditions of a policy may do for one line, all together, in steps of CEL: `quantity >= 10` are two. For the two thousand
// lines of the longest quote that is less than a second. A single evaluation is stopped there, too.
const costMost = 10_000

// sizes says how long the variables are at most, for the estimate.
type sizes struct{}

func (sizes) EstimateSize(node cost.AstNode) *cost.SizeEstimate {
	if len(node.Path()) == 0 {
		return nil
	}
	return &cost.SizeEstimate{Max: 120}
}

func (sizes) EstimateCallCost(string, string, *cost.AstNode, []cost.AstNode) *cost.CallEstimate {
	return nil // as CEL has it
}

// language is the expressions' environment. Making it costs a millisecond, so it is made once.
var language = sync.OnceValues(func() (*cel.Env, error) {
	return cel.NewEnv(
		cel.Variable("quantity", cel.IntType), cel.Variable("term_months", cel.IntType),
		cel.Variable("sku", cel.StringType), cel.Variable("family", cel.StringType), cel.Variable("kind", cel.StringType),
		cel.Variable("country", cel.StringType), cel.Variable("region", cel.StringType), cel.Variable("tier", cel.StringType),
		cel.Variable("quote_list", cel.IntType),
	)
})

// compiled keeps conditions by their text: what an expression means depends on nothing else, and each quote reads the whole policy. When there are too
// many, all go, and those that are needed are compiled again.
var compiled struct {
	sync.Mutex

	kept map[string]condition
}

const compiledMost = 1_000

// conditionOf compiles an expression, once. Its errors say what is wrong with it, and where.
func conditionOf(expression string) (condition, error) {
	if expression == "" {
		return condition{}, nil
	}
	compiled.Lock()
	known, ok := compiled.kept[expression]
	compiled.Unlock()
	if ok {
		return known, nil
	}
	made, err := newCondition(expression)
	if err != nil {
		return made, err
	}
	compiled.Lock()
	defer compiled.Unlock()
	if compiled.kept == nil || len(compiled.kept) >= compiledMost {
		compiled.kept = map[string]condition{}
	}
	compiled.kept[expression] = made
	return made, nil
}

func newCondition(expression string) (condition, error) {
	env, err := language()
	if err != nil {
		return condition{}, err
	}
	ast, issues := env.Compile(expression)
	if err := issues.Err(); err != nil {
		return condition{}, err
	}
	if !ast.OutputType().IsExactType(cel.BoolType) {
		return condition{}, fmt.Errorf("the expression is %v, not true or false", ast.OutputType())
	}
	estimate, err := env.EstimateCost(ast, sizes{})
	if err != nil {
		return condition{}, err
	}
	if estimate.Max > costMost {
		return condition{}, errors.New("the expression may take too long: write it without macros over long lists")
	}
	program, err := env.Program(ast, cel.CostLimit(costMost), cel.EvalOptions(cel.OptOptimize))
	return condition{program, estimate.Max}, err
}

// holds says that a line meets the condition. An evaluation that fails, by a division by zero or at its limit, does not.
func (c condition) holds(p *pricer, l *line) bool {
	if c.program == nil {
		return true
	}
	if l.facts == nil {
		l.facts = map[string]any{
			"quantity": l.Quantity, "term_months": l.TermMonths, "sku": l.SKU, "family": l.Family, "kind": l.Kind,
			"country": p.Country, "region": p.Region, "tier": p.TierID, "quote_list": p.cents.units(p.listTotal),
		}
	}
	out, _, err := c.program.Eval(l.facts)
	met, isBool := false, false
	if err == nil {
		met, isBool = out.Value().(bool)
	}
	return isBool && met
}
