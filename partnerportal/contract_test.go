package partnerportal_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/openapi"
)

// What people write by hand beside the generated code must agree with the contract: the types of events and the codes of problems
// are constants of each domain package, so that they have documentation of their own.

// contracted is what the contract says of all domains: the operations' codes by the domain, the first word of their id, and the
// types of events by the schema that lists them.
type contracted struct {
	codes  map[string]map[string]bool
	events map[string][]string
}

func readContract(t *testing.T) contracted {
	t.Helper()
	var doc struct {
		Paths      map[string]map[string]json.RawMessage
		Components struct {
			Schemas map[string]struct{ Enum []string }
		}
	}
	require.NoError(t, json.Unmarshal(openapi.Document, &doc))
	found := contracted{codes: map[string]map[string]bool{}, events: map[string][]string{}}
	for _, operations := range doc.Paths {
		for _, raw := range operations {
			var operation struct {
				ID    string   `json:"operationId"`
				Codes []string `json:"x-problem-codes"`
			}
			if json.Unmarshal(raw, &operation) != nil { // a path's parameters are no operation
				continue
			}
			domain, _, _ := strings.Cut(operation.ID, ".")
			if found.codes[domain] == nil {
				found.codes[domain] = map[string]bool{}
			}
			for _, code := range operation.Codes {
				found.codes[domain][code] = true
			}
		}
	}
	for name, schema := range doc.Components.Schemas {
		if strings.HasSuffix(name, "EventType") {
			found.events[name] = schema.Enum
		}
	}
	return found
}

// constants reads the texts of a package's hand-written constants by their names. One that is another's, such as
// partnerportal.ErrCurrencyMismatch, has that one's text out of known.
func constants(t *testing.T, folder string, known map[string]string) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", folder, "*.go"))
	require.NoError(t, err)
	texts := map[string]string{}
	for _, name := range files {
		if strings.HasSuffix(name, ".gen.go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, declaration := range file.Decls {
			group, ok := declaration.(*ast.GenDecl)
			if !ok || group.Tok != token.CONST {
				continue
			}
			for _, spec := range group.Specs {
				if value, ok := spec.(*ast.ValueSpec); ok && len(value.Values) == 1 {
					if text := textOf(value.Values[0], known); text != "" {
						texts[value.Names[0].Name] = text
					}
				}
			}
		}
	}
	return texts
}

// textOf is the text of "deal.won", ErrorCode("not_found") or partnerportal.ErrCurrencyMismatch.
func textOf(value ast.Expr, known map[string]string) string {
	switch value := value.(type) {
	case *ast.BasicLit:
		text, _ := strconv.Unquote(value.Value) // a number is none
		return text
	case *ast.CallExpr:
		return textOf(value.Args[0], known)
	case *ast.SelectorExpr:
		return known[value.Sel.Name]
	}
	return ""
}

// named are the texts of the constants whose names begin with prefix.
func named(texts map[string]string, prefix string) []string {
	var found []string
	for name, text := range texts {
		if strings.HasPrefix(name, prefix) {
			found = append(found, text)
		}
	}
	return found
}

// TestCodesAreTheContracts: every code that the contract names for an operation can be asked for with errors.Is, by a sentinel of its
// package or of the core, and no package has a sentinel that none of its operations answers. The sandbox plays the vendor of the others,
// and answers with their codes.
func TestCodesAreTheContracts(t *testing.T) {
	t.Parallel()
	contract, core := readContract(t), constants(t, "partnerportal", nil)
	general := append(named(core, "Err"),
		"not_found", "revision_mismatch", "precondition_required", // asked for by their status
		"cursor_invalid", "idempotency_key_required", "range_not_satisfiable") // a client does not meet them
	var all []string
	for _, domain := range domains {
		all = append(all, named(constants(t, domain, core), "Err")...)
	}
	for _, domain := range domains {
		answered := contract.codes[path.Base(domain)]
		own := named(constants(t, domain, core), "Err")
		known := slices.Concat(own, general)
		if domain == "partnerportal/sandbox" {
			known = append(known, all...)
		}
		for code := range answered {
			assert.True(t, slices.Contains(known, code), "%s has no sentinel for %s", domain, code)
		}
		for _, code := range own {
			assert.True(t, answered[code], "no operation of %s answers %s", domain, code)
		}
	}
	for domain := range contract.codes {
		assert.True(t, domain == "auth" || slices.ContainsFunc(domains, func(d string) bool { return path.Base(d) == domain }), "%s is no domain", domain)
	}
}

// TestEventsAreTheContracts: the Event constants of a package are one enumeration of the contract, and no enumeration is left over.
func TestEventsAreTheContracts(t *testing.T) {
	t.Parallel()
	left := readContract(t).events
	require.NotEmpty(t, left)
	for _, domain := range domains {
		own := slices.Sorted(slices.Values(named(constants(t, domain, nil), "Event")))
		if len(own) == 0 {
			continue
		}
		var taken string
		for name, types := range left {
			if slices.Contains(types, own[0]) {
				taken = name
				assert.Equal(t, slices.Sorted(slices.Values(types)), own, "%s and %s", name, domain)
			}
		}
		assert.NotEmpty(t, taken, "%s: no enumeration has %s", domain, own[0])
		delete(left, taken)
	}
	assert.Empty(t, slices.Collect(maps.Keys(left)), "types of events without constants")
}
