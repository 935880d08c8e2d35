// Package files is the portal's room for files: it takes uploads in, shows them to those who may see them, and removes what nothing
// uses. Other rooms use a file by store.Tx.UseFile.
package files

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/partnerportal/partnerportal-go/partnerportal"
	contract "github.com/partnerportal/partnerportal-go/partnerportal/files"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/blob"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// Service implements the files operations of the contract.
type Service struct {
	store *store.Store
	blobs blob.Store
	limit int64 // of a file, in bytes
}

var _ contract.Server = (*Service)(nil)

// New returns a Service that puts contents of at most limit bytes into blobs.
func New(s *store.Store, blobs blob.Store, limit int64) *Service {
	return &Service{store: s, blobs: blobs, limit: limit}
}

// Upload keeps the file that [Service.Receive] has taken in.
func (s *Service) Upload(ctx context.Context, body *contract.Upload) (*contract.File, error) {
	c := call.From(ctx)
	intake, ok := body.File.Reader.(*Intake)
	if !ok {
		return nil, errors.New("files: an upload whose content was not taken in")
	}
	file := intake.file
	file.CreatedAt, file.ExpiresAt = store.Micros(c.Now), store.Micros(c.Now.Add(store.UnusedFiles))
	kept, err := c.Tx.KeepFile(ctx, file)
	if err != nil {
		return nil, err
	}
	if kept == 0 {
		return nil, fmt.Errorf("files: %s was taken for abandoned while it came", file.ID)
	}
	if err := sweepAt(ctx, c.Tx, file.ID, file.ExpiresAt); err != nil {
		return nil, err
	}
	row, err := c.Tx.File(ctx, file.ID)
	if err != nil {
		return nil, err
	}
	intake.kept = true
	return view(row), nil
}

// Get returns what is known of a file.
func (s *Service) Get(ctx context.Context, fileID string) (*contract.File, error) {
	row, err := find(ctx, fileID)
	if err != nil {
		return nil, err
	}
	return view(row), nil
}

// Open returns the content of a file.
func (s *Service) Open(ctx context.Context, fileID string) (*partnerportal.Download, error) {
	row, err := find(ctx, fileID)
	if err != nil {
		return nil, err
	}
	content, err := s.blobs.Open(ctx, row.ID)
	if err != nil {
		return nil, fmt.Errorf("files: the content of %s: %w", row.ID, err)
	}
	return &partnerportal.Download{ReadCloser: content, Name: row.Name, MediaType: row.MediaType, Size: row.Size, ETag: `"` + row.SHA256 + `"`}, nil
}

// Delete removes a file that nothing uses.
func (s *Service) Delete(ctx context.Context, fileID string) error {
	c := call.From(ctx)
	row, err := find(ctx, fileID)
	if err != nil {
		return err
	}
	if row.Owner != c.Caller.Owner() {
		return problem.WrongSide(c.Caller.Side)
	}
	removed, err := c.Tx.RemoveFile(ctx, row.ID)
	if err != nil {
		return err
	}
	if removed == 0 {
		return problem.New(http.StatusConflict, contract.ErrInUse, "Something uses the file, and so it stays.")
	}
	return sweepAt(ctx, c.Tx, row.ID, store.Micros(c.Now))
}

// find returns a file that the caller may know of: one of its own side or, to the vendor, one that a partner has put to use. The clock
// decides when a file is over, not when its deadline is served.
func find(ctx context.Context, id string) (store.File, error) {
	c := call.From(ctx)
	row, err := c.Tx.File(ctx, id)
	if err != nil {
		return row, call.OrNotFound(err, "file")
	}
	used := row.Uses > 0
	visible := row.Owner == c.Caller.Owner() || c.Caller.Vendor() && used
	over := !used && row.ExpiresAt <= store.Micros(c.Now)
	if !visible || over {
		return row, call.NotFound("file")
	}
	return row, nil
}

func view(row store.File) *contract.File {
	f := &contract.File{
		ID: row.ID, Name: row.Name, MediaType: row.MediaType, Size: row.Size, SHA256: row.SHA256, Purpose: contract.Purpose(row.Purpose),
		Used: row.Uses > 0, CreatedAt: store.Time(row.CreatedAt), ExpiresAt: store.Time(row.ExpiresAt),
	}
	if row.Owner != call.System.Owner() {
		f.PartnerID = row.Owner
	}
	return f
}
