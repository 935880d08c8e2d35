package contract

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// explain says which rule a value breaks and what to change. It names the rule and never repeats the value, which may be a
// person's data and would end up in logs.
func explain(e *openapi3.SchemaError) []partnerportal.FieldError {
	path, s := e.JSONPointer(), e.Schema
	at := func(code, message string) []partnerportal.FieldError {
		return []partnerportal.FieldError{{Pointer: pointer(path), Code: code, Message: message}}
	}
	switch e.SchemaField {
	case "required":
		name := path[len(path)-1]
		return at("required", sentence(name+" is missing", about(name, s.Properties[name])))
	case "properties":
		return unknownMembers(e, path)
	case "enum":
		return at("invalid_enum", "Use one of: "+choices(s.Enum)+".")
	case "type", "oneOf", "anyOf":
		return at("invalid_format", wantedType(&openapi3.SchemaRef{Value: s}))
	case "nullable":
		return at("invalid_value", "null is not accepted here: give a value, or leave the member out where it may be missing.")
	case "pattern":
		return at("invalid_format", sentence("The value must match "+s.Pattern, about("It", &openapi3.SchemaRef{Value: s})))
	case "format":
		return at("invalid_format", wantedFormat(s.Format))
	case "minLength":
		if s.MinLength == 1 {
			return at("required", "The value must not be empty.")
		}
		return at("out_of_range", fmt.Sprintf("Give at least %d characters.", s.MinLength))
	case "maxLength":
		return at("out_of_range", fmt.Sprintf("Give at most %d characters.", *s.MaxLength))
	case "minimum":
		return at("out_of_range", "Give a number of at least "+number(*s.Min)+".")
	case "maximum":
		return at("out_of_range", "Give a number of at most "+number(*s.Max)+".")
	case "minItems":
		return at("too_few", fmt.Sprintf("Give at least %d.", s.MinItems))
	case "maxItems":
		return at("too_many", fmt.Sprintf("Give at most %d.", *s.MaxItems))
	case "minProperties":
		return at("too_few", fmt.Sprintf("Give at least %d members.", s.MinProps))
	case "maxProperties":
		return at("too_many", fmt.Sprintf("Give at most %d members.", *s.MaxProps))
	}
	return at("invalid_value", "The value breaks the rule "+e.SchemaField+" of the contract.")
}

// unknownMembers names each member that the contract does not have; the validator only says where they are.
func unknownMembers(e *openapi3.SchemaError, path []string) []partnerportal.FieldError {
	members, _ := e.Value.(map[string]any)
	var fields []partnerportal.FieldError
	for name := range members {
		if e.Schema.Properties[name] == nil && strings.Contains(e.Reason, strconv.Quote(name)) {
			fields = append(fields, partnerportal.FieldError{
				Pointer: pointer(append(slices.Clip(path), name)), Code: "not_permitted", Message: "The contract has no such member here.",
			})
		}
	}
	return fields
}

var pointerEscape = strings.NewReplacer("~", "~0", "/", "~1")

// pointer writes a path as a JSON pointer (RFC 6901); that of the whole body is "".
func pointer(path []string) string {
	var b strings.Builder
	for _, step := range path {
		b.WriteByte('/')
		b.WriteString(pointerEscape.Replace(step))
	}
	return clip(b.String())
}

// clip keeps a name that the caller made up within what the contract says of a pointer.
func clip(s string) string {
	const most = 500
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

// about is what the contract says of a member, whose descriptions go on after its name: "currency is the ISO 4217 code".
func about(name string, ref *openapi3.SchemaRef) string {
	if ref == nil || ref.Value == nil {
		return ""
	}
	text, _, _ := strings.Cut(ref.Value.Description, "\n")
	text, _, _ = strings.Cut(text, ". ")
	if text == "" {
		return ""
	}
	return name + " " + strings.TrimSuffix(text, ".")
}

func sentence(parts ...string) string {
	var kept []string
	for _, part := range parts {
		if part != "" {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, "; ") + "."
}

func choices(values []any) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = fmt.Sprint(v)
	}
	return strings.Join(words, ", ")
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

func wantedType(ref *openapi3.SchemaRef) string {
	if ref == nil || ref.Value == nil {
		return "The value cannot be read."
	}
	s := ref.Value
	if s.Type == nil {
		for _, branch := range s.OneOf {
			if !branch.Value.Type.Is("null") {
				return wantedType(branch)
			}
		}
		return "The value does not fit the contract."
	}
	if s.Format != "" && s.Type.Permits("string") {
		return wantedFormat(s.Format)
	}
	for _, name := range s.Type.Slice() {
		switch name {
		case "array":
			return "Give a list."
		case "boolean":
			return "Give true or false."
		case "integer":
			return "Give a whole number."
		case "number":
			return "Give a number."
		case "object":
			return "Give an object."
		case "string":
			return "Give a text, in quotes."
		}
	}
	return "The value does not fit the contract."
}

func wantedFormat(format string) string {
	switch format {
	case "date":
		return "Give a day as YYYY-MM-DD."
	case "date-time":
		return "Give an instant as RFC 3339 has it, such as 2026-11-22T08:00:00Z."
	}
	return "The value is not a " + format + "."
}
