package portal

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/partnerportal/partnerportal-go/partnerportal/portal/internal/store"
)

// clock is the portal's time: a base, and in a sandbox how far it was turned forward. The turns outlive a restart.
type clock struct {
	base   func() time.Time
	offset atomic.Int64 // microseconds; never falls
}

const clockSetting = "clock_offset"

// now is UTC in microseconds, which is what the database keeps: what was written and what is compared are the same.
func (c *clock) now() time.Time {
	return c.base().UTC().Truncate(time.Microsecond).Add(time.Duration(c.offset.Load()) * time.Microsecond)
}

// load takes over how far the clock was turned before, or by another replica.
func (c *clock) load(ctx context.Context, tx *store.Tx) error {
	turned, err := turnedBy(ctx, tx)
	if err == nil {
		c.raise(turned)
	}
	return err
}

func turnedBy(ctx context.Context, tx *store.Tx) (int64, error) {
	text, err := tx.Setting(ctx, clockSetting)
	if errors.Is(err, store.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	offset, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("the sandbox's clock: %w", err)
	}
	return offset, nil
}

// raise is only called by whoever holds the deadlines, so reading and storing need not be one step.
func (c *clock) raise(offset int64) { c.offset.Store(max(c.offset.Load(), offset)) }

// turn moves the clock forward to t; a t that is past already changes nothing.
func (c *clock) turn(ctx context.Context, s *store.Store, t time.Time) error {
	ahead := t.Sub(c.now()).Microseconds()
	if ahead <= 0 {
		return nil
	}
	offset := c.offset.Load() + ahead
	err := s.Write(ctx, func(tx *store.Tx) error {
		turned, err := turnedBy(ctx, tx)
		if err != nil || turned >= offset {
			return err
		}
		return tx.SetSetting(ctx, store.SetSettingParams{Name: clockSetting, Value: strconv.FormatInt(offset, 10)})
	})
	if err == nil {
		c.raise(offset)
	}
	return err
}
