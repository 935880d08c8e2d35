package partnerportal_test

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/stretchr/testify/require"
)

// A thing is what the portals of these tests keep.
type thing struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

var (
	getThing    = &partnerportal.Operation{ID: "things.get", Method: "GET", Path: "/things/{thing_id}"}
	listThings  = &partnerportal.Operation{ID: "things.list", Method: "GET", Path: "/things"}
	makeThing   = &partnerportal.Operation{ID: "things.create", Method: "POST", Path: "/things", Idempotent: true}
	pokeThing   = &partnerportal.Operation{ID: "things.poke", Method: "POST", Path: "/things/{thing_id}/poke"}
	putThing    = &partnerportal.Operation{ID: "things.put", Method: "PUT", Path: "/things/{thing_id}", IfMatch: true}
	deleteThing = &partnerportal.Operation{ID: "things.delete", Method: "DELETE", Path: "/things/{thing_id}"}
	patchThing  = &partnerportal.Operation{ID: "things.update", Method: "PATCH", Path: "/things/{thing_id}", MediaType: "application/merge-patch+json"}
)

// step is what the scripted portal does with one attempt.
type step struct {
	status  int
	header  http.Header
	body    string
	err     error
	takes   time.Duration // before it answers; ends with the request's context
	respond func(*http.Request) (*http.Response, error)
}

// seen is one request that arrived.
type seen struct {
	at             time.Time
	method, target string
	header         http.Header
	body           string
}

// script is a transport that plays its steps, the last one again and again, and keeps what it is sent.
type script struct {
	mu    sync.Mutex
	steps []step
	seen  []seen
}

func play(steps ...step) *script { return &script{steps: steps} }

func (s *script) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		var err error
		if body, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
		_ = req.Body.Close()
	}
	s.mu.Lock()
	st := s.steps[min(len(s.seen), len(s.steps)-1)]
	s.seen = append(s.seen, seen{time.Now(), req.Method, req.URL.RequestURI(), req.Header.Clone(), string(body)})
	s.mu.Unlock()
	if st.takes > 0 {
		timer := time.NewTimer(st.takes)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-req.Context().Done():
			return nil, req.Context().Err()
		}
	}
	if st.respond != nil {
		return st.respond(req)
	}
	if st.err != nil {
		return nil, st.err
	}
	return answer(st.status, st.header, st.body), nil
}

func (s *script) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.seen)
}

func answer(status int, header http.Header, body string) *http.Response {
	h := http.Header{"Content-Type": {"application/json"}}
	for name, values := range header {
		h[http.CanonicalHeaderKey(name)] = values
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(bytes.NewReader([]byte(body))), ContentLength: int64(len(body))}
}

func ok(body string) step  { return step{status: 200, body: body} }
func status(code int) step { return step{status: code, body: `{}`} }
func retryIn(code int, value string) step {
	return step{status: code, body: `{}`, header: http.Header{"Retry-After": {value}}}
}
func problem(code int, body string) step {
	return step{status: code, body: body, header: http.Header{"Content-Type": {"application/problem+json"}}}
}
func broken(err error) step { return step{err: err} }

var (
	refused = &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	reset   = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
)

// scripted returns a client whose portal is s.
func scripted(t testing.TB, s *script, opts ...partnerportal.Option) *partnerportal.Client {
	t.Helper()
	pp, err := partnerportal.New("https://portal.test", append([]partnerportal.Option{
		partnerportal.WithHTTPClient(&http.Client{Transport: s})}, opts...)...)
	require.NoError(t, err)
	return pp
}

func get(id string) *partnerportal.Request {
	return &partnerportal.Request{Op: getThing, PathArgs: []string{id}}
}
func create() *partnerportal.Request {
	return &partnerportal.Request{Op: makeThing, Body: thing{Name: "new"}}
}
func poke() *partnerportal.Request {
	return &partnerportal.Request{Op: pokeThing, PathArgs: []string{"t1"}, Body: struct{}{}}
}
