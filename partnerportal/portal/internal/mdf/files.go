package mdf

import (
	"context"
	"errors"
	"slices"

	contract "github.com/partnerportal/partnerportal-go/mdf"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/problem"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// useFile keeps an uploaded file of a partner for a request or claim, and says what it is.
func useFile(ctx context.Context, c *call.Call, partnerID, id, pointer string) (store.File, error) {
	file, err := c.Tx.UseFile(ctx, partnerID, id)
	if errors.Is(err, store.ErrNotFound) {
		return file, problem.Invalid(pointer, "invalid_value", "Name a file that you have uploaded.")
	}
	return file, err
}

// releaseFiles lets files go that are named no more.
func releaseFiles(ctx context.Context, c *call.Call, partnerID string, before, after []string) error {
	for _, id := range before {
		if slices.Contains(after, id) {
			continue
		}
		if err := c.Tx.ReleaseFile(ctx, partnerID, id, c.Now); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	return nil
}

// attach replaces the files that go with the request.
func (d *dossier) attach(ctx context.Context, c *call.Call, files []string) error {
	for i, id := range files {
		if slices.Contains(files[:i], id) {
			return problem.Invalid(at("/attachments", i), "duplicate_key", "Give each file once.")
		}
		if slices.Contains(d.Attachments, id) {
			continue
		}
		if _, err := useFile(ctx, c, d.PartnerID, id, at("/attachments", i)); err != nil {
			return err
		}
	}
	before := d.Attachments
	d.Attachments = files
	return releaseFiles(ctx, c, d.PartnerID, before, files)
}

// files are those that a claim names, each once.
func filesOf(lines []contract.ClaimLine) []string {
	var all []string
	for _, l := range lines {
		for _, e := range l.Evidence {
			if !slices.Contains(all, e.FileID) {
				all = append(all, e.FileID)
			}
		}
	}
	return all
}
