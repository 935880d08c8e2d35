package portaltest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/partnerportal/partnerportal-go/openapi"
	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// tokenOperation is the operation that issues access tokens.
const tokenOperation = "auth.token"

// Request is a request as it arrived, before any fault.
type Request struct {
	// Operation is the operation's name in the contract, such as "deals.register"; "" for a path that is none.
	Operation string
	Method    string
	// Path is path and query as they were sent.
	Path string
	// Header has no Authorization: that a test may print it must not print a secret.
	Header http.Header
	// Body is nil for requests of access tokens, for the same reason, and for uploads, which nobody holds in memory.
	Body []byte
}

// Requests returns the requests of an operation, in the order of their arrival; "" returns those of all operations.
func (p *Portal) Requests(operation string) []Request {
	p.wire.mu.Lock()
	defer p.wire.mu.Unlock()
	var found []Request
	for _, r := range p.wire.requests {
		if operation == "" || r.Operation == operation {
			found = append(found, r)
		}
	}
	return found
}

// ForgetRequests makes Requests start anew.
func (p *Portal) ForgetRequests() {
	p.wire.mu.Lock()
	defer p.wire.mu.Unlock()
	p.wire.requests = nil
}

// wire lies between the clients and the portal: it notes what passes and interferes where the test has asked for it.
type wire struct {
	portal     http.Handler
	operations *http.ServeMux // only to tell which operation a request is for

	mu       sync.Mutex
	faults   []*fault
	requests []Request
}

func newWire(portal http.Handler) *wire { return &wire{portal: portal, operations: operations()} }

func (w *wire) ServeHTTP(answer http.ResponseWriter, r *http.Request) {
	operation := w.operation(r)
	w.note(operation, r)
	f := w.next(operation)
	switch {
	case f == nil:
		w.portal.ServeHTTP(answer, r)
	case f.serve:
		w.portal.ServeHTTP(nowhere{}, r)
		f.answer(answer)
	default:
		f.answer(answer)
	}
}

func (w *wire) note(operation string, r *http.Request) {
	seen := Request{Operation: operation, Method: r.Method, Path: r.URL.RequestURI(), Header: r.Header.Clone()}
	seen.Header.Del("Authorization")
	isForm := strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data")
	if operation != tokenOperation && !isForm && r.Body != nil {
		body, err := io.ReadAll(r.Body)
		r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), failing{err}))
		seen.Body = body
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.requests = append(w.requests, seen)
}

// failing repeats the error with which reading a body ended.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return 0, io.EOF
}

func (w *wire) operation(r *http.Request) string {
	handler, pattern := w.operations.Handler(r)
	if named, ok := handler.(operation); ok && pattern != "" {
		return string(named)
	}
	return ""
}

// operation is the name of an operation, in the place where a mux has a handler.
type operation string

func (operation) ServeHTTP(http.ResponseWriter, *http.Request) {}

// operations knows the path of every operation of the contract.
var operations = sync.OnceValue(func() *http.ServeMux {
	var doc struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	if err := json.Unmarshal(openapi.Document, &doc); err != nil {
		panic(err) // the document is part of the program
	}
	mux := http.NewServeMux()
	methods := []string{"get", "put", "post", "patch", "delete"}
	for path, item := range doc.Paths {
		for method, raw := range item {
			var op struct {
				ID string `json:"operationId"`
			}
			if !slices.Contains(methods, method) || json.Unmarshal(raw, &op) != nil {
				continue
			}
			base := partnerportal.BasePath
			if op.ID == tokenOperation {
				base = ""
			}
			mux.Handle(strings.ToUpper(method)+" "+base+path, operation(op.ID))
		}
	}
	return mux
})
