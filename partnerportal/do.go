package partnerportal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/google/go-querystring/query"
)

// Do makes a call and decodes its result into out, which may be nil. It is the one door that all calls go through: the generated
// packages use it, and with an [Operation] of your own it reaches what this version of the SDK does not know yet. The error is
// always an [*Error]; when there is one, out may not be used.
func (c *Client) Do(ctx context.Context, req *Request, out any, opts ...RequestOption) error {
	k := c.calls.Get().(*call)
	defer k.release()
	if err := k.prepare(ctx, req, out, opts); err != nil {
		e := &Error{Code: ErrInvalidArgument, Err: err}
		if req != nil && req.Op != nil {
			e.Operation = req.Op.ID
		}
		return e
	}
	if err := k.run(); err != nil {
		return err
	}
	return nil
}

// Invoke is [Client.Do] for calls that answer with a T.
func Invoke[T any](ctx context.Context, c *Client, req *Request, opts ...RequestOption) (*T, error) {
	out := new(T)
	if err := c.Do(ctx, req, out, opts...); err != nil {
		return nil, err
	}
	return out, nil
}

// Headers whose values are the same for every request. net/http and transports do not write to them.
var (
	acceptJSON = []string{"application/json, application/problem+json"}
	sendsJSON  = []string{"application/json"}
)

// noHeaders are the headers that go through the loop and net/http's client. The client copies what it is given in case a redirect
// needs it, which none ever does; the real ones are put on in RoundTrip. Never written to.
var noHeaders = http.Header{}

// prepare builds the request of a call. Its errors are the caller's to mend: nothing has been sent.
func (k *call) prepare(ctx context.Context, req *Request, out any, opts []RequestOption) error {
	if ctx == nil {
		return errors.New("the context is nil")
	}
	if req == nil || req.Op == nil {
		return errors.New("the request has no operation")
	}
	c, op := k.client, req.Op
	k.op, k.out = op, out
	if err := k.settings.apply(opts); err != nil {
		return err
	}
	if err := k.chooseKey(); err != nil {
		return err
	}
	var path requestPath
	var err error
	if path, k.scratch, err = expandPath(c.prefix, op, req.PathArgs, k.scratch); err != nil {
		return err
	}
	rawQuery, err := encodeQuery(req.Query)
	if err != nil {
		return fmt.Errorf("the query cannot be encoded: %w", err)
	}
	// An empty URL is filled in below: parsing one that was just put together costs more than all the rest.
	hr, err := http.NewRequestWithContext(ctx, op.Method, "", nil)
	if err != nil {
		return fmt.Errorf("the method %q is not one", op.Method)
	}
	hr.URL.Scheme, hr.URL.Host, hr.URL.Path, hr.URL.RawPath, hr.URL.RawQuery = c.scheme, c.host, path.path, path.raw, rawQuery
	hr.Host = c.host
	k.headers, hr.Header = hr.Header, noHeaders
	k.headers["Accept"], k.headers["User-Agent"] = acceptJSON, c.userAgent
	k.request.Request = hr
	if file, ok := out.(*Download); ok {
		k.receive(file)
	}
	if req.Body != nil {
		if err := k.setBody(ctx, req.Body); err != nil {
			return err
		}
	}
	if k.settings.key != "" {
		k.headers["Idempotency-Key"] = []string{k.settings.key}
	}
	if k.settings.ifMatch != "" {
		k.headers["If-Match"] = []string{k.settings.ifMatch}
	}
	for _, h := range k.settings.headers {
		k.headers[h.name] = []string{h.value}
	}
	k.schedule(ctx)
	return nil
}

// chooseKey gives the call its idempotency key, once for all attempts.
func (k *call) chooseKey() error {
	switch {
	case k.settings.key != "" && !k.op.Idempotent:
		return errors.New("WithIdempotencyKey: the operation takes no idempotency key, so one would protect nothing")
	case k.settings.key == "" && k.op.Idempotent:
		k.settings.key = newKey()
	}
	switch k.op.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		k.safe, k.repeatable = true, true
	case http.MethodPut, http.MethodDelete:
		k.repeatable = true
	default:
		k.repeatable = k.settings.key != ""
	}
	return nil
}

// setBody encodes the body once. The bytes are not pooled: a transport may still read them after the answer has come.
func (k *call) setBody(ctx context.Context, body any) error {
	if upload, ok := body.(*Upload); ok {
		return k.setUpload(ctx, upload)
	}
	data, isRaw := body.([]byte)
	if !isRaw {
		var err error
		if data, err = json.Marshal(body); err != nil {
			return fmt.Errorf("the body cannot be encoded: %w", err)
		}
	}
	if len(data) == 0 {
		return nil // net/http would take an empty reader for a body of unknown length
	}
	if k.op.MediaType == "" {
		k.headers["Content-Type"] = sendsJSON
	} else {
		k.headers["Content-Type"] = []string{k.op.MediaType}
	}
	return k.request.SetBody(data)
}

// schedule fixes how long the call and its attempts may take.
func (k *call) schedule(ctx context.Context) {
	c, s := k.client, &k.settings
	k.retry = s.retry.over(c.retry)
	k.attemptTimeout = s.attemptTimeout
	if k.attemptTimeout == 0 {
		k.attemptTimeout = c.attemptTimeout
	}
	total := s.timeout
	if total == 0 {
		total = c.timeout
	}
	deadline, limited := ctx.Deadline()
	switch {
	case total == 0 && k.stream != nil:
		total = longest
	case total == 0 && !limited:
		total = defaultTimeout
	}
	if total > 0 {
		if own := time.Now().Add(total); !limited || own.Before(deadline) {
			deadline = own
		}
	}
	k.deadline = deadline
}

func encodeQuery(q any) (string, error) {
	switch q := q.(type) {
	case nil:
		return "", nil
	case url.Values:
		return q.Encode(), nil
	}
	values, err := query.Values(q)
	if err != nil {
		return "", err
	}
	return values.Encode(), nil
}
