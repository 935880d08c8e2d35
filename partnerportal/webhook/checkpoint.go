package webhook

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// FileCheckpoint returns a [Checkpoint] in a file, which is replaced as a whole, so that it is never half written. Its folder exists.
func FileCheckpoint(path string) Checkpoint { return fileCheckpoint(path) }

type fileCheckpoint string

func (c fileCheckpoint) Load(context.Context) (string, error) {
	text, err := os.ReadFile(string(c))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return strings.TrimSpace(string(text)), err
}

func (c fileCheckpoint) Save(_ context.Context, cursor string) error {
	f, err := os.CreateTemp(filepath.Dir(string(c)), ".checkpoint-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // after the rename there is none
	_, err = f.WriteString(cursor + "\n")
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), string(c))
}
