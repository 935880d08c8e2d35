package portaltest

import (
	"encoding/json"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// fault is what happens to some requests instead of, or after, their being served.
type fault struct {
	left      int
	operation string // "" is any
	serve     bool   // the portal carries it out first
	status    int    // 0 breaks the connection
	header    http.Header
}

// FaultOption narrows or shapes a fault.
type FaultOption func(*fault)

// On keeps the fault for one operation, such as "deals.register".
func On(operation string) FaultOption {
	return func(f *fault) { f.operation = operation }
}

// RetryAfter adds the header that asks to wait, in whole seconds.
func RetryAfter(d time.Duration) FaultOption {
	return func(f *fault) { f.header.Set("Retry-After", strconv.Itoa(int(d/time.Second))) }
}

// FailNext answers the next n requests with a status, such as 503 or 429, and the portal does not see them. Requests for
// access tokens are spared unless asked for by On("auth.token"). Faults that are ordered together apply one after the other.
func (p *Portal) FailNext(n, status int, opts ...FaultOption) {
	p.wire.order(&fault{left: n, status: status}, opts)
}

// LoseNext lets the portal carry out the next n requests, and breaks the connection instead of answering: the client cannot
// know what became of them.
func (p *Portal) LoseNext(n int, opts ...FaultOption) {
	p.wire.order(&fault{left: n, serve: true}, opts)
}

// DropNext breaks the connection of the next n requests before the portal sees them.
func (p *Portal) DropNext(n int, opts ...FaultOption) {
	p.wire.order(&fault{left: n}, opts)
}

func (w *wire) order(f *fault, opts []FaultOption) {
	f.header = http.Header{}
	for _, opt := range opts {
		opt(f)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults = append(w.faults, f)
}

// next takes the fault that a request of the operation meets, or nil.
func (w *wire) next(operation string) *fault {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, f := range w.faults {
		if f.operation != operation && (f.operation != "" || operation == tokenOperation) {
			continue
		}
		if f.left--; f.left <= 0 {
			w.faults = append(w.faults[:i:i], w.faults[i+1:]...)
		}
		return f
	}
	return nil
}

// answer sends what the client gets to see of the fault.
func (f *fault) answer(w http.ResponseWriter) {
	if f.status == 0 {
		panic(http.ErrAbortHandler) // what net/http, and the transport in process, take for a broken connection
	}
	maps.Copy(w.Header(), f.header)
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(f.status)
	code := strings.ReplaceAll(strings.ToLower(http.StatusText(f.status)), " ", "_")
	body, err := json.Marshal(&partnerportal.Error{Status: f.status, Code: partnerportal.ErrorCode(code), Detail: "A test asked for this fault."})
	if err != nil {
		panic(err) // three plain members always encode
	}
	_, _ = w.Write(body) // the client is gone; there is nobody left to tell
}

// nowhere takes an answer that will be lost.
type nowhere http.Header

func (n nowhere) Header() http.Header            { return http.Header(n) }
func (n nowhere) Write(data []byte) (int, error) { return len(data), nil }
func (n nowhere) WriteHeader(int)                {}
