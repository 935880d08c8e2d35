package partnerportal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"strings"
)

// outbox is the body of an upload over all attempts. An attempt that was given up may still be reading when the next one begins, or
// when the call has ended; so the caller's reader is only read by the latest attempt, and by one goroutine at a time.
type outbox struct {
	ctx        context.Context // of the call
	head, tail []byte          // of the form, around the file
	content    io.Reader
	size       int64 // of the content; -1 when it is not known
	start      int64 // where the content began; -1 when it cannot go back there

	turn  chan struct{} // held by whoever reads, and for the fields below
	owner *attemptBody  // the latest attempt
	sent  int64         // how much of the content was read for it
	err   error         // why the content could not be read
}

func newOutbox(ctx context.Context, form []string, u *Upload) (o *outbox, mediaType string, err error) {
	switch {
	case len(form) == 0:
		return nil, "", errors.New("the operation takes no file")
	case u.File.Reader == nil:
		return nil, "", errors.New("the file has no Reader")
	case u.File.Size < 0:
		return nil, "", fmt.Errorf("the file's size is %d", u.File.Size)
	case u.File.Name == "" || strings.ContainsAny(u.File.Name, "/\\\x00\r\n"):
		return nil, "", fmt.Errorf("the file's name %q is none; give it without folders", clip(u.File.Name, 64))
	}
	o = &outbox{ctx: ctx, content: u.File.Reader, turn: make(chan struct{}, 1)}
	o.size, o.start = measure(u.File)
	var frame bytes.Buffer
	parts := multipart.NewWriter(&frame)
	last := len(form) - 1
	for _, name := range form[:last] {
		if text := u.Fields[name]; text != "" {
			if err := parts.WriteField(name, text); err != nil {
				return nil, "", err
			}
		}
	}
	if _, err := parts.CreateFormFile(form[last], u.File.Name); err != nil {
		return nil, "", err
	}
	headSize := frame.Len()
	if err := parts.Close(); err != nil {
		return nil, "", err
	}
	o.head, o.tail = frame.Bytes()[:headSize], frame.Bytes()[headSize:]
	return o, parts.FormDataContentType(), nil
}

// measure asks a reader for its size, and for the place to which it can go back.
func measure(c Content) (size, start int64) {
	size, start = -1, -1
	if seeker, ok := c.Reader.(io.Seeker); ok {
		// Some have the method and cannot do it, such as an os.File that is a pipe.
		if at, err := seeker.Seek(0, io.SeekCurrent); err == nil {
			if end, err := seeker.Seek(0, io.SeekEnd); err == nil && end >= at {
				size = end - at
			}
			if _, err := seeker.Seek(at, io.SeekStart); err == nil {
				start = at
			}
		}
	} else if sized, ok := c.Reader.(interface{ Len() int }); ok {
		size = int64(sized.Len())
	}
	if c.Size > 0 {
		size = c.Size
	}
	return size, start
}

// length is that of the whole body, -1 when it is not known.
func (o *outbox) length() int64 {
	if o.size < 0 {
		return -1
	}
	return int64(len(o.head)) + o.size + int64(len(o.tail))
}

// open begins the body anew, for an attempt or for another connection of the same one.
func (o *outbox) open() (io.Reader, error) {
	if err := o.take(); err != nil {
		return nil, err
	}
	defer o.give()
	if !o.fresh() {
		return nil, errSpent
	}
	if o.sent > 0 {
		if _, err := o.content.(io.Seeker).Seek(o.start, io.SeekStart); err != nil {
			return nil, err
		}
	}
	o.sent = 0
	o.owner = &attemptBody{outbox: o}
	o.owner.form = io.MultiReader(bytes.NewReader(o.head), contentReader{o}, bytes.NewReader(o.tail))
	return o.owner, nil
}

// retire lets no attempt read on, and reports whether there can be another one.
func (o *outbox) retire() bool {
	if o.take() != nil {
		return false
	}
	defer o.give()
	o.owner = nil
	return o.fresh()
}

// fresh reports whether the whole content can be read: nothing of it was, or it can go back.
func (o *outbox) fresh() bool { return o.err == nil && (o.sent == 0 || o.start >= 0) }

// take waits until nobody reads. It gives up when the call's time is over: the caller's reader may never return.
func (o *outbox) take() error {
	select {
	case o.turn <- struct{}{}:
		return nil
	case <-o.ctx.Done():
		return o.ctx.Err()
	}
}

func (o *outbox) give() { <-o.turn }

// failed returns why the content could not be read, nil when that was not it.
func (o *outbox) failed() error {
	if o.take() != nil {
		return nil
	}
	defer o.give()
	return o.err
}

var (
	errSpent   = errors.New("the content cannot be read a second time")
	errGivenUp = errors.New("the attempt was given up")
)

// attemptBody is the body of one attempt.
type attemptBody struct {
	outbox *outbox
	form   io.Reader
}

func (b *attemptBody) Read(p []byte) (int, error) {
	if err := b.outbox.take(); err != nil {
		return 0, err
	}
	defer b.outbox.give()
	if b.outbox.owner != b {
		return 0, errGivenUp
	}
	return b.form.Read(p)
}

// contentReader reads the caller's content and holds it to its size: one byte more or less would break the form.
type contentReader struct{ *outbox }

func (c contentReader) Read(p []byte) (int, error) {
	n, err := c.content.Read(p)
	c.sent += int64(n)
	switch {
	case err != nil && err != io.EOF:
		c.err = err
	case c.size >= 0 && c.sent > c.size:
		c.err = fmt.Errorf("the content has more than the %d bytes that were announced", c.size)
	case c.size >= 0 && err == io.EOF && c.sent < c.size:
		c.err = fmt.Errorf("the content has %d bytes, and %d were announced", c.sent, c.size)
	default:
		return n, err
	}
	return 0, c.err
}
