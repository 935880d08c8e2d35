// Package files uploads files and reads them back: proof of an activity, a logo, an attachment. What needs one names it by its id.
//
//	proof, err := files.New(pp).UploadFile(ctx, "invoice.pdf", files.PurposeProof)
//	…
//	claim, err := claims.Quick(ctx, mdf.QuickClaim{…, FileIDs: []string{proof.ID}})
//
// Neither end ever holds a file in memory as a whole. An upload is sent while its content is read, and is tried again if the content
// can be read again, as an *os.File can; the portal tells what the file is from its bytes. [Client.Download] goes on where a broken
// connection left off, and checks what has arrived against the file's SHA-256.
//
// Such calls take as long as they take: without a deadline of the context or [partnerportal.WithTimeout] up to a day, as long as something moves
// within the time of [partnerportal.WithAttemptTimeout], 30 seconds by default.
package files

import (
	"context"
	"os"
	"path/filepath"

	"github.com/partnerportal/partnerportal-go/partnerportal"
)

// What a portal answers when it refuses, for errors.Is.
const (
	// ErrTooLarge says that the file is larger than the portal takes; the problem's member max_size says how large one may be.
	ErrTooLarge = partnerportal.ErrorCode("file_too_large")
	// ErrMediaType says that the file is, by its content, of a kind that its purpose does not take; the problem's member allowed
	// lists the media types that it does.
	ErrMediaType = partnerportal.ErrorCode("media_type_not_allowed")
	// ErrInUse says that something uses the file, which therefore stays.
	ErrInUse = partnerportal.ErrorCode("file_in_use")
	// ErrNoStorage says that the portal has nowhere to put files; whoever runs it has to mend that.
	ErrNoStorage = partnerportal.ErrorCode("file_storage_missing")
	// ErrRange says that the file has no such part as was asked for.
	ErrRange = partnerportal.ErrorCode("range_not_satisfiable")
)

// Content is a file on its way to the portal.
type Content = partnerportal.Content

// UploadFile uploads the file at path under its own name. A purpose of "" means [PurposeAttachment].
func (c *Client) UploadFile(ctx context.Context, path string, purpose Purpose, opts ...partnerportal.RequestOption) (*File, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return c.Upload(ctx, Upload{Purpose: purpose, File: Content{Name: filepath.Base(path), Reader: file}}, opts...)
}
