package deals_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/deals"
	"github.com/partnerportal/partnerportal-go/partnerportal"
)

var acme = deals.Registration{
	Customer: partnerportal.Organization{Name: "Acme Corporation", Country: "US", Domain: "acme.com"},
	Products: []deals.Product{{Family: "GTX"}}, Amount: partnerportal.MustMoney("125000.00", "USD"),
	ExpectedCloseOn: partnerportal.Date{Year: 2027, Month: 3, Day: 31},
}

func TestConflictTellsTheWaysOut(t *testing.T) {
	t.Parallel()
	reg := deals.New(newClient())
	d, err := reg.Register(t.Context(), acme)
	require.NoError(t, err)
	assert.Equal(t, deals.StatusSubmitted, d.Status)
	assert.Equal(t, acme.Amount, d.Amount)

	_, err = reg.Register(t.Context(), acme)
	require.ErrorIs(t, err, deals.ErrConflict)
	require.NotErrorIs(t, err, deals.ErrOwnDuplicate)
	assert.Equal(t, []deals.Match{{
		MatchedOn: []deals.MatchKind{deals.MatchKindExactDomain}, ScopeOverlap: deals.ScopeOverlapFull, Holder: deals.HolderOtherPartner,
		Options: []deals.WayOut{deals.WayOutNarrowScope, deals.WayOutJoinAsServices},
	}}, deals.MatchesOf(fmt.Errorf("row 7: %w", err)))
	assert.Empty(t, deals.ExistingID(err))
}

func TestExistingID(t *testing.T) {
	t.Parallel()
	reg := deals.New(newClient())
	_, err := reg.Create(t.Context(), acme)
	require.ErrorIs(t, err, deals.ErrDuplicateRef)
	assert.Equal(t, "deal_1", deals.ExistingID(err))
	assert.Nil(t, deals.MatchesOf(err))

	_, err = reg.Get(t.Context(), "deal_1")
	require.ErrorIs(t, err, deals.ErrOwnDuplicate)
	assert.Empty(t, deals.ExistingID(err), "of a shape that it should not have")
	assert.Nil(t, deals.MatchesOf(err))
	for _, other := range []error{nil, errors.New("offline"), &partnerportal.Error{Status: 409}} {
		assert.Empty(t, deals.ExistingID(other))
		assert.Nil(t, deals.MatchesOf(other))
	}
}

// constants reads the values of a file's constants whose names start with prefix.
func constants(t *testing.T, prefix string) map[string]bool {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "deals.go", nil, 0)
	require.NoError(t, err)
	values := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, prefix) {
			return true
		}
		ast.Inspect(spec.Values[0], func(n ast.Node) bool {
			if literal, ok := n.(*ast.BasicLit); ok {
				text, err := strconv.Unquote(literal.Value)
				require.NoError(t, err)
				values[text] = true
			}
			return true
		})
		return true
	})
	return values
}

// document is the contract as it is served.
func document(t *testing.T) (contract struct {
	Paths      map[string]map[string]json.RawMessage
	Components struct {
		Schemas map[string]struct{ Enum []string }
	}
}) {
	t.Helper()
	data, err := os.ReadFile("../openapi/openapi.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &contract))
	return contract
}

func TestEventsAreThoseOfTheContract(t *testing.T) {
	t.Parallel()
	want := map[string]bool{}
	for _, event := range document(t).Components.Schemas["DealEventType"].Enum {
		want[event] = true
	}
	require.NotEmpty(t, want)
	assert.Equal(t, want, constants(t, "Event"))
}

// TestCodesAreThoseOfTheContract holds that every problem code of a deals operation has a sentinel, here or in the core.
func TestCodesAreThoseOfTheContract(t *testing.T) {
	t.Parallel()
	core := map[string]bool{"validation_failed": true, "invalid_state": true, "idempotency_key_reused": true, // by code
		"not_found": true, "revision_mismatch": true, "precondition_required": true, // by status
		"cursor_invalid": true, "idempotency_key_required": true} // a client does not meet them
	declared, named := constants(t, "Err"), map[string]bool{}
	for path, operations := range document(t).Paths {
		for method, raw := range operations {
			var operation struct {
				ID    string   `json:"operationId"`
				Codes []string `json:"x-problem-codes"`
			}
			if method == "parameters" || json.Unmarshal(raw, &operation) != nil || !strings.HasPrefix(operation.ID, "deals.") {
				continue
			}
			for _, code := range operation.Codes {
				named[code] = true
				assert.True(t, core[code] || declared[code], "%s of %s has no sentinel", code, path)
			}
		}
	}
	require.NotEmpty(t, named)
	for code := range declared {
		assert.True(t, named[code], "no operation answers %s", code)
	}
}
