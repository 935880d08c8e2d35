package partnerportal_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var sendFile = &partnerportal.Operation{ID: "files.send", Method: "POST", Path: "/files", Status: 201, Idempotent: true,
	MediaType: "multipart/form-data", Form: []string{"purpose", "note", "file"}}

func upload(content partnerportal.Content) *partnerportal.Request {
	if content.Name == "" {
		content.Name = "invoice.pdf"
	}
	return &partnerportal.Request{Op: sendFile, Body: &partnerportal.Upload{Fields: map[string]string{"purpose": "proof"}, File: content}}
}

// parcel is a file as it arrived.
type parcel struct {
	Name, Content string
	Fields        map[string]string
	Length        int64
}

// desk is a portal that takes files. Requests that turnAway names by their number, from 1 on, are answered with that before the file
// is read, and those that sendBack names after.
type desk struct {
	turnAway, sendBack map[int]int
	filing             time.Duration // of a file that has come

	mu      sync.Mutex
	calls   int
	parcels []parcel
}

func (d *desk) router() http.Handler {
	r := partnerportal.NewRouter()
	r.Handle(sendFile, func(in *partnerportal.Incoming) (any, error) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.calls++
		if status := d.turnAway[d.calls]; status != 0 {
			return nil, &partnerportal.Error{Status: status, Code: "turned_away"}
		}
		form, err := in.Upload()
		if err != nil {
			return nil, err
		}
		content, err := io.ReadAll(form.File.Reader)
		if err != nil {
			return nil, err
		}
		if _, err := form.File.Reader.Read(make([]byte, 1)); err != io.EOF {
			return nil, errors.New("the end is not the end")
		}
		<-time.After(d.filing)
		d.parcels = append(d.parcels, parcel{form.File.Name, string(content), form.Fields, in.Request.ContentLength})
		if status := d.sendBack[d.calls]; status != 0 {
			return nil, &partnerportal.Error{Status: status, Code: "sent_back"}
		}
		return map[string]string{"id": "file_1"}, nil
	})
	return r
}

// ways are the ways to a portal: in process, and over a socket.
var ways = map[string]func(t *testing.T, h http.Handler, opts ...partnerportal.Option) *partnerportal.Client{
	"in process": func(t *testing.T, h http.Handler, opts ...partnerportal.Option) *partnerportal.Client {
		t.Helper()
		pp, err := partnerportal.New("", append(opts, partnerportal.WithHandler(h), hasty)...)
		require.NoError(t, err)
		return pp
	},
	"loopback": func(t *testing.T, h http.Handler, opts ...partnerportal.Option) *partnerportal.Client {
		t.Helper()
		server := httptest.NewServer(h)
		t.Cleanup(server.Close)
		pp, err := partnerportal.New(server.URL, append(opts, hasty)...)
		require.NoError(t, err)
		t.Cleanup(pp.CloseIdleConnections)
		return pp
	},
	"HTTP/2": func(t *testing.T, h http.Handler, opts ...partnerportal.Option) *partnerportal.Client {
		t.Helper()
		server := httptest.NewUnstartedServer(h)
		server.EnableHTTP2 = true
		server.StartTLS()
		t.Cleanup(server.Close)
		road, ok := server.Client().Transport.(*http.Transport)
		require.True(t, ok)
		road.ExpectContinueTimeout = time.Second // as the SDK's own has it
		pp, err := partnerportal.New(server.URL, append(opts, hasty, partnerportal.WithHTTPClient(server.Client()))...)
		require.NoError(t, err)
		return pp
	},
}

// hasty waits hardly at all between attempts.
var hasty = partnerportal.WithRetry(partnerportal.RetryPolicy{BaseDelay: time.Nanosecond})

// plain is a reader that can do nothing but read.
type plain struct{ r io.Reader }

func (p plain) Read(b []byte) (int, error) { return p.r.Read(b) }

func TestUploads(t *testing.T) {
	t.Parallel()
	text := func(*testing.T) io.Reader { return strings.NewReader(fileText) }
	stripped := func(*testing.T) io.Reader { return plain{strings.NewReader(fileText)} }
	onDisk := func(t *testing.T) io.Reader {
		t.Helper()
		name := filepath.Join(t.TempDir(), "file")
		require.NoError(t, os.WriteFile(name, []byte("xyz"+fileText), 0o600))
		f, err := os.Open(name)
		require.NoError(t, err)
		t.Cleanup(func() { assert.NoError(t, f.Close(), "it is left open") })
		_, err = f.Seek(3, io.SeekStart)
		require.NoError(t, err)
		return f
	}
	piped := func(t *testing.T) io.Reader {
		t.Helper()
		r, w, err := os.Pipe()
		require.NoError(t, err)
		_, err = w.WriteString(fileText)
		require.NoError(t, err)
		require.NoError(t, w.Close())
		t.Cleanup(func() { assert.NoError(t, r.Close()) })
		return r
	}
	for way, connect := range ways {
		for name, tc := range map[string]struct {
			reader           func(t *testing.T) io.Reader
			size             int64
			sized, canRepeat bool
		}{
			"text":         {reader: text, sized: true, canRepeat: true},
			"file":         {reader: onDisk, sized: true, canRepeat: true},
			"buffer":       {reader: func(*testing.T) io.Reader { return bytes.NewBufferString(fileText) }, sized: true},
			"pipe":         {reader: piped},
			"reader":       {reader: stripped},
			"sized reader": {reader: stripped, size: int64(len(fileText)), sized: true},
		} {
			t.Run(way+"/"+name, func(t *testing.T) {
				t.Parallel()
				request := func() *partnerportal.Request {
					return upload(partnerportal.Content{Reader: tc.reader(t), Size: tc.size})
				}
				d := &desk{sendBack: map[int]int{2: 503}}
				pp := connect(t, d.router())
				var answer partnerportal.Response
				require.NoError(t, pp.Do(t.Context(), request(), nil, partnerportal.WithResponse(&answer)))
				require.Len(t, d.parcels, 1)
				got := d.parcels[0]
				assert.Equal(t, parcel{"invoice.pdf", fileText, map[string]string{"purpose": "proof"}, got.Length}, got)
				assert.Equal(t, tc.sized, got.Length > 0, "the length is told when it is known: %d", got.Length)

				err := pp.Do(t.Context(), request(), nil, partnerportal.WithResponse(&answer))
				if !tc.canRepeat {
					require.ErrorIs(t, err, partnerportal.ErrUnavailable)
					assert.ErrorContains(t, err, "cannot be read a second time")
					assert.Equal(t, 1, answer.Attempts)
					return
				}
				require.NoError(t, err)
				assert.Equal(t, 2, answer.Attempts)
				assert.Equal(t, d.parcels[1], d.parcels[2], "the second time it is the same")
			})
		}
	}
}

func TestContentThatCannotBeRead(t *testing.T) {
	t.Parallel()
	disk := errors.New("the disk is gone")
	for way, connect := range ways {
		for name, tc := range map[string]struct {
			content partnerportal.Content
			says    string
		}{
			"fails":          {partnerportal.Content{Reader: io.MultiReader(strings.NewReader("half"), iotest.ErrReader(disk))}, disk.Error()},
			"sized, fails":   {partnerportal.Content{Reader: io.MultiReader(strings.NewReader("half"), iotest.ErrReader(disk)), Size: 8}, disk.Error()},
			"too short":      {partnerportal.Content{Reader: plain{strings.NewReader("half")}, Size: 8}, "has 4 bytes, and 8 were announced"},
			"too long":       {partnerportal.Content{Reader: plain{strings.NewReader("half")}, Size: 3}, "more than the 3 bytes that were announced"},
			"shorter file":   {partnerportal.Content{Reader: strings.NewReader("half"), Size: 8}, "has 4 bytes, and 8 were announced"},
			"sized, too big": {partnerportal.Content{Reader: strings.NewReader(strings.Repeat("x", 1<<20)), Size: 1 << 19}, "more than the 524288 bytes"},
		} {
			t.Run(way+"/"+name, func(t *testing.T) {
				t.Parallel()
				d := new(desk)
				err := connect(t, d.router()).Do(t.Context(), upload(tc.content), nil)
				e := asError(t, err)
				assert.ErrorContains(t, err, tc.says)
				assert.Equal(t, strings.Contains(name, "fails"), errors.Is(err, disk))
				assert.Equal(t, 1, e.Attempts)
				assert.NotErrorIs(t, err, partnerportal.ErrOutcomeUnknown, "half a file is none")
				assert.Empty(t, d.parcels)
			})
		}
	}
}

func TestUploadsThatAreNone(t *testing.T) {
	t.Parallel()
	text := strings.NewReader("x")
	for name, request := range map[string]*partnerportal.Request{
		"no Reader":            upload(partnerportal.Content{}),
		"a size of -1":         upload(partnerportal.Content{Reader: text, Size: -1}),
		"a name with a folder": upload(partnerportal.Content{Reader: text, Name: "a/b"}),
		"another folder":       upload(partnerportal.Content{Reader: text, Name: `a\b`}),
		"a line break":         upload(partnerportal.Content{Reader: text, Name: "a\r\nb"}),
		"no name":              {Op: sendFile, Body: &partnerportal.Upload{File: partnerportal.Content{Reader: text}}},
		"no form":              {Op: makeThing, Body: &partnerportal.Upload{File: partnerportal.Content{Name: "a", Reader: text}}},
	} {
		s := play(ok(`{}`))
		require.ErrorIs(t, scripted(t, s).Do(t.Context(), request, nil), partnerportal.ErrInvalidArgument, name)
		assert.Zero(t, s.count(), name)
	}
}

// The header that asks first lets a refusal come before the file: the server never sees a byte of it.
func TestRefusedEarly(t *testing.T) {
	t.Parallel()
	for way, connect := range ways {
		d := &desk{turnAway: map[int]int{1: 413}}
		content := bytes.NewReader(make([]byte, 64<<20))
		err := connect(t, d.router()).Do(t.Context(), upload(partnerportal.Content{Reader: content}), nil)
		require.ErrorIs(t, err, partnerportal.ErrorStatus(413), way)
		assert.Equal(t, 64<<20, content.Len(), "nothing of it was read: %s", way)
	}
}

func TestUploadHeaders(t *testing.T) {
	t.Parallel()
	s := play(status(503), ok(`{}`))
	require.NoError(t, scripted(t, s, hasty).Do(t.Context(), upload(partnerportal.Content{Reader: strings.NewReader("x")}), nil))
	for _, sent := range s.seen {
		assert.Equal(t, "100-continue", sent.header.Get("Expect"))
		assert.Contains(t, sent.header.Get("Content-Type"), "multipart/form-data; boundary=")
		assert.NotEmpty(t, sent.header.Get("Idempotency-Key"))
	}
	assert.Equal(t, s.seen[0].body, s.seen[1].body)
	assert.Equal(t, s.seen[0].header, s.seen[1].header)
	_, err := strconv.Atoi(s.seen[0].header.Get("Content-Length"))
	assert.Error(t, err, "net/http sets it")
}
