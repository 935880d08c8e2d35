package configure_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/configure"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
)

func TestWaysOut(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		rule       catalog.Rule
		selections []catalog.Selection
		want       []string
	}{
		"add what is required": {
			catalog.Rule{When: `selected("A")`, Then: `selected("C")`}, []catalog.Selection{pick("boards", "A", 1)}, []string{"add C 1", "remove A 0"},
		},
		"the least that is enough, and the most that is allowed": {
			then(`qty("C") >= 3 * qty("A")`), []catalog.Selection{pick("boards", "A", 2), pick("boards", "C", 4)}, []string{"set A 1", "set C 6", "remove A 0"},
		},
		"an exact sum": {
			then(`sum("boards", "watts") <= 0.3`), []catalog.Selection{pick("boards", "A", 9)}, []string{"set A 3", "remove A 0"},
		},
		"in the place of another, where only one may be": {
			then(`selected("P2")`), []catalog.Selection{pick("power", "P1", 2)}, []string{"remove P1 0, add P2 1"},
		},
		"not below the smallest quantity": {
			then(`total("boards") >= 1`), nil, []string{"add A 1", "add C 1", "add B 2"},
		},
		"two of them together": {
			then(`total("boards") >= 16 && !selected("C")`), []catalog.Selection{pick("boards", "A", 5)}, []string{"set A 10, add B 6"},
		},
		"what the author knows comes first": {
			catalog.Rule{Then: `selected("C") || selected("B")`, Fixes: []catalog.Remedy{{Changes: []catalog.Change{{Op: catalog.OpAdd, Group: "boards", SKU: "B", Quantity: 2}}}}},
			[]catalog.Selection{pick("boards", "A", 1)}, []string{"add C 1", "add B 2"},
		},
		"none, where there is none": {then(`total("boards") > 30`), nil, []string{}},
	} {
		test.rule.ID, test.rule.Kind, test.rule.Message = "rule", catalog.RuleKindCustom, "Broken."
		v := compiled(t, rack(test.rule)).Validate(test.selections, nil)
		require.Len(t, v.Violations, 1, name)
		assert.False(t, v.Valid, name)
		found := changes(v.Violations[0])
		assert.Equal(t, len(test.want) == 0, len(found) == 0, name)
		assert.Equal(t, test.want, found[:min(len(test.want), len(found))], name)
	}
}

func TestGroupsAndQuantities(t *testing.T) {
	t.Parallel()
	m := rack()
	m.Groups[0].Min = 1
	c := compiled(t, m)
	v := c.Validate([]catalog.Selection{pick("power", "P1", 3), pick("power", "P2", 1), pick("boards", "B", 0), pick("boards", "X", 1), pick("disks", "A", 1)}, nil)
	var found []string
	for _, violation := range v.Violations {
		found = append(found, string(violation.Kind)+" "+violation.Pointer+" "+violation.Message)
		for _, f := range violation.Fixes {
			fixed := c.Validate(f.Selections, nil)
			assert.Empty(t, fixed.Violations)
			assert.Equal(t, []catalog.Change{{Op: catalog.OpRemove, Group: "boards", SKU: "X"}, {Op: catalog.OpRemove, Group: "disks", SKU: "A"}}, f.Changes[:2], "a way out leaves what is unknown behind")
		}
		assert.NotEmpty(t, violation.Fixes)
	}
	assert.Equal(t, []string{
		"unknown_option /selections/3 The model has no group boards with an option X.",
		"unknown_option /selections/4 The model has no group disks with an option A.",
		"group_min /selections Select at least 1 of Boards.",
		"group_max /selections Select at most 1 of Power.",
		"option_max /selections/0 Select at most 2 of P1.",
	}, found)
	v = c.Validate([]catalog.Selection{pick("boards", "B", 1)}, nil)
	require.Len(t, v.Violations, 1)
	assert.Equal(t, catalog.ViolationKindOptionMin, v.Violations[0].Kind)
	assert.Equal(t, []string{"set B 2", "add A 1, remove B 0"}, changes(v.Violations[0])[:2])
}

func TestGroupsThatLackMoreThanOne(t *testing.T) {
	t.Parallel()
	m := rack()
	m.Groups[0].Min, m.Groups[0].Max = 2, 2
	c := compiled(t, m)
	v := c.Validate(nil, nil)
	assert.Equal(t, []string{"add A 1, add B 2", "add B 2, add C 1"}, changes(v.Violations[0]))
	m.Groups[0].Min, m.Groups[0].Max = 0, 1
	v = compiled(t, m).Validate([]catalog.Selection{pick("boards", "A", 1), pick("boards", "B", 2), pick("boards", "C", 1)}, nil)
	assert.Equal(t, []string{"remove A 0, remove B 0", "remove B 0, remove C 0"}, changes(v.Violations[0]))
}

// However much is wrong, the search for ways out ends soon: without its bounds this would run for ever, and answer with gigabytes.
func TestSearchIsBounded(t *testing.T) {
	t.Parallel()
	m := &catalog.Model{SKU: "M", Groups: []catalog.Group{{ID: "g", Min: 500}, {ID: "h", Min: 20}}}
	var selections []catalog.Selection
	for i := range 500 {
		o := catalog.Option{SKU: fmt.Sprint("S", i)}
		m.Groups[0].Options, m.Groups[1].Options = append(m.Groups[0].Options, o), append(m.Groups[1].Options, o)
		selections = append(selections, pick("none", o.SKU, 1))
	}
	for i := range 10 {
		r := then(fmt.Sprintf(`total("g") * %d == total("h") * %d + 1`, 2*i+2, 2*i))
		r.ID = fmt.Sprint("r", i)
		m.Rules = append(m.Rules, r)
	}
	v := compiled(t, m).Validate(selections, nil)
	fixes := 0
	for _, violation := range v.Violations {
		fixes += len(violation.Fixes)
	}
	assert.Len(t, v.Violations, 512)
	assert.LessOrEqual(t, fixes, 60)
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	m := rack(
		catalog.Rule{
			ID: "supply", Kind: catalog.RuleKindDefault, When: `total("boards") > 0`, Then: `total("power") > 0`, Message: "Boards need power.",
			Fixes: []catalog.Remedy{{Changes: []catalog.Change{{Op: catalog.OpAdd, Group: "power", SKU: "P2", Quantity: 1}}}},
		},
		catalog.Rule{ID: "more", Kind: catalog.RuleKindRecommends, Severity: catalog.SeverityError, Then: `qty("P2") != 1`, Message: "Two are better."},
	)
	m.Groups[0].Options[1].Default = true
	c := compiled(t, m)
	v := c.Validate(nil, nil)
	assert.Equal(t, []catalog.Selection{pick("boards", "B", 2), pick("power", "P2", 1)}, v.DefaultsApplied)
	assert.True(t, v.Valid, "a recommendation is a warning, whatever it says")
	require.Len(t, v.Violations, 1)
	assert.Equal(t, catalog.SeverityWarning, v.Violations[0].Severity)
	assert.Equal(t, []string{"set P2 2"}, changes(v.Violations[0])[:1])
	assert.Equal(t, []catalog.ConfigurationLine{{SKU: "RACK", Quantity: 1}, {SKU: "B", Quantity: 2, ParentSKU: "RACK"}, {SKU: "P2", Quantity: 1, ParentSKU: "RACK"}}, v.Lines)

	v = c.Validate([]catalog.Selection{pick("boards", "A", 0)}, nil)
	assert.Empty(t, v.DefaultsApplied, "none was asked for")
	assert.Equal(t, []catalog.Selection{pick("boards", "A", 0), pick("power", "P1", 0)}, v.Selections, "and that is said again")
	v = c.Validate([]catalog.Selection{pick("boards", "A", 1), pick("power", "P1", 0)}, nil)
	assert.Empty(t, v.DefaultsApplied)
	assert.False(t, v.Valid, "a default that was refused leaves the rule broken")
}

func TestOptionsOfOneProductInTwoGroups(t *testing.T) {
	t.Parallel()
	m := rack(then(`qty("C") <= 3`))
	m.Groups[1].Options = append(m.Groups[1].Options, catalog.Option{SKU: "C", MaxQuantity: 5})
	v := compiled(t, m).Validate([]catalog.Selection{pick("boards", "C", 2), pick("power", "C", 2)}, nil)
	require.Len(t, v.Violations, 1)
	assert.Equal(t, []catalog.ConfigurationLine{{SKU: "RACK", Quantity: 1}, {SKU: "C", Quantity: 4, ParentSKU: "RACK"}}, v.Lines)
	assert.Equal(t, []string{"set C 1", "set C 1"}, changes(v.Violations[0])[:2])
}

func TestFixesAddOnlyWhatIsSellable(t *testing.T) {
	t.Parallel()
	c := compiled(t, rack(then(`qty("A") + qty("C") >= 1`)))
	asked := 0
	v := c.Validate(nil, func(sku string) bool { asked++; return sku != "A" })
	assert.Equal(t, []string{"add C 1"}, changes(v.Violations[0]))
	assert.Equal(t, 2, asked, "once for each")
}

// What cannot be sold any more goes with the first way out, and something else takes its place.
func TestFixesTakeOutWhatCannotBeSold(t *testing.T) {
	t.Parallel()
	m := rack(then(`total("boards") >= 2`))
	m.Groups[1].Min = 1
	v := compiled(t, m).Validate([]catalog.Selection{pick("boards", "A", 1), pick("power", "P1", 1)}, func(sku string) bool { return sku != "P1" })
	require.Len(t, v.Violations, 1)
	require.NotEmpty(t, v.Violations[0].Fixes)
	for _, f := range v.Violations[0].Fixes {
		assert.Contains(t, f.Selections, pick("power", "P2", 1))
		assert.NotContains(t, f.Selections, pick("power", "P1", 1))
	}
}

func TestWhatARuleMaySay(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`qty("A") > 0 ? selected("B") : !selected("B")`, `count("boards") in [0, 1, 2]`, `attr("A", "bus").startsWith("PCI") && attr("A", "none") == ""`,
		`number("B", "watts") / 2.0 == 25.0 && number("A", "bus") == 0.0`, `total("boards") % 2 == 0 || -total("boards") < 0`, `sum("boards", "watts") < 100`,
		`double(qty("A")) * 1.5 <= 3.0`, "// with a remark\ntrue",
	} {
		_, err := configure.Compile(rack(then(text)))
		require.NoError(t, err, text)
	}
	for text, want := range map[string]string{
		`qty("Z") > 0`:                      `Column 5: no group has an option "Z"`,
		`count("none") > 0`:                 `Column 7: there is no group "none"`,
		`qty("A" + "B") > 0`:                `Column 9: write the SKU out, in quotes`,
		`sum("boards", 1) > 0`:              `Column 15: write the attribute out, in quotes`,
		`qty("A")`:                          `It is of type int, where a bool is wanted.`,
		`qty("A") >`:                        `Column 11: Syntax error`,
		`nothing > 1`:                       `Column 1: undeclared reference to 'nothing'`,
		"true &&\n  qty(A)":                 `Line 2, column 7: write the SKU out`,
		`@0 > 1`:                            `Column 1: Syntax error`,
		`total("boards") / qty("A") > 1`:    `Column 17: Divide by a number that is written out, and is not zero.`,
		`5 % 0 == 0`:                        `Column 3: Divide by a number`,
		`[1].all(x, x > 0)`:                 `Column 8: undeclared reference to 'all'`,
		`{"a": 1} == {"a": 1}`:              `Only numbers, texts, lists`,
		`[1, 2][5] == 1`:                    `There is no function`,
		`attr("A", "bus").matches("(a+)+")`: `There is no function matches here.`,
		`size("abc") == 3`:                  `There is no function size here.`,
		`[[1]] == [[1]]`:                    `Column 2: A list holds numbers or texts, not lists.`,
		`attr("A", "bus") == "PCI"`:         `It asks for nothing that is selected and is not true, so no configuration would be valid.`,
		`int("x") == 1`:                     `There is no function int here.`,
		`timestamp("x") == timestamp("y")`:  `There is no function timestamp here.`,
		strings.Repeat("(", 200) + "true" + strings.Repeat(")", 200): `It has more than 50 levels, or terms in a row.`,
		strings.Repeat(`qty("A") + `, 60) + `0 > 0`:                  `It has more than 50 levels, or terms in a row.`,
		`attr("A", "bus") + "" == "PCI-X"`:                           `Column 18: Only numbers are added.`,
		`1 in [1] + [2]`:                                             `Column 10: Only numbers are added.`,
		`"` + strings.Repeat("a", 3000) + `" == ""`:                  `size`,
	} {
		_, err := configure.Compile(rack(then(text)))
		require.ErrorIs(t, err, catalog.ErrRule, text)
		assert.Contains(t, faults(t, err)[0], "/rules/0/then ", text)
		assert.Contains(t, faults(t, err)[0], want, text)
	}
}

// A rule whose numbers leave 64 bits cannot be decided, and counts as broken: nothing is sold on it.
func TestUndecidedRulesAreBroken(t *testing.T) {
	t.Parallel()
	for _, r := range []catalog.Rule{
		then(`qty("A") * 9223372036854775807 > 0`), {When: `qty("A") * 9223372036854775807 > 0`, Then: `false`},
	} {
		r.ID, r.Kind, r.Message = "rule", catalog.RuleKindCustom, "Broken."
		v := compiled(t, rack(r)).Validate([]catalog.Selection{pick("boards", "A", 2)}, nil)
		assert.False(t, v.Valid)
	}
}

func TestWhatIsWrongWithAModel(t *testing.T) {
	t.Parallel()
	m := rack(then("true"), then("true"), catalog.Rule{ID: "no id", Kind: catalog.RuleKindDefault, Then: "true", Message: "M"})
	m.Rules[1].Fixes = []catalog.Remedy{{Changes: []catalog.Change{{Op: catalog.OpAdd, Group: "boards", SKU: "X", Quantity: 1}, {Op: catalog.OpSet, Group: "boards", SKU: "A", Quantity: 11}}}}
	_, err := configure.Compile(m)
	require.ErrorIs(t, err, partnerportal.ErrValidation)
	assert.Equal(t, []string{
		"/rules/1/id Another rule has this id.",
		"/rules/1/fixes/0/changes/0 There is no group boards with an option X.",
		"/rules/1/fixes/0/changes/1/quantity Give a quantity from 1 to 10.",
		"/rules/2/id Give up to 64 letters, digits, hyphens and underscores.",
		"/rules/2/fixes Say what a default selects.",
	}, faults(t, err))

	m = rack()
	m.Groups[0].Options[1].SKU, m.Groups[0].Options[2].SKU, m.Groups[0].Options[2].MinQuantity = "A", "RACK", 11
	m.Groups[1].ID, m.Groups[1].Min = "boards", 2
	m.Groups = append(m.Groups, catalog.Group{ID: "eager", Max: 1, Options: []catalog.Option{{SKU: "A", Default: true}, {SKU: "B", Default: true}}}, catalog.Group{ID: "few", Min: 1}, catalog.Group{ID: "narrow", Min: 2, Max: 3, Options: []catalog.Option{{SKU: "A"}}})
	_, err = configure.Compile(m)
	assert.Equal(t, []string{
		"/groups/0/options/1/sku Another option of the group is this product.",
		"/groups/0/options/2/sku A product cannot be an option of itself.",
		"/groups/0/options/2/max_quantity Give a greatest quantity that is not below the smallest.",
		"/groups/1/id Another group has this id.",
		"/groups/1/max Give a max that is not below min.",
		"/groups/2/options 2 options are selected by default, and at most 1 can be.",
		"/groups/3/options Give a group at least one option.",
		"/groups/4/min The group has only 1 options.",
	}, faults(t, err))
}

// A hostile model is refused by what it would cost, before it costs that.
func TestModelsHaveABoundedCost(t *testing.T) {
	t.Parallel()
	m := &catalog.Model{SKU: "M", Groups: []catalog.Group{{ID: "g"}}}
	for i := range 1001 {
		m.Groups[0].Options = append(m.Groups[0].Options, catalog.Option{SKU: strings.Repeat("A", i+1)})
	}
	_, err := configure.Compile(m)
	assert.Equal(t, []string{"/groups Give at most 1000 options in all."}, faults(t, err))
	m.Groups[0].Options = m.Groups[0].Options[:1000]
	for i := range 500 {
		r := then(`sum("g", "a") <= 1.0 || sum("g", "b") <= 1.0`)
		r.ID = fmt.Sprint("r", i)
		m.Rules = append(m.Rules, r)
	}
	_, err = configure.Compile(m)
	require.ErrorIs(t, err, catalog.ErrRule)
	assert.Contains(t, faults(t, err)[0], "/rules The rules take more than 200000 steps to decide.")
}
