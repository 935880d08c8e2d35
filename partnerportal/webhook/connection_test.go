package webhook_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

// pipes is a network inside one test: a listener whose connections are net.Pipes, so that synctest's clock rules their deadlines.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { close(p.done); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// client is one connection to a server.
type client struct {
	net.Conn
	t  *testing.T
	in *bufio.Reader
}

// serveOn starts net/http's server on h and returns how to connect to it.
func serveOn(t *testing.T, h http.Handler) func() *client {
	t.Helper()
	p := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
	server := &http.Server{Handler: h, ReadHeaderTimeout: time.Hour}
	go func() { _ = server.Serve(p) }()
	t.Cleanup(func() { _ = server.Close() })
	return func() *client {
		ours, theirs := net.Pipe()
		t.Cleanup(func() { _ = ours.Close() })
		p.conns <- theirs
		return &client{ours, t, bufio.NewReader(ours)}
	}
}

// send writes a request; extra lines follow its headers.
func (c *client) send(q *http.Request, body []byte, extra ...string) {
	c.t.Helper()
	var text bytes.Buffer
	fmt.Fprintf(&text, "POST /hooks HTTP/1.1\r\nHost: test\r\n")
	require.NoError(c.t, q.Header.Write(&text))
	for _, line := range extra {
		text.WriteString(line + "\r\n")
	}
	text.WriteString("\r\n")
	text.Write(body)
	_, err := c.Write(text.Bytes())
	require.NoError(c.t, err)
}

func (c *client) deliver(h *hook, body []byte) {
	c.t.Helper()
	c.send(h.request(body), body, fmt.Sprint("Content-Length: ", len(body)))
}

// answer reads an answer as a whole.
func (c *client) answer() (status int, body string) {
	c.t.Helper()
	resp, err := http.ReadResponse(c.in, nil)
	require.NoError(c.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(c.t, err)
	return resp.StatusCode, string(text)
}

//nolint:thelper // these are the tests
var connectionCases = []receiverCase{
	{103, "one byte a second", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			h := newHook(t)
			body := event("evt_1", "deal.approved")
			c := serveOn(t, h)()
			begin := time.Now()
			c.send(h.request(body), nil, fmt.Sprint("Content-Length: ", len(body)))
			go func() {
				for i := range body {
					if _, err := c.Write(body[i : i+1]); err != nil {
						return
					}
					<-time.After(time.Second)
				}
			}()
			status, text := c.answer()
			assert.Equal(t, 408, status)
			assert.JSONEq(t, `{"code":"body_read"}`, text)
			assert.Equal(t, 10*time.Second, time.Since(begin))
			assert.Zero(t, h.called())
			_ = c.Close()
			synctest.Wait()
			<-time.After(time.Second)
		})
	}},
	{104, "disconnected in the middle of the body", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			store := newSpyStore()
			h := newHook(t, webhook.WithDedupe(store, 0))
			body := event("evt_1", "deal.approved")
			c := serveOn(t, h)()
			c.send(h.request(body), body[:len(body)/2], fmt.Sprint("Content-Length: ", len(body)))
			_ = c.Close()
			synctest.Wait()
			assert.Equal(t, []webhook.Code{webhook.ErrBodyRead}, h.codes)
			assert.Zero(t, store.claims.Load(), "no claim")
			assert.Zero(t, h.called())
		})
	}},
	{105, "handler exceeds its time", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			h := newBareHook(t)
			finish := make(chan struct{})
			webhook.On(h.Receiver, "deal.approved", func(ctx context.Context, ev webhook.Event[deal]) error {
				<-ctx.Done()
				assert.ErrorIs(t, ctx.Err(), context.DeadlineExceeded)
				<-finish // it does not care
				return h.handle(ctx, ev)
			})
			dial := serveOn(t, h)
			c, begin := dial(), time.Now()
			c.deliver(h, event("evt_1", "deal.approved"))
			status, text := c.answer()
			assert.Equal(t, 503, status, "while the handler still runs")
			assert.JSONEq(t, `{"code":"handler_timeout"}`, text)
			assert.Equal(t, 10*time.Second, time.Since(begin))
			<-time.After(4 * time.Second)
			assert.Equal(t, 409, h.deliver(event("evt_1", "deal.approved")), "the lease lasts")
			close(finish)
			synctest.Wait()
			assert.Equal(t, 204, h.deliver(event("evt_1", "deal.approved")))
			assert.Equal(t, 1, h.called(), "its end counted")
			assert.Equal(t, []webhook.Code{webhook.ErrHandlerTimeout, webhook.ErrInFlight}, h.codes)
		})
	}},
	{106, "handler outlives its lease", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			h := newBareHook(t)
			runs := make(chan chan error)
			webhook.On(h.Receiver, "deal.approved", func(context.Context, webhook.Event[deal]) error {
				end := make(chan error)
				runs <- end
				return <-end
			})
			answers := make(chan int, 3)
			deliver := func() chan error {
				go func() { answers <- h.deliver(event("evt_1", "deal.approved")) }()
				return <-runs
			}
			first := deliver()
			<-time.After(15 * time.Second)
			second := deliver()
			first <- nil // its commit comes too late
			assert.Equal(t, 503, <-answers)
			assert.Equal(t, 409, h.deliver(event("evt_1", "deal.approved")), "the second still has it")
			second <- errBroken
			assert.Equal(t, 500, <-answers)
			third := deliver()
			third <- nil
			assert.Equal(t, 204, <-answers)
		})
	}},
	{120, "Expect: 100-continue with a bad timestamp", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			h := newHook(t)
			body := event("evt_1", "deal.approved")
			q := h.request(body)
			q.Header.Set("Webhook-Timestamp", "1")
			c := serveOn(t, h)()
			c.send(q, nil, fmt.Sprint("Content-Length: ", len(body)), "Expect: 100-continue")
			status, text := c.answer()
			assert.Equal(t, 401, status, "and not 100")
			assert.JSONEq(t, `{"code":"timestamp_too_old"}`, text)
			_ = c.Close()
		})
	}},
	{121, "two lengths", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			h := newHook(t)
			body := event("evt_1", "deal.approved")
			dial := serveOn(t, h)
			c := dial()
			c.send(h.request(body), nil, fmt.Sprint("Content-Length: ", len(body)), "Content-Length: 5")
			status, _ := c.answer()
			assert.Equal(t, 400, status, "net/http refuses it")
			_ = c.Close()
			assert.Zero(t, h.called())
			// With a Transfer-Encoding beside it, net/http ignores the length, as RFC 9112 6.3 allows: what was signed is what counts.
			c = dial()
			c.send(h.request(body), []byte("5\r\nwrong\r\n0\r\n\r\n"), fmt.Sprint("Content-Length: ", len(body)), "Transfer-Encoding: chunked")
			status, _ = c.answer()
			assert.Equal(t, 401, status)
			assert.Zero(t, h.called())
			_ = c.Close()
		})
	}},
}

// TestBodyReadBefore gives the hint that saves an afternoon.
func TestBodyReadBefore(t *testing.T) {
	t.Parallel()
	var told error
	h := newHook(t, webhook.WithErrorHook(func(_ context.Context, err *webhook.Error, _ webhook.Header) { told = err }))
	q := h.request(event("evt_1", "deal.approved"))
	_, _ = io.Copy(io.Discard, q.Body)
	assert.Equal(t, 400, h.serve(q).Code)
	assert.ErrorContains(t, told, "read before")
	q = h.request(event("evt_1", "deal.approved"))
	q.Body = http.MaxBytesReader(nil, q.Body, 10)
	assert.Equal(t, 413, h.serve(q).Code)
}
