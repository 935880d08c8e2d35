package partnerportal

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
)

// inProcess is a transport that calls a handler on the caller's goroutine and holds its answer in memory; see stream for files.
type inProcess struct{ handler http.Handler }

func (t inProcess) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	in := t.incoming(req)
	defer in.Body.Close()
	w := &memoryWriter{header: make(http.Header)}
	if aborted := w.serve(t.handler, in); aborted {
		return nil, fmt.Errorf("the handler aborted the answer: %w", io.ErrUnexpectedEOF)
	}
	if err := ctx.Err(); err != nil {
		return nil, err // a server's answer would come too late as well
	}
	return w.response(req), nil
}

// incoming is what the handler gets: what a server would give it, and may be changed. The caller's request stays as it is.
func (t inProcess) incoming(req *http.Request) *http.Request {
	in := req.WithContext(req.Context())
	target := *req.URL
	target.Scheme, target.Host = "", ""
	in.URL, in.RequestURI, in.RemoteAddr = &target, req.URL.RequestURI(), "127.0.0.1:0"
	in.Proto, in.ProtoMajor, in.ProtoMinor = "HTTP/1.1", 1, 1
	in.Header, in.GetBody = req.Header.Clone(), nil
	if in.Host == "" {
		in.Host = req.URL.Host
	}
	if in.Body == nil {
		in.Body = http.NoBody
	}
	return in
}

// memoryWriter is the http.ResponseWriter of inProcess.
type memoryWriter struct {
	header http.Header
	sent   http.Header // header as it was when the status was written
	status int
	body   bytes.Buffer
}

func (w *memoryWriter) serve(h http.Handler, req *http.Request) (aborted bool) {
	defer func() {
		if p := recover(); p == http.ErrAbortHandler { //nolint:errorlint // net/http compares the value itself
			aborted = true
		} else if p != nil {
			panic(p)
		}
	}()
	h.ServeHTTP(w, req)
	w.WriteHeader(http.StatusOK)
	return false
}

func (w *memoryWriter) Header() http.Header { return w.header }

func (w *memoryWriter) WriteHeader(status int) {
	if w.status == 0 && status >= 200 { // informational answers are not kept
		w.status, w.sent = status, w.header.Clone()
	}
}

func (w *memoryWriter) Write(p []byte) (int, error) {
	if w.status == 0 {
		if w.header.Get("Content-Type") == "" {
			w.header.Set("Content-Type", http.DetectContentType(p))
		}
		w.WriteHeader(http.StatusOK)
	}
	return w.body.Write(p)
}

// Flush does nothing: the answer is complete when the handler returns.
func (w *memoryWriter) Flush() { w.WriteHeader(http.StatusOK) }

func (w *memoryWriter) response(req *http.Request) *http.Response {
	resp := &http.Response{
		Status: fmt.Sprintf("%d %s", w.status, http.StatusText(w.status)), StatusCode: w.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.sent, Body: http.NoBody, Request: req,
	}
	if w.body.Len() > 0 && req.Method != http.MethodHead && w.status != http.StatusNoContent && w.status != http.StatusNotModified {
		resp.ContentLength = int64(w.body.Len())
		resp.Body = io.NopCloser(&w.body)
	}
	return resp
}
