package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// prepare copies the documents to build with what the generator needs and a reader of the contract does not:
// the order of the fields (x-order), and the Go types of merge patches. So the contract stays free of Go.
func prepare(source, build string) error {
	names, err := filepath.Glob(filepath.Join(source, "*.yaml"))
	if err != nil {
		return err
	}
	docs, descriptions := make([]*yaml.Node, len(names)), map[string]*yaml.Node{}
	for i, name := range names {
		if docs[i], err = load(name); err != nil {
			return err
		}
		schemas := child(docs[i], "components", "schemas")
		for j := 0; schemas != nil && j < len(schemas.Content); j += 2 {
			descriptions[schemas.Content[j].Value] = child(schemas.Content[j+1], "description")
		}
	}
	for i, name := range names {
		doc := docs[i]
		if err := addGoTypes(doc, filepath.Base(name) == "common.yaml", descriptions); err != nil {
			return fmt.Errorf("%s: %w", filepath.Base(name), err)
		}
		out, err := yaml.Marshal(doc)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(build, filepath.Base(name)), out, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func load(name string) (*yaml.Node, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return doc.Content[0], nil
}

// addGoTypes changes a document's properties in place. A property that is only a reference, with no description of its
// own beside it, takes over the description of what it refers to; component names are unique over the documents.
func addGoTypes(doc *yaml.Node, shared bool, descriptions map[string]*yaml.Node) error {
	schemas := child(doc, "components", "schemas")
	if schemas == nil {
		return nil
	}
	names := goNames(schemas)
	for i := 0; i < len(schemas.Content); i += 2 {
		schema := schemas.Content[i+1]
		properties := child(schema, "properties")
		if properties == nil {
			continue
		}
		patch := child(schema, "x-pp-patch") != nil
		for j := 0; j < len(properties.Content); j += 2 {
			property := properties.Content[j+1]
			if patch {
				goType, err := patchType(property, names, shared)
				if err != nil {
					return fmt.Errorf("%s.%s: %w", schemas.Content[i].Value, properties.Content[j].Value, err)
				}
				properties.Content[j+1] = optField(goType, property, describe(property, descriptions), j/2+1)
				continue
			}
			order := []*yaml.Node{{Kind: yaml.ScalarNode, Value: "x-order"}, {Kind: yaml.ScalarNode, Tag: "!!int", Value: strconv.Itoa(j/2 + 1)}}
			if ref := child(property, "$ref"); ref != nil {
				if d := describe(property, descriptions); d != nil {
					order = append(order, &yaml.Node{Kind: yaml.ScalarNode, Value: "description"}, d)
				}
				// Siblings of $ref are legal in 3.1, but the generator reads them only beside allOf.
				properties.Content[j+1] = &yaml.Node{Kind: yaml.MappingNode, Content: append(order,
					&yaml.Node{Kind: yaml.ScalarNode, Value: "allOf"},
					&yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{
						{Kind: yaml.MappingNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: "$ref"}, ref}},
					}})}
				continue
			}
			property.Content = append(property.Content, order...)
		}
	}
	return nil
}

// describe is a property's own description, or else that of what it refers to; nil when neither has one.
func describe(property *yaml.Node, descriptions map[string]*yaml.Node) *yaml.Node {
	if own := child(property, "description"); own != nil {
		return own
	}
	ref := child(property, "$ref")
	if choices := child(property, "oneOf"); choices != nil {
		ref = child(choices.Content[0], "$ref")
	}
	if ref == nil {
		return nil
	}
	return descriptions[ref.Value[strings.LastIndex(ref.Value, "/")+1:]]
}

// goNames maps the schemas of a document to their Go names.
func goNames(schemas *yaml.Node) map[string]string {
	names := map[string]string{}
	for i := 0; i < len(schemas.Content); i += 2 {
		name := schemas.Content[i].Value
		names[name] = name
		if n := child(schemas.Content[i+1], "x-go-name"); n != nil {
			names[name] = n.Value
		}
	}
	return names
}

// optField is a property of a merge patch: absent, null or a value. A nested patch is a struct of such fields.
func optField(goType string, property, description *yaml.Node, order int) *yaml.Node {
	field := map[string]any{"x-go-type": goType, "x-omitempty": false, "x-omitzero": true, "x-order": order, "x-go-type-skip-optional-pointer": true}
	if description != nil {
		field["description"] = description.Value
	}
	if name := child(property, "x-go-name"); name != nil {
		field["x-go-name"] = name.Value
	}
	var n yaml.Node
	if err := n.Encode(field); err != nil {
		panic(err) // a map of scalars always encodes
	}
	return &n
}

func patchType(property *yaml.Node, names map[string]string, shared bool) (string, error) {
	t, err := goType(property, names, shared)
	switch {
	case err != nil:
		return "", err
	case strings.HasSuffix(t, "Patch"):
		return t, nil
	case shared:
		return "Opt[" + t + "]", nil
	default:
		return "partnerportal.Opt[" + t + "]", nil
	}
}

// goType is the Go type of a property's value, null left out.
func goType(property *yaml.Node, names map[string]string, shared bool) (string, error) {
	core := "partnerportal."
	if shared {
		core = ""
	}
	if ref := child(property, "$ref"); ref != nil {
		file, name, _ := strings.Cut(ref.Value, "#/components/schemas/")
		if file == "common.yaml" {
			return "partnerportal." + name, nil
		}
		if names[name] == "" {
			return "", fmt.Errorf("unknown schema %s", ref.Value)
		}
		return names[name], nil
	}
	if choices := child(property, "oneOf"); choices != nil {
		return goType(choices.Content[0], names, shared)
	}
	kind := child(property, "type")
	if kind != nil && kind.Kind == yaml.SequenceNode {
		kind = kind.Content[0]
	}
	if kind == nil {
		return "", fmt.Errorf("no type")
	}
	format := ""
	if f := child(property, "format"); f != nil {
		format = f.Value
	}
	switch kind.Value + "/" + format {
	case "string/":
		return "string", nil
	case "string/date":
		return core + "Date", nil
	case "string/date-time":
		return "time.Time", nil
	case "integer/":
		return "int", nil
	case "boolean/":
		return "bool", nil
	case "object/":
		if values := child(property, "additionalProperties", "type"); values != nil && values.Value == "string" {
			return "map[string]string", nil
		}
		return "map[string]any", nil
	case "array/":
		item, err := goType(child(property, "items"), names, shared)
		return "[]" + item, err
	}
	return "", fmt.Errorf("no Go type for %s %s", kind.Value, format)
}

// child follows keys through mappings; it is nil when one of them is missing.
func child(n *yaml.Node, keys ...string) *yaml.Node {
	for _, key := range keys {
		var next *yaml.Node
		for i := 0; n != nil && n.Kind == yaml.MappingNode && i < len(n.Content); i += 2 {
			if n.Content[i].Value == key {
				next = n.Content[i+1]
			}
		}
		n = next
	}
	return n
}
