package mdf

import (
	"context"
	"slices"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/call"
	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// deadline is when the portal has to act on a resource if nobody else does. Its kind says on what of it, behind a colon.
type deadline struct {
	kind string
	at   time.Time
}

// setDeadlines replaces the timers of a resource, if its deadlines are not what they were. One that was missed is still acted on,
// but nobody is told of a notice that would come too late.
func setDeadlines(ctx context.Context, c *call.Call, id string, before, after []deadline) error {
	if slices.Equal(before, after) {
		return nil
	}
	if err := c.Tx.DropTimers(ctx, id); err != nil {
		return err
	}
	for _, d := range after {
		if d.notice() && !c.Now.Before(d.at) {
			continue
		}
		if err := c.Tx.PutTimer(ctx, store.PutTimerParams{Kind: d.kind, ResourceID: id, DueAt: store.Micros(d.at)}); err != nil {
			return err
		}
	}
	return nil
}
