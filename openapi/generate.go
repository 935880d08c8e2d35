// Package openapi carries the contract of the partner portal as one document.
//
// The documents beside this file are the source: one for each Go package, common.yaml for the shared models, wire.yaml for
// shared parameters, headers and responses, and webhooks.yaml for what a portal sends. "go generate ./openapi" makes the code
// of both ends and the bundle from them.
package openapi

import _ "embed"

//go:generate env GOWORK=off go -C ../tools run ./contract ..

// Document is the whole contract, OpenAPI 3.1 in JSON. Do not modify it.
//
//go:embed openapi.json
var Document []byte
