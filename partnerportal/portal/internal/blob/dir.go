package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// Dir is a Store in a folder of this machine, or of a file server that all replicas share. The folder is made when the first content
// comes. Half-written contents end in ".part".
type Dir struct{ path string }

// NewDir returns the Store in the folder at path.
func NewDir(path string) *Dir { return &Dir{path} }

const half = ".part"

// syncEvery bounds what is left to be written to the disk when the last byte has come: the caller waits for that.
const syncEvery = 32 << 20

// Put writes beside the name and renames what is complete.
func (d *Dir) Put(ctx context.Context, name string, content io.Reader) (err error) {
	file, err := d.file(name)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(d.path, 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(file+half, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close() // it is thrown away
			_ = os.Remove(file + half)
		}
	}()
	for ended := false; !ended; {
		_, err := io.CopyN(f, content, syncEvery)
		if ended = err == io.EOF; err != nil && !ended { //nolint:errorlint // an error that wraps it is no end
			return err
		}
		if err := errors.Join(ctx.Err(), f.Sync()); err != nil {
			return err
		}
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(file+half, file); err != nil {
		return err
	}
	d.sync()
	return nil
}

// sync makes the name as durable as the content. Not every file system can; those that cannot need it not, or offer nothing better.
func (d *Dir) sync() {
	if folder, err := os.Open(d.path); err == nil {
		_ = folder.Sync()
		_ = folder.Close()
	}
}

// Open opens the file.
func (d *Dir) Open(_ context.Context, name string) (io.ReadSeekCloser, error) {
	file, err := d.file(name)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err // not f: a nil *os.File would not be a nil interface
	}
	return f, nil
}

// Remove removes the file and its half.
func (d *Dir) Remove(_ context.Context, name string) error {
	file, err := d.file(name)
	if err != nil {
		return err
	}
	return errors.Join(missing(os.Remove(file+half)), missing(os.Remove(file)))
}

func missing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// file is where a content lies. A name that is none of the portal's ids could lead anywhere.
func (d *Dir) file(name string) (string, error) {
	if name == "" || strings.ContainsFunc(name, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' }) {
		return "", fmt.Errorf("blob: %q is no name of a content: %w", name, fs.ErrInvalid)
	}
	return filepath.Join(d.path, name), nil
}

// Temp is a Store in a temporary folder, for a portal that lives in memory. It is ready as it is.
type Temp struct {
	mu     sync.Mutex
	dir    *Dir // nil before the first content
	closed bool
}

func (t *Temp) open() (*Dir, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return nil, fs.ErrClosed
	}
	if t.dir == nil {
		path, err := os.MkdirTemp("", "partnerportal-files-")
		if err != nil {
			return nil, err
		}
		t.dir = NewDir(path)
	}
	return t.dir, nil
}

// Put keeps a content until Close.
func (t *Temp) Put(ctx context.Context, name string, content io.Reader) error {
	dir, err := t.open()
	if err != nil {
		return err
	}
	return dir.Put(ctx, name, content)
}

// Open opens a content.
func (t *Temp) Open(ctx context.Context, name string) (io.ReadSeekCloser, error) {
	dir, err := t.open()
	if err != nil {
		return nil, err
	}
	return dir.Open(ctx, name)
}

// Remove removes a content.
func (t *Temp) Remove(ctx context.Context, name string) error {
	dir, err := t.open()
	if err != nil {
		return err
	}
	return dir.Remove(ctx, name)
}

// Close removes everything.
func (t *Temp) Close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed = true; t.dir == nil {
		return nil
	}
	return os.RemoveAll(t.dir.path)
}
