package main

import (
	"fmt"

	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
)

// part is one part of a form: a text, or the file.
type part struct {
	Name, Field, Type string // of the part, and of the member of the Go struct
	File              bool
}

// form are the parts of an operation's multipart body in the order of the contract, which must end with the one file: a portal
// has to know everything else before the content comes. It is nil for any other body.
func form(op codegen.OperationDefinition) ([]part, error) {
	if op.Spec.RequestBody == nil || op.Spec.RequestBody.Value.Content["multipart/form-data"] == nil {
		return nil, nil
	}
	properties := op.Spec.RequestBody.Value.Content["multipart/form-data"].Schema.Value.Properties
	var parts []part
	for i, name := range codegen.SortedSchemaKeys(properties) {
		schema, err := codegen.GenerateGoSchema(properties[name], []string{name})
		if err != nil {
			return nil, err
		}
		file, last := properties[name].Value.Format == "binary", i == len(properties)-1
		if file != last {
			return nil, fmt.Errorf("%s: a form has one file, its last part", op.SpecOperationId)
		}
		parts = append(parts, part{Name: name, Field: codegen.SchemaNameToTypeName(name), Type: schema.TypeDecl(), File: file})
	}
	return parts, nil
}
