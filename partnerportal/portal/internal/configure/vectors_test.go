package configure_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/configure"
	"github.com/partnerportal/partnerportal-go/quotes/catalog"
)

// TestVectors holds the package against what the contract publishes for other implementations.
func TestVectors(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../../../openapi/vectors/configurations.json")
	require.NoError(t, err)
	var vectors struct {
		Model catalog.Model
		Cases []struct {
			Note            string
			Selections      []catalog.Selection
			Valid           bool
			Violations      []catalog.Violation
			DefaultsApplied []catalog.Selection `json:"defaults_applied"`
			Lines           []catalog.ConfigurationLine
		}
		Refused []struct{ Note, Then string }
	}
	require.NoError(t, json.Unmarshal(data, &vectors))
	m := compiled(t, &vectors.Model)
	require.NotEmpty(t, vectors.Cases)
	for _, c := range vectors.Cases {
		v := m.Validate(c.Selections, nil)
		found := []catalog.Violation{}
		for _, x := range v.Violations {
			for _, f := range x.Fixes {
				assert.True(t, m.Validate(f.Selections, nil).Valid, c.Note)
			}
			assert.NotEmpty(t, x.Fixes, c.Note)
			found = append(found, catalog.Violation{Kind: x.Kind, RuleID: x.RuleID, Group: x.Group, SKU: x.SKU, Severity: x.Severity, Pointer: x.Pointer})
		}
		assert.Equal(t, c.Valid, v.Valid, c.Note)
		assert.Equal(t, c.Violations, found, c.Note)
		assert.Equal(t, c.DefaultsApplied, v.DefaultsApplied, c.Note)
		if c.Lines != nil {
			assert.Equal(t, c.Lines, v.Lines, c.Note)
		}
	}
	require.NotEmpty(t, vectors.Refused)
	for _, r := range vectors.Refused {
		m := vectors.Model
		m.Rules = []catalog.Rule{{ID: "rule", Kind: catalog.RuleKindCustom, Then: r.Then, Message: "M"}}
		_, err := configure.Compile(&m)
		require.ErrorIs(t, err, catalog.ErrRule, r.Note)
	}
}
