package files_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/files"
)

func TestUploadFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "invoice.pdf")
	require.NoError(t, os.WriteFile(path, []byte("%PDF-1.7"), 0o600))
	c := connect(t, new(shelf))
	f, err := c.UploadFile(t.Context(), path, files.PurposeProof)
	require.NoError(t, err)
	assert.Equal(t, "invoice.pdf", f.Name)
	assert.Equal(t, files.PurposeProof, f.Purpose)
	assert.Equal(t, int64(8), f.Size)

	_, err = c.UploadFile(t.Context(), path+".not", files.PurposeProof)
	assert.ErrorIs(t, err, os.ErrNotExist)
}

// A download that breaks goes on where it broke, and each byte is written once.
func TestDownloadGoesOn(t *testing.T) {
	t.Parallel()
	content := strings.Repeat("0123456789", 30_000)
	for name, tc := range map[string]struct {
		breaks []int
		opened int
		fails  bool
	}{
		"whole":                    {nil, 1, false},
		"broken once":              {[]int{100_000}, 2, false},
		"broken often":             {[]int{100_000, 0, 0, 50_000, 0, 0, 1, 100_000}, 9, false},
		"nothing comes":            {[]int{0, 0, 0, 0, 0, 0}, 3, true},
		"nothing comes any longer": {[]int{100_000, 0, 0, 0, 0, 0}, 4, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &shelf{breaks: tc.breaks}
			c := connect(t, s)
			f := upload(t, c, content)
			var got bytes.Buffer
			n, err := c.Download(t.Context(), f.ID, &got)
			assert.Equal(t, tc.opened, s.opened)
			assert.Equal(t, int64(got.Len()), n)
			if tc.fails {
				require.ErrorIs(t, err, partnerportal.ErrUnavailable)
				assert.True(t, strings.HasPrefix(content, got.String()))
				return
			}
			require.NoError(t, err)
			assert.Equal(t, content, got.String())
		})
	}
}

func TestDownloadsThatFail(t *testing.T) {
	t.Parallel()
	content := strings.Repeat("0123456789", 30_000)

	s := &shelf{tag: `"` + strings.Repeat("0", 64) + `"`}
	c := connect(t, s)
	n, err := c.Download(t.Context(), upload(t, c, content).ID, new(bytes.Buffer))
	require.ErrorIs(t, err, partnerportal.ErrUnexpectedContent, "it is not what the portal says it is")
	assert.Equal(t, int64(len(content)), n)

	s = &shelf{tag: `"v1"`, breaks: []int{100_000}}
	c = connect(t, s)
	_, err = c.Download(t.Context(), upload(t, c, content).ID, new(bytes.Buffer))
	require.NoError(t, err, "a tag that is no SHA-256 says nothing")

	s = &shelf{breaks: []int{100_000}, forget: map[int]string{2: "gone"}}
	c = connect(t, s)
	n, err = c.Download(t.Context(), upload(t, c, content).ID, new(bytes.Buffer))
	require.ErrorIs(t, err, partnerportal.ErrorCode("gone"), "it was removed meanwhile")
	assert.Equal(t, int64(100_000), n)

	_, err = c.Download(t.Context(), "file_none", new(bytes.Buffer))
	require.ErrorIs(t, err, partnerportal.ErrNotFound)

	full := errors.New("the disk is full")
	_, err = c.Download(t.Context(), "file_1", refusing{full})
	require.ErrorIs(t, err, full)

	ctx, cancel := context.WithCancel(t.Context())
	_, err = c.Download(ctx, "file_1", leaving(cancel))
	require.ErrorIs(t, err, context.Canceled)
}

// swapped gives another content under the same id after the first opening.
type swapped struct{ *shelf }

func (s swapped) Open(ctx context.Context, id string) (*partnerportal.Download, error) {
	if s.opened == 1 {
		s.tag = `"other"`
	}
	return s.shelf.Open(ctx, id)
}

// A content that changed between two connections is not sewn together from two halves.
func TestDownloadOfAChangedFile(t *testing.T) {
	t.Parallel()
	s := &shelf{breaks: []int{100_000}}
	c := connect(t, swapped{s})
	_, err := c.Download(t.Context(), upload(t, c, strings.Repeat("x", 300_000)).ID, new(bytes.Buffer))
	require.ErrorIs(t, err, partnerportal.ErrUnexpectedContent)
}

type refusing struct{ err error }

func (r refusing) Write([]byte) (int, error) { return 0, r.err }

// leaving ends the caller's context with the first byte.
type leaving context.CancelFunc

func (l leaving) Write(p []byte) (int, error) {
	l()
	return len(p), nil
}
