package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/util"
	"gopkg.in/yaml.v3"
)

// generate makes the Go code of one prepared document with oapi-codegen and our templates.
func generate(source, build, document, folder string) error {
	var config struct {
		codegen.Configuration `yaml:",inline"`
		OutputFile            string `yaml:"output"`
	}
	if err := yaml.Unmarshal(configuration(source, document, folder), &config); err != nil {
		return err
	}
	config.Configuration = config.UpdateDefaults()
	if err := config.Validate(); err != nil {
		return err
	}
	spec, err := util.LoadSwagger(filepath.Join(build, document+".yaml"))
	if err != nil {
		return err
	}
	code, err := codegen.Generate(spec, config.Configuration)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil { //nolint:gosec // source code is public
		return err
	}
	return os.WriteFile(config.OutputFile, []byte(tidy(code)), 0o644) //nolint:gosec // source code is public
}

var bothOmits = regexp.MustCompile(`(?m)^(\t\w+ +)(\S+)( +` + "`" + `json:"\w+),omitempty,omitzero"`)

// tidy takes out of the generator's code what a person would not have written: two ways to omit one field, where for
// slices, maps and any only omitempty counts and for everything else only omitzero, and the old name of any.
func tidy(code string) string {
	code = strings.ReplaceAll(code, "interface{}", "any")
	return bothOmits.ReplaceAllStringFunc(code, func(field string) string {
		m := bothOmits.FindStringSubmatch(field)
		omit := "omitzero"
		if strings.HasPrefix(m[2], "[]") || strings.HasPrefix(m[2], "map[") || m[2] == "any" {
			omit = "omitempty"
		}
		return m[1] + m[2] + m[3] + "," + omit + `"`
	})
}

// What our templates ask of an operation beyond oapi-codegen's own functions. They are registered beside those,
// because the generator hands one function map to every template.
func init() {
	codegen.TemplateFunctions["ppMethod"] = method
	codegen.TemplateFunctions["ppBody"] = body
	codegen.TemplateFunctions["ppForm"] = form
	codegen.TemplateFunctions["ppResult"] = result
	codegen.TemplateFunctions["ppStatus"] = status
	codegen.TemplateFunctions["ppHeader"] = header
	codegen.TemplateFunctions["ppConditional"] = conditional
	codegen.TemplateFunctions["ppScopes"] = scopes
	codegen.TemplateFunctions["ppDoc"] = documentation
	codegen.TemplateFunctions["ppParamType"] = paramType
}

func method(op codegen.OperationDefinition) string {
	name, _ := op.Spec.Extensions["x-pp-method"].(string)
	return name
}

func body(op codegen.OperationDefinition) string {
	for _, b := range op.Bodies {
		return b.Schema.TypeDecl()
	}
	return ""
}

// success is the operation's 2xx response. The contract declares exactly one; beside that of a file may stand the one of its parts.
func success(op codegen.OperationDefinition) codegen.ResponseDefinition {
	for _, r := range op.Responses {
		if strings.HasPrefix(r.StatusCode, "2") {
			return r
		}
	}
	panic(op.SpecOperationId + " declares no 2xx response")
}

func status(op codegen.OperationDefinition) string { return success(op).StatusCode }

// result is the Go type of an answer. One that is not JSON is a file, which is streamed.
func result(op codegen.OperationDefinition) string {
	contents := success(op).Contents
	switch {
	case len(contents) == 0:
		return ""
	case util.IsMediaTypeJson(contents[0].ContentType):
		return contents[0].Schema.TypeDecl()
	}
	return "partnerportal.Download"
}

// conditional says that an operation is answered 304 to those who have its result already.
func conditional(op codegen.OperationDefinition) bool {
	return slices.ContainsFunc(op.Responses, func(r codegen.ResponseDefinition) bool { return r.StatusCode == strconv.Itoa(http.StatusNotModified) })
}

// header says whether an operation takes a header: "required", "optional" or "".
func header(op codegen.OperationDefinition, name string) string {
	for _, p := range op.HeaderParams {
		if p.ParamName == name && p.Required {
			return "required"
		}
		if p.ParamName == name {
			return "optional"
		}
	}
	return ""
}

// scopes are those of which a caller needs one.
func scopes(op codegen.OperationDefinition) []string {
	if op.Spec.Security == nil {
		return nil
	}
	var all []string
	for _, requirement := range *op.Spec.Security {
		all = append(all, requirement["oauth2"]...)
	}
	return all
}

func documentation(op codegen.OperationDefinition) string {
	var b strings.Builder
	fmt.Fprintf(&b, "// %s %s\n//\n", method(op), op.Summary)
	for line := range strings.Lines(strings.TrimSpace(op.Spec.Description)) {
		fmt.Fprintf(&b, "// %s\n", strings.TrimSpace(line))
	}
	if codes, _ := op.Spec.Extensions["x-problem-codes"].([]any); len(codes) > 0 {
		b.WriteString("//\n// Problem codes: ")
		for i, code := range codes {
			if i > 0 {
				b.WriteString(", ")
			}
			fmt.Fprint(&b, code)
		}
		b.WriteString(".\n")
	}
	if s := scopes(op); len(s) > 0 {
		fmt.Fprintf(&b, "// Scope: %s.\n", strings.Join(s, " or "))
	}
	fmt.Fprintf(&b, "//\n// %s %s", op.Method, op.Path)
	return b.String()
}

// paramType is a query parameter's type. Shared parameters come from wire.yaml, which is mapped but never
// generated, so that the core does not export a type per parameter.
func paramType(p codegen.ParameterDefinition) string {
	if !strings.HasPrefix(p.Schema.GoType, "wire.") {
		return p.Schema.GoType
	}
	if _, name, ok := strings.Cut(p.Spec.Schema.Ref, "common.yaml#/components/schemas/"); ok {
		return "partnerportal." + name
	}
	schema := p.Spec.Schema.Value
	switch {
	case schema.Type.Is("integer"):
		return "int"
	case schema.Type.Is("boolean"):
		return "bool"
	case schema.Type.Is("array"):
		return "[]string"
	case schema.Format == "date-time":
		return "time.Time"
	default:
		return "string"
	}
}
