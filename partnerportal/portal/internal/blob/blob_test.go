package blob_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/blob"
)

func read(t *testing.T, s blob.Store, name string) []byte {
	t.Helper()
	content, err := s.Open(t.Context(), name)
	require.NoError(t, err)
	defer content.Close()
	data, err := io.ReadAll(content)
	require.NoError(t, err)
	return data
}

func TestStores(t *testing.T) {
	t.Parallel()
	temp := new(blob.Temp)
	t.Cleanup(func() { assert.NoError(t, temp.Close()) })
	for name, s := range map[string]blob.Store{"dir": blob.NewDir(filepath.Join(t.TempDir(), "a", "b")), "temp": temp} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			_, err := s.Open(ctx, "file_1")
			require.ErrorIs(t, err, fs.ErrNotExist)
			require.NoError(t, s.Remove(ctx, "file_1"), "what is not there is gone")

			require.NoError(t, s.Put(ctx, "file_1", strings.NewReader("hello")))
			assert.Equal(t, "hello", string(read(t, s, "file_1")))
			content, err := s.Open(ctx, "file_1")
			require.NoError(t, err)
			_, err = content.Seek(2, io.SeekStart)
			require.NoError(t, err)
			rest, err := io.ReadAll(content)
			require.NoError(t, err)
			assert.Equal(t, "llo", string(rest))
			require.NoError(t, content.Close())

			require.NoError(t, s.Remove(ctx, "file_1"))
			_, err = s.Open(ctx, "file_1")
			require.ErrorIs(t, err, fs.ErrNotExist)
		})
	}
}

// Contents of every size come out as they went in, those at the seams of syncing above all.
func TestSizes(t *testing.T) {
	t.Parallel()
	s := blob.NewDir(t.TempDir())
	for _, size := range []int{0, 1, 32<<20 - 1, 32 << 20, 32<<20 + 1} {
		content := bytes.Repeat([]byte("0123456789abcdef!"), size/17+1)[:size]
		require.NoError(t, s.Put(t.Context(), "file_1", bytes.NewReader(content)))
		require.True(t, bytes.Equal(content, read(t, s, "file_1")), "%d bytes", size)
	}
}

func TestPutIsAllOrNothing(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	s := blob.NewDir(path)
	gone := errors.New("the caller has gone")
	err := s.Put(t.Context(), "file_1", io.MultiReader(strings.NewReader("half"), iotest.ErrReader(gone)))
	require.ErrorIs(t, err, gone)
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, s.Put(canceled, "file_2", strings.NewReader("whole")), context.Canceled)
	left, err := os.ReadDir(path)
	require.NoError(t, err)
	assert.Empty(t, left)
}

// Remove takes away what a process that was killed has left half-written; a new Put writes over it.
func TestHalvesOfTheKilled(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	s := blob.NewDir(path)
	half := filepath.Join(path, "file_1.part")
	require.NoError(t, os.WriteFile(half, []byte("longer than what comes next"), 0o600))
	_, err := s.Open(t.Context(), "file_1")
	require.ErrorIs(t, err, fs.ErrNotExist, "a half is nothing")
	require.NoError(t, s.Put(t.Context(), "file_1", strings.NewReader("whole")))
	assert.Equal(t, "whole", string(read(t, s, "file_1")))

	require.NoError(t, os.WriteFile(half, []byte("half"), 0o600))
	require.NoError(t, s.Remove(t.Context(), "file_1"))
	left, err := os.ReadDir(path)
	require.NoError(t, err)
	assert.Empty(t, left)
}

func TestNamesLeadNowhereElse(t *testing.T) {
	t.Parallel()
	s := blob.NewDir(t.TempDir())
	for _, name := range []string{"", ".", "..", "../file_1", "a/b", `a\b`, "file_1.part", "FILE", "file_1\x00", "/etc/passwd"} {
		require.ErrorIs(t, s.Put(t.Context(), name, strings.NewReader("x")), fs.ErrInvalid, name)
		_, err := s.Open(t.Context(), name)
		require.ErrorIs(t, err, fs.ErrInvalid, name)
		require.ErrorIs(t, s.Remove(t.Context(), name), fs.ErrInvalid, name)
	}
}

func TestFoldersThatCannotBe(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	s := blob.NewDir(filepath.Join(file, "folder"))
	require.Error(t, s.Put(t.Context(), "file_1", strings.NewReader("x")))
}

func TestTempGoesWithItsPortal(t *testing.T) { //nolint:paralleltest // sets TMPDIR
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	s := new(blob.Temp)
	require.NoError(t, s.Put(t.Context(), "file_1", strings.NewReader("x")))
	made, err := os.ReadDir(tmp)
	require.NoError(t, err)
	require.Len(t, made, 1)
	require.NoError(t, s.Close())
	made, err = os.ReadDir(tmp)
	require.NoError(t, err)
	assert.Empty(t, made)
	require.ErrorIs(t, s.Put(t.Context(), "file_1", strings.NewReader("x")), fs.ErrClosed)
	_, err = s.Open(t.Context(), "file_1")
	require.ErrorIs(t, err, fs.ErrClosed)
	require.ErrorIs(t, s.Remove(t.Context(), "file_1"), fs.ErrClosed)
	require.NoError(t, new(blob.Temp).Close())
}

func TestNone(t *testing.T) {
	t.Parallel()
	s := blob.None{}
	missing := partnerportal.ErrorCode("file_storage_missing")
	require.ErrorIs(t, s.Put(t.Context(), "file_1", strings.NewReader("x")), missing)
	_, err := s.Open(t.Context(), "file_1")
	require.ErrorIs(t, err, missing)
	require.ErrorIs(t, s.Remove(t.Context(), "file_1"), missing)
}
