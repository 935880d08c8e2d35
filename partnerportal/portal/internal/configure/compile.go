package configure

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"

	"cel.dev/cel-go/cel"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
)

// maxOptions is how many options a model may have.
const maxOptions = 1000

// compiler turns a model of the contract into one that can be used, or finds all that is wrong with it.
type compiler struct {
	*Model

	faults problem.Fields
	code   partnerportal.ErrorCode // of the refusal
}

// Compile checks a model and compiles its rules. What is wrong is refused with all its places: with validation_failed, or with rule_invalid
// when it is with what rules say.
func Compile(source *catalog.Model) (*Model, error) {
	c := &compiler{Model: &Model{SKU: source.SKU, Version: source.Version, places: map[place]int{}}, code: partnerportal.ErrValidation}
	c.readGroups(source.Groups)
	if len(c.faults) == 0 {
		if err := c.readRules(source.Rules); err != nil {
			return nil, err
		}
	}
	if len(c.faults) > 0 {
		e := problem.New(http.StatusUnprocessableEntity, c.code, c.faults[0].Message)
		e.Fields = c.faults
		return nil, e
	}
	c.connect()
	return c.Model, nil
}

func (c *compiler) readGroups(groups []catalog.Group) {
	ids := map[string]bool{}
	for i, g := range groups {
		at := fmt.Sprintf("/groups/%d", i)
		c.faults.Identifier(at+"/id", g.ID)
		if ids[g.ID] {
			c.faults.Add(at+"/id", "duplicate_key", "Another group has this id.")
		}
		ids[g.ID] = true
		read := group{id: g.ID, title: cmp.Or(g.Title, g.ID), min: g.Min, max: cmp.Or(g.Max, len(g.Options)), first: len(c.options)}
		defaults := 0
		for j, o := range g.Options {
			c.readOption(fmt.Sprintf("%s/options/%d", at, j), g.ID, i, o)
			if o.Default {
				read.defaultable = true
				defaults++
			}
		}
		read.end = len(c.options)
		switch {
		case len(g.Options) == 0:
			c.faults.Add(at+"/options", "too_few", "Give a group at least one option.")
		case read.min > len(g.Options):
			c.faults.Add(at+"/min", "out_of_range", fmt.Sprintf("The group has only %d options.", len(g.Options)))
		case read.min > read.max:
			c.faults.Add(at+"/max", "out_of_range", "Give a max that is not below min.")
		case defaults > read.max:
			c.faults.Add(at+"/options", "too_many", fmt.Sprintf("%d options are selected by default, and at most %d can be.", defaults, read.max))
		}
		c.groups = append(c.groups, read)
	}
	if len(c.options) > maxOptions {
		c.faults.Add("/groups", "too_many", fmt.Sprintf("Give at most %d options in all.", maxOptions))
	}
}

func (c *compiler) readOption(at, groupID string, g int, o catalog.Option) {
	p := place{groupID, o.SKU}
	if _, twice := c.places[p]; twice {
		c.faults.Add(at+"/sku", "duplicate_key", "Another option of the group is this product.")
	}
	if o.SKU == c.SKU {
		c.faults.Add(at+"/sku", "invalid_value", "A product cannot be an option of itself.")
	}
	read := option{place: p, groupAt: g, title: cmp.Or(o.Title, o.SKU), isDefault: o.Default, min: cmp.Or(o.MinQuantity, 1), max: cmp.Or(o.MaxQuantity, maxQuantity), attributes: o.Attributes}
	if read.min > read.max {
		c.faults.Add(at+"/max_quantity", "out_of_range", "Give a greatest quantity that is not below the smallest.")
	}
	c.places[p] = len(c.options)
	c.options = append(c.options, read)
}

// expression is one that was read and is to be compiled.
type expression struct {
	at     string
	parsed *cel.Ast
	into   *cel.Program
}

func (c *compiler) readRules(rules []catalog.Rule) error {
	l, err := newLanguage(c.Model)
	if err != nil {
		return fmt.Errorf("the language of rules: %w", err)
	}
	c.rules = make([]rule, len(rules))
	var parsed []expression
	ids := map[string]bool{}
	for i, r := range rules {
		at := fmt.Sprintf("/rules/%d", i)
		c.faults.Identifier(at+"/id", r.ID)
		if ids[r.ID] {
			c.faults.Add(at+"/id", "duplicate_key", "Another rule has this id.")
		}
		ids[r.ID] = true
		c.faults.Text(at+"/message", r.Message, 500)
		read := &c.rules[i]
		*read = rule{id: r.ID, kind: r.Kind, severity: cmp.Or(r.Severity, catalog.SeverityError), message: r.Message}
		if r.Kind == catalog.RuleKindRecommends {
			read.severity = catalog.SeverityWarning
		}
		asked, before := map[int]bool{}, l.steps
		for _, e := range []struct {
			name, text string
			into       *cel.Program
		}{{"/when", r.When, &read.when}, {"/then", r.Then, &read.then}} {
			if e.text == "" && e.name == "/when" {
				continue
			}
			ast, err := l.parse(e.text)
			if err != nil {
				c.refuse(at+e.name, err)
				continue
			}
			for t := range l.asked {
				for _, o := range c.terms[t].options {
					asked[o] = true
				}
			}
			parsed = append(parsed, expression{at + e.name, ast, e.into})
		}
		for o := range asked {
			read.options = append(read.options, o)
		}
		slices.Sort(read.options)
		read.cost = 1 + (l.steps-before)/stepsPerTry
		c.readRemedies(at, read, r.Fixes)
		if l.steps > maxSteps {
			break
		}
	}
	if l.steps > maxSteps {
		c.refuse("/rules", &fault{fmt.Sprintf("The rules take more than %d steps to decide. Ask for fewer sums over large groups.", maxSteps)})
		return nil
	}
	return c.compile(l, parsed)
}

func (c *compiler) compile(l *language, parsed []expression) error {
	env, err := l.variables()
	if err != nil {
		return fmt.Errorf("the variables of rules: %w", err)
	}
	for _, e := range parsed {
		if *e.into, err = l.compile(e.parsed, env); err != nil {
			c.refuse(e.at, err)
		}
	}
	if len(c.faults) == 0 {
		c.refuseHopeless()
	}
	return nil
}

// refuseHopeless refuses rules that are broken whatever is selected, where that can be seen: no configuration would ever be valid.
func (c *compiler) refuseHopeless() {
	for i := range c.rules {
		r := &c.rules[i]
		if r.severity == catalog.SeverityError && len(r.options) == 0 && c.keeps(r, make(amounts, len(c.options))) != holds {
			c.refuse(fmt.Sprintf("/rules/%d/then", i), &fault{"It asks for nothing that is selected and is not true, so no configuration would be valid."})
		}
	}
}

// refuse notes what is wrong with what a rule says.
func (c *compiler) refuse(at string, err error) {
	c.code = catalog.ErrRule
	c.faults.Add(at, "invalid_value", err.Error())
}

func (c *compiler) readRemedies(at string, r *rule, remedies []catalog.Remedy) {
	if r.kind == catalog.RuleKindDefault && len(remedies) == 0 {
		c.faults.Add(at+"/fixes", "required", "Say what a default selects.")
		r.kind = catalog.RuleKindCustom
	}
	for i, remedy := range remedies {
		var steps []step
		for j, change := range remedy.Changes {
			pointer := fmt.Sprintf("%s/fixes/%d/changes/%d", at, i, j)
			o, known := c.places[place{change.Group, change.SKU}]
			switch {
			case !known:
				c.faults.Add(pointer, "invalid_value", fmt.Sprintf("There is no group %s with an option %s.", change.Group, change.SKU))
				continue
			case change.Op == catalog.OpRemove:
				change.Quantity = 0
			case change.Quantity < c.options[o].min || change.Quantity > c.options[o].max:
				c.faults.Add(pointer+"/quantity", "out_of_range", fmt.Sprintf("Give a quantity from %d to %d.", c.options[o].min, c.options[o].max))
			}
			if r.kind == catalog.RuleKindDefault && i == 0 {
				c.groups[c.options[o].groupAt].defaultable = true
			}
			steps = append(steps, step{o, change.Quantity})
		}
		r.remedies = append(r.remedies, steps)
	}
}

// connect notes which checks an option has a part in.
func (c *compiler) connect() {
	c.affects = make([][]int, len(c.options))
	for check := range c.checks() {
		for _, o := range c.asked(check) {
			c.affects[o] = append(c.affects[o], check)
		}
	}
}

func (m *Model) groupNamed(id string) *group {
	for i := range m.groups {
		if m.groups[i].id == id {
			return &m.groups[i]
		}
	}
	return nil
}
