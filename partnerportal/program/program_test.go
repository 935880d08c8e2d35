package program_test

import (
	"encoding/json"
	"errors"
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
	"github.com/partnerportal/partnerportal-go/partnerportal/program"
)

func TestExistingID(t *testing.T) {
	t.Parallel()
	desk := program.New(newClient())
	first, err := desk.InvitePartner(t.Context(), program.Invitation{Name: "Acme"})
	require.NoError(t, err)
	_, err = desk.InvitePartner(t.Context(), program.Invitation{Name: "Acme Inc."})
	require.ErrorIs(t, err, program.ErrDuplicatePartner)
	assert.Equal(t, first.ID, program.ExistingID(err))
	_, err = desk.SuspendPartner(t.Context(), first.ID, program.Ruling{Reason: "?"})
	require.ErrorIs(t, err, program.ErrDuplicateRef)
	assert.Empty(t, program.ExistingID(err), "of a shape that it should not have")
	for _, other := range []error{nil, errors.New("offline"), &partnerportal.Error{Status: 409}} {
		assert.Empty(t, program.ExistingID(other))
	}
}

func TestRulesThatSomebodyElseChanged(t *testing.T) {
	t.Parallel()
	desk := program.New(newClient())
	rules, err := desk.Get(t.Context(), program.DefaultID)
	require.NoError(t, err)
	_, err = desk.Put(t.Context(), rules.ID, *rules, partnerportal.IfMatch(rules))
	require.NoError(t, err)
	_, err = desk.Put(t.Context(), rules.ID, *rules, partnerportal.IfMatch(rules))
	require.ErrorIs(t, err, partnerportal.ErrStale)
}

func TestDaysOfTheProgramme(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 16, 0, 0, 0, time.UTC)
	for zone, want := range map[string]string{"Asia/Tokyo": "2026-11-23", "UTC": "2026-11-22", "no/such": "2026-11-22"} {
		p := program.Program{TimeZone: zone}
		assert.Equal(t, want, p.Today(at).String(), zone)
		assert.Equal(t, p.Today(at).AddDays(1), p.Today(p.EndOfDay(p.Today(at))), zone)
		assert.Equal(t, p.Today(at), p.Today(p.EndOfDay(p.Today(at)).Add(-time.Second)), zone)
	}
}

func TestWhatIsInForce(t *testing.T) {
	t.Parallel()
	for status, want := range map[program.Status]bool{"": true, program.StatusActive: true, program.StatusDraft: false, program.StatusRetired: false, "frozen": false} {
		assert.Equal(t, want, (&program.Program{Status: status}).InForce(), status)
	}
	assert.True(t, (&program.Partner{Status: program.PartnerStatusActive}).Active())
	assert.False(t, (&program.Partner{Status: program.PartnerStatusInvited}).Active())
}

// constants reads the values of the package's constants whose names start with prefix.
func constants(t *testing.T, prefix string) map[string]bool {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "program.go", nil, 0)
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
	for _, event := range document(t).Components.Schemas["ProgramEventType"].Enum {
		want[event] = true
	}
	require.NotEmpty(t, want)
	assert.Equal(t, want, constants(t, "Event"))
}

// TestCodesAreThoseOfTheContract holds that every problem code of a programme operation has a sentinel, here or in the core.
func TestCodesAreThoseOfTheContract(t *testing.T) {
	t.Parallel()
	core := map[string]bool{"validation_failed": true, "invalid_state": true, // by code
		"not_found": true, "revision_mismatch": true, "precondition_required": true, // by status
		"cursor_invalid": true, "idempotency_key_required": true} // a client does not meet them
	declared, named := constants(t, "Err"), map[string]bool{}
	for path, operations := range document(t).Paths {
		for method, raw := range operations {
			var operation struct {
				ID    string   `json:"operationId"`
				Codes []string `json:"x-problem-codes"`
			}
			if method == "parameters" || json.Unmarshal(raw, &operation) != nil || !strings.HasPrefix(operation.ID, "program.") {
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
