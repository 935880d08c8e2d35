package partnerportal_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	formType = `multipart/form-data; boundary=b`
	purpose  = "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nproof\r\n"
	theFile  = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"C:\\\\docs\\\\invoice.pdf\"\r\n\r\ncontent\r\n"
	formEnd  = "--b--\r\n"
)

func TestForms(t *testing.T) {
	t.Parallel()
	part := func(name, value string) string {
		return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n"
	}
	for name, tc := range map[string]struct {
		mediaType, body string
		status          int
		code, fault     string
	}{
		"complete":           {formType, purpose + theFile + formEnd, 201, "", ""},
		"only the file":      {formType, theFile + formEnd, 201, "", ""},
		"JSON":               {"application/json", "{}", 415, "unsupported_media_type", ""},
		"no boundary":        {"multipart/form-data", theFile + formEnd, 415, "unsupported_media_type", ""},
		"no file":            {formType, purpose + formEnd, 400, "validation_failed", "/file required"},
		"field after file":   {formType, theFile + purpose + formEnd, 400, "validation_failed", "/purpose not_permitted"},
		"second file":        {formType, theFile + theFile + formEnd, 400, "validation_failed", "/file not_permitted"},
		"unknown part":       {formType, part("porpoise", "proof") + theFile + formEnd, 400, "validation_failed", "/porpoise not_permitted"},
		"second field":       {formType, purpose + purpose + theFile + formEnd, 400, "validation_failed", "/purpose duplicate_key"},
		"long preamble":      {formType, strings.Repeat("before the form\r\n", 8<<10) + theFile + formEnd, 400, "body_unreadable", ""},
		"long field":         {formType, part("purpose", strings.Repeat("x", 4<<10+1)) + theFile + formEnd, 400, "validation_failed", "/purpose out_of_range"},
		"empty":              {formType, "", 400, "body_unreadable", ""},
		"garbage":            {formType, "garbage", 400, "body_unreadable", ""},
		"cut in a field":     {formType, purpose[:len(purpose)-4], 400, "body_unreadable", ""},
		"cut in the file":    {formType, purpose + theFile[:len(theFile)-4], 400, "body_unreadable", ""},
		"cut after the file": {formType, purpose + theFile, 400, "body_unreadable", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := new(desk)
			resp, body := ask(t, d.router(), "POST", "/v1/files", tc.body, "Content-Type", tc.mediaType, "Idempotency-Key", "k")
			require.Equal(t, tc.status, resp.StatusCode, body)
			if tc.status == 201 {
				assert.Equal(t, "invoice.pdf", d.parcels[0].Name, "without the folders of any system")
				assert.Equal(t, "content", d.parcels[0].Content)
				return
			}
			assert.Empty(t, d.parcels)
			var e partnerportal.Error
			require.NoError(t, e.UnmarshalJSON([]byte(body)))
			assert.EqualValues(t, tc.code, e.Code)
			if tc.fault != "" {
				require.Len(t, e.Fields, 1)
				assert.Equal(t, tc.fault, e.Fields[0].Pointer+" "+e.Fields[0].Code)
			}
		})
	}
}

func TestFormsWithinAHostsLimit(t *testing.T) {
	t.Parallel()
	d := new(desk)
	limited := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, 100)
		d.router().ServeHTTP(w, r)
	})
	resp, body := ask(t, limited, "POST", "/v1/files", purpose+theFile+formEnd, "Content-Type", formType)
	assert.Equal(t, 413, resp.StatusCode, body)
}

// Whatever comes, the router takes it for a form or refuses it as the caller's fault; and what it takes ends as a form ends.
func FuzzForm(f *testing.F) {
	f.Add([]byte(purpose + theFile + formEnd))
	f.Add([]byte(theFile + purpose + formEnd))
	f.Add([]byte("--b\r\nContent-Disposition: form-data; name=\"file\"\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--b--"))
	f.Add([]byte("--b\r\n\r\n\r\n--b--\r\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		req := httptest.NewRequestWithContext(t.Context(), "POST", "/v1/files", bytes.NewReader(body))
		req.Header.Set("Content-Type", formType)
		in := &partnerportal.Incoming{Op: sendFile, Request: req}
		form, err := in.Upload()
		if err == nil {
			assert.NotContains(t, form.File.Name, "/")
			assert.NotContains(t, form.File.Name, `\`)
			for name, value := range form.Fields {
				assert.Contains(t, sendFile.Form, name)
				assert.LessOrEqual(t, len(value), 4<<10)
			}
			_, err = io.Copy(io.Discard, form.File.Reader)
		}
		if err == nil {
			_, err := multipart.NewReader(bytes.NewReader(body), "b").ReadForm(1 << 20)
			require.NoError(t, err)
			return
		}
		var e *partnerportal.Error
		require.ErrorAs(t, err, &e)
		require.GreaterOrEqual(t, e.Status, 400)
		require.Less(t, e.Status, 500)
	})
}

// pipes is a listener whose connections are pipes: in a synctest bubble time stands still for them too.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { close(p.closed); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// A server's timeouts are made for small messages. They do not cut off a file that moves, nor one that stands still for a moment; and
// they hold again for what comes next on the connection.
func TestFilesOutlastAServersTimeouts(t *testing.T) {
	t.Parallel()
	serve := func(t *testing.T, h http.Handler, timeout time.Duration) *http.Client {
		t.Helper()
		mux := http.NewServeMux()
		mux.Handle("/v1/files", h)
		mux.Handle("/v1/files/", h)
		mux.HandleFunc("/v1/things/", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{}`))
		})
		listener := &pipes{make(chan net.Conn), make(chan struct{})}
		server := &http.Server{Handler: mux, ReadTimeout: timeout, WriteTimeout: timeout}
		ended := make(chan error)
		go func() { ended <- server.Serve(listener) }()
		dial := func(_ context.Context, _, _ string) (net.Conn, error) {
			here, there := net.Pipe()
			listener.conns <- there
			return here, nil
		}
		client := &http.Client{Transport: &http.Transport{DialContext: dial}}
		t.Cleanup(func() {
			client.CloseIdleConnections()
			assert.NoError(t, server.Close())
			assert.ErrorIs(t, <-ended, http.ErrServerClosed)
		})
		return client
	}
	connect := func(t *testing.T, h http.Handler, timeout time.Duration) *partnerportal.Client {
		t.Helper()
		pp, err := partnerportal.New("http://127.0.0.1", partnerportal.WithHTTPClient(serve(t, h, timeout)), partnerportal.WithAttemptTimeout(5*time.Minute),
			partnerportal.WithRetry(partnerportal.RetryPolicy{MaxAttempts: 1}))
		require.NoError(t, err)
		return pp
	}
	const timeout = 30 * time.Second
	for _, timeout := range []time.Duration{timeout, 0} {
		synctest.Test(t, func(t *testing.T) {
			d := &desk{filing: 2 * time.Minute}
			pp := connect(t, d.router(), timeout)
			require.NoError(t, pp.Do(t.Context(), upload(partnerportal.Content{Reader: &trickle{left: 10}}), nil))
			<-time.After(2 * time.Minute)
			require.NoError(t, pp.Do(t.Context(), poke(), nil), "on the same connection")
			assert.Equal(t, "xxxxxxxxxx", d.parcels[0].Content)
		})
		synctest.Test(t, func(t *testing.T) {
			pp := connect(t, archive(func(context.Context) (*partnerportal.Download, error) {
				return &partnerportal.Download{ReadCloser: io.NopCloser(&trickle{left: 10}), MediaType: "text/plain", Size: 10}, nil
			}), timeout)
			d, err := fetch(t.Context(), pp)
			require.NoError(t, err)
			text, err := io.ReadAll(d)
			require.NoError(t, err)
			assert.Len(t, text, 10)
			require.NoError(t, d.Close())
			<-time.After(2 * time.Minute)
			require.NoError(t, pp.Do(t.Context(), poke(), nil), "on the same connection")
		})
	}
	synctest.Test(t, func(t *testing.T) {
		stalled := make(chan error, 1)
		r := partnerportal.NewRouter()
		r.Handle(sendFile, func(in *partnerportal.Incoming) (any, error) {
			form, err := in.Upload()
			if err == nil {
				_, err = io.Copy(io.Discard, form.File.Reader)
			}
			stalled <- err
			return nil, err
		})
		content, w := io.Pipe()
		go func() {
			<-time.After(4 * time.Minute)
			assert.NoError(t, w.CloseWithError(errors.New("gave up")))
		}()
		require.Error(t, connect(t, r, timeout).Do(t.Context(), upload(partnerportal.Content{Reader: content}), nil))
		require.Error(t, <-stalled, "a caller that sends nothing for a minute is not waited for")
	})
}
