package events

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// CursorStore remembers how far a follower has come. One follower at a time uses a store; a database of the host's own is a
// good place, in the transaction of what the handler does if it can be.
type CursorStore interface {
	// Load returns what was saved last, "" when nothing ever was.
	Load(ctx context.Context) (string, error)
	// Save replaces it. What it returned nil for must outlive a crash.
	Save(ctx context.Context, cursor string) error
}

// saveIn saves even when ctx has just ended: what was done is done.
func saveIn(ctx context.Context, store CursorStore, cursor string) error {
	if err := store.Save(context.WithoutCancel(ctx), cursor); err != nil {
		return fmt.Errorf("events: %w", err)
	}
	return nil
}

// FileCursor keeps the cursor in the file at path. The file is replaced as a whole: a crash leaves the old cursor or the new one.
func FileCursor(path string) CursorStore { return fileCursor(path) }

type fileCursor string

func (f fileCursor) Load(context.Context) (string, error) {
	data, err := os.ReadFile(string(f))
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read the cursor: %w", err)
	}
	cursor := strings.TrimSpace(string(data))
	if cursor == "" { // somebody else wrote it; to take it for a first start could pass over events
		return "", fmt.Errorf("read the cursor: %s is empty; remove it to start anew", string(f))
	}
	return cursor, nil
}

func (f fileCursor) Save(_ context.Context, cursor string) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("save the cursor: %w", err)
		}
	}()
	next, err := os.CreateTemp(filepath.Dir(string(f)), "."+filepath.Base(string(f))+"-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(next.Name()) // the failure before is what matters
		}
	}()
	_, err = next.WriteString(cursor + "\n")
	if err = errors.Join(err, next.Sync(), next.Close()); err != nil {
		return err
	}
	return os.Rename(next.Name(), string(f))
}

// MemoryCursor keeps the cursor as long as the program runs, for tests and for programs that start over each time. Its zero
// value is ready; it is safe for concurrent use.
type MemoryCursor struct {
	mu     sync.Mutex
	cursor string
}

// Load returns what was saved last.
func (m *MemoryCursor) Load(context.Context) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.cursor, nil
}

// Save replaces the cursor.
func (m *MemoryCursor) Save(_ context.Context, cursor string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.cursor = cursor
	return nil
}
