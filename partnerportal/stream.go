package partnerportal

import (
	"context"
	"io"
	"net/http"
	"time"
)

// stream is what a call has more when a file goes out with it or comes back. Such a call has no time limit of its own, and an attempt
// goes on as long as something moves. Other calls have none of this.
type stream struct {
	outbox   *outbox   // of an upload
	download *Download // to be filled by the answer
	watch    *watch    // of the attempt
}

// longest is the time limit of a call with a file whose caller sets none.
const longest = 24 * time.Hour

var acceptAny = []string{"*/*"}

// receive makes the call one that a file comes back from.
func (k *call) receive(file *Download) {
	k.stream = &stream{download: file}
	k.headers["Accept"] = acceptAny
	k.headers["Accept-Encoding"] = []string{"identity"} // the size is told, and parts are parts of the file
}

// setUpload makes the call one that a file goes out with.
func (k *call) setUpload(ctx context.Context, upload *Upload) error {
	box, mediaType, err := newOutbox(ctx, k.op.Form, upload)
	if err != nil {
		return err
	}
	if k.stream == nil {
		k.stream = new(stream)
	}
	k.stream.outbox = box
	if err := k.request.SetBody(box.open); err != nil {
		return err
	}
	k.request.ContentLength = box.length()
	k.headers["Content-Type"] = []string{mediaType}
	k.headers["Expect"] = []string{"100-continue"} // a refusal comes before the file is sent
	return nil
}

// rest lets go of the caller's reader, and reports whether it can be sent again.
func (s *stream) rest() bool { return s == nil || s.outbox == nil || s.outbox.retire() }

// broken returns why the content of an upload could not be read, nil when that was not it.
func (s *stream) broken() error {
	if s == nil || s.outbox == nil {
		return nil
	}
	return s.outbox.failed()
}

// watch cancels an attempt when nothing has moved for a while.
type watch struct {
	ctx      context.Context // of the attempt
	patience time.Duration
	timer    *time.Timer
}

func (w *watch) moved() { w.timer.Reset(w.patience) }

// begin bounds an attempt by the deadline of the call, and by a watch. It ends with the attempt or, when a file comes back, with that.
func (s *stream) begin(ctx context.Context, deadline time.Time, patience time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithDeadline(ctx, deadline)
	w := &watch{ctx: ctx, patience: patience, timer: time.AfterFunc(patience, cancel)}
	s.watch = w
	return ctx, func() {
		w.timer.Stop()
		cancel()
	}
}

// send hands an attempt's request to the transport.
func (k *call) send(req *http.Request) (*http.Response, error) {
	if k.stream == nil {
		return k.client.transport.RoundTrip(req)
	}
	if reopen, w := req.GetBody, k.stream.watch; reopen != nil {
		req.Body = watchedBody{req.Body, w}
		req.GetBody = func() (io.ReadCloser, error) {
			body, err := reopen()
			return watchedBody{body, w}, err
		}
	}
	if direct, ok := k.client.transport.(inProcess); ok && k.stream.download != nil {
		return direct.stream(req)
	}
	return k.client.transport.RoundTrip(req)
}

// watchedBody is a body in either direction.
type watchedBody struct {
	io.ReadCloser
	watch *watch
}

func (b watchedBody) Read(p []byte) (int, error) {
	if err := b.watch.ctx.Err(); err != nil { // who reads need not know of it
		return 0, err
	}
	n, err := b.ReadCloser.Read(p)
	b.watch.moved()
	return n, err
}

// deliver hands the caller a file that comes back. It reports false when the answer is something else.
func (k *call) deliver(resp *http.Response) bool {
	if k.stream == nil || k.stream.download == nil || resp.StatusCode/100 != 2 {
		return false
	}
	k.handled, k.status, k.header, k.body = true, resp.StatusCode, resp.Header, k.body[:0]
	*k.stream.download = Download{ReadCloser: &arrival{
		watchedBody: watchedBody{resp.Body, k.stream.watch}, ctx: k.request.Context(), end: k.cancel,
		operation: k.op.ID, requestID: resp.Header.Get("X-Request-Id"),
	}}
	k.stream.download.describe(resp)
	resp.Body, k.cancel = http.NoBody, nil // they are the file's now
	return true
}

// arrival is the body of a file that comes back. It outlives its call.
type arrival struct {
	watchedBody

	ctx                  context.Context // the caller's
	end                  context.CancelFunc
	operation, requestID string
}

func (a *arrival) Read(p []byte) (int, error) {
	n, err := a.watchedBody.Read(p)
	if err == nil || err == io.EOF { //nolint:errorlint // readers give it as it is
		return n, err
	}
	e := &Error{Operation: a.operation, RequestID: a.requestID, Code: ErrUnavailable, Err: plainError(err)}
	switch {
	case a.ctx.Err() != nil:
		e.Code, e.Err = "", a.ctx.Err()
	case a.watch.ctx.Err() != nil: // ours: the caller's context is alive
		e.Err = attemptTimeout{}
	}
	return n, e
}

func (a *arrival) Close() error {
	defer a.end()
	return a.watchedBody.Close()
}
