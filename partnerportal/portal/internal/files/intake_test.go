package files_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/files"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store/storetest"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/portaltest"
)

// plain hides what a reader can do beside reading: its size is not known, and it cannot go back.
type plain struct{ io.Reader }

func TestFilesThatAreTooLarge(t *testing.T) {
	t.Parallel()
	w := onFile(t, portal.WithMaxFileSize(100_000))
	exact := w.upload(w.acme, strings.Repeat("x", 100_000))
	assert.Equal(t, int64(100_000), exact.Size)

	for name, size := range map[string]int{"one byte": 100_001, "some": 120_000, "many": 1_000_000} {
		for _, announced := range []bool{true, false} {
			text := strings.NewReader(strings.Repeat("x", size))
			body := files.Upload{File: files.Content{Name: "a.txt", Reader: text}}
			if !announced {
				body.File.Reader = plain{text}
			}
			_, err := w.acme.Upload(t.Context(), body)
			require.ErrorIs(t, err, files.ErrTooLarge, name)
			e := problemOf(t, err)
			assert.Equal(t, http.StatusRequestEntityTooLarge, e.Status)
			var most int64
			_, err = e.Extension("max_size", &most)
			require.NoError(t, err)
			assert.Equal(t, int64(100_000), most)
			if announced && size == 1_000_000 {
				assert.Equal(t, size, text.Len(), "what is announced is refused unread")
			}
		}
	}
	assert.Equal(t, []string{exact.ID}, w.names())
	w.tick()
	assert.Equal(t, []string{exact.ID}, w.rows())
}

const (
	png  = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
	jpeg = "\xff\xd8\xff\xe0\x00\x10JFIF"
	webp = "RIFF\x24\x00\x00\x00WEBPVP8 "
	heic = "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"
	gif  = "GIF89a\x01\x00\x01\x00"
	mp4  = "\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"
	zip  = "PK\x03\x04\x14\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x05\x00\x00\x00a.txt"
	xlsx = "PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00\x21\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x0f\x00\x00\x00xl/workbook.xml"
	svg  = `<svg xmlns="http://www.w3.org/2000/svg"/>`
	csv  = "name,city\nAda,London\nGrace,New York\n"
	html = "<!DOCTYPE html><html><script>alert(1)</script></html>"
	exe  = "MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff"
	elf  = "\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	sh   = "#!/bin/sh\nrm -rf /\n"
)

// The content decides what a file is, and the purpose whether it is taken.
func TestMediaTypes(t *testing.T) {
	t.Parallel()
	w := onFile(t)
	const sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	for _, tc := range []struct{ content, media, purposes string }{
		{pdf, "application/pdf", "proof asset attachment"},
		{png, "image/png", "proof asset attachment logo"},
		{jpeg, "image/jpeg", "proof asset attachment logo"},
		{webp, "image/webp", "proof asset attachment logo"},
		{heic, "image/heic", "proof asset attachment"},
		{csv, "text/csv", "proof asset attachment"},
		{"Hello.", "text/plain", "proof asset attachment"},
		{zip, "application/zip", "proof asset attachment"},
		{xlsx, sheet, "proof asset attachment"},
		{gif, "image/gif", "asset"},
		{svg, "image/svg+xml", "asset"},
		{mp4, "video/mp4", "asset"},
		{html, "text/html", ""},
		{exe, "application/vnd.microsoft.portable-executable", ""},
		{elf, "application/x-elf", ""},
		{sh, "text/x-shellscript", ""},
		{"\x00\x01\x02\x03", "application/octet-stream", ""},
	} {
		for _, purpose := range []files.Purpose{files.PurposeProof, files.PurposeAsset, files.PurposeAttachment, files.PurposeLogo} {
			where := tc.media + " as " + string(purpose)
			f, err := w.acme.Upload(t.Context(), files.Upload{Purpose: purpose, File: files.Content{Name: "logo.png", Reader: strings.NewReader(tc.content)}})
			if strings.Contains(tc.purposes, string(purpose)) {
				require.NoError(t, err, where)
				assert.Equal(t, tc.media, f.MediaType, where)
				require.NoError(t, w.acme.Delete(t.Context(), f.ID))
				continue
			}
			require.ErrorIs(t, err, files.ErrMediaType, where)
			e := problemOf(t, err)
			assert.Equal(t, http.StatusUnsupportedMediaType, e.Status)
			assert.Contains(t, e.Detail, tc.media)
			var allowed []string
			_, err = e.Extension("allowed", &allowed)
			require.NoError(t, err)
			assert.Contains(t, allowed, "image/png")
			assert.NotContains(t, allowed, tc.media)
		}
	}
	w.nothingLeft()
}

func TestUploadsThatAreRefused(t *testing.T) {
	t.Parallel()
	w := onFile(t)
	for name, tc := range map[string]struct {
		body  files.Upload
		fault string
	}{
		"an unknown purpose": {files.Upload{Purpose: "prof", File: files.Content{Name: "a", Reader: strings.NewReader(pdf)}}, "/purpose invalid_enum"},
		"an empty file":      {files.Upload{File: files.Content{Name: "a", Reader: strings.NewReader("")}}, "/file required"},
		"a long name":        {files.Upload{File: files.Content{Name: strings.Repeat("ä", 256), Reader: strings.NewReader(pdf)}}, "/file out_of_range"},
		"a name with a tab":  {files.Upload{File: files.Content{Name: "a\tb", Reader: strings.NewReader(pdf)}}, "/file invalid_format"},
		"a name turned over": {files.Upload{File: files.Content{Name: "invoice\u202efdp.zip", Reader: strings.NewReader(pdf)}}, "/file invalid_format"},
		"a name of bytes":    {files.Upload{File: files.Content{Name: "a\xff", Reader: strings.NewReader(pdf)}}, "/file invalid_format"},
	} {
		_, err := w.acme.Upload(t.Context(), tc.body)
		require.ErrorIs(t, err, partnerportal.ErrValidation, name)
		e := problemOf(t, err)
		require.Len(t, e.Fields, 1, name)
		assert.Equal(t, http.StatusUnprocessableEntity, e.Status)
		assert.Equal(t, tc.fault, e.Fields[0].Pointer+" "+e.Fields[0].Code, name)
	}
	reader := files.New(w.Client(portal.ClientSpec{PartnerID: w.AcmeID, Name: "Reader", Scopes: []string{"files:read"}}))
	text := strings.NewReader(pdf)
	_, err := reader.Upload(t.Context(), files.Upload{File: files.Content{Name: "a", Reader: text}})
	require.ErrorIs(t, err, partnerportal.ErrForbidden)
	assert.Equal(t, len(pdf), text.Len(), "nobody reads what the caller may not send")
	w.nothingLeft()
}

func TestSameKeySameFile(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, w *world) {
		t.Helper()
		key := partnerportal.WithIdempotencyKey("crm-1")
		var answer partnerportal.Response
		first, err := w.acme.Upload(t.Context(), content("a.pdf", pdf), key, partnerportal.WithResponse(&answer))
		require.NoError(t, err)
		assert.False(t, answer.Replayed)
		again, err := w.acme.Upload(t.Context(), content("a.pdf", pdf), key, partnerportal.WithResponse(&answer))
		require.NoError(t, err)
		assert.Equal(t, first, again)
		assert.True(t, answer.Replayed)

		for _, other := range []files.Upload{content("a.pdf", pdf+"."), content("b.pdf", pdf), {Purpose: files.PurposeAsset, File: content("a.pdf", pdf).File}} {
			_, err = w.acme.Upload(t.Context(), other, key)
			require.ErrorIs(t, err, partnerportal.ErrIdempotencyKeyReused)
		}
		elsewhere, err := w.globex.Upload(t.Context(), content("a.pdf", pdf), key)
		require.NoError(t, err)
		assert.NotEqual(t, first.ID, elsewhere.ID, "another partner's key is another key")

		w.tick()
		assert.ElementsMatch(t, []string{first.ID, elsewhere.ID}, w.names(), "of the repeats nothing is kept")
		assert.ElementsMatch(t, []string{first.ID, elsewhere.ID}, w.rows())
	})
}

func TestOneKeyManyUploadsAtOnce(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, w *world) {
		t.Helper()
		var group sync.WaitGroup
		var mu sync.Mutex
		seen := map[string]int{}
		for range 16 {
			group.Go(func() {
				f, err := w.acme.Upload(t.Context(), content("a.pdf", pdf), partnerportal.WithIdempotencyKey("crm-1"),
					partnerportal.WithRetry(partnerportal.RetryPolicy{MaxAttempts: 50, MaxDelay: 1, MaxRetryAfter: 1}))
				if errors.Is(err, partnerportal.ErrIdempotencyInProgress) {
					return
				}
				if assert.NoError(t, err) {
					mu.Lock()
					defer mu.Unlock()
					seen[f.ID]++
				}
			})
		}
		group.Wait()
		require.Len(t, seen, 1)
		w.tick()
		assert.Len(t, w.names(), 1)
		assert.Len(t, w.rows(), 1)
	})
}

// The wire between client and portal breaks in every place, and one file comes of it.
func TestUploadsOverABadLine(t *testing.T) {
	t.Parallel()
	w := onFile(t)
	w.DropNext(1, portaltest.On("files.upload"))
	w.FailNext(1, http.StatusServiceUnavailable, portaltest.On("files.upload"))
	w.LoseNext(1, portaltest.On("files.upload"))
	var answer partnerportal.Response
	f, err := w.acme.Upload(t.Context(), content("a.pdf", pdf), partnerportal.WithResponse(&answer))
	require.NoError(t, err)
	assert.Equal(t, 4, answer.Attempts)
	assert.True(t, answer.Replayed)
	w.tick()
	assert.Equal(t, []string{f.ID}, w.names())
	assert.Equal(t, []string{f.ID}, w.rows())
	assert.Equal(t, pdf, w.read(w.acme, f.ID))
	for _, request := range w.Requests("files.upload") {
		assert.Empty(t, request.Body, "uploads are not recorded")
	}
}

// ends notes the ends of the uploads that pass.
type ends struct {
	http.Handler

	seen chan struct{}
}

func (e ends) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer func() { e.seen <- struct{}{} }()
	e.Handler.ServeHTTP(w, r)
}

// TestCallersThatDieHalfWay sends half a file over a socket and hangs up.
func TestCallersThatDieHalfWay(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, w *world) {
		t.Helper()
		key, err := w.Admin().CreateAPIKey(t.Context(), portal.ClientSpec{PartnerID: w.AcmeID, Name: "Dying"})
		require.NoError(t, err)
		served := ends{w.Portal, make(chan struct{}, 1)}
		server := &http.Server{Handler: served}
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		ended := make(chan error, 1)
		go func() { ended <- server.Serve(listener) }()
		t.Cleanup(func() {
			assert.NoError(t, server.Close())
			assert.ErrorIs(t, <-ended, http.ErrServerClosed)
		})
		for _, framing := range []string{"Content-Length: 1000000\r\n", "Transfer-Encoding: chunked\r\n"} {
			conn, err := net.Dial("tcp", listener.Addr().String())
			require.NoError(t, err)
			half := "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n" + pdf + strings.Repeat("x", 200_000)
			if strings.Contains(framing, "chunked") {
				half = fmt.Sprintf("%x\r\n%s\r\n", len(half), half)
			}
			_, err = fmt.Fprintf(conn, "POST /v1/files HTTP/1.1\r\nHost: portal.test\r\nAuthorization: Bearer %s\r\nContent-Type: multipart/form-data; boundary=b\r\n%s\r\n%s", key, framing, half)
			require.NoError(t, err)
			require.NoError(t, conn.Close())
			<-served.seen
			assert.Empty(t, w.names(), "the half is gone at once")
			w.nothingLeft()
		}
	})
}

// The answer to one who announces too much comes before the file, also to those who are not the SDK.
func TestRefusedBeforeTheFile(t *testing.T) {
	t.Parallel()
	w := onFile(t, portal.WithMaxFileSize(1<<20))
	key, err := w.Admin().CreateAPIKey(t.Context(), portal.ClientSpec{PartnerID: w.AcmeID, Name: "curl"})
	require.NoError(t, err)
	at, err := url.Parse(w.URL())
	require.NoError(t, err)
	conn, err := net.Dial("tcp", at.Host)
	require.NoError(t, err)
	defer conn.Close()
	_, err = fmt.Fprintf(conn, "POST /v1/files HTTP/1.1\r\nHost: portal.test\r\nAuthorization: Bearer %s\r\nExpect: 100-continue\r\n"+
		"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 1073741824\r\n\r\n", key)
	require.NoError(t, err)
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	defer resp.Body.Close()
	assert.Equal(t, http.StatusRequestEntityTooLarge, resp.StatusCode)
}

// faulty is a host's file store in trouble.
type faulty struct{ put func(content io.Reader) error }

var errDown = errors.New("the bucket is down")

func (s *faulty) Put(_ context.Context, _ string, content io.Reader) error { return s.put(content) }
func (*faulty) Open(context.Context, string) (io.ReadSeekCloser, error)    { return nil, errDown }
func (*faulty) Remove(context.Context, string) error                       { return nil }

func TestFileStoresInTrouble(t *testing.T) {
	t.Parallel()
	bucket := new(faulty)
	w := onFile(t, portal.WithMaxFileSize(1024), portal.WithFileStore(bucket))
	once := partnerportal.WithRetry(partnerportal.RetryPolicy{MaxAttempts: 1})
	for name, put := range map[string]func(io.Reader) error{
		"refuses":      func(io.Reader) error { return errDown },
		"takes a part": func(content io.Reader) error { _, err := io.CopyN(io.Discard, content, 5); return err },
		"breaks half-way": func(content io.Reader) error {
			_, err := io.CopyN(io.Discard, content, 5)
			return errors.Join(err, errDown)
		},
		"breaks at last": func(content io.Reader) error {
			_, err := io.Copy(io.Discard, content)
			return errors.Join(err, errDown)
		},
	} {
		bucket.put = put
		_, err := w.acme.Upload(t.Context(), content("a.pdf", pdf), once)
		require.ErrorIs(t, err, partnerportal.ErrorCode("internal_error"), name)
		w.nothingLeft()
	}
	bucket.put = func(content io.Reader) error {
		if _, err := io.Copy(io.Discard, content); err != nil {
			return errDown // in its own words
		}
		return nil
	}
	_, err := w.acme.Upload(t.Context(), content("a.pdf", pdf+strings.Repeat("x", 2000)))
	require.ErrorIs(t, err, files.ErrTooLarge, "the caller hears why all the same")
	f := w.upload(w.acme, pdf)
	_, err = w.acme.Open(t.Context(), f.ID, once)
	require.ErrorIs(t, err, partnerportal.ErrorCode("internal_error"))
}

func TestPortalsWithoutStorage(t *testing.T) {
	t.Parallel()
	inner, err := portal.Open(t.Context(), storetest.Postgres(t))
	require.NoError(t, err)
	p := portaltest.Wrap(t, inner)
	text := strings.NewReader(pdf)
	_, err = files.New(p.Acme).Upload(t.Context(), files.Upload{File: files.Content{Name: "a", Reader: text}},
		partnerportal.WithRetry(partnerportal.RetryPolicy{MaxAttempts: 1}))
	require.ErrorIs(t, err, files.ErrNoStorage)
	assert.Equal(t, http.StatusServiceUnavailable, problemOf(t, err).Status)
	assert.Contains(t, problemOf(t, err).Detail, "portal.WithFileDir")
	assert.Equal(t, len(pdf), text.Len())
}

// Files lie beside the database unless the host says otherwise, and those of a portal in memory go with it.
func TestWhereFilesLie(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "portal.db")
	inner, err := portal.Open(t.Context(), "sqlite:"+database)
	require.NoError(t, err)
	p := portaltest.Wrap(t, inner)
	assert.NoDirExists(t, database+".files", "a portal without files has no folder for them")
	f, err := files.New(p.Acme).Upload(t.Context(), content("a.pdf", pdf))
	require.NoError(t, err)
	assert.FileExists(t, filepath.Join(database+".files", f.ID))
}
