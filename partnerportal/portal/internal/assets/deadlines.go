package assets

import (
	"context"
	"errors"
	"fmt"
	"time"

	contract "github.com/partnerportal/partnerportal-go/mdf/assets"
	"github.com/partnerportal/partnerportal-go/partnerportal"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// The kinds of deadlines.
const (
	publishDeadline = "asset.publish" // of an asset that is scheduled
	expireDeadline  = "asset.expire"  // of an asset
	jobDeadline     = "asset.job"     // from when on a job's output is gone
	blobDeadline    = "asset.blob"    // when a content is removed that nothing names any more
)

// expireAt sets when an asset ends.
func (s *Service) expireAt(ctx context.Context, c *call.Call, a *contract.Asset) error {
	if err := c.Tx.DropTimersOfKind(ctx, store.DropTimersOfKindParams{ResourceID: a.ID, Kind: expireDeadline}); err != nil {
		return err
	}
	if a.ExpiresAt.IsZero() {
		return nil
	}
	return c.Tx.PutTimer(ctx, store.PutTimerParams{Kind: expireDeadline, ResourceID: a.ID, DueAt: store.Micros(a.ExpiresAt)})
}

// dropBlob has a content removed that nothing names once this transaction has been committed. Somebody may still be drawing it, for as
// long as grace.
func dropBlob(ctx context.Context, c *call.Call, name string, grace time.Duration) error {
	return c.Tx.PutTimer(ctx, store.PutTimerParams{Kind: blobDeadline, ResourceID: name, DueAt: store.Micros(c.Now.Add(grace))})
}

// Fire acts on a deadline. One whose asset or job has meanwhile changed in another way passes without effect.
func (s *Service) Fire(ctx context.Context, kind, id string, dueAt time.Time) error {
	c := call.From(ctx)
	switch kind {
	case publishDeadline, expireDeadline:
		return fireAsset(ctx, c, kind, id, dueAt)
	case jobDeadline:
		return expireJob(ctx, c, id)
	case blobDeadline:
		return s.blobs.Remove(ctx, id)
	}
	return fmt.Errorf("assets: unknown deadline %q", kind)
}

func fireAsset(ctx context.Context, c *call.Call, kind, id string, dueAt time.Time) error {
	if err := c.Tx.Lock(ctx, "asset "+id); err != nil {
		return err
	}
	a, err := load(ctx, c, id)
	if errors.Is(err, partnerportal.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	waits := a.Status == scheduled
	switch {
	case kind == expireDeadline && (waits || a.Status == published) && ended(a, c.Now):
		return expire(ctx, c, a)
	case kind == publishDeadline && waits && a.PublishAt.Equal(dueAt) && !ended(a, c.Now):
		return publish(ctx, c, a)
	}
	return nil
}
