package deliver_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/deliver"
	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

func TestFailures(t *testing.T) {
	t.Parallel()

	t.Run("nobody listens", func(t *testing.T) {
		t.Parallel()
		a := posterOf(t, testGuard(nil), nil).Post(t.Context(), message(t, "http://127.0.0.1:"+deadPort(t)))
		assert.Equal(t, deliver.FailureConnect, a.Failure)
	})
	for name, c := range map[string]struct{ answer, failure string }{
		"closed without a word":      {"", deliver.FailureConnect},
		"broken off in the header":   {"HTTP/1.1 200 OK\r\nServer: x\r\n", deliver.FailureConnect},
		"another protocol":           {"220 mail.example ESMTP\r\n", deliver.FailureProtocol},
		"a status that is no number": {"HTTP/1.1 OK\r\n\r\n", deliver.FailureProtocol},
		"two lengths":                {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx", deliver.FailureProtocol},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			defer l.Close()
			go func() {
				for {
					conn, err := l.Accept()
					if err != nil {
						return
					}
					_, _ = http.ReadRequest(bufio.NewReader(conn))
					_, _ = io.WriteString(conn, c.answer)
					_ = conn.Close()
				}
			}()
			a := posterOf(t, testGuard(nil), nil).Post(t.Context(), message(t, "http://"+l.Addr().String()))
			assert.Equal(t, c.failure, a.Failure)
			assert.Zero(t, a.Status)
		})
	}
	for name, configure := range map[string]func(s *httptest.Server) (url string, trust *httptest.Server){
		"a certificate of nobody": func(s *httptest.Server) (string, *httptest.Server) {
			s.StartTLS()
			return s.URL, nil
		},
		"the certificate of another host": func(s *httptest.Server) (string, *httptest.Server) {
			s.StartTLS()
			return strings.Replace(s.URL, "127.0.0.1", "other.test", 1), s
		},
		"TLS 1.1": func(s *httptest.Server) (string, *httptest.Server) {
			s.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
			s.StartTLS()
			return s.URL, s
		},
		"no TLS": func(s *httptest.Server) (string, *httptest.Server) {
			s.Start()
			return strings.Replace(s.URL, "http:", "https:", 1), nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := httptest.NewUnstartedServer(forbidden(t))
			s.Config.ErrorLog = silent
			url, trust := configure(s)
			defer s.Close()
			a := posterOf(t, testGuard(names(always("127.0.0.1"))), trust).Post(t.Context(), message(t, url))
			assert.Equal(t, deliver.FailureTLS, a.Failure)
		})
	}
	for name, c := range map[string]struct {
		err     error
		failure string
	}{
		"an alert after the handshake": {&net.OpError{Op: "remote error", Err: tls.AlertError(116)}, deliver.FailureTLS},
		"a reset":                      {&net.OpError{Op: "read", Err: syscall.ECONNRESET}, deliver.FailureConnect},
		"a DNS server that is silent":  {&net.OpError{Op: "dial", Err: &net.DNSError{IsTimeout: true}}, deliver.FailureDNS},
		"a connection that takes long": {&net.OpError{Op: "dial", Err: context.DeadlineExceeded}, deliver.FailureConnect},
		"anything else":                {errors.New("http2: server sent GOAWAY"), deliver.FailureProtocol},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			poster := deliver.NewPoster(roundTrip(func(*http.Request) (*http.Response, error) { return nil, c.err }), nil)
			assert.Equal(t, c.failure, poster.Post(t.Context(), message(t, "https://crm.example.com/")).Failure)
		})
	}
}

func TestThePortalsOwnFaults(t *testing.T) {
	t.Parallel()

	t.Run("it goes down meanwhile", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		url, _ := receiver(t, func(_ http.ResponseWriter, r *http.Request) {
			cancel()
			_, _ = io.Copy(io.Discard, r.Body) // so that the server sees the connection close
			<-r.Context().Done()
		})
		a := posterOf(t, testGuard(nil), nil).Post(ctx, message(t, url))
		assert.Equal(t, deliver.FailureInterrupted, a.Failure)
	})
	for name, spoil := range map[string]func(*deliver.Message){
		"no key":                   func(m *deliver.Message) { m.Keys = nil },
		"a key that cannot sign":   func(m *deliver.Message) { _, public := webhook.GenerateKeyPair(); m.Keys = []webhook.Key{public} },
		"an id that cannot be one": func(m *deliver.Message) { m.ID = "evt.1" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := message(t, "https://crm.example.com/")
			spoil(&m)
			a := deliver.NewPoster(roundTrip(func(*http.Request) (*http.Response, error) { panic("sent unsigned") }), nil).Post(t.Context(), m)
			assert.Equal(t, deliver.FailureInterrupted, a.Failure)
		})
	}
	t.Run("a stored URL that is none", func(t *testing.T) {
		t.Parallel()
		a := posterOf(t, testGuard(nil), nil).Post(t.Context(), message(t, "https://crm.example.com:port/"))
		assert.Equal(t, deliver.FailureNotAllowed, a.Failure)
	})
}

// An endpoint closes a connection that was idle, which is noticed by the next delivery. It is sent over another one and counts no failure.
func TestClosedIdleConnection(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				in := bufio.NewReader(conn)
				for answers := 0; ; answers++ {
					r, err := http.ReadRequest(in)
					if err != nil {
						return
					}
					_, _ = io.Copy(io.Discard, r.Body)
					if answers == 1 {
						return // the second request over a connection finds it closed
					}
					_, _ = io.WriteString(conn, "HTTP/1.1 204 No Content\r\n\r\n")
				}
			}()
		}
	}()
	poster := posterOf(t, testGuard(nil), nil)
	for range 3 {
		assert.Empty(t, poster.Post(t.Context(), message(t, "http://"+l.Addr().String())).Failure)
	}
}
