package webhook

import (
	"errors"
	"io"
	"net/http"
	"os"
	"sync"
	"time"
)

const keptBuffer = 64 << 10 // larger buffers go to the garbage collector: they are rare, and would stay for ever

// buffer is a body's memory, used again for later ones.
type buffer struct{ bytes []byte }

var buffers = sync.Pool{New: func() any { return &buffer{bytes: make([]byte, 0, 4<<10)} }}

func takeBuffer() *buffer {
	return buffers.Get().(*buffer) //nolint:forcetypeassert // the pool holds nothing else
}

func (b *buffer) release() {
	if cap(b.bytes) <= keptBuffer {
		b.bytes = b.bytes[:0]
		buffers.Put(b)
	}
}

var errTooLong = errors.New("longer than the limit")

// fill reads all of src, at most limit bytes. The buffer grows with what arrives, not with what a stranger announces.
func (b *buffer) fill(src io.Reader, limit int64) error {
	for {
		if len(b.bytes) == cap(b.bytes) {
			b.bytes = append(b.bytes, 0)[:len(b.bytes)]
		}
		room := b.bytes[len(b.bytes):cap(b.bytes)]
		room = room[:min(int64(len(room)), limit+1-int64(len(b.bytes)))]
		n, err := src.Read(room)
		b.bytes = b.bytes[:len(b.bytes)+n]
		switch {
		case int64(len(b.bytes)) > limit:
			return errTooLong
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}

// read takes the body in, within its limits of size and time.
func (r *Receiver) read(w http.ResponseWriter, q *http.Request, body *buffer) *Error {
	conn := http.NewResponseController(w)
	limited := conn.SetReadDeadline(time.Now().Add(r.readTimeout)) == nil
	err := body.fill(q.Body, r.maxBody)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.Is(err, errTooLong), errors.As(err, &tooLarge):
		return fail(ErrBodyTooLarge, nil)
	case errors.Is(err, os.ErrDeadlineExceeded):
		refused := fail(ErrBodyRead, err)
		refused.Status = http.StatusRequestTimeout
		return refused
	case len(body.bytes) == 0 && q.ContentLength > 0:
		return fail(ErrBodyRead, errors.New("the body was read before: mount the Receiver in front of whatever parses bodies"))
	case err != nil:
		return fail(ErrBodyRead, err)
	}
	if limited {
		// net/http watches the connection while the handler runs; the deadline would end that as if the sender had gone.
		_ = conn.SetReadDeadline(time.Time{})
	}
	return nil
}
