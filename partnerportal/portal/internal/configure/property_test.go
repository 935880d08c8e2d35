package configure_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/configure"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
)

// TestFixesValidate: over random models and selections, each way out is valid, is reached by its changes, and means nothing else when it is sent.
func TestFixesValidate(t *testing.T) {
	t.Parallel()
	found := 0
	rapid.Check(t, func(t *rapid.T) {
		source := drawModel(t)
		m, err := configure.Compile(source)
		require.NoError(t, err)
		forbidden := rapid.SampledFrom([]string{"", "S0", "S3"}).Draw(t, "forbidden")
		sellable := func(sku string) bool { return sku != forbidden }
		selections := drawSelections(t, source)
		v := m.Validate(selections, sellable)
		require.Equal(t, v.Valid, !slices.ContainsFunc(v.Violations, func(x catalog.Violation) bool { return x.Severity == catalog.SeverityError }))

		other, err := configure.Compile(source)
		require.NoError(t, err)
		require.Equal(t, v, other.Validate(selections, sellable), "the same is found each time")
		again := m.Validate(v.Selections, sellable)
		require.Empty(t, again.DefaultsApplied, "what was completed is complete")
		require.Equal(t, v.Selections, again.Selections)
		require.Equal(t, v.Lines, again.Lines)

		for _, violation := range v.Violations {
			require.LessOrEqual(t, len(violation.Fixes), 3)
			for i, fix := range violation.Fixes {
				found++
				fixed := m.Validate(fix.Selections, sellable)
				require.True(t, fixed.Valid, "%+v", fix)
				require.Equal(t, fix.Selections, fixed.Selections)
				require.Empty(t, fixed.DefaultsApplied)
				require.False(t, slices.ContainsFunc(fixed.Violations, func(x catalog.Violation) bool {
					return x.Kind == violation.Kind && x.RuleID == violation.RuleID && x.SKU == violation.SKU && x.Group == violation.Group
				}))
				require.Equal(t, amountsOf(fix.Selections), applied(v.Selections, fix.Changes))
				require.True(t, i == 0 || len(violation.Fixes[i-1].Changes) <= len(fix.Changes), "the smallest first")
				for _, s := range fix.Selections {
					require.False(t, s.Quantity > 0 && s.SKU == forbidden, "%+v", fix)
				}
			}
		}
	})
	require.Positive(t, found, "no way out was ever looked at")
}

// applied are the amounts after some changes, by "group sku".
func applied(selections []catalog.Selection, changes []catalog.Change) map[string]int {
	amounts := amountsOf(selections)
	for _, c := range changes {
		key := c.Group + " " + c.SKU
		if amounts[key] = c.Quantity; c.Op == catalog.OpRemove || c.Quantity == 0 {
			delete(amounts, key)
		}
	}
	return amounts
}

func amountsOf(selections []catalog.Selection) map[string]int {
	amounts := map[string]int{}
	for _, s := range selections {
		if s.Quantity > 0 {
			amounts[s.Group+" "+s.SKU] = s.Quantity
		}
	}
	return amounts
}

func drawModel(t *rapid.T) *catalog.Model {
	m := &catalog.Model{SKU: "RACK", Version: 1}
	next := 0
	for g := range rapid.IntRange(1, 4).Draw(t, "groups") {
		group := catalog.Group{ID: fmt.Sprint("g", g)}
		for range rapid.IntRange(1, 4).Draw(t, "options") {
			o := catalog.Option{SKU: fmt.Sprint("S", next), Default: rapid.IntRange(0, 3).Draw(t, "default") == 0, Attributes: map[string]string{"w": fmt.Sprint(rapid.IntRange(0, 9).Draw(t, "w"), ".5")}}
			o.MinQuantity = rapid.IntRange(0, 2).Draw(t, "least")
			o.MaxQuantity = max(o.MinQuantity, 1) + rapid.IntRange(0, 4).Draw(t, "most")
			group.Options = append(group.Options, o)
			next++
		}
		group.Min = rapid.IntRange(0, len(group.Options)).Draw(t, "min")
		group.Max = rapid.SampledFrom([]int{0, max(1, group.Min), len(group.Options)}).Draw(t, "max")
		defaults := 0
		for i := range group.Options {
			o := &group.Options[i]
			if o.Default = o.Default && (group.Max == 0 || defaults < group.Max); o.Default {
				defaults++
			}
		}
		m.Groups = append(m.Groups, group)
	}
	for r := range rapid.IntRange(0, 6).Draw(t, "rules") {
		m.Rules = append(m.Rules, drawRule(t, m, fmt.Sprint("r", r)))
	}
	return m
}

func drawRule(t *rapid.T, m *catalog.Model, id string) catalog.Rule {
	group := func() catalog.Group { return rapid.SampledFrom(m.Groups).Draw(t, "group") }
	asked := func() string {
		g := group()
		o := rapid.SampledFrom(g.Options).Draw(t, "option")
		return rapid.SampledFrom([]string{
			fmt.Sprintf("qty(%q)", o.SKU), fmt.Sprintf("2 * qty(%q)", o.SKU), fmt.Sprintf("count(%q)", g.ID), fmt.Sprintf("total(%q)", g.ID), fmt.Sprintf("sum(%q, \"w\")", g.ID),
		}).Draw(t, "asked")
	}
	number := func() string {
		if rapid.IntRange(0, 4).Draw(t, "written") == 0 {
			return fmt.Sprint(rapid.IntRange(0, 6).Draw(t, "literal"))
		}
		return asked()
	}
	condition := func() string {
		a, b := asked(), number()
		compare := []string{" < ", " <= ", " >= ", " > ", " == ", " != "}
		if strings.HasPrefix(a, "sum") != strings.HasPrefix(b, "sum") {
			compare = compare[:4] // whether numbers of two types are equal is no question in CEL
		}
		return a + rapid.SampledFrom(compare).Draw(t, "compare") + b
	}
	r := catalog.Rule{ID: id, Message: "M", Kind: rapid.SampledFrom([]catalog.RuleKind{catalog.RuleKindCustom, catalog.RuleKindRecommends, catalog.RuleKindDefault}).Draw(t, "kind")}
	r.Then = strings.Join(rapid.SliceOfN(rapid.Custom(func(*rapid.T) string { return condition() }), 1, 2).Draw(t, "then"), rapid.SampledFrom([]string{" && ", " || "}).Draw(t, "junction"))
	if rapid.Bool().Draw(t, "conditional") {
		r.When = condition()
	}
	if r.Kind == catalog.RuleKindDefault || rapid.IntRange(0, 3).Draw(t, "remedy") == 0 {
		g := group()
		o := rapid.SampledFrom(g.Options).Draw(t, "remedied")
		r.Fixes = []catalog.Remedy{{Changes: []catalog.Change{{Op: catalog.OpSet, Group: g.ID, SKU: o.SKU, Quantity: max(1, o.MinQuantity)}}}}
	}
	return r
}

func drawSelections(t *rapid.T, m *catalog.Model) []catalog.Selection {
	var selections []catalog.Selection
	for _, g := range m.Groups {
		for _, o := range g.Options {
			if n := rapid.IntRange(-4, 6).Draw(t, "quantity"); n >= 0 {
				selections = append(selections, pick(g.ID, o.SKU, n))
			}
		}
	}
	if rapid.IntRange(0, 5).Draw(t, "stray") == 0 {
		selections = append(selections, pick("g0", "STRAY", 1))
	}
	return selections
}

// FuzzRule: whatever somebody writes as a rule is refused, or can be decided.
func FuzzRule(f *testing.F) {
	for _, seed := range []string{
		`qty("A") > 0`, `sum("boards", "watts") <= 100.0 && attr("A", "bus") == "PCI-X"`, `count("power") in [1, 2] ? selected("P1") : total("boards") % 2 == 0`,
		`qty("A") * qty("A") * 4611686018427387904 == 1`, `"a" + "b" == 'ab' || b"x" == b"y"`, `[[1]] == [[2]] && type(1) == int`, `number("A", "watts") / 0.5 > -1.0`, "\"\xff", `true // x`,
		`1.0e308 * 1e308 > 0.0`, `dyn(1) == 1`, `{}.a`, `@0`, `has(a.b)`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, err := configure.Compile(rack(then(text)))
		if err != nil {
			return
		}
		for _, selections := range [][]catalog.Selection{nil, {pick("boards", "A", 3), pick("power", "P2", 1)}, {pick("boards", "B", 1_000_000)}} {
			v := m.Validate(selections, nil)
			for _, violation := range v.Violations {
				for _, fix := range violation.Fixes {
					if !m.Validate(fix.Selections, nil).Valid {
						t.Errorf("%q: %+v is none", text, fix)
					}
				}
			}
		}
	})
}
