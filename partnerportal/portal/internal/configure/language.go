package configure

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// The bounds of the language. There are no loops, so an expression costs what its nodes cost, and a sum what its options cost.
const (
	maxCharacters = 2000
	maxDepth      = 50
	maxSteps      = 200_000 // of all rules of a model, once
)

// millionths is by what attributes are summed: exactly, so that ten times 0.1 is 1.
const millionths = 1_000_000

type termKind string

const (
	qty   termKind = "qty"
	count termKind = "count"
	total termKind = "total"
	sum   termKind = "sum"
)

// permitted are the functions of CEL that the language has: none of them fails, but for arithmetic that leaves the numbers of 64 bits.
var permitted = map[string]bool{
	operators.Conditional: true, operators.LogicalAnd: true, operators.LogicalOr: true, operators.LogicalNot: true,
	operators.Equals: true, operators.NotEquals: true, operators.Less: true, operators.LessEquals: true, operators.Greater: true, operators.GreaterEquals: true,
	operators.Add: true, operators.Subtract: true, operators.Multiply: true, operators.Divide: true, operators.Modulo: true, operators.Negate: true,
	operators.In: true, "double": true, "contains": true, "startsWith": true, "endsWith": true,
}

// language is CEL as the rules of one model speak it. What a rule asks of selections becomes a variable, which stands for a [term]; attributes
// become literals, as they are the same for all selections.
type language struct {
	model *Model
	known map[string]int // terms by how they are asked for
	env   *cel.Env
	asked map[int]bool // the terms of the expression that is being read
	steps int          // what all expressions cost that were read
}

func newLanguage(m *Model) (*language, error) {
	l := &language{model: m, known: map[string]int{}}
	var err error
	l.env, err = cel.NewEnv(
		cel.ClearMacros(), cel.CrossTypeNumericComparisons(true), cel.ParserExpressionSizeLimit(maxCharacters), cel.ParserRecursionLimit(maxDepth),
		cel.Macros(
			cel.GlobalMacro("qty", 1, l.options(func(mef cel.MacroExprFactory, variable ast.Expr) ast.Expr { return variable })),
			cel.GlobalMacro("selected", 1, l.options(func(mef cel.MacroExprFactory, variable ast.Expr) ast.Expr {
				return mef.NewCall(operators.Greater, variable, mef.NewLiteral(types.Int(0)))
			})),
			cel.GlobalMacro("count", 1, l.group(count)),
			cel.GlobalMacro("total", 1, l.group(total)),
			cel.GlobalMacro("sum", 2, l.group(sum)),
			cel.GlobalMacro("attr", 2, l.attribute(func(value string) ref.Val { return types.String(value) })),
			cel.GlobalMacro("number", 2, l.attribute(func(value string) ref.Val { return types.Double(float64(number(value)) / millionths) })),
		),
	)
	return l, err
}

// fault is why an expression cannot be used.
type fault struct{ message string }

func (f *fault) Error() string { return f.message }

// parse reads an expression; its terms are then in l.asked.
func (l *language) parse(text string) (*cel.Ast, error) {
	l.asked = map[int]bool{}
	parsed, issues := l.env.Parse(text)
	if issues.Err() != nil {
		return nil, explain(issues)
	}
	if err := checkLists(parsed); err != nil {
		return nil, err
	}
	l.steps += ast.NodeCount(parsed.NativeRep())
	for t := range l.asked {
		l.steps += len(l.model.terms[t].options)
	}
	return parsed, nil
}

// compile makes a program of an expression, after all were parsed.
func (l *language) compile(parsed *cel.Ast, env *cel.Env) (cel.Program, error) {
	checked, issues := env.Check(parsed)
	if issues.Err() != nil {
		return nil, explain(issues)
	}
	if t := checked.OutputType(); !t.IsExactType(cel.BoolType) {
		return nil, &fault{fmt.Sprintf("It is of type %s, where a bool is wanted.", t)}
	}
	if err := checkTotal(checked); err != nil {
		return nil, err
	}
	return env.Program(checked, cel.EvalOptions(cel.OptOptimize))
}

// variables is the environment with a variable for each term.
func (l *language) variables() (*cel.Env, error) {
	options := make([]cel.EnvOption, len(l.model.terms))
	for i, t := range l.model.terms {
		kind := cel.IntType
		if t.kind == sum {
			kind = cel.DoubleType
		}
		options[i] = cel.Variable(variable(i), kind)
	}
	return l.env.Extend(options...)
}

// variable is the name of a term's variable; nobody can write it.
func variable(term int) string { return "@" + strconv.Itoa(term) }

// checkLists refuses lists of lists: each depth of them takes the checker twice as long.
func checkLists(parsed *cel.Ast) error {
	var found error
	tree := parsed.NativeRep()
	ast.PreOrderVisit(tree.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.ListKind || found != nil {
			return
		}
		for _, element := range e.AsList().Elements() {
			if element.Kind() == ast.ListKind {
				found = at(tree.SourceInfo().GetStartLocation(element.ID()), "A list holds numbers or texts, not lists.")
				return
			}
		}
	}))
	return found
}

// checkTotal refuses what could fail, or take long, when a rule is held against selections.
func checkTotal(checked *cel.Ast) error {
	var found error
	refuse := func(e ast.Expr, why string) {
		if found == nil {
			found = at(checked.NativeRep().SourceInfo().GetStartLocation(e.ID()), why)
		}
	}
	ast.PreOrderVisit(checked.NativeRep().Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		switch e.Kind() {
		case ast.CallKind:
			call := e.AsCall()
			name := call.FunctionName()
			if !permitted[name] {
				refuse(e, "There is no function "+strings.Trim(name, "_@")+" here.")
			}
			if (name == operators.Divide || name == operators.Modulo) && !isNonZero(call.Args()[1]) {
				refuse(e, "Divide by a number that is written out, and is not zero.")
			}
			if name == operators.Add && !isNumber(checked.NativeRep().GetType(e.ID())) {
				refuse(e, "Only numbers are added.")
			}
		case ast.LiteralKind, ast.IdentKind, ast.ListKind:
		default:
			refuse(e, "Only numbers, texts, lists, operators and functions are known here.")
		}
	}))
	return found
}

// isNumber is for sums: joined texts and lists would take as long as they are.
func isNumber(t *types.Type) bool {
	return t.IsExactType(types.IntType) || t.IsExactType(types.DoubleType)
}

func isNonZero(e ast.Expr) bool {
	if e.Kind() != ast.LiteralKind {
		return false
	}
	switch v := e.AsLiteral().(type) {
	case types.Int:
		return v != 0 && v != -1 // the smallest number by -1 is none
	case types.Double:
		return v != 0
	}
	return false
}

// explain is what CEL says of an expression, with its place.
func explain(issues *cel.Issues) error {
	first := issues.Errors()[0]
	if strings.Contains(first.Message, "recursion") { // the parser knows no place for it
		return &fault{fmt.Sprintf("It has more than %d levels, or terms in a row. Ask for the total or the sum of a group.", maxDepth)}
	}
	return at(first.Location, strings.TrimSpace(first.Message))
}

func at(where common.Location, why string) error {
	if where.Line() > 1 {
		return &fault{fmt.Sprintf("Line %d, column %d: %s", where.Line(), where.Column()+1, why)}
	}
	return &fault{fmt.Sprintf("Column %d: %s", where.Column()+1, why)}
}

// options expands a question about a product.
func (l *language) options(expand func(mef cel.MacroExprFactory, variable ast.Expr) ast.Expr) cel.MacroFactory {
	return func(mef cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *common.Error) {
		sku, refusal := literal(mef, args[0], "SKU")
		if refusal != nil {
			return nil, refusal
		}
		var found []int
		for i := range l.model.options {
			if l.model.options[i].sku == sku {
				found = append(found, i)
			}
		}
		if found == nil {
			return nil, mef.NewError(args[0].ID(), fmt.Sprintf("no group has an option %q", sku))
		}
		return expand(mef, l.ask(mef, "qty "+sku, term{kind: qty, options: found})), nil
	}
}

// group expands a question about a group.
func (l *language) group(kind termKind) cel.MacroFactory {
	return func(mef cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *common.Error) {
		id, refusal := literal(mef, args[0], "group")
		if refusal != nil {
			return nil, refusal
		}
		g := l.model.groupNamed(id)
		if g == nil {
			return nil, mef.NewError(args[0].ID(), fmt.Sprintf("there is no group %q", id))
		}
		t := term{kind: kind, options: span(g.first, g.end)}
		name := ""
		if kind == sum {
			if name, refusal = literal(mef, args[1], "attribute"); refusal != nil {
				return nil, refusal
			}
			for _, o := range t.options {
				t.weights = append(t.weights, number(l.model.options[o].attributes[name]))
			}
		}
		return l.ask(mef, string(kind)+" "+id+" "+name, t), nil
	}
}

// attribute expands a question about an attribute, which has its answer already.
func (l *language) attribute(value func(string) ref.Val) cel.MacroFactory {
	return func(mef cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *common.Error) {
		sku, refusal := literal(mef, args[0], "SKU")
		if refusal != nil {
			return nil, refusal
		}
		name, refusal := literal(mef, args[1], "attribute")
		if refusal != nil {
			return nil, refusal
		}
		for i := range l.model.options {
			if o := &l.model.options[i]; o.sku == sku {
				return mef.NewLiteral(value(o.attributes[name])), nil
			}
		}
		return nil, mef.NewError(args[0].ID(), fmt.Sprintf("no group has an option %q", sku))
	}
}

// literal is an argument that is written out, so that all a rule depends on is known before it is used.
func literal(mef cel.MacroExprFactory, arg ast.Expr, what string) (string, *common.Error) {
	if arg.Kind() == ast.LiteralKind {
		if text, ok := arg.AsLiteral().(types.String); ok {
			return string(text), nil
		}
	}
	return "", mef.NewError(arg.ID(), "write the "+what+" out, in quotes")
}

// ask is the variable of a term, which is made when it is asked for the first time.
func (l *language) ask(mef cel.MacroExprFactory, name string, t term) ast.Expr {
	i, known := l.known[name]
	if !known {
		i = len(l.model.terms)
		l.known[name], l.model.terms = i, append(l.model.terms, t)
	}
	l.asked[i] = true
	return mef.NewIdent(variable(i))
}

// number is an attribute in millionths, 0 when it is not a number, or one too large to be counted with.
func number(text string) int64 {
	f, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || !(math.Abs(f) <= 1e12) {
		return 0
	}
	return int64(math.Round(f * millionths))
}
