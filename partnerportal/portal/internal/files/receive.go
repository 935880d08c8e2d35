package files

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	contract "github.com/partnerportal/partnerportal-go/partnerportal/files"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/blob"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/ids"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// An upload has two halves. Its content comes in without a transaction, as it may take minutes: Receive. What came is then kept in
// the transaction of the operation, like any other change: Service.Upload. The row of the file stands from the beginning, so
// whatever ends between the two, a deadline knows what to remove.

// incoming is how long an upload may take before what has come of it is taken for abandoned.
const incoming = 24 * time.Hour

// framing is how much larger than its file a form may be.
const framing = 64 << 10

// Admit refuses an upload by the size that it announces, before any of it is read. A size below zero is none.
func (s *Service) Admit(announced int64) error {
	if s.blobs == (blob.None{}) {
		return blob.Missing()
	}
	if announced > s.limit+framing {
		return s.tooLarge()
	}
	return nil
}

func (s *Service) tooLarge() error {
	e := problem.New(http.StatusRequestEntityTooLarge, contract.ErrTooLarge, fmt.Sprintf("A file may have %d bytes.", s.limit))
	return problem.With(e, "max_size", s.limit)
}

// Intake is a file whose content has come, and which no transaction has kept yet. In the upload it takes the place of the content.
type Intake struct {
	file store.KeepFileParams
	kept bool
}

// Read ends at once: the content has been read.
func (*Intake) Read([]byte) (int, error) { return 0, io.EOF }

// Kept says that the upload went on to keep the file, if its transaction did not fail in the end.
func (i *Intake) Kept() bool { return i.kept }

// Digest is what an idempotency key of the upload stands for.
func (i *Intake) Digest() []byte {
	return fmt.Appendf(nil, "%s\n%s\n%s\n%d", i.file.Purpose, i.file.Name, i.file.SHA256, i.file.Size)
}

// Receive takes the content of an upload into the file store.
func (s *Service) Receive(ctx context.Context, upload *partnerportal.Upload) (*Intake, error) {
	c := call.From(ctx)
	purpose, err := purposeOf(upload.Fields["purpose"])
	if err != nil {
		return nil, err
	}
	if err := checkName(upload.File.Name); err != nil {
		return nil, err
	}
	content := bufio.NewReaderSize(upload.File.Reader, sniffed)
	head, err := content.Peek(sniffed)
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return nil, err
	case len(head) == 0:
		return nil, problem.Invalid("/file", "required", "The file is empty.")
	}
	media, err := mediaOf(head, purpose)
	if err != nil {
		return nil, err
	}
	intake := &Intake{file: store.KeepFileParams{ID: ids.New(ids.File, c.Now), Purpose: string(purpose), Name: upload.File.Name, MediaType: media}}
	if err := s.announce(ctx, c, intake.file.ID); err != nil {
		return nil, err
	}
	m := &meter{content: content, hash: sha256.New(), service: s}
	if err := m.pour(ctx, intake.file.ID); err != nil {
		return nil, errors.Join(err, s.Discard(ctx, intake))
	}
	intake.file.Size, intake.file.SHA256 = m.size, hex.EncodeToString(m.hash.Sum(nil))
	upload.File.Reader, upload.File.Size = intake, m.size
	return intake, nil
}

// announce writes the row of a file that is about to come.
func (s *Service) announce(ctx context.Context, c *call.Call, id string) error {
	deadline := store.Micros(c.Now.Add(incoming))
	return s.store.Write(ctx, func(tx *store.Tx) error {
		err := tx.InsertFile(ctx, store.InsertFileParams{ID: id, Owner: c.Caller.Owner(), CreatedAt: store.Micros(c.Now), ExpiresAt: deadline})
		if err != nil {
			return err
		}
		return sweepAt(ctx, tx, id, deadline)
	})
}

// Discard lets go of a file that no transaction has kept: the upload failed, or repeats one that succeeded. Should one have kept it
// and its end be unknown, the file stays. The content is removed by a deadline, so that a file store that is down holds up nobody.
func (s *Service) Discard(ctx context.Context, i *Intake) error {
	now := store.Micros(call.From(ctx).Now)
	ctx = context.WithoutCancel(ctx) // the caller may be gone, and most often is
	return s.store.Write(ctx, func(tx *store.Tx) error {
		abandoned, err := tx.AbandonFile(ctx, i.file.ID)
		if err != nil || abandoned == 0 {
			return err
		}
		return sweepAt(ctx, tx, i.file.ID, now)
	})
}

// meter measures a content while it passes.
type meter struct {
	content io.Reader
	hash    hash.Hash
	service *Service

	size  int64
	ended bool
	err   error // why the content ended before its end; a file store may tell of it in other words
}

// pour lets the whole content run into the file store.
func (m *meter) pour(ctx context.Context, name string) error {
	err := m.service.blobs.Put(ctx, name, m)
	switch {
	case m.err != nil:
		return m.err
	case err == nil && !m.ended:
		return errors.New("files: the file store took only a part of a content")
	}
	return err
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.content.Read(p)
	m.size += int64(n)
	_, _ = m.hash.Write(p[:n]) // never fails
	if m.size > m.service.limit {
		err = m.service.tooLarge()
	}
	if m.ended = err == io.EOF; err != nil && !m.ended { //nolint:errorlint // an error that wraps it is no end
		m.err = err
	}
	return n, err
}

// checkName refuses a name that cannot be given back as it came.
func checkName(name string) error {
	switch {
	case name == "":
		return problem.Invalid("/file", "required", "The file has no name: send its filename, without folders.")
	case utf8.RuneCountInString(name) > 255:
		return problem.Invalid("/file", "out_of_range", "Give a name of at most 255 characters.")
	case !utf8.ValidString(name), strings.ContainsFunc(name, unicode.IsControl):
		return problem.Invalid("/file", "invalid_format", "The name is not UTF-8, or holds control characters.")
	case strings.ContainsFunc(name, func(r rune) bool { return unicode.Is(unicode.Bidi_Control, r) }):
		return problem.Invalid("/file", "invalid_format", "The name holds characters that turn the direction of writing: it would read as another.")
	}
	return nil
}
