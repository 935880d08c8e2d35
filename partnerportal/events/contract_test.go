package events_test

import (
	"bytes"
	"context"
	"encoding/json"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/openapi"
	"github.com/partnerportal/partnerportal-go/partnerportal/events"
	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

// document is what these tests read of the contract.
type document struct {
	Paths      map[string]map[string]json.RawMessage
	Webhooks   map[string]struct{ Post announcement }
	Components struct {
		Schemas map[string]enumeration
	}
}

// enumeration is a schema that lists what there is.
type enumeration struct {
	Description string
	Enum        []string
}

// enumerations are the schemas that list the types of events.
func (d *document) enumerations() map[string]enumeration {
	found := maps.Clone(d.Components.Schemas)
	maps.DeleteFunc(found, func(name string, _ enumeration) bool { return !strings.HasSuffix(name, "EventType") })
	return found
}

// announcement is what the contract says of one type of event.
type announcement struct {
	OperationID, Summary, Description string
	RequestBody                       struct {
		Content map[string]struct {
			Schema   struct{ Ref string } `json:"schema"`
			Example  json.RawMessage
			Examples map[string]struct{ Value json.RawMessage }
		}
	}
}

// examples are the bodies that it shows.
func (a *announcement) examples() []json.RawMessage {
	content := a.RequestBody.Content["application/json"]
	found := []json.RawMessage{}
	if content.Example != nil {
		found = append(found, content.Example)
	}
	for _, e := range content.Examples {
		found = append(found, e.Value)
	}
	return found
}

func readContract(t *testing.T) *document {
	t.Helper()
	doc := new(document)
	require.NoError(t, json.Unmarshal(openapi.Document, doc))
	return doc
}

// TestEveryTypeIsExplained: the contract says of each type of event what it means.
func TestEveryTypeIsExplained(t *testing.T) {
	t.Parallel()
	doc := readContract(t)
	for name, schema := range doc.enumerations() {
		require.NotEmpty(t, schema.Enum)
		for _, kind := range schema.Enum {
			assert.Contains(t, schema.Description, "- `"+kind+"`: ", name)
		}
		assert.Equal(t, len(schema.Enum), strings.Count(schema.Description, "- `"), name)
	}
}

// TestEveryTypeHasItsWebhook: the contract describes what is sent of each type of event, and of no other.
func TestEveryTypeHasItsWebhook(t *testing.T) {
	t.Parallel()
	doc, types := readContract(t), []string{}
	for _, schema := range doc.enumerations() {
		types = append(types, schema.Enum...)
	}
	described := []string{}
	for name, hook := range doc.Webhooks {
		described = append(described, name)
		post := hook.Post
		assert.Equal(t, "webhooks."+name, post.OperationID)
		assert.NotEmpty(t, post.Summary, name)
		assert.NotEmpty(t, post.Description, name)
		assert.NotEmpty(t, post.examples(), name)
	}
	assert.ElementsMatch(t, types, described)
}

// kinds are the kinds of resources that the types of events are about, by what the types begin with.
var kinds = map[string][]string{
	"deal": {"deal"}, "lead": {"lead"}, "mdf": {"mdf_fund", "mdf_allocation", "mdf_request", "mdf_claim"}, "asset": {"asset", "cobrand_job"},
	"commission": {"commission"}, "payout": {"payout"}, "rebate": {"rebate"}, "program": {"program"}, "partner": {"partner"},
	"product": {"product"}, "price_list": {"price_list"}, "config_model": {"config_model"}, "configuration": {"configuration"}, "quote": {"quote"},
	"special_pricing": {"special_pricing"}, "price_policy": {"price_policy"}, "session": {"quote_session"}, "order": {"order"},
	"membership": {"membership"}, "learner": {"learner"}, "training": {"course", "learning_path", "class_session", "enrolment", "training_rule"},
	"credential": {"credential"}, "webhook_endpoint": {"webhook_endpoint"}, "webhook": {"webhook_endpoint"},
}

// readable says that the contract has an operation that reads the resource at a URL.
func (d *document) readable(url, id string) bool {
	for path, operations := range d.Paths {
		collection, _, _ := strings.Cut(path, "{")
		if operations["get"] != nil && strings.HasSuffix(path, "}") && "/v1"+collection+id == url {
			return true
		}
	}
	return false
}

// TestExamplesAreEvents: each example is the body of an event of its type, with nothing that an Event does not have, and a receiver takes
// it to the type's handler. That it fits the schema, .ci/run's linter holds, and the portal's tests that it is what a portal sends.
func TestExamplesAreEvents(t *testing.T) {
	t.Parallel()
	contract := readContract(t)
	for name, hook := range contract.Webhooks {
		for _, body := range hook.Post.examples() {
			var e events.Event
			decoder := json.NewDecoder(bytes.NewReader(body))
			decoder.DisallowUnknownFields()
			require.NoError(t, decoder.Decode(&e), name)
			again, err := json.Marshal(e)
			require.NoError(t, err)
			assert.JSONEq(t, string(body), string(again), "%s: the SDK's Event says the same", name)

			prefix, _, _ := strings.Cut(name, ".")
			assert.Equal(t, name, e.Type)
			assert.Contains(t, kinds[prefix], e.Subject.Type, name)
			assert.True(t, contract.readable(e.Subject.URL, e.Subject.ID), "%s: %s", name, e.Subject.URL)
			assert.Positive(t, e.Subject.Version, name)
			assert.Equal(t, name != events.EventTest, e.Live, name)
			assert.Regexp(t, `^(par_[0-9a-z]{26}|vendor)$`, e.Tenant, name)
			assert.Empty(t, e.Data.Actor.Name, "%s: nothing personal", name)
			assert.Equal(t, name == events.EventPing, e.Data.Challenge != "", name)
			assert.Equal(t, name != events.EventPing, e.Data.State != "", name)
			if name == events.EventPing {
				continue // a receiver answers it by itself
			}
			var handled []string
			in := newInbox(t)
			webhook.On(in.Receiver, name, func(_ context.Context, ev webhook.Event[events.Data]) error {
				handled = append(handled, ev.ID)
				assert.Equal(t, e.Data, ev.Data)
				return nil
			})
			require.NoError(t, in.Dispatch(t.Context(), body), name)
			assert.Equal(t, []string{e.ID}, handled, name)
		}
	}
}

// TestEverythingHasAnExample: who reads the documentation sees each function and each call at work.
func TestEverythingHasAnExample(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	set, parsed := token.NewFileSet(), []*ast.File{}
	var shown []string
	for _, name := range files {
		source, err := os.ReadFile(name)
		require.NoError(t, err)
		if strings.HasSuffix(name, "_test.go") {
			for _, found := range regexp.MustCompile(`(?m)^func Example(\w*)\(\) \{`).FindAllSubmatch(source, -1) {
				shown = append(shown, string(found[1]))
			}
			continue
		}
		file, err := parser.ParseFile(set, name, source, parser.ParseComments)
		require.NoError(t, err)
		parsed = append(parsed, file)
	}
	pkg, err := doc.NewFromFiles(set, parsed, "events")
	require.NoError(t, err)
	for _, f := range pkg.Funcs {
		assert.Contains(t, shown, f.Name)
	}
	for _, typ := range pkg.Types {
		for _, f := range typ.Funcs {
			assert.Contains(t, shown, f.Name)
		}
		if typ.Name != "Client" {
			continue
		}
		for _, m := range typ.Methods {
			assert.Contains(t, shown, "Client_"+m.Name)
		}
	}
}
