package files

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// sweepAt makes the portal look at a file again, and at no other time.
func sweepAt(ctx context.Context, tx *store.Tx, id string, at int64) error {
	if err := tx.DropTimers(ctx, id); err != nil {
		return err
	}
	return tx.PutTimer(ctx, store.PutTimerParams{Kind: store.FileSweep, ResourceID: id, DueAt: at})
}

// Fire removes a file that is over, in two steps. In one transaction it ceases to be; in the next, which is repeated until it succeeds,
// its content and its row go. So a row that is seen always has its content.
func (s *Service) Fire(ctx context.Context, kind, id string, _ time.Time) error {
	c := call.From(ctx)
	if kind != store.FileSweep {
		return fmt.Errorf("files: unknown deadline %q", kind)
	}
	now := store.Micros(c.Now)
	expired, err := c.Tx.ExpireFile(ctx, store.ExpireFileParams{ID: id, ExpiresAt: now})
	if err != nil {
		return err
	}
	if expired > 0 {
		return sweepAt(ctx, c.Tx, id, now)
	}
	_, err = c.Tx.RemovedFile(ctx, id)
	if errors.Is(err, store.ErrNotFound) { // it is used, or gone already
		return nil
	}
	if err != nil {
		return err
	}
	if err := s.blobs.Remove(ctx, id); err != nil {
		return err
	}
	return c.Tx.DropFile(ctx, id)
}
