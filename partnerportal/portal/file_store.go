package portal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/blob"
)

// FileStore keeps the content of uploaded files, for [WithFileStore]. It is safe for concurrent use. The names are ids of the portal's:
// lower-case letters, digits and underscores, never used for two contents. The portal keeps in its database what there is, before a
// content comes and until it is gone, and removes by that; a FileStore need not list its contents.
type FileStore interface {
	// Put keeps what content gives under the name, durably, or nothing at all: when content fails, Put fails and leaves nothing.
	// It reads content to its end and holds only a part of it at a time.
	Put(ctx context.Context, name string, content io.Reader) error
	// Open returns the content under the name; the error is fs.ErrNotExist if there is none. The portal closes it.
	Open(ctx context.Context, name string) (io.ReadSeekCloser, error)
	// Remove removes the content under the name, and what a Put that was killed has left of it. It is no error if there is none.
	Remove(ctx context.Context, name string) error
}

// WithFileStore puts uploaded files into a store of the host's, such as a bucket.
//
// Without it, and without [WithFileDir], [Open] puts them beside the database: those of "sqlite:portal.db" into the folder
// portal.db.files, those of a database in memory into a temporary folder that [Portal.Close] removes. For PostgreSQL and for [New]
// there is no such place: uploads are answered 503 with the code file_storage_missing.
func WithFileStore(files FileStore) Option {
	return func(o *options) error {
		if files == nil {
			return errors.New("WithFileStore: the store is nil")
		}
		o.files = files
		return nil
	}
}

// WithFileDir puts uploaded files into a folder, which is made when the first one comes. Replicas of one portal share one folder.
func WithFileDir(path string) Option {
	return func(o *options) error {
		if path == "" {
			return errors.New("WithFileDir: the path is empty")
		}
		o.files = blob.NewDir(path)
		return nil
	}
}

const (
	defaultFileSize = 100 << 20
	largestFileSize = 1 << 40
)

// WithMaxFileSize sets how large an uploaded file may be, from 1 KiB to 1 TiB. The default is 100 MiB. The size costs no memory: files
// are written to their store while they arrive.
func WithMaxFileSize(bytes int64) Option {
	return func(o *options) error {
		if bytes < 1<<10 || bytes > largestFileSize {
			return fmt.Errorf("WithMaxFileSize: %d bytes are not between 1 KiB and 1 TiB", bytes)
		}
		o.maxFileSize = bytes
		return nil
	}
}

// besideDatabase is where files go when nothing else is said, given what [Open] was told.
func besideDatabase(dsn string) FileStore {
	path, isFile := strings.CutPrefix(dsn, "sqlite:")
	switch {
	case path == ":memory:":
		return new(blob.Temp)
	case isFile:
		return blob.NewDir(path + ".files")
	}
	return blob.None{}
}
