package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"text/template"
)

const module = "github.com/partnerportal/partnerportal-go"

var configTemplate = template.Must(template.New("").Parse(`
package: {{.Package}}
output: {{.Output}}
generate: {models: true{{if not .Shared}}, client: true{{end}}}
{{if .Shared}}
{{else}}
import-mapping:
  common.yaml: "partnerportal {{.Module}}/partnerportal"
  wire.yaml: "wire {{.Module}}/never-imported"
additional-imports:
  - {alias: partnerportal, package: {{.Module}}/partnerportal}
{{end}}
compatibility:
  always-prefix-enum-values: true
  disable-required-readonly-as-pointer: true
output-options:
  skip-prune: true
  name-normalizer: ToCamelCaseWithInitialisms
  additional-initialisms: [MDF, SKU, CRM, PDF, DUNS, RFP, SLA, ACV, TCV, SHA256, NPS, CSAT, MSP, SI, ISV, YTD, PO, ETA, UOM, XLSX, LMS, JWKS, SVG, PNG]
  prefer-skip-optional-pointer: true
  prefer-skip-optional-pointer-with-omitzero: true
  skip-enum-validate: true
  exclude-schemas: [Money, Problem, DealEventType, LeadEventType, WebhookEventType, AccountEventType, ProgramEventType, MDFEventType, AssetEventType, CatalogEventType, OrderEventType, QuoteEventType, CredentialEventType, TrainingEventType] # written by hand, or only for readers of the contract
  type-mapping:
    string:
      formats:
        date: {type: {{if not .Shared}}partnerportal.{{end}}Date}
        email: {type: string}
        binary: {type: {{if not .Shared}}partnerportal.{{end}}Content}
  user-templates:
    imports.tmpl: {{.Templates}}/imports.tmpl
    typedef.tmpl: {{.Templates}}/typedef.tmpl
    constants.tmpl: {{.Templates}}/constants.tmpl
    request-bodies.tmpl: {{.Templates}}/empty.tmpl
{{if not .Shared}}
    client.tmpl: {{.Templates}}/client.tmpl
    client-with-responses.tmpl: {{.Templates}}/empty.tmpl
    param-types.tmpl: {{.Templates}}/param-types.tmpl
{{end}}
allow-remote-refs-from: []
`))

func configuration(source, document, folder string) []byte {
	shared := document == "common"
	output := "api.gen.go"
	if shared {
		output = "models.gen.go"
	}
	var b bytes.Buffer
	err := configTemplate.Execute(&b, map[string]any{
		"Package":   filepath.Base(folder),
		"Output":    filepath.Join(folder, output),
		"Shared":    shared,
		"Module":    module,
		"Templates": filepath.Join(source, "templates"),
	})
	if err != nil {
		panic(fmt.Sprintf("the configuration's template is ours: %v", err))
	}
	return b.Bytes()
}
