package partnerportal

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
)

// BasePath is where the operations of the contract live on a portal's host.
const BasePath = "/v1"

// Router routes requests to the operations of a portal and answers with what they return. It is the server's end of the contract:
// the Mount function of each generated package registers its operations on one Router. What all operations share, such as
// authentication and idempotency, is [Middleware].
type Router struct {
	mux        *http.ServeMux
	middleware []Middleware
	// OnError hears of errors that are answered as 500 without saying why, and of panics. It may be nil.
	OnError func(in *Incoming, err error)
}

// Endpoint answers one request. An [*Error] is answered as problem details; any other error as 500 that does not say why.
type Endpoint func(in *Incoming) (*Reply, error)

// Middleware wraps every [Endpoint] of a [Router].
type Middleware func(next Endpoint) Endpoint

// NewRouter returns a Router whose operations all pass through the middleware, the first being the outermost.
func NewRouter(middleware ...Middleware) *Router {
	return &Router{mux: http.NewServeMux(), middleware: middleware}
}

// Handle registers an operation. What serve returns is encoded as JSON with the operation's status, and with an ETag if it
// has one; nil is answered without a body, and a [*Download] with the file. The headers that the operation demands are checked first.
func (r *Router) Handle(op *Operation, serve func(in *Incoming) (any, error)) {
	endpoint := func(in *Incoming) (*Reply, error) {
		if err := in.checkHeaders(); err != nil {
			return nil, err
		}
		value, err := serve(in)
		if err != nil {
			return nil, err
		}
		reply, err := newReply(op, value)
		if err == nil && op.Conditional {
			reply.leaveOut(in.Request.Header.Values("If-None-Match"))
		}
		return reply, err
	}
	for _, wrap := range slices.Backward(r.middleware) {
		endpoint = wrap(endpoint)
	}
	r.mux.HandleFunc(op.Method+" "+BasePath+op.Path, func(w http.ResponseWriter, req *http.Request) {
		in := &Incoming{Op: op, Request: req}
		if op.Form != nil {
			in.Request = req.WithContext(req.Context()) // a copy: by the type of its own body the server knows what is unread
			in.Request.Body = &patientBody{ReadCloser: req.Body, patience: newPatience(w)}
		}
		reply, err := r.run(endpoint, in)
		if err != nil {
			reply = r.problem(in, err)
		}
		reply.write(w, in)
	})
}

// run contains panics, so that one broken operation does not take the connection with it.
func (r *Router) run(endpoint Endpoint, in *Incoming) (reply *Reply, err error) {
	defer func() {
		if v := recover(); v != nil {
			reply, err = nil, fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	return endpoint(in)
}

// problem is the reply to a failure. Only an *Error is meant for the caller.
func (r *Router) problem(in *Incoming, err error) *Reply {
	var e *Error
	if !errors.As(err, &e) {
		if r.OnError != nil && !errors.Is(err, context.Canceled) {
			r.OnError(in, err)
		}
		e = &Error{Status: http.StatusInternalServerError, Code: "internal_error", Detail: "The portal failed. Nothing was changed; try again."}
	}
	return problemReply(e, in.RequestID)
}

// ServeHTTP answers a request. A path or method that no operation has is answered as problem details too.
func (r *Router) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	handler, pattern := r.mux.Handler(req)
	if pattern != "" {
		r.mux.ServeHTTP(w, req)
		return
	}
	in := &Incoming{Request: req}
	e := &Error{Status: http.StatusNotFound, Code: "not_found", Detail: "There is no such path in this contract."}
	// ServeMux knows which methods a path has, but tells only by answering.
	refusal := headerOnly{}
	handler.ServeHTTP(refusal, req)
	if allow := refusal.Header().Get("Allow"); allow != "" {
		w.Header().Set("Allow", allow)
		e = &Error{Status: http.StatusMethodNotAllowed, Code: "method_not_allowed", Detail: "This path takes " + strings.ReplaceAll(allow, ",", " or") + "."}
	}
	problemReply(e, w.Header().Get("X-Request-Id")).write(w, in)
}

// headerOnly hears what a handler would answer and drops the body.
type headerOnly http.Header

func (h headerOnly) Header() http.Header            { return http.Header(h) }
func (h headerOnly) Write(data []byte) (int, error) { return len(data), nil }
func (h headerOnly) WriteHeader(int)                {}
