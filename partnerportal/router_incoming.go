package partnerportal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// maxRequestBody is the largest request body that a [Router] reads into memory, in bytes. Files are streamed, see [Incoming.Upload].
const maxRequestBody = 1 << 20

// Incoming is a request on its way through a [Router].
type Incoming struct {
	// Op is the operation asked for.
	Op *Operation
	// Request is the request as it came.
	Request *http.Request
	// RequestID identifies the exchange; a problem carries it. Middleware sets it.
	RequestID string

	ctx    context.Context
	body   []byte
	read   bool
	upload *Upload
}

// Context returns the context of the request, or what [Incoming.SetContext] made of it.
func (in *Incoming) Context() context.Context {
	if in.ctx != nil {
		return in.ctx
	}
	return in.Request.Context()
}

// SetContext replaces the context for what comes after, as middleware does to hand on who is calling.
func (in *Incoming) SetContext(ctx context.Context) { in.ctx = ctx }

// Query returns the parameters behind the question mark.
func (in *Incoming) Query() url.Values { return in.Request.URL.Query() }

// PathValue returns the decoded argument of the path.
func (in *Incoming) PathValue(name string) string { return in.Request.PathValue(name) }

// IfMatch returns the If-Match header, or "".
func (in *Incoming) IfMatch() string { return in.Request.Header.Get("If-Match") }

// IdempotencyKey returns the Idempotency-Key header, or "".
func (in *Incoming) IdempotencyKey() string { return in.Request.Header.Get("Idempotency-Key") }

// Body returns the request's body, at most 1 MiB; it may be called again.
func (in *Incoming) Body() ([]byte, error) {
	if in.read {
		return in.body, nil
	}
	data, err := io.ReadAll(io.LimitReader(in.Request.Body, maxRequestBody+1))
	if err != nil {
		return nil, &Error{Status: http.StatusBadRequest, Code: "body_unreadable", Detail: "The body ended before it was complete."}
	}
	if len(data) > maxRequestBody {
		return nil, &Error{Status: http.StatusRequestEntityTooLarge, Code: "body_too_large", Detail: fmt.Sprintf("A body may have %d bytes.", maxRequestBody)}
	}
	in.body, in.read = data, true
	return data, nil
}

// Decode decodes the JSON body into v.
func (in *Incoming) Decode(v any) error {
	data, err := in.Body()
	if err != nil {
		return err
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return &Error{Status: http.StatusBadRequest, Code: ErrValidation, Detail: "The operation needs a JSON body."}
	}
	if err := json.Unmarshal(data, v); err != nil {
		return badBody(err)
	}
	return nil
}

// badBody names the field that does not decode, when the decoder knows it.
func badBody(err error) error {
	var wrongType *json.UnmarshalTypeError
	if errors.As(err, &wrongType) && wrongType.Field != "" {
		pointer := "/" + strings.ReplaceAll(wrongType.Field, ".", "/")
		return &Error{Status: http.StatusUnprocessableEntity, Code: ErrValidation, Detail: "A field of the body has the wrong type.",
			Fields: []FieldError{{Pointer: pointer, Code: "invalid_format", Message: "Give a " + wrongType.Type.String() + ", not a " + wrongType.Value + "."}}}
	}
	return &Error{Status: http.StatusBadRequest, Code: ErrValidation, Detail: "The body is not the JSON that the contract asks for: " + clip(err.Error(), 200)}
}

// BadQuery is the answer to query parameters that cannot be understood.
func BadQuery(err error) error {
	return &Error{Status: http.StatusBadRequest, Code: ErrValidation, Detail: clip(err.Error(), 500)}
}

// checkHeaders refuses a request that lacks what the operation demands.
func (in *Incoming) checkHeaders() error {
	if in.Op.IfMatch && in.IfMatch() == "" {
		return &Error{Status: http.StatusPreconditionRequired, Code: "precondition_required",
			Detail: "Send If-Match with the ETag of the revision that you have read."}
	}
	if in.Op.KeyRequired && in.IdempotencyKey() == "" {
		return &Error{Status: http.StatusBadRequest, Code: "idempotency_key_required",
			Detail: "Send an Idempotency-Key, so that the call can be repeated safely."}
	}
	return nil
}
