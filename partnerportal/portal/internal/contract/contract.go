// Package contract holds the portal to its own contract: it checks requests against the OpenAPI document before any rule sees
// them, and says of every fault where it is and what to change.
package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"github.com/partnerportal/partnerportal-go/openapi"
	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// Contract is the document, ready to check requests with. It is safe for concurrent use.
type Contract struct {
	operations map[string]*operation
	scopes     []string
}

// operation is one operation as the validator wants it.
type operation struct {
	route      *routers.Route
	parameters openapi3.Parameters // of the path and of the operation
	pathNames  []string
	media      string // of the body, "" when there is none
}

// options: members that only the portal sets are ignored, not refused, so that a caller can send back what it has read.
var options = &openapi3filter.Options{
	MultiError:                 true,
	ExcludeReadOnlyValidations: true,
	SkipSettingDefaults:        true,
	AuthenticationFunc:         openapi3filter.NoopAuthenticationFunc, // done before
	SchemaValidationOptions: []openapi3.SchemaValidationOption{openapi3.WithStringFormatValidators(map[string]openapi3.StringFormatValidator{
		// The library's own are patterns, to which 31 February is a day.
		"date":      openapi3.NewCallbackValidator(parses(time.DateOnly)),
		"date-time": openapi3.NewCallbackValidator(parses(time.RFC3339)),
	})},
}

func parses(layout string) func(string) error {
	return func(value string) error {
		_, err := time.Parse(layout, value)
		return err
	}
}

// formOptions leave out the body: a file would have to be read as a whole. The room that takes it in checks it.
var formOptions = func() *openapi3filter.Options {
	o := *options
	o.ExcludeRequestBody = true
	return &o
}()

// Load returns the embedded document. It is read once, for all portals of a process: a tenth of a second, which each test would pay.
func Load() (*Contract, error) { return loaded() }

var loaded = sync.OnceValues(read)

func read() (*Contract, error) {
	doc, err := openapi3.NewLoader().LoadFromData(openapi.Document)
	if err != nil {
		return nil, fmt.Errorf("the embedded contract: %w", err)
	}
	// For 3.1 the validator would compile a JSON Schema for every parameter and body of every request, only to fall back to
	// its own rules: 6.4 ms for a registration instead of 0.05. Those rules know all that the contract uses, the types with
	// null among them; a test watches over it.
	doc.OpenAPI = "3.0.3"
	c := &Contract{operations: map[string]*operation{}}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			o := &operation{
				route:      &routers.Route{Spec: doc, Path: path, PathItem: item, Method: method, Operation: op},
				parameters: slices.Concat(item.Parameters, op.Parameters),
			}
			for _, p := range o.parameters {
				if p.Value.In == openapi3.ParameterInPath {
					o.pathNames = append(o.pathNames, p.Value.Name)
				}
			}
			if op.RequestBody != nil {
				for media, content := range op.RequestBody.Value.Content {
					o.media = media
					closeObjects(content.Schema, map[*openapi3.Schema]bool{})
				}
			}
			c.operations[op.OperationID] = o
		}
	}
	if oauth := doc.Components.SecuritySchemes["oauth2"]; oauth != nil {
		for scope := range oauth.Value.Flows.ClientCredentials.Scopes {
			c.scopes = append(c.scopes, scope)
		}
		slices.Sort(c.scopes)
	}
	return c, nil
}

// closeObjects makes a body's objects refuse members that the contract does not have, unless it says that there may be any:
// who misspells a customer's D-U-N-S number shall hear of it, not lose a conflict. Schemas that also occur in answers cannot
// say so themselves, because a caller must accept what a newer portal adds.
func closeObjects(ref *openapi3.SchemaRef, seen map[*openapi3.Schema]bool) {
	if ref == nil || ref.Value == nil || seen[ref.Value] {
		return
	}
	s, closed := ref.Value, false
	seen[s] = true
	if s.Type == nil && len(s.OneOf)+len(s.AnyOf)+len(s.AllOf) == 0 {
		s.Nullable = true // of a value that may be anything, 3.0 excludes null and 3.1 does not
	}
	if s.AdditionalProperties.Has == nil && s.AdditionalProperties.Schema == nil && len(s.Properties) > 0 {
		s.AdditionalProperties.Has = &closed
	}
	for _, member := range s.Properties {
		closeObjects(member, seen)
	}
	for _, branch := range slices.Concat(s.OneOf, s.AnyOf, s.AllOf) {
		closeObjects(branch, seen)
	}
	closeObjects(s.Items, seen)
}

// Scopes returns all scopes that there are, sorted.
func (c *Contract) Scopes() []string { return slices.Clone(c.scopes) }

// Check checks a request. All that is wrong with it is said at once, in a *partnerportal.Error: 422 when only the content of
// the body is at fault, else 400 or what the fault calls for.
func (c *Contract) Check(in *partnerportal.Incoming) error {
	o, ok := c.operations[in.Op.ID]
	if !ok {
		return fmt.Errorf("the contract has no operation %s", in.Op.ID)
	}
	req := in.Request.WithContext(in.Context()) // a copy: the validator takes the body
	if err := o.checkBody(in, req); err != nil {
		return err
	}
	if err := o.checkText(in); err != nil {
		return err
	}
	unknown := o.unknownParameters(in)
	args := make(map[string]string, len(o.pathNames))
	for _, name := range o.pathNames {
		args[name] = in.PathValue(name)
	}
	input := &openapi3filter.RequestValidationInput{Request: req, PathParams: args, Route: o.route, Options: options, QueryParams: in.Query()}
	if in.Op.Form != nil {
		input.Options = formOptions
	}
	err := openapi3filter.ValidateRequest(in.Context(), input)
	if err == nil && unknown == nil {
		return nil
	}
	return o.problem(err, unknown)
}

// checkBody refuses what no schema can be asked about, and readies the body for the validator.
func (o *operation) checkBody(in *partnerportal.Incoming, req *http.Request) error {
	if o.media == "" {
		req.Body = http.NoBody // whatever was sent is nobody's business
		return nil
	}
	if in.Op.Form != nil {
		req.Body = http.NoBody // a file is not read here
		return o.checkMedia(req)
	}
	body, err := in.Body()
	if err != nil {
		return err
	}
	if len(bytes.TrimSpace(body)) == 0 {
		req.Body = http.NoBody
		return nil
	}
	if err := o.checkMedia(req); err != nil {
		return err
	}
	req.Body, req.GetBody, req.ContentLength = io.NopCloser(bytes.NewReader(body)), nil, int64(len(body))
	return nil
}

func (o *operation) checkMedia(req *http.Request) error {
	if media, _, err := mime.ParseMediaType(req.Header.Get("Content-Type")); err != nil || media != o.media {
		return &partnerportal.Error{Status: http.StatusUnsupportedMediaType, Code: "unsupported_media_type", Detail: "Send the body as " + o.media + "."}
	}
	return nil
}

// checkText refuses text that no database keeps alike: what is no UTF-8, and the character NUL. No schema speaks of these.
func (o *operation) checkText(in *partnerportal.Incoming) error {
	var faults []partnerportal.FieldError
	check := func(pointer, text string) {
		if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
			faults = append(faults, partnerportal.FieldError{Pointer: pointer, Code: "invalid_format", Message: "The text is not UTF-8, or has a NUL in it."})
		}
	}
	for _, name := range o.pathNames {
		if check("", in.PathValue(name)); faults != nil { // an id that cannot exist is one that does not exist
			return &partnerportal.Error{Status: http.StatusNotFound, Code: "not_found", Detail: "There is no such resource."}
		}
	}
	for name, values := range in.Query() {
		for _, value := range values {
			check("?"+clip(strings.ToValidUTF8(name, "")), value)
		}
	}
	status := http.StatusBadRequest
	if o.media != "" && in.Op.Form == nil && faults == nil {
		body, err := in.Body()
		if err != nil {
			return err
		}
		// Rare enough to look closely: the same letters may also be a backslash and what follows it.
		var value any
		if bytes.Contains(body, []byte(`\u0000`)) && json.Unmarshal(body, &value) == nil {
			status = http.StatusUnprocessableEntity
			walk("", value, check)
		}
	}
	if faults == nil {
		return nil
	}
	faults = faults[:min(len(faults), maxFaults)]
	slices.SortFunc(faults, func(a, b partnerportal.FieldError) int { return strings.Compare(a.Pointer, b.Pointer) })
	return &partnerportal.Error{Status: status, Code: partnerportal.ErrValidation, Detail: faults[0].Message, Fields: faults}
}

// walk visits every text in a JSON value, members' names among them.
func walk(at string, value any, visit func(pointer, text string)) {
	switch v := value.(type) {
	case string:
		visit(at, v)
	case []any:
		for i, element := range v {
			walk(at+"/"+strconv.Itoa(i), element, visit)
		}
	case map[string]any:
		for name, member := range v {
			visit(at, name)
			walk(at+"/"+name, member, visit)
		}
	}
}

// unknownParameters finds query parameters that the operation does not have. A misspelt filter must not answer with everything.
func (o *operation) unknownParameters(in *partnerportal.Incoming) []partnerportal.FieldError {
	if in.Request.URL.RawQuery == "" {
		return nil
	}
	var faults []partnerportal.FieldError
	for name := range in.Query() {
		if o.parameter(openapi3.ParameterInQuery, name) == nil {
			faults = append(faults, partnerportal.FieldError{
				Pointer: "?" + clip(name), Code: "not_permitted", Message: "The operation has no such parameter.",
			})
		}
	}
	slices.SortFunc(faults, func(a, b partnerportal.FieldError) int { return strings.Compare(a.Pointer, b.Pointer) })
	return faults
}

func (o *operation) parameter(in, name string) *openapi3.Parameter {
	for _, p := range o.parameters {
		if p.Value.In == in && p.Value.Name == name {
			return p.Value
		}
	}
	return nil
}
