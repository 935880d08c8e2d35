package configure_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/configure"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
)

func pick(group, sku string, quantity int) catalog.Selection {
	return catalog.Selection{Group: group, SKU: sku, Quantity: quantity}
}

// rack is a model with two groups: boards that need power, and supplies that give it.
func rack(rules ...catalog.Rule) *catalog.Model {
	return &catalog.Model{
		SKU: "RACK", Version: 1, Rules: rules,
		Groups: []catalog.Group{
			{ID: "boards", Title: "Boards", Options: []catalog.Option{
				{SKU: "A", MaxQuantity: 10, Attributes: map[string]string{"watts": "0.1", "bus": "PCI-X"}},
				{SKU: "B", MinQuantity: 2, MaxQuantity: 10, Attributes: map[string]string{"watts": "50"}},
				{SKU: "C", MaxQuantity: 10},
			}},
			{ID: "power", Title: "Power", Max: 1, Options: []catalog.Option{
				{SKU: "P1", MaxQuantity: 2, Attributes: map[string]string{"watts": "100"}}, {SKU: "P2", MaxQuantity: 2, Attributes: map[string]string{"watts": "300"}},
			}},
		},
	}
}

func then(text string) catalog.Rule {
	return catalog.Rule{ID: "rule", Kind: catalog.RuleKindCustom, Then: text, Message: "Broken."}
}

func compiled(t require.TestingT, m *catalog.Model) *configure.Model {
	c, err := configure.Compile(m)
	require.NoError(t, err)
	return c
}

// changes are the fixes of a violation, each as "op sku quantity" with commas between.
func changes(v catalog.Violation) []string {
	all := []string{}
	for _, f := range v.Fixes {
		text := ""
		for _, c := range f.Changes {
			text += fmt.Sprintf(", %s %s %d", c.Op, c.SKU, c.Quantity)
		}
		all = append(all, text[2:])
	}
	return all
}

// faults are the field errors of a refusal as "pointer message".
func faults(t testing.TB, err error) []string {
	t.Helper()
	var e *partnerportal.Error
	require.ErrorAs(t, err, &e)
	var all []string
	for _, f := range e.Fields {
		all = append(all, f.Pointer+" "+f.Message)
	}
	return all
}
