package partnerportal

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
)

// stream is RoundTrip for an answer that is a file: the handler runs beside the caller, who reads what it writes.
func (t inProcess) stream(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(req.Context())
	body, sink := io.Pipe()
	context.AfterFunc(ctx, func() { sink.CloseWithError(ctx.Err()) }) // nobody will read any more, or may
	w := &pipeWriter{memoryWriter: memoryWriter{header: make(http.Header)}, sink: sink, ready: make(chan struct{})}
	go w.answer(t.handler, t.incoming(req.WithContext(ctx)))
	select {
	case <-w.ready:
	case <-ctx.Done():
		cancel()
		return nil, ctx.Err()
	}
	if w.status == 0 {
		cancel()
		return nil, w.failure
	}
	resp := w.response(req)
	resp.ContentLength, resp.Body = w.length, pipeBody{body, cancel}
	return resp, nil
}

// pipeBody ends the request when the caller has had enough, as a server does.
type pipeBody struct {
	*io.PipeReader
	cancel context.CancelFunc
}

func (b pipeBody) Close() error {
	defer b.cancel()
	return b.PipeReader.Close()
}

// pipeWriter is the http.ResponseWriter of inProcess.stream. Of the memoryWriter it has the headers.
type pipeWriter struct {
	memoryWriter

	sink    *io.PipeWriter
	length  int64 // of the body, -1 when the handler does not say
	written int64
	ready   chan struct{} // closed when there is an answer, or will be none; then the headers are the caller's
	once    sync.Once
	failure error
}

func (w *pipeWriter) answer(h http.Handler, req *http.Request) {
	defer req.Body.Close()
	w.failure = w.run(h, req)
	w.sink.CloseWithError(w.failure) // EOF without one
	w.once.Do(func() { close(w.ready) })
}

// run returns why the answer is not whole. A panic would end the program here, where nobody can recover it.
func (w *pipeWriter) run(h http.Handler, req *http.Request) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the handler aborted the answer: %w", io.ErrUnexpectedEOF)
		}
	}()
	h.ServeHTTP(w, req)
	w.WriteHeader(http.StatusOK)
	if w.written < w.length && req.Method != http.MethodHead {
		return io.ErrUnexpectedEOF
	}
	return nil
}

func (w *pipeWriter) WriteHeader(status int) {
	w.memoryWriter.WriteHeader(status)
	if w.status != 0 {
		w.once.Do(func() {
			w.length = number(w.sent.Get("Content-Length"))
			close(w.ready)
		})
	}
}

func (w *pipeWriter) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	n, err := w.sink.Write(p)
	w.written += int64(n)
	return n, err
}

// Flush sends the headers; what is written does not wait for it.
func (w *pipeWriter) Flush() { w.WriteHeader(http.StatusOK) }
