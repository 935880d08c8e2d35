package contract_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/openapi"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/contract"
)

func load(t testing.TB) *contract.Contract {
	t.Helper()
	c, err := contract.Load()
	require.NoError(t, err)
	return c
}

// The validator's own rules are used instead of a full JSON Schema 2020-12 (see Load). They must know all that the contract
// says of what callers send.
func TestContractUsesOnlyWhatTheValidatorKnows(t *testing.T) {
	t.Parallel()
	var doc struct {
		Components struct {
			Schemas    map[string]any
			Parameters map[string]struct{ Schema any }
		}
	}
	require.NoError(t, json.Unmarshal(openapi.Document, &doc))
	known := []string{
		"$ref", "type", "description", "example", "title", "properties", "required", "additionalProperties", "items", "enum", "pattern", "format",
		"minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "maxProperties", "oneOf", "readOnly",
	}
	var check func(where string, schema any)
	check = func(where string, schema any) {
		s, ok := schema.(map[string]any)
		if !ok {
			return // true or false
		}
		for keyword, value := range s {
			assert.True(t, slices.Contains(known, keyword) || strings.HasPrefix(keyword, "x-"), "%s uses %s", where, keyword)
			switch keyword {
			case "properties":
				members, _ := value.(map[string]any)
				for name, member := range members {
					check(where+"/"+name, member)
				}
			case "items", "additionalProperties":
				check(where+"/"+keyword, value)
			case "oneOf":
				branches, _ := value.([]any)
				for _, branch := range branches {
					check(where, branch)
				}
			case "format":
				assert.Contains(t, []string{"date", "date-time", "int64", "double", "binary"}, value, where)
			}
		}
	}
	for name, schema := range doc.Components.Schemas {
		check(name, schema)
	}
	for name, parameter := range doc.Components.Parameters {
		check(name, parameter.Schema)
	}
	require.NotEmpty(t, doc.Components.Schemas)
}

func TestScopes(t *testing.T) {
	t.Parallel()
	scopes := load(t).Scopes()
	assert.Contains(t, scopes, "deals:write")
	assert.True(t, slices.IsSorted(scopes))
}

func incoming(op *partnerportal.Operation, target, body string) *partnerportal.Incoming {
	r := httptest.NewRequest(op.Method, target, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", "k")
	return &partnerportal.Incoming{Op: op, Request: r}
}

var register = &partnerportal.Operation{ID: "deals.register", Method: http.MethodPost, Path: "/deals/quick"}

const registration = `{"customer":{"name":"Initech","country":"US","domain":"initech.com"},"amount":{"amount":"125000.00","currency":"USD"},
	"expected_close_on":"2027-03-31","products":[{"family":"GTX","quantity":10}],"external_refs":[{"system":"salesforce","id":"006Qx00000AbCdE"}]}`

func TestUnknownOperation(t *testing.T) {
	t.Parallel()
	err := load(t).Check(incoming(&partnerportal.Operation{ID: "deals.dream", Method: http.MethodPost}, "/v1/dreams", "{}"))
	require.ErrorContains(t, err, "deals.dream")
	var e *partnerportal.Error
	require.NotErrorAs(t, err, &e, "the caller has nothing to change")
}

func TestBodyIsLeftForTheService(t *testing.T) {
	t.Parallel()
	in := incoming(register, "/v1/deals/quick", registration)
	require.NoError(t, load(t).Check(in))
	body, err := in.Body()
	require.NoError(t, err)
	assert.Len(t, body, len(registration))
}

func TestReadOnlyMembersAreIgnored(t *testing.T) {
	t.Parallel()
	body := strings.Replace(registration, "{", `{"parties":[{"role":"distributor","organization":{"name":"Big Box"},"is_registrant":true}],`, 1)
	require.NoError(t, load(t).Check(incoming(register, "/v1/deals/quick", body)))
}

func TestAnyValueMayBeNull(t *testing.T) {
	t.Parallel()
	amend := &partnerportal.Operation{ID: "deals.requestAmendment", Method: http.MethodPost, Path: "/deals/{deal_id}/amendments"}
	in := incoming(amend, "/v1/deals/deal_1/amendments", `{"reason":"Both.","changes":[{"pointer":"/recurring_amount","from":null,"to":null}]}`)
	in.Request.SetPathValue("deal_id", "deal_1")
	require.NoError(t, load(t).Check(in))
}

func TestFaultsDeepInTheBody(t *testing.T) {
	t.Parallel()
	err := load(t).Check(incoming(register, "/v1/deals/quick", `{
		"customer":{"name":"Initech","duns":"12","adr":{}},"amount":{"amount":"12,50","currency":"$"},"expected_close_on":"2027-02-30",
		"products":[{"family":"GTX","quantity":1},{"family":"GTX","quantity":-3}],"external_refs":[{"id":"1"}],"custom":{"anything":[1,{"goes":true}]},"dicsount":1}`))
	var e *partnerportal.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, http.StatusUnprocessableEntity, e.Status)
	var found []string
	for _, f := range e.Fields {
		found = append(found, f.Pointer+" "+f.Code)
	}
	assert.Equal(t, []string{
		"/amount/amount invalid_format", "/amount/currency invalid_format", "/customer/adr not_permitted", "/customer/duns invalid_format",
		"/dicsount not_permitted", "/expected_close_on invalid_format", "/external_refs/0/system required", "/products/1/quantity out_of_range",
	}, found)
}

func TestManyFaultsAreCutOff(t *testing.T) {
	t.Parallel()
	members := make([]string, 0, 500)
	for i := range 500 {
		members = append(members, `"`+strings.Repeat("x", i+1)+`":1`)
	}
	err := load(t).Check(incoming(register, "/v1/deals/quick", "{"+strings.Join(members, ",")+"}"))
	var e *partnerportal.Error
	require.ErrorAs(t, err, &e)
	assert.Len(t, e.Fields, 100)
}

func FuzzCheck(f *testing.F) {
	c := load(f)
	update := &partnerportal.Operation{ID: "deals.update", Method: http.MethodPatch, Path: "/deals/{deal_id}", MediaType: "application/merge-patch+json"}
	f.Add([]byte(registration), "limit=3")
	f.Add([]byte(`{"customer":{"name":null},"amount":{"amount":"1e9"}}`), "")
	f.Add([]byte(`[[[[{}]]]]`), "a=b&a=c;d")
	f.Add([]byte(`{"a":1,"a":2,"\u0000":"\ud800","~/":NaN}`), "%zz")
	f.Fuzz(func(t *testing.T, body []byte, query string) {
		for _, op := range []*partnerportal.Operation{register, update} {
			in := incoming(op, "/v1/x", "")
			in.Request.Body = struct {
				*bytes.Reader
				nopClose
			}{bytes.NewReader(body), nopClose{}}
			in.Request.URL.RawQuery = query
			in.Request.Header.Set("If-Match", `"r1"`)
			if op.MediaType != "" {
				in.Request.Header.Set("Content-Type", op.MediaType)
			}
			err := c.Check(in)
			if err == nil {
				require.True(t, json.Valid(body) || op == update && len(bytes.TrimSpace(body)) == 0, "what passes is JSON")
				continue
			}
			var e *partnerportal.Error
			require.ErrorAs(t, err, &e, "what is wrong is the caller's fault")
			require.GreaterOrEqual(t, e.Status, 400)
			require.Less(t, e.Status, 500)
			for _, field := range e.Fields {
				require.NotEmpty(t, field.Code)
				require.LessOrEqual(t, len(field.Pointer), 512)
				require.LessOrEqual(t, len(field.Message), 1000)
			}
		}
	})
}

type nopClose struct{}

func (nopClose) Close() error { return nil }

func BenchmarkCheck(b *testing.B) {
	c := load(b)
	b.ReportAllocs()
	for b.Loop() {
		if err := c.Check(incoming(register, "/v1/deals/quick", registration)); err != nil {
			b.Fatal(err)
		}
	}
}
