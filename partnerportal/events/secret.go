package events

import (
	"fmt"
	"io"
	"log/slog"
)

// ETag returns the entity tag of the endpoint, for [partnerportal.IfMatch].
func (s *EndpointSecret) ETag() string { return s.Endpoint.ETag() }

// String returns the endpoint's id. However an EndpointSecret is printed or logged, it does not show the secret; as JSON it does.
func (s EndpointSecret) String() string { return "secret of " + s.Endpoint.ID }

// GoString returns what [EndpointSecret.String] does.
func (s EndpointSecret) GoString() string { return s.String() }

// Format writes what [EndpointSecret.String] returns, whatever the verb.
func (s EndpointSecret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue returns what [EndpointSecret.String] does.
func (s EndpointSecret) LogValue() slog.Value { return slog.StringValue(s.String()) }
