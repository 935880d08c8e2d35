// Package blob keeps the content of files: bytes under a name, in a folder or in whatever store the host brings.
package blob

import (
	"context"
	"io"
	"net/http"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
)

// Store keeps contents. It is safe for concurrent use. The names are ids of the portal's: letters, digits and underscores, never used
// for two contents.
type Store interface {
	// Put keeps what content gives under the name, durably, or nothing at all: when content fails, Put fails and leaves nothing.
	Put(ctx context.Context, name string, content io.Reader) error
	// Open returns the content under the name; the error is fs.ErrNotExist if there is none. It is closed by the caller.
	Open(ctx context.Context, name string) (io.ReadSeekCloser, error)
	// Remove removes the content under the name, and what a Put that was killed has left of it. It is no error if there is none.
	Remove(ctx context.Context, name string) error
}

// None is the store of a portal that has nowhere to put files. All it says is how to give it one.
type None struct{}

// Missing is the answer of a portal without a file store.
func Missing() error {
	return problem.New(http.StatusServiceUnavailable, partnerportal.ErrorCode("file_storage_missing"),
		"This portal has no storage for files. Whoever runs it gives it one with portal.WithFileDir or portal.WithFileStore.")
}

// Put answers that there is no store.
func (None) Put(context.Context, string, io.Reader) error { return Missing() }

// Open answers that there is no store.
func (None) Open(context.Context, string) (io.ReadSeekCloser, error) { return nil, Missing() }

// Remove answers that there is no store.
func (None) Remove(context.Context, string) error { return Missing() }
