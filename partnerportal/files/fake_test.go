package files_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/files"
)

// shelf stands in for a portal: it keeps files in memory.
type shelf struct {
	mu       sync.Mutex
	contents map[string][]byte
	files    map[string]files.File

	opened int
	breaks []int          // how many bytes each opening gives before the connection breaks; beyond them, all
	tag    string         // instead of the SHA-256
	forget map[int]string // an opening that answers with this code
}

func (s *shelf) Upload(_ context.Context, body *files.Upload) (*files.File, error) {
	content, err := io.ReadAll(body.File.Reader)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	sum := sha256.Sum256(content)
	f := files.File{ID: "file_1", Name: body.File.Name, MediaType: http.DetectContentType(content), Size: int64(len(content)),
		SHA256: hex.EncodeToString(sum[:]), Purpose: body.Purpose, CreatedAt: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	if s.files == nil {
		s.files, s.contents = map[string]files.File{}, map[string][]byte{}
	}
	s.files[f.ID], s.contents[f.ID] = f, content
	return &f, nil
}

func (s *shelf) find(id string) (files.File, error) {
	f, ok := s.files[id]
	if !ok {
		return f, &partnerportal.Error{Status: http.StatusNotFound, Code: "not_found"}
	}
	return f, nil
}

func (s *shelf) Get(_ context.Context, id string) (*files.File, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.find(id)
	return &f, err
}

func (s *shelf) Delete(_ context.Context, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.find(id)
	delete(s.files, id)
	return err
}

// breaking is a file whose reading fails after so many bytes.
type breaking struct {
	*bytes.Reader

	left int
}

func (b *breaking) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errors.New("the disk is gone")
	}
	n, err := b.Reader.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

func (*breaking) Close() error { return nil }

func (s *shelf) Open(_ context.Context, id string) (*partnerportal.Download, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.find(id)
	if err != nil {
		return nil, err
	}
	content, left := s.contents[id], 1<<30
	if s.opened < len(s.breaks) {
		left = s.breaks[s.opened]
	}
	if s.opened++; s.forget[s.opened] != "" {
		return nil, &partnerportal.Error{Status: http.StatusGone, Code: partnerportal.ErrorCode(s.forget[s.opened])}
	}
	tag := s.tag
	if tag == "" {
		tag = `"` + f.SHA256 + `"`
	}
	return &partnerportal.Download{ReadCloser: &breaking{bytes.NewReader(content), left}, Name: f.Name, MediaType: f.MediaType, Size: f.Size, ETag: tag}, nil
}

func connect(tb testing.TB, s files.Server) *files.Client {
	tb.Helper()
	router := partnerportal.NewRouter()
	files.Mount(router, s)
	pp, err := partnerportal.New("https://portal.test", partnerportal.WithHandler(router), partnerportal.WithAPIKey("ppk_test"),
		partnerportal.WithRetry(partnerportal.RetryPolicy{BaseDelay: time.Nanosecond}))
	require.NoError(tb, err)
	return files.New(pp)
}

func upload(tb testing.TB, c *files.Client, content string) *files.File {
	tb.Helper()
	f, err := c.Upload(tb.Context(), files.Upload{Purpose: files.PurposeProof, File: files.Content{Name: "proof.txt", Reader: strings.NewReader(content)}})
	require.NoError(tb, err)
	return f
}
