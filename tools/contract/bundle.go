package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"gopkg.in/yaml.v3"
)

const introduction = `One contract for both ends of a partner portal: deal registration and lead distribution.

Errors are problem details (RFC 9457) with a machine-readable code. Lists are cursors. State changes are actions, never a
PATCH of a status. A POST that creates takes an Idempotency-Key and can be repeated safely; a changed resource carries a
revision and its ETag.

What happens is pushed to endpoints that callers register (webhooks) and kept in a feed (GET /events); both tell the same.`

// bundle writes all documents as one, for readers, tools and the portal. Component names are unique over the
// documents, so references only lose their file.
func bundle(source, output string) error {
	whole := object{
		"openapi":    "3.1.0",
		"info":       object{"title": "Partner portal", "version": "1.0.0", "description": introduction, "license": object{"name": "Apache-2.0", "identifier": "Apache-2.0"}},
		"servers":    []any{object{"url": "/v1"}},
		"tags":       []any{},
		"paths":      object{},
		"webhooks":   object{},
		"components": object{},
	}
	for _, name := range bundled {
		doc, err := load(filepath.Join(source, name+".yaml"))
		if err != nil {
			return err
		}
		rewriteRefs(doc)
		var part object
		if err := doc.Decode(&part); err != nil {
			return err
		}
		if err := merge(whole, part); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(whole); err != nil {
		return err
	}
	return os.WriteFile(output, b.Bytes(), 0o644) //nolint:gosec // the contract is public
}

type object = map[string]any

// merge adds a document's tags, paths, webhooks and components; nothing may be there twice.
func merge(whole, part object) error {
	if tags, ok := part["tags"].([]any); ok {
		whole["tags"] = append(whole["tags"].([]any), tags...)
	}
	for _, section := range []string{"paths", "webhooks"} {
		if err := addAll(whole[section].(object), part[section]); err != nil {
			return err
		}
	}
	components, _ := part["components"].(object)
	all := whole["components"].(object)
	for kind, members := range components {
		if all[kind] == nil {
			all[kind] = object{}
		}
		if err := addAll(all[kind].(object), members); err != nil {
			return err
		}
	}
	return nil
}

func addAll(to object, from any) error {
	members, _ := from.(object)
	for name, value := range members {
		if _, taken := to[name]; taken {
			return fmt.Errorf("%s stands in two documents", name)
		}
		to[name] = value
	}
	return nil
}

// rewriteRefs turns references into other documents into references within the bundle.
func rewriteRefs(n *yaml.Node) {
	if n.Kind == yaml.MappingNode {
		for i := 0; i < len(n.Content); i += 2 {
			if n.Content[i].Value == "$ref" {
				_, pointer, _ := strings.Cut(n.Content[i+1].Value, "#")
				n.Content[i+1].Value = "#" + pointer
			}
		}
	}
	for _, c := range n.Content {
		rewriteRefs(c)
	}
}
