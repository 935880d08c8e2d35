module github.com/partnerportal/partnerportal-go/partnerportal/webhook/internal/crosscheck

go 1.26.0

// Its own module, so that no importer of the SDK ever sees the libraries it is checked against.
replace github.com/partnerportal/partnerportal-go => ../../../..

require (
	github.com/partnerportal/partnerportal-go v0.0.0-00010101000000-000000000000
	github.com/standard-webhooks/standard-webhooks/libraries v0.0.1
	github.com/stretchr/testify v1.12.1
	github.com/svix/svix-webhooks v1.44.0
)

require (
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	gopkg.in/validator.v2 v2.0.1 // indirect
)
