package contract

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"

	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// maxFaults is how many faults one answer lists; whoever has more repairs these first.
const maxFaults = 100

// faults collects what is wrong with one request.
type faults struct {
	fields []partnerportal.FieldError
	body   bool // something in the body
	other  bool // something beside it
	header *partnerportal.Error
}

// problem turns the validator's errors into the answer.
func (o *operation) problem(err error, unknown []partnerportal.FieldError) error {
	f := &faults{fields: unknown, other: len(unknown) > 0}
	f.add(err)
	if f.header != nil {
		return f.header
	}
	e := &partnerportal.Error{Status: http.StatusUnprocessableEntity, Code: partnerportal.ErrValidation,
		Detail: "The body breaks rules of the contract; errors says which."}
	if f.other || !f.body {
		e.Status, e.Detail = http.StatusBadRequest, "The request breaks rules of the contract; errors says which."
	}
	slices.SortStableFunc(f.fields, func(a, b partnerportal.FieldError) int { return strings.Compare(a.Pointer, b.Pointer) })
	e.Fields = slices.Compact(f.fields)
	e.Fields = e.Fields[:min(len(e.Fields), maxFaults)]
	return e
}

func (f *faults) add(err error) {
	var several openapi3.MultiError
	var request *openapi3filter.RequestError
	switch {
	case err == nil:
	case errors.As(err, &request) && request.Parameter != nil:
		f.parameter(request)
	case errors.As(err, &request):
		f.requestBody(request)
	case errors.As(err, &several):
		for _, one := range several {
			f.add(one)
		}
	default:
		f.other = true // the validator has nothing else to say today
		f.fields = append(f.fields, partnerportal.FieldError{Code: "invalid_value", Message: "The request does not fit the contract."})
	}
}

// parameter notes a fault in the path, the query or a header.
func (f *faults) parameter(err *openapi3filter.RequestError) {
	p := err.Parameter
	missing := errors.Is(err.Err, openapi3filter.ErrInvalidRequired)
	switch {
	case p.In == openapi3.ParameterInPath: // an id that cannot exist is one that does not exist
		f.header = &partnerportal.Error{Status: http.StatusNotFound, Code: "not_found", Detail: "There is no such resource."}
		return
	case missing && p.Name == "If-Match":
		f.header = &partnerportal.Error{Status: http.StatusPreconditionRequired, Code: "precondition_required",
			Detail: "Send If-Match with the ETag of the revision that you have read."}
		return
	case missing && p.Name == "Idempotency-Key":
		f.header = &partnerportal.Error{Status: http.StatusBadRequest, Code: "idempotency_key_required",
			Detail: "Send an Idempotency-Key, so that the call can be repeated safely."}
		return
	}
	f.other = true
	pointer := p.Name
	if p.In == openapi3.ParameterInQuery {
		pointer = "?" + p.Name
	}
	rules := schemaErrors(err.Err)
	if len(rules) == 0 { // it cannot even be read as the type that it should have
		f.fields = append(f.fields, partnerportal.FieldError{Pointer: pointer, Code: "invalid_format", Message: wantedType(p.Schema)})
		return
	}
	for _, rule := range rules {
		for _, field := range explain(rule) {
			field.Pointer = pointer
			f.fields = append(f.fields, field)
		}
	}
}

// requestBody notes the faults in a body.
func (f *faults) requestBody(err *openapi3filter.RequestError) {
	rules := schemaErrors(err.Err)
	if len(rules) == 0 {
		f.header = &partnerportal.Error{Status: http.StatusBadRequest, Code: partnerportal.ErrValidation, Detail: "The body is not JSON."}
		if errors.Is(err.Err, openapi3filter.ErrInvalidRequired) {
			f.header.Detail = "The operation needs a JSON body."
		}
		return
	}
	f.body = true
	for _, rule := range rules {
		f.fields = append(f.fields, explain(rule)...)
	}
}

// schemaErrors finds the rules that were broken. Of a value that may also be null, the rules are those for when it is not.
func schemaErrors(err error) []*openapi3.SchemaError {
	if several, ok := err.(openapi3.MultiError); ok { //nolint:errorlint // a tree walked node by node, not searched
		var all []*openapi3.SchemaError
		for _, one := range several {
			all = append(all, schemaErrors(one)...)
		}
		return all
	}
	rule, ok := err.(*openapi3.SchemaError) //nolint:errorlint // the same
	if !ok {
		return nil
	}
	if rule.SchemaField != "oneOf" && rule.SchemaField != "allOf" || rule.Origin == nil {
		return []*openapi3.SchemaError{rule}
	}
	var branches openapi3.MultiError
	if !errors.As(errors.Unwrap(rule.Origin), &branches) {
		return []*openapi3.SchemaError{rule}
	}
	return slices.DeleteFunc(schemaErrors(branches), func(e *openapi3.SchemaError) bool {
		return e.SchemaField == "type" && e.Schema.Type.Is("null")
	})
}
