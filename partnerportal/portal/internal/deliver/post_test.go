package deliver_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/deliver"
	"github.com/partnerportal/partnerportal-go/partnerportal/webhook"
)

// received is a delivery as it came out of the network.
type received struct {
	header http.Header
	body   []byte
}

func TestWhatIsSent(t *testing.T) {
	t.Parallel()
	requests := make(chan received, 2)
	url, _ := receiver(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		requests <- received{r.Header, body}
		accept(w, r)
	})
	transport := testGuard(nil).Transport()
	defer transport.CloseIdleConnections()
	now := time.Date(2026, 11, 22, 12, 0, 0, 500, time.UTC)
	poster := deliver.NewPoster(transport, func() time.Time { return now })
	private, public := webhook.GenerateKeyPair()
	secret := webhook.GenerateSecret()
	m := deliver.Message{
		URL: url + "/hooks?tenant=7", ID: "evt_01jd", Keys: []webhook.Key{secret, private},
		Body: []byte("{ \"type\":\"deal.approved\",\r\n\t\"name\":\"Zo\u00eb \u2028 \\u00eb\", \"n\":1.0e2 }\n"), // what an encoder would write differently
	}
	stored := string(m.Body)

	first := poster.Post(t.Context(), m)
	now = now.Add(5 * time.Minute)
	second := poster.Post(t.Context(), m)
	one, two := <-requests, <-requests

	t.Run("case 150 stored, signed and sent bytes are the same", func(t *testing.T) {
		t.Parallel()
		assert.Equal(t, stored, string(one.body))
		for _, key := range []webhook.Key{secret, public} {
			v, err := webhook.NewVerifier(webhook.StaticKeys(key), webhook.WithClock(func() time.Time { return first.At }))
			require.NoError(t, err)
			d, err := v.Verify(one.header, []byte(stored))
			require.NoError(t, err)
			assert.Equal(t, "evt_01jd", d.ID)
		}
	})
	t.Run("case 151 an attempt has its own time, and the delivery's id and body", func(t *testing.T) {
		t.Parallel()
		assert.Equal(t, "1795348800", one.header.Get("webhook-timestamp"))
		assert.Equal(t, "1795349100", two.header.Get("webhook-timestamp"))
		assert.NotEqual(t, one.header.Get("webhook-signature"), two.header.Get("webhook-signature"))
		assert.Equal(t, one.header.Get("webhook-id"), two.header.Get("webhook-id"))
		assert.Equal(t, one.body, two.body)
	})
	t.Run("headers", func(t *testing.T) {
		t.Parallel()
		assert.Equal(t, "application/json", one.header.Get("Content-Type"))
		assert.Equal(t, "partnerportal-webhooks/1", one.header.Get("User-Agent"))
		assert.NotContains(t, one.header, "Idempotency-Key")
		assert.NotContains(t, one.header, "Accept-Encoding")
		assert.NotContains(t, one.header, "Transfer-Encoding")
	})
	t.Run("what is recorded", func(t *testing.T) {
		t.Parallel()
		want := deliver.Attempt{At: first.At, Status: 204, Fingerprints: []string{secret.Fingerprint(), public.Fingerprint()}}
		assert.Equal(t, want, first)
		assert.Equal(t, first.At.Add(5*time.Minute), second.At)
	})
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	metadata, _ := receiver(t, forbidden(t))
	for _, c := range []struct {
		name    string
		status  int
		header  http.Header
		failure string
	}{
		{"200", 200, nil, ""},
		{"202", 202, nil, ""},
		{"299 is a success by its first digit", 299, nil, ""},
		{"case 143 302 to the metadata service", 302, http.Header{"Location": {"http://169.254.169.254/latest/meta-data/"}}, deliver.FailureRedirect},
		{"case 143 307 to another host", 307, http.Header{"Location": {metadata}}, deliver.FailureRedirect},
		{"case 143 308 to another path", 308, http.Header{"Location": {"/again"}}, deliver.FailureRedirect},
		{"304", 304, nil, deliver.FailureRedirect},
		{"400", 400, nil, deliver.FailureStatus},
		{"404", 404, nil, deliver.FailureStatus},
		{"410", 410, nil, deliver.FailureGone},
		{"429", 429, nil, deliver.FailureStatus},
		{"500", 500, nil, deliver.FailureStatus},
		{"503", 503, nil, deliver.FailureStatus},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			requests := 0
			url, _ := receiver(t, func(w http.ResponseWriter, _ *http.Request) {
				requests++
				maps.Copy(w.Header(), c.header)
				w.WriteHeader(c.status)
			})
			a := posterOf(t, testGuard(nil), nil).Post(t.Context(), message(t, url))
			assert.Equal(t, c.failure, a.Failure)
			assert.Equal(t, c.status, a.Status)
			assert.Equal(t, 1, requests)
			assert.Nil(t, a.Body, "an answer's body is not kept")
		})
	}
}

func TestChallengesKeepTheAnswer(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{"small": `{"challenge":"c_1"}`, "empty": "", "large": strings.Repeat("x", 100<<10)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, _ := receiver(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, answer) })
			m := message(t, url)
			m.KeepAnswer = true
			a := posterOf(t, testGuard(nil), nil).Post(t.Context(), m)
			assert.Empty(t, a.Failure)
			assert.Equal(t, answer[:min(len(answer), 4<<10)], string(a.Body))
		})
	}
}

// endless is the body of an answer that has no end.
type endless struct {
	read   int
	closed bool
}

func (e *endless) Read(p []byte) (int, error) { e.read += len(p); return len(p), nil }
func (e *endless) Close() error               { e.closed = true; return nil }

func TestHostileAnswers(t *testing.T) {
	t.Parallel()

	t.Run("case 145 a body without end is read for 64 KiB", func(t *testing.T) {
		t.Parallel()
		for _, keep := range []bool{false, true} {
			body := new(endless)
			m := message(t, "https://endless.example/")
			m.KeepAnswer = keep
			a := deliver.NewPoster(roundTrip(func(*http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: 200, Body: body}, nil
			}), nil).Post(t.Context(), m)
			assert.Empty(t, a.Failure)
			assert.Equal(t, 64<<10, body.read)
			assert.True(t, body.closed)
		}
	})

	for _, http2 := range []bool{false, true} {
		t.Run(fmt.Sprintf("case 145 and then there is no connection, HTTP/2 %t", http2), func(t *testing.T) {
			t.Parallel()
			ended := make(chan struct{})
			s := serveTLS(t, http2, func(w http.ResponseWriter, _ *http.Request) {
				defer close(ended)
				for chunk := make([]byte, 4<<10); ; {
					if _, err := w.Write(chunk); err != nil {
						return
					}
				}
			})
			assert.Empty(t, posterOf(t, testGuard(nil), s).Post(t.Context(), message(t, s.URL)).Failure)
			<-ended
		})

		t.Run(fmt.Sprintf("case 146 a header of 1 MiB, HTTP/2 %t", http2), func(t *testing.T) {
			t.Parallel()
			s := serveTLS(t, http2, func(w http.ResponseWriter, _ *http.Request) {
				for i := range 16 {
					w.Header().Set(fmt.Sprintf("X-%d", i), strings.Repeat("x", 64<<10))
				}
			})
			a := posterOf(t, testGuard(nil), s).Post(t.Context(), message(t, s.URL))
			assert.Equal(t, deliver.FailureProtocol, a.Failure)
			assert.Zero(t, a.Status)
		})
	}
}

func serveTLS(t *testing.T, http2 bool, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.EnableHTTP2 = http2
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

// slowly writes a byte of text each second, until it is done or nobody listens.
func slowly(w io.Writer, text string) {
	for i := range len(text) {
		<-time.After(time.Second)
		if _, err := w.Write([]byte{text[i]}); err != nil {
			return
		}
	}
}

func TestSlowAnswers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, failure string
		status        int
		answer        func(net.Conn)
	}{
		{"case 147 a header that comes a byte a second", deliver.FailureTimeout, 0, func(c net.Conn) { slowly(c, "HTTP/1.1 204 No Content\r\n\r\n") }},
		{"case 147 no answer", deliver.FailureTimeout, 0, func(net.Conn) {}},
		{"case 147 interim answers only", deliver.FailureTimeout, 0, func(c net.Conn) {
			for range 100 {
				<-time.After(time.Second)
				if _, err := io.WriteString(c, "HTTP/1.1 102 Processing\r\n\r\n"); err != nil {
					return
				}
			}
		}},
		{"case 147 a body that comes a byte a second, behind a status", "", 200, func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
			slowly(c, strings.Repeat("x", 1000))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := message(t, "http://slow.example/")
			synctest.Test(t, func(t *testing.T) {
				a := posterTo(t, c.answer).Post(t.Context(), m)
				assert.Equal(t, c.failure, a.Failure)
				assert.Equal(t, c.status, a.Status)
				assert.Equal(t, 15*time.Second, a.Took)
			})
		})
	}

	t.Run("case 147 no TLS handshake", func(t *testing.T) {
		t.Parallel()
		m := message(t, "https://slow.example/")
		synctest.Test(t, func(t *testing.T) {
			a := posterTo(t, func(net.Conn) {}).Post(t.Context(), m)
			assert.Equal(t, deliver.FailureTimeout, a.Failure)
			assert.Equal(t, 10*time.Second, a.Took, "before the attempt's own end: net/http goes on with a handshake that nobody waits for")
		})
	})
}

// posterTo returns a Poster whose connections are net.Pipes to answer, so that synctest's clock rules them.
func posterTo(t *testing.T, answer func(net.Conn)) *deliver.Poster {
	t.Helper()
	transport := testGuard(nil).Transport()
	var endpoint sync.WaitGroup
	transport.DialContext = func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		endpoint.Go(func() {
			defer theirs.Close()
			_, _ = http.ReadRequest(bufio.NewReader(theirs)) // an answer that is there before it is one to nothing
			endpoint.Go(func() { answer(theirs) })
			_, _ = io.Copy(io.Discard, theirs) // until the other end closes
		})
		return ours, nil
	}
	t.Cleanup(endpoint.Wait)
	t.Cleanup(transport.CloseIdleConnections)
	return deliver.NewPoster(transport, nil)
}
