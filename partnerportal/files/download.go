package files

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// maxBreaks is how often in a row a download breaks without a byte having come before it is given up.
const maxBreaks = 3

// Download writes the content of a file to w and returns the number of bytes written. A connection that breaks is taken up where it
// broke. The content is checked against the SHA-256 that the portal gives for it; what fails that is [partnerportal.ErrUnexpectedContent],
// and w then holds bytes that are not the file.
//
// opts hold for each of the calls that it takes. To read a part of a file, or something of it before the rest, use [Client.Open].
func (c *Client) Download(ctx context.Context, fileID string, w io.Writer, opts ...partnerportal.RequestOption) (int64, error) {
	hash := sha256.New()
	d := &download{client: c, fileID: fileID, opts: opts, out: io.MultiWriter(w, hash)}
	for breaks := 0; ; {
		before := d.written
		broken, err := d.goOn(ctx)
		if breaks++; d.written > before {
			breaks = 0
		}
		switch {
		case err == nil:
			return d.written, d.check(hex.EncodeToString(hash.Sum(nil)))
		case !broken, breaks == maxBreaks:
			return d.written, err
		}
	}
}

// download is a file on its way, over as many connections as it takes.
type download struct {
	client  *Client
	fileID  string
	opts    []partnerportal.RequestOption
	out     io.Writer
	etag    string
	written int64
}

// goOn asks for what is missing and copies it. It reports whether the connection broke in the middle of that.
func (d *download) goOn(ctx context.Context) (broken bool, err error) {
	opts := d.opts
	if d.written > 0 {
		opts = append(slices.Clip(opts), partnerportal.WithHeader("Range", fmt.Sprintf("bytes=%d-", d.written)), partnerportal.WithHeader("If-Range", d.etag))
	}
	content, err := d.client.Open(ctx, d.fileID, opts...)
	if err != nil {
		return false, err
	}
	defer content.Close()
	if content.Offset != d.written {
		return false, d.unexpected("the portal did not go on where the connection broke")
	}
	d.etag = content.ETag
	n, err := io.Copy(d.out, content)
	d.written += n
	return errors.Is(err, partnerportal.ErrUnavailable) && d.etag != "", err
}

// check holds what has come against the tag. A tag that is no SHA-256 is another portal's way, and says nothing.
func (d *download) check(sum string) error {
	tag := strings.Trim(d.etag, `"`)
	if len(tag) == len(sum) && tag != sum {
		return d.unexpected("the content does not have the SHA-256 that the portal gives for it")
	}
	return nil
}

func (d *download) unexpected(what string) error {
	return &partnerportal.Error{Operation: opOpen.ID, Code: partnerportal.ErrUnexpectedContent, Err: errors.New(what)}
}
