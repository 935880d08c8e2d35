package assets_test

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/mdf/assets"
	"github.com/partnerportal/partnerportal-go/partnerportal"
)

func TestDownload(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	n, err := newClient(new(shelf)).Download(t.Context(), "ast_1", assets.LinkRequest{AcceptTerms: true}, &b)
	require.NoError(t, err)
	assert.EqualValues(t, len(brochure), n)
	assert.Equal(t, brochure, b.String())

	_, err = newClient(new(shelf)).Download(t.Context(), "ast_2", assets.LinkRequest{}, &b)
	require.ErrorIs(t, err, assets.ErrWithdrawn)
	_, err = newClient(&shelf{damaged: true}).Download(t.Context(), "ast_1", assets.LinkRequest{AcceptTerms: true}, &b)
	require.ErrorIs(t, err, partnerportal.ErrUnexpectedContent)
}

func TestWhatIsOver(t *testing.T) {
	t.Parallel()
	for status, want := range map[assets.JobStatus]bool{
		assets.JobStatusQueued: false, assets.JobStatusRendering: false, assets.JobStatusReady: true, assets.JobStatusFailed: true, assets.JobStatusExpired: true,
	} {
		assert.Equal(t, want, (&assets.Job{Status: status}).Over(), status)
	}
	assert.False(t, (&assets.Asset{}).CoBrandable())
	assert.True(t, (&assets.Asset{CoBrand: assets.Template{FileID: "file_1"}}).CoBrandable())
}

// constants reads the values of the package's constants whose names start with prefix.
func constants(t *testing.T, prefix string) map[string]bool {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "assets.go", nil, 0)
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
	for _, event := range document(t).Components.Schemas["AssetEventType"].Enum {
		want[event] = true
	}
	require.NotEmpty(t, want)
	assert.Equal(t, want, constants(t, "Event"))
}

// TestCodesAreThoseOfTheContract holds that every problem code of an assets operation has a sentinel, here or in the core.
func TestCodesAreThoseOfTheContract(t *testing.T) {
	t.Parallel()
	core := map[string]bool{"validation_failed": true, "invalid_state": true, // by code
		"not_found": true, "revision_mismatch": true, "precondition_required": true, // by status
		"cursor_invalid": true, "idempotency_key_required": true, "range_not_satisfiable": true} // a client does not meet them
	declared, named := constants(t, "Err"), map[string]bool{}
	for path, operations := range document(t).Paths {
		for method, raw := range operations {
			var operation struct {
				ID    string   `json:"operationId"`
				Codes []string `json:"x-problem-codes"`
			}
			if method == "parameters" || json.Unmarshal(raw, &operation) != nil || !strings.HasPrefix(operation.ID, "assets.") {
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
