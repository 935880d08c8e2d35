package partnerportal_test

import (
	"bufio"
	"compress/gzip"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// These tests break real connections; numbers are rows of the fault table in research/reliability.md, 4.1. What can be had
// without sockets is in retry_test.go, on fake time.

// rawPortal listens and lets serve write each answer by hand. It counts the requests that reached it.
func rawPortal(t *testing.T, serve func(n int64, conn net.Conn)) (url string, arrived *atomic.Int64) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	arrived = new(atomic.Int64)
	var conns sync.WaitGroup
	conns.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conns.Go(func() {
				defer conn.Close()
				req, err := http.ReadRequest(bufio.NewReader(conn))
				if err != nil {
					return
				}
				_, _ = io.Copy(io.Discard, req.Body)
				serve(arrived.Add(1), conn)
			})
		}
	})
	t.Cleanup(func() { _ = listener.Close(); conns.Wait() })
	return "http://" + listener.Addr().String(), arrived
}

func quickly(t *testing.T, base string, opts ...partnerportal.Option) *partnerportal.Client {
	t.Helper()
	pp, err := partnerportal.New(base, append([]partnerportal.Option{partnerportal.WithAPIKey("ppk_1"),
		partnerportal.WithRetry(partnerportal.RetryPolicy{BaseDelay: time.Millisecond})}, opts...)...)
	require.NoError(t, err)
	t.Cleanup(pp.CloseIdleConnections)
	return pp
}

func TestBrokenConnections(t *testing.T) {
	t.Parallel()
	const good = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\nConnection: close\r\n\r\n{\"id\":\"t1\"}"
	const head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	for name, fault := range map[string]func(conn net.Conn){
		"4 reset":       func(conn net.Conn) { _ = conn.(*net.TCPConn).SetLinger(0) },
		"4 closed":      func(net.Conn) {},
		"5 mid-headers": func(conn net.Conn) { _, _ = io.WriteString(conn, head) },
		"5 garbage":     func(conn net.Conn) { _, _ = io.WriteString(conn, "SSH-2.0-OpenSSH\r\n\r\n") },
		"5 two lengths": func(conn net.Conn) {
			_, _ = io.WriteString(conn, head+"Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}")
		},
		"5 negative length": func(conn net.Conn) { _, _ = io.WriteString(conn, head+"Content-Length: -1\r\n\r\n{}") },
		"6 truncated":       func(conn net.Conn) { _, _ = io.WriteString(conn, head+"Content-Length: 11\r\n\r\n{\"id\"") },
		"6 truncated chunks": func(conn net.Conn) {
			_, _ = io.WriteString(conn, head+"Transfer-Encoding: chunked\r\n\r\n5\r\n{\"id\"\r\n")
		},
		"7 truncated, closed": func(conn net.Conn) { _, _ = io.WriteString(conn, head+"Connection: close\r\n\r\n{\"id\"") },
		"8 slow headers":      func(conn net.Conn) { drip(conn, strings.Repeat(head, 100)) },
		"8 slow body":         func(conn net.Conn) { drip(conn, head+"\r\n"+strings.Repeat(" ", 1000)) },
		"8 slow error body":   func(conn net.Conn) { drip(conn, "HTTP/1.1 500 No\r\n\r\n"+strings.Repeat(" ", 1000)) },
		"16 huge headers": func(conn net.Conn) {
			_, _ = io.WriteString(conn, head+"X-Pad: "+strings.Repeat("x", 1<<20)+"\r\n\r\n{}")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			serve := func(n int64, conn net.Conn) {
				if n == 1 {
					fault(conn)
				} else {
					_, _ = io.WriteString(conn, good)
				}
			}
			limit := partnerportal.WithAttemptTimeout(time.Second)
			base, arrived := rawPortal(t, serve)
			got, err := partnerportal.Invoke[thing](t.Context(), quickly(t, base, limit), create())
			require.NoError(t, err)
			assert.Equal(t, "t1", got.ID)
			assert.EqualValues(t, 2, arrived.Load())

			base, arrived = rawPortal(t, serve)
			got, err = partnerportal.Invoke[thing](t.Context(), quickly(t, base, limit), poke())
			require.ErrorIs(t, err, partnerportal.ErrOutcomeUnknown)
			assert.Nil(t, got)
			assert.EqualValues(t, 1, arrived.Load(), "a write without a key is never sent twice")
			assert.NotContains(t, err.Error(), "ppk_1")
		})
	}
}

// drip writes text slowly, until the other side has had enough.
func drip(conn net.Conn, text string) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for i := range len(text) {
		if _, err := io.WriteString(conn, text[i:i+1]); err != nil {
			return
		}
		<-tick.C
	}
}

// Row 1: nobody listens. The trace tells that nothing was sent, so even a write without a key is tried again.
func TestConnectionRefused(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	base := "http://" + listener.Addr().String()
	require.NoError(t, listener.Close())
	err = quickly(t, base).Do(t.Context(), poke(), nil)
	require.ErrorIs(t, err, partnerportal.ErrUnavailable)
	require.NotErrorIs(t, err, partnerportal.ErrOutcomeUnknown)
	assert.Equal(t, 4, asError(t, err).Attempts)
}

// Row 3: what keeps the two ends from trusting each other is final.
func TestTLS(t *testing.T) {
	t.Parallel()
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	secure.StartTLS()
	defer secure.Close()
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	for name, base := range map[string]string{"unknown authority": secure.URL, "plain HTTP on the TLS port": "https://" + plain.Listener.Addr().String()} {
		err := quickly(t, base).Do(t.Context(), get("t1"), nil)
		require.ErrorIs(t, err, partnerportal.ErrTLS, name)
		assert.Equal(t, 1, asError(t, err).Attempts, name)
	}
}

// Row 18: a redirect is never followed, whatever it points at, and nothing reaches the other side.
func TestRedirects(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("%s arrived with %v", r.URL, r.Header) }))
	defer other.Close()
	for _, code := range []int{301, 302, 303, 307, 308} {
		for _, to := range []string{other.URL + "/v1/things", "/v1/elsewhere", "//" + strings.TrimPrefix(other.URL, "http://"), "http://[broken"} {
			portal := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/v1/things" {
					t.Errorf("%s was followed", r.URL)
				}
				w.Header().Set("Location", to)
				w.WriteHeader(code)
			}))
			var r partnerportal.Response
			err := quickly(t, portal.URL).Do(t.Context(), create(), nil, partnerportal.WithResponse(&r))
			require.ErrorIs(t, err, partnerportal.ErrRedirected)
			assert.Equal(t, code, asError(t, err).Status)
			assert.Equal(t, to, r.Header.Get("Location"))
			assert.NotContains(t, err.Error(), "broken")
			portal.Close()
		}
	}
}

// Row 14: a small answer that unpacks to gigabytes is read up to the limit.
func TestGzipBomb(t *testing.T) {
	t.Parallel()
	portal := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Encoding", "gzip")
		pack := gzip.NewWriter(w)
		for range 64 {
			_, _ = pack.Write(make([]byte, 1<<20))
		}
		_ = pack.Close()
	}))
	defer portal.Close()
	pp := quickly(t, portal.URL)
	err := pp.Do(t.Context(), get("t1"), nil)
	require.ErrorIs(t, err, partnerportal.ErrUnexpectedContent)
	require.ErrorContains(t, err, "larger than 8388608 bytes")
	assert.Equal(t, 1, asError(t, err).Attempts)
}

// Row 36: the failure of one caller does not close the connections of the others; and 64 callers need no more than 64.
func TestConnectionsAreKept(t *testing.T) {
	t.Parallel()
	const callers = 64
	var dials atomic.Int64
	var together sync.WaitGroup // every connection is busy at once: fewer would do for calls that happen not to meet
	portal := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/bad") {
			w.WriteHeader(503)
			return
		}
		together.Done()
		together.Wait()
	}))
	portal.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			dials.Add(1)
		}
	}
	portal.Start()
	defer portal.Close()
	pp := quickly(t, portal.URL)
	burst := func() {
		together.Add(callers)
		var calls sync.WaitGroup
		for range callers {
			calls.Go(func() { assert.NoError(t, pp.Do(t.Context(), get("t1"), nil)) })
		}
		calls.Wait()
	}
	burst()
	require.EqualValues(t, callers, dials.Load())
	require.Error(t, pp.Do(t.Context(), get("bad"), nil))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.Error(t, pp.Do(ctx, get("t1"), nil))
	burst()
	assert.EqualValues(t, callers, dials.Load(), "the failures closed some")
}

// Row 26: an upload that is answered before it was read is sent again whole. Run with -race.
func TestEarlyAnswer(t *testing.T) {
	t.Parallel()
	big := thing{Name: strings.Repeat("x", 4<<20)}
	var n atomic.Int64
	portal := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1) < 3 {
			w.WriteHeader(503)
			return
		}
		length, _ := io.Copy(io.Discard, r.Body)
		assert.Greater(t, length, int64(4<<20))
	}))
	defer portal.Close()
	require.NoError(t, quickly(t, portal.URL).Do(t.Context(), &partnerportal.Request{Op: makeThing, Body: big}, nil))
	assert.EqualValues(t, 3, n.Load())
}

// Row 35: cancelling during the dial.
func TestCancelWhileDialing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	pp := quickly(t, "http://127.0.0.1:1", partnerportal.WithHTTPClient(&http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			cancel()
			<-ctx.Done()
			return nil, ctx.Err()
		}}}))
	err := pp.Do(ctx, poke(), nil)
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, partnerportal.ErrOutcomeUnknown)
}
