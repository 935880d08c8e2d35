package account_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/account"
)

// The tag is that of the figures: it survives the way over the wire and the next reading, and not a change.
func TestSummaryETag(t *testing.T) {
	t.Parallel()
	money := account.New(newClient())
	var resp partnerportal.Response
	first, err := money.Summary(t.Context(), account.SummaryParams{}, partnerportal.WithResponse(&resp))
	require.NoError(t, err)
	assert.Equal(t, resp.ETag(), first.ETag())
	again, err := money.Summary(t.Context(), account.SummaryParams{})
	require.NoError(t, err)
	assert.NotEqual(t, first.GeneratedAt, again.GeneratedAt)
	assert.Equal(t, first.ETag(), again.ETag())
	changed := *again
	changed.Commissions.Due = usd("18400.01")
	assert.NotEqual(t, first.ETag(), changed.ETag())
	assert.Equal(t, time.Unix(2, 0).UTC(), again.GeneratedAt, "reading the tag changes nothing")
	_, err = money.Summary(t.Context(), account.SummaryParams{}, partnerportal.IfNoneMatch(&changed))
	require.NoError(t, err)
	for _, tags := range []string{first.ETag(), "W/" + first.ETag(), `"other", ` + first.ETag(), "*"} {
		_, err = money.Summary(t.Context(), account.SummaryParams{}, partnerportal.WithHeader("If-None-Match", tags))
		require.ErrorIs(t, err, partnerportal.ErrNotModified, tags)
	}
	_, err = money.Summary(t.Context(), account.SummaryParams{}, partnerportal.IfNoneMatch(nil))
	require.ErrorIs(t, err, partnerportal.ErrInvalidArgument)
}

// constants reads the values of the package's constants whose names start with prefix.
func constants(t *testing.T, prefix string) map[string]bool {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "account.go", nil, 0)
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
	data, err := os.ReadFile("../../openapi/openapi.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &contract))
	return contract
}

func TestEventsAreThoseOfTheContract(t *testing.T) {
	t.Parallel()
	want := map[string]bool{}
	for _, event := range document(t).Components.Schemas["AccountEventType"].Enum {
		want[event] = true
	}
	require.NotEmpty(t, want)
	assert.Equal(t, want, constants(t, "Event"))
}

// TestCodesAreThoseOfTheContract holds that every problem code of an account operation has a sentinel, here or in the core.
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
			if method == "parameters" || json.Unmarshal(raw, &operation) != nil || !strings.HasPrefix(operation.ID, "account.") {
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
