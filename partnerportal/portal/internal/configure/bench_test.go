package configure_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/configure"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
)

// large is a model of 200 options in 20 groups, with 100 rules of all kinds.
func large() *catalog.Model {
	m := &catalog.Model{SKU: "RACK", Version: 1}
	sku := func(g, o int) string { return fmt.Sprintf("G%d-O%d", g, o) }
	for g := range 20 {
		group := catalog.Group{ID: fmt.Sprintf("g%d", g), Min: 1, Max: 4}
		for o := range 10 {
			group.Options = append(group.Options, catalog.Option{
				SKU: sku(g, o), Default: o == 0, MaxQuantity: 16, Attributes: map[string]string{"watts": fmt.Sprint(50 + 10*o), "family": fmt.Sprint("F", o%3)},
			})
		}
		m.Groups = append(m.Groups, group)
	}
	for g := range 20 {
		next := (g + 1) % 20
		id := func(kind string) string { return fmt.Sprintf("%s-%d", kind, g) }
		m.Rules = append(m.Rules,
			catalog.Rule{ID: id("requires"), Kind: catalog.RuleKindRequires, When: fmt.Sprintf("selected(%q)", sku(g, 1)), Then: fmt.Sprintf("selected(%q)", sku(next, 2)), Message: "requires"},
			catalog.Rule{ID: id("excludes"), Kind: catalog.RuleKindExcludes, When: fmt.Sprintf("selected(%q)", sku(g, 3)), Then: fmt.Sprintf("!selected(%q) && !selected(%q)", sku(next, 4), sku(next, 5)), Message: "excludes"},
			catalog.Rule{ID: id("ratio"), Kind: catalog.RuleKindRatio, When: fmt.Sprintf("qty(%q) > 0", sku(g, 6)), Then: fmt.Sprintf("qty(%q) >= 2 * qty(%q)", sku(g, 7), sku(g, 6)), Message: "ratio"},
			catalog.Rule{ID: id("sum"), Kind: catalog.RuleKindSumLimit, Then: fmt.Sprintf(`sum("g%d", "watts") <= 2400.0`, g), Message: "sum"},
			catalog.Rule{ID: id("match"), Kind: catalog.RuleKindAttributeMatch, When: fmt.Sprintf("selected(%q)", sku(g, 8)), Then: fmt.Sprintf(`attr(%q, "family") == attr(%q, "family") || total("g%d") <= 8`, sku(g, 8), sku(next, 0), g), Message: "match"},
		)
	}
	return m
}

// The goal is below 5 ms, for a configuration that is valid and for one of which the ways out are searched.
func BenchmarkValidate(b *testing.B) {
	m, err := configure.Compile(large())
	require.NoError(b, err)
	pick := func(g, o, n int) catalog.Selection {
		return catalog.Selection{Group: fmt.Sprintf("g%d", g), SKU: fmt.Sprintf("G%d-O%d", g, o), Quantity: n}
	}
	var all []catalog.Selection
	for g := range 20 {
		all = append(all, pick(g, 0, 2), pick(g, 2, 1))
	}
	one := append([]catalog.Selection{pick(3, 6, 3)}, all...)
	five := append([]catalog.Selection{pick(3, 6, 3), pick(7, 1, 1), pick(8, 2, 0), pick(11, 3, 1), pick(12, 4, 1), pick(15, 9, 16), pick(16, 8, 17)}, all...)
	for _, run := range []struct {
		name       string
		selections []catalog.Selection
		wrong      int
	}{{"valid", all, 0}, {"invalid", one, 1}, {"five_wrong", five, 5}} {
		b.Run(run.name, func(b *testing.B) {
			require.Len(b, m.Validate(run.selections, nil).Violations, run.wrong)
			b.ReportAllocs()
			for b.Loop() {
				m.Validate(run.selections, nil)
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	source := large()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := configure.Compile(source); err != nil {
			b.Fatal(err)
		}
	}
}
