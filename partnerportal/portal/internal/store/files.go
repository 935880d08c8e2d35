package store

import (
	"context"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store/internal/db"
)

// UnusedFiles is how long a file is kept that nothing uses.
const UnusedFiles = 7 * 24 * time.Hour

// FileSweep is the kind of the deadline at which a file is looked at again, to be removed if it is over.
const FileSweep = "file.sweep"

// UseFile counts one more resource that names a file of the owner, so that it is kept, and returns the file. It is [ErrNotFound] when
// the owner has no such file. A file may have several uses; each is given back by [Tx.ReleaseFile].
func (t *Tx) UseFile(ctx context.Context, owner, id string) (File, error) {
	return t.AddFileUse(ctx, db.AddFileUseParams{ID: id, Owner: owner})
}

// ReleaseFile takes back one use of a file. After the last one the file goes when it was not used again for as long as [UnusedFiles].
// A file that is not there, or not used, is [ErrNotFound].
func (t *Tx) ReleaseFile(ctx context.Context, owner, id string, now time.Time) error {
	expiry := Micros(now.Add(UnusedFiles))
	uses, err := t.DropFileUse(ctx, db.DropFileUseParams{ID: id, Owner: owner, ExpiresAt: expiry})
	if err != nil || uses > 0 {
		return err
	}
	return t.PutTimer(ctx, PutTimerParams{Kind: FileSweep, ResourceID: id, DueAt: expiry})
}
