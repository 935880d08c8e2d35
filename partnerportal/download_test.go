package partnerportal_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var fetchFile = &partnerportal.Operation{ID: "files.fetch", Method: "GET", Path: "/files/{file_id}"}

// archive answers with what give returns, on a Router.
func archive(give func(ctx context.Context) (*partnerportal.Download, error)) http.Handler {
	r := partnerportal.NewRouter()
	r.Handle(fetchFile, func(in *partnerportal.Incoming) (any, error) { return give(in.Context()) })
	return r
}

func fetch(ctx context.Context, pp *partnerportal.Client, opts ...partnerportal.RequestOption) (*partnerportal.Download, error) {
	return partnerportal.Invoke[partnerportal.Download](ctx, pp, &partnerportal.Request{Op: fetchFile, PathArgs: []string{"f1"}}, opts...)
}

// closing notes that it was closed.
type closing struct {
	io.Reader
	closed chan struct{}
}

func (c *closing) Close() error {
	close(c.closed)
	return nil
}

// seekable is a closing one that can go back.
type seekable struct {
	*closing
	io.Seeker
}

const fileText = "0123456789 and more"

func inMemory(t *testing.T, canSeek bool) func(context.Context) (*partnerportal.Download, error) {
	t.Helper()
	return func(context.Context) (*partnerportal.Download, error) {
		text := strings.NewReader(fileText)
		content := &closing{text, make(chan struct{})}
		t.Cleanup(func() { <-content.closed })
		d := &partnerportal.Download{ReadCloser: content, Name: "größe \"1\".pdf", MediaType: "application/pdf", Size: int64(len(fileText)), ETag: `"abc"`}
		if canSeek {
			d.ReadCloser = seekable{content, text}
		}
		return d, nil
	}
}

func TestDownloads(t *testing.T) {
	t.Parallel()
	for way, connect := range ways {
		for _, canSeek := range []bool{true, false} {
			t.Run(way, func(t *testing.T) {
				t.Parallel()
				pp := connect(t, archive(inMemory(t, canSeek)))
				var answer partnerportal.Response
				d, err := fetch(t.Context(), pp, partnerportal.WithResponse(&answer))
				require.NoError(t, err)
				text, err := io.ReadAll(d)
				require.NoError(t, err)
				require.NoError(t, d.Close())
				assert.Equal(t, fileText, string(text))
				assert.Equal(t, partnerportal.Download{ReadCloser: d.ReadCloser, Name: "größe \"1\".pdf", MediaType: "application/pdf", Size: int64(len(fileText)), ETag: `"abc"`}, *d)
				assert.Equal(t, 1, answer.Attempts)
				assert.Empty(t, answer.Body, "it is not held anywhere")
				assert.Equal(t, "nosniff", answer.Header.Get("X-Content-Type-Options"))
				assert.Equal(t, "no-store", answer.Header.Get("Cache-Control"))
				assert.Equal(t, "default-src 'none'; sandbox", answer.Header.Get("Content-Security-Policy"))
				assert.Contains(t, answer.Header.Get("Content-Disposition"), "attachment; filename")
			})
		}
	}
}

func TestPartsOfFiles(t *testing.T) {
	t.Parallel()
	for way, connect := range ways {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			pp := connect(t, archive(inMemory(t, true)))
			d, err := fetch(t.Context(), pp, partnerportal.WithHeader("Range", "bytes=3-5"), partnerportal.WithHeader("If-Range", `"abc"`))
			require.NoError(t, err)
			text, err := io.ReadAll(d)
			require.NoError(t, err)
			require.NoError(t, d.Close())
			assert.Equal(t, "345", string(text))
			assert.Equal(t, int64(3), d.Offset)
			assert.Equal(t, int64(len(fileText)), d.Size)

			_, err = fetch(t.Context(), pp, partnerportal.WithHeader("If-None-Match", `"abc"`))
			require.ErrorIs(t, err, partnerportal.ErrNotModified)

			_, err = fetch(t.Context(), pp, partnerportal.WithHeader("Range", "bytes=100-"))
			require.ErrorIs(t, err, partnerportal.ErrorCode("range_not_satisfiable"))
			require.ErrorIs(t, err, partnerportal.ErrorStatus(416))
		})
	}
}

// A file that is not there, and one that the portal fails to give, are answered as everything else is.
func TestFilesThatAreNotGiven(t *testing.T) {
	t.Parallel()
	for way, connect := range ways {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			var n atomic.Int64
			pp := connect(t, archive(func(ctx context.Context) (*partnerportal.Download, error) {
				if n.Add(1) == 1 {
					return nil, errors.New("the disk is busy")
				}
				return nil, &partnerportal.Error{Status: 404, Code: "not_found"}
			}))
			_, err := fetch(t.Context(), pp)
			require.ErrorIs(t, err, partnerportal.ErrNotFound)
			assert.Equal(t, 2, asError(t, err).Attempts)
		})
	}
}

// What has been written is there to be read before the rest exists, and closing early ends the writing.
func TestFilesArriveWhileTheyAreRead(t *testing.T) {
	t.Parallel()
	for way, connect := range ways {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			source, writer := io.Pipe()
			content := &closing{source, make(chan struct{})}
			ended := make(chan error, 1)
			pp := connect(t, archive(func(ctx context.Context) (*partnerportal.Download, error) {
				context.AfterFunc(ctx, func() { ended <- source.CloseWithError(context.Cause(ctx)) })
				return &partnerportal.Download{ReadCloser: content, MediaType: "text/plain", Size: 1 << 30}, nil
			}))
			written := make(chan error, 1)
			go func() {
				_, err := writer.Write(bytes.Repeat([]byte("x"), 64<<10))
				written <- err
			}()
			d, err := fetch(t.Context(), pp)
			require.NoError(t, err)
			_, err = io.ReadFull(d, make([]byte, 32<<10))
			require.NoError(t, err)
			require.NoError(t, <-written)
			require.NoError(t, d.Close())
			<-content.closed
			<-ended
		})
	}
}

// Half a file does not look like a whole one.
func TestFilesThatBreakOff(t *testing.T) {
	t.Parallel()
	for way, connect := range ways {
		for name, end := range map[string]error{"error": errors.New("the disk is gone"), "too short": io.EOF} {
			for _, size := range []int64{2 << 20, -1} {
				if name == "too short" && size < 0 {
					continue // as long as it is
				}
				t.Run(way+"/"+name, func(t *testing.T) {
					t.Parallel()
					pp := connect(t, archive(func(context.Context) (*partnerportal.Download, error) {
						content := io.MultiReader(strings.NewReader(strings.Repeat("x", 1<<20)), iotest.ErrReader(end))
						return &partnerportal.Download{ReadCloser: io.NopCloser(content), MediaType: "text/plain", Size: size}, nil
					}))
					d, err := fetch(t.Context(), pp)
					require.NoError(t, err)
					defer d.Close()
					_, err = io.Copy(io.Discard, d)
					require.ErrorIs(t, err, partnerportal.ErrUnavailable)
					assert.Equal(t, "files.fetch", asError(t, err).Operation)
				})
			}
		}
	}
}

func TestDownloadsEndWithTheirContext(t *testing.T) {
	t.Parallel()
	for way, connect := range ways {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			source, writer := io.Pipe()
			defer writer.Close()
			pp := connect(t, archive(func(ctx context.Context) (*partnerportal.Download, error) {
				context.AfterFunc(ctx, func() { source.CloseWithError(ctx.Err()) })
				return &partnerportal.Download{ReadCloser: source, MediaType: "text/plain", Size: -1}, nil
			}))
			go func() { _, _ = writer.Write(bytes.Repeat([]byte("x"), 64<<10)) }()
			ctx, cancel := context.WithCancel(t.Context())
			d, err := fetch(ctx, pp)
			require.NoError(t, err)
			defer d.Close()
			cancel()
			_, err = io.Copy(io.Discard, d)
			require.ErrorIs(t, err, context.Canceled)
		})
	}
}

// A download has no limit but that something comes.
func TestSlowDownloads(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		road := transport(func(req *http.Request) (*http.Response, error) {
			body, w := io.Pipe()
			context.AfterFunc(req.Context(), func() { body.CloseWithError(req.Context().Err()) })
			go func() {
				_, _ = io.Copy(w, &trickle{left: 100}) // then nothing more, and no end
			}()
			return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"text/plain"}}, Body: body, ContentLength: -1}, nil
		})
		pp, err := partnerportal.New("https://portal.test", partnerportal.WithHTTPClient(&http.Client{Transport: road}))
		require.NoError(t, err)
		began := time.Now()
		d, err := fetch(t.Context(), pp)
		require.NoError(t, err)
		defer d.Close()
		n, err := io.Copy(io.Discard, d)
		assert.Equal(t, int64(100), n)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, partnerportal.ErrUnavailable)
		assert.Equal(t, 2030*time.Second, time.Since(began))
	})
}

// The portal's word for the name does not choose a folder.
func TestNamesOfDownloads(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{
		`attachment; filename="invoice.pdf"`:           "invoice.pdf",
		`attachment; filename="../../etc/passwd"`:      "passwd",
		`attachment; filename="C:\\Temp\\x.pdf"`:       "x.pdf",
		`attachment; filename=".."`:                    "",
		`attachment; filename*=UTF-8''gr%C3%B6%C3%9Fe`: "größe",
		`attachment`: "",
		`";`:         "",
	} {
		s := play(step{status: 200, body: "x", header: http.Header{"Content-Type": {"text/plain"}, "Content-Disposition": {header}}})
		d, err := fetch(t.Context(), scripted(t, s))
		require.NoError(t, err)
		assert.Equal(t, want, d.Name, header)
		assert.Equal(t, "*/*", s.seen[0].header.Get("Accept"))
		require.NoError(t, d.Close())
	}
}

// A Download serves itself, whatever stands in its fields.
func TestDownloadsServeThemselves(t *testing.T) {
	t.Parallel()
	serve := func(method string, d partnerportal.Download) (*http.Response, string) {
		d.ReadCloser = io.NopCloser(strings.NewReader(fileText))
		resp, body := ask(t, &d, method, "/downloads/1", "")
		return resp, body
	}
	for name, want := range map[string]string{"": "attachment", "a.pdf": "attachment; filename=a.pdf", "a b": `attachment; filename="a b"`, "a\nb": "attachment; filename*=utf-8''a%0Ab"} {
		resp, body := serve("GET", partnerportal.Download{Name: name, Size: -1})
		assert.Equal(t, fileText, body)
		assert.Equal(t, want, resp.Header.Get("Content-Disposition"))
		assert.Equal(t, "application/octet-stream", resp.Header.Get("Content-Type"))
	}
	resp, body := serve("HEAD", partnerportal.Download{Size: int64(len(fileText)), MediaType: "text/plain"})
	assert.Empty(t, body)
	assert.Equal(t, "19", resp.Header.Get("Content-Length"))
	assert.Equal(t, "text/plain", resp.Header.Get("Content-Type"))

	kept := httptest.NewRecorder()
	kept.Header().Set("Cache-Control", "private, max-age=60")
	d := partnerportal.Download{ReadCloser: io.NopCloser(strings.NewReader(fileText)), Size: -1}
	d.ServeHTTP(kept, httptest.NewRequestWithContext(t.Context(), "GET", "/", nil))
	assert.Equal(t, "private, max-age=60", kept.Header().Get("Cache-Control"), "the host's word counts")
}

// Whatever a portal says of a file: it chooses no folder here, and numbers are numbers.
func FuzzDownloadHeaders(f *testing.F) {
	f.Add(`attachment; filename="a.pdf"`, "bytes 3-5/19", 206)
	f.Add(`attachment; filename*=UTF-8''%2e%2e%2f%2e%2e`, "bytes */19", 206)
	f.Add(`inline; filename="..\\..\\x"`, "bytes -1--2/-3", 200)
	f.Fuzz(func(t *testing.T, disposition, part string, status int) {
		if status/100 != 2 {
			status = 206
		}
		header := http.Header{"Content-Disposition": {disposition}, "Content-Range": {part}, "Content-Type": {"text/plain"}}
		d, err := fetch(t.Context(), scripted(t, play(step{status: status, header: header, body: "x"})))
		require.NoError(t, err)
		defer d.Close()
		assert.False(t, strings.ContainsAny(d.Name, `/\`) || d.Name == "." || d.Name == "..", d.Name)
		assert.GreaterOrEqual(t, d.Size, int64(-1))
		assert.GreaterOrEqual(t, d.Offset, int64(-1))
	})
}
