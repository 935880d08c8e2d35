package partnerportal

import (
	"cmp"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Content is a file on its way to a portal. It is sent while it is read, and never held in memory as a whole.
//
//	file, err := os.Open("invoice.pdf")
//	…
//	defer file.Close()
//	content := partnerportal.Content{Name: "invoice.pdf", Reader: file}
type Content struct {
	// Name is the file's name, without folders.
	Name string
	// Reader gives the bytes. A call that fails is made again only if Reader can go back to where it began, as an [io.Seeker] can,
	// or if nothing has been read of it yet. It is read until the call ends, and not closed; one that hangs holds the call up until
	// its context ends.
	Reader io.Reader
	// Size is the number of bytes; 0 asks Reader, which knows it when it is an [io.Seeker] or has a Len method. A portal that is
	// told the size refuses a file that is too large before it is sent.
	Size int64
}

// Upload is the body of a [Request] whose operation takes a file: a form of some short texts and, last, the file.
type Upload struct {
	// Fields are the texts, by the names in [Operation].Form. An empty one is not sent.
	Fields map[string]string
	// File is the file.
	File Content
}

// Download is a file on its way from a portal. It arrives while it is read; whoever has got one must Close it.
//
// A portal returns one to be sent: parts of it can be asked for if its ReadCloser is an [io.ReadSeeker].
type Download struct {
	// ReadCloser gives the bytes. Reading fails with an [*Error] that is [ErrUnavailable] when they stop coming.
	io.ReadCloser

	// Name is the file's name, without folders.
	Name string
	// MediaType says what the content is, such as application/pdf.
	MediaType string
	// Size is the number of bytes of the whole file, -1 when it is not known.
	Size int64
	// Offset is where in the file the bytes begin; 0 unless a part was asked for (WithHeader("Range", "bytes=1000-")).
	Offset int64
	// ETag identifies the bytes, in quotes; it is "" when nothing does.
	ETag string
}

// ServeHTTP answers a request with the file, and closes it. A browser saves it and neither shows nor runs it, whatever it is.
// Requests for a part and for what has changed (Range, If-Range, If-None-Match) are answered as RFC 9110 has it, and the
// server's WriteTimeout does not apply as long as the caller takes what is sent.
func (d *Download) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer d.Close()
	header := w.Header()
	header.Set("Content-Type", cmp.Or(d.MediaType, "application/octet-stream"))
	header.Set("Content-Disposition", d.disposition())
	header.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	header.Set("X-Content-Type-Options", "nosniff")
	if header.Get("Cache-Control") == "" {
		header.Set("Cache-Control", "no-store")
	}
	if d.ETag != "" {
		header.Set("ETag", d.ETag)
	}
	out := &contentWriter{ResponseWriter: w, patience: newPatience(w)}
	if content, ok := d.ReadCloser.(io.ReadSeeker); ok {
		http.ServeContent(out, r, "", time.Time{}, content)
		return
	}
	if d.Size >= 0 && d.Offset == 0 {
		header.Set("Content-Length", strconv.FormatInt(d.Size, 10))
	}
	if r.Method == http.MethodHead {
		return
	}
	if _, err := io.Copy(out, d); err != nil {
		panic(http.ErrAbortHandler) // half a file must not look like a whole one
	}
}

// disposition makes it an attachment in any case, also under a name that no header can hold.
func (d *Download) disposition() string {
	if d.Name == "" {
		return "attachment"
	}
	return cmp.Or(mime.FormatMediaType("attachment", map[string]string{"filename": d.Name}), "attachment")
}

// describe takes from an answer's headers what they say of the file.
func (d *Download) describe(resp *http.Response) {
	d.MediaType, d.Size, d.ETag = resp.Header.Get("Content-Type"), resp.ContentLength, resp.Header.Get("ETag")
	if _, params, err := mime.ParseMediaType(resp.Header.Get("Content-Disposition")); err == nil {
		d.Name = baseName(params["filename"])
	}
	if resp.StatusCode == http.StatusPartialContent { // bytes 1000-1999/48213
		part, total, _ := strings.Cut(strings.TrimPrefix(resp.Header.Get("Content-Range"), "bytes "), "/")
		from, _, _ := strings.Cut(part, "-")
		d.Offset, d.Size = number(from), number(total)
	}
}

// number is the one that a header holds, -1 when it holds none.
func number(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return -1
	}
	return n
}

// baseName is what follows the last separator of any system: what the other end calls its file must not choose a folder here.
func baseName(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	if name == "." || name == ".." {
		return ""
	}
	return name
}

// contentWriter is the http.ResponseWriter of a file: it gives the caller time as long as it takes what is sent, and refuses a part
// that the file does not have in the words of the contract.
type contentWriter struct {
	http.ResponseWriter
	patience

	refused bool
}

func (w *contentWriter) WriteHeader(status int) {
	if w.refused = status == http.StatusRequestedRangeNotSatisfiable; !w.refused {
		w.ResponseWriter.WriteHeader(status)
		return
	}
	header := w.Header()
	e := &Error{Status: status, Code: "range_not_satisfiable", Detail: "The file has no such part."}
	for _, name := range []string{"Content-Disposition", "Content-Security-Policy", "ETag"} {
		header.Del(name)
	}
	problemReply(e, header.Get("X-Request-Id")).write(w.ResponseWriter, &Incoming{})
}

func (w *contentWriter) Write(data []byte) (int, error) {
	if w.refused { // the standard library's words for it
		return len(data), nil
	}
	w.moved()
	return w.ResponseWriter.Write(data)
}
